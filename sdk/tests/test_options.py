import pytest

from tokenhouse_verify.introspection import Introspection
from tokenhouse_verify.options import make_gate
from tokenhouse_verify.presentation import Presentation
from tokenhouse_verify.verifier import Verifier

URL = "https://id.test"
VERIFIER = Verifier(URL, audience="a")
ASKING = Introspection(URL, client_id="a", client_secret="b")
PAIR = {"client_id": "a", "client_secret": "b"}
DEVICES = Presentation.load({"contract": "acme", "ways": [{"device_key": [{"header": "k"}]}]})


@pytest.mark.parametrize(
    "options",
    [
        {"issuer": URL, "audience": "a"},
        {"issuer": URL, "audience": None},
        {"issuer": URL, "audience": "a", "mode": "jwt"},
        {"issuer": URL, "audience": "a", **PAIR},
        {"issuer": URL, "audience": "a", "mode": "introspection", **PAIR},
        {"issuer": URL, "audience": "a", "introspection": ASKING},
        {"verifier": VERIFIER, "introspection": ASKING},
        {"introspection": ASKING, "presentation": DEVICES},
        {"introspection": ASKING, "legacy": [DEVICES]},
        {"verifier": VERIFIER, "headers": ["X-Token"], "realm": "orders"},
    ],
    ids=range(10),
)
def test_what_goes_together(options):
    assert make_gate(**options).presentation.kinds


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "is needed"),
        ({"audience": "a", "verifier": VERIFIER}, "go with issuer"),
        ({"client_id": "a", "introspection": ASKING}, "go with issuer"),
        ({"mode": "auto", "introspection": ASKING}, "go with issuer"),
        ({"issuer": URL}, "goes with audience"),
        ({"issuer": URL, "audience": "a", "mode": "jwtt"}, "mode is one of auto, jwt, introspection"),
        ({"introspection": ASKING, "legacy": ["{}"]}, "list of presentations"),
        ({"introspection": ASKING, "legacy": DEVICES}, "list of presentations"),
        ({"issuer": URL, "audience": "a", "verifier": VERIFIER}, "without verifier"),
        ({"issuer": URL, "audience": "a", "client_id": "a"}, "go together"),
        ({"issuer": URL, "audience": "a", "mode": "jwt", **PAIR}, "for introspection"),
        ({"issuer": URL, "audience": "a", "mode": "introspection"}, "for introspection"),
        ({"issuer": URL, "audience": "a", "introspection": ASKING, **PAIR}, "goes without"),
        ({"issuer": URL, "audience": "a", "introspection": ASKING, "mode": "auto"}, "goes without"),
        ({"issuer": "http://id.test", "audience": "a"}, "https"),
        ({"verifier": VERIFIER, "legacy": [DEVICES]}, "needs introspection"),
        ({"verifier": VERIFIER, "presentation": DEVICES, "headers": ["X"]}, "one of the two"),
        ({"introspection": ASKING, "presentation": DEVICES, "legacy": [DEVICES]}, "named once"),
        ({"verifier": VERIFIER, "realm": 'a"b'}, "realm"),
        ({"verifier": VERIFIER, "headers": []}, "header names"),
    ],
)
def test_what_does_not(options, why):
    with pytest.raises(ValueError, match=why):
        make_gate(**options)
