import pytest

CONTRACT = ("--contract", "mcs")


def test_a_device_key_is_shown_once(place):
    made = place.run("device", "create", "D1", *CONTRACT, "--name", "Lamp")
    assert "deviceKey" in made.stdout
    key = made.stdout.split()[-1]
    assert "shown once" in made.stderr
    assert key not in place.run("device", "list").output
    assert place.json("device", "list")["items"][0]["device"] == "D1"
    assert place.json("device", "revoke", "D1", *CONTRACT)["ended_at"] is not None


def test_a_key_that_exists_already_is_read_from_standard_input(place):
    made = place.run("device", "create", "D1", *CONTRACT, "--key-stdin", given="RjfFZcUs8tTyJ8Pc\n")
    assert "RjfFZcUs8tTyJ8Pc" not in made.output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["create", "D1", "--contract", "none"], 2, 'no contract "none"'),
        (["create", "D1", "--contract", "standard"], 2, "says nothing of device keys"),
        (["create", "D1", *CONTRACT, "--user", "nobody"], 3, 'no user "nobody"'),
        (["revoke", "D1", *CONTRACT], 3, "has no key"),
    ],
)
def test_what_does_not_work_says_why(place, arguments, code, words):
    assert words in place.refused("device", *arguments, code=code)
