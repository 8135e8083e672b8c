"""The gate before an endpoint, whatever the framework: find, authenticate, decide; and refuse in the right words."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from tokenhouse_verify.answers import REQUEST_ID, Answer
from tokenhouse_verify.authentication import TokenAuthentication
from tokenhouse_verify.credential import KINDS, Credential, Kind
from tokenhouse_verify.errors import (
    InsufficientScope,
    InvalidToken,
    MissingToken,
    Reason,
    Refusal,
    require_scope_tokens,
)
from tokenhouse_verify.presentation import Presentation
from tokenhouse_verify.token import Token

_log = logging.getLogger("tokenhouse_verify")
_REQUEST_ID: Final = REQUEST_ID.lower().encode()
_GOOD_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an endpoint needs: all of ``scope``, one of ``kinds``, presented as ``presentation`` says.

    ``kinds`` None: any; ``presentation`` None: the gate's.
    """

    scope: tuple[str, ...] = ()
    kinds: frozenset[Kind] | None = None
    presentation: Presentation | None = None


def make_requirement(
    scope: tuple[str, ...], kinds: Collection[Kind] | None, presentation: Presentation | None
) -> Requirement:
    """Return the requirement.

    Raises:
        ValueError: a scope that nobody can have, or a kind that is never presented.

    """
    require_scope_tokens(scope)
    known = frozenset(KINDS) if presentation is None else presentation.kinds
    if kinds is not None and (isinstance(kinds, str) or not kinds or not known.issuperset(kinds)):
        raise ValueError(f"kinds are some of {', '.join(sorted(known))}")
    return Requirement(scope, None if kinds is None else frozenset(kinds), presentation)


class Gate:
    """What is accepted, and where it is looked for. A visit is one request at it."""

    def __init__(
        self,
        *,
        authentication: TokenAuthentication,
        presentation: Presentation,
        realm: str = "api",
        on_presentation: Callable[[str], object] | None = None,
    ) -> None:
        self.presentation = presentation
        self.realm = realm
        self._authentication = authentication
        self._on_presentation = on_presentation
        self.require_askable(presentation)
        MissingToken().headers(realm)  # a realm that cannot be quoted is a mistake at once

    def require_askable(self, presentation: Presentation) -> None:
        """Refuse a presentation of credentials that nobody could be asked about.

        Raises:
            ValueError: it takes a client's pair or a device's key, and there is no introspection.

        """
        if presentation.kinds - {"token"} and not self._authentication.can_ask:
            raise ValueError("a client's pair or a device's key needs introspection")

    def visit(self, headers: Headers, query: bytes = b"") -> Visit:
        """Return the visit of one request; ``headers`` and ``query`` are bytes, as in ASGI."""
        return Visit(self, tuple(headers), query)

    async def authenticate(self, credential: Credential) -> Token:
        """Return what ``credential`` says; its contract is counted first.

        Raises:
            Refusal: it is not good, or nobody can say.

        """
        if self._on_presentation is not None:
            try:
                self._on_presentation(credential.contract)
            except Exception:  # noqa: BLE001 - a counter that breaks must not close the gate
                _log.exception("on_presentation_failed")
        return replace(await self._authentication.authenticate(credential), contract=credential.contract)


class Visit:
    """One request at the gate: what it presented, and in whose words it is answered if it is refused.

    ``request_id`` is the request's own ``X-Request-Id`` if that can be repeated, else a new one.
    """

    def __init__(self, gate: Gate, headers: tuple[tuple[bytes, bytes], ...], query: bytes) -> None:
        self.gate = gate
        self._headers = headers
        self._query = query
        self._presentation = gate.presentation
        self._contract: str | None = None
        told = [value for name, value in headers if name.lower() == _REQUEST_ID]
        self.request_id = (
            told[0].decode("ascii") if len(told) == 1 and _GOOD_ID.fullmatch(told[0]) else os.urandom(8).hex()
        )

    async def admit(self, requirement: Requirement) -> Token:
        """Return the token that meets ``requirement``.

        Raises:
            Refusal: nothing is presented, it is not good, or not good for this.

        """
        self._presentation = requirement.presentation or self.gate.presentation
        self._contract = None
        credential = self._presentation.find(self._headers, self._query)
        self._contract = credential.contract
        if requirement.kinds is not None and credential.kind not in requirement.kinds:
            raise InvalidToken(Reason.WRONG_KIND)
        token = await self.gate.authenticate(credential)
        if not set(requirement.scope) <= set(token.scope):
            raise InsufficientScope(*requirement.scope)
        return token

    def refuse(self, refusal: Refusal) -> Answer:
        """Return the answer to the request, and log why it is refused."""
        _log.info("token_refused reason=%s status=%d request_id=%s", refusal.reason, refusal.status, self.request_id)
        return self._presentation.answer(
            refusal, contract=self._contract, realm=self.gate.realm, request_id=self.request_id
        )
