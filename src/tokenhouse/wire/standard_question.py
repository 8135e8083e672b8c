"""Questions about one token, as introspection and revocation ask them.

Spec: RFC 7662 §2.1, RFC 7009 §2.1.
"""

from __future__ import annotations

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpAnswer, HttpRequest
from tokenhouse.protocol.messages import TokenQuestion
from tokenhouse.protocol.refusals import InvalidRequest, Refusal
from tokenhouse.protocol.secret import Secret
from tokenhouse.wire.standard_client import read_call
from tokenhouse.wire.standard_error import refusal_answer


class StandardQuestion:
    """Reads what is asked and says refusals; the answers belong to the endpoints.

    ``credential_id`` is an extension: what is shown beside a credential that is no token.
    """

    __slots__ = ()

    def read(self, request: HttpRequest) -> TokenQuestion:
        """Return the message.

        Raises:
            Refusal: the content type is not a form's, the form cannot be read, or the query has parameters.

        """
        call = read_call(request)
        token = call.values.get("token")
        fault = call.fault
        if fault is None and token is None:
            fault = InvalidRequest(Cause.MISSING, field="token")
        return TokenQuestion(
            credentials=call.credentials,
            id=request.id,
            now=request.now,
            source=request.source,
            fault=fault,
            token=None if token is None else Secret(token),
            hint=call.values.get("token_type_hint"),
            credential_id=call.values.get("credential_id"),
        )

    def refuse(self, refusal: Refusal, request: HttpRequest) -> HttpAnswer:  # noqa: ARG002 - the seam of all codecs
        """Return the answer of RFC 6749 §5.2, also when ``read`` has failed or was never called."""
        return refusal_answer(refusal)
