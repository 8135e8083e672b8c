from tokenhouse.written.document import read_toml
from tokenhouse.written.position import Position


def test_lines_and_columns_are_counted_from_one():
    position = read_toml("key = 1", "file").position(("key",))

    assert position == Position(line=1, column=1) == (1, 1)


def test_a_position_sorts_as_a_reader_meets_it():
    assert sorted([Position(2, 1), Position(1, 9), Position(1, 2)]) == [(1, 2), (1, 9), (2, 1)]
