"""The suite that authors test their files with: it finds what does not hold."""

from __future__ import annotations

from tokenhouse.server.mounting import shipped_dialects
from tokenhouse.testing.dialect_suite import replay, replay_all
from tokenhouse.wire.dialect import load

TEXT = shipped_dialects()["socialid"]


def test_it_needs_no_event_loop() -> None:
    assert all(not result.diff for result in replay(load(TEXT, "socialid.toml")))


async def test_a_wrong_lifetime_is_shown_with_its_place() -> None:
    broken = load(TEXT.replace("604800", "604801"), "socialid.toml")
    diffs = [result.diff for result in await replay_all(broken) if result.diff]
    assert diffs
    assert "604801" in diffs[0]
    assert "604800" in diffs[0]


async def test_an_example_behind_a_broken_one_says_so() -> None:
    broken = load(TEXT.replace("604800", "604801"), "socialid.toml")
    diffs = {result.example.name: result.diff for result in await replay_all(broken)}
    behind = [result.example for result in await replay_all(broken) if result.example.after]
    assert behind
    assert any("before it does not hold" in diffs[example.name] for example in behind)


async def test_a_wrong_status_is_shown() -> None:
    broken = load(TEXT.replace("\n401\n", "\n403\n"), "socialid.toml")
    diffs = [result.diff for result in await replay_all(broken) if result.diff]
    assert any("status" in diff and "403" in diff and "401" in diff for diff in diffs)


async def test_decoded_claims_are_compared() -> None:
    text = shipped_dialects()["blsct"]
    assert "decoded." in text
    broken = load(text.replace('["bailunApi"]}', '["anotherApi"]}'), "blsct.toml")
    diffs = [result.diff for result in await replay_all(broken) if result.diff]
    assert any("anotherApi" in diff and "bailunApi" in diff for diff in diffs)


async def test_samples_that_cannot_be_used_are_said() -> None:
    broken = load(TEXT.replace('password = "john_doe_secret"', 'password = ""'), "socialid.toml")
    assert all("the samples cannot be used: " in result.diff for result in await replay_all(broken))


async def test_a_request_that_computes_nonsense_is_said() -> None:
    broken = load(TEXT.replace("username=john_doe&", "username={{ nobody }}&"), "socialid.toml")
    diffs = [result.diff for result in await replay_all(broken) if result.diff]
    assert any("the example cannot be read: unknown name 'nobody'" in diff for diff in diffs)
