"""Security schemes of an OpenAPI document: one for each way to present a credential."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi.openapi import models
from fastapi.security.base import SecurityBase

from tokenhouse_verify.credential import STANDARD
from tokenhouse_verify.gate import Requirement
from tokenhouse_verify.presentation import Presentation
from tokenhouse_verify.ways import Place, Way, header

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")


class Scheme(SecurityBase):
    """A scheme as FastAPI documents it; it looks at no request."""

    def __init__(self, scheme_name: str, model: Any) -> None:
        self.scheme_name = scheme_name
        self.model = model

    async def __call__(self) -> None:
        """Do nothing: the dependency beside it does."""


class Schemes:
    """The schemes of one document. With ``token_url`` the standard one is OAuth 2.0 and lists every scope asked for."""

    def __init__(self, token_url: str | None) -> None:
        self._flow: models.OAuthFlowClientCredentials | None = None
        if token_url is None:
            self._standard = Scheme("bearer", models.HTTPBearer(bearerFormat="JWT"))
        else:
            self._flow = models.OAuthFlowClientCredentials(tokenUrl=token_url, scopes={})
            self._standard = Scheme("oauth2", models.OAuth2(flows=models.OAuthFlows(clientCredentials=self._flow)))

    def of(self, presentation: Presentation, requirement: Requirement) -> list[Scheme]:
        """Return the schemes of the ways that ``requirement`` lets in; of ways to the same places, the first."""
        if self._flow is not None:
            self._flow.scopes.update(dict.fromkeys(requirement.scope, ""))
        shown: dict[frozenset[Place], Way] = {}
        for way in presentation.ways:
            if requirement.kinds is None or way.kind in requirement.kinds:
                shown.setdefault(way.places, way)
        return [scheme for way in shown.values() for scheme in self._of_way(way)]

    def _of_way(self, way: Way) -> Iterator[Scheme]:
        """Yield a scheme for each place of the secret; what must stand beside it is described."""
        beside = sorted({source.place.name for role in way.roles if role != way.kind for source in way.roles[role]})
        described = f"together with {', '.join(beside)}" if beside else None
        for place in dict.fromkeys(source.place for source in way.roles[way.kind]):
            name = _NOT_IN_NAMES.sub("_", f"{way.contract}-{place.name}")
            has_word = any(source.scheme == "bearer" for source in way.roles[way.kind] if source.place == place)
            if place != header("authorization") or not has_word:
                place_of_key = {"in": place.where, "name": place.name, "description": described}
                yield Scheme(name, models.APIKey.model_validate(place_of_key))
            elif way.contract == STANDARD:
                yield self._standard
            else:
                yield Scheme(name, models.HTTPBearer(description=described))
