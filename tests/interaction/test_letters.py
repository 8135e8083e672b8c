"""Letters say what they should in each language, and every link begins with the configured URL."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tokenhouse.interaction.catalogue import LANGUAGES, texts
from tokenhouse.interaction.letters import RESET_PATH, write
from tokenhouse.interaction.moves import Site

KINDS = sorted({key[5:].partition(".")[0] for key in texts("en")._texts if key.startswith("mail_")})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
async def test_every_letter_can_be_written(desk: Any, language: str, kind: str) -> None:
    wish = desk.wish(language=language)
    made = await desk.tickets.make(desk.site, wish, "reset_password", "alice@example.com", None)
    letter = write(kind, desk.site, wish, "alice@example.com", opens=RESET_PATH, made=made)
    assert (letter.kind, letter.to, letter.language, letter.request_id) == (kind, "alice@example.com", language, "cafe")
    assert "Example" in letter.subject
    assert "{" not in letter.subject + letter.text
    assert letter.text[0].strip()
    urls = re.findall(r"\S+://\S+", letter.text)
    assert all(url.startswith(desk.site.url + RESET_PATH) for url in urls)
    assert bool(urls) == (kind != "email_changed")


@pytest.mark.parametrize(
    ("life", "english", "chinese"),
    [
        (timedelta(minutes=15), "15 minutes", "15 分鐘"),
        (timedelta(minutes=90), "90 minutes", "90 分鐘"),
        (timedelta(hours=24), "24 hours", "24 小時"),
    ],
)
async def test_the_life_of_a_link_is_said(desk: Any, life: timedelta, english: str, chinese: str) -> None:
    site = Site("default", "Example", "https://id.example.com", reset_ttl=life)
    for language, said in (("en", english), ("zh-TW", chinese)):
        wish = desk.wish(language=language)
        made = await desk.tickets.make(site, wish, "reset_password", "a@b.c", None)
        assert said in write("reset", site, wish, "a@b.c", opens=RESET_PATH, made=made).text
