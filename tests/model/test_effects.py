"""Effects: what is raised when one of them loses."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime

import msgspec
import pytest

from tokenhouse.model import effects, registrations
from tokenhouse.model.effects import Conflict, Effect, RaceLost
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidGrant, InvalidToken, Limited
from tokenhouse.sql.apply import CHANGES

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
EFFECTS = {
    kind
    for module in (effects, registrations)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, Effect) and kind is not Effect
}
ROW = effects.Authorization(1, "t", "c", "app", None, (), "k", AT, AT, AT, None)
ACCOUNT = effects.Account("t", "u", None, None, None, None, None, AT)
REFUSED = {
    effects.OpenAuthorization: (effects.OpenAuthorization(ROW, None, 1), InvalidGrant),
    effects.AdvanceRefresh: (effects.AdvanceRefresh(1, 0, AT, 0, None, 1), RaceLost),
    effects.RenewAccess: (effects.RenewAccess(1, 0, AT, None, 1), RaceLost),
    effects.ReserveGuess: (effects.ReserveGuess(b"b", 1, 60, AT), Limited),
    effects.LinkIdentity: (effects.LinkIdentity("t", "p", "s", "u", AT), RaceLost),
    effects.SpendTicket: (effects.SpendTicket(b"d", AT), InvalidToken),
    effects.CreateAccount: (effects.CreateAccount(ACCOUNT, (), raced=True), RaceLost),
}


@pytest.mark.parametrize("kind", sorted(EFFECTS, key=lambda kind: kind.__name__))
def test_every_effect_is_a_frozen_value(kind):
    assert kind.__struct_config__.frozen


def test_the_effects_of_a_request_that_can_lose_say_what_then():
    """The others that can lose are an operator's: a name is taken, or nothing goes by it."""
    own = {kind for kind in EFFECTS if "otherwise" in vars(kind)}
    assert own == set(REFUSED)
    assert set(CHANGES) == EFFECTS


@pytest.mark.parametrize(("effect", "kind"), REFUSED.values(), ids=lambda value: type(value).__name__)
def test_each_loss_is_a_new_exception(effect, kind):
    assert type(effect.otherwise()) is kind
    assert effect.otherwise() is not effect.otherwise()


def test_an_operator_s_loss_names_the_change():
    lost = effects.EndSessions("t", "u", AT).otherwise()
    assert isinstance(lost, Conflict)
    assert str(lost) == "EndSessions"


def test_a_taken_name_is_an_operator_s_mistake_unless_it_was_a_race():
    lost = effects.CreateAccount(ACCOUNT, ()).otherwise()
    assert isinstance(lost, Conflict)
    assert str(lost) == "CreateAccount"


def test_a_link_that_was_followed_says_so():
    assert REFUSED[effects.SpendTicket][0].otherwise().cause is Cause.BAD_LINK


def test_a_spent_budget_says_when_to_come_back():
    refusal = REFUSED[effects.ReserveGuess][0].otherwise()
    assert (refusal.cause, refusal.retry_after) == (Cause.LIMITED, 60)


def test_a_login_that_was_overtaken_is_told_like_a_wrong_password():
    refusal = REFUSED[effects.OpenAuthorization][0].otherwise()
    assert refusal.public_cause is Cause.BAD_CREDENTIALS
    assert refusal.effects == ()


def test_effects_are_compared_by_value():
    assert msgspec.structs.replace(effects.ReturnGuess(b"b")) == effects.ReturnGuess(b"b")
    assert effects.ReturnGuess(b"b") != effects.ReturnGuess(b"c")
