"""What is judged in every flow: values that somebody typed, and whether a person may be helped at all."""

from __future__ import annotations

import unicodedata

from tokenhouse.accounts.rules import find_name_flaw, find_password_flaw
from tokenhouse.config.mailboxes import read_mail_address
from tokenhouse.interaction.moves import Wish
from tokenhouse.model.records import Account
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidGrant, InvalidRequest, Unacceptable
from tokenhouse.protocol.secret import Secret
from tokenhouse.tokens.gate import CONTROLS, Standing


def require_said(wish: Wish, *fields: str) -> None:
    """Pass if all of ``fields`` were said.

    Raises:
        InvalidRequest: one was not.

    """
    for name in fields:
        if getattr(wish, name) is None:
            raise InvalidRequest(Cause.MISSING, field=name)


def require_address(text: str | None) -> str:
    """Return the address that somebody typed, spelled in one way.

    Raises:
        Unacceptable: it is none.

    """
    try:
        return read_mail_address((text or "").strip())
    except ValueError:
        raise Unacceptable(Cause.UNACCEPTABLE, field="email") from None


def require_names(username: str | None, email: str, name: str | None) -> None:
    """Pass if strangers may give themselves these names.

    A user name has a letter: one of digits alone could be the phone number by which somebody else logs in.

    Raises:
        Unacceptable: one cannot be a name.

    """
    if username is not None and not any(c.isalpha() for c in unicodedata.normalize("NFKC", username)):
        raise Unacceptable(Cause.UNACCEPTABLE, field="username")
    flaw = find_name_flaw(username, email, None, name)
    if flaw is not None:
        raise Unacceptable(Cause.UNACCEPTABLE, field=flaw.field)


def require_password(password: Secret | None, least: int, *called: str | None) -> Secret:
    """Return the new password if it may be one; ``called`` are names of the person.

    Raises:
        InvalidRequest: there is none.
        Unacceptable: it is too short, too long, or a name of the person.

    """
    if password is None:
        raise InvalidRequest(Cause.MISSING, field="new_password")
    if find_password_flaw(password, least, called) is not None:
        raise Unacceptable(Cause.WEAK_PASSWORD, field="new_password")
    return password


def find_bar(account: Account | None, wish: Wish) -> Cause | None:
    """Return what keeps a person from being helped, None if nothing does: the gate's controls, without a client."""
    subject = account.user_id if account else ""
    standing = Standing(
        "", None, tenant_enabled=True, subject=subject, account=account, authorization=None, now=wish.now
    )
    causes = (control(standing) for name, control in CONTROLS.items() if name != "client present")
    return next((cause for cause in causes if cause is not None), None)


def require_free(account: Account, wish: Wish) -> None:
    """Pass if nothing keeps a person who has proven a password from being helped.

    Raises:
        InvalidGrant: in the words of a wrong password.

    """
    bar = find_bar(account, wish)
    if bar is not None:
        raise InvalidGrant(bar)
