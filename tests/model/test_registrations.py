"""Effects of administration lose to a name that is taken, or a row that is gone, and to nothing else."""

from __future__ import annotations

import inspect

import pytest

from tokenhouse.model import registrations
from tokenhouse.model.effects import Conflict, Effect

KINDS = [
    kind
    for _, kind in inspect.getmembers(registrations, inspect.isclass)
    if issubclass(kind, Effect) and kind is not Effect
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_operator_s_loss_is_a_conflict_that_names_the_change(kind):
    lost = kind(*(None for _ in kind.__struct_fields__)).otherwise()
    assert "otherwise" not in vars(kind)
    assert isinstance(lost, Conflict)
    assert str(lost) == kind.__name__
