import pytest

from tokenhouse.wire.dialect.complaint import Complaint
from tokenhouse.wire.dialect.places import LATER, PLACES, every_place, resolve_place, wire_name
from tokenhouse.wire.dialect.values import Kind


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("json", "a", "b"), "a.b"),
        (("form", "grant_type"), "grant_type"),
        (("basic", "user"), "authorization"),
        (("auth", "bearer"), "authorization"),
        (("header", "x_api_key"), "x-api-key"),
    ],
)
def test_what_the_caller_calls_it(path, name):
    assert wire_name(path) == name
    assert resolve_place(path).place == name


@pytest.mark.parametrize("root", sorted(root for root, place in PLACES.items() if not place.whole))
def test_a_place_needs_a_field(root):
    with pytest.raises(Complaint):
        resolve_place((root,))


@pytest.mark.parametrize("root", sorted(root for root, place in PLACES.items() if place.whole))
def test_some_places_are_values_as_a_whole(root):
    assert resolve_place((root,)).kind in {Kind.OBJECT, Kind.BOOL}


def test_what_is_no_place():
    assert resolve_place(("user", "id")) is None
    with pytest.raises(Complaint):
        resolve_place(("request",))
    with pytest.raises(Complaint):
        resolve_place(("basic", "name"))
    assert every_place(("header", "x")) is None
    assert every_place(("query",)) is None


def test_places_of_later_versions_are_not_among_the_places():
    assert not LATER & PLACES.keys()
