"""Effects: everything the system can change, as frozen values. ``sql/apply.py`` is the list of how.

An effect that can lose a race is one conditional statement whose row count decides; its ``otherwise`` says what is
raised then, and the refusal it returns carries the consequences that are remembered instead.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from tokenhouse.model.records import Account, AuditRecord, Authorization, Client, ClientSecret, KeyRecord, Tenant
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidGrant, Limited, Refusal


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
    """Take one guess from a budget before anything is checked."""

    budget: bytes
    limit: int
    window_seconds: int
    at: datetime

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


class RecordAudit(Effect, frozen=True):
    """Append to the audit log, in the transaction of what it tells."""

    record: AuditRecord


# -- what administration changes --------------------------------------------------------------------------------------


class CreateTenant(Effect, frozen=True):
    """Add a tenant."""

    tenant: Tenant


class CreateClient(Effect, frozen=True):
    """Add a client with its first secret, if it has one."""

    client: Client
    secret: ClientSecret | None


class AddClientSecret(Effect, frozen=True):
    """Add a secret; the older ones end at ``others_end_at``."""

    tenant: str
    client_id: str
    secret: ClientSecret
    others_end_at: datetime


class SetClientEnabled(Effect, frozen=True):
    """Enable or disable a client; what it has under way ends with its version."""

    tenant: str
    client_id: str
    enabled: bool


class CreateAccount(Effect, frozen=True):
    """Add a person; ``identifiers`` are (kind, canonical form) pairs, unique in the tenant."""

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
    """End every login of a person."""

    tenant: str
    subject: str
    at: datetime


class ClearGuesses(Effect, frozen=True):
    """Give a whole guessing budget back, by hand of an operator."""

    budget: bytes


class Prune(Effect, frozen=True):
    """Forget spent guessing windows and single revocations whose tokens are over anyway."""

    at: datetime
    window_seconds: int


class AddKey(Effect, frozen=True):
    """Add a key."""

    key: KeyRecord


class RetireKeys(Effect, frozen=True):
    """Give the older keys of one purpose an end, all but ``except_key``."""

    tenant: str
    contract: str
    purpose: str
    alg: str
    except_key: str
    retires_at: datetime
