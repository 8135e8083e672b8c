"""What changes while a request is under way: nothing survives what ended it.

Held at exact places, never by waiting for time to pass: in the hash pool, at the provider, and between deciding and
committing. The pool, the store and the door are the real ones.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from tokenhouse.model.effects import AdvanceRefresh, EndSessions, OpenAuthorization, RenewAccess, SetAccountState
from tokenhouse.providers.identity import ProvenIdentity
from tokenhouse.providers.registry import Providers
from tokenhouse.server.composing import House
from tokenhouse.server.running import management
from tokenhouse.sql.sqlite import SqliteStore

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
APP = "138:e8b9ca24f1b590af67e6271297d6e1f7226625d61c5b5daa1b2f215464e292cf"
BACK_END = "138:e86c8146a284429713d97553b58d52d0d8e61f62464d03af22d5ac4fe6342773"
DEVICE = "BuMgS2MPK5Z6nqWhVsyV:o1uBjWTzuqbaMnQzSmDp5UhR6M33NOhb3YL0b1YK"
Ask = Callable[..., Awaitable[Any]]


def basic(pair: str) -> tuple[str, str]:
    return "authorization", "Basic " + base64.b64encode(pair.encode()).decode()


class Person(NamedTuple):
    tenant: str
    user_id: str


class Place:
    """Where a request is held: whoever comes there first waits, everybody after that passes."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._go = threading.Event()

    def hold(self) -> None:
        if not self.reached.is_set():
            self.reached.set()
            assert self._go.wait(10)

    async def hold_here(self) -> None:
        await asyncio.to_thread(self.hold)

    async def comes(self) -> None:
        assert await asyncio.to_thread(self.reached.wait, 10)

    def let_go(self) -> None:
        self._go.set()


class Flow(NamedTuple):
    """A request that somebody makes, and where it can be held."""

    tenant: str
    login: Callable[[Ask, House], Awaitable[Any]]
    request: Callable[[Ask, House, Any], Awaitable[Any]]
    places: tuple[str, ...]


async def socialid(ask: Ask, house: House, pair: str = APP, **fields: str) -> Any:
    body = urlencode(fields).encode()
    return await ask(house.door, "POST", "/v2/marketing/oauth/token", body, basic(pair), content_type=FORM)


async def by_password(ask: Ask, house: House, _answer: Any = None) -> Any:
    return await socialid(ask, house, grant_type="password", username="john_doe", password="john_doe_secret")


async def by_back_end(ask: Ask, house: House, _answer: Any = None) -> Any:
    return await socialid(ask, house, BACK_END, grant_type="user_id", user_id="123")


async def by_provider(ask: Ask, house: House, _answer: Any = None) -> Any:
    return await socialid(ask, house, grant_type="provider_credentials", provider="facebook", access_token="given")


async def by_refresh(ask: Ask, house: House, answer: Any) -> Any:
    return await socialid(ask, house, grant_type="refresh_token", refresh_token=answer["refresh_token"])


async def new_password(ask: Ask, house: House, answer: Any) -> Any:
    body = json.dumps({"user": {"password": "another long password"}}).encode()
    bearer = ("authorization", f"Bearer {answer['access_token']}")
    return await ask(house.door, "PUT", "/v2/marketing/login/user", body, bearer, content_type=JSON)


async def mcs(ask: Ask, house: House) -> Any:
    body = b'{"email": "MCSuser@mediatek.com", "password": "123456789"}'
    return await ask(house.door, "POST", "/oauth/login/thirdparty", body, basic(DEVICE), content_type=JSON)


async def by_kept_token(ask: Ask, house: House, answer: Any) -> Any:
    body = json.dumps({"token": answer["token"]}).encode()
    return await ask(house.door, "POST", "/oauth/login/thirdparty/refresh", body, basic(DEVICE), content_type=JSON)


FLOWS = {
    "password": Flow("socialid", by_password, by_password, ("pool", "commit")),
    "back end": Flow("socialid", by_password, by_back_end, ("commit",)),
    "provider": Flow("socialid", by_provider, by_provider, ("provider", "commit")),
    "refresh": Flow("socialid", by_password, by_refresh, ("commit",)),
    "kept token": Flow("mcs", mcs, by_kept_token, ("commit",)),
    "new password": Flow("socialid", by_password, new_password, ("pool", "commit")),
}


# -- what happens meanwhile --------------------------------------------------------------------------------------------


async def sign_out(house: House, person: Person) -> None:
    await house.store.commit((EndSessions(person.tenant, person.user_id, house.clock()),))


async def operator_password(house: House, person: Person) -> None:
    told = {"tenant": person.tenant, "user": person.user_id, "password": "set by an operator"}
    await management(house).do("user.set_password", "test", **told)


async def lock(house: House, person: Person) -> None:
    await management(house).do("user.lock", "test", tenant=person.tenant, user=person.user_id)


async def disable(house: House, person: Person) -> None:
    await house.store.commit((SetAccountState(person.tenant, person.user_id, None, enabled=False),))


def _sql(text: str) -> Callable[[House, Person], Awaitable[None]]:
    async def run(house: House, person: Person) -> None:
        connection = house.store._writer._connection  # type: ignore[attr-defined]
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(f"{text} WHERE tenant = :tenant AND user_id = :user_id", person._asdict())

    return run


CHANGES = {
    "sign out everywhere": sign_out,
    "a new password by an operator": operator_password,
    "locked": lock,
    "disabled": disable,
    "deleted": _sql("DELETE FROM account"),
    "moved": _sql("UPDATE account SET tenant = 'elsewhere'"),
}
CASES = [
    (flow, place, change)
    for flow, row in FLOWS.items()
    for place in row.places
    for change in CHANGES
    # Who is being proven elsewhere has not come in yet: what ends his sessions, or his password here, ends nothing of it.
    if not (place == "provider" and change in {"sign out everywhere", "a new password by an operator"})
]


@pytest.fixture
def place_at(contracts: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Place]:
    """Hold the next request at a place."""

    def in_pool(place: Place) -> None:
        for name in ("verify", "hash"):
            real = getattr(contracts.hashing, name)
            monkeypatch.setattr(contracts.hashing, name, lambda *told, _real=real: (place.hold(), _real(*told))[1])

    def in_commit(place: Place) -> None:
        real = SqliteStore.commit

        async def commit(store: SqliteStore, effects: Any) -> None:
            if any(isinstance(effect, OpenAuthorization | AdvanceRefresh | RenewAccess) for effect in effects):
                await place.hold_here()
            await real(store, effects)

        monkeypatch.setattr(SqliteStore, "commit", commit)

    def in_provider(place: Place) -> None:
        async def prove(*told: Any) -> ProvenIdentity:
            await place.hold_here()
            return await _vouch(*told)

        monkeypatch.setattr(Providers, "prove", prove)

    def place_at(name: str) -> Place:
        place = Place()
        {"pool": in_pool, "commit": in_commit, "provider": in_provider}[name](place)
        return place

    return place_at


async def _vouch(_self: Any, _tenant: str, proof: Any, _now: Any) -> ProvenIdentity:
    return ProvenIdentity(proof.provider, "somebody")


def _rows(house: House) -> list[tuple[Any, ...]]:
    text = "SELECT id, generation, last_used_at FROM authorizations ORDER BY id"
    return [tuple(row) for row in house.store._all(text)]  # type: ignore[attr-defined]


def _passwords(house: House) -> set[str | None]:
    return {row[0] for row in house.store._all("SELECT password FROM account")}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("flow_name", "place_name", "change"), CASES)
async def test_what_is_under_way_does_not_survive(
    ask_door: Ask,
    contracts: House,
    place_at: Callable[[str], Place],
    monkeypatch: pytest.MonkeyPatch,
    flow_name: str,
    place_name: str,
    change: str,
) -> None:
    flow = FLOWS[flow_name]
    monkeypatch.setattr(Providers, "prove", _vouch)
    answer = json.loads((await flow.login(ask_door, contracts)).body)
    ((subject,),) = contracts.store._all("SELECT subject FROM authorizations")  # type: ignore[attr-defined]
    place = place_at(place_name)
    under_way = asyncio.create_task(flow.request(ask_door, contracts, answer))
    await place.comes()
    await CHANGES[change](contracts, Person(flow.tenant, subject))
    rows, passwords = _rows(contracts), _passwords(contracts)
    place.let_go()
    reply = await under_way
    assert 400 <= reply.status < 500, reply
    assert _rows(contracts) == rows, "no login was opened, none was renewed"
    assert _passwords(contracts) == passwords


@pytest.mark.parametrize(
    ("flow_name", "place_name"), [(name, place) for name, row in FLOWS.items() for place in row.places]
)
async def test_what_is_under_way_while_nothing_happens_goes_on(
    ask_door: Ask,
    contracts: House,
    place_at: Callable[[str], Place],
    monkeypatch: pytest.MonkeyPatch,
    flow_name: str,
    place_name: str,
) -> None:
    """The other half of the proof: it is the change that refuses, not the holding."""
    flow = FLOWS[flow_name]
    monkeypatch.setattr(Providers, "prove", _vouch)
    answer = json.loads((await flow.login(ask_door, contracts)).body)
    place = place_at(place_name)
    under_way = asyncio.create_task(flow.request(ask_door, contracts, answer))
    await place.comes()
    place.let_go()
    assert (await under_way).status == 200


async def test_a_first_login_by_a_provider_from_many_places_at_once_is_one_person(
    ask_door: Ask, contracts: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Providers, "prove", _vouch)
    replies = await asyncio.gather(*(by_provider(ask_door, contracts) for _ in range(64)))
    assert {reply.status for reply in replies} == {200}
    assert len({json.loads(reply.body)["access_token"] for reply in replies}) == 64
    assert contracts.store._all("SELECT count(*) FROM linked_identity")[0][0] == 1  # type: ignore[attr-defined]
    ((people,),) = contracts.store._all("SELECT count(DISTINCT subject) FROM authorizations")  # type: ignore[attr-defined]
    assert people == 1
