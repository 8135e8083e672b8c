"""The facts that an answer or a claim may say of client, person and session: never the records themselves."""

from __future__ import annotations

import uuid
from typing import Any

from tokenhouse.model.records import Account, Authorization, Client
from tokenhouse.protocol.contract import Mount
from tokenhouse.tokens.handle import Handle, Kind, SealKey, seconds


def client_facts(client: Client) -> dict[str, Any]:
    """Return the built-in facts of a client over its attributes."""
    return {**client.attributes, "id": client.client_id, "name": client.name}


def user_facts(account: Account, *, locked: bool = False) -> dict[str, Any]:
    """Return the built-in facts of a person over the attributes of the account.

    ``locked`` says that wrong passwords have locked the person out at this contract; an operator's lock counts as well.
    """
    return {
        **account.attributes,
        "id": account.user_id,
        "username": account.username,
        "email": account.email,
        "phone": account.phone,
        "name": account.name,
        "roles": list(account.roles),
        "groups": list(account.groups),
        "active": account.enabled,
        "confirmed": account.email_verified_at is not None,
        "locked": locked or account.locked_at is not None,
        "created_at": account.created_at,
        "signed_in_at": account.signed_in_at,
    }


def default_audience(client: Client, mount: Mount) -> tuple[str, ...]:
    """Return whom tokens for no resource are for: the client's own API, else the mount's, else the issuer.

    Spec: RFC 9068 §3.
    """
    return (client.audience or mount.audience or mount.issuer,)


def session_facts(row: Authorization, key: SealKey) -> dict[str, Any]:
    """Return what may be said of a session; its key leads back to the row and can be derived again."""
    handle = Handle(Kind.SESSION, row.id, 0, seconds(row.issued_at))
    return {
        "id": f"{row.id:016x}",
        "key": str(uuid.UUID(bytes=key.encipher(handle))),
        "device": row.device,
        "device_name": row.device_name,
        "created_at": row.issued_at,
        "expires_at": row.expires_at,
        "refreshes": row.generation,
    }
