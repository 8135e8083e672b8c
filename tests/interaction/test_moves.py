"""A site knows its places by its configured URL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tokenhouse.interaction.moves import Site, Wish
from tokenhouse.protocol.secret import Secret


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://id.example.com/account", "/account"),
        ("https://example.com/auth/me", "/auth/me"),
        ("https://id.example.com", ""),
    ],
)
def test_the_path_is_that_of_the_url(url: str, path: str) -> None:
    assert Site("default", "Example", url).path == path


def test_without_resets_there_is_no_page_for_them() -> None:
    assert Site("default", "Example", "https://a/b").reset_path == "/reset"
    assert not Site("default", "Example", "https://a/b", reset=False).reset_path


def test_a_wish_does_not_show_its_secrets() -> None:
    secret = Secret("the word")
    wish = Wish("cafe", datetime(2026, 11, 20, tzinfo=UTC), password=secret, new_password=secret, link=secret)
    assert "the word" not in repr(wish)
    assert not wish.stay_signed_in
