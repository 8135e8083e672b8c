"""Protected calls: somebody who holds a token asks for something that is not a token.

The token comes first, as any token is judged where it is used; then whose it is; then, where the call wants one, the
client's secret; and only then what was wrong with the message. Spec: RFC 6750 §3.1 for the refusals.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from tokenhouse.accounts.people import People
from tokenhouse.audit import events
from tokenhouse.clients.authentication import Clients
from tokenhouse.endpoints.bearers import Bearers
from tokenhouse.endpoints.endings import ending_of, told
from tokenhouse.endpoints.profiles import Profiles, Written
from tokenhouse.model.effects import ClearGuesses, Conflict, Effect, RaceLost, RenewAccess
from tokenhouse.model.records import Account
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Mount
from tokenhouse.protocol.messages import CallRequest, TokenResponse
from tokenhouse.protocol.names import CallKind
from tokenhouse.protocol.refusals import Busy, InvalidRequest, InvalidToken, NotFound, Refusal
from tokenhouse.store.ports import Ledger
from tokenhouse.tokens.inspection import Live

_TRIES = 3
"""A lost race is decided again on what is there now, as the token corridor does."""


class Calls:
    """Answers the protected calls of every contract."""

    def __init__(
        self,
        bearers: Bearers,
        clients: Clients,
        people: People,
        profiles: Profiles,
        store: Ledger,
    ) -> None:
        self._bearers = bearers
        self._clients = clients
        self._people = people
        self._profiles = profiles
        self._store = store
        self._acts: dict[CallKind, Callable[[CallRequest, Live, Account | None], Awaitable[Written]]] = {
            CallKind.INTROSPECT: self._introspect,
            CallKind.UNLOCK: self._unlock,
            CallKind.REVOKE: self._revoke,
            CallKind.REGISTER: self._register,
            CallKind.UPDATE: self._update,
        }

    async def answer(self, request: CallRequest, mount: Mount) -> TokenResponse:
        """Return the facts that the contract's answer may say; there are no tokens among them.

        Raises:
            Refusal: with whatever must be remembered all the same.

        """
        for _ in range(_TRIES):
            try:
                return await self._walk(request, mount)
            except (RaceLost, Conflict):
                continue
        raise Busy(Cause.BUSY, retry_after=1)

    async def _walk(self, request: CallRequest, mount: Mount) -> TokenResponse:
        if request.profile is not None and request.profile.password is not None:
            self._profiles.require_room()
        token = await self._bearers.require(request, mount)
        proof = await self._prove_client(request, mount, token)
        try:
            return await self._act(request, token, proof)
        except Refusal as refusal:
            # The client did prove itself: what it reserved for that is given back, whatever else is wrong.
            refusal.carrying(*proof)
            raise
        except (RaceLost, Conflict):
            if proof:
                await self._store.commit(proof)
            raise

    async def _prove_client(self, request: CallRequest, mount: Mount, token: Live) -> tuple[Effect, ...]:
        """Let the client prove itself where the call wants that; it has to be the one to whom the token was issued.

        Raises:
            InvalidClient, Limited, Busy: see `Clients.authenticate`.
            InvalidToken: the token was issued to another client.

        """
        credentials = request.credentials
        if credentials is None:
            return ()
        if credentials.client_id is None and not credentials.malformed:
            credentials = replace(credentials, client_id=token.client.client_id)
        caller = await self._clients.authenticate(credentials, mount, request.source, request.now)
        if (caller.client.tenant, caller.client.client_id) != (token.client.tenant, token.client.client_id):
            raise InvalidToken(Cause.FOREIGN_TOKEN).carrying(*caller.effects)
        return caller.effects

    async def _act(self, request: CallRequest, token: Live, proof: tuple[Effect, ...]) -> TokenResponse:
        if request.fault is not None:
            raise request.fault
        person = await self._find_person(request, token)
        written = await self._acts[request.does](request, token, person)
        effects = (*proof, *written.effects)
        if effects:
            await self._store.commit(effects)
        return await self._bearers.say(request, token, written.person)

    async def _find_person(self, request: CallRequest, token: Live) -> Account | None:
        """Return whom the call is about; None: nobody but the client.

        Raises:
            InvalidToken: a person's token names somebody else.
            NotFound: nobody of the client's tenant goes by that name.

        """
        if request.identifier is None:
            return token.account
        found = await self._people.find(token.found.tenant, request.identifier)
        if token.account is not None and (found is None or found.user_id != token.account.user_id):
            raise InvalidToken(Cause.WRONG_BEARER)
        if found is None:
            raise NotFound(Cause.NOT_FOUND, field=request.identifier.kind.value)
        return found

    async def _introspect(self, _request: CallRequest, _token: Live, person: Account | None) -> Written:
        return Written(person, ())

    async def _unlock(self, request: CallRequest, token: Live, person: Account | None) -> Written:
        """Lift the lockout at this contract; the guessing budgets stay as they are, and so does an operator's lock."""
        person = _require(person)
        budget = await self._people.lockout_budget(person, token.found.mount.contract.name, request.now)
        return Written(person, (ClearGuesses(budget), told(events.UNLOCK, request, token, person)))

    async def _revoke(self, request: CallRequest, token: Live, person: Account | None) -> Written:
        return Written(person, await ending_of(request, token, person, self._bearers.inspection))

    async def _register(self, request: CallRequest, token: Live, _person: Account | None) -> Written:
        written = await self._profiles.register(request, token)
        return await self._guarded(events.REGISTER, request, token, written)

    async def _update(self, request: CallRequest, token: Live, person: Account | None) -> Written:
        written = await self._profiles.update(request, token, _require(person))
        return await self._guarded(events.UPDATE, request, token, written) if written.effects else written

    async def _guarded(self, event: str, request: CallRequest, token: Live, written: Written) -> Written:
        """Return what is written, on condition that the token is still good: hashing takes its time.

        Raises:
            InvalidToken: it has ended since.

        """
        if written.has_hashed:
            token = await self._bearers.require(request, token.found.mount)
        person = written.person
        assert person is not None, "somebody was written"
        record = told(event, request, token, person, "password" if written.has_hashed else "")
        return written._replace(effects=(*_still_good(token), *written.effects, record))


def _still_good(token: Live) -> tuple[Effect, ...]:
    """Return the condition that login, person and client are as they were read; it changes nothing else."""
    row = token.found.row
    if row is None:
        return ()
    version = token.account.security_version if token.account else None
    return (RenewAccess(row.id, row.generation, row.last_used_at, version, token.client.security_version),)


def _require(person: Account | None) -> Account:
    if person is None:
        raise InvalidRequest(Cause.MISSING, field="user_id")
    return person
