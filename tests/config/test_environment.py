"""Variables, the files they name, systemd's credentials."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.config.environment import SETTINGS, read_environment, read_value


def values(environ: dict[str, str], directory: Path = Path()) -> dict[str, object]:
    given, problems = read_environment(environ, directory)
    assert problems == []
    return {".".join(map(str, keys)): each.value for keys, each in given.items()}


def problem(environ: dict[str, str], directory: Path = Path()) -> str:
    _, problems = read_environment(environ, directory)
    assert len(problems) == 1
    return str(problems[0])


def test_names_are_upper_case_with_two_underscores_for_nesting() -> None:
    assert SETTINGS["TOKENHOUSE_DATABASE__URL"] == ("database", "url")
    assert all(re.fullmatch(r"TOKENHOUSE_[A-Z]+(_[A-Z]+)*(__[A-Z]+(_[A-Z]+)*){0,2}", name) for name in SETTINGS)


def test_a_variable_gives_its_value_and_other_programs_variables_do_not_matter() -> None:
    assert values({"TOKENHOUSE_ISSUER": "https://a", "PATH": "/bin", "XTOKENHOUSE_A": "1"}) == {"issuer": "https://a"}


def test_the_names_that_the_command_line_reads_are_no_settings() -> None:
    assert values({"TOKENHOUSE_CONFIG": "a", "TOKENHOUSE_ADMIN_TOKEN": "b"}) == {}


@pytest.mark.parametrize(
    "name",
    [
        "PORT",
        "SERVICE_HOST",
        "SERVICE_PORT",
        "SERVICE_PORT_HTTP",
        "PORT_8400_TCP",
        "PORT_8400_TCP_ADDR",
        "ADMIN_SERVICE_HOST",
        "ADMIN_PORT_1_UDP",
    ],
)
def test_service_links_of_kubernetes_are_no_settings(name: str) -> None:
    assert values({f"TOKENHOUSE_{name}": "tcp://10.0.0.1:8400"}) == {}


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    text = problem({"TOKENHOUSE_SEVER__BIND": "secret-value"})
    assert text == (
        "environment TOKENHOUSE_SEVER__BIND:1:1: TH-C001 no setting has this name "
        '(did you mean "TOKENHOUSE_SERVER__BIND"?)'
    )


def test_a_file_gives_the_value_without_the_newline_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "issuer").write_bytes(b"https://a\r\n")
    assert values({"TOKENHOUSE_ISSUER_FILE": "issuer"}, tmp_path) == {"issuer": "https://a"}
    given, _ = read_environment({"TOKENHOUSE_ISSUER_FILE": "issuer"}, tmp_path)
    origin = given[("issuer",)].source.origin(("issuer",))
    assert origin == f"{tmp_path / 'issuer'} (environment TOKENHOUSE_ISSUER_FILE)"


def test_the_key_file_is_a_setting_of_its_own() -> None:
    assert values({"TOKENHOUSE_SECRETS__KEY_ENCRYPTION_KEY_FILE": "key"}) == {"secrets.key_encryption_key_file": "key"}


def test_a_value_and_a_file_together_are_refused(tmp_path: Path) -> None:
    text = problem({"TOKENHOUSE_ISSUER": "https://a", "TOKENHOUSE_ISSUER_FILE": "issuer"}, tmp_path)
    assert "TH-C004 TOKENHOUSE_ISSUER is set, too" in text


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file"), (b"\xff\xfe", "not UTF-8"), (b"x" * (1 << 20) + b"x", "larger than 1 MiB")],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None, why: str) -> None:
    if content is not None:
        (tmp_path / "issuer").write_bytes(content)
    text = problem({"TOKENHOUSE_ISSUER_FILE": "issuer"}, tmp_path)
    assert "TH-C005" in text
    assert why in text


def test_a_credential_gives_the_value_below_a_variable(tmp_path: Path) -> None:
    (tmp_path / "issuer").write_text("https://credential\n")
    (tmp_path / "tokens.grace").write_text("5s")
    (tmp_path / "tls.key").write_text("something else's")
    (tmp_path / "log.level").mkdir()
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "TOKENHOUSE_ISSUER": "https://variable"}
    assert values(environ) == {"issuer": "https://variable", "tokens.grace": "5s"}
    given, _ = read_environment(environ, tmp_path)
    assert given[("tokens", "grace")].source.origin(()) == "credential tokens.grace"


def test_a_credential_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "issuer").write_bytes(b"\xff")
    assert "credential issuer:1:1: TH-C005" in problem({"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_a_list_of_tables_is_written_as_toml() -> None:
    assert values({"TOKENHOUSE_MOUNT": '[{ dialect = "acme" }]'}) == {"mount": [{"dialect": "acme"}]}


@pytest.mark.parametrize(("text", "code"), [("[{", "TH-W001"), ("", "TH-W001"), ("[]\nissuer = 1", "TH-C002")])
def test_a_list_of_tables_that_is_none_is_refused(text: str, code: str) -> None:
    assert code in problem({"TOKENHOUSE_MOUNT": text})


@given(st.text(max_size=40))
def test_any_text_is_one_list_or_one_problem(text: str) -> None:
    found, problems = read_environment({"TOKENHOUSE_MOUNT": text}, Path())
    assert len(found) + len(problems) == 1


def test_only_one_newline_is_no_part_of_a_value(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n\n")
    assert read_value(tmp_path / "a") == "x\n"
