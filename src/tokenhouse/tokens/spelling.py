"""How thirty-two sealed bytes are spelled in the alphabet and length that a contract documents.

A token has one spelling: the reader spells what it read once more and compares.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from math import ceil, log2

from tokenhouse.protocol.contract import OpaqueForm
from tokenhouse.tokens.handle import SEALED_BYTES, SealKey

HEX = "0123456789abcdef"
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@lru_cache(maxsize=256)
def payload_bytes(form: OpaqueForm) -> int:
    """Return how many whole bytes ``form`` can carry: thirty-two or more."""
    return int(form.length * log2(len(form.alphabet)) + 1e-9) // 8


@lru_cache(maxsize=256)
def _digits(alphabet: str) -> dict[str, int]:
    return {character: value for value, character in enumerate(alphabet)}


def spell(form: OpaqueForm, sealed: bytes, key: SealKey) -> str:
    """Return the token text for ``sealed``."""
    data = key.stretch(sealed, payload_bytes(form))
    return f"{form.prefix}{_encode(form, data)}{form.suffix}"


def read(form: OpaqueForm, text: str) -> bytes | None:
    """Return the sealed bytes inside ``text``, None if it does not look like this form at all."""
    end = len(form.prefix) + form.length
    if len(text) != end + len(form.suffix) or not text.startswith(form.prefix) or not text.endswith(form.suffix):
        return None
    data = _decode(form, text[len(form.prefix) : end])
    return None if data is None else data[:SEALED_BYTES]


def _encode(form: OpaqueForm, data: bytes) -> str:
    if form.alphabet == HEX:
        return data.hex()[: form.length].ljust(form.length, "0")
    if form.alphabet == BASE64URL:
        text = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        return text.ljust(form.length, "A")
    number = int.from_bytes(data)
    base = len(form.alphabet)
    characters = []
    for _ in range(form.length):
        number, digit = divmod(number, base)
        characters.append(form.alphabet[digit])
    return "".join(reversed(characters))


def _decode(form: OpaqueForm, text: str) -> bytes | None:
    digits = _digits(form.alphabet)
    if not digits.keys() >= set(text):
        return None
    size = payload_bytes(form)
    if form.alphabet == HEX:
        return bytes.fromhex(text[: size * 2])
    if form.alphabet == BASE64URL:
        part = text[: ceil(size * 4 / 3)]
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))[:size]
    number = 0
    for character in text:
        number = number * len(form.alphabet) + digits[character]
    return number.to_bytes(size) if number.bit_length() <= size * 8 else None
