"""Letters, and the messages they become. Plain text alone: nothing to render, nothing to track, nothing to forge.

Spec: RFC 5322; RFC 3834 §5 for what tells other robots that this is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from tokenhouse.config.mailboxes import read_mail_address, split_mailbox


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """What is to be said to whom. ``to`` None: nobody; it was written to take the same time.

    ``kind`` is one of a few words, for logs and metrics; ``request_id`` leads to the audit log. The text holds a link,
    so a letter has no useful repr.
    """

    kind: str
    request_id: str
    to: str | None
    language: str
    subject: str
    text: str


class UnusableAddress(Exception):
    """What is stored as somebody's address is none that mail could be sent to."""


def compose(letter: Letter, sender: str, now: datetime) -> EmailMessage:
    """Return the message. Nothing in a letter can become a header of its own: the library refuses line ends.

    Raises:
        UnusableAddress: the recipient's address is none.

    """
    name, address = split_mailbox(sender)
    try:
        to = read_mail_address(letter.to or "")
    except ValueError:
        raise UnusableAddress from None
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    # Links are longer than the lines at which the library would begin to encode what can be read as it is.
    message.set_content(letter.text, cte="7bit" if letter.text.isascii() else "8bit")
    message["Content-Language"] = letter.language
    return message
