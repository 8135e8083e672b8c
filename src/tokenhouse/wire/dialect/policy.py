"""Session policy, attributes and credential forms: the values of a contract that are no bytes.

Spec: the dialect language, sections 2 and 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, cast

from tokenhouse.protocol.contract import CredentialForm, LockoutPolicy, SessionPolicy
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.facts import ATTRIBUTE_KINDS, BUILT_IN
from tokenhouse.wire.dialect.forms import Spelling, one_spelling

_PER: Final = ("client", "user", "device")
_LATER_PER: Final = ("tenant", "audience", "scope")


def compile_session(desk: Desk, value: Any) -> SessionPolicy:
    """Return the ``[session]`` of a file."""
    keys = ("session",)
    told = desk.table(keys, value, "session")
    refresh = desk.choice((*keys, "refresh"), told.get("refresh", "rotate"), ("rotate", "keep"), ("extend",))
    desk.choice((*keys, "over"), told.get("over", "oldest"), ("oldest",), ("refuse",))
    per = desk.texts((*keys, "per"), told.get("per", ["client", "user"]))
    for index, name in enumerate(per):
        desk.choice((*keys, "per", index), name, _PER, _LATER_PER)
    limit = told.get("limit")
    if limit is not None and limit < 1:
        desk.refuse((*keys, "limit"), Code.BAD_VALUE, "a limit is 1 or more")
    if limit is not None and "user" not in per:
        desk.report((*keys, "per"), Complaint(Code.NOT_YET, "a limit per anything but `user` is not supported yet"))
    if "over" in told and limit is None:
        desk.refuse((*keys, "over"), Code.BAD_VALUE, "over needs a limit")
    return SessionPolicy(
        refresh=cast("Literal['rotate', 'keep']", refresh or "rotate"),
        per=per,
        limit=limit,
    )


def compile_lockout(desk: Desk, value: Any) -> LockoutPolicy | None:
    """Return the ``[lockout]`` of a file: so many failures within the window lock for as long again."""
    keys = ("lockout",)
    told = desk.table(keys, value, "lockout")
    failures, text = told.get("failures"), told.get("window")
    if failures is not None and failures < 1:
        desk.refuse((*keys, "failures"), Code.BAD_VALUE, "failures are 1 or more")
    if text == "never":
        desk.report((*keys, "window"), Complaint(Code.BAD_VALUE, "a lockout ends some time", hint='"15m"'))
    window = desk.duration((*keys, "window"), text) if text is not None else None
    return LockoutPolicy(failures, window) if failures is not None and window is not None else None


def compile_attributes(desk: Desk, value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the declared attributes by owner: as written, and as kinds for the names that expressions see."""
    written: dict[str, Any] = {}
    kinds: dict[str, Any] = {}
    for owner, declared in desk.table(("attributes",), value, "attributes").items():
        keys = ("attributes", owner)
        for name in declared:
            if name in BUILT_IN[owner]:
                desk.refuse((*keys, name), Code.BAD_VALUE, f"every {owner} has {name} already")
        written[owner] = declared
        kinds[owner] = {name: _kind(desk, (*keys, name), told) for name, told in declared.items()}
    return written, kinds


def _kind(desk: Desk, keys: Keys, told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _kind(desk, (*keys, name), inner) for name, inner in told.items()}
    if not isinstance(told, str):
        desk.refuse(keys, Code.WRONG_KIND, "an attribute is declared by its type", hint='such as "text"')
        return ATTRIBUTE_KINDS["text"]
    return ATTRIBUTE_KINDS[desk.choice(keys, told, ATTRIBUTE_KINDS) or "text"]


def compile_credentials(desk: Desk, value: Any) -> dict[str, CredentialForm]:
    """Return the vendor's words and alphabets for what an app is given."""
    forms: dict[str, CredentialForm] = {}
    for name, told in desk.table(("credentials",), value, "credentials").items():
        form = _credential(desk, ("credentials", name), told)
        if form is not None:
            forms[name] = form
    return forms


def _credential(desk: Desk, keys: Keys, told: Mapping[str, Any]) -> CredentialForm | None:
    good = desk.table(keys, told, "credential")
    if "form" not in good or "label" not in good:
        return None
    try:
        spelling = _bare(one_spelling(good["form"]))
    except Complaint as complaint:
        desk.report((*keys, "form"), complaint)
        return None
    return CredentialForm(good["label"], spelling.alphabet, spelling.length)


def _bare(spelling: Spelling) -> Spelling:
    if spelling.prefix or spelling.suffix:
        raise Complaint(Code.NOT_YET, "text around the form of a credential is not supported by this version yet")
    return spelling
