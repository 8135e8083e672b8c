"""Samples and examples: the parts of a file that no call compiles.

Spec: the dialect language, section 11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tokenhouse.wire.dialect.comparison import require_known_forms
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.dialect import Example, Samples
from tokenhouse.wire.dialect.examples import expected_answer, parts, request_line
from tokenhouse.wire.dialect.routes import RoutePath, fits_path
from tokenhouse.wire.dialect.time_functions import from_iso8601
from tokenhouse.written import did_you_mean

_PYTHON: Final[dict[str, tuple[type, ...]]] = {
    "text": (str,), "int": (int,), "bool": (bool,), "time": (str, datetime), "list": (list,), "object": (dict,),
}  # fmt: skip


def compile_samples(desk: Desk, value: Any, attributes: Mapping[str, Mapping[str, Any]]) -> Samples:
    """Return the samples, each attribute of its declared type."""
    told = desk.table(("sample",), value, "sample")
    server = told.get("server", {})
    _require_types(desk, ("sample", "server"), server, attributes.get("server", {}))
    return Samples(
        _records(desk, "client", told.get("client", []), attributes),
        _records(desk, "user", told.get("user", []), attributes),
        _records(desk, "device", told.get("device", []), attributes),
        server,
    )


def _records(
    desk: Desk, owner: str, value: list[Any], attributes: Mapping[str, Mapping[str, Any]]
) -> tuple[Mapping[str, Any], ...]:
    declared = attributes.get(owner, {})
    found: list[Mapping[str, Any]] = []
    for index, item in enumerate(value):
        keys: Keys = ("sample", owner, index)
        record = desk.table(keys, item, f"sample {owner}", extra=declared)
        _require_types(desk, keys, {key: record[key] for key in record if key in declared}, declared)
        found.append(record)
    return tuple(found)


def _require_types(desk: Desk, keys: Keys, values: Mapping[str, Any], declared: Mapping[str, Any]) -> None:
    for name, value in values.items():
        kind = declared.get(name)
        here = (*keys, name)
        if kind is None:
            desk.refuse(here, Code.UNKNOWN_KEY, f"undeclared attribute {name!r}", hint=did_you_mean(name, declared))
        elif isinstance(kind, dict):
            if isinstance(value, dict):
                _require_types(desk, here, value, kind)
            else:
                desk.refuse(here, Code.WRONG_KIND, "a table is expected here")
        elif not isinstance(value, _PYTHON.get(kind, (object,))) or (kind == "int" and isinstance(value, bool)):
            desk.refuse(here, Code.WRONG_KIND, f"declared as {kind}")


def compile_examples(desk: Desk, value: list[Any], routes: Sequence[RoutePath]) -> tuple[Example, ...]:
    """Return the examples; each must be HTTP, lead to a route, and follow one that is there."""
    examples: list[Example] = []
    for index, item in enumerate(value):
        keys: Keys = ("example", index)
        told = desk.table(keys, item, "example")
        if not {"name", "request", "answer"} <= told.keys():
            continue
        _require_readable(desk, keys, told, routes)
        if any(example.name == told["name"] for example in examples):
            desk.refuse((*keys, "name"), Code.EXAMPLE, f"two examples are called {told['name']!r}")
        decoded = {
            name: desk.table((*keys, "decoded", name), part, "decoded")
            for name, part in told.get("decoded", {}).items()
        }
        line = desk.document.position((*keys, "name")).line
        options = {key: told[key] for key in ("at", "after", "exact") if key in told}
        examples.append(Example(told["name"], told["request"], told["answer"], line, decoded=decoded, **options))
    names = [example.name for example in examples]
    for index, example in enumerate(examples):
        if example.after is not None and (example.after not in names or example.after == example.name):
            hint = did_you_mean(example.after, names)
            desk.refuse(("example", index, "after"), Code.EXAMPLE, f"no example {example.after!r}", hint=hint)
    return tuple(examples)


def _require_readable(desk: Desk, keys: Keys, told: Mapping[str, Any], routes: Sequence[RoutePath]) -> None:
    try:
        _require_route(told["request"], routes)
    except Complaint as complaint:
        desk.report((*keys, "request"), complaint)
    try:
        expected_answer(told["answer"])
        require_known_forms(told["answer"])
    except Complaint as complaint:
        desk.report((*keys, "answer"), complaint)
    if "at" in told and not isinstance(from_iso8601(told["at"]), datetime):
        desk.refuse((*keys, "at"), Code.EXAMPLE, "at is a time", hint="2020-05-08T08:16:18Z")


def _require_route(request: str, routes: Sequence[RoutePath]) -> None:
    _, target = request_line(request)
    parts(request)
    if routes and not any(fits_path(target.partition("?")[0], route) for route in routes):
        raise Complaint(Code.EXAMPLE, f"no route leads to {target}", offset=request.find(target))
