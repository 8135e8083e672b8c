"""Providers of kind `oauth2`: whoever holds an access token that was made for our app is whom the provider says.

An access token says to the provider whom it is about, and to nobody for which app it was made; so that is asked first,
or whoever runs another app at the same provider could log in as each of its users. Spec: RFC 9700 §4.9, RFC 7662.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from tokenhouse.config.provider_settings import Provider
from tokenhouse.egress.client import Egress
from tokenhouse.protocol.messages import ProviderProof
from tokenhouse.providers.answers import require_accepted, require_object
from tokenhouse.providers.facts import follow, read_identifier, require_person
from tokenhouse.providers.identity import ProvenIdentity
from tokenhouse.providers.refused import ProofRefused, Reason

_VALID: Mapping[str, str] = {"debug": "data.is_valid", "introspection": "active"}
"""Where the answer says whether the token is good at all; elsewhere the status says it."""


class BearerProvider:
    """Asks one provider about its access tokens."""

    needs = frozenset({"access_token"})
    takes = needs

    def __init__(self, settings: Provider, egress: Egress) -> None:
        self._settings = settings
        self._egress = egress

    async def prove(self, proof: ProviderProof, now: datetime) -> ProvenIdentity:  # noqa: ARG002 -- the provider judges
        """Return whom the access token is about.

        Raises:
            ProofRefused: the provider turns it away, or made it for another app.
            EgressError: the provider cannot be asked.

        """
        token = proof.access_token.reveal() if proof.access_token else ""
        if self._settings.tokeninfo is not None:
            await self._require_audience(self._settings.tokeninfo, token)
        return require_person(self._settings, await self._ask_person(token))

    async def _ask_person(self, token: str) -> dict[str, Any]:
        url = self._settings.userinfo or ""
        if self._settings.token_in == "query":
            return require_accepted(await self._egress.ask(_with_query(url, access_token=token)))
        return require_accepted(await self._egress.ask(url, {"Authorization": f"Bearer {token}"}))

    async def _require_audience(self, url: str, token: str) -> None:
        facts = await self._ask_about(url, token)
        valid = _VALID.get(self._settings.tokeninfo_style)
        if valid is not None and follow(facts, valid) is not True:
            raise ProofRefused(Reason.TURNED_AWAY)
        audience = follow(facts, self._settings.audience)
        listed = audience if isinstance(audience, list) else [audience]
        if not any(read_identifier(one) in self._settings.client_ids for one in listed):
            raise ProofRefused(Reason.AUDIENCE)

    async def _ask_about(self, url: str, token: str) -> dict[str, Any]:
        settings = self._settings
        client_id = settings.client_ids[0]
        secret = settings.client_secret.reveal() if settings.client_secret else ""
        match settings.tokeninfo_style:
            case "query":
                return require_accepted(await self._egress.ask(_with_query(url, access_token=token)))
            case "debug":
                asked = _with_query(url, input_token=token, access_token=f"{client_id}|{secret}")
                return require_object(await self._egress.ask(asked))
            case "introspection":
                form = urlencode({"token": token, "client_id": client_id, "client_secret": secret})
                return require_object(await self._egress.ask(url, form=form.encode()))


def _with_query(url: str, **parameters: str) -> str:
    return url + ("&" if "?" in url else "?") + urlencode(parameters)
