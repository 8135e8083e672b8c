from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.http.routing import RouteConflict

SEGMENT = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=12)


@pytest.fixture
def routes(router, echo):
    """Add routes by ``method path [hosts]``; return their endpoints."""

    def add(*lines):
        endpoints = {}
        for line in lines:
            method, path, *hosts = line.split()
            endpoints[line] = echo()
            router.add(method, path, endpoints[line], hosts)
        return endpoints

    return add


def test_an_exact_path_is_found_by_method_and_path(router, routes):
    added = routes("POST /token", "GET /token", "POST /other")
    match = router.find("GET", "/token", "id.example")
    assert match == (added["GET /token"], {}, ("POST", "GET"), True)


@pytest.mark.parametrize("path", ["/", "", "/tokens", "/token/", "//token", "/TOKEN", "/a/token"])
def test_a_path_that_nobody_has_is_not_found(router, routes, path):
    routes("POST /token", "GET /users/{id}")
    assert router.find("POST", path, "") is None


def test_another_method_is_refused_by_an_endpoint_of_the_path(router, routes):
    added = routes("POST /token")
    match = router.find("PUT", "/token", "")
    assert (match.endpoint, match.methods, match.is_allowed) == (added["POST /token"], ("POST",), False)


def test_a_host_of_ones_own_comes_before_everybodys(router, routes):
    added = routes("POST /token", "POST /token a.example b.example")
    assert router.find("POST", "/token", "a.example").endpoint is added["POST /token a.example b.example"]
    assert router.find("POST", "/token", "b.example").endpoint is added["POST /token a.example b.example"]
    assert router.find("POST", "/token", "c.example").endpoint is added["POST /token"]


def test_a_route_of_a_host_is_known_nowhere_else(router, routes):
    routes("POST /token a.example", "GET /users/{id} a.example")
    assert router.find("POST", "/token", "b.example") is None
    assert router.find("GET", "/users/1", "b.example") is None
    assert router.find("GET", "/users/1", "a.example").is_allowed


def test_variables_are_segments_by_their_names(router, routes):
    added = routes("GET /api/{tenant}/users/{id}")
    match = router.find("GET", "/api/one/users/seven", "")
    assert match == (added["GET /api/{tenant}/users/{id}"], {"tenant": "one", "id": "seven"}, ("GET",), True)


@pytest.mark.parametrize("path", ["/users/", "/users", "/users/1/2", "/user/1", "/users//"])
def test_a_variable_is_one_segment_that_is_not_empty(router, routes, path):
    routes("GET /users/{id}")
    assert router.find("GET", path, "") is None


def test_a_variable_is_taken_as_it_is_because_the_server_has_decoded_it(router, routes):
    routes("GET /users/{id}")
    assert router.find("GET", "/users/100%25", "").variables == {"id": "100%25"}


@given(SEGMENT, SEGMENT)
def test_every_segment_fits_a_variable(one, other):
    from tokenhouse.http.routing import Router

    router, endpoint = Router(), object()
    router.add("GET", "/x/{one}/{other}", endpoint)
    assert router.find("GET", f"/x/{one}/{other}", "").variables == {"one": one, "other": other}


def test_methods_of_one_pattern_are_told_apart(router, routes):
    added = routes("GET /users/{id}", "POST /users/{name}")
    match = router.find("POST", "/users/1", "")
    assert (match.endpoint, match.variables) == (added["POST /users/{name}"], {"name": "1"})
    refused = router.find("PUT", "/users/1", "")
    assert (refused.is_allowed, refused.methods) == (False, ("GET", "POST"))
    assert refused.endpoint is added["GET /users/{id}"]


def test_an_exact_path_comes_before_a_pattern(router, routes):
    added = routes("GET /users/{id}", "GET /users/me")
    assert router.find("GET", "/users/me", "").endpoint is added["GET /users/me"]


def test_a_pattern_of_a_host_comes_before_everybodys(router, routes):
    added = routes("GET /users/{id}", "GET /users/{key} a.example")
    assert router.find("GET", "/users/1", "a.example").endpoint is added["GET /users/{key} a.example"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("POST /token", "POST /token"),
        ("POST /token a.example", "POST /token b.example a.example"),
        ("GET /users/{id}", "GET /users/{name}"),
        ("GET /users/{id} a.example", "GET /users/{id} a.example"),
    ],
)
def test_two_contracts_on_one_route_and_host_are_a_mistake(routes, one, other):
    routes(one)
    with pytest.raises(RouteConflict, match=f"two contracts claim {one.split()[0]} "):
        routes(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("POST /token", "GET /token"),
        ("POST /token", "POST /token a.example"),
        ("GET /users/{id}", "POST /users/{id}"),
        ("GET /users/{id}", "GET /users/{id} a.example"),
        ("GET /users/{id}", "GET /{users}/id"),
    ],
)
def test_routes_that_differ_are_no_mistake(routes, one, other):
    assert len(routes(one, other)) == 2
