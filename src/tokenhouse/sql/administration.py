"""The changes that operators make: tenants, clients, people, keys."""

from __future__ import annotations

import msgspec

from tokenhouse.model import effects as e
from tokenhouse.model.records import Account, ClientSecret
from tokenhouse.sql.change import Change, Row, encode_json, insert
from tokenhouse.sql.times import to_db, to_db_or_none


def create_tenant(effect: e.CreateTenant) -> tuple[Change, ...]:
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
    }
    return insert("client_secret", row)


def create_client(effect: e.CreateClient) -> tuple[Change, ...]:
    """Insert a client and its first secret."""
    c = effect.client
    row = msgspec.structs.asdict(c) | {
        "contracts": encode_json(c.contracts),
        "grants": encode_json(c.grants),
        "scopes": encode_json(c.scopes),
        "auth_methods": encode_json(c.auth_methods),
        "attributes": encode_json(c.attributes),
        "enabled": int(c.enabled),
        "created_at": to_db(c.created_at),
        "ends_at": to_db_or_none(c.ends_at),
    }
    added = insert("client", row, decides=True, unique="tenant, client_id")
    return (added,) if effect.secret is None else (added, _secret(c.tenant, c.client_id, effect.secret))


def add_secret(effect: e.AddClientSecret) -> tuple[Change, ...]:
    """Insert a secret and give the older ones an end."""
    key: Row = {"tenant": effect.tenant, "client_id": effect.client_id}
    touch = """UPDATE client SET security_version = security_version + 1
        WHERE tenant = :tenant AND client_id = :client_id"""
    end = """UPDATE client_secret SET expires_at = :end WHERE tenant = :tenant AND client_id = :client_id
        AND (expires_at IS NULL OR expires_at > :end)"""
    return (
        Change(touch, key, decides=True),
        Change(end, key | {"end": to_db(effect.others_end_at)}),
        _secret(effect.tenant, effect.client_id, effect.secret),
    )


def set_client_enabled(effect: e.SetClientEnabled) -> tuple[Change, ...]:
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
    }


def create_account(effect: e.CreateAccount) -> tuple[Change, ...]:
    """Insert a person and the names it goes by."""
    a = effect.account
    added = insert("account", _account_row(a), decides=True, unique="tenant, user_id")
    names = [
        insert(
            "identifier",
            {"tenant": a.tenant, "kind": kind, "canonical": canonical, "user_id": a.user_id},
            decides=True,
            unique="tenant, kind, canonical",
        )
        for kind, canonical in effect.identifiers
    ]
    return (added, *names)


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
    """End every login of a person, also one that is being checked right now."""
    key: Row = {"tenant": effect.tenant, "subject": effect.subject}
    touch = """UPDATE account SET security_version = security_version + 1
        WHERE tenant = :tenant AND user_id = :subject"""
    end = """UPDATE authorizations SET revoked_at = :at
        WHERE tenant = :tenant AND subject = :subject AND revoked_at IS NULL"""
    return (Change(touch, key), Change(end, key | {"at": to_db(effect.at)}))


def add_key(effect: e.AddKey) -> tuple[Change, ...]:
    """Insert a key."""
    k = effect.key
    row = msgspec.structs.asdict(k) | {
        "created_at": to_db(k.created_at),
        "activates_at": to_db(k.activates_at),
        "retires_at": to_db_or_none(k.retires_at),
    }
    return (insert("key_record", row, decides=True, unique="key_id"),)


def retire_keys(effect: e.RetireKeys) -> tuple[Change, ...]:
    """Give the older keys of one purpose an end."""
    text = """UPDATE key_record SET retires_at = :retires_at WHERE tenant = :tenant AND contract = :contract
        AND purpose = :purpose AND alg = :alg AND key_id <> :except_key
        AND (retires_at IS NULL OR retires_at > :retires_at)"""
    return (Change(text, msgspec.structs.asdict(effect) | {"retires_at": to_db(effect.retires_at)}),)
