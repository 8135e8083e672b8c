"""The schema describes every setting, with the default that the file would write."""

import json
import re
from typing import Any

from msgspec.structs import fields

from tokenhouse.config.schema import DESCRIPTIONS, schema
from tokenhouse.config.settings import Config
from tokenhouse.config.shape import item_type, leaves, table_type


def prop(name: str) -> dict[str, Any]:
    node = schema()
    for part in name.split("."):
        node = node["properties"][part] if "properties" in node else node["items"]["properties"][part]
    return node


def tables(table: Any) -> list[Any]:
    """Return a table and those within it, as often as they are there."""
    below = (table_type(field.type) or table_type(item_type(field.type)) for field in fields(table))
    return [table, *(inner for one in below if one for inner in tables(one))]


def test_every_setting_is_described_and_nothing_else_is() -> None:
    names = {
        f"{table.__name__}.{field.name}"
        for table in tables(Config)
        for field in fields(table)
        if not table_type(field.type)
    }
    assert names == set(DESCRIPTIONS)


def test_it_is_json_and_closed() -> None:
    text = json.dumps(schema())
    assert json.loads(text)["required"] == ["issuer"]
    assert text.count('"additionalProperties": false') == len(tables(Config))


def test_defaults_are_as_the_file_writes_them() -> None:
    assert prop("tokens.access_ttl")["default"] == "5m"
    assert prop("server.body_limit")["default"] == "16KiB"
    assert prop("admin.socket")["default"] == "tokenhouse.sock"
    assert prop("tokens.refresh_ttl")["default"] == "90d"
    assert prop("mount")["default"] == ()
    assert "default" not in prop("issuer")
    assert "default" not in prop("tokens.audience")
    assert "default" not in prop("mount.attributes")


def test_types_and_patterns() -> None:
    assert prop("passwords.queue")["minimum"] == 1
    assert prop("log.level")["enum"] == ["debug", "error", "info", "warning"]
    assert prop("mount.hosts")["items"] == {"type": "string"}
    assert prop("mount.dialect")["type"] == "string"
    assert re.search(prop("tokens.grace")["pattern"], prop("tokens.grace")["default"])


def test_every_default_matches_its_pattern() -> None:
    for keys, _ in leaves(Config):
        described = prop(".".join(map(str, keys)))
        if "pattern" in described and "default" in described:
            assert re.search(described["pattern"], described["default"])
