# SPDX-License-Identifier: MIT
"""serve --ws: WebSocket in front of any handler, every violation of RFC 6455 played by hand.

Holds: the handshake (RFC 6455, 4.2) and what is answered to what is none; pages of other origins are refused; messages of
every length, fragmented, with pings between; each violation has its Close and a line in the log; pings and pongs are
bounded; a decompression bomb is a stream; the end goes in order both ways; every handler works behind it, TLS too; a slow
handshake ends; memory and calls to the system per message stay small.
"""
import socket
import subprocess
import threading
import time
import zlib

import pytest

from harness import (HOST, MIB, PATIENCE, dial, needs, needs_linux, needs_tls, no_sanitizer, one_line, random_bytes, read_to_end,
                     reset, sha256, wait_until)
from websocket_peer import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Client, close, deflated, frame, inflated,
                            read_frame, read_head, request)

DEFLATE = {"Sec_WebSocket_Extensions": "permessage-deflate"}


def echo(world, *options):
    return world.serve("--ws", "--responder", "echo", *options)


def answer_to(port, data):
    with dial(port) as s:
        s.sendall(data)
        return read_to_end(s).decode("latin-1")


# --- the handshake -------------------------------------------------------------------------------

def test_the_answer_of_the_rfc(world):
    with dial(echo(world).port) as s:
        s.sendall(request("/chat", key=b"dGhlIHNhbXBsZSBub25jZQ=="))
        assert read_head(s) == ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")


def test_a_handshake_byte_by_byte(world):
    with dial(echo(world).port) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request():
            s.send(bytes([byte]))
        assert read_head(s).startswith("HTTP/1.1 101 ")
        for byte in frame(TEXT, b"hello"):
            s.send(bytes([byte]))
        got = b""
        while len(got) < 5:
            got += read_frame(s).payload
        assert got == b"hello"


def test_frames_right_behind_the_request(world):
    with Client(echo(world).port, early=frame(BINARY, b"early")) as c:
        assert c.message() == (BINARY, b"early")
        c.bye()


@pytest.mark.parametrize("data, status, field", [
    (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 426, "Sec-WebSocket-Version: 13"),
    (b"GET / HTTP/1.0\r\n\r\n", 426, "Upgrade: websocket"),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 426, "Upgrade: websocket"),
    (request(Sec_WebSocket_Version="8"), 426, "Sec-WebSocket-Version: 13"),
    (request(Sec_WebSocket_Version=None), 426, "Sec-WebSocket-Version: 13"),
    (request(Upgrade="h2c"), 426, "Upgrade: websocket"),
    (request(Connection="keep-alive"), 400, "Connection: close"),
    (request(Sec_WebSocket_Key=None), 400, "Connection: close"),
    (request(Sec_WebSocket_Key="short=="), 400, "Connection: close"),
    (request(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25j!Q=="), 400, "Connection: close"),
    (request(Sec_WebSocket_Extensions="permessage-deflate; ="), 400, "Connection: close"),
    (request(Sec_WebSocket_Protocol="a b"), 400, "Connection: close"),
    (request(Content_Length="5"), 400, "Connection: close"),
    (request().replace(b"GET", b"PUT"), 400, "Connection: close"),
    (request().replace(b"HTTP/1.1", b"HTTP/1.0"), 400, "Connection: close"),
    (request(host=None), 400, "Connection: close"),
    (request().replace(b"Upgrade: w", b"Upgrade : w"), 400, "Connection: close"),
    (request().replace(b"\r\nUpgrade", b"\nUpgrade"), 400, "Connection: close"),
    (request("/" + "x" * 20000), 414, "Connection: close"),
    (request(Cookie="x" * 20000), 431, "Connection: close"),
    (request().replace(b"HTTP/1.1", b"HTTP/3.0"), 505, "Connection: close"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "Connection: close"),
], ids=lambda value: str(value)[:40] if not isinstance(value, bytes) else f"{len(value)} bytes")
def test_what_is_no_handshake(world, data, status, field):
    server = echo(world)
    got = answer_to(server.port, data)
    assert got.startswith(f"HTTP/1.1 {status} "), got
    assert field in got.partition("\r\n\r\n")[0], got
    assert got.partition("\r\n\r\n")[2].count("\n") == 1, got
    server.wait_err(f"answered {status}")
    with Client(server.port) as c:
        assert c.ask(b"still there") == b"still there"


def test_no_body_to_a_head(world):
    got = answer_to(echo(world).port, b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert got.startswith("HTTP/1.1 426 ") and got.endswith("\r\n\r\n")


@pytest.mark.parametrize("head, begun", [(b"", False), (b"GET / HTTP/1.1\r\nHost: x\r\n", True)])
def test_a_slow_handshake_ends(world, head, begun):
    server = echo(world, "--handshake-timeout", "200ms")
    with dial(server.port) as s:
        s.sendall(head)
        assert read_to_end(s).startswith(b"HTTP/1.1 408 ")
    server.wait_err("no WebSocket handshake within 200ms (--handshake-timeout)")


def test_a_slow_handshake_holds_up_nobody(world):
    server = echo(world, "--handshake-timeout", "300ms")
    slow = [dial(server.port) for _ in range(20)]
    for s in slow:
        s.sendall(b"GET / HTTP/1.1\r\n")
    with Client(server.port) as c:
        assert c.ask(b"x") == b"x"
        for s in slow:
            assert read_to_end(s).startswith(b"HTTP/1.1 408 ")
            s.close()
        assert c.ask(b"y") == b"y"  # its handshake was in time: nothing ends it now


def test_subprotocols(world):
    server = echo(world, "--ws-subprotocol", "v1.chat, v2.chat")
    for offered, chosen in (("v2.chat, v1.chat", "v2.chat"), ("x, v1.chat", "v1.chat"), ("x", None), (None, None)):
        with Client(server.port, Sec_WebSocket_Protocol=offered) as c:
            lines = [line for line in c.head.splitlines() if line.startswith("Sec-WebSocket-Protocol:")]
            assert lines == ([f"Sec-WebSocket-Protocol: {chosen}"] if chosen else [])


# --- pages of other origins ------------------------------------------------------------------------

@pytest.mark.parametrize("host, origin, options, status", [
    ("localhost:8080", None, [], 101),
    ("localhost:8080", "http://localhost:8080", [], 101),
    ("localhost:8080", "http://localhost:3000", [], 403),
    ("localhost:8080", "https://evil.example", [], 403),
    ("127.0.0.1:8080", "http://127.0.0.1:8080", [], 101),
    ("127.0.0.1:80", "http://127.0.0.1", [], 101),
    ("[::1]:8080", "http://[::1]:8080", [], 101),
    ("evil.example:8080", "http://evil.example:8080", [], 403),  # a name that was made to mean this machine
    ("localhost.evil.example", "http://localhost.evil.example", [], 403),
    ("localhost:8080", "null", [], 403),
    ("localhost:8080", "", [], 403),
    ("localhost:8080", "null", ["--ws-origin", "null"], 101),
    ("localhost:8080", "https://evil.example", ["--ws-origin", "*"], 101),
    ("localhost:8080", "https://app.example", ["--ws-origin", "https://app.example"], 101),
    ("localhost:8080", "http://app.example", ["--ws-origin", "https://app.example"], 403),
    ("localhost:8080", "http://app.example:81", ["--ws-origin", "other.example, app.example"], 101),
    ("localhost:8080", "http://app.example.evil", ["--ws-origin", "app.example"], 403),
    ("localhost:8080", "http://localhost:8080", ["--ws-origin", "app.example"], 101),
])
def test_which_pages_may_connect(world, host, origin, options, status):
    server = echo(world, *options)
    with dial(server.port) as s:
        s.sendall(request(host=host, Origin=origin))
        assert read_head(s).startswith(f"HTTP/1.1 {status} ")
        if status == 403:
            assert read_to_end(s) == b"Pages of this origin may not connect.\n"
    if status == 403:
        server.wait_err("a page of another origin (--ws-origin allows it): answered 403")


@pytest.mark.parametrize("options", [["--ws-origin", "http://"], ["--ws-origin", ""], ["--ws-origin", "a b"],
                                     ["--ws-subprotocol", "a b"], ["--ws-subprotocol", "a, a"], ["--ws-subprotocol", ""]])
def test_lists_that_are_none(world, options):
    result = world.run("serve", "--ws", "--responder", "echo", f"{HOST}:0", *options)
    assert result.status == 2 and options[0] in one_line(result.err)


@pytest.mark.parametrize("option", ["--ws-text", "--ws-ping=1s", "--ws-origin=*", "--ws-subprotocol=a", "--ws-no-deflate",
                                    "--ws-max-message=1K"])
def test_options_that_need_ws(world, option):
    result = world.run("serve", "--responder", "echo", f"{HOST}:0", option)
    assert result.status == 2 and "--ws" in one_line(result.err)


# --- messages --------------------------------------------------------------------------------------

@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 3 * MIB + 1])
def test_messages_of_every_length(world, size):
    data = random_bytes(size)
    with Client(echo(world).port) as c:
        sender = threading.Thread(target=c.say, args=(data,))
        sender.start()
        got = c.bytes(size)
        sender.join()
        assert sha256(got) == sha256(data)
        c.bye()


def test_frames_of_a_server_have_no_mask_and_the_shortest_length(world):
    with Client(echo(world).port) as c:
        for size in (1, 125, 126, 65000):
            c.say(bytes(size))
            f = c.read()
            assert (f.masked, f.fin, f.rsv, f.opcode, len(f.payload)) == (0, 1, 0, BINARY, size)


def test_fragments_with_pings_between(world):
    with Client(echo(world).port) as c:
        c.send(frame(TEXT, b"Hel", fin=False), frame(PING, b"between"), frame(CONTINUATION, b"", fin=False),
               frame(CONTINUATION, b"lo", fin=True))
        got = []
        while sum(len(f.payload) for f in got if f.opcode == BINARY) < 5:
            got.append(c.read())
        assert b"".join(f.payload for f in got if f.opcode == BINARY) == b"Hello"
        assert [f.payload for f in got if f.opcode == PONG] == [b"between"]
        c.bye()


def test_text_is_text_where_asked_for(world):
    word = "aä€😀".encode()
    with Client(echo(world, "--ws-text").port) as c:
        c.say(word, TEXT)
        assert c.message() == (TEXT, word)
        # characters that are cut between two messages are put together again
        c.send(frame(BINARY, word[:2]), frame(BINARY, word[2:]))
        got = b""
        while got != word:
            opcode, part = c.message()
            assert opcode == TEXT
            part.decode()
            got += part
        c.bye()


def test_what_is_no_text_fails(world):
    server = echo(world, "--ws-text")
    with Client(server.port) as c:
        c.say(b"\xff")
        c.s.settimeout(10)
        with pytest.raises((AssertionError, ConnectionResetError)):
            c.message()
    server.wait_err("what is to be sent as text is not UTF-8")


def test_many_messages_in_one_packet(world):
    with Client(echo(world).port) as c:
        c.send(*(frame(BINARY, b"%05d" % i) for i in range(10000)))
        assert c.bytes(50000) == b"".join(b"%05d" % i for i in range(10000))
        c.bye()


# --- every violation -------------------------------------------------------------------------------

VIOLATIONS = {
    "no mask": (1002, "a frame without a mask", frame(TEXT, b"x", mask=None)),
    "no mask, control": (1002, "a frame without a mask", frame(PING, b"", mask=None)),
    "reserved bit 1": (1002, "a reserved bit that nobody agreed on", frame(TEXT, b"x", rsv=4)),
    "reserved bit 2": (1002, "a reserved bit that nobody agreed on", frame(TEXT, b"x", rsv=2)),
    "reserved bit 3": (1002, "a reserved bit that nobody agreed on", frame(BINARY, b"", rsv=1)),
    "reserved bit of a ping": (1002, "a reserved bit that nobody agreed on", frame(PING, b"", rsv=4)),
    **{f"opcode {n}": (1002, "a frame of a kind that does not exist", frame(n, b"x")) for n in (3, 4, 5, 6, 7)},
    **{f"opcode {n}": (1002, "a frame of a kind that does not exist", frame(n, b"x")) for n in (11, 12, 13, 14, 15)},
    "ping in parts": (1002, "a malformed frame", frame(PING, b"x", fin=False)),
    "close in parts": (1002, "a malformed frame", frame(CLOSE, b"", fin=False)),
    "ping of 126": (1002, "a malformed frame", frame(PING, bytes(126))),
    "close of 126": (1002, "a malformed frame", close(1000, bytes(124))),
    "continuation of nothing": (1002, "the continuation of no message", frame(CONTINUATION, b"x")),
    "continuation of nothing, not the last": (1002, "the continuation of no message",
                                              frame(CONTINUATION, b"x", fin=False)),
    "message within another": (1002, "a message within another one",
                               frame(TEXT, b"a", fin=False) + frame(TEXT, b"b")),
    "binary within text": (1002, "a message within another one", frame(TEXT, b"a", fin=False) + frame(BINARY, b"b")),
    "length with the top bit": (1002, "a malformed frame", frame(BINARY, b"x", length=1 << 63, width=8)),
    "length of -1": (1002, "a malformed frame", frame(BINARY, b"x", length=(1 << 64) - 1, width=8)),
    "length not the shortest, 16": (1002, "a malformed frame", frame(BINARY, b"x", width=2)),
    "length not the shortest, 64": (1002, "a malformed frame", frame(BINARY, bytes(200), width=8)),
    "text that is not UTF-8": (1007, "a text message that is not UTF-8", frame(TEXT, b"\xff")),
    "overlong": (1007, "a text message that is not UTF-8", frame(TEXT, b"\xc0\xaf")),
    "surrogate": (1007, "a text message that is not UTF-8", frame(TEXT, b"\xed\xa0\x80")),
    "beyond the last": (1007, "a text message that is not UTF-8", frame(TEXT, b"\xf4\x90\x80\x80")),
    "text that ends within a character": (1007, "a text message that ends within a character",
                                          frame(TEXT, b"\xe2\x82")),
    "text wrong across fragments": (1007, "a text message that is not UTF-8",
                                    frame(TEXT, b"\xe2", fin=False) + frame(CONTINUATION, b"\x82", fin=False) +
                                    frame(CONTINUATION, b"A", fin=False)),
    "close of one byte": (1002, "a Close with a code that is none", frame(CLOSE, b"\x03")),
    **{f"close {code}": (1002, "a Close with a code that is none", close(code))
       for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)},
    "close with a reason that is not UTF-8": (1007, "a Close whose reason is not UTF-8", close(1000, b"\xff")),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_violation_has_its_close(world, name):
    code, said, data = VIOLATIONS[name]
    server = echo(world)
    with Client(server.port) as c, Client(server.port) as other:
        c.send(data)
        f = c.read()
        while f.opcode == BINARY:  # what came in front of it is echoed
            f = c.read()
        assert (f.opcode, f.code) == (CLOSE, code), f
        assert f.payload[2:].decode() == said
        assert c.s.recv(1) == b""
        server.wait_err(said)
        assert other.ask(b"not my fault") == b"not my fault"


def test_wrong_text_fails_at_its_first_byte(world):
    """The frame is far from whole when it can no longer be right."""
    with Client(echo(world).port) as c:
        c.send(frame(TEXT, b"\xce\xba\xe1\xbd\xb9\xf4", length=21, fin=True)[:12])
        assert c.read().opcode == BINARY
        c.send(bytes([0x90 ^ 0x03]))  # the 7th byte of payload, under the third of the mask
        f = c.read()
        while f.opcode == BINARY:
            f = c.read()
        assert (f.opcode, f.code) == (CLOSE, 1007)


def test_a_violation_within_a_flood_still_has_its_close(world):
    """Bytes that nobody reads would turn the end into a reset, which takes the Close back."""
    with Client(echo(world, "--responder", "discard").port) as c:
        c.send(frame(3, b"x") + frame(BINARY, bytes(100_000)))
        assert c.read().code == 1002


# --- limits ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("frames", [
    [frame(BINARY, bytes(1025))],
    [frame(BINARY, b"", length=1 << 62, width=8) + b"x"],
    [frame(BINARY, bytes(1000), fin=False), frame(CONTINUATION, bytes(25), fin=False)],
], ids=["whole", "announced", "in parts"])
def test_a_message_over_the_limit(world, frames):
    server = world.serve("--ws", "--responder", "discard", "--ws-max-message", "1K")
    with Client(server.port) as c:
        c.say(bytes(1024))
        c.send(*frames)
        assert c.closed() == 1009
    server.wait_err("a message of more than 1024 bytes")


def test_the_limit_counts_what_is_unpacked(world):
    server = world.serve("--ws", "--responder", "discard", "--ws-max-message", "1M")
    with Client(server.port, **DEFLATE) as c:
        c.send(frame(BINARY, deflated(bytes(1 * MIB)), rsv=4))
        c.send(frame(PING, b"fine"))
        assert c.read().payload == b"fine"
        c.send(frame(BINARY, deflated(bytes(1 * MIB + 1)), rsv=4))
        assert c.closed() == 1009


@needs_linux
@no_sanitizer
def test_a_bomb_is_a_stream(world):
    """1 GiB of zeros in 1 MiB goes through, and takes no memory."""
    server = world.serve("--ws", "--responder", "discard")
    with Client(server.port, **DEFLATE) as c:
        c.say(b"warm")
        before = server.status_field("VmRSS")
        packer = zlib.compressobj(wbits=-15)
        data = b"".join(packer.compress(bytes(MIB)) for _ in range(256)) + packer.flush(zlib.Z_SYNC_FLUSH)
        c.s.settimeout(60)
        c.send(frame(BINARY, data[:-4], rsv=4), frame(PING, b"done"))
        assert c.read().payload == b"done"
        assert server.status_field("VmHWM") - before < 4096
        c.bye()
    server.wait_err("received 256 MiB")


@pytest.mark.parametrize("frames", [
    [frame(PING, b"flood")] * 50_000,
    [frame(PONG, b"nobody asked")] * 50_000,
    [frame(BINARY, b"", fin=False)] + [frame(CONTINUATION, b"", fin=False)] * 100_000,
    [frame(BINARY, b"")] * 100_000,
], ids=["pings", "pongs", "empty fragments", "empty messages"])
def test_floods_of_what_is_nothing(world, frames):
    server = echo(world)
    with Client(server.port) as c, Client(server.port) as other:
        sender = threading.Thread(target=c.send, args=frames)
        sender.start()
        assert other.ask(b"others go on") == b"others go on"
        sender.join()
        if frames[0][0] & 15 == PING:
            c.send(frame(PING, b"the last"))
            while c.read().payload != b"the last":
                pass
    assert server.running()


@needs_linux
@no_sanitizer
def test_pings_to_nobody_who_reads_stay_small(world):
    """Of pings that come faster than pongs go only the last is answered: nothing piles up."""
    server = echo(world)
    with Client(server.port, rcvbuf=4096) as c:
        before = server.status_field("VmRSS")
        c.s.settimeout(2 * PATIENCE)
        try:
            for _ in range(200):
                c.send(frame(PING, bytes(125)) * 1000)
        except TimeoutError:
            pass
        assert server.status_field("VmRSS") - before < 2048
    assert server.running()


def test_a_client_that_is_gone_is_found_by_pings(world):
    server = echo(world, "--ws-ping", "200ms")
    with Client(server.port) as c, Client(server.port) as alive:
        stop = time.monotonic() + 1.0
        pings = 0
        while time.monotonic() < stop:
            f = alive.read()
            assert f.opcode == PING
            alive.send(frame(PONG, f.payload))
            pings += 1
        assert pings >= 2
        server.wait_err("no pong came within 200ms")
        assert c.read().opcode == PING


# --- compression -----------------------------------------------------------------------------------

@pytest.mark.parametrize("offer, answer", [
    ("permessage-deflate", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
    ("permessage-deflate; client_max_window_bits",
     "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
    ("permessage-deflate; server_max_window_bits=10; client_max_window_bits=9",
     "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10"),
    ('permessage-deflate; server_max_window_bits="12"',
     "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12"),
    ("permessage-deflate; server_max_window_bits=7, permessage-deflate",
     "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
    ("permessage-deflate; server_max_window_bits=16", None), ("permessage-deflate; server_max_window_bits=08", None),
    ("permessage-deflate; server_max_window_bits", None), ("permessage-deflate; unknown", None),
    ("permessage-deflate; client_no_context_takeover=1", None), ("x-other", None),
    ("permessage-deflate; client_no_context_takeover; client_no_context_takeover", None),
])
def test_what_is_agreed_on(world, offer, answer):
    with Client(echo(world).port, Sec_WebSocket_Extensions=offer) as c:
        lines = [line.partition(": ")[2] for line in c.head.splitlines() if line.startswith("Sec-WebSocket-Extensions:")]
        assert lines == ([answer] if answer else [])
        assert c.ask(b"x" * 1000) == b"x" * 1000


def test_no_deflate(world):
    with Client(echo(world, "--ws-no-deflate").port, **DEFLATE) as c:
        assert "Extensions" not in c.head
        c.send(frame(BINARY, deflated(b"x"), rsv=4))
        assert c.closed() == 1002


def test_compressed_messages_both_ways(world):
    text = b"the same words again and again, " * 1000
    with Client(echo(world).port, **DEFLATE) as c:
        packed = deflated(text)
        half = len(packed) // 2
        c.send(frame(BINARY, packed[:half], fin=False, rsv=4), frame(PING, b""), frame(CONTINUATION, packed[half:]))
        got, squeezed = b"", 0
        while len(got) < len(text):
            f = c.read()
            if f.opcode == BINARY:
                squeezed += bool(f.rsv)
                got += inflated(f.payload) if f.rsv else f.payload
        assert got == text and squeezed
        assert c.ask(b"short") == b"short"
        # a block that ends the stream (RFC 7692, 7.2.3.5)
        packer = zlib.compressobj(wbits=-15)
        c.send(frame(BINARY, packer.compress(b"final block") + packer.flush() + b"\0", rsv=4))
        assert c.message()[1] == b"final block"
        c.send(frame(BINARY, b"\0", rsv=4))  # the empty message, compressed
        assert c.ask(b"after it") == b"after it"
        c.bye()


@pytest.mark.parametrize("payload", [b"\xff\xff\xff", deflated(random_bytes(1000))[:500], b"\x07"],
                         ids=["garbage", "cut", "reserved block"])
def test_compressed_bytes_that_are_wrong(world, payload):
    server = world.serve("--ws", "--responder", "discard")
    with Client(server.port, **DEFLATE) as c:
        c.send(frame(BINARY, payload, rsv=4))
        assert c.closed() == 1007
    server.wait_err("a compressed message whose bytes are wrong")


def test_compressed_text_is_held_to_utf8(world):
    with Client(echo(world).port, **DEFLATE) as c:
        c.send(frame(TEXT, deflated(b"\xff"), rsv=4))
        assert c.closed() == 1007


def test_only_the_first_frame_says_that_it_is_compressed(world):
    with Client(world.serve("--ws", "--responder", "discard").port, **DEFLATE) as c:
        packed = deflated(b"hello hello hello")
        c.send(frame(BINARY, packed[:3], fin=False, rsv=4), frame(CONTINUATION, packed[3:], rsv=4))
        assert c.closed() == 1002


# --- the end ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("code", [1000, 1001, None])
def test_a_close_in_order(world, code):
    server = echo(world)
    with Client(server.port) as c:
        c.ask(b"hello")
        c.send(close(code))
        assert c.closed() == code
    assert "client ended; received 5 B, sent 5 B" in server.wait_err("sent 5 B")


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999])
def test_a_close_that_is_none_in_order(world, code):
    server = echo(world)
    with Client(server.port) as c:
        c.send(close(code, "because ä".encode()))
        assert c.closed() == code
    server.wait_err(f"the peer closed with code {code}: because ä")


def test_our_close_comes_behind_everything(world):
    """The client reads nothing, closes, and gets all that it was owed."""
    data = random_bytes(MIB)
    server = echo(world)
    with Client(server.port, rcvbuf=4096) as c:
        sender = threading.Thread(target=c.send, args=(frame(BINARY, data), close(1000)))
        sender.start()
        assert sha256(c.bytes(MIB)) == sha256(data)
        assert c.closed() == 1000
        sender.join()


def test_the_server_closes_and_waits_for_the_answer(world):
    server = world.serve("--ws", "--responder", "daytime")
    with Client(server.port) as c:
        assert c.message()[1].endswith(b"\n")
        f = c.read()
        assert (f.opcode, f.code) == (CLOSE, 1000)
        c.s.settimeout(0.2)
        with pytest.raises(TimeoutError):
            c.s.recv(1)
        c.s.settimeout(10)
        c.send(close(1000))
        assert c.s.recv(1) == b""


def test_a_client_that_never_answers_our_close_is_left(world):
    server = world.serve("--ws", "--responder", "daytime")
    with Client(server.port) as c:
        c.message()
        assert c.read().opcode == CLOSE
        assert c.s.recv(1) == b""  # after a bounded time


def test_an_end_without_a_close(world):
    server = echo(world)
    with Client(server.port) as c:
        assert c.ask(b"x") == b"x"
        c.s.shutdown(socket.SHUT_WR)
        assert c.s.recv(1) == b""
    server.wait_err("the connection was cut: no Close")


def test_resets_end_nobody_else(world):
    server = echo(world)
    for _ in range(20):
        c = Client(server.port)
        c.send(frame(BINARY, b"begun", length=100000))
        reset(c.s)
    with Client(server.port) as c:
        assert c.ask(b"x") == b"x"


def test_what_comes_behind_a_close_is_nothing(world):
    with Client(echo(world).port) as c:
        c.send(close(1000), frame(BINARY, b"too late"), b"\xff" * 1000)
        assert c.closed() == 1000


def test_a_drain_closes_in_order(world):
    server = echo(world)
    with Client(server.port) as c:
        assert c.ask(b"x") == b"x"
        server.signal(15)
        f = c.read()
        assert (f.opcode, f.code) == (CLOSE, 1000)
        c.send(close(1000))
        assert c.s.recv(1) == b""
    assert server.wait() == 0


# --- every handler behind it -----------------------------------------------------------------------

def test_reply_and_banner(world):
    server = world.serve("--ws", "--reply", "{count}: {reversed}", "--banner", "hi", "--quit", "bye")
    with Client(server.port) as c:
        assert c.message()[1] == b"hi"
        assert c.ask(b"abc") == b"1: cba"
        c.say(b"bye")
        assert c.read().opcode == CLOSE


def test_messages_in_one_packet_are_messages(world):
    """A read is a message, and never two of them."""
    server = world.serve("--ws", "--reply", "<{message}>")
    with Client(server.port) as c:
        c.send(frame(BINARY, b"one"), frame(BINARY, b"two"), frame(BINARY, b"three"))
        assert c.bytes(17) == b"<one><two><three>"


def test_standard_input_and_output(world):
    server = world.serve("--ws", stdin=subprocess.PIPE)
    with Client(server.port) as c:
        c.say(b"to stdout")
        assert server.read(9) == b"to stdout"
        server.stdin.write(b"from stdin")
        assert c.message()[1] == b"from stdin"
        c.send(close(1000))
        server.stdin.close()
        server.popen.stdin = None
        assert c.closed() == 1000
    assert server.wait() == 0


def test_many_clients_on_standard_input(world):
    server = world.serve("--ws", "--keep-open", stdin=subprocess.PIPE)
    with dial(server.port) as half:
        half.sendall(b"GET / HTTP/1.1\r\n")  # still shaking hands: no client of standard input
        with Client(server.port) as a, Client(server.port) as b:
            a.say(b"from a\n")
            assert server.read(7) == b"from a\n"
            server.stdin.write(b"to all")
            assert a.message()[1] == b.message()[1] == b"to all"
            a.bye()
            b.bye()


def test_a_file_to_each(world):
    data = random_bytes(300_000)
    server = world.serve("--ws", "--send-file", world.path("file", data))
    with Client(server.port) as c:
        assert c.bytes(len(data)) == data
        assert c.read().opcode == CLOSE


def test_saved(world):
    server = world.serve("--ws", "--save", world.path("in-%n"))
    data = random_bytes(300_000)
    with Client(server.port) as c:
        c.send(frame(BINARY, data), close(1000))
        assert c.closed() == 1000
        assert world.path("in-1").read_bytes() == data
    with Client(server.port) as c:
        c.send(frame(BINARY, data))
        c.s.shutdown(socket.SHUT_WR)  # no Close: not whole
        assert c.s.recv(1) == b""
    wait_until(lambda: world.path("in-2.partial").exists(), what="the partial file")
    server.wait_err("it is not whole")


def test_a_program(world):
    server = world.serve("--ws", "--shell", "cat; echo end")
    with Client(server.port) as c:
        c.say(b"hello ")
        assert c.message()[1] == b"hello "
        c.send(close(1000))  # its end of input; what it still says is delivered
        assert c.message()[1] == b"end\n"
        assert c.closed() == 1000


def test_forwarded(world):
    upstream = world.serve("--responder", "echo")
    server = world.serve("--ws", "--forward", f"{HOST}:{upstream.port}")
    data = random_bytes(500_000)
    with Client(server.port) as c:
        sender = threading.Thread(target=c.say, args=(data,))
        sender.start()
        assert c.bytes(len(data)) == data
        sender.join()
        c.bye()


@needs_tls
def test_over_tls(world, certificates):
    cert, key = certificates.leaf()
    server = echo(world, "--tls", "--cert", cert, "--key", key)
    context = certificates.client_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with Client(server.port, wrap=lambda s: context.wrap_socket(s, server_hostname="localhost")) as c:
        assert c.s.selected_alpn_protocol() == "http/1.1"
        data = random_bytes(100_000)
        c.say(data)
        assert c.bytes(len(data)) == data
        c.bye()


@pytest.mark.parametrize("endpoints, options", [([f"ws://{HOST}:0"], []), ([f"ws://{HOST}:0", f"{HOST}:0"], ["--ws"])])
def test_endpoints_that_name_it(world, endpoints, options):
    server = world.serve(*endpoints, "--responder", "echo", *options, host=None)
    with Client(server.port) as c:
        assert c.ask(b"x") == b"x"


@needs_tls
def test_an_endpoint_that_names_tls_too(world, certificates):
    cert, key = certificates.leaf()
    server = world.serve(f"wss://{HOST}:0", "--responder", "echo", "--cert", cert, "--key", key, host=None)
    context = certificates.client_context()
    with Client(server.port, wrap=lambda s: context.wrap_socket(s, server_hostname="localhost")) as c:
        assert c.ask(b"x") == b"x"


@pytest.mark.parametrize("endpoints, said", [([f"ws://{HOST}:0", f"{HOST}:0"], "ws:// beside other endpoints"),
                                             ([f"ws://{HOST}:0/path"], "a server takes every path")])
def test_endpoints_that_cannot_be(world, endpoints, said):
    result = world.run("serve", *endpoints, "--responder", "echo")
    assert result.status == 2 and said in one_line(result.err)


def test_workers(world):
    server = echo(world, "--workers", "2")
    for _ in range(8):
        with Client(server.port) as c:
            assert c.ask(b"x") == b"x"
            c.bye()


def test_idle_and_counted(world):
    server = echo(world, "--idle-timeout", "300ms")
    with Client(server.port) as c:
        assert c.ask(b"x") == b"x"
        c.s.settimeout(10)
        while c.s.recv(1):
            pass
    server.wait_err("no byte came or went for 300ms (--idle-timeout)")


# --- speed and memory ------------------------------------------------------------------------------

@needs_linux
@no_sanitizer
def test_an_idle_connection_is_small(world):
    server = echo(world, "--max-conns", "600")
    with Client(server.port, **DEFLATE) as warm:
        warm.send(frame(BINARY, deflated(bytes(100_000)), rsv=4))
        warm.bytes(100_000)
        before = server.status_field("VmRSS")
        clients = [Client(server.port, **DEFLATE) for _ in range(400)]
        for c in clients:
            c.send(frame(BINARY, deflated(b"hello " * 100), rsv=4))
        for c in clients:
            assert c.message()[1] == b"hello " * 100
        assert (server.status_field("VmRSS") - before) / len(clients) < 4  # KiB
        for c in clients:
            c.s.close()


@needs("strace")
@no_sanitizer
def test_one_read_and_one_write_a_message(world):
    server = echo(world)
    with Client(server.port) as c:
        c.ask(b"x" * 64)
        trace = world.start("strace", "-f", "-e", "trace=network,read,write,readv,writev", "-o", world.path("calls"), "-p",
                            server.pid)
        trace.wait_err("attached")
        for _ in range(100):
            assert c.ask(b"x" * 64) == b"x" * 64
        trace.signal(2)
        trace.popen.wait(10)
    calls = world.path("calls").read_text()
    assert 195 <= calls.count("= 6") + calls.count("= 7") <= 205, calls[:2000]  # 66 and 70 bytes, each at once
    assert calls.count("(") <= 210, calls[:2000]
