"""The settings: their defaults, and that no secret shows."""

import base64
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tokenhouse.config.settings import Config, Database, Secrets
from tokenhouse.protocol.secret import Secret

ISSUER = "https://id.example.com"


def test_only_the_issuer_has_no_default() -> None:
    required = [field.name for field in msgspec.structs.fields(Config) if field.required]
    assert required == ["issuer"]
    config = Config(issuer=ISSUER)
    assert config.server.bind == "127.0.0.1:8400"
    assert config.server.trusted_proxies == ()
    assert config.tokens.access_ttl == timedelta(minutes=5)
    assert config.passwords.workers == "auto"
    assert config.mount == ()


def test_settings_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Config(issuer=ISSUER).development = True  # type: ignore[misc]


def test_the_database_is_a_file() -> None:
    assert Database().path == Path("tokenhouse.db")
    assert Database(url="sqlite:////var/lib/a.db").path == Path("/var/lib/a.db")


def test_no_secret_in_repr() -> None:
    text = base64.b64encode(bytes(range(32))).decode()
    config = Config(issuer=ISSUER, secrets=Secrets(key_encryption_key=Secret(text)))
    assert text not in repr(config)
    assert text not in str(config)
