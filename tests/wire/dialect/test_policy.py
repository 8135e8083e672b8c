from tokenhouse.protocol.contract import CredentialForm, SessionPolicy

POLICY = """[session]
refresh = "keep"
per = ["user", "device"]
limit = 3
over = "refuse"
[credentials]
client_id = { label = "AppKey", form = "{digits:4}" }
[attributes.user]
plan = { name = "text", quota = { devices = "int" } }
[attributes.server]
colour = "text"
"""


def test_a_policy_is_handed_on(kit):
    contract = kit.load(kit.write(more=POLICY)).contract

    assert contract.session == SessionPolicy("keep", ("user", "device"), 3, "refuse")
    assert contract.credentials == {"client_id": CredentialForm("AppKey", "0123456789", 4)}
    assert contract.attributes == {"user": {"plan": {"name": "text", "quota": {"devices": "int"}}}}
    assert contract.excess_scope == "refuse"


def test_what_a_file_does_not_say(kit):
    assert kit.load(kit.write()).contract.session == SessionPolicy()


def test_too_many_sessions_can_come_up_only_where_they_are_refused(kit):
    row = kit.ERRORS + 'too_many_sessions = { code = "full" }\n'

    assert kit.problems(kit.write(errors=row, more=POLICY)) == []
    assert "no operation here can end with too_many_sessions" in kit.problems(kit.write(errors=row))[0]


def test_excess_scope(kit):
    head = kit.HEAD.replace('title   = "Demo"', 'title = "Demo"\nexcess_scope = "drop"')

    assert kit.load(kit.write(head=head)).contract.excess_scope == "drop"
    assert "TH-D007" in kit.problems(kit.write(head=head.replace("drop", "dorp")))[0]
