"""Load the configuration: find the file, lay the environment over it, check the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from msgspec.structs import replace

from tokenhouse.config import faults
from tokenhouse.config.checks import contradictions
from tokenhouse.config.contradiction import Contradiction
from tokenhouse.config.environment import PREFIX, read_environment, read_value
from tokenhouse.config.kinds import read_key, read_password
from tokenhouse.config.provider_secrets import with_provider_secrets
from tokenhouse.config.reading import Reading
from tokenhouse.config.settings import Config, Tls
from tokenhouse.config.sources import ENVIRONMENT, FileSource, Source
from tokenhouse.protocol.secret import Secret
from tokenhouse.written.document import Document, read_toml
from tokenhouse.written.marks import Keys
from tokenhouse.written.position import Position
from tokenhouse.written.problem import Problem, Problems

FILE_NAME = "tokenhouse.toml"
FILE_VARIABLE = PREFIX + "CONFIG"
PLACES = (Path(FILE_NAME), Path("/etc/tokenhouse") / FILE_NAME)
"""Where the file is looked for when nobody names it."""

_KEY = ("secrets", "key_encryption_key")
_KEY_FILE = ("secrets", "key_encryption_key_file")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, where each came from by its dotted name, and the file; None if there was no file."""

    config: Config
    origins: Mapping[str, str]
    path: Path | None


def load(path: Path | None, environ: Mapping[str, str], *, places: tuple[Path, ...] = PLACES) -> Loaded:
    """Load the configuration from ``path``, ``$TOKENHOUSE_CONFIG`` or the first of ``places``, and the environment.

    Relative paths in the settings are below the directory of the file, without a file below the working directory.

    Raises:
        Problems: all that is wrong with it.

    """
    try:
        found = _find(path, environ, places)
        document = _read(found)
    except Problem as problem:
        raise Problems((problem,)) from None
    directory = found.absolute().parent if found else Path.cwd()
    over, problems = read_environment(environ, directory)
    reading = Reading(over)
    source = FileSource(document)
    config = reading.config(document.data, source)
    if found is None and not reading.sources and not problems:
        raise Problems((_nothing(places),))
    if config is None or problems:
        raise Problems(_sorted([*problems, *reading.problems]))
    config = _anchored(config, directory)
    wrong = [_pointed(each, reading.sources, source) for each in (*contradictions(config), *_two_keys(config))]
    if wrong:
        raise Problems(_sorted(wrong))
    config = _with_mail_password(_with_key(config, reading), reading)
    config = with_provider_secrets(config, directory, environ, reading)
    return Loaded(config, MappingProxyType(reading.origins), found)


def _find(path: Path | None, environ: Mapping[str, str], places: tuple[Path, ...]) -> Path | None:
    if path is not None:
        return path
    if FILE_VARIABLE in environ:
        if not environ[FILE_VARIABLE]:
            raise Problem(faults.WRONG, f"{ENVIRONMENT} {FILE_VARIABLE}", Position(1, 1), "the name of a file is empty")
        return Path(environ[FILE_VARIABLE])
    return next((place for place in places if place.is_file()), None)


def _nothing(places: tuple[Path, ...]) -> Problem:
    looked = " and ".join(map(str, places))
    hint = "tokenhouse init makes one; --config names one"
    message = f"there is no configuration: looked for {looked}"
    return Problem(faults.UNREADABLE, FILE_NAME, Position(1, 1), message, hint)


def _read(path: Path | None) -> Document:
    if path is None:
        return read_toml("", FILE_NAME)
    try:
        text = read_value(path)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise Problem(faults.UNREADABLE, str(path), Position(1, 1), f"cannot read the file: {why}") from None
    return read_toml(text, str(path))


def _anchored(config: Config, directory: Path) -> Config:
    """Return the settings with absolute paths."""
    database = replace(config.database, url=f"sqlite:///{directory / config.database.path}")
    admin = replace(config.admin, socket=directory / config.admin.socket)
    key_file = config.secrets.key_encryption_key_file
    secrets = replace(config.secrets, key_encryption_key_file=key_file and directory / key_file)
    mounts = (
        replace(mount, dialect=str(directory / mount.dialect)) if mount.dialect.endswith(".toml") else mount
        for mount in config.mount
    )
    mail = replace(
        config.mail,
        authorities=config.mail.authorities and directory / config.mail.authorities,
        password_file=config.mail.password_file and directory / config.mail.password_file,
        folder=config.mail.folder and directory / config.mail.folder,
    )
    server = replace(config.server, tls=_anchored_tls(config.server.tls, directory))
    listeners = (replace(one, tls=_anchored_tls(one.tls, directory)) for one in config.listener)
    return replace(
        config,
        database=database,
        admin=admin,
        secrets=secrets,
        mount=tuple(mounts),
        server=server,
        listener=tuple(listeners),
        mail=mail,
    )


def _anchored_tls(tls: Tls, directory: Path) -> Tls:
    return replace(
        tls,
        certificate=tls.certificate and directory / tls.certificate,
        key=tls.key and directory / tls.key,
        client_authorities=tls.client_authorities and directory / tls.client_authorities,
    )


def _two_keys(config: Config) -> Iterator[Contradiction]:
    if config.secrets.key_encryption_key is not None and config.secrets.key_encryption_key_file is not None:
        yield Contradiction((_KEY_FILE,), "the key and a file with the key are both given", "keep one of them")


def _with_key(config: Config, reading: Reading) -> Config:
    """Return the settings with the key that its file holds."""
    path = config.secrets.key_encryption_key_file
    if path is None:
        return config
    key = _secret_in(path, _KEY_FILE, _KEY, read_key, reading)
    return replace(config, secrets=replace(config.secrets, key_encryption_key=key))


def _with_mail_password(config: Config, reading: Reading) -> Config:
    """Return the settings with the mail server's password that its file holds."""
    path = config.mail.password_file
    if path is None:
        return config
    password = _secret_in(path, ("mail", "password_file"), ("mail", "password"), read_password, reading)
    return replace(config, mail=replace(config.mail, password=password))


def _secret_in(path: Path, named: Keys, setting: Keys, read: Callable[[str], Secret], reading: Reading) -> Secret:
    """Return the secret in a file; ``named`` is the setting that names the file, ``setting`` whose value it holds."""
    try:
        secret = read(read_value(path))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        message = f"cannot take the {'key' if setting == _KEY else 'password'} from {path}: {why}"
        raise Problems((reading.sources[named].problem(named, message, faults.UNREADABLE),)) from None
    reading.origins[".".join(map(str, setting))] = str(path)
    return secret


def _pointed(found: Contradiction, sources: Mapping[tuple[str | int, ...], Source], otherwise: Source) -> Problem:
    """Point at the first of the settings that somebody wrote; a default is nobody's mistake."""
    keys = next((keys for keys in found.about if keys in sources), found.about[0])
    return sources.get(keys, otherwise).problem(keys, found.message, faults.CONTRADICTION, found.hint)


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.path, problem.position, problem.message)))
