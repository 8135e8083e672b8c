"""Contracts at their places."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tokenhouse.config.settings import Lockout, Mount, Standard, Tokens
from tokenhouse.protocol.contract import LockoutPolicy
from tokenhouse.server.mounting import (
    MountConflict,
    all_mounts,
    mount_dialects,
    mount_standard,
    read_dialect,
    shipped_dialects,
)
from tokenhouse.testing.dialect_suite import replay_all
from tokenhouse.written import Problems


@pytest.mark.parametrize("name", shipped_dialects())
async def test_every_example_of_every_shipped_dialect_holds(name: str) -> None:
    dialect = read_dialect(name)
    results = await replay_all(dialect)
    assert results
    assert not [f"{result.example.name}: {result.diff}" for result in results if result.diff]


def test_a_dialect_is_found_by_name_or_by_path(tmp_path: Path) -> None:
    path = tmp_path / "rfc6749.toml"
    path.write_text(shipped_dialects()["rfc6749"])
    assert read_dialect("rfc6749").name == read_dialect(str(path)).name == "rfc6749"
    with pytest.raises(FileNotFoundError, match="shipped are"):
        read_dialect("nobody")


def test_a_mistake_in_a_file_points(tmp_path: Path) -> None:
    path = tmp_path / "rfc6749.toml"
    path.write_text(shipped_dialects()["rfc6749"].replace("does  =", "dose  =", 1))
    with pytest.raises(Problems, match=rf"{path}:\d+:\d+: .*dose") as raised:
        read_dialect(str(path))
    assert "does" in str(raised.value)


def test_a_contract_cannot_claim_the_servers_own_issuer(config: Any) -> None:
    mount = Mount(dialect="rfc6749", prefix="/x", issuer=config.issuer)
    with pytest.raises(MountConflict, match="issuer of its own"):
        mount_dialects(msgspec.structs.replace(config, mount=(mount,)))


def test_a_tenant_has_a_contract_once(config: Any) -> None:
    mounts = (Mount(dialect="rfc6749", prefix="/x"), Mount(dialect="rfc6749", prefix="/y"))
    with pytest.raises(MountConflict, match="twice"):
        mount_dialects(msgspec.structs.replace(config, mount=mounts))


def test_what_the_operator_says_of_passwords_is_the_mounts(config: Any) -> None:
    told = Mount(dialect="rfc6749", prefix="/x", lockout=Lockout(failures=3), password_min=8)
    silent = Mount(dialect="rfc6749", tenant="b", prefix="/y")
    one, other = mount_dialects(msgspec.structs.replace(config, mount=(told, silent)))
    assert one.mount.lockout == LockoutPolicy(3, timedelta(minutes=15))
    assert (one.mount.password_min, other.mount.lockout, other.mount.password_min) == (8, None, None)


def test_the_standard_contract_takes_its_lifetimes_from_the_configuration(config: Any) -> None:
    tokens = Tokens(refresh_ttl=None, refresh_idle_ttl=None, audience="orders-api", alg="RS256")
    mount = mount_standard(msgspec.structs.replace(config, tokens=tokens))
    access, refresh = mount.contract.tokens
    assert access.ttl == tokens.access_ttl
    assert (refresh.ttl, refresh.idle_ttl) == (None, None)
    assert mount.audience == "orders-api"
    assert mount.tenant == "default"


def test_a_mount_for_every_tenant_stands_in_where_a_tenant_has_none(config: Any) -> None:
    standard = mount_standard(msgspec.structs.replace(config, standard=Standard(tenant="*")))
    dialects = mount_dialects(
        msgspec.structs.replace(config, mount=(Mount(dialect="rfc6749", tenant="a", prefix="/a"),))
    )
    mounts = all_mounts(standard, dialects)
    assert mounts.find("a", "standard") is standard
    assert mounts.find("a", "rfc6749") is dialects[0].mount
    assert mounts.find("b", "rfc6749") is None
    assert mounts.of_tenant("b") == [standard]
    assert dialects[0].mount.issuer == "http://127.0.0.1:8400/contracts/a/rfc6749"


def test_a_contract_that_names_no_client_is_given_one(config: Any) -> None:
    """Else every call of it would be refused, one by one."""
    with pytest.raises(MountConflict, match="its mount needs one"):
        mount_dialects(msgspec.structs.replace(config, mount=(Mount(dialect="yindo"),)))
    assert mount_dialects(msgspec.structs.replace(config, mount=(Mount(dialect="yindo", client="app"),)))


def test_a_dialect_that_cannot_be_read_is_named(config: Any, tmp_path: Path) -> None:
    for name, why in (("none.toml", "No such file"), (".toml", "directory"), ("latin.toml", "utf-8")):
        path = tmp_path / name
        if why == "directory":
            path.mkdir()
        elif why == "utf-8":
            path.write_bytes(b'title = "\xe9"')
        with pytest.raises(MountConflict, match=f"cannot read the dialect {path}: .*{why}"):
            mount_dialects(msgspec.structs.replace(config, mount=(Mount(dialect=str(path)),)))


@pytest.mark.parametrize("second", ["https://b.example", "https://b.example/"])
def test_two_contracts_cannot_speak_as_one_issuer(config: Any, second: str) -> None:
    mounts = (
        Mount(dialect="rfc6749", prefix="/x", issuer="https://b.example"),
        Mount(dialect="socialid", tenant="other", issuer=second),
    )
    with pytest.raises(MountConflict, match="one issuer"):
        mount_dialects(msgspec.structs.replace(config, mount=mounts))


def test_protected_calls_need_no_client_of_the_mount(tmp_path: Path, config: Any) -> None:
    path = tmp_path / "calls.toml"
    path.write_text(
        'dialect = "1"\nname = "calls"\ntitle = "Calls"\n[operation.me]\nroute = "GET /me"\ndoes = "introspect"\n'
        "[errors]\ndefault = { status = 400 }\n"
    )
    calls = Mount(dialect=str(path), prefix="/x")
    assert mount_dialects(msgspec.structs.replace(config, mount=(calls,)))[0].routes
    path.write_text(path.read_text().replace('"introspect"', '"client_credentials"'))
    with pytest.raises(MountConflict, match="names no client"):
        mount_dialects(msgspec.structs.replace(config, mount=(calls,)))
