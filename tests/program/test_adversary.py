# SPDX-License-Identifier: MIT
"""What a user in a hurry gets wrong and what an unkind machine does: nothing is lost, and every mistake is one line."""
import json
import os
import resource
import socket
import subprocess
import time

from harness import (HOST, PROGRAM, unused_port, needs, needs_linux, no_sanitizer, one_line, random_bytes,
                     read_to_end)


def reversing(s):
    """A peer that reads to the end and sends it all back, last byte first."""
    got = read_to_end(s)
    s.sendall(got[::-1])
    return got


def test_the_input_is_never_written_over(world):
    data = random_bytes(100000)
    file = world.path("both", data)
    peer = world.peer(reversing)
    for words in ([], ["--append"]):
        result = world.run("connect", "--input", file, "-o", file, *words, HOST, peer.port)
        assert result.status == 2 and "the same file" in one_line(result.err)
    assert file.read_bytes() == data and peer.accepted == 0


def test_options_that_would_be_ignored_are_refused(world):
    for words in (["--send", "x", "--input", world.path("in", b"y")], ["--recv-only", "--quit-after", "1s"],
                  ["--wait=0"]):
        result = world.run("connect", *words, HOST, unused_port())
        assert result.status == 2, result
        assert words[0].split("=")[0] in one_line(result.err)


def test_a_mistake_is_json_where_json_is_asked_for(world):
    result = world.run("connect", "--log-json", "--no-such-option", HOST, unused_port())
    assert result.status == 2
    assert json.loads(one_line(result.err))["status"] == 2


def test_a_descriptor_is_not_its_own_input(world):
    for fd, name in ((0, "input"), (1, "output")):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            process = world.sockutil("connect", f"fd:{fd}", stdin=ours if fd == 0 else subprocess.DEVNULL,
                                     stdout=ours if fd == 1 else subprocess.DEVNULL)
            assert process.wait() == 2
            assert f"standard {name} itself" in one_line(process.err)


def test_a_file_at_its_size_limit_is_23(world):
    peer = world.peer(lambda s: s.sendall(bytes(300000)))
    result = world.run("connect", "-o", world.path("out"), HOST, peer.port,
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000)))
    assert result.status == 23 and "File too large" in one_line(result.err)
    assert world.path("out").stat().st_size == 100000


def test_a_fifo_nobody_writes_to_does_not_stop_the_clock(world):
    fifo = world.path("fifo")
    os.mkfifo(fifo)
    peer = world.peer(read_to_end)
    result = world.run("connect", "--input", fifo, "--max-time", "300ms", HOST, peer.port)
    assert result.status == 28 and "--max-time" in one_line(result.err)


def test_a_fifo_is_sent_when_its_writer_comes_after_the_peer_spoke(world):
    fifo = world.path("fifo")
    os.mkfifo(fifo)
    data = random_bytes(300000)

    def greeting(s):
        s.sendall(b"hello")
        return read_to_end(s)

    peer = world.peer(greeting)
    process = world.sockutil("connect", "--input", fifo, HOST, peer.port)
    assert process.read(5) == b"hello"
    with open(fifo, "wb") as writer:
        writer.write(data)
    assert peer.result() == data
    assert process.wait() == 0


def test_a_fifo_whose_writer_says_nothing_has_ended(world):
    fifo = world.path("fifo")
    os.mkfifo(fifo)
    peer = world.peer(reversing)
    process = world.sockutil("connect", "--input", fifo, HOST, peer.port)
    open(fifo, "wb").close()
    assert process.wait() == 0 and peer.result() == b""


@needs_linux
def test_a_preamble_comes_whole_from_a_pipe(world):
    peer = world.peer(read_to_end)
    reader, writer = os.pipe()
    process = world.sockutil("connect", "--preamble", f"@/dev/fd/{reader}", HOST, peer.port, pass_fds=(reader,))
    os.close(reader)
    os.write(writer, b"one ")
    time.sleep(0.2)  # not what is tested: without it both could come in one piece
    os.write(writer, b"two")
    os.close(writer)
    assert peer.result() == b"one two" and process.wait() == 0


def test_statistics_know_less_than_a_millisecond(world):
    peer = world.peer(lambda s: s.sendall(b"x" * 1000))
    result = world.run("connect", "--stats", HOST, peer.port)
    assert result.status == 0 and "lasted  " in result.err and "lasted       0.000 ms" not in result.err


@needs("valgrind")
@no_sanitizer
def test_no_descriptor_is_left_open(world):
    peer = world.peer(lambda s: s.sendall(b"x" * 100000))
    process = world.start("valgrind", "--track-fds=yes", PROGRAM, "connect", "-o", world.path("out"), HOST, peer.port)
    assert process.wait(60) == 0
    assert "FILE DESCRIPTORS" in process.err and "pipe2" not in process.err and "open (" in process.err
