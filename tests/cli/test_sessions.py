import pytest


def test_nobody_is_logged_in_yet(place):
    assert "There is no session." in place.run("session", "list").stderr
    assert place.json("session", "list", "--all", "--limit", "5") == {"items": []}


def test_signing_out_somebody_who_is_not_in_is_no_mistake(place):
    place.json("user", "create", "--username", "ann")
    assert place.json("session", "revoke", "--user", "ann") == {"ended": 0, "sessions": []}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["revoke"], 2, "name sessions, or a user"),
        (["revoke", "x", "--user", "ann"], 2, "name sessions, or a user"),
        (["revoke", "0000000000000001"], 3, "no session"),
        (["revoke", "--user", "nobody"], 3, 'no user "nobody"'),
        (["list", "--user", "nobody"], 3, 'no user "nobody"'),
        (["list", "--limit", "0"], 2, "limit"),
    ],
)
def test_what_does_not_work_says_why(place, arguments, code, words):
    assert words in place.refused("session", *arguments, code=code)
