# SPDX-License-Identifier: MIT
"""serve, the program itself: responders, standard input and output, files, limits, signals, workers.

Holds: every responder; messages by every framing; a slow reader is waited for in bounded memory; one client's end is
nobody else's; --once and --accept end with the right status; stdin that ends does not end a listener; -k merges whole
reads and cuts who is too slow; --save never overwrites and marks what is cut; limits wait or refuse; rules are read again
at SIGHUP; a drain is 0, a cut is 128+n; workers share a port, pass signals on and come back; socket files are removed.
"""
import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from harness import (HOST, LINUX, MIB, dial, exchange, needs_linux, needs_tls, no_sanitizer, one_line,
                     random_bytes, read_exactly, read_to_end, reset, wait_until)


def ended(s):
    """True when the server has closed or reset the connection."""
    try:
        return s.recv(1) == b""
    except ConnectionResetError:
        return True


def end_stdin(process):
    process.stdin.close()
    process.popen.stdin = None


def talk(port, *messages):
    """Each message out, one answer in."""
    answers = []
    with dial(port) as s:
        for message in messages:
            s.sendall(message)
            answers.append(s.recv(65536))
    return answers


# --- responders --------------------------------------------------------------------------------

@pytest.mark.parametrize("responder, messages, answers", [
    ("time", [b"hello", b"a\n"], [rb"\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\] hello", rb"\[.*\] a\n"]),
    ("prefix", [b"Hello network world", b"x\r\n"], [rb"\|From Server\| Hello network world", rb"\|From Server\| x\r\n"]),
    ("reverse", ["añ€😀b".encode(), b"ab\n"], ["b😀€ña".encode(), rb"ba\n"]),
    ("echo", [b"x", b"\n", b"\0\xff"], [rb"x", rb"\n", rb"\0\xff"]),
])
def test_each_message_has_its_answer(world, responder, messages, answers):
    server = world.serve("--responder", responder)
    for got, pattern in zip(talk(server.port, *messages), answers):
        assert re.fullmatch(pattern, got), got


def test_a_word_closes_the_connection(world):
    server = world.serve("--responder", "reverse")
    with dial(server.port) as s:
        s.sendall(b"quitter")
        assert s.recv(100) == b"rettiuq"
        s.sendall(b"quit\n")
        assert s.recv(100) == b""
    server.wait_err(": quit; received 12 B, sent 7 B")


def test_greeting_waits_and_others_do_not(world):
    server = world.serve("--responder", "greet", "--delay", "2s")
    with dial(server.port) as a, dial(server.port) as b:
        assert read_exactly(a, 8) == read_exactly(b, 8) == b"Welcome!"
        start = time.monotonic()
        a.sendall(b"Michael")
        b.sendall(b"Tracy")
        assert a.recv(100) == b"Hello, Michael!"
        assert b.recv(100) == b"Hello, Tracy!"
        assert 1.9 < time.monotonic() - start < 3.9


def test_template_values(world):
    server = world.serve("--reply", "{count} {message} {reversed} {peer} {local} {{}}")
    with dial(server.port) as s:
        me, there = s.getsockname(), s.getpeername()
        s.sendall(b"ab")
        assert s.recv(200) == f"1 ab ba {me[0]}:{me[1]} {there[0]}:{there[1]} {{}}".encode()
        s.sendall(b"c")
        assert s.recv(200).startswith(b"2 c c ")


def test_lines_that_come_together_are_answered_in_turn(world):
    server = world.serve("--reply", "<{message}>", "--framing", "line")
    assert exchange(server.port, b"a\nb\r\n\nlast") == b"<a>\n<b>\r\n<>\n<last>"


def test_a_line_that_comes_in_pieces_is_one_message(world):
    server = world.serve("--responder", "reverse", "--framing", "line", "--banner", "hi")
    with dial(server.port) as s:
        assert read_exactly(s, 3) == b"hi\n"
        for piece in (b"a", "ñ".encode()[:1], "ñ".encode()[1:], b"b\n"):
            s.sendall(piece)
            time.sleep(0.05)
        assert s.recv(100) == "bña\n".encode()


def test_messages_with_a_length(world):
    def framed(message):
        return len(message).to_bytes(4, "big") + message
    server = world.serve("--reply", "<{message}>", "--framing", "length", "--banner", "hi")
    assert exchange(server.port, framed(b"a\n") + framed(b"")) == framed(b"hi") + framed(b"<a\n>") + framed(b"<>")


def test_a_message_over_the_limit_closes_only_its_connection(world):
    server = world.serve("--responder", "echo", "--framing", "line", "--max-message", "1K")
    with dial(server.port) as s:
        s.sendall(b"x" * 5000)
        assert ended(s)
    assert exchange(server.port, b"still here\n") == b"still here\n"
    server.wait_err("1024")


def test_discard_takes_everything_and_answers_nothing(world):
    server = world.serve("--responder", "discard")
    assert exchange(server.port, bytes(4 * MIB)) == b""
    server.wait_err("received 4 MiB, sent 0 B")


def test_chargen_turns_the_pattern(world):
    server = world.serve("--responder", "chargen")
    with dial(server.port) as s:
        lines = read_exactly(s, 74 * 200).split(b"\r\n")[:-1]
        assert len(lines) == 200 and all(len(line) == 72 for line in lines)
        assert lines[0] == bytes(range(32, 104)) and lines[95] == lines[0] and lines[94][:2] == b"~ "
        s.sendall(b"dropped")
        s.shutdown(socket.SHUT_WR)
        rest = read_to_end(s)
    whole = b"".join(line + b"\r\n" for line in lines) + rest
    cycle = whole[:95 * 74]
    assert all(whole[at:at + len(cycle)] == cycle[:len(whole) - at] for at in range(0, len(whole), len(cycle)))


def test_daytime_and_quotes(world):
    server = world.serve("--responder", "daytime")
    assert re.fullmatch(rb"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\r\n", exchange(server.port))
    quotes = world.serve("--responder", "qotd")
    assert all(2 < len(q) < 512 and q.endswith(b"\r\n") for q in (exchange(quotes.port) for _ in range(12)))


def test_an_answer_is_not_overtaken_by_a_reset(world):
    """The client's bytes stand unread when the answer has gone out."""
    server = world.serve("--responder", "daytime")
    for _ in range(20):
        with dial(server.port) as s:
            s.sendall(b"x" * 4000)
            time.sleep(0.01)
            s.sendall(b"y" * 4000)
            assert len(read_to_end(s)) == 26


def test_echo_of_much_to_a_reader_that_waits(world):
    """A client that sends all before it reads blocks itself, not our memory; then it gets every byte."""
    server = world.serve("--responder", "echo")
    data = random_bytes(24 * MIB)
    with dial(server.port, timeout=30) as s, dial(server.port) as other:
        s.setblocking(False)
        sent = 0
        try:
            while sent < len(data):
                sent += s.send(data[sent:sent + MIB])
                time.sleep(0.001)
        except BlockingIOError:
            pass
        other.sendall(b"quick")
        assert other.recv(10) == b"quick"
        if LINUX:
            assert server.status_field("VmRSS") < 40 * 1024
        s.setblocking(True)
        s.settimeout(30)
        got = read_exactly(s, sent)
        assert got == data[:sent]


def test_a_reset_in_the_middle_of_much_is_nobody_elses_end(world):
    """The server has read a whole buffer, and meets the reset in the same turn."""
    server = world.serve("-q", "--responder", "echo")
    for i in range(60):
        s = dial(server.port)
        s.setblocking(False)
        try:
            while s.send(bytes(MIB)):
                pass
        except OSError:
            time.sleep(0.001 * (i % 5))
        reset(s)
    assert exchange(server.port, b"x") == b"x"


def test_a_client_that_leaves_is_nobody_elses_end(world):
    server = world.serve("--responder", "chargen")
    for _ in range(5):
        s = dial(server.port)
        s.recv(1000)
        reset(s)
    with dial(server.port) as s:
        assert len(read_exactly(s, MIB)) == MIB
    assert server.running()
    server.wait_err("reset")


@pytest.mark.parametrize("words, message", [
    (["--responder", "daytime", "--banner", "x"], "--banner means nothing to --responder daytime"),
    (["--reply", "{nobody}"], "{nobody}"),
    (["--tls", "--crl", "x", "--responder", "echo"], "--crl needs --client-ca"),
    (["--responder", "ech"], "echo"),
    (["--banner", "x"], "--reply"),
    (["--accept", "3"], "--keep-open"),
    (["--conn-rate", "many", "--responder", "echo"], "--conn-rate many"),
    (["--workers", "0", "--responder", "echo"], "--workers 0"),
    (["--workers", "2"], "--workers"),
    (["--workers", "2", "--once", "--responder", "echo"], "--workers"),
    (["--mode", "9", "--responder", "echo"], "--mode 9"),
    (["--save", "in-%q"], "%q"),
    (["--send-file", "/"], "not a regular file"),
    (["--ready-fd", "77", "--responder", "echo"], "--ready-fd 77"),
    (["--deny", "300.1.2.3/99", "--responder", "echo"], "300.1.2.3/99"),
    (["--client-ca", "x", "--responder", "echo"], "--tls"),
    (["ws://127.0.0.1:1", "--responder", "echo"], "ws://"),
])
def test_nonsense_is_one_line_and_status_2(world, words, message):
    result = world.run("serve", f"{HOST}:0", *words)
    assert result.status == 2 and message in one_line(result.err), result


def test_a_file_that_is_not_there_is_26(world):
    result = world.run("serve", f"{HOST}:0", "--send-file", "nowhere")
    assert result.status == 26 and "nowhere" in one_line(result.err)


def test_a_letter_of_netcat_is_explained(world):
    result = world.run("serve", "-l", "9999")
    assert result.status == 2 and "sockutil serve 9999" in one_line(result.err)


# --- standard input and output ------------------------------------------------------------------

def test_stdin_and_stdout_join_the_first_connection(world):
    server = world.serve(stdin=subprocess.PIPE)
    with dial(server.port) as s:
        server.stdin.write(b"from the server")
        assert read_exactly(s, 15) == b"from the server"
        end_stdin(server)
        assert s.recv(1) == b""
        s.sendall(b"late")
        s.shutdown(socket.SHUT_WR)
        assert server.finish().out == b"late" and server.wait() == 0


def test_only_one_connection_is_joined(world):
    server = world.serve(stdin=subprocess.PIPE)
    with dial(server.port) as s:
        s.sendall(b"x")
        server.read(1)
        with pytest.raises(ConnectionRefusedError):
            dial(server.port)


@pytest.mark.parametrize("data, gone_at_once", [(b"", False), (b"all", True)])
def test_an_empty_stdin_is_no_goodbye(world, data, gone_at_once):
    source = world.path("in", data).open("rb")
    server = world.serve(stdin=source)
    time.sleep(0.2)
    assert server.running()
    with dial(server.port) as s:
        s.settimeout(0.5)
        assert read_exactly(s, len(data)) == data
        if gone_at_once:
            assert s.recv(1) == b""
        else:
            with pytest.raises(TimeoutError):
                s.recv(1)
        s.sendall(b"bye")
        s.shutdown(socket.SHUT_WR)
        assert server.finish().out == b"bye" and server.wait() == 0


def test_a_reset_is_56_after_all_that_came(world):
    server = world.serve("--recv-only")
    s = dial(server.port)
    s.sendall(b"z" * 1000)
    assert server.read(1000) == b"z" * 1000
    reset(s)
    result = server.finish()
    assert result.status == 56 and "reset" in result.err


def test_a_reader_of_stdout_that_leaves_is_141(world):
    server = world.serve(stdin=subprocess.PIPE)
    with dial(server.port) as s:
        s.sendall(b"x")
        server.read(1)
        server.stdout.close()
        try:
            for _ in range(200):
                s.sendall(b"y" * 10000)
                time.sleep(0.005)
        except OSError:
            pass
        assert server.wait() == 141
    assert "sockutil serve: closed" not in server.err


@needs_linux
@pytest.mark.parametrize("words", [[], ["-k"]])
def test_a_full_disk_under_stdout_is_23(world, words):
    server = world.serve(*words, stdin=subprocess.PIPE, stdout=open("/dev/full", "wb"))
    with dial(server.port) as s:
        s.sendall(b"x" * 1000)
        assert server.wait() == 23
    assert "No space left" in server.err


def test_send_only_drops_what_comes(world):
    server = world.serve("--send-only", stdin=subprocess.PIPE)
    with dial(server.port) as s:
        s.sendall(b"x" * 100000)
        server.stdin.write(b"data")
        end_stdin(server)
        assert read_to_end(s) == b"data"
    assert server.finish().out == b"" and server.wait() == 0


def test_recv_only_never_touches_stdin(world):
    source = world.path("in", b"must stay").open("rb")
    server = world.serve("--recv-only", stdin=source)
    assert exchange(server.port, b"came") == b""
    assert server.finish().out == b"came" and server.wait() == 0
    assert os.lseek(source.fileno(), 0, os.SEEK_CUR) == 0


def test_keep_open_merges_whole_reads_and_sends_to_all(world):
    server = world.serve("-k", stdin=subprocess.PIPE)
    clients = [dial(server.port) for _ in range(5)]
    for i, s in enumerate(clients):
        s.sendall(b"%d" % i * 50 + b"\n")
    lines = sorted(server.read(5 * 51).split())
    assert lines == [b"%d" % i * 50 for i in range(5)]
    server.stdin.write(b"to all\n")
    assert all(read_exactly(s, 7) == b"to all\n" for s in clients)
    for s in clients:
        s.close()
    with dial(server.port) as s:
        s.sendall(b"later")
        assert server.read(5) == b"later"
    server.signal(signal.SIGTERM)
    assert server.wait() == 0


def test_keep_open_does_not_read_stdin_for_nobody(world):
    server = world.serve("-k", stdin=subprocess.PIPE)
    server.stdin.write(b"kept for the first")
    time.sleep(0.2)
    with dial(server.port) as s:
        assert read_exactly(s, 18) == b"kept for the first"


def test_keep_open_under_dev_null_goes_on(world):
    server = world.serve("-k")
    for i in range(3):
        with dial(server.port) as s:
            s.sendall(b"%d" % i)
            assert server.read(1) == b"%d" % i
            s.settimeout(0.2)
            with pytest.raises(TimeoutError):
                s.recv(1)
    assert server.running()


def test_the_end_of_stdin_is_passed_to_who_was_given_bytes(world):
    server = world.serve("-k", stdin=subprocess.PIPE)
    with dial(server.port) as s, dial(server.port) as t:
        s.sendall(b"1")
        t.sendall(b"2")
        server.read(2)
        server.stdin.write(b"all there is")
        end_stdin(server)
        assert read_to_end(s) == read_to_end(t) == b"all there is"
        s.sendall(b"still heard")
        assert server.read(11) == b"still heard"
    assert server.running()


def test_a_client_that_does_not_read_is_cut_and_the_others_are_not(world):
    server = world.serve("-k", "--sndbuf", "64K", stdin=subprocess.PIPE)
    data = random_bytes(16 * MIB)
    with dial(server.port, rcvbuf=4096) as slow, dial(server.port) as quick:
        slow.sendall(b"s")
        quick.sendall(b"q")
        server.read(2)
        writer = subprocess.Popen(["cat"], stdin=world.path("data", data).open("rb"), stdout=server.stdin)
        assert read_exactly(quick, len(data)) == data
        writer.wait()
        server.wait_err("too slow")
    assert server.running()


def test_a_slow_stdout_holds_clients_back(world):
    server = world.serve("-k", stdin=subprocess.PIPE)
    data = random_bytes(8 * MIB)
    with dial(server.port, timeout=30) as s:
        s.setblocking(False)
        sent, idle = 0, 0
        while sent < len(data) and idle < 20:
            try:
                sent += s.send(data[sent:])
            except BlockingIOError:
                idle += 1
                time.sleep(0.01)
        assert idle, "nothing held it back"
        if LINUX:
            assert server.status_field("VmRSS") < 40 * 1024
        got = server.read(sent, 30)
        assert got == data[:sent]


def test_one_after_another_on_the_same_stdout(world):
    server = world.serve("-k", "--one-at-a-time")
    for i in range(3):
        assert exchange(server.port, b"number %d;" % i) == b""
    assert server.read(27) == b"number 0;number 1;number 2;"
    assert server.running()


def test_keep_open_for_a_number_of_clients(world):
    server = world.serve("-k", "--accept", "2")
    with dial(server.port) as s, dial(server.port) as t:
        s.sendall(b"a")
        assert server.read(1) == b"a"
        t.sendall(b"b")
        assert server.read(1) == b"b"
        with pytest.raises(ConnectionRefusedError):
            dial(server.port)
    assert server.wait() == 0


# --- how many -----------------------------------------------------------------------------------

def test_once_is_one_connection_and_its_status(world):
    server = world.serve("--once", "--responder", "echo")
    assert exchange(server.port, b"x" * 100000) == b"x" * 100000
    assert server.wait() == 0
    server = world.serve("--once", "--responder", "echo")
    s = dial(server.port)
    s.sendall(b"x")
    assert s.recv(1) == b"x"
    reset(s)
    assert server.wait() in (55, 56) and "reset" in server.err


def test_accept_some_then_refuse(world):
    server = world.serve("--accept", "3", "--responder", "echo")
    for i in range(2):
        assert exchange(server.port, b"%d" % i) == b"%d" % i
    with dial(server.port) as s:
        s.sendall(b"x")
        assert s.recv(1) == b"x"
        with pytest.raises(ConnectionRefusedError):
            dial(server.port)
        assert server.running()
    assert server.wait() == 0


def test_one_at_a_time_leaves_the_others_in_the_backlog(world):
    server = world.serve("--one-at-a-time", "--responder", "echo")
    with dial(server.port) as a, dial(server.port) as b:
        a.sendall(b"a")
        assert a.recv(1) == b"a"
        b.sendall(b"b")
        b.settimeout(0.3)
        with pytest.raises(TimeoutError):
            b.recv(1)
        a.close()
        b.settimeout(10)
        assert b.recv(1) == b"b"


def test_max_conns_waits_rather_than_refuses(world):
    server = world.serve("--max-conns", "2", "--responder", "echo")
    held = [dial(server.port) for _ in range(4)]
    for s in held:
        s.sendall(b"x")
    assert held[0].recv(1) == held[1].recv(1) == b"x"
    held[2].settimeout(0.2)
    with pytest.raises(TimeoutError):
        held[2].recv(1)
    held[0].close()
    held[2].settimeout(10)
    assert held[2].recv(1) == b"x"
    for s in held[1:]:
        s.close()


def test_max_conns_per_ip_closes_with_a_line(world):
    server = world.serve("--max-conns-per-ip", "2", "--responder", "echo")
    a, b, c = (dial(server.port) for _ in range(3))
    assert ended(c)
    server.wait_err("more than 2 at once from this address (--max-conns-per-ip)")
    a.close()
    server.wait_err("closed")
    with dial(server.port) as d:
        d.sendall(b"d")
        assert d.recv(1) == b"d"
    b.close()


def test_conn_rate_closes_what_is_too_many(world):
    server = world.serve("--conn-rate", "3/s", "--responder", "echo")
    served = sum(1 for _ in range(10) if _try(server.port))
    assert 3 <= served <= 5, served
    server.wait_err("more than 3 a second (--conn-rate)")
    wait_until(lambda: _try(server.port), 5, "a place in the next second")


def _try(port):
    with dial(port) as s:
        try:
            s.sendall(b"x")
            return s.recv(1) == b"x"
        except ConnectionError:
            return False


@needs_linux
@no_sanitizer
def test_no_descriptors_left_is_a_pause_and_not_a_spin(world):
    server = world.serve("--responder", "echo",
                         preexec_fn=lambda: __import__("resource").setrlimit(7, (20, 20)))
    server.wait_err("open files")
    held = [dial(server.port) for _ in range(40)]
    server.wait_err("connections wait until there is room again")
    before = server.cpu()
    time.sleep(1)
    assert server.cpu() - before < 0.1
    assert server.err.count("connections wait") == 1
    held[0].sendall(b"x")
    assert held[0].recv(1) == b"x"
    for s in held[:30]:
        s.close()
    held[35].sendall(b"y")
    assert held[35].recv(1) == b"y"
    for s in held[30:]:
        s.close()


@needs_linux
def test_more_clients_than_select_could_take(world):
    resource = __import__("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4096:
        pytest.skip("the hard limit of open files is low")
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    try:
        server = world.serve("-q", "--responder", "echo", "--max-conns", "2000")
        held = [dial(server.port) for _ in range(1500)]
        for s in (held[0], held[1100], held[1499]):
            s.sendall(b"x")
            assert s.recv(1) == b"x"
        for s in held:
            s.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_descriptors_do_not_leak(world):
    if not LINUX:
        pytest.skip("reads /proc")
    server = world.serve("-q", "--responder", "echo")
    exchange(server.port, b"x")
    count = lambda: len(os.listdir(f"/proc/{server.pid}/fd"))
    wait_until(lambda: count() <= 12, 5, "the first to be closed")
    before = count()
    for i in range(200):
        if i % 2:
            exchange(server.port, b"y")
        else:
            reset(dial(server.port))
    wait_until(lambda: count() <= before, 5, "all to be closed")


# --- who ----------------------------------------------------------------------------------------

def test_deny_and_allow(world):
    server = world.serve("--deny", "127.0.0.0/8", "--responder", "echo")
    with dial(server.port) as s:
        assert ended(s)
    server.wait_err("denied by 127.0.0.0/8")
    server = world.serve("--allow", "10.0.0.0/8", "--responder", "echo")
    with dial(server.port) as s:
        assert ended(s)
    server.wait_err("not in --allow")
    server = world.serve("--allow", "127.0.0.1", "--responder", "echo")
    assert exchange(server.port, b"x") == b"x"


def test_a_refused_client_does_not_use_up_once(world):
    rules = world.path("rules", b"127.0.0.1\n")
    server = world.serve("--once", "--deny", f"@{rules}", "--responder", "echo")
    with dial(server.port) as s:
        assert ended(s)
    rules.write_bytes(b"# nobody\n")
    server.signal(signal.SIGHUP)
    server.wait_err("read again")
    assert exchange(server.port, b"x") == b"x"
    assert server.wait() == 0


def test_sighup_reads_rules_again_or_keeps_them(world):
    rules = world.path("rules", b"127.0.0.1\n")
    server = world.serve("--allow", f"@{rules}", "--responder", "echo")
    with dial(server.port) as held:
        held.sendall(b"1")
        assert held.recv(1) == b"1"
        rules.write_bytes(b"no such rule /99\n")
        server.signal(signal.SIGHUP)
        server.wait_err("stay as they were")
        assert exchange(server.port, b"x") == b"x"
        rules.write_bytes(b"10.0.0.0/8\n")
        server.signal(signal.SIGHUP)
        server.wait_err("read again")
        with dial(server.port) as s:
            assert ended(s)
        held.sendall(b"2")
        assert held.recv(1) == b"2"


# --- the end ------------------------------------------------------------------------------------

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_idle_server_ends_with_0(world, number):
    server = world.serve("--responder", "echo")
    server.signal(number)
    assert server.wait() == 0


def test_a_drain_sends_what_was_begun(world):
    server = world.serve("--responder", "greet", "--grace", "10s")
    with dial(server.port) as s, dial(server.port) as idle:
        assert read_exactly(s, 8) == read_exactly(idle, 8) == b"Welcome!"
        s.sendall(b"Michael")
        wait_until(lambda: "ending" not in server.err and server.running(), 1)
        time.sleep(0.2)
        server.signal(signal.SIGTERM)
        wait_until(lambda: not _listens(server.port), 5, "the listener to close")
        assert read_to_end(s) == b"Hello, Michael!"
        assert read_to_end(idle) == b""
    assert server.wait() == 0


def _listens(port):
    try:
        dial(port).close()
        return True
    # reset: it was still in the queue of the listener that closed
    except (ConnectionRefusedError, ConnectionResetError):
        return False


@pytest.mark.parametrize("number, how", [(signal.SIGTERM, "grace"), (signal.SIGINT, "again")])
def test_sessions_that_do_not_end_are_cut(world, number, how):
    """It dies by the signal itself, after cleaning up."""
    path = world.path("s")
    data = world.path("data", bytes(64 * MIB))
    server = world.sockutil("serve", f"unix:{path}", "--send-file", data, "--grace", "500ms" if how == "grace" else "60s")
    server.wait_err("listening")
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        s.recv(100)
        server.signal(number)
        server.wait_err("may finish")
        if how == "again":
            assert server.running()
            server.signal(number)
        assert server.wait() == 128 + number
        assert server.popen.returncode == -number
    assert not path.exists()
    server.wait_err("cut by the end of the server")


def test_ignored_signals_stay_ignored(world):
    server = world.serve("--responder", "echo", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    server.signal(signal.SIGINT)
    time.sleep(0.2)
    assert exchange(server.port, b"x") == b"x"


def test_time_for_all_is_28(world):
    server = world.serve("--max-time", "300ms", "--responder", "echo")
    assert server.wait() == 28 and "--max-time" in server.err


def test_idle_is_of_each_connection(world):
    server = world.serve("--idle-timeout", "600ms", "--responder", "echo")
    with dial(server.port) as idle, dial(server.port) as busy:
        for _ in range(12):
            busy.sendall(b"x")
            assert busy.recv(1) == b"x"
            time.sleep(0.1)
        assert ended(idle)
        busy.sendall(b"x")
        assert busy.recv(1) == b"x"
    server.wait_err("--idle-timeout")


def test_waiting_for_our_own_delay_is_not_idle(world):
    server = world.serve("--idle-timeout", "300ms", "--delay", "900ms", "--responder", "echo")
    with dial(server.port) as s:
        s.sendall(b"x")
        assert s.recv(1) == b"x"


def test_ready_descriptor(world):
    read_end, write_end = os.pipe()
    server = world.sockutil("serve", f"{HOST}:0", "--responder", "echo", "--ready-fd", write_end, pass_fds=[write_end])
    os.close(write_end)
    assert os.read(read_end, 100) == b"READY\n" and os.read(read_end, 1) == b""
    os.close(read_end)
    port = int(re.search(r"listening on 127\.0\.0\.1:(\d+)", server.wait_err("listening")).group(1))
    assert exchange(port, b"x") == b"x"


@needs_linux
def test_ready_descriptor_with_workers(world):
    read_end, write_end = os.pipe()
    server = world.sockutil("serve", f"{HOST}:0", "--responder", "echo", "--workers", "2", "--ready-fd", write_end,
                            pass_fds=[write_end])
    os.close(write_end)
    assert os.read(read_end, 100) == b"READY\n" and os.read(read_end, 1) == b""
    os.close(read_end)
    assert server.running()


def test_many_endpoints(world):
    path = world.path("s")
    ports = world.path("ports")
    server = world.sockutil("serve", f"{HOST}:0", f"unix:{path}", "[::1]:0", "--responder", "echo", "--port-file", ports)
    first, second, third = wait_until(lambda: ports.exists() and ports.read_text().splitlines(), 10)
    assert second == f"unix:{path}" and server.err.count("listening on") == 3
    assert exchange(int(first), b"x") == exchange(int(third), b"x", host="::1") == b"x"
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        s.sendall(b"u")
        assert s.recv(1) == b"u"


def test_clients_of_a_unix_socket_are_told_apart(world):
    path = world.path("s")
    server = world.sockutil("serve", f"unix:{path}", "--responder", "echo")
    server.wait_err("listening on")
    for number in (1, 2):
        assert world.run("connect", f"unix:{path}", stdin=b"x").out == b"x"
        server.wait_err(f"closed unix:{path}#{number}: client ended")


def test_a_socket_file_has_its_mode_and_goes_away(world):
    path = world.path("s")
    server = world.sockutil("serve", f"unix:{path}", "--mode", "600", "--responder", "echo")
    server.wait_err("listening")
    assert path.stat().st_mode & 0o777 == 0o600
    second = world.run("serve", f"unix:{path}", "--responder", "echo")
    assert second.status == 45 and str(path) in one_line(second.err)
    server.signal(signal.SIGKILL)
    server.wait()
    assert path.exists()
    server = world.sockutil("serve", f"unix:{path}", "--responder", "echo")
    server.wait_err("listening")
    server.signal(signal.SIGTERM)
    assert server.wait() == 0 and not path.exists()


def test_a_port_in_use_is_one_line_and_45(world):
    server = world.serve("--responder", "echo")
    second = world.run("serve", f"{HOST}:{server.port}", "--responder", "echo")
    assert second.status == 45 and str(server.port) in one_line(second.err)


# --- files --------------------------------------------------------------------------------------

@pytest.mark.parametrize("size", [0, 1, 3 * MIB + 7])
def test_the_file_to_each(world, size):
    data = random_bytes(size)
    server = world.serve("--send-file", world.path("data", data))
    for talkative in (b"", b"GET / HTTP/1.0\r\n\r\n"):
        with dial(server.port) as s:
            s.sendall(talkative)
            assert read_to_end(s) == data
    if size:
        server.wait_err("file sent")


def test_a_file_that_is_replaced_is_sent_as_it_is_now(world):
    path = world.path("data", b"old")
    server = world.serve("--send-file", path)
    assert exchange(server.port) == b"old"
    path.unlink()
    with dial(server.port) as s:
        assert ended(s)
    server.wait_err("No such file")
    path.write_bytes(b"new")
    assert exchange(server.port) == b"new"


def test_each_connection_into_its_own_file(world):
    world.path("in-2", b"was here")
    server = world.serve("--save", "in-%n")
    pieces = [random_bytes(n) for n in (0, 10, 2 * MIB)]
    for data in pieces:
        assert exchange(server.port, data) == b""
    for name, data in zip(("in-1", "in-3", "in-4"), pieces):
        assert world.path(name).read_bytes() == data
    assert world.path("in-2").read_bytes() == b"was here"
    assert not list(world.folder.glob("*.partial"))
    server.wait_err("saved in-4")


def test_a_name_without_a_number_gets_one(world):
    server = world.serve("--save", "got")
    for data in (b"1", b"2", b"3"):
        exchange(server.port, data)
    assert [world.path(n).read_bytes() for n in ("got", "got-2", "got-3")] == [b"1", b"2", b"3"]


def test_the_peer_and_the_time_in_a_name(world):
    server = world.serve("--save", "%p %t %%")
    with dial(server.port) as s:
        port = s.getsockname()[1]
        s.sendall(b"x")
    found = wait_until(lambda: list(world.folder.glob(f"127.0.0.1_{port} *Z %")), 5, "the file")
    assert re.fullmatch(rf"127\.0\.0\.1_{port} \d{{8}}T\d{{6}}Z %", found[0].name)


def test_what_is_cut_stays_partial(world):
    server = world.serve("--save", "in")
    s = dial(server.port)
    s.sendall(b"half")
    wait_until(lambda: world.path("in.partial").exists() and world.path("in.partial").read_bytes() == b"half", 5)
    reset(s)
    server.wait_err("in.partial stays: it is not whole")
    assert exchange(server.port, b"whole") == b""
    assert not world.path("in").exists() and world.path("in.partial").read_bytes() == b"half"
    assert world.path("in-2").read_bytes() == b"whole"


def test_nothing_is_written_through_a_link(world):
    target = world.path("target", b"precious")
    world.path("in").symlink_to(target)
    world.path("in-2.partial").symlink_to(target)
    server = world.serve("--save", "in")
    exchange(server.port, b"hostile")
    assert target.read_bytes() == b"precious" and world.path("in-3").read_bytes() == b"hostile"


# --- what is said -------------------------------------------------------------------------------

def test_lines_of_a_connection(world):
    server = world.serve("--responder", "echo")
    with dial(server.port) as s:
        me = "%s:%d" % s.getsockname()
        s.sendall(b"x" * 2048)
        read_exactly(s, 2048)
    err = server.wait_err("closed")
    assert err.splitlines()[:2] == [f"sockutil serve: listening on {HOST}:{server.port}",
                                    f"sockutil serve: connected from {me}"]
    assert re.fullmatch(rf"sockutil serve: closed {me}: client ended; received 2 KiB, sent 2 KiB, \S+",
                        err.splitlines()[2])


def test_events_as_json(world):
    server = world.serve("--log-json", "--responder", "echo")
    exchange(server.port, b"abc")
    server.wait_err('"closed"')
    events = [json.loads(line) for line in server.err.splitlines()]
    assert [e["event"] for e in events] == ["listening", "connected", "closed"]
    assert events[0]["port"] == server.port and events[0]["address"] == f"{HOST}:{server.port}"
    assert events[1]["peer"] == events[2]["peer"] and events[1]["connection"] == 1
    assert events[2]["received"] == events[2]["sent"] == 3 and events[2]["status"] == 0


def test_totals_at_the_end(world):
    server = world.serve("--stats", "--responder", "echo")
    for _ in range(3):
        exchange(server.port, b"x" * 1024)
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert "connections: 3 served, 0 failed, 0 refused; received 3 KiB" in server.err


def test_quiet_is_quiet(world):
    server = world.serve("-q", "--responder", "echo")
    reset(dial(server.port))
    exchange(server.port, b"x")
    server.signal(signal.SIGTERM)
    assert server.wait() == 0 and server.err == ""


def test_socket_options_are_shown(world):
    server = world.serve("--show-sockopts", "--responder", "echo", "--rcvbuf", "64K")
    assert re.search(r"SO_RCVBUF\s", server.err)


# --- workers ------------------------------------------------------------------------------------

def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(p) for p in f.read().split()]


@needs_linux
def test_workers_share_a_port_and_end_together(world):
    server = world.serve("--workers", "3", "--responder", "echo")
    assert len(children(server.pid)) == 3
    for i in range(40):
        assert exchange(server.port, b"%d" % i) == b"%d" % i
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert server.err.count("listening on") == 1


@needs_linux
def test_a_worker_that_dies_comes_back(world):
    server = world.serve("--workers", "2", "--responder", "echo", "--max-conns", "4")
    first = children(server.pid)
    held = [dial(server.port) for _ in range(4)]
    for s in held:
        s.sendall(b"x")
        assert s.recv(1) == b"x"
    os.kill(first[0], signal.SIGKILL)
    server.wait_err("was ended by signal 9; it starts again")
    wait_until(lambda: len(children(server.pid)) == 2, 10, "the worker to come back")
    for s in held:
        s.close()
    for _ in range(20):
        assert exchange(server.port, b"y") == b"y"
    server.signal(signal.SIGTERM)
    assert server.wait() == 0


@needs_linux
def test_workers_end_with_the_first_process(world):
    server = world.serve("--workers", "2", "--responder", "echo")
    pids = children(server.pid)
    server.signal(signal.SIGKILL)
    server.wait()
    wait_until(lambda: not any(_alive(p) for p in pids), 10, "the workers to end")


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@needs_linux
def test_limits_count_over_all_workers(world):
    server = world.serve("--workers", "3", "--max-conns-per-ip", "4", "--responder", "echo")
    held = [dial(server.port) for _ in range(12)]
    served = 0
    for s in held:
        try:
            s.sendall(b"x")
            served += s.recv(1) == b"x"
        except ConnectionError:
            pass
    assert served == 4
    for s in held:
        s.close()


@needs_linux
def test_a_signal_to_the_whole_group_drains_once(world):
    """A terminal sends Ctrl-C to every process of the group."""
    server = world.serve("--workers", "2", "--responder", "greet", "--grace", "10s", preexec_fn=os.setsid)
    with dial(server.port) as s:
        read_exactly(s, 8)
        s.sendall(b"Michael")
        time.sleep(0.2)
        os.killpg(server.pid, signal.SIGINT)
        assert read_to_end(s) == b"Hello, Michael!"
    assert server.wait() == 0


@needs_linux
def test_workers_that_do_not_end_are_cut(world):
    server = world.serve("--workers", "2", "--send-file", world.path("data", bytes(64 * MIB)), "--grace", "300ms")
    with dial(server.port) as s:
        s.recv(100)
        server.signal(signal.SIGTERM)
        assert server.wait() == 143 and server.popen.returncode == -signal.SIGTERM


@needs_linux
def test_workers_on_a_path(world):
    path = world.path("s")
    server = world.sockutil("serve", f"unix:{path}", "--workers", "2", "--responder", "echo")
    server.wait_err("listening")
    for _ in range(10):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(path))
            s.sendall(b"u")
            assert s.recv(1) == b"u"
    server.signal(signal.SIGTERM)
    assert server.wait() == 0 and not path.exists()


@needs_linux
def test_time_for_all_workers_is_28(world):
    server = world.serve("--workers", "2", "--max-time", "400ms", "--responder", "echo")
    assert server.wait() == 28 and server.err.count("--max-time") == 1


@needs_linux
def test_rules_are_read_again_by_all_workers(world):
    rules = world.path("rules", b"127.0.0.1\n")
    server = world.serve("--workers", "2", "--allow", f"@{rules}", "--responder", "echo")
    assert exchange(server.port, b"x") == b"x"
    rules.write_bytes(b"10.0.0.0/8\n")
    server.signal(signal.SIGHUP)
    wait_until(lambda: server.err.count("read again") == 2, 5, "both workers to read")
    for _ in range(5):
        with dial(server.port) as s:
            assert ended(s)


# --- TLS ----------------------------------------------------------------------------------------

@needs_tls
@pytest.mark.parametrize("words", [["--responder", "echo"], ["--reply", "{message}"]])
def test_messages_through_tls(world, certificates, words):
    cert, key = certificates.leaf()
    server = world.serve("--tls", "--cert", cert, "--key", key, *words)
    with certificates.client_context().wrap_socket(dial(server.port), server_hostname="localhost") as s:
        for message in (b"hello", b"x" * 60000):
            s.sendall(message)
            assert read_exactly(s, len(message)) == message


@needs_tls
@needs_linux
def test_workers_share_one_certificate_of_their_own(world):
    server = world.serve("--tls", "--workers", "2", "--responder", "echo")
    pin = re.search(r"sha256//[A-Za-z0-9+/=]+", server.err).group(0)
    for _ in range(6):
        result = world.run("connect", "--tls", "--insecure", "--pin", pin, HOST, server.port, stdin=b"x")
        assert result.status == 0 and result.out == b"x"


@needs_tls
def test_a_client_without_a_certificate_is_refused(world, certificates):
    cert, key = certificates.leaf()
    theirs, their_key = certificates.leaf(name="client", usage="clientAuth")
    server = world.serve("--tls", "--cert", cert, "--key", key, "--client-ca", certificates.ca, "--responder", "echo")
    words = ["connect", "--ca", certificates.ca, "--tls", "localhost", server.port]
    refused = world.run(*words, stdin=b"x")
    assert refused.status != 0 and refused.out == b""
    known = world.run(*words, "--cert", theirs, "--key", their_key, stdin=b"x")
    assert known.status == 0 and known.out == b"x"
    server.wait_err("certificate")


@needs_tls
def test_the_file_and_what_is_saved_through_tls(world):
    data = random_bytes(3 * MIB)
    server = world.serve("--tls", "--send-file", world.path("data", data))
    got = world.run("connect", "--tls", "--insecure", "--recv-only", HOST, server.port)
    assert got.status == 0 and got.out == data
    saver = world.serve("--tls", "--save", "in")
    assert world.run("connect", "--tls", "--insecure", HOST, saver.port, stdin=data).status == 0
    wait_until(lambda: world.path("in").exists(), 5)
    assert world.path("in").read_bytes() == data


@needs_tls
def test_every_byte_of_stdin_through_tls_to_a_slow_client(world, certificates):
    cert, key = certificates.leaf()
    server = world.serve("-k", "--tls", "--cert", cert, "--key", key, "--sndbuf", "16K", stdin=subprocess.PIPE)
    data = random_bytes(4 * MIB)
    with certificates.client_context().wrap_socket(dial(server.port, rcvbuf=4096), server_hostname="localhost") as s:
        s.sendall(b"x")
        server.read(1)
        writer = subprocess.Popen(["cat"], stdin=world.path("data", data).open("rb"), stdout=server.stdin)
        time.sleep(0.3)
        assert read_exactly(s, len(data)) == data
        writer.wait()


@needs_tls
def test_a_rate_limit_loses_nothing(world, certificates):
    data = random_bytes(300000)
    server = world.serve("--tls", "--limit-rate", "400K", "--responder", "echo")
    result = world.run("connect", "--tls", "--insecure", HOST, server.port, stdin=data)
    assert result.status == 0 and result.out == data


@needs_tls
def test_what_tls_cuts_is_partial_and_18_with_once(world, certificates):
    cert, key = certificates.leaf()
    server = world.serve("--once", "--tls", "--cert", cert, "--key", key, "--save", "in")
    s = certificates.client_context().wrap_socket(dial(server.port), server_hostname="localhost")
    s.sendall(b"half")
    raw = socket.socket(fileno=s.detach())
    time.sleep(0.1)
    raw.close()
    assert server.wait() == 18
    assert not world.path("in").exists() and world.path("in.partial").read_bytes() == b"half"
