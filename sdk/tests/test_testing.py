import jwt as pyjwt
import pytest

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
