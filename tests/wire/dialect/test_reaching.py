import pytest

A = '[operation.a]\nroute = "POST /token"\ndoes = "static"\nanswer.json = "1"\n'
B = A.replace("operation.a", "operation.b")


@pytest.mark.parametrize(
    ("first", "second", "reachable"),
    [
        ("", "", False),
        ("match.json.k = 'x'\n", "match.json.k = 'y'\n", True),
        ("match.json.k = 'x'\n", "match.json.k = 'x'\n", False),
        ("match.json.k = ['x', 'y']\n", "match.json.k = 'x'\n", False),
        ("match.json.k = 'x'\n", "match.json.k = ['x', 'y']\n", True),
        ("match.json.k = true\n", "match.json.k = 'x'\n", False),
        ("match.json.k = true\n", "match.json.k = false\n", True),
        ("match.json.k = 'x'\n", "", True),
        ("", "match.json.k = 'x'\n", False),
        ("when = 'json.k'\n", "", True),
        ("", "when = 'json.k'\n", False),
        ("accept = ['json']\n", "accept = ['form']\n", True),
        ("accept = ['json']\n", "", True),
        ("", "accept = ['json']\n", False),
    ],
)
def test_what_comes_first_leaves_something(kit, first, second, reachable):
    assert (kit.problems(kit.write(operation=A + first + B + second)) == []) is reachable


@pytest.mark.parametrize(
    ("one", "two", "apart"),
    [
        ("GET /{x}", "POST /{x}", True),
        ("GET /a/{x}", "GET /b/{x}", True),
        ("GET /{x}", "GET /{x}/y", True),
        ("GET /{x}", "GET /a", True),
        ("GET /{x}/a", "GET /b/{y}", False),
        ("GET /{x}", "GET /{y}", False),
    ],
)
def test_variables_do_not_get_in_the_way(kit, one, two, apart):
    text = A.replace("POST /token", one) + B.replace("POST /token", two)

    assert (kit.problems(kit.write(operation=text)) == []) is apart
