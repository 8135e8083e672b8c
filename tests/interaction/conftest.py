"""The flows on a real store, with a postbox that keeps what is put into it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from msgspec.structs import replace

from tokenhouse.accounts.choosing import NewPasswords
from tokenhouse.accounts.people import People
from tokenhouse.accounts.verifying import SlowVerifier
from tokenhouse.endpoints.people import PeopleCorridor
from tokenhouse.interaction.budgets import MailBudgets, MailLimits
from tokenhouse.interaction.changing import Changing
from tokenhouse.interaction.moves import Site, Wish
from tokenhouse.interaction.resetting import Resetting
from tokenhouse.interaction.signing_up import SigningUp
from tokenhouse.interaction.tickets import Tickets
from tokenhouse.mail.letters import Letter
from tokenhouse.protocol.secret import Secret
from tokenhouse.server.composing import House

LIMITS = MailLimits(address=5, source=50, window_seconds=3600, link=10)


@dataclass
class Postbox:
    """Keeps letters."""

    letters: list[Letter] = field(default_factory=list)

    def require_room(self) -> None:
        """There is always room."""

    def post(self, letter: Letter) -> None:
        if letter.to is not None:
            self.letters.append(letter)


@dataclass
class Desk:
    """Everything that a flow works with, and the flows."""

    house: House
    site: Site
    postbox: Postbox
    tickets: Tickets
    signing_up: SigningUp
    resetting: Resetting
    changing: Changing
    people: People
    corridor: PeopleCorridor

    @property
    def now(self) -> Any:
        return self.house.clock()

    def wish(self, **said: Any) -> Wish:
        """Return a wish; passwords and links are wrapped."""
        wrapped = {name: Secret(said.pop(name)) for name in ("password", "new_password", "link") if name in said}
        return Wish(**({"id": "cafe", "now": self.now, "source": "192.0.2.1"} | said | wrapped))

    async def walk(self, move: Any, site: Site | None = None, **said: Any) -> Letter | None:
        """Do what is wished; return the letter that was sent for it, if one was."""
        before = len(self.postbox.letters)
        await self.corridor.walk(move, site or self.site, self.wish(**said))
        new = self.postbox.letters[before:]
        assert len(new) <= 1
        return new[0] if new else None

    async def link(self, move: Any, **said: Any) -> str:
        """Do what is wished; return what the link in the letter carries."""
        letter = await self.walk(move, **said)
        assert letter is not None
        return link_in(letter)

    async def account(self, username: str = "alice") -> Any:
        return await self.house.store.find_account("default", "username", username)

    async def audit(self) -> Any:
        return (await self.house.store.list_audit(1))[0]

    async def can_log_in(self, login: str, password: str) -> bool:
        from tokenhouse.protocol.messages import Identifier
        from tokenhouse.protocol.names import IdentifierKind
        from tokenhouse.protocol.refusals import InvalidGrant

        try:
            proven = await self.people.prove(
                "default", Identifier(IdentifierKind.LOGIN, login), Secret(password), "192.0.2.9", self.now
            )
        except InvalidGrant:
            return False
        await self.house.store.commit(proven.effects)
        return True

    async def change(self, *effects: Any) -> None:
        await self.house.store.commit(effects)


def link_in(letter: Letter) -> str:
    (url,) = (word for word in letter.text.split() if word.startswith("https://"))
    return parse_qs(urlsplit(url).query)["link"][0]


@pytest.fixture
def new_desk(house: House) -> Callable[..., Desk]:
    def make(limits: MailLimits = LIMITS, **site: Any) -> Desk:
        verifier = SlowVerifier(house.guesses, house.hashing, house.pool)
        people = People(house.store, verifier)
        passwords = NewPasswords(house.hashing, house.pool, 15)
        tickets = Tickets(house.store, house.keys.digest)
        budgets = MailBudgets(house.store, house.guesses.budget, limits)
        postbox = Postbox()
        return Desk(
            house=house,
            site=Site("default", "Example", "https://id.example.com/account", **({"sign_up": True} | site)),
            postbox=postbox,
            tickets=tickets,
            signing_up=SigningUp(house.store, tickets, budgets, passwords),
            resetting=Resetting(house.store, people, tickets, budgets, passwords),
            changing=Changing(house.store, people, tickets, budgets, passwords),
            people=people,
            corridor=PeopleCorridor(house.store, postbox),
        )

    return make


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    return new_desk()


@pytest_asyncio.fixture
async def alice(desk: Desk) -> Any:
    """The person of `house`: user name alice, address Alice@Example.com, password of the tests."""
    return await desk.account()


@pytest.fixture
def gathered() -> Callable[..., Any]:
    """Run coroutines at the same time; return what each came to."""

    async def run(*coroutines: Any) -> list[Any]:
        return await asyncio.gather(*coroutines, return_exceptions=True)

    return run


@pytest.fixture
def renamed() -> Callable[..., Any]:
    """Return an account as changed."""
    return replace
