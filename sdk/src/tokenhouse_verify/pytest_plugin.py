"""The pytest plugin: ``tokenhouse_issuer`` stands in for the issuer that the application under test names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tokenhouse_verify.testing import Issuer

_URL, _AUDIENCE = "tokenhouse_issuer", "tokenhouse_audience"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two settings."""
    parser.addini(_URL, "issuer that tokenhouse_issuer answers for", default="https://issuer.test")
    parser.addini(_AUDIENCE, "audience of its tokens", default="https://api.test")


@pytest.fixture(scope="session")
def tokenhouse_issuer(pytestconfig: pytest.Config) -> Iterator[Issuer]:
    """An issuer that mints tokens and answers in this process, so that nothing goes through the network.

    One for the whole run: an application keeps the keys that it has found, and does not ask for others at once.
    """
    issuer = Issuer(pytestconfig.getini(_URL), audience=pytestconfig.getini(_AUDIENCE) or None)
    with issuer.in_process():
        yield issuer
