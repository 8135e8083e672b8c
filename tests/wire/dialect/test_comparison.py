import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.exchange import HttpAnswer
from tokenhouse.wire.dialect.comparison import compare, compare_decoded, require_known_forms
from tokenhouse.wire.dialect.complaint import Complaint


def answer(body="", status=200, headers=()):
    return HttpAnswer(status, tuple(headers), body.encode())


def diff(body, expected, captures=None, **options):
    return compare(answer(body), f"200\n\n{expected}", captures or {}, **options).diff


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"a":1,"b":[true,null]}', '{ "a": 1,\n "b": [ true, null ] }'),
        ('{"a":"0f"}', '{ "a": "{hex:2}" }'),
        ('{"a":"x-0f"}', '{ "a": "x-{hex:2}" }'),
        ('{"a":12}', '{ "a": {int} }'),
        ('{"a":{}}', '{ "a": {} }'),
        ('{"a":"0f0f"}', '{ "a": "{hex:2..8}" }'),
        ("<a>\n <b>1</b>\n</a>", "<a><b>{int}</b></a>"),
        ('<a x="1"  y="2"/>', '<a x="1" y="2"/>'),
        ("a=1&b=0f", "a=1&b={hex:2}"),
        ("plain", " plain "),
        ("", ""),
        ("[unbalanced text", "[unbalanced text"),
        ('"bare"', '"{any}"'),
    ],
)
def test_what_is_as_expected(body, expected):
    assert diff(body, expected) == ""


@pytest.mark.parametrize(
    ("body", "expected", "says"),
    [
        ('{"a":1}', '{"a":2}', "body at byte 5"),
        ('{"b":1,"a":2}', '{"a":2,"b":1}', "body at byte 1"),
        ('{"a":"1"}', '{"a":1}', "expected 1"),
        ('{"a":"0F"}', '{"a":"{hex:2}"}', 'answered "0F"'),
        ('{"a":"a b"}', '{"a":"ab"}', "body at byte 5"),
        ('{"a":"\\u00e9"}', '{"a":"é"}', "body at byte 5"),
        ('{"é":1,"a":1}', '{"é":1,"a":2}', "body at byte 12"),
        ('{"a":1}', '{"a":1,"b":2}', "expected ,"),
        ("[1]", "[1] 2", "ends too early"),
        ("[1] 2", "[1]", "goes on at byte 4"),
        ("<a> x</a>", "<a>x</a>", "body at byte 3"),
        ("<a></a>", "<a/>", "body at byte 0"),
    ],
)
def test_what_differs(body, expected, says):
    assert says in diff(body, expected)


def test_status_and_headers():
    found = compare(answer('{"why":1}', 400), "200\n\n{}", {}).diff
    assert "expected 200" in found
    assert '{"why":1}' in found
    headed = answer(headers=[(b"Status", b"200"), (b"x", b"1"), (b"x", b"2")])
    assert compare(headed, "200\nstatus: 200\nx: 2", {}).diff == ""
    assert "header x" in compare(headed, "200\nx: 3", {}).diff
    assert "missing" in compare(headed, "200\ny: 3", {}).diff


def test_captures_are_kept_and_compared():
    found = compare(
        answer('{"a":"0f","b":"0f","c":"1"}'), '200\n\n{"a":"{r=hex:2}","b":"{r}","c":"{old}"}', {"old": "1"}
    )

    assert found.diff == ""
    assert found.captures == {"old": "1", "r": "0f"}
    assert "body at byte" in diff('{"a":"0f","b":"0e"}', '{"a":"{r=hex:2}","b":"{r}"}')


def test_exactly_means_white_space_too():
    assert diff('{"a": 1}', '{"a": 1}', exact=True) == ""
    assert "body" in diff('{"a":1}', '{"a": 1}', exact=True)
    assert diff('{"a":1}', '{"a":{int}}', exact=True) == ""


def jwt(header, claims):
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + ".s"


def test_a_token_is_looked_into():
    token = jwt({"alg": "ES256", "typ": "x"}, {"iss": "i", "exp": 5})

    assert compare_decoded(token, "header", '{"alg":"ES256","typ":"x"}', {}).diff == ""
    assert compare_decoded("Bearer " + token, "claims", '{"iss":"i","exp":{int}}', {}).diff == ""
    assert "decoded header" in compare_decoded(token, "header", '{"typ":"x","alg":"ES256"}', {}).diff
    assert "no JWT" in compare_decoded("nonsense", "claims", "{}", {}).diff
    assert "no JWT" in compare_decoded("\xff.\xff.", "header", "{}", {}).diff


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_characters="{", exclude_categories=["Cs"]), max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=6), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES, st.sampled_from([None, 1, 4]))
def test_json_is_as_expected_whatever_its_white_space(value, indent):
    assert diff(json.dumps(value), json.dumps(value, indent=indent)) == ""


@given(st.dictionaries(st.text("abc", min_size=1, max_size=6), st.integers(), min_size=1, max_size=4), st.integers())
def test_another_value_is_seen(value, other):
    changed = {**value, next(iter(value)): other}

    assert (diff(json.dumps(changed), json.dumps(value)) == "") is (changed == value)


@pytest.mark.parametrize(("text", "hint"), [("a {hx:64}", "hex"), ("a {t=jtw}", "jwt"), ("a {t=zzz:9}", "one of: hex")])
def test_an_unknown_form_is_refused(text, hint):
    with pytest.raises(Complaint) as caught:
        require_known_forms(text)
    assert caught.value.offset == len("a ")
    assert hint in caught.value.hint


def test_known_forms_captures_and_plain_braces_are_none_of_its_business():
    require_known_forms('{ "a": "{t=hex:64}", "b": "{t}", "c": "{hex:1..4}", "d": {}, "e": "{jwt}" }')
