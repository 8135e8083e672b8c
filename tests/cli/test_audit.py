def test_the_newest_is_last(place):
    place.run("tenant", "create", "shop")
    place.run("tenant", "create", "club")
    rows = place.run("audit", "tail", "-n", "2").stdout.splitlines()
    assert rows[0].split()[:2] == ["AT", "EVENT"]
    assert ["shop" in rows[1], "club" in rows[2]] == [True, True]
    assert "cli:" in rows[1]
    assert place.json("audit", "tail", "--since", "2999-01-01T00:00:00Z") == {"items": []}
    assert "no time zone" in place.refused("audit", "tail", "--since", "2026-01-01T00:00:00", code=2)
