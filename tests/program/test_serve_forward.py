# SPDX-License-Identifier: MIT
"""serve --forward.

Holds: bytes arrive unchanged both ways, plain, with TLS or WebSocket added, removed or both, over Unix sockets; each
end is passed on alone and a late answer comes; a reset is passed on both ways, behind the bytes before it; an early
answer goes through; servers are taken in turn, the next when one fails, each once; none: the client is reset, with
the reason; what the client says before is not read; PROXY headers byte for byte; whose options about TLS are whose;
idle time, drain and cut; slow, dead and aborting peers and a lack of descriptors harm their own connection at most;
pipes are given back.
"""
import contextlib
import pathlib
import random
import resource
import signal
import socket
import struct
import threading
import time

import pytest

from harness import (HOST, MIB, dial, unused_port, needs_linux, needs_linux_paths, needs_tls, no_sanitizer, one_line,
                     random_bytes, read_exactly, read_to_end, reset, wait_until)


class Upstream:
    """A listening socket whose connections the test takes itself."""

    def __init__(self, path=None, host=HOST, backlog=600):
        if path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(path))
            self.text = f"unix:{path}"
        else:
            self.listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            self.listener.bind((host, 0))
            self.port = self.listener.getsockname()[1]
            self.text = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self.listener.listen(backlog)
        self.listener.settimeout(20)

    def accept(self):
        s, _ = self.listener.accept()
        s.settimeout(20)
        return s

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


@pytest.fixture
def upstream():
    with Upstream() as one:
        yield one


@contextlib.contextmanager
def joined(server, upstream):
    """A client and the connection made for it."""
    with dial(server.port, timeout=20) as client, upstream.accept() as far:
        yield client, far


def is_reset(s):
    """Reads on; true when that ends by a reset."""
    try:
        read_to_end(s)
        return False
    except ConnectionResetError:
        return True


def gets_a_reset(server, data=b""):
    """Of a new connection; the reset may come before its connect(2) has returned."""
    try:
        with dial(server.port, timeout=20) as s:
            s.sendall(data)
            return is_reset(s)
    except ConnectionResetError:
        return True


def descriptors(server):
    return len(list(pathlib.Path(f"/proc/{server.pid}/fd").iterdir()))


# --- bytes and ends ------------------------------------------------------------------------------

def pour(s, data, seed, end=True):
    chance, at = random.Random(seed), 0
    while at < len(data):
        size = chance.choice((1, 100, 5000, 70_000, 1_000_000))
        s.sendall(data[at:at + size])
        at += size
        if chance.random() < 0.02:
            time.sleep(0.01)
    if end:
        s.shutdown(socket.SHUT_WR)


def exchange_both_ways(a, b, size):
    """Random bytes in both directions at once; each side must get what the other gave."""
    given, got = [random_bytes(size), random_bytes(size)], [None, None]

    def take(i, s):
        got[i] = read_to_end(s)

    threads = [threading.Thread(target=do, args=args)
               for do, args in ((pour, (a, given[0], 1)), (pour, (b, given[1], 2)), (take, (0, b)), (take, (1, a)))]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert got[0] == given[0] and got[1] == given[1]


def test_bytes_arrive_unchanged_both_ways_at_once(world, upstream):
    server = world.serve("--forward", upstream.text)
    for size in (1, 70_000, 9 * MIB):
        with joined(server, upstream) as (client, far):
            exchange_both_ways(client, far, size)
    server.wait_err("received 9 MiB, sent 9 MiB")


def test_unix_sockets_on_both_sides(world, tmp_path):
    with Upstream(tmp_path / "up") as upstream:
        world.sockutil("serve", f"unix:{tmp_path}/down", "--forward", upstream.text).wait_err("listening on")
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(str(tmp_path / "down"))
            with upstream.accept() as far:
                exchange_both_ways(client, far, 3 * MIB)


def test_ipv6_and_names(world):
    with Upstream(host="::1") as upstream:
        server = world.serve("--forward", f"localhost:{upstream.port}")
        with joined(server, upstream) as (client, far):
            exchange_both_ways(client, far, 1000)


@pytest.mark.parametrize("first", ["client", "upstream"])
def test_each_end_is_passed_on_alone(world, upstream, first):
    server = world.serve("--forward", upstream.text)
    with joined(server, upstream) as (client, far):
        one, other = (client, far) if first == "client" else (far, client)
        one.sendall(b"question")
        one.shutdown(socket.SHUT_WR)
        assert read_to_end(other) == b"question"
        time.sleep(0.7)  # longer than any lingering
        other.sendall(b"late answer")
        other.shutdown(socket.SHUT_WR)
        assert read_to_end(one) == b"late answer"
    server.wait_err(f": {first} ended; received")


@pytest.mark.parametrize("kind", ["tls to plain", "plain to tls", "tls to tls"])
@needs_tls
def test_tls_is_added_and_removed(world, certificates, kind):
    cert, key = certificates.leaf()
    up, down, size = random_bytes(3 * MIB), random_bytes(2 * MIB), 3 * MIB

    def talk(s):
        got = read_exactly(s, size)
        assert got == up and s.recv(1) == b""  # close_notify came, and we can still answer
        s.sendall(down)
        s.unwrap() if hasattr(s, "unwrap") else s.shutdown(socket.SHUT_WR)
        return len(got)

    secure_up = kind.endswith("to tls")
    peer = world.peer(talk, tls=certificates.server_context() if secure_up else None)
    args = ["--forward", f"{'tls://' if secure_up else ''}localhost:{peer.port}"]
    args += ["--ca", certificates.ca] if secure_up else []
    if kind.startswith("tls"):
        args += ["--tls", "--cert", cert, "--key", key]
    server = world.serve(*args)
    client = ["connect", f"localhost:{server.port}"]
    if kind.startswith("tls"):
        client += ["--tls", "--ca", certificates.ca]
    r = world.run(*client, stdin=up, timeout=60)
    assert (r.status, r.err) == (0, "")
    assert r.out == down
    assert peer.result() == size


def test_websocket_is_added_and_removed(world, upstream):
    """Plain, WebSocket, plain again."""
    far_end = world.serve("--ws", "--forward", upstream.text)
    near_end = world.serve("--forward", f"ws://{HOST}:{far_end.port}")
    with joined(near_end, upstream) as (client, far):
        for a, b, size in ((client, far, 7), (far, client, 300_000), (client, far, 2 * MIB)):
            data = random_bytes(size)
            sender = threading.Thread(target=pour, args=(a, data, size, False))
            sender.start()
            assert read_exactly(b, size) == data
            sender.join()
        far.close()
        assert read_to_end(client) == b""


@needs_tls
def test_what_tls_cut_short_is_not_an_end(world, certificates):
    def talk(s):
        s.sendall(b"half of it")
        raw = socket.socket(fileno=s.detach())
        raw.close()

    peer = world.peer(talk, tls=certificates.server_context())
    server = world.serve("--forward", f"tls://localhost:{peer.port}", "--ca", certificates.ca)
    with dial(server.port) as s:
        assert read_exactly(s, 10) == b"half of it"
        assert is_reset(s)
    server.wait_err("closed")
    assert "upstream: " in server.err


# --- failures --------------------------------------------------------------------------------------

@pytest.mark.parametrize("first", ["client", "upstream"])
def test_a_reset_is_passed_on_behind_the_bytes_before_it(world, upstream, first):
    server = world.serve("--forward", upstream.text)
    with joined(server, upstream) as (client, far):
        one, other = (client, far) if first == "client" else (far, client)
        other.sendall(b"x")
        assert one.recv(1) == b"x"
        one.sendall(b"y" * 300_000)
        reset(one)
        got = b""
        with pytest.raises(ConnectionResetError):
            while True:
                piece = other.recv(1000)
                assert piece, "a reset was taken for an end"
                got += piece
        assert got == b"y" * len(got)
    said = server.wait_err("connection reset by peer")
    assert (f"upstream: {upstream.text}: connection reset by peer" in said) == (first == "upstream")


@needs_linux_paths  # asks the kernel what the client has acknowledged
def test_a_reset_waits_until_the_client_has_what_came(world, upstream):
    """The server gives two megabytes to a client that does not read, and resets: not a byte is lost."""
    server = world.serve("--forward", upstream.text)
    data = random_bytes(2 * MIB)
    with dial(server.port, timeout=20) as client, upstream.accept() as far:
        far.sendall(data)
        wait_until(lambda: unsent(far) == 0, 10, "the kernel to have it")
        got = read_exactly(client, 1000)
        time.sleep(0.2)
        reset(far)
        time.sleep(0.2)
        with pytest.raises(ConnectionResetError):
            while True:
                piece = client.recv(10_000)
                assert piece
                got += piece
        assert got == data


def unsent(s):
    import fcntl
    import termios
    return struct.unpack("i", fcntl.ioctl(s.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0]


def test_an_early_answer_goes_through(world, upstream):
    server = world.serve("--forward", upstream.text)
    with joined(server, upstream) as (client, far):
        client.sendall(b"P" * 3 * MIB)
        far.recv(10)
        far.sendall(b"413 too large")
        far.close()  # with most of it unread: a reset
        assert read_exactly(client, 13) == b"413 too large"
        assert is_reset(client)


def test_a_server_that_closes_at_once(world, upstream):
    server = world.serve("--forward", upstream.text)
    for _ in range(20):
        with dial(server.port) as client:
            upstream.accept().close()
            assert client.recv(1) == b""
    wait_until(lambda: server.err.count("closed ") == 20, 10, "their ends")
    assert server.running()


def test_a_client_that_is_gone_before_the_server_is_there(world, upstream):
    server = world.serve("--forward", upstream.text)
    for _ in range(20):
        reset(dial(server.port))
    for _ in range(20):
        with upstream.accept() as far:
            with contextlib.suppress(ConnectionResetError):  # whichever it was, it is over
                read_to_end(far)
    wait_until(lambda: server.err.count("closed ") == 20, 10, "their ends")


# --- which server --------------------------------------------------------------------------------------

def greeter(name):
    def talk(s):
        s.sendall(name)
    return talk


def test_servers_are_taken_in_turn(world):
    names = [b"a", b"b", b"c"]
    args = []
    for name in names:
        args += ["--forward", f"{HOST}:{world.peer(greeter(name), count=4).port}"]
    server = world.serve(*args)
    got = []
    for _ in range(12):
        with dial(server.port) as s:
            got.append(read_to_end(s))
    assert got == names * 4


def test_the_next_is_taken_when_one_fails(world):
    dead, other = unused_port(), unused_port()
    peer = world.peer(greeter(b"hello"), count=6)
    server = world.serve("--forward", f"{HOST}:{dead}", "--forward", f"{HOST}:{other}", "--forward",
                         f"{HOST}:{peer.port}")
    for _ in range(6):
        with dial(server.port) as s:
            assert read_to_end(s) == b"hello"
    assert f"upstream: {HOST}:{dead}: connection refused; trying {HOST}:{other}\n" in server.err
    assert f"upstream: {HOST}:{other}: connection refused; trying {HOST}:{peer.port}\n" in server.err
    # in turn 2, 1 and 0 of them come before the one that lives
    assert server.err.count("connection refused") == 2 * (2 + 1 + 0)


def test_none_takes_it(world):
    ports = [unused_port(), unused_port()]
    server = world.serve("--forward", f"{HOST}:{ports[0]}", "--forward", f"{HOST}:{ports[1]}")
    assert gets_a_reset(server)
    server.wait_err("closed")
    assert server.err.count("connection refused") == 2
    assert f": upstream: {HOST}:{ports[1]}: connection refused; received 0 B, sent 0 B" in server.err
    server.signal(signal.SIGTERM)
    assert server.wait() == 0


def test_once_has_the_status_of_its_connection(world, upstream):
    server = world.serve("-q", "--once", "--forward", f"{HOST}:{unused_port()}")
    assert gets_a_reset(server)
    assert server.wait() == 7
    assert "connection refused" in one_line(server.err)
    server = world.serve("-q", "--once", "--forward", upstream.text)
    with joined(server, upstream) as (client, far):
        client.shutdown(socket.SHUT_WR)
        far.shutdown(socket.SHUT_WR)
    assert (server.wait(), server.err) == (0, "")


def full_queue():
    """A listener whose queue is full: connecting to it gets no answer."""
    listener = socket.socket()
    listener.bind((HOST, 0))
    listener.listen(0)
    waiting = []
    for _ in range(20):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(listener.getsockname())
        waiting.append(s)
    return listener, waiting


@needs_linux
def test_what_a_client_says_first_waits_in_the_kernel(world, upstream):
    listener, waiting = full_queue()
    silent = f"{HOST}:{listener.getsockname()[1]}"
    server = world.serve("--forward", silent, "--forward", upstream.text, "-w", "1s")
    with dial(server.port) as client:
        client.sendall(b"z" * 50_000)
        mine = client.getsockname()[1]

        def queued():
            for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(f":{server.port:04X}") and fields[2].endswith(f":{mine:04X}"):
                    return int(fields[4].split(":")[1], 16)
            return 0

        wait_until(lambda: queued() == 50_000, 5, "the bytes in the kernel")
        with upstream.accept() as far:
            assert read_exactly(far, 50_000) == b"z" * 50_000
    assert f"upstream: {silent}: no answer after 1.00s (--timeout); trying {upstream.text}\n" in server.err
    for s in (listener, *waiting):
        s.close()


def test_a_source_address(world, upstream):
    server = world.serve("--forward", upstream.text, "--source", "127.0.0.9")
    with joined(server, upstream) as (_, far):
        assert far.getpeername()[0] == "127.0.0.9"


def test_through_a_proxy(world, upstream):
    """HTTP, then SOCKS, then the server; the PROXY header goes to the server."""
    hops = [world.serve("--gateway", "both", "--allow-private") for _ in range(2)]
    server = world.serve("--forward", upstream.text, "-x", f"http://{HOST}:{hops[0].port}", "-x",
                         f"socks5h://{HOST}:{hops[1].port}", "--send-proxy", "1")
    with joined(server, upstream) as (client, far):
        client.sendall(b"hello")
        header = header_of(1, client.getsockname(), client.getpeername())
        assert read_exactly(far, len(header) + 5) == header + b"hello"
        exchange_both_ways(client, far, 3 * MIB)


def test_a_dead_proxy_is_told(world, upstream):
    proxy = unused_port()
    server = world.serve("--once", "--forward", upstream.text, "-x", f"socks5://{HOST}:{proxy}")
    assert gets_a_reset(server)
    assert server.wait() == 97
    assert str(proxy) in server.err and "connection refused" in server.err


# --- PROXY headers ---------------------------------------------------------------------------------------

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def header_of(version, client, server):
    (host, port), (to, service) = client[:2], server[:2]
    v6 = ":" in host
    if version == 1:
        return f"PROXY TCP{'6' if v6 else '4'} {host} {to} {port} {service}\r\n".encode()
    family = socket.AF_INET6 if v6 else socket.AF_INET
    body = socket.inet_pton(family, host) + socket.inet_pton(family, to) + struct.pack("!HH", port, service)
    return SIGNATURE + bytes((0x21, 0x21 if v6 else 0x11)) + struct.pack("!H", len(body)) + body


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("host", [HOST, "::1"])
def test_a_proxy_header_says_who_the_client_is(world, upstream, version, host):
    server = world.serve("--forward", upstream.text, "--send-proxy", str(version),
                         host=f"[{host}]" if ":" in host else host)
    with dial(server.port, host=host) as client, upstream.accept() as far:
        client.sendall(b"then the bytes")
        client.shutdown(socket.SHUT_WR)
        assert read_to_end(far) == header_of(version, client.getsockname(), client.getpeername()) + b"then the bytes"


@pytest.mark.parametrize("version", [1, 2])
def test_a_client_of_both_families_is_ipv4(world, upstream, version):
    """A dual-stack socket has the client's address as ::ffff:127.0.0.1."""
    port_file = world.path("port")
    server = world.sockutil("serve", "--port-file", port_file, "0", "--forward", upstream.text, "--send-proxy",
                            str(version))
    wait_until(lambda: port_file.exists() and port_file.read_text().strip(), 10, "the port")
    with dial(int(port_file.read_text().split()[0])) as client, upstream.accept() as far:
        client.shutdown(socket.SHUT_WR)
        assert read_to_end(far) == header_of(version, client.getsockname(), client.getpeername())
    assert server.running()


@pytest.mark.parametrize("version, header", [("1", b"PROXY UNKNOWN\r\n"), ("2", SIGNATURE + b"\x20\0\0\0")])
def test_a_unix_client_has_no_address(world, upstream, tmp_path, version, header):
    world.sockutil("serve", f"unix:{tmp_path}/s", "--forward", upstream.text, "--send-proxy",
                   version).wait_err("listening on")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "s"))
        with upstream.accept() as far:
            client.sendall(b"x")
            client.shutdown(socket.SHUT_WR)
            assert read_to_end(far) == header + b"x"


@pytest.mark.parametrize("version", ["1", "2"])
@needs_tls
def test_a_proxy_header_comes_before_tls(world, certificates, version):
    got = []

    def talk(s):
        got.append(read_exactly(s, 28) if version == "2" else b"".join(iter(lambda: s.recv(1), b"\n")))
        with certificates.server_context().wrap_socket(s, server_side=True) as secure:
            got.append(secure.recv(100))
            secure.sendall(b"answer")

    peer = world.peer(talk)
    server = world.serve("--forward", f"tls://localhost:{peer.port}", "--ca", certificates.ca, "--send-proxy", version)
    with dial(server.port) as client:
        header = header_of(int(version), client.getsockname(), client.getpeername())
        client.sendall(b"secret")
        assert read_exactly(client, 6) == b"answer"
    assert got[1] == b"secret" and header.rstrip(b"\n") == got[0]


@pytest.mark.parametrize("version", ["1", "2"])
def test_one_forward_tells_the_next(world, upstream, version):
    """--send-proxy of one is --accept-proxy of another, which tells it to a third."""
    inner = world.serve("--accept-proxy", "require", "--forward", upstream.text, "--send-proxy", "1")
    outer = world.serve("--forward", f"{HOST}:{inner.port}", "--send-proxy", version)
    with dial(outer.port) as client, upstream.accept() as far:
        client.sendall(b"hello")
        client.shutdown(socket.SHUT_WR)
        assert read_to_end(far) == header_of(1, client.getsockname(), client.getpeername()) + b"hello"


# --- whose options -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("args, message", [
    (["--ca", "x"], "--ca needs --forward"),
    (["--timeout", "1s"], "--timeout needs --forward or --gateway"),
    (["--send-proxy", "1"], "--send-proxy needs --forward"),
    (["-x", "http://h:1"], "--proxy needs --forward or --gateway"),
    (["--noproxy", "*"], "--noproxy needs --forward or --gateway"),
    (["--forward", "h:1", "--proxy-dns", "local"], "--proxy-dns needs --proxy"),
    (["--forward", "h:1", "--forward", "unix:/s", "-x", "http://h:1"], None),
    (["--forward", "h:1", "--forward", "tls://h:1", "-x", "env"],
     "--proxy env: the environment has one for each kind of endpoint, and those of --forward are of several; give the "
     "proxy itself"),
    (["--forward", "h:1", "--insecure"], "--insecure is about the upstream: it needs --forward with tls:// or wss://"),
    (["--forward", "h:1", "--tls", "--pin", "x"],
     "--pin is about the upstream: it needs --forward with tls:// or wss://"),
    (["--forward", "tls://h:1", "--cert", "x"], "--cert needs --tls or a tls:// endpoint"),
    (["--forward", "h:1", "--alpn", "x"], "--alpn needs --tls or a tls:// endpoint"),
    (["--forward", "h:1", "--crl", "x"], "--crl needs --client-ca: a server checks its clients"),
    (["--forward", "fd:0"], "--forward fd:0: one socket cannot be the other end of many connections"),
    (["--forward", "systemd:x"], None),
    (["--forward", "udp://h:1"], "--forward udp://h:1: streams go to streams, not to datagrams"),
    (["--forward", "h:0"], None),
    (["--forward", ":80"], None),
    (["--forward", "h:1", "--responder", "echo"], None),
    (["--forward", "h:1", "--send-proxy", "3"], None),
    (["--forward", "h:1", "--recv-only"], None),
])
def test_what_means_nothing_is_refused(world, args, message):
    r = world.run("serve", f"{HOST}:0", *args)
    assert r.status == 2
    line = one_line(r.err)
    assert message is None or line == f"sockutil serve: {message}"


@needs_tls
def test_a_server_that_is_not_trusted_gets_nothing(world, certificates):
    def talk(s):
        with contextlib.suppress(OSError):
            certificates.server_context().wrap_socket(s, server_side=True)

    peer = world.peer(talk, count=1)
    server = world.serve("--forward", f"tls://localhost:{peer.port}")
    assert gets_a_reset(server, b"secret")
    assert f"upstream: tls://localhost:{peer.port}: certificate's issuer is not known" in server.wait_err("closed")


@needs_tls
def test_a_bad_authority_is_told_before_anything_listens(world, tmp_path):
    (tmp_path / "ca.pem").write_text("nothing\n")
    r = world.run("serve", f"{HOST}:0", "--forward", "tls://localhost:1", "--ca", tmp_path / "ca.pem")
    assert r.status != 0 and "listening" not in r.err and "ca.pem" in one_line(r.err)


@needs_tls
def test_one_secret_makes_a_tunnel(world, upstream, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("correct horse battery staple\n")
    secret.chmod(0o600)
    far_end = world.serve("--tls", "--secret", secret, "--forward", upstream.text)
    near_end = world.serve("--forward", f"tls://localhost:{far_end.port}", "--secret", secret)
    with dial(near_end.port, timeout=20) as client, upstream.accept() as far:
        exchange_both_ways(client, far, MIB)


# --- time and the end of the server ---------------------------------------------------------------------------

def test_idle_time_is_each_connection_s_own(world, upstream):
    server = world.serve("--forward", upstream.text, "--idle-timeout", "400ms")
    with joined(server, upstream) as (idle, idle_far), joined(server, upstream) as (busy, busy_far):
        ended = threading.Event()

        def talk():
            while not ended.is_set():
                busy.sendall(b"x")
                assert busy_far.recv(1) == b"x"
                ended.wait(0.05)

        thread = threading.Thread(target=talk)
        thread.start()
        assert is_reset(idle) and is_reset(idle_far)
        time.sleep(0.5)
        ended.set()
        thread.join()
        busy.sendall(b"still")
        assert read_exactly(busy_far, 5) == b"still"
    assert server.err.count("no byte came or went for 400ms (--idle-timeout)") == 1


def test_a_drain_lets_connections_finish(world, upstream):
    server = world.serve("--forward", upstream.text, "--grace", "20s")
    with joined(server, upstream) as (client, far):
        server.signal(signal.SIGTERM)
        server.wait_err("1 connection may finish")
        client.sendall(b"still here")
        assert read_exactly(far, 10) == b"still here"
        far.sendall(b"yes")
        far.shutdown(socket.SHUT_WR)
        client.shutdown(socket.SHUT_WR)
        assert read_to_end(client) == b"yes"
    assert server.wait() == 0


def test_what_is_cut_is_reset_on_both_sides(world, upstream):
    server = world.serve("--forward", upstream.text, "--grace", "100ms")
    with joined(server, upstream) as (client, far):
        client.sendall(b"half")
        assert read_exactly(far, 4) == b"half"
        server.signal(signal.SIGTERM)
        assert is_reset(client) and is_reset(far)
    assert server.wait() == 128 + signal.SIGTERM


def test_a_server_ends_while_it_searches(world):
    listener, waiting = full_queue()
    server = world.serve("--forward", f"{HOST}:{listener.getsockname()[1]}", "--grace", "100ms")
    with dial(server.port) as client:
        server.wait_err("connected from")
        server.signal(signal.SIGTERM)
        assert is_reset(client)
    assert server.wait() == 128 + signal.SIGTERM
    for s in (listener, *waiting):
        s.close()


# --- one connection's fate is no other's ------------------------------------------------------------------------

@needs_linux
def test_a_slow_reader_costs_a_bounded_amount_and_nobody_else(world, upstream):
    server = world.serve("--forward", upstream.text)
    with dial(server.port, rcvbuf=4096, timeout=30) as slow, upstream.accept() as slow_far:
        flood = threading.Thread(target=lambda: pour(slow_far, b"f" * 32 * MIB, 3))
        flood.start()
        start = time.monotonic()
        for _ in range(50):
            with joined(server, upstream) as (client, far):
                client.sendall(b"quick")
                assert read_exactly(far, 5) == b"quick"
        assert time.monotonic() - start < 10
        assert server.status_field("VmHWM") < 60_000
        got = 0
        while piece := slow.recv(1 << 20):
            got += len(piece)
        assert got == 32 * MIB
        flood.join(30)


@needs_linux
def test_aborts_leave_nothing_behind(world):
    """Five hundred connections, each ended at random by either side, in any way, at any time."""
    chance = random.Random(7)
    stop = threading.Event()

    def meet(s, size):
        """Some of: read, write, half-close, read to the end; then closed or reset."""
        try:
            s.settimeout(0.2)
            if chance.random() < 0.3:
                s.recv(10)
            if chance.random() < 0.6:
                s.sendall(b"x" * chance.randrange(size))
            if chance.random() < 0.2:
                s.shutdown(socket.SHUT_WR)
            if chance.random() < 0.2:
                read_to_end(s)
        except OSError:
            pass
        reset(s) if chance.random() < 0.5 else s.close()

    def accept_all(listener):
        while not stop.is_set():
            try:
                s, _ = listener.accept()
            except OSError:
                continue
            threading.Thread(target=meet, args=(s, 200_000), daemon=True).start()

    with Upstream() as upstream:
        upstream.listener.settimeout(0.2)
        taker = threading.Thread(target=accept_all, args=(upstream.listener,))
        taker.start()
        server = world.serve("-q", "--forward", upstream.text, "--forward", f"{HOST}:{unused_port()}")
        before = descriptors(server)
        for _ in range(500):
            with contextlib.suppress(ConnectionResetError):
                meet(dial(server.port), 100_000)
        # four pipes are kept for whoever moves next
        wait_until(lambda: descriptors(server) <= before + 8, 30, "all to be closed")
        stop.set()
        taker.join()
    assert server.running()


@needs_linux
def test_no_descriptors_harm_one_client_at_most(world, upstream):
    server = world.serve("-q", "--forward", upstream.text,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24)))
    held, turned_away = [], 0
    for _ in range(12):
        s = dial(server.port)
        try:
            s.sendall(b"x" * 100_000)
            upstream.listener.settimeout(0.5)
            far = upstream.accept()
            held.append((s, far))
        except (OSError, TimeoutError):
            turned_away += 1
            s.close()
    assert held and turned_away
    for s, far in held:  # without a pipe to be had the bytes are copied
        assert read_exactly(far, 100_000) == b"x" * 100_000
        far.sendall(b"answer")
        assert read_exactly(s, 6) == b"answer"
    start = server.cpu()
    time.sleep(0.5)
    assert server.cpu() - start < 0.2
    for s, far in held:
        s.close()
        far.close()
    upstream.listener.settimeout(20)

    def works():
        try:
            with dial(server.port) as s:
                upstream.listener.settimeout(1)
                with upstream.accept() as far:
                    s.sendall(b"again")
                    return read_exactly(far, 5) == b"again"
        except OSError:
            return False

    wait_until(works, 10, "a connection")


@needs_linux_paths
def test_connections_at_rest_hold_no_pipes(world, upstream):
    server = world.serve("-q", "--forward", upstream.text)
    before, held = descriptors(server), []
    for _ in range(30):
        client, far = dial(server.port), upstream.accept()
        held += [client, far]
        for a, b in ((client, far), (far, client)):
            a.sendall(b"m" * 20_000)
            assert len(read_exactly(b, 20_000)) == 20_000
    wait_until(lambda: descriptors(server) <= before + 60 + 8, 5, "pipes to be given back")
    start = server.cpu()
    time.sleep(0.5)
    assert server.cpu() - start < 0.1  # nobody spins
    for s in held:
        s.close()
    wait_until(lambda: descriptors(server) <= before + 8, 5, "all to be closed")


@needs_linux
@no_sanitizer
def test_a_connection_at_rest_costs_little(world, upstream):
    def own():
        text = pathlib.Path(f"/proc/{server.pid}/smaps_rollup").read_text()
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_"))

    def more(count):
        for _ in range(count):
            client, far = dial(server.port), upstream.accept()
            client.sendall(b"m" * 2000)
            far.sendall(read_exactly(far, 2000))
            read_exactly(client, 2000)
            held.extend((client, far))

    held = []
    server = world.serve("-q", "--forward", upstream.text)
    more(20)
    before = own()
    more(400)
    assert (own() - before) / 400 < 4  # KiB, both ends of it
    for s in held:
        s.close()


def test_workers_forward_too(world):
    peer = world.peer(greeter(b"hello"), count=20)
    server = world.serve("--workers", "2", "--forward", f"{HOST}:{peer.port}")
    for _ in range(20):
        with dial(server.port) as s:
            assert read_to_end(s) == b"hello"
