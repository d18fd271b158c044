# SPDX-License-Identifier: MIT
"""`sockutil chat HOST PORT` as a bot, with pipes on both sides: against hosts that a test plays, right and hostile ones,
and against our own. Holds what a client says and shows, how it ends and with which status, that nothing it was given is
lost silently, and how it comes back."""
import contextlib
import ctypes.util
import fcntl
import os
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time

import pytest

from harness import (HOST, PATIENCE, SANITIZE, unused_port, needs_linux, needs_tls, one_line, reset, sha256, wait_until)

needs_editing = pytest.mark.skipif(not ctypes.util.find_library("edit"), reason="libedit is not installed")

WELCOME = "welcome bob lobby 7 0 secret"


class Line:
    """One connection of a client, read and written line by line."""

    def __init__(self, connection):
        self.connection = connection
        connection.settimeout(15 * PATIENCE)
        self.reader = connection.makefile("rb")

    def hear(self):
        """The next line; "" when there are no more."""
        return self.reader.readline().decode("utf-8", "surrogateescape").rstrip("\n")

    def heard(self, expected):
        assert self.hear() == expected

    def say(self, *lines):
        self.connection.sendall("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))

    def let_in(self, welcome=WELCOME):
        hello = self.hear()
        assert hello.startswith("/hello chat/1 "), hello
        self.say(welcome)
        return hello

    def end(self):
        """In order, and the other one's end as well."""
        self.connection.shutdown(socket.SHUT_WR)
        rest = self.reader.read()
        self.connection.close()
        return rest

    def goodbye(self):
        """What a right host does when /quit comes."""
        self.heard("/quit")
        self.say("bye quit")
        assert self.end() == b""

    def lose(self):
        reset(self.connection)
        self.reader.close()


class Host:
    """A host whose part the test itself plays."""

    def __init__(self, world, port=0, tls=None):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((HOST, port))
        self.listener.listen(16)
        self.listener.settimeout(15 * PATIENCE)
        self.port = self.listener.getsockname()[1]
        self.lines = []
        world.peers.append(self)

    def accept(self):
        line = Line(self.listener.accept()[0])
        self.lines.append(line)
        return line

    def close(self):
        self.listener.close()
        for line in self.lines:
            line.connection.close()


@pytest.fixture
def host(world):
    return Host(world)


def join(world, host, *options, nick="bob", stdin=subprocess.PIPE, **how):
    """A client on its way to that host."""
    who = ["--nick", nick] if nick else []
    return world.sockutil("chat", *who, *options, HOST, host.port, stdin=stdin, **how)


def come_in(world, host, *options, **how):
    """(client, its connection), let in."""
    client = join(world, host, *options, **how)
    line = host.accept()
    line.let_in()
    assert client.read_until(b"\n") == b"* you are bob, in lobby\n"
    return client, line


def our_host(world, *options, port=0, **how):
    port_file = world.folder / f"chat.{len(world.processes)}"
    process = world.sockutil("chat", "--listen", "--headless", "--port-file", port_file, *options, f"{HOST}:{port}", **how)
    wait_until(lambda: (port_file.exists() and port_file.read_text().strip()) or not process.running(), 10, "the port")
    assert process.running(), process.err
    process.port = int(port_file.read_text().split()[0])
    return process


def say_all(client, text):
    client.stdin.write(text.encode() if isinstance(text, str) else text)


def result(client, timeout=20):
    if client.stdin and client.stdin.closed:
        client.popen.stdin = None
    return client.finish(None, timeout)


def at(host):
    return f"sockutil chat: {HOST}:{host.port}: "


# --- joining ----------------------------------------------------------------------------------

def test_says_who_it_is_without_waiting(world, host):
    join(world, host)
    host.accept().heard("/hello chat/1 bob -")


def test_names_the_room(world, host):
    join(world, host, "--room", "kitchen")
    host.accept().heard("/hello chat/1 bob kitchen")


def test_greetings_for_plain_members_mean_nothing(world, host):
    client = join(world, host)
    line = host.accept()
    line.say("* Welcome to this sockutil chat. Your nick?", "* anything")
    line.let_in()
    assert client.read_until(b"\n") == b"* you are bob, in lobby\n"
    client.stdin.close()
    line.goodbye()
    assert result(client).status == 0


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"/hello chat/1 bob -\n", b"message 1\n",
    b"joined 1 lobby ann\n"])
def test_who_is_no_chat_is_told_with_the_command_that_fits(world, host, answer):
    client = join(world, host)
    line = host.accept()
    line.connection.sendall(answer)
    done = result(client)
    assert done.status == 8
    assert one_line(done.err) == at(host) + ("it answered something else: no sockutil chat; `sockutil connect "
                                            f"{HOST}:{host.port}` speaks to it")
    assert done.out == b""


def test_who_hangs_up_at_once_is_no_chat(world, host):
    client = join(world, host)
    line = host.accept()
    line.hear()
    line.end()
    done = result(client)
    assert done.status == 8
    assert one_line(done.err) == at(host) + ("it closed the connection: no sockutil chat; `sockutil connect "
                                            f"{HOST}:{host.port}` speaks to it")


def test_who_says_nothing_is_waited_for_in_vain(world, host):
    client = join(world, host, "--timeout", "300ms")
    host.accept()
    done = result(client)
    assert done.status == 28
    assert one_line(done.err) == at(host) + ("not let in within 300ms; is it a sockutil chat? `sockutil connect "
                                            f"{HOST}:{host.port}` shows what it says")


def test_nobody_listens(world):
    port = unused_port()
    done = world.run("chat", "--nick", "bob", HOST, port, stdin=b"hello\n")
    assert done.status == 7
    assert one_line(done.err).startswith(f"sockutil chat: {HOST}:{port}: ")
    assert done.out in (b"", b"* not delivered: hello\n")


def test_a_chosen_nick_that_cannot_be_had_is_the_end(world, host):
    client = join(world, host)
    line = host.accept()
    line.hear()
    line.say("refused bob is here already")
    done = result(client)
    assert done.status == 1
    assert one_line(done.err) == at(host) + "bob is here already"


def test_a_nick_nobody_chose_gets_a_number(world, host):
    client = join(world, host, nick=None)
    line = host.accept()
    nick = line.hear().split()[2]
    for number in range(2, 10):
        line.say(f"refused {nick} is here already")
        line.heard(f"/hello chat/1 {nick[:23]}{number} -")
    line.say("refused enough of you")
    done = result(client)
    assert done.status == 1
    assert one_line(done.err) == at(host) + "enough of you"


def test_the_number_is_ours_then(world, host):
    client = join(world, host, nick=None)
    line = host.accept()
    nick = line.hear().split()[2]
    line.say(f"refused {nick} is here already")
    line.hear()
    line.say(f"welcome {nick}2 lobby 7 0 secret")
    assert client.read_until(b"\n") == f"* you are {nick}2, in lobby\n".encode()


def test_who_is_not_let_in_hears_why(world, host):
    client = join(world, host)
    line = host.accept()
    line.hear()
    line.say("bye out the chat is full (256 members)")
    line.end()
    done = result(client)
    assert done.status == 1
    assert one_line(done.err) == at(host) + "the host does not let us in: the chat is full (256 members)"


def test_a_welcome_with_a_name_that_is_none_is_a_protocol_failure(world, host):
    client = join(world, host)
    line = host.accept()
    line.hear()
    line.say("welcome " + "x" * 200 + " lobby 7 0 secret")
    done = result(client)
    assert done.status == 8
    assert one_line(done.err) == at(host) + "it gave us a name that is none"


# --- what it shows ----------------------------------------------------------------------------

def test_a_bot_reads_what_a_plain_member_reads(world, host):
    client, line = come_in(world, host)
    line.say("members lobby 2 ann bob", "message 1 1000 lobby ann hello  there", "action 2 1000 lobby ann waves",
             "private 1000 ann bob psst", "private 1000 bob ann yes", "joined 1000 lobby cy", "left 1000 lobby cy had to",
             "lost 1000 lobby ann reset", "renamed 1000 lobby cy di", "topic 1000 lobby ann tea", "notice 3 came",
             "refused no", "bye end the host ends the chat")
    line.end()
    done = result(client)
    assert done.text.splitlines() == [
        "* 2 here: ann, bob", "<ann> hello  there", "~ ann waves", "[ann] psst", "[to ann] yes", "* cy joined",
        "* cy left (had to)", "* ann was lost (reset)", "* cy is now di", "* ann set the topic: tea", "* 3 came", "* no",
        "* goodbye: the host ends the chat"]
    assert done.status == 0
    assert done.err == ""


def test_words_of_later_versions_mean_nothing(world, host):
    client, line = come_in(world, host)
    line.say("reaction 1 2 3", "message x y", "", "joined 1000 lobby cy with a field more", "notice ok")
    assert client.read_until(b"ok\n") == b"* cy joined\n* ok\n"


def test_nothing_of_a_host_steers_a_terminal(world, host):
    client, line = come_in(world, host)
    line.connection.sendall(b"message 1 1000 lobby ann \x1b[2J\x07\x9b\xe2\x80\xae\r* root joined\xff\n"
                            b"notice a\xe2\x80\xa8b\r\n")
    shown = client.read_until(b"b\n").decode()
    assert shown == ("<ann> \\x1b[2J\\x07\\x9b\\u{202e}\\x0d* root joined\\xff\n* a\\u{2028}b\n")


def test_a_line_in_single_bytes_is_a_line(world, host):
    client, line = come_in(world, host)
    line.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in "message 1 1000 lobby ann grüße\n".encode():
        line.connection.sendall(bytes([byte]))
    assert client.read_until(b"\n").decode() == "<ann> grüße\n"


def test_a_cleaned_line_may_be_long(world, host):
    client, line = come_in(world, host)
    text = "\\x1b" * 4096
    line.say(f"message 1 1000 lobby ann {text}")
    assert client.read_until(b"\n").decode() == f"<ann> {text}\n"


def test_a_line_without_end_is_a_protocol_failure(world, host):
    client, line = come_in(world, host)
    with pytest.raises(OSError):
        for _ in range(1024):
            line.connection.sendall(b"x" * 65536)
    done = result(client)
    assert done.status == 8
    assert one_line(done.err) == at(host) + "a line is longer than 65536 bytes"


@needs_linux
def test_a_line_without_end_costs_no_memory(world, host):
    client, line = come_in(world, host)
    before = client.status_field("VmHWM")
    line.connection.sendall(b"notice " + b"x" * 65000)
    line.connection.sendall(b"\n")
    client.read_until(b"x\n")
    assert client.status_field("VmHWM") - before < (4096 if SANITIZE else 1024)


def test_the_last_line_may_lack_its_end(world, host):
    client, line = come_in(world, host)
    line.connection.sendall(b"bye end over")
    line.end()
    done = result(client)
    assert (done.status, done.text) == (0, "* goodbye: over\n")


def test_a_host_that_asks_is_answered(world, host):
    _, line = come_in(world, host)
    line.say("ping abc123")
    line.heard("/pong abc123")


# --- what is typed ------------------------------------------------------------------------------

def test_texts_and_commands_go_as_they_are(world, host):
    client, line = come_in(world, host)
    say_all(client, "hello  there\n//not a command\n/me waves\n/MSG ann psst\n\n   \n/topic\nlast without an end")
    client.stdin.close()
    for expected in ["hello  there", "//not a command", "/me waves", "/MSG ann psst", "/topic", "last without an end"]:
        line.heard(expected)
    line.goodbye()
    assert result(client).status == 0


def test_what_is_wrong_is_told_and_not_sent(world, host):
    client, line = come_in(world, host)
    say_all(client, "/mgs ann x\n/msg ann\n/data 1 AAAA\n/hello chat/1 eve -\nok\n")
    line.heard("ok")
    assert client.read_until(b"programs\n* that command is for programs\n").decode().splitlines() == [
        "* no command /mgs; /msg?", "* /msg NICK TEXT: TEXT is missing", "* that command is for programs",
        "* that command is for programs"]


def test_help_is_told_here(world, host):
    client, line = come_in(world, host)
    say_all(client, "/help\nok\n")
    line.heard("ok")
    shown = client.read_until(b"slash\n").decode()
    assert "* /send NICK FILE: offer a file\n" in shown
    assert "* /kick NICK [REASON]: put out (who hosts the chat)\n" in shown
    assert "/hello" not in shown and "/data" not in shown


def test_a_line_that_is_too_long_is_not_sent_in_part(world, host):
    client, line = come_in(world, host)
    threading.Thread(target=say_all, args=(client, b"x" * 4096 + b"\n" + b"y" * 300000 + b"\nafter\n")).start()
    line.heard("x" * 4096)
    line.heard("after")
    assert client.read_until(b"\n") == b"* not sent: that line is longer than 4096 bytes\n"
    client.stdin.close()
    line.goodbye()
    assert result(client).status == 55


def test_a_quit_gives_its_reason(world, host):
    client, line = come_in(world, host)
    say_all(client, "hello\n/quit had to go\nnever said\n")
    line.heard("hello")
    line.heard("/quit had to go")
    line.say("bye quit")
    assert line.end() == b""
    done = result(client)
    assert (done.status, done.text) == (0, "* goodbye\n")


def test_a_thousand_lines_are_paced_not_lost(world, host):
    """The host allows 20 at once and five a second: it must never see more, whatever is piped in."""
    client, line = come_in(world, host)
    count = 24
    say_all(client, "".join(f"line {i}\n" for i in range(count)))
    client.stdin.close()
    begun, times = time.monotonic(), []
    for i in range(count):
        line.heard(f"line {i}")
        times.append(time.monotonic() - begun)
        line.say(f"message {i + 1} 1000 lobby bob line {i}")
    line.goodbye()
    done = result(client)
    assert done.status == 0
    assert done.text.splitlines() == [*(f"<bob> line {i}" for i in range(count)), "* goodbye"]
    for i, when in enumerate(times):
        assert when >= (i - 15) / 5, times


@needs_linux
def test_input_that_nobody_takes_waits_in_its_pipe(world, host):
    client, line = come_in(world, host)
    done = threading.Event()

    def pour():
        with contextlib.suppress(OSError):
            for _ in range(256):
                client.stdin.write(b"x" * 4000 + b"\n")
            done.set()

    threading.Thread(target=pour, daemon=True).start()
    line.hear()
    assert not done.wait(0.5)
    assert client.status_field("VmRSS") < (200000 if SANITIZE else 20000)


# --- how it ends --------------------------------------------------------------------------------

def test_the_end_of_input_is_success_only_with_a_goodbye(world, host):
    client, line = come_in(world, host)
    client.stdin.close()
    line.heard("/quit")
    assert line.end() == b""
    done = result(client)
    assert done.status == 56
    assert one_line(done.err) == at(host) + "the host closed the connection without goodbye"


def test_what_was_not_heard_is_told(world, host):
    client, line = come_in(world, host)
    say_all(client, "first\nsecond\n/who\n/msg ann third\n")
    client.stdin.close()
    line.heard("first")
    line.say("message 1 1000 lobby bob first")
    for expected in ["second", "/who", "/msg ann third", "/quit"]:
        line.heard(expected)
    line.end()
    done = result(client)
    assert done.status == 55
    assert done.text == "<bob> first\n* not delivered: second\n* not delivered: /msg ann third\n"
    assert one_line(done.err) == at(host) + "the host closed the connection without goodbye"


def test_a_goodbye_confirms_everything_before_it(world, host):
    client, line = come_in(world, host)
    say_all(client, "one\n/msg nobody two\n")
    client.stdin.close()
    line.heard("one")
    line.heard("/msg nobody two")
    line.say("refused nobody here is called nobody")
    line.goodbye()
    done = result(client)
    assert (done.status, done.text) == (0, "* nobody here is called nobody\n* goodbye\n")


def test_a_reset_is_no_end(world, host):
    client, line = come_in(world, host)
    say_all(client, "hello\n")
    line.heard("hello")
    line.say("notice wait")
    client.read_until(b"wait\n")
    line.lose()
    done = result(client)
    assert done.status == 55
    assert done.text == "* not delivered: hello\n"
    assert "reset" in one_line(done.err)


def test_a_host_that_ends_is_the_end(world, host):
    client, line = come_in(world, host)
    line.say("bye end the host ends the chat")
    line.end()
    done = result(client)
    assert (done.status, done.text, done.err) == (0, "* goodbye: the host ends the chat\n", "")


def test_a_host_that_ends_with_our_words_unheard(world, host):
    client, line = come_in(world, host)
    say_all(client, "hello\n")
    line.heard("hello")
    line.say("bye end the host ends the chat")
    line.end()
    done = result(client)
    assert (done.status, done.text) == (55, "* goodbye: the host ends the chat\n* not delivered: hello\n")


def test_who_is_put_out_ends_with_one(world, host):
    client, line = come_in(world, host)
    line.say("bye out kicked by ann")
    line.end()
    done = result(client)
    assert (done.status, done.text) == (1, "* goodbye: kicked by ann\n")
    assert one_line(done.err) == at(host) + "the host has put us out: kicked by ann"


def test_a_goodbye_without_an_end_is_not_waited_for(world, host):
    client, line = come_in(world, host)
    line.say("bye end over")
    assert result(client, 10).status == 0


def test_a_goodbye_and_a_reset_are_a_goodbye(world, host):
    client, line = come_in(world, host)
    client.stdin.close()
    line.heard("/quit")
    line.say("bye quit")
    client.read_until(b"goodbye\n")
    line.lose()
    assert result(client).status == 0


def test_input_that_fails(world, host):
    folder = os.open(world.folder, os.O_RDONLY)
    client = join(world, host, stdin=folder)
    os.close(folder)
    line = host.accept()
    line.let_in()
    line.goodbye()
    done = result(client)
    assert done.status == 26
    assert "standard input" in one_line(done.err)


def test_output_that_fails(world, host):
    with open("/dev/full", "wb") as full:
        client = join(world, host, stdout=full)
        line = host.accept()
        line.let_in()
        done = result(client)
    assert done.status == 23
    assert "standard output" in one_line(done.err)
    # The others are told that it left, not that it was lost.
    line.heard("/quit")


def test_a_reader_that_is_gone(world, host):
    client, line = come_in(world, host)
    client.stdout.close()
    line.say("notice one")
    wait_until(lambda: not client.running() or line.say("notice more"), 10, "the end")
    assert client.wait() == 141
    assert client.err == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_in_order(world, host, number):
    client, line = come_in(world, host)
    client.signal(number)
    line.goodbye()
    assert client.wait() == 128 + number


def test_a_signal_does_not_wait_for_long(world, host):
    client, line = come_in(world, host)
    client.signal(signal.SIGTERM)
    line.heard("/quit")
    assert client.wait(8) == 128 + signal.SIGTERM


@needs_linux
def test_a_slow_reader_holds_up_its_host_and_nothing_grows(world, host):
    client, line = come_in(world, host)
    text, count = "x" * 4000, 4000
    sent = threading.Event()

    def flood():
        for i in range(count):
            line.say(f"message {i + 1} 1000 lobby ann {i} {text}")
        sent.set()

    threading.Thread(target=flood, daemon=True).start()
    assert not sent.wait(1)
    assert client.status_field("VmRSS") < (200000 if SANITIZE else 20000)
    for i in range(count):
        expected = f"<ann> {i} {text}\n".encode()
        assert client.read(len(expected)) == expected
    assert sent.wait(10)


def test_a_slow_reader_gets_the_last_words_too(world, host):
    client, line = come_in(world, host)
    text, count = "x" * 4000, 100
    client.stdin.close()
    line.heard("/quit")

    def flood():
        line.say(*(f"message {i + 1} 1000 lobby ann {i} {text}" for i in range(count)), "bye quit")
        line.end()

    threading.Thread(target=flood, daemon=True).start()
    # Longer than a host's goodbye is waited for, and than a screen that is closed waits.
    time.sleep(3)
    for i in range(count):
        expected = f"<ann> {i} {text}\n".encode()
        assert client.read(len(expected)) == expected
    assert client.read_until(b"\n") == b"* goodbye\n"
    assert result(client).status == 0


def test_a_reader_that_never_reads_ends_with_a_signal(world, host):
    client, line = come_in(world, host)
    client.stdin.close()
    line.heard("/quit")
    line.say(*(f"message {i + 1} 1000 lobby ann {'x' * 4000}" for i in range(30)), "bye quit")
    line.connection.shutdown(socket.SHUT_WR)
    time.sleep(0.5)
    assert client.running()
    client.signal(signal.SIGTERM)
    assert client.wait(8) == 128 + signal.SIGTERM


def test_a_reader_that_leaves_before_the_last_words(world, host):
    client, line = come_in(world, host)
    client.stdin.close()
    line.heard("/quit")
    line.say(*(f"message {i + 1} 1000 lobby ann {'x' * 4000}" for i in range(30)), "bye quit")
    line.connection.shutdown(socket.SHUT_WR)
    client.stdout.close()
    assert client.wait() == 141


@needs_linux
def test_an_idle_member_uses_nothing(world, host):
    client, _ = come_in(world, host)
    before = client.cpu()
    time.sleep(1)
    assert client.cpu() - before < 0.1


# --- coming back --------------------------------------------------------------------------------

def test_a_loss_is_told_and_followed_by_a_return(world, host):
    client, line = come_in(world, host, "--reconnect", "--retry-delay", "100ms")
    line.say("message 12 1000 lobby ann hello")
    client.read_until(b"hello\n")
    line.end()
    told = client.read_until(b"\n").decode()
    assert told.startswith("* connection lost (the host closed the connection without goodbye); trying again in ")
    assert told.endswith("ms\n")
    line = host.accept()
    line.heard("/hello chat/1 bob lobby 7 12 secret")
    line.say("welcome bob lobby 7 14 other", "message 13 1000 lobby ann missed", "message 14 1000 lobby ann this")
    assert client.read_until(b"this\n").decode() == "* you are bob, in lobby\n<ann> missed\n<ann> this\n"
    client.stdin.close()
    line.goodbye()
    assert result(client).status == 0


def test_it_comes_back_with_the_nick_and_room_it_had_last(world, host):
    client, line = come_in(world, host, "--reconnect", "--retry-delay", "50ms")
    line.say("renamed 1000 lobby bob bobby", "joined 1000 kitchen bobby", "members kitchen 1 bobby")
    client.read_until(b"here: bobby\n")
    line.lose()
    host.accept().heard("/hello chat/1 bobby kitchen 7 0 secret")


def test_what_is_typed_meanwhile_is_sent_after(world, host):
    client, line = come_in(world, host, "--reconnect", "--retry-delay", "300ms")
    line.lose()
    client.read_until(b"trying again")
    say_all(client, "while away\nand more\n")
    client.stdin.close()
    line = host.accept()
    line.let_in()
    line.heard("while away")
    line.heard("and more")
    line.goodbye()
    assert result(client).status == 0


def test_what_was_on_its_way_is_told(world, host):
    client, line = come_in(world, host, "--reconnect", "--retry-delay", "50ms")
    say_all(client, "on its way\n")
    line.heard("on its way")
    line.lose()
    line = host.accept()
    line.let_in()
    shown = client.read_until(b"not delivered: on its way\n").decode()
    assert "* you are bob, in lobby\n* not delivered: on its way\n" in shown
    client.stdin.close()
    line.goodbye()
    assert result(client).status == 55


def test_what_the_host_heard_is_not_told(world, host):
    """Its echo was lost, but it is among the messages that were missed."""
    client, line = come_in(world, host, "--reconnect", "--retry-delay", "50ms")
    say_all(client, "on its way\n")
    line.heard("on its way")
    line.lose()
    line = host.accept()
    line.let_in("welcome bob lobby 7 2 secret")
    line.say("members lobby 1 bob", "message 1 1000 lobby bob on its way", "message 2 1000 lobby ann yes")
    say_all(client, "next\n")
    line.heard("next")
    line.say("message 3 1000 lobby bob next")
    shown = client.read_until(b"<bob> next\n").decode()
    assert "not delivered" not in shown
    client.stdin.close()
    line.goodbye()
    assert result(client).status == 0


def test_a_host_that_kept_nothing_leaves_doubt_for_a_moment_only(world, host):
    client, line = come_in(world, host, "--reconnect", "--retry-delay", "50ms")
    say_all(client, "on its way\n")
    line.heard("on its way")
    line.lose()
    line = host.accept()
    line.let_in("welcome bob lobby 7 9 secret")
    client.read_until(b"* not delivered: on its way\n")
    say_all(client, "next\n")
    line.heard("next")


def test_another_run_of_the_host_has_heard_nothing(world, host):
    client, line = come_in(world, host, "--reconnect", "--retry-delay", "50ms")
    say_all(client, "on its way\n")
    line.heard("on its way")
    line.lose()
    line = host.accept()
    line.let_in("welcome bob lobby 8 9 secret")
    line.say("message 9 1000 lobby bob older words of mine")
    client.read_until(b"* not delivered: on its way\n<bob> older words of mine\n")


def test_tries_that_fail_are_counted_in_a_row(world, host):
    client, line = come_in(world, host, "--reconnect", "--retry-delay", "50ms", "--retry", "3")
    host.listener.close()
    line.lose()
    assert client.wait() == 7
    done = result(client)
    told = done.text.splitlines()
    assert len(told) == 3, told
    assert told[0].startswith("* connection lost (")
    assert all(t.startswith("* not connected (") for t in told[1:])
    assert one_line(done.err).startswith(at(host))


def test_the_first_connection_is_tried_again_too(world):
    port = unused_port()
    client = world.sockutil("chat", "--nick", "bob", "--reconnect", "--retry-delay", "50ms", HOST, port,
                            stdin=subprocess.PIPE)
    client.read_until(b"trying again")
    late = Host(world, port)
    line = late.accept()
    line.let_in()
    client.stdin.close()
    line.goodbye()
    assert result(client).status == 0


def test_a_host_that_lets_in_and_hangs_up_is_not_hammered(world, host):
    client = join(world, host, "--reconnect", "--retry-delay", "50ms")
    end, visits = time.monotonic() + 1.5, 0
    host.listener.settimeout(0.2)
    while time.monotonic() < end:
        try:
            line = host.accept()
        except socket.timeout:
            continue
        visits += 1
        line.let_in()
        line.lose()
    # 50, 100, 200, 400, 800 ms, each up to a quarter less.
    assert 2 <= visits <= 7
    assert client.running()


def test_who_is_put_out_does_not_come_back(world, host):
    client, line = come_in(world, host, "--reconnect", "--retry-delay", "50ms")
    line.say("bye out kicked by ann")
    line.end()
    assert result(client).status == 1


def test_who_leaves_does_not_come_back(world, host):
    client, line = come_in(world, host, "--reconnect", "--retry-delay", "50ms")
    client.stdin.close()
    line.heard("/quit")
    line.lose()
    assert result(client).status in (55, 56)


def test_who_leaves_while_away_has_not_been_heard(world, host):
    client, line = come_in(world, host, "--reconnect", "--retry-delay", "20s")
    line.lose()
    client.read_until(b"trying again")
    say_all(client, "hello\n/quit\n")
    done = result(client)
    assert done.status == 55
    assert done.text.endswith("* not delivered: hello\n")


# --- what else ----------------------------------------------------------------------------------

def test_what_is_said_is_logged(world, host):
    log = world.path("chat.log")
    client, line = come_in(world, host, "--log", log)
    line.say("message 1 1794474000000 lobby ann hello\x1b", "private 1794474001000 ann bob psst", "bye end over")
    line.end()
    assert result(client).status == 0
    records = log.read_text().splitlines()
    assert "2026-11-12T09:00:00Z lobby <ann> hello\\x1b" in records
    assert "2026-11-12T09:00:01Z - [ann] psst" in records
    assert oct(log.stat().st_mode & 0o777) == "0o600"


def test_a_log_that_cannot_be_written_ends_it_before_it_begins(world, host):
    client = join(world, host, "--log", world.folder)
    done = result(client)
    assert done.status == 23
    assert "log file" in one_line(done.err)


# --- on a terminal ------------------------------------------------------------------------------

class Terminal:
    """A client on a terminal of the test's own."""

    def __init__(self, world, host, *options, **env):
        self.end, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.client = join(world, host, *options, stdin=theirs, stdout=theirs,
                           env={"TERM": "xterm", "TZ": "UTC", **env})
        os.close(theirs)
        self.got = b""
        world.peers.append(self)
        self.line = host.accept()
        self.line.let_in()
        self.shows(b"bob> ")

    def shows(self, token):
        """Waits for token; gives what came before it and not been asked for."""
        end = time.monotonic() + 15 * PATIENCE
        while token not in self.got:
            ready, _, _ = select.select([self.end], [], [], max(0, end - time.monotonic()))
            assert ready, f"{token!r} did not come: {self.got!r}"
            self.got += os.read(self.end, 65536)
        before, self.got = self.got.split(token, 1)
        return before

    def type(self, keys):
        os.write(self.end, keys)

    def close(self):
        os.close(self.end)


NINE = 1794474000000  # 2026-11-12T09:00:00Z


@needs_editing
def test_a_person_sees_times_and_who_speaks(world, host):
    terminal = Terminal(world, host)
    terminal.line.say(f"message 1 {NINE} lobby ann hello", f"action 2 {NINE} lobby ann waves", f"joined {NINE} lobby cy")
    terminal.shows(b"\x1b[2m09:00 \x1b[0m<\x1b[1mann\x1b[0m> hello")
    terminal.shows(b"\x1b[2m09:00 \x1b[0m~ \x1b[1mann\x1b[0m waves")
    terminal.shows(b"\x1b[2m09:00 \x1b[0m\x1b[2m* cy joined\x1b[0m")


@needs_editing
@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TZ": "UTC-2", "NO_COLOR": "yes"}])
def test_colors_can_be_refused(world, host, env):
    terminal = Terminal(world, host, **env)
    terminal.line.say(f"message 1 {NINE} lobby ann hello")
    hour = b"11" if "TZ" in env else b"09"
    assert b"\x1b[1m" not in terminal.shows(hour + b":00 <ann> hello")


@needs_editing
def test_the_bell_rings_for_us_alone(world, host):
    terminal = Terminal(world, host, "--bell")
    terminal.line.say(f"message 1 {NINE} lobby ann hello all", f"message 2 {NINE} lobby bob I am bob", "notice one")
    assert b"\a" not in terminal.shows(b"* one")
    terminal.line.say(f"message 3 {NINE} lobby ann Bob, hello")
    terminal.shows(b"\a")
    terminal.line.say("notice two")
    terminal.shows(b"* two")
    terminal.line.say(f"private {NINE} ann bob psst")
    terminal.shows(b"\a")


@needs_editing
def test_without_bell_nothing_rings(world, host):
    terminal = Terminal(world, host)
    terminal.line.say(f"private {NINE} ann bob psst", "notice one")
    assert b"\a" not in terminal.shows(b"* one")


@needs_editing
def test_names_and_commands_are_completed(world, host):
    terminal = Terminal(world, host)
    terminal.line.say("members lobby 2 annabel bob")
    terminal.shows(b"here: annabel, bob")
    terminal.type(b"ann\thello\r")
    terminal.line.heard("annabel: hello")
    terminal.type(b"/to\ttea\r")
    terminal.line.heard("/topic tea")


@needs_editing
def test_ctrl_d_leaves_in_order(world, host):
    terminal = Terminal(world, host)
    terminal.type(b"\x04")
    terminal.line.goodbye()
    terminal.shows(b"goodbye")
    assert terminal.client.wait() == 0


# --- our own host -------------------------------------------------------------------------------

def test_one_line_from_a_pipe(world):
    server = our_host(world)
    done = world.run("chat", "--nick", "ci", HOST, server.port, stdin=b"the build is done\n")
    assert done.status == 0
    assert done.text.splitlines() == ["* you are ci, in lobby", "* 1 here: ci", "<ci> the build is done", "* goodbye"]


def test_more_lines_than_a_flood_are_all_said(world):
    server = our_host(world)
    listener = world.sockutil("chat", "--nick", "ann", HOST, server.port, stdin=subprocess.PIPE)
    listener.read_until(b"here: ann\n")
    lines = [f"line {i}" for i in range(40)]
    done = world.run("chat", "--nick", "bot", HOST, server.port, stdin="\n".join(lines).encode(), timeout=40)
    assert done.status == 0
    shown = listener.read_until(b"bot left\n").decode().splitlines()
    assert [s for s in shown if s.startswith("<bot>")] == [f"<bot> {text}" for text in lines]


def test_a_host_that_goes_and_another_that_comes(world):
    server = our_host(world, "--history", "10", port=unused_port())
    client = world.sockutil("chat", "--nick", "bob", "--reconnect", "--retry-delay", "50ms", HOST, server.port,
                            stdin=subprocess.PIPE)
    client.read_until(b"here: bob\n")
    server.signal(signal.SIGKILL)
    server.wait()
    client.read_until(b"connection lost")
    other = our_host(world, port=server.port)
    client.read_until(b"* you are bob, in lobby\n")
    say_all(client, "here again\n")
    client.read_until(b"<bob> here again\n")
    other.signal(signal.SIGTERM)
    done = result(client)
    assert done.status == 0
    assert "* goodbye: the host ends the chat" in done.text


def test_a_nick_is_taken_back_from_a_connection_that_is_not_known_to_be_lost(world):
    server = our_host(world, "--history", "10")
    server_side = []

    def pass_on(connection):
        upstream = socket.create_connection((HOST, server.port))
        server_side.append((connection, upstream))

        def pour(source, sink):
            try:
                while piece := source.recv(65536):
                    sink.sendall(piece)
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        threading.Thread(target=pour, args=(upstream, connection), daemon=True).start()
        pour(connection, upstream)

    between = world.peer(pass_on, count=2)
    client = world.sockutil("chat", "--nick", "bob", "--reconnect", "--retry-delay", "50ms", HOST, between.port,
                            stdin=subprocess.PIPE)
    client.read_until(b"here: bob\n")
    # The client's half is lost, the host's stays: it still sees bob.
    server_side[0][0].shutdown(socket.SHUT_RDWR)
    with socket.create_connection((HOST, server.port), timeout=10 * PATIENCE) as ann:
        ann.sendall(b"ann\nmissed you\n")
        client.read_until(b"<ann> missed you\n")
        say_all(client, "back\n")
        client.read_until(b"<bob> back\n")
    client.stdin.close()
    assert result(client).status == 0
    for pair in server_side:
        for end in pair:
            end.close()


@needs_tls
def test_friends_with_a_secret(world):
    secret = world.path("friends.key", b"correct horse battery staple\n")
    secret.chmod(0o600)
    server = our_host(world, "--secret", secret)
    done = world.run("chat", "--nick", "bob", "--secret", secret, HOST, server.port, stdin=b"hello\n", timeout=30)
    assert done.status == 0, done
    assert "<bob> hello\n" in done.text


@needs_tls
def test_a_certificate_that_nobody_trusts_is_final(world, certificates):
    cert, key = certificates.leaf()
    server = our_host(world, "--tls", "--cert", cert, "--key", key)
    done = world.run("chat", "--nick", "bob", "--reconnect", "--tls", HOST, server.port, stdin=b"hello\n")
    assert done.status == 60
    done = world.run("chat", "--nick", "bob", "--tls", "--ca", certificates.ca, HOST, server.port, stdin=b"hello\n")
    assert (done.status, done.err) == (0, "")


def test_over_a_unix_socket(world):
    path = world.folder / "chat.sock"
    server = world.sockutil("chat", "--listen", "--headless", f"unix:{path}")
    wait_until(path.exists, 10, "the socket")
    done = world.run("chat", "--nick", "bob", f"unix:{path}", stdin=b"hello\n")
    assert done.status == 0
    assert "<bob> hello\n" in done.text
    assert server.running()


def test_a_file_goes_from_one_bot_to_another(world):
    server = our_host(world)
    (world.folder / "in").mkdir()
    data = os.urandom(300000)
    source = world.path("report.pdf", data)
    taker = world.sockutil("chat", "--nick", "ann", "--directory", world.folder / "in", HOST, server.port,
                           stdin=subprocess.PIPE)
    taker.read_until(b"here: ann\n")
    giver = world.sockutil("chat", "--nick", "bob", HOST, server.port, stdin=subprocess.PIPE)
    giver.read_until(b"bob\n")
    say_all(giver, f"/send ann {source}\n/send ann {world.folder}/nothing\n")
    giver.read_until(b"nothing")
    taker.read_until(b"/accept bob report.pdf\n")
    say_all(taker, "/accept bob\n")
    giver.read_until(b"takes report.pdf\n")
    # It leaves, but not before what moves is there.
    giver.stdin.close()
    taker.read_until(b"is here")
    assert sha256((world.folder / "in" / "report.pdf").read_bytes()) == sha256(data)
    assert result(giver).status == 55  # for the one that is not there
    taker.stdin.close()
    assert result(taker).status == 0


def test_talk_goes_between_the_pieces_of_a_file(world):
    server = our_host(world)
    (world.folder / "in").mkdir()
    source = world.path("large", os.urandom(20_000_000))
    taker = world.sockutil("chat", "--nick", "ann", "--directory", world.folder / "in", HOST, server.port,
                           stdin=subprocess.PIPE)
    taker.read_until(b"here: ann\n")
    giver = world.sockutil("chat", "--nick", "bob", HOST, server.port, stdin=subprocess.PIPE)
    giver.read_until(b"bob\n")
    say_all(giver, f"/send ann {source}\n")
    taker.read_until(b"/accept bob large\n")
    say_all(taker, "/accept bob large\n")
    giver.read_until(b"takes large\n")
    say_all(giver, "how is it going\n")
    shown = taker.read_until(b"is here", 60).decode()
    assert "<bob> how is it going\n" in shown
    assert (world.folder / "in" / "large").read_bytes() == source.read_bytes()
