"""The plugin is run as a project would run it: by pytest itself, in a folder of its own."""

import tomllib
from importlib.metadata import entry_points
from pathlib import Path

from tokenhouse_verify import pytest_plugin

pytest_plugins = ["pytester"]

PLAINLY = ("-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:asyncio")
APPLICATION = """
from typing import Annotated

from fastapi import FastAPI
from tokenhouse_verify import Token
from tokenhouse_verify.fastapi import Auth

auth = Auth("https://id.example.com", audience="orders-api", client_id="orders", client_secret="secret")
app = FastAPI()


@app.get("/orders")
async def orders(token: Annotated[Token, auth.require("orders:read")]):
    return {"sub": token.sub}
"""
TESTS = """
import asyncio

import pytest

from application import app


def get(token):
    sent = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    headers = [(b"authorization", f"Bearer {token}".encode())]
    scope = {"type": "http", "method": "GET", "path": "/orders", "query_string": b"", "headers": headers}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize("again", range(3))
def test_good(tokenhouse_issuer, again):
    assert get(tokenhouse_issuer.token(sub="bob", scope="orders:read")) == (200, b'{"sub":"bob"}')
    assert get(tokenhouse_issuer.opaque(sub="eve", scope="orders:read")) == (200, b'{"sub":"eve"}')


@pytest.mark.parametrize("bad", ["expired", "wrong_audience", "wrong_issuer", "wrong_key", "wrong_type"])
def test_bad(tokenhouse_issuer, bad):
    assert get(getattr(tokenhouse_issuer, bad)(scope="orders:read"))[0] == 401


def test_poor(tokenhouse_issuer):
    assert get(tokenhouse_issuer.token())[0] == 403
"""


def test_an_application_is_tested_as_it_stands(pytester):
    pytester.makeini(
        "[pytest]\ntokenhouse_issuer = https://id.example.com\ntokenhouse_audience = orders-api\n"
        "filterwarnings = error\npythonpath = .\n"
    )
    pytester.makepyfile(application=APPLICATION, test_application=TESTS)
    ended = pytester.runpytest_subprocess(*PLAINLY)
    ended.assert_outcomes(passed=9)


def test_without_settings(pytester):
    pytester.makepyfile("""
        def test_defaults(tokenhouse_issuer):
            assert (tokenhouse_issuer.url, tokenhouse_issuer.audience) == ("https://issuer.test", "https://api.test")
    """)
    pytester.runpytest_subprocess(*PLAINLY).assert_outcomes(passed=1)


def test_an_empty_audience_is_none(pytester):
    pytester.makeini("[pytest]\ntokenhouse_audience =\n")
    pytester.makepyfile("""
        def test_none(tokenhouse_issuer):
            assert tokenhouse_issuer.audience is None
    """)
    pytester.runpytest_subprocess(*PLAINLY).assert_outcomes(passed=1)


def test_pytest_finds_it_by_itself():
    told = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert told["project"]["entry-points"]["pytest11"] == {"tokenhouse": pytest_plugin.__name__}
    (found,) = (entry for entry in entry_points(group="pytest11") if entry.name == "tokenhouse")
    assert found.value == pytest_plugin.__name__


def test_the_fixture_here(tokenhouse_issuer, pytestconfig):
    assert tokenhouse_issuer.url == pytestconfig.getini("tokenhouse_issuer")
