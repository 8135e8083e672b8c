"""A pretend core: proves clients and users of a dialect's samples and makes tokens in its forms, without any store."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import tokenhouse
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.codec import Conversation
from tokenhouse.protocol.contract import OpaqueForm, SignedForm, TokenPlan
from tokenhouse.protocol.exchange import HttpAnswer, HttpRequest
from tokenhouse.protocol.messages import IssuedToken, TokenRequest, TokenResponse
from tokenhouse.protocol.names import TokenUse
from tokenhouse.protocol.refusals import (
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    Refusal,
    UnsupportedGrantType,
    WrongMethod,
)
from tokenhouse.wire.dialect import Dialect, load
from tokenhouse.wire.dialect.comparison import compare, compare_decoded
from tokenhouse.wire.dialect.examples import ExampleRequest, read_request
from tokenhouse.written import Problems

DIALECTS = Path(tokenhouse.__file__).parent / "dialects"
NOW = datetime(2020, 8, 18, 1, 44, 4, tzinfo=UTC)
SERVER = {"url": "https://tokens.example", "issuer": "https://tokens.example/c", "host": "tokens.example"}


def make_request(
    method: str = "POST",
    path: str = "/token",
    *,
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    query: str = "",
    secure: bool = True,
    now: datetime = NOW,
    variables: Mapping[str, str] | None = None,
) -> HttpRequest:
    raw = tuple((name.lower().encode(), value.encode()) for name, value in headers)
    return HttpRequest(
        method, path, query, raw, body, "req-1", now, "192.0.2.1", "tokens.example", secure, variables or {}
    )


class Core:
    """Just enough of the rooms behind the wire."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.routes = {(route.method, route.path): route.codec for route in dialect.mount(SERVER)}
        self.refresh: dict[str, tuple[str, Mapping[str, Any], tuple[str, ...]]] = {}
        self.serial = itertools.count(1)

    def exchange(self, request: HttpRequest) -> HttpAnswer:
        codec = self.routes.get((request.method, request.path))
        if codec is None:
            codec = next(codec for (_, path), codec in self.routes.items() if path == request.path)
            return codec.open(request).refuse(WrongMethod(Cause.WRONG_METHOD))
        talk = codec.open(request)
        try:
            return talk.say(self._decide(talk))
        except Refusal as refusal:
            return talk.refuse(refusal)

    def _decide(self, talk: Conversation) -> TokenResponse:
        message = talk.read()
        client = self._client(message)
        if message.fault is not None:
            raise message.fault
        scope = message.scope if message.scope is not None else tuple(client.get("scope", ()))
        user: Mapping[str, Any] | None = None
        if message.grant_type == "password":
            user = self._user(message)
        elif message.grant_type == "refresh_token":
            assert message.token is not None
            found = self.refresh.get(message.token.reveal())
            if found is None:
                raise InvalidGrant(Cause.BAD_TOKEN)
            _, user, scope = found
        elif message.grant_type != "client_credentials":
            raise UnsupportedGrantType(Cause.UNSUPPORTED)
        if not set(scope) <= set(client.get("scope", ())):
            raise InvalidScope(Cause.BAD_SCOPE)
        return self._issue(message, client, user, scope)

    def _client(self, message: TokenRequest) -> Mapping[str, Any]:
        credentials = message.credentials
        if not credentials.malformed and credentials.client_id is None and not self.dialect.samples.clients:
            return {"id": "mount", "name": "mount"}
        for client in self.dialect.samples.clients:
            secret = credentials.secret.reveal() if credentials.secret is not None else None
            if (client["id"], client["secret"]) == (credentials.client_id, secret):
                return client
        raise InvalidClient(Cause.BAD_CLIENT)

    def _user(self, message: TokenRequest) -> Mapping[str, Any]:
        assert message.identifier is not None
        assert message.password is not None
        kind, value = message.identifier
        for user in self.dialect.samples.users:
            names = [user.get("username"), user.get("email")] if kind == "login" else [user.get(kind.value)]
            if value.lower() in names and user["password"] == message.password.reveal():
                return {"id": "u1", **user}
        raise InvalidGrant(Cause.BAD_CREDENTIALS)

    def _issue(
        self, message: TokenRequest, client: Mapping[str, Any], user: Mapping[str, Any] | None, scope: tuple[str, ...]
    ) -> TokenResponse:
        tokens: dict[str, IssuedToken] = {}
        for plan in self.dialect.contract.tokens:
            if plan.name not in message.issues:
                continue
            kept = plan.use is TokenUse.REFRESH and message.grant_type == "refresh_token"
            if kept and self.dialect.contract.session.refresh == "keep":
                value = message.token.reveal()
            else:
                value = self._value(plan, client, user, scope, message.now)
            expires = message.now + plan.ttl if plan.ttl is not None else None
            tokens[plan.name] = IssuedToken(plan.name, plan.use, value, message.now, expires)
            if plan.use is TokenUse.REFRESH:
                self.refresh[value] = (client["id"], user or {}, scope)
        session = {"id": "s1", "key": "k-1", "device": message.device}
        return TokenResponse(tokens, scope, message.now, client, user, session)

    def _value(
        self,
        plan: TokenPlan,
        client: Mapping[str, Any],
        user: Mapping[str, Any] | None,
        scope: tuple[str, ...],
        now: datetime,
    ) -> str:
        serial = next(self.serial)
        if isinstance(plan.form, OpaqueForm):
            return plan.form.prefix + plan.form.alphabet[serial] * plan.form.length + plan.form.suffix
        return self._signed(plan, plan.form, client, user, scope, now)

    def _signed(self, plan, form: SignedForm, client, user, scope, now) -> str:
        facts = {
            "client": client, "user": user, "session": {"id": "s1"}, "server": SERVER, "now": now,
            "granted": {"scope": scope, "audience": ["https://api.example"]},
            "token": {"id": b"\xab" * 16, "issued_at": now, "expires_at": now + plan.ttl, "lifetime": 3600},
            "key": {"alg": form.alg, "kid": "k1", "thumbprint_sha1": b"\xcd" * 20},
        }  # fmt: skip
        parts = (form.header(facts), form.claims(facts), b"signature")
        return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def replay(dialect: Dialect) -> dict[str, str]:
    """Replay every example in a core of its own; return the diff of each."""
    by_name = {example.name: example for example in dialect.examples}
    diffs: dict[str, str] = {}
    for example in dialect.examples:
        core, captures = Core(dialect), {}
        for step in [*([by_name[example.after]] if example.after else []), example]:
            now = datetime.fromisoformat(step.at) if step.at else NOW
            found = compare(core.exchange(as_http(read_request(step.request, captures), now)), step.answer, captures)
            diff, captures = found.diff, dict(found.captures)
            for name, parts in step.decoded.items():
                for part, expected in parts.items():
                    diff = diff or compare_decoded(captures[name], part, expected, captures).diff
        diffs[example.name] = diff
    return diffs


def as_http(example: ExampleRequest, now: datetime = NOW) -> HttpRequest:
    return make_request(
        example.method, example.path, headers=example.headers, body=example.body, query=example.query, now=now
    )


HEAD = """dialect = "1"
name    = "demo"
title   = "Demo"
accept  = ["json", "form"]
[tokens.access]
form = "{hex:64}"
ttl  = "1h"
"""
OPERATION = """[operation.token]
route = "POST /token"
does  = "client_credentials"
"""
ANSWER = """answer.json = '{ "token": "{{ tokens.access }}" }'
"""
ERRORS = """[errors]
json = '{ "error": "{{ error.code }}" }'
default = { code = "no" }
"""


def write(head: str = HEAD, operation: str = OPERATION + ANSWER, errors: str = ERRORS, more: str = "") -> str:
    """Return a small file; each part can be replaced."""
    return head + operation + errors + more


def problems(text: str, path: str = "demo.toml") -> list[str]:
    """Return what is wrong with a file, as it is shown."""
    try:
        load(text, path)
    except Problems as found:
        return [str(problem) for problem in found.problems]
    return []


@pytest.fixture(scope="session")
def kit() -> SimpleNamespace:
    """What the tests of this folder share."""
    return SimpleNamespace(
        Core=Core, DIALECTS=DIALECTS, NOW=NOW, SERVER=SERVER, request=make_request, replay=replay, as_http=as_http,
        write=write, problems=problems, HEAD=HEAD, OPERATION=OPERATION, ANSWER=ANSWER, ERRORS=ERRORS,
        load=lambda text, path="demo.toml": load(text, path),
        shipped=lambda name: load((DIALECTS / f"{name}.toml").read_text(), f"{name}.toml"),
    )  # fmt: skip
