"""Public documents: key sets and metadata, cacheable by anybody, the same bytes for everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from tokenhouse.protocol.exchange import Headers, HttpAnswer
from tokenhouse.tokens.keys import KeyRing

MAX_AGE_SECONDS = 300
_PUBLIC: Headers = (
    (b"cache-control", b"public, max-age=%d" % MAX_AGE_SECONDS),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"access-control-allow-origin", b"*"),
)
_JWKS: Headers = ((b"content-type", b"application/jwk-set+json"), *_PUBLIC)
_JSON: Headers = ((b"content-type", b"application/json"), *_PUBLIC)

Make = Callable[[], Awaitable[HttpAnswer]]


def key_set(keys: KeyRing, clock: Callable[[], datetime], contract: str | None = None) -> Make:
    """Return what answers with the published keys: all of them, or one contract's. Spec: RFC 7517 §5, §8.5.2."""

    async def make() -> HttpAnswer:
        now = clock()
        await keys.refresh(now)
        return HttpAnswer(200, _JWKS, keys.published(now, contract))

    return make


def document(body: bytes) -> Make:
    """Return what answers with a JSON document that never changes."""

    async def make() -> HttpAnswer:
        return HttpAnswer(200, _JSON, body)

    return make
