"""A proven identity believes nothing that was not said."""

from tokenhouse.providers.identity import ProvenIdentity


def test_an_address_is_not_proven_unless_said() -> None:
    proven = ProvenIdentity("facebook", "1", "a@example.com")
    assert not proven.email_verified
    assert (proven.provider, proven.subject, proven.name) == ("facebook", "1", None)
