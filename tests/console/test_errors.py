from tokenhouse.console.errors import ERRORS, ManagementError, NotFound


def test_every_error_is_in_the_table_with_a_status_of_its_own():
    assert set(ERRORS.values()) == set(ManagementError.__subclasses__())
    assert len({error.status for error in ERRORS.values()}) == len(ERRORS)


def test_an_error_tells_what_happened_and_what_to_do():
    error = NotFound("there is none", "look elsewhere")
    assert (str(error), error.message, error.hint) == ("there is none", "there is none", "look elsewhere")
