"""How the standard endpoints refuse.

Spec: RFC 6749 §5.2; RFC 7617 §2.1 for the challenge's charset.
"""

from __future__ import annotations

from tokenhouse.protocol.exchange import Headers, HttpAnswer
from tokenhouse.protocol.refusals import InvalidClient, Refusal
from tokenhouse.wire.writing import json_object

HEADERS: Headers = ((b"content-type", b"application/json"),)
"""The headers of every standard answer, beside those that the door adds."""

_CHALLENGE: Headers = (*HEADERS, (b"www-authenticate", b'Basic realm="tokenhouse", charset="UTF-8"'))


def refusal_answer(refusal: Refusal) -> HttpAnswer:
    """Return ``error`` and ``error_description`` with the refusal's status."""
    headers = _CHALLENGE if isinstance(refusal, InvalidClient) else HEADERS
    if refusal.retry_after is not None:
        headers = (*headers, (b"retry-after", b"%d" % refusal.retry_after))
    body = json_object({"error": refusal.code, "error_description": refusal.description})
    return HttpAnswer(refusal.status, headers, body)
