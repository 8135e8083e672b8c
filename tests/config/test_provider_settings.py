"""Providers as the file writes them, every mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokenhouse.config.loading import load
from tokenhouse.config.provider_settings import Egress
from tokenhouse.config.showing import MASK, render
from tokenhouse.written.problem import Problems

HEAD = 'issuer = "https://a"\n'
APPLE = """\
[[provider]]
name = "apple"
kind = "oidc"
issuer = "https://apple.example"
client_ids = ["com.example.app"]
"""
FACEBOOK = """\
[[provider]]
name = "facebook"
kind = "oauth2"
tenants = ["default", "acme"]
client_ids = ["1234"]
client_secret = "canary-secret"
userinfo = "https://graph.example/me?fields=id,email,name"
tokeninfo = "https://graph.example/debug_token"
tokeninfo_style = "debug"
audience = "data.app_id"
subject = "id"
email = "email"
display_name = "name"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokenhouse.toml"


def refused(file: Path, text: str, environ: dict[str, str] | None = None) -> str:
    file.write_text(HEAD + text)
    with pytest.raises(Problems) as problems:
        load(file, environ or {})
    return str(problems.value).replace(str(file), "F")


def test_nothing_is_called_by_default(file: Path) -> None:
    file.write_text(HEAD)
    config = load(file, {}).config
    assert config.provider == ()
    assert config.egress == Egress(ports=(443,), allow=())


def test_providers_are_read(file: Path) -> None:
    file.write_text(HEAD + APPLE + FACEBOOK)
    apple, facebook = load(file, {}).config.provider
    assert (apple.name, apple.algs, apple.tenants) == ("apple", ("RS256", "ES256"), ("default",))
    assert facebook.tenants == ("default", "acme")
    assert facebook.client_secret is not None
    assert facebook.client_secret.reveal() == "canary-secret"


def test_the_secret_is_never_shown(file: Path) -> None:
    file.write_text(HEAD + FACEBOOK)
    rows = {row.name: row.value for row in render(load(file, {}))}
    assert rows["provider.0.client_secret"] == MASK
    assert rows["provider.0.tokeninfo_style"] == '"debug"'
    assert "canary" not in str(rows)
    assert "canary" not in refused(file, FACEBOOK.replace('"canary-secret"', '"canary\\u0007"'))
    assert "canary" not in repr(load_good(file).provider)


def load_good(file: Path):
    file.write_text(HEAD + FACEBOOK)
    return load(file, {}).config


def test_the_environment_gives_providers_as_toml(file: Path) -> None:
    file.write_text(HEAD)
    given = '[{ name = "apple", kind = "oidc", issuer = "https://apple.example", client_ids = ["a"] }]'
    (apple,) = load(file, {"TOKENHOUSE_PROVIDER": given, "TOKENHOUSE_EGRESS__PORTS": "443,8443"}).config.provider
    assert apple.client_ids == ("a",)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('issuers = "https://b"', 'F:7:1: TH-C001 "issuers" is no setting of [provider.0] (did you mean "issuer"?)'),
        ('algs = ["none"]', 'F:7:9: TH-C002 expected "RS256" or "RS384"'),
        ('algs = ["HS256"]', "F:7:9: TH-C002 expected"),
        ('jwks_uri = "https://user@b/"', "F:7:1: TH-C002 expected an absolute URL"),
        ('tenants = ["A"]', "F:7:12: TH-C002 expected a tenant"),
    ],
)
def test_a_mistake_is_refused_at_its_place(file: Path, line: str, problem: str) -> None:
    assert problem in refused(file, f"{APPLE}{line}\n")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('name = "apple"', 'name = "a b"', "expected a name"),
        ('name = "apple"', "", '"provider.0.name" is missing'),
        ('kind = "oidc"', 'kind = "saml"', 'expected "oidc" or "oauth2" or "oauth1"'),
    ],
)
def test_a_wrong_value_is_refused(file: Path, old: str, new: str, problem: str) -> None:
    assert problem in refused(file, APPLE.replace(old, new))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("allow = ['10.0.0.1:80']", "expected a place on this machine"),
        ("allow = ['example.com:80']", "expected a place on this machine"),
        ("allow = ['127.0.0.1:0']", "expected a place on this machine"),
        ("allow = ['127.0.0.1']", "expected host:port"),
        ("ports = [0]", "expected a whole number"),
        ("ports = [65536]", "expected a whole number"),
        ("ports = ['443']", "expected a whole number"),
    ],
)
def test_the_way_out_is_read_strictly(file: Path, text: str, problem: str) -> None:
    assert problem in refused(file, f"[egress]\n{text}\n")
