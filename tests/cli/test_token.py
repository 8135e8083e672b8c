import asyncio
import json

import pytest

from tokenhouse.cli.explaining import utc_now
from tokenhouse.config.loading import load
from tokenhouse.server.composing import build
from tokenhouse.server.running import open_store
from tokenhouse.tokens.signing import jws


@pytest.fixture
def token(place):
    async def make() -> str:
        house = build(load(place.config, {}).config, open_store(load(place.config, {}).config))
        try:
            await house.keys.refresh(utc_now())
            key = house.keys.signing("default", "standard", "ES256", utc_now())
        finally:
            await house.close()
        expiry = int(utc_now().timestamp()) + 600
        return jws(key, json.dumps({"alg": "ES256", "kid": key.kid}).encode(), json.dumps({"exp": expiry}).encode())

    return asyncio.run(make())


def test_a_token_is_checked_with_the_keys_of_the_local_store(place, token):
    shown = place.run("token", "inspect", "-", given=token).stdout
    assert "signature  valid" in shown
    assert "verdict    VALID" in shown
    (place.directory / "token").write_text(token)
    assert place.json("token", "inspect", "token")["verdict"] == "valid"


def test_an_altered_token_is_exit_5(place, token):
    result = place.run("token", "inspect", "-", given=token[:-8] + "AAAAAAAA", code=5)
    assert "INVALID" in result.stdout
    assert "the token is invalid" in result.stderr


def test_given_keys_are_used_instead(place, token):
    (place.directory / "jwks.json").write_text('{"keys":[]}')
    result = place.run("token", "inspect", "-", "--jwks", "jwks.json", given=token, code=5)
    assert "no published key" in result.stdout


def test_nothing_is_vouched_for_without_keys(cli, token):
    result = cli("token", "inspect", "-", "--config", "nothing.toml", given=token)
    assert result.exit_code == 1
    assert "UNVERIFIED" in result.stdout


def test_an_opaque_token_and_none(cli):
    result = cli("token", "inspect", "-", given="6814cd360205e1245d2834ffab3c3c91")
    assert (result.exit_code, "opaque token" in result.stdout) == (1, True)
    assert cli("token", "inspect", "-", given=" \n").exit_code == 2
    assert cli("token", "inspect", "nothing").exit_code == 2


def test_the_demo_must_run(cli):
    result = cli("token", "demo", "--server", "http://127.0.0.1:1")
    assert result.exit_code == 69
    assert "make demo" in result.stderr
