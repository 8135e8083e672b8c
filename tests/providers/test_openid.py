"""An id_token is believed for what its issuer signed, for us, now.

Spec: OpenID Connect Core 1.0 §3.1.3.7, §3.1.3.8; RFC 8725 §3.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.providers.identity import ProvenIdentity
from tokenhouse.providers.key_sets import KeySet
from tokenhouse.providers.openid import OpenIdProvider
from tokenhouse.providers.refused import ProofRefused, Reason

ALGS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")


@pytest.fixture
def fetched() -> list[str]:
    return []


@pytest.fixture
def make(egress, elsewhere, keys, settings, fetched):
    """Make a provider of kind oidc whose keys the server publishes."""

    def routes(asked):
        fetched.append(asked.path)
        return 200, {"keys": [keys.public(name) for name in (*ALGS, "ES256 other")]}

    elsewhere.routes["/keys"] = routes

    def make_(**facts: Any) -> OpenIdProvider:
        given = settings("oidc", **facts)
        return OpenIdProvider(given, KeySet(egress, given.issuer or "", elsewhere.url + "/keys", lambda _: None))

    return make_


@pytest.fixture
def judge(make, proof, now):
    """Judge an id_token; return the person, or the reason of the refusal."""

    async def judge_(token: str, *, access_token: str | None = None, **facts: Any) -> ProvenIdentity | Reason:
        parts = {"id_token": token} | ({"access_token": access_token} if access_token else {})
        try:
            return await make(**facts).prove(proof(**parts), now)
        except ProofRefused as refused:
            return refused.reason

    return judge_


async def test_a_good_token_names_a_person(judge, sign, claims) -> None:
    person = claims | {"email": "a@b.example", "email_verified": "true", "name": "Ann", "nonce": "of the app"}
    assert await judge(sign(person)) == ProvenIdentity("somebody", "001.abc", "a@b.example", True, "Ann")
    assert await judge(sign(claims)) == ProvenIdentity("somebody", "001.abc")


@pytest.mark.parametrize("alg", ALGS)
async def test_each_algorithm_that_the_configuration_names(judge, sign, claims, alg) -> None:
    token = sign(claims, alg)
    assert isinstance(await judge(token, algs=(alg,)), ProvenIdentity)
    assert await judge(token, algs=tuple(one for one in ALGS if one != alg)) is Reason.ALGORITHM


async def test_the_algorithms_that_nobody_may_name(judge, forge, keys, claims, sign, fetched) -> None:
    public = keys.private("RS256").public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for alg in ("none", "None", "NONE", "", None, "HS256", "HS512", "EdDSA", ["RS256"], {"a": 1}, 1):
        assert await judge(forge({"alg": alg, "kid": "RS256"}, claims, pem)) is Reason.ALGORITHM, alg
    unsigned = sign(claims).rpartition(".")[0] + "."
    assert await judge(unsigned) is Reason.SIGNATURE
    assert fetched == ["/keys"]  # for the last one alone


async def test_a_public_key_is_no_secret_and_no_key_of_another_family(judge, forge, keys, claims) -> None:
    for alg, kid, found in (
        ("RS256", "ES256", Reason.UNKNOWN_KEY),
        ("ES256", "RS256", Reason.UNKNOWN_KEY),
        ("RS256", "PS256", Reason.UNKNOWN_KEY),
        ("ES256", "ES256 other", Reason.SIGNATURE),
    ):
        signer = keys.private("RS256" if alg == "RS256" else "ES256")
        assert await judge(forge({"alg": alg, "kid": kid}, claims, signer, alg), algs=ALGS) is found


@pytest.mark.parametrize("kid", ["unknown", "", "\0", "../keys"])
async def test_an_unknown_key(judge, sign, claims, kid) -> None:
    assert await judge(sign(claims, kid=kid)) is Reason.UNKNOWN_KEY


@pytest.mark.parametrize("kid", [7, ["ES256"], {"a": 1}, True])
async def test_a_key_id_is_text(judge, forge, keys, claims, kid) -> None:
    assert await judge(forge({"alg": "ES256", "kid": kid}, claims, keys.private("ES256"), "ES256")) is Reason.MALFORMED


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "eyJhbGciOiJFUzI1NiJ9.e30"])
async def test_what_is_no_token(judge, text) -> None:
    assert await judge(text or "x") is Reason.MALFORMED


async def test_what_the_guard_refuses(judge, sign, forge, keys, claims, fetched) -> None:
    key = keys.private("ES256")
    for member in (
        {"crit": ["exp"]},
        {"b64": False},
        {"zip": "DEF"},
        {"jku": "https://e.example"},
        {"jwk": {}},
        {"x5c": []},
    ):
        assert await judge(forge({"alg": "ES256", "kid": "ES256"} | member, claims, key, "ES256")) is Reason.MALFORMED
    twice = b'{"iss":"a","iss":"b"}'
    assert await judge(forge({"alg": "ES256", "kid": "ES256"}, twice, key, "ES256")) is Reason.MALFORMED
    assert await judge(sign(claims) + "A" * 17_000) is Reason.MALFORMED
    assert fetched == []


async def test_a_changed_claim_breaks_the_signature(judge, sign, claims) -> None:
    mine, other = sign(claims).split("."), sign(claims | {"sub": "victim"}).split(".")
    assert await judge(".".join((mine[0], other[1], mine[2]))) is Reason.SIGNATURE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://evil.example"}, Reason.ISSUER),
        ({"iss": None}, Reason.ISSUER),
        ({"iss": ["x"]}, Reason.ISSUER),
        ({"aud": "other.app"}, Reason.AUDIENCE),
        ({"aud": None}, Reason.AUDIENCE),
        ({"aud": []}, Reason.AUDIENCE),
        ({"aud": ["com.example.app", "other.app"]}, Reason.AUDIENCE),
        ({"aud": [["com.example.app"]]}, Reason.AUDIENCE),
        ({"aud": {"com.example.app": 1}}, Reason.AUDIENCE),
        ({"aud": "com.example.app "}, Reason.AUDIENCE),
        ({"azp": "other.app"}, Reason.AUDIENCE),
        ({"azp": None}, Reason.AUDIENCE),
        ({"exp": None}, Reason.EXPIRED),
        ({"exp": "9999999999"}, Reason.EXPIRED),
        ({"exp": True}, Reason.EXPIRED),
        ({"exp": 0}, Reason.EXPIRED),
        ({"exp": -10.0}, Reason.EXPIRED),
        ({"iat": None}, Reason.NOT_YET),
        ({"iat": "now"}, Reason.NOT_YET),
        ({"iat": 1e12}, Reason.NOT_YET),
        ({"nbf": None}, Reason.NOT_YET),
        ({"nbf": 9e12}, Reason.NOT_YET),
        ({"sub": None}, Reason.SUBJECT),
        ({"sub": ""}, Reason.SUBJECT),
        ({"sub": 7}, Reason.SUBJECT),
        ({"sub": "a" * 256}, Reason.SUBJECT),
        ({"sub": "a\nb"}, Reason.SUBJECT),
    ],
)
async def test_a_claim_that_is_wrong(judge, forge, keys, claims, changes, reason) -> None:
    token = forge({"alg": "ES256", "kid": "ES256"}, claims | changes, keys.private("ES256"), "ES256")
    assert await judge(token) is reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("iss", Reason.ISSUER),
        ("aud", Reason.AUDIENCE),
        ("exp", Reason.EXPIRED),
        ("iat", Reason.NOT_YET),
        ("sub", Reason.SUBJECT),
    ],
)
async def test_a_claim_that_is_missing(judge, sign, claims, name, reason) -> None:
    del claims[name]
    assert await judge(sign(claims)) is reason


@pytest.mark.parametrize(
    ("claim", "offset", "reason"),
    [
        ("exp", -9, None),
        ("exp", -10, Reason.EXPIRED),
        ("iat", 10, None),
        ("iat", 11, Reason.NOT_YET),
        ("nbf", 10, None),
        ("nbf", 11, Reason.NOT_YET),
    ],
)
async def test_clocks_may_differ_by_ten_seconds(judge, sign, claims, now, claim, offset, reason) -> None:
    found = await judge(sign(claims | {claim: int(now.timestamp()) + offset}))
    assert found is reason if reason else isinstance(found, ProvenIdentity)


async def test_several_apps_of_ours(judge, sign, claims) -> None:
    ours = ("com.example.app", "com.example.web")
    token = sign(claims | {"aud": ["com.example.web", "com.example.app"], "azp": "com.example.web"})
    assert isinstance(await judge(token, client_ids=ours), ProvenIdentity)
    assert await judge(token) is Reason.AUDIENCE


def at_hash(access_token: str, bits: int) -> str:
    digest = hashlib.new(f"sha{bits}", access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: bits // 16]).rstrip(b"=").decode()


@pytest.mark.parametrize(("alg", "bits"), [("ES256", 256), ("RS384", 384), ("PS512", 512)])
async def test_an_access_token_is_the_one_of_the_id_token(judge, sign, claims, alg, bits) -> None:
    token = sign(claims | {"at_hash": at_hash("mine", bits)}, alg)
    assert isinstance(await judge(token, access_token="mine", algs=(alg,)), ProvenIdentity)
    assert await judge(token, access_token="another", algs=(alg,)) is Reason.ACCESS_TOKEN
    assert isinstance(await judge(token, algs=(alg,)), ProvenIdentity)


async def test_a_hash_that_is_none(judge, sign, claims) -> None:
    assert isinstance(await judge(sign(claims), access_token="whatever"), ProvenIdentity)
    for wrong in (None, 1, "", ["x"]):
        assert await judge(sign(claims | {"at_hash": wrong}), access_token="mine") is Reason.ACCESS_TOKEN


async def test_a_stranger_with_another_issuer_makes_us_ask_nobody(judge, sign, claims, fetched) -> None:
    assert await judge(sign(claims | {"iss": "https://evil.example"})) is Reason.ISSUER
    assert fetched == []


async def test_without_keys_nobody_is_judged(make, elsewhere, proof, sign, claims, now) -> None:
    elsewhere.routes["/keys"] = lambda _: (500, {})
    with pytest.raises(EgressError) as raised:
        await make().prove(proof(id_token=sign(claims)), now)
    assert raised.value.failure is Failure.BAD_STATUS


def test_what_it_needs_and_takes(settings, make) -> None:
    one = make()
    assert one.needs == {"id_token"}
    assert one.takes == {"id_token", "access_token"}
    assert replace(settings("oidc")).algs == ("RS256", "ES256")
