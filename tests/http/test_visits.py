from __future__ import annotations

import json

import pytest

from tokenhouse.http.visits import PlainEndpoint, QuestionEndpoint, TokenEndpoint
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpAnswer, HttpRequest
from tokenhouse.protocol.messages import CallRequest, Credentials, IssuedToken, TokenRequest, TokenResponse
from tokenhouse.protocol.names import AuthMethod, CallKind, TokenUse
from tokenhouse.protocol.refusals import InvalidClient, ServerFault
from tokenhouse.wire.standard import StandardCodec

FORM = ((b"content-type", b"application/x-www-form-urlencoded"), (b"authorization", b"Basic YXBwOnM="))


@pytest.fixture
def request_(clock):
    def request_(body=b"grant_type=client_credentials", headers=FORM):
        return HttpRequest("POST", "/", "", headers, body, "feed" * 4, clock.now, secure=True)

    return request_


class Corridor:
    """A corridor that grants a token to everybody and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[TokenRequest] = []

    async def token(self, request, mount):
        self.asked.append(request)
        token = IssuedToken("access", TokenUse.ACCESS, "th", request.now, None)
        return TokenResponse({"access": token}, (), request.now)


class Calls:
    """Protected calls that are answered with nothing."""

    def __init__(self) -> None:
        self.asked: list[CallRequest] = []

    async def answer(self, request, mount):
        self.asked.append(request)
        return TokenResponse({}, (), request.now)


class CallCodec:
    """A codec of one protected call."""

    def __init__(self, credentials=None) -> None:
        self.credentials = credentials

    def open(self, request):
        self.request = request
        return self

    def read(self):
        return CallRequest(CallKind.UNLOCK, "0", self.request.now, credentials=self.credentials)

    def say(self, response):
        return HttpAnswer(204, (), b"")


async def test_a_token_visit_reads_walks_and_says(house, request_):
    corridor = Corridor()
    visit = TokenEndpoint(StandardCodec(), corridor, Calls(), house.standard).open(request_())
    assert (visit.contract, visit.tenant, visit.operation, visit.credentials) == ("standard", "default", "token", None)
    answer = await visit.answer()
    assert json.loads(answer.body) == {"access_token": "th", "token_type": "Bearer"}
    assert visit.credentials is corridor.asked[0].credentials
    assert visit.credentials.client_id == "app"


@pytest.mark.parametrize("credentials", [None, Credentials(AuthMethod.BASIC, "app")])
async def test_a_protected_call_walks_its_own_corridor_under_its_own_name(house, request_, credentials):
    corridor, calls = Corridor(), Calls()
    visit = TokenEndpoint(CallCodec(credentials), corridor, calls, house.standard).open(request_())
    assert await visit.answer() == HttpAnswer(204, (), b"")
    assert (visit.operation, visit.credentials) == ("unlock", credentials)
    assert (len(calls.asked), corridor.asked) == (1, [])


async def test_a_token_visit_refuses_in_its_contracts_words(house, request_):
    visit = TokenEndpoint(StandardCodec(), Corridor(), Calls(), house.standard).open(request_())
    answer = visit.refuse(InvalidClient(Cause.UNKNOWN_CLIENT))
    assert (answer.status, json.loads(answer.body)["error"]) == (401, "invalid_client")


async def test_a_question_is_answered_as_json_or_with_nothing(house, request_):
    async def ask(question, mount):
        assert mount is house.standard
        return {"token": question.token.reveal()} if question.token else None

    endpoint = QuestionEndpoint(ask, house.standard, "introspect")
    visit = endpoint.open(request_(b"token=x"))
    answer = await visit.answer()
    assert (answer.status, answer.headers, answer.body) == (
        200,
        ((b"content-type", b"application/json"),),
        b'{"token":"x"}',
    )
    assert (visit.operation, visit.credentials.client_id) == ("introspect", "app")
    silent = await endpoint.open(request_(b"other=x")).answer()
    assert (silent.status, silent.headers, silent.body) == (200, (), b"")


async def test_a_question_is_refused_as_the_token_endpoint_refuses(house, request_):
    visit = QuestionEndpoint(None, house.standard, "revoke").open(request_())
    answer = visit.refuse(InvalidClient(Cause.UNKNOWN_CLIENT))
    assert dict(answer.headers)[b"www-authenticate"].startswith(b"Basic ")


class Questions:
    async def introspect(self, question, mount):
        return {"active": False}

    async def revoke(self, question, mount):
        assert question.credentials == Credentials(AuthMethod.NONE)


async def test_introspection_and_revocation_have_endpoints_of_their_own(house, request_):
    asked = request_(b"token=x", FORM[:1])
    introspection = QuestionEndpoint.introspection(Questions(), house.standard).open(asked)
    revocation = QuestionEndpoint.revocation(Questions(), house.standard).open(asked)
    assert (introspection.operation, revocation.operation) == ("introspect", "revoke")
    assert (await introspection.answer()).body == b'{"active":false}'
    assert (await revocation.answer()).body == b""


async def test_a_document_belongs_to_no_contract_and_refuses_with_a_bare_status(request_):
    async def make():
        return HttpAnswer(200, (), b"document")

    visit = PlainEndpoint(make).open(request_())
    assert (visit.contract, visit.tenant, visit.operation, visit.credentials) == ("", "", "document", None)
    assert (await visit.answer()).body == b"document"
    assert visit.refuse(ServerFault(Cause.SERVER_ERROR)) == HttpAnswer(500, (), b"")
