from __future__ import annotations

import pytest

from tokenhouse.accounts.choosing import FORM, NewPasswords, new_user_id
from tokenhouse.accounts.pool import HashPool
from tokenhouse.protocol.contract import CredentialForm
from tokenhouse.protocol.refusals import Busy
from tokenhouse.protocol.secret import Secret


def test_an_id_is_of_our_own_making_or_of_the_contract_s():
    assert new_user_id(None).startswith("us_")
    assert len(new_user_id(None)) == 19
    made = new_user_id(CredentialForm("id", "ab", 12))
    assert len(made) == 12
    assert set(made) <= set("ab")


def test_an_id_of_digits_is_a_number_that_is_written_in_one_way():
    form = CredentialForm("id", "01", 4)
    made = {new_user_id(form) for _ in range(200)}
    assert made == {str(int(one)) for one in made}
    assert new_user_id(CredentialForm("id", "0", 2)) == "00"


def test_no_two_ids_are_alike():
    assert len({new_user_id(None) for _ in range(100)}) == 100


async def test_a_chosen_password_is_hashed_in_the_pool(hashing, pool):
    passwords = NewPasswords(hashing, pool, 15)
    phc = await passwords.hash(Secret("\ufb01rst"))
    assert hashing.verify(phc, Secret("first"), FORM)
    assert pool.taken == 0


async def test_a_full_pool_is_known_before_anything_is_done(hashing):
    pool = HashPool(workers=1, queue=0, niceness=0)
    passwords = NewPasswords(hashing, pool, 15)
    async with pool.place():
        with pytest.raises(Busy):
            passwords.require_room()
        with pytest.raises(Busy):
            await passwords.hash(Secret("x"))
    passwords.require_room()
    pool.close()
