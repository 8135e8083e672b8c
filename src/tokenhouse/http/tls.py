"""TLS of a listener: an `ssl` context made of its settings and its certificate files, whole or not at all.

A context is never changed after it was made. A new certificate is a new context: what is put into an old one leaves the
chain of another key type, the session tickets and the accepted authorities of before where they were.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tokenhouse.config.settings import Tls
from tokenhouse.http.certificates import (
    Authentication,
    Certificate,
    Files,
    UnusableCertificate,
    authorities,
    is_exposed,
    judge,
    read_files,
)

_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_VERIFY = {"optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}
_SUITES = ("ECDHE+AESGCM", "ECDHE+CHACHA20")
_LEVEL = "@SECLEVEL="
_EXCHANGES = frozenset({"kx-ecdhe", "kx-rsa"})
_SIGNED = frozenset({"auth-rsa", "auth-ecdsa"})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A context that may be served with, the certificate in it, and the digest of the files it came from."""

    context: ssl.SSLContext
    certificate: Certificate
    digest: bytes


def prepare(tls: Tls) -> Prepared:
    """Read, judge and load what ``tls`` names.

    Raises:
        UnusableCertificate: it cannot be served with, and why.

    """
    files = read_files(tls)
    certificate = judge(tls, files)
    context = _context(tls, files, certificate)
    if read_files(tls).digest != files.digest:  # OpenSSL reads the files by itself; it must have seen what was judged
        raise UnusableCertificate(f"{tls.certificate}: the files changed while they were read")
    return Prepared(context, certificate, files.digest)


def warnings(tls: Tls, certificate: Certificate, now: datetime) -> Iterator[str]:
    """Yield what an operator should mend although the server starts with it."""
    why = certificate.out_of_time(now)
    if why is not None:
        yield f"{tls.certificate}: clients refuse this certificate: {why}"
    if is_exposed(tls):
        yield f"{tls.key}: everybody on this machine may read the key; chmod o-rwx"


def _context(tls: Tls, files: Files, certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version, context.maximum_version = _VERSIONS[tls.minimum], _VERSIONS[tls.maximum]
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    _choose_suites(context, tls, certificate.authentication)  # before the chain: its level judges the keys in it
    try:
        context.load_cert_chain(str(tls.certificate), str(tls.key), password="")  # None would ask at the terminal
    except (ssl.SSLError, OSError) as error:
        raise UnusableCertificate(f"{tls.certificate}: {_reason(error)}") from None
    if tls.client_certificates != "none":
        context.verify_mode = _VERIFY[tls.client_certificates]
        # Whoever is listed is believed, also an intermediate authority or a single client without its root.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=authorities(tls, files))
    return context


def _choose_suites(context: ssl.SSLContext, tls: Tls, authentication: Authentication) -> None:
    """Take the configured suites of TLS 1.2; those of 1.3 are not chosen.

    Raises:
        UnusableCertificate: one is unknown or not served, or none of them goes with the key of the certificate.

    """
    known = _known_suites() if tls.ciphers else {}
    for name in tls.ciphers:
        if not name.startswith(_LEVEL) and name not in known:
            raise UnusableCertificate(f'tls.ciphers: this server has no suite "{name}"')
    names = [name for name in tls.ciphers if not name.startswith(_LEVEL)]
    levels = [name for name in tls.ciphers if name.startswith(_LEVEL)]
    if names and not any(known[name]["auth"] == f"auth-{authentication}" for name in names):
        kind = authentication.upper()
        raise UnusableCertificate(f"{tls.certificate}: none of tls.ciphers goes with a certificate for an {kind} key")
    context.set_ciphers(":".join([*(levels or [f"{_LEVEL}2"]), *(names or _SUITES)]))


def _known_suites() -> dict[str, Any]:
    """Return the suites that this OpenSSL can serve with a certificate: no anonymous one, none without encryption.

    Nor those of the finite-field exchange, for which Python has no group to offer.
    """
    probe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    probe.set_ciphers(f"ALL:COMPLEMENTOFALL:{_LEVEL}0")
    suites: Any = probe.get_ciphers()  # typeshed leaves out what a suite proves
    return {
        suite["name"]: suite
        for suite in suites
        if suite["kea"] in _EXCHANGES and suite["auth"] in _SIGNED and suite["strength_bits"]
    }


def _reason(error: Exception) -> str:
    """Return OpenSSL's word for it in plain letters."""
    reason = getattr(error, "reason", None)
    return reason.lower().replace("_", " ") if reason else "it cannot be loaded"
