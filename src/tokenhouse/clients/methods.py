"""The authentication methods: one registry, each a function from what was shown to a yes or no.

Spec: RFC 6749 §2.3.1, RFC 7591 §2.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from tokenhouse.clients.secrets import VerifiedSecrets, is_alive
from tokenhouse.model.effects import Effect
from tokenhouse.protocol.messages import Credentials
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.secret import Secret
from tokenhouse.store.ports import ClientEntry

Digest = Callable[[str, bytes, datetime], Awaitable[bytes]]
SECRET_DIGEST = "client secret"
"""The purpose under which random secrets are digested."""


class SlowCheck(Protocol):
    """Checks a human-chosen secret: reserves one guess for ``name``, then hashes off the loop."""

    async def __call__(
        self, name: str, phcs: Sequence[str], secret: Secret, source: str, now: datetime
    ) -> tuple[Effect, ...] | None:
        """Return the effects that give the guess back, None if the secret made none of ``phcs``."""
        ...


class Tools(NamedTuple):
    """What the methods work with."""

    digest: Digest
    slow_check: SlowCheck
    verified: VerifiedSecrets


Method = Callable[[Tools, ClientEntry, Credentials, str, datetime], Awaitable[tuple[Effect, ...] | None]]


async def prove_secret(
    tools: Tools, entry: ClientEntry, credentials: Credentials, source: str, now: datetime
) -> tuple[Effect, ...] | None:
    """Return the effects of a right secret, None if none of the living verifiers of its slot knows it."""
    secret = credentials.secret
    if secret is None or not secret.reveal():
        return None
    slot = credentials.slot
    alive = [s for s in entry.secrets if s.slot == slot and is_alive(s, now)]
    digest = (await tools.digest(SECRET_DIGEST, secret.reveal().encode(), now)).hex()
    if any(s.scheme == "hmac-sha256" and hmac.compare_digest(s.verifier, digest) for s in alive):
        return ()
    slow = [s.verifier for s in alive if s.scheme == "argon2id"]
    if not slow:
        return None
    known = (slot, *slow)
    if tools.verified.has(known, secret, now):
        return ()
    name = guess_name(entry.client.tenant, entry.client.client_id, slot)
    async with tools.verified.turn(known, secret):
        if tools.verified.has(known, secret, now):
            return ()
        effects = await tools.slow_check(name, slow, secret, source, now)
        if effects is not None:
            tools.verified.add(known, secret, now)
    return effects


def guess_name(tenant: str, client_id: str, slot: str) -> str:
    """Return the name of the guessing budget of one slot of a client: guesses at one secret cost no other."""
    return f"{tenant}\0{client_id}" + (f"\0{slot}" if slot else "")


async def prove_nothing(
    _tools: Tools, _entry: ClientEntry, credentials: Credentials, _source: str, _now: datetime
) -> tuple[Effect, ...] | None:
    """Accept a public client: its registration says that it has no secret, so it must not show one, of no slot."""
    return () if credentials.secret is None and not credentials.slot else None


METHODS: dict[AuthMethod, Method] = {
    AuthMethod.BASIC: prove_secret,
    AuthMethod.POST: prove_secret,
    AuthMethod.NONE: prove_nothing,
}
