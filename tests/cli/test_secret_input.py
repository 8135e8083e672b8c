import io
import sys

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.cli.secret_input import _clean, read_secret


class Bytes(io.TextIOWrapper):
    def __init__(self, data: bytes, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(data))
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda t: not t.endswith(("\n", "\r"))))
def test_one_newline_at_the_end_is_not_part_of_it(text):
    assert _clean("secret", text.encode()) == text
    assert _clean("secret", f"{text}\n".encode()) == text
    assert _clean("secret", f"{text}\r\n".encode()) == text


@pytest.mark.parametrize(
    ("data", "words"), [(b"", "empty"), (b"\n", "empty"), (b"\xff", "not UTF-8"), (b"x" * 70_000, "too long")]
)
def test_what_is_no_secret(monkeypatch, data, words):
    monkeypatch.setattr(sys, "stdin", Bytes(data))
    with pytest.raises(click.UsageError, match=words):
        read_secret("secret", stdin=True, file=None)


def test_sources(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", Bytes(b"from stdin"))
    assert read_secret("secret", stdin=False, file=None, ask=True) is None
    assert read_secret("secret", stdin=True, file=None) == "from stdin"
    (tmp_path / "file").write_text("from a file\n")
    assert read_secret("secret", stdin=False, file=tmp_path / "file") == "from a file"
    with pytest.raises(click.UsageError, match="not both"):
        read_secret("secret", stdin=True, file=tmp_path / "file")
    with pytest.raises(click.UsageError, match="cannot read"):
        read_secret("secret", stdin=False, file=tmp_path / "nothing")


def test_a_person_at_a_terminal_is_asked(monkeypatch):
    monkeypatch.setattr(sys, "stdin", Bytes(b"", terminal=True))
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: "typed")
    assert read_secret("password", stdin=False, file=None, ask=True) == "typed"
