"""Door x control: every operation of every shipped contract, against everything that may have ended since.

The doors are read from the contracts' files, so a new operation is a new row by itself: the first example of it that is
granted is made to be refused. In process, through the real door and a real store.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import pytest

from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.messages import CallRequest, TokenRequest
from tokenhouse.protocol.names import Bearer, CallKind, GrantType
from tokenhouse.protocol.refusals import Refusal
from tokenhouse.providers.identity import ProvenIdentity
from tokenhouse.providers.registry import Providers
from tokenhouse.server.composing import House
from tokenhouse.server.mounting import MountedDialect, read_dialect, shipped_dialects
from tokenhouse.testing.dialect_suite import send
from tokenhouse.tokens import gate
from tokenhouse.wire.dialect import Dialect
from tokenhouse.wire.dialect.comparison import compare
from tokenhouse.wire.dialect.dialect import Example
from tokenhouse.wire.dialect.examples import ExampleRequest, expected_answer, read_request

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
PERSONAL = {GrantType.PASSWORD, GrantType.REFRESH_TOKEN, GrantType.NAMED_SUBJECT, GrantType.ASSERTION}
"""The grants that a person stands behind."""


class Door(NamedTuple):
    """An operation, the examples that lead up to it, and the one that is granted."""

    contract: str
    operation: str
    does: str
    bearer: Bearer | None
    chain: tuple[Example, ...]

    @property
    def takes_token(self) -> bool:
        return self.bearer is not None or self.does == GrantType.REFRESH_TOKEN

    @property
    def has_person(self) -> bool:
        return self.does in PERSONAL or self.bearer is Bearer.USER


def asked_by(dialect: Dialect, example: Example) -> TokenRequest | CallRequest | None:
    """Return what an example asks for, None if it cannot be read."""
    request = read_request(example.request, {})
    for route in dialect.mount(dict(dialect.samples.server) | {"url": "", "issuer": "", "host": ""}):
        if (route.method, route.path) == (request.method, request.path):
            headers = tuple((name.encode(), value.encode("latin-1")) for name, value in request.headers)
            given = HttpRequest(
                request.method, request.path, request.query, headers, request.body, "0" * 16, AT, secure=True
            )
            try:
                return route.codec.open(given).read()
            except Refusal:
                return None
    return None


def chain_of(dialect: Dialect, example: Example) -> tuple[Example, ...]:
    by_name, chain = {one.name: one for one in dialect.examples}, [example]
    while chain[0].after is not None:
        chain.insert(0, by_name[chain[0].after])
    return tuple(chain)


def doors_of(dialect: Dialect) -> Iterator[Door]:
    asked = [(example, asked_by(dialect, example)) for example in dialect.examples]
    for operation in dialect.operations:
        if operation.does == "static":
            continue
        mine = [(example, message) for example, message in asked if message and message.operation == operation.name]
        granted = [pair for pair in mine if expected_answer(pair[0].answer).status < 400]
        # What needs a provider is never granted in the file; there, everybody is vouched for.
        for example, message in (granted or mine)[:1]:
            bearer = message.bearer if isinstance(message, CallRequest) else None
            yield Door(dialect.name, operation.name, operation.does, bearer, chain_of(dialect, example))


@cache
def all_doors() -> dict[str, Door]:
    found = (door for name in shipped_dialects() for door in doors_of(read_dialect(name)))
    return {f"{door.contract} {door.operation}": door for door in found}


def test_every_operation_of_every_contract_is_a_door() -> None:
    operations = {
        f"{name} {operation.name}"
        for name in shipped_dialects()
        for operation in read_dialect(name).operations
        if operation.does != "static"
    }
    assert set(all_doors()) == operations, "an operation needs an example"
    reached = {door.does for door in all_doors().values()}
    assert {*GrantType} <= reached
    assert {CallKind.INTROSPECT, CallKind.UNLOCK, CallKind.REGISTER, CallKind.UPDATE} <= reached


# -- what may have ended ----------------------------------------------------------------------------------------------


def sql(text: str) -> Callable[[House, str], Awaitable[None]]:
    async def run(house: House, tenant: str) -> None:
        connection = house.store._writer._connection  # type: ignore[attr-defined]
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(text, {"tenant": tenant, "now": int(house.clock().timestamp() * 1_000_000)})
        house.forget()

    return run


def _of_client(text: str) -> Callable[[House, str], Awaitable[None]]:
    return sql(f"UPDATE client SET {text} WHERE tenant = :tenant")


def _of_person(text: str) -> Callable[[House, str], Awaitable[None]]:
    return sql(f"UPDATE account SET {text} WHERE tenant = :tenant")


def always(_door: Door) -> bool:
    return True


def personal(door: Door) -> bool:
    return door.has_person


def by_token(door: Door) -> bool:
    return door.takes_token


def by_password(door: Door) -> bool:
    return door.does == GrantType.PASSWORD


CONTROLS: dict[str, tuple[Callable[[House, str], Awaitable[None]], Callable[[Door], bool]]] = {
    "tenant open": (sql("UPDATE tenant SET enabled = 0 WHERE name = :tenant"), always),
    "client present": (sql("DELETE FROM client WHERE tenant = :tenant"), always),
    "client enabled": (_of_client("enabled = 0"), always),
    "contract not over": (_of_client("ends_at = :now"), always),
    "contract allowed": (_of_client("""contracts = '["another"]'"""), always),
    "account present": (sql("DELETE FROM account WHERE tenant = :tenant"), personal),
    "account of this tenant": (_of_person("tenant = 'moved'"), personal),
    "account enabled": (_of_person("enabled = 0"), personal),
    "account unlocked": (_of_person("locked_at = :now"), personal),
    "login not revoked": (sql("UPDATE authorizations SET revoked_at = :now WHERE tenant = :tenant"), by_token),
    "login not expired": (sql("UPDATE authorizations SET expires_at = :now WHERE tenant = :tenant"), by_token),
    "password grant not over": (_of_client("password_ends_at = :now"), by_password),
}
"""What ends, by the name of its control, and which doors it closes."""


def test_every_control_of_the_gate_is_in_the_matrix() -> None:
    assert set(gate.CONTROLS) <= set(CONTROLS)


class Walk:
    """Examples in a house of every contract, one after the other."""

    def __init__(self, house: House, mounted: MountedDialect) -> None:
        self._house = house
        self._mounted = mounted
        self._captures: dict[str, str] = {}

    async def step(self, example: Example) -> int:
        """Send an example; return the status of its answer and keep what it captures."""
        asked = read_request(example.request, self._captures)
        host = () if any(name == "host" for name, _ in asked.headers) else (("host", self._host),)
        path = self._mounted.prefix + asked.path
        answer = await send(
            self._house, ExampleRequest(asked.method, path, asked.query, (*asked.headers, *host), asked.body)
        )
        self._captures.update(compare(answer, example.answer, self._captures, exact=example.exact).captures)
        self.body = answer.body
        return answer.status

    @property
    def _host(self) -> str:
        return self._mounted.hosts[0] if self._mounted.hosts else "127.0.0.1:8400"


@pytest.fixture
def walk_to(contracts: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[Door], Awaitable[Walk]]:
    """Do everything that comes before the request at a door; every provider vouches for one and the same person."""

    async def vouch(_self: Any, _tenant: str, proof: Any, _now: Any) -> ProvenIdentity:
        return ProvenIdentity(proof.provider, "somebody")

    async def walk_to(door: Door) -> Walk:
        monkeypatch.setattr(Providers, "prove", vouch)
        mounted = next(one for one in contracts.dialects if one.dialect.name == door.contract)
        walk = Walk(contracts, mounted)
        for example in door.chain[:-1]:
            assert await walk.step(example) == expected_answer(example.answer).status, (example.name, walk.body)
        return walk

    return walk_to


@pytest.mark.parametrize("name", all_doors())
async def test_the_door_opens(name: str, walk_to: Callable[[Door], Awaitable[Walk]]) -> None:
    door = all_doors()[name]
    walk = await walk_to(door)
    assert await walk.step(door.chain[-1]) < 400, walk.body


CASES = [
    (name, control) for name, door in all_doors().items() for control, (_, applies) in CONTROLS.items() if applies(door)
]


@pytest.mark.parametrize(("name", "control"), CASES)
async def test_the_door_is_closed_by_the_control(
    name: str, control: str, contracts: House, walk_to: Callable[[Door], Awaitable[Walk]]
) -> None:
    door = all_doors()[name]
    walk = await walk_to(door)
    if door.does == GrantType.ASSERTION:  # who comes from elsewhere for the first time has nothing that could end
        assert await walk.step(door.chain[-1]) < 400
    tenant = contracts.dialects[[one.dialect.name for one in contracts.dialects].index(door.contract)].mount.tenant
    assert tenant is not None
    await CONTROLS[control][0](contracts, tenant)
    before = await _counted(contracts)
    status = await walk.step(door.chain[-1])
    assert status >= 400, walk.body
    assert status != 500 or door.contract == "mcs", "the one contract whose documented answer to a client is 500"
    assert await _counted(contracts) == before, "a closed door changes nothing"
    assert not _has_token(walk.body)


async def _counted(house: House) -> list[tuple[Any, ...]]:
    """Return how many people, names, links and living logins there are."""
    tables = ("account", "identifier", "linked_identity", "authorizations")
    return [tuple(house.store._all(f"SELECT count(*) FROM {table}")[0]) for table in tables]  # type: ignore[attr-defined]


def _has_token(body: bytes) -> bool:
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return isinstance(told, dict) and bool(told.get("access_token") or told.get("accessToken"))
