"""Whom a provider's proof names."""

from __future__ import annotations

from typing import NamedTuple


class ProvenIdentity(NamedTuple):
    """A person as a provider knows him: ``subject`` is stable and unique at that provider.

    ``email`` is what the provider says; only with ``email_verified`` does it say that it has proven the address.
    """

    provider: str
    subject: str
    email: str | None = None
    email_verified: bool = False
    name: str | None = None
