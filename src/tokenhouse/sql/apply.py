"""The single list of everything the system can change: effect -> statements.

A change that ``decides`` must touch a row; when it does not, the effect's ``otherwise`` is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tokenhouse.model import effects as e
from tokenhouse.model import registrations as r
from tokenhouse.sql import administration, registry
from tokenhouse.sql.change import Change, Row, insert
from tokenhouse.sql.times import to_db, to_db_or_none

_SAME_ACCOUNT = """(:account_version IS NULL OR EXISTS (
      SELECT 1 FROM account WHERE account.tenant = {tenant} AND account.user_id = {subject}
      AND account.security_version = :account_version))"""
_SAME_CLIENT = """EXISTS (
      SELECT 1 FROM client WHERE client.tenant = {tenant} AND client.client_id = {client_id}
      AND client.security_version = :client_version)"""

_OPEN = f"""INSERT INTO authorizations (id, tenant, contract, client_id, subject, scope, seal_key, issued_at,
    advanced_at, last_used_at, access_ttl_seconds, generation, access_nonce, has_refresh, refresh_idle_seconds, device,
    device_name, expires_at, revoked_at, resources)
  SELECT :id, :tenant, :contract, :client_id, :subject, :scope, :seal_key, :issued_at, :advanced_at,
    :last_used_at, :access_ttl_seconds, :generation, :access_nonce, :has_refresh, :refresh_idle_seconds, :device,
    :device_name, :expires_at, NULL, :resources
  WHERE {_SAME_ACCOUNT.format(tenant=":tenant", subject=":subject")}
    AND {_SAME_CLIENT.format(tenant=":tenant", client_id=":client_id")}"""

_STILL_MINE = f"""id = :id AND generation = :generation AND revoked_at IS NULL
    AND {_SAME_ACCOUNT.format(tenant="authorizations.tenant", subject="authorizations.subject")}
    AND {_SAME_CLIENT.format(tenant="authorizations.tenant", client_id="authorizations.client_id")}"""

_ADVANCE = f"""UPDATE authorizations SET generation = generation + 1, advanced_at = :at, last_used_at = :at,
    access_nonce = :access_nonce WHERE {_STILL_MINE}"""  # noqa: S608 -- fragments are constants

_RENEW = f"UPDATE authorizations SET last_used_at = :at WHERE {_STILL_MINE}"  # noqa: S608 -- fragments are constants

_END_OLDEST = """UPDATE authorizations SET revoked_at = :at WHERE tenant = :tenant AND contract = :contract
    AND subject = :subject AND revoked_at IS NULL
    AND (:client_id IS NULL OR client_id = :client_id) AND (:device IS NULL OR device = :device)
    AND id NOT IN (SELECT id FROM authorizations WHERE tenant = :tenant AND contract = :contract
      AND subject = :subject AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :at)
      AND (:client_id IS NULL OR client_id = :client_id) AND (:device IS NULL OR device = :device)
      ORDER BY issued_at DESC, id DESC LIMIT :limit)"""

# A window that is wholly in the future was opened by a clock that has been set back since.
_OVER = "(guess.started_at <= :window_start OR guess.started_at > :window_end)"

# Where the guess that is spent last locks, the window starts again with it.
_RESERVE = f"""INSERT INTO guess (budget, used, started_at) VALUES (:budget, 1, :at)
  ON CONFLICT (budget) DO UPDATE SET
    used = CASE WHEN {_OVER} THEN 1 ELSE guess.used + 1 END,
    started_at = CASE WHEN {_OVER} OR (:locks AND guess.used + 1 >= :limit) THEN :at ELSE guess.started_at END
  WHERE {_OVER} OR guess.used < :limit"""  # noqa: S608 -- fragments are constants


def _open(effect: e.OpenAuthorization) -> tuple[Change, ...]:
    a = effect.authorization
    row: Row = {
        "id": a.id,
        "tenant": a.tenant,
        "contract": a.contract,
        "client_id": a.client_id,
        "subject": a.subject,
        "scope": " ".join(a.scope),
        "seal_key": a.seal_key,
        "issued_at": to_db(a.issued_at),
        "advanced_at": to_db(a.advanced_at),
        "last_used_at": to_db(a.last_used_at),
        "access_ttl_seconds": a.access_ttl_seconds,
        "generation": a.generation,
        "access_nonce": a.access_nonce,
        "has_refresh": int(a.has_refresh),
        "refresh_idle_seconds": a.refresh_idle_seconds,
        "device": a.device,
        "device_name": a.device_name,
        "expires_at": to_db_or_none(a.expires_at),
        "resources": " ".join(a.resources),
        "account_version": effect.account_version,
        "client_version": effect.client_version,
    }
    return (Change(_OPEN, row, decides=True),)


def _advance(effect: e.AdvanceRefresh) -> tuple[Change, ...]:
    row = {
        "id": effect.id,
        "generation": effect.generation,
        "at": to_db(effect.at),
        "access_nonce": effect.access_nonce,
        "account_version": effect.account_version,
        "client_version": effect.client_version,
    }
    return (Change(_ADVANCE, row, decides=True),)


def _renew(effect: e.RenewAccess) -> tuple[Change, ...]:
    row = {
        "id": effect.id,
        "generation": effect.generation,
        "at": to_db(effect.at),
        "account_version": effect.account_version,
        "client_version": effect.client_version,
    }
    return (Change(_RENEW, row, decides=True),)


def _end_oldest(effect: e.EndOldestSessions) -> tuple[Change, ...]:
    row = msgspec.structs.asdict(effect) | {"at": to_db(effect.at)}
    return (Change(_END_OLDEST, row),)


def _revoke(effect: e.RevokeAuthorization) -> tuple[Change, ...]:
    text = "UPDATE authorizations SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL"
    return (Change(text, {"id": effect.id, "at": to_db(effect.at)}),)


def _revoke_token(effect: e.RevokeToken) -> tuple[Change, ...]:
    row = {"handle": effect.handle, "expires_at": to_db(effect.expires_at)}
    return (insert("revoked_token", row, unique="handle"),)


def _reserve(effect: e.ReserveGuess) -> tuple[Change, ...]:
    row = {"budget": effect.budget, "limit": effect.limit, "at": to_db(effect.at), "locks": int(effect.locks)}
    return (Change(_RESERVE, row | _window(effect.at, effect.window_seconds), decides=True),)


def _window(at: datetime, seconds: int) -> Row:
    length = timedelta(seconds=seconds)
    return {"window_start": to_db(at - length), "window_end": to_db(at + length)}


def _return_guess(effect: e.ReturnGuess) -> tuple[Change, ...]:
    row = {"budget": effect.budget}
    return (
        Change("UPDATE guess SET used = used - 1 WHERE budget = :budget AND used > 0", row),
        Change("DELETE FROM guess WHERE budget = :budget AND used = 0", row),
    )


def _clear_guesses(effect: e.ClearGuesses) -> tuple[Change, ...]:
    return (Change("DELETE FROM guess WHERE budget = :budget", {"budget": effect.budget}),)


def _replace_password(effect: e.ReplacePassword) -> tuple[Change, ...]:
    text = """UPDATE account SET password = :new
        WHERE tenant = :tenant AND user_id = :user_id AND password = :old"""
    return (Change(text, msgspec.structs.asdict(effect)),)


def _note_sign_in(effect: e.NoteSignIn) -> tuple[Change, ...]:
    text = "UPDATE account SET signed_in_at = :at WHERE tenant = :tenant AND user_id = :user_id"
    return (Change(text, msgspec.structs.asdict(effect) | {"at": to_db(effect.at)}),)


def _audit(effect: e.RecordAudit) -> tuple[Change, ...]:
    row = msgspec.structs.asdict(effect.record) | {"at": to_db(effect.record.at)}
    return (insert("audit_record", row),)


def _prune(effect: e.Prune) -> tuple[Change, ...]:
    return (
        Change(f"DELETE FROM guess WHERE {_OVER}", _window(effect.at, effect.window_seconds)),  # noqa: S608 -- a constant
        Change("DELETE FROM revoked_token WHERE expires_at <= :at", {"at": to_db(effect.at)}),
        Change("DELETE FROM ticket WHERE expires_at <= :at", {"at": to_db(effect.at)}),
    )


CHANGES: dict[type[e.Effect], Callable[[Any], tuple[Change, ...]]] = {
    e.OpenAuthorization: _open,
    e.AdvanceRefresh: _advance,
    e.RenewAccess: _renew,
    e.EndOldestSessions: _end_oldest,
    e.RevokeAuthorization: _revoke,
    e.RevokeToken: _revoke_token,
    e.ReserveGuess: _reserve,
    e.ReturnGuess: _return_guess,
    e.ClearGuesses: _clear_guesses,
    e.ReplacePassword: _replace_password,
    e.NoteSignIn: _note_sign_in,
    e.LinkIdentity: registry.link_identity,
    e.CreateTicket: registry.create_ticket,
    e.SpendTicket: registry.spend_ticket,
    e.CancelTickets: registry.cancel_tickets,
    e.RecordAudit: _audit,
    r.CreateTenant: administration.create_tenant,
    r.CreateClient: administration.create_client,
    r.AddClientSecret: administration.add_secret,
    r.SetClientEnabled: administration.set_client_enabled,
    r.ReplaceClient: administration.replace_client,
    e.CreateAccount: administration.create_account,
    e.ReplaceAccount: administration.replace_account,
    e.SetPassword: administration.set_password,
    e.SetAccountState: administration.set_account_state,
    e.EndSessions: administration.end_sessions,
    e.EndDeviceSessions: administration.end_device_sessions,
    r.PutResource: registry.put_resource,
    r.DeleteResource: registry.delete_resource,
    r.PutScope: registry.put_scope,
    r.DeleteScope: registry.delete_scope,
    r.CreateDeviceKey: registry.create_device_key,
    r.RevokeDeviceKey: registry.revoke_device_key,
    e.Prune: _prune,
    r.AddKey: administration.add_key,
    r.RetireKeys: administration.retire_keys,
}


def changes(effect: e.Effect) -> tuple[Change, ...]:
    """Return the statements of one effect, in order."""
    return CHANGES[type(effect)](effect)
