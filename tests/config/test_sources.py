"""A source tells where a value came from, and points there."""

from tokenhouse.config.sources import FileSource, Given, TextSource, dotted
from tokenhouse.written.document import read_toml

DOCUMENT = read_toml('issuer = "x"\n[tokens]\n  grace = "1s"\n', "a.toml")


def test_a_file_names_its_line_and_column() -> None:
    source = FileSource(DOCUMENT)
    assert not source.is_text
    assert source.origin(("tokens", "grace")) == "a.toml:3"
    assert str(source.problem(("tokens", "grace"), "wrong", "TH-C002", "hint")) == "a.toml:3:3: TH-C002 wrong (hint)"


def test_a_moved_document_keeps_its_columns_and_says_where_it_stands() -> None:
    source = FileSource(DOCUMENT, moved="environment X")
    assert source.origin(("issuer",)) == "environment X"


def test_a_text_names_the_setting_because_it_does_not() -> None:
    source = TextSource("environment X")
    assert source.is_text
    assert source.origin(("tokens", "grace")) == "environment X"
    assert (
        str(source.problem(("tokens", "grace"), "wrong", "TH-C002")) == "environment X:1:1: TH-C002 tokens.grace: wrong"
    )


def test_names_are_dotted() -> None:
    assert dotted(("mount", 0, "dialect")) == "mount.0.dialect"
    assert Given(1, TextSource("a")) == Given(1, TextSource("a"))
