# SPDX-License-Identifier: MIT
"""connect's dialogue: one message out, one reply in; greeting, label, prompt, framing and limits."""
import socket
import struct
import subprocess
import time

import pytest

from harness import HOST, MIB, one_line, random_bytes, read_exactly, read_to_end, reset, wait_until


def answering(answer, greeting=b"", size=1024):
    """A peer that answers each read, as the simplest server does; gives the messages it heard."""
    def talk(s):
        heard = []
        if greeting:
            s.sendall(greeting)
        while True:
            piece = s.recv(size)
            if not piece:
                return heard
            heard.append(piece)
            s.sendall(answer(piece))
    return talk


def test_messages_go_out_in_turn_and_each_reply_is_a_line(world):
    peer = world.peer(answering(lambda m: b"re " + m))
    result = world.run("connect", HOST, peer.port, "--send", "one", "--send", "two", "--send", "three")
    assert (result.status, result.out) == (0, b"re one\nre two\nre three\n")
    assert peer.result() == [b"one", b"two", b"three"]


def test_the_next_message_waits_for_the_reply(world):
    """A slow answer is not overtaken: messages sent at once would melt into one."""
    def slow(message):
        time.sleep(0.6)
        return b"re " + message
    peer = world.peer(answering(slow))
    result = world.run("connect", HOST, peer.port, "--send", "one", "--send", "two")
    assert (result.status, result.out) == (0, b"re one\nre two\n")
    assert peer.result() == [b"one", b"two"]


def test_a_greeting_is_shown_first_and_is_nobodys_reply(world):
    peer = world.peer(answering(lambda m: b"re " + m, greeting=b"Welcome!"))
    result = world.run("connect", HOST, peer.port, "--send", "one", "--send", "two")
    assert (result.status, result.out) == (0, b"Welcome!\nre one\nre two\n")


def test_after_the_last_message_the_rest_is_read_to_the_end(world):
    def talk(s):
        assert s.recv(100) == b"all"
        s.sendall(b"first")
        assert read_to_end(s) == b""  # the half-close
        time.sleep(0.2)
        s.sendall(b"and more")
    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, "--send", "all")
    assert result.status == 0 and result.out.replace(b"\n", b"") == b"firstand more"
    peer.result()


def test_a_peer_that_leaves_before_all_was_said_is_no_success(world):
    def talk(s):
        s.recv(100)
        s.sendall(b"bye")
    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, "--send", "one", "--send", "two", "--send", "three")
    assert result.status in (55, 56) and result.out == b"bye\n"
    one_line(result.err)


def test_a_reset_in_a_dialogue_is_no_success(world):
    def talk(s):
        s.recv(100)
        reset(s)
    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, "--send", "one")
    assert result.status in (55, 56) and result.out == b""
    assert "reset" in one_line(result.err)


def test_the_users_lines_are_the_messages_and_an_empty_one_ends_it(world):
    peer = world.peer(answering(lambda m: b"[" + m + b"]"))
    result = world.run("connect", HOST, peer.port, "--prompt", "say: ", "--reply-label", "heard: ",
                       stdin=b"one\ntwo\n\nnever sent\n")
    assert result.status == 0
    assert peer.result() == [b"one", b"two"]
    assert b"heard: [one]\n" in result.out and b"heard: [two]\n" in result.out


def test_the_end_of_input_ends_it_too(world):
    peer = world.peer(answering(lambda m: m))
    result = world.run("connect", HOST, peer.port, "--prompt", "> ", stdin=b"one\nlast without newline")
    assert result.status == 0
    assert peer.result() == [b"one", b"last without newline"]


def test_sent_words_come_before_typed_ones(world):
    peer = world.peer(answering(lambda m: m))
    result = world.run("connect", HOST, peer.port, "--send", "first", "--prompt", "> ", stdin=b"second\n")
    assert result.status == 0 and peer.result() == [b"first", b"second"]


def test_a_line_of_utf8_is_kept(world):
    peer = world.peer(answering(lambda m: m))
    result = world.run("connect", HOST, peer.port, "--prompt", "请输入信息:", "--reply-label", "from sever message: ",
                       stdin="你好，世界\n\n".encode())
    assert result.status == 0
    assert "from sever message: 你好，世界\n" in result.text
    assert peer.result() == ["你好，世界".encode()]


# --- framing ------------------------------------------------------------------------------------

def test_line_framing_adds_the_newline_and_joins_pieces_of_a_reply(world):
    def talk(s):
        f = s.makefile("rb")
        heard = []
        for line in f:
            heard.append(line)
            for piece in (b"re", b"ply to ", line):
                s.sendall(piece)
                time.sleep(0.05)
        return heard
    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, "--framing", "line", "--send", "one", "--send", "two")
    assert (result.status, result.out) == (0, b"reply to one\nreply to two\n")
    assert peer.result() == [b"one\n", b"two\n"]


def test_length_framing_is_four_bytes_big_endian(world):
    def talk(s):
        heard = []
        while True:
            head = read_exactly(s, 4)
            if not head:
                return heard
            message = read_exactly(s, struct.unpack(">I", head)[0])
            heard.append(message)
            answer = b"a\nb:" + message
            frame = struct.pack(">I", len(answer)) + answer
            s.sendall(frame[:3])
            time.sleep(0.05)
            s.sendall(frame[3:])
    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, "--framing", "length", "--send", "one", "--send", "")
    assert (result.status, result.out) == (0, b"a\nb:one\na\nb:\n")
    assert peer.result() == [b"one", b""]


@pytest.mark.parametrize("length", [(1 << 20) + 1, 0xffffffff])
def test_a_length_over_the_limit_is_63_before_a_byte_of_it_is_kept(world, length):
    def talk(s):
        s.recv(100)
        s.sendall(struct.pack(">I", length) + b"x" * 1000)
        return read_to_end(s)
    peer = world.peer(talk)
    process = world.sockutil("connect", HOST, peer.port, "--framing", "length", "--send", "one")
    assert process.wait() == 63
    one_line(process.err)


def test_a_line_over_the_limit_is_63(world):
    def talk(s):
        s.recv(100)
        try:
            while True:
                s.sendall(b"a" * 65536)
        except OSError:
            pass
    peer = world.peer(talk)
    process = world.sockutil("connect", HOST, peer.port, "--framing", "line", "--max-message", "64K", "--send", "one")
    assert process.wait() == 63
    one_line(process.err)


def test_a_length_message_cut_short_is_18(world):
    def talk(s):
        s.recv(100)
        s.sendall(struct.pack(">I", 10) + b"half")
    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, "--framing", "length", "--send", "one")
    assert result.status == 18
    one_line(result.err)


def test_our_own_message_over_the_limit_is_63(world):
    peer = world.peer(answering(lambda m: m))
    result = world.run("connect", HOST, peer.port, "--max-message", "10", "--send", "longer than ten")
    assert result.status == 63
    one_line(result.err)


# --- limits and noise ---------------------------------------------------------------------------

def test_a_silent_peer_in_a_dialogue_runs_into_the_idle_timeout(world):
    over = []

    def talk(s):
        read_to_end(s)
        wait_until(lambda: over, 20, "the test")
    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, "--idle-timeout", "600ms", "--send", "anyone?")
    over.append(True)
    assert result.status == 28
    assert "idle" in one_line(result.err)


def test_a_flooding_peer_in_a_dialogue_needs_no_memory(world):
    """What comes unasked after the reply is written, not hoarded."""
    def talk(s):
        s.recv(100)
        for _ in range(32):
            s.sendall(b"z" * MIB)
        s.shutdown(socket.SHUT_WR)
        read_to_end(s)
    peer = world.peer(talk)
    process = world.sockutil("connect", HOST, peer.port, "--send", "go", stdout=subprocess.PIPE)
    result = process.finish()
    assert result.status == 0 and result.out.count(b"z") == 32 * MIB


def test_replies_to_a_reader_that_went_away_are_141(world):
    peer = world.peer(answering(lambda m: random_bytes(100_000)))
    process = world.sockutil("connect", HOST, peer.port, "--prompt", "> ", stdin=subprocess.PIPE)
    process.stdin.write(b"one\n")
    wait_until(lambda: peer.current is not None, what="the connection")
    process.stdout.close()
    process.stdin.write(b"two\n")
    assert process.wait() == 141 and process.err == ""


@pytest.mark.parametrize("words", [["--reply-label", "x"], ["--framing", "line"], ["-N", "--send", "x"],
                                   ["--recv-only", "--send", "x"]])
def test_dialogue_options_that_make_no_sense_are_usage(world, words):
    result = world.run("connect", *words, HOST, "1")
    assert result.status == 2
    one_line(result.err)
