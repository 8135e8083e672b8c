"""The one gate: every door passes ``admit`` when tokens are made and ``live`` when they are used.

One table of controls for both. Only ``admit`` makes the ``Admitted`` that the issuer takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import InitVar, dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from tokenhouse.model.decision import Caller, Decision
from tokenhouse.model.records import Account, Authorization, Client
from tokenhouse.protocol.causes import Cause, public
from tokenhouse.protocol.refusals import InvalidClient, InvalidGrant, Refusal, UnauthorizedClient


class Standing(NamedTuple):
    """Everything a control may look at. ``subject`` is set when a person stands behind the token."""

    contract: str
    client: Client | None
    tenant_enabled: bool
    subject: str | None
    account: Account | None
    authorization: Authorization | None
    now: datetime


Control = Callable[[Standing], Cause | None]


def _tenant_open(s: Standing) -> Cause | None:
    return None if s.tenant_enabled else Cause.CLIENT_DISABLED


def _client_present(s: Standing) -> Cause | None:
    return Cause.UNKNOWN_CLIENT if s.client is None else None


def _client_enabled(s: Standing) -> Cause | None:
    return Cause.CLIENT_DISABLED if s.client and not s.client.enabled else None


def _contract_not_over(s: Standing) -> Cause | None:
    over = s.client and s.client.ends_at is not None and s.client.ends_at <= s.now
    return Cause.CLIENT_DISABLED if over else None


def _contract_allowed(s: Standing) -> Cause | None:
    return Cause.NOT_ALLOWED if s.client and s.contract not in s.client.contracts else None


def _account_present(s: Standing) -> Cause | None:
    return Cause.UNKNOWN_USER if s.subject is not None and s.account is None else None


def _account_enabled(s: Standing) -> Cause | None:
    return Cause.USER_DISABLED if s.account and not s.account.enabled else None


def _account_unlocked(s: Standing) -> Cause | None:
    return Cause.USER_LOCKED if s.account and s.account.locked_at is not None else None


def _not_revoked(s: Standing) -> Cause | None:
    return Cause.REVOKED_TOKEN if s.authorization and s.authorization.revoked_at is not None else None


def _not_expired(s: Standing) -> Cause | None:
    if s.authorization is None:
        return None
    if s.authorization.expires_at is not None and s.authorization.expires_at <= s.now:
        return Cause.EXPIRED_TOKEN
    idle = s.authorization.refresh_idle_seconds
    if idle is not None and s.authorization.last_used_at + timedelta(seconds=idle) <= s.now:
        return Cause.EXPIRED_TOKEN
    return None


CONTROLS: dict[str, Control] = {
    "tenant open": _tenant_open,
    "client present": _client_present,
    "client enabled": _client_enabled,
    "contract not over": _contract_not_over,
    "contract allowed": _contract_allowed,
    "account present": _account_present,
    "account enabled": _account_enabled,
    "account unlocked": _account_unlocked,
    "login not revoked": _not_revoked,
    "login not expired": _not_expired,
}
"""Every control by its name; a test walks door x control."""

_REFUSALS: dict[Cause, type[Refusal]] = {
    Cause.BAD_CLIENT: InvalidClient,
    Cause.NOT_ALLOWED: UnauthorizedClient,
    Cause.BAD_CREDENTIALS: InvalidGrant,
    Cause.REVOKED_TOKEN: InvalidGrant,
    Cause.EXPIRED_TOKEN: InvalidGrant,
}


def live(standing: Standing) -> Cause | None:
    """Return why a token of this standing is not to be honoured, None if it is."""
    for control in CONTROLS.values():
        cause = control(standing)
        if cause is not None:
            return cause
    return None


_SEAL = object()


@dataclass(frozen=True, slots=True)
class Admitted:
    """A decision that passed the gate. Nobody but ``admit`` can make one.

    The seal is not kept: what was admitted cannot be copied with another decision in it.
    """

    decision: Decision
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            msg = "only admit() admits"
            raise TypeError(msg)


def require_client(caller: Caller, now: datetime, contract: str | None = None) -> None:
    """Pass if a client that has proven itself may ask at all; ``contract`` None: at an endpoint that belongs to none.

    Judged before the rest of its message, so that a client that is disabled learns what a stranger learns.

    Raises:
        InvalidClient: client or tenant are disabled, or their contract is over.
        UnauthorizedClient: the client is not registered for ``contract``.

    """
    own = caller.client.contracts[0] if caller.client.contracts else ""
    cause = live(Standing(contract or own, caller.client, caller.tenant_enabled, None, None, None, now))
    if cause is not None:
        raise _REFUSALS[public(cause)](cause)


def admit(decision: Decision) -> Admitted:
    """Let a decision through, or refuse it.

    A person behind a renewed login who is gone, disabled or locked is a dead token; the words are those of tokens,
    because no password was shown.

    Raises:
        Refusal: a control does not hold.

    """
    row = decision.authorization
    caller = decision.caller
    subject = row.subject if row else (decision.account.user_id if decision.account else None)
    cause = live(
        Standing(
            caller.mount.contract.name,
            caller.client,
            caller.tenant_enabled,
            subject,
            decision.account,
            row,
            decision.now,
        )
    )
    if cause is None:
        return Admitted(decision, _SEAL)
    if row is not None and public(cause) is Cause.BAD_CREDENTIALS:
        raise InvalidGrant(Cause.REVOKED_TOKEN).about(subject) from InvalidGrant(cause)
    raise _REFUSALS[public(cause)](cause).about(subject)
