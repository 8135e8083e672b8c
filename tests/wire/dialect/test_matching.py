import pytest

from tokenhouse.wire.dialect.matching import Fit, Match
from tokenhouse.wire.dialect.values import ABSENT


@pytest.mark.parametrize(
    ("options", "value", "fit"),
    [
        ({"literals": ("a",)}, "a", Fit.YES),
        ({"literals": ("a", "b")}, "b", Fit.YES),
        ({"literals": ("a",)}, "b", Fit.OTHER),
        ({"literals": ("a",)}, 1, Fit.WRONG),
        ({"literals": (1,)}, 1, Fit.YES),
        ({"literals": (1,)}, True, Fit.OTHER),
        ({"literals": ("a",)}, ABSENT, Fit.ABSENT),
        ({"literals": ("a",)}, "", Fit.ABSENT),
        ({"literals": ("a",)}, None, Fit.ABSENT),
        ({"present": True}, "x", Fit.YES),
        ({"present": True}, ABSENT, Fit.ABSENT),
        ({"present": False}, ABSENT, Fit.YES),
        ({"present": False}, "x", Fit.OTHER),
    ],
)
def test_how_a_place_fits(options, value, fit):
    assert Match(("p",), lambda _: value, "p", **options).fit(None) is fit


@pytest.mark.parametrize(
    ("one", "other", "implied"),
    [
        ({"literals": ("a",)}, {"literals": ("a", "b")}, True),
        ({"literals": ("a", "b")}, {"literals": ("a",)}, False),
        ({"literals": ("a",)}, {"present": True}, True),
        ({"literals": ("a",)}, {"present": False}, False),
        ({"present": True}, {"present": True}, True),
        ({"present": True}, {"present": False}, False),
        ({"present": True}, {"literals": ("a",)}, False),
    ],
)
def test_what_implies_what(one, other, implied):
    mine, theirs = (Match(("p",), lambda _: None, "p", **options) for options in (one, other))

    assert bool(mine.implies(theirs)) is implied


def test_matches_of_a_file(kit):
    operation = (
        kit.OPERATION + "match.header.x-kind = '1'\nmatch.basic = false\nmatch.query.v = ['1', '2']\n" + kit.ANSWER
    )
    (route,) = kit.load(kit.write(operation=operation)).mount(kit.SERVER)
    headers = (("content-type", "application/json"), ("X-Kind", "1"))

    assert route.codec.open(kit.request(headers=headers, body=b"{}", query="v=2")).read().fault is None
    assert route.codec.open(kit.request(headers=headers, body=b"{}")).read().fault.field == "v"
    with_basic = (*headers, ("authorization", "Basic YTpi"))
    assert (
        route.codec.open(kit.request(headers=with_basic, body=b"{}", query="v=2")).read().fault.field == "authorization"
    )
