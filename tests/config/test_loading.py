"""The file is found, the environment lies over it, the key is read, paths are below the file."""

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.config.loading import PLACES, load
from tokenhouse.written.problem import Problems

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tokenhouse.toml"
    path.write_text('issuer = "https://a"\n')
    return path


def refused(path: Path | None, environ: dict[str, str], places: tuple[Path, ...] = ()) -> str:
    with pytest.raises(Problems) as problems:
        load(path, environ, places=places)
    return str(problems.value)


def test_the_usual_places() -> None:
    assert [str(place) for place in PLACES] == ["tokenhouse.toml", "/etc/tokenhouse/tokenhouse.toml"]


def test_the_argument_comes_before_the_environment(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('issuer = "https://other"')
    assert load(other, {"TOKENHOUSE_CONFIG": str(file)}).config.issuer == "https://other"
    assert load(None, {"TOKENHOUSE_CONFIG": str(file)}, places=(other,)).config.issuer == "https://a"


def test_the_first_place_that_has_a_file_is_taken(file: Path, tmp_path: Path) -> None:
    loaded = load(None, {}, places=(tmp_path / "none.toml", file))
    assert loaded.path == file
    assert loaded.origins["issuer"] == f"{file}:1"


def test_no_file_is_needed_when_the_environment_says_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load(None, {"TOKENHOUSE_ISSUER": "https://e"}, places=())
    assert loaded.path is None
    assert loaded.config.issuer == "https://e"
    assert loaded.config.database.path == tmp_path / "tokenhouse.db"
    assert "tokenhouse.toml:1:1: TH-C003" in refused(None, {"TOKENHOUSE_DEVELOPMENT": "true"})


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    assert "TH-C005 cannot read the file: No such file" in refused(tmp_path / "none.toml", {})
    assert "TH-C005" in refused(None, {"TOKENHOUSE_CONFIG": str(tmp_path)})
    assert "TH-C002 the name of a file is empty" in refused(None, {"TOKENHOUSE_CONFIG": ""})


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff")
    assert "not UTF-8" in refused(file, {})
    file.write_text("a = ")
    assert f"{file}:1:5: TH-W001" in refused(file, {})


def test_relative_paths_are_below_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(
        'issuer = "https://a"\ndatabase.url = "sqlite:///data/a.db"\nadmin.socket = "run/a.sock"\n'
        '[[mount]]\ndialect = "own/acme.toml"\n[[mount]]\ndialect = "acme"\n'
    )
    monkeypatch.chdir(file.parent.parent)
    config = load(Path(file.parent.name) / file.name, {}).config
    assert config.database.path == file.parent / "data/a.db"
    assert config.admin.socket == file.parent / "run/a.sock"
    assert [mount.dialect for mount in config.mount] == [str(file.parent / "own/acme.toml"), "acme"]


def test_absolute_paths_stay(file: Path) -> None:
    config = load(
        file, {"TOKENHOUSE_DATABASE__URL": "sqlite:////var/a.db", "TOKENHOUSE_ADMIN__SOCKET": "/run/a"}
    ).config
    assert config.database.url == "sqlite:////var/a.db"
    assert config.admin.socket == Path("/run/a")


def test_the_key_is_read_from_its_file(file: Path) -> None:
    (file.parent / "key").write_text(KEY + "\n")
    loaded = load(file, {"TOKENHOUSE_SECRETS__KEY_ENCRYPTION_KEY_FILE": "key"})
    key = loaded.config.secrets.key_encryption_key
    assert key is not None
    assert key.reveal() == KEY
    assert loaded.origins["secrets.key_encryption_key"] == str(file.parent / "key")
    assert KEY not in repr(loaded)


def test_the_key_may_be_given_itself_and_may_be_left_out(file: Path) -> None:
    key = load(file, {"TOKENHOUSE_SECRETS__KEY_ENCRYPTION_KEY": KEY}).config.secrets.key_encryption_key
    assert key is not None
    assert key.reveal() == KEY
    assert load(file, {}).config.secrets.key_encryption_key is None


def test_a_key_file_that_holds_no_key_is_refused_without_repeating_it(file: Path) -> None:
    (file.parent / "key").write_text("hunter2")
    file.write_text('issuer = "https://a"\nsecrets.key_encryption_key_file = "key"')
    text = refused(file, {})
    assert f"{file}:2:9: TH-C005" in text
    assert "hunter2" not in text
    (file.parent / "key").unlink()
    assert "No such file" in refused(file, {})


def test_two_keys_are_refused(file: Path) -> None:
    file.write_text('issuer = "https://a"\nsecrets.key_encryption_key_file = "key"')
    text = refused(file, {"TOKENHOUSE_SECRETS__KEY_ENCRYPTION_KEY": KEY})
    assert "TH-C004 the key and a file with the key are both given" in text
    assert KEY not in text


def test_one_unknown_key_is_enough_to_refuse(file: Path) -> None:
    file.write_text('issuer = "https://a"\ntoken = 1\n')
    assert refused(file, {}) == f'{file}:2:1: TH-C001 "token" is no setting (did you mean "tokens"?)'


def test_a_contradiction_points_at_what_somebody_wrote(file: Path) -> None:
    file.write_text('issuer = "https://a"\n[server]\nbind = "127.0.0.1:8401"\n')
    assert f"{file}:3:1: TH-C004 the admin listener" in refused(file, {})
    assert "environment TOKENHOUSE_KEYS__RETIRE_AFTER:1:1: TH-C004" in refused(
        None, {"TOKENHOUSE_ISSUER": "https://a", "TOKENHOUSE_KEYS__RETIRE_AFTER": "1s"}
    )


def test_all_problems_come_at_once_in_order(file: Path) -> None:
    file.write_text("a = 1\nb = 2")
    lines = refused(file, {"TOKENHOUSE_X": "1", "TOKENHOUSE_LOG__LEVEL": "loud"}).splitlines()
    assert [line.partition(" TH-")[2][:4] for line in lines] == ["C001", "C003", "C001", "C002", "C001"]


@given(st.text(max_size=60))
def test_any_text_is_a_configuration_or_problems(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / f"any-{os.getpid()}.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    refused(path, {})


def test_where_nothing_is_configured_it_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(Problems) as caught:
        load(None, {}, places=(tmp_path / "none.toml",))
    [problem] = caught.value.problems
    assert f"looked for {tmp_path / 'none.toml'}" in problem.message
    assert "tokenhouse init" in problem.hint
