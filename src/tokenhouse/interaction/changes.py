"""What changing a person always comes to, whichever flow does it."""

from __future__ import annotations

from tokenhouse.accounts.choosing import FORM
from tokenhouse.accounts.identifiers import names
from tokenhouse.model.effects import CancelTickets, Effect, ReplaceAccount, SetPassword
from tokenhouse.model.records import Account


def rewritten(account: Account) -> ReplaceAccount:
    """Return the person written anew.

    It stands in every change, also where nothing of the names is different: it holds only if nobody has changed, locked
    or disabled the person since it was read.
    """
    return ReplaceAccount(account, names(account))


def new_password(account: Account, hashed: str) -> tuple[Effect, ...]:
    """Return the effects of a new password: no link that was sent before it works any more."""
    return (SetPassword(account.tenant, account.user_id, hashed, FORM), *no_more_links(account))


def no_more_links(account: Account) -> tuple[Effect, ...]:
    """Return what ends the links that a person has been sent."""
    purposes = ("reset_password", "change_email")
    return tuple(CancelTickets(account.tenant, account.user_id, purpose) for purpose in purposes)
