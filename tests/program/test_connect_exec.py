# SPDX-License-Identifier: MIT
"""connect --exec, --shell: a program joined to the connection.

Holds: its output is sent and it reads what comes, over TCP, Unix sockets and TLS; its end is the half-close, the peer's
end is its end of input; standard input and output are not touched; its status is ours; what cannot be run is known before
anything is dialled, and a refused connection runs nothing; it is told who is connected; a peer that is gone ends its
whole process group, and so does a signal; --max-time holds for it; --pty is a terminal.
"""
import os
import signal
import socket

import pytest

from harness import HOST, MIB, unused_port, needs_linux, needs_tls, one_line, random_bytes, read_to_end, reset, wait_until

KINDS = ["tcp", "unix", pytest.param("tls", marks=needs_tls)]


def alive(pid):
    """Running: a zombie is not."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def peer_of(world, kind, talk, certificates):
    """A peer, and how it is reached."""
    if kind == "unix":
        path = world.path("socket")
        world.peer(talk, path=path)
        return [f"unix:{path}"]
    if kind == "tls":
        peer = world.peer(talk, tls=certificates.server_context())
        return ["--tls", "--insecure", "--quiet", HOST, peer.port]
    return [HOST, world.peer(talk).port]


def swallow(s):
    """Reads to the end and says how much that was."""
    got = read_to_end(s)
    s.sendall(b"%d" % len(got))
    return got


@pytest.mark.parametrize("kind", KINDS)
def test_both_ways(world, kind, certificates):
    def talk(s):
        s.sendall(b"question\n")
        got = s.recv(100)
        if kind == "tls":
            s.unwrap()
        return got

    where = peer_of(world, kind, talk, certificates)
    result = world.run("connect", *where, "--shell", "read line; echo \"got $line\"; cat >&2; exit 5", stdin=b"ours")
    assert result.status == 5 and result.out == b""
    assert world.peers[0].result() == b"got question\n"


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_its_end_is_the_half_close_and_all_of_it_is_sent(world, kind, certificates):
    data = random_bytes(5 * MIB)
    where = peer_of(world, kind, swallow, certificates)
    result = world.run("connect", *where, "--shell", "cat data; exec >&-; cat >answer", cwd=world.path("data", data).parent)
    assert result.status == 0, result
    assert world.peers[0].result() == data
    assert world.path("answer").read_bytes() == b"%d" % len(data)


def test_the_peers_end_is_its_end_of_input(world):
    peer = world.peer(lambda s: (s.sendall(b"all"), s.shutdown(socket.SHUT_WR), read_to_end(s))[2])
    result = world.run("connect", HOST, peer.port, "--shell", "cat; sleep 0.7; echo late")
    assert result.status == 0 and peer.result() == b"alllate\n"


def test_it_may_be_busy_after_both_ends(world):
    peer = world.peer(lambda s: (s.sendall(b"1\n2\n3\n"), s.shutdown(socket.SHUT_WR), read_to_end(s)))
    result = world.run("connect", HOST, peer.port, "--shell",
                       "exec >&-; while read n; do sleep 0.1; echo $n >>lines; done; exit 9")
    assert result.status == 9
    assert world.path("lines").read_text().split() == ["1", "2", "3"]


def test_a_program_that_reads_nothing(world):
    peer = world.peer(lambda s: (s.sendall(bytes(20 * MIB)), s.shutdown(socket.SHUT_WR), read_to_end(s))[2])
    result = world.run("connect", HOST, peer.port, "--shell", "exec <&-; echo one; sleep 0.3; echo two")
    assert result.status == 0 and peer.result() == b"one\ntwo\n"


@pytest.mark.parametrize("command, status", [("exit 7", 7), ("kill -TERM $$", 128 + 15), ("exit 0", 0)])
def test_its_status_is_ours(world, command, status):
    peer = world.peer(read_to_end)
    result = world.run("connect", "-v", HOST, peer.port, "--shell", command)
    assert result.status == status
    assert ("killed by SIGTERM" if status > 128 else f"exited with status {status}") in result.err


def test_what_cannot_be_run_is_known_before_dialling(world):
    result = world.run("connect", HOST, unused_port(), "--exec", "nothing-of-that-name")
    assert result.status == 2
    assert one_line(result.err) == "sockutil connect: cannot run nothing-of-that-name: not found in PATH"


def test_a_refused_connection_runs_nothing(world):
    assert world.run("connect", HOST, unused_port(), "--shell", "echo ran >ran").status == 7
    assert not world.path("ran").exists()


def test_it_is_told_who_is_connected(world):
    peer = world.peer(read_to_end)
    world.run("connect", HOST, peer.port, "--exec", "env", env={"TCPREMOTEIP": "192.0.2.9", "SOCKUTIL_TLS_SNI": "old"})
    told = dict(line.split("=", 1) for line in peer.result().decode().splitlines() if "=" in line)
    assert told["TCPREMOTEIP"] == told["SOCKUTIL_PEER_ADDR"] == HOST
    assert told["SOCKUTIL_PEER_PORT"] == str(peer.port) and told["PROTO"] == "TCP"
    assert "SOCKUTIL_TLS_SNI" not in told


@needs_linux
def test_three_descriptors(world):
    inherited = os.open("/dev/null", os.O_RDONLY)
    peer = world.peer(read_to_end)
    world.run("connect", HOST, peer.port, "--shell", "for n in 3 4 5 6 7 8 9; do ( : <&$n ) 2>/dev/null && echo $n; done; echo end",
              pass_fds=(inherited,))
    os.close(inherited)
    assert peer.result() == b"end\n"


@needs_linux
def test_a_peer_that_is_gone_ends_the_group(world):
    def talk(s):
        text = b""
        while text.count(b"\n") < 2:
            text += s.recv(100)
        reset(s)
        return [int(word) for word in text.split()]

    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, "--shell", "sh -c 'echo $$; exec sleep 1000' & echo $$; exec sleep 1001")
    assert result.status == 56 or result.status == 55
    assert not any(alive(pid) for pid in peer.result())


@needs_linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program_too(world, number):
    peer = world.peer(lambda s: (int(s.recv(100)), read_to_end(s))[0])
    process = world.sockutil("connect", HOST, peer.port, "--shell", "echo $$; exec sleep 1000")
    wait_until(lambda: peer.accepted and peer.current, 10, "a connection")
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as f:
        wait_until(lambda: (f.seek(0), f.read())[1], 10, "a program")
    process.signal(number)
    assert process.wait() == 128 + number
    assert not alive(peer.result())


def test_time_is_up_for_the_program(world):
    peer = world.peer(lambda s: (s.shutdown(socket.SHUT_WR), read_to_end(s)))
    result = world.run("connect", "--max-time", "500ms", HOST, peer.port, "--shell", "exec >&- <&-; sleep 1000")
    assert result.status == 28
    assert one_line(result.err) == "sockutil connect: the program had not ended when --max-time ran out"


def test_a_terminal(world):
    peer = world.peer(lambda s: (s.sendall(b"exit 4\n"), read_to_end(s))[1])
    result = world.run("connect", HOST, peer.port, "--pty", "--shell", "stty -echo; stty size; read line; $line")
    assert result.status == 4 and peer.result().endswith(b"24 80\r\n")


@pytest.mark.parametrize("words", [
    ["--pty"], ["--input", "x", "-e", "cat"], ["-o", "x", "-e", "cat"], ["--send", "x", "-e", "cat"],
    ["--recv-only", "-e", "cat"], ["--shell", "x", "-e", "cat"], ["--progress", "-e", "cat"]])
def test_what_means_nothing_is_an_error(world, words):
    assert world.run("connect", HOST, "9999", *words).status == 2
