from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse_verify.claims import ClaimsPolicy
from tokenhouse_verify.errors import InvalidToken, Reason

NOW = 1_800_000_000
OPEN = ClaimsPolicy(issuer=None, audience=None)
CLOSED = ClaimsPolicy(issuer="https://id.test", audience="api")


def refused(policy: ClaimsPolicy, **claims) -> Reason:
    with pytest.raises(InvalidToken) as caught:
        policy.admit(claims, NOW)
    return caught.value.reason


def test_what_is_admitted_says_what_it_says():
    claims = {"iss": "https://id.test", "aud": ["x", "api"], "sub": "alice", "client_id": "app", "exp": NOW + 5}
    token = CLOSED.admit({**claims, "scope": "a b a"}, NOW)
    assert (token.sub, token.client_id, token.scope) == ("alice", "app", ("a", "b"))
    assert token.expires_at == datetime.fromtimestamp(NOW + 5, UTC)
    assert token.claims["aud"] == ["x", "api"]
    assert not hasattr(token.claims, "update")


def test_a_contract_may_name_nobody_and_no_end():
    token = OPEN.admit({}, NOW)
    assert (token.sub, token.client_id, token.scope, token.expires_at) == (None, None, (), None)


@pytest.mark.parametrize(
    ("scope", "read"),
    [("", ()), (None, ()), ([], ()), ("a", ("a",)), ("a b", ("a", "b")), (["a", "b", "a"], ("a", "b"))],
)
def test_scope_is_a_string_or_an_array(scope, read):
    assert OPEN.admit({"scope": scope}, NOW).scope == read


@pytest.mark.parametrize("scope", [7, True, {"a": 1}, " ", "a  b", " a", "a\tb", 'a"', ["a b"], [""], [1], [None], "é"])
def test_any_other_scope_is_refused(scope):
    assert refused(OPEN, scope=scope) is Reason.BAD_CLAIM


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value", ["123", str(NOW), 1e308, float(NOW), True, False, None, -1, 2**63, 2**64, 253402300800, [NOW], {}]
)
def test_times_are_whole_seconds_of_this_era(name, value):
    assert refused(OPEN, **{name: value}) is Reason.BAD_CLAIM


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("exp", NOW - 10, Reason.EXPIRED),
        ("exp", NOW - 9, None),
        ("exp", 0, Reason.EXPIRED),
        ("exp", 253402300799, None),
        ("nbf", NOW + 10, None),
        ("nbf", NOW + 11, Reason.NOT_YET_VALID),
        ("iat", NOW + 10, None),
        ("iat", NOW + 11, Reason.NOT_YET_VALID),
        ("iat", NOW + 61, Reason.NOT_YET_VALID),
    ],
)
def test_the_boundaries_of_time(claim, value, reason):
    if reason is None:
        assert OPEN.admit({claim: value}, NOW).claims == {claim: value}
    else:
        assert refused(OPEN, **{claim: value}) is reason


@pytest.mark.parametrize("iss", [None, "", "https://id.test/", "HTTPS://id.test", ["https://id.test"], 1])
def test_the_issuer_is_exactly_the_one(iss):
    assert refused(CLOSED, iss=iss, aud="api") is Reason.WRONG_ISSUER


@pytest.mark.parametrize("aud", ["", "API", "api ", "apix", [], ["ap", "i"]])
def test_another_audience_is_refused(aud):
    assert refused(CLOSED, iss="https://id.test", aud=aud) is Reason.WRONG_AUDIENCE


def test_no_audience_is_not_ours():
    assert refused(CLOSED, iss="https://id.test") is Reason.WRONG_AUDIENCE


@pytest.mark.parametrize("aud", [None, 1, {"api": 1}, ["api", 1], [["api"]]])
def test_an_audience_of_another_type_is_refused(aud):
    assert refused(CLOSED, iss="https://id.test", aud=aud) is Reason.BAD_CLAIM


@pytest.mark.parametrize("name", ["sub", "client_id"])
@pytest.mark.parametrize("value", [1, ["alice"], {}, True])
def test_names_are_text(name, value):
    assert refused(OPEN, **{name: value}) is Reason.BAD_CLAIM


@pytest.mark.parametrize("leeway", [timedelta(seconds=-1), timedelta(seconds=61)])
def test_leeway_is_bounded(leeway):
    with pytest.raises(ValueError, match="leeway"):
        ClaimsPolicy(None, None, leeway)


@pytest.mark.parametrize(("issuer", "audience"), [("", None), (None, "")])
def test_empty_names_are_a_mistake(issuer, audience):
    with pytest.raises(ValueError, match="empty"):
        ClaimsPolicy(issuer, audience)


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_NAMES = st.sampled_from(["iss", "aud", "sub", "exp", "nbf", "iat", "scope", "client_id", "jti"])


@given(st.dictionaries(_NAMES, _ANY), st.sampled_from([OPEN, CLOSED]))
def test_any_claims_are_admitted_or_refused(claims, policy):
    try:
        token = policy.admit(claims, NOW)
    except InvalidToken:
        return
    assert policy is OPEN or claims["iss"] == "https://id.test"
    assert all(isinstance(name, str) for name in token.scope)
