"""What passes between the rooms of a corridor: who asks, and what they are entitled to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from tokenhouse.model.effects import Effect
from tokenhouse.model.records import Account, Authorization, Client, Resource
from tokenhouse.protocol.contract import Mount


@dataclass(frozen=True, slots=True)
class Caller:
    """A client that has proven itself, at the mount through which it came."""

    client: Client
    mount: Mount
    tenant_enabled: bool
    effects: tuple[Effect, ...] = ()


class Step(Enum):
    """What the tokens of a decision come from."""

    OPEN = auto()
    """a login, or a client acting for itself: a new row, where any token of it needs one"""
    ADVANCE = auto()
    """a refresh token used for the first time: the row moves on"""
    KEEP = auto()
    """a refresh token that its contract keeps: a new access token only"""
    REPEAT = auto()
    """a refresh whose answer was lost: the same answer again"""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a grant has decided; nothing of it is true before ``admit`` and ``commit``.

    ``resources`` are what the tokens are for (RFC 8707); none: the client's own audience.
    """

    caller: Caller
    step: Step
    scope: tuple[str, ...]
    now: datetime
    account: Account | None = None
    authorization: Authorization | None = None
    device: str | None = None
    device_name: str | None = None
    issues: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    resources: tuple[Resource, ...] = ()
