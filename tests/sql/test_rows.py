"""Every record goes through the real store and comes back as it was."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.model.effects import CreateAccount, CreateTicket, OpenAuthorization, RecordAudit
from tokenhouse.model.records import (
    Account,
    AuditRecord,
    Authorization,
    Client,
    ClientSecret,
    DeviceKey,
    KeyRecord,
    Resource,
    ScopeRecord,
    Tenant,
    Ticket,
)
from tokenhouse.model.registrations import AddKey, CreateClient, CreateDeviceKey, CreateTenant, PutResource, PutScope
from tokenhouse.sql import rows
from tokenhouse.sql.sqlite import SqliteStore

characters = st.characters(exclude_categories=["Cs"])
text = st.text(characters, max_size=20)
name = st.text(characters, min_size=1, max_size=20)
maybe = st.none() | text
at = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- the strategy adds the zone
maybe_at = st.none() | at
words = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"\\'), min_size=1, max_size=12
)
lists = st.lists(text, max_size=4).map(tuple)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
facts = st.dictionaries(text, json, max_size=4)
counts = st.integers(0, 2**31 - 1)
ids = st.integers(0, 2**63 - 1)

tenants = st.builds(Tenant, name, st.booleans(), at)
clients = st.builds(
    Client,
    tenant=name,
    client_id=name,
    name=text,
    contracts=lists,
    grants=lists,
    scopes=lists,
    auth_methods=lists,
    created_at=at,
    audience=maybe,
    access_format=st.sampled_from(["jwt", "opaque"]),
    alg=st.sampled_from([None, "ES256", "RS256"]),
    introspection=st.sampled_from(["none", "own", "tenant"]),
    enabled=st.booleans(),
    ends_at=maybe_at,
    security_version=ids,
    attributes=facts,
    resources=lists,
    claims=st.dictionaries(text, text, max_size=3),
    password_ends_at=maybe_at,
)
secrets = st.builds(ClientSecret, name, st.sampled_from(["hmac-sha256", "argon2id"]), text, at, maybe_at, slot=text)
accounts = st.builds(
    Account,
    tenant=name,
    user_id=name,
    username=maybe,
    email=maybe,
    phone=maybe,
    name=maybe,
    password=maybe,
    created_at=at,
    password_form=st.sampled_from(["raw", "nfkc"]),
    enabled=st.booleans(),
    locked_at=maybe_at,
    security_version=ids,
    attributes=facts,
    roles=lists,
    groups=lists,
    email_verified_at=maybe_at,
    signed_in_at=maybe_at,
)
authorizations = st.builds(
    Authorization,
    id=ids,
    tenant=name,
    contract=text,
    client_id=name,
    subject=st.none(),
    scope=st.lists(words, max_size=4).map(tuple),
    seal_key=text,
    issued_at=at,
    advanced_at=at,
    last_used_at=at,
    access_ttl_seconds=st.none() | counts,
    generation=st.integers(0, 2**24 - 1),
    access_nonce=st.integers(0, 2**24 - 1),
    has_refresh=st.booleans(),
    refresh_idle_seconds=st.none() | counts,
    device=maybe,
    device_name=maybe,
    expires_at=maybe_at,
    resources=st.lists(words, max_size=3).map(tuple),
)
resources = st.builds(
    Resource,
    tenant=name,
    identifier=name,
    name=text,
    created_at=at,
    access_ttl_seconds=st.none() | counts,
    claims=st.dictionaries(text, text, max_size=3),
)
scopes = st.builds(ScopeRecord, tenant=name, name=name, created_at=at, description=text, resource=st.none())
device_keys = st.builds(
    DeviceKey,
    tenant=name,
    contract=name,
    device=name,
    digest=st.binary(min_size=1, max_size=32),
    created_at=at,
    name=text,
    subject=maybe,
    scope=st.lists(words, max_size=4).map(tuple),
    expires_at=maybe_at,
    revoked_at=maybe_at,
)
tickets = st.builds(
    Ticket,
    digest=st.binary(min_size=1, max_size=32),
    tenant=name,
    purpose=st.sampled_from(["sign_up", "reset_password", "change_email"]),
    email=text,
    expires_at=at,
    user_id=maybe,
)
keys = st.builds(
    KeyRecord,
    key_id=name,
    tenant=text,
    contract=text,
    purpose=st.sampled_from(["sign", "seal", "pepper"]),
    alg=text,
    sealed=st.binary(max_size=60),
    created_at=at,
    activates_at=at,
    retires_at=maybe_at,
    public=text,
    certificate=st.none() | st.binary(max_size=60),
)
audits = st.builds(
    AuditRecord,
    at=at,
    event=text,
    outcome=st.sampled_from(["ok", "refused"]),
    tenant=text,
    contract=text,
    request_id=text,
    reason=text,
    client_id=maybe,
    subject=maybe,
    source=text,
    authorization_id=st.none() | ids,
)


@pytest.fixture(scope="module")
def through(tmp_path_factory, empty_database):
    """Run something on an empty store; tables are emptied between examples."""
    path = tmp_path_factory.mktemp("rows") / "tokenhouse.db"
    path.write_bytes(empty_database)
    store = SqliteStore(path)
    connection = store._writer._connection
    tables = (
        "ticket",
        "device_key",
        "scope",
        "resource",
        "audit_record",
        "key_record",
        "authorizations",
        "identifier",
        "account",
        "client_secret",
        "client",
        "tenant",
    )

    def run(steps):
        try:
            return asyncio.run(steps(store))
        finally:
            for table in tables:
                connection.execute(f"DELETE FROM {table}")

    yield run
    asyncio.run(store.close())


def _tenant(of):
    return CreateTenant(Tenant(name=of.tenant, enabled=True, created_at=of.created_at))


@given(tenants)
def test_a_tenant(through, tenant):
    async def steps(store):
        await store.commit((CreateTenant(tenant),))
        return await store.list_tenants()

    assert through(steps) == [tenant]


@given(clients, st.none() | secrets)
def test_a_client_with_its_secret(through, client, secret):
    async def steps(store):
        await store.commit((_tenant(client), CreateClient(client, secret)))
        return await store.find_clients(client.client_id, client.tenant), await store.list_clients(client.tenant)

    found, listed = through(steps)
    assert found == [(client, () if secret is None else (secret,), True)]
    assert listed == [client]


@given(accounts, st.dictionaries(name, name, max_size=3))
def test_an_account_by_each_of_its_names(through, account, names):
    async def steps(store):
        await store.commit((_tenant(account), CreateAccount(account, tuple(names.items()))))
        by_name = [await store.find_account(account.tenant, *pair) for pair in names.items()]
        return [await store.find_account_by_id(account.tenant, account.user_id), *by_name]

    assert through(steps) == [account] * (1 + len(names))


@given(authorizations, clients)
def test_an_authorization(through, row, client):
    client = msgspec.structs.replace(client, tenant=row.tenant, client_id=row.client_id)

    async def steps(store):
        opening = OpenAuthorization(row, None, client.security_version)
        await store.commit((_tenant(client), CreateClient(client, None), opening))
        return await store.find_authorization(row.id)

    assert through(steps) == row


@given(resources, scopes, st.booleans())
def test_a_resource_and_a_scope_of_it(through, resource, scope, of_it):
    scope = msgspec.structs.replace(
        scope, tenant=resource.tenant, resource=resource.identifier if of_it else scope.resource
    )

    async def steps(store):
        await store.commit((_tenant(resource), PutResource(resource), PutScope(scope)))
        found = await store.find_resource(resource.tenant, resource.identifier)
        return found, await store.find_scope(scope.tenant, scope.name)

    assert through(steps) == (resource, scope)


@given(device_keys)
def test_a_device_key(through, key):
    async def steps(store):
        await store.commit((_tenant(key), CreateDeviceKey(key)))
        return await store.find_device_key(key.tenant, key.digest), await store.list_device_keys(key.tenant)

    assert through(steps) == (key, [key])


@given(tickets)
def test_a_mailed_link(through, ticket):
    async def steps(store):
        await store.commit((CreateTicket(ticket),))
        return await store.find_ticket(ticket.digest)

    assert through(steps) == ticket


@given(keys)
def test_a_key(through, key):
    async def steps(store):
        await store.commit((AddKey(key),))
        return await store.list_keys()

    assert through(steps) == [key]


@given(audits)
def test_an_audit_record(through, record):
    async def steps(store):
        await store.commit((RecordAudit(record),))
        return await store.list_audit(10)

    assert through(steps) == [record]


@pytest.mark.parametrize(
    ("columns", "record"),
    [
        (rows.CLIENT, Client),
        (rows.SECRET, ClientSecret),
        (rows.ACCOUNT, Account),
        (rows.AUTHORIZATION, Authorization),
        (rows.KEY, KeyRecord),
        (rows.AUDIT, AuditRecord),
        (rows.RESOURCE, Resource),
        (rows.SCOPE, ScopeRecord),
        (rows.DEVICE_KEY, DeviceKey),
        (rows.TICKET, Ticket),
    ],
)
def test_columns_are_in_the_order_of_the_record(columns, record):
    assert [column.strip().split(".")[-1] for column in columns.split(",")] == list(record.__struct_fields__)
