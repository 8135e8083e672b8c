"""The pages for people, as a table: where each is, what it asks for, what it says when it is done."""

from __future__ import annotations

from typing import NamedTuple

from tokenhouse.interaction.letters import EMAIL_PATH, RESET_PATH, SIGN_UP_PATH
from tokenhouse.interaction.moves import Site
from tokenhouse.interaction.tickets import Purpose


class Input(NamedTuple):
    """One thing that a page asks for. ``name`` is its name on the wire, `Wish` has it under the same."""

    name: str
    kind: str
    autocomplete: str = "off"
    required: bool = True
    says: str = ""

    @property
    def label(self) -> str:
        """The text in the catalogue."""
        return self.says or self.name


class Page(NamedTuple):
    """One page. ``purpose`` is what its link must be for; None: it is not opened by a link.

    ``again`` is the operation that sends such a link. ``needs`` is the setting of `Site` without which it is not there.
    ``writes`` False: no letter comes of it.
    """

    operation: str
    path: str
    inputs: tuple[Input, ...]
    done: str
    purpose: Purpose | None = None
    again: str = ""
    needs: str = ""
    writes: bool = True

    def is_at(self, site: Site) -> bool:
        """Return whether a site has this page."""
        return not self.needs or bool(getattr(site, self.needs))


_LOGIN = Input("login", "text", "username")
_EMAIL = Input("email", "email", "email")
_NEW_EMAIL = Input("email", "email", "email", says="new_email")
_USERNAME = Input("username", "text", "nickname", required=False)
_NAME = Input("name", "text", "name", required=False)
_PASSWORD = Input("password", "password", "current-password")
_NEW_PASSWORD = Input("new_password", "password", "new-password")
_STAY = Input("stay_signed_in", "checkbox", required=False)

PAGES: dict[str, Page] = {
    page.operation: page
    for page in (
        Page("sign_up", "/sign-up", (_EMAIL,), "sign_up_mailed", needs="sign_up"),
        Page(
            "sign_up_confirm",
            SIGN_UP_PATH,
            (_NAME, _USERNAME, _NEW_PASSWORD),
            "signed_up",
            purpose="sign_up",
            again="sign_up",
            needs="sign_up",
            writes=False,
        ),
        Page("reset", "/reset", (_LOGIN,), "reset_mailed", needs="reset"),
        Page(
            "reset_confirm",
            RESET_PATH,
            (_NEW_PASSWORD,),
            "reset",
            purpose="reset_password",
            again="reset",
            needs="reset",
        ),
        Page("password", "/password", (_LOGIN, _PASSWORD, _NEW_PASSWORD, _STAY), "password_changed"),
        Page("email", "/email", (_LOGIN, _PASSWORD, _NEW_EMAIL), "email_mailed"),
        Page("email_confirm", EMAIL_PATH, (_STAY,), "email_changed", purpose="change_email", again="email"),
        Page("sign_out", "/sign-out", (_LOGIN, _PASSWORD), "signed_out", writes=False),
    )
}
"""Every page by its operation."""

MAILED = frozenset({"sign_up_mailed", "reset_mailed", "email_mailed"})
"""What is done when a mail is on its way."""
