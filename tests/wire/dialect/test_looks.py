from tokenhouse.wire.dialect.looks import Look


def test_layers():
    base = Look().under(
        ("a",), {"status": 400, "headers": {"X": "1", "Y": "1"}, "json": "{}", "xml": "<a/>", "code": 1}
    )
    over = base.under(("b",), {"headers": {"x": "2"}, "text": "t", "code": 2, "when": "now"})

    assert over.status == (("a", "status"), 400)
    assert over.headers == {"x": (("b", "headers", "x"), "2"), "y": (("a", "headers", "Y"), "1")}
    assert over.bodies == {"text": (("b", "text"), "t")}
    assert over.variables == {"code": (("b", "code"), 2)}
    assert base.bodies.keys() == {"json", "xml"}
    assert base.headers["x"][1] == "1"


def test_a_layer_without_a_body_keeps_the_bodies():
    look = Look().under(("a",), {"json": "{}"}).under(("b",), {"content_type": "a/b"})

    assert look.bodies == {"json": (("a", "json"), "{}")}
    assert look.content_type == (("b", "content_type"), "a/b")
