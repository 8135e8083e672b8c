"""The doctor finds planted faults; the healthy server is a journey."""


def seal(place):
    for name in ("tokenhouse.db", "key-encryption.key"):
        (place.directory / name).chmod(0o600)


def found(place):
    items = place_items(place)
    return {(item["check"], item["state"]) for item in items}


def place_items(place):
    import json

    return json.loads(place.run("doctor", "--json", code=5).stdout)["items"]


def test_a_server_that_is_down_is_all_that_is_wrong(place):
    seal(place)
    assert {check for check, state in found(place) if state == "wrong"} == {"server"}
    text = place.run("doctor", code=5)
    assert "WRONG    server" in text.stdout
    assert "Next: tokenhouse serve" in text.stdout
    assert "1 of" in text.stderr


def test_quick_asks_for_the_server_alone(place):
    assert place.run("doctor", "--quick", code=5).stdout.count("\n") == 2


def test_two_contracts_on_one_route(place):
    seal(place)
    text = (place.directory / "tokenhouse.toml").read_text()
    text += '\n[[mount]]\ndialect = "mcs"\ntenant = "other"\nissuer = "http://127.0.0.1:8400/other"\nhosts = [""]\n'
    text = text.replace('hosts = [""]\n', "")
    (place.directory / "tokenhouse.toml").write_text(text.replace('tenant = "other"', 'tenant = "other"\nprefix = ""'))
    place.refused("doctor", code=78)
    copy = place.directory / "mcs.toml"
    from tokenhouse.server.mounting import shipped_dialects

    copy.write_text(shipped_dialects()["mcs"])
    text = (place.directory / "tokenhouse.toml").read_text()
    (place.directory / "tokenhouse.toml").write_text('"mcs.toml"'.join(text.rsplit('"mcs"', 1)))
    assert ("contracts", "wrong") in found(place)
    assert "two contracts claim" in place.refused("config", "check", code=78)


def test_a_key_of_another_installation(place):
    seal(place)
    (place.directory / "key-encryption.key").write_text("AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    assert ("store", "wrong") in found(place)


def test_a_database_that_is_gone_is_said_once(place):
    seal(place)
    (place.directory / "tokenhouse.db").unlink()
    assert {check for check, state in found(place) if state == "wrong"} == {"server", "database"}


def test_a_database_that_is_a_folder_is_a_finding(place):
    seal(place)
    (place.directory / "tokenhouse.db").unlink()
    (place.directory / "tokenhouse.db").mkdir()
    assert ("database", "wrong") in found(place)


def test_the_words_of_whoever_answers_move_no_terminal(capsys):
    from tokenhouse.cli.doctor import _print
    from tokenhouse.cli.session import Session

    said = {"check": "server", "state": "wrong", "message": "not ready: \x1b[2J\x9b1A\r", "hint": "one\ntwo\x07"}
    _print(Session(), [said])
    shown = capsys.readouterr().out
    assert shown.splitlines() == [
        "WRONG    server     not ready: \\x1b[2J\\x9b1A",
        "                    Next: one",
        "two\\x07",
    ]
