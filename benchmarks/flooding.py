"""The flood: refresh and introspection at a steady pace, quiet, and again beside ten times the logins that fit.

What counts is how much later the steady ones are answered.
"""

from __future__ import annotations

import time

import calls
import loading
import msgspec
from figures import Spread, ratios, spread
from plan import FOREIGN_LIMIT, Outcome, Plan, Stream, Timing
from rows import Ground
from seeding import PEOPLE

PER_SECOND = 200.0
TIMES_CAPACITY = 10
LIMIT = 1.5
"""The p99 of a flood may be this many times the quiet one."""
_CONNECTIONS = 16
_FLOOD_CONNECTIONS = 256
_LEAD_SECONDS = 1.5
_MARGIN_SECONDS = 1.0


class Victim(msgspec.Struct):
    """One kind of steady request."""

    name: str
    quiet_p50_ms: float
    flood_p50_ms: float
    quiet_p99_ms: Spread
    flood_p99_ms: Spread
    ratio: Spread
    within: bool


class Flood(msgspec.Struct):
    """What came of all rounds. ``logins`` maps statuses to how many answers there were and how long they took."""

    offered_per_second: float
    seconds: float
    logins: dict[int, Timing]
    victims: list[Victim]
    void: bool
    dirty: int


class Round(msgspec.Struct):
    """One quiet slice and one in the flood."""

    quiet: list[Outcome]
    flooded: list[Outcome]
    flood: Outcome

    @property
    def is_dirty(self) -> bool:
        """Whether others were at work in one of the slices; the driver of the flood is none of them."""
        quiet = self.quiet[0].shares.foreign or 0.0
        flooded = (self.flooded[0].shares.foreign or 0.0) - self.flood.shares.driver
        return max(quiet, flooded) > FOREIGN_LIMIT


def take(ground: Ground, capacity: float, seconds: float, tries: int) -> Round:
    """Take both slices, again if others were at work; ``capacity`` is hashes a second."""
    taken = _take(ground, capacity, seconds)
    for _ in range(tries - 1):
        if not taken.is_dirty:
            break
        taken = _take(ground, capacity, seconds)
    return taken


def _take(ground: Ground, capacity: float, seconds: float) -> Round:
    quiet = _steady(ground, seconds)
    requests = [calls.to_bytes(calls.login(number, right=number % 2 == 0)) for number in range(PEOPLE)]
    logins = Stream("logins", _FLOOD_CONNECTIONS, requests, per_second=capacity * TIMES_CAPACITY)
    # Longer than the steady slice on both sides: that one begins in a full queue and ends in one.
    flood = Plan(ground.house.port, seconds + _MARGIN_SECONDS, [logins], lead_seconds=_LEAD_SECONDS, background=True)
    under_way = loading.start(flood)
    try:
        time.sleep(_LEAD_SECONDS)
        flooded = _steady(ground, seconds)
    finally:
        (outcome,) = loading.finish(under_way, _LEAD_SECONDS + seconds + _MARGIN_SECONDS)
    return Round(quiet, flooded, outcome)


def _steady(ground: Ground, seconds: float) -> list[Outcome]:
    introspect = calls.to_bytes(calls.introspection(ground.opaque_token))
    streams = [
        Stream("refresh", _CONNECTIONS, per_second=PER_SECOND, rotation=ground.rotation()),
        Stream("introspection", _CONNECTIONS, [introspect], per_second=PER_SECOND),
    ]
    outcomes = loading.run(Plan(ground.house.port, seconds, streams, server_pid=ground.house.pid))
    ground.refresh_tokens = outcomes[0].tokens
    return outcomes


def summary(rounds: list[Round], capacity: float) -> Flood:
    """Return what all rounds say together."""
    statuses = sorted({status for one in rounds for status in one.flood.by_status})
    steady = [outcome for one in rounds for outcome in (*one.quiet, *one.flooded)]
    return Flood(
        offered_per_second=capacity * TIMES_CAPACITY,
        seconds=sum(one.flood.seconds for one in rounds),
        logins={status: _together(status, rounds) for status in statuses},
        victims=[_victim(index, rounds) for index in range(len(rounds[0].quiet))],
        void=any(outcome.is_void for outcome in steady),
        dirty=sum(one.is_dirty for one in rounds),
    )


def _together(status: int, rounds: list[Round]) -> Timing:
    timings = [one.flood.by_status[status] for one in rounds if status in one.flood.by_status]
    medians = spread([timing.p50 for timing in timings]) or Spread(0, 0, 0)
    highs = spread([timing.p99 for timing in timings]) or Spread(0, 0, 0)
    return Timing(sum(timing.count for timing in timings), medians.median, highs.median)


def _victim(index: int, rounds: list[Round]) -> Victim:
    quiet = [one.quiet[index].all for one in rounds]
    flooded = [one.flooded[index].all for one in rounds]
    ratio = ratios([each.p99 for each in flooded], [each.p99 for each in quiet]) or Spread(0, 0, 0)
    nothing = Spread(0, 0, 0)
    return Victim(
        name=rounds[0].quiet[index].name,
        quiet_p50_ms=(spread([each.p50 for each in quiet]) or nothing).median,
        flood_p50_ms=(spread([each.p50 for each in flooded]) or nothing).median,
        quiet_p99_ms=spread([each.p99 for each in quiet]) or nothing,
        flood_p99_ms=spread([each.p99 for each in flooded]) or nothing,
        ratio=ratio,
        within=0 < ratio.median <= LIMIT,
    )
