"""The seam between door and wire: what speaks a contract fits the port."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from tokenhouse.protocol.codec import Codec, Conversation, Route
from tokenhouse.wire.standard import StandardCodec


def test_the_standard_codec_fits_the_ports():
    codec: Codec = StandardCodec()
    conversation = inspect.signature(codec.open).return_annotation
    assert "request" in inspect.signature(codec.open).parameters
    assert conversation is not inspect.Signature.empty
    assert {name for name in vars(Conversation) if not name.startswith("_")} == {"read", "say", "refuse"}


def test_a_route_is_a_value():
    route = Route("POST", "/token/{tenant}", StandardCodec())
    with pytest.raises(dataclasses.FrozenInstanceError):
        route.path = "/"
