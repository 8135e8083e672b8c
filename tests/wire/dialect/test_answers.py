"""Answers: facts of what was granted, headers, statuses, several answers, other bodies."""

from datetime import timedelta

import pytest

from tokenhouse.protocol.messages import IssuedToken, TokenResponse
from tokenhouse.protocol.names import TokenUse
from tokenhouse.protocol.refusals import ServerFault


def say(kit, lines, *, response=None, head=None, body=b'{"d":"dev"}', operation="client_credentials", **facts):
    text = kit.write(head=head or kit.HEAD, operation=kit.OPERATION.replace("client_credentials", operation) + lines)
    (route,) = kit.load(text).mount({**kit.SERVER, "colour": "red"})
    conversation = route.codec.open(kit.request(headers=(("content-type", "application/json"),), body=body))
    conversation.read()
    token = IssuedToken("access", TokenUse.ACCESS, "t0k", kit.NOW, kit.NOW + timedelta(hours=1))
    return conversation.say(response or TokenResponse({"access": token}, ("a", "b"), kit.NOW, **facts))


@pytest.mark.parametrize(
    ("hole", "expected"),
    [
        ('"{{ tokens.access }}"', b'"t0k"'),
        ("{{ tokens.access }}", b'"t0k"'),
        ("{{ tokens.access.expires_in }}", b"3600"),
        ("{{ tokens.access.lifetime }}", b"3600"),
        ("{{ tokens.access.expires_at | epoch }}", b"1597718644"),
        ("{{ tokens.access.is_new }}", b"true"),
        ("{{ granted.scope }}", b'["a","b"]'),
        ("\"{{ granted.scope | join(',') }}\"", b'"a,b"'),
        ("{{ client.name }}", b'"N"'),
        ("{{ user.email }}", b"null"),
        ("{{ user.plan.count }}", b"7"),
        ("{{ user.plan }}", b'{"count":7}'),
        ("{{ user.plan.other | default(0) }}", b"0"),
        ("{{ session.key }}", b"null"),
        ("{{ read.device }}", b'"dev"'),
        ("{{ json.d }}", b'"dev"'),
        ('"{{ server.issuer }} {{ server.colour }}"', b'"https://tokens.example/c red"'),
        ("{{ now | epoch }}", b"1597715044"),
    ],
)
def test_what_an_answer_can_say(kit, hole, expected):
    declared = """[attributes.user]
plan = { count = "int", other = "int" }
[attributes.server]
colour = "text"
"""
    head = kit.HEAD.replace("[tokens.access]", declared + "[tokens.access]")
    lines = f"read.device = 'json.d'\nanswer.json = '''{hole}'''\n"
    user = {"id": "1", "email": None, "plan": {"count": 7}}

    assert say(kit, lines, head=head, client={"id": "c", "name": "N"}, user=user).body == expected


def test_a_user_that_is_not_there_is_absent(kit):
    assert say(kit, "answer.json = '[{{ user.id }}, \"{{ user.id }}\"]'\n").body == b'[null,""]'


def test_a_token_that_was_made_before_says_what_is_left(kit):
    old = IssuedToken(
        "access", TokenUse.ACCESS, "t", kit.NOW - timedelta(minutes=10), kit.NOW + timedelta(minutes=50), is_new=False
    )
    lines = "answer.json = '[{{ tokens.access.expires_in }}, {{ tokens.access.lifetime }}]'\n"

    assert say(kit, lines, response=TokenResponse({"access": old}, (), kit.NOW)).body == b"[3000,3600]"


def test_a_token_without_end_says_nothing(kit):
    endless = IssuedToken("access", TokenUse.ACCESS, "t", kit.NOW, None)
    lines = "answer.json = '[{{ tokens.access.expires_in }}, {{ tokens.access.expires_at | epoch }}]'\n"

    assert say(kit, lines, response=TokenResponse({"access": endless}, (), kit.NOW)).body == b"[null,null]"
    assert say(kit, lines, response=TokenResponse({}, (), kit.NOW)).body == b"[null,null]"


def test_headers_and_status(kit):
    lines = """answer.status = 201
answer.headers = { X-Scope = "{{ granted.scope | join(' ') }}", X-None = "{{ user.id or omit }}" }
answer.content_type = "application/vnd.x+json"
answer.json = "{}"
"""
    answer = say(kit, lines)

    assert answer.status == 201
    assert answer.headers == ((b"content-type", b"application/vnd.x+json"), (b"x-scope", b"a b"))


def test_a_status_may_be_computed(kit):
    assert say(kit, "answer.status = 'length(json.d) + 199'\nanswer.json = '{}'\n").status == 202
    with pytest.raises(ServerFault):
        say(kit, "answer.status = 'length(json.d)'\nanswer.json = '{}'\n")


def test_an_answer_without_a_body(kit):
    empty = say(kit, "answer.status = 204\nanswer.json = '{}'\n")

    assert (empty.status, empty.headers, empty.body) == (204, (), b"")
    assert say(kit, "answer.headers.X-A = 'b'\n").headers == ((b"x-a", b"b"),)


def test_several_answers(kit):
    lines = """[[operation.token.answer]]
when = "read.device == 'dev'"
json = '"dev"'
[[operation.token.answer]]
json = '"other"'
[operation.token.read]
device = "json.d"
"""
    assert say(kit, lines).body == b'"dev"'
    assert say(kit, lines, body=b"{}").body == b'"other"'


def test_other_bodies(kit):
    form = say(kit, "answer.form = 'a={{ tokens.access }}&b={{ json.d }}'\n", body=b'{"d":"1 2&3"}')
    text = say(kit, "answer.text = 'é {{ tokens.access }}'\n")

    assert (form.headers[0][1], form.body) == (b"application/x-www-form-urlencoded", b"a=t0k&b=1+2%263")
    assert (text.headers[0][1], text.body) == (b"text/plain", "é t0k".encode())


def test_the_answer_of_the_file_is_what_an_operation_does_not_say(kit):
    common = "[answer]\nstatus = 202\nheaders.X-A = '1'\njson = '[1]'\n"
    head = kit.HEAD.replace("[tokens.access]", common + "[tokens.access]")
    inherited, own = say(kit, "", head=head), say(kit, "answer.json = '[2]'\nanswer.headers.X-B = '2'\n", head=head)

    assert (inherited.status, inherited.body) == (202, b"[1]")
    assert (own.body, own.headers[1:]) == (b"[2]", ((b"x-a", b"1"), (b"x-b", b"2")))


def test_the_style_of_the_file(kit):
    head = kit.HEAD.replace("[tokens.access]", '[json]\nspaces = true\nend = "\\n"\n[tokens.access]')

    assert say(kit, 'answer.json = \'{"a":1,"b":[1,2]}\'\n', head=head).body == b'{"a": 1, "b": [1, 2]}\n'


@pytest.mark.parametrize(
    "text", ["/done", "{{ server.url }}/x", "{{ server.url }}/users/{{ user.id | urlencode }}?a=1"]
)
def test_a_location_is_made_of_what_is_known_here(kit, text):
    assert kit.problems(kit.write(operation=kit.OPERATION + f'answer.headers.Location = "{text}"\n')) == []


@pytest.mark.parametrize(
    "text",
    [
        "{{ json.to }}",
        "{{ server.url }}{{ query.to | default('') }}",
        "{{ user.name }}",
        "{{ read.device }}",
        "{{ to }}",
        "https://{{ request.host }}/",
        "{{ tokens.access }}",
        "{{ 'a' if header.to else 'b' }}",
    ],
)
def test_nobody_is_sent_where_a_request_says(kit, text):
    operation = kit.OPERATION + f'read.device = "json.d"\nlet.to = "json.d"\nanswer.headers.location = "{text}"\n'
    [said] = kit.problems(kit.write(operation=operation))

    assert said == "demo.toml:13:16: TH-D007 a location is made of server.… and user.id only, never of what was sent"


def test_a_location_of_an_error_is_not_made_of_the_error(kit):
    errors = kit.ERRORS + 'headers.Location = "/{{ error.field }}"\n'

    assert "a location is made of server.… and user.id only" in kit.problems(kit.write(errors=errors))[0]


def test_a_location_is_said(kit):
    answer = say(kit, 'answer.status = 201\nanswer.headers.Location = "{{ server.url }}/made"\n')

    assert (answer.status, answer.body) == (201, b"")
    assert answer.headers == ((b"location", b"https://tokens.example/made"),)
