"""Sample data becomes clients and people; what a sample does not say takes the contract's default."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import msgspec

from tokenhouse.config.settings import Mount
from tokenhouse.server.mounting import read_dialect
from tokenhouse.server.running import management
from tokenhouse.server.seeding import seed_samples
from tokenhouse.wire.dialect.dialect import Samples


async def seeded(make_house: Any, config: Any, clients: tuple[dict[str, Any], ...]) -> Any:
    house = await make_house(msgspec.structs.replace(config, mount=(Mount(dialect="rfc6749", prefix="/x"),)))
    dialect = read_dialect("rfc6749")
    samples = Samples(tuple(map(MappingProxyType, clients)), ({"username": "ann", "password": "pw"},))
    await seed_samples(management(house), _with(dialect, samples), "default", None)
    return house


def _with(dialect: Any, samples: Samples) -> Any:
    import dataclasses

    return dataclasses.replace(dialect, samples=samples)


async def test_a_sample_client_with_and_without_a_secret(make_house: Any, config: Any) -> None:
    house = await seeded(
        make_house,
        config,
        (
            {"id": "one", "secret": "a-long-random-secret-Zs4dQwV0mTq7xLr2b", "scope": ["a"]},
            {"id": "two", "grants": ["refresh_token"]},
        ),
    )
    one = (await house.store.find_clients("one", "default"))[0]
    assert one.client.scopes == ("a",)
    assert one.client.contracts == ("rfc6749",)
    assert one.secrets[0].scheme == "hmac-sha256"
    two = (await house.store.find_clients("two", "default"))[0]
    assert two.client.auth_methods == ("none",)
    assert two.client.grants == ("refresh_token",)


async def test_a_sample_user_is_imported_as_it_is(make_house: Any, config: Any) -> None:
    house = await seeded(make_house, config, ())
    account = await house.store.find_account("default", "username", "ann")
    assert account.password_form == "raw"


async def test_what_a_contract_has_beyond_a_pair_is_seeded_too(make_house: Any, config: Any) -> None:
    house = await make_house(msgspec.structs.replace(config, mount=(Mount(dialect="mcs", prefix="/x"),)))
    client = {
        "id": "one",
        "secret": "a-long-random-secret-Zs4dQwV0mTq7xLr2b",
        "api_secret": "another-Kb3xWq8Lr2mTq7Zs4d",
    }
    device = {"device": "d1", "key": "Yd7RkQ2mXp9sTb4W", "user": "ann@a.example", "name": "Lamp", "scope": ["a"]}
    user = {"id": "17", "email": "ann@a.example", "password": "pw"}
    samples = Samples((MappingProxyType(client),), (MappingProxyType(user),), (MappingProxyType(device),))
    await seed_samples(management(house), _with(read_dialect("mcs"), samples), "default", None)

    secrets = (await house.store.find_clients("one", "default"))[0].secrets
    assert {secret.slot for secret in secrets} == {"", "api"}
    (key,) = await house.store.list_device_keys("default")
    assert (key.device, key.name, key.subject, key.scope, key.contract) == ("d1", "Lamp", "17", ("a",), "mcs")
