import shutil
from collections import namedtuple
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tokenhouse.cli.checkups import certificates, database, disk, files, look, server, settings
from tokenhouse.config.loading import load


@pytest.fixture
def config(place):
    for name in ("tokenhouse.db", "key-encryption.key"):
        (place.directory / name).chmod(0o600)
    return load(place.config, {}).config


def states(findings):
    return [(finding.check, finding.state) for finding in findings]


def test_files_of_their_owner_alone_are_well(config, place):
    assert states(files(config)) == [("files", "ok"), ("files", "ok")]
    (place.directory / "key-encryption.key").chmod(0o640)
    (place.directory / "tokenhouse.db").unlink()
    (finding,) = files(config)
    assert (finding.state, finding.hint.startswith("chmod 600")) == ("wrong", True)


@pytest.mark.parametrize(("free", "state"), [(50 << 20, "wrong"), (500 << 20, "warning"), (5 << 30, "ok")])
def test_room_on_the_disk(config, monkeypatch, free, state):
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 -- what shutil returns
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 40, 0, free))
    assert states(disk(config)) == [("disk", state)]


def test_a_folder_that_is_not_there(config, place):
    moved = place.directory.with_name("elsewhere")
    place.directory.rename(moved)
    assert states(disk(config)) == [("disk", "wrong")]
    moved.rename(place.directory)


def test_a_database_that_is_whole(config):
    assert states(database(config)) == [("database", "ok")]


def test_a_database_that_is_missing_none_old_or_damaged(config, place):
    path = place.directory / "tokenhouse.db"
    data = path.read_bytes()
    path.write_bytes(b"this is no database at all" * 200)
    assert "no SQLite" in next(database(config)).message
    broken = bytearray(data)
    broken[8192:40960] = b"\xff" * 32768
    path.write_bytes(broken)
    assert "damaged" in next(database(config)).message
    path.write_bytes(b"")
    assert "tokenhouse db upgrade" in next(database(config)).hint
    path.unlink()
    assert "no database" in next(database(config)).message


def test_a_database_that_cannot_even_be_opened(config, place):
    path = place.directory / "tokenhouse.db"
    path.write_bytes(path.read_bytes()[:5000])
    assert "malformed" in next(database(config)).message
    path.unlink()
    path.mkdir()
    assert "cannot be opened" in next(database(config)).message


@pytest.mark.parametrize("check", [files, disk, database])
def test_a_place_that_may_not_be_looked_at_is_wrong(config, check):
    out_of_reach = replace(config, database=replace(config.database, url=f"sqlite:////tmp/{'x' * 300}/tokenhouse.db"))
    finding = list(look(check, out_of_reach))[-1]
    assert (finding.check, finding.state, "File name too long" in finding.message) == (check.__name__, "wrong", True)


def test_nobody_serves_here(config):
    assert states(server(config)) == [("server", "wrong")]


def test_a_socket_without_a_listener_for_operators(serving):
    config = load(serving.config, {"TOKENHOUSE_ADMIN__BIND": "127.0.0.1:1"}).config
    (finding,) = server(config)
    assert (finding.state, "does not answer" in finding.message) == ("wrong", True)


def test_weak_settings_are_warned_of(config, place):
    assert [state for _, state in states(settings(config))] == ["warning", "warning", "ok"]
    (place.directory / "tokenhouse.toml").write_text(
        'issuer = "https://id.example.com"\n[secrets]\nkey_encryption_key_file = "key-encryption.key"\n'
        "[passwords]\nmin_length = 4\n"
    )
    assert [state for _, state in states(settings(load(place.config, {}).config))] == ["warning", "ok"]


def test_certificates_are_looked_at_before_they_end(config, new_pair):
    def told(tls):
        found = certificates(replace(config, server=replace(config.server, tls=tls)))
        return [(finding.state, finding.message) for finding in found]

    assert told(config.server.tls) == []
    now = datetime.now(UTC)
    (well,) = told(new_pair(times={"not_after": now + timedelta(days=40)}))
    assert well[0] == "ok"
    (soon,) = told(new_pair(times={"not_after": now + timedelta(days=3)}))
    assert soon == ("warning", "server: the certificate ends in 2 days")
    over = new_pair(times={"not_before": now - timedelta(days=9), "not_after": now - timedelta(days=1)})
    assert [state for state, _ in told(over)] == ["warning", "warning"]
    over.key.write_text("no key")
    assert [state for state, _ in told(over)] == ["wrong"]
