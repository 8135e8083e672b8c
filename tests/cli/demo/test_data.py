from datetime import UTC, datetime, timedelta

import pytest

from tokenhouse.cli.demo.data import Command, read_data
from tokenhouse.clients.secrets import STRONG_BITS, estimate_bits
from tokenhouse.console.clients import NewClient
from tokenhouse.console.people import NewUser
from tokenhouse.console.values import convert
from tokenhouse.server.mounting import shipped_dialects

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_the_shipped_data_is_what_the_operations_take():
    data = read_data()
    assert [convert(client, NewClient).client_id for client in data.clients_at(NOW)]
    assert [convert(user, NewUser).username for user in data.user]
    assert data.mount.keys() <= shipped_dialects().keys()
    assert {command.contract for command in data.command} <= {*shipped_dialects(), "standard"}


def test_a_password_grant_is_dated_from_now():
    dated = {client["client_id"]: client.get("password_until") for client in read_data().clients_at(NOW)}
    assert dated["demo-app"] == NOW + timedelta(days=365)
    assert dated["demo-service"] is None


def test_client_ids_are_unique_over_all_tenants():
    ids = [client["client_id"] for client in read_data().client]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("client", read_data().client, ids=lambda client: client["client_id"])
def test_secrets_are_strong_enough_to_be_stored_as_digests(client):
    assert estimate_bits(client["secret"]) >= STRONG_BITS


def test_the_token_wish_is_a_client_of_the_data():
    data = read_data()
    [client] = [client for client in data.client if client["client_id"] == data.token.client_id]
    assert client["secret"] == data.token.secret
    assert data.token.scope in client["scopes"]
    assert data.token.body == "grant_type=client_credentials&scope=orders:read"


def test_a_command_is_told_the_addresses():
    command = Command(contract="x", title="t", run="\ncurl {server} {resource} {other}\n")
    assert command.at("http://a", "http://b").run == "curl http://a http://b {other}"
