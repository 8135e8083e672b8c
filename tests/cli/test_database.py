from tokenhouse.sql.lock import StoreLock
from tokenhouse.sql.upgrade import HEAD


def test_upgrade_and_status(place):
    (place.directory / "tokenhouse.db").unlink()
    assert "tokenhouse db upgrade" in place.refused("db", "status", code=5)
    made = place.json("db", "upgrade")
    assert (made["before"], made["after"]) == (None, HEAD)
    assert place.json("db", "status")["is_current"] is True


def test_a_locked_store_is_left_alone(place):
    lock = StoreLock(place.directory / "tokenhouse.db")
    lock.acquire()
    try:
        assert "has" in place.refused("db", "upgrade", code=69)
    finally:
        lock.release()


def test_a_place_that_cannot_be_written(place):
    (place.directory / "file").touch()
    text = place.config.read_text() + '[database]\nurl = "sqlite:///file/tokenhouse.db"\n'
    place.config.write_text(text)
    assert "cannot write" in place.refused("db", "upgrade", code=1)


def test_an_old_schema_is_told_with_the_command(place):
    (place.directory / "tokenhouse.db").write_bytes(b"")
    assert "Next: tokenhouse db upgrade" in place.refused("client", "list", code=1)


def test_a_file_that_is_no_database_is_told(place):
    (place.directory / "tokenhouse.db").write_text("nonsense " * 100)
    for command in (("db", "status"), ("db", "upgrade"), ("client", "list"), ("serve",)):
        assert "tokenhouse.db is no SQLite database" in place.refused(*command, code=1)
