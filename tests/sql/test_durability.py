"""What was acknowledged is there after a SIGKILL at any moment."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tokenhouse.sql.sqlite import SqliteStore

KILLS = 20

# One process that has imported everything forks a writer per line it reads, so that a kill costs milliseconds.
NURSERY = """
import asyncio, os, pathlib, sys
from datetime import UTC, datetime
from tokenhouse.model.effects import RevokeToken
from tokenhouse.sql.sqlite import SqliteStore

PATH, UNTIL = pathlib.Path(sys.argv[1]), datetime(2030, 1, 1, tzinfo=UTC)

async def write(name):
    store = SqliteStore(PATH)

    async def one(lane):
        n = 0
        while True:
            handle = f"{name}.{lane}.{n}"
            await store.commit((RevokeToken(handle.encode(), UNTIL),))
            os.write(1, f"{handle}\\n".encode())
            n += 1

    await asyncio.gather(*map(one, range(8)))

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        asyncio.run(write(line.strip()))
    os.write(1, f"pid {child}\\n".encode())
    os.waitpid(child, 0)
    os.write(1, b"dead\\n")
"""


@pytest.mark.slow
def test_no_acknowledged_commit_is_lost_to_twenty_kills(database):
    moments = random.Random(20261120)
    acknowledged: list[str] = []
    nursery = subprocess.Popen(
        [sys.executable, "-c", NURSERY, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with nursery:
        for name in range(KILLS):
            acknowledged += _kill_one(nursery, str(name), moments)
            assert asyncio.run(_lost(database, acknowledged)) == []
        nursery.stdin.close()
    assert nursery.returncode == 0
    assert len(acknowledged) > KILLS


async def _lost(database: Path, acknowledged: list[str]) -> list[str]:
    store = SqliteStore(database)
    try:
        return [one for one in acknowledged if not await store.is_token_revoked(one.encode())]
    finally:
        await store.close()


def _kill_one(nursery: subprocess.Popen[str], name: str, moments: random.Random) -> list[str]:
    """Let one writer live for a while, kill it, and return what it has acknowledged."""
    nursery.stdin.write(f"{name}\n")
    nursery.stdin.flush()
    enough, told, pid = moments.randint(1, 120), [], None
    for line in nursery.stdout:
        word = line.strip()
        if word.startswith("pid "):
            pid = int(word.removeprefix("pid "))
        elif word == "dead":
            return told
        else:
            told.append(word)
        if pid is not None and len(told) >= enough:
            time.sleep(moments.random() / 200)
            os.kill(pid, signal.SIGKILL)
            enough = sys.maxsize
    raise AssertionError(told)
