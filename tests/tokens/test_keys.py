"""The key ring obeys the rows and their times."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tokenhouse.model.registrations import AddKey, RetireKeys
from tokenhouse.tokens.envelope import Envelope, WrongKeyEncryptionKey
from tokenhouse.tokens.handle import SealKey
from tokenhouse.tokens.keys import KeyRing, MissingKey
from tokenhouse.tokens.making import make_secret_key, make_signing_key


@pytest.fixture
def ring(store, envelope):
    return KeyRing(store, envelope)


@pytest.fixture
def add(store, envelope, clock, ring):
    """Add keys to the store; times are seconds from now."""

    async def adding(purpose="sign", *, tenant="t", contract="c", alg="ES256", active=0, retires=None):
        now = clock()
        times = {"now": now, "activates_at": now + timedelta(seconds=active)}
        if purpose == "sign":
            key = make_signing_key(envelope, tenant=tenant, contract=contract, alg=alg, certified=False, **times)
        else:
            key = make_secret_key(envelope, tenant=tenant, purpose=purpose, **times)
        if retires is not None:
            key = msgspec.structs.replace(key, retires_at=now + timedelta(seconds=retires))
        await store.commit((AddKey(key),))
        ring.forget()
        await ring.refresh(now)
        clock.pass_(microseconds=1)
        return key

    return adding


def kids(ring, now, contract=None):
    return [key["kid"] for key in msgspec.json.decode(ring.published(now, contract))["keys"]]


async def test_without_keys_nothing_is_made(ring, clock):
    await ring.refresh(clock())
    for ask in (
        lambda: ring.signing("t", "c", "ES256", clock()),
        lambda: ring.sealing("t", clock()),
    ):
        with pytest.raises(MissingKey):
            ask()
    with pytest.raises(MissingKey):
        await ring.digest("label", b"data", clock())
    assert ring.sealers("t", clock()) == []
    assert ring.sealer("k") is None
    assert ring.verifying("k", clock()) is None
    assert ring.published(clock()) == b'{"keys":[]}'


async def test_a_key_signs_for_its_own_tenant_contract_and_algorithm(ring, add, clock):
    key = await add()
    assert ring.signing("t", "c", "ES256", clock()).kid == key.key_id
    for other in (("u", "c", "ES256"), ("t", "d", "ES256"), ("t", "c", "RS256")):
        with pytest.raises(MissingKey):
            ring.signing(*other, clock())


async def test_a_new_key_is_published_at_once_used_when_active_and_gone_when_retired(ring, add, clock):
    old = await add()
    new = await add(active=60, retires=120)
    assert ring.signing("t", "c", "ES256", clock()).kid == old.key_id
    assert kids(ring, clock()) == [old.key_id, new.key_id]
    assert ring.verifying(new.key_id, clock()).kid == new.key_id
    clock.pass_(seconds=60)
    assert ring.signing("t", "c", "ES256", clock()).kid == new.key_id
    assert kids(ring, clock()) == [old.key_id, new.key_id]
    clock.pass_(seconds=60)
    assert ring.signing("t", "c", "ES256", clock()).kid == old.key_id
    assert kids(ring, clock()) == [old.key_id]
    assert ring.verifying(new.key_id, clock()) is None
    assert ring.verifying(old.key_id, clock()).kid == old.key_id


async def test_times_are_exact(ring, add, clock):
    start = clock()
    key = await add(active=10, retires=20)
    at = [start + timedelta(seconds=n) for n in (10, 20)]
    tick = timedelta(microseconds=1)
    with pytest.raises(MissingKey):
        ring.signing("t", "c", "ES256", at[0] - tick)
    assert ring.signing("t", "c", "ES256", at[0]).kid == key.key_id
    assert ring.verifying(key.key_id, at[1] - tick) is not None
    assert ring.verifying(key.key_id, at[1]) is None
    assert kids(ring, at[1] - tick) == [key.key_id]
    assert kids(ring, at[1]) == []


async def test_a_sealing_key_of_a_tenant_seals_for_nobody_else(ring, add, clock):
    key = await add("seal")
    assert ring.sealing("t", clock()).key_id == key.key_id
    with pytest.raises(MissingKey):
        ring.sealing("u", clock())
    assert ring.sealers("u", clock()) == []


async def test_every_living_sealing_key_opens_newest_first(ring, add, clock):
    keys = [await add("seal", active=n, retires=retires) for n, retires in ((0, None), (0, 30), (60, None))]
    ids = [key.key_id for key in keys]
    assert [key.key_id for key in ring.sealers("t", clock())] == ids[::-1]
    assert ring.sealing("t", clock()).key_id == ids[1]
    clock.pass_(seconds=30)
    assert [key.key_id for key in ring.sealers("t", clock())] == [ids[2], ids[0]]
    assert ring.sealing("t", clock()).key_id == ids[0]


async def test_a_key_serves_one_purpose_only(ring, add, clock):
    signing, sealing, pepper = await add(), await add("seal"), await add("pepper")
    assert isinstance(ring.sealer(sealing.key_id), SealKey)
    assert ring.sealer(signing.key_id) is ring.sealer(pepper.key_id) is None
    assert ring.verifying(sealing.key_id, clock()) is ring.verifying(pepper.key_id, clock()) is None
    assert kids(ring, clock()) == [signing.key_id]


async def test_key_ids_are_compared_exactly(ring, add, clock):
    key = await add()
    for other in (key.key_id.swapcase(), key.key_id[:-1], key.key_id + "=", f" {key.key_id}", ""):
        assert ring.verifying(other, clock()) is None


async def test_published_sets_have_public_members_only(ring, add, clock):
    for alg in ("ES256", "RS256"):
        await add(alg=alg)
    await add("seal")
    await add("pepper")
    published = msgspec.json.decode(ring.published(clock()))
    assert set(published) == {"keys"}
    assert [sorted(key) for key in published["keys"]] == [
        ["alg", "crv", "kid", "kty", "use", "x", "y"],
        ["alg", "e", "kid", "kty", "n", "use"],
    ]


async def test_a_contract_s_own_set_has_its_keys_only(ring, add, clock):
    await add()
    own = await add(contract="d")
    assert kids(ring, clock(), "d") == [own.key_id]
    assert kids(ring, clock(), "e") == []


async def test_the_ring_is_at_most_one_second_behind_the_rows(ring, add, store, clock, envelope):
    await add()
    await ring.refresh(clock())
    loaded = clock()
    late = make_signing_key(
        envelope, tenant="t", contract="late", alg="ES256", now=loaded, activates_at=loaded, certified=False
    )
    await store.commit((AddKey(late), RetireKeys("t", "c", "sign", "ES256", "none", loaded)))
    before = kids(ring, loaded)
    await ring.refresh(loaded + timedelta(seconds=0.9))
    assert kids(ring, loaded) == before
    await ring.refresh(loaded + timedelta(seconds=1))
    assert kids(ring, loaded) == [late.key_id]


async def test_a_clock_that_was_set_back_reads_the_rows_again(ring, add, store, clock, envelope):
    await add()
    past = clock() - timedelta(hours=1)
    late = make_signing_key(
        envelope, tenant="t", contract="late", alg="ES256", now=past, activates_at=past, certified=False
    )
    await store.commit((AddKey(late),))
    await ring.refresh(past)
    assert late.key_id in kids(ring, past)


async def test_forgetting_reads_the_rows_at_the_next_use(ring, add, store, clock, envelope):
    await ring.refresh(clock())
    key = make_secret_key(envelope, tenant="t", purpose="seal", now=clock(), activates_at=clock())
    await store.commit((AddKey(key),))
    await ring.refresh(clock())
    assert ring.sealers("t", clock()) == []
    ring.forget()
    await ring.refresh(clock())
    assert ring.sealing("t", clock()).key_id == key.key_id


async def test_a_key_is_parsed_once(ring, add, clock):
    await add()
    first = ring.signing("t", "c", "ES256", clock())
    ring.forget()
    await ring.refresh(clock())
    assert ring.signing("t", "c", "ES256", clock()) is first


async def test_another_key_encryption_key_is_said_so(add, store, clock):
    key = await add()
    with pytest.raises(WrongKeyEncryptionKey, match=key.key_id):
        await KeyRing(store, Envelope(b"\0" * 32)).refresh(clock())


async def test_digests_are_found_again_after_a_new_pepper(ring, add, clock):
    await add("pepper")
    digest = await ring.digest("label", b"data", clock())
    await add("pepper")
    assert await ring.digest("label", b"data", clock()) == digest
    assert len(digest) == 32


async def test_digests_of_other_purposes_and_data_differ(ring, add, clock):
    await add("pepper")
    asked = (("a", b"b"), ("a", b""), ("", b"a"), ("ab", b""), ("b", b"a"), ("a", b"\0b"))
    digests = {await ring.digest(label, data, clock()) for label, data in asked}
    assert len(digests) == len(asked)


async def test_a_pepper_is_not_used_before_its_time(ring, add, clock):
    await add("pepper", active=60)
    with pytest.raises(MissingKey):
        await ring.digest("label", b"data", clock())


async def test_nothing_private_is_in_a_repr(ring, add, envelope, clock):
    for purpose in ("seal", "pepper", "sign"):
        key = await add(purpose)
        private = envelope.open(key.sealed, key_id=key.key_id, purpose=purpose)
        assert repr(private)[2:10] not in repr(ring)
