import json
from pathlib import Path

from tokenhouse.cli.demo.data import read_data
from tokenhouse.cli.demo.ports import addresses
from tokenhouse.cli.demo.telling import commands, tell
from tokenhouse.cli.output import Output
from tokenhouse.server.mounting import read_dialect, shipped_dialects

AT = addresses(8400)


def test_each_contracts_commands_stand_together_and_the_standard_ones_are_last(capsys):
    dialects = [read_dialect(name) for name in shipped_dialects()]
    told = commands(AT, dialects, read_data())
    order = list(dict.fromkeys(command.contract for command in told))
    assert order == [*shipped_dialects(), "standard"]
    assert len(told) == len(dialects) + len(read_data().command)
    assert "{server}" not in "".join(command.run for command in told)
    tell(Output(as_json=False), AT, Path(".demo/tokenhouse.toml"), told, {"standard": "OAuth 2.0"})
    printed = capsys.readouterr().out
    assert "\n== OAuth 2.0 ==\n" in printed
    assert "http://127.0.0.1:8402" in printed
    assert all(f"\n{command.run}\n" in printed for command in told)


def test_programs_get_one_document(capsys):
    tell(Output(as_json=True), AT, Path("x"), commands(AT, [], read_data()), {})
    document = json.loads(capsys.readouterr().out)
    assert document["addresses"]["server"] == "http://127.0.0.1:8400"
    assert {command["contract"] for command in document["commands"]} <= {*shipped_dialects(), "standard"}


def test_the_command_for_a_token_names_a_demo_that_is_not_where_it_usually_is(capsys):
    for port in (8400, 9400):
        tell(Output(as_json=False), addresses(port), Path("x"), [], {})
    usual, other = capsys.readouterr().out.split("Ctrl-C stops the demo.")[:2]
    assert "type there: make token." in usual
    assert "type there: tokenhouse token demo --server http://127.0.0.1:9400." in other
