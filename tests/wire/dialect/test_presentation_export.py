"""The exported description: its exact shape, the vendors' own refusals, and what cannot be exported, with its place."""

import json

import pytest

from tokenhouse.written import Problems

CAUSES = [
    "no_token", "bad_token", "wrong_bearer", "not_allowed", "limited", "malformed", "server_error", "busy", "default",
]  # fmt: skip
BEARER = '[present]\nways = [{ token = "auth.bearer" }]\n'


def refused(kit, **parts):
    with pytest.raises(Problems) as found:
        kit.load(kit.write(**parts)).describe_presentation()
    return [str(problem) for problem in found.value.problems]


def test_the_description_is_plain_data_of_this_shape(kit):
    told = kit.load(kit.write(more=BEARER)).describe_presentation()
    assert told == json.loads(json.dumps(told))
    assert list(told) == ["contract", "ways", "errors"]
    assert told["contract"] == "demo"
    assert told["ways"] == [{"token": [{"header": "authorization", "scheme": "bearer"}]}]
    assert list(told["errors"]) == CAUSES
    assert told["errors"]["bad_token"] == {
        "status": 401,
        "headers": {"content-type": "application/json"},
        "body": '{"error":"no"}',
    }


@pytest.mark.parametrize(
    ("cause", "status"),
    list(zip(CAUSES, [401, 401, 401, 403, 429, 400, 500, 503, 400], strict=True)),
)
def test_a_row_without_a_status_has_that_of_the_refusal(kit, cause, status):
    assert kit.load(kit.write(more=BEARER)).describe_presentation()["errors"][cause]["status"] == status


@pytest.mark.parametrize("name", ["blsct", "mcs", "rfc6749", "socialid", "yindo"])
def test_every_shipped_dialect_can_be_exported(kit, name):
    told = kit.shipped(name).describe_presentation()
    assert told["contract"] == name
    assert list(told["errors"]) == CAUSES
    for row in told["errors"].values():
        assert 400 <= row["status"] <= 599
        if "json" in row["headers"].get("content-type", ""):
            json.loads(row["body"])


def test_the_sandbox_refuses_as_its_vendor_does_and_takes_three_credentials(kit):
    told = kit.shipped("mcs").describe_presentation()
    assert told["ways"] == [
        {"token": [{"header": "authorization", "scheme": "bearer"}]},
        {"client_id": [{"header": "appid"}], "client_secret": [{"header": "appsecret"}]},
        {"device_key": [{"header": "devicekey"}]},
    ]
    for cause in ("no_token", "bad_token", "wrong_bearer"):
        row = told["errors"][cause]
        assert row["status"] == 401
        assert row["body"] == (
            '{"errors":[{"code":4001,"message":"token is incorrect"}],"statusCode":401,"options":{}}'
        )


def test_a_token_in_the_header_that_the_document_names(kit):
    told = kit.shipped("yindo").describe_presentation()
    assert told["ways"][1] == {"token": [{"header": "authorize", "strip": "Bearer "}]}
    assert told["errors"]["bad_token"]["status"] == 401


def test_the_body_is_the_status(kit):
    errors = kit.shipped("blsct").describe_presentation()["errors"]
    for cause in ("no_token", "bad_token", "malformed", "not_allowed", "default"):
        assert (errors[cause]["status"], errors[cause]["body"]) == (401, "401")


def test_the_standard_has_headers_and_no_body(kit):
    errors = kit.shipped("rfc6749").describe_presentation()["errors"]
    assert errors["no_token"] == {
        "status": 401, "headers": {"www-authenticate": 'Bearer realm="tokenhouse"'}, "body": "",
    }  # fmt: skip
    assert errors["not_allowed"]["headers"]["www-authenticate"].endswith('error="insufficient_scope"')


def test_the_default_format_speaks_where_a_contract_has_several(kit):
    head = kit.HEAD + '[formats]\nchoose = "header.accept"\ndefault = "text/xml"\n' + (
        '[formats.as]\n"application/json" = "json"\n"text/xml" = "xml"\n'
    )  # fmt: skip
    operation = kit.OPERATION + "answer.json = '{}'\nanswer.xml = '<a/>'\n"
    errors = "[errors]\njson = '{}'\nxml = '<e>{{ error.cause }}</e>'\ndefault = {}\n"
    told = kit.load(kit.write(head, operation, errors, BEARER)).describe_presentation()
    assert told["errors"]["bad_token"]["headers"] == {"content-type": "text/xml"}
    assert told["errors"]["bad_token"]["body"] == "<e>bad_token</e>"


def test_what_a_call_alone_knows_is_left_out(kit):
    errors = '[errors]\njson = \'{ "f": "{{ error.field }}", "n": {{ error.retry_after }} }\'\ndefault = {}\n'
    told = kit.load(kit.write(errors=errors, more=BEARER)).describe_presentation()
    assert told["errors"]["limited"]["body"] == '{"f":"","n":null}'


def test_a_file_that_does_not_say_how_it_is_called(kit):
    assert refused(kit) == ["demo.toml:1:1: TH-D004 the file has no [present]"]


@pytest.mark.parametrize(
    ("body", "needs"),
    [
        ("{{ read.client_id }}", "read"),
        ("{{ header.x }}", "header"),
        ("{{ request.id }}", "request"),
        ("{{ now | epoch }}", "request"),
        ("{{ server.url }}", "server"),
        ("{{ error.id }}", "request"),
        ("{{ json.x }}", "json"),
        ("{{ param.x }}", "param"),
        ("{{ mine }}", "header"),
    ],
)
def test_a_row_that_needs_the_request_is_refused_at_its_place(kit, body, needs):
    errors = f"[errors]\njson = '\"fine\"'\ndefault = {{}}\nlimited.json = '{body}'\n"
    operation = (
        '[let]\nmine = "header.x"\n[read]\nclient_id = "json.id"\n' + kit.OPERATION + "\n" + kit.ANSWER
    )  # fmt: skip
    [said] = refused(kit, operation=operation, errors=errors, more=BEARER)
    line = kit.write(operation=operation, errors=errors, more=BEARER).splitlines().index(f"limited.json = '{body}'") + 1
    assert said.startswith(f"demo.toml:{line}:")
    assert f"what is said for limited cannot be exported: it needs the request (its {needs})" in said


def test_rows_that_share_a_body_are_told_together(kit):
    errors = "[errors]\njson = '{{ read.client_id }}'\ndefault = {}\n"
    operation = '[read]\nclient_id = "json.id"\n' + kit.OPERATION + kit.ANSWER
    [said] = refused(kit, operation=operation, errors=errors, more=BEARER)
    assert ", ".join(CAUSES) in said


def test_a_row_without_a_body_is_pointed_at_by_its_table(kit):
    errors = "[errors]\nstatus = 'header.x | int'\ndefault = {}\n"
    [said] = refused(kit, errors=errors, more=BEARER)
    assert said.startswith("demo.toml:12:")


def test_a_row_that_breaks_is_refused(kit):
    errors = "[errors]\nstatus = '7 | abs'\ndefault = {}\n"
    [said] = refused(kit, errors=errors, more=BEARER)
    assert "a status is not one" in said


def test_a_way_that_says_more_is_refused_at_its_place_and_still_works_here(kit):
    more = """[present]
ways = [
  { token = "header.a | lower" },
  { token = ["auth.bearer", "header.b | after(':')"] },
]
"""
    said = refused(kit, more=more)
    assert [line.split(" ")[0] for line in said] == ["demo.toml:17:14:", "demo.toml:18:30:"]
    assert "this way cannot be exported: lower() says more" in said[0]
