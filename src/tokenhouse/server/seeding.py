"""Sample data: what a dialect's file says its examples need becomes clients and people of one tenant.

Secrets and passwords are imported as they are: they exist elsewhere already, on somebody's page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenhouse.console.management import Management
from tokenhouse.wire.dialect import Dialect

_ACTOR = "samples"
_PERSON = ("username", "email", "phone", "name", "password")
_CLIENT = frozenset({"id", "secret", "api_secret", "name", "scope", "grants"})


async def seed_samples(management: Management, dialect: Dialect, tenant: str, client_id: str | None) -> None:
    """Create the sample clients, people and devices of a dialect.

    ``client_id`` is the client that the mount names, for a contract whose wire carries none: a public one.
    """
    if client_id is not None:
        await management.do(
            "client.create",
            _ACTOR,
            tenant=tenant,
            name=dialect.title,
            client_id=client_id,
            contracts=(dialect.name,),
            public=True,
        )
    for client in dialect.samples.clients:
        await _seed_client(management, dialect, tenant, client)
    for user in dialect.samples.users:
        await _seed_user(management, tenant, user)
    for device in dialect.samples.devices:
        await _seed_device(management, dialect, tenant, device)


async def _seed_client(management: Management, dialect: Dialect, tenant: str, client: Mapping[str, Any]) -> None:
    told: dict[str, Any] = {"public": True} if client.get("secret") is None else {"secret": client["secret"]}
    if "scope" in client:
        told["scopes"] = tuple(client["scope"])
    if "grants" in client:
        told["grants"] = tuple(client["grants"])
    if "api_secret" in client:
        told["api_secret"] = client["api_secret"]
    await management.do(
        "client.create",
        _ACTOR,
        tenant=tenant,
        name=client.get("name", client["id"]),
        client_id=client["id"],
        contracts=(dialect.name,),
        attributes={name: value for name, value in client.items() if name not in _CLIENT},
        **told,
    )


async def _seed_user(management: Management, tenant: str, user: Mapping[str, Any]) -> None:
    person = {name: user[name] for name in _PERSON if name in user}
    await management.do(
        "user.create",
        _ACTOR,
        tenant=tenant,
        user_id=user.get("id"),
        imported=True,
        attributes={name: value for name, value in user.items() if name not in {*_PERSON, "id"}},
        **person,
    )


async def _seed_device(management: Management, dialect: Dialect, tenant: str, device: Mapping[str, Any]) -> None:
    await management.do(
        "device.create",
        _ACTOR,
        contract=dialect.name,
        device=device["device"],
        tenant=tenant,
        name=device.get("name"),
        user=device.get("user"),
        scopes=tuple(device.get("scope", ())),
        key=device["key"],
    )
