import getpass
import socket
import threading

import pytest

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.link import Link, actor, failure
from tokenhouse.config.loading import load
from tokenhouse.sql.lock import StoreLock


def test_a_running_server_is_asked(serving):
    made = serving.json("client", "create", "--name", "x", "--client-id", "x")
    assert made["client_secret"].startswith("th_cs_")
    assert 'no client "nobody"' in serving.refused("client", "show", "nobody", code=3)
    assert serving.json("audit", "tail", "-n", "1")["items"][0]["source"] == actor()
    assert "exists already" in serving.refused("tenant", "create", "mcs", code=4)


def test_without_a_server_the_store_is_opened_directly(place):
    place.run("tenant", "create", "shop")
    assert place.json("tenant", "list")["items"][-1]["name"] == "shop"


def test_a_locked_store_without_a_socket_is_unreachable(place):
    lock = StoreLock(place.directory / "tokenhouse.db")
    lock.acquire()
    try:
        words = place.refused("client", "list", code=69)
    finally:
        lock.release()
    assert "nobody answers at" in words
    assert "try again in a moment" in words


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{",
        b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n[]",
    ],
)
def test_a_server_that_answers_nonsense_is_unreachable(place, answer):
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(place.directory / "tokenhouse.sock"))
    listening.listen()

    def serve():
        connection, _ = listening.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert "whether the change was made is unknown" in place.refused("client", "list", code=69)
    finally:
        thread.join(5)
        listening.close()


def test_a_stale_socket_is_no_server(place):
    stale = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stale.bind(str(place.directory / "tokenhouse.sock"))
    stale.close()
    assert place.json("tenant", "list")["items"]


def test_a_path_that_is_too_long_is_no_server(place):
    name = "s" * 120
    place.config.write_text(place.config.read_text() + f'[admin]\nsocket = "{name}"\n')
    assert place.json("tenant", "list")["items"]


def test_another_users_socket_is_told_as_such(place, monkeypatch):
    def refuse(self, address):
        raise PermissionError(13, "Permission denied")

    # The tests may run as root, whom no socket refuses.
    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(Failure) as caught:
        Link(load(place.config, {}).config).call("tenant.list")
    assert caught.value.exit_code == Exit.UNREACHABLE
    assert "run this command as the user" in caught.value.hint


def test_codes_become_exits():
    assert failure("not_found", "", "").exit_code == Exit.NOT_FOUND
    assert failure("something new", "", "").exit_code == Exit.FAILURE


def test_the_actor_is_one_plain_word(monkeypatch):
    monkeypatch.setenv("LOGNAME", "ann é\n")
    assert actor() == "cli:ann___"

    def nobody():
        raise KeyError("uid")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert actor() == "cli:unknown"
