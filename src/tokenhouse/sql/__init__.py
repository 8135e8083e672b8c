"""The only room that imports a database driver: statements, engines, migrations.

May touch `store` and `model`; the composition root and the CLI's offline commands may import it.
Never decides anything: it runs what the effects say.
"""
