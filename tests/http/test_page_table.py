"""The table of pages: whole, consistent, and every text of it in the catalogue."""

from __future__ import annotations

import pytest

from tokenhouse.http.page_table import MAILED, PAGES, Page
from tokenhouse.interaction.catalogue import texts
from tokenhouse.interaction.moves import Site, Wish

ALL = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)


@ALL
def test_every_page_has_its_texts(page: Page) -> None:
    said = texts("en")
    for key in (f"{page.operation}.title", f"{page.operation}.lead", f"{page.operation}.button", f"done.{page.done}"):
        assert said.has(key)
    assert all(said.has(f"field.{each.label}") for each in page.inputs)


@ALL
def test_every_input_is_something_that_can_be_wished(page: Page) -> None:
    assert {each.name for each in page.inputs} <= set(Wish.__dataclass_fields__)
    assert len({each.name for each in page.inputs}) == len(page.inputs)
    assert all(each.autocomplete != "off" or each.kind == "checkbox" for each in page.inputs)
    assert all((each.kind == "password") == ("password" in each.name) for each in page.inputs)


@ALL
def test_a_page_that_is_opened_by_a_link_says_who_sends_it(page: Page) -> None:
    assert (page.purpose is None) == (not page.again)
    if page.again:
        assert PAGES[page.again].needs == page.needs
        assert PAGES[page.again].done in MAILED


def test_places_and_endings_are_distinct() -> None:
    assert len({page.path for page in PAGES.values()}) == len(PAGES) == len({page.done for page in PAGES.values()})


def test_what_a_site_does_not_have_is_not_there() -> None:
    plain = Site("default", "Example", "https://a/b", sign_up=False, reset=False)
    assert [name for name, page in PAGES.items() if page.is_at(plain)] == [
        "password",
        "email",
        "email_confirm",
        "sign_out",
    ]
    assert all(page.is_at(Site("default", "Example", "https://a/b", sign_up=True)) for page in PAGES.values())
