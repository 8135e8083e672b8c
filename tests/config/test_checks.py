"""Settings that contradict each other are found; sound ones pass."""

from datetime import timedelta
from typing import Any

import pytest

from tokenhouse.config.checks import contradictions
from tokenhouse.config.settings import Admin, Config, Keys, Mount, Passwords, Server, Tokens

HTTPS = "https://id.example.com"


def messages(issuer: str = HTTPS, **settings: Any) -> list[str]:
    return [found.message for found in contradictions(Config(issuer=issuer, **settings))]


@pytest.mark.parametrize(
    ("issuer", "settings"),
    [
        (HTTPS, {}),
        ("http://127.0.0.1:8400", {}),
        ("http://localhost:8400", {}),
        ("http://id.internal", {"development": True}),
        (HTTPS, {"server": Server(bind="0.0.0.0:8400")}),
        (HTTPS, {"development": True, "server": Server(bind="[::1]:8400"), "admin": Admin(bind="localhost:0")}),
        (HTTPS, {"server": Server(bind="127.0.0.1:0"), "admin": Admin(bind="127.0.0.1:0")}),
        (HTTPS, {"tokens": Tokens(refresh_ttl=None, access_ttl=timedelta(hours=24))}),
        (HTTPS, {"passwords": Passwords(memory_kib=7168, passes=5)}),
        (HTTPS, {"passwords": Passwords(memory_kib=8, passes=1), "development": True}),
        (HTTPS, {"server": Server(body_limit=1 << 10)}),
        (HTTPS, {"server": Server(body_limit=16 << 20)}),
        (HTTPS, {"mount": (Mount(dialect="a"), Mount(dialect="a", prefix="/a"), Mount(dialect="a", hosts=("h",)))}),
        (HTTPS, {"mount": (Mount(dialect="a"), Mount(dialect="b"))}),
    ],
)
def test_sound_settings_pass(issuer: str, settings: dict[str, Any]) -> None:
    assert messages(issuer, **settings) == []


@pytest.mark.parametrize(
    ("issuer", "settings", "message"),
    [
        ("http://id.example.com", {}, "https URL"),
        (HTTPS, {"development": True, "server": Server(bind="0.0.0.0:8400")}, "loopback only"),
        ("http://localhost:8400", {"server": Server(bind="0.0.0.0:8400")}, "http issuer"),
        (HTTPS, {"development": True, "admin": Admin(bind="[::]:8401")}, "loopback only"),
        (HTTPS, {"admin": Admin(bind="127.0.0.1:8400")}, "address of its own"),
        (HTTPS, {"server": Server(body_limit=1023)}, "between 1KiB and 16MiB"),
        (HTTPS, {"server": Server(body_limit=(16 << 20) + 1)}, "between 1KiB and 16MiB"),
        (
            HTTPS,
            {"tokens": Tokens(access_ttl=timedelta(hours=2), refresh_ttl=timedelta(hours=1))},
            "longer than refresh_ttl",
        ),
        (HTTPS, {"tokens": Tokens(grace=timedelta(minutes=5, milliseconds=1))}, "longer than 5m"),
        (HTTPS, {"keys": Keys(retire_after=timedelta(minutes=4))}, "lose their key"),
        (HTTPS, {"passwords": Passwords(memory_kib=7167, passes=64)}, "cheap"),
        (HTTPS, {"passwords": Passwords(memory_kib=19_456, passes=1)}, "cheap"),
        (HTTPS, {"mount": (Mount(dialect="a"), Mount(dialect="a"))}, "mounted twice"),
        (HTTPS, {"mount": (Mount(dialect="a", hosts=("g", "h")), Mount(dialect="a", hosts=("h",)))}, "mounted twice"),
        (HTTPS, {"mount": (Mount(dialect="a", attributes={"url": "x"}),)}, "built in"),
    ],
)
def test_a_contradiction_is_found(issuer: str, settings: dict[str, Any], message: str) -> None:
    (found,) = messages(issuer, **settings)
    assert message in found
