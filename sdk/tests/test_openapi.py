import pytest

from tokenhouse_verify.gate import Requirement
from tokenhouse_verify.openapi import Schemes
from tokenhouse_verify.presentation import Presentation

ACME = Presentation.load(
    {
        "contract": "acme",
        "ways": [
            {"token": [{"header": "authorization", "scheme": "bearer"}]},
            {"token": [{"header": "authorization2"}, {"cookie": "sid"}]},
            {"client_id": [{"header": "app!id"}], "client_secret": [{"header": "app!secret"}]},
            {"device_key": [{"query": "key"}]},
        ],
    }
)
RAW = Presentation.load({"contract": "raw", "ways": [{"token": [{"header": "authorization"}]}]})


def shown(presentation: Presentation, requirement: Requirement = Requirement(), token_url=None):  # noqa: B008 - frozen
    schemes = Schemes(token_url).of(presentation, requirement)
    return {
        scheme.scheme_name: scheme.model.model_dump(mode="json", by_alias=True, exclude_none=True) for scheme in schemes
    }


def test_the_standard_one():
    assert shown(Presentation()) == {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    assert shown(Presentation.standard(["X-Token"])) == {
        "standard-x-token": {"type": "apiKey", "in": "header", "name": "x-token"}
    }


def test_with_a_token_url_every_scope_is_listed():
    schemes = Schemes("https://id.test/token")
    for scope in (("a",), ("b", "a"), ()):
        (scheme,) = schemes.of(Presentation(), Requirement(scope))
    flow = scheme.model.flows.clientCredentials
    assert (scheme.scheme_name, flow.tokenUrl, flow.scopes) == ("oauth2", "https://id.test/token", {"a": "", "b": ""})


def test_a_dialects_ways():
    assert shown(ACME) == {
        "acme-authorization": {"type": "http", "scheme": "bearer"},
        "acme-authorization2": {"type": "apiKey", "in": "header", "name": "authorization2"},
        "acme-sid": {"type": "apiKey", "in": "cookie", "name": "sid"},
        "acme-app_secret": {
            "type": "apiKey",
            "in": "header",
            "name": "app!secret",
            "description": "together with app!id",
        },
        "acme-key": {"type": "apiKey", "in": "query", "name": "key"},
    }
    assert shown(RAW) == {"raw-authorization": {"type": "apiKey", "in": "header", "name": "authorization"}}


def test_what_an_endpoint_does_not_take_is_not_shown():
    assert shown(ACME, Requirement(kinds=frozenset({"device_key"}))).keys() == {"acme-key"}


def test_of_two_contracts_at_one_place_the_first():
    assert "acme-authorization" not in shown(Presentation().beside(ACME))
    assert "bearer" not in shown(ACME.beside(Presentation()))


@pytest.mark.parametrize("token_url", [None, "https://id.test/token"])
async def test_a_scheme_looks_at_nothing(token_url):
    (scheme,) = Schemes(token_url).of(Presentation(), Requirement())
    assert await scheme() is None
