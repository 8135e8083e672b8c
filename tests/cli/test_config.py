import json


def test_show_hides_secrets_and_tells_origins(place):
    shown = place.run("config", "show", "--origin").stdout
    assert "AAECAwQ" not in shown
    assert "(hidden)" in shown
    assert f"{place.config}:1" in shown
    rows = {row["name"]: row["value"] for row in place.json("config", "show")["items"]}
    assert rows["issuer"] == '"http://127.0.0.1:8400"'


def test_check_loads_every_dialect(place):
    assert place.json("config", "check")["contracts"] == ["mcs"]
    place.config.write_text(place.config.read_text().replace('"mcs"\nten', '"mcss"\nten'))
    assert "mcss" in place.refused("config", "check", code=78)


def test_a_mistake_is_pointed_at(place):
    place.config.write_text('issuer = "http://127.0.0.1:8400"\nisuer = 1\n')
    words = place.refused("config", "check", code=78)
    assert f"{place.config}:2:1" in words
    assert 'did you mean "issuer"?' in words


def test_a_dialect_with_a_mistake_is_pointed_at(place):
    (place.directory / "broken.toml").write_text('dialect = "1"\nnme = "x"\n')
    place.config.write_text(place.config.read_text().replace('"mcs"\nten', '"broken.toml"\nten'))
    assert "broken.toml:2:1" in place.refused("config", "check", code=78)


def test_the_schema_is_json(cli):
    assert json.loads(cli("config", "schema").stdout)["title"] == "tokenhouse.toml"


def test_contracts_are_named_as_a_person_reads_them(place):
    assert "contracts  mcs" in place.run("config", "check").stdout
