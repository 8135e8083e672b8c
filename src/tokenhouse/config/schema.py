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
    "Tls.certificate": "PEM file: the server's own certificate, then the intermediate ones; TLS is off without it.",
    "Tls.key": "PEM file of the certificate's private key, not encrypted.",
    "Tls.minimum": "Oldest version of TLS that is spoken.",
    "Tls.maximum": "Newest version of TLS that is spoken.",
    "Tls.ciphers": "Cipher suites of TLS 1.2 by OpenSSL's names, the best first; @SECLEVEL=N sets OpenSSL's level.",
    "Tls.client_certificates": "Whether clients are asked for a certificate, and turned away without one.",
    "Tls.client_authorities": "PEM file of the authorities whose client certificates are accepted.",
    "Config.listener": "Further public listeners, such as one for old devices.",
    "Listener.name": "What the log calls the listener.",
    "Listener.bind": "Address of the listener.",
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
    "Egress.ports": "Ports of other servers that this one calls.",
    "Egress.allow": "Development: places on this machine that may be called all the same, http and any port included.",
    "Config.provider": "Providers elsewhere whose proofs of identity are accepted.",
    "Provider.name": "What contracts call the provider.",
    "Provider.kind": "oidc: a signed id_token; oauth2: an access token; oauth1: an access token and its secret.",
    "Provider.tenants": "Whose people may come through the provider.",
    "Provider.client_ids": "The ids that the provider gave our apps; only proofs made for them are accepted.",
    "Provider.client_secret": "The secret of the first client id at the provider; better given by a file.",
    "Provider.client_secret_file": "A file that holds client_secret.",
    "Provider.client_secret_env": "A variable of the environment that holds client_secret.",
    "Provider.issuer": "oidc: the issuer, as its tokens name it.",
    "Provider.jwks_uri": "oidc: where the provider publishes its keys; found through the issuer if not set.",
    "Provider.algs": "oidc: signature algorithms that are accepted.",
    "Provider.userinfo": "oauth2, oauth1: who the token is about (userinfo, me, verify_credentials).",
    "Provider.token_in": "oauth2: how userinfo takes the token: Authorization header, or access_token in the query.",
    "Provider.tokeninfo": "oauth2: what says for which app a token was made.",
    "Provider.tokeninfo_style": "query: ?access_token; debug: ?input_token and our own; introspection: RFC 7662.",
    "Provider.audience": "oauth2: where the tokeninfo answer has the app's client id, such as data.app_id.",
    "Provider.any_audience": "oauth2: accept tokens that were made for any app; whoever runs one can then log in.",
    "Provider.subject": "oauth2, oauth1: where the userinfo answer has the person's id.",
    "Provider.email": "oauth2, oauth1: where it has the e-mail address.",
    "Provider.email_verified": "oauth2, oauth1: where it says that the address was proven.",
    "Provider.display_name": "oauth2, oauth1: where it has the person's name.",
    "Log.level": "Least severity that is logged.",
    "Log.format": "json for machines, console for people.",
    "Mount.dialect": "Name of a shipped dialect, or a path that ends in .toml.",
    "Mount.tenant": "Whose users and clients the contract sees.",
    "Mount.client": "The client record on whose behalf the contract acts where its wire carries no client.",
    "Mount.issuer": "The issuer of this contract where it fixes one; otherwise the server's.",
    "Mount.hosts": "Host names on which the contract is answered; all if empty.",
    "Mount.prefix": "Path prefix below which the contract is answered.",
    "Lockout.failures": "Wrong passwords that lock; 0 leaves it to the contract.",
    "Lockout.window": "Within how long they count, and how long the lock lasts.",
    "Mount.password_min": "Fewest characters of a password that is chosen through this contract; 0: as anywhere.",
    "Mount.attributes": "Facts of the server that the dialect's answers show.",
    "Standard.tenant": "Whose clients the standard endpoints know; * is those of all tenants.",
    "Standard.prefix": "Path prefix of the standard endpoints.",
    "Config.people": "Pages on which people sign up, reset and change their passwords and addresses.",
    "Mail.url": "smtp://host:port (STARTTLS) or smtps://host:port of the mail server.",
    "Mail.starttls": "Whether smtp:// is encrypted by STARTTLS; false is for loopback and development.",
    "Mail.authorities": "PEM file of the authorities that the mail server's certificate is checked against.",
    "Mail.user": "User name at the mail server.",
    "Mail.password": "Password at the mail server; better given by a file.",
    "Mail.password_file": "A file that holds password.",
    "Mail.sender": "Whom mail is from: id@example.com or Name <id@example.com>.",
    "Mail.folder": "Development: each mail becomes a file of this folder instead of being sent.",
    "Mail.timeout": "Longest time of one attempt to hand a mail over.",
    "Mail.queue": "Mails that may wait; more requests are refused with Retry-After.",
    "Mail.per_address": "Mails that strangers can have sent to one address within limit_window.",
    "Mail.per_source": "Mails that one source address can ask for within limit_window.",
    "Mail.limit_window": "The window of the two limits.",
    "People.tenant": "Whose people the pages are for.",
    "People.name": "What pages and mails call this service.",
    "People.url": "The URL at which people reach this server, for links in mails; the issuer if not set.",
    "People.hosts": "Host names on which the pages are answered; all if empty.",
    "People.prefix": "Path prefix of the pages.",
    "People.sign_up": "Whether strangers may make themselves an account.",
    "People.reset": "Whether a forgotten password can be replaced through a mailed link.",
    "People.reset_ttl": "How long a link for a new password works.",
    "People.link_ttl": "How long a link for a sign-up or a new address works.",
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
