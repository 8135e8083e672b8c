"""What operators change."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tokenhouse.model.effects import (
    Conflict,
    CreateAccount,
    EndDeviceSessions,
    EndSessions,
    OpenAuthorization,
    ReplaceAccount,
    SetAccountState,
    SetPassword,
)
from tokenhouse.model.records import Account, Client, ClientSecret, KeyRecord, Tenant
from tokenhouse.model.registrations import (
    AddClientSecret,
    AddKey,
    CreateClient,
    CreateTenant,
    ReplaceClient,
    RetireKeys,
    SetClientEnabled,
)


async def _client(store):
    (entry,) = await store.find_clients("app", "default")
    return entry


async def _account(store):
    return await store.find_account_by_id("default", "us_1")


async def test_a_taken_name_is_a_conflict_and_changes_nothing(furnished, at):
    client, account = (await _client(furnished)).client, await _account(furnished)
    taken = (
        CreateTenant(Tenant(name="default", enabled=False, created_at=at)),
        CreateClient(msgspec.structs.replace(client, name="Another"), ClientSecret("2", "hmac-sha256", "ff", at)),
        CreateAccount(msgspec.structs.replace(account, name="Another"), (("email", "a@b"),)),
        CreateAccount(msgspec.structs.replace(account, user_id="us_2"), (("username", "alice"),)),
    )
    for effect in taken:
        with pytest.raises(Conflict, match=type(effect).__name__):
            await furnished.commit((effect,))
    assert (await furnished.list_tenants())[0].enabled
    assert (await _client(furnished)).client == client
    assert await furnished.list_accounts(None, 10) == [account]
    assert await furnished.find_account("default", "email", "a@b") is None


async def test_the_same_name_may_be_used_in_another_tenant(furnished, at):
    tenant = Tenant(name="other", enabled=True, created_at=at)
    account = Account("other", "us_1", "alice", None, None, None, None, at)
    client = Client("other", "app", "App", (), (), (), (), at)
    await furnished.commit(
        (CreateTenant(tenant), CreateClient(client, None), CreateAccount(account, (("username", "alice"),)))
    )
    assert await furnished.find_account("other", "username", "alice") == account


async def test_what_does_not_exist_cannot_be_changed(furnished, at):
    secret = ClientSecret("2", "hmac-sha256", "ff", at)
    for effect in (
        AddClientSecret("default", "nobody", secret, at),
        AddClientSecret("other", "app", secret, at),
        SetClientEnabled("default", "nobody", enabled=True),
        SetPassword("default", "nobody", "$x", "raw"),
        SetPassword("other", "us_1", "$x", "raw"),
        SetAccountState("default", "nobody", None, enabled=True),
    ):
        with pytest.raises(Conflict, match=type(effect).__name__):
            await furnished.commit((effect,))


async def test_a_client_of_an_unknown_tenant_is_a_conflict(store, at):
    with pytest.raises(Conflict):
        await store.commit((CreateClient(Client("nowhere", "app", "App", (), (), (), (), at), None),))


async def test_a_new_secret_gives_the_older_ones_an_end_but_never_a_later_one(furnished, at):
    soon, later = at + timedelta(hours=1), at + timedelta(days=1)
    await furnished.commit((AddClientSecret("default", "app", ClientSecret("2", "hmac-sha256", "02", later), soon),))
    await furnished.commit((AddClientSecret("default", "app", ClientSecret("3", "hmac-sha256", "03", later), later),))
    entry = await _client(furnished)
    assert {one.secret_id: one.expires_at for one in entry.secrets} == {"1": soon, "2": later, "3": None}
    assert entry.client.security_version == 3


async def test_a_secret_id_is_used_once(furnished, at):
    with pytest.raises(Conflict):
        await furnished.commit((AddClientSecret("default", "app", ClientSecret("1", "hmac-sha256", "02", at), at),))
    assert (await _client(furnished)).client.security_version == 1


async def test_disabling_a_client_moves_its_version(furnished):
    await furnished.commit((SetClientEnabled("default", "app", enabled=False),))
    client = (await _client(furnished)).client
    assert (client.enabled, client.security_version) == (False, 2)
    await furnished.commit((SetClientEnabled("default", "app", enabled=True),))
    client = (await _client(furnished)).client
    assert (client.enabled, client.security_version) == (True, 3)


async def test_a_new_password_says_how_it_was_normalised(furnished):
    await furnished.commit((SetPassword("default", "us_1", "$new", "nfkc"),))
    account = await _account(furnished)
    assert (account.password, account.password_form, account.security_version) == ("$new", "nfkc", 2)


async def test_a_person_is_locked_disabled_and_let_in_again(furnished, at):
    for locked_at, enabled, version in ((at, True, 2), (None, False, 3), (None, True, 4)):
        await furnished.commit((SetAccountState("default", "us_1", locked_at, enabled=enabled),))
        account = await _account(furnished)
        assert (account.locked_at, account.enabled, account.security_version) == (locked_at, enabled, version)


async def test_signing_out_everywhere_ends_what_is_open_and_what_is_on_its_way(furnished, make_row, at):
    later = at + timedelta(hours=1)
    other = Account("default", "us_2", None, None, None, None, None, at)
    await furnished.commit((CreateAccount(other, ()),))
    await furnished.commit((OpenAuthorization(make_row(1), 1, 1), OpenAuthorization(make_row(2, subject="us_2"), 1, 1)))
    for when in (later, later + timedelta(hours=1)):
        await furnished.commit((EndSessions("default", "us_1", when),))
    assert (await furnished.find_authorization(1)).revoked_at == later
    assert (await furnished.find_authorization(2)).revoked_at is None
    assert (await _account(furnished)).security_version == 3
    assert (await furnished.find_account_by_id("default", "us_2")).security_version == 1


async def test_signing_out_everywhere_else_keeps_one_session(furnished, make_row, at):
    await furnished.commit((OpenAuthorization(make_row(1), 1, 1), OpenAuthorization(make_row(2), 1, 1)))
    await furnished.commit((EndSessions("default", "us_1", at, except_id=2),))
    assert (await furnished.find_authorization(1)).revoked_at == at
    assert (await furnished.find_authorization(2)).revoked_at is None
    assert (await _account(furnished)).security_version == 2


async def test_the_sessions_of_one_device_end_and_nothing_else(furnished, make_row, at):
    rows = (
        make_row(1, device="tablet"),
        make_row(2, device="phone"),
        make_row(3, device="tablet", contract="other"),
        make_row(4),
    )
    await furnished.commit(tuple(OpenAuthorization(row, 1, 1) for row in rows))
    await furnished.commit((EndDeviceSessions("default", "us_1", "standard", "tablet", at),))
    ended = [row.id for row in rows if (await furnished.find_authorization(row.id)).revoked_at is not None]
    assert ended == [1]
    await furnished.commit((EndDeviceSessions("default", "us_1", None, "tablet", at),))
    assert [row.id for row in rows if (await furnished.find_authorization(row.id)).revoked_at is not None] == [1, 3]
    assert (await _account(furnished)).security_version == 1


async def test_a_registration_is_written_anew_once(furnished, at):
    client = (await _client(furnished)).client
    changed = msgspec.structs.replace(client, scopes=("read", "write"), resources=("https://api",), ends_at=at)
    await furnished.commit((ReplaceClient(changed),))
    assert (await _client(furnished)).client == msgspec.structs.replace(changed, security_version=2)
    with pytest.raises(Conflict):
        await furnished.commit((ReplaceClient(changed),))


async def test_a_person_is_written_anew_with_the_names_it_goes_by(furnished, at):
    account = await _account(furnished)
    changed = msgspec.structs.replace(
        account, username="alicia", email="a@b", roles=("admin",), email_verified_at=at, password="$other"
    )
    await furnished.commit((ReplaceAccount(changed, (("username", "alicia"), ("email", "a@b"))),))
    now = await _account(furnished)
    assert now == msgspec.structs.replace(changed, password="$old", security_version=2)
    assert await furnished.find_account("default", "username", "alice") is None
    assert await furnished.find_account("default", "email", "a@b") == now
    with pytest.raises(Conflict):
        await furnished.commit((ReplaceAccount(changed, ()),))


async def test_a_name_of_somebody_else_is_not_taken_and_nothing_changes(furnished, at):
    other = Account("default", "us_2", "bob", None, None, None, None, at)
    await furnished.commit((CreateAccount(other, (("username", "bob"),)),))
    account = await _account(furnished)
    with pytest.raises(Conflict):
        await furnished.commit(
            (ReplaceAccount(msgspec.structs.replace(account, username="bob"), (("username", "bob"),)),)
        )
    assert await _account(furnished) == account
    assert await furnished.find_account("default", "username", "alice") == account


async def test_older_keys_retire_but_never_later_than_they_would(store, at):
    def key(key_id, **facts):
        settings = {"tenant": "default", "contract": "standard", "purpose": "sign", "alg": "ES256", "retires_at": None}
        return KeyRecord(key_id=key_id, sealed=b"x", created_at=at, activates_at=at, **(settings | facts))

    soon, late = at + timedelta(hours=1), at + timedelta(days=9)
    keys = (
        key("old"),
        key("older", retires_at=soon),
        key("longer", retires_at=late + timedelta(days=1)),
        key("new"),
        key("alg", alg="RS256"),
        key("contract", contract="other"),
        key("purpose", purpose="seal"),
        key("tenant", tenant="other"),
    )
    await store.commit(tuple(map(AddKey, keys)))
    await store.commit((RetireKeys("default", "standard", "sign", "ES256", "new", late),))
    ends = {one.key_id: one.retires_at for one in await store.list_keys() if one.retires_at}
    assert ends == {"old": late, "older": soon, "longer": late}


async def test_a_key_id_is_used_once(store, at):
    key = KeyRecord("k", "default", "", "seal", "AES-SIV", b"x", at, at)
    await store.commit((AddKey(key),))
    with pytest.raises(Conflict):
        await store.commit((AddKey(msgspec.structs.replace(key, sealed=b"y")),))
    assert await store.list_keys() == [key]
