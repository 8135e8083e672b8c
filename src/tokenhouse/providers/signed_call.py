"""Providers of kind `oauth1`: a call signed with our secret and the person's tells whose they are.

The signature binds the person's token to our app, so no other app's token passes. Spec: RFC 5849 §3.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime

from oauthlib.oauth1 import Client

from tokenhouse.config.provider_settings import Provider
from tokenhouse.egress.client import Egress
from tokenhouse.protocol.messages import ProviderProof
from tokenhouse.providers.answers import require_accepted
from tokenhouse.providers.facts import require_person
from tokenhouse.providers.identity import ProvenIdentity

# At its debug level the library tells what it signs, and a person's token is part of that.
logging.getLogger("oauthlib").setLevel(logging.WARNING)


class SignedCallProvider:
    """Asks one provider whose a pair of access token and secret is."""

    needs = frozenset({"access_token", "access_secret"})
    takes = needs

    def __init__(self, settings: Provider, egress: Egress) -> None:
        self._settings = settings
        self._egress = egress

    async def prove(self, proof: ProviderProof, now: datetime) -> ProvenIdentity:
        """Return whose token and secret these are.

        Raises:
            ProofRefused: the provider turns them away.
            EgressError: the provider cannot be asked.

        """
        url = self._settings.userinfo or ""
        answer = await self._egress.ask(url, {"Authorization": self._sign(url, proof, now)})
        return require_person(self._settings, require_accepted(answer))

    def _sign(self, url: str, proof: ProviderProof, now: datetime) -> str:
        secret = self._settings.client_secret
        client = Client(
            self._settings.client_ids[0],
            client_secret=secret.reveal() if secret else "",
            resource_owner_key=proof.access_token.reveal() if proof.access_token else "",
            resource_owner_secret=proof.access_secret.reveal() if proof.access_secret else "",
            nonce=secrets.token_hex(16),
            timestamp=str(int(now.timestamp())),
        )
        _, headers, _ = client.sign(url)
        return str(headers["Authorization"])
