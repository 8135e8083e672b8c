import pytest

API = "https://api.example.com/orders"


def test_a_resource_is_made_shown_changed_and_forgotten(place):
    made = place.json("resource", "create", API, "--name", "Orders", "--access-ttl", "1m", "--claim", "r=user.roles")
    assert (made["name"], made["access_ttl_seconds"], made["claims"]) == ("Orders", 60, {"r": "user.roles"})
    place.json("scope", "create", "orders:read", "--resource", API)
    place.json("client", "create", "--name", "x", "--client-id", "x", "--scope", "orders:read", "--resource", API)
    shown = place.run("resource", "show", API).stdout
    assert "orders:read" in shown
    assert "Orders" in shown
    assert place.json("resource", "show", API)["clients"] == ["x"]
    assert place.json("resource", "create", API, "--replace")["name"] == API
    assert "one of: x" in place.refused("resource", "delete", API, code=2)
    place.json("client", "update", "x", "--clear", "resources", "--clear", "scopes")
    assert place.json("resource", "delete", API)["identifier"] == API
    assert place.json("scope", "list") == {"items": []}


def test_list_is_a_table(place):
    assert "There is no resource yet" in place.run("resource", "list").stderr
    place.json("resource", "create", API)
    head, row = place.run("resource", "list", "--tenant", "default").stdout.splitlines()
    assert head.startswith("TENANT")
    assert API in row


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["create", "orders"], 2, "absolute URI without a fragment"),
        (["create", API + "#top"], 2, "absolute URI without a fragment"),
        (["create", API], 4, "exists already"),
        (["create", API + "/2", "--access-ttl", "soon"], 2, "--access-ttl"),
        (["create", API + "/2", "--claim", "iss=user.id"], 2, "is reserved"),
        (["show", "https://nowhere.example"], 3, "no resource"),
        (["delete", "https://nowhere.example"], 3, "Next: tokenhouse resource list"),
    ],
)
def test_what_does_not_work_says_why(place, arguments, code, words):
    place.json("resource", "create", API)
    assert words in place.refused("resource", *arguments, code=code)
