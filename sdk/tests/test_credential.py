from tokenhouse_verify.credential import KINDS, STANDARD, Credential


def test_a_secret_is_not_shown():
    shown = repr(Credential("client_secret", "s3cret", "app"))
    assert "s3cret" not in shown
    assert "app" in shown


def test_what_can_be_presented():
    assert KINDS == ("token", "client_secret", "device_key")
    assert Credential("token", "t").contract == STANDARD
