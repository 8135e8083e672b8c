import json

import pytest

from tokenhouse.cli.failures import Exit, Failure


def test_a_failure_tells_what_to_type_next(capsys):
    Failure(Exit.FAILURE, "it broke", "mend it").show()
    Failure(Exit.FAILURE, "it broke").show()
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "Error: it broke\nNext: mend it\nError: it broke\n"


@pytest.mark.parametrize("arguments", [("--json", "config", "check"), ("config", "check", "--json")])
def test_where_json_was_asked_for_it_is_json(cli, arguments):
    result = cli(*arguments)
    assert (result.exit_code, result.stdout) == (78, "")
    assert json.loads(result.stderr)["error"]["hint"] == "tokenhouse config check"
