# SPDX-License-Identifier: MIT
"""connect in a pipeline: bytes arrive whole in both directions whatever stdin and stdout are, each direction ends on
its own, and status 0 is given only when nothing was lost."""
import fcntl
import os
import pathlib
import select
import signal
import socket
import subprocess
import time

import pytest

from harness import (HOST, LINUX, MIB, PATIENCE, needs_linux, no_sanitizer, one_line, random_bytes, read_exactly,
                     read_to_end, reset, sha256, wait_until)


def sending(data):
    """A peer that reads to the end while it sends data, then closes."""
    def talk(s):
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        return read_to_end(s)
    return talk


def echoing(s):
    """A peer that sends back what comes; a window in each direction keeps both busy."""
    total = 0
    while True:
        piece = s.recv(1 << 16)
        if not piece:
            return total
        s.sendall(piece)
        total += len(piece)


# --- whole bytes, whatever stands at the ends ----------------------------------------------------

def test_a_mebibyte_and_an_orderly_end_is_status_0(world):
    data = random_bytes(MIB)
    peer = world.peer(sending(data))
    result = world.run("connect", HOST, peer.port)
    assert (result.status, result.out, result.err) == (0, data, "")


@pytest.mark.parametrize("size", [0, 1, 4095, 65536, 65537, 8 * MIB])
def test_what_stdin_gives_arrives_whole(world, size):
    data = random_bytes(size)
    peer = world.peer(read_to_end)
    assert world.run("connect", HOST, peer.port, stdin=data).status == 0
    assert peer.result() == data


def test_eight_mebibytes_both_ways_at_once_do_not_deadlock(world):
    data = random_bytes(8 * MIB)
    peer = world.peer(echoing)
    result = world.run("connect", HOST, peer.port, stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data)


def test_a_window_of_a_few_bytes_loses_nothing(world):
    """A peer with the smallest receive buffer that reads a byte at a time."""
    data = random_bytes(64 * 1024)

    def talk(s):
        got = bytearray()
        while True:
            piece = s.recv(1 if len(got) < 2000 else 700)
            if not piece:
                return bytes(got)
            got += piece
    peer = world.peer(talk, rcvbuf=1)
    assert world.run("connect", HOST, peer.port, stdin=data, timeout=60).status == 0
    assert peer.result() == data


def test_a_slow_reader_of_a_small_window_gets_all_of_eight_mebibytes(world):
    data = random_bytes(8 * MIB)

    def talk(s):
        select.select([], [], [], 0.3)  # the sender fills every buffer there is
        return sha256(read_to_end(s))
    peer = world.peer(talk, rcvbuf=4096)
    assert world.run("connect", HOST, peer.port, stdin=data, timeout=60).status == 0
    assert peer.result() == sha256(data)


@pytest.mark.parametrize("source", ["file", "pipe", "socket", "empty file", "null"])
@pytest.mark.parametrize("sink", ["file", "append", "pipe", "socket", "null"])
def test_every_kind_of_stdin_and_stdout(world, source, sink):
    """Regular files, pipes, sockets and /dev/null on either side, with an echoing peer between them."""
    data = b"" if source in ("empty file", "null") else random_bytes(3 * MIB + 17)
    peer = world.peer(echoing)
    ours = []
    if source in ("file", "empty file"):
        stdin = open(world.path("in", data), "rb")
    elif source == "pipe":
        stdin = subprocess.PIPE
    elif source == "socket":
        near, stdin = socket.socketpair()
        ours.append(near)
    else:
        stdin = subprocess.DEVNULL
    before = b""
    if sink == "file":
        stdout = open(world.path("out"), "wb")
    elif sink == "append":
        before = b"first\n"
        stdout = open(world.path("out", before), "ab")
    elif sink == "pipe":
        stdout = subprocess.PIPE
    elif sink == "socket":
        far, stdout = socket.socketpair()
        ours.append(far)
    else:
        stdout = subprocess.DEVNULL
    process = world.sockutil("connect", HOST, peer.port, stdin=stdin, stdout=stdout)
    for end in (stdin, stdout):
        if not isinstance(end, int):
            end.close()
    got = b""
    if source == "socket" and sink == "socket":
        got = shuttle(near, far, data)
    elif sink == "socket":
        if source == "pipe":
            got = shuttle(process.stdin, far, data)
        else:
            got = read_to_end(far)
    elif source == "socket":
        near.settimeout(20 * PATIENCE)
        if sink == "pipe":
            got = shuttle(near, process.stdout, data)
        else:
            near.sendall(data)
            near.shutdown(socket.SHUT_WR)
    if sink != "socket" and source != "socket":
        result = process.finish(data if source == "pipe" else None)
        got, status = result.out, result.status
    else:
        status = process.wait()
    assert status == 0, process.err
    assert peer.result() == len(data)
    if sink in ("file", "append"):
        got = world.path("out").read_bytes()
    if sink != "null":
        assert sha256(got) == sha256(before + data)


def shuttle(into, out, data):
    """Writes data into one end while reading the other to its end."""
    descriptors = [end.fileno() for end in (into, out)]
    for d in descriptors:
        os.set_blocking(d, False)
    view, got = memoryview(data), bytearray()
    while True:
        readable, writable, _ = select.select([descriptors[1]], [descriptors[0]] if into else [], [], 20 * PATIENCE)
        assert readable or writable, f"stalled after {len(got)} bytes"
        if writable:
            if view:
                view = view[os.write(descriptors[0], view[:65536]):]
            else:
                into.shutdown(socket.SHUT_WR) if isinstance(into, socket.socket) else into.close()
                into = None
        if readable:
            piece = os.read(descriptors[1], 1 << 16)
            if not piece:
                return bytes(got)
            got += piece


def test_a_file_is_sent_from_where_its_offset_stands(world):
    with open(world.path("in", b"0123456789"), "rb") as f:
        os.lseek(f.fileno(), 4, os.SEEK_SET)
        peer = world.peer(read_to_end)
        assert world.run("connect", HOST, peer.port, stdin=f).status == 0
    assert peer.result() == b"456789"


def test_a_file_opened_for_append_gets_its_bytes_at_the_end(world):
    """The kernel refuses to splice to such a file: the bytes already taken go out by write."""
    data = random_bytes(2 * MIB)
    peer = world.peer(sending(data))
    with open(world.path("out", b"head"), "ab") as out:
        assert world.run("connect", HOST, peer.port, stdout=out).status == 0
    assert world.path("out").read_bytes() == b"head" + data


# --- each direction ends on its own -------------------------------------------------------------

def test_the_end_of_stdin_becomes_a_half_close(world):
    """A server that reads to the end before it answers: without our FIN it would wait forever."""
    def talk(s):
        got = read_to_end(s)
        s.sendall(b"read " + got)
        return got
    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, stdin=b"all of it")
    assert (result.status, result.out) == (0, b"read all of it")


def test_a_reply_that_comes_long_after_our_end_is_still_awaited(world):
    """No fixed linger after the half-close: two seconds of silence, then a mebibyte."""
    data = random_bytes(MIB)

    def talk(s):
        read_to_end(s)
        time.sleep(2)  # the lateness is the thing under test
        s.sendall(data)
    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, stdin=b"question")
    assert result.status == 0 and result.out == data


def test_a_peer_that_closed_ends_the_program_though_stdin_is_open(world):
    """With nothing to read from stdin, the peer's end is noticed and the program does not stay."""
    peer = world.peer(lambda s: s.sendall(b"bye"))
    process = world.sockutil("connect", HOST, peer.port, stdin=subprocess.PIPE)
    assert process.read(10) == b"bye"
    started = time.monotonic()
    assert process.wait(10) == 0
    assert time.monotonic() - started < 8 * PATIENCE


def test_keep_sending_waits_for_stdin_after_the_peer_ended(world):
    def talk(s):
        s.sendall(b"done")
        s.shutdown(socket.SHUT_WR)
        return read_to_end(s)
    peer = world.peer(talk)
    process = world.sockutil("connect", "--keep-sending", HOST, peer.port, stdin=subprocess.PIPE)
    assert process.read(4) == b"done"
    with pytest.raises(subprocess.TimeoutExpired):
        process.popen.wait(1.5)  # three times the silence that would end it otherwise
    result = process.finish(b"late words")
    assert result.status == 0 and peer.result() == b"late words"


def test_a_peer_that_only_half_closed_gets_all_that_stdin_still_gives(world):
    data = random_bytes(4 * MIB)

    def talk(s):
        s.shutdown(socket.SHUT_WR)
        return read_to_end(s)
    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, stdin=data)
    assert result.status == 0 and peer.result() == data


def test_no_half_close_keeps_our_side_open(world):
    """-N: the end of stdin is not told; the program ends with the peer."""
    def talk(s):
        assert read_exactly(s, 5) == b"hello"
        s.settimeout(0.7)
        with pytest.raises(TimeoutError):
            s.recv(1)
        s.settimeout(20)
        s.sendall(b"reply")
        s.shutdown(socket.SHUT_WR)
    peer = world.peer(talk)
    result = world.run("connect", "-N", HOST, peer.port, stdin=b"hello")
    peer.result()
    assert (result.status, result.out) == (0, b"reply")


def test_quit_after_counts_from_the_last_byte_that_came(world):
    """A cut-off that counted from the end of stdin would lose the later drops."""
    def talk(s):
        for i in range(6):
            time.sleep(0.3)
            s.sendall(b"%d" % i)
        read_to_end(s)
        s.settimeout(20)
        select.select([], [], [], 0.2)
        try:
            while s.recv(1):
                pass
        except OSError:
            pass
    peer = world.peer(talk)
    started = time.monotonic()
    result = world.run("connect", "-N", "--quit-after", "900ms", HOST, peer.port, stdin=b"x")
    assert result.out == b"012345" and result.status == 0, result
    assert time.monotonic() - started > 2.6


def test_recv_only_never_touches_stdin(world):
    data = random_bytes(100_000)
    got_end = []

    def talk(s):
        s.sendall(data)
        s.settimeout(0.5)
        try:
            got_end.append(s.recv(1))  # nothing, not even an end, before ours
        except TimeoutError:
            got_end.append(None)
        s.settimeout(10)
        s.shutdown(socket.SHUT_WR)
        return read_to_end(s)
    peer = world.peer(talk)
    read_end, write_end = os.pipe()
    os.write(write_end, b"left alone")
    os.close(write_end)
    result = world.run("connect", "--recv-only", HOST, peer.port, stdin=read_end)
    assert result.status == 0 and result.out == data
    assert got_end == [None] and peer.result() == b""
    assert os.read(read_end, 100) == b"left alone"
    os.close(read_end)


def test_send_only_reads_and_drops_what_comes(world):
    data = random_bytes(MIB)
    peer = world.peer(sending(random_bytes(2 * MIB)))
    result = world.run("connect", "--send-only", HOST, peer.port, stdin=data)
    assert (result.status, result.out) == (0, b"")
    assert peer.result() == data


# --- what is lost is said -----------------------------------------------------------------------

def test_a_reset_is_not_an_end_and_what_came_before_it_is_written(world):
    """100000 bytes, then a reset, with stdin left open: all bytes out, then 56."""
    data, written = random_bytes(100_000), []

    def talk(s):
        s.sendall(data)
        wait_until(lambda: written, what="the client to write them")
        reset(s)
    peer = world.peer(talk)
    process = world.sockutil("connect", HOST, peer.port, stdin=subprocess.PIPE)
    got = process.read(100_000)
    written.append(True)
    assert process.wait() == 56
    assert got == data
    assert "reset" in one_line(process.err)


def test_a_peer_that_closes_with_our_bytes_unread_is_a_loss(world):
    """The reset that follows says that our 8 MiB were not read: 55."""
    def talk(s):
        read_exactly(s, 1000)
    peer = world.peer(talk)
    result = world.run("connect", HOST, peer.port, stdin=random_bytes(8 * MIB))
    assert result.status == 55
    one_line(result.err)


def test_a_peer_that_never_reads_and_resets_is_a_loss(world):
    """Everything we gave lies in buffers when the reset comes; it was never acknowledged to anyone's use."""
    def talk(s):
        select.select([s], [], [], 10)
        select.select([], [], [], 0.3)
        reset(s)
    peer = world.peer(talk, rcvbuf=4096)
    result = world.run("connect", HOST, peer.port, stdin=random_bytes(8 * MIB))
    assert result.status == 55
    assert "reset" in one_line(result.err)


@needs_linux
@pytest.mark.parametrize("stdin", ["closed", "open"])
def test_a_full_device_ends_it_at_once(world, stdin):
    peer = world.peer(sending(random_bytes(MIB)))
    with open("/dev/full", "wb") as full:
        process = world.sockutil("connect", HOST, peer.port, stdout=full,
                                 stdin=subprocess.PIPE if stdin == "open" else subprocess.DEVNULL)
        assert process.wait(10) == 23
    assert "No space left on device" in one_line(process.err)


@pytest.mark.parametrize("stdin", ["closed", "open"])
def test_a_reader_that_went_away_ends_it_silently(world, stdin):
    """As under `| head`: 141, no message, and the flooding peer is cut off."""
    def talk(s):
        try:
            while True:
                s.sendall(b"x" * 65536)
        except OSError:
            return "cut"
    peer = world.peer(talk)
    process = world.sockutil("connect", HOST, peer.port,
                             stdin=subprocess.PIPE if stdin == "open" else subprocess.DEVNULL)
    process.read(1000)
    process.stdout.close()
    assert process.wait(10) == 141
    assert process.err == "" and peer.result() == "cut"


@pytest.mark.parametrize("stdin", ["closed", "open"])
def test_a_reader_that_goes_away_in_silence_is_noticed(world, stdin):
    """At once where the system tells it, at the next byte at the latest."""
    def talk(s):
        s.sendall(b"first")
        read_exactly(s, 3)
        s.sendall(b"second")
        s.shutdown(socket.SHUT_WR)
        try:
            read_to_end(s)
        except OSError:
            pass
    peer = world.peer(talk)
    process = world.sockutil("connect", HOST, peer.port, stdin=subprocess.PIPE)
    assert process.read(5) == b"first"
    process.stdout.close()
    try:
        process.stdin.write(b"now")
        if stdin == "closed":
            process.stdin.close()
    except BrokenPipeError:
        pass  # it has ended already
    assert process.wait(10) == 141 and process.err == ""


def test_an_input_that_cannot_be_read_is_26(world):
    peer = world.peer(read_to_end)
    folder = os.open(world.folder, os.O_RDONLY)
    result = world.run("connect", HOST, peer.port, stdin=folder)
    os.close(folder)
    assert result.status == 26
    assert "directory" in one_line(result.err)


# --- what was inherited is left as it was -------------------------------------------------------

def test_a_non_blocking_stdout_with_a_slow_reader_gets_every_byte(world):
    data = random_bytes(MIB)
    peer = world.peer(sending(data))
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    process = world.sockutil("connect", HOST, peer.port, stdout=write_end)
    os.close(write_end)
    got = bytearray()
    while True:
        time.sleep(0.002)  # slower than what comes
        piece = os.read(read_end, 16384)
        if not piece:
            break
        got += piece
    os.close(read_end)
    assert process.wait() == 0 and bytes(got) == data


def test_a_non_blocking_stdin_is_waited_for(world):
    peer = world.peer(read_to_end)
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    process = world.sockutil("connect", HOST, peer.port, stdin=read_end)
    for word in (b"one ", b"two ", b"three"):
        os.write(write_end, word)
        time.sleep(0.1)
    os.close(write_end)
    assert process.wait() == 0
    assert peer.result() == b"one two three"
    assert not os.get_blocking(read_end)
    os.close(read_end)


@needs_linux
@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_the_flags_of_stdio_are_never_changed_not_even_while_running(world, kind):
    """Others share the open file description: O_NONBLOCK set on it would break them."""
    if kind == "pipe":
        (in_read, in_write), (out_read, out_write) = os.pipe(), os.pipe()
    else:
        pairs = [socket.socketpair() for _ in range(2)]
        in_read, in_write, out_read, out_write = [s.detach() for pair in pairs for s in pair]
    flags = [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in (in_read, out_write)]
    peer = world.peer(echoing)
    process = world.sockutil("connect", HOST, peer.port, stdin=in_read, stdout=out_write)
    for i in range(50):
        os.write(in_write, b"x" * 1000)
        got = 0
        while got < 1000:
            got += len(os.read(out_read, 1000 - got))
        for number, before, fd in ((0, flags[0], in_read), (1, flags[1], out_write)):
            info = pathlib.Path(f"/proc/{process.pid}/fdinfo/{number}").read_text()
            now = int(next(line.split()[1] for line in info.splitlines() if line.startswith("flags:")), 8)
            assert not now & os.O_NONBLOCK, f"fd {number} was made non-blocking"
            assert fcntl.fcntl(fd, fcntl.F_GETFL) == before
    os.close(in_write)
    assert process.wait() == 0
    for fd in (in_read, out_read, out_write):
        os.close(fd)


def test_a_blocked_stdout_does_not_stop_what_goes_up(world):
    """Nobody reads our stdout and it is full; what stdin gives must still reach the peer."""
    def talk(s):
        s.setblocking(False)
        try:
            while select.select([], [s], [], 0.5)[1]:
                s.send(b"y" * 65536)
        except BlockingIOError:
            pass
        s.setblocking(True)
        s.settimeout(20)
        return read_exactly(s, 11)
    peer = world.peer(talk)
    process = world.sockutil("connect", HOST, peer.port, stdin=subprocess.PIPE)
    wait_until(lambda: select.select([process.stdout], [], [], 0)[0], what="bytes in stdout")
    process.stdin.write(b"still going")
    assert peer.result() == b"still going"


# --- signals ------------------------------------------------------------------------------------

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_dies_by_the_signal_that_ends_it(world, number):
    peer = world.peer(read_to_end)
    process = world.sockutil("connect", HOST, peer.port, stdin=subprocess.PIPE)
    wait_until(lambda: peer.accepted, what="the connection")
    process.stdin.write(b"x")
    wait_until(lambda: peer.current is not None, what="the connection")
    process.signal(number)
    process.popen.wait(10)
    assert process.popen.returncode == -number


def test_a_storm_of_signals_changes_no_byte(world):
    """Stop, continue and window-change sixty times while 16 MiB go up."""
    data = random_bytes(16 * MIB)

    def talk(s):
        got = bytearray()
        while True:
            piece = s.recv(60_000)
            if not piece:
                return sha256(bytes(got))
            got += piece
            if len(got) < 4 * MIB:
                time.sleep(0.001)
    peer = world.peer(talk)
    with open(world.path("in", data), "rb") as f:
        process = world.sockutil("connect", HOST, peer.port, stdin=f)
    for _ in range(60):
        for number in (signal.SIGSTOP, signal.SIGCONT, signal.SIGWINCH):
            if process.running():
                process.signal(number)
        time.sleep(0.003)
    assert process.wait(60) == 0
    assert peer.result() == sha256(data)


# --- memory and CPU -----------------------------------------------------------------------------

@needs_linux
@no_sanitizer
@pytest.mark.parametrize("sink", ["pipe", "file"])
def test_a_line_of_64_mebibytes_needs_no_memory(world, sink):
    """Peak memory stays under 8 MiB, whatever a line's length."""
    done = []

    def talk(s):
        block = b"a" * MIB
        for _ in range(64):
            s.sendall(block)
        done.append(True)
        read_exactly(s, 1)
    peer = world.peer(talk)
    out = open(world.path("out"), "wb") if sink == "file" else subprocess.PIPE
    process = world.sockutil("connect", HOST, peer.port, stdin=subprocess.PIPE, stdout=out)
    if sink == "pipe":
        got = 0
        while got < 64 * MIB:
            piece = os.read(process.stdout.fileno(), 1 << 20)
            assert piece
            got += len(piece)
    else:
        out.close()
        wait_until(lambda: world.path("out").stat().st_size == 64 * MIB, 30, "all bytes")
    wait_until(lambda: done, what="the peer to have sent it all")
    assert process.status_field("VmHWM") < 8 * 1024
    process.stdin.write(b"x")
    assert process.wait() == 0


@needs_linux
@pytest.mark.parametrize("case", ["silence", "stdout full", "stdin at its end"])
def test_waiting_costs_no_cpu(world, case):
    """Nothing spins: neither on a silent connection, nor on a full pipe, nor after the end of stdin."""
    def talk(s):
        if case == "stdout full":
            try:
                s.settimeout(2)
                while True:
                    s.sendall(b"z" * 65536)
            except OSError:
                pass
            s.settimeout(20)
        s.recv(1)
        s.recv(1)
    peer = world.peer(talk)
    stdin = subprocess.DEVNULL if case == "stdin at its end" else subprocess.PIPE
    process = world.sockutil("connect", "-N", HOST, peer.port, stdin=stdin)
    wait_until(lambda: peer.current is not None, what="the connection")
    select.select([], [], [], 1.0)
    before = process.cpu()
    select.select([], [], [], 1.0)
    assert process.cpu() - before <= 0.1
    if not LINUX:
        reset(peer.current)
