"""All contracts at their places, found again by the names that a row carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tokenhouse.protocol.contract import Mount


class Mounts:
    """The mounts of this server; a mount for every tenant stands in where a tenant has none of its own."""

    def __init__(self, mounts: Iterable[Mount]) -> None:
        self._all = tuple(mounts)

    def find(self, tenant: str, contract: str) -> Mount | None:
        """Return the mount whose rows say this tenant and contract."""
        own = (m for m in self._all if m.contract.name == contract and m.tenant == tenant)
        shared = (m for m in self._all if m.contract.name == contract and m.tenant is None)
        return next(own, None) or next(shared, None)

    def of_tenant(self, tenant: str) -> list[Mount]:
        """Return the mounts that serve a tenant."""
        return [m for m in self._all if m.tenant in {tenant, None}]

    def __iter__(self) -> Iterator[Mount]:
        return iter(self._all)
