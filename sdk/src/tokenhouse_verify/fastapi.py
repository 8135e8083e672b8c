"""FastAPI: a dependency that says where a caller must be known, shown in the documentation that FastAPI makes."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Any, Unpack, cast

try:
    from fastapi import FastAPI, HTTPException, Security, WebSocketException
    from fastapi.params import Security as SecurityParameter
except ModuleNotFoundError as error:
    raise ImportError("FastAPI is missing: pip install 'tokenhouse-verify[fastapi]'") from error
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from tokenhouse_verify.answers import Answer
from tokenhouse_verify.credential import Kind
from tokenhouse_verify.errors import Refusal
from tokenhouse_verify.gate import Requirement, Visit, make_requirement
from tokenhouse_verify.openapi import Scheme, Schemes
from tokenhouse_verify.options import Options, make_gate
from tokenhouse_verify.presentation import Presentation
from tokenhouse_verify.starlette import response_of
from tokenhouse_verify.token import Token

_VISIT = "tokenhouse_verify"
_POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1


class Refused(HTTPException):
    """A refusal on its way through FastAPI: status and headers are right even where ``install`` was forgotten."""

    def __init__(self, refusal: Refusal, answer: Answer) -> None:
        super().__init__(answer.status, refusal.body(), dict(answer.headers))
        self.answer = answer


class Required(SecurityParameter):
    """What ``Auth.require`` returns: a default value, a part of ``Annotated``, or the callable of ``Depends``."""

    async def __call__(self, **found: Any) -> Token:
        """Return the token, as the dependency that it stands for does."""
        token: Token = await self._function(**found)
        return token

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(self._function)

    @property
    def _function(self) -> Callable[..., Awaitable[Token]]:
        return cast("Callable[..., Awaitable[Token]]", self.dependency)


class Auth:
    """Checks the callers of one FastAPI application or of a part of it.

    ``Options`` says what it is made with. With ``token_url``, the documentation's "Authorize" gets tokens there as a
    client of its own (OAuth 2.0 client credentials), else it asks for a token.
    """

    def __init__(
        self, issuer: str | None = None, /, *, token_url: str | None = None, **options: Unpack[Options]
    ) -> None:
        if issuer is not None:
            options["issuer"] = issuer
        self._gate = make_gate(**options)
        self._schemes = Schemes(token_url)

    def install(self, app: FastAPI) -> None:
        """Answer refused calls of ``app`` exactly as RFC 6750 or the contract says, not in FastAPI's ``detail``.

        An endpoint may then raise a ``Refusal`` of its own. A contract's own words need it; without it, calls fail.

        Raises:
            RuntimeError: the application has begun to serve, and would not heed it.

        """
        if app.middleware_stack is not None:
            raise RuntimeError("auth.install(app) comes before the first request")

        async def say(_: Request, exception: Any) -> Response:
            return response_of(exception.answer)

        async def refuse(request: Request, exception: Any) -> Response:
            visit: Visit = request.scope.get(_VISIT) or self._visit(request)
            return response_of(visit.refuse(exception))

        app.add_exception_handler(Refused, say)
        app.add_exception_handler(Refusal, refuse)

    def require(
        self, *scope: str, kinds: Collection[Kind] | None = None, presentation: Presentation | None = None
    ) -> Any:
        """Return the dependency that gives an endpoint the caller's ``Token``, which carries all of ``scope``.

        ``kinds`` are the credentials it takes, else every one that can be presented; ``presentation`` is where they
        are looked for here, else where ``Auth`` says.

        Raises:
            ValueError: a scope that nobody can have, or credentials that nobody could be asked about.

        """
        requirement = make_requirement(scope, kinds, presentation)
        shown = presentation or self._gate.presentation
        self._gate.require_askable(shown)

        async def token(connection: HTTPConnection, **_: None) -> Token:
            return await self._admit(connection, requirement)

        _sign(token, self._schemes.of(shown, requirement), scope)
        return Required(token, scopes=scope)

    async def _admit(self, connection: HTTPConnection, requirement: Requirement) -> Token:
        presentation = requirement.presentation or self._gate.presentation
        if presentation.has_words and Refused not in connection.app.exception_handlers:
            raise RuntimeError("auth.install(app) is needed to refuse in the contract's own words")
        visit = self._visit(connection)
        try:
            found = await visit.admit(requirement)
        except Refusal as refusal:
            answer = visit.refuse(refusal)
            if connection.scope["type"] == "websocket":
                raise WebSocketException(_POLICY_VIOLATION) from None
            raise Refused(refusal, answer) from None
        connection.state.token = found
        return found

    def _visit(self, connection: HTTPConnection) -> Visit:
        """Return the visit that is under way, so that an endpoint's own refusal is said in the words of its caller."""
        kept: Visit | None = connection.scope.get(_VISIT)
        if kept is None or kept.gate is not self._gate:
            kept = self._gate.visit(connection.headers.raw, connection.scope.get("query_string", b""))
            connection.scope[_VISIT] = kept
        return kept


def _sign(function: Callable[..., object], schemes: Collection[Scheme], scope: tuple[str, ...]) -> None:
    """Give ``function`` a signature with a parameter for each scheme: FastAPI documents what it finds there."""
    shown = [
        inspect.Parameter(
            f"_{index}", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[None, Security(scheme, scopes=scope)]
        )
        for index, scheme in enumerate(schemes)
    ]
    first = inspect.Parameter("connection", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=HTTPConnection)
    function.__signature__ = inspect.Signature([first, *shown])  # type: ignore[attr-defined]
