"""How much of anything a request may hold, so that reading it costs a bounded amount.

The door bounds the body as a whole; these bounds are about what is inside.
"""

from __future__ import annotations

from typing import Final

VALUE_BYTES: Final = 8 * 1024
"""One value, decoded."""

FIELDS: Final = 100
"""Parameters of a form or query, members of one JSON object, elements of an XML document."""

JSON_DEPTH: Final = 32
"""Objects and arrays within each other."""

JSON_INTEGER: Final = 2**63
"""Integers lie below this in magnitude."""

XML_DEPTH: Final = 16
"""Elements within each other."""

BASIC_BYTES: Final = 8 * 1024
"""An Authorization header."""

ACCEPT_RANGES: Final = 64
"""Media ranges of an Accept header; those behind it are not looked at."""
