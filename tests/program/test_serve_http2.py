# SPDX-License-Identifier: MIT
"""serve --files over HTTP/2.

Holds: HTTP/2 by ALPN, and on plain connections by its preface, never by a preface inside of TLS without ALPN; whole
files, heads, ranges, conditions, uploads, many at once; a stream that waits for its window holds up no other; requests
that could be read in two ways are refused; floods of frames end the connection with GOAWAY and cost nobody else;
clients that take nothing hold bounded memory; half a head is not waited for; a drain answers what is under way; a file
that becomes shorter resets its stream alone.
"""
import json
import re
import signal
import struct

import pytest

from harness import MIB, dial, needs_tls, no_sanitizer, random_bytes, reset, sha256, wait_until

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM = ACK = 1
END_HEADERS = 4
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, CANCEL, ENHANCE_YOUR_CALM = 0, 1, 2, 8, 11


# --- a client ------------------------------------------------------------------------------------

def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def number(value):
    return struct.pack(">I", value)


def text(value):
    """A string of HPACK, not coded (RFC 7541, 5.2)."""
    value = value if isinstance(value, bytes) else value.encode()
    if len(value) < 127:
        return bytes([len(value)]) + value
    rest = len(value) - 127
    out = b"\x7f"
    while rest >= 128:
        out += bytes([rest & 127 | 128])
        rest >>= 7
    return out + bytes([rest]) + value


def block(method="GET", path="/f", extra=(), authority="a.test", scheme="http"):
    fields = [(":method", method), (":scheme", scheme), (":path", path), (":authority", authority), *extra]
    return b"".join(b"\0" + text(n) + text(v) for n, v in fields)


def head(stream, method="GET", path="/f", extra=(), flags=END_STREAM, **how):
    return frame(HEADERS, flags | END_HEADERS, stream, block(method, path, extra, **how))


STATUS = {0x88: 200, 0x89: 204, 0x8a: 206, 0x8b: 304, 0x8c: 400, 0x8d: 404, 0x8e: 500}


def digits(coded):
    """What Huffman's code of RFC 7541 makes of digits."""
    bits = "".join(f"{b:08b}" for b in coded)
    out = ""
    while len(bits) >= 5:
        if bits[:5] in ("00000", "00001", "00010"):
            out, bits = out + str(int(bits[:5], 2)), bits[5:]
        elif len(bits) >= 6 and "011001" <= bits[:6] <= "011111":
            out, bits = out + str(int(bits[:6], 2) - 22), bits[6:]
        else:
            break
    return int(out)


def status_of(fields):
    """Of a block of a server that was told to keep no table."""
    while fields[0] & 0xe0 == 0x20:
        fields = fields[1:]
    if fields[0] in STATUS:
        return STATUS[fields[0]]
    value = fields[2:2 + (fields[1] & 127)]
    return digits(value) if fields[1] & 128 else int(value)


class Client:
    def __init__(self, port, sock=None, settings=((1, 0),), **how):
        self.sock = sock or dial(port, **how)
        self.rest = b""
        payload = b"".join(struct.pack(">HI", *s) for s in settings)
        self.send(PREFACE + frame(SETTINGS, 0, 0, payload) + frame(SETTINGS, ACK, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def send_as_far_as_it_goes(self, data):
        """False once the server does not take any more."""
        try:
            self.sock.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def frame(self):
        """(type, flags, stream, payload), or None at the end."""
        while len(self.rest) < 9 or len(self.rest) < 9 + int.from_bytes(self.rest[:3], "big"):
            try:
                piece = self.sock.recv(1 << 16)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return None
            self.rest += piece
        length = int.from_bytes(self.rest[:3], "big")
        kind, flags = self.rest[3], self.rest[4]
        stream = int.from_bytes(self.rest[5:9], "big")
        payload, self.rest = self.rest[9:9 + length], self.rest[9 + length:]
        return kind, flags, stream, payload

    def expect(self, *kinds):
        """The next frame of those types; others are dropped."""
        while True:
            got = self.frame()
            assert got, f"the connection ended without a frame of type {kinds}"
            if got[0] in kinds:
                return got

    def open_windows(self, stream=None, size=1 << 28):
        self.send(frame(WINDOW, 0, 0, number(size)))
        if stream:
            self.send(frame(WINDOW, 0, stream, number(size)))

    def answers(self, *streams):
        """{stream: (status, body)} of whole answers; a stream that is reset has its code in place of the body."""
        statuses, bodies, got = {}, {stream: bytearray() for stream in streams}, {}
        while len(got) < len(streams):
            kind, flags, stream, payload = self.expect(HEADERS, DATA, RST, GOAWAY)
            assert kind != GOAWAY, payload
            if stream not in bodies or stream in got:
                continue
            if kind == RST:
                got[stream] = (statuses.get(stream), int.from_bytes(payload, "big"))
                continue
            if kind == HEADERS:
                statuses[stream] = status_of(payload)
            elif payload:
                bodies[stream] += payload
                more = frame(WINDOW, 0, 0, number(len(payload)))
                if not flags & END_STREAM:
                    more += frame(WINDOW, 0, stream, number(len(payload)))
                self.send(more)
            if flags & END_STREAM:
                got[stream] = (statuses[stream], bytes(bodies[stream]))
        return got

    def ask(self, stream, **how):
        self.send(head(stream, **how))
        return self.answers(stream)[stream]

    def goaway(self):
        """Code of the GOAWAY that comes, and that the server then closes."""
        payload = self.expect(GOAWAY)[3]
        while self.frame():
            pass
        return int.from_bytes(payload[4:8], "big")


@pytest.fixture
def root(world):
    folder = world.folder / "root"
    folder.mkdir()
    (folder / "f").write_bytes(b"hello\n")
    return folder


def serving(world, root, *options, **how):
    return world.serve("--files", root, *options, **how)


def serving_tls(world, root, certificates, *options):
    certificate, key = certificates.leaf()
    return serving(world, root, "--tls", "--cert", certificate, "--key", key, *options)


def still_serves(server):
    with Client(server.port) as c:
        assert c.ask(1) == (200, b"hello\n")


def rss(process):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{process.popen.pid}/status").read()).group(1)) * 1024


# --- which version -------------------------------------------------------------------------------

@needs_tls
def test_by_alpn(world, root, certificates):
    server = serving_tls(world, root, certificates)
    r = world.run("get", "--http2", "--ca", certificates.ca, "-i", f"https://localhost:{server.port}/f")
    assert r.status == 0 and r.out.startswith(b"HTTP/2 200\r\n") and r.out.endswith(b"\r\n\r\nhello\n"), r
    r = world.run("get", "--http1.1", "--ca", certificates.ca, "-i", f"https://localhost:{server.port}/f")
    assert r.status == 0 and r.out.startswith(b"HTTP/1.1 200 OK\r\n"), r


def dial_tls(server, certificates, *protocols):
    context = certificates.client_context()
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context.wrap_socket(dial(server.port), server_hostname="localhost")


@needs_tls
@pytest.mark.parametrize("protocols", [(), ("http/1.1",)])
def test_a_preface_in_tls_needs_alpn(world, root, certificates, protocols):
    server = serving_tls(world, root, certificates)
    with dial_tls(server, certificates, *protocols) as s:
        s.sendall(PREFACE)
        assert s.recv(100).startswith(b"HTTP/1.1 505 ")


@needs_tls
def test_alpn_needs_a_preface(world, root, certificates):
    server = serving_tls(world, root, certificates)
    with dial_tls(server, certificates, "h2") as s:
        assert s.selected_alpn_protocol() == "h2"
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        got = b""
        while piece := s.recv(1000):
            got += piece
        assert b"HTTP/1.1" not in got
    with Client(0, dial_tls(server, certificates, "h2")) as c:
        assert c.ask(1) == (200, b"hello\n")


def test_by_the_preface_on_plain_connections(world, root):
    server = serving(world, root)
    with Client(server.port) as c:
        assert c.ask(1) == (200, b"hello\n")
        assert c.ask(3, path="/none")[0] == 404
    with dial(server.port) as s:
        s.sendall(b"GET /f HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert s.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")


def test_behind_http1_it_is_too_late(world, root):
    server = serving(world, root)
    with dial(server.port) as s:
        s.sendall(b"GET /f HTTP/1.1\r\nHost: a\r\n\r\n" + PREFACE)
        got = b""
        while piece := s.recv(1000):
            got += piece
        assert got.count(b"HTTP/1.1 200 OK\r\n") == 1 and got.count(b"HTTP/1.1 505 ") == 1


# --- files ---------------------------------------------------------------------------------------

@needs_tls
@pytest.mark.parametrize("size", [0, 1, 16375, 16376, 65535, 65536, MIB, 20 * MIB + 3])
def test_files_come_whole(world, root, certificates, size):
    data = random_bytes(size)
    (root / "data").write_bytes(data)
    server = serving_tls(world, root, certificates)
    r = world.run("get", "--http2", "--ca", certificates.ca, f"https://localhost:{server.port}/data")
    assert r.status == 0 and sha256(r.out) == sha256(data), r.err
    with Client(serving(world, root).port) as c:
        assert c.ask(1, path="/data") == (200, data)


@needs_tls
def test_heads_ranges_and_uploads(world, root, certificates):
    data = random_bytes(3 * MIB)
    server = serving_tls(world, root, certificates, "--upload")
    url = f"https://localhost:{server.port}/up"
    get = ("get", "--http2", "--ca", certificates.ca)
    r = world.run(*get, "-T", world.path("local", data), url)
    assert r.status == 0, r
    assert (root / "up").read_bytes() == data
    r = world.run(*get, "-I", url)
    assert b"content-length: 3145728\r\n" in r.out and r.status == 0, r
    r = world.run(*get, "-r", "100-199", "-i", url)
    assert r.out.startswith(b"HTTP/2 206\r\n") and r.out.endswith(data[100:200]), r
    r = world.run(*get, f"https://localhost:{server.port}/none")
    assert r.status == 22, r


def test_conditions(world, root):
    server = serving(world, root)
    with Client(server.port) as c:
        assert c.ask(1, extra=[("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT")]) == (304, b"")
        assert c.ask(3, extra=[("if-match", '"x"')])[0] == 412
        assert c.ask(5, method="HEAD") == (200, b"")
        assert c.ask(7, extra=[("range", "bytes=1-2")]) == (206, b"el")


def test_many_at_once(world, root):
    bodies = {i: random_bytes(i * 1000) for i in range(50)}
    for i, body in bodies.items():
        (root / str(i)).write_bytes(body)
    server = serving(world, root)
    with Client(server.port) as c:
        c.send(b"".join(head(2 * i + 1, path=f"/{i}") for i in range(50)))
        got = c.answers(*range(1, 100, 2))
        assert got == {2 * i + 1: (200, bodies[i]) for i in range(50)}


@needs_tls
def test_many_of_our_own(world, root, certificates):
    for i in range(40):
        (root / f"n{i}").write_bytes(b"%d" % i * 1000)
    server = serving_tls(world, root, certificates)
    out = world.folder / "out"
    out.mkdir()
    urls = [f"https://localhost:{server.port}/n{i}" for i in range(40)]
    r = world.run("get", "--http2", "--ca", certificates.ca, "-Z", "-O", "-P", out, *urls)
    assert r.status == 0, r
    for i in range(40):
        assert (out / f"n{i}").read_bytes() == b"%d" % i * 1000
    assert server.err.count("connected from") == 1, "one connection for all"


def test_a_stream_without_a_window_holds_up_no_other(world, root):
    (root / "large").write_bytes(bytes(10 * MIB))
    server = serving(world, root)
    with Client(server.port, settings=((1, 0), (4, 1000))) as c:
        c.send(head(1, path="/large"))
        assert c.expect(DATA)[2] == 1
        assert c.ask(3) == (200, b"hello\n")
        c.send(frame(RST, 0, 1, number(CANCEL)))
        assert c.ask(5) == (200, b"hello\n")


def test_an_upload_is_slowed_by_windows_and_whole(world, root):
    server = serving(world, root, "--upload")
    data = random_bytes(2 * MIB)
    with Client(server.port) as c:
        c.send(head(1, method="PUT", path="/up", flags=0))
        for at in range(0, len(data), 16384):
            piece = data[at:at + 16384]
            c.send(frame(DATA, END_STREAM if at + 16384 >= len(data) else 0, 1, piece))
        assert c.answers(1)[1][0] == 201
    assert (root / "up").read_bytes() == data


def test_half_an_upload_is_nothing(world, root):
    server = serving(world, root, "--upload")
    with Client(server.port) as c:
        c.send(head(1, method="PUT", path="/up", flags=0) + frame(DATA, 0, 1, b"half"))
        c.send(frame(RST, 0, 1, number(CANCEL)))
        assert c.ask(3) == (200, b"hello\n")
        c.send(head(5, method="PUT", path="/up", flags=0) + frame(DATA, 0, 5, b"half"))
    wait_until(lambda: "closed" in server.err, what="the end of the connection")
    assert sorted(p.name for p in root.iterdir()) == ["f"]


# --- what could be read in two ways --------------------------------------------------------------

@pytest.mark.parametrize("extra", [
    [("Upper", "x")], [("connection", "close")], [("transfer-encoding", "chunked")], [("te", "gzip")],
    [("upgrade", "h2c")], [("keep-alive", "1")], [("proxy-connection", "x")], [(":path", "/g")], [(":x", "y")],
    [("content-length", "5")], [("content-length", "1"), ("content-length", "2")], [("x", "y"), (":status", "200")],
])
def test_malformed_requests_end_their_stream_alone(world, root, extra):
    server = serving(world, root)
    with Client(server.port) as c:
        assert c.ask(1, extra=extra) == (None, PROTOCOL_ERROR)
        assert c.ask(3) == (200, b"hello\n")


@pytest.mark.parametrize("how, status", [
    ({"extra": [("host", "b.test")]}, 400), ({"extra": [("x", "a\x01b")]}, 400), ({"path": "/a#b"}, 400),
    ({"path": "/../f"}, 400), ({"path": "/%2e%2e/f"}, 400), ({"path": "/..%2ff"}, 404), ({"path": "/%00"}, 400),
    ({"authority": "a@b"}, 400), ({"extra": [("expect", "x")]}, 417), ({"path": "/" + "a" * 16384}, 414),
    ({"extra": [("x", "y" * 10000)] * 7}, 431), ({"extra": [("x", "y")] * 101}, 431), ({"path": "/.env"}, 404),
])
def test_refused_requests(world, root, how, status):
    (root / ".env").write_bytes(b"secret")
    server = serving(world, root)
    with Client(server.port) as c:
        data = block(**how)
        frames = frame(HEADERS, END_STREAM | (END_HEADERS if len(data) <= 16384 else 0), 1, data[:16384])
        for at in range(16384, len(data), 16384):
            frames += frame(CONTINUATION, END_HEADERS if at + 16384 >= len(data) else 0, 1, data[at:at + 16384])
        c.send(frames)
        assert c.answers(1)[1][0] == status
        assert c.ask(3) == (200, b"hello\n")


# --- floods --------------------------------------------------------------------------------------

def rapid_resets():
    for stream in range(1, 100001, 2):
        yield head(stream) + frame(RST, 0, stream, number(CANCEL))


FLOODS = {
    "pings": lambda: (frame(PING, 0, 0, b"12345678") for _ in range(100000)),
    "settings": lambda: (frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 65535)) for _ in range(100000)),
    "empty data": lambda: (frame(DATA, 0, 1) for _ in range(100000)),
    "priorities": lambda: (frame(PRIORITY, 0, 1, b"\0\0\0\0\1") for _ in range(100000)),
    "resets": rapid_resets,
}


@pytest.mark.parametrize("kind", FLOODS)
def test_floods_end_the_connection(world, root, kind):
    server = serving(world, root, "--upload")
    with Client(server.port) as other, Client(server.port) as c:
        assert other.ask(1) == (200, b"hello\n")
        if kind == "empty data":
            c.send(head(1, method="PUT", path="/up", flags=0))
        pieces = []
        for piece in FLOODS[kind]():
            pieces.append(piece)
            if len(pieces) == 100:
                if not c.send_as_far_as_it_goes(b"".join(pieces)):
                    break
                pieces = []
        else:
            pytest.fail("the server took it all")
        assert other.ask(3) == (200, b"hello\n")
    wait_until(lambda: "cost more than it asked for" in server.err, what="the reason")
    still_serves(server)


def test_who_is_shown_out_is_told(world, root):
    server = serving(world, root)
    with Client(server.port) as c:
        c.send(b"".join(frame(PING, 0, 0, b"12345678") for _ in range(1000)))
        assert c.goaway() == ENHANCE_YOUR_CALM


@pytest.mark.parametrize("payload", [b"", b"\0\x01x\x01y" * 100])
def test_a_head_that_never_ends(world, root, payload):
    server = serving(world, root)
    with Client(server.port) as c:
        c.send(frame(HEADERS, END_STREAM, 1, block()))
        for _ in range(10000):
            if not c.send_as_far_as_it_goes(frame(CONTINUATION, 0, 1, payload) * 10):
                break
        else:
            pytest.fail("the server took it all")
    still_serves(server)


def test_a_head_of_bombs(world, root):
    """One long field, kept in the table and called up again by single bytes."""
    server = serving(world, root)
    with Client(server.port) as c:
        bomb = block() + b"\x40" + text("x") + text("y" * 3900) + b"\xbe" * 12000
        c.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, bomb[:16384]))
        kind, _, stream, _ = c.expect(RST, GOAWAY)
        assert kind == GOAWAY or stream == 1
    still_serves(server)


@pytest.mark.parametrize("frames", [
    frame(DATA, 0, 0, b"x"), frame(HEADERS, END_HEADERS, 2, block()), frame(WINDOW, 0, 0, number(0)),
    frame(WINDOW, 0, 0, number(0x7fffffff)), frame(SETTINGS, 0, 0, b"x"), frame(PING, 0, 0, b"x"),
    frame(CONTINUATION, 0, 1, b""), frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\x0f"), frame(5, 4, 1, b"\0\0\0\2"),
    frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 0xffffffff)), b"\xff" * 100,
])
def test_what_breaks_the_connection(world, root, frames):
    server = serving(world, root)
    with Client(server.port) as c:
        c.send(frames)
        assert c.goaway() not in (NO_ERROR, ENHANCE_YOUR_CALM)
    still_serves(server)


@no_sanitizer
def test_clients_that_take_nothing_hold_little(world, root):
    (root / "large").write_bytes(bytes(30 * MIB))
    server = serving(world, root)
    still_serves(server)
    before = rss(server)
    clients = [Client(server.port, settings=((1, 0), (4, 0x7fffffff)), rcvbuf=4096) for _ in range(10)]
    for c in clients:
        c.open_windows()
        c.send(b"".join(head(stream, path="/large") for stream in range(1, 200, 2)))
    with Client(server.port) as other:
        for stream in range(1, 40, 2):
            assert other.ask(stream) == (200, b"hello\n")
    assert rss(server) - before < 10 * MIB
    for c in clients:
        reset(c.sock)
    still_serves(server)


@no_sanitizer
def test_idle_connections_hold_little(world, root):
    server = serving(world, root)
    still_serves(server)
    before = rss(server)
    clients = [Client(server.port) for _ in range(200)]
    for c in clients:
        assert c.ask(1) == (200, b"hello\n")
    grown = (rss(server) - before) // len(clients)
    assert grown < 64 * 1024, grown
    for c in clients:
        c.sock.close()


# --- time, ends ----------------------------------------------------------------------------------

def test_half_a_head_is_not_waited_for(world, root):
    server = serving(world, root, "--handshake-timeout", "300ms")
    with Client(server.port) as c:
        assert c.ask(1) == (200, b"hello\n")
        c.send(head(3)[:-1])
        assert c.goaway() == NO_ERROR
    with Client(server.port) as c:
        assert c.goaway() == NO_ERROR
    with dial(server.port) as s:
        s.sendall(PREFACE[:20])
        s.recv(1000)
    still_serves(server)


def test_a_drain_answers_what_is_under_way(world, root):
    data = random_bytes(MIB)
    (root / "large").write_bytes(data)
    server = serving(world, root, "--grace", "20s")
    with Client(server.port) as c:
        c.send(head(1, path="/large"))
        first = c.expect(DATA)[3]
        server.signal(signal.SIGTERM)
        c.expect(GOAWAY)
        c.send(head(3))
        c.open_windows(1)
        body = first
        while True:
            got = c.frame()
            assert got
            if got[0] == DATA:
                assert got[2] == 1
                body += got[3]
                if got[1] & END_STREAM:
                    break
        # Some frames came in front of GOAWAY and were dropped here.
        assert data.endswith(body[len(first):])
        assert c.frame() is None
    assert server.wait() == 0


def test_an_idle_connection_is_drained_at_once(world, root):
    server = serving(world, root, "--grace", "20s")
    with Client(server.port) as c:
        assert c.ask(1) == (200, b"hello\n")
        server.signal(signal.SIGTERM)
        assert c.goaway() == NO_ERROR
    assert server.wait() == 0


def test_a_client_that_is_gone(world, root):
    (root / "large").write_bytes(bytes(10 * MIB))
    server = serving(world, root)
    for _ in range(5):
        c = Client(server.port)
        c.open_windows()
        c.send(head(1, path="/large") + frame(WINDOW, 0, 1, number(1 << 28)))
        c.expect(DATA)
        reset(c.sock)
    wait_until(lambda: server.err.count("closed ") == 5, what="five ends")
    still_serves(server)


def test_a_file_that_becomes_shorter(world, root):
    path = root / "shrinks"
    path.write_bytes(bytes(10 * MIB))
    server = serving(world, root)
    with Client(server.port) as c:
        c.send(head(1, path="/shrinks"))
        c.expect(DATA)
        with path.open("r+b") as f:
            f.truncate(MIB)
        c.open_windows(1)
        while True:
            kind, flags, stream, payload = c.expect(DATA, RST)
            assert not flags & END_STREAM
            if kind == RST:
                assert (stream, payload) == (1, number(INTERNAL_ERROR))
                break
        assert c.ask(3) == (200, b"hello\n")


def test_told_of_on_stderr(world, root):
    server = serving(world, root, "--log-json")
    with Client(server.port) as c:
        c.ask(1)
        c.ask(3, path="/none")
    wait_until(lambda: '"closed"' in server.err, what="the end of the connection")
    events = [json.loads(line) for line in server.err.splitlines()]
    statuses = [e["status"] for e in events if "status" in e and e.get("status") in (200, 404)]
    assert statuses in ([200, 404], []), events


def test_many_connections_in_turn(world, root):
    server = serving(world, root)
    clients = [Client(server.port) for _ in range(50)]
    for stream in (1, 3, 5):
        for c in clients:
            c.send(head(stream))
        for c in clients:
            assert c.answers(stream)[stream] == (200, b"hello\n")
    for c in clients:
        c.sock.close()
