"""The compact form is read strictly; what the readers of our own tokens refuse is in tests/tokens/test_jose.py.

Spec: RFC 7515 §7.1.
"""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.compact import Compact, read_compact


def part(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@given(
    st.dictionaries(st.sampled_from(["alg", "kid", "typ"]), st.text()),
    st.dictionaries(st.text(), st.integers()),
    st.binary(max_size=70),
)
def test_what_was_written_is_read(header: dict[str, str], claims: dict[str, int], signature: bytes) -> None:
    assert read_compact(f"{part(header)}.{part(claims)}.{part(signature)}") == Compact(header, claims, signature)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "a.b",
        f"{part({})}.{part({})}",
        f"{part({})}.{part({})}.aa.aa",
        f"{part({})}=.{part({})}.aa",
        f"{part({})}.{part([])}.aa",
        f"{part([])}.{part({})}.aa",
        f"{part({})}.{part({})}.ab",
        f"{part({})}.{part({})}.a+",
        f"{part({})}.{part({})}.é",
        f"{part({})}.{part({'a': 'a' * 16_384})}.aa",
        f"{part(b'{}{}')}.{part({})}.aa",
        *(f"{part({name: 1})}.{part({})}.aa" for name in ("crit", "b64", "zip", "jwk", "jku", "x5u", "x5c")),
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert read_compact(text) is None


@given(st.text(alphabet="abcdeyJ0.=_- \n", max_size=60))
def test_nothing_breaks_it(text: str) -> None:
    assert isinstance(read_compact(text), Compact | None)
