"""Records are frozen values whose defaults allow nothing."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime

import msgspec
import pytest

from tokenhouse.model import records
from tokenhouse.model.records import Account, Authorization, Client, KeyRecord

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
RECORDS = [
    kind
    for _, kind in inspect.getmembers(records, inspect.isclass)
    if issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct
]


@pytest.mark.parametrize("kind", RECORDS)
def test_every_record_is_frozen(kind):
    assert kind.__struct_config__.frozen


def test_a_client_starts_with_what_it_was_given_and_no_more():
    client = Client("t", "app", "App", (), (), (), (), AT)
    assert (client.introspection, client.enabled, client.ends_at, client.audience) == ("none", True, None, None)
    assert (client.access_format, client.alg, client.security_version, client.attributes) == ("jwt", None, 1, {})
    with pytest.raises(AttributeError):
        client.scopes = ("everything",)


def test_an_account_starts_enabled_and_unlocked():
    account = Account("t", "u", None, None, None, None, None, AT)
    assert (account.enabled, account.locked_at, account.security_version) == (True, None, 1)


def test_a_login_starts_at_its_first_generation():
    row = Authorization(1, "t", "c", "app", None, (), "k", AT, AT, AT, None)
    assert (row.generation, row.has_refresh, row.revoked_at, row.expires_at) == (0, False, None, None)


def test_attributes_of_two_accounts_are_not_shared():
    one, other = (Account("t", name, None, None, None, None, None, AT) for name in "ab")
    assert one.attributes is not other.attributes


def test_a_key_has_no_end_by_default():
    key = KeyRecord("k", "t", "", "seal", "AES-SIV", b"", AT, AT)
    assert (key.retires_at, key.public, key.certificate) == (None, "", None)
