"""From the text of a file to a dialect, or to everything that is wrong with it.

Spec: the dialect language, sections 2 and 12.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, cast

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Contract
from tokenhouse.protocol.names import GrantType
from tokenhouse.wire.dialect.answers import AnswerSetting, Styles
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.credentials import ClientReader, compile_client
from tokenhouse.wire.dialect.deeds import DEEDS
from tokenhouse.wire.dialect.desk import Desk
from tokenhouse.wire.dialect.dialect import Dialect
from tokenhouse.wire.dialect.errors import ErrorRows, compile_errors
from tokenhouse.wire.dialect.json_template import JsonStyle
from tokenhouse.wire.dialect.lets import compile_lets
from tokenhouse.wire.dialect.negotiation import compile_formats
from tokenhouse.wire.dialect.operation_loader import Common, compile_operation
from tokenhouse.wire.dialect.operations import Operation
from tokenhouse.wire.dialect.policy import compile_attributes, compile_credentials, compile_lockout, compile_session
from tokenhouse.wire.dialect.presentation import Presentation, compile_present
from tokenhouse.wire.dialect.reaching import require_reachable
from tokenhouse.wire.dialect.reading import Reading, compile_accept
from tokenhouse.wire.dialect.roles import COMMON, SECRETS, compile_roles, require_no_url_secrets
from tokenhouse.wire.dialect.samples import compile_examples, compile_samples
from tokenhouse.wire.dialect.schema import LANGUAGE
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.wire.dialect.tokens import compile_tokens
from tokenhouse.wire.dialect.xml_template import XmlStyle
from tokenhouse.wire.scope import read_scope
from tokenhouse.written import Problem, Problems, read_toml

_VERSION: Final = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,3}))?")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_GUESS: Final = re.compile(r"#\s*guess\b:?\s*(.*)$")
_NO_ROWS: Final = ErrorRows({})


def load(text: str, path: str) -> Dialect:
    """Return the dialect that a file describes; ``path`` is what its problems call it.

    Raises:
        Problems: all that is wrong with the file, each at its line and column.

    """
    try:
        document = read_toml(text, path)
    except Problem as problem:
        raise Problems((problem,)) from None
    desk = Desk(document)
    dialect = _Loader(desk).dialect()
    if desk.problems:
        raise Problems(desk.problems)
    return dialect


class _Loader:
    """Goes through one file in the order in which its parts need each other."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.told = desk.table((), desk.document.data, "file")

    def dialect(self) -> Dialect:
        desk, told = self.desk, self.told
        self._identity()
        written, kinds = compile_attributes(desk, told.get("attributes", {}))
        session = compile_session(desk, told.get("session", {}))
        plans = compile_tokens(desk, told.get("tokens", {}), Names(attributes=kinds))
        names = Names(attributes=kinds, tokens=told.get("tokens", {}))
        names = names.having(lets=compile_lets(desk, ("let",), told.get("let", {}), names))
        common = self._common(names)
        setting = AnswerSetting(names, Stage.ERROR, common.styles, None)
        presentation = compile_present(desk, told, setting, common.errors)
        operations = self._operations(common, presentation)
        routes = [route for operation in operations for route in operation.routes]
        return Dialect(
            name=told.get("name", ""),
            title=told.get("title", ""),
            hosts=desk.texts(("hosts",), told.get("hosts", [])),
            source=desk.texts(("source",), told.get("source", [])),
            contract=Contract(
                name=told.get("name", ""),
                title=told.get("title", ""),
                tokens=plans,
                session=session,
                grants=frozenset(operation.does for operation in operations if operation.does in set(GrantType)),
                attributes={owner: declared for owner, declared in written.items() if owner != "server"},
                credentials=compile_credentials(desk, told.get("credentials", {})),
                default_scope=self._default_scope(),
                excess_scope=self._excess_scope(),
                presents=presentation.presents,
                lockout=compile_lockout(desk, told["lockout"]) if "lockout" in told else None,
            ),
            samples=compile_samples(desk, told.get("sample", {}), written),
            examples=compile_examples(desk, told.get("example", []), routes),
            guesses=_guesses(desk.document.text),
            warnings=self._warnings(operations),
            presentation=presentation,
            operations=operations,
            client=self._stranger(common),
            errors=common.errors,
        )

    def _identity(self) -> None:
        desk, told = self.desk, self.told
        found = _VERSION.fullmatch(told.get("dialect", "1"))
        if found is None:
            desk.report(("dialect",), Complaint(Code.BAD_VALUE, "the version of the language", hint='"1"'))
        elif (int(found[1]), int(found[2] or 0)) > LANGUAGE or found[1] == "0":
            newest = f"{LANGUAGE[0]}.{LANGUAGE[1]}"
            desk.report(("dialect",), Complaint(Code.NEWER_LANGUAGE, f"this server reads the language up to {newest}"))
        name = told.get("name")
        if name is None:
            return
        if _NAME.fullmatch(name) is None:
            desk.report(("name",), Complaint(Code.BAD_VALUE, "a name has lower-case letters, digits and hyphens"))
        stem = desk.document.path.replace("\\", "/").rpartition("/")[2].removesuffix(".toml")
        if name != stem:
            desk.report(("name",), Complaint(Code.BAD_VALUE, f"the name is that of the file, {stem!r}"))

    def _common(self, names: Names) -> Common:
        desk, told = self.desk, self.told
        roles = compile_roles(desk, ("read",), told.get("read", {}), names, COMMON)
        if not told.get("url_secrets", False):
            require_no_url_secrets(desk, ("read",), roles, names.lets)
        names = names.having(roles=frozenset(roles) - SECRETS)
        styles = self._styles()
        formats = compile_formats(desk, told["formats"], names) if "formats" in told else None
        does = {op.get("does") for op in told.get("operation", {}).values() if isinstance(op, dict)}
        if not does <= DEEDS.keys() or not does:
            does |= DEEDS.keys()  # what is wrong there is said there; its rows are not
        needs = frozenset(str(name) for name in does)
        layer = (("errors",), told.get("errors", {}))
        rows = _NO_ROWS
        if "errors" in told:
            rows = compile_errors(desk, [layer], AnswerSetting(names, Stage.ERROR, styles, formats), needs)
        return Common(
            names=names,
            roles=roles,
            reading=compile_accept(desk, ("accept",), told["accept"]) if "accept" in told else Reading({}),
            client_by=told.get("client_by"),
            url_secrets=told.get("url_secrets", False),
            answer=told.get("answer", {}),
            error_layer=layer,
            errors=rows,
            tokens=tuple(told.get("tokens", {})),
            styles=styles,
            formats=formats,
            needs=needs,
        )

    def _stranger(self, common: Common) -> ClientReader:
        """Return the reader of the client where no operation fits."""
        ways = common.client_by if "client_id" in common.roles else None
        return compile_client(self.desk, (), ways, common.roles, common.names.lets)

    def _styles(self) -> Styles:
        json = self.desk.table(("json",), self.told.get("json", {}), "json")
        xml = self.desk.table(("xml",), self.told.get("xml", {}), "xml")
        return Styles(JsonStyle(**json), XmlStyle(**xml))

    def _operations(self, common: Common, presentation: Presentation) -> tuple[Operation, ...]:
        found: list[Operation] = []
        for name, value in self.told.get("operation", {}).items():
            operation = compile_operation(self.desk, name, value, common, presentation)
            if operation is not None:
                found.append(operation)
        require_reachable(self.desk, found)
        return tuple(found)

    def _default_scope(self) -> tuple[str, ...]:
        """Return what a new client may ask for if its registration does not say; the registration decides."""
        names = self.desk.texts(("default_scope",), self.told.get("default_scope", []))
        for index, name in enumerate(names):
            if read_scope(name) != (name,):
                self.desk.refuse(("default_scope", index), Code.BAD_VALUE, f"no scope: {name!r}")
        return names

    def _excess_scope(self) -> Literal["refuse", "drop"]:
        value = self.told.get("excess_scope", "refuse")
        return cast(
            "Literal['refuse', 'drop']", self.desk.choice(("excess_scope",), value, ("refuse", "drop")) or "refuse"
        )

    def _warnings(self, operations: Sequence[Operation]) -> tuple[str, ...]:
        warnings = [
            f"operation {operation.name}: any content type is read"
            for operation in operations
            if "*" in operation.reading.readers
        ]
        said = {example.get("answer", "").strip()[:3] for example in self._tables("example")}
        if not self._tables("example"):
            warnings.append("there is no example")
        elif "200" not in said:
            warnings.append("no example shows an answer with status 200")
        if "errors" in self.told and Cause.SERVER_ERROR.value not in self.told["errors"]:
            warnings.append("errors: server_error has no row of its own")
        return tuple(warnings)

    def _tables(self, key: str) -> list[Mapping[str, Any]]:
        return [item for item in self.told.get(key, []) if isinstance(item, dict)]


def _guesses(text: str) -> tuple[tuple[int, str], ...]:
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        guess = _GUESS.search(line)
        if guess is not None:
            found.append((number, guess[1].strip() or line[: guess.start()].strip()))
    return tuple(found)
