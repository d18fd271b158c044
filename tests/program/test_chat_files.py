# SPDX-License-Identifier: MIT
"""Files in a chat: real clients with pipes through our real host, and hostile senders, receivers and hosts.

Holds: what arrives is what was sent, whole, under its name or the next free one, and both sides say so; nothing is ever
overwritten, nothing half is left, no name leads out of the folder; sizes are limited on every side; talk goes on meanwhile;
whoever is lost, refuses, lies, overruns or stalls ends that file alone; a bot's file goes before it leaves.
"""
import base64
import os
import re
import resource
import select
import signal
import socket
import subprocess
import time

import pytest

from harness import (HOST, LINUX, MIB, PATIENCE, SANITIZE, dial, needs_linux, needs_tls, random_bytes, sha256, wait_until)

WINDOW, PIECE = 65536, 3000


# --- who takes part --------------------------------------------------------------------------------

def our_host(world, *options, **how):
    port_file = world.folder / f"chat.{len(world.processes)}"
    process = world.sockutil("chat", "--listen", "--headless", "--port-file", port_file, *options, f"{HOST}:0", **how)
    wait_until(lambda: (port_file.exists() and port_file.read_text().strip()) or not process.running(), 10, "the port")
    assert process.running(), process.err
    process.port = int(port_file.read_text().split()[0])
    return process


class Person:
    """A client of ours with pipes; its files go to a folder of its own."""

    def __init__(self, world, port, nick, *options, directory=None, **how):
        self.nick = nick
        self.folder = world.folder / f"{nick}'s"
        self.folder.mkdir(exist_ok=True)
        where = [HOST, port] if port else []
        self.process = world.sockutil("chat", "--nick", nick, "--directory", directory or self.folder, *options, *where,
                                      stdin=subprocess.PIPE, **how)
        self.left = ""

    def says(self, *lines):
        for line in lines:
            self.process.stdin.write(f"{line}\n".encode("utf-8", "surrogateescape"))

    def reads(self, token, timeout=20):
        """The next line that holds it; those before are skipped."""
        end = time.monotonic() + timeout * PATIENCE
        while True:
            while "\n" in self.left:
                line, self.left = self.left.split("\n", 1)
                if token in line:
                    return line
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            assert ready, f"{self.nick}: {token!r} did not come; {self.left!r}; {self.process.err}"
            piece = os.read(self.process.stdout.fileno(), 65536)
            assert piece, f"{self.nick}: {token!r} did not come before the end; {self.process.err}"
            self.left += piece.decode("utf-8", "replace")

    def leaves(self, timeout=40):
        """Ends its input: (status, what it still read)."""
        result = self.process.finish(None, timeout)
        return result.status, self.left + result.text

    def holds(self):
        """What is in its folder, hidden names too."""
        return sorted(p.name for p in self.folder.iterdir())


class Raw:
    """A richer client whose part the test plays."""

    def __init__(self, port, nick, rcvbuf=None):
        self.socket = dial(port, timeout=15, rcvbuf=rcvbuf)
        self.lines = self.socket.makefile("rb")
        self.say(f"/hello chat/1 {nick} -")
        self.hear("welcome ")

    def say(self, *lines):
        self.socket.sendall("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))

    def hear(self, *starts):
        """The next line that begins so; those before are skipped."""
        while True:
            line = self.lines.readline().decode("utf-8", "replace")
            assert line, f"the connection ended before {starts!r}"
            if line.startswith(starts):
                return line.rstrip("\n")

    def data(self, number, data):
        self.say(f"/data {number} {base64.b64encode(data).decode()}")

    def offers(self, nick, size, name="f"):
        """The number."""
        self.say(f"/offer {nick} {size} {name}")
        return int(self.hear("offering ").split()[1])

    def close(self):
        self.lines.close()
        self.socket.close()


@pytest.fixture
def raw(world):
    made = []

    def join(port, nick, **how):
        made.append(Raw(port, nick, **how))
        return made[-1]

    yield join
    for one in made:
        one.close()


class PlayedHost:
    """A host whose part the test plays, for one client."""

    def __init__(self, world, *options, **how):
        with socket.create_server((HOST, 0)) as listener:
            listener.settimeout(15 * PATIENCE)
            self.person = Person(world, listener.getsockname()[1], "bob", *options, **how)
            self.socket = listener.accept()[0]
        self.socket.settimeout(15 * PATIENCE)
        self.lines = self.socket.makefile("rb")
        assert self.lines.readline().startswith(b"/hello chat/1 bob")
        self.say("welcome bob lobby 7 0 secret")
        world.peers.append(self)

    say, hear, data = Raw.say, Raw.hear, Raw.data
    close = Raw.close

    def gives(self, number, data):
        self.say(f"data {number} {base64.b64encode(data).decode()}")


@pytest.fixture
def played(world):
    host = PlayedHost(world)
    yield host
    host.close()
    host.person.process.wait()


def pair(world, *options):
    host = our_host(world, *options)
    alice = Person(world, host.port, "alice")
    alice.reads("you are alice")
    bob = Person(world, host.port, "bob")
    bob.reads("you are bob")
    alice.reads("bob joined")
    return alice, bob


def hand_over(sender, receiver, path, name=None):
    """From the one to the other, to the end: what the receiver was told then."""
    name = name or path.name
    sender.says(f"/send {receiver.nick} {path}")
    receiver.reads(f"{sender.nick} offers {name} (")
    receiver.says(f"/accept {sender.nick} {name}")
    told = receiver.reads(f"{name} from {sender.nick} is here")
    sender.reads(f"{receiver.nick} has {name}: ")
    return told


# --- as it should be -------------------------------------------------------------------------------

@pytest.mark.parametrize("size", [0, 1, 2999, 3000, 3001, WINDOW, 5 * MIB + 7])
def test_it_arrives(world, size):
    alice, bob = pair(world)
    data = random_bytes(size)
    hand_over(alice, bob, world.path("a report.bin", data))
    assert bob.holds() == ["a report.bin"]
    assert (bob.folder / "a report.bin").read_bytes() == data
    assert alice.leaves()[0] == 0
    assert bob.leaves()[0] == 0


def test_both_sides_are_told(world):
    alice, bob = pair(world)
    path = world.path("report.pdf", bytes(2 * MIB))
    alice.says(f"/send bob {path}")
    assert alice.reads("report.pdf") == "* report.pdf (2 MiB) is offered to bob"
    assert bob.reads("report.pdf") == "* alice offers report.pdf (2 MiB): /accept alice report.pdf"
    bob.says("/accept alice")
    pace = r" 2 MiB in [0-9.hms]+, [0-9.]+ [KMG]?i?B/s$"
    assert alice.reads("report.pdf") == "* bob takes report.pdf"
    assert [alice.reads("report.pdf") for _ in range(3)] == [f"* report.pdf for bob: {n}% of 2 MiB" for n in (25, 50, 75)]
    assert re.match(r"^\* bob has report.pdf:" + pace, alice.reads("report.pdf"))
    assert bob.reads("report.pdf") == "* report.pdf from alice: accepted"
    assert [bob.reads("report.pdf") for _ in range(3)] == [f"* report.pdf from alice: {n}% of 2 MiB" for n in (25, 50, 75)]
    assert re.match(r"^\* report.pdf from alice is here:" + pace, bob.reads("report.pdf"))


def test_nothing_is_overwritten(world):
    alice, bob = pair(world)
    (bob.folder / "f.txt").write_bytes(b"mine")
    (bob.folder / "target").write_bytes(b"mine, too")
    (bob.folder / "f.2.txt").symlink_to("target")
    assert "is here as f.1.txt: " in hand_over(alice, bob, world.path("f.txt", b"one"))
    assert "is here as f.3.txt: " in hand_over(alice, bob, world.path("f.txt", b"two"))
    assert (bob.folder / "f.txt").read_bytes() == b"mine"
    assert (bob.folder / "target").read_bytes() == b"mine, too"
    assert (bob.folder / "f.1.txt").read_bytes() == b"one"
    assert (bob.folder / "f.3.txt").read_bytes() == b"two"
    assert bob.holds() == ["f.1.txt", "f.2.txt", "f.3.txt", "f.txt", "target"]


def test_a_new_file_obeys_the_umask(world):
    host = our_host(world)
    alice = Person(world, host.port, "alice")
    bob = Person(world, host.port, "bob", preexec_fn=lambda: os.umask(0o027))
    bob.reads("you are bob")
    alice.reads("you are alice")
    hand_over(alice, bob, world.path("f", b"x"))
    assert (bob.folder / "f").stat().st_mode & 0o777 == 0o640


def test_many_at_once_and_both_ways(world):
    host = our_host(world)
    people = [Person(world, host.port, nick) for nick in ("ann", "ben", "cid")]
    for person in people:
        person.reads("you are")
    files = {}
    for giver in people:
        for taker in people:
            if giver is not taker:
                for i in range(2):
                    name = f"{giver.nick}{i}.bin"
                    files[taker.nick, name] = random_bytes(300_000 + i)
                    path = world.path(f"{giver.nick}{i}.bin", files[taker.nick, name])
                    giver.says(f"/send {taker.nick} {path}")
                    taker.reads(f"offers {name}")
                    # what was opened goes, whatever comes under its name
                    path.unlink()
    for taker in people:
        for giver in people:
            if giver is not taker:
                taker.says(f"/accept {giver.nick}", f"/accept {giver.nick}")
    for taker in people:
        for _ in range(4):
            taker.reads(" is here: ")
        assert {name: (taker.folder / name).read_bytes() for name in taker.holds()} == \
            {name: data for (nick, name), data in files.items() if nick == taker.nick}


def test_talk_goes_between(world):
    alice, bob = pair(world)
    path = world.path("long", bytes(24 * MIB))
    alice.says(f"/send bob {path}")
    bob.reads("offers long")
    bob.says("/accept alice")
    alice.reads("25%")
    alice.says("over here")
    assert bob.reads("over here") == "<alice> over here"
    bob.says("I hear you")
    assert alice.reads("I hear you") == "<bob> I hear you"
    bob.reads("long from alice is here")
    assert sha256((bob.folder / "long").read_bytes()) == sha256(bytes(24 * MIB))


def test_who_hosts_gives_and_gets(world):
    port_file = world.folder / "port"
    host = Person(world, None, "boss", "--listen", "--port-file", port_file, f"{HOST}:0")
    wait_until(lambda: port_file.exists() and port_file.read_text().strip(), 10, "the port")
    bob = Person(world, int(port_file.read_text().split()[0]), "bob")
    bob.reads("you are bob")
    hand_over(host, bob, world.path("f", b"to bob"))
    hand_over(bob, host, world.path("g", b"to boss"))
    assert (bob.folder / "f").read_bytes() == b"to bob"
    assert (host.folder / "g").read_bytes() == b"to boss"


@needs_tls
def test_by_a_shared_secret(world):
    secret = world.path("secret", b"between friends\n")
    secret.chmod(0o600)
    host = our_host(world, "--tls", "--secret", secret)
    alice = Person(world, host.port, "alice", "--tls", "--secret", secret)
    bob = Person(world, host.port, "bob", "--tls", "--secret", secret)
    alice.reads("you are alice")
    bob.reads("you are bob")
    data = random_bytes(MIB)
    hand_over(alice, bob, world.path("f", data))
    assert (bob.folder / "f").read_bytes() == data


def test_home_is_known(world):
    host = our_host(world)
    world.path("f", b"x")
    alice = Person(world, host.port, "alice", env={"HOME": str(world.folder)})
    bob = Person(world, host.port, "bob")
    bob.reads("you are bob")
    alice.reads("you are alice")
    alice.says("/send bob ~/f")
    bob.reads("alice offers f (1 B)")


def test_a_bot_that_sends_and_leaves(world):
    host = our_host(world)
    bob = Person(world, host.port, "bob")
    bob.reads("you are bob")
    data = random_bytes(3 * MIB)
    path = world.path("f", data)
    alice = Person(world, host.port, "alice")
    alice.says(f"/send bob {path}")
    alice.process.stdin.close()
    bob.reads("alice offers f")
    bob.says("/accept alice")
    bob.reads("f from alice is here")
    alice.reads("bob has f: 3 MiB")
    assert alice.process.wait() == 0
    assert (bob.folder / "f").read_bytes() == data


@pytest.mark.waits(31)
def test_a_bot_that_sends_waits_for_an_answer(world):
    """Longer than for a file that has stopped."""
    host = our_host(world)
    bob = Person(world, host.port, "bob")
    bob.reads("you are bob")
    alice = Person(world, host.port, "alice")
    alice.says(f"/send bob {world.path('f', b'x')}")
    alice.process.stdin.close()
    bob.reads("alice offers f")
    time.sleep(31)  # as long as a bot waits for what does not move
    assert alice.process.running()
    bob.says("/accept alice")
    alice.reads("bob has f")
    assert alice.process.wait() == 0


def test_a_bot_whose_file_is_not_taken_ends_with_55(played):
    played.person.says(f"/send alice {__file__}", "/send alice /nowhere/f")
    played.person.process.stdin.close()
    played.hear("/offer alice ")
    played.say("offering 1 alice 5 f", "dropped 1 alice does not want it")
    played.hear("/quit")
    played.say("bye quit")
    assert played.person.reads("for alice: ").endswith(" for alice: alice does not want it")
    played.socket.shutdown(socket.SHUT_WR)
    assert played.person.process.wait() == 55


def test_a_bot_whose_accepted_file_does_not_come_ends_with_18(played):
    played.say("offered 1 alice 5 f")
    played.person.reads("alice offers f")
    played.person.says("/accept alice")
    played.hear("/take 1")
    played.say("dropped 1 alice has left", "bye end")
    played.person.reads("f from alice: alice has left")
    played.socket.shutdown(socket.SHUT_WR)
    assert played.person.process.wait() == 18


def test_who_leaves_says_that_its_file_stays(played):
    played.person.says(f"/send alice {__file__}", "/quit")
    played.hear("/offer alice ")
    played.say("offering 1 alice 5 f")
    played.hear("/quit")
    played.say("bye quit")
    assert played.person.reads("for alice: ").endswith(" for alice: we have left")
    played.socket.shutdown(socket.SHUT_WR)
    assert played.person.process.wait() == 55


def test_a_bot_that_accepts_and_leaves(world):
    alice, bob = pair(world)
    data = random_bytes(3 * MIB)
    alice.says(f"/send bob {world.path('f', data)}")
    bob.reads("alice offers f")
    bob.says("/accept alice")
    status, told = bob.leaves()
    assert status == 0
    assert "f from alice is here: 3 MiB" in told
    assert (bob.folder / "f").read_bytes() == data


# --- what cannot be --------------------------------------------------------------------------------

def test_what_cannot_be_sent(world):
    alice, bob = pair(world)
    os.mkfifo(world.folder / "fifo")
    for path, reason in [("/nowhere/f", "No such file or directory"), (world.folder, "only regular files can be sent"),
                         (world.folder / "fifo", "only regular files can be sent"),
                         ("/dev/zero", "only regular files can be sent"),
                         (world.path(".secret", b"x"), "cannot be offered under that name; give it one without a dot in front")]:
        alice.says(f"/send bob {path}")
        assert alice.reads("/send: ") == f"* /send: {path}: {reason}"
    alice.says(f"/send nobody {world.path('f', b'x')}")
    assert alice.reads("f for nobody") == "* f for nobody: nobody of that name is here"
    alice.says(f"/send alice {world.path('f', b'x')}")
    assert alice.reads("f for alice") == "* f for alice: that is you"
    bob.says("/accept alice")
    assert bob.reads("/accept: ") == "* /accept: alice offers no file"


def test_sizes_are_limited_by_the_receiver(world):
    host = our_host(world)
    alice = Person(world, host.port, "alice")
    bob = Person(world, host.port, "bob", "--max-size", "1K")
    bob.reads("you are bob")
    alice.reads("you are alice")
    alice.says(f"/send bob {world.path('f', bytes(1025))}")
    assert bob.reads("offers f") == "* alice offers f: refused, more than 1 KiB"
    assert alice.reads("f for bob") == "* f for bob: more than 1 KiB"
    hand_over(alice, bob, world.path("f", bytes(1024)))


def test_sizes_are_limited_by_the_host(world):
    alice, bob = pair(world, "--max-size", "1K")
    alice.says(f"/send bob {world.path('f', bytes(1025))}")
    assert alice.reads("f for bob") == "* f for bob: the host passes on at most 1 KiB"
    hand_over(alice, bob, world.path("f", bytes(1024)))


def test_who_is_ignored_offers_nothing(world):
    alice, bob = pair(world)
    bob.says("/ignore alice")
    bob.reads("nothing of alice reaches you")
    alice.says(f"/send bob {world.path('f', b'x')}")
    assert alice.reads("f for bob") == "* f for bob: bob takes no files"
    alice.says(f"/send bob {world.path('g', b'x')}")
    alice.reads("g for bob")
    bob.says("/ignore alice")
    bob.reads("you hear alice again")
    alice.says(f"/send bob {world.path('h', b'x')}")
    assert bob.reads("offers") == "* alice offers h (1 B): /accept alice h"


def test_plain_members_take_none(world):
    alice, _ = pair(world)
    with dial(int(alice.process.argv[-1])) as plain:
        plain.sendall(b"nc\n")
        alice.reads("nc joined")
        alice.says(f"/send nc {world.path('f', b'x')}")
        assert alice.reads("f for nc") == "* f for nc: nc takes no files"
        plain.sendall(b"/offer alice 1 f\n")
        plain.sendall(b"/take 1\nstill here\n")
        alice.reads("<nc> still here")


def test_a_folder_that_has_gone(world):
    alice, bob = pair(world)
    alice.says(f"/send bob {world.path('f', b'x')}")
    bob.reads("offers f")
    bob.folder.rmdir()
    bob.says("/accept alice")
    assert bob.reads("/accept: ") == f"* /accept: {bob.folder}: No such file or directory"
    assert alice.reads("f for bob") == "* f for bob: it cannot be written there"


def test_a_full_disk(world):
    host = our_host(world)
    alice = Person(world, host.port, "alice")

    def no_more_than_64_KiB():
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))

    bob = Person(world, host.port, "bob", preexec_fn=no_more_than_64_KiB)
    bob.reads("you are bob")
    alice.reads("you are alice")
    alice.says(f"/send bob {world.path('f', bytes(MIB))}")
    bob.reads("offers f")
    bob.says("/accept alice")
    assert bob.reads("f from alice: File") == "* f from alice: File too large"
    assert alice.reads("f for bob") == "* f for bob: File too large"
    assert bob.holds() == []
    hand_over(alice, bob, world.path("g", bytes(3000)))


@pytest.mark.parametrize("change, reason", [(lambda f: f.truncate(5), "the file has become shorter"),
                                            (lambda f: f.truncate(7), "the file has grown meanwhile")])
def test_a_file_that_changes(world, change, reason):
    alice, bob = pair(world)
    path = world.path("f", bytes(6))
    alice.says(f"/send bob {path}")
    bob.reads("offers f")
    with path.open("r+b") as f:
        change(f)
    bob.says("/accept alice")
    assert alice.reads(reason) == f"* f for bob: {reason}"
    assert bob.reads(reason) == f"* f from alice: {reason}"
    assert bob.holds() == []


# --- who is lost -----------------------------------------------------------------------------------

def under_way(world, size=900 * MIB):
    """alice, bob and a file between them that has begun."""
    alice, bob = pair(world)
    path = world.path("long")
    with path.open("wb") as f:
        f.truncate(size)
    alice.says(f"/send bob {path}")
    bob.reads("offers long")
    bob.says("/accept alice")
    wait_until(lambda: [p for p in bob.folder.iterdir() if p.stat().st_size > 0], what="the first bytes")
    return alice, bob


def test_the_sender_is_lost(world):
    alice, bob = under_way(world)
    alice.process.signal(signal.SIGKILL)
    assert bob.reads("long from alice: alice") == "* long from alice: alice is gone"
    assert bob.holds() == []


def test_the_receiver_is_lost(world):
    alice, bob = under_way(world)
    assert re.fullmatch(r"\.long\.[a-z0-9]{8}\.part", bob.holds()[0])
    bob.process.signal(signal.SIGKILL)
    assert alice.reads("long for bob: bob") == "* long for bob: bob is gone"
    assert len(bob.holds()) == 1 and bob.holds()[0].startswith(".long."), "never under its name"


def test_the_host_is_lost(world):
    alice, bob = under_way(world)
    world.processes[0].signal(signal.SIGKILL)
    assert alice.reads("connection is lost") == "* long for bob: the connection is lost"
    assert bob.reads("connection is lost") == "* long from alice: the connection is lost"
    assert bob.process.wait() != 0
    assert bob.holds() == []


def test_the_receiver_ends_in_the_middle(world):
    alice, bob = under_way(world)
    bob.process.signal(signal.SIGTERM)
    bob.process.wait()
    assert bob.holds() == []
    alice.reads("long for bob: bob is gone")
    alice.says("still here")
    alice.reads("<alice> still here")


# --- hostile senders -------------------------------------------------------------------------------

@pytest.fixture
def bob_and(world, raw):
    """(bob, a hostile member)"""
    host = our_host(world)
    bob = Person(world, host.port, "bob")
    bob.reads("you are bob")
    return bob, raw(host.port, "mallory")


def taken(bob, mallory, size, name="f"):
    number = mallory.offers("bob", size, name)
    giver = bob.reads(" offers ").split()[1]
    bob.says(f"/accept {giver}")
    assert mallory.hear("take ") == f"take {number}"
    bob.reads("accepted")
    return number


def ended(bob, mallory, reason):
    assert bob.reads("f from mallory") == f"* f from mallory: {reason}"
    assert mallory.hear("dropped ").split(" ", 2)[2] == reason
    assert bob.holds() == []
    # and nothing else has ended
    mallory.say("hello")
    assert bob.reads("<mallory>") == "<mallory> hello"


def test_another_digest(bob_and):
    bob, mallory = bob_and
    n = taken(bob, mallory, 6)
    mallory.data(n, b"danger")
    mallory.say(f"/done {n} {sha256(b'benign')}")
    ended(bob, mallory, "another digest: it was changed on its way")


def test_more_than_was_offered(bob_and):
    bob, mallory = bob_and
    n = taken(bob, mallory, 3)
    mallory.data(n, b"abcd")
    ended(bob, mallory, "a line of mallory was out of turn")


def test_less_than_was_offered(bob_and):
    bob, mallory = bob_and
    n = taken(bob, mallory, 4000)
    mallory.data(n, bytes(3000))
    mallory.say(f"/done {n} {sha256(bytes(3000))}")
    ended(bob, mallory, "a line of mallory was out of turn")


@pytest.mark.parametrize("data", ["A", "AAA", "====", "AAAA BBBB", "\x1b[2J", base64.b64encode(bytes(3003)).decode(),
                                  "AAAA" * 100])
def test_what_is_no_data(bob_and, data):
    bob, mallory = bob_and
    n = taken(bob, mallory, 100_000)
    mallory.say(f"/data {n} {data}")
    ended(bob, mallory, "a line of mallory was out of turn")


def test_a_line_without_data_is_a_mistake_in_speaking(bob_and):
    bob, mallory = bob_and
    n = taken(bob, mallory, 3)
    mallory.say(f"/data {n}")
    mallory.hear("refused ")
    mallory.data(n, b"abc")
    mallory.say(f"/done {n} {sha256(b'abc')}")
    mallory.hear("kept ")


def test_the_sender_cannot_take_for_others(bob_and):
    bob, mallory = bob_and
    number = mallory.offers("bob", 3)
    bob.reads("mallory offers")
    mallory.say(f"/take {number}")
    ended(bob, mallory, "a line of mallory was out of turn")


def test_more_than_the_window(bob_and):
    bob, mallory = bob_and
    n = taken(bob, mallory, 10 * MIB)
    bob.process.signal(signal.SIGSTOP)
    try:
        for _ in range(WINDOW // PIECE + 1):
            mallory.data(n, bytes(PIECE))
        assert mallory.hear("dropped ") == f"dropped {n} a line of mallory was out of turn"
    finally:
        bob.process.signal(signal.SIGCONT)
    bob.reads("f from mallory: a line of mallory was out of turn")
    assert bob.holds() == []


@pytest.mark.parametrize("name, stored", [
    ("../../evil", "evil"), ("/etc/evil", "evil"), ("..\\..\\evil", "evil"), ("a\x1b[31mb", "a_x1b[31mb"),
    ("gnp\u202egpj.exe", "gnp_u{202e}gpj.exe"), ("a\udcffb", "a_xffb"), ("\u6f22\u5b57.txt", "\u6f22\u5b57.txt"),
    ("x" * 255, "x" * 255)])
def test_names(bob_and, world, name, stored):
    bob, mallory = bob_and
    before = sorted(os.listdir(world.folder))
    n = taken(bob, mallory, 1, name)
    mallory.data(n, b"x")
    mallory.say(f"/done {n} {sha256(b'x')}")
    mallory.hear("kept ")
    assert bob.holds() == [stored]
    assert sorted(os.listdir(world.folder)) == before


@pytest.mark.parametrize("name", [".bashrc", "..", "-", "a/", "x" * 256, "x" * 4000])
def test_names_that_are_none(bob_and, name):
    _, mallory = bob_and
    mallory.say(f"/offer bob 1 {name}")
    assert mallory.hear("dropped ", "offering ", "refused ") == "dropped 0 that is no name for a file"


def test_lines_about_others_files_mean_nothing(bob_and, raw):
    bob, mallory = bob_and
    carol = raw(mallory.socket.getpeername()[1], "carol")
    n = taken(bob, carol, 6)
    carol.data(n, b"abc" * 2)
    mallory.say(f"/data {n} AAAA", f"/drop {n} haha", f"/done {n} {sha256(b'')}", f"/kept {n}", f"/taken {n} 1", f"/take {n}",
                "after it")
    bob.reads("<mallory> after it")
    carol.say(f"/done {n} {sha256(b'abcabc')}")
    assert carol.hear("kept ", "dropped ") == f"kept {n}"


@pytest.mark.waits(10)
def test_a_flood_of_file_lines_holds_nobody_up(bob_and, raw, world):
    """Those about an offer that is over or another's are talk, once there are more than may have been on their way."""
    bob, mallory = bob_and
    carol = raw(mallory.socket.getpeername()[1], "carol")
    mallory.offers("bob", 1)
    before = world.processes[0].status_field("VmRSS") if LINUX else 0
    mallory.socket.sendall(b"/data 99 AAAA\n/take 7\n/drop 3 x\n" * 200)
    carol.say("am I heard?")
    bob.reads("<carol> am I heard?")
    assert "slowly" in mallory.hear("notice ")
    assert mallory.hear("bye ").startswith("bye out you were read slowly")
    bob.reads("mallory left (put out: flooding)")
    if LINUX and not SANITIZE:
        assert world.processes[0].status_field("VmRSS") < before + 2048


def test_file_lines_without_a_file_are_talk(bob_and):
    bob, mallory = bob_and
    mallory.say(*["/data 99 AAAA"] * 25, "I talked too much")
    assert "slowly" in mallory.hear("notice ")
    bob.reads("<mallory> I talked too much")


def test_offers_without_number(bob_and):
    bob, mallory = bob_and
    for i in range(4):
        mallory.offers("bob", 1, f"f{i}")
    mallory.say("/offer bob 1 f5")
    assert mallory.hear("dropped ", "offering ") == "dropped 0 4 of your offers to bob are under way already"
    bob.reads("offers f3")
    mallory.say("hello")
    assert bob.reads("mallory") == "<mallory> hello"


# --- hostile receivers -----------------------------------------------------------------------------

@pytest.fixture
def alice_and(world, raw):
    host = our_host(world)
    alice = Person(world, host.port, "alice")
    alice.reads("you are alice")
    return alice, raw(host.port, "mallory"), host


def given(world, alice, mallory, size=10 * MIB):
    path = world.path("f")
    with path.open("wb") as f:
        f.truncate(size)
    alice.says(f"/send mallory {path}")
    return int(mallory.hear("offered ").split()[1])


def test_a_receiver_that_never_acknowledges(world, alice_and):
    alice, mallory, _ = alice_and
    n = given(world, alice, mallory)
    mallory.say(f"/take {n}")
    got = sum(len(base64.b64decode(mallory.hear("data ").split()[2])) for _ in range(WINDOW // PIECE))
    assert got == WINDOW // PIECE * PIECE
    alice.says("I can still talk")
    # nothing of the file comes before it
    assert mallory.hear("data ", "message ").endswith("I can still talk")
    mallory.say(f"/taken {n} {got}")
    mallory.hear(f"data {n} ")


def test_a_receiver_that_never_reads(world, alice_and, raw):
    alice, mallory, host = alice_and
    stuck = raw(host.port, "stuck", rcvbuf=4096)
    path = world.path("f", bytes(MIB))
    for _ in range(4):
        alice.says(f"/send stuck {path}")
        stuck.hear("offered ")
    stuck.say("/take 1", "/take 2", "/take 3", "/take 4")
    alice.reads("stuck takes f")
    n = given(world, alice, mallory)
    mallory.say(f"/take {n}")
    # four are being taken already: it waits, and the room does not
    alice.says("hello")
    mallory.hear("message ")
    stuck.close()
    mallory.hear(f"data {n} ")


@pytest.mark.parametrize("line", ["/kept {n}", "/take {n}", "/taken {n} 99999999", "/taken {n} 0", "/taken {n} 1",
                                  "/data {n} AAAA", "/done {n} " + sha256(b"")])
def test_a_receiver_out_of_turn(world, alice_and, line):
    alice, mallory, _ = alice_and
    n = given(world, alice, mallory)
    mallory.say(f"/take {n}")
    mallory.hear(f"data {n} ")
    mallory.hear(f"data {n} ")
    mallory.say(line.format(n=n))
    assert alice.reads("f for mallory") == "* f for mallory: a line of mallory was out of turn"
    assert mallory.hear("dropped ") == f"dropped {n} a line of mallory was out of turn"
    n = given(world, alice, mallory, 3)
    mallory.say(f"/take {n}")
    mallory.hear(f"data {n} ")


def test_reasons_are_made_harmless(world, alice_and):
    alice, mallory, _ = alice_and
    n = given(world, alice, mallory)
    mallory.say(f"/drop {n} no\x1b[2J \u202eyaw\r")
    assert alice.reads("f for mallory") == "* f for mallory: no\\x1b[2J \\u{202e}yaw"


# --- hostile hosts ---------------------------------------------------------------------------------

def test_names_of_a_hostile_host(world, played):
    before = sorted(os.listdir(world.folder))
    for number, name in enumerate(["../../../tmp/evil", "/etc/evil", "a\\evil"], 1):
        played.say(f"offered {number} mallory 1 {name}")
        assert played.person.reads("offers") == "* mallory offers evil (1 B): /accept mallory evil"
        played.person.says("/accept mallory")
        assert played.hear("/take") == f"/take {number}"
        played.gives(number, b"x")
        played.say(f"done {number} {sha256(b'x')}")
        played.hear(f"/kept {number}")
    assert played.person.holds() == ["evil", "evil.1", "evil.2"]
    assert sorted(os.listdir(world.folder)) == before
    played.say("offered 9 mallory 1 .bashrc")
    assert played.hear("/drop") == "/drop 9 its name cannot be used"


def test_nothing_is_written_before_it_is_accepted(played):
    played.say("offered 1 mallory 3 f")
    played.person.reads("offers f")
    played.gives(1, b"abc")
    assert played.hear("/drop").startswith("/drop 1 ")
    assert played.person.holds() == []
    played.gives(1, b"abc")
    played.say(f"done 1 {sha256(b'abc')}", "notice well?")
    played.person.reads("well?")
    assert played.person.holds() == []


@pytest.mark.parametrize("lines, reason", [
    (["data 1 YWJjZA=="], "more came than was offered"),
    (["data 1 YWI=", "done 1 " + sha256(b"ab")], "less came than was offered"),
    (["data 1 YWJj", "done 1 " + sha256(b"abd")], "another digest: it was changed on its way"),
    (["data 1 YWJj", "done 1 " + sha256(b"abc").upper()], "another digest: it was changed on its way"),
    (["data 1 !!!!"], "what came is no data"),
    (["taken 1 5"], "the host's word about it was out of turn"),
    (["kept 1"], "the host's word about it was out of turn"),
])
def test_a_host_that_lies(played, lines, reason):
    played.say("offered 1 mallory 3 f")
    played.person.reads("offers f")
    played.person.says("/accept mallory f")
    played.hear("/take 1")
    played.say(*lines)
    assert played.hear("/drop") == f"/drop 1 {reason}"
    assert played.person.reads("f from mallory: " + reason)
    assert played.person.holds() == []


def test_a_host_that_wants_more_than_it_takes(world, played):
    path = world.path("f")
    with path.open("wb") as f:
        f.truncate(MIB)
    played.person.says(f"/send mallory {path}")
    played.hear(f"/offer mallory {MIB} f")
    played.say(f"offering 1 mallory {MIB} f", "take 1")
    for _ in range(WINDOW // PIECE):
        played.hear("/data 1 ")
    played.person.says("nothing between")
    played.hear("nothing between")
    played.say(f"taken 1 {MIB}")
    assert played.hear("/drop") == "/drop 1 the host's word about it was out of turn"


def test_a_host_takes_nothing_that_was_not_offered(world, played):
    played.say("offering 1 mallory 5 passwd", "take 1", "take 2", "offered 3 mallory 5 x", "take 3")
    assert played.hear("/") == "/drop 3 the host's word about it was out of turn"


@needs_linux
def test_a_host_that_offers_without_end(played):
    for number in range(1, 601):
        played.say(f"offered {number} mallory 1 {number}")
    dropped = [played.hear("/drop") for _ in range(600 - 8)]
    assert dropped[0] == "/drop 9 too many are offered already"
    assert len(os.listdir(f"/proc/{played.person.process.pid}/fd")) < 20
    played.person.says("/accept mallory")
    assert played.hear("/take") == "/take 1"
