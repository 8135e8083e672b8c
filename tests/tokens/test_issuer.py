"""The issuer: an admitted decision becomes tokens and the effects that make them true."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import jwt
import msgspec
import pytest

from tokenhouse.model.decision import Decision, Step
from tokenhouse.model.effects import AdvanceRefresh, EndOldestSessions, OpenAuthorization, RaceLost, RenewAccess
from tokenhouse.model.registrations import AddKey, RetireKeys
from tokenhouse.protocol.contract import Contract, Mount, OpaqueForm, TokenPlan
from tokenhouse.protocol.names import TokenUse
from tokenhouse.tokens.gate import admit
from tokenhouse.tokens.handle import Handle, Kind, seconds
from tokenhouse.tokens.issuer import Issuer
from tokenhouse.tokens.keys import KeyRing, MissingKey
from tokenhouse.tokens.making import make_secret_key
from tokenhouse.tokens.mounts import Mounts


def values(issued):
    return {name: token.value for name, token in issued.response.tokens.items()}


async def decoded(town, text):
    kid = jwt.get_unverified_header(text)["kid"]
    key = town.ring.verifying(kid, town.clock())
    return jwt.decode(
        text,
        jwt.PyJWK(key.public),
        algorithms=[key.record.alg],
        options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )


async def own(town, client="app", contract="standard", **facts):
    return await town.issue(Decision(town.caller(contract, client), Step.OPEN, ("read",), town.clock(), **facts))


async def test_a_client_s_own_signed_token_remembers_nothing(town):
    issued = await own(town)
    assert issued.effects == ()
    assert issued.row is None
    assert list(issued.response.tokens) == ["access"]
    assert issued.response.user is None
    assert issued.response.session is None
    claims = await decoded(town, values(issued)["access"])
    assert (claims["sub"], claims["client_id"], claims["scope"]) == ("app", "app", "read")
    assert claims["exp"] - claims["iat"] == issued.response.tokens["access"].lifetime == 600


async def test_no_two_own_tokens_are_alike(town):
    ids = {(await decoded(town, values(await own(town))["access"]))["jti"] for _ in range(20)}
    assert len(ids) == 20


async def test_a_client_that_wants_opaque_tokens_gets_a_row(town):
    await town.add_client("opaque", access_format="opaque")
    issued = await own(town, "opaque")
    (effect,) = issued.effects
    assert isinstance(effect, OpenAuthorization)
    assert (effect.account_version, effect.client_version) == (None, 1)
    assert (issued.row.subject, issued.row.has_refresh) == (None, False)
    assert issued.row.expires_at == town.clock() + timedelta(minutes=10)
    assert len(values(issued)["access"]) == 43


async def test_a_login_opens_one_row_for_all_its_tokens(town):
    issued = await town.login("pair", device="d1", device_name="Phone", scope=("read", "write"))
    now, row = town.clock(), issued.row
    assert await town.store.find_authorization(row.id) == row
    assert (row.tenant, row.contract, row.client_id, row.subject) == ("default", "pair", "app", "us_alice")
    assert (row.scope, row.device, row.device_name) == (("read", "write"), "d1", "Phone")
    assert row.issued_at == row.advanced_at == row.last_used_at == now
    assert (row.generation, row.has_refresh, row.access_ttl_seconds, row.refresh_idle_seconds) == (
        0,
        True,
        3600,
        172800,
    )
    assert row.expires_at == now + timedelta(days=14)
    tokens = issued.response.tokens
    assert (tokens["access"].use, tokens["refresh"].use) == (TokenUse.ACCESS, TokenUse.REFRESH)
    assert tokens["access"].expires_at == now + timedelta(hours=1)
    assert tokens["refresh"].expires_at == row.expires_at
    assert issued.response.user["id"] == "us_alice"
    assert issued.response.session["id"] == f"{row.id:016x}"
    assert issued.response.client["id"] == "app"


async def test_tokens_are_spelled_as_the_contract_has_them(town):
    access, refresh = values(await town.login("pair")).values()
    assert (access[:3], len(access)) == ("at_", 67)
    assert (refresh[-2:], len(refresh)) == ("==", 52)
    kept = values(await town.login("kept"))
    assert kept["access"].isdecimal()
    signed = values(await town.login("signed"))["access"]
    assert signed.startswith("Bearer ey")


async def test_a_signed_token_says_what_its_contract_says(town):
    issued = await town.login("signed")
    text = values(issued)["access"].removeprefix("Bearer ")
    key = town.ring.signing("default", "signed", "RS256", town.clock())
    assert jwt.get_unverified_header(text) == {"typ": "JWT", "alg": "RS256", "kid": key.kid}
    assert list(jwt.get_unverified_header(text)) == ["typ", "alg", "kid"]
    claims = await decoded(town, text)
    assert list(claims) == ["nbf", "exp", "client_id", "jti", "life"]
    assert claims["life"] == 300
    seal = town.ring.sealer(issued.row.seal_key)
    handle = seal.decipher(bytes.fromhex(claims["jti"]))
    assert handle == Handle(Kind.ACCESS, issued.row.id, issued.row.access_nonce, seconds(town.clock()))


async def test_a_login_without_the_right_to_refresh_gets_no_refresh_token(town):
    await town.add_client("short", grants=("password",))
    issued = await town.login("pair", "short")
    assert list(issued.response.tokens) == ["access"]
    assert not issued.row.has_refresh
    assert issued.row.expires_at == town.clock() + timedelta(hours=1)
    assert issued.row.refresh_idle_seconds is None


async def test_a_client_for_itself_gets_no_refresh_token(town):
    """RFC 6749 §4.4.3: a refresh token SHOULD NOT be included."""
    assert list((await own(town, contract="pair")).response.tokens) == ["access"]


async def test_only_the_tokens_that_were_asked_for_are_made(town):
    issued = await town.login("pair", issues=("access",))
    assert list(issued.response.tokens) == ["access"]
    assert not issued.row.has_refresh


async def test_a_login_without_an_access_token_bounds_those_of_its_refreshes(town):
    first = await town.login("pair", issues=("refresh",))
    assert list(first.response.tokens) == ["refresh"]
    access = values(await town.renew(Step.ADVANCE, first.row))["access"]
    town.clock.pass_(seconds=3599)
    assert (await town.find(access)).expires_at == town.clock() + timedelta(seconds=1)


@pytest.mark.parametrize("contract", ["standard", "pair"])
async def test_a_refresh_moves_on_and_makes_new_tokens(town, contract):
    first = await town.login(contract)
    town.clock.pass_(seconds=90)
    second = await town.renew(Step.ADVANCE, first.row)
    (effect,) = second.effects
    assert effect == AdvanceRefresh(first.row.id, 0, town.clock(), second.row.access_nonce, 1, 1)
    assert await town.store.find_authorization(first.row.id) == second.row
    assert (second.row.generation, second.row.advanced_at, second.row.last_used_at) == (1, town.clock(), town.clock())
    assert second.row.expires_at == first.row.expires_at
    assert not set(values(first).values()) & set(values(second).values())
    assert second.response.tokens["refresh"].is_new


@pytest.mark.parametrize("contract", ["standard", "pair"])
async def test_a_repeated_refresh_gets_the_very_same_tokens(town, contract):
    first = await town.login(contract)
    town.clock.pass_(seconds=90)
    second = await town.renew(Step.ADVANCE, first.row)
    town.clock.pass_(seconds=5)
    row = await town.store.find_authorization(first.row.id)
    again = await town.renew(Step.REPEAT, row)
    assert again.effects == ()
    assert again.response.tokens == second.response.tokens


async def test_only_one_of_two_refreshes_is_remembered(town):
    first = await town.login("pair")
    await town.renew(Step.ADVANCE, first.row)
    with pytest.raises(RaceLost):
        await town.renew(Step.ADVANCE, first.row)


async def test_a_kept_refresh_token_stays_and_says_that_it_is_not_new(town):
    first = await town.login("kept")
    town.clock.pass_(hours=1)
    second = await town.renew(Step.KEEP, first.row)
    assert second.effects == (RenewAccess(first.row.id, 0, town.clock(), 1, 1),)
    assert second.response.tokens["user"].value == first.response.tokens["user"].value
    assert (first.response.tokens["user"].is_new, second.response.tokens["user"].is_new) == (True, False)
    assert second.response.tokens["access"].value != first.response.tokens["access"].value
    assert second.response.tokens["access"].expires_at == town.clock() + timedelta(hours=1)


async def test_kept_refreshes_in_one_second_make_different_access_tokens(town):
    first = await town.login("kept")
    made = {values(await town.renew(Step.KEEP, first.row))["access"] for _ in range(5)}
    assert len(made) == 5


@pytest.mark.parametrize(("contract", "client_id", "device"), [("pair", "app", None), ("kept", None, "d1")])
async def test_the_limit_of_sessions_counts_by_what_the_contract_says(town, contract, client_id, device):
    issued = await town.login(contract, device="d1")
    policy = town.mounts.find("default", contract).contract.session
    expected = EndOldestSessions("default", contract, "us_alice", client_id, device, policy.limit, town.clock())
    assert issued.effects[1:] == (expected,)


async def test_sessions_over_the_limit_end(town):
    rows = []
    for _ in range(3):
        rows.append((await town.login("pair")).row)
        town.clock.pass_(seconds=1)
    found = [await town.store.find_authorization(row.id) for row in rows]
    assert [row.revoked_at is None for row in found] == [False, True, True]


async def test_a_client_for_itself_has_no_limit_of_sessions(town):
    (effect,) = (await own(town, contract="pair")).effects
    assert isinstance(effect, OpenAuthorization)


@pytest.mark.parametrize("contract", ["standard", "pair", "signed", "kept"])
async def test_nothing_outlives_the_client_s_contract(town, contract):
    ends = town.clock() + timedelta(seconds=100)
    await town.add_client("ending", ends_at=ends)
    issued = await town.login(contract, "ending")
    assert {token.expires_at for token in issued.response.tokens.values()} == {ends}
    assert issued.row.expires_at == ends


async def test_a_client_s_own_token_does_not_outlive_its_contract(town):
    ends = town.clock() + timedelta(seconds=100)
    await town.add_client("ending", ends_at=ends)
    issued = await own(town, "ending")
    assert issued.response.tokens["access"].lifetime == 100
    assert (await decoded(town, values(issued)["access"]))["exp"] == seconds(ends)


async def test_an_access_token_does_not_outlive_its_login(town):
    for contract in ("standard", "pair", "kept"):
        issued = await town.login(contract)
        row = msgspec.structs.replace(issued.row, expires_at=town.clock() + timedelta(seconds=30))
        step = Step.KEEP if contract == "kept" else Step.ADVANCE
        again = await town.renew(step, row)
        assert again.response.tokens["access"].lifetime == 30


async def test_a_token_without_an_end_lives_as_long_as_the_contract(town):
    forever = TokenPlan("access", TokenUse.ACCESS, OpaqueForm("0123456789abcdef", 64), None)
    mount = Mount(Contract("standard", "S", (forever,)), "default", "default", "https://as.example")
    caller = town.caller()
    account = await town.store.find_account_by_id("default", "us_alice")
    decision = Decision(type(caller)(caller.client, mount, tenant_enabled=True), Step.OPEN, (), town.clock(), account)
    issued = await town.issue(decision)
    assert (issued.row.expires_at, issued.row.access_ttl_seconds) == (None, None)
    assert issued.response.tokens["access"].lifetime is None


async def test_the_algorithm_is_the_client_s_where_the_contract_leaves_it_open(town):
    await town.add_client("rsa", alg="RS256")
    assert jwt.get_unverified_header(values(await own(town))["access"])["alg"] == "ES256"
    assert jwt.get_unverified_header(values(await own(town, "rsa"))["access"])["alg"] == "RS256"
    await town.add_client("ec", alg="ES256")
    fixed = values(await town.login("signed", "ec"))["access"].removeprefix("Bearer ")
    assert jwt.get_unverified_header(fixed)["alg"] == "RS256"


async def test_the_audience_is_the_client_s_the_mount_s_or_the_issuer(town):
    """RFC 9068 §3: a default resource indicator MUST be used in `aud` when none was asked for."""
    await town.add_client("mine", audience="https://mine.example")
    said = [(await decoded(town, values(await own(town, client))["access"]))["aud"] for client in ("app", "mine")]
    (standard,) = [mount for mount in town.mounts if mount.contract.name == "standard"]
    town.mounts = Mounts([dataclasses.replace(standard, audience="https://api.example")])
    said += [(await decoded(town, values(await own(town, client))["access"]))["aud"] for client in ("app", "mine")]
    assert said == [standard.issuer, "https://mine.example", "https://api.example", "https://mine.example"]


async def test_a_row_is_sealed_by_the_key_it_was_opened_with(town):
    first = await town.login("pair")
    town.clock.pass_(seconds=1)
    times = {"now": town.clock(), "activates_at": town.clock()}
    newer = make_secret_key(town.envelope, tenant="default", purpose="seal", **times)
    await town.store.commit((AddKey(newer),))
    town.ring.forget()
    second = await town.renew(Step.ADVANCE, first.row)
    assert second.row.seal_key == first.row.seal_key != newer.key_id
    assert (await town.login("pair")).row.seal_key == newer.key_id


async def test_without_a_sealing_or_signing_key_nothing_is_issued(town):
    now = town.clock()
    admitted = admit(Decision(town.caller(), Step.OPEN, (), now))
    keys = {key.purpose: key for key in await town.store.list_keys() if key.alg in {"ES256", "AES-SIV"}}
    for key in (keys["sign"], keys["seal"]):
        await town.store.commit((RetireKeys(key.tenant, key.contract, key.purpose, key.alg, "none", now),))
        with pytest.raises(MissingKey):
            await Issuer(KeyRing(town.store, town.envelope)).issue(admitted)
        town.ring.forget()


async def test_what_carries_a_login_is_never_a_signed_token(town):
    signed = town.mounts.find("default", "signed").contract.tokens[0].form
    plan = TokenPlan("refresh", TokenUse.REFRESH, signed, timedelta(days=1))
    mount = Mount(Contract("pair", "Pair", (plan,)), "default", "default", "https://as.example")
    town.mounts = Mounts([mount])
    with pytest.raises(TypeError, match="opaque"):
        await town.login("pair")


async def test_an_opaque_plan_is_not_signed(town):
    decision = Decision(town.caller("pair"), Step.OPEN, (), town.clock())
    plan = town.mounts.find("default", "pair").contract.tokens[0]
    with pytest.raises(TypeError, match="access is not a signed one"):
        town.issuer._signed(decision, plan, bytes(16), issued_at=town.clock(), row_ends=None, facts={})


async def test_no_password_hash_reaches_an_answer(town):
    issued = await town.login("pair")
    assert "argon" not in repr(issued.response)
    assert "password" not in repr(issued.response)
