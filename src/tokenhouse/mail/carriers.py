"""Carriers: who takes a message out of the house. Each says whether a failure may pass.

Spec: RFC 5321 §4.2.1 (4yz may pass, 5yz does not), RFC 3207 (STARTTLS).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

import aiosmtplib

from tokenhouse.config.mailboxes import MailServer
from tokenhouse.protocol.secret import Secret

_PERMANENT = 500
_GOODBYE_SECONDS = 1.0


class NotNow(Exception):
    """It was not taken and may be, later. The text is a word or a reply code, never what the server said."""


class Refused(Exception):
    """It was not taken and will not be. The text is a word or a reply code, never what the server said."""


class Carrier(Protocol):
    """Takes messages."""

    async def carry(self, message: EmailMessage) -> None:
        """Take one message; who it is from and to stands in it.

        Raises:
            NotNow, Refused: it was not taken.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpCarrier:
    """Hands messages to a mail server, each on a connection of its own, whole within ``timeout`` seconds.

    ``starttls`` demands encryption where the server does not begin with it; there is no falling back. ``name`` is who
    this machine says it is.
    """

    server: MailServer
    starttls: bool
    context: ssl.SSLContext
    user: str | None
    password: Secret | None
    timeout: float
    name: str

    async def carry(self, message: EmailMessage) -> None:
        """Take one message."""
        try:
            await self._hand_over(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _judged(error.recipients[0].code) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _judged(error.code) from None
        except ssl.SSLCertVerificationError:
            raise NotNow("certificate") from None
        except TimeoutError:
            raise NotNow("timeout") from None
        except OSError as error:
            # A certificate that is not trusted arrives as a failure to connect.
            is_certificate = isinstance(error.__cause__ or error.__context__, ssl.SSLCertVerificationError)
            raise NotNow("certificate" if is_certificate else "connection") from None
        except aiosmtplib.SMTPException:
            raise NotNow("not_supported") from None

    async def _hand_over(self, message: EmailMessage) -> None:
        client = aiosmtplib.SMTP(
            hostname=self.server.host,
            port=self.server.port,
            local_hostname=self.name,
            use_tls=self.server.tls_at_once,
            start_tls=self.starttls and not self.server.tls_at_once,
            tls_context=self.context,
            username=self.user,
            password=self.password.reveal() if self.password else None,
            timeout=self.timeout,
        )
        try:
            async with asyncio.timeout(self.timeout):
                await client.connect()
                await client.send_message(message)
            await _leave(client)
        finally:
            client.close()


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye. What was taken stays taken: a server that does not answer to that must not get it once more."""
    with contextlib.suppress(OSError, aiosmtplib.SMTPException):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await client.quit()


def _judged(code: int) -> NotNow | Refused:
    return Refused(str(code)) if code >= _PERMANENT else NotNow(str(code))


@dataclass(frozen=True, slots=True)
class FolderCarrier:
    """Puts each message into a folder, as a file that only its owner reads; for development."""

    folder: Path

    async def carry(self, message: EmailMessage) -> None:
        """Take one message."""
        try:
            await asyncio.to_thread(self._write, bytes(message))
        except OSError:
            raise NotNow("folder") from None

    def _write(self, data: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{os.urandom(2).hex()}"
        draft = self.folder / f".{name}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        draft.rename(self.folder / f"{name}.eml")
