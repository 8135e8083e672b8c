"""Each kind of provider needs some settings, reads some, and is told of the others."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tokenhouse.config.checks import contradictions
from tokenhouse.config.provider_settings import Egress, Provider
from tokenhouse.config.settings import Config
from tokenhouse.protocol.secret import Secret

OIDC = Provider(name="a", kind="oidc", issuer="https://a.example", client_ids=("1",))
QUERY = Provider(
    name="b",
    kind="oauth2",
    userinfo="https://b.example/me",
    subject="id",
    tokeninfo="https://b.example/tokeninfo",
    audience="aud",
    client_ids=("1", "2"),
)
DEBUG = replace(QUERY, name="c", tokeninfo_style="debug", client_secret=Secret("s"))
ANY = Provider(name="d", kind="oauth2", userinfo="https://d.example/me", subject="id", any_audience=True)
SIGNED = Provider(
    name="e",
    kind="oauth1",
    userinfo="https://e.example/verify?include_email=true",
    subject="id_str",
    client_ids=("1",),
    client_secret_env="E_SECRET",
)
GOOD = (OIDC, QUERY, DEBUG, ANY, SIGNED)


def found(*providers: Provider, **settings: Any) -> list[tuple[str, str]]:
    config = Config(issuer="https://id.example", provider=providers, **settings)
    return [(".".join(map(str, each.about[0])), each.message) for each in contradictions(config)]


def test_sound_providers_pass() -> None:
    assert found(*GOOD) == []
    assert found(replace(OIDC, jwks_uri="https://a.example:8443/k"), egress=Egress(ports=(443, 8443))) == []


@pytest.mark.parametrize(
    ("provider", "changes", "about", "message"),
    [
        (OIDC, {"issuer": None}, "kind", "needs issuer"),
        (OIDC, {"client_ids": ()}, "kind", "needs client_ids"),
        (OIDC, {"algs": ()}, "kind", "needs algs"),
        (OIDC, {"userinfo": "https://a.example/me"}, "userinfo", "nothing that a provider of kind oidc reads"),
        (OIDC, {"client_secret": Secret("s")}, "client_secret", "nothing that a provider of kind oidc reads"),
        (OIDC, {"any_audience": True}, "any_audience", "nothing that a provider of kind oidc reads"),
        (QUERY, {"userinfo": None}, "kind", "needs userinfo"),
        (QUERY, {"subject": None}, "kind", "needs subject"),
        (QUERY, {"issuer": "https://b.example"}, "issuer", "nothing that a provider of kind oauth2 reads"),
        (QUERY, {"any_audience": True}, "any_audience", "any is accepted"),
        (QUERY, {"audience": None}, "tokeninfo", "needs audience and client_ids"),
        (QUERY, {"client_ids": ()}, "tokeninfo", "needs audience and client_ids"),
        (QUERY, {"client_secret": Secret("s")}, "client_secret", "not used"),
        (QUERY, {"email_verified": "v"}, "email_verified", "none is read"),
        (DEBUG, {"client_secret": None}, "kind", "needs a client_secret"),
        (DEBUG, {"client_secret_env": "X"}, "client_secret_env", "given twice"),
        (ANY, {"any_audience": False}, "kind", "accepts tokens of every app"),
        (ANY, {"audience": "aud"}, "audience", "none is set"),
        (ANY, {"client_ids": ("1",)}, "client_ids", "none is set"),
        (SIGNED, {"client_secret_env": None}, "kind", "needs a client_secret"),
        (SIGNED, {"client_ids": ("1", "2")}, "client_ids", "belongs to one client id"),
        (SIGNED, {"tokeninfo": "https://e.example/"}, "tokeninfo", "nothing that a provider of kind oauth1 reads"),
        (OIDC, {"issuer": "http://a.example"}, "issuer", "over https"),
        (OIDC, {"issuer": "https://a.example:8443"}, "issuer", "8443 is not among egress.ports"),
    ],
)
def test_a_contradiction_is_found(provider: Provider, changes: dict[str, Any], about: str, message: str) -> None:
    ((place, said),) = found(replace(provider, **changes))
    assert place == f"provider.0.{about}"
    assert message in said


def test_one_name_means_one_provider_to_a_tenant() -> None:
    other = replace(ANY, name=OIDC.name)
    assert found(OIDC, other) == [("provider.1.name", "a is configured twice for the same tenant")]
    assert found(OIDC, replace(other, tenants=("acme",))) == []


def test_places_on_this_machine_are_for_development() -> None:
    local = replace(OIDC, issuer="http://127.0.0.1:9000")
    allow = Egress(allow=("127.0.0.1:9000",))
    assert found(local, egress=allow, development=True) == []
    assert found(local, egress=allow) == [("egress.allow", "egress.allow is for development = true")]
    ((place, _),) = found(local, development=True)
    assert place == "provider.0.issuer"
