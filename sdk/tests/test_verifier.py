"""The negative vectors are named after the threats they come from: C01 to C09 of the JOSE table of the threat model."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import time
from datetime import timedelta

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse_verify.errors import InvalidToken, Reason, Refusal, Unavailable
from tokenhouse_verify.keys import FixedKeys, PublishedKeys
from tokenhouse_verify.testing import Issuer
from tokenhouse_verify.verifier import Verifier

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def segment(raw: bytes | str) -> str:
    raw = raw.encode() if isinstance(raw, str) else raw
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsegment(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of(issuer: Issuer) -> dict:
    return json.loads(unsegment(issuer.token().split(".")[1]))


async def refused(verifier: Verifier, token: str) -> Reason:
    with pytest.raises(InvalidToken) as caught:
        await verifier.verify(token)
    assert token not in str(caught.value)
    return caught.value.reason


@pytest.fixture
def verifier(issuer):
    return issuer.verifier()


async def test_a_good_token(issuer, verifier):
    token = await verifier.verify(issuer.token(sub="alice", scope="orders:read orders:write"))
    assert (token.sub, token.client_id, token.scope) == ("alice", "app", ("orders:read", "orders:write"))
    assert token.claims["iss"] == issuer.url
    assert token.expires_at is not None
    assert token.expires_at.timestamp() > time.time()


async def test_a_dialect_token_names_no_person_and_no_audience(rsa_issuer):
    now = int(time.time())
    claims = {"nbf": now, "exp": now + 3600, "iss": rsa_issuer.url, "client_id": "app", "jti": "A" * 32}
    token = rsa_issuer.sign({**claims, "iat": now, "scope": ["theApi"]}, {"x5t": "utx6O86fnqzkhfKG6cVYOZuyyBw"})
    read = await rsa_issuer.verifier().verify(token)
    assert (read.sub, read.client_id, read.scope) == (None, "app", ("theApi",))


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
async def test_an_independent_library_signs_for_us(alg):
    theirs = Issuer(alg=alg)
    pem = theirs._key.as_pem(private=True)
    token = pyjwt.encode(claims_of(theirs), pem, alg, headers={"kid": theirs.kid, "typ": "application/AT+JWT"})
    assert (await theirs.verifier().verify(token)).sub == "alice"


@pytest.mark.parametrize(
    ("mint", "reason"),
    [
        ("expired", Reason.EXPIRED),
        ("wrong_audience", Reason.WRONG_AUDIENCE),
        ("wrong_key", Reason.BAD_SIGNATURE),
    ],
)
@pytest.mark.parametrize("alg", ["ES256", "RS256"])
async def test_bad_tokens_of_each_kind(mint, reason, alg):
    issuer = Issuer(alg=alg)
    assert await refused(issuer.verifier(), getattr(issuer, mint)()) is reason


NONE_SPELLINGS = [
    *("".join(letters) for letters in itertools.product("nN", "oO", "nN", "eE")),
    *["none ", " none", "none\x00", "no\u200bne", "ｎone", "n\u043ene", "null", "NULL", "", " ", "0", "false"],
    *[None, False, True, 0, 1, [], ["none"], ["ES256"], {}, {"alg": "none"}, ["none", "ES256"], 1.5],
]


@pytest.mark.parametrize("alg", NONE_SPELLINGS, ids=repr)
async def test_c01_no_algorithm_in_forty_spellings(issuer, verifier, alg):
    assert len(NONE_SPELLINGS) >= 40
    good = issuer.token().split(".")
    head = segment(json.dumps({"alg": alg, "kid": issuer.kid, "typ": "at+jwt"}))
    assert await refused(verifier, f"{head}.{good[1]}.") is Reason.MALFORMED
    assert await refused(verifier, f"{head}.{good[1]}.{good[2]}") is Reason.WRONG_ALGORITHM


async def test_c01_no_algorithm_at_all(issuer, verifier):
    head = segment(json.dumps({"kid": issuer.kid, "typ": "at+jwt"}))
    _, payload, signature = issuer.token().split(".")
    assert await refused(verifier, f"{head}.{payload}.{signature}") is Reason.WRONG_ALGORITHM


def encodings(issuer: Issuer) -> list[bytes]:
    """Return the public key in every way in which it could be taken for a secret."""
    public = issuer._key.public_key
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = public.public_bytes(serialization.Encoding.PEM, spki)
    jwk = issuer.jwks()["keys"][0]
    member = "n" if issuer.alg == "RS256" else "x"
    return [
        pem,
        pem.strip(),
        pem.replace(b"\n", b"\r\n"),
        public.public_bytes(serialization.Encoding.DER, spki),
        json.dumps(jwk).encode(),
        json.dumps(issuer.jwks(), separators=(",", ":")).encode(),
        jwk[member].encode(),
        unsegment(jwk[member]),
        b"",
    ]


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
@pytest.mark.parametrize("hs", ["HS256", "HS384", "HS512"])
async def test_c02_a_public_key_is_no_secret(alg, hs):
    issuer = Issuer(alg=alg)
    signed = segment(json.dumps({"alg": hs, "kid": issuer.kid, "typ": "at+jwt"})) + "." + issuer.token().split(".")[1]
    for secret in encodings(issuer):
        mac = hmac.new(secret, signed.encode(), getattr(hashlib, "sha" + hs[2:])).digest()
        assert await refused(issuer.verifier(), f"{signed}.{segment(mac)}") is Reason.WRONG_ALGORITHM


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
async def test_c03_a_token_brings_no_key(issuer, verifier, name):
    attacker = Issuer(issuer.url, audience=issuer.audience)
    brought = {"jwk": attacker.jwks()["keys"][0], "x5c": ["AAAA"]}.get(name, "https://attacker.test/jwks")
    token = attacker.sign(claims_of(issuer), {"kid": issuer.kid, name: brought})
    assert await refused(verifier, token) is Reason.FORBIDDEN_HEADER


@pytest.mark.parametrize(
    "kid",
    ["../../../dev/null", "' OR 1=1 --", "https://attacker.test/k", "/etc/passwd", "", "*", "\x00", 1, None, ["k"], {}],
)
async def test_c03_a_key_id_is_looked_up_and_nothing_else(issuer, verifier, kid):
    assert await refused(verifier, issuer.sign(claims_of(issuer), {"kid": kid})) is Reason.UNKNOWN_KEY


async def test_c03_a_key_id_is_exact(issuer, verifier):
    for kid in (issuer.kid.swapcase(), issuer.kid + " ", issuer.kid[:-1], issuer.kid + "\x00"):
        assert await refused(verifier, issuer.sign(claims_of(issuer), {"kid": kid})) is Reason.UNKNOWN_KEY


@pytest.mark.parametrize("crit", [["bork"], ["cnf"], ["b64"], [], "exp", None, ["exp"], {"b64": True}])
async def test_c04_critical_extensions_are_not_implemented(issuer, verifier, crit):
    token = issuer.sign(claims_of(issuer), {"crit": crit, "bork": True, "exp": 1})
    assert await refused(verifier, token) is Reason.FORBIDDEN_HEADER


@pytest.mark.parametrize("b64", [False, True, None])
async def test_c04_a_payload_is_always_encoded(issuer, verifier, b64):
    assert await refused(verifier, issuer.sign(claims_of(issuer), {"b64": b64})) is Reason.FORBIDDEN_HEADER


@pytest.mark.parametrize(
    "alg",
    ["ES256K", "ES384", "RS384", "PS256", "RS999", "EdDSA", "es256", "ES256 ", "RSA1_5", "dir", "PBES2-HS256+A128KW"],
)
async def test_c05_an_algorithm_that_was_not_allowed(issuer, verifier, alg):
    assert await refused(verifier, issuer.sign(claims_of(issuer), {"alg": alg})) is Reason.WRONG_ALGORITHM


async def test_c05_the_key_decides_and_not_the_token(issuer):
    other = Issuer(issuer.url, audience=issuer.audience, alg="RS256")
    both = Verifier(issuer.url, audience=issuer.audience, keys={"keys": issuer.jwks()["keys"] + other.jwks()["keys"]})
    assert await refused(both, issuer.sign(claims_of(issuer), {"alg": "RS256"})) is Reason.WRONG_ALGORITHM
    assert await refused(both, other.sign(claims_of(issuer), {"alg": "ES256"})) is Reason.WRONG_ALGORITHM
    assert await refused(both, other.sign(claims_of(issuer), {"kid": issuer.kid})) is Reason.WRONG_ALGORITHM
    assert (await both.verify(other.token())).sub == "alice"


async def test_c05_a_key_of_an_algorithm_that_was_not_allowed(issuer):
    only_rsa = Verifier(issuer.url, audience=issuer.audience, keys=issuer.jwks(), algorithms=["RS256"])
    assert await refused(only_rsa, issuer.token()) is Reason.WRONG_ALGORITHM
    assert await refused(only_rsa, issuer.sign(claims_of(issuer), {"alg": "RS256"})) is Reason.WRONG_ALGORITHM


@pytest.mark.parametrize(
    "token",
    [
        "A" * 1_000_000 + ".AAAA.AAAA",
        "AAAA." + "A" * 1_000_000 + ".AAAA",
        "AAAA.AAAA." + "A" * 1_000_000,
        "." * 1_000_000,
        segment("[" * 12_000) + ".AAAA.AAAA",
        segment('{"a":' + "9" * 12_000 + "}") + ".AAAA.AAAA",
        segment(json.dumps({"alg": "PBES2-HS256+A128KW", "p2c": 10**9, "typ": "at+jwt", "kid": "k"})) + ".AAAA.AAAA",
    ],
    ids=range(7),
)
async def test_c06_what_is_too_much_is_refused_without_being_worked_on(verifier, token):
    began = time.process_time()
    assert await refused(verifier, token) in {Reason.TOO_LARGE, Reason.MALFORMED, Reason.WRONG_ALGORITHM}
    assert time.process_time() - began < 5  # a billion rounds of PBKDF2 take an hour: this tells nothing but that


@pytest.mark.parametrize("header", [{"zip": "DEF"}, {"zip": None}, {"enc": "A128GCM"}])
async def test_c06_nothing_is_unpacked(issuer, verifier, header):
    assert await refused(verifier, issuer.sign(claims_of(issuer), header)) is Reason.FORBIDDEN_HEADER


@pytest.mark.parametrize(
    "typ",
    ["JWT", "logout+jwt", "dpop+jwt", "token-introspection+jwt", "", None, 7, ["at+jwt"], "at+jwt ", "text/at+jwt"],
)
async def test_c07_a_token_of_another_class(issuer, verifier, typ):
    assert await refused(verifier, issuer.sign(claims_of(issuer), {"typ": typ})) is Reason.WRONG_TYPE


async def test_c07_a_token_without_class(issuer, verifier):
    head = segment(json.dumps({"alg": "ES256", "kid": issuer.kid}))
    assert await refused(verifier, ".".join([head, *issuer.token().split(".")[1:]])) is Reason.WRONG_TYPE


async def test_c07_another_type_can_be_asked_for(issuer):
    jwt = Verifier(issuer.url, audience=issuer.audience, keys=issuer.jwks(), types=["JWT"])
    assert (await jwt.verify(issuer.sign(claims_of(issuer), {"typ": "JWT"}))).sub == "alice"
    assert await refused(jwt, issuer.token()) is Reason.WRONG_TYPE


async def test_c07_another_issuer_with_the_same_keys(issuer, verifier):
    assert await refused(verifier, issuer.token(iss="https://other.test")) is Reason.WRONG_ISSUER
    assert await refused(verifier, issuer.token(iss=None)) is Reason.WRONG_ISSUER


def spellings(token: str) -> list[str]:
    head, payload, signature = token.split(".")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = last[last.index(signature[-1]) ^ 1]  # 64 bytes leave four unused bits in the last character
    return [
        f"{head}.{payload}.{signature}=",
        f"{head}.{payload}.{signature}==",
        f"{head}=.{payload}.{signature}",
        f" {token}",
        f"{token} ",
        f"{token}\n",
        f"{head}. {payload}.{signature}",
        f"{head}.{payload}\r\n.{signature}",
        f"{head}.{payload}.{signature[:-1]}{twin}",
        f"{head}.{payload}.{signature}.",
        f".{token}",
        f"{head}..{payload}.{signature}",
        f"{head}.{payload}.{signature}\x00",
        f"{head}.{payload}.%{ord(signature[0]):02x}{signature[1:]}",
        f"{head}.{payload}.{signature}A",
        f"{head}.{payload}.{signature}AAAA",
        f"{head}.{payload}.",
        f"{head}.{payload}",
        f"{head}..{signature}",
    ]


async def test_c08_a_token_has_one_spelling(issuer, verifier):
    for spelling in spellings(issuer.token()):
        assert await refused(verifier, spelling) in {Reason.MALFORMED, Reason.BAD_SIGNATURE}


async def test_c08_the_other_alphabet_is_refused(issuer, verifier):
    token = next(t for t in iter(issuer.token, None) if "-" in t.split(".")[2] and "_" in t.split(".")[2])
    assert await refused(verifier, token.replace("-", "+").replace("_", "/")) is Reason.MALFORMED


async def test_c08_the_twin_of_a_signature_is_the_same_token(issuer, verifier):
    token = issuer.token()
    signed, _, signature = token.rpartition(".")
    r, s = unsegment(signature)[:32], int.from_bytes(unsegment(signature)[32:])
    twin = f"{signed}.{segment(r + (P256_ORDER - s).to_bytes(32))}"
    assert (await verifier.verify(twin)).claims["jti"] == (await verifier.verify(token)).claims["jti"]


async def test_c08_a_signature_in_another_form(issuer, verifier):
    signed, _, signature = issuer.token().rpartition(".")
    raw = unsegment(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    for other in (der, raw[:-1], raw + b"\x00", b"\x00" * 64, b"\xff" * 64, b"\x00"):
        assert await refused(verifier, f"{signed}.{segment(other)}") is Reason.BAD_SIGNATURE


async def test_every_altered_character_is_refused(issuer, verifier):
    token = issuer.token()
    for place, letter in enumerate(token):
        altered = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        await refused(verifier, altered)


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", [1e308, "123", True, -1, 2**63, 1.5, [1], {}], ids=repr)
async def test_c09_times_are_integers(issuer, verifier, name, value):
    assert await refused(verifier, issuer.token(**{name: value})) is Reason.BAD_CLAIM


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "1e400"])
async def test_c09_numbers_that_are_none(issuer, verifier, literal):
    payload = json.dumps({**claims_of(issuer), "exp": 0}).replace('"exp": 0', f'"exp": {literal}').encode()
    assert await refused(verifier, issuer.sign(payload)) is Reason.MALFORMED


@pytest.mark.parametrize(
    ("offset", "reason"), [(0, None), (309, None), (310, Reason.EXPIRED), (-10, None), (-11, Reason.NOT_YET_VALID)]
)
async def test_c09_the_leeway(issuer, offset, reason):
    token = issuer.token(iat=5000, exp=5300)
    late = Verifier(issuer.url, audience=issuer.audience, keys=issuer.jwks(), now=lambda: 5000 + offset)
    if reason is None:
        assert (await late.verify(token)).claims["iat"] == 5000
    else:
        assert await refused(late, token) is reason


async def test_c09_a_token_ends(issuer, verifier):
    assert await refused(verifier, issuer.token(exp=None)) is Reason.BAD_CLAIM


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"7", b"{", b"\xff", b'{"iss":"a","iss":"b"}', b'{"exp":"\\ud800"}', b"null"]
)
async def test_a_payload_that_is_no_object(issuer, verifier, payload):
    assert await refused(verifier, issuer.sign(payload)) is Reason.MALFORMED


async def test_what_cannot_be_verified_does_not_ask_for_keys(issuer, clock):
    asked = []
    keys = PublishedKeys(lambda: asked.append(1) or issuer.jwks(), clock=clock)
    verifier = Verifier(issuer.url, audience=None, keys=keys)
    for header in ({"alg": "none"}, {"typ": "JWT"}, {"kid": None}, {"jku": "x"}):
        await refused(verifier, issuer.sign({}, header))
    assert asked == []
    assert (await verifier.verify(issuer.token())).sub == "alice"
    assert asked == [1]


async def test_no_audience_configured_accepts_any(issuer):
    for_all = Verifier(issuer.url, audience=None, keys=issuer.jwks())
    assert (await for_all.verify(issuer.wrong_audience())).sub == "alice"


async def test_keys_that_cannot_be_had_refuse_with_503(issuer, scripted):
    with scripted([b"HTTP/1.1 500 Oops\r\n\r\n"]) as server:
        verifier = Verifier(issuer.url, audience=None, jwks_url=server.url)
        with pytest.raises(Unavailable):
            await verifier.verify(issuer.token())


async def test_keys_over_a_socket(issuer, scripted, http_answer):
    with scripted([http_answer(json.dumps(issuer.jwks()).encode())]) as server:
        verifier = Verifier(issuer.url, audience=issuer.audience, jwks_url=server.url)
        assert (await verifier.verify(issuer.token())).sub == "alice"
        assert await refused(verifier, issuer.wrong_key()) is Reason.BAD_SIGNATURE
        assert len(server.requests) == 1


async def test_keys_by_metadata(running):
    async def app(scope, receive, send):
        answers = {
            "/.well-known/oauth-authorization-server": {"issuer": issuer.url, "jwks_uri": issuer.url + "/keys"},
            "/keys": issuer.jwks(),
        }
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": json.dumps(answers[scope["path"]]).encode()})

    with running(app) as url:
        issuer = Issuer(url)
        assert (await Verifier(url, audience=issuer.audience).verify(issuer.token())).sub == "alice"


@pytest.mark.parametrize(
    "options",
    [
        {"issuer": ""},
        {"audience": ""},
        {"algorithms": []},
        {"algorithms": ["HS256"]},
        {"algorithms": ["none"]},
        {"types": []},
        {"types": "at+jwt"},
        {"leeway": timedelta(seconds=61)},
        {"leeway": timedelta(seconds=-1)},
        {"keys": {"keys": []}},
        {"keys": {}},
        {"jwks_url": "https://id.test/jwks"},
        {"keys": None, "jwks_url": "http://id.test/jwks"},
        {"keys": None, "jwks_url": "file:///etc/passwd"},
        {"keys": None, "issuer": "just-a-name"},
    ],
)
def test_a_verifier_that_could_not_be_trusted_is_not_made(issuer, options):
    with pytest.raises(ValueError):  # noqa: PT011 - the messages belong to many places
        Verifier(**{"issuer": issuer.url, "audience": None, "keys": issuer.jwks(), **options})


def test_a_source_of_keys_is_taken_as_it_is(issuer):
    source = FixedKeys(issuer.jwks())
    assert Verifier(issuer.url, audience=None, keys=source)._keys is source


_GOOD = Issuer()
_SEGMENT = st.text("ABCxyz019-_=+/ ", max_size=12) | st.binary(max_size=30).map(segment)
_HEADER = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "cty"]),
    st.none() | st.integers() | st.sampled_from(["ES256", "RS256", "at+jwt", _GOOD.kid]) | st.text(max_size=5),
).map(lambda header: segment(json.dumps(header)))


@given(
    st.text(max_size=80)
    | st.tuples(_SEGMENT | _HEADER, _SEGMENT, _SEGMENT).map(".".join)
    | st.tuples(st.just(_GOOD.token()), st.integers(0, 200), st.characters()).map(
        lambda x: x[0][: x[1]] + x[2] + x[0][x[1] :]
    )
)
def test_any_string_is_refused_and_nothing_else_happens(token):
    with pytest.raises(Refusal):
        asyncio.run(_GOOD.verifier().verify(token))


@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "sub", "scope", "client_id"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.text(max_size=3)),
    )
)
def test_any_signed_claims_are_read_or_refused(claims):
    token = _GOOD.sign(json.dumps({**claims_of(_GOOD), **claims}).encode())
    try:
        read = asyncio.run(_GOOD.verifier().verify(token))
    except Refusal:
        return
    assert read.claims["iss"] == _GOOD.url
