"""Scope: what is asked for, within what is allowed.

Spec: RFC 6749 §3.3, §6.
"""

from __future__ import annotations

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Contract
from tokenhouse.protocol.refusals import InvalidScope


def grant_scope(requested: tuple[str, ...] | None, allowed: tuple[str, ...], contract: Contract) -> tuple[str, ...]:
    """Return the granted scope; nothing requested means everything allowed.

    Raises:
        InvalidScope: more was asked for than is allowed, and the contract does not drop the excess.

    """
    if not requested:
        return allowed
    excess = [name for name in requested if name not in allowed]
    if excess and contract.excess_scope == "refuse":
        raise InvalidScope(Cause.BAD_SCOPE)
    return tuple(dict.fromkeys(name for name in requested if name in allowed))
