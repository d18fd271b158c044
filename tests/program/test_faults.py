# SPDX-License-Identifier: MIT
"""Time limits, hostile TLS ends, and system calls that fail: an expiry says so, a truncation is no end, an
interrupted or short call changes no byte, and status 0 never goes with a loss."""
import re
import select
import shutil
import socket
import ssl
import subprocess
import time

import pytest

from harness import (HOST, LINUX, MIB, SANITIZE, cut, dial, exchange, unused_port, needs, needs_tls,
                     one_line, random_bytes, read_exactly, read_to_end, sha256, wait_until)


# --- three timers, each with its name -----------------------------------------------------------

def test_the_timeout_of_opening_does_not_end_an_open_connection(world):
    def talk(s):
        select.select([], [], [], 1.0)
        s.sendall(b"late but fine")
    peer = world.peer(talk)
    result = world.run("connect", "-w", "300ms", HOST, peer.port)
    assert (result.status, result.out) == (0, b"late but fine")


def test_an_idle_connection_ends_with_28_and_says_so(world):
    peer = world.peer(lambda s: (s.sendall(b"once"), read_to_end(s)))
    process = world.sockutil("connect", "--idle-timeout", "400ms", HOST, peer.port, stdin=subprocess.PIPE)
    assert process.read(4) == b"once"
    assert process.wait() == 28
    assert "idle" in one_line(process.err)


def test_bytes_keep_an_idle_timeout_away(world):
    def talk(s):
        for _ in range(8):
            time.sleep(0.2)
            s.sendall(b".")
    peer = world.peer(talk)
    result = world.run("connect", "--idle-timeout", "700ms", HOST, peer.port)
    assert (result.status, result.out) == (0, b"........")


def test_the_time_for_all_ends_with_28_and_says_so(world):
    def talk(s):
        try:
            while True:
                s.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass
    peer = world.peer(talk)
    result = world.run("connect", "--max-time", "600ms", HOST, peer.port)
    assert result.status == 28 and result.out
    assert "600" in one_line(result.err) or "max-time" in result.err


def test_a_timer_does_not_outlive_a_finished_transfer(world):
    """Both directions have ended; slow output afterwards is not idleness."""
    data = random_bytes(300_000)
    peer = world.peer(lambda s: s.sendall(data))
    process = world.sockutil("connect", "--idle-timeout", "300ms", HOST, peer.port)
    peer.result()
    got = b""
    for _ in range(6):
        select.select([], [], [], 0.1)
        got += process.read(50_000)
    assert got == data and process.wait() == 0


def test_the_idle_timeout_of_a_server_is_per_connection(world):
    server = world.serve("--responder", "echo", "--idle-timeout", "900ms")
    idle, busy = dial(server.port), dial(server.port)
    idle.sendall(b"x")
    assert read_exactly(idle, 1) == b"x"
    idle_ended = False
    for i in range(12):
        busy.sendall(b"%02d" % i)
        assert read_exactly(busy, 2) == b"%02d" % i
        ready, _, _ = select.select([idle], [], [], 0.2)
        if ready and not idle_ended:
            try:
                idle_ended = idle.recv(1) == b""
            except ConnectionResetError:
                idle_ended = True
        if idle_ended:
            break
    assert idle_ended
    busy.sendall(b"still")
    assert read_exactly(busy, 5) == b"still"
    idle.close()
    busy.close()


@needs_tls
def test_a_tls_server_that_says_nothing_is_28(world):
    peer = world.peer(lambda s: s.recv(100000) and read_to_end(s))
    result = world.run("connect", "--tls", "--insecure", "-w", "400ms", HOST, peer.port, timeout=10)
    assert result.status == 28
    assert "TLS" in result.err.splitlines()[-1]


@needs_tls
def test_a_client_that_never_shakes_hands_is_dropped_and_nobody_waits(world):
    server = world.serve("--responder", "echo", "--tls", "--handshake-timeout", "500ms")
    with dial(server.port) as silent:
        result = world.run("connect", "--tls", "--insecure", "-q", HOST, server.port, stdin=b"hi")
        assert (result.status, result.out) == (0, b"hi")
        try:
            assert silent.recv(100) == b""
        except ConnectionResetError:
            pass


# --- retries and waiting ------------------------------------------------------------------------

def listen_later(port, delay):
    """A listener on a port that was refused until now."""
    time.sleep(delay)
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((HOST, port))
    s.listen()
    s.settimeout(20)
    return s


@pytest.mark.parametrize("words", [["--wait"], ["--wait=20s"], ["--retry", "30", "--retry-delay", "100ms"]])
def test_it_waits_until_somebody_listens(world, words):
    port = unused_port()
    process = world.sockutil("connect", *words, HOST, port, stdin=subprocess.PIPE)
    with listen_later(port, 0.7) as listener:
        connection, _ = listener.accept()
        connection.sendall(b"here")
        connection.close()
        result = process.finish(b"")
    assert (result.status, result.out) == (0, b"here")


def test_waiting_has_an_end(world):
    started = time.monotonic()
    result = world.run("connect", "--wait=600ms", HOST, unused_port())
    assert result.status == 28 and time.monotonic() - started > 0.4
    assert "refused" in one_line(result.err)


def test_retries_are_counted_and_never_without_a_pause(world):
    """Two more tries, each after a pause that doubles: no spinning against a closed port."""
    started = time.monotonic()
    result = world.run("connect", "--retry", "2", "--retry-delay", "0.3", HOST, unused_port())
    assert result.status == 7
    assert time.monotonic() - started >= 0.3


# --- what TLS makes of a bad end ----------------------------------------------------------------

def tls_peer(world, certificates, talk, **leaf):
    return world.peer(talk, tls=certificates.server_context(**leaf))


def orderly(s):
    """close_notify from our side, without waiting for the other's, then the end."""
    try:
        s.unwrap()
    except (OSError, ssl.SSLError):
        pass


@needs_tls
def test_a_tls_end_with_close_notify_is_0(world, certificates):
    def talk(s):
        s.sendall(b"whole")
        orderly(s)
    peer = tls_peer(world, certificates, talk)
    result = world.run("connect", "--tls", "--ca", certificates.ca, "localhost", peer.port)
    assert (result.status, result.out) == (0, b"whole")


@needs_tls
@pytest.mark.parametrize("stdin", ["closed", "open"])
def test_a_tls_end_without_close_notify_is_18(world, certificates, stdin):
    """Anyone on the way can cut a connection: that is no end of data."""
    def talk(s):
        s.sendall(b"not all of it")
        cut(s)
    peer = tls_peer(world, certificates, talk)
    process = world.sockutil("connect", "--tls", "--ca", certificates.ca, "localhost", peer.port,
                             stdin=subprocess.PIPE if stdin == "open" else subprocess.DEVNULL)
    assert process.read(100) == b"not all of it"
    assert process.wait() == 18
    assert "close_notify" in one_line(process.err) or "cut short" in process.err


@needs_tls
def test_what_is_left_in_the_tls_layer_is_not_forgotten(world, certificates):
    """One read of the socket may hold several records: all must come out though the socket has nothing more."""
    data = random_bytes(5 * 16384 + 77)

    def talk(s):
        s.sendall(data)
        return s.recv(2)
    peer = tls_peer(world, certificates, talk)
    process = world.sockutil("connect", "--tls", "--ca", certificates.ca, "localhost", peer.port,
                             stdin=subprocess.PIPE)
    assert process.read(len(data)) == data
    process.stdin.write(b"ok")
    assert peer.result() == b"ok"


@needs_tls
def test_no_byte_of_the_data_is_a_command(world, certificates):
    """Lines that begin with Q, R, K, B or k mean something to other TLS clients."""
    data = b"Q\nR\nK\nB\nk\nQ\r\n\x1dQ\n" * 500

    def talk(s):
        got = b""
        while len(got) < len(data):
            got += s.recv(len(data))
        orderly(s)
        return got
    peer = tls_peer(world, certificates, talk)
    result = world.run("connect", "--tls", "--ca", certificates.ca, "localhost", peer.port, stdin=data)
    assert result.status == 0 and peer.result() == data


@needs_tls
@pytest.mark.parametrize("bytes_", [b"HTTP/1.0 400 Bad Request\r\n\r\n", b"\x15\x03\x03\x00\x02\x02\x28",
                                    b"\x00" * 4096, b"220 mail ready\r\n", b""])
def test_what_is_no_tls_is_35_and_one_line(world, bytes_):
    def talk(s):
        s.recv(100000)
        s.sendall(bytes_)
        s.shutdown(socket.SHUT_WR)
        try:
            read_to_end(s)
        except OSError:
            pass
    peer = world.peer(talk)
    result = world.run("connect", "--tls", HOST, peer.port)
    assert result.status == 35, result
    assert "\x00" not in one_line(result.err)


@needs_tls
@pytest.mark.parametrize("garbage", [b"", b"\x16", b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\x02\x00" + b"\xff" * 512,
                                     b"\x80\x2e\x01\x00\x02" + b"\x00" * 100, b"\x00" * 4096])
def test_garbage_for_a_tls_server_is_one_connections_fate(world, garbage):
    server = world.serve("--responder", "echo", "--tls")
    with dial(server.port) as s:
        try:
            s.sendall(garbage)
            s.shutdown(socket.SHUT_WR)
            read_to_end(s)
        except OSError:
            pass
    result = world.run("connect", "--tls", "--insecure", "-q", HOST, server.port, stdin=b"fine")
    assert (result.status, result.out) == (0, b"fine")


# --- verification is on, final, and says what to do ---------------------------------------------

@needs_tls
def test_an_unknown_authority_is_60_with_a_remedy(world, certificates):
    peer = world.peer(read_to_end, tls=certificates.server_context(), count=9)
    result = world.run("connect", "--tls", "localhost", peer.port)
    assert result.status == 60
    line = one_line(result.err)
    assert "--insecure" in line or "--ca" in line


@needs_tls
def test_a_verification_failure_is_never_retried(world, certificates):
    peer = world.peer(read_to_end, tls=certificates.server_context(), count=9)
    result = world.run("connect", "--tls", "--retry", "5", "--retry-delay", "100ms", HOST, peer.port)
    assert result.status == 60
    assert peer.accepted == 1


@needs_tls
@pytest.mark.parametrize("leaf, host, right", [
    (dict(name="other", san="DNS:other.example"), "localhost", False),
    (dict(name="named", san="DNS:localhost"), "localhost", True),
    (dict(name="named", san="DNS:localhost"), HOST, False),
    (dict(name="address", san="IP:127.0.0.1"), HOST, True),
    (dict(name="address-as-name", san="DNS:127.0.0.1"), HOST, False),
    (dict(name="common-name", san="", subject="/CN=localhost"), "localhost", False),
    (dict(name="client", usage="clientAuth"), "localhost", False),
    (dict(name="expired", days=-1), "localhost", False),
])
def test_the_name_and_the_purpose_are_checked_by_san_alone(world, certificates, leaf, host, right):
    def talk(s):
        s.sendall(b"secret")
        orderly(s)
    peer = tls_peer(world, certificates, talk, **leaf)
    result = world.run("connect", "--tls", "--ca", certificates.ca, host, peer.port)
    assert (result.status, result.out) == ((0, b"secret") if right else (60, b"")), result
    if not right:
        one_line(result.err)


@needs_tls
def test_insecure_says_so_with_a_fingerprint_and_quiet_is_quiet(world, certificates):
    def talk(s):
        s.sendall(b"anyway")
        orderly(s)
    for quiet in (False, True):
        peer = tls_peer(world, certificates, talk)
        words = ["-q"] if quiet else []
        result = world.run("connect", "--tls", "--insecure", *words, HOST, peer.port)
        assert (result.status, result.out) == (0, b"anyway")
        assert result.err == "" if quiet else "sha256//" in result.err or re.search("[0-9A-Fa-f:]{64}", result.err)


def test_quiet_still_says_errors(world):
    result = world.run("connect", "-q", HOST, unused_port())
    assert result.status == 7
    one_line(result.err)


@needs_tls
@needs("openssl")
def test_a_certificate_made_in_memory_is_one_that_peers_accept(world):
    """EC P-256, SHA-256, valid since yesterday; other clients of today refuse less."""
    server = world.serve("--responder", "echo", "--tls")
    shown = subprocess.run(["openssl", "s_client", "-connect", f"{HOST}:{server.port}"], input=b"", timeout=20,
                           capture_output=True).stdout
    text = subprocess.run(["openssl", "x509", "-noout", "-text"], input=shown, capture_output=True, timeout=20,
                          check=True).stdout.decode()
    assert "prime256v1" in text or "P-256" in text
    assert "ecdsa-with-SHA256" in text
    assert "Version: 3" in text
    began = subprocess.run(["openssl", "x509", "-noout", "-startdate", "-enddate"], input=shown, timeout=20,
                           capture_output=True, check=True).stdout.decode()
    dates = [ssl.cert_time_to_seconds(line.split("=", 1)[1]) for line in began.splitlines()]
    assert dates[0] <= time.time() - 12 * 3600
    assert time.time() < dates[1] < time.time() + 825 * 24 * 3600


@needs_tls
def test_the_pin_that_a_server_prints_is_the_one_a_client_accepts(world):
    server = world.serve("--responder", "echo", "--tls")
    pin = re.search(r"sha256//[A-Za-z0-9+/]{43}=", server.wait_err("sha256//")).group()
    result = world.run("connect", "--tls", "--pin", pin, HOST, server.port, stdin=b"pinned")
    assert (result.status, result.out, result.err) == (0, b"pinned", "")
    wrong = "sha256//" + "A" * 43 + "="
    result = world.run("connect", "--tls", "--pin", wrong, HOST, server.port, stdin=b"x")
    assert result.status == 90 and result.out == b""
    one_line(result.err)


@needs_tls
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_eight_mebibytes_both_ways_through_tls(world, version):
    data = random_bytes(8 * MIB)
    server = world.serve("--responder", "echo", "--tls", "--tls-max", version)
    words = ["-N", "--quit-after", "2s"] if version == "1.2" else []  # which has no half-close
    result = world.run("connect", "--tls", "--insecure", "-q", *words, HOST, server.port, stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data)


# --- system calls that fail ---------------------------------------------------------------------

can_trace = pytest.mark.skipif(not LINUX or not shutil.which("strace") or bool(SANITIZE),
                               reason="needs strace on a plain build")
READING = "read,readv,recvfrom,recvmsg"
WRITING = "write,writev,sendto,sendmsg"
MOVING = "splice,sendfile,sendfile64,tee"
WAITING = "poll,ppoll,epoll_wait,epoll_pwait,select,pselect6"


class Traced:
    """A client between two files that waits for a byte while strace is attached, then moves 3 MiB each way."""

    def __init__(self, world, inject, sink):
        self.up, self.down = random_bytes(3 * MIB), random_bytes(3 * MIB)
        ready = []

        def talk(s):
            s.sendall(b"!")
            wait_until(lambda: ready, 20, "the tracer")
            try:
                s.sendall(self.down)
                s.shutdown(socket.SHUT_WR)
                return read_to_end(s)
            except OSError:
                return None
        self.peer = world.peer(talk)
        out = open(world.path("out"), "wb") if sink == "file" else subprocess.PIPE
        self.process = world.sockutil("connect", "--keep-sending", HOST, self.peer.port, stdin=subprocess.PIPE,
                                      stdout=out)
        if sink == "file":
            out.close()
            wait_until(lambda: world.path("out").read_bytes() == b"!", what="the first byte")
        else:
            assert self.process.read(1) == b"!"
        tracer = world.start("strace", "-f", "-o", world.path("trace"), "-e", f"trace={inject.split(':')[0]}", "-e",
                             f"inject={inject}", "-p", self.process.pid)
        wait_until(lambda: "attached" in tracer.err or not tracer.running(), what="the tracer")
        if "attached" not in tracer.err:
            pytest.skip("strace may not attach here: " + tracer.err.strip())
        ready.append(True)
        result = self.process.finish(self.up, 60)
        self.status, self.err = result.status, result.err
        self.out = world.path("out").read_bytes()[1:] if sink == "file" else result.out
        self.got = self.peer.result()
        self.whole = self.out == self.down and self.got == self.up
        tracer.wait(10)
        self.injected = "INJECTED" in world.path("trace").read_text(errors="replace")


@can_trace
@pytest.mark.parametrize("sink", ["pipe", "file"])
@pytest.mark.parametrize("calls", [READING, WRITING, MOVING, WAITING], ids=["reading", "writing", "moving", "waiting"])
def test_an_interrupted_call_changes_no_byte(world, calls, sink):
    """EINTR in every second call."""
    traced = Traced(world, f"?{calls.replace(',', ',?')}:error=EINTR:when=1+2", sink)
    assert traced.status == 0 and traced.whole, traced.err


@can_trace
@pytest.mark.parametrize("calls", [READING, WRITING, MOVING], ids=["reading", "writing", "moving"])
def test_a_call_that_would_block_after_all_changes_no_byte(world, calls):
    """EAGAIN now and then, though the descriptor was said to be ready."""
    traced = Traced(world, f"?{calls.replace(',', ',?')}:error=EAGAIN:when=2+5", "pipe")
    assert traced.status == 0 and traced.whole, traced.err


@can_trace
@pytest.mark.parametrize("sink", ["pipe", "file"])
@pytest.mark.parametrize("when", [1, 4])
@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "ECONNRESET", "EPIPE", "ENOMEM", "EINVAL", "ENOBUFS"])
@pytest.mark.parametrize("calls", [READING, WRITING, MOVING], ids=["reading", "writing", "moving"])
def test_status_0_never_goes_with_a_loss(world, calls, error, when, sink):
    """Whatever fails: either every byte arrived (the kernel's fast path may be refused) or the status tells."""
    traced = Traced(world, f"?{calls.replace(',', ',?')}:error={error}:when={when}", sink)
    if traced.status == 0:
        assert traced.whole
    else:
        assert traced.status in (1, 23, 26, 55, 56, 141), traced.err
        assert traced.err.count("\n") <= 1, traced.err  # the message is written, too: it may be what failed


@can_trace
@pytest.mark.parametrize("error", ["ECONNABORTED", "EMFILE", "ENFILE", "ENOBUFS", "EINTR", "EPROTO"])
def test_an_accept_that_fails_does_not_end_a_server(world, error):
    server = world.serve("--responder", "echo")
    tracer = world.start("strace", "-f", "-o", world.path("trace"), "-e", "trace=accept,accept4", "-e",
                         f"inject=accept,accept4:error={error}:when=1..3", "-p", server.pid)
    wait_until(lambda: "attached" in tracer.err or not tracer.running(), what="the tracer")
    if "attached" not in tracer.err:
        pytest.skip("strace may not attach here")
    for _ in range(3):
        assert exchange(server.port, b"served", timeout=20) == b"served"
    assert server.running()
