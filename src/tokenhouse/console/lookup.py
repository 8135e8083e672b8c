"""Looking people up: whom an operator means, and where wrong passwords have locked them out."""

from __future__ import annotations

from collections.abc import Sequence

from tokenhouse.accounts.identifiers import candidates
from tokenhouse.accounts.lockout import LOCKOUT, attempt_at
from tokenhouse.accounts.people import budget_name
from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import NotFound
from tokenhouse.model.records import Account
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import IdentifierKind


async def require_account(desk: Desk, tenant: str, user: str) -> Account:
    """Return the person whom an id, a user name, an e-mail address or a phone number names.

    Raises:
        NotFound: nobody goes by that name; in which other tenants somebody does is said.

    """
    account = await _find(desk, tenant, user)
    if account is None:
        others = [known.name for known in await desk.store.list_tenants() if known.name != tenant]
        raise unknown(tenant, user, [other for other in others if await _find(desk, other, user) is not None])
    return account


def unknown(tenant: str, user: str, elsewhere: Sequence[str] = ()) -> NotFound:
    """Return the error of a name that nobody has in a tenant; ``elsewhere`` are the tenants where somebody does."""
    hint = " or ".join(f"--tenant {other}" for other in elsewhere) or "tokenhouse user list"
    return NotFound(f'there is no user "{user}" in the tenant "{tenant}"', hint)


async def locked_out(desk: Desk, account: Account) -> tuple[str, ...]:
    """Return the contracts at which wrong passwords have locked a person out for now."""
    name, now, found = budget_name(account.tenant, account.user_id), desk.now(), []
    for mount in desk.mounts:
        attempt = attempt_at(mount, name) if mount.tenant in {account.tenant, None} else None
        if attempt is None:
            continue
        if await desk.guesses.is_locked(attempt, await desk.budget(LOCKOUT, attempt.name), now):
            found.append(mount.contract.name)
    return tuple(dict.fromkeys(found))


async def _find(desk: Desk, tenant: str, user: str) -> Account | None:
    account = await desk.store.find_account_by_id(tenant, user)
    for kind, name in () if account else candidates(Identifier(IdentifierKind.LOGIN, user)):
        account = account or await desk.store.find_account(tenant, kind.value, name)
    return account
