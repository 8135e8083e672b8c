"""What passes between a page and a flow: where it is, what somebody wishes, what comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from tokenhouse.interaction.catalogue import DEFAULT_LANGUAGE
from tokenhouse.mail.letters import Letter
from tokenhouse.model.effects import Effect
from tokenhouse.protocol.contract import CredentialForm
from tokenhouse.protocol.refusals import Refusal
from tokenhouse.protocol.secret import Secret


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of one tenant. ``url`` is where people reach them, from the configuration and from nowhere else."""

    tenant: str
    name: str
    url: str
    sign_up: bool = False
    reset: bool = True
    reset_ttl: timedelta = timedelta(minutes=15)
    link_ttl: timedelta = timedelta(hours=24)
    user_id: CredentialForm | None = None
    """how ids of new people are spelled"""

    @property
    def path(self) -> str:
        """The path of ``url``: what links and forms of a page begin with."""
        return urlsplit(self.url).path

    @property
    def reset_path(self) -> str:
        """The page on which a lost password is replaced; where there is none, that of all pages."""
        return "/reset" if self.reset else ""


@dataclass(slots=True)
class Wish:
    """What somebody asks of a page; None: not said.

    ``login`` is any name of a person, ``link`` what a mailed link carries. ``stay_signed_in`` spares the sessions.
    """

    id: str
    now: datetime
    source: str = ""
    language: str = DEFAULT_LANGUAGE
    login: str | None = None
    email: str | None = None
    username: str | None = None
    name: str | None = None
    password: Secret | None = None
    new_password: Secret | None = None
    link: Secret | None = None
    stay_signed_in: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a flow comes to.

    ``instead`` is what is remembered when a budget in ``effects`` is spent: nothing is sent then, and the answer is the
    same; None: the refusal is told. ``lost`` is told when somebody has changed the person meanwhile; None: decide anew.
    """

    effects: tuple[Effect, ...]
    letters: tuple[Letter, ...] = field(default=())
    instead: tuple[Effect, ...] | None = None
    lost: Refusal | None = None


Move = Callable[[Site, Wish], Awaitable[Outcome]]
"""A flow: reads, and returns what is to be changed."""
