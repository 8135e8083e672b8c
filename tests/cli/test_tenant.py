def test_tenants(place):
    assert place.json("tenant", "create", "shop")["created"] is True
    assert place.json("tenant", "create", "shop", "--if-missing")["created"] is False
    assert '"shop" exists already' in place.refused("tenant", "create", "shop", code=4)
    assert [row.split()[0] for row in place.run("tenant", "list").stdout.splitlines()] == [
        "TENANT",
        "default",
        "mcs",
        "shop",
    ]


def test_without_tenants_it_says_what_to_type(place, empty_database):
    (place.directory / "tokenhouse.db").write_bytes(empty_database)
    assert "tokenhouse keys prepare" in place.run("tenant", "list").stderr
