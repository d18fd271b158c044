# SPDX-License-Identifier: MIT
"""Lines edited on real terminals (tmux): typing while lines come in, narrow windows, wide characters, resizing, pastes,
history, the keys that stop and end; the terminal is left as it was, whatever ends the program."""
import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import time

import pytest

from harness import (HOST, PATIENCE, PROGRAM, dial, unused_port, needs, needs_linux, sane_environment, wait_until)

pytestmark = needs("tmux")


@pytest.fixture(autouse=True)
def sanitizers_are_silent(world, monkeypatch):
    """What they say would go to the windows and away with them."""
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        monkeypatch.setenv(name, f"exitcode=99:log_path={world.path('sanitizer')}")
    yield
    said = [path.read_text() for path in world.folder.glob("sanitizer.*")]
    assert not said, said


class Window:
    """tmux with a server of its own: what a person sees of a command, and the keys of one."""

    def __init__(self, world, name, command, columns=80, rows=24, env=None):
        self.tmux = ["tmux", "-u", "-f", "/dev/null", "-S", str(world.path(f"tmux.{name}"))]
        self.world, self.pastes = world, 0
        self.env = sane_environment({"TERM": "xterm-256color", "TMUX": None, "PROGRAM": PROGRAM, "LC_ALL": "C.UTF-8",
                                     "EDITRC": "/dev/null", **(env or {})})
        self.run("new-session", "-d", "-x", str(columns), "-y", str(rows), command)

    def run(self, *words, data=None):
        return subprocess.run([*self.tmux, *words], env=self.env, check=True, capture_output=True, timeout=20,
                              input=data).stdout.decode()

    def rows(self):
        """Those that hold something, from the top."""
        return self.run("capture-pane", "-p").rstrip("\n").split("\n")

    def cursor(self):
        """Column and row."""
        return tuple(map(int, self.run("display-message", "-p", "#{cursor_x} #{cursor_y}").split()))

    def keys(self, *names):
        self.run("send-keys", *names)

    def type(self, text):
        self.run("send-keys", "-l", text)

    def paste(self, text):
        """As a terminal does it that was asked for brackets."""
        self.pastes += 1
        path = self.world.path(f"paste.{self.pastes}", text if isinstance(text, bytes) else text.encode())
        self.run("load-buffer", str(path))
        self.run("paste-buffer", "-p", "-r", "-d")

    def resize(self, columns, rows=24):
        """Done when the program can know of it: tmux draws at once and tells a moment later."""
        self.run("resize-window", "-x", str(columns), "-y", str(rows))
        path = self.run("display-message", "-p", "#{pane_tty}").strip()

        def told():
            with open(path, "rb", buffering=0) as tty:
                return struct.unpack("HHHH", fcntl.ioctl(tty, termios.TIOCGWINSZ, bytes(8)))[1] == columns
        wait_until(told, what="the window's new size")

    def see(self, *rows, cursor=None):
        """Exactly these rows, and the cursor there."""
        def same():
            return self.rows() == list(rows) and (cursor is None or self.cursor() == cursor)
        try:
            wait_until(same, what="the screen")
        except AssertionError:
            raise AssertionError(f"seen {self.rows()} with the cursor at {self.cursor()}, "
                                 f"not {list(rows)} {cursor}") from None

    def see_text(self, text):
        try:
            return wait_until(lambda: text in "\n".join(self.rows()), what=repr(text))
        except AssertionError:
            raise AssertionError(f"{text!r} is not in {self.rows()}") from None

    def close(self):
        try:
            self.run("kill-server")
        except subprocess.SubprocessError:
            pass


@pytest.fixture
def window(world):
    opened = []

    def make(command, **how):
        opened.append(Window(world, len(opened), command, **how))
        return opened[-1]
    yield make
    for w in opened:
        w.close()


class Other:
    """The other end of a connection: what it got, and what it says."""

    def __init__(self, world):
        self.got, self.socket = b"", None
        self.peer = world.peer(self._talk)
        self.port = self.peer.port

    def _talk(self, s):
        self.socket = s
        while piece := s.recv(65536):
            self.got += piece

    def say(self, data):
        wait_until(lambda: self.socket, what="the connection")
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def hear(self, data):
        data = data.encode() if isinstance(data, str) else data
        wait_until(lambda: self.got == data, what=f"{data!r}, not {self.got[-100:]!r}")


@pytest.fixture
def edited(world, window):
    """connect --edit in a window, connected, and its other end."""
    def make(*options, before="", **how):
        other = Other(world)
        words = " ".join(["--edit", *options, HOST, str(other.port)])
        shown = window(f'{before} "$PROGRAM" connect {words}; echo "ended with $?"; exec cat -v', **how)
        other.say("ready\n")
        shown.see("ready", cursor=(0, 1))
        return shown, other
    return make


# --- typing while lines come in ----------------------------------------------------------------

def test_a_line_goes_out_at_its_end_alone_and_is_shown(edited):
    w, other = edited()
    w.type("hello 你好")
    w.see("ready", "hello 你好", cursor=(10, 1))
    assert other.got == b""
    w.keys("Enter")
    other.hear("hello 你好\n")
    w.see("ready", "hello 你好", cursor=(0, 2))


def test_what_comes_is_shown_above_and_the_cursor_stays(edited):
    w, other = edited()
    w.type("你好 world")
    w.keys("Left", "Left", "Left", "Left", "Left", "Left", "Left")
    w.see("ready", "你好 world", cursor=(2, 1))
    other.say("one\ntwo 好\r\n")
    w.see("ready", "one", "two 好", "你好 world", cursor=(2, 3))
    w.type("们")
    w.keys("Enter")
    other.hear("你们好 world\n")


def test_a_line_that_has_not_ended_is_a_prompt(edited):
    w, other = edited()
    w.type("an")
    other.say("log")
    other.say("in: ")
    w.see("ready", "login: an", cursor=(9, 1))
    w.type("na")
    w.keys("Enter")
    other.hear("anna\n")
    w.see("ready", "login: anna", cursor=(0, 2))
    other.say("welcome\r\n$ ")
    w.see("ready", "login: anna", "welcome", "$", cursor=(2, 3))


def test_controls_of_the_peer_are_shown_and_not_obeyed(edited):
    w, other = edited()
    other.say(b"a\x1b[2Jb\x07\tc\xff\xe2\x80\xae\r\n")
    w.see("ready", r"a\x1b[2Jb\x07   c\xff\u{202e}", cursor=(0, 2))
    other.say(b"\x1b[31mtyped: ")
    w.see("ready", r"a\x1b[2Jb\x07   c\xff\u{202e}", r"\x1b[31mtyped:", cursor=(15, 2))


def test_every_line_of_many_is_shown_once(edited):
    w, other = edited("--quit-after", "1s", rows=24)
    w.type("typed")
    w.run("set-option", "-g", "history-limit", "5000")
    other.say("".join(f"line {n}\n" for n in range(2000)))
    w.see_text("line 1999\ntyped")
    shown = w.run("capture-pane", "-p", "-S", "-").split()
    numbers = [int(n) for n in shown if n.isdigit()]
    assert numbers == sorted(set(numbers)) and numbers[-1] == 1999


def test_nothing_is_torn_while_both_type(edited):
    w, other = edited(columns=24, rows=12)
    text = "你好 one two three 四五六 seven eight"
    for n, c in enumerate(text):
        w.type(c)
        other.say(f"line {n}\n")
    w.see_text(f"line {len(text) - 1}\n你好 one two three 四五\n六 seven eight")
    w.keys("Enter")
    other.hear(text + "\n")


# --- rows ---------------------------------------------------------------------------------------

def test_a_line_over_several_rows_of_a_narrow_window(edited):
    w, other = edited(columns=24)
    w.type("a" * 24)
    w.see("ready", "a" * 24, cursor=(0, 2))
    w.type("bc")
    w.see("ready", "a" * 24, "bc", cursor=(2, 2))
    other.say("x" * 24 + "\nnext\n")
    w.see("ready", "x" * 24, "next", "a" * 24, "bc", cursor=(2, 4))
    w.keys("C-a")
    w.see("ready", "x" * 24, "next", "a" * 24, "bc", cursor=(0, 3))
    other.say("again\n")
    w.see("ready", "x" * 24, "next", "again", "a" * 24, "bc", cursor=(0, 4))
    w.keys("C-e", "BSpace", "BSpace")
    w.see("ready", "x" * 24, "next", "again", "a" * 24, cursor=(0, 5))
    w.keys("Enter")
    other.hear("a" * 24 + "\n")


def test_a_wide_character_never_straddles_two_rows(edited):
    w, other = edited(columns=24)
    w.type("a" * 23 + "你")
    w.see("ready", "a" * 23, "你", cursor=(2, 2))
    w.keys("Left")
    w.see("ready", "a" * 23, "你", cursor=(0, 2))
    w.keys("Left")
    w.see("ready", "a" * 23, "你", cursor=(22, 1))
    w.keys("C-e", "Enter")
    other.hear("a" * 23 + "你\n")


def test_marks_and_emoji(edited):
    w, other = edited(columns=24)
    text = "ne\u0301e 👍 a\u0308x"
    w.type(text)
    w.see("ready", text, cursor=(9, 1))
    w.keys("Left", "Left")
    w.see("ready", text, cursor=(7, 1))
    w.keys("Delete")
    w.see("ready", "ne\u0301e 👍 x", cursor=(7, 1))
    w.keys("BSpace", "BSpace", "BSpace", "Left")
    w.see("ready", "ne\u0301ex", cursor=(2, 1))
    w.keys("Right", "Left", "Left")
    w.see("ready", "ne\u0301ex", cursor=(1, 1))
    w.keys("Enter")
    other.hear("ne\u0301ex\n")


def test_a_cursor_behind_joined_emoji_is_where_the_terminal_has_it(edited):
    w, other = edited()
    w.type("👩\u200d👩\u200d👧x")
    at = wait_until(lambda: w.rows()[-1].endswith("x") and w.cursor(), what="the line")
    w.keys("Left")
    wait_until(lambda: w.cursor() == (at[0] - 1, at[1]), what="the cursor in front of x")
    w.type("y")
    w.keys("Enter")
    other.hear("👩\u200d👩\u200d👧yx\n")


def test_a_line_higher_than_the_window_is_shown_around_the_cursor(edited):
    w, other = edited(columns=24, rows=6)
    text = "".join(f"{n:03}." for n in range(48))
    w.type(text)
    rows = [text[i:i + 24] for i in range(0, len(text), 24)]
    wait_until(lambda: w.rows()[-4:] == rows[-4:], what="the end of it")
    w.keys("C-a")
    wait_until(lambda: w.rows()[-5:] == rows[:5] and w.cursor() == (0, 1), what="its begin")
    other.say("more\n")
    wait_until(lambda: w.rows() == ["more", *rows[:5]], what="what came")
    w.keys("Enter")
    other.hear(text + "\n")


def test_resizing_draws_the_line_anew(edited):
    w, other = edited(columns=40)
    above = [f"line {n}" for n in range(9)]
    other.say("".join(line + "\n" for line in above))
    text = "你好吗abcdefgh你好你好吗吗吗吗0123456789"
    w.type(text)
    w.see("ready", *above, text, cursor=(0, 11))

    def bottom(*rows, column):
        """The typed line with what is above it, wherever the terminal has put both."""
        def same():
            seen, (x, y) = w.rows(), w.cursor()
            return seen[-len(rows) - 1:] == [above[-1], *rows] and (x, y) == (column, len(seen) - 1)
        try:
            wait_until(same, what="the line")
        except AssertionError:
            raise AssertionError(f"seen {w.rows()} with the cursor at {w.cursor()}, not {rows}") from None
    w.resize(17)
    bottom("你好吗abcdefgh你", "好你好吗吗吗吗012", "3456789", column=7)
    w.resize(60)
    bottom(text, column=40)
    w.resize(24)
    bottom("你好吗abcdefgh你好你好吗", "吗吗吗0123456789", column=16)
    other.say("above\n")
    above.append("above")
    bottom("你好吗abcdefgh你好你好吗", "吗吗吗0123456789", column=16)
    w.resize(23)
    bottom("你好吗abcdefgh你好你好", "吗吗吗吗0123456789", column=18)
    w.resize(80)
    bottom(text, column=40)
    w.keys("Enter")
    other.hear(text + "\n")


def test_resizing_with_the_cursor_in_the_first_row(edited):
    w, other = edited(columns=24)
    other.say("above\n")
    w.type("x" * 60)
    w.keys("C-a")
    w.see("ready", "above", "x" * 24, "x" * 24, "x" * 12, cursor=(0, 2))
    w.resize(30)
    w.see("ready", "above", "x" * 30, "x" * 30, cursor=(0, 2))
    w.resize(80)
    w.see("ready", "above", "x" * 60, cursor=(0, 2))


def test_nothing_that_came_is_lost_while_the_window_is_dragged(edited):
    """A terminal tells its size later than it has it."""
    w, other = edited(columns=80)
    w.run("set-option", "-g", "history-limit", "5000")
    w.type("typed " * 15)
    count = 0
    for sizes in (range(78, 18, -2), range(20, 80, 2)):
        for columns in sizes:
            other.say(f"line {count}\n")
            count += 1
            w.run("resize-window", "-x", str(columns))
        w.resize(columns)
    w.see_text(f"line {count - 1}")
    w.keys("Enter")
    other.hear("typed " * 15 + "\n")
    shown = re.findall(r"line (\d+)", w.run("capture-pane", "-p", "-J", "-S", "-"))
    assert shown == [str(n) for n in range(count)]


# --- keys ----------------------------------------------------------------------------------------

def test_history(edited):
    w, other = edited()
    for line in ("first line", "second 你好"):
        w.type(line)
        w.keys("Enter")
    other.hear("first line\nsecond 你好\n")
    w.keys("Up")
    w.see("ready", "first line", "second 你好", "second 你好", cursor=(11, 3))
    w.keys("Up")
    w.see("ready", "first line", "second 你好", "first line", cursor=(10, 3))
    w.keys("Down", "Down")
    w.see("ready", "first line", "second 你好", cursor=(0, 3))
    w.keys("C-r")
    w.type("irs")
    w.see("ready", "first line", "second 你好", "first line", "bck:irs")
    other.say("while searching\n")
    w.see("ready", "first line", "second 你好", "while searching", "first line", "bck:irs")
    w.keys("Enter")
    other.hear("first line\nsecond 你好\nfirst line\n")


def test_a_tab_and_a_quoted_key(edited):
    w, other = edited()
    w.type("a\tb")
    w.see("ready", "a       b", cursor=(9, 1))
    w.keys("C-v", "C-c")
    w.see("ready", "a       b^C", cursor=(11, 1))
    w.keys("C-v", "Enter")
    w.type("c")
    w.see("ready", "a       b^C␤c", cursor=(13, 1))
    w.keys("Enter")
    other.hear("a\tb\x03\nc\n")


def test_control_c_empties_and_twice_ends(edited):
    w, other = edited()
    w.type("secret")
    w.keys("C-c")
    w.see("ready", cursor=(0, 1))
    w.keys("C-c")
    w.see("ready", "ended with 130")
    assert other.got == b""


def test_control_c_before_and_behind_a_line_goes_on(edited):
    w, other = edited()
    w.type("secret")
    w.keys("C-c")
    w.type("here")
    w.keys("Enter", "C-c")
    w.see("ready", "here", "(Ctrl-C again leaves)", cursor=(0, 3))
    other.hear("here\n")


def test_control_c_is_left_to_others_when_asked(edited):
    w, other = edited("--ignore-int")
    w.type("typed")
    w.keys("C-c", "C-c")
    w.type("here")
    w.see("ready", "here", cursor=(4, 1))
    w.keys("Enter")
    other.hear("here\n")


def test_control_c_twice_apart_goes_on(edited):
    w, other = edited()
    w.keys("C-c")
    w.see("ready", "(Ctrl-C again leaves)", cursor=(0, 2))
    time.sleep(2.1)
    w.keys("C-c")
    w.see("ready", "(Ctrl-C again leaves)", "(Ctrl-C again leaves)", cursor=(0, 3))
    w.type("here")
    w.keys("Enter")
    other.hear("here\n")


def test_control_d_ends_on_an_empty_line_alone(edited):
    w, other = edited()
    w.type("ab")
    w.keys("C-a", "C-d")
    w.see("ready", "b", cursor=(0, 1))
    w.keys("C-d")
    w.see("ready", cursor=(0, 1))
    other.say("still here\n")
    w.see("ready", "still here", cursor=(0, 2))
    w.keys("C-d")
    other.peer.result()
    w.see("ready", "still here", "ended with 0")


def test_control_l_clears(edited):
    w, other = edited()
    w.type("typed")
    w.keys("C-l")
    w.see("typed", cursor=(5, 0))


def test_the_keys_of_vi_by_editrc(world, edited):
    editrc = world.path("editrc", b"bind -v\nbind ^C ed-delete-prev-char\n")
    w, other = edited(env={"EDITRC": str(editrc)})
    w.type("one two")
    w.keys("Escape")
    w.see("ready", "one two", cursor=(6, 1))
    w.type("0x")
    w.see("ready", "ne two", cursor=(0, 1))
    w.type("ft")
    w.see("ready", "ne two", cursor=(3, 1))
    w.type("i")
    w.keys("C-v")
    w.type("!")
    w.paste("?")
    w.keys("Enter")
    other.hear("ne !?two\n")
    w.type("x")
    w.keys("C-c")
    w.see("ready", "ne !?two", cursor=(0, 2))


def test_words_and_the_kill_ring(edited):
    w, other = edited()
    w.type("one two three")
    w.keys("C-w", "C-a", "C-y")
    w.see("ready", "threeone two", cursor=(5, 1))
    w.keys("M-f", "C-k", "End", "Home", "Delete")
    w.see("ready", "hreeone", cursor=(0, 1))
    w.type("é")
    w.keys("Enter")
    other.hear("éhreeone\n")


def test_without_a_utf8_locale_text_is_utf8_all_the_same(edited):
    w, other = edited(env={"LC_ALL": "C"})
    w.type("é 你好")
    w.see("ready", "é 你好", cursor=(6, 1))
    w.keys("Enter")
    other.hear("é 你好\n")


# --- pastes --------------------------------------------------------------------------------------

def test_a_paste_of_several_lines_waits_for_enter(edited):
    w, other = edited()
    w.type("<")
    w.paste("one\ntwo\r\n\tthree 你好\n\nfive")
    w.see("ready", "<one␤two␤       three 你好␤␤five", cursor=(32, 1))
    assert other.got == b""
    w.keys("Enter")
    other.hear("<one\ntwo\n\tthree 你好\n\nfive\n")
    w.see("ready", "<one", "two", "        three 你好", "", "five", cursor=(0, 6))
    w.keys("Up")
    w.see_text("<one␤two␤")


def test_an_end_of_line_at_the_end_of_a_paste_sends_nothing_more(edited):
    w, other = edited()
    w.paste("one\n")
    w.see("ready", "one␤", cursor=(4, 1))
    w.keys("Enter")
    w.type("two")
    w.keys("Enter")
    other.hear("one\ntwo\n")


def test_controls_in_a_paste_are_dropped(edited):
    w, other = edited()
    w.paste(b"a\x1b[31mb\x03\x04\x07\x7fc\xc2\x9bd\xff\x1b[200~\r")
    w.see_text("a[31mbcd")
    w.keys("Enter")
    wait_until(lambda: other.got.endswith(b"\n"), what="the line")
    assert other.got.decode().startswith("a[31mbcd") and not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]",
                                                                      other.got.decode())


def test_what_has_no_room_is_refused_and_said(edited):
    w, other = edited(columns=200, rows=100)
    w.paste("<" + "w" * 20000 + ">")
    w.see_text("(the rest of what was pasted is left out: a line has at most 16384 bytes, all lines together 65536)\n")
    w.type("!")
    w.keys("Enter")
    other.hear("<" + "w" * 16383 + "\n")
    other.got = b""
    w.paste("\n".join("x" * 99 for _ in range(1000)))
    w.see_text("x" * 20)
    w.keys("Enter")
    wait_until(lambda: len(other.got) > 60000 and other.got.endswith(b"\n"), what="as many as have room")
    lines = other.got.decode().split("\n")
    assert set(lines[:-2]) == {"x" * 99} and len(other.got) <= 65536


# --- a terminal that is given back ------------------------------------------------------------------

def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def modes(fd):
    return termios.tcgetattr(fd)


class Pty:
    """The program on a terminal whose other end is ours, which may not be read at all."""

    def __init__(self, world, *words, env=None, columns=80):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.before = modes(self.slave)

        def own():
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        self.process = world.sockutil(*words, stdin=self.slave, stdout=self.slave, stderr=self.slave, preexec_fn=own,
                                      env={"TERM": "xterm", "EDITRC": "/dev/null", **(env or {})})
        self.seen = b""

    def type(self, data):
        os.write(self.master, data)

    def see(self, token, timeout=10):
        end = time.monotonic() + timeout * PATIENCE
        while token not in self.seen:
            assert select.select([self.master], [], [], max(0, end - time.monotonic()))[0], \
                f"{token!r} not seen: {self.seen[-500:]!r}"
            self.seen += os.read(self.master, 65536)

    def read_on(self):
        while select.select([self.master], [], [], 0)[0]:
            self.seen += os.read(self.master, 65536)

    def finish(self, timeout=10):
        end = time.monotonic() + timeout * PATIENCE
        while self.process.running():
            assert time.monotonic() < end, f"still running: {self.seen[-500:]!r}"
            if select.select([self.master], [], [], 0.02)[0]:
                self.seen += os.read(self.master, 65536)
        self.read_on()
        return self.process.wait()

    def close(self):
        for fd in (self.slave, self.master):
            os.close(fd)


@pytest.fixture
def terminal(world):
    opened = []

    def make(*words, **how):
        opened.append(Pty(world, *words, **how))
        return opened[-1]
    yield make
    for t in opened:
        t.process.stop()
        t.close()


def ready(world, terminal, *options, **how):
    other = Other(world)
    t = terminal("connect", "--edit", *options, HOST, other.port, **how)
    other.say("ready\n")
    t.see(b"ready")
    return t, other


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(world, terminal, number):
    t, other = ready(world, terminal)
    assert modes(t.slave) != t.before
    t.type(b"typed")
    t.see(b"typed")
    t.process.signal(number)
    assert t.finish() == 128 + number
    assert modes(t.slave) == t.before
    assert t.seen.endswith(b"\r\x1b[J\x1b[?2004l")


def test_an_end_in_order_leaves_the_terminal_as_it_was(world, terminal):
    t, other = ready(world, terminal)
    other.socket.shutdown(socket.SHUT_RDWR)
    t.type(b"\x04")
    assert t.finish() == 0
    assert modes(t.slave) == t.before
    assert t.seen.count(b"\x1b[?2004h") == t.seen.count(b"\x1b[?2004l") == 1


def test_a_failure_leaves_the_terminal_as_it_was(world, terminal):
    t = terminal("connect", "--edit", HOST, unused_port())
    assert t.finish() == 7
    assert modes(t.slave) == t.before
    assert b"\x1b[?2004" not in t.seen


@needs_linux
def test_inherited_descriptors_keep_their_flags(world, terminal):
    t, other = ready(world, terminal)
    for number in (0, 1, 2):
        with open(f"/proc/{t.process.pid}/fdinfo/{number}", encoding="ascii") as info:
            assert not int(re.search(r"flags:\s*(\d+)", info.read()).group(1), 8) & os.O_NONBLOCK


def test_a_stop_from_outside_gives_the_terminal_back(world, terminal):
    t, other = ready(world, terminal)
    raw = modes(t.slave)
    t.type(b"typed")
    t.see(b"typed")
    t.process.signal(signal.SIGSTOP)
    termios.tcsetattr(t.slave, termios.TCSANOW, t.before)
    t.seen = b""
    t.process.signal(signal.SIGCONT)
    t.see(b"typed")
    assert modes(t.slave) == raw


def test_a_stop_that_nobody_could_end_is_none(world, terminal):
    """The kernel stops no job that has no shell; the terminal is as it was in between all the same."""
    t, other = ready(world, terminal)
    t.type(b"typed")
    t.see(b"typed")
    t.type(b"\x1a")
    t.see(b"\r\x1b[J\x1b[?2004l\x1b[?2004h\r\x1b[Jtyped")
    t.type(b"!\r")
    other.hear("typed!\n")


@needs("bash")
def test_control_z_stops_the_job_with_the_terminal_as_it_was(world, window):
    other = Other(world)
    w = window(f"cd {world.folder}; PS1='$ ' bash --norc --noprofile -i")
    w.see("$", cursor=(2, 0))
    w.type(f"stty -a >before; \"$PROGRAM\" connect --edit {HOST} {other.port}; echo status $?")
    w.keys("Enter")
    other.say("ready\n")
    w.see_text("\nready")
    w.type("typed")
    w.see_text("\ntyped")
    w.keys("C-z")
    w.see_text("Stopped")
    w.type("clear; stty -a | diff - before && echo same")
    w.keys("Enter")
    w.see("same", "$", cursor=(2, 1))
    w.type("clear; fg >/dev/null")
    w.keys("Enter")
    w.see("typed", cursor=(5, 0))
    other.say("again\n")
    w.see("again", "typed", cursor=(5, 1))
    w.type("!")
    w.keys("Enter")
    other.hear("typed!\n")


@needs_linux
@needs("bash", "pgrep")
def test_in_the_background_it_goes_on_without_the_terminal(world, window):
    other = Other(world)
    w = window("PS1='$ ' bash --norc --noprofile -i")
    w.see("$", cursor=(2, 0))
    w.type(f"\"$PROGRAM\" connect --edit {HOST} {other.port}")
    w.keys("Enter")
    other.say("ready\n")
    w.see_text("\nready")
    w.type("typed")
    w.see_text("\ntyped")
    w.keys("C-z")
    w.see_text("Stopped")
    w.type("bg >/dev/null; clear")
    w.keys("Enter")
    w.see("$", cursor=(2, 0))
    other.say("in the background\n")
    w.see_text("in the background")
    w.type("clear; echo $((1+1))")
    w.keys("Enter")
    w.see("2", "$", cursor=(2, 1))
    pid = int(wait_until(lambda: subprocess.run(["pgrep", "-f", f"^{PROGRAM} connect --edit {HOST} {other.port}"],
                                                capture_output=True, check=False).stdout, what="its pid"))
    before = cpu_seconds(pid)
    w.type("clear; sleep 0.5; fg >/dev/null")
    w.keys("Enter")
    w.see("typed", cursor=(5, 0))
    assert cpu_seconds(pid) - before < 0.2 * PATIENCE
    w.type("!")
    w.keys("Enter")
    other.hear("typed!\n")


@needs("bash")
def test_in_the_background_it_stops_until_it_is_in_front(world, window):
    other = Other(world)
    w = window("PS1='$ ' bash --norc --noprofile -i")
    w.see("$", cursor=(2, 0))
    w.type(f"\"$PROGRAM\" connect --edit {HOST} {other.port} & wait -n; clear; jobs | cut -d' ' -f3")
    w.keys("Enter")
    other.say("ready\n")
    w.see_text("Stopped")
    w.type("clear; fg >/dev/null")
    w.keys("Enter")
    w.see_text("ready")
    w.type("typed")
    w.keys("Enter")
    other.hear("typed\n")


def test_messages_go_above_the_typed_line(world, window):
    other = Other(world)
    w = window(f'"$PROGRAM" connect --edit --reconnect --retry-delay 50ms --retry 2 {HOST} {other.port}; exec cat -v',
               columns=100)
    other.say("ready\n")
    w.see("ready", cursor=(0, 1))
    w.type("typed 你好")
    w.keys("Left")
    w.see("ready", "typed 你好", cursor=(8, 1))
    other.peer.close()
    w.see_text(f"sockutil connect: {HOST}:{other.port}: ")
    rows = wait_until(lambda: len(w.rows()) >= 3 and w.rows(), what="messages")
    assert rows[0] == "ready" and rows[1].startswith("sockutil connect: ")


def test_a_terminal_that_takes_nothing_stops_nothing_else(world, terminal):
    """Its window is stopped; what comes is held back where it comes from, and it still ends when it is told to."""
    t, other = ready(world, terminal)

    def flood():
        try:
            other.socket.settimeout(1)
            while True:
                other.socket.sendall(b"line of what comes\n" * 1000)
        except TimeoutError:
            return True
    assert flood()
    t.process.signal(signal.SIGTERM)
    wait_until(lambda: not t.process.running(), what="the end without a reader")
    assert t.process.wait() == 128 + signal.SIGTERM
    assert modes(t.slave) == t.before


# --- where it cannot be -----------------------------------------------------------------------------

def test_without_a_terminal_it_says_so(world):
    result = world.run("connect", "--edit", HOST, "9")
    assert result.status == 2
    assert result.err == "sockutil connect: --edit needs a terminal; standard input is none\n"


def test_with_the_output_in_a_pipe_it_says_so(world):
    master, slave = pty.openpty()
    result = world.run("connect", "--edit", HOST, "9", stdin=slave)
    os.close(master)
    os.close(slave)
    assert result.status == 2
    assert result.err == "sockutil connect: --edit needs a terminal; standard output is none\n"


def test_a_terminal_that_cannot_move_its_cursor(world, terminal):
    other = Other(world)
    t = terminal("connect", "--edit", HOST, other.port, env={"TERM": "dumb"})
    assert t.finish() == 2
    assert t.seen == (b"sockutil connect: line editing: a terminal of TERM=dumb does not move its cursor\r\n")


@pytest.mark.parametrize("words", [["--send", "x"], ["--prompt", "x"], ["--input", "x"], ["--output", "x"],
                                   ["--recv-only"], ["--send-only"], ["--progress"], ["--exec", "cat"],
                                   ["--shell", "cat"]])
def test_what_goes_not_together(world, words):
    at_end = words[0] == "--exec"
    result = world.run("connect", *([] if at_end else words), "--edit", HOST, "9", *(words if at_end else []))
    assert result.status == 2
    assert "--edit" in result.err and words[0] in result.err


# --- a chat's screen ---------------------------------------------------------------------------------

@pytest.fixture
def chatting(world, window):
    """A host with a seat in a window; its port."""
    def make(*options, **how):
        port = unused_port()
        w = window(f'"$PROGRAM" chat --listen {HOST}:{port} --nick anna --quiet {" ".join(options)}; '
                   'echo "ended with $?"; exec cat -v', **how)
        w.see_text("anna>")
        return w, port
    return make


def member(port, nick):
    s = dial(port)
    s.sendall(nick.encode() + b"\n")
    return s


def test_tab_completes_nicks_and_commands(chatting):
    w, port = chatting()
    with member(port, "berta"), member(port, "bertram"):
        w.see_text("bertram joined")
        w.type("b")
        w.keys("Tab")
        w.see_text("\nanna> bert")
        assert w.cursor()[0] == len("anna> bert")
        w.keys("Tab", "Tab")
        wait_until(lambda: re.fullmatch(r"bert\S+\s+bert\S+", w.rows()[-2]) and w.rows()[-1] == "anna> bert",
                   what="the list above the line")
        w.type("r")
        w.keys("Tab")
        w.see_text("\nanna> bertram")
        w.keys("C-c")
        w.type("/who")
        w.keys("Tab")
        wait_until(lambda: w.rows()[-1] == "anna> /who" and w.cursor()[0] == len("anna> /who "), what="a blank")
        w.keys("C-c")
        w.type("xyz")
        w.keys("Tab", "Tab")
        w.type("!")
        w.see_text("\nanna> xyz!")


def test_messages_of_others_go_above_the_line(chatting):
    w, port = chatting(columns=40)
    with member(port, "bob") as bob:
        w.see_text("bob joined")
        w.type("typing 你好")
        w.keys("Left", "Left")
        bob.sendall("hello 你好, this is longer than one row of it\n".encode())
        w.see_text("<bob> hello")
        wait_until(lambda: w.rows()[-1] == "anna> typing 你好", what="the typed line")
        assert w.cursor()[0] == len("anna> typing ")
        w.keys("Enter")
        w.see_text("<anna> typing 你好")


def test_a_stopped_window_of_the_host_does_not_stop_the_chat(world, terminal):
    port = unused_port()
    t = terminal("chat", "--listen", f"{HOST}:{port}", "--nick", "anna")
    t.see(b"anna>")
    with member(port, "bob") as bob, member(port, "carl") as carl:
        heard = b""
        carl.settimeout(20 * PATIENCE)
        while b"carl" not in heard:
            heard += carl.recv(65536)
        for n in range(32):
            # Within what is read of one member; the window takes nothing.
            bob.sendall(b"x" * 3000 + b" %d\n" % n)
            while b" %d\n" % n not in heard:
                heard += carl.recv(65536)
            heard = heard[-100:]
        t.process.signal(signal.SIGTERM)
        wait_until(lambda: not t.process.running(), 15, "the end without a reader")
    assert modes(t.slave) == t.before


def test_simple_leaves_ones_own_lines_on_the_screen(world, window):
    other = Other(world)
    w = window(f'"$PROGRAM" chat --simple {HOST} {other.port}; echo "ended with $?"; exec cat -v')
    w.see("client:")
    w.type("how are you?")
    w.keys("Enter")
    w.see("client:how are you?", "client:", cursor=(7, 1))
    other.hear("how are you?\n")
    other.say("fine\n")
    w.see("client:how are you?", "From server:", "fine", "client:", cursor=(7, 3))
    w.keys("Enter")
    w.see_text("ended with 0")
