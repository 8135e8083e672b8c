import tomllib

from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.written.marks import Mark, mark

TEXT = """\
title.short = "x" # [no.table]
[server."a.b"]
'c d' = {e.f = [1, [2]], g = 1}

[[ list ]]
[list.sub]
n = 1
[[list]]
[[list.deep]]
[[list.deep]]
m = [
  1, # one
  2,
]
[server]
z = 1
"""


def place(line, column):
    return sum(len(text) + 1 for text in TEXT.split("\n")[: line - 1]) + column - 1


def test_every_kind_of_key_is_marked():
    expected = {
        ("title",): ((1, 1), (1, 1)),
        ("title", "short"): ((1, 7), (1, 15)),
        ("server",): ((15, 2), (15, 2)),  # the header of its own, not the first mention
        ("server", "a.b"): ((2, 9), (2, 9)),
        ("server", "a.b", "c d"): ((3, 1), (3, 9)),
        ("server", "a.b", "c d", "e"): ((3, 10), (3, 10)),
        ("server", "a.b", "c d", "e", "f"): ((3, 12), (3, 16)),
        ("server", "a.b", "c d", "e", "f", 0): ((3, 17), (3, 17)),
        ("server", "a.b", "c d", "e", "f", 1): ((3, 20), (3, 20)),
        ("server", "a.b", "c d", "e", "f", 1, 0): ((3, 21), (3, 21)),
        ("server", "a.b", "c d", "g"): ((3, 26), (3, 30)),
        ("list",): ((5, 4), (5, 4)),
        ("list", 0): ((5, 4), (5, 4)),
        ("list", 0, "sub"): ((6, 7), (6, 7)),
        ("list", 0, "sub", "n"): ((7, 1), (7, 5)),
        ("list", 1): ((8, 3), (8, 3)),
        ("list", 1, "deep"): ((9, 8), (9, 8)),
        ("list", 1, "deep", 0): ((9, 8), (9, 8)),
        ("list", 1, "deep", 1): ((10, 8), (10, 8)),
        ("list", 1, "deep", 1, "m"): ((11, 1), (11, 5)),
        ("list", 1, "deep", 1, "m", 0): ((12, 3), (12, 3)),
        ("list", 1, "deep", 1, "m", 1): ((13, 3), (13, 3)),
        ("server", "z"): ((16, 1), (16, 5)),
    }

    assert mark(TEXT) == {keys: Mark(place(*key), place(*value)) for keys, (key, value) in expected.items()}


def test_an_empty_text_marks_nothing():
    assert mark("") == {}
    assert mark("# only a comment") == {}


SCALARS = st.sampled_from(
    [
        "1",
        "-0.5e3",
        "true",
        "1979-05-27T07:32:00Z",
        "1979-05-27 07:32:00",
        '"a]"',
        "'#}'",
        '"\\""',
        '"""x\n"y" ]"""',
        "'''\n[z]\n'''",
        "'''q''''",
    ]
)
NAMES = st.sampled_from(["a", "b-1", "1_2", '"a.b"', "'c d'", '"e\\"]"', '""'])
KEYS = {
    name: tomllib.loads(f"{name} = 1").popitem()[0] for name in ["a", "b-1", "1_2", '"a.b"', "'c d'", '"e\\"]"', '""']
}
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
TABLES = st.recursive(
    st.dictionaries(NAMES, VALUES, max_size=3),
    lambda inner: st.dictionaries(NAMES, inner | VALUES | st.lists(inner, min_size=1, max_size=3), max_size=3),
    max_leaves=5,
)


class Writer:
    """Writes data as TOML in a drawn layout and notes at which offset each literal begins."""

    def __init__(self, draw):
        self.draw = draw
        self.text = ""
        self.literals = {}

    def flip(self):
        return self.draw(st.booleans())

    def table(self, table, path, header):
        below = []
        for name, value in table.items():
            tables = value if isinstance(value, list) and value else [value]
            if all(isinstance(inner, dict) for inner in tables) and self.flip():
                below.append((name, value))
            else:
                self.pair(name, value, path)
                self.text += self.draw(st.sampled_from(["\n", " # ] } = '\n", "\n\n  "]))
        for name, value in below:
            keys = (*path, KEYS[name])
            inner = (*header, name)
            dotted = self.draw(st.sampled_from([".", " . "])).join(inner)
            if isinstance(value, dict):
                self.text += f"\n[{dotted}]\n"
                self.table(value, keys, inner)
            else:
                for index, element in enumerate(value):
                    self.text += f"\n [[ {dotted} ]] # [[x]]\n"
                    self.table(element, (*keys, index), inner)

    def pair(self, name, value, path):
        while isinstance(value, dict) and len(value) == 1 and self.flip():
            path = (*path, KEYS[name.split("\t")[-1]])
            ((inner, value),) = value.items()
            name = f"{name}\t.\t{inner}"
        self.text += name + self.draw(st.sampled_from(["=", " = ", "\t="]))
        self.value(value, (*path, KEYS[name.split("\t")[-1]]))

    def value(self, value, path):
        if isinstance(value, str):
            self.literals[path] = (len(self.text), value)
            self.text += value
        elif isinstance(value, dict):
            self.text += "{ "
            for index, (name, inner) in enumerate(value.items()):
                self.text += ", " if index else ""
                self.pair(name, inner, path)
            self.text += "}"
        else:
            gap = self.draw(st.sampled_from(["", " ", "\n", "\n# ], '\n"]))
            self.text += "["
            for index, inner in enumerate(value):
                self.text += gap
                self.value(inner, (*path, index))
                self.text += gap + "," if index < len(value) - 1 or self.flip() else gap
            self.text += gap + "]"


def value_at(data, keys):
    for key in keys:
        data = data[key]
    return data


@given(TABLES, st.data())
def test_every_leaf_is_marked_where_its_literal_stands(table, data):
    writer = Writer(data.draw)
    writer.table(table, (), ())
    read = tomllib.loads(writer.text)

    marks = mark(writer.text)

    for keys, (offset, literal) in writer.literals.items():
        assert marks[keys].value == offset
        assert value_at(read, keys) == tomllib.loads(f"k = {literal}")["k"]
    for keys in marks:
        value_at(read, keys)
