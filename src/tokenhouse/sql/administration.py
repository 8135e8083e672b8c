"""The changes that operators make: tenants, clients, people, keys."""

from __future__ import annotations

import msgspec

from tokenhouse.model import effects as e
from tokenhouse.model import registrations as r
from tokenhouse.model.records import Account, Client, ClientSecret
from tokenhouse.sql.change import Change, Row, encode_json, insert
from tokenhouse.sql.times import to_db, to_db_or_none


def create_tenant(effect: r.CreateTenant) -> tuple[Change, ...]:
    """Insert a tenant."""
    t = effect.tenant
    row = {"name": t.name, "enabled": int(t.enabled), "created_at": to_db(t.created_at)}
    return (insert("tenant", row, decides=True, unique="name"),)


def _secret(tenant: str, client_id: str, secret: ClientSecret) -> Change:
    row = {
        "tenant": tenant,
        "client_id": client_id,
        "secret_id": secret.secret_id,
        "scheme": secret.scheme,
        "verifier": secret.verifier,
        "created_at": to_db(secret.created_at),
        "expires_at": to_db_or_none(secret.expires_at),
        "slot": secret.slot,
    }
    return insert("client_secret", row)


def _client_row(c: Client) -> Row:
    return msgspec.structs.asdict(c) | {
        "contracts": encode_json(c.contracts),
        "grants": encode_json(c.grants),
        "scopes": encode_json(c.scopes),
        "auth_methods": encode_json(c.auth_methods),
        "attributes": encode_json(c.attributes),
        "enabled": int(c.enabled),
        "created_at": to_db(c.created_at),
        "ends_at": to_db_or_none(c.ends_at),
        "resources": encode_json(c.resources),
        "claims": encode_json(c.claims),
        "password_ends_at": to_db_or_none(c.password_ends_at),
    }


def create_client(effect: r.CreateClient) -> tuple[Change, ...]:
    """Insert a client and its first secret."""
    c = effect.client
    added = insert("client", _client_row(c), decides=True, unique="tenant, client_id")
    return (added,) if effect.secret is None else (added, _secret(c.tenant, c.client_id, effect.secret))


def replace_client(effect: r.ReplaceClient) -> tuple[Change, ...]:
    """Write a registration anew, unless somebody else did since it was read."""
    text = """UPDATE client SET name = :name, contracts = :contracts, grants = :grants, scopes = :scopes,
        auth_methods = :auth_methods, audience = :audience, access_format = :access_format, alg = :alg,
        introspection = :introspection, ends_at = :ends_at, attributes = :attributes, resources = :resources,
        claims = :claims, password_ends_at = :password_ends_at, security_version = security_version + 1
        WHERE tenant = :tenant AND client_id = :client_id AND security_version = :security_version"""
    return (Change(text, _client_row(effect.client), decides=True),)


def add_secret(effect: r.AddClientSecret) -> tuple[Change, ...]:
    """Insert a secret and give the older ones of its slot an end."""
    key: Row = {"tenant": effect.tenant, "client_id": effect.client_id}
    touch = """UPDATE client SET security_version = security_version + 1
        WHERE tenant = :tenant AND client_id = :client_id"""
    end = """UPDATE client_secret SET expires_at = :end WHERE tenant = :tenant AND client_id = :client_id
        AND slot = :slot AND (expires_at IS NULL OR expires_at > :end)"""
    return (
        Change(touch, key, decides=True),
        Change(end, key | {"end": to_db(effect.others_end_at), "slot": effect.secret.slot}),
        _secret(effect.tenant, effect.client_id, effect.secret),
    )


def set_client_enabled(effect: r.SetClientEnabled) -> tuple[Change, ...]:
    """Enable or disable a client."""
    text = """UPDATE client SET enabled = :enabled, security_version = security_version + 1
        WHERE tenant = :tenant AND client_id = :client_id"""
    row = msgspec.structs.asdict(effect) | {"enabled": int(effect.enabled)}
    return (Change(text, row, decides=True),)


def _account_row(a: Account) -> Row:
    return msgspec.structs.asdict(a) | {
        "attributes": encode_json(a.attributes),
        "enabled": int(a.enabled),
        "created_at": to_db(a.created_at),
        "locked_at": to_db_or_none(a.locked_at),
        "roles": encode_json(a.roles),
        "groups": encode_json(a.groups),
        "email_verified_at": to_db_or_none(a.email_verified_at),
        "signed_in_at": to_db_or_none(a.signed_in_at),
    }


def _names(a: Account, identifiers: tuple[tuple[str, str], ...]) -> list[Change]:
    return [
        insert(
            "identifier",
            {"tenant": a.tenant, "kind": kind, "canonical": canonical, "user_id": a.user_id},
            decides=True,
            unique="tenant, kind, canonical",
        )
        for kind, canonical in identifiers
    ]


def create_account(effect: e.CreateAccount) -> tuple[Change, ...]:
    """Insert a person and the names it goes by."""
    a = effect.account
    added = insert("account", _account_row(a), decides=True, unique="tenant, user_id")
    return (added, *_names(a, effect.identifiers))


def replace_account(effect: e.ReplaceAccount) -> tuple[Change, ...]:
    """Write a person anew, unless somebody else did since it was read."""
    a = effect.account
    text = """UPDATE account SET username = :username, email = :email, phone = :phone, name = :name,
        attributes = :attributes, roles = :roles, groups = :groups, email_verified_at = :email_verified_at,
        security_version = security_version + 1
        WHERE tenant = :tenant AND user_id = :user_id AND security_version = :security_version"""
    gone = "DELETE FROM identifier WHERE tenant = :tenant AND user_id = :user_id"
    return (
        Change(text, _account_row(a), decides=True),
        Change(gone, {"tenant": a.tenant, "user_id": a.user_id}),
        *_names(a, effect.identifiers),
    )


def set_password(effect: e.SetPassword) -> tuple[Change, ...]:
    """Set a password."""
    text = """UPDATE account SET password = :password, password_form = :form, security_version = security_version + 1
        WHERE tenant = :tenant AND user_id = :user_id"""
    return (Change(text, msgspec.structs.asdict(effect), decides=True),)


def set_account_state(effect: e.SetAccountState) -> tuple[Change, ...]:
    """Lock, unlock, enable or disable a person."""
    text = """UPDATE account SET locked_at = :locked_at, enabled = :enabled, security_version = security_version + 1
        WHERE tenant = :tenant AND user_id = :user_id"""
    row = msgspec.structs.asdict(effect) | {
        "enabled": int(effect.enabled),
        "locked_at": to_db_or_none(effect.locked_at),
    }
    return (Change(text, row, decides=True),)


def end_sessions(effect: e.EndSessions) -> tuple[Change, ...]:
    """End every login of a person but one, also those that are being checked right now."""
    key: Row = {"tenant": effect.tenant, "subject": effect.subject}
    touch = """UPDATE account SET security_version = security_version + 1
        WHERE tenant = :tenant AND user_id = :subject"""
    end = """UPDATE authorizations SET revoked_at = :at
        WHERE tenant = :tenant AND subject = :subject AND revoked_at IS NULL
        AND (:except_id IS NULL OR id <> :except_id)"""
    return (Change(touch, key), Change(end, key | {"at": to_db(effect.at), "except_id": effect.except_id}))


def end_device_sessions(effect: e.EndDeviceSessions) -> tuple[Change, ...]:
    """End every login of a person on one device."""
    text = """UPDATE authorizations SET revoked_at = :at WHERE tenant = :tenant AND subject = :subject
        AND (:contract IS NULL OR contract = :contract) AND device = :device AND revoked_at IS NULL"""
    return (Change(text, msgspec.structs.asdict(effect) | {"at": to_db(effect.at)}),)


def add_key(effect: r.AddKey) -> tuple[Change, ...]:
    """Insert a key."""
    k = effect.key
    row = msgspec.structs.asdict(k) | {
        "created_at": to_db(k.created_at),
        "activates_at": to_db(k.activates_at),
        "retires_at": to_db_or_none(k.retires_at),
    }
    return (insert("key_record", row, decides=True, unique="key_id"),)


def retire_keys(effect: r.RetireKeys) -> tuple[Change, ...]:
    """Give the older keys of one purpose an end."""
    text = """UPDATE key_record SET retires_at = :retires_at WHERE tenant = :tenant AND contract = :contract
        AND purpose = :purpose AND alg = :alg AND key_id <> :except_key
        AND (retires_at IS NULL OR retires_at > :retires_at)"""
    return (Change(text, msgspec.structs.asdict(effect) | {"retires_at": to_db(effect.retires_at)}),)
