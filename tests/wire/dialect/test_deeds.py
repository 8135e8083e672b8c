"""The table of what operations do: complete, and true of what the loader says."""

from __future__ import annotations

import pytest

from tokenhouse.protocol.messages import Profile, ProviderProof
from tokenhouse.protocol.names import Bearer, CallKind, GrantType
from tokenhouse.wire.dialect.deeds import CALLS, DEEDS, LATER, ROOM_NAMES, fields_of, needs_of
from tokenhouse.wire.dialect.roles import COMMON, IDENTIFIERS, PROFILE, PROOF, ROLES, Role
from tokenhouse.wire.dialect.scope import Compiled
from tokenhouse.wire.dialect.values import Kind


def test_every_grant_and_every_call_can_be_done():
    assert set(DEEDS) == {*(kind.value for kind in GrantType), *(kind.value for kind in CallKind), "static"}
    assert {kind.value for kind in CallKind} == CALLS
    assert not set(LATER) & set(DEEDS)


def test_every_role_is_used_by_something():
    assert frozenset().union(*(deed.uses for deed in DEEDS.values())) | COMMON == ROLES
    for deed in DEEDS.values():
        assert {name for group in deed.needs for name in group} | set(deed.reads) <= deed.uses


def test_a_refusal_names_the_parts_of_the_messages():
    assert {ROOM_NAMES[role] for role in PROFILE} == set(Profile.__slots__)
    assert {ROOM_NAMES[role] for role in PROOF} == set(ProviderProof.__slots__)
    assert all(ROOM_NAMES[role] == role for role in IDENTIFIERS)


@pytest.mark.parametrize("does", ["unlock", "update"])
def test_an_app_says_about_whom_it_calls(does):
    assert IDENTIFIERS in needs_of(does, Bearer.CLIENT)
    assert IDENTIFIERS not in needs_of(does, Bearer.EITHER)
    assert IDENTIFIERS not in needs_of("introspect", Bearer.CLIENT)


def role(name, place):
    return Role(name, (Compiled(len, Kind.ANY, place=place),))


def test_what_is_changed_stands_before_who_is_meant():
    roles = {name: role(name, place) for name, place in (("new_email", "mail"), ("email", "who"), ("user_id", "id"))}

    assert fields_of(roles) == {"email": "mail", "user_id": "id"}


CASES = [
    ('does = "named_subject"\n', ["10:1: TH-D032 named_subject needs one of the roles username, email"]),
    (
        'does = "assertion"\nread.assertion = "json.a"\n',
        ["10:1: TH-D032 assertion needs the role provider (read.provider)"],
    ),
    (
        'does = "assertion"\nread.provider = "json.p"\nread.password = "json.q"\n',
        [
            "10:1: TH-D032 assertion needs one of the roles provider_token, assertion (read.assertion)",
            "12:6: TH-D033 assertion does not use the role password",
        ],
    ),
    (
        'does = "register"\nread.new_password = "json.p"\n',
        ["10:1: TH-D032 register needs one of the roles new_username, new_email, new_phone (read.new_phone)"],
    ),
    ('does = "update"\n', ["10:1: TH-D032 update needs one of the roles new_username, new_email"]),
    (
        'does = "unlock"\nbearer = "client"\n',
        ["10:1: TH-D032 unlock needs one of the roles username, email, phone, user_id, login (read.login)"],
    ),
    (
        'does = "unlock"\nread.username = "json.u"\n',
        ['11:6: TH-D033 username says whom an app asks about: it needs bearer = "client" or "either"'],
    ),
    ('does = "unlock"\nread.new_name = "json.n"\n', ["11:6: TH-D033 unlock does not use the role new_name"]),
    ('does = "register"\nread.new_email = "json.e"\nread.email = "json.f"\n', ["12:6: TH-D033 register does not"]),
]


@pytest.mark.parametrize(("lines", "expected"), CASES, ids=[str(index) for index in range(len(CASES))])
def test_what_is_refused_at_load(kit, lines, expected):
    said = kit.problems(kit.write(operation=f'[operation.x]\nroute = "POST /token"\n{lines}answer.json = "{{}}"\n'))

    assert len(said) == len(expected)
    assert all(found.startswith(f"demo.toml:{line}") for found, line in zip(said, expected, strict=True))
