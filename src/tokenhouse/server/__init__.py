"""The composition root: builds everything from the configuration; the only room that knows every other.

May touch whatever it puts together, and the process's signals.
Never holds logic of its own: what it decides is which pieces meet.
"""

from tokenhouse.server.running import manage, run

__all__ = ["manage", "run"]
