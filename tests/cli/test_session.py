import pytest

from tokenhouse.cli.failures import Exit, Failure, bad_config
from tokenhouse.cli.session import Session


def test_options_work_before_and_behind_the_noun(cli, place):
    config = str(place.config)
    for arguments in (
        ("--config", config, "--json", "config", "check"),
        ("config", "check", "--config", config, "--json"),
    ):
        assert '"verdict": "OK"' in cli(*arguments).stdout


def test_a_variable_may_be_laid_over_the_file(place):
    place.config.write_text(place.config.read_text().replace("development = true\n", ""))
    session = Session(config_path=place.config)
    with pytest.raises(Failure):
        session.load()
    assert session.load(TOKENHOUSE_DEVELOPMENT="true").config.development


def test_a_bad_configuration_is_its_own_exit():
    failure = bad_config(ValueError("x"))
    assert (failure.exit_code, failure.hint) == (Exit.BAD_CONFIG, "tokenhouse config check")
