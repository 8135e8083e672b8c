"""The changes of what is registered beside clients: resources, scopes, device keys, mailed links, identities."""

from __future__ import annotations

import msgspec

from tokenhouse.model import effects as e
from tokenhouse.model import registrations as r
from tokenhouse.sql.change import Change, Row, encode_json, insert
from tokenhouse.sql.times import to_db, to_db_or_none


def put_resource(effect: r.PutResource) -> tuple[Change, ...]:
    """Insert a resource, or replace what is said of it."""
    resource = effect.resource
    row = msgspec.structs.asdict(resource) | {
        "created_at": to_db(resource.created_at),
        "claims": encode_json(resource.claims),
    }
    text = """INSERT INTO resource (tenant, identifier, name, created_at, access_ttl_seconds, claims)
        VALUES (:tenant, :identifier, :name, :created_at, :access_ttl_seconds, :claims)
        ON CONFLICT (tenant, identifier) DO UPDATE SET
          name = :name, access_ttl_seconds = :access_ttl_seconds, claims = :claims"""
    return (Change(text, row),)


def delete_resource(effect: r.DeleteResource) -> tuple[Change, ...]:
    """Delete a resource, and the scopes that belong to it."""
    row = msgspec.structs.asdict(effect)
    return (
        Change("DELETE FROM scope WHERE tenant = :tenant AND resource = :identifier", row),
        Change("DELETE FROM resource WHERE tenant = :tenant AND identifier = :identifier", row, decides=True),
    )


def put_scope(effect: r.PutScope) -> tuple[Change, ...]:
    """Insert a scope, or replace what is said of it."""
    s = effect.scope
    row = msgspec.structs.asdict(s) | {"created_at": to_db(s.created_at)}
    if not effect.replace:
        return (insert("scope", row, unique="tenant, name"),)
    text = """INSERT INTO scope (tenant, name, created_at, description, resource)
        VALUES (:tenant, :name, :created_at, :description, :resource)
        ON CONFLICT (tenant, name) DO UPDATE SET description = :description, resource = :resource"""
    return (Change(text, row),)


def delete_scope(effect: r.DeleteScope) -> tuple[Change, ...]:
    """Delete a scope."""
    text = "DELETE FROM scope WHERE tenant = :tenant AND name = :name"
    return (Change(text, msgspec.structs.asdict(effect), decides=True),)


def create_device_key(effect: r.CreateDeviceKey) -> tuple[Change, ...]:
    """Insert a device's key in the place of the one that it had."""
    k = effect.key
    row = msgspec.structs.asdict(k) | {
        "scope": " ".join(k.scope),
        "created_at": to_db(k.created_at),
        "expires_at": to_db_or_none(k.expires_at),
        "revoked_at": to_db_or_none(k.revoked_at),
    }
    place: Row = {"tenant": k.tenant, "contract": k.contract, "device": k.device}
    gone = "DELETE FROM device_key WHERE tenant = :tenant AND contract = :contract AND device = :device"
    return (Change(gone, place), insert("device_key", row, decides=True, unique="tenant, digest"))


def revoke_device_key(effect: r.RevokeDeviceKey) -> tuple[Change, ...]:
    """End a device's key; ending it twice is ending it once."""
    text = """UPDATE device_key SET revoked_at = COALESCE(revoked_at, :at)
        WHERE tenant = :tenant AND contract = :contract AND device = :device"""
    return (Change(text, msgspec.structs.asdict(effect) | {"at": to_db(effect.at)}, decides=True),)


def link_identity(effect: e.LinkIdentity) -> tuple[Change, ...]:
    """Insert whom a provider's subject is."""
    row: Row = {
        "tenant": effect.tenant,
        "provider": effect.provider,
        "subject": effect.subject,
        "user_id": effect.user_id,
        "created_at": to_db(effect.at),
    }
    return (insert("linked_identity", row, decides=True, unique="tenant, provider, subject"),)


def create_ticket(effect: e.CreateTicket) -> tuple[Change, ...]:
    """Insert a mailed link."""
    row = msgspec.structs.asdict(effect.ticket) | {"expires_at": to_db(effect.ticket.expires_at)}
    return (insert("ticket", row, decides=True, unique="digest"),)


def spend_ticket(effect: e.SpendTicket) -> tuple[Change, ...]:
    """Delete a mailed link, if it may still be followed."""
    text = "DELETE FROM ticket WHERE digest = :digest AND expires_at > :at"
    return (Change(text, {"digest": effect.digest, "at": to_db(effect.at)}, decides=True),)


def cancel_tickets(effect: e.CancelTickets) -> tuple[Change, ...]:
    """Delete a person's links of one purpose."""
    text = "DELETE FROM ticket WHERE tenant = :tenant AND user_id = :user_id AND purpose = :purpose"
    return (Change(text, msgspec.structs.asdict(effect)),)
