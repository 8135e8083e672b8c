"""The pair of words by which an application is known: made in the form its contract documents, stored as a verifier."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Sequence

from tokenhouse.accounts.hashing import LONGEST_BYTES
from tokenhouse.clients.methods import SECRET_DIGEST
from tokenhouse.clients.secrets import STRONG_BITS, estimate_bits, make_text, new_secret_id
from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import Unusable
from tokenhouse.model.records import ClientSecret
from tokenhouse.protocol.contract import Contract, CredentialForm
from tokenhouse.protocol.secret import Secret

SECRET_PREFIX = "th_cs_"
_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
_LONGEST_STEM = 40


def forms(contracts: Sequence[Contract]) -> dict[str, CredentialForm]:
    """Return the vendor's words and alphabets, of the first contract that has any."""
    return dict(next((contract.credentials for contract in contracts if contract.credentials), {}))


def make_client_id(name: str, form: CredentialForm | None) -> str:
    """Return a new client id: in the contract's form, else what the name says and six random characters."""
    if form is not None:
        return make_text(form.alphabet, form.length)
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_LONGEST_STEM].strip("-")
    return f"{stem or 'client'}-{make_text(_LOWER, 6)}"


def make_secret(form: CredentialForm | None) -> tuple[Secret, float]:
    """Return a new secret and its bits."""
    if form is not None:
        return Secret(make_text(form.alphabet, form.length)), form.length * math.log2(len(form.alphabet))
    text = make_text()
    return Secret(SECRET_PREFIX + text), estimate_bits(text)


async def secret_of(
    desk: Desk, given: Secret | None, form: CredentialForm | None, slot: str = ""
) -> tuple[ClientSecret, Secret | None]:
    """Return the verifier of a given or a new secret, and the secret itself if it is new.

    A secret with too few bits is hashed like a password, because it may have been chosen by a person.

    Raises:
        Unusable: the given secret is too long.
        MissingKey: there is no key for digests yet.

    """
    secret, bits = make_secret(form) if given is None else (given, estimate_bits(given.reveal()))
    if len(secret.reveal().encode()) > LONGEST_BYTES:
        raise Unusable(f"the secret is longer than {LONGEST_BYTES} bytes")
    new = secret if given is None else None
    if bits >= STRONG_BITS:
        digest = await desk.digest(SECRET_DIGEST, secret.reveal().encode())
        return ClientSecret(new_secret_id(), "hmac-sha256", digest.hex(), desk.now(), slot=slot), new
    verifier = await asyncio.to_thread(desk.hashing.hash, secret, "raw")
    return ClientSecret(new_secret_id(), "argon2id", verifier, desk.now(), slot=slot), new
