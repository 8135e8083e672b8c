"""Each kind of value refuses what it cannot mean, and writes what it reads."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.config import kinds
from tokenhouse.config.kinds import kind_of, read_key

KEY = base64.b64encode(bytes(range(32))).decode()


def read(annotation: Any, value: object) -> Any:
    kind = kind_of(annotation)
    assert kind is not None
    return kind.read(value)


def test_only_marked_annotations_have_a_kind() -> None:
    assert kind_of(kinds.Bind) is not None
    assert kind_of(str) is None
    assert kind_of(kinds.Annotated[int, kinds.Meta(ge=1)]) is None


@pytest.mark.parametrize(
    ("annotation", "value", "meaning"),
    [
        (kinds.Duration, "15m", timedelta(minutes=15)),
        (kinds.Window, "0s", timedelta(0)),
        (kinds.Lifetime, "never", None),
        (kinds.Lifetime, "90d", timedelta(days=90)),
        (kinds.FilePath, "a/b", Path("a/b")),
        (kinds.Words, "two words", "two words"),
        (kinds.Tenant, "acme-2", "acme-2"),
        (kinds.TenantOrAll, "*", "*"),
        (kinds.TenantOrAll, "acme", "acme"),
        (kinds.DatabaseUrl, "sqlite:////var/db", "sqlite:////var/db"),
        (kinds.Provider, "G-plus_2", "G-plus_2"),
        (kinds.OptionalJsonPath, "data.app_id", "data.app_id"),
        (kinds.OptionalJsonPath, "emails.0.value", "emails.0.value"),
        (kinds.OptionalEndpoint, "https://a.example/me?b=c", "https://a.example/me?b=c"),
        (kinds.LocalPlace, "[::1]:9000", "[::1]:9000"),
    ],
)
def test_a_value_means(annotation: Any, value: str, meaning: object) -> None:
    assert read(annotation, value) == meaning


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (kinds.Duration, "0s"),
        (kinds.Duration, "never"),
        (kinds.Lifetime, "0s"),
        (kinds.Lifetime, "Never"),
        (kinds.Words, ""),
        (kinds.Words, " "),
        (kinds.Words, "a\0b"),
        (kinds.Words, 3),
        (kinds.FilePath, ""),
        (kinds.Tenant, "*"),
        (kinds.Tenant, "A"),
        (kinds.Tenant, "-a"),
        (kinds.Tenant, "a" * 64),
        (kinds.Tenant, None),
        (kinds.TenantOrAll, "**"),
        (kinds.DatabaseUrl, "sqlite:///"),
        (kinds.DatabaseUrl, "sqlite://a"),
        (kinds.DatabaseUrl, "sqlite:///a?mode=ro"),
        (kinds.DatabaseUrl, "tokenhouse.db"),
        (kinds.Provider, ""),
        (kinds.Provider, "a b"),
        (kinds.Provider, "-a"),
        (kinds.Provider, 1),
        (kinds.OptionalJsonPath, ""),
        (kinds.OptionalJsonPath, "a..b"),
        (kinds.OptionalJsonPath, "$.a"),
        (kinds.OptionalJsonPath, ["a"]),
        (kinds.OptionalJsonPath, ".".join("abcdefghi")),
        (kinds.OptionalEndpoint, "me"),
        (kinds.LocalPlace, "8.8.8.8:53"),
    ],
)
def test_a_value_is_refused(annotation: Any, value: object) -> None:
    with pytest.raises(ValueError, match=r"expected|must"):
        read(annotation, value)


def test_a_refused_database_url_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="sqlite") as refused:
        read(kinds.DatabaseUrl, "postgresql://user:hunter2@host/db")
    assert "hunter2" not in str(refused.value)


@given(st.binary(min_size=32, max_size=32))
def test_a_key_is_32_bytes_in_base64(raw: bytes) -> None:
    text = base64.b64encode(raw).decode()
    assert read_key(text).reveal() == text


@given(st.binary(max_size=64).filter(lambda raw: len(raw) != 32))
def test_a_key_of_another_length_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        read_key(base64.b64encode(raw).decode())


@pytest.mark.parametrize(
    "text", [KEY + "\n", " " + KEY, KEY[:-1], KEY.rstrip("=")[:-1] + "9=", KEY.replace("A", "-"), "ä" * 44, 7, None]
)
def test_a_key_spelled_otherwise_is_refused_and_not_repeated(text: object) -> None:
    with pytest.raises(ValueError, match="32 random bytes") as refused:
        read_key(text)
    assert str(text).strip() not in str(refused.value)


@pytest.mark.parametrize("text", ["never", "90d", "1h30m"])
def test_a_lifetime_is_written_as_it_was_read(text: str) -> None:
    kind = kind_of(kinds.Lifetime)
    assert kind is not None
    assert kind.writes_none
    assert kind.write(kind.read(text)) == text
