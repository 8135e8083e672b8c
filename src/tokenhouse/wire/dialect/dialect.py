"""A loaded dialect: a contract's policy, and the codecs that speak it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tokenhouse.protocol.codec import Route
from tokenhouse.protocol.contract import Contract
from tokenhouse.wire.dialect.codec import DialectCodec
from tokenhouse.wire.dialect.credentials import ClientReader
from tokenhouse.wire.dialect.deeds import CALLS
from tokenhouse.wire.dialect.errors import ErrorRows
from tokenhouse.wire.dialect.operations import Operation
from tokenhouse.wire.dialect.presentation import Presentation
from tokenhouse.wire.dialect.presentation_export import describe
from tokenhouse.wire.dialect.reading import Reading
from tokenhouse.wire.dialect.routes import RoutePath


@dataclass(frozen=True, slots=True)
class Samples:
    """What the examples of a dialect need: plain values, and what the demo starts with. Passwords are among them."""

    clients: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    users: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    devices: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    server: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Example:
    """One documented exchange. ``line`` is where it stands; ``at`` an ISO 8601 time; ``after`` another's name."""

    name: str
    request: str = field(repr=False)
    answer: str = field(repr=False)
    line: int
    at: str | None = None
    after: str | None = None
    exact: bool = False
    decoded: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One contract, ready to be mounted.

    ``guesses`` are the lines marked ``# guess``; ``warnings`` what a person should look at; ``presentation`` how the
    contract's APIs are called.
    """

    name: str
    title: str
    hosts: tuple[str, ...]
    source: tuple[str, ...]
    contract: Contract
    samples: Samples
    examples: tuple[Example, ...]
    guesses: tuple[tuple[int, str], ...]
    warnings: tuple[str, ...]
    presentation: Presentation
    operations: tuple[Operation, ...]
    client: ClientReader
    errors: ErrorRows

    def mount(self, server: Mapping[str, Any]) -> tuple[Route, ...]:
        """Return one route for each method and path; ``server`` has ``url issuer host`` and the mount's attributes."""
        grouped: dict[RoutePath, list[Operation]] = {}
        for operation in self.operations:
            for route in operation.routes:
                grouped.setdefault(route, []).append(operation)
        return tuple(Route(route.method, route.path, self._codec(tuple(of), server)) for route, of in grouped.items())

    def describe_presentation(self) -> dict[str, Any]:
        """Return how the contract's APIs are called and refuse, as plain data for a resource server.

        Raises:
            Problems: the file does not say it, or says what only this server can do.

        """
        return describe(self.presentation)

    def _codec(self, operations: tuple[Operation, ...], server: Mapping[str, Any]) -> DialectCodec:
        reading: Reading = operations[0].reading
        for operation in operations[1:]:
            if operation.reading is not reading:
                reading = reading.together(operation.reading)
        has_calls_only = all(operation.does in CALLS for operation in operations)
        return DialectCodec(operations, reading, self.client, self.errors, server, has_calls_only)
