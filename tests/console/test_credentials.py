from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.clients.secrets import STRONG_BITS
from tokenhouse.console.credentials import forms, make_client_id, make_secret
from tokenhouse.console.values import ClientId, Input, convert
from tokenhouse.protocol.contract import Contract, CredentialForm

FORM = CredentialForm("AppKey", "ab", 7)


class Holder(Input, frozen=True):
    client_id: ClientId


@given(st.text(max_size=200))
def test_every_made_id_is_one_that_may_be_given(name):
    client_id = make_client_id(name, None)
    assert convert({"client_id": client_id}, Holder).client_id == client_id
    assert len(client_id) <= 47


def test_an_id_says_what_the_name_says():
    assert make_client_id("Billing, 2nd!", None).startswith("billing-2nd-")
    assert make_client_id("帳單", None).startswith("client-")
    made = make_client_id("Billing", FORM)
    assert len(made) == 7
    assert set(made) <= set("ab")


def test_a_made_secret_is_strong_unless_its_form_is_weak():
    secret, bits = make_secret(None)
    assert secret.reveal().startswith("th_cs_")
    assert bits >= STRONG_BITS
    secret, bits = make_secret(FORM)
    assert (len(secret.reveal()), bits) == (7, 7.0)


def test_the_forms_are_those_of_the_first_contract_that_has_any():
    plain, own = Contract("standard", "", ()), Contract("acme", "", (), credentials={"client_id": FORM})
    assert forms([plain, own]) == {"client_id": FORM}
    assert forms([plain]) == {}


async def test_a_secret_of_a_weak_form_is_hashed_like_a_password(house):
    from tokenhouse.console.credentials import secret_of

    verifier, shown = await secret_of(house.management._desk, None, FORM)
    assert verifier.scheme == "argon2id"
    assert house.hashing.verify(verifier.verifier, shown, "raw")
