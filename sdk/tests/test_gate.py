import asyncio
import json

import pytest

from tokenhouse_verify.authentication import TokenAuthentication
from tokenhouse_verify.errors import InsufficientScope, InvalidRequest, InvalidToken, MissingToken, Reason
from tokenhouse_verify.gate import Gate, Requirement, make_requirement
from tokenhouse_verify.presentation import Presentation

ACME = Presentation.load(
    {
        "contract": "acme",
        "ways": [{"token": [{"header": "x-token"}]}, {"device_key": [{"header": "x-key"}]}],
        "errors": {"default": {"status": 418, "body": "no"}, "wrong_bearer": {"status": 419, "body": "kind"}},
    }
)


NOTHING_MORE = Requirement()


@pytest.fixture
def seen():
    return []


@pytest.fixture
def gate(issuer, seen):
    with issuer.in_process():
        authentication = TokenAuthentication(verifier=issuer.verifier(), introspection=issuer.introspection())
        yield Gate(authentication=authentication, presentation=Presentation().beside(ACME), on_presentation=seen.append)


def bearer(token: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {token}".encode())]


async def test_a_token_says_in_whose_way_it_came(gate, issuer, seen):
    assert (await gate.visit(bearer(issuer.token())).admit(Requirement())).contract == "standard"
    token = await gate.visit([(b"x-token", issuer.opaque(scope="a").encode())]).admit(Requirement(("a",)))
    assert (token.contract, token.kind, token.sub) == ("acme", "token", "alice")
    key = await gate.visit([(b"x-key", issuer.device_key("lamp").encode())]).admit(Requirement())
    assert (key.contract, key.kind, key.device) == ("acme", "device_key", "lamp")
    assert seen == ["standard", "acme", "acme"]


async def test_what_is_presented_is_counted_and_what_is_not_is_not(gate, issuer, seen):
    with pytest.raises(InvalidToken):
        await gate.visit(bearer(issuer.expired())).admit(Requirement())
    assert seen == ["standard"]
    for headers in ([], [*bearer("a"), (b"x-token", b"a")]):
        with pytest.raises((MissingToken, InvalidRequest)):
            await gate.visit(headers).admit(Requirement())
    assert seen == ["standard"]


async def test_a_counter_that_breaks_closes_nothing(issuer, caplog):
    def broken(contract: str) -> None:
        raise KeyError(contract)

    gate = Gate(
        authentication=TokenAuthentication(verifier=issuer.verifier()),
        presentation=Presentation(),
        on_presentation=broken,
    )
    assert (await gate.visit(bearer(issuer.token())).admit(Requirement())).sub == "alice"
    assert "on_presentation_failed" in caplog.text


async def refused(gate, headers, requirement=NOTHING_MORE):
    visit = gate.visit(headers)
    with pytest.raises((MissingToken, InvalidRequest, InvalidToken, InsufficientScope)) as caught:
        await visit.admit(requirement)
    return caught.value.reason, visit.refuse(caught.value)


async def test_everybody_is_refused_in_the_words_of_his_contract(gate, issuer):
    reason, answer = await refused(gate, [])
    assert (reason, answer.status) == (Reason.NO_TOKEN, 401)
    reason, answer = await refused(gate, [(b"x-token", b"unknown")])
    assert (reason, answer.status, answer.body) == (Reason.INACTIVE, 418, b"no")
    reason, answer = await refused(gate, bearer(issuer.token()), Requirement(("a",)))
    assert (reason, answer.status) == (Reason.SCOPE, 403)
    assert json.loads(answer.body)["error"] == "insufficient_scope"
    reason, answer = await refused(gate, [(b"x-token", issuer.opaque().encode())], Requirement(("a",)))
    assert (reason, answer.status) == (Reason.SCOPE, 418)


async def test_who_asks_the_same_at_the_same_time_is_refused_in_his_own_words(gate):
    headers = [bearer("unknown"), [(b"x-token", b"unknown")]] * 5
    answers = await asyncio.gather(*(refused(gate, one) for one in headers))
    assert [answer.status for _, answer in answers] == [401, 418] * 5


async def test_an_endpoint_may_take_some_kinds_only(gate, issuer, seen):
    tokens = make_requirement((), ["token"], None)
    key = [(b"x-key", issuer.device_key("lamp").encode())]
    reason, answer = await refused(gate, key, tokens)
    assert (reason, answer.body) == (Reason.WRONG_KIND, b"kind")
    assert seen == []
    assert (await gate.visit(key).admit(make_requirement((), ["device_key"], None))).device == "lamp"


async def test_an_endpoint_may_look_elsewhere(gate, issuer):
    only_acme = make_requirement((), None, ACME)
    reason, answer = await refused(gate, bearer(issuer.token()), only_acme)
    assert (reason, answer.status) == (Reason.NO_TOKEN, 418)
    assert (await gate.visit([(b"x-token", issuer.token().encode())]).admit(only_acme)).sub == "alice"


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ([(b"X-Request-Id", b"abc-1.2:3/4+5=_")], "abc-1.2:3/4+5=_"),
        ([(b"x-request-id", b"a"), (b"x-request-id", b"a")], None),
        ([(b"x-request-id", b"a b")], None),
        ([(b"x-request-id", b"a\r\nb: c")], None),
        ([(b"x-request-id", b"")], None),
        ([(b"x-request-id", b"a" * 129)], None),
        ([], None),
    ],
)
async def test_the_correlation_id_is_echoed_if_it_can_be(gate, headers, kept, caplog):
    caplog.set_level("INFO", "tokenhouse_verify")
    visit = gate.visit(headers)
    with pytest.raises(MissingToken) as caught:
        await visit.admit(Requirement())
    told = dict(visit.refuse(caught.value).headers)["X-Request-Id"]
    assert told == (kept or visit.request_id)
    assert kept is not None or (len(told) == 16 and told.isalnum())
    assert f"token_refused reason=no_token status=401 request_id={told}" in caplog.text


@pytest.mark.parametrize(
    ("scope", "kinds", "presentation"),
    [
        (("a b",), None, None),
        ((), [], None),
        ((), "token", None),
        ((), ["password"], None),
        ((), ["client_secret"], ACME),
    ],
)
def test_a_requirement_that_nobody_can_meet_is_a_mistake_at_once(scope, kinds, presentation):
    with pytest.raises(ValueError, match=r"scope-token|kinds are"):
        make_requirement(scope, kinds, presentation)


def test_credentials_that_nobody_could_be_asked_about(issuer):
    with pytest.raises(ValueError, match="needs introspection"):
        Gate(authentication=TokenAuthentication(verifier=issuer.verifier()), presentation=ACME)
