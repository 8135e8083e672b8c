"""Any token to what it says: a signed one is verified here, any other one is introspected."""

from __future__ import annotations

from tokenhouse_verify.errors import InvalidToken, Reason
from tokenhouse_verify.introspection import Introspection
from tokenhouse_verify.token import Token
from tokenhouse_verify.verifier import Verifier

_DOTS_OF_A_JWT = 2


class TokenAuthentication:
    """Decides by the look of a token who is asked about it.

    A string with two dots is a JWT and goes to ``verifier``; anything else, and with no verifier everything, goes to
    ``introspection``. One does not stand in for the other: a JWT that was refused is not introspected.
    """

    def __init__(self, *, verifier: Verifier | None = None, introspection: Introspection | None = None) -> None:
        if verifier is None and introspection is None:
            raise ValueError("a verifier or an introspection is needed")
        self._verifier = verifier
        self._introspection = introspection

    async def authenticate(self, token: str) -> Token:
        """Return what ``token`` says.

        Raises:
            InvalidToken: it is not good here, or opaque and nobody can be asked.
            Unavailable: nobody can say at the moment.

        """
        if self._verifier is not None and token.count(".") == _DOTS_OF_A_JWT:
            return await self._verifier.verify(token)
        if self._introspection is None:
            raise InvalidToken(Reason.OPAQUE)
        return await self._introspection.introspect(token)
