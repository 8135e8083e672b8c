"""Tokens: plans, and templates that cannot say more than was granted."""

from datetime import timedelta

import pytest

from tokenhouse.protocol.contract import OpaqueForm, SignedForm
from tokenhouse.protocol.names import TokenUse
from tokenhouse.wire.dialect.values import Fault

JWT = """[tokens.signed]
use  = "access"
form = "jwt"
alg  = "RS256"
ttl  = "1h"
claims = '''
{
  "iss": "{{ server.issuer }}", "exp": {{ token.expires_at | epoch }}, "sub": "{{ user.id | default(client.id) }}",
  "jti": "{{ token.id | hex }}", {{ if granted.scope }} "scope": "{{ granted.scope | join(' ') }}"
}'''
"""


def plans(kit, more):
    return {plan.name: plan for plan in kit.load(kit.write(more=more)).contract.tokens}


def facts(kit, **changes):
    return {
        "client": {"id": "c"}, "user": None, "session": {}, "granted": {"scope": ("a", "b")}, "server": kit.SERVER,
        "now": kit.NOW, "key": {"alg": "RS256", "kid": "k", "thumbprint_sha1": None},
        "token": {"id": b"\x01" * 16, "issued_at": kit.NOW, "expires_at": kit.NOW + timedelta(hours=1), "lifetime": 3600},
        **changes,
    }  # fmt: skip


def test_plans(kit):
    more = '[tokens.again]\nuse = "refresh"\nform = "sid_{hex:64}"\nttl = "never"\nidle = "30m"\n'
    plan = plans(kit, more)["again"]

    assert (plan.use, plan.ttl, plan.idle_ttl) == (TokenUse.REFRESH, None, timedelta(minutes=30))
    assert plan.form == OpaqueForm("0123456789abcdef", 64, "sid_", "")


def test_claims_are_compact_and_in_order(kit):
    form = plans(kit, JWT)["signed"].form
    assert isinstance(form, SignedForm)
    assert form.alg == "RS256"
    assert form.claims(facts(kit)) == (
        b'{"iss":"https://tokens.example/c","exp":1597718644,"sub":"c","jti":"' + b"01" * 16 + b'","scope":"a b"}'
    )
    assert b"scope" not in form.claims(facts(kit, granted={"scope": ()}))
    assert form.claims(facts(kit, user={"id": "u"})).count(b'"sub":"u"') == 1


def test_the_header_says_the_key_unless_the_file_says_more(kit):
    assert plans(kit, JWT)["signed"].form.header(facts(kit)) == b'{"alg":"RS256","kid":"k","typ":"at+jwt"}'


def test_a_token_has_no_gaps(kit):
    header = 'header = \'{ "alg": "{{ key.alg }}", "x5t": "{{ key.thumbprint_sha1 | base64url }}" }\'\nclaims'
    form = plans(kit, JWT.replace("claims", header, 1))["signed"].form

    with pytest.raises(Fault):
        form.header(facts(kit))
    with pytest.raises(Fault):
        form.claims(facts(kit, client={}, user={}))


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ('"{{ server.issuer }}"', "{{ server.url }}"),
        ('"{{ server.issuer }}"', "{{ server.issuer }}/other"),
        ('"{{ server.issuer }}"', "{{ client.id or server.issuer }}"),
        ("{{ token.expires_at | epoch }}", "{{ now | epoch }}"),
        ("{{ token.expires_at | epoch }}", "9999999999"),
    ],
)
def test_what_says_too_much_is_refused(kit, claim, said):
    text = JWT.replace(claim, said if claim.startswith("{{") else f'"{said}"')

    assert "says what was granted" in kit.problems(kit.write(more=text))[0]


@pytest.mark.parametrize(
    "member", ['"scope": "{{ json.scope }}"', '"scp": ["admin"]', '"client_id": "other"', '"azp": "{{ user.id }}"']
)
def test_scope_and_client_are_those_that_were_granted(kit, member):
    text = JWT.replace('{{ if granted.scope }} "scope": "{{ granted.scope | join(\' \') }}"', member)

    assert any("says what was granted" in problem for problem in kit.problems(kit.write(more=text)))


@pytest.mark.parametrize(
    "member",
    [
        '{{ for granted in client.bag }} "scope": {{ granted.scope }}',
        '{{ if user.id }} {{ for client in client.bag }} "client_id": "{{ client.id }}"',
    ],
)
def test_a_loop_does_not_give_its_items_the_name_of_a_fact(kit, member):
    text = JWT.replace('{{ if granted.scope }} "scope": "{{ granted.scope | join(\' \') }}"', member)

    problems = kit.problems(kit.write(more='[attributes.client]\nbag = "list"\n' + text))
    assert [problem for problem in problems if "says what was granted" not in problem] == []
    assert len(problems) == 1


def test_a_header_names_its_key(kit):
    for header in ('{ "alg": "none" }', "{}", '{ "kid": "{{ key.kid }}" }'):
        text = JWT.replace("claims", f"header = '{header}'\nclaims", 1)
        assert any("alg" in problem for problem in kit.problems(kit.write(more=text)))


def test_a_token_without_end_needs_no_exp(kit):
    text = JWT.replace('"1h"', '"never"').replace('"exp": {{ token.expires_at | epoch }}, ', "")

    assert kit.problems(kit.write(more=text)) == []


def test_two_opaque_tokens_of_one_use_would_share_a_row(kit):
    more = '[tokens.long]\nuse = "access"\nform = "{hex:64}"\nttl = "12h"\n'

    assert "TH-D005 a second opaque token of use access" in kit.problems(kit.write(more=more))[0]
