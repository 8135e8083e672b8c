def test_rotation_is_seen_in_the_list(place):
    made = place.json("keys", "rotate")
    assert made["state"] == "published"
    listed = place.run("keys", "list").stdout
    assert made["key_id"] in listed
    at_once = place.json("keys", "rotate", "--alg", "RS256", "--at-once")
    assert (at_once["state"], at_once["alg"]) == ("active", "RS256")
    assert "purpose" in place.run("keys", "rotate", "--purpose", "seal", "--tenant", "mcs").stdout


def test_preparing_twice_is_preparing_once(place):
    result = place.run("keys", "prepare")
    assert result.stdout == ""
    assert "Nothing was missing." in result.stderr


def test_preparing_makes_what_a_new_mount_needs(place):
    place.config.write_text(
        place.config.read_text() + '[[mount]]\ndialect = "yindo"\ntenant = "yindo"\nclient = "app"\n'
    )
    assert place.json("keys", "prepare") == {"tenants": ["yindo"], "keys": ["sealing key (tenant yindo)"]}
    assert "signs no tokens" in place.refused("keys", "rotate", "--contract", "yindo", code=2)
