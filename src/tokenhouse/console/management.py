"""Management: one table of operations, shared by the local socket, the command line and the console's pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from tokenhouse.accounts.guesses import Guesses
from tokenhouse.accounts.hashing import Hashing
from tokenhouse.config.settings import Config
from tokenhouse.console import (
    checkup,
    clients,
    devices,
    keys,
    log,
    people,
    registration,
    resources,
    sessions,
    setup,
    tenants,
)
from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import NotFound, Unavailable, Unusable
from tokenhouse.console.values import PATTERNS, Input, Nothing, convert, decode, encode
from tokenhouse.protocol.contract import Mount
from tokenhouse.store.ports import Store
from tokenhouse.tokens.envelope import Envelope, WrongKeyEncryptionKey
from tokenhouse.tokens.keys import KeyRing, MissingKey
from tokenhouse.written import did_you_mean


class Operation(NamedTuple):
    """What an operation takes, and what it does."""

    takes: type[Input]
    run: Callable[[Desk, Any, str], Awaitable[Any]]


OPERATIONS: dict[str, Operation] = {
    "setup.missing": Operation(Nothing, setup.missing),
    "setup.prepare": Operation(Nothing, setup.prepare),
    "tenant.create": Operation(tenants.NewTenant, tenants.create),
    "tenant.list": Operation(Nothing, tenants.list_all),
    "client.create": Operation(clients.NewClient, clients.create),
    "client.list": Operation(clients.Tenancy, clients.list_all),
    "client.show": Operation(clients.ClientName, clients.show),
    "client.update": Operation(registration.ClientUpdate, registration.update),
    "client.rotate_secret": Operation(clients.NewSecret, clients.rotate_secret),
    "client.disable": Operation(clients.ClientName, clients.disable),
    "client.enable": Operation(clients.ClientName, clients.enable),
    "resource.create": Operation(resources.NewResource, resources.create),
    "resource.list": Operation(resources.Tenancy, resources.list_all),
    "resource.show": Operation(resources.ResourceName, resources.show),
    "resource.delete": Operation(resources.ResourceName, resources.delete),
    "scope.create": Operation(resources.NewScope, resources.create_scope),
    "scope.list": Operation(resources.Tenancy, resources.list_scopes),
    "scope.delete": Operation(resources.NamedScope, resources.delete_scope),
    "user.create": Operation(people.NewUser, people.create),
    "user.list": Operation(people.Wanted, people.list_all),
    "user.show": Operation(people.UserName, people.show),
    "user.lock": Operation(people.UserName, people.lock),
    "user.unlock": Operation(people.UserName, people.unlock),
    "user.set_password": Operation(people.NewPassword, people.set_password),
    "user.set_roles": Operation(people.NewRoles, people.set_roles),
    "session.list": Operation(sessions.Wanted, sessions.list_all),
    "session.revoke": Operation(sessions.Ending, sessions.revoke),
    "device.create": Operation(devices.NewDevice, devices.create),
    "device.list": Operation(devices.Tenancy, devices.list_all),
    "device.revoke": Operation(devices.DeviceName, devices.revoke),
    "key.list": Operation(Nothing, keys.list_all),
    "key.rotate": Operation(keys.Rotation, keys.rotate),
    "checkup.run": Operation(Nothing, checkup.run),
    "audit.list": Operation(log.Page, log.list_newest),
    "audit.follow": Operation(log.Following, log.follow),
    "audit.of_request": Operation(log.Asked, log.of_request),
}
"""Everything that operators can do."""


class Management:
    """Runs operations.

    Args:
        store: what is remembered.
        envelope: encrypts new keys.
        keys: digests secrets.
        hashing: hashes passwords and human-chosen secrets.
        guesses: names the guessing budgets.
        mounts: the contracts at their places; they say what clients can be registered for and which keys are needed.
        settings: the configuration.
        clock: the time.
        forget: called after each change, so that this process reads anew what it holds in memory.

    """

    def __init__(
        self,
        *,
        store: Store,
        envelope: Envelope,
        keys: KeyRing,
        hashing: Hashing,
        guesses: Guesses,
        mounts: Sequence[Mount],
        settings: Config,
        clock: Callable[[], datetime],
        forget: Callable[[], None],
    ) -> None:
        self._desk = Desk(store, envelope, keys, hashing, guesses, tuple(mounts), settings, clock, forget)

    async def call(self, name: str, payload: bytes, actor: str) -> bytes:
        """Run an operation on JSON and return JSON.

        Raises:
            ManagementError: it was not done.

        """
        operation = _operation(name)
        try:
            asked = decode(payload or b"{}", operation.takes)
        except ValueError as error:
            raise _unreadable(error) from None
        return encode(await self._run(operation, asked, actor))

    async def do(self, name: str, actor: str, /, **values: Any) -> Any:
        """Run an operation on plain values and return its answer as it is.

        Raises:
            ManagementError: it was not done.

        """
        operation = _operation(name)
        try:
            asked = convert(values, operation.takes)
        except ValueError as error:
            raise _unreadable(error) from None
        return await self._run(operation, asked, actor)

    async def _run(self, operation: Operation, asked: Input, actor: str) -> Any:
        try:
            return await operation.run(self._desk, asked, actor)
        except MissingKey:
            raise Unusable("the keys that this needs have not been made yet", "tokenhouse keys prepare") from None
        except WrongKeyEncryptionKey as error:
            raise Unavailable(
                f"the key {error} was not encrypted with the configured key-encryption key",
                "check secrets.key_encryption_key",
            ) from None


def _operation(name: str) -> Operation:
    if name not in OPERATIONS:
        raise NotFound(f'there is no operation "{name}"', did_you_mean(name, OPERATIONS))
    return OPERATIONS[name]


def _member(error: ValueError) -> str:
    return str(error).rpartition("$.")[2].rstrip("`").replace("[...]", "")


def _unreadable(error: ValueError) -> Unusable:
    """Return the refusal of an input; msgspec names the member and the type, and the value only of a closed list."""
    if isinstance(error, UnicodeDecodeError):
        return Unusable("the input is not UTF-8")
    said = next((words for pattern, words in PATTERNS.items() if repr(pattern) in str(error)), None)
    if said is not None:
        return Unusable(f"{_member(error)} must be {said}")
    if "RFC3339" in str(error):
        return Unusable(f"{_member(error)} must be a time with its zone", "such as 2026-11-20T08:00:00Z")
    return Unusable(f"the input does not fit: {error}")
