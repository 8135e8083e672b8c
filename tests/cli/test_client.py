import json
from datetime import UTC, datetime, timedelta

import click
import pytest

from tokenhouse.cli.client import client
from tokenhouse.cli.completion import client_ids, remember_clients

STRONG = "o1uBjWTzuqbaMnQzSmDp5UhR6M33NOhb3YL0b1YK"
NEXT_MONTH = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
API = "https://api.example.com/orders"


def test_create_prints_the_pair_once(place):
    result = place.run("client", "create", "--name", "billing", "--scope", "orders:read")
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert lines["client_id"].startswith("billing-")
    assert lines["client_secret"].startswith("th_cs_")
    assert lines["tenant"] == "default"
    assert "shown once" in result.stderr
    assert f"curl -u {lines['client_id']}:$CLIENT_SECRET" in result.stderr
    assert lines["client_secret"] not in result.stderr


def test_create_for_a_legacy_contract_uses_its_words(place):
    result = place.run("client", "create", "--name", "x", "--contract", "mcs")
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert lines["tenant"] == "mcs"
    assert len(lines["AppKey"]) == 20
    assert len(lines["AppSecret"]) == 40
    assert "Try it" not in result.stderr


def test_a_given_secret_is_not_printed(place):
    (place.directory / "secret").write_text(STRONG + "\n")
    for options, given in ((["--secret-stdin"], STRONG + "\n"), (["--secret-file", "secret"], None)):
        result = place.run("client", "create", "--name", "x", *options, given=given)
        assert STRONG not in result.output
        assert "client_secret" not in result.stdout


def test_json_is_one_document(place):
    until = ("--grant", "password", "--password-until", NEXT_MONTH)
    made = place.json("client", "create", "--name", "x", "--client-id", "x", "--public", *until)
    assert made["client_secret"] is None
    assert made["client"]["auth_methods"] == ["none"]
    assert place.json("client", "list")["items"][0]["client_id"] == "x"
    assert place.json("client", "show", "x")["secrets"] == []


def test_every_option_arrives(place):
    made = place.json(
        *("client", "create", "--name", "x", "--contract", "standard", "--grant", "password"),
        *("--grant", "refresh_token", "--audience", "api", "--access-format", "opaque", "--alg", "RS256"),
        *("--introspection", "tenant", "--ends-at", "2027-06-30T00:00:00Z", "--attribute", "owner=Ann"),
        *("--attribute-json", "floor=3", "--password-until", NEXT_MONTH, "--claim", "tier==gold"),
        *("--claim", "roles=user.roles"),
    )["client"]
    assert made["grants"] == ["password", "refresh_token"]
    assert (made["audience"], made["access_format"], made["alg"]) == ("api", "opaque", "RS256")
    assert (made["introspection"], made["ends_at"]) == ("tenant", "2027-06-30T00:00:00Z")
    assert made["attributes"] == {"owner": "Ann", "floor": 3}
    assert made["claims"] == {"tier": "=gold", "roles": "user.roles"}
    assert made["password_ends_at"] == f"{NEXT_MONTH}T23:59:59Z"


def test_rotating_overlaps(place):
    place.run("client", "create", "--name", "x", "--client-id", "x")
    rotated = place.json("client", "rotate-secret", "x", "--overlap", "1h")
    assert rotated["client_secret"].startswith("th_cs_")
    result = place.run("client", "rotate-secret", "x", "--end-now")
    assert "The old secret ends at" in result.stderr
    shown = place.run("client", "show", "x").stdout
    assert shown.count("hmac-sha256") == 3
    assert shown.count("over") == 2


def test_a_back_end_has_a_secret_of_its_own(place):
    made = place.json("client", "create", "--name", "x", "--client-id", "x", "--api-secret")
    assert made["api_secret"].startswith("th_cs_")
    assert made["client_secret"] != made["api_secret"]
    result = place.run("client", "rotate-secret", "x", "--slot", "api")
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert "client_secret" not in lines
    assert lines["api_secret"] not in {made["client_secret"], made["api_secret"]}
    shown = place.run("client", "show", "x").stdout
    assert (shown.count("(api) hmac-sha256"), shown.count("hmac-sha256")) == (2, 3)


def test_a_back_end_s_secret_can_be_given(place):
    (place.directory / "secret").write_text(STRONG + "\n")
    made = place.json("client", "create", "--name", "x", "--client-id", "x", "--api-secret-file", "secret")
    assert made["api_secret"] is None
    assert [secret["slot"] for secret in place.json("client", "show", "x")["secrets"]].count("api") == 1


def test_a_registration_is_changed_in_part(place):
    place.json("resource", "create", API)
    place.json("client", "create", "--name", "x", "--client-id", "x", "--scope", "a", "--attribute", "owner=Ann")
    changed = place.json("client", "update", "x", "--resource", API, "--scope", "b", "--claim", "org=client.name")
    assert (changed["resources"], changed["scopes"], changed["claims"]) == ([API], ["b"], {"org": "client.name"})
    assert (changed["name"], changed["attributes"]) == ("x", {"owner": "Ann"})
    cleared = place.json("client", "update", "x", "--clear", "claims", "--clear", "resources", "--name", "y")
    assert (cleared["resources"], cleared["claims"], cleared["name"]) == ([], {}, "y")


def test_disable_and_enable(place):
    place.run("client", "create", "--name", "x", "--client-id", "x")
    assert "enabled    no" in place.run("client", "disable", "x").stdout
    assert place.json("client", "enable", "x")["enabled"] is True


def test_list_is_a_table(place):
    assert "There is no client yet." in place.run("client", "list").stderr
    place.run("client", "create", "--name", "A name", "--client-id", "x")
    head, row = place.run("client", "list", "--tenant", "default").stdout.splitlines()
    assert head.split("  ")[0] == "TENANT"
    assert "A name" in row
    assert place.json("client", "list", "--tenant", "mcs") == {"items": []}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["show", "nobody"], 3, 'no client "nobody"'),
        (["disable", "nobody"], 3, "Next: tokenhouse client list"),
        (["create", "--name", "x", "--client-id", "taken"], 4, "exists already"),
        (["create", "--name", "x", "--contract", "msc"], 2, 'did you mean "mcs"?'),
        (["create"], 2, "Missing option '--name'"),
        (["create", "--name", "x", "--secret-file", "nowhere"], 2, "cannot read nowhere"),
        (["create", "--name", "x", "--ends-at", "soon"], 2, "ends_at"),
        (["rotate-secret", "taken", "--overlap", "1 day"], 2, "expected a duration"),
        (["create", "--name", "x", "--grant", "password"], 2, "Next: --password-until"),
        (["create", "--name", "x", "--claim", "sub=user.id"], 2, 'the claim "sub" is reserved'),
        (["create", "--name", "x", "--claim", "roles"], 2, "write a claim as name=source"),
        (["create", "--name", "x", "--resource", "https://api.example.com"], 2, "tokenhouse resource create"),
        (["update", "taken"], 2, "nothing to change"),
        (["update", "nobody", "--name", "x"], 3, 'no client "nobody"'),
        (["update", "taken", "--clear", "name"], 2, "not one of"),
    ],
)
def test_what_does_not_work_says_why(place, arguments, code, words):
    place.run("client", "create", "--name", "x", "--client-id", "taken")
    assert words in place.refused("client", *arguments, code=code)


def test_an_error_is_one_document_too(place):
    result = place.run("client", "show", "nobody", "--json", code=3)
    assert result.stdout == ""
    assert json.loads(result.stderr)["error"]["exit"] == 3


def test_clients_that_were_seen_are_completed(place):
    place.run("client", "create", "--name", "Shop", "--client-id", "shop-1")
    assert [item.value for item in client_ids(None, None, "shop")] == ["shop-1"]
    (place.directory / ".cache/tokenhouse/clients.json").unlink()
    place.run("client", "list")
    assert "shop-1" in {item.value for item in client_ids(None, None, "")}


@pytest.mark.parametrize("verb", ["show", "update", "rotate-secret", "disable", "enable"])
def test_every_command_on_one_client_completes_its_id(verb):
    remember_clients(["shop-1"])
    command = client.commands[verb]
    (argument,) = (one for one in command.params if one.name == "client_id")
    assert [item.value for item in argument.shell_complete(click.Context(command), "sh")] == ["shop-1"]
