"""The tree of settings, walked."""

from msgspec.structs import fields

from tokenhouse.config.settings import Config, Mount
from tokenhouse.config.shape import item_type, leaves, table_type


def test_tables_and_lists_are_told_apart() -> None:
    types = {field.name: field.type for field in fields(Config)}
    assert table_type(types["server"]) is not None
    assert table_type(types["issuer"]) is None
    assert table_type(types["mount"]) is None
    assert item_type(types["mount"]) is Mount
    assert item_type(types["server"]) is None


def test_leaves_name_every_value_once() -> None:
    names = [keys for keys, _ in leaves(Config)]
    assert len(set(names)) == len(names)
    assert ("issuer",) in names
    assert ("tokens", "access_ttl") in names
    assert ("mount",) in names
    assert ("server",) not in names
