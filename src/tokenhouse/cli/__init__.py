"""The command line: everything that operators do, one file per noun.

May touch every room below, but imports the heavy ones inside the commands: `--help` answers at once.
Never takes a secret as an argument, and writes nothing but data to standard output.
"""

from tokenhouse.cli.root import main

__all__ = ["main"]
