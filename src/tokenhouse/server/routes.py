"""The public routes: OAuth itself, the dialects at their places, the documents that anybody may read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from tokenhouse.config.settings import Config
from tokenhouse.endpoints.metadata import authorization_server_metadata
from tokenhouse.http.documents import document, key_set
from tokenhouse.http.probes import Readiness
from tokenhouse.http.routing import Router
from tokenhouse.http.visits import PlainEndpoint, QuestionEndpoint, TokenEndpoint
from tokenhouse.protocol.contract import Mount
from tokenhouse.server.mounting import MountedDialect
from tokenhouse.server.rooms import Rooms
from tokenhouse.tokens.keys import KeyRing
from tokenhouse.wire.standard import StandardCodec

Clock = Callable[[], datetime]


def add_standard(router: Router, config: Config, mount: Mount, rooms: Rooms) -> None:
    """Add the endpoints of OAuth itself."""
    prefix = config.standard.prefix
    router.add("POST", f"{prefix}/oauth2/token", TokenEndpoint(StandardCodec(), rooms.corridor, rooms.calls, mount))
    router.add("POST", f"{prefix}/oauth2/introspect", QuestionEndpoint.introspection(rooms.questions, mount))
    router.add("POST", f"{prefix}/oauth2/revoke", QuestionEndpoint.revocation(rooms.questions, mount))


def add_dialects(router: Router, dialects: list[MountedDialect], rooms: Rooms) -> None:
    """Add what every mounted dialect answers.

    Raises:
        RouteConflict: two of them claim the same method, path and host.

    """
    for one in dialects:
        for route in one.routes:
            endpoint = TokenEndpoint(route.codec, rooms.corridor, rooms.calls, one.mount)
            router.add(route.method, one.prefix + route.path, endpoint, one.hosts)


def add_documents(
    router: Router,
    config: Config,
    keys: KeyRing,
    dialects: list[MountedDialect],
    *,
    readiness: Readiness,
    clock: Clock,
) -> None:
    """Add what anybody may read: metadata, key sets, readiness."""
    base = config.issuer.rstrip("/") + config.standard.prefix
    metadata = authorization_server_metadata(config.issuer, base)
    path = urlsplit(config.issuer).path.rstrip("/")
    documents = {
        f"/.well-known/oauth-authorization-server{path}": document(metadata),
        f"{config.standard.prefix}/.well-known/jwks.json": key_set(keys, clock),
        "/readyz": readiness.answer,
    }
    for name in {one.dialect.name for one in dialects if one.dialect.contract.signs}:
        documents[f"{config.standard.prefix}/.well-known/jwks/{name}.json"] = key_set(keys, clock, name)
    for at, make in documents.items():
        router.add("GET", at, PlainEndpoint(make))
        router.add("HEAD", at, PlainEndpoint(make))
