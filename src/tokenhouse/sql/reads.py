"""Every SELECT of the system, one text for every engine."""

from __future__ import annotations

from tokenhouse.sql.rows import (
    ACCOUNT,
    AUDIT,
    AUTHORIZATION,
    CLIENT,
    DEVICE_KEY,
    KEY,
    RESOURCE,
    SCOPE,
    SECRET,
    TICKET,
)

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
AUDIT_AFTER = f"""SELECT sequence, {AUDIT} FROM audit_record
  WHERE sequence > CASE WHEN :sequence < 0 THEN (SELECT COALESCE(MAX(sequence), 0) - 1 FROM audit_record)
    ELSE :sequence END ORDER BY sequence LIMIT :limit"""
AUDIT_END = "SELECT COALESCE(MAX(sequence), 0) FROM audit_record"
AUDIT_OF_REQUEST = f"""SELECT {AUDIT} FROM audit_record WHERE sequence > :above AND sequence <= :upto
  AND request_id = :request_id ORDER BY sequence"""
SESSIONS = f"""SELECT {AUTHORIZATION} FROM authorizations WHERE (:tenant IS NULL OR tenant = :tenant)
  AND (:subject IS NULL OR subject = :subject) AND (:contract IS NULL OR contract = :contract)
  AND (:client_id IS NULL OR client_id = :client_id) AND (:device IS NULL OR device = :device)
  AND (:live_at IS NULL OR (revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :live_at)))
  ORDER BY issued_at DESC, id DESC LIMIT :limit"""
SESSIONS_OF_SUBJECT = f"""SELECT {AUTHORIZATION} FROM authorizations
  WHERE tenant = :tenant AND subject = :subject AND revoked_at IS NULL AND subject IS NOT NULL
  AND (:contract IS NULL OR contract = :contract) AND (:client_id IS NULL OR client_id = :client_id)
  AND (:device IS NULL OR device = :device) AND (expires_at IS NULL OR expires_at > :live_at)
  ORDER BY issued_at DESC, id DESC LIMIT :limit"""
GUESSES = "SELECT used, started_at FROM guess WHERE budget = :budget"
IDENTITY = """SELECT user_id FROM linked_identity
  WHERE tenant = :tenant AND provider = :provider AND subject = :subject"""
TICKET_BY_DIGEST = f"SELECT {TICKET} FROM ticket WHERE digest = :digest"
RESOURCE_BY_ID = f"SELECT {RESOURCE} FROM resource WHERE tenant = :tenant AND identifier = :identifier"
RESOURCES = f"""SELECT {RESOURCE} FROM resource WHERE (:tenant IS NULL OR tenant = :tenant)
  ORDER BY tenant, identifier"""
SCOPE_BY_NAME = f"SELECT {SCOPE} FROM scope WHERE tenant = :tenant AND name = :name"
SCOPES = f"SELECT {SCOPE} FROM scope WHERE (:tenant IS NULL OR tenant = :tenant) ORDER BY tenant, name"
DEVICE_KEY_BY_DIGEST = f"SELECT {DEVICE_KEY} FROM device_key WHERE tenant = :tenant AND digest = :digest"
DEVICE_KEYS = f"""SELECT {DEVICE_KEY} FROM device_key WHERE (:tenant IS NULL OR tenant = :tenant)
  ORDER BY tenant, contract, device"""
REVISION = "SELECT version_num FROM alembic_version"
