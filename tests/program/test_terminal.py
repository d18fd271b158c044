# SPDX-License-Identifier: MIT
"""connect on a terminal: what is typed goes out, ^D is an end, ^C ends it, the terminal is left as it was, progress is
drawn and wiped."""
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import termios
import time
import tty

import pytest

from harness import (HOST, PATIENCE, PROGRAM, unused_port, needs, needs_linux, random_bytes, read_exactly, read_to_end,
                     sane_environment, wait_until)


class Terminal:
    """A program whose controlling terminal is ours to type into."""

    def __init__(self, world, *words, raw=False, out=None, env=None):
        self.master, slave = pty.openpty()
        if raw:
            tty.setraw(slave)
        self.before = termios.tcgetattr(slave)

        def own():
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        self.process = world.sockutil(*words, stdin=slave, stdout=slave if out is None else out, stderr=slave,
                                      preexec_fn=own, env=env)
        self.slave = slave
        self.seen = b""

    def type(self, data):
        os.write(self.master, data)

    def see(self, token, timeout=10):
        end = time.monotonic() + timeout * PATIENCE
        while token not in self.seen:
            assert select.select([self.master], [], [], max(0, end - time.monotonic()))[0], \
                f"{token!r} not seen: {self.seen!r}"
            self.seen += os.read(self.master, 65536)
        return self.seen

    def finish(self, timeout=10):
        """The status; everything shown is then in .seen"""
        end = time.monotonic() + timeout * PATIENCE
        while self.process.running() or select.select([self.master], [], [], 0)[0]:
            assert time.monotonic() < end, f"still running: {self.seen!r}"
            if select.select([self.master], [], [], 0.05)[0]:
                self.seen += os.read(self.master, 65536)
        return self.process.wait()

    def close(self):
        os.close(self.slave)
        os.close(self.master)


@pytest.fixture
def terminal(world):
    opened = []

    def make(*words, **how):
        opened.append(Terminal(world, *words, **how))
        return opened[-1]
    try:
        probe = pty.openpty()
    except OSError:
        pytest.skip("no pseudo-terminals here")
    for fd in probe:
        os.close(fd)
    yield make
    for t in opened:
        t.process.stop()
        t.close()


def echoing(s):
    got = b""
    while True:
        piece = s.recv(1000)
        if not piece:
            return got
        got += piece
        s.sendall(b"<" + piece.strip() + b">")


def test_a_typed_line_goes_out_and_control_d_is_the_end(world, terminal):
    peer = world.peer(echoing)
    t = terminal("connect", HOST, peer.port)
    t.type(b"hello\n")
    t.see(b"<hello>")
    t.type(b"again\n")
    t.see(b"<again>")
    t.type(b"\x04")
    assert t.finish() == 0
    assert peer.result() == b"hello\nagain\n"


def test_every_byte_is_shown_before_the_end(world, terminal):
    """A terminal takes bytes slowly: leaving early would lose the last of them."""
    data = bytes(b % 64 + 48 for b in random_bytes(300_000))
    peer = world.peer(lambda s: s.sendall(data))
    t = terminal("connect", "--recv-only", HOST, peer.port, raw=True)
    assert t.finish(30) == 0
    assert t.seen == data


@needs_linux
def test_the_terminal_is_left_as_it_was(world, terminal):
    peer = world.peer(echoing)
    t = terminal("connect", HOST, peer.port)
    t.type(b"x\n")
    t.see(b"<x>")
    for number in (0, 1, 2):
        info = pathlib.Path(f"/proc/{t.process.pid}/fdinfo/{number}").read_text()
        flags = int(re.search(r"flags:\s*(\d+)", info).group(1), 8)
        assert not flags & os.O_NONBLOCK
    assert not fcntl.fcntl(t.slave, fcntl.F_GETFL) & os.O_NONBLOCK
    t.type(b"\x04")
    assert t.finish() == 0
    assert termios.tcgetattr(t.slave) == t.before


def test_control_c_ends_it(world, terminal):
    peer = world.peer(read_to_end)
    t = terminal("connect", HOST, peer.port)
    t.type(b"x\n")
    wait_until(lambda: peer.current is not None, what="the connection")
    t.type(b"\x03")
    assert t.finish() == 128 + signal.SIGINT


def test_control_c_is_left_to_others_when_asked(world, terminal):
    peer = world.peer(echoing)
    t = terminal("connect", "--ignore-int", HOST, peer.port)
    t.type(b"one\n")
    t.see(b"<one>")
    t.type(b"\x03")
    t.type(b"two\n")
    t.see(b"<two>")
    t.type(b"\x04")
    assert t.finish() == 0


def test_the_prompt_is_shown_and_the_reply_labelled(world, terminal):
    peer = world.peer(echoing)
    t = terminal("connect", HOST, peer.port, "--prompt", "请输入信息:", "--reply-label", "from sever message: ")
    t.see("请输入信息:".encode())
    t.type("你好\n".encode())
    t.see("from sever message: <你好>".encode())
    t.type(b"\n")
    assert t.finish() == 0
    assert peer.result() == "你好".encode()


def test_only_a_terminal_is_coloured(world, terminal):
    for words, env, coloured in (([], {"TERM": "xterm"}, True), (["--color", "never"], {"TERM": "xterm"}, False),
                                 ([], {"TERM": "xterm", "NO_COLOR": "1"}, False)):
        t = terminal("connect", *words, HOST, unused_port(), env=env)
        assert t.finish() == 7
        assert (b"\x1b[" in t.seen) == coloured, t.seen


def test_what_a_peer_puts_into_a_message_is_masked(world, terminal):
    """Its bytes on stdout are the user's business; in a message they are ours."""
    peer = world.peer(lambda s: s.sendall(b"\x1b[31mraw"))
    read_end, write_end = os.pipe()
    t = terminal("connect", "--hex", "-", "--recv-only", HOST, peer.port, out=write_end,
                 env={"NO_COLOR": "1"})
    os.close(write_end)
    assert t.finish() == 0
    assert b"1b 5b 33 31 6d" in t.seen and b"\x1b" not in t.seen
    assert os.read(read_end, 100) == b"\x1b[31mraw"
    os.close(read_end)


# --- a whole screen -----------------------------------------------------------------------------

class Screen:
    """tmux with a server of its own: what a person would see."""

    def __init__(self, world, command):
        self.tmux = ["tmux", "-f", "/dev/null", "-S", str(world.path("tmux"))]
        self.env = sane_environment({"TERM": "xterm", "TMUX": None, "PROGRAM": PROGRAM})
        self.run("new-session", "-d", "-x", "80", "-y", "24", f"{command}; echo \"ended with $?\"; exec cat")

    def run(self, *words):
        return subprocess.run([*self.tmux, *words], env=self.env, check=True, capture_output=True,
                              timeout=20).stdout.decode()

    def text(self):
        return self.run("capture-pane", "-p")

    def close(self):
        self.run("kill-server")


@needs("tmux")
def test_progress_is_drawn_moves_and_leaves_a_clean_line(world):
    go = []

    def talk(s):
        got = read_exactly(s, 1 << 20)
        wait_until(lambda: go, 30, "the test")
        while True:
            piece = s.recv(1 << 16)
            if not piece:
                return len(got)
            got += piece
    peer = world.peer(talk, rcvbuf=1 << 18)
    path = world.path("in", random_bytes(16 << 20))
    screen = Screen(world, f'"$PROGRAM" connect --progress --input {path} {HOST} {peer.port}')
    try:
        shown = wait_until(lambda: re.search(r"\d+(\.\d+)?\s*%", screen.text()) and screen.text(), what="the bar")
        lines = [line for line in shown.splitlines() if "%" in line]
        assert len(lines) == 1 and len(lines[0]) <= 80
        go.append(True)
        wait_until(lambda: "ended with" in screen.text(), 60, what="the end")
        text = screen.text()
        assert "ended with 0" in text
        assert any(line.strip().startswith("ended with 0") for line in text.splitlines()), text
    finally:
        screen.close()
    assert peer.result() == 16 << 20


@needs("tmux")
def test_a_message_does_not_mix_with_the_bar(world):
    peer = world.peer(lambda s: (read_exactly(s, 100_000), select.select([], [], [], 0.6)), rcvbuf=1 << 16)
    path = world.path("in", random_bytes(32 << 20))
    screen = Screen(world, f'"$PROGRAM" connect --progress --input {path} {HOST} {peer.port}')
    try:
        wait_until(lambda: "ended with" in screen.text(), 30, what="the end")
        text = screen.text()
    finally:
        screen.close()
    assert "ended with 55" in text
    message = [line for line in text.splitlines() if line.startswith("sockutil connect: ")]
    assert message, text
    assert "%" not in message[0]
