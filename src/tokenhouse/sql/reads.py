"""Every SELECT of the system, one text for every engine."""

from __future__ import annotations

from tokenhouse.sql.rows import ACCOUNT, AUDIT, AUTHORIZATION, CLIENT, KEY, SECRET

# ruff: noqa: S608 -- the inserted fragments are the column lists of rows.py

CLIENT_OF_TENANT = f"SELECT {CLIENT} FROM client WHERE client_id = :client_id AND tenant = :tenant"
CLIENT_OF_ANY = f"SELECT {CLIENT} FROM client WHERE client_id = :client_id ORDER BY tenant"
CLIENTS = f"""SELECT {CLIENT} FROM client WHERE (:tenant IS NULL OR tenant = :tenant)
  ORDER BY tenant, client_id"""
SECRETS = f"""SELECT {SECRET} FROM client_secret WHERE tenant = :tenant AND client_id = :client_id
  ORDER BY created_at DESC, secret_id"""
TENANT_ENABLED = "SELECT enabled FROM tenant WHERE name = :tenant"
TENANTS = "SELECT name, enabled, created_at FROM tenant ORDER BY name"
ACCOUNT_BY_IDENTIFIER = f"""SELECT {ACCOUNT} FROM identifier
  JOIN account ON account.tenant = identifier.tenant AND account.user_id = identifier.user_id
  WHERE identifier.tenant = :tenant AND kind = :kind AND canonical = :canonical"""
ACCOUNT_BY_ID = f"SELECT {ACCOUNT} FROM account WHERE tenant = :tenant AND user_id = :user_id"
ACCOUNTS = f"""SELECT {ACCOUNT} FROM account WHERE (:tenant IS NULL OR tenant = :tenant)
  ORDER BY tenant, user_id LIMIT :limit"""
AUTHORIZATION_BY_ID = f"SELECT {AUTHORIZATION} FROM authorizations WHERE id = :id"
TOKEN_REVOKED = "SELECT 1 FROM revoked_token WHERE handle = :handle"
KEYS = f"SELECT {KEY} FROM key_record ORDER BY created_at, key_id"
AUDIT_NEWEST = f"""SELECT {AUDIT} FROM audit_record WHERE (:since IS NULL OR at >= :since)
  ORDER BY sequence DESC LIMIT :limit"""
REVISION = "SELECT version_num FROM alembic_version"
