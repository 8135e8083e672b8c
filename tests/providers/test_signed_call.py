"""The call that tells whose token it is, signed.

Spec: RFC 5849 §3.4, §3.5.1. The signature is computed anew here, by hand.
"""

from __future__ import annotations

import base64
import hmac
import re
from urllib.parse import quote, unquote

import pytest

from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.protocol.messages import ProviderProof
from tokenhouse.protocol.secret import Secret
from tokenhouse.providers.identity import ProvenIdentity
from tokenhouse.providers.refused import ProofRefused, Reason
from tokenhouse.providers.signed_call import SignedCallProvider

SECRETS = {"key": "consumer&secret", "nnch734d00sl2jdk": "pfkkdhi9sl3r4s50"}


def is_signed(asked, url: str) -> bool:
    """Verify a call as a provider does: RFC 5849 §3.2."""
    head = asked.headers.get("authorization", "")
    said = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', head.removeprefix("OAuth "))}
    signature = said.pop("oauth_signature", "")
    pairs = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in {**said, **asked.query}.items())
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    text = "&".join((asked.method, quote(url, safe="~"), quote(joined, safe="~")))
    secrets = (SECRETS.get(said.get(name, ""), "") for name in ("oauth_consumer_key", "oauth_token"))
    key = "&".join(quote(secret, safe="~") for secret in secrets)
    expected = base64.b64encode(hmac.digest(key.encode(), text.encode(), "sha1")).decode()
    return hmac.compare_digest(signature, expected) and said["oauth_signature_method"] == "HMAC-SHA1"


@pytest.fixture
def ask(egress, elsewhere, settings, now):
    def routes(asked):
        return (200, {"id_str": "7", "name": "Ann"}) if is_signed(asked, elsewhere.url + "/verify") else (401, {})

    elsewhere.routes["/verify"] = routes
    given = settings(
        "oauth1",
        userinfo=elsewhere.url + "/verify?include_email=true&skip_status=a%20b",
        subject="id_str",
        display_name="name",
        client_ids=("key",),
        client_secret=Secret("consumer&secret"),
    )

    async def ask_(secret: str = "pfkkdhi9sl3r4s50", token: str = "nnch734d00sl2jdk") -> ProvenIdentity:
        proof = ProviderProof("somebody", Secret(token), Secret(secret))
        return await SignedCallProvider(given, egress).prove(proof, now)

    return ask_


async def test_the_owner_of_both_secrets_is_told(ask, elsewhere, now) -> None:
    assert await ask() == ProvenIdentity("somebody", "7", name="Ann")
    (asked,) = elsewhere.asked
    assert asked.method == "GET"
    assert f'oauth_timestamp="{int(now.timestamp())}"' in asked.headers["authorization"]


async def test_no_nonce_comes_twice(ask, elsewhere) -> None:
    for _ in range(3):
        await ask()
    nonces = {re.search(r'oauth_nonce="(\w{32})"', asked.headers["authorization"])[1] for asked in elsewhere.asked}
    assert len(nonces) == 3


@pytest.mark.parametrize("wrong", [{"secret": "wrong"}, {"token": "another"}, {"secret": "pfkkdhi9sl3r4s50&"}])
async def test_a_wrong_secret_is_turned_away(ask, wrong) -> None:
    with pytest.raises(ProofRefused) as raised:
        await ask(**wrong)
    assert raised.value.reason is Reason.TURNED_AWAY


async def test_a_provider_that_fails(ask, elsewhere) -> None:
    elsewhere.routes["/verify"] = lambda _: (500, {})
    with pytest.raises(EgressError) as raised:
        await ask()
    assert raised.value.failure is Failure.BAD_STATUS


def test_what_it_needs_and_takes() -> None:
    assert SignedCallProvider.needs == SignedCallProvider.takes == {"access_token", "access_secret"}
