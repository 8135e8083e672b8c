"""The seam between the door and the wire: who reads a request, who says the answer.

A codec is shared by all requests of its route; a conversation belongs to one request and remembers what it read, so
that an answer can echo it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tokenhouse.protocol.exchange import HttpAnswer, HttpRequest
from tokenhouse.protocol.messages import CallRequest, TokenRequest, TokenResponse
from tokenhouse.protocol.refusals import Refusal


class Conversation(Protocol):
    """One request being read and answered."""

    def read(self) -> TokenRequest | CallRequest:
        """Return the message; a codec of token calls alone says so with a narrower type.

        Raises:
            Refusal: the bytes cannot be read at all; whatever else is wrong travels as ``TokenRequest.fault``.

        """
        ...

    def say(self, response: TokenResponse) -> HttpAnswer:
        """Return the contract's answer to a granted request."""
        ...

    def refuse(self, refusal: Refusal) -> HttpAnswer:
        """Return the contract's answer to a refused request, also when ``read`` has failed or was never called."""
        ...


class Codec(Protocol):
    """How a contract is spoken on one route."""

    def open(self, request: HttpRequest) -> Conversation:
        """Begin a conversation; reads nothing yet."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path of a contract. ``path`` may hold ``{variables}``, each one segment."""

    method: str
    path: str
    codec: Codec
