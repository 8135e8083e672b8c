"""The guarded client: https to a checked address, no redirects, proxies or cookies, a deadline, a bounded answer.

Spec: CWE-918 in all its spellings; OWASP ASVS 5.0 §1.3.6.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import httpcore2

from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.egress.lookup import Lookup, Resolver
from tokenhouse.egress.pinning import PinnedBackend, require_addresses
from tokenhouse.egress.places import Places
from tokenhouse.egress.targets import Rules, Target
from tokenhouse.protocol.json_object import read_object

LARGEST_BYTES = 64 * 1024
DEADLINE_SECONDS = 3.0
PER_HOST, IN_ALL = 4, 64
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_ALWAYS = (
    (b"Accept", b"application/json"),
    (b"Accept-Encoding", b"identity"),
    (b"Connection", b"close"),
    (b"User-Agent", b"tokenhouse"),
)
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status: int
    body: bytes

    def object(self) -> dict[str, Any]:
        """Return the body's JSON object.

        Raises:
            EgressError: not_json.

        """
        value = read_object(self.body)
        if value is None:
            raise EgressError(Failure.NOT_JSON)
        return value


class Egress:
    """Calls out. ``lookup`` None: the system's resolver; ``trust`` None: the system's certificate authorities."""

    def __init__(
        self,
        rules: Rules,
        *,
        lookup: Lookup | None = None,
        trust: ssl.SSLContext | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._rules = rules
        self._resolver = Resolver()
        self._lookup = lookup or self._resolver.lookup
        self._trust = trust
        self._deadline_seconds = deadline_seconds
        self._places = Places(PER_HOST, IN_ALL)

    async def ask(self, url: str, headers: Mapping[str, str] = _NO_HEADERS, form: bytes | None = None) -> Answer:
        """Return the answer to a GET, or to a POST of ``form``; whatever its status, but no redirect.

        Raises:
            EgressError: with its reason; the deadline is over all of it, from the wait for a place to the last byte.

        """
        target = self._rules.require_target(url)
        try:
            async with asyncio.timeout(self._deadline_seconds), self._places.take(target.url.place):
                return await self._call(target, headers, form)
        except TimeoutError:
            raise EgressError(Failure.TIMED_OUT) from None
        except httpcore2.ConnectError as error:
            raise EgressError(_handshake_failure(error)) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError) as error:
            # A record that cannot be decrypted, or an alert after the handshake: the library lets TLS's own word pass.
            raise EgressError(Failure.BROKEN) from error

    async def _call(self, target: Target, headers: Mapping[str, str], form: bytes | None) -> Answer:
        addresses = await require_addresses(target, self._lookup)
        url, host = target.url, target.url.host.strip("[]").encode()
        backend = PinnedBackend(addresses)
        connection = httpcore2.AsyncHTTPConnection(
            httpcore2.Origin(url.scheme.encode(), host, url.port),
            ssl_context=self._tls() if url.scheme == "https" else None,
            network_backend=backend,
        )
        request = httpcore2.Request(
            "GET" if form is None else "POST",
            httpcore2.URL(scheme=url.scheme.encode(), host=host, port=url.port, target=url.target.encode()),
            headers=_headers(url.authority, headers, form),
            content=form,
        )
        try:
            response = await connection.handle_async_request(request)
            try:
                return await _read(response)
            finally:
                await response.aclose()
        finally:
            await backend.aclose()

    def _tls(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = httpcore2.default_ssl_context()
            self._trust.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._trust

    def close(self) -> None:
        """Let go of the resolver's threads."""
        self._resolver.close()


def _headers(authority: str, headers: Mapping[str, str], form: bytes | None) -> list[tuple[bytes, bytes]]:
    given = [(b"Host", authority.encode()), *_ALWAYS]
    given += [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    if form is not None:
        given += [(b"Content-Type", b"application/x-www-form-urlencoded"), (b"Content-Length", b"%d" % len(form))]
    return given


async def _read(response: httpcore2.Response) -> Answer:
    if response.status in _REDIRECTS:
        raise EgressError(Failure.REDIRECTED)
    if any(name.lower() == b"content-encoding" and value.lower() != b"identity" for name, value in response.headers):
        raise EgressError(Failure.ENCODED)
    body = bytearray()
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > LARGEST_BYTES:
            raise EgressError(Failure.TOO_LARGE)
    return Answer(response.status, bytes(body))


def _handshake_failure(error: httpcore2.ConnectError) -> Failure:
    """Return what is wrong with a connection that was there: only TLS is left to fail."""
    is_certificate = isinstance(error.__cause__, ssl.SSLCertVerificationError)
    return Failure.BAD_CERTIFICATE if is_certificate else Failure.BROKEN
