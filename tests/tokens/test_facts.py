"""What may be said of client, person and session: never the records themselves."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import msgspec

from tokenhouse.model.records import Account, Authorization, Client
from tokenhouse.protocol.contract import Mount
from tokenhouse.tokens.claims import standard_contract
from tokenhouse.tokens.facts import client_facts, default_audience, session_facts, user_facts
from tokenhouse.tokens.handle import Handle, Kind, seconds

TTL = timedelta(minutes=5)
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACCOUNT = Account(
    "t",
    "us_1",
    "alice",
    "a@b",
    "+1",
    "Alice",
    "$argon2id$secret",
    AT,
    attributes={"nickname": "Al", "id": "forged", "name": "M"},
)
CLIENT = Client("t", "app", "App", (), (), (), (), AT, attributes={"plan": {"calls": 3}, "id": "forged"})
ROW = Authorization(255, "t", "c", "app", "us_1", (), "k1", AT, AT, AT, None, generation=4, device="d", device_name="D")


def test_attributes_never_replace_what_the_house_says():
    assert client_facts(CLIENT) == {"plan": {"calls": 3}, "id": "app", "name": "App"}
    facts = user_facts(ACCOUNT)
    assert (facts["id"], facts["name"], facts["nickname"]) == ("us_1", "Alice", "Al")


def test_a_password_is_no_fact():
    assert "secret" not in repr(user_facts(ACCOUNT))
    names = {"nickname", "id", "username", "email", "phone", "name", "created_at", "signed_in_at", "roles", "groups"}
    assert set(user_facts(ACCOUNT)) == names | {"active", "confirmed", "locked"}


def test_the_state_of_a_person_is_told():
    facts = user_facts(ACCOUNT)
    assert (facts["active"], facts["confirmed"], facts["locked"], facts["roles"]) == (True, False, False, [])
    told = {"enabled": False, "email_verified_at": AT, "locked_at": AT, "signed_in_at": AT, "roles": ("a",)}
    facts = user_facts(msgspec.structs.replace(ACCOUNT, **told, groups=("b",)))
    assert (facts["active"], facts["confirmed"], facts["locked"], facts["signed_in_at"]) == (False, True, True, AT)
    assert (facts["roles"], facts["groups"]) == (["a"], ["b"])
    assert user_facts(ACCOUNT, locked=True)["locked"]


def test_a_token_for_no_resource_is_for_the_clients_api_or_the_mounts_or_the_issuer():
    mount = Mount(standard_contract(access_ttl=TTL, refresh_ttl=None, refresh_idle_ttl=None), "t", "t", "https://as")
    assert default_audience(CLIENT, mount) == ("https://as",)
    theirs = dataclasses.replace(mount, audience="https://mount")
    assert default_audience(CLIENT, theirs) == ("https://mount",)
    assert default_audience(msgspec.structs.replace(CLIENT, audience="own"), theirs) == ("own",)


def test_a_session_has_a_key_that_leads_back_and_stays_the_same(seal_key, other_seal_key):
    facts = session_facts(ROW, seal_key)
    handle = seal_key.decipher(uuid.UUID(facts["key"]).bytes)
    assert handle == Handle(Kind.SESSION, 255, 0, seconds(AT))
    assert facts == session_facts(ROW, seal_key)
    assert facts["key"] != session_facts(ROW, other_seal_key)["key"]


def test_a_session_is_told_in_plain_values(seal_key):
    facts = session_facts(ROW, seal_key)
    del facts["key"]
    assert facts == {
        "id": "00000000000000ff",
        "device": "d",
        "device_name": "D",
        "created_at": AT,
        "expires_at": None,
        "refreshes": 4,
    }
