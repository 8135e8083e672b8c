"""The assertion grant: a provider elsewhere has proven the person; who is new gets an account on the spot.

A provider's subject is a person of its own: an e-mail address that somebody here has already links nobody, because it
would let whoever has it there take over whoever has it here. Account, link and login are one commit.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from tokenhouse.accounts.choosing import new_user_id
from tokenhouse.accounts.identifiers import canonical, names
from tokenhouse.accounts.rules import LONGEST_NAME, find_name_flaw
from tokenhouse.audit import events
from tokenhouse.grants.scope import grant_scope
from tokenhouse.model.decision import Caller, Decision, Step
from tokenhouse.model.effects import CreateAccount, Effect, LinkIdentity, NoteSignIn
from tokenhouse.model.records import Account
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import ProviderProof, TokenRequest
from tokenhouse.protocol.names import GrantType, IdentifierKind
from tokenhouse.protocol.refusals import InvalidGrant, InvalidRequest
from tokenhouse.providers.identity import ProvenIdentity
from tokenhouse.store.ports import AccountReader, IdentityReader


class Prover(Protocol):
    """Asks providers."""

    async def prove(self, tenant: str, proof: ProviderProof, now: datetime) -> ProvenIdentity:
        """Return whom the proof names; raise the refusal otherwise."""
        ...


class IdentityStore(AccountReader, IdentityReader, Protocol):
    """The ports that the grant reads."""


class Assertion:
    """Decides `assertion`."""

    grant_type = GrantType.ASSERTION

    def __init__(self, prover: Prover, reader: IdentityStore) -> None:
        self._prover = prover
        self._reader = reader

    async def decide(self, request: TokenRequest, caller: Caller) -> Decision:
        """Return what the person whom a provider has proven lets the client have.

        Raises:
            InvalidRequest: no proof, or what `Prover.prove` says.
            InvalidScope: more than the client may ask for; judged before the provider is asked.
            InvalidGrant, Busy: see `Prover.prove`.

        """
        if request.proof is None:
            raise InvalidRequest(Cause.MISSING, field="provider")
        scope = grant_scope(request.scope, caller.client.scopes, caller.mount.contract)
        proven = await self._prover.prove(caller.client.tenant, request.proof, request.now)
        account, effects = await self._find_or_create(proven, caller, request)
        return Decision(
            caller,
            Step.OPEN,
            scope,
            request.now,
            account=account,
            device=request.device,
            device_name=request.device_name,
            issues=request.issues,
            effects=(*effects, NoteSignIn(account.tenant, account.user_id, request.now)),
        )

    async def _find_or_create(
        self, proven: ProvenIdentity, caller: Caller, request: TokenRequest
    ) -> tuple[Account, tuple[Effect, ...]]:
        tenant, now = caller.client.tenant, request.now
        user_id = await self._reader.find_identity(tenant, proven.provider, proven.subject)
        if user_id is not None:
            account = await self._reader.find_account_by_id(tenant, user_id)
            if account is None:
                raise InvalidGrant(Cause.UNKNOWN_USER)
            return account, ()
        account = await self._new_account(proven, caller, now)
        link = LinkIdentity(tenant, proven.provider, proven.subject, account.user_id, now)
        told = events.of_person(
            events.REGISTER,
            account,
            caller.mount.contract.name,
            client_id=caller.client.client_id,
            now=now,
            request_id=request.id,
            source=request.source,
            reason=proven.provider,
        )
        return account, (CreateAccount(account, names(account), raced=True), link, told)

    async def _new_account(self, proven: ProvenIdentity, caller: Caller, now: datetime) -> Account:
        email = await self._free_address(proven, caller.client.tenant)
        return Account(
            tenant=caller.client.tenant,
            user_id=new_user_id(caller.mount.contract.credentials.get("user_id")),
            username=None,
            email=email,
            phone=None,
            name=_shown(proven.name),
            password=None,
            created_at=now,
            email_verified_at=now if email else None,
        )

    async def _free_address(self, proven: ProvenIdentity, tenant: str) -> str | None:
        """Return the proven address if it can be a person's here and nobody has it."""
        email = proven.email
        if not proven.email_verified or not email or find_name_flaw(None, email, None) is not None:
            return None
        taken = await self._reader.find_account(tenant, "email", canonical(IdentifierKind.EMAIL, email))
        return None if taken else email


def _shown(name: str | None) -> str | None:
    """Return a name as it may be kept; what a provider says of somebody is not refused for its looks."""
    printable = "".join(character for character in name or "" if character.isprintable())
    return printable[:LONGEST_NAME] or None
