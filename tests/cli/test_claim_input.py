import click
import pytest

from tokenhouse.cli.claim_input import end_of, read_claims


def test_claims_have_a_name_and_a_source():
    assert read_claims(()) == {}
    assert read_claims(("roles=user.roles", "tier==gold")) == {"roles": "user.roles", "tier": "=gold"}


@pytest.mark.parametrize("given", [("roles",), ("=user.roles",), ("roles=",), ("a=user.id", "a=user.name")])
def test_what_is_no_claim_is_refused(given):
    with pytest.raises(click.UsageError):
        read_claims(given)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-06-30", "2027-06-30T23:59:59Z"),
        ("2027-06-30T12:00:00Z", "2027-06-30T12:00:00Z"),
        ("soon", "soon"),
        (None, None),
    ],
)
def test_a_day_is_meant_to_its_end(text, expected):
    assert end_of(text) == expected
