"""The JSON Schema of the file, for editors and for the reference documentation."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from tokenhouse.config.kinds import kind_of
from tokenhouse.config.settings import Config
from tokenhouse.config.shape import item_type, table_type

DESCRIPTIONS: Mapping[str, str] = {
    "Config.issuer": "The URL by which tokens and metadata name this server; https outside development.",
    "Config.development": "Relaxes the issuer and the hashing cost; listens on loopback only.",
    "Config.mount": "Legacy contracts that this server answers.",
    "Server.bind": "Address of the public listener.",
    "Server.trusted_proxies": "Networks of the proxies whose forwarding headers are believed.",
    "Server.body_limit": "Largest request body.",
    "Server.request_timeout": "Longest time from the first byte of a request to its answer.",
    "Server.drain_timeout": "Longest time that a stopping server gives requests under way.",
    "Admin.bind": "Address of the operators' listener: health, metrics, console.",
    "Admin.socket": "Local management socket, mode 0600; below the directory of the file.",
    "Database.url": "sqlite:///relative.db or sqlite:////absolute.db.",
    "Secrets.key_encryption_key": "Base64 of 32 bytes that encrypt the keys at rest; better given by a file.",
    "Secrets.key_encryption_key_file": "A file that holds key_encryption_key.",
    "Tokens.access_ttl": "How long an access token is valid.",
    "Tokens.refresh_idle_ttl": "How long a login lasts unused.",
    "Tokens.refresh_ttl": "How long a login lasts at most.",
    "Tokens.grace": "How long a used refresh token may be repeated and gets the same successor.",
    "Tokens.audience": "The aud of access tokens; the issuer if not set.",
    "Tokens.alg": "Signature algorithm of access tokens.",
    "Keys.publish_ahead": "How long a new key is published before it signs.",
    "Keys.retire_after": "How long a key is published after it signed last.",
    "Passwords.memory_kib": "Memory of one argon2id hash in KiB.",
    "Passwords.passes": "Passes of one argon2id hash.",
    "Passwords.workers": "Threads that hash; auto is one per processor, less one.",
    "Passwords.queue": "Hashes that may wait; more are refused with Retry-After.",
    "Passwords.niceness": "How far hashing steps back behind other work.",
    "Passwords.min_length": "Fewest characters of a new password.",
    "Limits.account_guesses": "Wrong passwords per account within guess_window.",
    "Limits.source_guesses": "Wrong passwords per source address within guess_window.",
    "Limits.guess_window": "The window of the two limits.",
    "Log.level": "Least severity that is logged.",
    "Log.format": "json for machines, console for people.",
    "Mount.dialect": "Name of a shipped dialect, or a path that ends in .toml.",
    "Mount.tenant": "Whose users and clients the contract sees.",
    "Mount.client": "The client record on whose behalf the contract acts where its wire carries no client.",
    "Mount.issuer": "The issuer of this contract where it fixes one; otherwise the server's.",
    "Mount.hosts": "Host names on which the contract is answered; all if empty.",
    "Mount.prefix": "Path prefix below which the contract is answered.",
    "Mount.attributes": "Facts of the server that the dialect's answers show.",
    "Standard.tenant": "Whose clients the standard endpoints know; * is those of all tenants.",
    "Standard.prefix": "Path prefix of the standard endpoints.",
}
"""What every setting is for."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``tokenhouse.toml``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "tokenhouse.toml",
        **_table(Config),
    }


def _table(table: type[Struct]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": inspect.getdoc(table),
        "properties": {field.name: _property(field, f"{table.__name__}.{field.name}") for field in fields(table)},
        "required": [field.name for field in fields(table) if field.required],
        "additionalProperties": False,
    }


def _property(field: FieldInfo, name: str) -> dict[str, Any]:
    below = table_type(field.type)
    if below is not None:
        return _table(below)
    described = {**_value(field.type), "description": DESCRIPTIONS[name]}
    kind = kind_of(field.type)
    if field.default is NODEFAULT or (field.default is None and not (kind and kind.writes_none)):
        return described
    return {**described, "default": kind.write(field.default) if kind else field.default}


def _value(annotation: Any) -> dict[str, Any]:
    kind, item = kind_of(annotation), item_type(annotation)
    if kind is not None:
        return kind.schema
    if item is not None:
        below = table_type(item)
        return {"type": "array", "items": _value(item) if below is None else _table(below)}
    return msgspec.json.schema(annotation)
