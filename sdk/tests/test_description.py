import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse_verify.answers import Answer
from tokenhouse_verify.description import MAX_BODY_BYTES, MAX_DESCRIPTION_BYTES, DescriptionError, read_description
from tokenhouse_verify.ways import Place, Source

GOOD = {
    "contract": "acme",
    "ways": [
        {"token": [{"header": "Authorization", "scheme": "bearer"}, {"header": "x_key", "strip": "Bearer "}]},
        {"client_id": [{"query": "id"}], "client_secret": [{"cookie": "s"}]},
        {"device_key": [{"header": "devicekey"}]},
        {"device_key": [{"header": "devicekey2"}], "device": [{"query": "d", "strip": "x"}]},
    ],
    "errors": {
        "no_token": {"status": 401, "headers": {"content-type": "text/plain"}, "body": "é"},
        "busy": {"status": 503},
    },
}


def test_what_is_read():
    read = read_description(json.dumps(GOOD))
    assert read == read_description(GOOD) == read_description(json.dumps(GOOD).encode())
    assert read.contract == "acme"
    assert [way.kind for way in read.ways] == ["token", "client_secret", "device_key", "device_key"]
    assert read.ways[0].roles["token"] == (
        Source(Place("header", "authorization"), "bearer"),
        Source(Place("header", "x-key"), None, "Bearer "),
    )
    assert read.ways[1].places == {Place("query", "id"), Place("cookie", "s")}
    assert read.errors == {
        "no_token": Answer(401, (("content-type", "text/plain"),), "é".encode()),
        "busy": Answer(503, (), b""),
    }
    assert read_description({key: GOOD[key] for key in ("contract", "ways")}).errors == {}


def changed(path: list, value: object) -> dict:
    told = copy.deepcopy(GOOD)
    place = told
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return told


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (["contract"], None, "contract is missing"),
        (["ways"], None, "ways is missing"),
        (["more"], 1, "unknown key 'more'"),
        (["contract"], 7, "contract: not what"),
        (["contract"], "a b", "contract: not what"),
        (["contract"], "standard", "contract: 'standard'"),
        (["ways"], [], "ways: a list"),
        (["ways"], {}, "ways: a list"),
        (["ways"], [GOOD["ways"][2]] * 17, "ways: a list"),
        (["ways", 0], "token", "ways[0]: an object"),
        (["ways", 0], {}, "ways[0]: exactly one of token"),
        (["ways", 0], {"client_id": [{"header": "a"}]}, "ways[0]: exactly one of token"),
        (["ways", 0, "device_key"], [{"header": "a"}], "ways[0]: exactly one of token"),
        (["ways", 0, "client_id"], [{"header": "a"}], "ways[0]: unknown key 'client_id'"),
        (["ways", 1, "client_id"], None, "ways[1]: client_secret needs client_id"),
        (["ways", 2, "user"], [{"header": "a"}], "ways[2]: unknown key 'user'"),
        (["ways", 2, "device_key"], [], "ways[2].device_key: a list"),
        (["ways", 2, "device_key"], {"header": "a"}, "ways[2].device_key: a list"),
        (["ways", 2, "device_key"], [{"header": "a"}] * 9, "ways[2].device_key: a list"),
        (["ways", 0, "token", 0], {"header": "a", "query": "b"}, "ways[0].token[0]: exactly one of header"),
        (["ways", 0, "token", 0], {"body": "a"}, "ways[0].token[0]: exactly one of header"),
        (["ways", 0, "token", 0, "header"], "a b", "ways[0].token[0].header: not what"),
        (["ways", 0, "token", 0, "header"], 7, "ways[0].token[0].header: not what"),
        (["ways", 0, "token", 0, "scheme"], "Bearer", "ways[0].token[0].scheme: not what"),
        (["ways", 0, "token", 0, "strip"], "Bearer ", "ways[0].token[0]: scheme or strip"),
        (["ways", 0, "token", 1, "strip"], "", "ways[0].token[1].strip: not what"),
        (["ways", 1, "client_id", 0, "scheme"], "a", "ways[1].client_id[0]: unknown key 'scheme'"),
        (["ways", 1, "client_id", 0, "query"], "a b", "ways[1].client_id[0].query: not what"),
        (["errors"], [], "errors: an object"),
        (["errors", "unheard_of"], {"status": 400}, "errors.unheard_of: no such cause"),
        (["errors", "busy", "status"], None, "errors.busy: status is missing"),
        (["errors", "busy", "more"], 1, "errors.busy: unknown key 'more'"),
        (["errors", "busy", "status"], 199, "errors.busy.status"),
        (["errors", "busy", "status"], 600, "errors.busy.status"),
        (["errors", "busy", "status"], True, "errors.busy.status"),
        (["errors", "busy", "status"], "401", "errors.busy.status"),
        (["errors", "busy", "body"], 7, "errors.busy.body"),
        (["errors", "busy", "body"], "a" * (MAX_BODY_BYTES + 1), "errors.busy.body"),
        (["errors", "busy", "headers"], [], "errors.busy.headers: an object"),
        (["errors", "busy", "headers"], {7: "a"}, "errors.busy.headers: an object"),
        (["errors", "busy", "headers"], {f"h{n}": "a" for n in range(33)}, "errors.busy.headers: at most"),
        (["errors", "busy", "headers"], {"a b": "a"}, "errors.busy.headers: not what"),
        (["errors", "busy", "headers"], {"a": "b\r\nc: d"}, "errors.busy.headers.a: not what"),
        (["errors", "busy", "headers"], {"a": 7}, "errors.busy.headers.a: not what"),
        (["errors", "busy", "headers"], {"Content-Length": "7"}, "errors.busy.headers.Content-Length: belongs"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(path, value, where):
    with pytest.raises(DescriptionError) as caught:
        read_description(changed(path, value))
    assert str(caught.value).startswith(where) or where in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"contract":"a","contract":"b"}', b"\xff", "\ud800"])
def test_what_is_no_object(text):
    with pytest.raises(DescriptionError, match="not one JSON object"):
        read_description(text)


def test_what_is_too_large():
    with pytest.raises(DescriptionError, match="256 KiB"):
        read_description(" " * (MAX_DESCRIPTION_BYTES + 1))


_KEYS = st.sampled_from(["contract", "ways", "errors", "token", "header", "status", "acme"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | _KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_KEYS, _JSON, max_size=4) | st.builds(lambda way: GOOD | {"ways": [way]}, _JSON))
def test_anything_is_read_or_refused(told):
    try:
        read = read_description(told)
    except DescriptionError:
        return
    assert read.ways
