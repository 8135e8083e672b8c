import socket

import pytest

from tokenhouse.cli.demo.ports import addresses, is_open, require_free
from tokenhouse.cli.failures import Failure


def test_three_addresses_in_a_row():
    at = addresses(8400)
    assert at == ("http://127.0.0.1:8400", "http://127.0.0.1:8401", "http://127.0.0.1:8402")
    assert at.binds == ("127.0.0.1:8400", "127.0.0.1:8401", "127.0.0.1:8402")


def test_a_taken_port_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        taken.listen()
        assert is_open(bind)
        with pytest.raises(Failure, match=f"the address {bind} is taken") as caught:
            require_free((bind,))
    assert "--port" in caught.value.hint
    require_free((bind,))
    assert not is_open(bind)
