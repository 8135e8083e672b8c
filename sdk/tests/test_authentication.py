import json

import pytest

from tokenhouse_verify.authentication import TokenAuthentication
from tokenhouse_verify.credential import Credential
from tokenhouse_verify.errors import InvalidToken, Reason
from tokenhouse_verify.introspection import Introspection


@pytest.fixture
def asked(scripted, http_answer):
    answer = {"active": True, "token_type": "bearer", "sub": "by introspection"}
    with scripted([http_answer(json.dumps(answer).encode())]) as server:
        yield server


@pytest.fixture
def introspection(asked):
    return Introspection(asked.url, client_id="api", client_secret="secret")


async def test_two_dots_are_verified_here(issuer, introspection, asked):
    both = TokenAuthentication(verifier=issuer.verifier(), introspection=introspection)
    assert (await both.authenticate(issuer.token())).sub == "alice"
    with pytest.raises(InvalidToken):
        await both.authenticate(issuer.expired())
    with pytest.raises(InvalidToken):
        await both.authenticate("a.b.c")
    assert asked.requests == []


@pytest.mark.parametrize("token", ["opaque", "one.dot", "a.b.c.d", "..."])
async def test_anything_else_is_introspected(issuer, introspection, asked, token):
    both = TokenAuthentication(verifier=issuer.verifier(), introspection=introspection)
    assert (await both.authenticate(token)).sub == "by introspection"
    assert len(asked.requests) == 1


async def test_an_opaque_token_that_nobody_can_be_asked_about(issuer):
    with pytest.raises(InvalidToken) as caught:
        await TokenAuthentication(verifier=issuer.verifier()).authenticate("opaque")
    assert caught.value.reason is Reason.OPAQUE


async def test_without_a_verifier_everything_is_introspected(issuer, introspection):
    only = TokenAuthentication(introspection=introspection)
    assert (await only.authenticate(issuer.token())).sub == "by introspection"


def test_with_neither_nothing_could_be_accepted():
    with pytest.raises(ValueError, match="needed"):
        TokenAuthentication()


async def test_what_is_no_token_is_introspected_however_it_looks(issuer, scripted, http_answer):
    answer = {"active": True, "token_type": "device_key", "device": "lamp"}
    with scripted([http_answer(json.dumps(answer).encode())]) as endpoint:
        asking = Introspection(endpoint.url, client_id="api", client_secret="secret")
        both = TokenAuthentication(verifier=issuer.verifier(), introspection=asking)
        assert (await both.authenticate(Credential("device_key", issuer.token(), "lamp"))).device == "lamp"


@pytest.mark.parametrize(("mode", "signed", "opaque"), [("auto", 1, 1), ("jwt", 1, 0), ("introspection", 0, 1)])
async def test_everything_is_found_by_the_issuer_alone(issuer, mode, signed, opaque):
    pair = {} if mode == "jwt" else {"client_id": "api", "client_secret": "secret"}
    with issuer.in_process():
        found = TokenAuthentication.of_issuer(issuer.url, audience=issuer.audience, mode=mode, **pair)
        assert found.can_ask is (mode != "jwt")
        for token, good in ((issuer.token(), signed), (issuer.opaque(), opaque)):
            if good:
                assert (await found.authenticate(token)).sub == "alice"
            else:
                with pytest.raises(InvalidToken):
                    await found.authenticate(token)
        with pytest.raises(InvalidToken):
            await found.authenticate(issuer.opaque(aud="https://other.test"))
