"""Where a credential stands, as data: what an expression of ``[present]`` says, if it is simple enough to be said.

A source is ``{"header": name}``, ``{"query": name}`` or ``{"cookie": name}``, names of headers in lower case
with ``-`` for ``_`` (a reader takes either), beside it ``scheme`` (lower case; the word that stands before the value)
or ``strip`` (a prefix, taken off once if it is there).

Spec: the dialect language, section 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jinja2 import nodes

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.expressions import parse_expression

Source = dict[str, str]

_CURE: Final = "auth.x, header.x, query.x, cookie.x, with | strip_prefix('..') | default(..)"
_STRICT: Final = "\0strict"
"""Marks a prefix that must be there, until the same place without it stands behind."""


def sources_of(text: str, lets: Mapping[str, str]) -> list[Source]:
    """Return the sources of an expression, in the order in which they are looked at; ``lets`` are those of the file.

    Raises:
        Complaint: it says more than where something stands.

    """
    merged: list[Source] = []
    for source in _sources(parse_expression(text), lets):
        last = merged[-1] if merged else {}
        if _STRICT in last and {key: last[key] for key in last if key != _STRICT} == source:
            merged[-1] = {**source, "strip": last[_STRICT]}
        else:
            merged.append(source)
    for source in merged:
        if _STRICT in source:
            raise Complaint(
                Code.NOT_YET,
                f"a value without the prefix {source[_STRICT]!r} would be absent, which only this server can do",
                hint="| default(..) with the same place behind it",
            )
    return merged


def _sources(node: nodes.Node, lets: Mapping[str, str]) -> list[Source]:
    if isinstance(node, nodes.Name) and node.name in lets:
        return _sources(parse_expression(lets[node.name]), lets)
    if isinstance(node, nodes.Filter | nodes.Call):
        name, given = _call(node)
        if name == "default" and len(given) == 2:  # noqa: PLR2004 - a value and what stands in for it
            return [*_sources(given[0], lets), *_sources(given[1], lets)]
        if name == "strip_prefix" and len(given) == 2:  # noqa: PLR2004 - a value and its prefix
            return _stripped(_sources(given[0], lets), given[1])
        raise Complaint(Code.NOT_YET, f"{name}() says more than where something stands", hint=_CURE)
    return _place(node)


def _call(node: nodes.Filter | nodes.Call) -> tuple[str, list[nodes.Node]]:
    """Return the name of the function that is called, however it is written, and its arguments."""
    if isinstance(node, nodes.Filter):
        return node.name, [item for item in (node.node, *node.args) if item is not None]
    return getattr(node.node, "name", "a call"), list(node.args)


def _stripped(sources: list[Source], prefix: nodes.Node) -> list[Source]:
    simple = len(sources) == 1 and not {"scheme", "strip", _STRICT} & sources[0].keys()
    if not simple or not isinstance(prefix, nodes.Const) or not isinstance(prefix.value, str):
        raise Complaint(Code.NOT_YET, "a prefix is taken off one header, query field or cookie", hint=_CURE)
    return [{**sources[0], _STRICT: prefix.value}]


def _place(node: nodes.Node) -> list[Source]:
    root, name = _named(node)
    if root == "auth":
        return [{"header": "authorization", "scheme": name.lower()}]
    if root == "header":
        return [{"header": name.lower().replace("_", "-")}]
    if root in {"query", "cookie"}:
        return [{root: name}]
    raise Complaint(Code.NOT_YET, "this says more than where something stands", hint=_CURE)


def _named(node: nodes.Node) -> tuple[str, str]:
    """Return root and field of ``root.field`` or ``root['field']``; two empty texts for anything else."""
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return node.node.name, node.attr
    if isinstance(node, nodes.Getitem) and isinstance(node.node, nodes.Name) and isinstance(node.arg, nodes.Const):
        return node.node.name, str(node.arg.value)
    return "", ""
