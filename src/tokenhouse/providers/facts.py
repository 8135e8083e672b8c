"""Taking a person's facts out of a provider's JSON, by the paths that the configuration names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tokenhouse.config.provider_settings import Provider
from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.providers.identity import ProvenIdentity

_LONGEST_SUBJECT, _LONGEST_EMAIL, _LONGEST_NAME = 255, 254, 1024


def follow(value: Any, path: str | None) -> Any:
    """Return what is at ``path`` (``data.app_id``, ``emails.0.value``), None if nothing is."""
    if path is None:
        return None
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, Sequence) and not isinstance(value, str) and step.isdecimal():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def read_identifier(value: Any) -> str | None:
    """Return an id as text, whether the provider wrote a string or a whole number; None if it is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    is_good = isinstance(value, str) and value.isprintable() and 0 < len(value) <= _LONGEST_SUBJECT
    return value if is_good else None


def make_identity(provider: str, subject: str, email: Any, verified: Any, name: Any) -> ProvenIdentity:
    """Return a person, leaving out what cannot be believed; some providers write true as a string."""
    is_address = isinstance(email, str) and email.isprintable() and "@" in email and len(email) <= _LONGEST_EMAIL
    is_name = isinstance(name, str) and len(name) <= _LONGEST_NAME
    return ProvenIdentity(
        provider=provider,
        subject=subject,
        email=email if is_address else None,
        email_verified=is_address and (verified is True or verified == "true"),
        name=name if is_name else None,
    )


def require_person(settings: Provider, facts: Mapping[str, Any]) -> ProvenIdentity:
    """Return the person whom a provider's answer is about.

    Raises:
        EgressError: bad_answer, it names nobody.

    """
    subject = read_identifier(follow(facts, settings.subject))
    if subject is None:
        raise EgressError(Failure.BAD_ANSWER)
    return make_identity(
        settings.name,
        subject,
        follow(facts, settings.email),
        follow(facts, settings.email_verified),
        follow(facts, settings.display_name),
    )
