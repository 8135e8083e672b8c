"""Planning: from what an operation does, and the roles that it reads, to how it asks.

Spec: the dialect language, sections 4 and 10.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, cast, get_args

from tokenhouse.protocol.names import Bearer, CallKind, GrantType
from tokenhouse.wire.dialect.asking import Asking, AssertionAsking, CallAsking, Ends, TokenAsking
from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.deeds import CALLS, fields_of, needs_of, require_roles
from tokenhouse.wire.dialect.desk import Desk
from tokenhouse.wire.dialect.places import PLACES
from tokenhouse.wire.dialect.presentation import Presentation
from tokenhouse.wire.dialect.roles import CLIENT_ROLES, IDENTIFIERS, PROFILE, Role
from tokenhouse.wire.dialect.view import View

_ENDS: Final[tuple[Ends, ...]] = get_args(Ends)


class Draft(NamedTuple):
    """An operation while it is compiled: its place in the file, its good keys, what it does, the roles it has.

    ``does`` None stands for something that was refused already.
    """

    keys: tuple[str, str]
    told: Mapping[str, Any]
    does: str | None
    roles: Mapping[str, Role]

    @property
    def is_call(self) -> bool:
        """Whether it is a protected call."""
        return self.does in CALLS


class Plan(NamedTuple):
    """The parts of an operation that follow from what it does; see `Operation`."""

    roles: tuple[Role, ...]
    identifiers: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...]
    fields: Mapping[str, str]
    asking: Asking


def compile_plan(desk: Desk, draft: Draft, issues: tuple[str, ...], presentation: Presentation) -> Plan:
    """Return how an operation asks."""
    does, roles = draft.does or "static", draft.roles
    bearer, ends = _bearer(desk, draft), _ends(desk, draft)
    if draft.does is not None:
        require_roles(desk, draft.keys, does, bearer, roles)
    left_out = {*CLIENT_ROLES, "token"} if draft.is_call else set(CLIENT_ROLES)
    order = list(roles)
    identifiers = tuple(name for name in IDENTIFIERS if name in roles)
    tokens = TokenAsking(does, draft.keys[-1], issues, identifiers)
    asking: Asking = AssertionAsking(tokens) if does == GrantType.ASSERTION else tokens
    if draft.is_call:
        asking = CallAsking(
            kind=CallKind(does),
            operation=draft.keys[-1],
            bearer=bearer,
            ends=ends,
            token=_token(desk, draft, presentation),
            proves_client=not roles.keys().isdisjoint(CLIENT_ROLES),
            identifiers=identifiers,
            has_profile=not roles.keys().isdisjoint(PROFILE),
        )
    return Plan(
        roles=tuple(role for name, role in roles.items() if name not in left_out),
        identifiers=identifiers,
        needs=tuple(tuple(sorted(roles.keys() & set(group), key=order.index)) for group in needs_of(does, bearer)),
        fields=fields_of(roles),
        asking=asking,
    )


def _bearer(desk: Desk, draft: Draft) -> Bearer:
    keys = (*draft.keys, "bearer")
    if "bearer" in draft.told and draft.does is not None and not draft.is_call:
        desk.refuse(keys, Code.BAD_VALUE, f"bearer is for protected calls: {', '.join(sorted(CALLS))}")
    kinds = [kind.value for kind in Bearer]
    return Bearer(desk.choice(keys, draft.told.get("bearer", "user"), kinds) or "user")


def _ends(desk: Desk, draft: Draft) -> Ends:
    keys = (*draft.keys, "ends")
    if "ends" in draft.told and draft.does not in {None, CallKind.REVOKE}:
        desk.refuse(keys, Code.BAD_VALUE, "ends is for operations that revoke")
    return cast("Ends", desk.choice(keys, draft.told.get("ends", "session"), _ENDS) or "session")


def _token(desk: Desk, draft: Draft, presentation: Presentation) -> Callable[[View], Any]:
    """Return what finds the token: the operation's own role, the contract's ways, else RFC 6750 §2.1."""
    if "token" in draft.roles:
        return draft.roles["token"].read
    if presentation.ways:
        if not presentation.has_token:
            message = "the call takes a token: no way of [present] has one, and none is read"
            desk.refuse((*draft.keys, "does"), Code.NO_ROLE, message, hint="read.token")
        return presentation.find
    return PLACES["auth"].build(("bearer",))
