import subprocess
import sys

import pytest

from tokenhouse import __version__
from tokenhouse.cli.root import root

HEAVY = {
    *("alembic", "apsw", "cryptography", "defusedxml", "jinja2", "joserfc", "msgspec", "nacl", "prometheus_client"),
    *("rich", "sqlalchemy", "starlette", "structlog", "uvicorn", "uvloop", "httptools"),
}
PROGRAM = """
import sys
from tokenhouse.cli import main
sys.argv = ["tokenhouse", *sys.argv[1:]]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print(",".join(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["client", "--help"], ["demo", "--help"], ["--version"]])
def test_help_answers_at_once(arguments):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout
    assert HEAVY & set(done.stderr.strip().split(",")) == set()


def test_every_noun_has_a_sentence(cli):
    text = cli("--help").stdout
    for name, command in root.commands.items():
        assert name in text
        assert command.get_short_help_str()
    assert __version__ in cli("--version").stdout


def test_every_command_takes_json_and_config():
    commands = [root]
    while commands:
        command = commands.pop()
        nouns = getattr(command, "commands", {})
        commands += nouns.values()
        if not nouns:
            assert {"as_json", "config_path"} <= {parameter.name for parameter in command.params}, command.name


def test_no_secret_is_an_argument():
    commands = [root]
    while commands:
        command = commands.pop()
        commands += getattr(command, "commands", {}).values()
        for parameter in command.params:
            if parameter.name in {"secret", "password"}:
                pytest.fail(f"{command.name} takes a {parameter.name}")
