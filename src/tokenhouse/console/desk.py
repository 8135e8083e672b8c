"""The desk: what every operation works with, and the one way in which it changes anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tokenhouse.accounts.guesses import Guesses
from tokenhouse.accounts.hashing import Hashing
from tokenhouse.audit.events import administered
from tokenhouse.config.settings import Config
from tokenhouse.console.errors import ManagementError, Unavailable, Unusable
from tokenhouse.model.effects import Conflict, Effect
from tokenhouse.protocol.contract import Contract, Mount
from tokenhouse.protocol.refusals import Refusal
from tokenhouse.store.ports import Store
from tokenhouse.tokens.envelope import Envelope
from tokenhouse.tokens.keys import KeyRing


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports and tools of administration; `management.Management` says what each is."""

    store: Store
    envelope: Envelope
    keys: KeyRing
    hashing: Hashing
    guesses: Guesses
    mounts: tuple[Mount, ...]
    settings: Config
    clock: Callable[[], datetime]
    forget: Callable[[], None]

    def now(self) -> datetime:
        """Return the time."""
        return self.clock()

    @property
    def contracts(self) -> dict[str, Contract]:
        """The contracts that clients can be registered for, by name."""
        return {mount.contract.name: mount.contract for mount in self.mounts}

    def served(self, tenant: str) -> tuple[Contract, ...]:
        """Return the contracts that a tenant's people and clients meet."""
        return tuple(mount.contract for mount in self.mounts if mount.tenant in {tenant, None})

    async def digest(self, label: str, data: bytes) -> bytes:
        """Return the installation's keyed digest.

        Raises:
            MissingKey: there is no key for it yet.

        """
        return await self.keys.digest(label, data, self.now())

    async def budget(self, kind: str, name: str) -> bytes:
        """Return the name of a guessing budget.

        Raises:
            MissingKey: there is no key for it yet.

        """
        return await self.guesses.budget(kind, name, self.now())

    async def change(
        self, effects: tuple[Effect, ...], what: str, tenant: str, *, actor: str, about: str, conflict: ManagementError
    ) -> None:
        """Commit ``effects`` and their audit record in one transaction.

        Raises:
            ManagementError: ``conflict``, if a name is taken or a row is gone.
            Unavailable: the store does not take it now.

        """
        record = administered(what, tenant, now=self.now(), actor=actor, about=about)
        try:
            await self.store.commit((*effects, record))
        except Conflict:
            raise conflict from None
        except Refusal as refusal:
            raise Unavailable(f"the store did not take the change: {refusal.description}", "try again") from refusal
        self.forget()

    async def require_tenant(self, tenant: str) -> None:
        """Pass if the tenant exists.

        Raises:
            Unusable: it does not.

        """
        if all(known.name != tenant for known in await self.store.list_tenants()):
            raise Unusable(f'there is no tenant "{tenant}"', f"tokenhouse tenant create {tenant}")
