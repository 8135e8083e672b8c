import json
import os
import subprocess
import sys
import time

import pytest


def test_the_newest_is_last(place):
    place.run("tenant", "create", "shop")
    place.run("tenant", "create", "club")
    rows = place.run("audit", "tail", "-n", "2").stdout.splitlines()
    assert rows[0].split()[:2] == ["AT", "EVENT"]
    assert ["shop" in rows[1], "club" in rows[2]] == [True, True]
    assert "cli:" in rows[1]
    assert place.json("audit", "tail", "--since", "2999-01-01T00:00:00Z") == {"items": []}
    assert "no time zone" in place.refused("audit", "tail", "--since", "2026-01-01T00:00:00", code=2)


def test_records_are_filtered(place):
    place.run("tenant", "create", "shop")
    place.run("user", "create", "--username", "ann", "--user-id", "us_ann")
    events = [item["event"] for item in place.json("audit", "tail", "--user", "us_ann")["items"]]
    assert events == ["administration.user.create"]
    assert place.json("audit", "tail", "--event", "login")["items"] == []
    assert place.json("audit", "tail", "--outcome", "refused")["items"] == []
    assert place.json("audit", "tail", "--contract", "mcs")["items"] == []
    assert len(place.json("audit", "tail", "--outcome", "ok", "--user", "shop")["items"]) == 1


def test_one_document_a_line(place):
    place.run("tenant", "create", "shop")
    lines = place.run("audit", "tail", "--jsonl", "-n", "1").stdout.splitlines()
    assert [json.loads(line)["subject"] for line in lines] == ["shop"]


def test_a_stream_is_no_document(place):
    assert "--jsonl" in place.refused("audit", "tail", "-f", "--json", code=2)


@pytest.mark.parametrize("options", [["--jsonl"], []])
def test_the_log_is_followed(serving, options):
    command = [sys.executable, "-m", "tokenhouse", "audit", "tail", "-f", "-n", "1", *options]
    environment = {**os.environ, "TOKENHOUSE_CONFIG": str(serving.config), "PYTHONUNBUFFERED": "1"}
    serving.run("tenant", "create", "before")
    follower = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        lines = [follower.stdout.readline() for _ in range(1 if options else 2)]
        assert "before" in lines[-1]
        serving.run("tenant", "create", "shop")
        line = follower.stdout.readline()
        assert "shop" in line
        assert not options or json.loads(line)["event"] == "administration.tenant.create"
    finally:
        follower.kill()
        follower.communicate()


def test_a_server_that_goes_away_is_waited_for(place, monkeypatch, capsys):
    from tokenhouse.cli.audit import records_behind
    from tokenhouse.cli.failures import Exit, Failure

    answers = iter([Failure(Exit.UNREACHABLE, "away"), Failure(Exit.UNREACHABLE, "away"), [], [{"sequence": 7}]])
    asked = []

    class Away:
        def call(self, operation, **values):
            asked.append(values)
            answer = next(answers, Failure(Exit.FAILURE, "over"))
            if isinstance(answer, Failure):
                raise answer
            return [entry | {"record": {"event": "login"}} for entry in answer]

    monkeypatch.setattr(time, "sleep", lambda _: None)
    records = records_behind(Away(), 3)
    assert next(records) == {"event": "login"}
    with pytest.raises(Failure, match="over"):
        next(records)
    assert asked == [{"sequence": 3}] * 4 + [{"sequence": 7}]
    assert capsys.readouterr().err == "The server is away; waiting for it.\nThe server is back.\n"


def test_a_filter_that_nothing_fits_says_how_far_it_looked(place):
    place.run("tenant", "create", "shop")
    assert "None of the " in place.run("audit", "tail", "--event", "logn").stderr
