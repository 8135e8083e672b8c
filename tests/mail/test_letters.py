"""Messages say what letters say, and nothing that was put into a letter becomes a header."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.mail.letters import Letter, UnusableAddress, compose

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SENDER = "Müller & Söhne <id@example.com>"
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
    "Content-Language",
}


def read(letter: Letter) -> Any:
    return message_from_bytes(bytes(compose(letter, SENDER, NOW)), policy=policy.default)


@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        ("en", "Choose a password", f"Follow it:\n\nhttps://id.example.com/{'x' * 120}\n"),
        (
            "zh-TW",
            "範例：設定新密碼，請您儘快完成這個步驟，謝謝您的合作",
            "請開啟以下連結。\n\nhttps://id.example.com/\n",
        ),
    ],
)
def test_a_message_is_read_as_it_was_written(letter: Any, language: str, subject: str, text: str) -> None:
    message = read(letter(language=language, subject=subject, text=text))
    assert message["Subject"] == subject
    assert message["From"] == SENDER
    assert message["To"] == "alice@example.com"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"].endswith("@example.com>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == language
    assert message.get_content_type() == "text/plain"
    assert message.get_content().splitlines() == text.splitlines()
    assert set(message.keys()) == HEADERS


def test_a_link_stands_in_one_piece(letter: Any) -> None:
    link = f"https://id.example.com/?link={'x' * 200}"
    assert link.encode() in bytes(compose(letter(text=f"a\n{link}\n"), SENDER, NOW))


@pytest.mark.parametrize("to", [None, "", "alice", "a@b.c\r\nBcc: x@y.z", "älice@example.com", "a@b.c,d@e.f"])
def test_what_is_no_address_gets_no_message(letter: Any, to: str | None) -> None:
    with pytest.raises(UnusableAddress):
        compose(letter(to=to), SENDER, NOW)


def test_a_subject_with_a_line_end_is_never_a_header(letter: Any) -> None:
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        compose(letter(subject="a\r\nBcc: x@y.z"), SENDER, NOW)


@given(subject=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=60))
def test_whatever_is_said_the_headers_are_ours(subject: str) -> None:
    letter = Letter("reset", "cafe", "alice@example.com", "en", subject, f"{subject}\nBcc: x@y.z\n")
    assert set(read(letter).keys()) == HEADERS


def test_a_letter_does_not_show_its_link(letter: Any) -> None:
    assert "secret" not in repr(letter(text="https://id.example.com/?link=secret"))
