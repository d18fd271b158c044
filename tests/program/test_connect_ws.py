# SPDX-License-Identifier: MIT
"""connect over ws:// and wss://: the handshake, messages and lines, both ends, pings; servers that break RFC 6455. And
--reconnect: both legs, never a busy loop. --ignore-int."""
import re
import signal
import socket
import struct
import subprocess
import time

import pytest

from harness import (HOST, MIB, Certificates, LINUX, needs_tls, one_line, random_bytes, read_to_end, reset,
                     sha256, wait_until)
from proxies import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, HttpProxy, Many, end, frame, read_frame,
                     read_head, read_message, shake_hands)

NORMAL = struct.pack(">H", 1000)


@pytest.fixture
def many(world):
    """Makes servers that the test's end closes."""
    def make(kind, *args, **how):
        server = kind(*args, **how)
        world.peers.append(server)
        return server
    return make


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


def ws(peer, path="/"):
    return f"ws://{HOST}:{peer.port}{path}"


def collecting(s):
    """Shakes hands, keeps every message up to the Close, which it gives back."""
    shake_hands(s)
    got = []
    while True:
        kind, payload = read_message(s)
        if kind == CLOSE:
            s.sendall(frame(CLOSE, payload[:2]))
            return got
        got.append((kind, payload))


# --- what is right ----------------------------------------------------------------------------------

def test_the_handshake(world):
    def talk(s):
        lines = shake_hands(s, "Sec-WebSocket-Protocol: b.test")
        s.sendall(frame(TEXT, b"hi") + frame(CLOSE, NORMAL))
        read_to_end(s)
        return lines

    peer = world.peer(talk)
    result = world.run("connect", "--ws-header", "Origin: http://a.test", "--ws-header", "X-Y: z", "--ws-subprotocol",
                       "a.test, b.test", ws(peer, "/a/b?c=d"))
    assert (result.status, result.out) == (0, b"hi"), result
    lines = peer.result()
    fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
    assert lines[0] == "GET /a/b?c=d HTTP/1.1"
    assert fields["host"] == f"{HOST}:{peer.port}" and fields["sec-websocket-version"] == "13"
    assert fields["origin"] == "http://a.test" and fields["x-y"] == "z"
    assert fields["sec-websocket-protocol"] == "a.test, b.test"
    assert fields.get("sec-websocket-extensions", "permessage-deflate").startswith("permessage-deflate")


def test_bytes_go_both_ways_whole(world):
    data = random_bytes(3 * MIB + 1)

    def talk(s):
        shake_hands(s)
        got = b""
        while True:
            kind, payload = read_message(s)
            if kind == CLOSE:
                s.sendall(frame(CLOSE, payload[:2]))
                return got
            assert kind == BINARY
            got += payload
            s.sendall(frame(BINARY, payload[: len(payload) // 2], fin=False) +
                      frame(CONTINUATION, payload[len(payload) // 2:]))

    peer = world.peer(talk)
    result = world.run("connect", ws(peer), stdin=data)
    assert result.status == 0 and sha256(result.out) == sha256(data), result
    assert sha256(peer.result()) == sha256(data)


def test_text_messages(world):
    peer = world.peer(collecting)
    result = world.run("connect", "--ws-text", ws(peer), stdin="grüße".encode())
    assert result.status == 0, result
    assert peer.result() == [(TEXT, "grüße".encode())]


def test_what_is_not_utf8_is_no_text(world):
    peer = world.peer(collecting)
    result = world.run("connect", "--ws-text", ws(peer), stdin=b"\xff\xfe")
    assert result.status == 26 and "UTF-8" in one_line(result.err), result


def test_lines_are_messages_and_messages_lines(world):
    def talk(s):
        shake_hands(s)
        s.sendall(frame(TEXT, b"greeting") + frame(TEXT) + frame(TEXT, b"with its own\n") +
                  frame(TEXT, b"in pie", fin=False) + frame(PING, b"p") + frame(CONTINUATION, b"ces"))
        got = []
        while True:
            kind, payload = read_message(s)
            if kind == CLOSE:
                s.sendall(frame(CLOSE, payload[:2]))
                return got
            got.append((kind, payload))

    peer = world.peer(talk)
    result = world.run("connect", "--ws-text", "--ws-framing", "line", ws(peer), stdin=b"one\n\nthree\nno end")
    assert (result.status, result.out) == (0, b"greeting\n\nwith its own\nin pieces\n"), result
    assert peer.result() == [(TEXT, b"one"), (TEXT, b""), (TEXT, b"three"), (TEXT, b"no end")]


def test_pace_and_tap_leave_lines_whole(world):
    """Below the lines nothing splits a message."""
    peer = world.peer(collecting)
    result = world.run("connect", "--ws-framing", "line", "--limit-rate-up", "20K", "--record", world.path("tap.pcapng"),
                       ws(peer), stdin=b"x" * 3000 + b"\n" + b"y" * 3000 + b"\n")
    assert result.status == 0, result
    assert peer.result() == [(BINARY, b"x" * 3000), (BINARY, b"y" * 3000)]


def test_a_dialogue(world):
    def talk(s):
        shake_hands(s)
        for _ in range(2):
            s.sendall(frame(TEXT, read_message(s)[1][::-1]))
        assert read_message(s)[0] == CLOSE
        s.sendall(frame(CLOSE, NORMAL))

    peer = world.peer(talk)
    result = world.run("connect", "--send", "abc", "--send", "xyz", ws(peer))
    assert (result.status, result.out) == (0, b"cba\nzyx\n"), result


def test_what_the_peer_sends_before_its_close_is_delivered(world):
    """There is no half-close: our Close goes out at stdin's end, and what is on its way still counts."""
    data = random_bytes(MIB)

    def talk(s):
        shake_hands(s)
        assert read_message(s) == (BINARY, b"bye")
        assert read_message(s) == (CLOSE, NORMAL)
        s.sendall(frame(BINARY, data) + frame(CLOSE, NORMAL))
        read_to_end(s)

    peer = world.peer(talk)
    result = world.run("connect", ws(peer), stdin=b"bye")
    assert result.status == 0 and sha256(result.out) == sha256(data), result


def test_no_half_close_waits_for_the_peers_close(world):
    def talk(s):
        shake_hands(s)
        assert read_message(s) == (BINARY, b"ask")
        s.settimeout(0.3)
        with pytest.raises(socket.timeout):
            s.recv(1)
        s.settimeout(10)
        s.sendall(frame(BINARY, b"slow answer") + frame(CLOSE, NORMAL))
        assert read_message(s)[0] == CLOSE

    peer = world.peer(talk)
    result = world.run("connect", "-N", ws(peer), stdin=b"ask")
    assert (result.status, result.out) == (0, b"slow answer"), result
    peer.result()


@needs_tls
def test_a_server_that_leaves_behind_its_close_takes_nothing_back(world, certificates):
    """Both Closes were said; that our goodbye of TLS meets a reset is no loss, and that data before it does is one."""
    def talk(s):
        shake_hands(s)
        assert read_message(s) == (BINARY, b"ask")
        assert read_message(s)[0] == CLOSE
        s.sendall(frame(BINARY, b"answer") + frame(CLOSE, NORMAL))
        reset_by(s)

    def reset_by(s):
        """Closing a descriptor over unread bytes is a reset; so is what comes for one that is closed."""
        with socket.socket(fileno=s.detach()) as raw:
            if unread:
                raw.settimeout(10)
                raw.recv(1, socket.MSG_PEEK)

    for unread in True, False:
        peer = world.peer(talk, tls=certificates.server_context())
        result = world.run("connect", "--ca", certificates.ca, f"wss://localhost:{peer.port}", stdin=b"ask")
        peer.result()
        assert (result.status, result.out, result.err) == (0, b"answer", ""), result


def test_pings_are_answered_and_sent(world):
    def talk(s):
        shake_hands(s)
        s.sendall(frame(PING, b"are you there"))
        kinds = []
        while PING not in kinds or PONG not in kinds:
            kind, _, payload = read_frame(s)
            kinds.append(kind)
            if kind == PONG:
                assert payload == b"are you there"
            if kind == PING:
                s.sendall(frame(PONG, payload))
        s.sendall(frame(CLOSE, NORMAL))
        read_to_end(s)

    peer = world.peer(talk)
    process = world.sockutil("connect", "--ws-ping", "200ms", ws(peer), stdin=subprocess.PIPE)
    peer.result()
    assert process.finish(b"").status == 0


def test_a_server_that_answers_no_ping_is_28(world):
    def talk(s):
        shake_hands(s)
        read_to_end(s)

    peer = world.peer(talk)
    process = world.sockutil("connect", "--ws-ping", "200ms", ws(peer), stdin=subprocess.PIPE)
    assert process.wait() == 28 and "no pong came within 200ms" in one_line(process.err)


@needs_tls
def test_wss_through_a_proxy(world, many, certificates):
    def talk(s):
        shake_hands(s)
        kind, payload = read_message(s)
        s.sendall(frame(kind, payload[::-1]) + frame(CLOSE, NORMAL))
        read_message(s)
        end(s)

    server = many(Many, talk, tls=certificates.server_context(name="ws", san="DNS:ws.test"))
    proxy = many(HttpProxy)
    words = ["--ca", certificates.ca, "-x", f"http://{HOST}:{proxy.port}"]
    result = world.run("connect", *words, f"wss://ws.test:{server.port}/", stdin=b"abc")
    assert (result.status, result.out) == (0, b"cba"), result
    assert proxy.asked == [("CONNECT", f"ws.test:{server.port}")]
    result = world.run("connect", *words, f"wss://wrong.test:{server.port}/", stdin=b"abc")
    assert result.status == 60, result


# --- servers that break the rules --------------------------------------------------------------------

HANDSHAKES = {
    "a page": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "200"),
    "not found": (b"HTTP/1.1 404 Not Found\r\n\r\n", "404"),
    "no upgrade": (b"HTTP/1.1 101 x\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n", ""),
    "no proof": (b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", ""),
    "wrong proof": (b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", ""),
    "no HTTP": (b"SSH-2.0-x\r\n", ""),
    "cut": (b"HTTP/1.1 101 x\r\n", ""),
}


@pytest.mark.parametrize("case", HANDSHAKES)
def test_handshakes_that_are_none_are_8(world, case):
    answer, words = HANDSHAKES[case]

    def talk(s):
        read_head(s)
        s.sendall(answer)

    result = world.run("connect", ws(world.peer(talk)), stdin=b"nobody gets this")
    assert (result.status, result.out) == (8, b""), result
    assert words in one_line(result.err)


VIOLATIONS = {
    "masked": frame(BINARY, b"x", masked=True),
    "reserved bit": frame(BINARY, b"x", rsv=2),
    "unknown kind": frame(3, b"x"),
    "long control": frame(PING, b"x" * 126),
    "control in parts": frame(PING, b"x", fin=False),
    "continuation of nothing": frame(CONTINUATION, b"x"),
    "message within a message": frame(BINARY, b"x", fin=False) + frame(BINARY, b"y"),
    "no text": frame(TEXT, b"\xff\xfe"),
    "text cut within a character": frame(TEXT, b"\xc3"),
    "close of one byte": frame(CLOSE, b"x"),
    "close with a code that is none": frame(CLOSE, struct.pack(">H", 999)),
    "length over 63 bits": bytes([0x82, 127]) + b"\xff" * 8,
}


@pytest.mark.parametrize("case", VIOLATIONS)
def test_violations_are_8_after_a_close(world, case):
    def talk(s):
        shake_hands(s)
        s.sendall(VIOLATIONS[case])
        return read_message(s)

    peer = world.peer(talk)
    process = world.sockutil("connect", ws(peer), stdin=subprocess.PIPE)
    assert process.wait() == 8, process.err
    kind, payload = peer.result()
    assert kind == CLOSE and struct.unpack(">H", payload[:2])[0] in (1002, 1007)
    assert one_line(process.err).startswith(f"sockutil connect: ws://{HOST}:{peer.port}: ")


def test_ends_that_are_none(world):
    """No Close is cut short; a Close with another code is told with its reason."""
    def without_close(s):
        shake_hands(s)
        s.sendall(frame(BINARY, b"part"))
        assert read_message(s)[0] == CLOSE

    result = world.run("connect", ws(world.peer(without_close)))
    assert (result.status, result.out) == (18, b"part"), result

    def angry(s):
        shake_hands(s)
        s.sendall(frame(BINARY, b"part") + frame(CLOSE, struct.pack(">H", 1011) + b"out of \x1b[31mpaper"))
        read_to_end(s)

    result = world.run("connect", ws(world.peer(angry)))
    assert (result.status, result.out) == (56, b"part"), result
    line = one_line(result.err)
    assert "1011" in line and "paper" in line and "\x1b" not in line


def test_a_silent_handshake_is_28(world):
    result = world.run("connect", "-w", "300ms", ws(world.peer(read_to_end)))
    assert result.status == 28
    assert "the WebSocket handshake is not finished after 300ms (--timeout)" in one_line(result.err)


@pytest.mark.parametrize("words, message", [
    (["--ws-text", f"{HOST}:1"], "--ws-text needs a ws:// or wss:// endpoint"),
    (["--ws-ping", "1s", f"tcp://{HOST}:1"], "--ws-ping needs"),
    (["--ws-framing", "chunk", f"{HOST}:1"], "--ws-framing needs"),
    (["--ws-header", "no header", f"ws://{HOST}:1"], ""),
    (["--ws-header", "A: b\r\nC: d", f"ws://{HOST}:1"], ""),
    (["--ws-header", "Upgrade: x", f"ws://{HOST}:1"], ""),
    (["--ws-subprotocol", "a b", f"ws://{HOST}:1"], ""),
    (["--ws-framing", "line", "--send", "x", f"ws://{HOST}:1"], "--send"),
    (["--reconnect", "--send", "x", f"{HOST}:1"], "--send"),
    (["--reconnect", "fd:7"], "--reconnect"),
])
def test_mistakes_are_2(world, words, message):
    result = world.run("connect", *words)
    assert result.status == 2 and message in one_line(result.err), result


# --- coming back ---------------------------------------------------------------------------------------

def test_both_legs_come_back(world):
    """TRAPS 52: what is typed after the loss goes to the new connection, what it says is written."""
    ways = [reset, lambda s: None, lambda s: None]

    def talk(s):
        line = b""
        while not line.endswith(b"\n"):
            byte = s.recv(1)
            if not byte:
                return
            line += byte
        s.sendall(line.upper())
        assert s.recv(1) == b"x"
        ways.pop(0)(s)

    peer = world.peer(talk, count=3)
    process = world.sockutil("connect", "--reconnect", "--retry-delay", "50ms", HOST, peer.port, stdin=subprocess.PIPE)
    for number in range(3):
        process.stdin.write(b"line %d\n" % number)
        assert process.read_until(b"\n") == b"LINE %d\n" % number
        if number == 2:
            break
        process.stdin.write(b"x")
        wait_until(lambda n=number: process.err.count("coming back in") == n + 1, what="the loss to be told")
        wait_until(lambda n=number: peer.accepted == n + 2, what="another connection")
    process.stdin.write(b"x")
    process.stdin.close()
    # Bytes were lost once: that is what the status says, though the last connection ended in order.
    status = process.wait()
    assert status in (55, 56), process.err
    assert "connection reset" in process.err.splitlines()[-1] and "coming back" not in process.err.splitlines()[-1]


def test_an_end_in_order_is_no_loss_for_the_status(world, many):
    server = many(Many, lambda s: s.sendall(b"hello\n"))
    process = world.sockutil("connect", "--reconnect", "--retry-delay", "50ms", HOST, server.port,
                             stdin=subprocess.PIPE)
    assert process.read(18) == b"hello\n" * 3
    process.stdin.close()
    assert process.wait() == 0
    assert "the peer has ended the connection; coming back in" in process.err


def test_after_stdins_end_nothing_comes_back(world):
    def talk(s):
        got = read_to_end(s)
        s.sendall(got[::-1])

    peer = world.peer(talk)
    result = world.run("connect", "--reconnect", HOST, peer.port, stdin=b"abc")
    assert (result.status, result.out, result.err) == (0, b"cba", ""), result


def test_the_output_stays_open_and_recv_only_goes_on(world):
    peer = world.peer(lambda s: s.sendall(b"tick\n"), count=4)
    process = world.sockutil("connect", "--reconnect", "--recv-only", "--retry-delay", "50ms", HOST, peer.port)
    assert process.read(20) == b"tick\n" * 4
    process.signal(signal.SIGTERM)
    assert process.wait() == 128 + signal.SIGTERM


@pytest.mark.skipif(not LINUX, reason="reads /proc")
def test_a_server_that_is_gone_is_asked_at_a_pace(world):
    """TRAPS 52: never a busy loop, whether it refuses or closes at once."""
    times = []

    def talk(s):
        times.append(time.monotonic())

    peer = world.peer(talk, count=1000)
    process = world.sockutil("connect", "--reconnect", "--retry-delay", "50ms", HOST, peer.port, stdin=subprocess.PIPE)
    wait_until(lambda: len(times) >= 4, what="four tries")
    peer.close()
    wait_until(lambda: len(times) >= 4 and process.err.count("coming back") >= 4, what="messages")
    tries, used = len(times), process.cpu()
    assert tries < 30 and used < 1.0
    gaps = [b - a for a, b in zip(times, times[1:])]
    assert min(gaps) > 0.03 and gaps[2] > gaps[0]
    process.stop()


def test_retry_limits_the_tries_in_a_row(world):
    peer = world.peer(lambda s: s.sendall(b"once\n"))
    process = world.sockutil("connect", "--reconnect", "--retry", 2, "--retry-delay", "50ms", HOST, peer.port,
                             stdin=subprocess.PIPE)
    process.read(5)
    peer.close()
    assert process.wait() == 7
    assert process.err.count("\n") == 2 and "connection refused" in process.err


def test_max_time_counts_over_all_connections(world):
    peer = world.peer(lambda s: None, count=1000)
    process = world.sockutil("connect", "--reconnect", "--retry-delay", "50ms", "--max-time", "600ms", HOST, peer.port,
                             stdin=subprocess.PIPE)
    assert process.wait() == 28 and "--max-time" in process.err


def test_a_websocket_comes_back_too(world):
    def talk(s):
        shake_hands(s)
        s.sendall(frame(TEXT, b"tick"))

    peer = world.peer(talk, count=3)
    process = world.sockutil("connect", "--reconnect", "--recv-only", "--ws-framing", "line", "--retry-delay", "50ms",
                             ws(peer))
    assert process.read(15) == b"tick\n" * 3
    process.stop()


def test_bytes_of_all_connections_are_told_with_the_time_of_all(world):
    peer = world.peer(lambda s: s.sendall(b"x" * 1000), count=3)
    process = world.sockutil("connect", "--reconnect", "--recv-only", "--stats", "--retry", 1, "--retry-delay", "50ms",
                             HOST, peer.port)
    process.read(3000)
    peer.close()
    assert process.wait() == 7
    assert "received     3000 bytes" in process.err
    assert float(re.search(r"lasted +([0-9.]+) ms", process.err)[1]) > 100, "two waits at least"


def answering_first(answers, talk):
    """The first connections are ended behind those bytes, each of them once something was asked."""
    def serve(s):
        if not answers:
            return talk(s)
        s.recv(4096)
        s.sendall(answers.pop(0))
    return serve


@pytest.mark.parametrize("words", [["--wait=20s"], ["--retry", 3, "--retry-delay", "50ms"],
                                   ["--reconnect", "--recv-only", "--retry", 3, "--retry-delay", "50ms"]],
                         ids=["wait", "retry", "reconnect"])
def test_a_gateway_whose_server_is_away_is_asked_again(world, words):
    """A service that is started anew: until it is there, who stands before it refuses or closes."""
    def talk(s):
        shake_hands(s)
        s.sendall(frame(TEXT, b"here"))
        s.sendall(frame(CLOSE))

    answers = [b"", *(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status for status in (502, 503))]
    peer = world.peer(answering_first(answers, talk), count=4)
    process = world.sockutil("connect", *words, ws(peer))
    assert process.read(4) == b"here"
    process.stop()


def test_who_has_no_websocket_is_asked_once(world):
    peer = world.peer(answering_first([b"HTTP/1.1 404 No\r\n\r\n"] * 2, lambda s: None), count=2)
    result = world.run("connect", "--wait=20s", ws(peer))
    assert (result.status, peer.accepted) == (8, 1), result


@needs_tls
@pytest.mark.parametrize("how", ["end", "reset"])
def test_a_lost_handshake_of_tls_is_tried_again(world, how):
    def talk(s):
        s.recv(1 << 16)
        if how == "reset":
            reset(s)

    peer = world.peer(talk, count=3)
    result = world.run("connect", "--tls", "--retry", 2, "--retry-delay", "50ms", HOST, peer.port)
    assert (result.status, peer.accepted) == (35, 3), result


# --- Ctrl-C ---------------------------------------------------------------------------------------------

def test_ctrl_c_is_left_to_others(world):
    """TRAPS 27."""
    def talk(s):
        s.sendall(b"up\n")
        return read_to_end(s)

    peer = world.peer(talk)
    process = world.sockutil("connect", "--ignore-int", HOST, peer.port, stdin=subprocess.PIPE)
    process.read(3)
    process.signal(signal.SIGINT)
    process.stdin.write(b"still here")
    process.stdin.close()
    assert process.wait() == 0 and peer.result() == b"still here"
    peer = world.peer(talk)
    process = world.sockutil("connect", HOST, peer.port, stdin=subprocess.PIPE)
    process.read(3)
    process.signal(signal.SIGINT)
    assert process.wait() == 128 + signal.SIGINT
