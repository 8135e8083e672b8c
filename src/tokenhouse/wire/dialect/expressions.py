"""Expressions: Jinja's grammar, an allow-list of its nodes, our closures.

Jinja's parser gives the tree; its evaluator never runs, so a password of digits stays text and nothing can be
multiplied into gigabytes.

Spec: the dialect language, section 3, Expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, TypeVar

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.parser import Parser

from tokenhouse.wire.dialect import calls, operators
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.scope import Compiled, Path, Scope, member, walk
from tokenhouse.wire.dialect.values import ABSENT, OMIT, Kind, kind_of

_ENVIRONMENT: Final = Environment(autoescape=False)  # noqa: S701 - only its lexer is used, nothing is rendered
_NODE_LIMIT: Final = 200
_DEPTH_LIMIT: Final = 20
_CONSTANTS: Final[dict[str, Any]] = {"omit": OMIT, "null": None}
_CONTAINERS: Final = frozenset({Kind.LIST, Kind.OBJECT, Kind.TEXT, Kind.BYTES, Kind.ANY})

NodeT = TypeVar("NodeT", bound=nodes.Node)


def compile_expression(source: str, scope: Scope, local: frozenset[str] = frozenset()) -> Compiled:
    """Return ``source`` as a closure; ``local`` are names bound by enclosing ``{{ for }}``.

    Raises:
        Complaint: not an expression of the language; the offset is that of the name in question, as far as known.

    """
    if "{{" in source or "}}" in source:
        raise Complaint(Code.BRACES, "an expression stands here without braces", hint="remove {{ and }}")
    tree = parse_expression(source)
    return _Compiler(source, scope, local).compile(tree)


@lru_cache(maxsize=512)  # error rows say the same expressions in one common body
def parse_expression(source: str) -> nodes.Expr:
    """Return the tree of ``source``, bounded in size.

    Raises:
        Complaint: not an expression.

    """
    try:
        parser = Parser(_ENVIRONMENT, source.strip(), state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            raise Complaint(Code.SYNTAX, f"unexpected {parser.stream.current.value!r} behind the expression")
    except TemplateSyntaxError as error:
        raise Complaint(Code.SYNTAX, f"not an expression: {error.message}") from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise Complaint(Code.SYNTAX, "not an expression that can be read") from error
    if sum(1 for _ in _walk(tree, 0)) > _NODE_LIMIT:
        raise Complaint(Code.TOO_LARGE, f"an expression has {_NODE_LIMIT} nodes at most")
    return tree


def _walk(node: nodes.Node, depth: int) -> Iterator[nodes.Node]:
    if depth > _DEPTH_LIMIT:
        raise Complaint(Code.TOO_LARGE, f"an expression is nested {_DEPTH_LIMIT} deep at most")
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child, depth + 1)


class _Compiler:
    """Walks one tree once."""

    def __init__(self, source: str, scope: Scope, local: frozenset[str]) -> None:
        self.source = source
        self.scope = scope
        self.local = local

    def compile(self, node: nodes.Node) -> Compiled:
        handler = _HANDLERS.get(type(node))
        if handler is None:
            what = type(node).__name__
            raise Complaint(Code.NOT_ALLOWED, f"the language has no {_NAMES.get(what, what.lower())}")
        return handler(self, node)

    def constant(self, node: nodes.Const) -> Compiled:
        value = node.value
        if isinstance(value, float):
            raise Complaint(Code.NOT_ALLOWED, "the language has no fractions", offset=self._find(str(value)))
        return Compiled(lambda _: value, kind_of(value), constant=True)

    def name(self, node: nodes.Name) -> Compiled:
        return self._path((node.name,), node.name)

    def access(self, node: nodes.Getattr | nodes.Getitem) -> Compiled:
        path = _static_path(node)
        if path is not None:
            return self._path(path, str(path[0]))
        key: Any = node.attr if isinstance(node, nodes.Getattr) else node.arg
        inner = self.compile(node.node)
        if isinstance(key, nodes.Slice):
            return self._slice(inner, key)
        if isinstance(key, nodes.Node):
            key = _literal(key)
        if type(key) not in {str, int}:
            raise Complaint(Code.NOT_ALLOWED, "a member is named by a constant", hint="lookup(x, table)")
        run, wanted = inner.run, key
        return Compiled(lambda env: member(run(env), wanted), Kind.ANY, inner.names, inner.place)

    def _path(self, path: Path, root: str) -> Compiled:
        if root in _CONSTANTS and len(path) == 1:
            value = _CONSTANTS[root]
            return Compiled(lambda _: value, Kind.NULL, omits=value is OMIT, constant=True)
        if root in self.local:
            rest = path[1:]
            return Compiled(lambda env: walk(env.locals[root], rest), Kind.ANY, frozenset({root}))
        try:
            found = self.scope.resolve(path)
        except Complaint as complaint:
            raise complaint.moved(self._find(root)) from None
        rest, run = path[found.used :], found.run
        names = frozenset({".".join(str(part) for part in path)})
        if not rest:
            return Compiled(run, found.kind, names, found.place)
        if found.kind not in {Kind.ANY, Kind.OBJECT, Kind.LIST}:
            raise Complaint(
                Code.TYPE,
                f"{'.'.join(map(str, path[: found.used]))} is {found.kind} and has no members",
                offset=self._find(root),
            )
        return Compiled(lambda env: walk(run(env), rest), Kind.ANY, names, found.place)

    def _slice(self, inner: Compiled, key: nodes.Slice) -> Compiled:
        bounds: list[int | None] = []
        for part in (key.start, key.stop, key.step):
            value = None if part is None else _literal(part)
            if part is not None and type(value) is not int:
                raise Complaint(Code.NOT_ALLOWED, "a slice has constant bounds")
            bounds.append(value)
        cut, run = slice(*bounds), inner.run
        if cut.step == 0:
            raise Complaint(Code.NOT_ALLOWED, "a slice cannot step by 0")

        def sliced(env: Any) -> Any:
            value = run(env)
            return value[cut] if isinstance(value, str | bytes | list | tuple) else ABSENT

        return Compiled(sliced, inner.kind if inner.kind in _CONTAINERS else Kind.ANY, inner.names, inner.place)

    def list_of(self, node: nodes.List) -> Compiled:
        items = [self.compile(item) for item in node.items]
        runs = [item.run for item in items]
        return _merged(lambda env: [run(env) for run in runs], Kind.LIST, items)

    def object_of(self, node: nodes.Dict) -> Compiled:
        keys = [pair.key.value for pair in node.items if isinstance(pair.key, nodes.Const)]
        if len(keys) != len(node.items) or not all(isinstance(key, str) for key in keys):
            raise Complaint(Code.NOT_ALLOWED, "the keys of an object are constant texts")
        items = [self.compile(pair.value) for pair in node.items]
        runs = [(key, item.run) for key, item in zip(keys, items, strict=True)]
        return _merged(lambda env: {key: run(env) for key, run in runs}, Kind.OBJECT, items)

    def operation(self, node: nodes.Node) -> Compiled:
        parts = [self.compile(child) for child in node.iter_child_nodes()]
        operator = operators.BINARY[type(node)]
        kind = operator.kind(*(part.kind for part in parts))
        if isinstance(node, nodes.And | nodes.Or):
            return _merged(operator.build(*(part.run for part in parts)), kind, parts, omits=True)
        return _merged(operator.build(*(part.run for part in parts)), kind, parts)

    def concat(self, node: nodes.Concat) -> Compiled:
        parts = [self.compile(child) for child in node.nodes]
        for part in parts:
            operators.require_text(part.kind)
        return _merged(operators.concat([part.run for part in parts]), Kind.TEXT, parts)

    def compare(self, node: nodes.Compare) -> Compiled:
        parts = [self.compile(node.expr), *(self.compile(operand.expr) for operand in node.ops)]
        tests = [operators.COMPARISONS[operand.op] for operand in node.ops]
        return _merged(operators.compare([part.run for part in parts], tests), Kind.BOOL, parts)

    def condition(self, node: nodes.CondExpr) -> Compiled:
        test, then = self.compile(node.test), self.compile(node.expr1)
        other = self.compile(node.expr2) if node.expr2 is not None else None
        run, yes, no = test.run, then.run, other.run if other is not None else lambda _: ABSENT
        parts = [test, then] if other is None else [test, then, other]
        kind = operators.either(then.kind, other.kind) if other is not None else then.kind
        return _merged(lambda env: yes(env) if run(env) else no(env), kind, parts, omits=True)

    def test(self, node: nodes.Test) -> Compiled:
        if node.name != "defined" or node.args:
            raise Complaint(Code.NOT_ALLOWED, f"unknown test {node.name}", hint="is defined")
        inner = self.compile(node.node)
        run = inner.run
        return _merged(lambda env: run(env) is not ABSENT, Kind.BOOL, [inner])

    def call(self, node: nodes.Call | nodes.Filter) -> Compiled:
        if node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Complaint(Code.NOT_ALLOWED, "arguments are given by position")
        if isinstance(node, nodes.Filter):
            name, given = node.name, [node.node, *node.args]
        elif isinstance(node.node, nodes.Name):
            name, given = node.node.name, list(node.args)
        else:
            raise Complaint(Code.NOT_ALLOWED, "only the functions of the language can be called")
        at = self._find(name)
        if name == "every":
            return self._every(given, at)
        try:
            return calls.compile_call(name, [self.compile(item) for item in given if item is not None])
        except Complaint as complaint:
            raise (complaint if complaint.offset else complaint.moved(at)) from None

    def _every(self, given: list[Any], at: int) -> Compiled:
        path = _static_path(given[0]) if len(given) == 1 else None
        run = self.scope.every(path) if path is not None else None
        if path is None or run is None:
            raise Complaint(Code.TYPE, "every() takes one place that may be repeated", hint="every(query.x)", offset=at)
        return Compiled(run, Kind.LIST, frozenset({".".join(map(str, path))}), str(path[-1]))

    def _find(self, word: str) -> int:
        """Return where ``word`` first stands in the source; Jinja's tree has no columns."""
        return max(self.source.find(word), 0)


def _literal(node: nodes.Node) -> Any:
    """Return the value of a constant, also of a negative number; None for anything else."""
    if isinstance(node, nodes.Const):
        return node.value
    if isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const) and type(node.node.value) is int:
        return -node.node.value
    return None


def _static_path(node: nodes.Node | None) -> Path | None:
    keys: list[str | int] = []
    while True:
        if isinstance(node, nodes.Getattr):
            keys.append(node.attr)
        elif isinstance(node, nodes.Getitem):
            key = _literal(node.arg)
            if not isinstance(key, str | int) or isinstance(key, bool):
                return None
            keys.append(key)
        elif isinstance(node, nodes.Name):
            return (node.name, *reversed(keys))
        else:
            return None
        node = node.node


def _merged(run: Callable[[Any], Any], kind: Kind, parts: list[Compiled], *, omits: bool = False) -> Compiled:
    names: frozenset[str] = frozenset().union(*(part.names for part in parts))
    return Compiled(
        run,
        kind,
        names,
        next((part.place for part in parts if part.place), None),
        omits=omits and any(part.omits for part in parts),
        constant=all(part.constant for part in parts),
    )


_HANDLERS: Final[dict[type[nodes.Node], Callable[[_Compiler, Any], Compiled]]] = {
    nodes.Const: _Compiler.constant,
    nodes.Name: _Compiler.name,
    nodes.Getattr: _Compiler.access,
    nodes.Getitem: _Compiler.access,
    nodes.List: _Compiler.list_of,
    nodes.Dict: _Compiler.object_of,
    nodes.Concat: _Compiler.concat,
    nodes.Compare: _Compiler.compare,
    nodes.CondExpr: _Compiler.condition,
    nodes.Test: _Compiler.test,
    nodes.Filter: _Compiler.call,
    nodes.Call: _Compiler.call,
    **dict.fromkeys(operators.BINARY, _Compiler.operation),
}
_NAMES: Final = {"Tuple": "tuples; write a list", "Div": "/; write //", "Pow": "**", "TemplateData": "raw text"}
