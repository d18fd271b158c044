# SPDX-License-Identifier: MIT
"""Four tutorials' programs, each in both roles: their clients with our server, our client with their servers. The
clients send no newline: a message is what one read brings. What a person types with nc works too."""
import pathlib
import re
import select
import signal
import socket
import subprocess
import sys
import time

import pytest

from harness import (HOST, PATIENCE, dial, exchange, unused_port, needs, one_line, read_exactly, read_to_end, wait_until)

SEEDS = pathlib.Path(__file__).parent / "seeds"
PYTHON = sys.executable
CTIME = rb"\[(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\]"


def seed_server(world, name, port=None):
    """A tutorial's server once it listens; .port is its port."""
    port = port or unused_port()
    process = world.start(PYTHON, "-u", SEEDS / name, port, env={"PYTHONUTF8": "1"})
    assert process.read_until(b"\n")
    process.port = port
    return process


def seed_client(world, name, *words, typed=b""):
    return world.start(PYTHON, SEEDS / name, *words, stdin=subprocess.PIPE,
                       env={"PYTHONUTF8": "1"}).finish(typed)


# --- the time server ----------------------------------------------------------------------------

def test_time_client_with_our_server(world):
    server = world.serve("--responder", "time")
    result = seed_client(world, "time_client.py", HOST, server.port, typed="第一\nsecond\n\n".encode())
    assert result.status == 0, result
    assert re.search(rb"from sever message: " + CTIME + rb" " + "第一".encode() + rb"\n", result.out)
    assert re.search(rb"from sever message: " + CTIME + rb" second\n", result.out)


def test_many_time_clients_at_once(world):
    server = world.serve("--responder", "time")
    clients = [dial(server.port) for _ in range(20)]
    for i, s in enumerate(reversed(clients)):
        s.sendall(b"client %d" % i)
        assert re.fullmatch(CTIME + b" client %d" % i, s.recv(1024))
    for s in clients:
        s.close()


def test_our_client_with_the_time_server(world):
    server = seed_server(world, "time_server.py")
    result = world.run("connect", HOST, server.port, "--prompt", "请输入信息:", "--reply-label",
                       "from sever message: ", stdin="hello\n你好\n\n".encode())
    assert result.status == 0, result
    assert re.search(rb"from sever message: " + CTIME + rb" hello\n", result.out)
    assert re.search(rb"from sever message: " + CTIME + rb" " + "你好".encode() + rb"\n", result.out)


# --- the greeting server ------------------------------------------------------------------------

GREETINGS = ["Welcome!", "Hello, Michael!", "Hello, Tracy!", "Hello, Sarah!"]


def test_greet_client_with_our_server(world):
    server = world.serve("--responder", "greet")
    began = time.monotonic()
    result = seed_client(world, "greet_client.py", server.port)
    assert result.status == 0 and result.text.split("\n")[:4] == GREETINGS
    assert time.monotonic() - began >= 2.9  # a second before each answer
    wait_until(lambda: "closed" in server.err, what="the line that tells of the end")


def test_a_slow_answer_makes_nobody_else_wait(world):
    server = world.serve("--responder", "greet")
    began = time.monotonic()
    clients = [dial(server.port) for _ in range(10)]
    for s in clients:
        assert read_exactly(s, 8) == b"Welcome!"
        s.sendall(b"you")
    for s in clients:
        assert read_exactly(s, 11) == b"Hello, you!"
        s.close()
    assert time.monotonic() - began < 8 * PATIENCE  # ten seconds one after another


def test_exit_closes_the_connection(world):
    server = world.serve("--responder", "greet")
    with dial(server.port) as s:
        assert read_exactly(s, 8) == b"Welcome!"
        s.sendall(b"exit")
        assert read_to_end(s) == b""


def test_ctrl_c_ends_the_server(world):
    server = world.serve("--responder", "greet")
    server.signal(signal.SIGINT)
    assert server.wait() == 0


def test_our_client_with_the_greet_server(world):
    server = seed_server(world, "greet_server.py")
    result = world.run("connect", HOST, server.port, "--send", "Michael", "--send", "Tracy", "--send", "Sarah",
                       "--send", "exit")
    assert result.status == 0, result
    assert result.text.splitlines() == GREETINGS


def test_both_ours_in_a_greeting(world):
    server = world.serve("--responder", "greet")
    result = world.run("connect", HOST, server.port, "--send", "Michael", "--send", "Tracy", "--send", "Sarah",
                       "--send", "exit")
    assert result.status == 0 and result.text.splitlines() == GREETINGS


# --- the server that puts a word in front -------------------------------------------------------

def test_prefix_client_with_our_server(world):
    server = world.serve("--responder", "prefix")
    result = seed_client(world, "prefix_client.py", server.port)
    assert result.text == "Client received: b'|From Server| Hello network world'\n"


def test_prefix_client_with_our_server_over_a_path(world):
    path = world.path("socket")
    server = world.sockutil("serve", f"unix:{path}", "--responder", "prefix")
    server.wait_err("listening")
    result = seed_client(world, "prefix_client.py", path)
    assert result.text == "Client received: b'|From Server| Hello network world'\n"


@pytest.mark.parametrize("where", ["tcp", "unix"])
def test_our_client_with_the_prefix_server(world, where):
    if where == "tcp":
        server = seed_server(world, "prefix_server.py")
        words = ["localhost", server.port]
    else:
        seed_server(world, "prefix_server.py", world.path("socket"))
        words = [f"unix:{world.path('socket')}"]
    result = world.run("connect", *words, "--send", "Hello network world")
    assert (result.status, result.out) == (0, b"|From Server| Hello network world\n")


@pytest.mark.parametrize("endpoint, status", [("{taken}", 45), ("no-such-host.invalid:50007", 6), ("localhost:70000", 2),
                                              ("localhost:-1", 2)])
def test_a_bad_bind_is_one_clear_line(world, endpoint, status):
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        endpoint = endpoint.format(taken=f"{HOST}:{holder.getsockname()[1]}")
        result = world.run("serve", endpoint, "--responder", "prefix", stdin=subprocess.DEVNULL)
    assert result.status == status
    one_line(result.err)


# --- the server that turns words round ----------------------------------------------------------

@pytest.mark.parametrize("words", [[], ["--one-at-a-time"]])
def test_reverse_client_with_our_server(world, words):
    server = world.serve("--responder", "reverse", *words)
    for _ in range(2):
        result = seed_client(world, "reverse_client.py", server.port, typed="abc\n\n你好吗\nquit\n".encode())
        assert result.status == 0, result
        assert ">>>cba\n" in result.text and "吗好你\n" in result.text


def test_one_at_a_time_serves_the_next_after_the_first(world):
    server = world.serve("--responder", "reverse", "--one-at-a-time")
    first, second = dial(server.port), dial(server.port)
    first.sendall(b"abc")
    assert read_exactly(first, 3) == b"cba"
    second.sendall(b"xyz")
    assert not select.select([second], [], [], 0.5)[0]
    first.sendall(b"quit")
    assert read_to_end(first) == b""
    assert read_exactly(second, 3) == b"zyx"
    first.close()
    second.close()


def test_our_client_with_the_reverse_server(world):
    server = seed_server(world, "reverse_server.py")
    result = world.run("connect", HOST, server.port, "--prompt", ">>>", stdin="abc\n你好吗\nquit\n".encode())
    assert result.status == 0, result
    assert "cba\n" in result.text and "吗好你\n" in result.text


def test_a_person_with_a_newline_gets_it_back_at_the_end(world):
    server = world.serve("--responder", "reverse")
    with dial(server.port) as s:
        for line, answer in ((b"abc\n", b"cba\n"), (b"abc\r\n", b"cba\r\n")):
            s.sendall(line)
            assert read_exactly(s, len(answer)) == answer
        s.sendall(b"quit\n")
        assert read_to_end(s) == b""


@needs("nc")
def test_a_person_with_nc(world):
    server = world.serve("--responder", "time")
    process = world.start("nc", HOST, server.port, stdin=subprocess.PIPE)
    process.stdin.write(b"hello\n")
    assert re.fullmatch(CTIME + b" hello\n", process.read_until(b"\n"))


def test_many_reads_that_come_as_one_are_one_message(world):
    """Two sends that the network joins are one read, as for the tutorial's own server."""
    server = world.serve("--responder", "prefix")
    assert exchange(server.port, b"one two") == b"|From Server| one two"


def test_seed_servers_and_ours_agree(world):
    """The same words to both; the same bytes back."""
    ours = world.serve("--responder", "prefix")
    theirs = seed_server(world, "prefix_server.py")
    answers = []
    for port in (ours.port, theirs.port):
        with dial(port) as s:
            got = b""
            for word in (b"a", "é".encode(), b"x" * 900):
                s.sendall(word)
                got += read_exactly(s, len(b"|From Server| ") + len(word))
            answers.append(got)
    assert answers[0] == answers[1]
