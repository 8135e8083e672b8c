"""Facts are found by path, and believed only in the form that they must have."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.config.provider_settings import Provider
from tokenhouse.egress.failures import EgressError
from tokenhouse.providers.facts import follow, make_identity, read_identifier, require_person
from tokenhouse.providers.identity import ProvenIdentity

ANSWER = {"data": {"id": 42, "emails": [{"value": "a@b.example"}]}, "a.b": 1, "name": "Ann"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Ann"),
        ("data.id", 42),
        ("data.emails.0.value", "a@b.example"),
        ("data.emails.1.value", None),
        ("data.emails.x", None),
        ("data.emails.-1", None),
        ("data.none.id", None),
        ("name.0", None),
        ("data.id.0", None),
        ("a.b", None),
        (None, None),
    ],
)
def test_paths(path: str | None, value: Any) -> None:
    assert follow(ANSWER, path) == value


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_no_answer_breaks_a_path(value: Any) -> None:
    for path in ("a", "0", "0.0", "a.b.c", "²"):
        follow(value, path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1", "1"),
        (42, "42"),
        (2**70, str(2**70)),
        ("a" * 255, "a" * 255),
        ("", None),
        ("a" * 256, None),
        ("a\nb", None),
        ("\ud800", None),
        (True, None),
        (1.5, None),
        (None, None),
        ([], None),
        ({"id": 1}, None),
    ],
)
def test_ids(value: Any, text: str | None) -> None:
    assert read_identifier(value) == text


@pytest.mark.parametrize(
    ("email", "verified", "believed"),
    [
        ("a@b.example", True, ("a@b.example", True)),
        ("a@b.example", "true", ("a@b.example", True)),
        ("a@b.example", "True", ("a@b.example", False)),
        ("a@b.example", 1, ("a@b.example", False)),
        ("a@b.example", "false", ("a@b.example", False)),
        ("a@b.example", None, ("a@b.example", False)),
        ("nobody", True, (None, False)),
        ("a@b\r\nBcc: c", True, (None, False)),
        ("a" * 250 + "@b.example", True, (None, False)),
        (None, True, (None, False)),
        (["a@b.example"], True, (None, False)),
    ],
)
def test_addresses(email: Any, verified: Any, believed: tuple[str | None, bool]) -> None:
    made = make_identity("p", "1", email, verified, None)
    assert (made.email, made.email_verified) == believed


def test_names() -> None:
    assert make_identity("p", "1", None, None, "安").name == "安"
    assert make_identity("p", "1", None, None, "a" * 1025).name is None
    assert make_identity("p", "1", None, None, {"first": "Ann"}).name is None


def test_a_person_is_read_by_the_configured_paths() -> None:
    settings = Provider(
        name="p",
        kind="oauth2",
        subject="data.id",
        email="data.emails.0.value",
        email_verified="ok",
        display_name="name",
    )
    assert require_person(settings, ANSWER) == ProvenIdentity("p", "42", "a@b.example", False, "Ann")
    with pytest.raises(EgressError, match="bad_answer"):
        require_person(settings, {"data": {"id": None}})
