"""Dialects: legacy token contracts as data, compiled to closures when they are loaded.

May touch ``protocol``, ``written``, the readers of ``wire`` and the parser of Jinja's expressions.
Never grants, never evaluates a template engine, never sees a record or a key.
"""

from tokenhouse.wire.dialect.dialect import Dialect, Example, Samples
from tokenhouse.wire.dialect.loader import load

__all__ = ["Dialect", "Example", "Samples", "load"]
