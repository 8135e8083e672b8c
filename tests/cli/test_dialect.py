import json
from pathlib import Path

import pytest

from tokenhouse.server.mounting import shipped_dialects
from tokenhouse_verify import Presentation
from tokenhouse_verify.description import read_description

SHIPPED = list(shipped_dialects())


def test_list_names_the_shipped_ones_without_a_configuration(cli):
    rows = cli("dialect", "list").stdout.splitlines()
    assert [row.split()[0] for row in rows] == ["DIALECT", *SHIPPED]


def test_list_says_where_they_are_mounted_and_what_was_guessed(place):
    items = {item["name"]: item for item in place.json("dialect", "list")["items"]}
    assert items["mcs"]["tenants"] == ["mcs"]
    assert "POST /oauth/login/thirdparty" in items["mcs"]["routes"]
    assert all(set(guess) == {"line", "text"} for item in items.values() for guess in item["guesses"])


def few_examples(text: str) -> str:
    """The file with its first two examples only: each takes a fresh server."""
    return "[[example]]".join(text.split("[[example]]")[:3])


def test_check_replays_the_examples(cli, tmp_path):
    (tmp_path / "blsct.toml").write_text(few_examples(shipped_dialects()["blsct"]))
    result = cli("dialect", "check", "blsct.toml")
    assert result.exit_code == 0
    assert result.stdout == "ok      blsct.toml: 2 of 2 examples hold\n"
    assert "guess: blsct.toml:" in result.stderr


def test_an_example_that_does_not_hold_is_exit_5(cli, tmp_path):
    text = few_examples(shipped_dialects()["yindo"]).replace('"token_type": "bearer"', '"token_type": "other"')
    assert text.count('"other"') > 1
    (tmp_path / "yindo.toml").write_text(text.replace('"other"', '"bearer"', 1))
    result = cli("dialect", "check", "yindo.toml", "--json")
    assert result.exit_code == 5
    report = json.loads(result.stdout)["items"][0]
    assert report["holds"] is False
    assert [example["holds"] for example in report["examples"]].count(False) >= 1
    assert report["problems"][0].startswith("yindo.toml:")
    assert json.loads(result.stderr)["error"]["message"] == "not as it should be: yindo.toml"


def test_a_mistake_in_a_file_is_pointed_at(cli, tmp_path):
    (tmp_path / "x.toml").write_text('dialect = "1"\nnme = "x"\n')
    result = cli("dialect", "check", "x.toml")
    assert result.exit_code == 5
    assert result.stdout.startswith("FAILED  x.toml: 0 of 0 examples hold\nx.toml:1:1")
    assert "x.toml:2:1: TH-D002 unknown key" in result.stdout


@pytest.mark.parametrize("name", ["nothing", "nothing.toml", "folder.toml", "binary.toml"])
def test_a_file_that_cannot_be_read(cli, tmp_path, name):
    Path(tmp_path / "folder.toml").mkdir()
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    result = cli("dialect", "check", name)
    assert result.exit_code == 3
    assert "Traceback" not in result.output


def test_export_prints_how_the_apis_of_a_contract_are_called(cli):
    told = json.loads(cli("dialect", "export", "mcs").stdout)
    assert list(told) == ["contract", "ways", "errors"]
    assert told["contract"] == "mcs"
    assert {"device_key": [{"header": "devicekey"}]} in told["ways"]
    assert told["errors"]["bad_token"]["status"] == 401
    assert cli("dialect", "export", "mcs", "--json").stdout == cli("dialect", "export", "mcs").stdout


@pytest.mark.parametrize("name", SHIPPED)
def test_a_resource_server_can_load_what_is_exported(cli, name):
    exported = cli("dialect", "export", name).stdout
    assert read_description(exported).contract == name
    assert Presentation.load(exported)


def test_export_reads_a_file_too(cli, tmp_path):
    (tmp_path / "yindo.toml").write_text(shipped_dialects()["yindo"])
    assert json.loads(cli("dialect", "export", "yindo.toml").stdout)["contract"] == "yindo"


def test_what_cannot_be_exported_is_exit_5_and_pointed_at(cli, tmp_path):
    text = shipped_dialects()["blsct"]
    there = 'ways = [{ token = "auth.bearer" }]'
    (tmp_path / "blsct.toml").write_text(text.replace(there, there.replace("auth.bearer", "auth.bearer | lower")))
    result = cli("dialect", "export", "blsct.toml")
    line = text[: text.index(there)].count("\n") + 1
    assert result.exit_code == 5
    assert result.stdout == ""
    assert f"blsct.toml:{line}:20: TH-D005 this way cannot be exported" in result.stderr


@pytest.mark.parametrize(("name", "code"), [("nothing", 3), ("broken.toml", 5)])
def test_export_of_what_is_no_dialect(cli, tmp_path, name, code):
    (tmp_path / "broken.toml").write_text("dialect = 1\n")
    assert cli("dialect", "export", name).exit_code == code
