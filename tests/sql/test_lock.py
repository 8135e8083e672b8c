from __future__ import annotations

import stat
import subprocess
import sys

import pytest

from tokenhouse.sql.lock import StoreLock, StoreLocked


@pytest.fixture
def lock(tmp_path):
    held = StoreLock(tmp_path / "tokenhouse.db")
    held.acquire()
    yield held
    held.release()


def test_the_lock_lies_beside_the_database_for_its_owner_only(lock, tmp_path):
    assert lock.path == tmp_path / "tokenhouse.db.lock"
    assert stat.S_IMODE(lock.path.stat().st_mode) == 0o600


def test_a_second_holder_is_told_where(lock, tmp_path):
    with pytest.raises(StoreLocked, match=r"tokenhouse\.db\.lock"):
        StoreLock(tmp_path / "tokenhouse.db").acquire()


def test_a_released_lock_is_free_and_released_twice_is_released_once(lock, tmp_path):
    lock.release()
    lock.release()
    second = StoreLock(tmp_path / "tokenhouse.db")
    second.acquire()
    second.release()


def test_the_kernel_drops_the_lock_of_a_dead_process(tmp_path):
    path = tmp_path / "tokenhouse.db"
    code = (
        "import os, pathlib, sys\n"
        "from tokenhouse.sql.lock import StoreLock\n"
        "StoreLock(pathlib.Path(sys.argv[1])).acquire()\n"
        "os._exit(7)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 7
    assert path.with_name("tokenhouse.db.lock").exists()
    lock = StoreLock(path)
    lock.acquire()
    lock.release()
