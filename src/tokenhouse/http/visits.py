"""A visit: one request at one endpoint, which knows how to answer and how to refuse in its contract's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from tokenhouse.endpoints.calls import Calls
from tokenhouse.endpoints.questions import Questions
from tokenhouse.endpoints.token import TokenCorridor
from tokenhouse.protocol.codec import Codec, Conversation
from tokenhouse.protocol.contract import Mount
from tokenhouse.protocol.exchange import Headers, HttpAnswer, HttpRequest
from tokenhouse.protocol.messages import CallRequest, Credentials, TokenQuestion
from tokenhouse.protocol.refusals import Refusal
from tokenhouse.wire.standard_question import StandardQuestion

_JSON: Headers = ((b"content-type", b"application/json"),)


class Visit(Protocol):
    """One request being answered."""

    contract: str
    tenant: str
    operation: str
    credentials: Credentials | None

    async def answer(self) -> HttpAnswer:
        """Return the answer; raise the refusal."""
        ...

    def refuse(self, refusal: Refusal) -> HttpAnswer:
        """Return the refusal in this endpoint's shape."""
        ...


class Endpoint(Protocol):
    """What a route leads to."""

    def open(self, request: HttpRequest) -> Visit:
        """Begin a visit."""
        ...


class TokenVisit:
    """A token request or a protected call of any contract."""

    __slots__ = ("_calls", "_conversation", "_corridor", "_mount", "contract", "credentials", "operation", "tenant")

    def __init__(self, conversation: Conversation, corridor: TokenCorridor, calls: Calls, mount: Mount) -> None:
        self._conversation = conversation
        self._corridor = corridor
        self._calls = calls
        self._mount = mount
        self.contract = mount.contract.name
        self.tenant = mount.tenant or ""
        self.operation = "token"
        self.credentials: Credentials | None = None

    async def answer(self) -> HttpAnswer:
        """Read, walk the corridor, say."""
        message = self._conversation.read()
        self.credentials = message.credentials
        if isinstance(message, CallRequest):
            self.operation = message.does.value
            return self._conversation.say(await self._calls.answer(message, self._mount))
        return self._conversation.say(await self._corridor.token(message, self._mount))

    def refuse(self, refusal: Refusal) -> HttpAnswer:
        """Return the refusal in the contract's shape."""
        return self._conversation.refuse(refusal)


class TokenEndpoint:
    """A contract's route: its codec at the door, the corridors behind it."""

    def __init__(self, codec: Codec, corridor: TokenCorridor, calls: Calls, mount: Mount) -> None:
        self._codec = codec
        self._corridor = corridor
        self._mount = mount
        self._calls = calls

    def open(self, request: HttpRequest) -> TokenVisit:
        """Begin a visit."""
        return TokenVisit(self._codec.open(request), self._corridor, self._calls, self._mount)


Ask = Callable[[TokenQuestion, Mount], Awaitable[dict[str, Any] | None]]


class QuestionVisit:
    """An introspection or revocation request."""

    __slots__ = ("_ask", "_mount", "_request", "_wire", "contract", "credentials", "operation", "tenant")

    def __init__(self, request: HttpRequest, ask: Ask, mount: Mount, operation: str) -> None:
        self._request = request
        self._ask = ask
        self._mount = mount
        self._wire = StandardQuestion()
        self.contract = mount.contract.name
        self.tenant = mount.tenant or ""
        self.operation = operation
        self.credentials: Credentials | None = None

    async def answer(self) -> HttpAnswer:
        """Return the facts as JSON, or an empty 200 where there is nothing to say (RFC 7009 §2.2)."""
        question = self._wire.read(self._request)
        self.credentials = question.credentials
        facts = await self._ask(question, self._mount)
        return HttpAnswer(200, (), b"") if facts is None else HttpAnswer(200, _JSON, msgspec.json.encode(facts))

    def refuse(self, refusal: Refusal) -> HttpAnswer:
        """Return the refusal of RFC 6749 §5.2."""
        return self._wire.refuse(refusal, self._request)


class QuestionEndpoint:
    """The route of introspection or revocation."""

    def __init__(self, ask: Ask, mount: Mount, operation: str) -> None:
        self._ask = ask
        self._mount = mount
        self._operation = operation

    @classmethod
    def introspection(cls, questions: Questions, mount: Mount) -> QuestionEndpoint:
        """RFC 7662."""
        return cls(questions.introspect, mount, "introspect")

    @classmethod
    def revocation(cls, questions: Questions, mount: Mount) -> QuestionEndpoint:
        """RFC 7009."""

        async def revoke(question: TokenQuestion, at: Mount) -> None:
            await questions.revoke(question, at)

        return cls(revoke, mount, "revoke")

    def open(self, request: HttpRequest) -> QuestionVisit:
        """Begin a visit."""
        return QuestionVisit(request, self._ask, self._mount, self._operation)


class PlainVisit:
    """A public document or a probe."""

    __slots__ = ("_make", "contract", "credentials", "operation", "tenant")

    def __init__(self, make: Callable[[], Awaitable[HttpAnswer]]) -> None:
        self._make = make
        self.contract = ""
        self.tenant = ""
        self.operation = "document"
        self.credentials: Credentials | None = None

    async def answer(self) -> HttpAnswer:
        """Return the document."""
        return await self._make()

    def refuse(self, refusal: Refusal) -> HttpAnswer:
        """Return a bare status."""
        return HttpAnswer(refusal.status, (), b"")


class PlainEndpoint:
    """The route of a public document; its bytes never depend on the request."""

    def __init__(self, make: Callable[[], Awaitable[HttpAnswer]]) -> None:
        self._make = make

    def open(self, request: HttpRequest) -> PlainVisit:  # noqa: ARG002 -- by design
        """Begin a visit."""
        return PlainVisit(self._make)
