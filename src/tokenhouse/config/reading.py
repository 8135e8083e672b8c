"""From what was given to the settings: every value is read, every mistake is collected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from tokenhouse.config import faults
from tokenhouse.config.kinds import kind_of
from tokenhouse.config.settings import Config
from tokenhouse.config.shape import item_type, table_type
from tokenhouse.config.sources import DEFAULT, Given, Source, dotted
from tokenhouse.written.marks import Keys
from tokenhouse.written.nearest import did_you_mean
from tokenhouse.written.problem import Problem

_HINTS: Mapping[Keys, str] = {("issuer",): 'write: issuer = "https://id.example.com"'}


_TRUTH = {"true": True, "false": False}
_WHOLE = re.compile(r"0|[1-9][0-9]{0,9}")
_TYPE = re.compile(r"`([a-z| ]+)`")
_WORDS = {"int": "a whole number", "str": "a string", "bool": "true or false", "object": "a table"}


class _Bad:
    """Stands for a value whose problem has been noted."""


_BAD: Final = _Bad()


class Reading:
    """One pass over what was given. Afterwards ``problems``, ``origins`` and ``sources`` tell what it met."""

    def __init__(self, over: Mapping[Keys, Given]) -> None:
        self._over = over
        self.problems: list[Problem] = []
        self.origins: dict[str, str] = {}
        self.sources: dict[Keys, Source] = {}

    def config(self, data: dict[str, Any], source: Source) -> Config | None:
        """Return the settings, None if there are problems."""
        config = self._table(Config, Given(data, source), ())
        return config if isinstance(config, Config) and not self.problems else None

    def _table(self, table: type[Struct], given: Given, keys: Keys) -> Struct | _Bad:
        if not isinstance(given.value, dict):
            return self._bad(given, keys, "expected a table")
        known = {field.name: field for field in fields(table)}
        for name in given.value.keys() - known.keys():
            what = f'"{name}" is no setting' + (f" of [{dotted(keys)}]" if keys else "")
            self._bad(given, (*keys, name), what, faults.UNKNOWN, did_you_mean(name, known))
        values = {name: self._field(field, given, (*keys, name)) for name, field in known.items()}
        return _BAD if _BAD in values.values() else table(**values)

    def _field(self, field: FieldInfo, above: Given, keys: Keys) -> Any:
        below = table_type(field.type)
        found = self._over.get(keys)
        if found is None and field.name in above.value:
            found = Given(above.value[field.name], above.source)
        if below is not None:
            return self._table(below, found or Given({}, above.source), keys)
        if found is None:
            return self._default(field, above, keys)
        item = item_type(field.type)
        if item is not None:
            return self._list(item, found, keys)
        self._note(found, keys)
        return self._leaf(field.type, found, keys)

    def _default(self, field: FieldInfo, above: Given, keys: Keys) -> Any:
        if field.required:
            return self._bad(above, keys, f'"{dotted(keys)}" is missing', faults.MISSING, _HINTS.get(keys, ""))
        self.origins[dotted(keys)] = DEFAULT
        return field.default_factory() if field.default is NODEFAULT else field.default

    def _list(self, item: Any, found: Given, keys: Keys) -> Any:
        table = table_type(item)
        values = found.value
        if found.source.is_text:
            values = [part.strip() for part in values.split(",")] if values.strip() else []
        if not isinstance(values, list):
            return self._bad(found, keys, "expected a list of tables" if table else "expected a list of strings")
        if table is None or not values:
            self._note(found, keys)
        numbered = [(Given(value, found.source), (*keys, index)) for index, value in enumerate(values)]
        read = [self._table(table, *each) if table else self._leaf(item, *each) for each in numbered]
        return _BAD if _BAD in read else tuple(read)

    def _leaf(self, annotation: Any, given: Given, keys: Keys) -> Any:
        kind = kind_of(annotation)
        try:
            if kind is not None:
                return kind.read(given.value)
            return msgspec.convert(_typed(given.value) if given.source.is_text else given.value, annotation)
        except msgspec.ValidationError as error:
            return self._bad(given, keys, _expectation(str(error), annotation))
        except ValueError as error:
            return self._bad(given, keys, str(error))

    def _note(self, found: Given, keys: Keys) -> None:
        self.origins[dotted(keys)] = found.source.origin(keys)
        self.sources[keys] = found.source

    def _bad(self, given: Given, keys: Keys, message: str, code: str = faults.WRONG, hint: str = "") -> _Bad:
        self.problems.append(given.source.problem(keys, message, code, hint))
        return _BAD


def _typed(text: str) -> str | int | bool:
    """Return what TOML would make of a bare text: whole numbers and truth values, one spelling each."""
    if text in _TRUTH:
        return _TRUTH[text]
    return int(text) if _WHOLE.fullmatch(text) else text


def _expectation(message: str, annotation: Any) -> str:
    """Return msgspec's sentence in the words of TOML, without its path and without the value."""
    if message.startswith("Invalid enum value"):
        alternatives = (annotation, *get_args(annotation))
        choices = [f'"{choice}"' for each in alternatives if get_origin(each) is Literal for choice in get_args(each)]
        number = [_WORDS["int"]] if get_origin(annotation) is not Literal else []
        return "expected " + " or ".join(number + choices)
    expected = message.partition(" - at ")[0].partition(", got ")[0].replace("Expected", "expected", 1)
    return _TYPE.sub(lambda match: " or ".join(_WORDS.get(word, word) for word in match[1].split(" | ")), expected)
