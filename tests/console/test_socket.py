import json

import pytest

from tokenhouse.console.socket import socket_app


async def ask(house, path, body=b"", *, method="POST", headers=(), messages=None):
    sent = []
    waiting = iter(messages or [{"type": "http.request", "body": body, "more_body": False}])

    async def receive():
        return next(waiting)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": list(headers),
        "root_path": "",
        "scheme": "http",
        "server": ("localhost", 80),
    }
    await socket_app(house.management)(scope, receive, send)
    return sent[0]["status"], sent[1]["body"], dict(sent[0]["headers"])


async def test_an_operation_is_answered_in_json(house):
    status, body, headers = await ask(house, "/v1/tenant.create", b'{"name":"shop"}')
    assert (status, json.loads(body)["name"]) == (200, "shop")
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"cache-control"] == b"no-store"


@pytest.mark.parametrize(
    ("sent", "recorded"), [(b"cli:ann", "cli:ann"), (b"", "socket"), (b"a b", "socket"), (b"x" * 65, "socket")]
)
async def test_the_audit_log_names_who_asked(house, sent, recorded):
    await ask(house, "/v1/tenant.create", b'{"name":"shop"}', headers=[(b"x-tokenhouse-actor", sent)])
    assert (await house.audit())[-1] == f"administration.tenant.create shop shop {recorded}"


async def test_errors_keep_their_code_and_status(house):
    status, body, _ = await ask(house, "/v1/client.show", b'{"client_id":"nobody"}')
    assert status == 404
    assert json.loads(body) == {
        "code": "not_found",
        "message": 'there is no client "nobody" in the tenant "default"',
        "hint": "tokenhouse client list",
    }


async def test_other_methods_and_paths_are_refused(house):
    assert (await ask(house, "/v1/tenant.list", method="GET"))[0] == 405
    assert (await ask(house, "/v2/tenant.list"))[0] == 404
    assert (await ask(house, "/v1/nothing"))[0] == 404


async def test_a_body_has_a_limit_and_an_end(house):
    piece = {"type": "http.request", "body": b"x" * 200_000, "more_body": True}
    status, body, _ = await ask(house, "/v1/tenant.list", messages=[piece, piece])
    assert (status, json.loads(body)["message"]) == (422, "the input is too large")
    status, body, _ = await ask(house, "/v1/tenant.list", messages=[{"type": "http.disconnect"}])
    assert (status, json.loads(body)["message"]) == (422, "the input ended early")
