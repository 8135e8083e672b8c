"""The rooms behind the door."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tokenhouse.config.settings import Passwords, Secrets
from tokenhouse.server.rooms import MissingSecret, _workers, open_envelope


def test_without_a_key_encryption_key_nothing_is_built(config: Any) -> None:
    with pytest.raises(MissingSecret):
        open_envelope(msgspec.structs.replace(config, secrets=Secrets()))


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 1), (8, 7), (None, 1)])
def test_one_core_stays_with_the_tokens(
    config: Any, monkeypatch: pytest.MonkeyPatch, cores: int | None, workers: int
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert _workers(msgspec.structs.replace(config, passwords=Passwords(workers="auto"))) == workers
    assert _workers(msgspec.structs.replace(config, passwords=Passwords(workers=3))) == 3
