"""Every language says everything, and a language is served by its full tag."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.interaction import catalogue
from tokenhouse.interaction.catalogue import DEFAULT_LANGUAGE, LANGUAGES, negotiate, texts

FOLDER = Path(catalogue.__file__).with_name("texts")


def holes(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_holes(language: str) -> None:
    ours, english = texts(language)._texts, texts(DEFAULT_LANGUAGE)._texts
    assert ours.keys() == english.keys()
    assert {key: holes(text) for key, text in ours.items()} == {key: holes(text) for key, text in english.items()}
    assert all(text.strip() for text in ours.values())


def test_every_catalogue_is_offered() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(LANGUAGES)


def test_traditional_characters_are_traditional() -> None:
    text = "".join(texts("zh-TW")._texts.values())
    assert re.search("[国码帐户录网页设邮电请开们发这为]", text) is None
    assert "登入" in text


def test_what_fills_a_hole_has_none() -> None:
    assert texts("en").say("page.incident", id="{x} {0.__class__}") == "Reference: {x} {0.__class__}"
    assert texts("en").has("page.incident")
    assert not texts("en").has("page.nothing")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("en", "en"),
        ("en-GB,en;q=0.8", "en"),
        ("zh-TW", "zh-TW"),
        ("ZH-tw", "zh-TW"),
        ("zh-Hant", "zh-TW"),
        ("zh-Hant-HK", "zh-TW"),
        ("zh-CN", "en"),
        ("zh-Hans-TW", "en"),
        ("zh", "en"),
        ("zh-TWX", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "en"),
        ("zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", "zh-TW"),
        ("fr, de;q=0.9, zh-TW;q=0.2", "zh-TW"),
        ("en;q=0.5, zh-Hant;q=0.7", "zh-TW"),
        ("zh-TW;q=0, en;q=0.1", "en"),
        ("zh-TW;q=0", "en"),
        ("en, zh-TW", "en"),
        ("zh-TW;q=2, en;q=0.1", "en"),
        ("zh-TW;q=x", "en"),
        (",;q=1,=,zh-TW ; q=0.3", "zh-TW"),
        ("de," * 32 + "zh-TW", "en"),
    ],
)
def test_languages_are_negotiated(header: str | None, language: str) -> None:
    assert negotiate(header) == language


@given(st.text())
def test_any_header_gets_a_language_that_there_is(header: str) -> None:
    assert negotiate(header) in LANGUAGES
