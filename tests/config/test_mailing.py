"""Mail and the pages for people: what does not go together is found, with the setting that says so."""

from pathlib import Path
from typing import Any

import pytest

from tokenhouse.config.loading import load
from tokenhouse.config.mailing import mailing
from tokenhouse.config.settings import Config, Mail, People
from tokenhouse.config.showing import render
from tokenhouse.protocol.secret import Secret
from tokenhouse.written.problem import Problems

HTTPS = "https://id.example.com"
SERVER = {"url": "smtp://mail.example.com", "sender": "id@example.com"}
WORD = Secret("the word")


def found(*, development: bool = False, people: tuple[People, ...] = (), issuer: str = HTTPS, **mail: Any) -> list[Any]:
    return list(mailing(Config(issuer=issuer, development=development, mail=Mail(**mail), people=people)))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        SERVER,
        SERVER | {"user": "u", "password": WORD},
        SERVER | {"user": "u", "password_file": Path("p")},
        SERVER | {"url": "smtp://127.0.0.1:25", "starttls": False},
        SERVER | {"url": "smtps://mail.example.com", "starttls": False},
        SERVER | {"starttls": False, "development": True},
        {"folder": Path("mail"), "development": True},
        SERVER | {"people": (People(), People(tenant="b", prefix="/b"), People(tenant="c", hosts=("id.example.com",)))},
        SERVER | {"people": (People(url="https://me.example.com", hosts=("me.example.com",)),)},
        SERVER | {"people": (People(url="http://127.0.0.1:1"),), "development": True},
    ],
)
def test_sound_settings_pass(settings: dict[str, Any]) -> None:
    assert found(**settings) == []


@pytest.mark.parametrize(
    ("settings", "about", "message"),
    [
        ({"folder": Path("m")}, ("mail", "folder"), "development = true"),
        (SERVER | {"folder": Path("m"), "development": True}, ("mail", "folder"), "not both"),
        ({"user": "u"}, ("mail", "user"), "is for a mail server"),
        ({"authorities": Path("a")}, ("mail", "authorities"), "is for a mail server"),
        ({"url": "smtp://mail.example.com"}, ("mail", "url"), "needs a sender"),
        (SERVER | {"user": "u"}, ("mail", "user"), "go together"),
        (SERVER | {"password": WORD}, ("mail", "user"), "go together"),
        (
            SERVER | {"user": "u", "password": WORD, "password_file": Path("p")},
            ("mail", "password_file"),
            "are both given",
        ),
        (SERVER | {"starttls": False}, ("mail", "starttls"), "in the clear"),
        ({"people": (People(),)}, ("people", 0), "need [mail]"),
        ({"people": (People(sign_up=True),)}, ("people", 0, "sign_up"), "need [mail]"),
        (SERVER | {"people": (People(url="http://x"),)}, ("people", 0, "url"), "https outside development"),
        (SERVER | {"people": (People(hosts=("a",)),)}, ("people", 0, "hosts"), "leaves out"),
        (SERVER | {"people": (People(), People(tenant="b"))}, ("people", 1, "prefix"), "at the same place"),
    ],
)
def test_contradictions_are_found(settings: dict[str, Any], about: Any, message: str) -> None:
    (only,) = found(**settings)
    assert only.about[0] == about
    assert message in only.message


def test_authorities_must_be_readable_certificates(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    (missing,) = found(**SERVER, authorities=path)
    assert (missing.about[0], "No such file" in missing.message) == (("mail", "authorities"), True)
    path.write_text("not PEM")
    (other,) = found(**SERVER, authorities=path)
    assert "no certificates" in other.message


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tokenhouse.toml"
    path.write_text(
        f'issuer = "{HTTPS}"\n[mail]\nurl = "smtp://mail.example.com"\nsender = "id@example.com"\nuser = "u"\n'
        'password_file = "word.txt"\n[[people]]\nsign_up = true\n'
    )
    (tmp_path / "word.txt").write_text("the word\n")
    return path


def test_the_password_comes_from_its_file_and_is_not_shown(file: Path) -> None:
    loaded = load(file, {})
    assert loaded.config.mail.password is not None
    assert loaded.config.mail.password.reveal() == "the word"
    assert loaded.origins["mail.password"] == str(file.with_name("word.txt"))
    assert not any("the word" in cell for row in render(loaded, origin=True) for cell in row)


def test_the_password_comes_from_the_environment(file: Path) -> None:
    file.write_text(file.read_text().replace('password_file = "word.txt"\n', ""))
    config = load(file, {"TOKENHOUSE_MAIL__PASSWORD": "other"}).config
    assert config.mail.password is not None
    assert config.mail.password.reveal() == "other"


@pytest.mark.parametrize("content", [None, b"", b"two\nlines", b"\xff"])
def test_a_password_that_cannot_be_taken_is_a_problem_at_its_line(file: Path, content: bytes | None) -> None:
    word = file.with_name("word.txt")
    word.unlink() if content is None else word.write_bytes(content)
    with pytest.raises(Problems, match=r"tokenhouse\.toml:6:\d+: TH-C005 cannot take the password from"):
        load(file, {})


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("colour = 1", 'TH-C001 "colour" is no setting of'),
        ("reset_ttl = 5", "TH-C002"),
        ('prefix = "x"', "TH-C002"),
        ('hosts = ["a"]', "TH-C004 links lead to"),
    ],
)
def test_mistakes_are_pointed_at(file: Path, line: str, problem: str) -> None:
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(Problems) as problems:
        load(file, {})
    assert f"tokenhouse.toml:9:1: {problem}" in str(problems.value)


def test_paths_are_below_the_file(file: Path) -> None:
    file.write_text(f'issuer = "{HTTPS}"\ndevelopment = true\n[mail]\nfolder = "out"\n')
    assert load(file, {}).config.mail.folder == file.parent / "out"
