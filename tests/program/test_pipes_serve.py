# SPDX-License-Identifier: MIT
"""serve in a pipeline: the same promises as connect's. --once gives the status of its one connection."""
import os
import select
import socket
import ssl
import subprocess
import time

import pytest

from harness import (HOST, MIB, cut, dial, needs_linux, needs_tls, random_bytes, read_exactly, read_to_end, reset, sha256,
                     wait_until)


def test_what_comes_is_written_whole(world):
    data = random_bytes(8 * MIB)
    with open(world.path("got"), "wb") as got:
        server = world.serve("--once", stdout=got)
    with dial(server.port) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        assert read_to_end(s) == b""
    assert server.wait() == 0, server.err
    assert sha256(world.path("got").read_bytes()) == sha256(data)


def test_a_file_on_stdin_goes_out_whole(world):
    data = random_bytes(8 * MIB)
    with open(world.path("in", data), "rb") as f:
        server = world.serve("--once", stdin=f)
    with dial(server.port) as s:
        got = read_to_end(s)
    assert server.wait() == 0, server.err
    assert sha256(got) == sha256(data)


def test_both_ways_at_once_do_not_deadlock(world):
    up, down = random_bytes(6 * MIB), random_bytes(6 * MIB)
    with open(world.path("in", down), "rb") as f, open(world.path("got"), "wb") as got:
        server = world.serve("--once", stdin=f, stdout=got)
    result = world.run("connect", HOST, server.port, stdin=up, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(down)
    assert server.wait() == 0
    assert sha256(world.path("got").read_bytes()) == sha256(up)


def test_an_answer_that_comes_long_after_the_clients_end_is_delivered(world):
    """The input of a server may be a slow program: its silence is not its end."""
    server = world.serve("--once", stdin=subprocess.PIPE)
    with dial(server.port) as s:
        s.sendall(b"question")
        s.shutdown(socket.SHUT_WR)
        assert server.read(8) == b"question"
        time.sleep(1.5)  # the lateness is the thing under test
        server.stdin.write(b"late answer")
        server.stdin.close()
        server.stdin = server.popen.stdin = None
        assert read_to_end(s) == b"late answer"
    assert server.wait() == 0


def test_a_reset_is_56_and_what_came_before_it_is_written(world):
    data = random_bytes(100_000)
    server = world.serve("--once", stdin=subprocess.PIPE)
    s = dial(server.port)
    s.sendall(data)
    assert server.read(100_000) == data
    reset(s)
    assert server.wait() == 56
    assert "reset" in server.err


def test_a_client_that_leaves_our_bytes_unread_is_55(world):
    with open(world.path("in", random_bytes(8 * MIB)), "rb") as f:
        server = world.serve("--once", stdin=f)
    s = dial(server.port)
    assert read_exactly(s, 1000)
    s.close()
    assert server.wait() == 55


@needs_linux
def test_a_full_device_is_23(world):
    with open("/dev/full", "wb") as full:
        server = world.serve("--once", stdout=full)
    with dial(server.port) as s:
        s.sendall(b"x" * 100_000)
        assert server.wait() == 23
    assert "No space left on device" in server.err


def test_a_reader_that_went_away_is_141(world):
    server = world.serve("--once", "-q")
    with dial(server.port) as s:
        s.sendall(b"x" * 1000)
        server.read(1000)
        server.stdout.close()
        try:
            while server.running():
                s.sendall(b"x" * 65536)
        except OSError:
            pass
    assert server.wait() == 141 and server.err == ""


@needs_tls
def test_a_tls_client_that_was_cut_is_18(world, certificates):
    cert, key = certificates.leaf()
    server = world.serve("--once", "--tls", "--cert", cert, "--key", key)
    s = certificates.client_context().wrap_socket(dial(server.port), server_hostname="localhost")
    s.sendall(b"not all of it")
    assert server.read(13) == b"not all of it"
    cut(s)
    assert server.wait() == 18
    assert "close_notify" in server.err or "cut short" in server.err


@needs_tls
def test_a_tls_client_that_closes_in_order_is_0(world, certificates):
    cert, key = certificates.leaf()
    server = world.serve("--once", "--tls", "--cert", cert, "--key", key)
    s = certificates.client_context().wrap_socket(dial(server.port), server_hostname="localhost")
    s.sendall(b"all of it")
    try:
        s.unwrap()
    except (OSError, ssl.SSLError):
        pass
    s.close()
    result = server.finish()
    assert (result.status, result.out) == (0, b"all of it")


def test_any_number_of_clients_merge_on_stdout(world):
    server = world.serve("--keep-open")
    clients = [dial(server.port) for _ in range(5)]
    for i, s in enumerate(clients):
        s.sendall(b"client %d\n" % i)
    got = server.read(5 * 9)
    assert sorted(got.splitlines()) == [b"client %d" % i for i in range(5)]
    for s in clients:
        s.close()
    assert server.running()


def test_the_number_of_connections_can_be_given(world):
    server = world.serve("--responder", "echo", "--accept", "3")
    for _ in range(3):
        assert server.running()
        with dial(server.port) as s:
            s.sendall(b"x")
            assert read_exactly(s, 1) == b"x"
    assert server.wait() == 0


@needs_linux
def test_a_server_with_idle_clients_uses_no_cpu(world):
    server = world.serve("--responder", "echo")
    clients = [dial(server.port) for _ in range(50)]
    for s in clients:
        s.sendall(b"x")
        assert read_exactly(s, 1) == b"x"
    before = server.cpu()
    select.select([], [], [], 1.0)
    assert server.cpu() - before <= 0.05
    for s in clients:
        s.close()


@needs_linux
def test_descriptors_return_to_where_they_were(world):
    """Three hundred clients come and go, some by a reset; none leaves anything behind."""
    server = world.serve("--responder", "echo")

    def descriptors():
        return len(os.listdir(f"/proc/{server.pid}/fd"))
    with dial(server.port) as s:
        s.sendall(b"x")
        read_exactly(s, 1)
    wait_until(lambda: "closed" in server.err, what="the first to be closed")
    before = descriptors()
    for i in range(300):
        s = dial(server.port)
        s.sendall(b"x")
        if i % 3:
            read_exactly(s, 1)
        reset(s) if i % 2 else s.close()
    wait_until(lambda: descriptors() == before, what=f"{before} descriptors")


@pytest.mark.parametrize("words", [["--once", "--keep-open"], ["--recv-only", "--send-only"],
                                   ["--responder", "echo", "--reply", "x"], ["--responder", "echo", "--send-file", "x"]])
def test_what_does_not_go_together_is_usage(world, words):
    result = world.run("serve", *words, f"{HOST}:0", stdin=subprocess.DEVNULL, timeout=5)
    assert result.status == 2
    assert result.err.count("\n") == 1
