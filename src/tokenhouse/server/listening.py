"""What the server listens on: the public listeners with their TLS, the operators' one, the local socket."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog

from tokenhouse.config.settings import Listener as ListenerSettings
from tokenhouse.http.certificates import UnusableCertificate
from tokenhouse.http.listeners import Listener, Listeners
from tokenhouse.http.probes import admin_app
from tokenhouse.http.renewal import Renewal, Watched
from tokenhouse.http.tls import Prepared, prepare
from tokenhouse.server.composing import House


def open_listeners(house: House, local: Any, log: structlog.typing.FilteringBoundLogger) -> tuple[Listeners, Renewal]:
    """Bind everything that the configuration names; ``local`` is the application behind the local socket.

    Raises:
        UnusableCertificate: a listener cannot speak TLS as configured.
        AddressTaken: an address cannot be had.

    """
    config = house.config
    public = [(one, _prepared(one)) for one in config.public]
    listeners = Listeners(
        [
            *(Listener(house.door, one.bind, prepared.context if prepared else None) for one, prepared in public),
            Listener(admin_app(house.readiness, house.metrics), config.admin.bind),
            Listener(local, config.admin.socket),
        ],
        config.server.drain_timeout.total_seconds(),
    )
    watched = [
        Watched(one.name, one.tls, prepared, partial(listeners.renew, position))
        for position, (one, prepared) in enumerate(public)
        if prepared
    ]
    return listeners, Renewal(watched, log, house.clock)


def _prepared(listener: ListenerSettings) -> Prepared | None:
    if not listener.tls.is_on:
        return None
    try:
        return prepare(listener.tls)
    except UnusableCertificate as error:
        raise UnusableCertificate(f"the listener {listener.name} cannot speak TLS: {error}") from None
