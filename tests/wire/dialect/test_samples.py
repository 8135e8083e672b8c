SAMPLES = """[attributes.user]
age = "int"
plan = { name = "text" }
[attributes.client]
kind = "text"
[attributes.server]
colour = "text"
[sample.server]
colour = "red"
[[sample.client]]
id = "c"
secret = "s"
scope = ["a"]
kind = "k"
[[sample.user]]
username = "u"
password = "p"
age = 3
plan = { name = "n" }
[[sample.device]]
device = "d"
key = "k"
user = "u"
[[example]]
name = "one"
at = "2020-05-08T08:16:18Z"
exact = true
request = '''
POST /token?a=1
'''
answer = "200"
decoded.x.header = "{}"
[[example]]
name = "two"
after = "one"
request = "GET /token"
answer = "405"
[present]
ways = [{ token = "auth.bearer" }, { client_id = "header.id", client_secret = "header.secret" }]
errors.json = '"{{ error.code }}"'
errors.bad_token = { code = "t" }
errors.default = { code = "d" }
"""


def test_samples_and_examples_are_handed_on(kit):
    dialect = kit.load(kit.write(more=SAMPLES))

    assert dialect.samples.clients == ({"id": "c", "secret": "s", "scope": ["a"], "kind": "k"},)
    assert dialect.samples.users == ({"username": "u", "password": "p", "age": 3, "plan": {"name": "n"}},)
    assert dialect.samples.devices == ({"device": "d", "key": "k", "user": "u"},)
    assert dialect.samples.server == {"colour": "red"}
    one, two = dialect.examples
    assert (one.name, one.at, one.exact, one.after) == ("one", "2020-05-08T08:16:18Z", True, None)
    assert one.decoded == {"x": {"header": "{}"}}
    assert kit.write(more=SAMPLES).splitlines()[one.line - 1] == 'name = "one"'
    assert (two.after, two.exact) == ("one", False)


def test_an_example_does_not_follow_itself(kit):
    text = kit.write(more=SAMPLES.replace('after = "one"', 'after = "two"'))

    assert "no example 'two'" in kit.problems(text)[0]


def test_a_file_without_a_good_example_is_warned(kit):
    assert "there is no example" in kit.load(kit.write()).warnings
    more = "[[example]]\nname = 'a'\nrequest = 'POST /token'\nanswer = '400'\n"
    assert "no example shows an answer with status 200" in kit.load(kit.write(more=more)).warnings


def test_an_example_is_http_up_to_its_body(kit):
    broken = SAMPLES.replace("POST /token?a=1\n", "POST /token?a=1\ncontent-type text\n")
    [said] = kit.problems(kit.write(more=broken))
    assert "no header: 'content-type text'" in said


def test_an_unknown_form_in_an_answer_is_pointed_at(kit):
    [said] = kit.problems(kit.write(more=SAMPLES.replace('answer = "405"', 'answer = "405 {hx:64}"')))
    assert "TH-D070 unknown form {hx:64}" in said


def test_a_sample_device_has_its_key(kit):
    [said] = kit.problems(kit.write(more=SAMPLES.replace('key = "k"\n', "")))
    assert "TH-D004 key is missing" in said
