import pytest

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.opening import told
from tokenhouse.config.loading import load
from tokenhouse.http.certificates import UnusableCertificate
from tokenhouse.http.listeners import AddressTaken
from tokenhouse.sql.sqlite import UnsafeLibrary
from tokenhouse.tokens.envelope import WrongKeyEncryptionKey


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (WrongKeyEncryptionKey("k"), Exit.BAD_CONFIG, "not encrypted with"),
        (AddressTaken("127.0.0.1:8400: Address already in use"), Exit.FAILURE, "cannot listen: 127.0.0.1:8400"),
        (UnusableCertificate("a.pem: not a certificate in PEM"), Exit.BAD_CONFIG, "a.pem: not a certificate"),
        (UnsafeLibrary("3.40.1"), Exit.FAILURE, "SQLite 3.40.1"),
        (FileNotFoundError("no dialect 'x'"), Exit.BAD_CONFIG, "no dialect 'x'"),
    ],
)
def test_what_the_server_raises_becomes_a_failure(place, raised, code, words):
    config = load(place.config, {}).config
    with pytest.raises(Failure) as caught, told(config):
        raise raised
    assert caught.value.exit_code == code
    assert words in caught.value.message


def test_a_missing_key_encryption_key(place):
    place.config.write_text(place.config.read_text().replace('key_encryption_key_file = "key-encryption.key"', ""))
    assert "no key-encryption key" in place.refused("client", "list", code=78)


def test_another_key_encryption_key(place):
    (place.directory / "key-encryption.key").write_text("/" * 42 + "8=\n")
    for command in (("client", "create", "--name", "x"), ("keys", "rotate"), ("user", "list"), ("serve",)):
        assert "were not encrypted" in place.refused(*command, code=78)
