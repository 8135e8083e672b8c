"""Fixtures of the conformance tests: the standard endpoints of a real house, through its door."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any, NamedTuple

import apsw
import pytest

PASSWORD = "correct horse battery"
SECRET = "th_cs_a-long-random-secret-of-the-tests"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    json: Any


def answer(reply) -> Answer:
    return Answer(reply.status, reply.headers, json.loads(reply.body) if reply.body else None)


@pytest.fixture
def post(house, post_form):
    """Post a form to an endpoint of OAuth 2.0: ``await post("token", "app", grant_type=...)``."""

    async def post(endpoint, client=None, *headers, **fields):
        return answer(await post_form(house, f"/oauth2/{endpoint}", fields, *headers, client=client))

    return post


@pytest.fixture
def post_raw(house, ask_door):
    """Post a body as it is: ``await post_raw("token", b"a=b", ("authorization", "Basic ..."))``."""

    async def post_raw(endpoint, body, *headers, **facts):
        return answer(await ask_door(house.door, "POST", f"/oauth2/{endpoint}", body, *headers, **facts))

    return post_raw


class Storage:
    """A file system that can be told to fail."""

    def __init__(self, vfs):
        self._vfs = vfs

    @contextlib.contextmanager
    def failing(self, house):
        """For a while nothing can be read, not even what was read before."""
        house.store._reader.execute("PRAGMA shrink_memory")
        self._vfs.failing = True
        yield
        self._vfs.failing = False


class FailingFile(apsw.VFSFile):
    def __init__(self, vfs, name, flags):
        super().__init__("unix", name, flags)
        self._vfs = vfs

    def xRead(self, amount, offset):  # noqa: N802 -- the name is apsw's
        if self._vfs.failing:
            raise apsw.IOError("the disk is gone")
        return super().xRead(amount, offset)


class FailingVfs(apsw.VFS):
    def __init__(self):
        super().__init__("failing", "unix")
        self.failing = False

    def xOpen(self, name, flags):  # noqa: N802 -- the name is apsw's
        return FailingFile(self, name, flags)


@pytest.fixture
def storage():
    """Name it before the house: what is opened from then on stands on a disk that can fail."""
    vfs = FailingVfs()
    apsw.set_default_vfs("failing")
    yield Storage(vfs)
    apsw.set_default_vfs("unix")


@pytest.fixture
def basic_auth():
    """Return the header of a client of the tests."""
    return lambda client: ("authorization", "Basic " + base64.b64encode(f"{client}:{SECRET}".encode()).decode())


@pytest.fixture
def get(house, ask_door):
    async def get(path, method="GET"):
        return answer(await ask_door(house.door, method, path, content_type=None))

    return get


@pytest.fixture
def login(post):
    """Log alice in: ``await login()`` with the client `app`, or with another."""

    async def login(client="app", **fields):
        asked = {"grant_type": "password", "username": "alice", "password": PASSWORD, **fields}
        return await post("token", client, **asked)

    return login


@pytest.fixture
def refresh(post):
    async def refresh(token, client="app", **fields):
        return await post("token", client, grant_type="refresh_token", refresh_token=token, **fields)

    return refresh


@pytest.fixture
def service_token(post):
    """Return the answer to the client `service`, or another, that asks for itself."""

    async def service_token(client="service", **fields):
        return await post("token", client, grant_type="client_credentials", **fields)

    return service_token


@pytest.fixture
def assert_refused():
    """Check that an answer is a refusal of RFC 6749 §5.2: status, error, characters, headers."""

    def assert_refused(said, status, error):
        assert (said.status, said.json["error"]) == (status, error)
        assert set(said.json) <= {"error", "error_description", "error_uri"}
        allowed = set(map(chr, range(0x20, 0x7F))) - {'"', "\\"}
        assert set(said.json["error_description"]) <= allowed
        assert said.headers["content-type"] == "application/json"
        assert said.headers["cache-control"] == "no-store"
        assert said.headers["pragma"] == "no-cache"

    return assert_refused
