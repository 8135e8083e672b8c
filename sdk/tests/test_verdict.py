import pytest

from tokenhouse_verify.claims import ClaimsPolicy
from tokenhouse_verify.credential import Credential
from tokenhouse_verify.errors import InvalidToken, Reason, Unavailable
from tokenhouse_verify.verdict import require_good

NOW = 1_800_000_000.0
POLICY = ClaimsPolicy("https://id.test", "api")
TOKEN = Credential("token", "t")
PAIR = Credential("client_secret", "s", "app")
KEY = Credential("device_key", "k", "lamp")
NAMELESS = Credential("device_key", "k")
GOOD_PAIR = {"active": True, "token_type": "client_secret", "client_id": "app", "scope": "a b"}
GOOD_KEY = {"active": True, "token_type": "device_key", "device": "lamp", "sub": "alice"}


def test_a_pair_and_a_key():
    pair = require_good(GOOD_PAIR, PAIR, POLICY, NOW)
    assert (pair.kind, pair.client_id, pair.scope, pair.device) == ("client_secret", "app", ("a", "b"), None)
    for credential in (KEY, NAMELESS):
        key = require_good(GOOD_KEY, credential, POLICY, NOW)
        assert (key.kind, key.device, key.sub, key.client_id) == ("device_key", "lamp", "alice", None)


def test_a_token_must_name_us():
    good = {"active": True, "token_type": "Bearer", "aud": "api", "iss": "https://id.test"}
    assert require_good(good, TOKEN, POLICY, NOW).kind == "token"
    for name, reason in (("aud", Reason.WRONG_AUDIENCE), ("iss", Reason.WRONG_ISSUER)):
        with pytest.raises(InvalidToken) as caught:
            require_good({key: value for key, value in good.items() if key != name}, TOKEN, POLICY, NOW)
        assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("answer", "credential", "reason"),
    [
        ({"active": False}, PAIR, Reason.INACTIVE),
        (GOOD_PAIR | {"token_type": "Bearer"}, PAIR, Reason.OTHER_CREDENTIAL),
        (GOOD_PAIR | {"token_type": None}, PAIR, Reason.OTHER_CREDENTIAL),
        (GOOD_KEY, PAIR, Reason.OTHER_CREDENTIAL),
        (GOOD_PAIR, KEY, Reason.OTHER_CREDENTIAL),
        (GOOD_PAIR, TOKEN, Reason.NOT_AN_ACCESS_TOKEN),
        (GOOD_PAIR | {"client_id": "other"}, PAIR, Reason.OTHER_CREDENTIAL),
        (GOOD_PAIR | {"client_id": None}, PAIR, Reason.OTHER_CREDENTIAL),
        (GOOD_PAIR | {"aud": "other"}, PAIR, Reason.WRONG_AUDIENCE),
        (GOOD_PAIR | {"iss": "https://other.test"}, PAIR, Reason.WRONG_ISSUER),
        (GOOD_PAIR | {"exp": int(NOW) - 60}, PAIR, Reason.EXPIRED),
        (GOOD_KEY | {"device": "other"}, KEY, Reason.OTHER_CREDENTIAL),
        (GOOD_KEY | {"device": 7}, KEY, Reason.BAD_CLAIM),
    ],
)
def test_what_is_not_what_was_presented(answer, credential, reason):
    with pytest.raises(InvalidToken) as caught:
        require_good(answer, credential, POLICY, NOW)
    assert caught.value.reason is reason


@pytest.mark.parametrize("active", [None, "true", 1])
def test_an_answer_that_does_not_say(active):
    with pytest.raises(Unavailable):
        require_good(GOOD_PAIR | {"active": active}, PAIR, POLICY, NOW)
