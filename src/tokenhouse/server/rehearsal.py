"""A rehearsal: the whole server is put together on an empty store, so that what cannot stand together says so."""

from __future__ import annotations

import asyncio
import base64
import tempfile
from pathlib import Path

from msgspec.structs import replace

from tokenhouse.config.settings import Config, Secrets
from tokenhouse.protocol.secret import Secret
from tokenhouse.server.composing import build
from tokenhouse.sql.sqlite import SqliteStore

_ANY_KEY = Secret(base64.b64encode(bytes(32)).decode())


def rehearse(config: Config) -> tuple[str, ...]:
    """Return the names of the mounted dialects, once everything that `serve` would put together stands.

    Nothing is listened on, and nothing of the configured store or its keys is touched.

    Raises:
        Problems, MountConflict, RouteConflict: the contracts cannot be mounted as configured.

    """
    return asyncio.run(_rehearse(replace(config, secrets=Secrets(key_encryption_key=_ANY_KEY))))


async def _rehearse(config: Config) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "rehearsal.db")
        try:
            house = build(config, store)
        except BaseException:
            await store.close()
            raise
        await house.close()
    return tuple(one.dialect.name for one in house.dialects)
