from compare import ratios


def row(name, **facts):
    return {"name": name, "void": False, "to_raw": {"median": 0.1}, "to_hash": None} | facts


def test_a_row_is_a_share_of_what_bounds_it():
    rows = [row("token"), row("login", to_hash={"median": 0.85}), row("broken", void=True), row("alone", to_raw=None)]
    assert ratios({"rows": rows}) == {"token": 0.1, "login": 0.85}
