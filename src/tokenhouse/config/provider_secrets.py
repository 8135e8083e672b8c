"""Fetching the secrets that providers gave us from where the configuration says they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from tokenhouse.config import faults
from tokenhouse.config.environment import read_value
from tokenhouse.config.kinds import read_password
from tokenhouse.config.provider_settings import Provider
from tokenhouse.config.reading import Reading
from tokenhouse.config.settings import Config
from tokenhouse.config.sources import ENVIRONMENT
from tokenhouse.protocol.secret import Secret
from tokenhouse.written.problem import Problem, Problems


def with_provider_secrets(config: Config, directory: Path, environ: Mapping[str, str], reading: Reading) -> Config:
    """Return the settings with each provider's secret in place; files with relative names are below ``directory``.

    Raises:
        Problems: files that cannot be read, variables that are not set; no value is repeated.

    """
    if not config.provider:
        return config
    problems: list[Problem] = []
    providers = tuple(_each(config.provider, directory, environ, reading, problems))
    if problems:
        raise Problems(tuple(problems))
    return replace(config, provider=providers)


def _each(
    providers: tuple[Provider, ...],
    directory: Path,
    environ: Mapping[str, str],
    reading: Reading,
    problems: list[Problem],
) -> Iterator[Provider]:
    for index, provider in enumerate(providers):
        file, variable = provider.client_secret_file, provider.client_secret_env
        if file is None and variable is None:
            yield provider
            continue
        keys = ("provider", index, "client_secret_env" if file is None else "client_secret_file")
        origin = f"{ENVIRONMENT} {variable}" if file is None else str(directory / file)
        try:
            secret = _variable(variable or "", environ) if file is None else _file(directory / file)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            message = f"cannot take the secret from {origin}: {why}"
            problems.append(reading.sources[keys].problem(keys, message, faults.UNREADABLE))
            continue
        reading.origins[f"provider.{index}.client_secret"] = origin
        yield replace(provider, client_secret=secret)


def _file(path: Path) -> Secret:
    return read_password(read_value(path))


def _variable(name: str, environ: Mapping[str, str]) -> Secret:
    if name not in environ:
        raise ValueError("it is not set")
    return read_password(environ[name])
