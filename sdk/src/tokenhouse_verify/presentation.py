"""Where in a request a credential may be, how it is spelled there, and in whose words a call is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tokenhouse_verify.answers import Answer, contract_answer, standard_answer
from tokenhouse_verify.credential import STANDARD, Credential, Kind
from tokenhouse_verify.description import HEADER_NAME, Description, read_description
from tokenhouse_verify.errors import InvalidRequest, MissingToken, Reason, Refusal
from tokenhouse_verify.ways import Place, Source, Used, Way, header, read_places

_AUTHORIZATION = header("authorization")


class Presentation:
    """Finds the one credential of a request.

    ``Presentation()`` is the standard one: a token in ``Authorization``, after the word Bearer. ``standard`` names
    other headers, ``load`` makes that of a dialect, ``beside`` puts several together. A request uses one way, each
    place once, and nothing is looked at that no way names.

    Spec: RFC 6750 §2
    """

    __slots__ = ("_descriptions", "_places", "contracts", "kinds", "ways")

    def __init__(self, *descriptions: Description) -> None:
        told = descriptions or (_standard(["Authorization"]),)
        self._descriptions = {one.contract: one for one in told}
        if len(self._descriptions) != len(told):
            raise ValueError("each contract is named once")
        self.contracts: tuple[str, ...] = tuple(self._descriptions)
        """The contracts; the first one speaks to whoever uses no way of any."""
        self.ways: tuple[Way, ...] = tuple(way for one in told for way in one.ways)
        """The ways, in the order in which they were named."""
        self.kinds: frozenset[Kind] = frozenset(way.kind for way in self.ways)
        """What can be presented."""
        self._places = frozenset(place for way in self.ways for place in way.places)

    @classmethod
    def standard(cls, headers: Collection[str]) -> Presentation:
        """Return the one that takes tokens from any of ``headers``; only ``Authorization`` needs the word Bearer.

        Raises:
            ValueError: these are no names of headers.

        """
        return cls(_standard(headers))

    @classmethod
    def load(cls, description: Mapping[str, Any] | str | bytes) -> Presentation:
        """Return that of a dialect, from what ``tokenhouse dialect export NAME`` prints.

        Raises:
            DescriptionError: it cannot be used as it stands.

        """
        return cls(read_description(description))

    def beside(self, *others: Presentation) -> Presentation:
        """Return the one that takes what this one takes, and what ``others`` take.

        Where two contracts look at the same places, the one that is named first has the request.

        Raises:
            ValueError: a contract is named twice.

        """
        return Presentation(*(one for each in (self, *others) for one in each._descriptions.values()))  # noqa: SLF001 - its own kind

    @property
    def has_words(self) -> bool:
        """Whether a contract among them refuses in words of its own."""
        return any(one.errors for one in self._descriptions.values())

    def find(self, headers: Iterable[tuple[bytes, bytes]], query: bytes = b"") -> Credential:
        """Return what is presented. ``headers`` and ``query`` are bytes, as in ASGI.

        Raises:
            MissingToken: no way is used.
            InvalidRequest: a place is repeated, two ways are used, or a value cannot be what it should be.

        """
        presented = read_places(self._places, headers, query)
        used = [found for way in self.ways if (found := way.find(presented)) is not None]
        if not used:
            raise MissingToken
        if not all(_is_the_same(used[0], other) for other in used[1:]):
            raise InvalidRequest(Reason.REPEATED)
        return used[0].credential

    def answer(
        self, refusal: Refusal, *, contract: str | None = None, realm: str = "api", request_id: str = ""
    ) -> Answer:
        """Return the answer to a refused call, in the words of ``contract``, else of the first one."""
        contract = contract if contract in self._descriptions else self.contracts[0]
        said = contract_answer(refusal, self._descriptions[contract].errors, request_id)
        return said or standard_answer(refusal, realm, request_id)


def _standard(headers: Collection[str]) -> Description:
    if isinstance(headers, str) or not headers or not all(HEADER_NAME.fullmatch(name) for name in headers):
        raise ValueError("headers is a collection of header names")
    places = dict.fromkeys(header(name) for name in headers)
    return Description(STANDARD, tuple(Way({"token": _spellings(place)}) for place in places), {})


def _spellings(place: Place) -> tuple[Source, ...]:
    with_word = Source(place, "bearer")
    return (with_word,) if place == _AUTHORIZATION else (with_word, Source(place))


def _is_the_same(first: Used, other: Used) -> bool:
    """Return whether two contracts merely read the same places; two ways of one contract are two."""
    return first.places == other.places and first.credential.contract != other.credential.contract
