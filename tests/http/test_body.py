from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.http.body import ClientGone, read_body
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest, Refusal, TimedOut, TooLarge, UnsupportedMediaType

GONE = {"type": "http.disconnect"}


def part(body=b"", *, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


def parts(*bodies):
    return [part(body, more=number < len(bodies)) for number, body in enumerate(bodies, 1)]


async def refusal(reading) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await reading
    return refused.value


@pytest.mark.parametrize("bodies", [[b""], [b"whole"], [b"in", b"", b"pieces"]])
async def test_a_body_is_read_whole(arriving, bodies):
    assert await read_body(arriving(*parts(*bodies)), (), 64, 1) == b"".join(bodies)


async def test_a_message_without_a_body_is_an_empty_one(arriving):
    assert await read_body(arriving({"type": "http.request"}), (), 64, 1) == b""


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=8), st.integers(0, 40))
async def test_a_body_is_read_or_too_large_however_it_is_cut(bodies, limit):
    messages = iter(parts(*bodies))

    async def receive():
        return next(messages)

    whole = b"".join(bodies)
    if len(whole) <= limit:
        assert await read_body(receive, (), limit, 1) == whole
    else:
        assert isinstance(await refusal(read_body(receive, (), limit, 1)), TooLarge)


async def test_a_body_that_says_it_is_too_large_is_not_even_read(arriving):
    refused = await refusal(read_body(arriving(), ((b"content-length", b"65"),), 64, 1))
    assert (type(refused), refused.cause, refused.status) == (TooLarge, Cause.TOO_LARGE, 413)


async def test_a_body_that_is_too_large_is_not_read_to_its_end(arriving):
    receive = arriving(part(b"x" * 60, more=True), part(b"x" * 60, more=True))
    assert (await refusal(read_body(receive, (), 64, 1))).status == 413


async def test_a_body_of_the_very_limit_is_read(arriving):
    headers = ((b"content-length", b"64"),)
    assert await read_body(arriving(part(b"x" * 64)), headers, 64, 1) == b"x" * 64


@pytest.mark.parametrize("length", [b"", b"-1", b"+5", b"5.0", b"0x10", b"5, 5", "٥".encode()])
async def test_a_length_that_is_no_number_is_malformed(arriving, length):
    refused = await refusal(read_body(arriving(part()), ((b"content-length", length),), 64, 1))
    assert (type(refused), refused.cause) == (InvalidRequest, Cause.MALFORMED)


async def test_a_length_of_very_many_digits_is_too_large(arriving):
    assert isinstance(await refusal(read_body(arriving(), ((b"content-length", b"9" * 5000),), 64, 1)), TooLarge)


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"identity, gzip", b""])
async def test_a_compressed_body_is_not_read(arriving, encoding):
    refused = await refusal(read_body(arriving(), ((b"content-encoding", encoding),), 64, 1))
    assert (type(refused), refused.status) == (UnsupportedMediaType, 415)


@pytest.mark.parametrize("encoding", [b"identity", b" Identity "])
async def test_a_body_that_says_it_is_plain_is_read(arriving, encoding):
    assert await read_body(arriving(part(b"x")), ((b"content-encoding", encoding),), 64, 1) == b"x"


async def test_a_body_that_does_not_arrive_in_time_is_not_waited_for(arriving):
    refused = await refusal(read_body(arriving(part(b"x", more=True)), (), 64, 0.01))
    assert (type(refused), refused.status) == (TimedOut, 408)


@pytest.mark.parametrize("before", [[], [part(b"x", more=True)]])
async def test_a_client_that_goes_away_is_not_answered(arriving, before):
    with pytest.raises(ClientGone):
        await read_body(arriving(*before, GONE), (), 64, 1)
