"""Effects: everything the system can change, as frozen values. ``sql/apply.py`` is the list of how.

An effect that can lose a race is one conditional statement whose row count decides; its ``otherwise`` says what is
raised then, and the refusal it returns carries the consequences that are remembered instead.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from tokenhouse.model.records import (
    Account,
    AuditRecord,
    Authorization,
    Ticket,
)
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidGrant, InvalidToken, Limited, Refusal


class RaceLost(Exception):
    """Someone else changed the row first; decide again on what it says now."""


class Conflict(Exception):
    """A name is taken, or a row that is meant does not exist; raised by administration only."""


class Effect(msgspec.Struct, frozen=True):
    """One change. Conditional effects override ``otherwise``."""

    def otherwise(self) -> Exception:
        """Return what is raised when the statement changed no row."""
        return Conflict(type(self).__name__)


# -- what a token request changes -------------------------------------------------------------------------------------


class OpenAuthorization(Effect, frozen=True):
    """A login happened: insert its row, unless account or client changed since they were read."""

    authorization: Authorization
    account_version: int | None
    client_version: int

    def otherwise(self) -> Refusal:
        """The account or client was changed while the password was being checked."""
        return InvalidGrant(Cause.BAD_CREDENTIALS)


class AdvanceRefresh(Effect, frozen=True):
    """A refresh token was used: the row moves on by one generation, once."""

    id: int
    generation: int
    at: datetime
    access_nonce: int
    account_version: int | None
    client_version: int

    def otherwise(self) -> RaceLost:
        """Somebody refreshed, revoked or changed it first."""
        return RaceLost()


class RenewAccess(Effect, frozen=True):
    """A kept refresh token was used: note the time, unless the login ended since it was read."""

    id: int
    generation: int
    at: datetime
    account_version: int | None
    client_version: int

    def otherwise(self) -> RaceLost:
        """Somebody revoked or changed it first."""
        return RaceLost()


class EndOldestSessions(Effect, frozen=True):
    """Keep the newest ``limit`` live sessions of one person (and client, and device) under one contract."""

    tenant: str
    contract: str
    subject: str
    client_id: str | None
    device: str | None
    limit: int
    at: datetime


class RevokeAuthorization(Effect, frozen=True):
    """End a login and every token of it. Ending it twice is ending it once."""

    id: int
    at: datetime


class RevokeToken(Effect, frozen=True):
    """End one token alone, named by the keyed digest of its handle."""

    handle: bytes
    expires_at: datetime


class ReserveGuess(Effect, frozen=True):
    """Take one guess from a budget before anything is checked.

    ``locks``: the last guess of the budget starts its window anew, so that it is spent for a whole window from then on.
    """

    budget: bytes
    limit: int
    window_seconds: int
    at: datetime
    locks: bool = False

    def otherwise(self) -> Refusal:
        """The budget is spent."""
        return Limited(Cause.LIMITED, retry_after=self.window_seconds)


class ReturnGuess(Effect, frozen=True):
    """The guess was right: give the reserved one back."""

    budget: bytes


class ReplacePassword(Effect, frozen=True):
    """Store a new hash of the same password, unless the password was changed meanwhile."""

    tenant: str
    user_id: str
    old: str
    new: str


class NoteSignIn(Effect, frozen=True):
    """A person has logged in."""

    tenant: str
    user_id: str
    at: datetime


class LinkIdentity(Effect, frozen=True):
    """A provider's subject is this person from now on."""

    tenant: str
    provider: str
    subject: str
    user_id: str
    at: datetime

    def otherwise(self) -> RaceLost:
        """Another first login linked it a moment ago."""
        return RaceLost()


class CreateTicket(Effect, frozen=True):
    """Remember a link that is about to be mailed."""

    ticket: Ticket


class SpendTicket(Effect, frozen=True):
    """A link was followed: it works once, and before its end."""

    digest: bytes
    at: datetime

    def otherwise(self) -> Refusal:
        """Somebody followed it before, or it is too old."""
        return InvalidToken(Cause.BAD_LINK)


class CancelTickets(Effect, frozen=True):
    """A person's links of one purpose stop working."""

    tenant: str
    user_id: str
    purpose: str


class RecordAudit(Effect, frozen=True):
    """Append to the audit log, in the transaction of what it tells."""

    record: AuditRecord


# -- what changes people ----------------------------------------------------------------------------------------------


class CreateAccount(Effect, frozen=True):
    """Add a person; ``identifiers`` are (kind, canonical form) pairs, unique in the tenant."""

    account: Account
    identifiers: tuple[tuple[str, str], ...]
    raced: bool = False
    """whether a name that is taken by now means to decide again, not that somebody made a mistake"""

    def otherwise(self) -> Exception:
        """The id or one of the names is taken."""
        return RaceLost() if self.raced else super().otherwise()


class ReplaceAccount(Effect, frozen=True):
    """Write a person anew: names, attributes, roles, what is known of the address; never password or state.

    Conditional on the version of ``account``, and moves it. ``identifiers`` replace those that were there.
    """

    account: Account
    identifiers: tuple[tuple[str, str], ...]


class SetPassword(Effect, frozen=True):
    """Set a password; logins that are being checked against the old one do not come to life."""

    tenant: str
    user_id: str
    password: str
    form: Literal["raw", "nfkc"]


class SetAccountState(Effect, frozen=True):
    """Lock, unlock, enable or disable a person."""

    tenant: str
    user_id: str
    locked_at: datetime | None
    enabled: bool


class EndSessions(Effect, frozen=True):
    """End every login of a person, also one that is being checked right now; all but ``except_id``."""

    tenant: str
    subject: str
    at: datetime
    except_id: int | None = None


class EndDeviceSessions(Effect, frozen=True):
    """End every login of a person on one device; of one contract, or of all."""

    tenant: str
    subject: str
    contract: str | None
    device: str
    at: datetime


class ClearGuesses(Effect, frozen=True):
    """Give a whole guessing budget back, by hand of an operator."""

    budget: bytes


class Prune(Effect, frozen=True):
    """Forget spent guessing windows and single revocations whose tokens are over anyway."""

    at: datetime
    window_seconds: int
