"""Rows to records. Column order is the order of the SELECT texts in ``sql/reads.py``."""

from __future__ import annotations

from typing import Any

import msgspec

from tokenhouse.model.records import (
    Account,
    AuditRecord,
    Authorization,
    Client,
    ClientSecret,
    DeviceKey,
    KeyRecord,
    Resource,
    ScopeRecord,
    Tenant,
    Ticket,
)
from tokenhouse.sql.times import from_db, from_db_or_none

_decode_some_names = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_some_facts = msgspec.json.Decoder(dict[str, Any]).decode

CLIENT = """tenant, client_id, name, contracts, grants, scopes, auth_methods, created_at, audience, access_format, alg,
    introspection, enabled, ends_at, security_version, attributes, resources, claims, password_ends_at"""
SECRET = "secret_id, scheme, verifier, created_at, expires_at, slot"
ACCOUNT = """account.tenant, account.user_id, username, email, phone, name, password, created_at, password_form,
    enabled, locked_at, security_version, attributes, roles, groups, email_verified_at, signed_in_at"""
AUTHORIZATION = """id, tenant, contract, client_id, subject, scope, seal_key, issued_at, advanced_at, last_used_at,
    access_ttl_seconds, generation, access_nonce, has_refresh, refresh_idle_seconds, device, device_name, expires_at,
    revoked_at, resources"""
RESOURCE = "tenant, identifier, name, created_at, access_ttl_seconds, claims"
SCOPE = "tenant, name, created_at, description, resource"
DEVICE_KEY = "tenant, contract, device, digest, created_at, name, subject, scope, expires_at, revoked_at"
TICKET = "digest, tenant, purpose, email, expires_at, user_id"
KEY = """key_id, tenant, contract, purpose, alg, sealed, created_at, activates_at, retires_at, public, certificate"""
AUDIT = "at, event, outcome, tenant, contract, request_id, reason, client_id, subject, source, authorization_id"


def _decode_names(text: str) -> tuple[str, ...]:
    # Most lists are empty, and this is read for every token that is asked about.
    return () if text == "[]" else _decode_some_names(text)


def _decode_facts(text: str) -> dict[str, Any]:
    return {} if text == "{}" else _decode_some_facts(text)


def tenant(row: tuple[Any, ...]) -> Tenant:
    """Read `name, enabled, created_at`."""
    return Tenant(row[0], bool(row[1]), from_db(row[2]))


def client(row: tuple[Any, ...]) -> Client:
    """Read a row of CLIENT."""
    values: list[Any] = list(row)
    values[3:7] = [_decode_names(text) for text in row[3:7]]
    values[7] = from_db(row[7])
    values[12] = bool(row[12])
    values[13] = from_db_or_none(row[13])
    values[15] = _decode_facts(row[15])
    values[16] = _decode_names(row[16])
    values[17] = _decode_facts(row[17])
    values[18] = from_db_or_none(row[18])
    return Client(*values)


def secret(row: tuple[Any, ...]) -> ClientSecret:
    """Read a row of SECRET."""
    return ClientSecret(row[0], row[1], row[2], from_db(row[3]), from_db_or_none(row[4]), row[5])


def account(row: tuple[Any, ...]) -> Account:
    """Read a row of ACCOUNT."""
    values: list[Any] = list(row)
    values[7] = from_db(row[7])
    values[9] = bool(row[9])
    values[10] = from_db_or_none(row[10])
    values[12] = _decode_facts(row[12])
    values[13:15] = map(_decode_names, row[13:15])
    values[15:17] = map(from_db_or_none, row[15:17])
    return Account(*values)


def authorization(row: tuple[Any, ...]) -> Authorization:
    """Read a row of AUTHORIZATION."""
    values: list[Any] = list(row)
    values[5] = tuple(row[5].split())
    values[7:10] = map(from_db, row[7:10])
    values[13] = bool(row[13])
    values[17:19] = map(from_db_or_none, row[17:19])
    values[19] = tuple(row[19].split())
    return Authorization(*values)


def resource(row: tuple[Any, ...]) -> Resource:
    """Read a row of RESOURCE."""
    values: list[Any] = list(row)
    values[3] = from_db(row[3])
    values[5] = _decode_facts(row[5])
    return Resource(*values)


def scope(row: tuple[Any, ...]) -> ScopeRecord:
    """Read a row of SCOPE."""
    values: list[Any] = list(row)
    values[2] = from_db(row[2])
    return ScopeRecord(*values)


def device_key(row: tuple[Any, ...]) -> DeviceKey:
    """Read a row of DEVICE_KEY."""
    values: list[Any] = list(row)
    values[4] = from_db(row[4])
    values[7] = tuple(row[7].split())
    values[8:10] = map(from_db_or_none, row[8:10])
    return DeviceKey(*values)


def ticket(row: tuple[Any, ...]) -> Ticket:
    """Read a row of TICKET."""
    values: list[Any] = list(row)
    values[4] = from_db(row[4])
    return Ticket(*values)


def key(row: tuple[Any, ...]) -> KeyRecord:
    """Read a row of KEY."""
    values: list[Any] = list(row)
    values[6:8] = map(from_db, row[6:8])
    values[8] = from_db_or_none(row[8])
    return KeyRecord(*values)


def audit(row: tuple[Any, ...]) -> AuditRecord:
    """Read a row of AUDIT."""
    return AuditRecord(from_db(row[0]), *row[1:])
