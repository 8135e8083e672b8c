from tokenhouse.cli.link import failure
from tokenhouse.console.errors import ManagementError, NotFound

ERRORS = ManagementError.__subclasses__()


def test_every_error_has_a_code_and_a_status_of_its_own():
    assert len({error.status for error in ERRORS}) == len({error.code for error in ERRORS}) == len(ERRORS) == 4


def test_the_command_line_tells_them_apart_by_their_codes():
    assert sorted(failure(error.code, "", "").exit_code for error in ERRORS) == [1, 2, 3, 4]


def test_an_error_tells_what_happened_and_what_to_do():
    error = NotFound("there is none", "look elsewhere")
    assert (str(error), error.message, error.hint) == ("there is none", "there is none", "look elsewhere")
