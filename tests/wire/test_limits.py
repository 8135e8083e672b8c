"""Each bound, at the last value that passes and the first that does not."""

from base64 import b64encode

import pytest

from tokenhouse.protocol.refusals import InvalidRequest, TooLarge
from tokenhouse.wire import limits
from tokenhouse.wire.accept import choose
from tokenhouse.wire.basic import read_basic
from tokenhouse.wire.form import read_form
from tokenhouse.wire.json_body import read_json
from tokenhouse.wire.xml_body import read_xml


def form_of_fields(count):
    return read_form("&".join(f"f{i}=v" for i in range(count)).encode())


def form_value(count):
    return read_form(b"v=" + b"x" * count)


def form_value_decoded(count):
    return read_form(b"v=" + b"%C3%A9" * (count // 2) + b"x" * (count % 2))


def json_of_members(count):
    return read_json(("{" + ",".join(f'"m{i}":1' for i in range(count)) + "}").encode())


def json_value(count):
    return read_json(b'{"a":["' + b"x" * count + b'"]}')


def json_key(count):
    return read_json(b'{"' + b"x" * count + b'":1}')


def json_depth(count):
    return read_json(b'{"a":' + b"[" * (count - 1) + b"]" * (count - 1) + b"}")


def xml_elements(count):
    return read_xml(b"<r>" + b"<e/>" * (count - 1) + b"</r>")


def xml_depth(count):
    return read_xml(b"<e>" * count + b"</e>" * count)


def xml_value(count):
    return read_xml(b"<e>" + b"x" * count + b"</e>")


def xml_attribute(count):
    return read_xml(b'<e a="' + b"x" * count + b'"/>')


@pytest.mark.parametrize(
    ("read", "limit", "refusal"),
    [
        (form_of_fields, limits.FIELDS, InvalidRequest),
        (form_value, limits.VALUE_BYTES, TooLarge),
        (form_value_decoded, limits.VALUE_BYTES, TooLarge),
        (json_of_members, limits.FIELDS, InvalidRequest),
        (json_value, limits.VALUE_BYTES, TooLarge),
        (json_key, limits.VALUE_BYTES, TooLarge),
        (json_depth, limits.JSON_DEPTH, InvalidRequest),
        (xml_elements, limits.FIELDS, InvalidRequest),
        (xml_depth, limits.XML_DEPTH, InvalidRequest),
        (xml_value, limits.VALUE_BYTES, TooLarge),
        (xml_attribute, limits.VALUE_BYTES, TooLarge),
    ],
)
def test_a_bound_holds_exactly(read, limit, refusal):
    assert read(limit) is not None
    with pytest.raises(refusal):
        read(limit + 1)


def test_integers_are_of_64_bits():
    largest = limits.JSON_INTEGER - 1
    assert read_json(b'{"a":[%d,%d]}' % (largest, -largest)) == {"a": [largest, -largest]}
    with pytest.raises(InvalidRequest):
        read_json(b'{"a":%d}' % limits.JSON_INTEGER)


def test_a_basic_header_is_bounded():
    assert read_basic(b"Basic " + b64encode(b"a:".ljust(limits.BASIC_BYTES * 3 // 4, b"x"))) is not None
    assert read_basic(b"Basic " + b64encode(b"a:".ljust(limits.BASIC_BYTES * 3 // 4 + 3, b"x"))) is None


def test_ranges_behind_the_last_are_not_looked_at():
    others = ",".join(f"a/b{i}" for i in range(limits.ACCEPT_RANGES - 1))
    assert choose(f"{others},c/d", ["c/d"]) == "c/d"
    assert choose(f"{others},e/f,c/d", ["c/d"]) is None
