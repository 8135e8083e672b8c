import asyncio
import socket

from tokenhouse.cli.serve import lacks
from tokenhouse.config.loading import load
from tokenhouse.sql.lock import StoreLock


def test_it_refuses_an_unmigrated_database(place):
    (place.directory / "tokenhouse.db").write_bytes(b"")
    assert "Next: tokenhouse db upgrade" in place.refused("serve", code=1)


def test_a_missing_database_is_no_old_one(place):
    (place.directory / "tokenhouse.db").unlink()
    words = place.refused("serve", code=1)
    assert "there is no database at" in words
    assert "Next: check database.url" in words


def test_it_refuses_a_store_without_keys(place, empty_database):
    (place.directory / "tokenhouse.db").write_bytes(empty_database)
    words = place.refused("serve", code=1)
    assert "the tenant mcs" in words
    assert "ES256 signing key of standard" in words
    assert "Next: tokenhouse keys prepare" in words


def test_it_refuses_a_store_that_another_server_has_open(place):
    lock = StoreLock(place.directory / "tokenhouse.db")
    lock.acquire()
    try:
        assert "another process has" in place.refused("serve", code=1)
    finally:
        lock.release()


def test_it_says_which_address_is_taken(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        place.config.write_text(place.config.read_text() + f'[server]\nbind = "127.0.0.1:{port}"\n')
        assert f"cannot listen: 127.0.0.1:{port}" in place.refused("serve", code=1)


def test_development_mode_makes_schema_and_keys_by_itself(place):
    (place.directory / "tokenhouse.db").unlink()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        place.config.write_text(place.config.read_text() + f'[server]\nbind = "127.0.0.1:{port}"\n')
        assert "cannot listen" in place.refused("serve", "--dev", code=1)
    config = load(place.config, {}).config
    assert asyncio.run(lacks(config, prepare=False)) == ()
