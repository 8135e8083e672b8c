"""Tokens: what a contract hands out, how long it lives, how it is spelled.

A template can never speak as another issuer, for another client, for more scope or for longer than was granted: the
claims that say so are pinned to the facts.

Spec: the dialect language, section 7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from tokenhouse.protocol.contract import Facts, OpaqueForm, SignedForm, TokenPlan
from tokenhouse.protocol.names import TokenUse
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.facts import FactView
from tokenhouse.wire.dialect.forms import Spelling, one_spelling, require_capacity
from tokenhouse.wire.dialect.holes import Hole
from tokenhouse.wire.dialect.json_template import compile_tree
from tokenhouse.wire.dialect.json_tree import Container, Item, Text, Value, parse_json_template
from tokenhouse.wire.dialect.stages import Names, Stage

_LATER_USES: Final = ("session", "id", "companion", "step", "remember", "once")
_ALGORITHMS: Final[dict[str, Literal["ES256", "RS256"]]] = {"ES256": "ES256", "RS256": "RS256"}
_HEADER: Final = '{ "alg": "{{ key.alg }}", "kid": "{{ key.kid }}", "typ": "at+jwt" }'
_PINNED: Final[dict[str, tuple[str, ...]]] = {
    "iss": ("server.issuer",),
    "exp": ("token.expires_at | epoch",),
    "scope": ("granted.scope", "granted.scope | join(' ')"),
    "scp": ("granted.scope", "granted.scope | join(' ')"),
    "client_id": ("client.id",),
    "azp": ("client.id",),
}
"""Claims that say what was granted, and the only expressions that they may be."""

_PINNED_HEADER: Final[dict[str, tuple[str, ...]]] = {"alg": ("key.alg",)}


def compile_tokens(desk: Desk, table: Mapping[str, Any], names: Names) -> tuple[TokenPlan, ...]:
    """Return the plans of all tokens of a file."""
    plans: list[TokenPlan] = []
    for name, value in table.items():
        plan = _plan(desk, ("tokens", name), name, value, names)
        if plan is not None and any(_shares_its_row(plan, other) for other in plans):
            message = f"a second opaque token of use {plan.use.value} is not supported by this version yet"
            desk.refuse(("tokens", name), Code.NOT_YET, message)
        elif plan is not None:
            plans.append(plan)
    return tuple(plans)


def _shares_its_row(plan: TokenPlan, other: TokenPlan) -> bool:
    """Return whether one row would have to hold the lifetimes of both; a signed token says its own."""
    return plan.use is other.use and isinstance(plan.form, OpaqueForm) and isinstance(other.form, OpaqueForm)


def _plan(desk: Desk, keys: Keys, name: str, value: Any, names: Names) -> TokenPlan | None:
    told = desk.table(keys, value, "token")
    use = told.get("use", name)
    if "use" not in told and use not in set(TokenUse):
        desk.refuse(keys, Code.MISSING_KEY, f"the token {name} needs `use`", hint=f"one of: {', '.join(TokenUse)}")
        return None
    if desk.choice((*keys, "use"), use, [kind.value for kind in TokenUse], _LATER_USES) is None:
        return None
    ttl = desk.duration((*keys, "ttl"), told["ttl"]) if "ttl" in told else None
    idle = desk.duration((*keys, "idle"), told["idle"]) if "idle" in told else None
    form = _form(desk, keys, told, names, never=told.get("ttl") == "never")
    return None if form is None else TokenPlan(name, TokenUse(use), form, ttl, idle)


def _form(
    desk: Desk, keys: Keys, told: Mapping[str, Any], names: Names, *, never: bool
) -> OpaqueForm | SignedForm | None:
    text = told.get("form")
    if text is None:
        return None
    if text == "jwt":
        return _signed(desk, keys, told, names, never=never)
    for key in ("alg", "header", "claims"):
        if key in told:
            desk.refuse((*keys, key), Code.CLAIMS, f'{key} belongs to form = "jwt"')
    try:
        spelling = _spelling(text)
    except Complaint as complaint:
        desk.report((*keys, "form"), complaint)
        return None
    return OpaqueForm(spelling.alphabet, spelling.length, spelling.prefix, spelling.suffix)


def _spelling(text: str) -> Spelling:
    if "{{" in text:
        raise Complaint(Code.NOT_YET, "expressions in a token form are not supported by this version yet")
    spelling = one_spelling(text)
    require_capacity(spelling)
    return spelling


def _signed(desk: Desk, keys: Keys, told: Mapping[str, Any], names: Names, *, never: bool) -> SignedForm | None:
    alg = desk.choice((*keys, "alg"), told.get("alg", "ES256"), _ALGORITHMS)
    header = _template(desk, (*keys, "header"), told.get("header", _HEADER), names, (_PINNED_HEADER, ("alg",)))
    if "claims" not in told:
        desk.refuse(keys, Code.CLAIMS, "a jwt needs `claims`")
        return None
    needed = ("iss",) if never else ("iss", "exp")
    claims = _template(desk, (*keys, "claims"), told["claims"], names, (_PINNED, needed))
    if alg is None or header is None or claims is None:
        return None
    return SignedForm(_ALGORITHMS[alg], header, claims)


def _template(
    desk: Desk, keys: Keys, text: str, names: Names, pins: tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]
) -> Callable[[Facts], bytes] | None:
    pinned, needed = pins
    try:
        tree = parse_json_template(text)
    except Complaint as complaint:
        desk.report(keys, complaint)
        return None
    if not isinstance(tree, Container) or not tree.is_object:
        desk.report(keys, Complaint(Code.BODY, "header and claims are JSON objects"))
        return None
    members = [(item.key.literal, item) for item in tree.items if item.key is not None]
    for member in needed:
        if member not in dict(members):
            desk.refuse(keys, Code.CLAIMS, f"{member} is missing", hint=f'"{member}": {{{{ {pinned[member][0]} }}}}')
    for name, item in members:
        if name is None:
            desk.refuse(keys, Code.CLAIMS, "the names of claims are literal")
        elif name in pinned:
            _require_pinned(desk, keys, item, pinned[name], always=name in needed)
    write = compile_tree(tree, desk.workshop(keys, names.at(Stage.TOKEN), strict=True))
    return lambda facts: write(FactView(facts))


def _require_pinned(desk: Desk, keys: Keys, item: Item, allowed: tuple[str, ...], *, always: bool) -> None:
    """Report a claim that is not exactly the fact that it speaks of, or that may be missing where it must not.

    A loop could give its own items the name of the fact.
    """
    assert item.key is not None
    hole: Hole | None = None
    if isinstance(item.node, Value):
        hole = item.node.hole
    elif isinstance(item.node, Text) and len(item.node.parts) == 1 and isinstance(item.node.parts[0], Hole):
        hole = item.node.parts[0]
    said = " ".join(hole.source.split()) if hole is not None else ""
    looped = any(statement.statement == "for" for statement in item.statements)
    if said not in allowed or looped or (always and item.statements):
        message = f"{item.key.literal} says what was granted: it must be {{{{ {allowed[0]} }}}}"
        desk.report(keys, Complaint(Code.CLAIMS, message, offset=hole.offset if hole is not None else 0))
