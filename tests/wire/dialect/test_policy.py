from datetime import timedelta

import pytest

from tokenhouse.protocol.contract import CredentialForm, LockoutPolicy, SessionPolicy

POLICY = """[session]
refresh = "keep"
per = ["user", "device"]
limit = 3
over = "oldest"
[credentials]
client_id = { label = "AppKey", form = "{digits:4}" }
[attributes.user]
plan = { name = "text", quota = { devices = "int" } }
[attributes.server]
colour = "text"
"""


def test_a_policy_is_handed_on(kit):
    contract = kit.load(kit.write(more=POLICY)).contract

    assert contract.session == SessionPolicy("keep", ("user", "device"), 3)
    assert contract.credentials == {"client_id": CredentialForm("AppKey", "0123456789", 4)}
    assert contract.attributes == {"user": {"plan": {"name": "text", "quota": {"devices": "int"}}}}
    assert contract.excess_scope == "refuse"


def test_what_a_file_does_not_say(kit):
    assert kit.load(kit.write()).contract.session == SessionPolicy()


def test_refusing_sessions_over_the_limit_is_not_built_yet(kit):
    row = kit.ERRORS + 'too_many_sessions = { code = "full" }\n'

    assert "TH-D005" in kit.problems(kit.write(errors=row))[0]
    assert "TH-D005" in kit.problems(kit.write(more=POLICY.replace("oldest", "refuse")))[0]


def test_a_limit_counts_by_user(kit):
    problems = kit.problems(kit.write(more=POLICY.replace('["user", "device"]', '["client"]')))

    assert "TH-D005 a limit per anything but `user`" in problems[0]


def test_a_default_scope_is_handed_on(kit):
    head = kit.HEAD.replace('title   = "Demo"', 'title = "Demo"\ndefault_scope = ["a", "b:c"]')
    broken = head.replace('"b:c"', '"b c"')

    assert kit.load(kit.write(head=head)).contract.default_scope == ("a", "b:c")
    assert "TH-D007 no scope: 'b c'" in kit.problems(kit.write(head=broken))[0]


def test_excess_scope(kit):
    head = kit.HEAD.replace('title   = "Demo"', 'title = "Demo"\nexcess_scope = "drop"')

    assert kit.load(kit.write(head=head)).contract.excess_scope == "drop"
    assert "TH-D007" in kit.problems(kit.write(head=head.replace("drop", "dorp")))[0]


def test_a_lockout_is_handed_on(kit):
    assert kit.load(kit.write(more='[lockout]\nfailures = 3\nwindow = "90s"\n')).contract.lockout == LockoutPolicy(
        3, timedelta(seconds=90)
    )
    assert kit.load(kit.write()).contract.lockout is None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('failures = 0\nwindow = "1m"\n', ["16:1: TH-D007 failures are 1 or more"]),
        ('failures = 1\nwindow = "never"\n', ['17:11: TH-D007 a lockout ends some time ("15m")']),
        ('failures = 1\nwindow = "soon"\n', ["17:11: TH-D007 not a duration: 'soon'"]),
        ("failures = 1\n", ["15:2: TH-D004 window is missing"]),
        ('failures = "1"\nwindow = "1m"\nlocks = 1\n', ["16:1: TH-D003 failures takes an integer", "18:1: TH-D002"]),
    ],
)
def test_a_lockout_that_is_none(kit, lines, expected):
    said = kit.problems(kit.write(more="[lockout]\n" + lines))

    assert len(said) == len(expected)
    assert all(found.startswith(f"demo.toml:{line}") for found, line in zip(said, expected, strict=True))


def test_every_credential_has_its_form(kit):
    names = ("client_id", "client_secret", "api_secret", "device_key", "user_id")
    lines = "".join(f'{name} = {{ label = "{name}", form = "{{hex:32}}" }}\n' for name in names)

    assert tuple(kit.load(kit.write(more="[credentials]\n" + lines)).contract.credentials) == names
