"""Letters that flows write: which text, to whom, with which link. Every link begins with the configured URL."""

from __future__ import annotations

from datetime import timedelta

from tokenhouse.interaction.catalogue import Texts, texts
from tokenhouse.interaction.moves import Site, Wish
from tokenhouse.interaction.tickets import PARAMETER, Made
from tokenhouse.mail.letters import Letter

SIGN_UP_PATH = "/sign-up/confirm"
RESET_PATH = "/reset/confirm"
EMAIL_PATH = "/email/confirm"
"""The pages that mailed links open."""


def write(
    kind: str, site: Site, wish: Wish, to: str | None, *, opens: str = "", made: Made | None = None, **facts: str
) -> Letter:
    """Return a letter of one kind; with ``made`` its link works once, else it leads to the page ``opens``."""
    said = texts(wish.language)
    link = site.url + opens
    life = ""
    if made is not None:
        link += f"?{PARAMETER}={made.link.reveal()}"
        life = _life(said, made.ticket.expires_at - wish.now)
    filled = {"name": site.name, "link": link, "life": life, "at": f"{wish.now:%Y-%m-%d %H:%M}", **facts}
    return Letter(
        kind=kind,
        request_id=wish.id,
        to=to,
        language=said.language,
        subject=said.say(f"mail_{kind}.subject", **filled),
        text=said.say(f"mail_{kind}.text", **filled).lstrip("\n"),
    )


def _life(said: Texts, life: timedelta) -> str:
    minutes = int(life.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    return said.say("mail.hours", count=hours) if hours and not rest else said.say("mail.minutes", count=minutes)
