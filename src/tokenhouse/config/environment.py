"""Values that the environment gives: variables, the files they name, and the credentials of systemd."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tokenhouse.config import faults
from tokenhouse.config.settings import Config
from tokenhouse.config.shape import item_type, leaves, table_type
from tokenhouse.config.sources import ENVIRONMENT, FileSource, Given, TextSource, dotted
from tokenhouse.written.document import read_toml
from tokenhouse.written.marks import Keys
from tokenhouse.written.nearest import did_you_mean
from tokenhouse.written.position import Position
from tokenhouse.written.problem import Problem

PREFIX = "TOKENHOUSE_"
_FILE = "_FILE"
_LARGEST_BYTES = 1 << 20
_RESERVED = frozenset({"TOKENHOUSE_CONFIG", "TOKENHOUSE_ADMIN_TOKEN"})
# Kubernetes announces every service to every pod like this; a service named "tokenhouse" must not stop the server.
_SERVICE_LINK = re.compile(r"TOKENHOUSE_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT\w*|PORT(?:_\d+_(?:TCP|UDP|SCTP)\w*)?)")

SETTINGS: dict[str, Keys] = {PREFIX + "__".join(map(str, keys)).upper(): keys for keys, _ in leaves(Config)}
"""Every variable and the setting it gives."""

_TABLE_LISTS = {keys for keys, field in leaves(Config) if table_type(item_type(field.type)) is not None}


def read_environment(environ: Mapping[str, str], directory: Path) -> tuple[dict[Keys, Given], list[Problem]]:
    """Return the values that the environment gives, and what is wrong with it.

    Variables come before credentials. Files with relative names are below ``directory``.
    """
    given: dict[Keys, Given] = {}
    problems: list[Problem] = []
    for keys, found in (*_credentials(environ, problems), *_variables(environ, directory, problems)):
        try:
            given[keys] = _tables(keys, found) if keys in _TABLE_LISTS else found
        except Problem as problem:
            problems.append(problem)
    return given, problems


def _variables(environ: Mapping[str, str], directory: Path, problems: list[Problem]) -> Iterator[tuple[Keys, Given]]:
    for name in sorted(name for name in environ if name.startswith(PREFIX)):
        label = f"{ENVIRONMENT} {name}"
        stem = name.removesuffix(_FILE)
        if name in SETTINGS:
            yield SETTINGS[name], Given(environ[name], TextSource(label))
        elif stem in SETTINGS and name != stem:
            if stem in environ:
                problems.append(_problem(label, f"{stem} is set, too", faults.CONTRADICTION, "unset one of them"))
                continue
            path = directory / environ[name]
            try:
                yield SETTINGS[stem], Given(read_value(path), TextSource(f"{path} ({label})"))
            except (OSError, ValueError) as error:
                problems.append(_problem(label, f"cannot read {path}: {_why(error)}", faults.UNREADABLE))
        elif name not in _RESERVED and _SERVICE_LINK.fullmatch(name) is None:
            problems.append(_problem(label, "no setting has this name", faults.UNKNOWN, did_you_mean(name, SETTINGS)))


def _credentials(environ: Mapping[str, str], problems: list[Problem]) -> Iterator[tuple[Keys, Given]]:
    directory = environ.get("CREDENTIALS_DIRECTORY")
    for keys in SETTINGS.values() if directory else ():
        path = Path(directory or "") / dotted(keys)
        if not path.is_file():
            continue
        label = f"credential {dotted(keys)}"
        try:
            yield keys, Given(read_value(path), TextSource(label))
        except (OSError, ValueError) as error:
            problems.append(_problem(label, f"cannot read {path}: {_why(error)}", faults.UNREADABLE))


def read_value(path: Path) -> str:
    """Return the text of a file that holds one value, without the newline at its end.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not UTF-8, or larger than 1 MiB.

    """
    with path.open("rb") as file:
        raw = file.read(_LARGEST_BYTES + 1)
    if len(raw) > _LARGEST_BYTES:
        raise ValueError("larger than 1 MiB")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        # The error's own text would repeat a byte of what may be a secret.
        raise ValueError("not UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r")


def _tables(keys: Keys, given: Given) -> Given:
    """Read a list of tables written in a variable as TOML: ``[{ dialect = "acme" }]``."""
    name = dotted(keys)
    label = given.source.origin(keys)
    document = read_toml(f"{name} = {given.value}", label)
    if set(document.data) != {name}:
        raise _problem(label, "expected one list of tables and nothing behind it", faults.WRONG)
    return Given(document.data[name], FileSource(document, moved=label))


def _why(error: OSError | ValueError) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def _problem(label: str, message: str, code: str, hint: str = "") -> Problem:
    return Problem(code, label, Position(1, 1), message, hint)
