import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.complaint import Complaint
from tokenhouse.wire.dialect.routes import RoutePath, fits_path, read_route, shadowed


def test_a_route_is_read():
    assert read_route("POST|PUT|POST /a/{b}/c") == (RoutePath("POST", "/a/{b}/c"), RoutePath("PUT", "/a/{b}/c"))
    assert RoutePath("GET", "/{a}/{b_1}").variables == {"a", "b_1"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "POST",
        "/a",
        "post /a",
        "POST a",
        "POST /a b",
        "TRACE /a",
        "GET /a{b}",
        "GET /{B}",
        "GET /{a}/{a}",
        "GET /a?b",
        "GET /a}",
    ],
)
def test_what_is_no_route(text):
    with pytest.raises(Complaint):
        read_route(text)


@given(st.text("GEPOSTU|/ab{}?", max_size=20))
def test_any_text_is_a_route_or_complained_about(text):
    try:
        routes = read_route(text)
    except Complaint:
        return
    assert all(route.path.startswith("/") for route in routes)


def test_paths_that_fit():
    route = RoutePath("GET", "/a.b/{x}")
    assert fits_path("/a.b/c", route)
    assert not fits_path("/axb/c", route)
    assert not fits_path("/a.b/c/d", route)
    assert not fits_path("/a.b/", route)


def test_what_is_in_the_way():
    one, two = RoutePath("GET", "/{x}/a"), RoutePath("GET", "/b/{y}")
    assert shadowed(one, [RoutePath("GET", "/{x}/a"), two]) == two
    assert shadowed(one, [RoutePath("GET", "/b/a"), RoutePath("POST", "/b/{y}"), RoutePath("GET", "/{y}")]) is None
