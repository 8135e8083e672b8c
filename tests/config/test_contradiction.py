"""A contradiction names its settings, the most likely culprit first; a hint is optional."""

from tokenhouse.config.contradiction import Contradiction


def test_a_hint_is_optional() -> None:
    found = Contradiction((("server", "bind"), ("issuer",)), "they do not go together")
    assert (found.about[0], found.hint) == (("server", "bind"), "")
