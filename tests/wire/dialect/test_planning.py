"""Protected calls of a file: whose token they take, where it stands, what else must be there."""

from __future__ import annotations

import pytest

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import CallRequest
from tokenhouse.protocol.names import AuthMethod, Bearer, CallKind
from tokenhouse.protocol.refusals import InvalidRequest

JSON = ("content-type", "application/json")
BEARER = ("authorization", "Bearer t")
CLIENT = '[read]\nclient_id = "basic.user"\nclient_secret = "basic.password"\n'


def text(kit, lines, more="", head=""):
    operation = f'[operation.call]\nroute = "POST /call"\n{lines}answer.json = "{{}}"\n'
    return kit.write(head=kit.HEAD.replace("[tokens.access]", head + "[tokens.access]"), operation=operation, more=more)


def read(kit, lines, *headers, body=b"{}", **options):
    query = options.pop("query", "")
    (route,) = kit.load(text(kit, lines, **options)).mount(kit.SERVER)
    return route.codec.open(kit.request(path="/call", headers=(JSON, *headers), body=body, query=query)).read()


def test_a_call_takes_a_persons_bearer_token_unless_it_says_more(kit):
    message = read(kit, 'does = "introspect"\n', BEARER)

    assert isinstance(message, CallRequest)
    assert (message.does, message.bearer, message.operation) == (CallKind.INTROSPECT, Bearer.USER, "call")
    assert message.token.reveal() == "t"
    assert (message.credentials, message.fault, message.identifier) == (None, None, None)
    assert read(kit, 'does = "introspect"\n').token is None
    assert read(kit, 'does = "introspect"\n', ("authorization", "Basic YTpi")).token is None


@pytest.mark.parametrize("bearer", list(Bearer))
def test_whose_token(kit, bearer):
    assert read(kit, f'does = "introspect"\nbearer = "{bearer.value}"\n', BEARER).bearer is bearer


@pytest.mark.parametrize("ends", ["token", "session", "device", "user"])
def test_what_a_revocation_ends(kit, ends):
    assert read(kit, f'does = "revoke"\nends = "{ends}"\n', BEARER).ends == ends
    assert read(kit, 'does = "revoke"\n', BEARER).ends == "session"


def test_the_token_stands_where_the_contract_says(kit):
    more = '[present]\nways = [{ token = "header.x_token" }, { token = "auth.token" }]\n'

    assert read(kit, 'does = "introspect"\n', ("x-token", "a"), more=more).token.reveal() == "a"
    assert read(kit, 'does = "introspect"\n', ("authorization", "Token b"), more=more).token.reveal() == "b"
    assert read(kit, 'does = "introspect"\n', BEARER, more=more).token is None
    with pytest.raises(InvalidRequest):
        read(kit, 'does = "introspect"\n', ("x-token", "a"), ("authorization", "Token a"), more=more)


def test_the_token_stands_where_the_operation_says(kit):
    lines = 'does = "introspect"\nread.token = ["json.token", "json.access"]\n'

    assert read(kit, lines, BEARER, body=b'{"token":"x"}').token.reveal() == "x"
    assert read(kit, lines, BEARER).token is None
    for body in (b'{"token":5}', b'{"token":"x","access":"y"}'):
        with pytest.raises(InvalidRequest) as found:
            read(kit, lines, body=body)
        assert found.value.cause is Cause.MALFORMED


def test_a_client_proves_itself_beside_the_token_if_the_call_says_so(kit):
    lines = 'does = "introspect"\nread.token = "json.token"\n'
    basic = ("authorization", "Basic YTpi")

    assert read(kit, lines, basic, head=CLIENT).credentials is None
    proven = read(kit, lines + 'client_by = ["client_secret.api"]\n', basic, head=CLIENT).credentials
    assert (proven.client_id, proven.secret.reveal(), proven.slot) == ("a", "b", "api")


def test_a_secret_alone_is_that_of_the_tokens_client(kit):
    lines = 'does = "introspect"\nurl_secrets = true\nread.client_secret = "query.s"\n'
    slotted = lines + 'client_by = ["client_secret.api"]\n'
    given = read(kit, slotted, BEARER, head=CLIENT, query="s=b").credentials
    without = read(kit, slotted, BEARER, head=CLIENT).credentials

    assert (given.client_id, given.secret.reveal(), given.slot, given.method) == (None, "b", "api", AuthMethod.POST)
    assert not given.malformed
    assert (without.client_id, without.secret, without.malformed) == (None, None, True)
    assert read(kit, lines, BEARER, query="s=b").credentials.slot == ""


def test_common_roles_are_not_those_of_a_call(kit):
    message = read(kit, 'does = "introspect"\n', BEARER, body=b'{"s":"a  b","d":5}', head='[read]\nscope = "json.s"\n')

    assert message.fault is None


def test_what_is_wrong_beside_the_token_waits_for_it(kit):
    lines = 'does = "unlock"\nbearer = "either"\nread.username = "json.u"\nread.email = "json.e"\n'

    assert read(kit, lines, BEARER).fault is None
    assert read(kit, lines, BEARER, body=b'{"u":5}').fault.field == "u"
    assert read(kit, lines, BEARER, body=b'{"u":"a","e":"b"}').fault.field == "e"
    client = read(kit, lines.replace("either", "client"), BEARER).fault
    assert (client.cause, client.field) == (Cause.MISSING, "u")


def test_a_registration_needs_one_of_its_names(kit):
    lines = 'does = "register"\nread.new_email = "json.e"\nread.new_username = "json.u"\n'

    assert read(kit, lines, BEARER, body=b'{"u":"a"}').fault is None
    assert read(kit, lines, BEARER).fault.field == "e"
    assert read(kit, lines.replace("register", "update"), BEARER).fault is None


CASES = [
    ('does = "introspect"\nbearer = "nobody"\n', "", "TH-D007 unknown value 'nobody'"),
    ('does = "static"\nbearer = "user"\n', "", "TH-D007 bearer is for protected calls: introspect, register, revoke"),
    ('does = "introspect"\nends = "user"\n', "", "TH-D007 ends is for operations that revoke"),
    ('does = "revoke"\nends = "everything"\n', "", "TH-D007 unknown value 'everything'"),
    ('does = "introspect"\nissues = ["access"]\n', "", "TH-D005 tokens of protected calls are not supported"),
    (
        'does = "introspect"\n',
        '[present]\nways = [{ client_id = "header.i", client_secret = "header.s" }]\n',
        "TH-D032 the call takes a token: no way of [present] has one, and none is read (read.token)",
    ),
]


@pytest.mark.parametrize(("lines", "more", "expected"), CASES, ids=[str(index) for index in range(len(CASES))])
def test_what_is_refused_at_load(kit, lines, more, expected):
    [said] = kit.problems(text(kit, lines, more=more))

    assert expected in said


def test_what_is_refused_already_makes_no_second_problem(kit):
    [said] = kit.problems(text(kit, 'does = "introspct"\nends = "session"\nbearer = "user"\nread.token = "json.t"\n'))

    assert 'did you mean "introspect"?' in said


def test_of_the_common_answer_a_call_has_the_headers_only(kit):
    common = "[answer]\nstatus = 202\nheaders.X-A = '1'\njson = '{ \"t\": \"{{ tokens.access }}\" }'\n"
    lines = 'does = "unlock"\n'
    file = text(kit, lines, head=common).replace('answer.json = "{}"\n', "")
    (operation,) = kit.load(file).operations
    (answer,) = operation.answers

    assert (answer.status, answer.bodies, [name for name, _ in answer.headers]) == (200, {}, [b"x-a"])


def test_a_call_answers_with_no_token(kit):
    file = text(kit, 'does = "introspect"\n').replace('"{}"', '\'{ "t": "{{ tokens.access }}" }\'')
    [said] = kit.problems(file)

    assert "TH-D061 this answer carries no token 'access'" in said
