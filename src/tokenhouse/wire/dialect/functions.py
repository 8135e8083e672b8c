"""The functions of the language: one row each, with its types, its documentation and an example that is a test.

Spec: the dialect language, section 3, Functions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, NamedTuple

from tokenhouse.wire.dialect import code_functions as code
from tokenhouse.wire.dialect import collection_functions as many
from tokenhouse.wire.dialect import text_functions as text
from tokenhouse.wire.dialect import time_functions as time
from tokenhouse.wire.dialect.values import Kind

_A, _T, _B, _I, _L, _O, _D = Kind.ANY, Kind.TEXT, Kind.BYTES, Kind.INT, Kind.LIST, Kind.OBJECT, Kind.DATA
_TIME, _SPAN, _TRUTH = Kind.TIME, Kind.DURATION, Kind.BOOL


class Function(NamedTuple):
    """One function: its arguments' kinds (``optional`` of them may be left out), its result, and one example."""

    name: str
    takes: tuple[Kind, ...]
    gives: Kind
    doc: str
    example: tuple[str, Any]
    apply: Callable[..., Any]
    optional: int = 0


_ABC: Final = "900150983cd24fb0d6963f7d28e17f72"
_SECOND, _MINUTE, _HOUR = (time.duration(timedelta(seconds=size)) for size in (1, 60, 3600))
_NOON: Final = "'2020-05-08T12:00:00Z' | from_iso8601"

_TEXT: Final = (
    Function("lower", (_T,), _T, "lower case", ("'AbC' | lower", "abc"), str.lower),
    Function("upper", (_T,), _T, "upper case", ("'AbC' | upper", "ABC"), str.upper),
    Function("trim", (_T,), _T, "without white space at the ends", ("' a ' | trim", "a"), str.strip),
    Function("replace", (_T, _T, _T), _T, "every a by b", ("'a-b' | replace('-', '+')", "a+b"), text.replace),
    Function("split", (_T, _T), _L, "parts between separators", ("'a:b' | split(':')", ["a", "b"]), text.split),
    Function("words", (_T,), _L, "parts between white space", ("' a  b' | words", ["a", "b"]), text.words),
    Function("join", (_L, _T), _T, "items as one text", ("['a', 1] | join(' ')", "a 1"), text.join),
    Function("before", (_T, _T), _T, "up to the first", ("'a:b:c' | before(':')", "a"), text.before),
    Function("after", (_T, _T), _T, "behind the first", ("'a:b:c' | after(':')", "b:c"), text.after),
    Function("before_last", (_T, _T), _T, "up to the last", ("'a:b:c' | before_last(':')", "a:b"), text.before_last),
    Function("after_last", (_T, _T), _T, "behind the last", ("'a:b:c' | after_last(':')", "c"), text.after_last),
    Function(
        "strip_prefix", (_T, _T), _T, "without it", ("'Bearer x' | strip_prefix('Bearer ')", "x"), text.strip_prefix
    ),
    Function("starts_with", (_T, _T), _TRUTH, "begins so", ("'abc' | starts_with('ab')", True), str.startswith),
    Function("ends_with", (_T, _T), _TRUTH, "ends so", ("'abc' | ends_with('ab')", False), str.endswith),
    Function("pad_left", (_T, _I, _T), _T, "filled to a length", ("'7' | pad_left(3, '0')", "007"), text.pad_left),
    Function("text", (_A,), _T, "a number as text, on purpose", ("17 | text", "17"), text.as_text),
    Function("int", (_A, _I), _I, "digits as a number", ("'2a' | int(16)", 42), text.integer, 1),
    Function("base", (_I, _I), _T, "a number in another base", ("42 | base(16)", "2a"), text.in_base),
    Function("abs", (_I,), _I, "without its sign", ("abs(-3)", 3), abs),
    Function("min", (_L,), _I, "the smallest", ("min([3, 1])", 1), text.smallest),
    Function("max", (_L,), _I, "the largest", ("max([3, 1])", 3), text.largest),
    Function("length", (_A,), _I, "how many", ("'abc' | length", 3), text.length),
)
_DIGESTS: Final = tuple(
    Function(name, (_D,), _B, "digest", (f"length('abc' | {name})", size), code.digest(name))
    for name, size in (("md5", 16), ("sha1", 20), ("sha256", 32), ("sha384", 48), ("sha512", 64))
) + tuple(
    Function(f"hmac_{name}", (_D, _D), _B, "keyed", (f"length(hmac_{name}('k', 'abc'))", size), code.keyed_digest(name))
    for name, size in (("md5", 16), ("sha1", 20), ("sha256", 32), ("sha512", 64))
)
_CODES: Final = (
    Function("hex", (_D,), _T, "hexadecimal", ("'abc' | md5 | hex", _ABC), code.to_hex),
    Function("base64", (_D,), _T, "base64, padded", ("'a' | base64", "YQ=="), code.to_base64),
    Function("base64url", (_D,), _T, "base64url, unpadded", ("'a' | base64url", "YQ"), code.to_base64url),
    Function("base32", (_D,), _T, "base32, unpadded", ("'a' | base32", "ME"), code.to_base32),
    Function("urlencode", (_D,), _T, "percent-encoded", ("'a b' | urlencode", "a%20b"), code.urlencode),
    Function("utf8", (_D,), _T, "bytes as text", ("'YQ==' | unbase64 | utf8", "a"), code.utf8),
    Function("unhex", (_T,), _B, "hexadecimal read", ("'61' | unhex", b"a"), code.from_hex),
    Function("unbase64", (_T,), _B, "base64 read strictly", ("'YQ==' | unbase64", b"a"), code.from_base64),
    Function("unbase64url", (_T,), _B, "base64url read strictly", ("'YQ' | unbase64url", b"a"), code.from_base64url),
    Function("urldecode", (_T,), _T, "percent-decoded", ("'a%20b+c' | urldecode", "a b+c"), code.urldecode),
    Function("form_decode", (_T,), _T, "form-decoded", ("'a+b%3A' | form_decode", "a b:"), code.form_decode),
    Function("json", (_A,), _T, "as JSON text", ("{'a': [1]} | json", '{"a":[1]}'), code.to_json),
    Function("from_json", (_D,), _O, "JSON text read", ("('{\"a\": 1}' | from_json)['a']", 1), code.from_json),
    Function("from_form", (_D,), _O, "form text read", ("('a=1' | from_form)['a']", "1"), code.from_form),
    Function("basic", (_T,), _O, "a bare Basic credential", ("('YTpi' | basic).user", "a"), code.basic_pair),
    Function("auth_params", (_T,), _O, "name=value pairs", ("('a=\"1\", b=2' | auth_params).b", "2"), code.auth_params),
)
_TIMES: Final = (
    Function("epoch", (_TIME,), _I, "seconds since 1970", (f"{_NOON} | epoch", 1588939200), time.epoch),
    Function(
        "epoch_ms", (_TIME,), _I, "milliseconds since 1970", (f"{_NOON} | epoch_ms", 1588939200000), time.epoch_ms
    ),
    Function("iso8601", (_TIME, _I), _T, "UTC", (f"{_NOON} | iso8601(3)", "2020-05-08T12:00:00.000Z"), time.iso8601, 1),
    Function(
        "format_time",
        (_TIME, _T, _T),
        _T,
        "by pattern and zone",
        (f"{_NOON} | format_time('%d.%m. %H:%M', 'Asia/Taipei')", "08.05. 20:00"),
        time.format_time,
        1,
    ),
    Function("from_epoch", (_A,), _TIME, "a time", ("1588939200 | from_epoch | epoch", 1588939200), time.from_epoch),
    Function(
        "from_epoch_ms",
        (_A,),
        _TIME,
        "a time",
        ("1588939200000 | from_epoch_ms | epoch", 1588939200),
        time.from_epoch_ms,
    ),
    Function("from_iso8601", (_T,), _TIME, "a time", (f"{_NOON} | epoch", 1588939200), time.from_iso8601),
    Function("seconds", (_I,), _SPAN, "a duration", (f"(({_NOON}) + seconds(5)) | epoch", 1588939205), _SECOND),
    Function("minutes", (_I,), _SPAN, "a duration", ("minutes(1) == seconds(60)", True), _MINUTE),
    Function("hours", (_I,), _SPAN, "a duration", ("hours(1) == minutes(60)", True), _HOUR),
)
_COLLECTIONS: Final = (
    Function("first", (_L,), _A, "the first item", ("[3, 4] | first", 3), many.first),
    Function("last", (_L,), _A, "the last item", ("[3, 4] | last", 4), many.last),
    Function("pick", (_O, _L), _O, "these members", ("{'a': 1, 'b': 2} | pick(['b'])", {"b": 2}), many.pick),
    Function("without", (_O, _L), _O, "all but these", ("{'a': 1, 'b': 2} | without(['b'])", {"a": 1}), many.without),
    Function("sorted", (_A,), _A, "in order", ("['b', 'a'] | sorted", ["a", "b"]), many.in_order),
    Function("pairs", (_O, _T, _T), _T, "as text", ("{'a': 1, 'b': 2} | pairs('=', '&')", "a=1&b=2"), many.pairs),
    Function("values", (_O,), _L, "the values", ("{'a': 1} | values", [1]), many.values),
    Function("object", (_L, _A), _O, "the same under each key", ("object(['a'], 1)", {"a": 1}), many.make_object),
    Function("lookup", (_A, _O, _A), _A, "by a table", ("'x' | lookup({'a': 1}, 0)", 0), many.lookup, 1),
    Function("unique", (_L,), _L, "without repetitions", ("[1, 1, 2] | unique", [1, 2]), many.unique),
)

FUNCTIONS: Final[dict[str, Function]] = {
    row.name: row for table in (_TEXT, _DIGESTS, _CODES, _TIMES, _COLLECTIONS) for row in table
}
"""Every function but ``default`` and ``every``, which look at what their argument is, not at its value."""

SPECIAL: Final = ("default", "every")
LATER: Final = frozenset({"random", "uuid", "registered", "mac", "url"})
"""Functions of the language that this version does not have."""
