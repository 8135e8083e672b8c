import pytest

from tokenhouse.wire.dialect.calls import compile_call
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.scope import Compiled
from tokenhouse.wire.dialect.values import ABSENT, OMIT, Fault, Kind


def value(content, kind=Kind.ANY, **options):
    return Compiled(lambda _: content, kind, **options)


def test_kinds_are_checked_again_at_run_time():
    assert compile_call("lower", [value("A")]).run(None) == "a"
    assert compile_call("lower", [value(1)]).run(None) is ABSENT
    assert compile_call("abs", [value(content=True)]).run(None) is ABSENT
    assert compile_call("pad_left", [value("a"), value(content=True), value("0")]).run(None) is ABSENT
    assert compile_call("pad_left", [value("a"), value(ABSENT), value("0")]).run(None) is ABSENT


def test_data_is_text_or_bytes():
    for given in (value("a", Kind.TEXT), value(b"a", Kind.BYTES), value("a")):
        assert compile_call("hex", [given]).run(None) == "61"
    with pytest.raises(Complaint):
        compile_call("hex", [value(1, Kind.INT)])


@pytest.mark.parametrize(
    ("name", "count"), [("lower", 0), ("lower", 2), ("iso8601", 3), ("default", 1), ("default", 3)]
)
def test_a_wrong_number_of_arguments(name, count):
    with pytest.raises(Complaint) as found:
        compile_call(name, [value("a")] * count)

    assert found.value.code is Code.TYPE
    assert f"not {count}" in found.value.message


def test_what_is_known_of_the_arguments_is_known_of_the_call():
    call = compile_call("join", [value([], Kind.LIST, names=frozenset({"a"}), place="p"), value(",", constant=True)])
    assert (call.kind, call.names, call.place, call.constant) == (Kind.TEXT, {"a"}, "p", False)
    assert compile_call("lower", [value("A", constant=True)]).constant


def test_default_catches_what_is_absent_only():
    assert compile_call("default", [value(ABSENT), value(1)]).run(None) == 1
    assert compile_call("default", [value(None), value(1)]).run(None) is None
    omitting = compile_call("default", [value("x", Kind.TEXT), value(OMIT, Kind.NULL, omits=True)])
    assert (omitting.omits, omitting.kind) == (True, Kind.TEXT)


def test_what_grows_too_large_is_a_fault():
    with pytest.raises(Fault):
        compile_call("hex", [value("a" * 40_000)]).run(None)
    with pytest.raises(Fault):
        compile_call("utf8", [value(b"a" * 70_000)]).run(None)
    with pytest.raises(Fault):
        compile_call("replace", [value("a" * 70_000), value("b"), value("")]).run(None)
    with pytest.raises(Fault):
        compile_call("pairs", [value({"a": "b" * 65_000}), value("=" * 600), value("&")]).run(None)


def test_a_function_that_cannot_is_absent():
    assert compile_call("json", [value(b"bytes")]).run(None) is ABSENT
    assert compile_call("without", [value({"a": 1}), value([[]])]).run(None) == {"a": 1}
    assert compile_call("pick", [value({"a": 1}), value([[]])]).run(None) == {}
