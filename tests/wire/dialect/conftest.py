"""A pretend core: proves clients and users of a dialect's samples and makes tokens in its forms, without any store."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import tokenhouse
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import OpaqueForm, SignedForm, TokenPlan
from tokenhouse.protocol.exchange import HttpAnswer, HttpRequest
from tokenhouse.protocol.messages import CallRequest, IssuedToken, Profile, TokenRequest, TokenResponse
from tokenhouse.protocol.names import Bearer, CallKind, TokenUse
from tokenhouse.protocol.refusals import (
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    InvalidToken,
    Refusal,
    Unacceptable,
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
        self.users: list[dict[str, Any]] = [{"id": "u1", **user} for user in dialect.samples.users]
        self.access: dict[str, tuple[Mapping[str, Any], dict[str, Any] | None]] = {}
        self.failures = 0
        self.refresh: dict[str, tuple[str, dict[str, Any] | None, tuple[str, ...]]] = {}
        self.serial = itertools.count(1)

    def exchange(self, request: HttpRequest) -> HttpAnswer:
        codec = self.routes.get((request.method, request.path))
        if codec is None:
            codec = next(codec for (_, path), codec in self.routes.items() if path == request.path)
            return codec.open(request).refuse(WrongMethod(Cause.WRONG_METHOD))
        talk = codec.open(request)
        try:
            message = talk.read()
            decide = self._call if isinstance(message, CallRequest) else self._decide
            return talk.say(decide(message))
        except Refusal as refusal:
            return talk.refuse(refusal)

    def _decide(self, message: TokenRequest) -> TokenResponse:
        client = self._client(message)
        if message.fault is not None:
            raise message.fault
        scope = message.scope if message.scope is not None else tuple(client.get("scope", ()))
        user: dict[str, Any] | None = None
        if message.grant_type == "password":
            user = self._user(message)
        elif message.grant_type == "named_subject":
            assert message.identifier is not None
            user = self._named(message.identifier.value)
            if user is None:
                raise InvalidRequest(Cause.NOT_FOUND, field=message.identifier.kind.value)
        elif message.grant_type == "assertion":
            raise InvalidRequest(Cause.UNKNOWN_PROVIDER, field="provider")
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
            expected = client["api_secret"] if credentials.slot == "api" else client["secret"]
            if (client["id"], expected) == (credentials.client_id, secret):
                return client
        raise InvalidClient(Cause.BAD_CLIENT)

    def _user(self, message: TokenRequest) -> dict[str, Any]:
        assert message.identifier is not None
        assert message.password is not None
        kind, value = message.identifier
        lockout = self.dialect.contract.lockout
        for user in self.users:
            names = [user.get("username"), user.get("email")] if kind == "login" else [user.get(kind.value)]
            if value.lower() not in names or (lockout and self.failures >= lockout.failures):
                continue
            if user["password"] == message.password.reveal():
                return user
            self.failures += 1
        raise InvalidGrant(Cause.BAD_CREDENTIALS)

    def _named(self, user_id: str) -> dict[str, Any] | None:
        return next((user for user in self.users if user["id"] == user_id), None)

    def _call(self, call: CallRequest) -> TokenResponse:
        if call.token is None:
            raise InvalidToken(Cause.NO_TOKEN)
        found = self.access.get(call.token.reveal())
        if found is None:
            raise InvalidToken(Cause.BAD_TOKEN)
        client, user = found
        if call.bearer not in {Bearer.USER if user else Bearer.CLIENT, Bearer.EITHER}:
            raise InvalidToken(Cause.WRONG_BEARER)
        given = call.credentials
        if given is not None and (given.secret is None or given.secret.reveal() != client[f"{given.slot}_secret"]):
            raise InvalidClient(Cause.BAD_CLIENT)
        if call.fault is not None:
            raise call.fault
        if call.does is CallKind.UNLOCK:
            self.failures = 0
        elif call.profile is not None:
            user = self._profile(call.profile, user)
        lockout = self.dialect.contract.lockout
        facts = {
            **(user or {}), "created_at": NOW, "signed_in_at": NOW, "active": True, "confirmed": False,
            "locked": lockout is not None and self.failures >= lockout.failures,
        }  # fmt: skip
        return TokenResponse({}, (), call.now, client, facts)

    def _profile(self, profile: Profile, user: dict[str, Any] | None) -> dict[str, Any]:
        said = {name: value for name in ("username", "email") if (value := getattr(profile, name)) is not None}
        if "@" not in said.get("email", "@"):
            raise Unacceptable(Cause.UNACCEPTABLE, field="email")
        for name, value in said.items():
            if any(other.get(name) == value.lower() and other is not user for other in self.users):
                raise Unacceptable(Cause.TAKEN, field=name)
        if profile.password is not None:
            if len(profile.password.reveal()) < 12:
                raise Unacceptable(Cause.WEAK_PASSWORD, field="password")
            said["password"] = profile.password.reveal()
        if user is None:
            user = {"id": "100000001"}
            self.users.append(user)
        user.update(said)
        return user

    def _issue(
        self, message: TokenRequest, client: Mapping[str, Any], user: dict[str, Any] | None, scope: tuple[str, ...]
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
                self.refresh[value] = (client["id"], user, scope)
            else:
                self.access[value] = (client, user)
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
        chain = [example]
        while chain[0].after:
            chain.insert(0, by_name[chain[0].after])
        for step in chain:
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
        shipped=cache(lambda name: load((DIALECTS / f"{name}.toml").read_text(), f"{name}.toml")),
    )  # fmt: skip
