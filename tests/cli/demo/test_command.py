import socket
import threading

from tokenhouse.cli.demo.command import when


def test_it_tells_once_it_is_ready():
    answers, said = iter([False, False, True]), []
    when(lambda: next(answers), lambda: said.append(1), threading.Event())
    assert said == [1]


def test_it_gives_up_when_the_server_has_stopped():
    stopped, said = threading.Event(), []
    stopped.set()
    when(lambda: True, lambda: said.append(1), stopped)
    assert said == []


def test_a_taken_port_leaves_everything_alone(cli, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = cli("demo", "--port", str(min(port, 65_533)))
    assert result.exit_code == 1
    assert "is taken" in result.stderr
    assert not (tmp_path / ".demo").exists()
