"""Resource indicators: how an API is named in a request and in ``aud``.

Spec: RFC 8707 §2, RFC 3986 §4.3.
"""

from __future__ import annotations

import re

MOST_RESOURCES = 8
"""How many a request may name."""

LONGEST = 200
"""Characters of a resource that can be registered."""

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")


def is_resource(text: str) -> bool:
    """Return whether ``text`` is an absolute URI without a fragment."""
    return _ABSOLUTE.fullmatch(text) is not None
