"""What an operation takes from the file it stands in."""

from tokenhouse.protocol.causes import Cause


def load(kit, text, **options):
    return kit.load(kit.write(operation=text, **options))


def test_an_operation_adds_to_the_common_roles(kit):
    head = kit.HEAD.replace("[tokens.access]", "[read]\nscope = 'json.s'\ndevice = 'json.d'\n[tokens.access]")
    (operation,) = load(kit, kit.OPERATION + "read.device = 'json.e'\n" + kit.ANSWER, head=head).operations

    assert sorted(role.name for role in operation.roles) == ["device", "scope"]
    assert next(role.field for role in operation.roles if role.name == "device") == "e"


def test_several_routes_and_methods(kit):
    text = kit.OPERATION.replace('"POST /token"', '["POST|GET /token", "POST /token", "PUT /t/{id}"]')
    (operation,) = load(
        kit,
        text
        + "read.device = 'path.id | default(query.d)'\n".replace("path.id | default(query.d)", "query.d")
        + kit.ANSWER,
    ).operations

    assert [(route.method, route.path) for route in operation.routes] == [
        ("POST", "/token"),
        ("GET", "/token"),
        ("PUT", "/t/{id}"),
    ]


def test_secrets_in_the_address_if_the_file_says_so(kit):
    head = kit.HEAD.replace("[tokens.access]", "[tokens.access]").replace(
        'title   = "Demo"', 'title = "Demo"\nurl_secrets = true'
    )
    text = kit.OPERATION.replace("client_credentials", "refresh_token") + "read.token = 'query.t'\n" + kit.ANSWER
    (route,) = load(kit, text, head=head).mount(kit.SERVER)

    message = route.codec.open(
        kit.request(query="t=x", headers=(("content-type", "application/json"),), body=b"{}")
    ).read()
    assert message.token.reveal() == "x"


def test_tokens_that_are_made(kit):
    head = kit.HEAD + '[tokens.refresh]\nform = "{hex:64}"\nttl = "never"\nidle = "30d"\n'
    every, one = (
        load(kit, kit.OPERATION + issues + kit.ANSWER, head=head).operations[0].asking.issues
        for issues in ("", 'issues = ["access"]\n')
    )

    assert (every, one) == (("access", "refresh"), ("access",))


def test_an_operation_without_rows_of_its_own_shares_the_common_ones(kit):
    dialect = load(kit, kit.OPERATION + kit.ANSWER)
    assert dialect.operations[0].errors is dialect.errors
    own = load(kit, kit.OPERATION + "read.device = 'json.d'\n" + kit.ANSWER)
    assert own.operations[0].errors.rows.keys() == {Cause.DEFAULT}


def test_a_match_needs_a_reader_of_its_body_unless_nothing_may_be_there(kit):
    text = kit.OPERATION + "match.xml.a = 'x'\n" + kit.ANSWER
    assert kit.problems(kit.write(operation=text)) == [
        "demo.toml:11:11: TH-D035 xml.… is read, but `accept` has no xml"
    ]
    assert kit.problems(kit.write(operation=text.replace("'x'", "false"))) == []


def test_what_is_required_is_compared_with_what_is_read(kit):
    text = kit.OPERATION + "read.device = 'json.d'\nrequires = ['devise']\n" + kit.ANSWER
    [said] = kit.problems(kit.write(operation=text))
    assert 'did you mean "device"?' in said
