"""Reasons are closed, and the only thing that an error says."""

from tokenhouse.egress.failures import EgressError, Failure


def test_an_error_says_its_reason_and_nothing_else() -> None:
    for failure in Failure:
        error = EgressError(failure)
        assert error.failure is failure
        assert str(error) == failure.value
        assert failure.value == failure.name.lower()
