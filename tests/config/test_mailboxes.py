"""Addresses, mailboxes and mail servers as they are written."""

from email.headerregistry import Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.config.mailboxes import (
    MailServer,
    read_mail_address,
    read_mail_url,
    read_mailbox,
    split_mail_url,
    split_mailbox,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("alice@example.com", "alice@example.com"),
        ("Alice.O'Hara+x@Example.COM", "Alice.O'Hara+x@example.com"),
        ("alice@localhost", "alice@localhost"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@BÜCHER.Example", "a@xn--bcher-kva.example"),
        ("a@bu\u0308cher.example", "a@xn--bcher-kva.example"),
        ("a@例え.テスト", "a@xn--r8jz45g.xn--zckzah"),
        (f"{'a' * 64}@{'b' * 63}.com", f"{'a' * 64}@{'b' * 63}.com"),
    ],
)
def test_an_address_is_read_in_one_spelling(text: str, address: str) -> None:
    assert read_mail_address(text) == address
    assert read_mail_address(address) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "alice",
        "alice@",
        "@example.com",
        "alice@example..com",
        "alice@-example.com",
        "alice@example.com ",
        "alice @example.com",
        "alice@example.com\r\nBcc: bob@example.com",
        "alice\n@example.com",
        "alice@exam\nple.com",
        "alice@example.com,bob@example.com",
        "Alice <alice@example.com>",
        '"a b"@example.com',
        "alice@[127.0.0.1]",
        "alice@127.0.0.1",
        "alice@a.1",
        ".alice@example.com",
        "ali..ce@example.com",
        "älice@example.com",
        "a@\ud800.com",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}",
        f"a@{'ü' * 70}.com",
        f"a@{'ü.' * 50_000}com",
        "a@faß.example",  # the codec would send it to fass.example
        "a@ς.example",
        "a@ab\u200dc.example",
        "a@exam\u00adple.com",
        "a@ｅxample.com",
        "a@example。com",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected an e-mail address such as alice@example\.com$"):
        read_mail_address(text)


@given(st.text())
def test_nothing_that_passes_can_break_a_header(text: str) -> None:
    try:
        address = read_mail_address(text)
    except ValueError:
        return
    assert address.isascii()
    assert address.isprintable()
    assert not set(' <>,;:"\\[]()') & set(address)
    assert Address(addr_spec=address).addr_spec == address


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("id@example.com", ("", "id@example.com")),
        ("Example <id@example.com>", ("Example", "id@example.com")),
        ("例 & Söhne <id@Example.com>", ("例 & Söhne", "id@example.com")),
    ],
)
def test_a_mailbox_has_a_name_or_not(text: str, parts: tuple[str, str]) -> None:
    assert split_mailbox(text) == parts
    assert read_mailbox(text) == text


@pytest.mark.parametrize(
    "value", ["", "Example", "<id@example.com>", "A\nB <id@example.com>", " A <id@example.com>", 'A" <a@b.c>', 7]
)
def test_what_is_no_mailbox_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_mailbox(value)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", 587, tls_at_once=False)),
        ("smtps://mail.example.com", MailServer("mail.example.com", 465, tls_at_once=True)),
        ("smtp://127.0.0.1:25", MailServer("127.0.0.1", 25, tls_at_once=False)),
        ("smtp://[::1]:2525", MailServer("::1", 2525, tls_at_once=False)),
    ],
)
def test_a_mail_server(text: str, server: MailServer) -> None:
    assert split_mail_url(text) == server
    assert read_mail_url(text) == text


@pytest.mark.parametrize(
    "value",
    [
        "",
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://user:word@mail.example.com",
        "smtp://mail.example.com/x",
        "smtp://mail.example.com?x",
        "smtp://mail.example.com:99999",
        "smtp://mail.example.com:x",
        "smtp://[::1",
        "smtp://a b",
        "smtp://-x",
        5,
    ],
)
def test_what_is_no_mail_server_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"expected|settings of their own"):
        read_mail_url(value)
