"""The head of a request, bounded: uvicorn and its parser keep one however long it grows. And who TLS says is calling.

What counts is bytes that lead nowhere: a head, trailers, or chunk extensions that do not come to an end.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from tokenhouse.http.sources import CERTIFICATE

LONGEST_HEAD = 64 * 1024
_TOO_LARGE = STATUS_LINE[431] + b"content-length: 0\r\nconnection: close\r\n\r\n"


class BoundedHeads(HttpToolsProtocol):
    """Ends a connection that has sent more than ``LONGEST_HEAD`` bytes without getting on with its request."""

    _moved = False
    _stalled = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the certificate that the client has shown, if it was asked for one."""
        super().connection_made(transport)
        shown = transport.get_extra_info("ssl_object")
        self.app_state = {CERTIFICATE: shown.getpeercert(binary_form=True)} if shown else {}

    def data_received(self, data: bytes) -> None:
        """Parse what came, and count it if it led nowhere."""
        self._moved = False
        super().data_received(data)
        self._stalled = 0 if self._moved else self._stalled + len(data)
        if self._stalled > LONGEST_HEAD and not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_headers_complete(self) -> None:
        """Note that a head came to its end."""
        self._moved = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Note that a part of a body came; the door bounds the whole."""
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that a request came to its end."""
        self._moved = True
        super().on_message_complete()
