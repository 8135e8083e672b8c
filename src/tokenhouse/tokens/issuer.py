"""The issuer: an admitted decision becomes tokens, and the effects that make them true."""

from __future__ import annotations

import os
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from tokenhouse.model.decision import Decision, Step
from tokenhouse.model.effects import AdvanceRefresh, Effect, EndOldestSessions, OpenAuthorization, RenewAccess
from tokenhouse.model.records import Authorization
from tokenhouse.protocol.contract import OpaqueForm, SignedForm, TokenPlan
from tokenhouse.protocol.messages import IssuedToken, TokenResponse
from tokenhouse.protocol.names import STANDARD_CONTRACT, GrantType, TokenUse
from tokenhouse.tokens.facts import client_facts, default_audience, session_facts, user_facts
from tokenhouse.tokens.gate import Admitted
from tokenhouse.tokens.handle import Handle, Kind, SealKey, seconds
from tokenhouse.tokens.keys import KeyRing
from tokenhouse.tokens.mapping import combined, mapped
from tokenhouse.tokens.signing import jws
from tokenhouse.tokens.spelling import spell

_NONCE_BITS = 24
_ID_BITS = 63
_DRAWN_BYTES = 11
"""Eight of an id and three of a nonce, where there is no row to have them."""


class Issued(NamedTuple):
    """What to say and what to remember first. ``row`` None: a signed token that nothing needs to remember."""

    response: TokenResponse
    effects: tuple[Effect, ...]
    row: Authorization | None


class Issuer:
    """Makes tokens. Reads keys, draws random numbers, writes nothing."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    async def issue(self, admitted: Admitted) -> Issued:
        """Return the tokens of an admitted decision.

        Raises:
            MissingKey: no key signs or seals for this contract.

        """
        decision = admitted.decision
        now, tenant = decision.now, decision.caller.client.tenant
        await self._keys.refresh(now)
        plans = _plans(decision)
        if decision.step is Step.OPEN and not _needs_row(decision, plans):
            return self._stateless(decision, plans)
        seal = self._keys.sealing(tenant, now)
        row, effects = _row_and_effects(decision, plans, seal)
        seal = self._keys.sealer(row.seal_key) or seal
        return self._from_row(decision, plans, row, seal, effects)

    def _stateless(self, decision: Decision, plans: list[TokenPlan]) -> Issued:
        seal = self._keys.sealing(decision.caller.client.tenant, decision.now)
        drawn = os.urandom(_DRAWN_BYTES)
        handle = Handle(Kind.STATELESS, int.from_bytes(drawn[:8]), int.from_bytes(drawn[8:]), seconds(decision.now))
        facts = _facts(decision, None, seal)
        tokens = {
            plan.name: self._signed(
                decision, plan, seal.encipher(handle), issued_at=decision.now, row_ends=None, facts=facts
            )
            for plan in plans
        }
        return Issued(_response(decision, tokens, facts), (), None)

    def _from_row(
        self, decision: Decision, plans: list[TokenPlan], row: Authorization, seal: SealKey, effects: tuple[Effect, ...]
    ) -> Issued:
        keep = decision.step is Step.KEEP
        issued_at = decision.now if keep else row.advanced_at
        nonce = secrets.randbits(_NONCE_BITS) if keep else row.access_nonce
        access = Handle(Kind.ACCESS, row.id, nonce, seconds(issued_at))
        refresh = Handle(Kind.REFRESH, row.id, row.generation, seconds(row.advanced_at))
        facts = _facts(decision, row, seal)
        tokens: dict[str, IssuedToken] = {}
        for plan in plans:
            form = _form(decision, plan)
            if plan.use is not TokenUse.ACCESS:
                value = _opaque(form, refresh, row, seal)
                tokens[plan.name] = IssuedToken(plan.name, plan.use, value, row.issued_at, row.expires_at, not keep)
            elif isinstance(form, SignedForm):
                tokens[plan.name] = self._signed(
                    decision, plan, seal.encipher(access), issued_at=issued_at, row_ends=row.expires_at, facts=facts
                )
            else:
                value = _opaque(form, access, row, seal)
                ends = _earlier(_after(issued_at, _row_ttl(row)), row.expires_at)
                tokens[plan.name] = IssuedToken(plan.name, plan.use, value, issued_at, ends)
        return Issued(_response(decision, tokens, facts), effects, row)

    def _signed(
        self,
        decision: Decision,
        plan: TokenPlan,
        token_id: bytes,
        *,
        issued_at: datetime,
        row_ends: datetime | None,
        facts: dict[str, Any],
    ) -> IssuedToken:
        form = plan.form
        if not isinstance(form, SignedForm):
            msg = f"token {plan.name} is not a signed one"
            raise TypeError(msg)
        mount, client = decision.caller.mount, decision.caller.client
        alg = (client.alg or form.alg) if plan.opaque else form.alg
        key = self._keys.signing(mount.key_tenant, mount.contract.name, alg, decision.now)
        ends = _earlier(_earlier(_after(issued_at, _access_ttl(decision, plan)), row_ends), client.ends_at)
        token = {
            "id": token_id,
            "issued_at": issued_at,
            "expires_at": ends,
            "lifetime": None if ends is None else seconds(ends) - seconds(issued_at),
            "kind": plan.use.value,
            "scope": decision.scope,
        }
        told = facts | {"token": token, "key": key.facts}
        value = form.prefix + jws(key, form.header(told), form.claims(told))
        return IssuedToken(plan.name, plan.use, value, issued_at, ends)


def _plans(decision: Decision) -> list[TokenPlan]:
    """Return the tokens to be made: what the operation asks for, a refresh token only where it can be used."""
    subject = decision.account or (decision.authorization and decision.authorization.subject)
    renewable = subject and GrantType.REFRESH_TOKEN in decision.caller.client.grants
    return [
        plan
        for plan in decision.caller.mount.contract.tokens
        if (not decision.issues or plan.name in decision.issues) and (plan.use is not TokenUse.REFRESH or renewable)
    ]


def _form(decision: Decision, plan: TokenPlan) -> OpaqueForm | SignedForm:
    by_client = plan.opaque is not None and decision.caller.client.access_format == "opaque"
    return plan.opaque if by_client and plan.opaque else plan.form


def _needs_row(decision: Decision, plans: list[TokenPlan]) -> bool:
    return decision.account is not None or any(isinstance(_form(decision, plan), OpaqueForm) for plan in plans)


def _row_and_effects(
    decision: Decision, plans: list[TokenPlan], seal: SealKey
) -> tuple[Authorization, tuple[Effect, ...]]:
    now = decision.now
    account_version = decision.account.security_version if decision.account else None
    client_version = decision.caller.client.security_version
    row = decision.authorization
    if row is None:
        row = _new_row(decision, plans, seal)
        return row, (OpenAuthorization(row, account_version, client_version), *_limit(decision, row))
    if decision.step is Step.ADVANCE:
        nonce = secrets.randbits(_NONCE_BITS)
        effect = AdvanceRefresh(row.id, row.generation, now, nonce, account_version, client_version)
        moved = msgspec.structs.replace(
            row, generation=row.generation + 1, advanced_at=now, last_used_at=now, access_nonce=nonce
        )
        return moved, (effect,)
    if decision.step is Step.KEEP:
        return row, (RenewAccess(row.id, row.generation, now, account_version, client_version),)
    return row, ()


def _new_row(decision: Decision, plans: list[TokenPlan], seal: SealKey) -> Authorization:
    client, now = decision.caller.client, decision.now
    access = next((plan for plan in plans if plan.use is TokenUse.ACCESS), None)
    refresh = next((plan for plan in plans if plan.use is TokenUse.REFRESH), None)
    # A login that answers without an access token bounds those that its refreshes will make all the same.
    bounding = access or decision.caller.mount.contract.plan(TokenUse.ACCESS)
    longest = refresh.ttl if refresh else _access_ttl(decision, access) if access else None
    return Authorization(
        id=secrets.randbits(_ID_BITS),
        tenant=client.tenant,
        contract=decision.caller.mount.contract.name,
        client_id=client.client_id,
        subject=decision.account.user_id if decision.account else None,
        scope=decision.scope,
        seal_key=seal.key_id,
        issued_at=now,
        advanced_at=now,
        last_used_at=now,
        access_ttl_seconds=_whole(_access_ttl(decision, bounding) if bounding else None),
        access_nonce=secrets.randbits(_NONCE_BITS),
        has_refresh=refresh is not None,
        refresh_idle_seconds=_whole(refresh.idle_ttl) if refresh else None,
        device=decision.device,
        device_name=decision.device_name,
        expires_at=_earlier(_after(now, longest), client.ends_at),
        resources=tuple(resource.identifier for resource in decision.resources),
    )


def _access_ttl(decision: Decision, plan: TokenPlan) -> timedelta | None:
    """Return how long an access token lives: as its contract says, no longer than any of its resources allows."""
    if not decision.resources:
        return plan.ttl
    caps = [one.access_ttl_seconds for one in decision.resources if one.access_ttl_seconds is not None]
    if not caps:
        return plan.ttl
    cap = timedelta(seconds=min(caps))
    return cap if plan.ttl is None else min(plan.ttl, cap)


def _row_ttl(row: Authorization) -> timedelta | None:
    """Return how long an opaque access token lives: as its row says, which is what inspection goes by."""
    return None if row.access_ttl_seconds is None else timedelta(seconds=row.access_ttl_seconds)


def _limit(decision: Decision, row: Authorization) -> tuple[Effect, ...]:
    policy = decision.caller.mount.contract.session
    if policy.limit is None or row.subject is None:
        return ()
    return (
        EndOldestSessions(
            tenant=row.tenant,
            contract=row.contract,
            subject=row.subject,
            client_id=row.client_id if "client" in policy.per else None,
            device=row.device if "device" in policy.per else None,
            limit=policy.limit,
            at=decision.now,
        ),
    )


def _opaque(form: OpaqueForm | SignedForm, handle: Handle, row: Authorization, seal: SealKey) -> str:
    if not isinstance(form, OpaqueForm):
        msg = "a token that carries its login is opaque"
        raise TypeError(msg)
    return spell(form, seal.seal(handle, row.contract), seal)


def _facts(decision: Decision, row: Authorization | None, seal: SealKey) -> dict[str, Any]:
    return {
        "client": client_facts(decision.caller.client),
        "user": user_facts(decision.account) if decision.account else None,
        "session": session_facts(row, seal) if row else None,
        "granted": {"scope": decision.scope, "audience": _audience(decision)},
        "claims": _custom_claims(decision),
        "server": decision.caller.mount.server,
        "now": decision.now,
    }


def _audience(decision: Decision) -> tuple[str, ...]:
    if decision.resources:
        return tuple(resource.identifier for resource in decision.resources)
    return default_audience(decision.caller.client, decision.caller.mount)


def _custom_claims(decision: Decision) -> dict[str, Any]:
    """Return what client and resources want said; a legacy contract says what its own file says."""
    client = decision.caller.client
    wanted = client.claims or decision.resources
    if not wanted or decision.caller.mount.contract.name != STANDARD_CONTRACT:
        return {}
    return mapped(combined(client, decision.resources), client, decision.account)


def _response(decision: Decision, tokens: dict[str, IssuedToken], facts: dict[str, Any]) -> TokenResponse:
    client, user, session = facts["client"], facts["user"], facts["session"]
    return TokenResponse(
        tokens, decision.scope, decision.now, client, user, session, audience=facts["granted"]["audience"]
    )


def _after(at: datetime, ttl: timedelta | None) -> datetime | None:
    return None if ttl is None else at + ttl


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _whole(ttl: timedelta | None) -> int | None:
    return None if ttl is None else int(ttl.total_seconds())
