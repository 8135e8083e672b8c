"""Error rows: inheritance, own looks, own variables, rows of one operation."""

import json

import pytest

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidClient, InvalidRequest, Refusal, UnauthorizedClient

ROWS = """[errors]
status = 400
headers.X-Status = "{{ error.status }}"
json = '{ "code": {{ error.code }}, "why": "{{ error.why }}", "on": {{ error.on }} }'
malformed = { code = 2, on = ["a"] }
missing = { status = 422, why = "{{ error.field }} of {{ error.fields | length }}" }
bad_client = { json = '"{{ error.reason }}"', headers.X-Extra = "1" }
default = { code = 1, why = "{{ error.cause }}", on = true }
"""


def refuse(kit, refusal, errors=ROWS, operation=None):
    (route,) = kit.load(kit.write(errors=errors, operation=operation or kit.OPERATION + kit.ANSWER)).mount(kit.SERVER)
    conversation = route.codec.open(kit.request(headers=(("content-type", "application/json"),), body=b"{}"))
    conversation.read()
    return conversation.refuse(refusal)


@pytest.mark.parametrize(
    ("refusal", "status", "body"),
    [
        (Refusal(Cause.DEFAULT), 400, {"code": 1, "why": "default", "on": True}),
        (Refusal(Cause.LIMITED), 400, {"code": 1, "why": "limited", "on": True}),
        (Refusal(Cause.TOO_LARGE), 400, {"code": 2, "why": "too_large", "on": ["a"]}),
        (InvalidRequest(Cause.MISSING, field="f"), 422, {"code": 2, "why": "f of 1", "on": ["a"]}),
        (InvalidRequest(Cause.MISSING), 422, {"code": 2, "why": " of 0", "on": ["a"]}),
        (Refusal(Cause.WRONG_PASSWORD), 400, {"code": 1, "why": "bad_credentials", "on": True}),
        (InvalidClient(Cause.WRONG_SECRET), 400, "Bad Request"),
    ],
)
def test_a_row_inherits_what_it_does_not_say(kit, refusal, status, body):
    answer = refuse(kit, refusal)

    assert answer.status == status
    assert json.loads(answer.body) == body
    assert dict(answer.headers)[b"x-status"] == b"%d" % status
    assert (b"x-extra" in dict(answer.headers)) is isinstance(refusal, InvalidClient)


def test_without_a_status_it_is_that_of_the_refusal(kit):
    assert refuse(kit, InvalidClient(Cause.BAD_CLIENT), ROWS.replace("status = 400\n", "")).status == 401


def test_an_operation_has_rows_of_its_own(kit):
    operation = kit.OPERATION + kit.ANSWER + "errors.not_allowed = { status = 451, why = 'no' }\nerrors.status = 409\n"

    answer = refuse(kit, UnauthorizedClient(Cause.NOT_ALLOWED), operation=operation)
    assert (answer.status, json.loads(answer.body)["why"]) == (451, "no")
    assert refuse(kit, Refusal(Cause.DEFAULT), operation=operation).status == 409


def test_what_may_be_said_of_a_refusal(kit):
    errors = """[errors]
json = '[{{ error.retry_after }}, "{{ error.description }}", "{{ error.reason }}", {{ read.device }}]'
default = {}
"""
    operation = kit.OPERATION + "read.device = 'json.d'\n" + kit.ANSWER
    answer = refuse(kit, Refusal(Cause.BUSY, retry_after=7), errors.replace("{{ read.device }}", "1"), operation)

    assert json.loads(answer.body) == [7, "The server is busy. Try again shortly.", "Bad Request", 1]


def test_a_status_that_nobody_has_registered_has_no_phrase(kit):
    errors = """[errors]
json = '["{{ error.reason }}"]'
default = { status = 499 }
"""
    answer = refuse(kit, Refusal(Cause.DEFAULT), errors)

    assert (answer.status, answer.body) == (499, b'[""]')


def test_a_mistake_in_what_an_operation_does_makes_its_rows_no_mistakes(kit):
    errors = kit.ERRORS + "bad_credentials = { status = 401 }\n"
    operation = kit.OPERATION.replace('"client_credentials"', '"pasword"') + kit.ANSWER
    [said] = kit.problems(kit.write(operation=operation, errors=errors))
    assert 'did you mean "password"?' in said


CALL = '[operation.me]\nroute = "GET /me"\ndoes = "update"\nread.new_name = "query.n"\nanswer.text = "ok"\n'
PROVIDER = """[operation.p]
route = "POST /p"
does = "assertion"
read.provider = "json.p"
read.assertion = "json.a"
answer.text = "ok"
"""
NAMED = '[operation.n]\nroute = "POST /n"\ndoes = "named_subject"\nread.user_id = "json.u"\nanswer.text = "ok"\n'


@pytest.mark.parametrize(
    ("row", "operation"),
    [
        ("wrong_bearer", CALL),
        ("no_token", CALL),
        ("not_found", CALL),
        ("taken", CALL),
        ("weak_password", CALL),
        ("unacceptable", CALL),
        ("bad_assertion", PROVIDER),
        ("unknown_provider", PROVIDER),
        ("provider_failed", PROVIDER),
        ("bad_credentials", PROVIDER),
        ("bad_credentials", NAMED),
        ("not_found", NAMED),
    ],
)
def test_a_row_needs_something_that_can_end_with_it(kit, row, operation):
    errors = f"{kit.ERRORS}{row} = {{ code = 'mine' }}\n"

    assert kit.problems(kit.write(operation=kit.OPERATION + kit.ANSWER + operation, errors=errors)) == []
    [said] = kit.problems(kit.write(errors=errors))
    assert said == f"demo.toml:15:1: TH-D052 no operation here can end with {row}"


def test_links_are_no_business_of_a_contract(kit):
    errors = kit.ERRORS + "bad_link = { code = 'mine' }\n"

    assert "no operation here can end with bad_link" in kit.problems(kit.write(operation=CALL, errors=errors))[0]


def test_a_resource_that_is_refused_has_a_row(kit):
    assert kit.problems(kit.write(errors=kit.ERRORS + "bad_audience = { code = 'mine' }\n")) == []
