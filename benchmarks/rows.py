"""The rows: what is measured, in the order in which it is printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import calls
import msgspec
from plan import Rotation, Stream
from processes import Served
from seeding import Seeded

CONNECTIONS = 64
LOGIN_CONNECTIONS = 16
"""More would only wait longer for the one hashing thread."""
RAW = "raw echo"
STANDARD = "client_credentials ES256"
REFRESH = "refresh, rotated"


class Ground:
    """The servers that are up, and the tokens that are good now."""

    def __init__(self, house: Served, echo: Served, seeded: Seeded) -> None:
        self.house = house
        self.echo = echo
        self.opaque_token = seeded.opaque_token
        self.signed_token = _signed_token(house.port)
        self.refresh_tokens = seeded.refresh_tokens

    def rotation(self) -> Rotation:
        """Return the refresh call around its token, with the pool of live tokens."""
        token = self.refresh_tokens[0]
        before, after = calls.to_bytes(calls.refresh(token)).split(token.encode())
        return Rotation(before, after, self.refresh_tokens)


def _signed_token(port: int) -> str:
    answer = calls.ask(port, calls.client_credentials("es256"))
    token: str = msgspec.json.decode(answer.body)["access_token"]
    return token


Make = Callable[[Ground], Stream]


class Row(NamedTuple):
    """One row. ``is_login`` rows are bound by the password hash; ``beside`` names another row to compare with."""

    name: str
    make: Make
    is_login: bool = False
    beside: str | None = None


def _documented(dialect: str, operation: str, connections: int = CONNECTIONS) -> Make:
    def make(ground: Ground) -> Stream:
        request = calls.documented(ground.house.port, dialect, operation)
        return Stream("", connections, [calls.to_bytes(request)])

    return make


def _repeated(request: Callable[[Ground], calls.ExampleRequest]) -> Make:
    return lambda ground: Stream("", CONNECTIONS, [calls.to_bytes(request(ground))])


ROWS = (
    Row("MCS login", _documented("mcs", "login", LOGIN_CONNECTIONS), is_login=True),
    Row("MCS refresh", _documented("mcs", "refresh")),
    Row("blsct token", _documented("blsct", "token")),
    Row("Yindo token", _documented("yindo", "token", LOGIN_CONNECTIONS), is_login=True),
    Row("Social ID token", _documented("socialid", "password", LOGIN_CONNECTIONS), is_login=True),
    Row(STANDARD, _repeated(lambda _: calls.client_credentials("es256"))),
    Row("client_credentials RS256", _repeated(lambda _: calls.client_credentials("rs256"))),
    Row(REFRESH, lambda ground: Stream("", CONNECTIONS, rotation=ground.rotation())),
    Row("introspection, opaque", _repeated(lambda ground: calls.introspection(ground.opaque_token))),
    Row("introspection, JWT", _repeated(lambda ground: calls.introspection(ground.signed_token))),
    Row("rfc6749 as a dialect, ES256", _documented("rfc6749", "client_credentials"), beside=STANDARD),
)


def chosen(only: str | None) -> list[Row]:
    """Return the rows whose name contains ``only`` in any case; all of them for None."""
    return [row for row in ROWS if only is None or only.lower() in row.name.lower()]
