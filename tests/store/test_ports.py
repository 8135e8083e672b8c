"""The ports: narrow, asynchronous, and what an engine has to implement."""

from __future__ import annotations

import inspect

import pytest

from tokenhouse.sql.sqlite import SqliteStore
from tokenhouse.store import ports
from tokenhouse.store.ports import ClientEntry, Store

PORTS = [
    kind
    for _, kind in inspect.getmembers(ports, inspect.isclass)
    if getattr(kind, "_is_protocol", False) and kind.__module__ == ports.__name__
]
METHODS = [(port, name) for port in PORTS for name in vars(port) if not name.startswith("_")]


@pytest.mark.parametrize(("port", "name"), METHODS)
def test_the_engine_answers_every_port_as_it_is_asked(port, name):
    asked, answers = getattr(port, name), getattr(SqliteStore, name)
    assert inspect.iscoroutinefunction(answers)
    assert inspect.signature(answers) == inspect.signature(asked)


def test_a_store_is_all_ports_together():
    assert set(PORTS) <= set(Store.__mro__)


def test_only_commit_writes():
    names = {name for _, name in METHODS}
    assert {name for name in names if not name.startswith(("find_", "list_", "is_"))} == {"commit", "close"}


def test_an_entry_is_a_client_with_what_stands_beside_it():
    assert ClientEntry._fields == ("client", "secrets", "tenant_enabled")
