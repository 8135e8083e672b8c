import base64
import stat

import pytest

from tokenhouse.cli.init import write_new


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setenv("TOKENHOUSE_DEVELOPMENT", "true")
    monkeypatch.setenv("TOKENHOUSE_PASSWORDS__MEMORY_KIB", "8")


def test_a_server_is_set_up_once(cli, tmp_path):
    result = cli("init", "--directory", "house", "--issuer", "https://id.example.com")
    assert result.exit_code == 0, result.output
    house = tmp_path / "house"
    assert stat.S_IMODE((house / "key-encryption.key").stat().st_mode) == 0o600
    assert len(base64.b64decode((house / "key-encryption.key").read_text())) == 32
    assert "tokenhouse serve" in result.stderr
    key = (house / "key-encryption.key").read_text().strip()
    assert key not in result.output
    config = str(house / "tokenhouse.toml")
    assert cli("config", "check", "--config", config).exit_code == 0
    assert "Nothing was missing." in cli("keys", "prepare", "--config", config).stderr
    assert cli("client", "create", "--name", "first", "--config", config).exit_code == 0
    again = cli("init", "--directory", "house")
    assert again.exit_code == 4
    assert "nothing was written" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--issuer", "id.example.com"], 2, "expected an absolute URL"),
        (["--directory", "file"], 2, "is a file"),
        (["--directory", "file/house"], 1, "cannot write in file/house"),
    ],
)
def test_what_does_not_work_says_why(cli, tmp_path, arguments, code, words):
    (tmp_path / "file").touch()
    result = cli("init", *arguments)
    assert result.exit_code == code
    assert words in result.stderr


def test_a_key_file_has_its_mode_from_the_first_moment_and_is_never_overwritten(tmp_path):
    write_new(tmp_path / "key", b"x", 0o600)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "key", b"y", 0o600)


@pytest.mark.parametrize(
    ("issuer", "public", "admin"),
    [
        ("http://127.0.0.1:9500", 9500, 9501),
        ("http://localhost:9500", 9500, 9501),
        ("https://id.example.com:9500", 8400, 8401),
        ("http://127.0.0.1:65535", 8400, 8401),
    ],
)
def test_it_listens_where_an_issuer_on_this_machine_says(cli, tmp_path, issuer, public, admin):
    assert cli("init", "--directory", str(tmp_path), "--issuer", issuer).exit_code == 0
    config = (tmp_path / "tokenhouse.toml").read_text()
    assert [f'bind = "127.0.0.1:{port}"' in config for port in (public, admin)] == [True, True]
