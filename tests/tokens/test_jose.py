"""The guard before signed tokens are verified.

Spec: RFC 7515 §4.1.11 and §5.2, RFC 8725 §3.
"""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt import PyJWK

from tokenhouse.tokens.jose import looks_signed, verify
from tokenhouse.tokens.making import make_signing_key
from tokenhouse.tokens.signing import base64url, jws, parse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLAIMS = {"sub": "alice"}


@pytest.fixture(scope="module")
def ring(envelope):
    """Return keys by algorithm, and how to find them by id."""
    keys = {}
    for name in ("ES256", "RS256", "ES256 again"):
        alg = name.split()[0]
        record = make_signing_key(
            envelope, tenant="t", contract="c", alg=alg, now=NOW, activates_at=NOW, certified=False
        )
        keys[name] = parse(record, envelope.open(record.sealed, key_id=record.key_id, purpose="sign"))
    return keys


@pytest.fixture(scope="module")
def check(ring):
    by_id = {key.kid: key for key in ring.values()}
    return lambda text: verify(text, by_id.get)


def part(value) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64url(data).decode()


def signed(key, claims=CLAIMS, /, **header) -> str:
    return jws(key, json.dumps({"alg": key.record.alg, "kid": key.kid, **header}).encode(), json.dumps(claims).encode())


@pytest.mark.parametrize("name", ["ES256", "RS256"])
def test_a_token_of_ours_is_verified_and_its_key_told(ring, check, name):
    key, claims = check(signed(ring[name]))
    assert key is ring[name]
    assert claims == CLAIMS


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "HS256", "ES384", "PS256", "", None, 1, ["ES256"], "RS256"])
def test_the_key_decides_the_algorithm_never_the_token(ring, check, alg):
    """RFC 8725 §3.1: the algorithm MUST be the one of the key."""
    assert check(signed(ring["ES256"], alg=alg)) is None


def test_a_token_has_one_signature(ring, check):
    """(r, n - s) is as valid as (r, s), and would be another spelling of the same token."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    for number in range(8):
        text = signed(ring["ES256"], {"sub": f"user {number}"})
        told, _, signature = text.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        other = raw[:32] + (order - int.from_bytes(raw[32:])).to_bytes(32)
        assert check(text) is not None
        assert check(f"{told}.{part(other)}") is None


def test_no_signature_at_all_is_refused(ring, check):
    head = part({"alg": "none", "kid": ring["ES256"].kid})
    assert check(f"{head}.{part(CLAIMS)}.") is None
    assert check(f"{part({'alg': 'ES256', 'kid': ring['ES256'].kid})}.{part(CLAIMS)}.") is None


@pytest.mark.parametrize("name", ["ES256", "RS256"])
def test_a_public_key_is_no_secret_of_an_hmac(ring, check, name):
    key = ring[name]
    public = PyJWK(key.public).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in (public, public.strip(), key.record.public.encode()):
        told = f"{part({'alg': 'HS256', 'kid': key.kid})}.{part(CLAIMS)}"
        assert check(f"{told}.{part(hmac.digest(secret, told.encode(), 'sha256'))}") is None


@pytest.mark.parametrize(
    "member",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False},
        {"b64": True},
        {"zip": "DEF"},
        {"jwk": {"kty": "EC"}},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
    ],
    ids=lambda member: next(iter(member)),
)
def test_a_header_that_asks_for_more_is_refused_before_any_key_is_asked(ring, member):
    """RFC 7515 §4.1.11: extensions that are not understood MUST be refused."""
    asked = []
    assert verify(signed(ring["ES256"], **member), asked.append) is None
    assert asked == []


def test_an_embedded_key_is_not_used(ring, check, envelope):
    record = make_signing_key(
        envelope, tenant="t", contract="c", alg="ES256", now=NOW, activates_at=NOW, certified=False
    )
    mine = parse(record, envelope.open(record.sealed, key_id=record.key_id, purpose="sign"))
    header = json.dumps({"alg": "ES256", "kid": ring["ES256"].kid, "jwk": mine.public})
    assert check(jws(mine, header.encode(), b"{}")) is None


def test_another_key_of_the_ring_is_not_this_one(ring, check):
    assert check(signed(ring["ES256 again"], kid=ring["ES256"].kid)) is None
    assert check(signed(ring["ES256"], kid=ring["ES256 again"].kid)) is None


@pytest.mark.parametrize("kid", ["", "unknown", None, 7, ["k"], {"k": 1}, "\ud800", "\0"])
def test_a_key_id_must_be_one_of_ours(ring, check, kid):
    assert check(signed(ring["ES256"], kid=kid)) is None


@pytest.mark.parametrize("name", ["ES256", "RS256"])
def test_a_token_has_one_spelling(ring, check, name):
    """RFC 7515 §2: base64url without padding; anything else is another text."""
    text = signed(ring[name])
    head, claims, tail = text.split(".")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    respelled = tail[:-1] + last[last.index(tail[-1]) ^ 1]
    for changed in (
        f"{head}.{claims}.{tail}=",
        f"{head}.{claims}.{tail}==",
        f"{head}=.{claims}.{tail}",
        f"{head}.{claims}.{respelled}",
        f"{head}.{claims}.{tail[:-1]}",
        f"{head}.{claims}.{tail}A",
        f"{head}.{claims}.{tail}\n",
        f" {text}",
        f"{head}.{claims} .{tail}",
        f"{head[:5]}\n{head[5:]}.{claims}.{tail}",
        text.replace("e", "е", 1),
        text.swapcase(),
    ):
        assert changed != text
        assert check(changed) is None, changed


def test_the_alphabet_of_plain_base64_is_refused(ring, check):
    texts = (signed(ring["ES256"], {"n": n}) for n in range(200))
    text = next(text for text in texts if "-" in text and "_" in text)
    assert check(text) is not None
    assert check(text.replace("-", "+")) is None
    assert check(text.replace("_", "/")) is None


@given(st.data())
def test_any_other_character_anywhere_is_refused(ring, check, data):
    text = signed(ring["ES256"])
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda c: c != text[at]))
    assert check(text[:at] + other + text[at + 1 :]) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'"x"', b"1", b"{", b"\xff", b'{"a":1}x', b'{"a":' * 3000, b'{"a":' + b"9" * 5000 + b"}"],
)
def test_claims_must_be_one_json_object(ring, check, body):
    header = json.dumps({"alg": "ES256", "kid": ring["ES256"].kid}).encode()
    assert check(jws(ring["ES256"], header, body)) is None


@pytest.mark.parametrize("header", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 9000])
def test_the_header_must_be_one_json_object(ring, check, header):
    assert check(jws(ring["ES256"], header, b"{}")) is None


def test_a_repeated_member_is_refused(ring, check):
    """RFC 7515 §4: header parameter names MUST be unique; RFC 7519 §4 says the same of claims."""
    key = ring["ES256"]
    twice = f'{{"alg":"ES256","kid":"other","kid":"{key.kid}"}}'.encode()
    assert check(jws(key, twice, b"{}")) is None
    once = f'{{"alg":"ES256","kid":"{key.kid}"}}'.encode()
    assert check(jws(key, once, b'{"sub":"a","sub":"b"}')) is None
    assert check(jws(key, once, b'{"a":{"sub":"a","sub":"b"}}')) is None
    assert check(jws(key, once, b'{"a":{"sub":"a"},"sub":"b"}')) is not None


def test_a_token_of_more_than_sixteen_kib_is_refused(ring, check):
    small, large = ({"x": "a" * length} for length in (12_000, 12_300))
    assert len(signed(ring["ES256"], small)) < 16 * 1024 < len(signed(ring["ES256"], large))
    assert check(signed(ring["ES256"], small)) is not None
    assert check(signed(ring["ES256"], large)) is None


@given(st.text(max_size=200) | st.lists(st.text("AZaz09-_.=+/", max_size=40), min_size=3, max_size=3).map(".".join))
def test_any_text_is_refused_without_a_fault(check, text):
    assert check(text) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2),
        max_leaves=3,
    )
)
def test_any_value_in_the_header_is_refused_without_a_fault(ring, check, value):
    for name in ("alg", "kid"):
        assert check(signed(ring["ES256"], **{name: value})) is None


@pytest.mark.parametrize(
    ("text", "expected"), [("a.b.c", True), ("..", True), ("a.b", False), ("a.b.c.d", False), ("", False)]
)
def test_the_shape_of_a_signed_token_has_two_dots(text, expected):
    assert looks_signed(text) is expected


def test_a_token_with_another_count_of_parts_is_refused(ring, check):
    text = signed(ring["ES256"])
    assert check(text + ".") is None
    assert check(text.rsplit(".", 1)[0]) is None


def test_public_members_are_enough_to_verify(ring):
    for key in ring.values():
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & key.public.keys()
        assert msgspec.json.decode(key.record.public) == key.public
        assert base64.urlsafe_b64decode(key.kid + "=")
