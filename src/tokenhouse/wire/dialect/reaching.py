"""Which operations a request can reach: two on one route must be told apart."""

from __future__ import annotations

from collections.abc import Sequence

from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.desk import Desk
from tokenhouse.wire.dialect.operations import Operation
from tokenhouse.wire.dialect.routes import RoutePath, shadowed


def require_reachable(desk: Desk, operations: Sequence[Operation]) -> None:
    """Report operations that an earlier one takes everything from, and routes whose variables overlap."""
    seen: list[RoutePath] = []
    for index, operation in enumerate(operations):
        keys = ("operation", operation.name)
        for route in operation.routes:
            other = shadowed(route, seen)
            if other is not None:
                message = f"{route.path} and {other.path} fit the same calls"
                desk.refuse((*keys, "route"), Code.ROUTE, message)
            for earlier in operations[:index]:
                if route in earlier.routes and _takes_all(earlier, operation):
                    message = f"no call of {route.method} {route.path} gets past the operation {earlier.name}"
                    desk.refuse((*keys, "route"), Code.SAME_ROUTE, message, hint="match, or another order")
        seen += operation.routes


def _takes_all(earlier: Operation, later: Operation) -> bool:
    if earlier.when is not None or not later.reading.readers.keys() <= earlier.reading.readers.keys():
        return False
    mine = {match.path: match for match in later.matches}
    return all(match.path in mine and mine[match.path].implies(match) for match in earlier.matches)
