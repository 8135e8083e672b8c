"""The one way out: every call that this server makes to somebody else's.

May touch the resolver and outbound sockets.
Never goes where nobody configured it to go, never follows a redirect, never waits or reads without a bound.
"""
