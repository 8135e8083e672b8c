"""The facts that an answer or a claim may say of client, person and session: never the records themselves."""

from __future__ import annotations

import uuid
from typing import Any

from tokenhouse.model.records import Account, Authorization, Client
from tokenhouse.tokens.handle import Handle, Kind, SealKey, seconds


def client_facts(client: Client) -> dict[str, Any]:
    """Return the built-in facts of a client over its attributes."""
    return {**client.attributes, "id": client.client_id, "name": client.name}


def user_facts(account: Account) -> dict[str, Any]:
    """Return the built-in facts of a person over the attributes of the account."""
    return {
        **account.attributes,
        "id": account.user_id,
        "username": account.username,
        "email": account.email,
        "phone": account.phone,
        "name": account.name,
        "created_at": account.created_at,
    }


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
