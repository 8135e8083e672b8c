"""What every framework's part is made with, said once: who verifies, where credentials stand, who counts them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypedDict, Unpack

from tokenhouse_verify.authentication import Mode, TokenAuthentication
from tokenhouse_verify.gate import Gate
from tokenhouse_verify.introspection import Introspection
from tokenhouse_verify.presentation import Presentation
from tokenhouse_verify.verifier import Verifier


class Options(TypedDict, total=False):
    """Keywords of ``TokenMiddleware`` and ``Auth``.

    Who verifies: ``issuer`` with the ``audience`` that this service is (None: any), ``client_id`` and ``client_secret``
    to ask about what is not signed, and ``mode``; or a ``verifier``, an ``introspection``, or both.
    Where: ``headers`` of the standard presentation, a ``presentation`` in its place, ``legacy`` ones beside it.
    ``on_presentation`` is called with the contract whose way a request uses, before anything is verified. ``realm`` is
    named in challenges.
    """

    issuer: str
    audience: str | None
    client_id: str
    client_secret: str
    mode: Mode
    verifier: Verifier
    introspection: Introspection
    headers: Collection[str]
    presentation: Presentation
    legacy: Collection[Presentation]
    on_presentation: Callable[[str], object]
    realm: str


def make_gate(**options: Unpack[Options]) -> Gate:
    """Return the gate of these options.

    Raises:
        ValueError: they contradict each other, or nothing could be accepted with them.

    """
    return Gate(
        authentication=_authentication(options),
        presentation=_presentation(options),
        realm=options.get("realm", "api"),
        on_presentation=options.get("on_presentation"),
    )


def _authentication(options: Options) -> TokenAuthentication:
    verifier, introspection = options.get("verifier"), options.get("introspection")
    issuer = options.get("issuer")
    if issuer is None:
        if not options.keys().isdisjoint({"audience", "client_id", "client_secret", "mode"}):
            raise ValueError("audience, client_id, client_secret and mode go with issuer")
        return TokenAuthentication(verifier=verifier, introspection=introspection)
    if verifier is not None or "audience" not in options:
        raise ValueError("issuer goes with audience (None: for whomever a token is) and without verifier")
    pair = (options.get("client_id"), options.get("client_secret"))
    if introspection is None:
        return TokenAuthentication.of_issuer(
            issuer,
            audience=options["audience"],
            client_id=pair[0],
            client_secret=pair[1],
            mode=options.get("mode", "auto"),
        )
    if pair != (None, None) or "mode" in options:
        raise ValueError("introspection goes without client_id, client_secret and mode")
    return TokenAuthentication(verifier=Verifier(issuer, audience=options["audience"]), introspection=introspection)


def _presentation(options: Options) -> Presentation:
    given, headers = options.get("presentation"), options.get("headers")
    if given is not None and headers is not None:
        raise ValueError("headers are the standard presentation's: give one of the two")
    legacy = options.get("legacy", ())
    if isinstance(legacy, Presentation) or not all(isinstance(each, Presentation) for each in legacy):
        raise ValueError("legacy is a list of presentations: [Presentation.load(text)]")
    standard = Presentation() if headers is None else Presentation.standard(headers)
    return (given or standard).beside(*legacy)
