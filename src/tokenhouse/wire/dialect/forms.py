"""Forms: how a generated value is spelled, in token forms and in examples (``{hex:64}``, ``gho_{alnum:36}``).

Spec: the dialect language, section 3, Forms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.written import did_you_mean

_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_UPPER: Final = _LOWER.upper()
_DIGITS: Final = "0123456789"

ALPHABETS: Final[dict[str, str]] = {
    "hex": _DIGITS + "abcdef",
    "HEX": _DIGITS + "ABCDEF",
    "digits": _DIGITS,
    "lower": _LOWER + _DIGITS,
    "UPPER": _UPPER + _DIGITS,
    "alnum": _UPPER + _LOWER + _DIGITS,
    "base64": _UPPER + _LOWER + _DIGITS + "+/",
    "base64url": _UPPER + _LOWER + _DIGITS + "-_",
    "base32": _UPPER + "234567",
}
"""Alphabets in the order in which a digit of that value is written."""

_UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SHAPES: Final[dict[str, str]] = {
    "uuid": _UUID,
    "UUID": _UUID.replace("a-f", "A-F"),
    "int": r"-?(?:0|[1-9][0-9]*)",
    "jwt": r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+",
    "iso8601": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})",
    "text": r"[^\"<>]+",
    "any": r"[\s\S]*",
}
"""Forms without a length; all but the first two are for examples only."""

_FORM: Final = re.compile(r"\{(?:([a-z][a-z0-9_]*)=)?([A-Za-z][A-Za-z0-9]*)(?::([0-9]{1,4})(?:\.\.([0-9]{1,4}))?)?\}")
BITS_NEEDED: Final = 256


@dataclass(frozen=True, slots=True)
class Form:
    """One generated part: ``least`` to ``most`` characters of ``name``'s alphabet, or a fixed shape."""

    name: str
    least: int = 0
    most: int = 0
    capture: str = ""

    @property
    def pattern(self) -> str:
        """A regular expression that matches exactly what has this form."""
        if self.name in SHAPES:
            return SHAPES[self.name]
        padding = "=" if self.name == "base64" else ""
        return f"[{re.escape(ALPHABETS[self.name] + padding)}]{{{self.least},{self.most}}}"


Part = str | Form


def read_form_text(text: str) -> tuple[Part, ...]:
    """Return literal parts and forms of ``text``, in order.

    Raises:
        Complaint: a brace that is no form, an unknown alphabet, a length that is none.

    """
    parts: list[Part] = []
    at = 0
    for found in _FORM.finditer(text):
        _literal(parts, text[at : found.start()], at)
        parts.append(_form(found))
        at = found.end()
    _literal(parts, text[at:], at)
    return tuple(parts)


def _literal(parts: list[Part], text: str, at: int) -> None:
    for brace in "{}":
        if brace in text:
            raise Complaint(
                Code.TOKEN_FORM,
                "a form is written {alphabet:length}",
                hint="for example {hex:64}",
                offset=at + text.index(brace),
            )
    if text:
        parts.append(text)


def _form(found: re.Match[str]) -> Form:
    capture, name, least, most = found.groups()
    if name not in ALPHABETS and name not in SHAPES:
        raise Complaint(
            Code.TOKEN_FORM,
            f"unknown form {{{name}}}",
            hint=did_you_mean(name, [*ALPHABETS, *SHAPES]),
            offset=found.start(),
        )
    if (name in ALPHABETS) is (least is None):
        wants = "needs a length" if name in ALPHABETS else "takes no length"
        raise Complaint(Code.TOKEN_FORM, f"the form {{{name}}} {wants}", offset=found.start())
    low, high = int(least or 0), int(most or least or 0)
    if name in ALPHABETS and not 0 < low <= high:
        raise Complaint(Code.TOKEN_FORM, f"the length of {{{name}}} is not one", offset=found.start())
    return Form(name, low, high, capture or "")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A form with literal text around it, of one fixed length."""

    alphabet: str
    length: int
    prefix: str = ""
    suffix: str = ""


def one_spelling(text: str) -> Spelling:
    """Return the only form of ``text`` with what stands before and behind it.

    Raises:
        Complaint: there is none, there are several, or its length is not fixed.

    """
    parts = read_form_text(text)
    forms = [part for part in parts if isinstance(part, Form)]
    if len(forms) != 1:
        raise Complaint(Code.TOKEN_FORM, f"exactly one form belongs here, not {len(forms)}", hint="such as {hex:64}")
    (form,) = forms
    if form.name in SHAPES:
        raise Complaint(Code.TOKEN_FORM, _too_small(form.name) or f"{{{form.name}}} is a form for examples only")
    if form.least != form.most or form.capture:
        raise Complaint(Code.TOKEN_FORM, "a generated value has one length and no capture")
    where = parts.index(form)
    prefix, suffix = ("".join(str(part) for part in side) for side in (parts[:where], parts[where + 1 :]))
    return Spelling(ALPHABETS[form.name], form.least, prefix, suffix)


def _too_small(name: str) -> str:
    if name.lower() != "uuid":
        return ""
    return f"{{{name}}} carries 122 bits; a token must carry {BITS_NEEDED}, such as {{hex:64}}"


def require_capacity(spelling: Spelling) -> None:
    """Refuse a token form that cannot hold a derived token.

    Raises:
        Complaint: it carries less than 256 bits; says how many, and how long it must be.

    """
    size = len(spelling.alphabet)
    if size**spelling.length >= 2**BITS_NEEDED:
        return
    bits = (size**spelling.length).bit_length() - 1
    needed = next(n for n in range(spelling.length, BITS_NEEDED + 1) if size**n >= 2**BITS_NEEDED)
    message = f"this form carries {bits} bits; a token must carry {BITS_NEEDED}"
    raise Complaint(Code.TOKEN_FORM, message, hint=f"{needed} characters of this alphabet or more")
