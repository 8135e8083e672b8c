"""What `config show` prints can be pasted into the file, but for the secrets."""

import base64
from pathlib import Path

from tokenhouse.config.loading import load
from tokenhouse.config.showing import MASK, UNSET, render, written

KEY = base64.b64encode(bytes(range(32))).decode()
TEXT = """\
issuer = "https://a"
[server]
trusted_proxies = ["10.0.0.0/8", "::1"]
[tokens]
refresh_ttl = "never"
grace = "1m30s"
[[mount]]
dialect = "acme"
attributes = { region = "eu", list = [1, true], inner = { a = 1.5 } }
"""


def rows(tmp_path: Path, *, origin: bool = False) -> dict[str, tuple[str, str]]:
    path = tmp_path / "tokenhouse.toml"
    path.write_text(TEXT)
    environ = {"TOKENHOUSE_SECRETS__KEY_ENCRYPTION_KEY": KEY, "TOKENHOUSE_PASSWORDS__WORKERS": "2"}
    return {row.name: (row.value, row.origin) for row in render(load(path, environ), origin=origin)}


def test_values_are_written_as_the_file_has_them(tmp_path: Path) -> None:
    shown = {name: value for name, (value, _) in rows(tmp_path).items()}
    assert shown["issuer"] == '"https://a"'
    assert shown["development"] == "false"
    assert shown["server.trusted_proxies"] == '["10.0.0.0/8", "::1/128"]'
    assert shown["server.body_limit"] == '"16KiB"'
    assert shown["tokens.refresh_ttl"] == '"never"'
    assert shown["tokens.refresh_idle_ttl"] == '"14d"'
    assert shown["tokens.grace"] == '"1m30s"'
    assert shown["tokens.audience"] == UNSET
    assert shown["passwords.workers"] == "2"
    assert shown["mount.0.dialect"] == '"acme"'
    assert shown["mount.0.attributes"] == '{"region" = "eu", "list" = [1, true], "inner" = {"a" = 1.5}}'
    assert shown["admin.socket"] == f'"{tmp_path}/tokenhouse.sock"'


def test_tables_within_tables_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(
        'issuer = "https://a"\n[[listener]]\nname = "old"\nbind = "127.0.0.1:1"\n'
        '[listener.tls]\ncertificate = "a.pem"\nkey = "a.key"\nciphers = ["AES128-SHA"]\n'
    )
    shown = {row.name: (row.value, row.origin) for row in render(load(path, {}), origin=True)}
    assert shown["server.tls.certificate"] == (UNSET, "default")
    assert shown["server.tls.minimum"] == ('"1.2"', "default")
    assert shown["listener.0.name"] == ('"old"', f"{path}:3")
    assert shown["listener.0.tls.certificate"] == (f'"{tmp_path}/a.pem"', f"{path}:6")
    assert shown["listener.0.tls.ciphers"] == ('["AES128-SHA"]', f"{path}:8")
    assert shown["listener.0.tls.maximum"] == ('"1.3"', "default")


def test_an_empty_list_of_mounts_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('issuer = "https://a"')
    assert ("mount", "[]", "default") in render(load(path, {}), origin=True)


def test_secrets_are_masked(tmp_path: Path) -> None:
    shown = rows(tmp_path, origin=True)
    assert shown["secrets.key_encryption_key"] == (MASK, "environment TOKENHOUSE_SECRETS__KEY_ENCRYPTION_KEY")
    assert KEY not in str(shown)


def test_origins_are_shown_when_asked_for(tmp_path: Path) -> None:
    shown = rows(tmp_path, origin=True)
    assert shown["tokens.grace"][1] == f"{tmp_path}/tokenhouse.toml:6"
    assert shown["mount.0.attributes"][1] == f"{tmp_path}/tokenhouse.toml:9"
    assert shown["log.level"][1] == "default"
    assert {origin for _, origin in rows(tmp_path).values()} == {""}


def test_text_is_quoted() -> None:
    assert written('a"b', str) == '"a\\"b"'
    assert written(None, str) == UNSET
