"""Every value is read by its kind, every mistake is collected with its place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.config.reading import Reading
from tokenhouse.config.settings import Config
from tokenhouse.config.sources import FileSource, Given, TextSource
from tokenhouse.written.document import read_toml

ISSUER = 'issuer = "https://a"\n'


def read(text: str, **over: str) -> tuple[Config | None, Reading]:
    document = read_toml(text, "a.toml")
    given = {tuple(name.split("__")): Given(value, TextSource(f"environment {name}")) for name, value in over.items()}
    reading = Reading(given)
    return reading.config(document.data, FileSource(document)), reading


def problems(text: str, **over: str) -> list[str]:
    config, reading = read(text, **over)
    assert config is None
    return [str(problem) for problem in reading.problems]


def setting(text: str, **over: str) -> Config:
    config, reading = read(ISSUER + text, **over)
    assert reading.problems == []
    assert config is not None
    return config


def test_what_is_not_given_has_its_default_and_says_so() -> None:
    config, reading = read(ISSUER)
    assert config == Config(issuer="https://a")
    assert reading.origins["issuer"] == "a.toml:1"
    assert reading.origins["tokens.grace"] == "default"
    assert reading.origins["mount"] == "default"
    assert set(reading.sources) == {("issuer",)}


def test_the_environment_is_over_the_file() -> None:
    config, reading = read(ISSUER + '[log]\nlevel = "debug"', log__level="error")
    assert config is not None
    assert config.log.level == "error"
    assert reading.origins["log.level"] == "environment log__level"


def test_mounts_are_read_in_order() -> None:
    config, reading = read(ISSUER + '[[mount]]\ndialect = "a"\n[[mount]]\ndialect = "b"\nattributes = { n = 1 }')
    assert config is not None
    assert [mount.dialect for mount in config.mount] == ["a", "b"]
    assert config.mount[0].attributes == {}
    assert config.mount[1].attributes == {"n": 1}
    assert reading.origins["mount.1.dialect"] == "a.toml:5"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 'a.toml:1:1: TH-C003 "issuer" is missing (write: issuer = "https://id.example.com")'),
        (ISSUER + "[sever]", 'a.toml:2:2: TH-C001 "sever" is no setting (did you mean "server"?)'),
        (ISSUER + "[server]\n bnd = 1", 'a.toml:3:2: TH-C001 "bnd" is no setting of [server] (did you mean "bind"?)'),
        (ISSUER + "server = 1", "a.toml:2:1: TH-C002 expected a table"),
        (ISSUER + "mount = 1", "a.toml:2:1: TH-C002 expected a list of tables"),
        (ISSUER + "mount = [1]", "a.toml:2:10: TH-C002 expected a table"),
        (ISSUER + "[[mount]]", 'a.toml:2:3: TH-C003 "mount.0.dialect" is missing'),
        (ISSUER + 'development = "true"', "a.toml:2:1: TH-C002 expected true or false"),
        (ISSUER + "development = 1", "a.toml:2:1: TH-C002 expected true or false"),
        (ISSUER + "server.trusted_proxies = '::1'", "a.toml:2:8: TH-C002 expected a list of strings"),
        (ISSUER + "passwords.queue = 0", "a.toml:2:11: TH-C002 expected a whole number >= 1"),
        (ISSUER + "passwords.queue = 1.0", "a.toml:2:11: TH-C002 expected a whole number"),
        (ISSUER + "passwords.workers = '2'", 'a.toml:2:11: TH-C002 expected a whole number or "auto"'),
        (ISSUER + "passwords.workers = 0", "a.toml:2:11: TH-C002 expected a whole number >= 1"),
        (ISSUER + "passwords.workers = true", "a.toml:2:11: TH-C002 expected a whole number or a string"),
        (ISSUER + "log.format = 'xml'", 'a.toml:2:5: TH-C002 expected "json" or "console"'),
        (ISSUER + "log.format = 3", "a.toml:2:5: TH-C002 expected a string"),
        (ISSUER + "mount = [{ dialect = 'a', attributes = 1 }]", "a.toml:2:27: TH-C002 expected a table"),
    ],
)
def test_a_mistake_is_named_at_its_place(text: str, expected: str) -> None:
    assert problems(text) == [expected]


def test_all_mistakes_are_collected() -> None:
    assert len(problems("a = 1\n[tokens]\nb = 2\ngrace = 3\nalg = 'none'")) == 5


@pytest.mark.parametrize(("text", "value"), [("4", 4), ("auto", "auto")])
def test_a_number_or_a_word_from_the_environment(text: str, value: object) -> None:
    assert setting("", passwords__workers=text).passwords.workers == value


@pytest.mark.parametrize("text", ["1e1", "1.0", " 4", "04", "+4", "٤", "", "true", "4\n", "99999999999"])
def test_a_number_from_the_environment_has_one_spelling(text: str) -> None:
    assert len(problems(ISSUER, passwords__queue=text)) == 1


@pytest.mark.parametrize("text", ["1", "0", "yes", "True", "TRUE", "", "on"])
def test_a_truth_value_from_the_environment_has_one_spelling(text: str) -> None:
    assert problems(ISSUER, development=text) == [
        "environment development:1:1: TH-C002 development: expected true or false"
    ]


def test_truth_values_from_the_environment() -> None:
    assert setting("", development="true").development is True
    assert setting("development = true", development="false").development is False


@pytest.mark.parametrize(
    ("text", "networks"), [("", ()), ("10.0.0.0/8", ("10.0.0.0/8",)), ("::1, 10.0.0.1", ("::1/128", "10.0.0.1/32"))]
)
def test_a_list_from_the_environment_is_divided_at_commas(text: str, networks: tuple[str, ...]) -> None:
    assert setting("", server__trusted_proxies=text).server.trusted_proxies == networks


def test_an_item_of_a_list_is_named() -> None:
    (problem,) = problems(ISSUER, server__trusted_proxies="::1,x")
    assert problem.startswith(
        "environment server__trusted_proxies:1:1: TH-C002 server.trusted_proxies.1: expected a network"
    )


TOML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["bind", "dialect", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["issuer", "server", "mount", "tokens", "development", "x"]), TOML))
def test_anything_is_settings_or_problems(data: dict[str, Any]) -> None:
    reading = Reading({})
    config = reading.config(data, FileSource(read_toml("", "a.toml")))
    assert (config is None) == bool(reading.problems)
