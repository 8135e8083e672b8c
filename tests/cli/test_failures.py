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
    assert json.loads(result.stderr)["error"]["hint"] == "tokenhouse init"


def test_a_configuration_with_a_mistake_says_where_to_look_unless_one_is_looking(place):
    place.config.write_text("issuer = 5\n")
    assert "Next: tokenhouse config check" in place.refused("user", "list", code=78)
    assert "Next:" not in place.refused("config", "check", code=78)
