"""The pages are put together as the configuration says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tokenhouse.config.settings import Mail, Mount, People
from tokenhouse.http.routing import RouteConflict
from tokenhouse.mail.carriers import FolderCarrier, SmtpCarrier
from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.secret import Secret
from tokenhouse.server.composing import build
from tokenhouse.server.mounting import mount_dialects
from tokenhouse.server.peopling import open_outbox, site_of
from tokenhouse.sql.sqlite import SqliteStore


def with_(config: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(config, **changes)


def nothing(_kind: str, _event: str) -> None:
    """Count nothing."""


async def test_without_mail_there_is_no_outbox(config: Any, clock: Any) -> None:
    assert open_outbox(config, clock, nothing) is None


async def test_mail_goes_where_the_configuration_says(config: Any, clock: Any, tmp_path: Path) -> None:
    box = open_outbox(with_(config, mail=Mail(folder=tmp_path)), clock, nothing)
    assert box is not None
    assert box._carrier == FolderCarrier(tmp_path)
    mail = Mail(url="smtps://mail.example.com", sender="id@example.com", user="u", password=Secret("w"), queue=7)
    box = open_outbox(with_(config, mail=mail, issuer="https://id.example.com"), clock, nothing)
    assert box is not None
    carrier = box._carrier
    assert isinstance(carrier, SmtpCarrier)
    assert (carrier.server.port, carrier.server.tls_at_once, carrier.user, carrier.timeout) == (465, True, "u", 20.0)
    assert (carrier.name, box._places, box._sender) == ("id.example.com", 7, "id@example.com")


def test_a_site_is_where_people_reach_it(config: Any) -> None:
    plain = site_of(People(), with_(config, issuer="https://id.example.com/auth"), ())
    assert (plain.url, plain.path) == ("https://id.example.com/auth/account", "/auth/account")
    own = site_of(People(url="https://me.example.com/", prefix=""), config, ())
    assert (own.url, own.path) == ("https://me.example.com", "")


def test_ids_are_spelled_as_the_one_contract_of_the_tenant_says(config: Any) -> None:
    mounts = (Mount(dialect="socialid", tenant="a"), Mount(dialect="rfc6749", tenant="b", prefix="/b"))
    mounted = [one.mount for one in mount_dialects(with_(config, mount=mounts))]
    form = mounted[0].contract.credentials.get("user_id")
    assert form is not None
    assert site_of(People(tenant="a"), config, mounted).user_id is form
    assert site_of(People(tenant="b"), config, mounted).user_id is None
    assert site_of(People(tenant="c"), config, mounted).user_id is None
    both = (*mounted, mounted[0])
    assert site_of(People(tenant="a"), config, both).user_id is None


async def test_pages_are_where_nobody_else_is(store: SqliteStore, config: Any, tmp_path: Path) -> None:
    mail = Mail(folder=tmp_path)
    with pytest.raises(RouteConflict):
        build(with_(config, mail=mail, people=(People(), People(tenant="b"))), store)


async def test_pages_of_two_tenants(make_house: Any, config: Any, tmp_path: Path) -> None:
    people = (
        People(name="One", hosts=("127.0.0.1",)),
        People(name="Two", tenant="two", prefix="", url="http://two.example", hosts=("two.example",)),
    )
    house = await make_house(with_(config, mail=Mail(folder=tmp_path), people=people), tenants=("default", "two"))

    find = house.door._router.find
    for host, path, name in (("127.0.0.1", "/account", b"One"), ("two.example", "/", b"Two")):
        match = find("GET", path, host)
        request = HttpRequest("GET", path, "", (), b"", "cafe", house.clock())
        assert name in (await match.endpoint.open(request).answer()).body
        assert find("GET", path, "elsewhere.example") is None


async def test_closing_waits_for_mail(
    furnished: None, make_house: Any, config: Any, tmp_path: Path, post_form: Any
) -> None:
    folder = tmp_path / "mail"
    house = await make_house(with_(config, mail=Mail(folder=folder), people=(People(),)))
    await post_form(house, "/account/reset", {"login": "alice"})
    assert not folder.exists()
    await house.close()
    assert len(list(folder.glob("*.eml"))) == 1
