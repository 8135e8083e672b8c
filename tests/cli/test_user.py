import pytest

GOOD = "correct horse battery"


def create(place, *options, given=None):
    return place.json("user", "create", "--username", "ann", *options, given=given)


def test_a_user_is_made_and_shown(place):
    made = create(place, "--email", "ann@example.com", "--password-stdin", "--user-id", "17", given=GOOD + "\n")
    assert made["has_password"] is True
    shown = place.run("user", "show", "ANN@example.com")
    assert "user_id            17" in shown.stdout
    assert GOOD not in shown.output
    assert "argon2" not in shown.output


def test_an_imported_password_may_be_short(place):
    (place.directory / "password").write_text("thepass")
    made = create(place, "--password-file", "password", "--imported")
    assert made["has_password"] is True


def test_attributes_are_typed_by_the_contract(place):
    plan = '{"name":"Free plan","deviceCount":10}'
    options = ("--tenant", "mcs", "--attribute", "nickname=123", "--attribute-json", f"plan={plan}")
    made = create(place, *options)
    assert made["attributes"] == {"nickname": "123", "plan": {"name": "Free plan", "deviceCount": 10}}
    words = place.refused("user", "create", "--username", "b", "--tenant", "mcs", "--attribute", "nickame=x", code=2)
    assert 'did you mean "nickname"?' in words


def test_lock_and_unlock(place):
    create(place)
    assert place.json("user", "lock", "ann")["locked_at"] is not None
    assert "ann" in place.run("user", "list").stdout
    assert place.json("user", "unlock", "ann")["locked_at"] is None
    assert place.json("user", "list", "--limit", "1", "--tenant", "default")["items"][0]["username"] == "ann"


def test_set_password(place):
    create(place)
    assert place.json("user", "set-password", "ann", "--password-stdin", given=GOOD)["has_password"] is True
    assert "shorter than 15" in place.refused("user", "set-password", "ann", "--password-stdin", given="short", code=2)


def test_roles_and_groups(place):
    made = create(place, "--role", "ops", "--group", "staff", "--group", "tw")
    assert (made["roles"], made["groups"]) == (["ops"], ["staff", "tw"])
    changed = place.json("user", "set-roles", "ann", "--role", "admin", "--role", "ops")
    assert (changed["roles"], changed["groups"]) == (["admin", "ops"], ["staff", "tw"])
    cleared = place.json("user", "set-roles", "ann", "--no-roles", "--group", "x")
    assert (cleared["roles"], cleared["groups"]) == ([], ["x"])
    assert place.json("user", "set-roles", "ann", "--no-groups")["groups"] == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["create"], 2, "nothing names this person"),
        (["create", "--username", "a@b"], 2, "must not contain @"),
        (["create", "--username", "x", "--password-stdin"], 2, "the password is empty"),
        (["show", "nobody"], 3, 'no user "nobody"'),
        (["set-password", "nobody"], 2, "--password-stdin or --password-file"),
        (["list", "--limit", "0"], 2, "limit"),
        (["set-roles", "nobody", "--role", "ops"], 3, 'no user "nobody"'),
        (["set-roles", "nobody"], 2, "give --role, --group, --no-roles or --no-groups"),
        (["set-roles", "nobody", "--role", "ops", "--no-roles"], 2, "not both"),
    ],
)
def test_what_does_not_work_says_why(place, arguments, code, words):
    assert words in place.refused("user", *arguments, code=code)


def test_a_name_is_taken_once(place):
    create(place)
    assert "is taken" in place.refused("user", "create", "--username", "ANN", code=4)
