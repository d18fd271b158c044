# SPDX-License-Identifier: MIT
"""HTTP/2 without TLS from a server that writes its frames by hand: what is right in every form, and what no client may
take, each with its status, one line and no file."""
import struct
import threading

import pytest

from harness import MIB, needs_linux, no_sanitizer, random_bytes
from web import Web, failed, get, names

DATA, HEADERS, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
OK = b"\x88"  # :status 200


def frame(kind, flags, stream, payload=b"", length=None):
    return struct.pack(">I", len(payload) if length is None else length)[1:] + bytes([kind, flags]) + \
        struct.pack(">I", stream) + payload


def number(value, bits, first):
    """RFC 7541, 5.1."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = bytes([first | most]), value - most
    while value >= 128:
        out, value = out + bytes([value % 128 | 128]), value // 128
    return out + bytes([value])


def field(name, value, indexed=False):
    name, value = name.encode(), value.encode()
    return bytes([0x40 if indexed else 0]) + number(len(name), 7, 0) + name + number(len(value), 7, 0) + value


class Frames:
    """One connection as frames."""

    def __init__(self, c):
        self.c = c
        assert c.take(len(PREFACE)) == PREFACE
        self.changed, self.window, self.streams = threading.Condition(), {0: 65535}, 65535

    def send(self, *frames):
        self.c.send(b"".join(frames))

    def next(self):
        """(type, flags, stream, payload) of the next frame; settings and pings are answered."""
        while True:
            start = self.c.take(9)
            length, kind, flags = int.from_bytes(start[:3], "big"), start[3], start[4]
            stream, payload = int.from_bytes(start[5:9], "big"), self.c.take(length)
            if kind == SETTINGS and not flags & ACK:
                self.send(frame(SETTINGS, ACK, 0))
            elif kind == PING and not flags & ACK:
                self.send(frame(PING, ACK, 0, payload))
            with self.changed:
                self._widen(kind, stream, payload)
                self.changed.notify_all()
            return kind, flags, stream, payload

    def _widen(self, kind, stream, payload):
        """What the client lets us send."""
        if kind == WINDOW:
            self.window[stream] = self.window.get(stream, self.streams) + int.from_bytes(payload, "big")
        for i in range(0, len(payload) if kind == SETTINGS else 0, 6):
            if payload[i:i + 2] == b"\x00\x04":
                self.streams = int.from_bytes(payload[i + 2:i + 6], "big")
        if kind == HEADERS:
            self.window.setdefault(stream, self.streams)

    def data(self, stream, piece):
        """A piece of a body, once the windows have room for it; next() is to be called by another thread."""
        with self.changed:
            assert self.changed.wait_for(lambda: min(self.window[0], self.window[stream]) >= len(piece), 60)
            self.window[0] -= len(piece)
            self.window[stream] -= len(piece)
        self.send(frame(DATA, 0, stream, piece))

    def request(self):
        """The next request without its body: the number of its stream."""
        while True:
            kind, flags, stream, _ = self.next()
            if kind == HEADERS:
                assert flags & END_HEADERS
                self.c.web.requests.append(stream)
                return stream


def answering(*frames, settings=b"", hold=False, reset=False):
    """Answers the first request with frames; stream 1 is what they are for."""
    def talk(c):
        f = Frames(c)
        f.send(frame(SETTINGS, 0, 0, settings))
        assert f.request() == 1
        f.send(*frames)
        if reset:
            c.reset()
        elif hold:
            c.gone()
    return talk


def fetched(world, talk, *words, **how):
    web = Web(world, talk)
    result = get(world, "--http2", "--retry", "0", *words, web.url("/f"), **how)
    result.web = web
    return result


def head(*fields, flags=END_HEADERS):
    return frame(HEADERS, flags, 1, OK + b"".join(fields))


# --- what is right ------------------------------------------------------------------------------

@pytest.mark.parametrize("frames", [
    [head(), frame(DATA, END, 1, b"hello")],
    [head(field("content-length", "5")), frame(DATA, 0, 1, b"he"), frame(DATA, 0, 1), frame(DATA, END, 1, b"llo")],
    [head(), frame(DATA, END | PADDED, 1, b"\x03hello\x00\x00\x00")],
    [head(), frame(DATA, 0, 1, b"hello"), frame(HEADERS, END_HEADERS | END, 1, field("x-sum", "1"))],
    [frame(HEADERS, 0, 1, OK), frame(CONTINUATION, 0, 1, field("x", "y")), frame(CONTINUATION, END_HEADERS, 1),
     frame(DATA, END, 1, b"hello")],
    [frame(HEADERS, END_HEADERS, 1, field(":status", "103")), head(), frame(DATA, END, 1, b"hello")],
    [frame(PING, 0, 0, b"12345678"), frame(0x77, 0xff, 0, b"unknown"), head(), frame(WINDOW, 0, 0, b"\x00\x00\x00\x01"),
     frame(DATA, END, 1, b"hello")],
    [head(), frame(DATA, END, 1, b"hello"), frame(GOAWAY, 0, 0, struct.pack(">II", 1, 0))],
    [frame(GOAWAY, 0, 0, struct.pack(">II", 1, 0)), head(), frame(DATA, END, 1, b"hello")],
], ids=["plain", "length", "padded", "trailers", "continued", "interim", "unknown frames", "goaway behind",
        "goaway before"])
def test_every_form_of_an_answer(world, frames):
    result = fetched(world, answering(*frames, hold=True))
    assert (result.status, result.out, result.err) == (0, b"hello", "")


def test_an_empty_body(world):
    result = fetched(world, answering(head(flags=END_HEADERS | END), hold=True), "-o", "f")
    assert result.status == 0 and (result.folder / "f").read_bytes() == b""


# --- what is not --------------------------------------------------------------------------------

LATE = frame(DATA, END, 1, b"hello")


@pytest.mark.parametrize("frames, status", [
    ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"], (8,)),
    ([frame(DATA, END, 1, b"hello")], (8,)),
    ([frame(DATA, END, 3, b"hello")], (8,)),
    ([frame(HEADERS, END_HEADERS, 3, OK)], (8,)),
    ([frame(HEADERS, END_HEADERS, 2, OK)], (8,)),
    ([frame(HEADERS, END_HEADERS, 1, field("x", "y")), LATE], (8,)),
    ([frame(HEADERS, END_HEADERS, 1, field(":status", "2000")), LATE], (8,)),
    ([frame(HEADERS, END_HEADERS, 1, field(":status", "101")), LATE], (8,)),
    ([frame(HEADERS, END_HEADERS, 1, OK + OK), LATE], (8,)),
    ([frame(HEADERS, END_HEADERS, 1, field("x", "y") + OK), LATE], (8,)),
    ([head(field("Upper-Case", "x")), LATE], (8,)),
    ([head(field("connection", "close")), LATE], (8,)),
    ([head(field("transfer-encoding", "chunked")), LATE], (8,)),
    ([head(field("x", "a\r\nb: c")), LATE], (8,)),
    ([head(field("x\n", "y")), LATE], (8,)),
    ([head(field("", "y")), LATE], (8,)),
    ([head(field("content-length", "4")), LATE], (8, 18)),
    ([head(field("content-length", "6")), LATE], (8, 18)),
    ([head(field("content-length", "5"), field("content-length", "6")), LATE], (8,)),
    ([head(field("content-length", "+5")), LATE], (8,)),
    ([head(), frame(DATA, END | PADDED, 1, b"\xffhello")], (8,)),
    ([frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff\xff\x7f"), LATE], (8,)),
    ([frame(HEADERS, END_HEADERS, 1, b"\xfe"), LATE], (8,)),
    ([frame(HEADERS, 0, 1, OK), LATE], (8,)),
    ([frame(CONTINUATION, END_HEADERS, 1, OK), LATE], (8,)),
    ([frame(PUSH, END_HEADERS, 1, struct.pack(">I", 2) + OK), head(), LATE], (8,)),
    ([frame(SETTINGS, 0, 1)], (8,)), ([frame(SETTINGS, 0, 0, b"12345")], (8,)), ([frame(PING, 0, 0, b"short")], (8,)),
    ([frame(WINDOW, 0, 0, b"\x00\x00\x00\x00")], (8,)), ([frame(WINDOW, 0, 0, b"\x7f\xff\xff\xff") * 2], (8,)),
    ([frame(DATA, 0, 1, b"x" * 100, length=0xffffff)], (8,)),
    ([head(), frame(DATA, 0, 1, b"he"), frame(RST, 0, 1, struct.pack(">I", 2))], (8, 18, 56)),
    ([head(), frame(DATA, 0, 1, b"he"), frame(RST, 0, 1, struct.pack(">I", 0))], (8, 18, 56)),
    ([head(), frame(DATA, 0, 1, b"he"), frame(GOAWAY, 0, 0, struct.pack(">II", 0, 2))], (8, 18, 56)),
    ([frame(RST, 0, 1, struct.pack(">I", 1))], (8, 56)),
], ids=lambda v: f"{len(v)}" if isinstance(v, tuple) else None)
def test_what_no_client_may_take(world, frames, status):
    result = fetched(world, answering(*frames, hold=True), "--idle-timeout", "5s", "-o", "f")
    assert result.status in status, result
    failed(result, result.status)
    assert names(result.folder) == []


@pytest.mark.parametrize("frames", [[head()], [head(), frame(DATA, 0, 1, b"hel")], [],
                                    [head(), frame(DATA, 0, 1, b"he", length=5)[:11]],
                                    [head(field("content-length", "5"))]])
@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_ends_in_the_middle(world, frames, reset):
    result = fetched(world, answering(*frames, reset=reset), "-o", "f")
    assert result.status in ((56,) if reset else (8, 18)), result
    failed(result, result.status)
    assert names(result.folder) == []


@pytest.mark.parametrize("flood", ["pings", "settings", "interim", "continuation", "empty data", "resets", "fields"])
def test_floods_have_an_end(world, flood):
    sent = []
    bomb = field("x-" + "y" * 3000, "z" * 500, indexed=True)
    what = {"pings": frame(PING, 0, 0, b"12345678") * 100, "settings": frame(SETTINGS, 0, 0) * 100,
            "interim": frame(HEADERS, END_HEADERS, 1, field(":status", "103")) * 10,
            "continuation": frame(CONTINUATION, 0, 1, field("x", "y" * 1000)), "empty data": frame(DATA, 0, 1) * 100,
            "resets": frame(RST, 0, 1, struct.pack(">I", 8)) * 100,
            "fields": frame(CONTINUATION, 0, 1, b"\xbe" * 10_000)}[flood]
    first = {"continuation": frame(HEADERS, 0, 1, OK), "empty data": head(),
             "fields": frame(HEADERS, 0, 1, OK + bomb)}.get(flood, b"")

    def talk(c):
        f = Frames(c)
        f.send(frame(SETTINGS, 0, 0))
        f.request()
        f.send(first)
        c.socket.settimeout(None)
        reader = threading.Thread(target=c.gone, daemon=True)
        reader.start()
        while sum(sent) < 64 * MIB:
            f.send(what)
            sent.append(len(what))
    result = fetched(world, talk, "--max-time", "5s", "-o", "f", timeout=60)
    failed(result, {"empty data": 28, "resets": 56}.get(flood, 8))
    assert names(result.folder) == []


@needs_linux
@no_sanitizer
def test_memory_is_flat(world):
    """Half a gibibyte within the windows that the client opens."""
    piece = random_bytes(16384)
    total = 512 * MIB // len(piece)

    def talk(c):
        f = Frames(c)
        f.send(frame(SETTINGS, 0, 0))
        f.request()

        def listen():
            try:
                while True:
                    f.next()
            except (OSError, AssertionError):
                pass
        threading.Thread(target=listen, daemon=True).start()
        f.send(head())
        for _ in range(total):
            f.data(1, piece)
        c.gone()
    web = Web(world, talk)
    process = world.sockutil("get", "--http2", "--retry", "0", web.url("/f"))
    count = 0
    while count < total * len(piece):
        count += len(process.read(MIB, 30))
    assert process.status_field("VmHWM") < 16 * 1024


# --- behaviour ----------------------------------------------------------------------------------

def test_a_server_that_takes_one_at_a_time(world):
    """SETTINGS_MAX_CONCURRENT_STREAMS 1."""
    state = {"open": 0, "most": 0}

    def talk(c):
        f = Frames(c)
        f.send(frame(SETTINGS, 0, 0, struct.pack(">HI", 3, 1)))
        served = 0
        while served < 6:
            stream = f.request()
            state["open"] += 1
            state["most"] = max(state["most"], state["open"])
            state["open"] -= 1
            f.send(frame(HEADERS, END_HEADERS, stream, OK), frame(DATA, END, stream, b"body"))
            served += 1
        c.gone()
    web = Web(world, talk)
    result = get(world, "--http2", "-Z", "--retry", "0", "-O", *[web.url(f"/{i}") for i in range(6)])
    assert result.status == 0, result
    assert names(result.folder) == list("012345") and state["most"] == 1


def test_an_upload_keeps_to_a_small_window(world):
    """SETTINGS_INITIAL_WINDOW_SIZE 100, widened by 1000 at a time."""
    data, got = random_bytes(20_000), []

    def talk(c):
        f = Frames(c)
        f.send(frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 100)))
        stream, allowed, settled = f.request(), 65535, False
        while True:
            kind, flags, _, payload = f.next()
            if kind == SETTINGS and flags & ACK and not settled:
                settled = True
            if kind != DATA:
                continue
            got.append(payload)
            if flags & END:
                break
            assert len(b"".join(got)) <= allowed + 100
            more = struct.pack(">I", 1000)
            f.send(frame(WINDOW, 0, stream, more), frame(WINDOW, 0, 0, more))
        f.send(frame(HEADERS, END_HEADERS | END, stream, OK))
        c.gone()
    result = fetched(world, talk, "-T", world.path("up", data))
    assert result.status == 0 and b"".join(got) == data


@pytest.mark.parametrize("refusal", [frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0)),
                                     frame(RST, 0, 1, struct.pack(">I", 7))], ids=["goaway", "refused"])
def test_what_the_server_did_not_look_at_is_asked_again(world, refusal):
    """GOAWAY below our stream, REFUSED_STREAM: it was not done, so a try or a free one follows."""
    def talk(c):
        f = Frames(c)
        f.send(frame(SETTINGS, 0, 0))
        stream = f.request()
        if len(c.web.requests) == 1:
            f.send(refusal)
            if refusal[3] == GOAWAY:
                return
            stream = f.request()
        f.send(frame(HEADERS, END_HEADERS, stream, OK), frame(DATA, END, stream, b"hello"))
        c.gone()
    web = Web(world, talk)
    result = get(world, "--http2", "--retry-delay", "50ms", web.url("/f"))
    assert (result.status, result.out) == (0, b"hello"), result


def test_one_stream_that_is_reset_fails_alone(world):
    def talk(c):
        f = Frames(c)
        f.send(frame(SETTINGS, 0, 0))
        streams = [f.request() for _ in range(3)]
        for i, stream in enumerate(streams):
            f.send(frame(HEADERS, END_HEADERS, stream, OK))
            f.send(frame(RST, 0, stream, struct.pack(">I", 2)) if i == 1 else frame(DATA, END, stream, b"body"))
        c.gone()
    web = Web(world, talk)
    result = get(world, "--http2", "-Z", "--retry", "0", "-O", *[web.url(f"/{n}") for n in "abc"])
    assert result.status in (8, 18, 56) and len(names(result.folder)) == 2
    assert len(result.err.splitlines()) == 1 and web.connections == 1
