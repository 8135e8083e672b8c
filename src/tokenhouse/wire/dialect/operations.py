"""Operations: one call of the contract, from what must be read to what is answered.

Spec: the dialect language, section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpAnswer
from tokenhouse.protocol.messages import CallRequest, Credentials, TokenRequest
from tokenhouse.protocol.refusals import InvalidRequest, InvalidScope, Refusal
from tokenhouse.wire.dialect.answers import Answer
from tokenhouse.wire.dialect.asking import Asking
from tokenhouse.wire.dialect.checks import Check
from tokenhouse.wire.dialect.credentials import ClientReader
from tokenhouse.wire.dialect.errors import ErrorRows
from tokenhouse.wire.dialect.matching import Fit, Match
from tokenhouse.wire.dialect.reading import Reading
from tokenhouse.wire.dialect.roles import Role
from tokenhouse.wire.dialect.routes import RoutePath
from tokenhouse.wire.dialect.scope import Run
from tokenhouse.wire.dialect.values import ABSENT
from tokenhouse.wire.dialect.view import View


@dataclass(frozen=True, slots=True)
class Operation:
    """One compiled operation.

    ``roles`` are those of the message, without the client's and without the token of a protected call. One of each
    group in ``needs`` must be there, and no two of ``identifiers``; ``fields`` are the wire's names for what the rooms
    behind it call otherwise.
    """

    name: str
    does: str
    routes: tuple[RoutePath, ...]
    is_open: bool
    reading: Reading
    matches: tuple[Match, ...]
    when: Run | None
    client: ClientReader
    roles: tuple[Role, ...]
    requires: tuple[str, ...]
    checks: tuple[Check, ...]
    identifiers: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...]
    fields: Mapping[str, str]
    asking: Asking
    answers: tuple[Answer, ...]
    errors: ErrorRows

    def fits(self, view: View) -> tuple[Fit, str]:
        """Return how the request fits, and the field that decided.

        Raises:
            InvalidRequest: a field that decides is repeated.

        """
        for match in self.matches:
            fit = match.fit(view)
            if fit is not Fit.YES:
                return fit, match.field
        if self.when is not None and not self.when(view):
            return Fit.OTHER, ""
        return Fit.YES, ""

    def message(self, view: View, credentials: Credentials, fault: Refusal | None) -> TokenRequest | CallRequest:
        """Return what is asked; the first thing that is wrong travels as its fault.

        Raises:
            InvalidRequest: a protected call presents its token in two ways, or in one that cannot be read.

        """
        values, wrong = self._read(view)
        request = self.asking.message(view, values, credentials)
        request.fault = fault or self._fault(view, values, wrong)
        return request

    def _read(self, view: View) -> tuple[dict[str, Any], list[Refusal]]:
        values: dict[str, Any] = {}
        wrong: list[Refusal] = []
        for role in self.roles:
            try:
                value = role.read(view)
            except Refusal as refusal:
                wrong.append(refusal)
            else:
                if value is not ABSENT:
                    values[role.name] = value
        return values, wrong

    def _fault(self, view: View, values: dict[str, Any], wrong: list[Refusal]) -> Refusal | None:
        """Return the first of: a role that cannot be read, one that is required, a check, one that is needed."""
        malformed = next((refusal for refusal in wrong if not isinstance(refusal, InvalidScope)), None)
        if malformed is not None:
            return malformed
        for name in self.requires:
            if name not in values and name not in view.read:
                return self._missing(name)
        for check in self.checks:
            failed = check.fault(view)
            if failed is not None:
                return failed
        return self._needed(values) or next(iter(wrong), None)

    def _needed(self, values: dict[str, Any]) -> Refusal | None:
        if len(self.identifiers) > 1:
            named = [name for name in self.identifiers if name in values]
            if len(named) > 1:
                return InvalidRequest(Cause.MALFORMED, field=self._field(named[1]))
        for group in self.needs:
            if not any(name in values for name in group):
                return self._missing(group[0])
        return None

    def _missing(self, name: str) -> Refusal:
        return InvalidRequest(Cause.MISSING, field=self._field(name))

    def _field(self, name: str) -> str:
        return next((role.field for role in self.roles if role.name == name), name)

    def say(self, view: View) -> HttpAnswer:
        """Return the first answer that applies.

        Raises:
            Fault: a value has no place where the template puts it.

        """
        answer = next(answer for answer in self.answers if answer.when is None or answer.when(view))
        view.status = answer.status_for(view, 200)
        return answer.render(view, view.status)
