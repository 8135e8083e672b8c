"""Reasons are closed, and the only thing that a refusal says."""

from tokenhouse.providers.refused import ProofRefused, Reason


def test_a_refusal_says_its_reason_and_nothing_else() -> None:
    for reason in Reason:
        refused = ProofRefused(reason)
        assert refused.reason is reason
        assert str(refused) == reason.value == reason.name.lower()
