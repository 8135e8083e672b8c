"""Inspection: a token string becomes live facts, or nothing.

Spec: RFC 7662 §2.2, RFC 9068 §4.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokenhouse.model.decision import Decision, Step
from tokenhouse.model.effects import EndSessions, RevokeAuthorization, RevokeToken, SetAccountState
from tokenhouse.model.registrations import AddKey, RetireKeys, SetClientEnabled
from tokenhouse.protocol.names import TokenUse
from tokenhouse.tokens.handle import Handle, Kind, seconds
from tokenhouse.tokens.inspection import Inspection
from tokenhouse.tokens.keys import KeyRing
from tokenhouse.tokens.making import make_secret_key
from tokenhouse.tokens.mounts import Mounts
from tokenhouse.tokens.signing import base64url, jws

KINDS = [
    ("standard", "access"),
    ("standard", "refresh"),
    ("pair", "access"),
    ("pair", "refresh"),
    ("kept", "user"),
    ("kept", "access"),
    ("signed", "access"),
]
each_token = pytest.mark.parametrize(("contract", "name"), KINDS)


async def make(town, contract, name, **facts):
    issued = await town.login(contract, **facts)
    return issued.response.tokens[name], issued.row


async def own_token(town, tenant="default", client="app"):
    decision = Decision(town.caller("standard", client, tenant), Step.OPEN, ("read",), town.clock())
    return (await town.issue(decision)).response.tokens["access"]


@each_token
async def test_a_living_token_is_found_with_everybody_behind_it(town, contract, name):
    token, row = await make(town, contract, name)
    live = await town.live(token.value)
    assert live.found.row == row
    assert (live.found.use, live.found.tenant, live.found.client_id) == (token.use, "default", "app")
    assert live.found.mount is town.mounts.find("default", contract)
    assert (live.client.client_id, live.account.user_id) == ("app", "us_alice")
    assert live.found.expires_at == token.expires_at
    assert live.found.issued_at == token.issued_at


async def test_a_client_s_own_signed_token_is_found_without_a_row(town):
    live = await town.live((await own_token(town)).value)
    assert live.found.row is None
    assert live.account is None
    assert live.found.handle.kind is Kind.STATELESS
    assert live.found.claims["sub"] == live.client.client_id == "app"


@each_token
async def test_one_bearer_before_it_may_come_along(town, contract, name):
    token, _ = await make(town, contract, name)
    plain = token.value.removeprefix("Bearer ")
    assert (await town.live(plain)).found == (await town.live(f"Bearer {plain}")).found
    for other in (f"bearer {plain}", f"Bearer  {plain}", f"Bearer Bearer {plain}", f" {plain}", f"{plain} "):
        assert await town.find(other) is None


@each_token
async def test_a_token_of_one_tenant_is_nothing_in_another(town, contract, name):
    token, _ = await make(town, contract, name)
    assert await town.find(token.value, "other") is None
    assert await town.find(token.value, "nowhere") is None


async def test_a_client_s_own_token_is_nothing_in_another_tenant(town):
    token = (await own_token(town, "other")).value
    assert await town.find(token, "default") is None
    assert (await town.live(token, "other")).client.tenant == "other"


@each_token
async def test_any_other_character_makes_it_nothing(town, contract, name):
    token, _ = await make(town, contract, name)
    text = token.value.removeprefix("Bearer ")
    for at in range(len(text)):
        other = "A" if text[at] != "A" else "B"
        assert await town.find(text[:at] + other + text[at + 1 :]) is None


@each_token
async def test_another_spelling_makes_it_nothing(town, contract, name):
    token, _ = await make(town, contract, name)
    text = token.value.removeprefix("Bearer ")
    for changed in (text + "=", text[:-1], text + text[-1], text + "\n", text + "\0", "\ufeff" + text, ""):
        assert await town.find(changed) is None
    if text.swapcase() != text:
        assert await town.find(text.swapcase()) is None


@given(
    text=st.text(max_size=100)
    | st.text("0123456789abcdef", min_size=64, max_size=64)
    | st.text("aA0-_.", min_size=43, max_size=43)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_is_nothing(town, text):
    assert await town.live(text) is None


@each_token
async def test_a_token_ends_at_its_second(town, contract, name):
    token, _ = await make(town, contract, name)
    end = token.expires_at
    if name in {"refresh", "user"}:
        idle = {"standard": 7, "pair": 2, "kept": 3}[contract]
        end = town.clock() + timedelta(days=idle)
    town.clock.now = end - timedelta(seconds=1)
    assert await town.live(token.value) is not None
    town.clock.now = end
    found = await town.find(token.value)
    assert found is not None
    assert await town.inspection.require_live(found, end) is None


async def test_an_access_token_whose_row_says_no_time_ends_with_the_row(town, database):
    token, row = await make(town, "pair", "access")
    connection = town.store._writer._connection
    connection.execute("UPDATE authorizations SET access_ttl_seconds = NULL")
    assert (await town.find(token.value)).expires_at == row.expires_at
    connection.execute("UPDATE authorizations SET expires_at = NULL")
    assert (await town.find(token.value)).expires_at is None
    assert await town.live(token.value) is not None


@each_token
async def test_a_revoked_login_ends_all_its_tokens(town, contract, name):
    token, row = await make(town, contract, name)
    await town.store.commit((RevokeAuthorization(row.id, town.clock()),))
    assert await town.find(token.value) is not None
    assert await town.live(token.value) is None


@each_token
@pytest.mark.parametrize(
    "change",
    [
        SetAccountState("default", "us_alice", None, enabled=False),
        SetClientEnabled("default", "app", enabled=False),
    ],
    ids=["account", "client"],
)
async def test_a_disabled_person_or_client_ends_its_tokens_at_once(town, contract, name, change):
    token, _ = await make(town, contract, name)
    await town.store.commit((change,))
    assert await town.live(token.value) is None


@each_token
async def test_a_locked_person_s_tokens_are_not_honoured_and_come_back(town, contract, name):
    token, _ = await make(town, contract, name)
    await town.store.commit((SetAccountState("default", "us_alice", town.clock(), enabled=True),))
    assert await town.live(token.value) is None
    await town.store.commit((SetAccountState("default", "us_alice", None, enabled=True),))
    assert await town.live(token.value) is not None


@each_token
async def test_signing_out_everywhere_ends_every_token(town, contract, name):
    token, _ = await make(town, contract, name)
    await town.store.commit((EndSessions("default", "us_alice", town.clock()),))
    assert await town.live(token.value) is None


@each_token
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tenant SET enabled = 0 WHERE name = 'default'",
        "UPDATE client SET contracts = '[]'",
        "UPDATE client SET ends_at = 1",
        "DELETE FROM client",
        "DELETE FROM account",
        "DELETE FROM authorizations",
        "UPDATE authorizations SET tenant = 'other'",
        "UPDATE authorizations SET contract = 'other'",
    ],
)
async def test_a_token_whose_ground_is_gone_is_not_honoured(town, contract, name, statement):
    token, _ = await make(town, contract, name)
    assert await town.live(token.value) is not None
    connection = town.store._writer._connection
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute(statement)
    assert await town.live(token.value) is None


@each_token
async def test_one_token_alone_can_be_ended(town, contract, name):
    token, _ = await make(town, contract, name)
    # A contract of one session per person has no second one to compare with.
    others = [] if contract == "kept" else [await make(town, contract, name)]
    found = await town.find(token.value)
    digest = await town.inspection.digest(found, town.clock())
    assert len(digest) == 32
    await town.store.commit((RevokeToken(digest, token.expires_at),))
    assert await town.live(token.value) is None
    for other, _ in others:
        assert await town.live(other.value) is not None


async def test_a_client_s_own_token_alone_can_be_ended(town):
    token, other = await own_token(town), await own_token(town)
    digest = await town.inspection.digest(await town.find(token.value), town.clock())
    await town.store.commit((RevokeToken(digest, token.expires_at),))
    assert await town.live(token.value) is None
    assert await town.live(other.value) is not None


@pytest.mark.parametrize("contract", ["standard", "pair"])
async def test_a_used_refresh_token_is_not_honoured_and_its_successor_is(town, contract):
    first = await town.login(contract)
    town.clock.pass_(seconds=1)
    second = await town.renew(Step.ADVANCE, first.row)
    assert await town.live(first.response.tokens["refresh"].value) is None
    assert await town.live(second.response.tokens["refresh"].value) is not None
    assert await town.live(first.response.tokens["access"].value) is not None


async def test_an_opaque_token_is_read_under_its_own_plan_only(town):
    """A token shown as another kind, or at another contract of the same tenant, is nothing."""
    issued = await town.login("pair")
    pair, kept = (town.mounts.find("default", name) for name in ("pair", "kept"))
    access, refresh = pair.contract.tokens
    now = town.clock()
    for mount, plan, name, expected in (
        (pair, access, "access", True),
        (pair, access, "refresh", False),
        (pair, refresh, "access", False),
        (pair, refresh, "refresh", True),
        (kept, access, "access", False),
    ):
        value = issued.response.tokens[name].value
        found = await town.inspection.find_opaque(value, mount, plan, "default", now)
        assert (found is not None) is expected


async def test_a_signed_plan_has_no_opaque_tokens(town):
    mount = town.mounts.find("default", "signed")
    plan = mount.contract.tokens[0]
    assert await town.inspection.find_opaque("0" * 64, mount, plan, "default", town.clock()) is None


async def test_after_a_new_sealing_key_older_tokens_are_found_until_the_old_one_retires(town):
    tokens = [(await make(town, contract, name))[0] for contract, name in KINDS]
    tokens.append(await own_token(town))
    town.clock.pass_(seconds=1)
    now = town.clock()
    newer = make_secret_key(town.envelope, tenant="default", purpose="seal", now=now, activates_at=now)
    later = now + timedelta(seconds=60)
    await town.store.commit((AddKey(newer), RetireKeys("default", "", "seal", "AES-SIV", newer.key_id, later)))
    town.ring.forget()
    for token in tokens[:4] + tokens[6:]:
        assert await town.live(token.value) is not None
    town.clock.now = later
    for token in tokens:
        assert await town.find(token.value) is None


async def test_after_a_signing_key_has_retired_its_tokens_are_nothing(town):
    token = await own_token(town)
    await town.store.commit((RetireKeys("default", "standard", "sign", "ES256", "none", town.clock()),))
    town.ring.forget()
    assert await town.find(token.value) is None


async def test_a_contract_that_is_no_longer_mounted_has_no_tokens(town):
    tokens = [(await make(town, contract, "access"))[0] for contract in ("pair", "signed", "standard")]
    bare = Inspection(town.ring, Mounts([town.mounts.find("default", "kept")]), town.store)
    for token in tokens:
        assert await bare.find(token.value, "default", town.clock()) is None


@pytest.fixture
def forge(town):
    """Sign claims with a real key: what a mistake in a contract's template could bring about."""

    def forging(claims, contract="standard", alg="ES256"):
        key = town.ring.signing("default", contract, alg, town.clock())
        header = json.dumps({"alg": alg, "kid": key.kid}).encode()
        return jws(key, header, json.dumps(claims).encode())

    return forging


@pytest.fixture
async def good(town):
    """Return the claims of a living own token."""
    token = await own_token(town)
    return (await town.find(token.value)).claims


async def test_the_forge_makes_good_tokens_of_good_claims(town, forge, good):
    assert await town.live(forge(good)) is not None
    del good["iss"]
    assert await town.live(forge(good)) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": None},
        {"exp": "1795176600"},
        {"exp": 1795176600.5},
        {"exp": True},
        {"exp": -1},
        {"exp": 2**32},
        {"iat": None},
        {"iat": "now"},
        {"iat": 1795176001},
        {"jti": None},
        {"jti": 7},
        {"jti": ""},
        {"jti": "AAAA"},
        {"jti": "A" * 22},
        {"jti": "A" * 21 + "é"},
        {"jti": "!" * 22},
        {"jti": "z" * 32},
        {"jti": "0" * 32},
        {"jti": "A" * 23},
        {"client_id": None},
        {"client_id": 7},
        {"client_id": ["app"]},
    ],
    ids=str,
)
async def test_claims_that_are_not_ours_are_nothing(town, forge, good, change):
    assert await town.find(forge(good | change)) is None


async def test_a_signed_token_without_a_time_or_an_id_is_nothing(town, forge, good):
    for name in ("exp", "iat", "jti", "client_id"):
        assert await town.find(forge({key: value for key, value in good.items() if key != name})) is None


async def test_a_client_that_does_not_exist_is_not_honoured(town, forge, good):
    assert await town.live(forge(good | {"client_id": "nobody"})) is None


async def test_a_contract_s_key_signs_for_its_own_contract_only(town, forge, good):
    assert await town.find(forge(good, "signed", "RS256")) is None


async def test_a_key_of_another_tenant_signs_nothing_here(town, forge, good):
    town.store._writer._connection.execute("UPDATE key_record SET tenant = 'other' WHERE purpose = 'sign'")
    elsewhere = Inspection(KeyRing(town.store, town.envelope), town.mounts, town.store)
    assert await elsewhere.find(forge(good), "default", town.clock()) is None


@pytest.mark.parametrize("kind", [Kind.ACCESS, Kind.REFRESH, Kind.SESSION])
async def test_a_token_id_of_a_login_that_does_not_exist_is_nothing(town, forge, good, kind):
    seal = town.ring.sealing("default", town.clock())
    token_id = seal.encipher(Handle(kind, 1, 0, good["iat"]))
    assert await town.find(forge(good | {"jti": base64url(token_id).decode()})) is None


async def test_a_token_id_is_read_as_hex_of_either_case_or_base64url(town, forge, good):
    row = (await town.login()).row
    seal = town.ring.sealer(row.seal_key)
    token_id = seal.encipher(Handle(Kind.ACCESS, row.id, row.access_nonce, seconds(row.issued_at)))
    for text in (token_id.hex(), token_id.hex().upper(), base64url(token_id).decode()):
        assert (await town.live(forge(good | {"jti": text}))).found.row == row


async def test_whatever_is_wrong_says_nothing(town):
    assert await town.inspection.require_live(None, town.clock()) is None


async def test_uses_have_their_kinds(town):
    for contract, name in KINDS:
        token, _ = await make(town, contract, name)
        found = await town.find(token.value)
        assert found.handle.kind is (Kind.ACCESS if token.use is TokenUse.ACCESS else Kind.REFRESH)
