from __future__ import annotations

import re

import apsw
import pytest

from tokenhouse.sql import reads
from tokenhouse.sql.upgrade import HEAD

TEXTS = {
    name: text for name, text in vars(reads).items() if name.isupper() and isinstance(text, str) and "SELECT" in text
}


@pytest.fixture
def connection(database):
    opened = apsw.Connection(str(database))
    yield opened
    opened.close()


@pytest.mark.parametrize("name", TEXTS)
def test_every_read_is_one_select_with_named_values_only(name, connection):
    text = TEXTS[name]
    assert text.startswith("SELECT ")
    assert ";" not in text
    assert "'" not in text
    parameters = dict.fromkeys(re.findall(r":(\w+)", text), 0)
    assert connection.execute(text, parameters).fetchall() == {"REVISION": [(HEAD,)], "AUDIT_END": [(0,)]}.get(name, [])


@pytest.mark.parametrize(
    "name",
    [
        "CLIENT_OF_TENANT",
        "CLIENT_OF_ANY",
        "SECRETS",
        "TENANT_ENABLED",
        "ACCOUNT_BY_IDENTIFIER",
        "ACCOUNT_BY_ID",
        "AUTHORIZATION_BY_ID",
        "TOKEN_REVOKED",
        "SESSIONS_OF_SUBJECT",
        "GUESSES",
        "IDENTITY",
        "TICKET_BY_DIGEST",
        "RESOURCE_BY_ID",
        "SCOPE_BY_NAME",
        "DEVICE_KEY_BY_DIGEST",
    ],
)
def test_what_a_request_reads_is_found_by_an_index(name, connection):
    text = TEXTS[name]
    parameters = dict.fromkeys(re.findall(r":(\w+)", text), 0)
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", parameters)]
    assert not [step for step in plan if step.startswith("SCAN")]


@pytest.mark.parametrize(
    "name",
    [
        "CLIENT_OF_TENANT",
        "SECRETS",
        "ACCOUNT_BY_IDENTIFIER",
        "ACCOUNT_BY_ID",
        "SESSIONS_OF_SUBJECT",
        "IDENTITY",
        "RESOURCE_BY_ID",
        "SCOPE_BY_NAME",
        "DEVICE_KEY_BY_DIGEST",
    ],
)
def test_what_belongs_to_a_tenant_is_read_with_its_tenant(name):
    assert ":tenant" in TEXTS[name]
