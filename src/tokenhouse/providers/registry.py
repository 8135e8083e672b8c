"""The providers of this server: which there are for a tenant, what each needs to be shown, and what it answers to that.

Whatever is wrong with a provider is temporary and never lets anybody in; whatever is wrong with a proof is told without
its reason. The reasons are in the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Final, Protocol

import structlog

from tokenhouse.config.provider_settings import Provider
from tokenhouse.egress.client import Egress
from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import ProviderProof
from tokenhouse.protocol.refusals import Busy, InvalidGrant, InvalidRequest
from tokenhouse.protocol.secret import Secret
from tokenhouse.providers.bearer import BearerProvider
from tokenhouse.providers.identity import ProvenIdentity
from tokenhouse.providers.key_sets import KeySet
from tokenhouse.providers.openid import OpenIdProvider
from tokenhouse.providers.refused import ProofRefused
from tokenhouse.providers.signed_call import SignedCallProvider

FAILED: Final = "provider.failed"
REFUSED: Final = "provider.proof_refused"
_RETRY_AFTER_SECONDS = 5
_PARTS = {
    "access_token": re.compile(r"[!-~]{1,4096}"),
    "access_secret": re.compile(r"[!-~]{1,4096}"),
    "id_token": re.compile(r"[!-~]{1,16384}"),
}


class ProviderKind(Protocol):
    """A provider of one kind; ``needs`` and ``takes`` name parts of the proof."""

    @property
    def needs(self) -> frozenset[str]:
        """What must be shown."""
        ...

    @property
    def takes(self) -> frozenset[str]:
        """What may be shown."""
        ...

    async def prove(self, proof: ProviderProof, now: datetime) -> ProvenIdentity:
        """Return whom the proof names; raise `ProofRefused` or `EgressError` otherwise."""
        ...


class Providers:
    """All providers, by tenant and name."""

    def __init__(
        self, settings: Iterable[Provider], egress: Egress, log: structlog.typing.FilteringBoundLogger
    ) -> None:
        self._log = log
        self._by_place: dict[tuple[str, str], ProviderKind] = {}
        for one in settings:
            kind = _KINDS[one.kind](one, egress, partial(self._failed, one.name))
            self._by_place.update({(tenant, one.name): kind for tenant in one.tenants})

    async def prove(self, tenant: str, proof: ProviderProof, now: datetime) -> ProvenIdentity:
        """Return whom a proof names.

        Raises:
            InvalidRequest: unknown_provider; missing, malformed: the part in ``field``.
            InvalidGrant: bad_assertion.
            Busy: provider_failed.

        """
        one = self._by_place.get((tenant, proof.provider))
        if one is None:
            raise InvalidRequest(Cause.UNKNOWN_PROVIDER, field="provider")
        shown = _require_parts(one, proof)
        try:
            return await one.prove(shown, now)
        except ProofRefused as refused:
            self._log.info(REFUSED, provider=proof.provider, tenant=tenant, reason=refused.reason.value)
            raise InvalidGrant(Cause.BAD_ASSERTION) from refused
        except EgressError as error:
            self._failed(proof.provider, error.failure)
            raise Busy(Cause.PROVIDER_FAILED, retry_after=_RETRY_AFTER_SECONDS) from error

    def _failed(self, provider: str, failure: Failure) -> None:
        self._log.warning(FAILED, provider=provider, reason=failure.value)


def _require_parts(one: ProviderKind, proof: ProviderProof) -> ProviderProof:
    """Return the proof if it has what is needed and nothing beyond; a part without a value was not sent."""
    shown: dict[str, Secret] = {}
    for part, form in _PARTS.items():
        value: Secret | None = getattr(proof, part)
        if value is None or not value.reveal():
            if part in one.needs:
                raise InvalidRequest(Cause.MISSING, field=part)
        elif part not in one.takes or form.fullmatch(value.reveal()) is None:
            raise InvalidRequest(Cause.MALFORMED, field=part)
        else:
            shown[part] = value
    return ProviderProof(proof.provider, **shown)


_Make = Callable[[Provider, Egress, Callable[[Failure], None]], ProviderKind]
_KINDS: Mapping[str, _Make] = {
    "oidc": lambda one, egress, tell: OpenIdProvider(one, KeySet(egress, one.issuer or "", one.jwks_uri, tell)),
    "oauth2": lambda one, egress, _: BearerProvider(one, egress),
    "oauth1": lambda one, egress, _: SignedCallProvider(one, egress),
}
