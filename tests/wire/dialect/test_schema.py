import pytest

from tokenhouse.wire.dialect.schema import REQUIRED, SECTIONS, Shape, fits


def test_what_is_required_is_known():
    for section, keys in REQUIRED.items():
        assert set(keys) <= SECTIONS[section].keys()
        assert all(SECTIONS[section][key] is not Shape.LATER for key in keys)


@pytest.mark.parametrize(
    ("value", "shape", "good"),
    [
        ("a", Shape.TEXT, True),
        (1, Shape.TEXT, False),
        (True, Shape.INT, False),
        (1, Shape.INT, True),
        (True, Shape.BOOL, True),
        (["a"], Shape.TEXTS, True),
        (["a", 1], Shape.TEXTS, False),
        ("a", Shape.TEXTS, True),
        ([{}], Shape.TABLES, True),
        ([1], Shape.TABLES, False),
        ({}, Shape.TABLES, True),
        (400, Shape.STATUS, True),
        ("error.x", Shape.STATUS, True),
        (False, Shape.STATUS, False),
        (False, Shape.ANY, True),
        ([1], Shape.LIST, True),
    ],
)
def test_shapes(value, shape, good):
    assert fits(value, shape) is good
