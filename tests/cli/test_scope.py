import pytest

API = "https://api.example.com/orders"


def test_a_scope_is_known_with_its_first_client_and_described_later(place):
    assert "There is no scope yet." in place.run("scope", "list").stderr
    place.json("client", "create", "--name", "x", "--client-id", "x", "--scope", "orders:read")
    assert [scope["name"] for scope in place.json("scope", "list")["items"]] == ["orders:read"]
    made = place.json("scope", "create", "orders:read", "--description", "Read orders")
    assert (made["description"], made["resource"]) == ("Read orders", None)
    assert "Read orders" in place.run("scope", "list", "--tenant", "default").stdout
    assert "clients have this scope: x" in place.refused("scope", "delete", "orders:read", code=2)
    place.json("client", "update", "x", "--clear", "scopes")
    assert place.json("scope", "delete", "orders:read")["name"] == "orders:read"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["create", 'a"b'], 2, "name"),
        (["create", "a", "--resource", API], 2, "tokenhouse resource create"),
        (["delete", "a"], 3, 'no scope "a"'),
    ],
)
def test_what_does_not_work_says_why(place, arguments, code, words):
    assert words in place.refused("scope", *arguments, code=code)
