# SPDX-License-Identifier: MIT
"""serve under load that lasts, about a minute in all: SOCKUTIL_SOAK=10 makes ten minutes of it, 0.1 a short look.

Holds: with many connections held and many that come and go, through a responder and through a forward, some ended by
resets, every answer comes, descriptors return to exactly what they were, memory does not grow with the number of
connections, idle connections cost no time; a server that has no descriptors left waits without spinning and goes on.
"""
import os
import pathlib
import random
import resource
import select
import socket
import threading
import time

import pytest

from harness import HOST, PATIENCE, SANITIZE, dial, exchange, needs_linux, read_exactly, reset, wait_until

pytestmark = [needs_linux, pytest.mark.timeout(900)]
SCALE = float(os.environ.get("SOCKUTIL_SOAK", "1"))
SECONDS = 12 * SCALE
EACH_SECOND = 200
HELD = int(os.environ.get("SOCKUTIL_SOAK_HELD", "1000"))


def descriptors(process):
    """What each open descriptor is; one may be closed between the two looks."""
    found = []
    for entry in pathlib.Path(f"/proc/{process.pid}/fd").iterdir():
        try:
            found.append(os.readlink(entry))
        except FileNotFoundError:
            pass
    return sorted(found)


def sockets(process):
    return sum(d.startswith("socket:") for d in descriptors(process))


class Rest:
    """What a server has open while nobody is there. Pipes for splice are kept for the next: a few, and no more of them
    with more connections."""
    SPARE = 2 * 4

    def __init__(self, process, port):
        self.process, self.sockets = process, sockets(process)
        self.others = self.kinds()
        assert exchange(port, b"first") in (b"first", b"first\n")
        self.again()

    def kinds(self):
        return [d for d in descriptors(self.process) if not d.startswith(("socket:", "anon_inode:", "pipe:"))]

    def pipes(self):
        return sum(d.startswith("pipe:") for d in descriptors(self.process))

    def again(self):
        """Waits until the process has what it had."""
        wait_until(lambda: sockets(self.process) == self.sockets, 30, f"{self.sockets} sockets")
        assert self.kinds() == self.others and self.pipes() <= self.SPARE + 2


def memory(process):
    """Resident KiB that are the process's own."""
    text = pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(("Private_Dirty:", "Private_Clean:")))


def room_for(count):
    """Descriptors for that many connections, as many as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count and hard >= count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= count


def visit(port, number):
    """One short connection, ended in one of the ways in which clients end: what went wrong, or None."""
    word = b"visitor %d " % number * random.choice((1, 1, 50, 2000))
    way = random.choice(("close", "half", "half", "reset", "nothing"))
    try:
        with dial(port, timeout=20) as s:
            if way == "nothing":
                return None
            s.sendall(word)
            if way == "reset":
                if random.random() < 0.5:
                    s.recv(1)
                reset(s)
                return None
            if way == "half":
                s.shutdown(socket.SHUT_WR)
            got = read_exactly(s, len(word))
            if got != word:
                return f"{len(got)} of {len(word)} bytes came back"
            if way == "half" and s.recv(1) != b"":
                return "no end after the last byte"
    except OSError as error:
        return f"{way}: {error!r}"
    return None


class Visitors:
    """Connections at a steady rate, by a few threads; .wrong lists what went wrong."""

    def __init__(self, port, seconds):
        self.wrong, self.count, self.port = [], 0, port
        self.end, self.start, self.lock = time.monotonic() + seconds, time.monotonic(), threading.Lock()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(8)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while time.monotonic() < self.end and len(self.wrong) < 10:
            with self.lock:
                number, self.count = self.count, self.count + 1
            wait = self.start + number / EACH_SECOND - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            wrong = visit(self.port, number)
            if wrong:
                self.wrong.append(wrong)

    def join(self):
        for thread in self.threads:
            thread.join(self.end - time.monotonic() + 60 * PATIENCE)
        assert not any(t.is_alive() for t in self.threads), "a visitor is stuck"


def start(world, kind):
    """(what is watched, its port, everything that was started)"""
    echo = world.serve("-q", "--responder", "echo", "--max-conns", 4 * HELD + 100)
    if kind == "echo":
        return echo, echo.port
    front = world.serve("-q", "--forward", f"{HOST}:{echo.port}", "--max-conns", 4 * HELD + 100)
    return front, front.port


def memory_stays(server, rest, port, held):
    """Visitors for SECONDS in all, in three rounds: a leak grows with each of them, a heap that is cut up does not."""
    grown = []
    for _ in range(3):
        before, visitors = memory(server), Visitors(port, SECONDS / 3)
        visitors.join()
        assert visitors.wrong == [], server.err
        assert visitors.count > EACH_SECOND * SECONDS / 3 / (20 if SANITIZE else 3), "the visitors were not many"
        wait_until(lambda: sockets(server) == rest.sockets + held, 30, "the visitors' end")
        grown.append(memory(server) - before)
    # 64 KiB a 100,000 connections, and a few pages that only now are used
    assert SANITIZE or min(grown) <= 16 + 64 * visitors.count / 100_000, f"KiB more in each round: {grown}"


@pytest.mark.parametrize("kind", ["echo", "forward"])
def test_many_held_and_many_that_come_and_go(world, kind):
    if not room_for(3 * HELD + 200):
        pytest.skip(f"no descriptors for {HELD} connections")
    server, port = start(world, kind)
    rest = Rest(server, port)
    held = []
    try:
        for n in range(HELD):
            s = dial(port)
            held.append(s)
            s.sendall(b"%06d" % n)
        for n, s in enumerate(held):
            assert read_exactly(s, 6) == b"%06d" % n
        warm = Visitors(port, SECONDS / 6)
        warm.join()
        assert warm.wrong == []
        wait_until(lambda: sockets(server) == rest.sockets + (HELD if kind == "echo" else 2 * HELD), 30, "the visitors' end")
        memory_stays(server, rest, port, HELD if kind == "echo" else 2 * HELD)
        used = server.cpu()
        time.sleep(1)
        assert server.cpu() - used <= 0.03 * PATIENCE, "idle connections cost time"
        for n, s in enumerate(held):
            s.sendall(b"%06d" % (n + 7))
        for n, s in enumerate(held):
            assert read_exactly(s, 6) == b"%06d" % (n + 7)
        for s in held[::2]:
            s.shutdown(socket.SHUT_WR)
            assert s.recv(1) == b""
        for s in held[1::2]:
            reset(s)
    finally:
        for s in held:
            s.close()
    rest.again()
    assert exchange(port, b"last") == b"last"


def few_descriptors(count):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


@pytest.mark.parametrize("kind", ["echo", "forward", "files"])
def test_without_descriptors_it_waits_and_goes_on(world, kind):
    """32 descriptors and 1000 connections: those inside are served, the others wait, nothing spins; when there is room again
    everybody gets in."""
    if not room_for(1300):
        pytest.skip("no descriptors for 1000 connections")
    question, answer = b"ask", b"ask"
    if kind == "echo":
        server = world.serve("--responder", "echo", preexec_fn=few_descriptors(32))
    elif kind == "forward":
        echo = world.serve("-q", "--responder", "echo", "--max-conns", 1200)
        server = world.serve("--forward", f"{HOST}:{echo.port}", preexec_fn=few_descriptors(32))
    else:
        root = world.folder / "root"
        root.mkdir()
        (root / "f").write_bytes(b"a file")
        server = world.serve("--files", root, "--handshake-timeout", "60s", preexec_fn=few_descriptors(32))
        question, answer = b"GET /f HTTP/1.1\r\nHost: x\r\n\r\n", b"a file"
    empty = sockets(server)
    guests, crowd = [dial(server.port) for _ in range(3)], []
    try:
        for guest in guests:
            has_answer(guest, question, answer)
        for _ in range(1000):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex((HOST, server.port))
            crowd.append(s)
        wait_until(lambda: len(descriptors(server)) >= 20, what="a full house")
        used = server.cpu()
        time.sleep(1)
        assert server.cpu() - used <= 0.05 * PATIENCE, "it spins"
        assert len(descriptors(server)) <= 32
        for guest in guests:
            has_answer(guest, question, answer)
        assert ask_all(crowd, question) >= 2, "those inside are not answered"
        used = server.cpu()
        time.sleep(0.5)
        assert server.cpu() - used <= 0.05 * PATIENCE, "it spins after having answered"
    finally:
        for s in guests + crowd:
            s.close()
    wait_until(lambda: sockets(server) == empty, 30, "everybody's end")
    for _ in range(50):
        with dial(server.port) as s:
            has_answer(s, question, answer)


def has_answer(s, question, answer):
    s.sendall(question)
    got = b""
    while not got.endswith(answer):
        piece = s.recv(4096)
        assert piece, got
        got += piece
        assert b"503" not in got, got


def ask_all(crowd, question):
    """Asks on every connection that is there; whether five are answered, even if by a word that there is no room."""
    poller, answered = select.poll(), set()
    for s in crowd:
        try:
            s.send(question)
            poller.register(s, select.POLLIN)
        except OSError:
            pass
    end = time.monotonic() + 3 * PATIENCE
    while time.monotonic() < end and len(answered) < 5:
        for descriptor, _ in poller.poll(200):
            poller.unregister(descriptor)
            s = next(s for s in crowd if s.fileno() == descriptor)
            try:
                if s.recv(4096):
                    answered.add(descriptor)
            except OSError:
                pass
    return len(answered)


def test_programs_that_come_and_go_leave_nothing(world):
    """No zombie, no descriptor, no memory; the process group is gone with its connection."""
    server = world.serve("-q", "--max-children", "400", "--shell", "cat; exit 3")
    rest = Rest(server, server.port)
    count = int(300 * min(1, SCALE)) + 50

    def one(n):
        try:
            with dial(server.port) as s:
                s.sendall(b"x%d" % n)
                if n % 3 == 0:
                    reset(s)
                    return
                s.shutdown(socket.SHUT_WR)
                got = s.recv(100)
                if got != b"x%d" % n:
                    wrong.append(got)
        except OSError as error:
            wrong.append(error)
    wrong = []
    for begin in range(0, count, 8):
        threads = [threading.Thread(target=one, args=(n,), daemon=True) for n in range(begin, begin + 8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30 * PATIENCE)
            assert not thread.is_alive(), "a client is stuck"
    assert wrong == [], server.err
    children = pathlib.Path(f"/proc/{server.pid}/task/{server.pid}/children")
    wait_until(lambda: children.read_text() == "", what="every program's end")
    rest.again()
