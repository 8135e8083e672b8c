"""``python -m tokenhouse``: the command line where no console script is installed."""

from tokenhouse.cli import main

main()
