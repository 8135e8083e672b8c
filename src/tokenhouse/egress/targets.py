"""Where a call may go: https, few ports, a name; and the places on this machine that the operator has allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from tokenhouse.config.urls import Url, split_url
from tokenhouse.egress.failures import EgressError, Failure

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Target(NamedTuple):
    """Where a call goes; ``on_this_machine``: the operator has allowed this place, so it must be on this machine."""

    url: Url
    on_this_machine: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """Where calls may go. ``allow``: places (``host:port``) on this machine, for development and tests."""

    ports: tuple[int, ...] = (443,)
    allow: tuple[str, ...] = ()

    def require_target(self, text: str) -> Target:
        """Return where an URL leads.

        Raises:
            EgressError: bad_url, not_allowed.

        """
        try:
            url = split_url(text)
        except ValueError:
            raise EgressError(Failure.BAD_URL) from None
        if url.place in self.allow:
            return Target(url, on_this_machine=True)
        if url.scheme != "https" or url.port not in self.ports or not _is_name(url.host):
            raise EgressError(Failure.NOT_ALLOWED)
        return Target(url)


def _is_name(host: str) -> bool:
    """Return whether resolvers take this for a name: 127.1, 0x7f.1 and 2130706433 are addresses to some of them."""
    *above, last = host.split(".")
    return bool(above) and _NUMBER.fullmatch(last) is None and not host.startswith("[")
