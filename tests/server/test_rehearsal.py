import pytest
from msgspec.structs import replace

from tokenhouse.config.settings import Mount, Secrets
from tokenhouse.http.routing import RouteConflict
from tokenhouse.server.mounting import MountConflict
from tokenhouse.server.rehearsal import rehearse

MCS = Mount(dialect="mcs", tenant="mcs")


def test_what_stands_together_is_named(config):
    both = replace(config, mount=(MCS, Mount(dialect="blsct", tenant="blsct")))
    assert rehearse(both) == ("mcs", "blsct")


def test_nothing_of_the_configured_store_or_its_key_is_needed(config, tmp_path):
    assert rehearse(replace(config, secrets=Secrets())) == ()
    assert list(tmp_path.iterdir()) == []


def test_two_dialects_on_one_route_are_found(config):
    with pytest.raises(RouteConflict):
        rehearse(replace(config, mount=(MCS, replace(MCS, tenant="other"))))


def test_a_mount_without_its_client_is_found(config):
    with pytest.raises(MountConflict):
        rehearse(replace(config, mount=(Mount(dialect="yindo"),)))
