import json

import pytest

from tokenhouse_verify.fetch import FetchError, answering
from tokenhouse_verify.metadata import find_endpoint


def speak(**metadata):
    def answer(path, form):
        assert (path, form) == ("/.well-known/oauth-authorization-server/a", {})
        return json.dumps({"issuer": "https://id.test/a", **metadata}).encode()

    return answering("https://id.test", answer)


def test_where_the_issuer_can_be_asked():
    with speak(introspection_endpoint="https://id.test/x"):
        assert find_endpoint("https://id.test/a", "introspection_endpoint") == "https://id.test/x"


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({}, "without introspection_endpoint"),
        ({"introspection_endpoint": 7}, "without introspection_endpoint"),
        ({"introspection_endpoint": "http://id.test/x"}, "not safe"),
        ({"introspection_endpoint": "https://id.test/x", "issuer": "https://id.test/b"}, "another issuer"),
    ],
)
def test_metadata_that_do_not_say(metadata, why):
    with speak(**metadata), pytest.raises(FetchError, match=why):
        find_endpoint("https://id.test/a", "introspection_endpoint")
