"""A dialect at its place: the codec of a route, and one conversation on it.

Order of judgement: transport; content type and syntax; which operation; the client's own fields. Whatever else is
wrong travels as the fault of the message, so that the client is judged first.

Spec: the dialect language, section 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpAnswer, HttpRequest
from tokenhouse.protocol.messages import CallRequest, TokenRequest, TokenResponse
from tokenhouse.protocol.refusals import Insecure, InvalidRequest, Refusal, ServerFault, UnsupportedGrantType
from tokenhouse.wire.dialect.credentials import ClientReader
from tokenhouse.wire.dialect.errors import ErrorRows
from tokenhouse.wire.dialect.matching import Fit
from tokenhouse.wire.dialect.operations import Operation
from tokenhouse.wire.dialect.reading import Reading
from tokenhouse.wire.dialect.values import Fault
from tokenhouse.wire.dialect.view import View
from tokenhouse.wire.media import media_type

_LAST_RESORT = HttpAnswer(500, (), b"")
"""What is said when the row for a broken answer is broken too."""


@dataclass(frozen=True, slots=True)
class DialectCodec:
    """All operations on one method and path, with what they share.

    Where they are protected calls only, a request that fits none is refused at once: there is no client to be proven.
    """

    operations: tuple[Operation, ...]
    reading: Reading
    client: ClientReader
    errors: ErrorRows
    server: Mapping[str, Any]
    has_calls_only: bool = False

    def open(self, request: HttpRequest) -> DialectConversation:
        """Begin a conversation; reads nothing yet."""
        return DialectConversation(self, request)


class DialectConversation:
    """One request being read and answered."""

    __slots__ = ("_codec", "_fields", "_operation", "_said", "_view")

    def __init__(self, codec: DialectCodec, request: HttpRequest) -> None:
        self._codec = codec
        self._view = View(request, codec.server)
        self._operation: Operation | None = None
        self._said: Refusal | None = None
        self._fields: Mapping[str, str] = {}

    def read(self) -> TokenRequest | CallRequest:
        """Return the message.

        Raises:
            Insecure: the call came in the clear where https is demanded.
            UnsupportedMediaType: no operation here accepts the content type.
            InvalidRequest: the body or a client's field cannot be read.
            ServerFault: an expression could not be finished.

        """
        try:
            return self._read()
        except Fault as fault:
            raise ServerFault(Cause.SERVER_ERROR) from fault

    def _read(self) -> TokenRequest | CallRequest:
        view, codec = self._view, self._codec
        self._require_transport(codec.operations)
        if codec.reading.readers:
            codec.reading.read(view)
        fault = self._choose()
        operation = self._operation
        if operation is None:
            if fault is not None and codec.has_calls_only:
                raise fault
            credentials, _ = codec.client.read(view)
            request = view.request
            return TokenRequest("", credentials, request.id, request.now, request.source, fault=fault)
        self._require_transport((operation,))
        credentials, second = operation.client.read(view)
        message = operation.message(view, credentials, second)
        self._said = message.fault
        self._fields = operation.fields
        return message

    def _require_transport(self, operations: tuple[Operation, ...]) -> None:
        if not self._view.request.secure and not any(operation.is_open for operation in operations):
            raise Insecure(Cause.INSECURE)

    def _choose(self) -> Refusal | None:
        """Choose the operation; return what is wrong if none fits."""
        outcomes: list[tuple[Fit, str]] = []
        for operation in self._codec.operations:
            if not self._accepts(operation):
                continue
            try:
                fit, field = operation.fits(self._view)
            except Refusal as refusal:
                return refusal
            if fit is Fit.YES:
                self._operation = operation
                return None
            outcomes.append((fit, field))
        wrong = next((field for fit, field in outcomes if fit is Fit.WRONG), None)
        if wrong is not None:
            return InvalidRequest(Cause.MALFORMED, field=wrong)
        if outcomes and all(fit is Fit.ABSENT for fit, _ in outcomes):
            return InvalidRequest(Cause.MISSING, field=outcomes[0][1])
        return UnsupportedGrantType(Cause.UNSUPPORTED, field=next((field for _, field in outcomes if field), None))

    def _accepts(self, operation: Operation) -> bool:
        if operation.reading is self._codec.reading or not self._view.kind:
            return True
        kind = media_type(self._view.request.header(b"content-type"))[0]
        return kind in operation.reading.readers or "*" in operation.reading.readers

    def say(self, response: TokenResponse) -> HttpAnswer:
        """Return the contract's answer to a granted request.

        Raises:
            ServerFault: a template could not be finished.

        """
        operation = self._operation
        assert operation is not None, "only what was read is answered"
        self._view.response = response
        try:
            return operation.say(self._view)
        except (Fault, Refusal) as error:
            raise ServerFault(Cause.SERVER_ERROR) from error

    def refuse(self, refusal: Refusal) -> HttpAnswer:
        """Return the contract's answer to a refused request, also when ``read`` has failed or was never called."""
        view = self._view
        view.refusal, view.telling = refusal, True
        if refusal.field is not None and refusal is not self._said:
            refusal.field = self._fields.get(refusal.field, refusal.field)  # the rooms have names of their own
        errors = self._operation.errors if self._operation is not None else self._codec.errors
        row = errors.row(refusal.public_cause)
        try:
            view.status = row.status_for(view, refusal.status)
            answer = row.render(view, view.status)
        except Fault:
            return _LAST_RESORT
        if refusal.retry_after is not None:
            answer.headers = (*answer.headers, (b"retry-after", b"%d" % refusal.retry_after))
        return answer
