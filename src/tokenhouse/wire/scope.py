"""The scope parameter.

Spec: RFC 6749 §3.3.
"""

from __future__ import annotations

import re

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")


def read_scope(text: str) -> tuple[str, ...] | None:
    """Return the scope tokens, each once, in the order in which they came; None if the text is not a scope."""
    if _SCOPE.fullmatch(text) is None:
        return None
    return tuple(dict.fromkeys(text.split(" ")))
