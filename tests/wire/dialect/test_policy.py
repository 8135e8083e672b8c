from tokenhouse.protocol.contract import CredentialForm, SessionPolicy

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
