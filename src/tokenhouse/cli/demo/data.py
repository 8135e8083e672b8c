"""The demo's data: what `demo/demo.toml` adds to the samples of the dialects."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct


class DemoMount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a dialect is mounted, where that is not as for all others."""

    issuer: str | None = None
    prefix: str = ""
    resource_server: bool = False


class TokenWish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `token demo` asks with."""

    client_id: str
    secret: str
    scope: str

    @property
    def body(self) -> str:
        """The form of the token request."""
        return f"grant_type=client_credentials&scope={self.scope}"


class Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command to copy and paste."""

    contract: str
    title: str
    run: str

    def at(self, server: str, resource: str) -> Command:
        """Return the command with the addresses of the demo in it."""
        filled = self.run.strip().replace("{server}", server).replace("{resource}", resource)
        return Command(contract=self.contract, title=self.title, run=filled)


class DemoData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file; ``user`` and ``device`` are inputs of their `create`, for ``client`` see ``clients_at``."""

    token: TokenWish
    mount: dict[str, DemoMount] = {}
    client: tuple[dict[str, Any], ...] = ()
    user: tuple[dict[str, Any], ...] = ()
    device: tuple[dict[str, Any], ...] = ()
    command: tuple[Command, ...] = ()

    def clients_at(self, now: datetime) -> list[dict[str, Any]]:
        """Return inputs of `client.create`; the file says in days for how long a client has the password grant."""
        told = [dict(client) for client in self.client]
        for client in told:
            if (days := client.pop("password_days", None)) is not None:
                client["password_until"] = now + timedelta(days=days)
        return told


def read_data() -> DemoData:
    """Return the shipped data."""
    text = (files("tokenhouse") / "demo" / "demo.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), DemoData)
