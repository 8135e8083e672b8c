import stat

import pytest

from tokenhouse.cli.demo.data import DemoData, DemoMount, TokenWish, read_data
from tokenhouse.cli.demo.furnishing import MARK, fresh_directory, implied_client, seed, write_config
from tokenhouse.cli.demo.ports import addresses
from tokenhouse.cli.failures import Failure
from tokenhouse.config.loading import load
from tokenhouse.server import manage
from tokenhouse.server.mounting import read_dialect, shipped_dialects

WISH = TokenWish(client_id="x", secret="y", scope="a")


def test_only_a_directory_of_the_demo_is_wiped(tmp_path):
    demo = tmp_path / "demo"
    fresh_directory(demo)
    assert stat.S_IMODE(demo.stat().st_mode) == 0o700
    (demo / "tokenhouse.db").touch()
    fresh_directory(demo)
    assert [entry.name for entry in demo.iterdir()] == [MARK]
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").touch()
    with pytest.raises(Failure, match="nothing was touched"):
        fresh_directory(other)
    assert (other / "thesis.tex").exists()
    with pytest.raises(Failure, match="cannot write"):
        fresh_directory(other / "thesis.tex" / "demo")


def test_the_configuration_is_sound_and_on_loopback_only(tmp_path):
    dialects = [read_dialect(name) for name in shipped_dialects()]
    path = write_config(tmp_path, addresses(8400), dialects, read_data())
    config = load(path, {}).config
    assert (config.server.bind, config.admin.bind, config.development) == ("127.0.0.1:8400", "127.0.0.1:8401", True)
    assert config.standard.tenant == "*"
    assert {mount.dialect: mount.tenant for mount in config.mount} == {name: name for name in shipped_dialects()}
    assert stat.S_IMODE((tmp_path / "key-encryption.key").stat().st_mode) == 0o600


def test_what_is_special_about_a_mount_is_written(tmp_path):
    dialect = read_dialect("yindo")
    data = DemoData(token=WISH, mount={"yindo": DemoMount(issuer="http://localhost:1", prefix="/y")})
    [mount] = load(write_config(tmp_path, addresses(8400), [dialect], data), {}).config.mount
    assert (mount.issuer, mount.prefix, mount.client) == ("http://localhost:1", "/y", "yindo")
    assert implied_client(read_dialect("mcs")) is None


async def test_samples_and_data_are_seeded(tmp_path, database):
    dialects = [read_dialect("mcs")]
    data = read_data()
    only_default = DemoData(
        token=data.token,
        client=tuple(client for client in data.client if client["tenant"] == "default"),
        user=data.user,
        device=data.device,
    )
    config = load(write_config(tmp_path, addresses(8400), dialects, only_default), {}).config
    await seed(config, dialects, only_default)
    async with manage(config) as management:
        clients = {client.client_id for client in await management.do("client.list", "test")}
        users = {user.username for user in await management.do("user.list", "test")}
        devices = {device.device for device in await management.do("device.list", "test")}
    assert clients == {"BuMgS2MPK5Z6nqWhVsyV", "demo-service", "demo-app", "demo-api"}
    assert users == {"mcsuser", "demo"}
    assert devices == {"DzXyD1aB"}
