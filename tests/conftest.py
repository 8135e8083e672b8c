"""Fixtures of the whole suite: a real store in a folder of its own, a house built on it, a clock that can be set."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import pytest_asyncio
import trustme
from hypothesis import HealthCheck, settings

from tokenhouse.accounts.identifiers import names
from tokenhouse.clients.methods import SECRET_DIGEST
from tokenhouse.config.settings import Config, Passwords, Secrets, Tls
from tokenhouse.model.effects import CreateAccount
from tokenhouse.model.records import Account, Client, ClientSecret, KeyRecord, Tenant
from tokenhouse.model.registrations import AddKey, CreateClient, CreateTenant
from tokenhouse.protocol.contract import SignedForm
from tokenhouse.protocol.secret import Secret
from tokenhouse.server.composing import House, build
from tokenhouse.sql.sqlite import SqliteStore
from tokenhouse.sql.upgrade import HEAD, upgrade
from tokenhouse.tokens.making import make_secret_key, make_signing_key

settings.register_profile(
    "house", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

START = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
CLIENT_SECRET = "th_cs_a-long-random-secret-of-the-tests"
PASSWORD = "correct horse battery"


class SetClock:
    """A clock that moves when told to."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **elapsed: float) -> None:
        """Let time pass: ``pass_(seconds=11)``."""
        self.now += timedelta(**elapsed)


class Asked(NamedTuple):
    """What another server was asked; header names are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


class Elsewhere:
    """Another server on this machine: ``routes`` answer by path with a status and a JSON value or bytes."""

    def __init__(self) -> None:
        self.routes: dict[str, Callable[[Asked], tuple[int, Any]]] = {}
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.place = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.place}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        elsewhere = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, dict(parse_qsl(body)))
                elsewhere.asked.append(asked)
                status, said = elsewhere.routes[parts.path](asked) if parts.path in elsewhere.routes else (404, {})
                said = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", elsewhere.url + "/redirected")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(said)

            do_GET = do_POST = answer  # noqa: N815 -- the base class looks for these names

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="session")
def new_elsewhere() -> type[Elsewhere]:
    """What makes another server; whoever makes one closes it."""
    return Elsewhere


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Another server, such as an identity provider."""
    server = Elsewhere()
    yield server
    server.close()


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(scope="session")
def kek() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A migrated database without rows, as bytes: migrating takes a second, copying does not."""
    path = tmp_path_factory.mktemp("migrated") / "empty.db"
    upgrade(path)
    return path.read_bytes()


@pytest.fixture
def database(tmp_path: Path, empty_database: bytes) -> Path:
    """A migrated database file without rows."""
    path = tmp_path / "tokenhouse.db"
    path.write_bytes(empty_database)
    return path


@pytest_asyncio.fixture
async def store(database: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(database, revision=HEAD)
    yield opened
    await opened.close()


def smallest_config(kek: str) -> Config:
    """Return the smallest configuration; hashes are cheap, because tests do not guess passwords."""
    return Config(
        issuer="http://127.0.0.1:8400",
        development=True,
        secrets=Secrets(key_encryption_key=Secret(kek)),
        passwords=Passwords(memory_kib=8, passes=1, workers=2),
    )


@pytest.fixture
def config(kek: str) -> Config:
    """The smallest configuration."""
    return smallest_config(kek)


MakeHouse = Callable[..., Any]


@pytest_asyncio.fixture
async def make_house(database: Path, config: Config, clock: SetClock) -> AsyncIterator[MakeHouse]:
    """Build a house on the test's database: ``await make_house()`` or with another configuration."""
    opened: list[House] = []

    async def make(settings: Config | None = None, tenants: Iterable[str] = ("default",)) -> House:
        store = SqliteStore(database, revision=HEAD)
        house = build(settings or config, store, clock)
        opened.append(house)
        if not await store.list_tenants():
            await furnish(house, tenants)
        return house

    yield make
    for house in opened:
        await house.close()


@pytest.fixture(scope="session")
def furnished_database(tmp_path_factory: pytest.TempPathFactory, empty_database: bytes, kek: str) -> bytes:
    """The database of `house`, as bytes: every commit waits for the disk, copying does not."""
    path = tmp_path_factory.mktemp("furnished") / "tokenhouse.db"
    path.write_bytes(empty_database)
    with closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(_furnish_house(path, smallest_config(kek)))
    return path.read_bytes()


async def _furnish_house(path: Path, config: Config) -> None:
    built = build(config, SqliteStore(path, revision=HEAD), SetClock())
    await furnish(built, ("default",))
    await add_client(built, "service", grants=("client_credentials",), introspection="tenant")
    await add_client(built, "app", grants=("password", "refresh_token"), introspection="own")
    await add_client(built, "public", grants=("password", "refresh_token"), auth_methods=("none",), secret=None)
    await add_user(built, "alice", email="Alice@Example.com")
    await built.close()


@pytest.fixture
def furnished(database: Path, furnished_database: bytes) -> None:
    """Put the rows of `house` into the test's database."""
    database.write_bytes(furnished_database)


@pytest_asyncio.fixture
async def house(furnished: None, make_house: MakeHouse) -> House:
    """A house with tenant, keys, the clients `service`, `app` and `public`, and the user `alice`."""
    built: House = await make_house()
    return built


_MADE: dict[Any, KeyRecord] = {}


def _signing_key(house: House, tenant: str, contract: str, alg: Any, certified: bool) -> KeyRecord:  # noqa: FBT001
    """Return the same key to every house of a run that was built alike: an RSA key takes longer than most tests."""
    kek, now = house.config.secrets.key_encryption_key, house.clock()
    name = (kek.reveal() if kek else None, tenant, contract, alg, certified, now)
    if name not in _MADE:
        _MADE[name] = make_signing_key(
            house.envelope,
            tenant=tenant,
            contract=contract,
            alg=alg,
            now=now,
            activates_at=now,
            certified=certified,
        )
    return _MADE[name]


async def furnish(house: House, tenants: Iterable[str]) -> None:
    """Create tenants with their sealing keys, the pepper and the standard signing keys."""
    now, envelope = house.clock(), house.envelope
    effects: list[Any] = [
        AddKey(make_secret_key(envelope, tenant="default", purpose="pepper", now=now, activates_at=now))
    ]
    for tenant in tenants:
        effects.append(CreateTenant(Tenant(tenant, enabled=True, created_at=now)))
        effects.append(AddKey(make_secret_key(envelope, tenant=tenant, purpose="seal", now=now, activates_at=now)))
    for mount in (house.standard, *(one.mount for one in house.dialects)):
        certified = mount.contract.name != "standard"
        own = {plan.form.alg for plan in mount.contract.tokens if isinstance(plan.form, SignedForm)}
        algorithms = own if certified else {"ES256", "RS256"}
        effects += [
            AddKey(_signing_key(house, mount.key_tenant, mount.contract.name, alg, certified)) for alg in algorithms
        ]
    await house.store.commit(effects)
    house.forget()


async def add_client(
    house: House, client_id: str, *, tenant: str = "default", secret: str | None = CLIENT_SECRET, **facts: Any
) -> Client:
    """Create a client; its secret is stored as a keyed digest."""
    now = house.clock()
    settings: dict[str, Any] = {
        "contracts": ("standard",),
        "grants": (),
        "scopes": ("read", "write"),
        "auth_methods": ("client_secret_basic", "client_secret_post"),
    }
    client = Client(tenant=tenant, client_id=client_id, name=client_id, created_at=now, **(settings | facts))
    verifier = None
    if secret is not None:
        digest = await house.keys.digest(SECRET_DIGEST, secret.encode(), now)
        verifier = ClientSecret("1", "hmac-sha256", digest.hex(), now)
    await house.store.commit((CreateClient(client, verifier),))
    house.forget()
    return client


async def add_user(
    house: House, username: str | None, *, tenant: str = "default", password: str = PASSWORD, **facts: Any
) -> Account:
    """Create a person."""
    settings: dict[str, Any] = {"user_id": f"us_{username}", "email": None, "phone": None, "name": None}
    account = Account(
        tenant=tenant,
        username=username,
        password=house.hashing.hash(Secret(password), "raw"),
        created_at=house.clock(),
        **(settings | facts),
    )
    await house.store.commit((CreateAccount(account, names(account)),))
    return account


def basic(client_id: str, secret: str = CLIENT_SECRET) -> tuple[str, str]:
    """Return an Authorization header."""
    return "authorization", "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


async def ask(
    app: Any,
    method: str,
    path: str,
    body: bytes = b"",
    *headers: tuple[str, str],
    content_type: str | None = "application/x-www-form-urlencoded",
    query: str = "",
    scheme: str = "http",
    peer: str = "127.0.0.1",
) -> Reply:
    """Send one request to an ASGI application, in process."""
    sent: list[Any] = []
    given = [(b"host", b"127.0.0.1:8400"), *((k.lower().encode(), v.encode("latin-1")) for k, v in headers)]
    if content_type is not None and not any(k == b"content-type" for k, _ in given):
        given.append((b"content-type", content_type.encode()))
    messages = iter([{"type": "http.request", "body": body, "more_body": False}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": given,
        "client": (peer, 40000),
        "scheme": scheme,
    }
    await app(scope, receive, send)
    return Reply(sent[0]["status"], {k.decode(): v.decode("latin-1") for k, v in sent[0]["headers"]}, sent[1]["body"])


async def post(
    house: House, path: str, fields: dict[str, str], *headers: tuple[str, str], client: str | None = None
) -> Reply:
    """Post a form through the door; ``client`` authenticates by Basic with the secret of the tests."""
    shown = (basic(client),) if client else ()
    return await ask(house.door, "POST", path, urlencode(fields).encode(), *shown, *headers)


@pytest.fixture
def ask_door() -> Callable[..., Awaitable[Reply]]:
    return ask


@pytest.fixture
def post_form() -> Callable[..., Awaitable[Reply]]:
    return post


@pytest.fixture
def new_client() -> Callable[..., Awaitable[Client]]:
    return add_client


@pytest.fixture
def new_user() -> Callable[..., Awaitable[Account]]:
    return add_user


@pytest.fixture(scope="session")
def authorities() -> dict[str, trustme.CA]:
    """An authority for each kind of key."""
    return {kind: trustme.CA(key_type=trustme.KeyType[kind]) for kind in ("RSA", "ECDSA")}


@pytest.fixture
def new_pair(authorities: dict[str, trustme.CA], tmp_path: Path) -> Callable[..., Tls]:
    """Write a certificate for localhost and its key, or others over them; return the TLS settings that name them."""

    def new_pair(kind: str = "ECDSA", name: str = "server", times: dict[str, Any] | None = None, **tls: Any) -> Tls:
        leaf = authorities[kind].issue_cert("localhost", "127.0.0.1", key_type=trustme.KeyType[kind], **(times or {}))
        certificate, key = tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
        certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        key.touch(0o600)
        key.write_bytes(leaf.private_key_pem.bytes())
        return Tls(certificate=certificate, key=key, **tls)

    return new_pair
