# SPDX-License-Identifier: MIT
"""chat --listen, from the members' side: sockets that speak the protocol themselves, well and badly.

Holds: lines are put together whatever pieces they come in, and each that goes out stands alone behind its sender's name; what
steers terminals, hides or is not UTF-8 arrives as visible text; nobody's nick can pass for another's; floods are slowed, then
cut; who does not read loses lines or its place and holds up nobody; every end is told once; a slow beginning ends by itself;
the log is a record a line; the host's end is told to all. Memory and descriptors stay what they are.
"""
import os
import re
import resource
import select
import signal
import socket
import statistics
import subprocess
import threading
import time

import pytest

from harness import (HOST, MIB, PATIENCE, SANITIZE, dial, needs_linux, no_sanitizer, read_to_end, reset, wait_until)

WELCOME = "* Welcome to this sockutil chat. Your nick?"


def host(world, *words, headless=True, stdin=subprocess.DEVNULL):
    """The host of a chat once it listens; .port is its port."""
    path = world.folder / f"port.{len(world.processes)}"
    process = world.sockutil("chat", "--listen", *(["--headless"] if headless else []), "--port-file", path, *words,
                             f"{HOST}:0", stdin=stdin)
    wait_until(lambda: (path.exists() and path.read_text().strip()) or not process.running(), 10, "the port file")
    assert process.running(), process.err
    process.port = int(path.read_text())
    return process


class Member:
    """A member's connection. Lines are read as bytes without their LF, .line() as text."""

    def __init__(self, server, first=None, timeout=10, rcvbuf=None):
        self.socket = dial(server.port, timeout=timeout, rcvbuf=rcvbuf)
        self.rest = b""
        if first:
            self.say(first)

    def say(self, text):
        self.socket.sendall((text if isinstance(text, bytes) else text.encode()) + b"\n")

    def raw(self):
        while b"\n" not in self.rest:
            piece = self.socket.recv(1 << 16)
            if not piece:
                raise EOFError(self.rest)
            self.rest += piece
        line, self.rest = self.rest.split(b"\n", 1)
        return line

    def line(self):
        return self.raw().decode()

    def until(self, text):
        """Reads to the line that holds text; gives all those lines."""
        lines = [self.line()]
        while text not in lines[-1]:
            lines.append(self.line())
        return lines

    def to_end(self):
        """All lines that are left, to the end of the connection."""
        text = (self.rest + read_to_end(self.socket)).decode()
        self.rest = b""
        assert text == "" or text.endswith("\n"), text
        return text.split("\n")[:-1]

    def waiting(self):
        """What is there now."""
        while select.select([self.socket], [], [], 0)[0]:
            piece = self.socket.recv(1 << 16)
            if not piece:
                break
            self.rest += piece
        return self.rest.decode()

    def leave(self):
        """In order: a connection that is closed with bytes unread is reset."""
        self.socket.shutdown(socket.SHUT_WR)
        lines = self.to_end()
        self.close()
        return lines

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def plain(server, nick, **how):
    member = Member(server, nick, **how)
    member.until("* you are " + nick + ", in ")
    member.until(" here: ")
    return member


def rich(server, nick, room="lobby", **how):
    member = Member(server, f"/hello chat/1 {nick} {room}", **how)
    member.welcome = member.until("welcome ")[-1].split(" ")
    member.until("members ")
    return member


def settled(*members):
    """Everybody in the room has read what was said up to now: each says a word that all others have to get."""
    for i, speaker in enumerate(members):
        word = f"settled-{i}-{time.monotonic_ns()}"
        speaker.say(word)
        for other in members:
            if other is not speaker:
                other.until(word)


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def allow_descriptors(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


# --- talking --------------------------------------------------------------------------------------

def test_plain_and_richer_members_talk(world):
    server = host(world)
    with plain(server, "alice") as alice:
        with Member(server, "bob") as bob:
            assert bob.line() == WELCOME
            assert bob.line() == "* you are bob, in lobby"
            bob.until(" here: ")
            alice.until("* bob joined")
            with rich(server, "carol") as carol:
                alice.until("* carol joined")
                alice.say("hello")
                assert bob.until("hello")[-1] == "<alice> hello"
                assert re.fullmatch(r"message \d+ \d+ lobby alice hello", carol.until("hello")[-1])
                carol.say("/me waves")
                assert bob.line() == alice.line() == "~ carol waves"
                assert re.fullmatch(r"action \d+ \d+ lobby carol waves", carol.line())
                carol.say("/msg alice psst")
                assert alice.line() == "[carol] psst"
                carol.say("//me is how")
                assert bob.line() == "<carol> /me is how"
                carol.leave()
            assert alice.until("* carol")[-1] == "* carol left"


def test_a_byte_at_a_time_is_a_line(world):
    """What was read in pieces goes out in one (and not behind a name for each piece)."""
    server = host(world)
    with plain(server, "alice") as alice, plain(server, "bob") as bob:
        for byte in "jó éjt 🌙\r\n".encode():
            alice.socket.sendall(bytes([byte]))
            time.sleep(0.002)
        assert bob.until("<alice>")[-1] == "<alice> jó éjt 🌙"


def test_many_lines_in_one_piece(world):
    server = host(world)
    with Member(server) as alice, plain(server, "bob") as bob:
        alice.socket.sendall(b"alice\none\n\ntwo\r\n//three\nfo")
        assert bob.until("three") == ["* alice joined", "<alice> one", "<alice> two", "<alice> /three"]
        alice.socket.sendall(b"ur\n")
        assert bob.line() == "<alice> four"


def test_the_nick_and_quit_in_one_piece(world):
    server = host(world)
    with plain(server, "bob") as bob, Member(server) as alice:
        alice.socket.sendall(b"alice\nhello\n/quit that was it\nnever said\n")
        assert alice.to_end()[-1] == "* goodbye"
        assert bob.until("left") == ["* alice joined", "<alice> hello", "* alice left (that was it)"]
        settled(bob, plain(server, "carol"))


# --- C1 to C4: what is said ------------------------------------------------------------------------

@pytest.mark.parametrize("said, heard", [
    (b"\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
    (b"a\x08\x08b\x7f\x00c", r"a\x08\x08b\x7f\x00c"),
    ("\x9b31m".encode(), r"\u{9b}31m"),
    (b"\x9b31m", r"\x9b31m"),
    (b"tab\there", "tab\there"),
    ("\u202eevil\u2066".encode(), r"\u{202e}evil\u{2066}"),
    ("zero\u200bwidth\ufeff".encode(), r"zero\u{200b}width\u{feff}"),
    ("line\u2028<bob> forged".encode(), r"line\u{2028}<bob> forged"),
    (b"\xc0\xaf\xed\xa0\x80\x80\xff", r"\xc0\xaf\xed\xa0\x80\x80\xff"),
    (b"cut\xe2\x82", r"cut\xe2\x82"),
    ("pøïnt 日本 🙂".encode(), "pøïnt 日本 🙂"),
])
def test_what_is_said_is_shown_and_not_obeyed(world, said, heard):
    server = host(world)
    with plain(server, "alice") as alice, plain(server, "bob") as bob, rich(server, "carol") as carol:
        alice.say(said)
        assert bob.until("<alice>")[-1] == "<alice> " + heard
        assert carol.until("message ")[-1].split(" ", 5)[5] == heard


def test_a_thousand_marks_on_a_letter(world):
    server = host(world)
    with plain(server, "alice") as alice, plain(server, "bob") as bob:
        alice.say("Z" + "\u0301" * 1000 + "x")
        assert bob.until("<alice>")[-1] == "<alice> Z" + "\u0301" * 8 + "x"


def test_no_line_can_be_forged(world):
    server = host(world)
    texts = ["x\r<bob> forged", "<bob> forged", "* server: forged", "[bob] forged", "~ bob forged", "\u2028* forged",
             "\x0b\x0c\x85* forged", "x\r\n<bob> forged", "message 1 2 lobby bob forged", "bye out forged"]
    with plain(server, "alice") as alice, plain(server, "bob") as bob, rich(server, "carol") as carol:
        bob.until("* carol joined")
        for text in texts:
            alice.say(text)
        alice.say("the last")
        assert all(line.startswith("<alice> ") for line in bob.until("<alice> the last"))
        for line in carol.until("the last"):
            assert re.match(r"message \d+ \d+ lobby alice ", line), line


def test_actions_reasons_and_topics_cannot_forge_lines_either(world):
    server = host(world)
    with plain(server, "bob") as bob, plain(server, "alice") as alice:
        alice.say(b"/me x\r<bob> \x1b[1m")
        assert bob.until("~")[-1] == "~ alice x\\x0d<bob> \\x1b[1m"
        alice.say(b"/topic \xe2\x80\xa8* host \x07")
        assert bob.until("topic")[-1] == "* alice set the topic: \\u{2028}* host \\x07"
        alice.say(b"/quit \r* bob left \x1b[2J")
        assert bob.until("alice left")[-1] == "* alice left (\\x0d* bob left \\x1b[2J)"


# --- C5: nicks ------------------------------------------------------------------------------------

@pytest.mark.parametrize("nick", [
    "bob", "BOB", "b\u043eb", "b0b", "Bob ", "server", "HOST", "Everyone", "x" * 25, "x" * 10000, "a b", "<bob>", "a\x1bb",
    "*", "\u202ebob", "b\u200bob", "bo\u0300" + "\u0300" * 20, "\u0430dmin", "a/b", "🙂",
])
def test_a_nick_that_cannot_be_had(world, nick):
    server = host(world)
    with plain(server, "bob") as bob, Member(server, nick) as other:
        other.until(WELCOME)
        answer = other.line()
        assert answer.startswith("* ") and "\x1b" not in answer, answer
        assert not answer.startswith("* you are"), answer
        other.say("dave")
        other.until("* you are dave")
        assert bob.until("joined")[-1] == "* dave joined"


def test_the_first_of_all_cannot_take_the_room_where_everybody_starts(world):
    server = host(world)
    with Member(server, "/hello chat/1 eve l0bby") as eve:
        assert eve.until("refused ")[-1].startswith("refused l0bby looks like the room lobby")
        with plain(server, "bob"):
            pass


def test_a_nick_can_be_asked_for_ten_times(world):
    server = host(world)
    with plain(server, "bob"), Member(server) as other:
        for _ in range(9):
            other.say("bob")
            other.until("Another nick?")
        other.say("bob")
        assert other.to_end()[-1].startswith("* goodbye: ")


def test_a_nick_is_free_again_and_can_be_changed(world):
    server = host(world)
    with plain(server, "alice") as alice:
        with plain(server, "bob") as bob:
            bob.say("/nick alice")
            assert "alice" in bob.until("here")[-1]
            bob.say("/nick robert")
            assert alice.until("robert")[-1] == "* bob is now robert"
            with plain(server, "bob"):
                alice.until("* bob joined")
            bob.leave()
        alice.until("* robert left")
        with plain(server, "Robert"):
            alice.until("* Robert joined")


def test_an_empty_line_is_no_nick(world):
    server = host(world)
    with Member(server) as alice:
        alice.socket.sendall(b"\n\r\n\n")
        alice.say("alice")
        assert alice.until("you are alice") == [WELCOME, "* you are alice, in lobby"]


def test_more_members_than_there_may_be(world):
    server = host(world, "--max-members", "2")
    with plain(server, "alice") as alice, plain(server, "bob") as bob:
        with Member(server, "carol") as carol:
            assert carol.to_end()[-1] == "* goodbye: the chat is full (2 members)"
        settled(alice, bob)


# --- C6: floods -----------------------------------------------------------------------------------

def test_a_burst_is_read_and_then_five_a_second(world):
    server = host(world)
    with plain(server, "alice") as alice, plain(server, "bob") as bob:
        started = time.monotonic()
        alice.socket.sendall(b"".join(b"%d\n" % i for i in range(25)))
        assert "5 lines a second" in alice.until("slowly")[-1]
        lines = [line for line in bob.until("<alice> 24") if line.startswith("<")]
        assert lines == [f"<alice> {i}" for i in range(25)]
        # the nick was a line, too
        assert time.monotonic() - started >= 1.0
        # told once, and forgotten when it has been quiet
        alice.say("/who")
        assert not any("slowly" in line for line in alice.until("2 here"))


def delays(speaker, listener, count, pause):
    """Milliseconds from saying to hearing."""
    times = []
    for i in range(count):
        word = f"measured-{i}."
        started = time.monotonic()
        speaker.say(word)
        listener.until(word)
        times.append((time.monotonic() - started) * 1000)
        time.sleep(pause)
    return times


@pytest.mark.waits(10)
def test_a_flood_is_told_cut_and_no_matter_of_others(world):
    server = host(world)
    stop = threading.Event()

    def flood(member):
        piece = b"".join(b"flood %d\n" % i for i in range(1000))
        try:
            while not stop.is_set():
                member.socket.sendall(piece)
        except OSError:
            pass

    with plain(server, "mallory", timeout=30) as mallory, plain(server, "alice") as alice, plain(server, "bob") as bob:
        flooder = threading.Thread(target=flood, args=(mallory,))
        flooder.start()
        try:
            times = delays(alice, bob, 40, 0.21)
            wait_until(lambda: "mallory" in " ".join(l for l in bob.until("*") if l.startswith("*")), 20, "the cut")
        finally:
            stop.set()
            flooder.join()
        with plain(server, "carol") as carol:
            carol.say("/who")
            assert "mallory" not in carol.until("here")[-1]
        server.wait_err("flooding")
        assert statistics.median(times) < 50 * PATIENCE, times
        assert server.status_field("VmHWM") < 64 * 1024


@pytest.mark.waits(10)
def test_a_flood_in_plain_words(world):
    """What the flooder and the others read."""
    server = host(world)
    with plain(server, "mallory", timeout=30) as mallory, plain(server, "bob", timeout=30) as bob:
        for _ in range(500):
            mallory.socket.sendall(b"x\n")
        lines = mallory.to_end()
        assert [l for l in lines if l.startswith("* slowly")] == [
            "* slowly: 5 lines a second are read of you"]
        assert lines[-1].startswith("* goodbye: you were read slowly for ten seconds")
        heard = bob.until("mallory left")
        assert heard[-1] == "* mallory left (put out: flooding)"
        assert 60 <= sum(line == "<mallory> x" for line in heard) <= 80


# --- C7: who does not read ------------------------------------------------------------------------

TALKERS = 6


def talk_to_slow(server, nick, count=20, size=3900):
    """A full burst of each of some members, to that one alone."""
    members = [plain(server, f"talker{i}") for i in range(TALKERS)]
    for i, member in enumerate(members):
        for k in range(count - 1):
            member.say(f"/msg {nick} {i:02}-{k:02} " + "x" * size)
    return members


def small_buffers(world, *words):
    return host(world, "--sockopt", "SO_SNDBUF=4096", *words)


def test_who_does_not_read_is_put_out_and_holds_up_nobody(world):
    server = small_buffers(world)
    with plain(server, "slow", rcvbuf=4096) as slow, plain(server, "alice") as alice, plain(server, "bob") as bob:
        members = talk_to_slow(server, "slow")
        assert bob.until("slow")[-1] == "* slow was lost (too slow)"
        assert sum("slow" in line for line in alice.until("slow")) == 1
        settled(alice, bob)
        # what was on its way before arrives, the line that was begun is whole, and it learns why
        lines = slow.to_end()
        assert lines[-1] == "* goodbye: you read too slowly"
        assert all(re.fullmatch(r"\[talker\d\] \d\d-\d\d x{3900}", line) for line in lines if line.startswith("["))
        server.wait_err("put out: it read too slowly")
        for member in members:
            member.close()


def test_who_does_not_read_loses_lines_and_is_told_how_many(world):
    server = small_buffers(world, "--slow", "drop")
    with plain(server, "slow", rcvbuf=4096, timeout=20) as slow, plain(server, "alice") as alice:
        members = talk_to_slow(server, "slow")
        for member in members:
            member.say("/msg alice done")
            alice.until("done")
        alice.say("/msg slow the last")
        got = dropped = 0
        for line in slow.until("[alice] the last"):
            notice = re.fullmatch(r"\* (\d+) lines? (was|were) dropped: you read too slowly", line)
            if notice:
                dropped += int(notice[1])
            got += line.startswith("[talker") or "joined" in line
        assert dropped > 0
        # of those joined one by one, and all that was said
        assert got + dropped >= TALKERS * 19
        assert dropped <= TALKERS * 19 + TALKERS + 1
        slow.say("here again")
        assert alice.until("here again")[-1] == "<slow> here again"
        for member in members:
            member.close()


@pytest.mark.waits(8)
def test_a_newcomer_is_greeted_whoever_does_not_read(world):
    server = host(world, "--max-members", "200")
    silent = [Member(server, f"silent{i}", rcvbuf=2048) for i in range(100)]
    with plain(server, "alice") as alice, plain(server, "bob") as bob:
        times = delays(alice, bob, 40, 0.21)
        started = time.monotonic()
        with plain(server, "carol"):
            assert time.monotonic() - started < 0.5 * PATIENCE
        assert statistics.median(times) < 50 * PATIENCE, times
    for member in silent:
        member.close()


def test_who_does_not_read_its_answers_is_not_read(world):
    """Each time it comes to the room it is told 70 KB: it is not heard before it has taken most of that."""
    server = small_buffers(world, "--history", "1000", "-v")
    rounds = 8

    def joined():
        return server.err.count("asks joined lobby")

    with plain(server, "bob") as bob:
        for _ in range(18):
            bob.say("x" * 3900)
        bob.say("/who")
        bob.until(" here: ")
        with Member(server, "asks", rcvbuf=4096) as asks:
            asks.socket.sendall(b"/join other\n/join lobby\n" * rounds)
            wait_until(lambda: joined() > 1, 10, "the second time")
            with plain(server, "alice") as alice:
                settled(alice, bob)
            assert joined() < 5
            lines = asks.leave()
        assert sum(line.startswith("<bob> xxx") for line in lines) == (1 + rounds) * 18
        assert joined() == 1 + rounds


@pytest.mark.waits(10)
def test_lines_that_are_free_are_not_for_floods(world):
    """A client's program may say what files need as fast as it likes, but only while there are any."""
    server = host(world)
    with plain(server, "bob", timeout=30) as bob, rich(server, "mallory", timeout=30) as mallory:
        bob.until("mallory joined")
        mallory.socket.sendall(b"/taken 1 1\n" * 1000)
        assert "5 lines a second" in mallory.until("slowly")[-1]
        mallory.to_end()
        assert bob.until("mallory")[-1] == "* mallory left (put out: flooding)"


@pytest.mark.parametrize("line", [b"/pong x\n", b"/taken 7777 1\n"], ids=["about none", "about another"])
def test_a_file_under_way_makes_no_other_lines_free(world, line):
    server = host(world)
    with rich(server, "eve") as eve, rich(server, "mallory", timeout=30) as mallory:
        mallory.say("/offer eve 5000 file")
        eve.until("offered ")
        mallory.socket.sendall(line * 1000)
        assert "5 lines a second" in mallory.until("slowly")[-1]


@pytest.mark.waits(10)
@needs_linux
def test_who_is_out_and_takes_nothing_gives_its_place_back(world):
    """A window that stays shut would hold the connection for ever."""
    server = small_buffers(world)
    files = descriptors(server)
    with plain(server, "bob", timeout=30) as bob, plain(server, "mallory", rcvbuf=2048) as mallory:
        bob.until("mallory joined")
        for _ in range(10):
            bob.say("/msg mallory " + "x" * 3900)
        bob.say("/who")
        bob.until(" here: ")
        mallory.say("/quit")
        bob.until("mallory left")
        bob.leave()
        wait_until(lambda: descriptors(server) == files, 30, "the connection to be given up")


# --- C8: a line without an end --------------------------------------------------------------------

@needs_linux
def test_a_line_of_64_mib(world):
    server = host(world)
    with plain(server, "alice", timeout=60) as alice, plain(server, "bob", timeout=60) as bob:
        settled(alice, bob)
        before = server.status_field("VmRSS")
        piece = b"y" * MIB
        for _ in range(64):
            alice.socket.sendall(piece)
        alice.say("")
        heard = bob.until("<alice>")[-1]
        assert heard == "<alice> " + "y" * 4096
        assert "longer than 4096 bytes" in alice.until("longer")[-1]
        alice.say("short")
        assert bob.line() == "<alice> short"
        if not SANITIZE:
            assert server.status_field("VmRSS") - before < 1024


def test_a_long_line_is_cut_between_characters(world):
    server = host(world)
    with plain(server, "alice") as alice, plain(server, "bob") as bob:
        alice.say("x" + "é" * 4000)
        assert bob.until("<alice>")[-1] == "<alice> x" + "é" * 2047


# --- C9: coming and going -------------------------------------------------------------------------

@needs_linux
def test_ten_thousand_come_and_go(world):
    server = host(world)
    address = (HOST, server.port)

    def come_and_go(count):
        for i in range(count):
            with socket.create_connection(address, 10) as s:
                s.sendall(b"guest%d\n" % i)
                while b"here" not in s.recv(4096):
                    pass

    with plain(server, "alice") as alice:
        come_and_go(1000)
        server.wait_err("closed")
        files = descriptors(server)
        memory = server.status_field("VmRSS")
        come_and_go(9000)
        lines = alice.waiting().split("\n")
        alice.rest = b""
        # a few are told one by one, the others together
        assert len(lines) < 5000
        wait_until(lambda: descriptors(server) <= files, 10, "no more descriptors than before")
        if not SANITIZE:
            assert server.status_field("VmRSS") - memory < 1024

        def alone():
            alice.say("/who")
            return alice.until(" here: ")[-1] == "* 1 here: alice"
        for _ in range(10):
            if alone():
                return
            time.sleep(0.2)
        assert alone()


# --- C10: ends ------------------------------------------------------------------------------------

def test_an_end_in_order_is_told_once(world):
    server = host(world)
    with plain(server, "bob") as bob, plain(server, "alice") as alice:
        bob.until("alice joined")
        alice.socket.sendall(b"half a li")
        alice.socket.shutdown(socket.SHUT_WR)
        assert bob.line() == "<alice> half a li"
        assert bob.line() == "* alice left"
        assert not any("left" in line for line in alice.to_end())
        with plain(server, "alice"):
            assert bob.line() == "* alice joined"


@pytest.mark.parametrize("begun, heard", [
    (b"hi\xff", "hi\\xff"),
    (b"hi\xff\xfd", "hi\\xff\\xfd"),
    (b"\xff", "\\xff"),
    (b"y" * 4096 + b"\xff", "y" * 4096),
], ids=["one byte", "two bytes", "nothing else", "behind the limit"])
def test_a_command_of_telnet_that_ends_in_its_middle_is_text(world, begun, heard):
    server = host(world)
    with plain(server, "bob") as bob, plain(server, "alice") as alice:
        bob.until("alice joined")
        alice.socket.sendall(begun)
        alice.socket.shutdown(socket.SHUT_WR)
        assert bob.line() == "<alice> " + heard
        assert bob.line() == "* alice left"
        told = alice.to_end()
        assert any("longer than 4096 bytes" in line for line in told) == (len(begun) > 4096)


def test_a_reset_is_told_once_and_half_a_line_not_at_all(world):
    server = host(world)
    with plain(server, "bob") as bob:
        alice = plain(server, "alice")
        bob.until("alice joined")
        alice.socket.sendall(b"whole\nhalf a li")
        assert bob.line() == "<alice> whole"
        reset(alice.socket)
        assert bob.line() == "* alice was lost (connection reset by peer)"
        with plain(server, "alice"):
            assert bob.line() == "* alice joined"


def test_who_ends_gets_what_waits(world):
    """Half-closed and slow to read: nothing that was said before is lost."""
    server = small_buffers(world, "--history", "1000")
    with plain(server, "bob") as bob:
        # the nick was a line, too
        for i in range(19):
            bob.say(f"{i:02} " + "x" * 3900)
        with rich(server, "carol") as carol:
            carol.say("sync")
            bob.until("sync")
        with Member(server, rcvbuf=4096) as late:
            late.say("late")
            late.socket.shutdown(socket.SHUT_WR)
            lines = late.to_end()
            assert [line[6:8] for line in lines if line.startswith("<bob>")] == [f"{i:02}" for i in range(19)]


def test_nobody_hears_of_who_never_said_a_nick(world):
    server = host(world)
    with plain(server, "bob") as bob:
        dial(server.port).close()
        gone = dial(server.port)
        gone.recv(100)
        reset(gone)
        server.wait_err("reset by peer")
        with plain(server, "alice"):
            assert bob.line() == "* alice joined"


# --- C11: slow beginnings -------------------------------------------------------------------------

@pytest.mark.waits(30)
@needs_linux
def test_a_thousand_slow_ones_and_a_nick_that_does_not_come(world):
    allow_descriptors(1300)
    count = min(1000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 100)
    # far more than there may be members
    server = host(world)
    with plain(server, "bob", timeout=60) as bob:
        slow = [dial(server.port, timeout=60) for _ in range(count)]
        first = time.monotonic()
        for i in range(3):
            for s in slow:
                s.send(b"x")
            started = time.monotonic()
            with plain(server, f"guest{i}"):
                assert time.monotonic() - started < 1 * PATIENCE
        # a byte now and then does not help
        for s in slow[:10]:
            s.send(b"y")
        for s in slow:
            assert read_to_end(s).decode().split("\n")[-2:] == ["* goodbye: no nick came in time", ""]
        assert 25 < time.monotonic() - first < 30 + 20 * PATIENCE
        assert not any("lost" in line for line in bob.waiting().split("\n"))
        settled(bob, plain(server, "carol"))


@needs_linux
def test_a_limit_of_open_files_that_is_too_low_is_told(world):
    low = world.sockutil("chat", "--listen", "--headless", f"{HOST}:0", stdin=subprocess.DEVNULL,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)))
    wait_until(lambda: "ulimit" in low.err or not low.running(), 10, "the warning")
    assert re.search(r"^sockutil chat: warning: the limit of 100 open files allows about \d+ connections at once, "
                     r"not \d+; ulimit -n raises it$", low.err, re.MULTILINE)


@pytest.mark.waits(90)
def test_a_richer_client_that_answers_no_ping_is_lost(world):
    """After a minute of silence it is asked, and has half a minute; whoever answers stays."""
    server = host(world)
    with plain(server, "bob", timeout=120) as bob, rich(server, "alice", timeout=120) as alice:
        with rich(server, "silent", timeout=120) as silent:
            bob.until("silent joined")
            word = alice.until("ping ")[-1].split(" ")[1]
            alice.say(f"/pong {word}")
            assert bob.until("silent")[-1] == "* silent was lost (no answer to a ping)"
            assert silent.to_end()[-1].startswith("ping ")
        settled(alice, bob)


# --- C12: the log ---------------------------------------------------------------------------------

def test_the_log_is_a_record_a_line(world):
    path = world.path("chat.log")
    server = host(world, "--log", path)
    with plain(server, "alice") as alice, plain(server, "bob") as bob:
        alice.say(b"\x1b[2Jone\r2026-01-01T00:00:00Z lobby <bob> forged")
        alice.say("\u2028two")
        alice.say("/me waves")
        alice.say("/msg bob secret")
        alice.say("/topic a\x07b")
        bob.until("topic")
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    lines = path.read_text().split("\n")
    assert lines.pop() == ""
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ lobby [<~*]", line) for line in lines), lines
    assert not any("secret" in line for line in lines)
    said = [line.split(" ", 2)[2] for line in lines]
    assert "<alice> \\x1b[2Jone\\x0d2026-01-01T00:00:00Z lobby <bob> forged" in said
    assert "<alice> \\u{2028}two" in said
    assert "~ alice waves" in said
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_said_is_not_in_the_messages(world):
    server = host(world, "-v")
    with plain(server, "bob") as bob, plain(server, "alice") as alice:
        alice.say("between us")
        bob.until("between us")
        alice.say("/quit")
        bob.until("alice left")
    server.wait_err("alice left lobby")
    err = server.wait_err("bob left lobby")
    assert re.search(r"alice joined lobby from 127\.0\.0\.1:\d+", err)
    assert "between us" not in err


# --- the host's end -------------------------------------------------------------------------------

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_end_of_the_host_is_told_to_all(world, number):
    server = host(world)
    with plain(server, "alice") as alice, rich(server, "bob") as bob, Member(server) as nameless:
        nameless.until(WELCOME)
        server.signal(number)
        assert alice.to_end()[-1] == "* goodbye: the host ends the chat"
        assert bob.to_end()[-1] == "bye end the host ends the chat"
        assert nameless.to_end()[-1] == "* goodbye: the host ends the chat"
    assert server.wait() == 0


def test_the_end_of_the_host_waits_for_nobody_who_does_not_read(world):
    server = small_buffers(world, "--grace", "1s")
    with Member(server, "slow", rcvbuf=4096) as slow, plain(server, "bob") as bob:
        members = [plain(server, f"talker{i}") for i in range(2)]
        for member in members:
            for _ in range(19):
                member.say("/msg slow " + "x" * 3900)
        settled(*members)
        server.signal(signal.SIGTERM)
        assert bob.to_end()[-1] == "* goodbye: the host ends the chat"
        assert server.wait() in (0, 128 + signal.SIGTERM)
        slow.close()


def test_who_hosts_leaves_and_all_are_told(world):
    server = host(world, "--nick", "hostess", headless=False, stdin=subprocess.PIPE)
    with plain(server, "alice") as alice:
        alice.say("/who")
        assert "hostess" in alice.until(" here: ")[-1]
        server.stdin.write(b"hello from the seat\n")
        assert alice.until("hello")[-1] == "<hostess> hello from the seat"
        server.stdin.write(b"/kick nobody\n")
        alice.say("/kick hostess")
        assert alice.line().startswith("* ")
        server.stdin.close()
        assert alice.to_end()[-1] == "* goodbye: the host ends the chat"
    assert server.wait() == 0


def test_who_hosts_puts_out_and_bans(world):
    server = host(world, "--nick", "hostess", headless=False, stdin=subprocess.PIPE)
    with plain(server, "alice") as alice, plain(server, "bob") as bob:
        alice.say("/kick bob")
        assert "host" in alice.until("kick")[-1]
        server.stdin.write(b"/kick bob too loud\n")
        assert bob.to_end()[-1] == "* goodbye: kicked by hostess: too loud"
        assert alice.until("bob left")[-1] == "* bob left (kicked by hostess: too loud)"
        with plain(server, "bob") as again:
            server.stdin.write(b"/ban bob\n")
            assert again.to_end()[-1] == "* goodbye: banned by hostess"
        with Member(server) as other:
            assert other.to_end() == ["* goodbye: you are banned from this chat"]
        settled_word = "still here"
        server.stdin.write(settled_word.encode() + b"\n")
        alice.until(settled_word)


# --- memory and speed -----------------------------------------------------------------------------

@needs_linux
@no_sanitizer
def test_an_idle_member_costs_four_kib_at_most(world):
    allow_descriptors(1300)
    count = min(1000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200)
    server = host(world, "--max-members", "2000", "--quiet")
    members = [plain(server, f"early{i}") for i in range(50)]
    before = server.status_field("VmRSS")
    for i in range(count):
        members.append(Member(server, f"/hello chat/1 m{i} lobby"))
    for member in members[50:]:
        member.until("members ")
    members[0].say("/who")
    # those who came while nobody read have been told together, and hold nothing any more
    wait_until(lambda: (server.status_field("VmRSS") - before) * 1024 / count <= 4096, 5, "small members")
    for member in members:
        member.close()


def test_back_on_another_connection_with_what_was_missed(world):
    server = host(world, "--history", "100")
    with rich(server, "alice") as alice, plain(server, "bob") as bob:
        _, nick, room, epoch, last, token = alice.welcome
        bob.say("one")
        last = alice.until("one")[-1].split(" ")[1]
        bob.say("two")
        with Member(server, f"/hello chat/1 {nick} {room} {epoch} {last} {token}") as again:
            lines = again.until(" two")
            assert not any(line.endswith(" one") for line in lines)
            assert alice.to_end()[-1].startswith("bye out ")
            bob.say("three")
            again.until(" three")
            assert "left" not in bob.waiting() and "lost" not in bob.waiting()
