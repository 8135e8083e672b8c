"""Why something was refused: one tree for three audiences.

The leaf is the operator's ``reason`` (log field, metric label, audit field). The wire says the *public* cause: a leaf
marked ``merged`` is said by its parent, so an unknown user, a wrong password, a locked and a disabled account cannot be
told apart. The text is what a developer may read (RFC 6749 §5.2 characters only).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Cause(StrEnum):
    """Every reason for which a request is refused; a dialect's error rows are named after them."""

    DEFAULT = "default"
    MALFORMED = "malformed"
    WRONG_METHOD = "wrong_method"
    UNSUPPORTED_MEDIA = "unsupported_media"
    TOO_LARGE = "too_large"
    MISSING = "missing"
    UNSUPPORTED = "unsupported"
    BAD_CLIENT = "bad_client"
    UNKNOWN_CLIENT = "unknown_client"
    WRONG_SECRET = "wrong_secret"
    CLIENT_DISABLED = "client_disabled"
    NOT_ALLOWED = "not_allowed"
    BAD_SCOPE = "bad_scope"
    BAD_AUDIENCE = "bad_audience"
    INSECURE = "insecure"
    BAD_CREDENTIALS = "bad_credentials"
    UNKNOWN_USER = "unknown_user"
    WRONG_PASSWORD = "wrong_password"
    USER_DISABLED = "user_disabled"
    USER_LOCKED = "user_locked"
    BAD_ASSERTION = "bad_assertion"
    UNKNOWN_PROVIDER = "unknown_provider"
    PROVIDER_FAILED = "provider_failed"
    BAD_TOKEN = "bad_token"
    NO_TOKEN = "no_token"
    EXPIRED_TOKEN = "expired_token"
    REVOKED_TOKEN = "revoked_token"
    USED_TOKEN = "used_token"
    FOREIGN_TOKEN = "foreign_token"
    WRONG_BEARER = "wrong_bearer"
    BAD_LINK = "bad_link"
    NOT_FOUND = "not_found"
    UNACCEPTABLE = "unacceptable"
    TAKEN = "taken"
    WEAK_PASSWORD = "weak_password"
    LIMITED = "limited"
    SERVER_ERROR = "server_error"
    BUSY = "busy"


class CauseRow(NamedTuple):
    """One row of the tree: the cause above, whether the parent speaks for it, and the public text."""

    parent: Cause
    merged: bool
    text: str


_C = Cause
_SAID, _MERGED = False, True
TREE: dict[Cause, CauseRow] = {
    _C.DEFAULT: CauseRow(_C.DEFAULT, _SAID, "The request was refused."),
    _C.MALFORMED: CauseRow(_C.DEFAULT, _SAID, "The request is malformed."),
    _C.WRONG_METHOD: CauseRow(_C.MALFORMED, _SAID, "This method is not allowed here."),
    _C.UNSUPPORTED_MEDIA: CauseRow(_C.MALFORMED, _SAID, "This content type is not accepted here."),
    _C.TOO_LARGE: CauseRow(_C.MALFORMED, _SAID, "The request is too large."),
    _C.MISSING: CauseRow(_C.MALFORMED, _SAID, "A required parameter is missing."),
    _C.UNSUPPORTED: CauseRow(_C.MALFORMED, _SAID, "This grant type is not supported."),
    _C.BAD_CLIENT: CauseRow(_C.DEFAULT, _SAID, "Client authentication failed."),
    _C.UNKNOWN_CLIENT: CauseRow(_C.BAD_CLIENT, _MERGED, "The client is unknown."),
    _C.WRONG_SECRET: CauseRow(_C.BAD_CLIENT, _MERGED, "The client secret is wrong."),
    _C.CLIENT_DISABLED: CauseRow(_C.BAD_CLIENT, _MERGED, "The client is disabled."),
    _C.NOT_ALLOWED: CauseRow(_C.DEFAULT, _SAID, "The client is not allowed to do this."),
    _C.BAD_SCOPE: CauseRow(_C.NOT_ALLOWED, _SAID, "The scope exceeds what the client may ask for."),
    _C.BAD_AUDIENCE: CauseRow(_C.NOT_ALLOWED, _SAID, "The resource is unknown, or not for this client."),
    _C.INSECURE: CauseRow(_C.NOT_ALLOWED, _SAID, "This call must be made over https."),
    _C.BAD_CREDENTIALS: CauseRow(_C.DEFAULT, _SAID, "The user name or password is incorrect."),
    _C.UNKNOWN_USER: CauseRow(_C.BAD_CREDENTIALS, _MERGED, "The user is unknown."),
    _C.WRONG_PASSWORD: CauseRow(_C.BAD_CREDENTIALS, _MERGED, "The password is wrong."),
    _C.USER_DISABLED: CauseRow(_C.BAD_CREDENTIALS, _MERGED, "The user is disabled."),
    _C.USER_LOCKED: CauseRow(_C.BAD_CREDENTIALS, _MERGED, "The user is locked."),
    _C.BAD_ASSERTION: CauseRow(_C.BAD_CREDENTIALS, _SAID, "The provider's proof was not accepted."),
    _C.UNKNOWN_PROVIDER: CauseRow(_C.MALFORMED, _SAID, "This provider is not configured."),
    _C.BAD_TOKEN: CauseRow(_C.DEFAULT, _SAID, "The token is not valid."),
    _C.NO_TOKEN: CauseRow(_C.BAD_TOKEN, _SAID, "A token is missing."),
    _C.EXPIRED_TOKEN: CauseRow(_C.BAD_TOKEN, _SAID, "The token is not valid."),
    _C.REVOKED_TOKEN: CauseRow(_C.BAD_TOKEN, _SAID, "The token is not valid."),
    _C.USED_TOKEN: CauseRow(_C.BAD_TOKEN, _SAID, "The token is not valid."),
    _C.FOREIGN_TOKEN: CauseRow(_C.BAD_TOKEN, _SAID, "The token is not valid."),
    _C.WRONG_BEARER: CauseRow(_C.BAD_TOKEN, _SAID, "This call takes another kind of token."),
    _C.BAD_LINK: CauseRow(_C.BAD_TOKEN, _SAID, "The link is not valid any more."),
    _C.NOT_FOUND: CauseRow(_C.DEFAULT, _SAID, "There is nothing by that name."),
    _C.UNACCEPTABLE: CauseRow(_C.MALFORMED, _SAID, "A value cannot be accepted."),
    _C.TAKEN: CauseRow(_C.UNACCEPTABLE, _SAID, "The name is taken."),
    _C.WEAK_PASSWORD: CauseRow(_C.UNACCEPTABLE, _SAID, "The password is too short or too long."),
    _C.LIMITED: CauseRow(_C.DEFAULT, _SAID, "Too many attempts. Try again later."),
    _C.SERVER_ERROR: CauseRow(_C.DEFAULT, _SAID, "The server could not answer."),
    _C.PROVIDER_FAILED: CauseRow(_C.SERVER_ERROR, _SAID, "The provider could not be asked. Try again later."),
    _C.BUSY: CauseRow(_C.SERVER_ERROR, _SAID, "The server is busy. Try again shortly."),
}


def public(cause: Cause) -> Cause:
    """Return the cause that the wire may say for ``cause``."""
    row = TREE[cause]
    return row.parent if row.merged else cause


def ancestry(cause: Cause) -> tuple[Cause, ...]:
    """Return ``cause`` and everything above it, ending with ``default``."""
    line = [cause]
    while line[-1] is not Cause.DEFAULT:
        line.append(TREE[line[-1]].parent)
    return tuple(line)
