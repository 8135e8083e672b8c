from types import SimpleNamespace

from tokenhouse.wire.dialect.lets import _once


def read(kit, lets, body=b'{"a":" x "}'):
    operation = kit.OPERATION + lets + "read.device = 'two'\n" + kit.ANSWER
    (route,) = kit.load(kit.write(operation=operation)).mount(kit.SERVER)
    return route.codec.open(kit.request(headers=(("content-type", "application/json"),), body=body)).read()


def test_a_name_sees_those_above_it(kit):
    assert read(kit, "let.one = 'json.a | trim'\nlet.two = \"one ~ '!'\"\n").device == "x!"


def test_a_name_does_not_see_those_below_it(kit):
    text = kit.write(operation=kit.OPERATION + "let.one = 'two'\nlet.two = 'now'\n" + kit.ANSWER)

    (problem,) = kit.problems(text)
    assert problem.startswith("demo.toml:11:12: TH-D012 unknown name 'two'")


def test_a_value_is_computed_at_most_once():
    calls = []

    view = SimpleNamespace(lets={})
    run = _once("k", lambda _: calls.append(1) or "v")
    assert (run(view), run(view), calls) == ("v", "v", [1])


def test_the_kind_of_a_value_is_known(kit):
    problems = kit.problems(
        kit.write(operation=kit.OPERATION + 'let.d = "request.body | sha256"\nanswer.json = \'"{{ d }}"\'\n')
    )

    assert len(problems) == 1
    assert "bytes in text" in problems[0]
