import jwt as pyjwt
import pytest

from tokenhouse_verify.credential import Credential
from tokenhouse_verify.errors import InvalidToken, Reason, Unavailable
from tokenhouse_verify.fetch import FetchError, fetch_object
from tokenhouse_verify.testing import Issuer


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_an_independent_library_accepts_the_tokens(alg):
    issuer = Issuer("https://id.test", audience="api", alg=alg)
    key = pyjwt.PyJWK(issuer.jwks()["keys"][0])
    token = issuer.token(scope="a")
    assert pyjwt.get_unverified_header(token) == {"alg": alg, "kid": issuer.kid, "typ": "at+jwt"}
    claims = pyjwt.decode(token, key, [alg], audience="api", issuer="https://id.test")
    assert (claims["sub"], claims["scope"]) == ("alice", "a")
    for bad, error in [
        (issuer.expired(), pyjwt.ExpiredSignatureError),
        (issuer.wrong_audience(), pyjwt.InvalidAudienceError),
        (issuer.wrong_issuer(), pyjwt.InvalidIssuerError),
        (issuer.wrong_key(), pyjwt.InvalidSignatureError),
    ]:
        with pytest.raises(error):
            pyjwt.decode(bad, key, [alg], audience="api", issuer="https://id.test")


def test_a_claim_can_be_taken_away():
    issuer = Issuer()
    claims = pyjwt.decode(issuer.token(sub=None, aud=None), options={"verify_signature": False})
    assert "sub" not in claims
    assert "aud" not in claims


def test_two_tokens_differ():
    issuer = Issuer()
    assert issuer.token() != issuer.token()


def test_only_the_public_half_is_published():
    for alg in ("ES256", "RS256"):
        (entry,) = Issuer(alg=alg).jwks()["keys"]
        assert entry.keys() <= {"kty", "crv", "x", "y", "n", "e", "kid", "alg", "use"}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("expired", Reason.EXPIRED),
        ("wrong_audience", Reason.WRONG_AUDIENCE),
        ("wrong_issuer", Reason.WRONG_ISSUER),
        ("wrong_key", Reason.BAD_SIGNATURE),
        ("wrong_type", Reason.WRONG_TYPE),
    ],
)
async def test_each_bad_token_is_bad_for_one_reason(bad, reason):
    issuer = Issuer()
    with pytest.raises(InvalidToken) as caught:
        await issuer.verifier().verify(getattr(issuer, bad)(sub="bob"))
    assert caught.value.reason is reason
    assert (await issuer.verifier().verify(issuer.token(sub="bob"))).sub == "bob"


@pytest.mark.parametrize("url", ["https://id.test", "https://id.test/tenant/a", "https://id.test/"])
async def test_it_answers_in_this_process(url):
    with Issuer(url, audience="api").in_process() as issuer:
        asking = issuer.introspection()
        token, secret, key = issuer.opaque(scope="a"), issuer.client_secret("app"), issuer.device_key("lamp", sub="bob")
        assert (await asking.introspect(token)).scope == ("a",)
        assert (await asking.introspect(Credential("client_secret", secret, "app"))).client_id == "app"
        assert (await asking.introspect(Credential("device_key", key))).device == "lamp"
        for value in (token, secret, key):
            issuer.revoke(value)
        asking = issuer.introspection()
        for credential in (token, Credential("client_secret", secret, "app"), Credential("device_key", key)):
            with pytest.raises(InvalidToken):
                await asking.introspect(credential)


async def test_outside_of_it_there_is_only_the_network():
    with Issuer("http://127.0.0.1:1").in_process() as issuer:
        token = issuer.opaque()
    with pytest.raises(Unavailable):
        await issuer.introspection().introspect(token)


async def test_what_it_does_not_have_is_not_there():
    with Issuer().in_process() as issuer, pytest.raises(FetchError, match="status 404"):
        fetch_object(issuer.url + "/other")
