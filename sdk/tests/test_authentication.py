import json

import pytest

from tokenhouse_verify.authentication import TokenAuthentication
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
