import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.cli.demo.curl import curl, first_success
from tokenhouse.server.mounting import read_dialect, shipped_dialects
from tokenhouse.wire.dialect.examples import ExampleRequest

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_characters="\x7f"), min_size=1)


@given(body=TEXT, value=TEXT)
def test_bash_reads_back_what_was_meant(body, value):
    words = shlex.split(curl(ExampleRequest("POST", "/a", "", (("x-a", value),), body.encode()), "http://h"))
    assert words == ["curl", "-s", "http://h/a", "-H", f"x-a: {value}", "--data-binary", body]


def test_method_query_and_empty_headers():
    assert (
        curl(ExampleRequest("GET", "/a", "b=1&c=2", (("x", ""),), b""), "http://h")
        == "curl -s 'http://h/a?b=1&c=2' -H 'x;'"
    )
    assert curl(ExampleRequest("PUT", "/a", "", (), b"x"), "http://h") == "curl -s -X PUT http://h/a --data-binary x"
    assert curl(ExampleRequest("POST", "/a", "", (), b""), "http://h") == "curl -s -X POST http://h/a"


@pytest.mark.parametrize("name", shipped_dialects())
def test_every_shipped_dialect_has_a_command(name):
    command = first_success(read_dialect(name), "http://127.0.0.1:8400", "/x")
    assert command.contract == name
    assert command.run.startswith("curl -s http://127.0.0.1:8400/x/")


def test_a_dialect_without_a_success_has_none():
    from dataclasses import replace

    dialect = read_dialect(next(iter(shipped_dialects())))
    failures = tuple(example for example in dialect.examples if not example.answer.lstrip().startswith("200"))
    assert first_success(replace(dialect, examples=failures), "http://h", "") is None
