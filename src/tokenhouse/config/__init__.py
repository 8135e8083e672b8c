"""What the operator decided: one TOML file, environment over it, defaults below it.

May touch the configuration file, the environment and the files that these name.
Never opens a socket or the database, never reads a value after start, and never shows a secret.
"""
