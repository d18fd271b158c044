# SPDX-License-Identifier: MIT
"""serve --gateway: a proxy server for HTTP and SOCKS, with clients of a few lines each.

Holds: every protocol reaches an echo server, whoever speaks first, with bytes behind the request going first; both
directions end on their own; a reset goes on as a reset behind all that came before it; logins right and wrong; BIND for
the asked host alone; UDP ASSOCIATE for the client alone, with names and fragments; private targets refused as literals,
names and in every embedded form unless allowed; what HTTP servers get is ours to the letter and never a byte more than
the request's body; responses pass as their framing says and a short one never looks whole; slow and hostile greetings
end at their deadline or before; nothing is served to everyone by mistake.
"""
import base64
import os
import random
import re
import select
import signal
import socket
import struct
import threading
import time

import pytest

from harness import (HOST, MIB, PATIENCE, dial, unused_port, needs_linux, needs_tls, random_bytes, read_exactly,
                     read_to_end, reset, sha256, wait_until)

GRANTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def gateway(world, kind="both", *args, **how):
    return world.serve("--gateway", kind, "--allow-private", *args, **how)


# --- clients --------------------------------------------------------------------------------------

def packed(host):
    """An address of SOCKS 5."""
    for kind, family in ((1, socket.AF_INET), (4, socket.AF_INET6)):
        try:
            return bytes([kind]) + socket.inet_pton(family, host)
        except OSError:
            pass
    return bytes([3, len(host)]) + host.encode()


def request5(host, port, command=1):
    return bytes([5, command, 0]) + packed(host) + struct.pack(">H", port)


def request4(host, port, command=1, user=b"me"):
    try:
        return struct.pack(">BBH", 4, command, port) + socket.inet_pton(socket.AF_INET, host) + user + b"\0"
    except OSError:
        return struct.pack(">BBH", 4, command, port) + b"\0\0\0\1" + user + b"\0" + host.encode() + b"\0"


def request_http(host, port):
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"CONNECT {shown} HTTP/1.1\r\nHost: {shown}\r\n\r\n".encode()


def read_head(s):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = s.recv(1)
        if not piece:
            break
        head += piece
    return head


def reply5(s):
    """(reply, host, port) of SOCKS 5."""
    head = read_exactly(s, 4)
    assert len(head) == 4 and head[0] == 5 and head[2] == 0, head
    length = {1: 4, 4: 16}[head[3]]
    family = {1: socket.AF_INET, 4: socket.AF_INET6}[head[3]]
    return head[1], socket.inet_ntop(family, read_exactly(s, length)), struct.unpack(">H", read_exactly(s, 2))[0]


def greet5(s, login=None):
    s.sendall(b"\5\1\2" if login else b"\5\1\0")
    chosen = read_exactly(s, 2)
    if login and chosen == b"\5\2":
        user, password = login
        s.sendall(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
        return read_exactly(s, 2) == b"\1\0"
    return chosen == b"\5\0" and not login


def open_tunnel(kind, s, host, port, early=b""):
    """What the gateway says: 0 when the tunnel is open, else its code."""
    if kind == "http":
        s.sendall(request_http(host, port) + early)
        head = read_head(s)
        return 0 if head == GRANTED else int(head.split()[1])
    if kind == "socks4":
        s.sendall(request4(host, port) + early)
        reply = read_exactly(s, 8)
        assert len(reply) == 8 and reply[0] == 0, reply
        return 0 if reply[1] == 90 else reply[1]
    s.sendall(b"\5\1\0" + request5(host, port) + early)
    assert read_exactly(s, 2) == b"\5\0"
    return reply5(s)[0]


def tunnel(front, kind, host, port, early=b""):
    s = dial(front.port)
    assert open_tunnel(kind, s, host, port, early) == 0, front.err
    return s


KINDS = ["http", "socks4", "socks5"]


def echo(s):
    while True:
        data = s.recv(65536)
        if not data:
            return
        s.sendall(data)


def was_reset(s):
    """All that came, and whether a reset was behind it."""
    got = b""
    try:
        while True:
            piece = s.recv(65536)
            if not piece:
                return got, False
            got += piece
    except ConnectionResetError:
        return got, True


# --- tunnels ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("host", [HOST, "localhost"])
def test_each_kind_reaches_an_echo_server(world, kind, host):
    peer, front = world.peer(echo), gateway(world)
    with tunnel(front, kind, host, peer.port) as s:
        s.sendall(b"through")
        assert read_exactly(s, 7) == b"through"
    front.wait_err(f"asks for {host}:{peer.port}")


@pytest.mark.parametrize("kind", ["http", "socks5"])
def test_ipv6_targets(world, kind):
    peer, front = world.peer(echo, host="::1"), gateway(world)
    with tunnel(front, kind, "::1", peer.port) as s:
        s.sendall(b"six")
        assert read_exactly(s, 3) == b"six"


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_behind_the_request_go_first(world, kind):
    early = random_bytes(200000)
    peer, front = world.peer(read_to_end), gateway(world)
    with dial(front.port) as s:
        sender = threading.Thread(target=lambda: (s.sendall(early[150000:]), s.shutdown(socket.SHUT_WR)))
        assert open_tunnel(kind, s, HOST, peer.port, early[:150000]) == 0
        sender.start()
        sender.join()
        assert read_to_end(s) == b""
    assert sha256(peer.result()) == sha256(early)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_speaks_first_is_heard(world, kind):
    front = gateway(world)
    peer = world.peer(lambda s: (s.sendall(b"220 ready\r\n"), s.recv(1)))
    with tunnel(front, kind, HOST, peer.port) as s:
        assert read_exactly(s, 11) == b"220 ready\r\n"


def test_a_socks_client_may_send_a_byte_at_a_time(world):
    peer, front = world.peer(echo), gateway(world)
    with dial(front.port) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"\5\2\0\2" + request5("localhost", peer.port) + b"hello":
            s.sendall(bytes([byte]))
        assert read_exactly(s, 2) == b"\5\0" and reply5(s)[0] == 0
        assert read_exactly(s, 5) == b"hello"


def test_an_http_client_may_send_a_byte_at_a_time(world):
    peer, front = world.peer(echo), gateway(world)
    with dial(front.port) as s:
        for byte in request_http(HOST, peer.port) + b"hello":
            s.sendall(bytes([byte]))
        assert read_head(s) == GRANTED and read_exactly(s, 5) == b"hello"


@pytest.mark.parametrize("kind", KINDS)
def test_both_directions_end_on_their_own(world, kind):
    """The client's end first: the whole answer still comes; then the target's first."""
    def late(s):
        got = read_to_end(s)
        s.sendall(got[::-1])
    front, peer = gateway(world), world.peer(late)
    with tunnel(front, kind, HOST, peer.port) as s:
        s.sendall(b"abc")
        s.shutdown(socket.SHUT_WR)
        assert read_to_end(s) == b"cba"

    def early(s):
        s.sendall(b"bye")
        s.shutdown(socket.SHUT_WR)
        return read_to_end(s)
    peer = world.peer(early)
    with tunnel(front, kind, HOST, peer.port) as s:
        assert read_to_end(s) == b"bye"
        s.sendall(b"still here")
        s.shutdown(socket.SHUT_WR)
    assert peer.result() == b"still here"
    wait_until(lambda: front.err.count("both sides ended") == 2, what="both ends")


@pytest.mark.parametrize("kind", KINDS)
def test_large_data_arrives_whole_both_ways(world, kind):
    data = random_bytes(16 * MIB)
    peer, front = world.peer(echo), gateway(world)
    with tunnel(front, kind, HOST, peer.port) as s:
        sender = threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR)))
        sender.start()
        assert sha256(read_to_end(s)) == sha256(data)
        sender.join()


@pytest.mark.parametrize("kind", KINDS)
def test_the_targets_reset_comes_behind_its_bytes(world, kind):
    def talk(s):
        s.sendall(b"x" * 100000)
        s.recv(1)  # the client has them all
        reset(s)
    peer, front = world.peer(talk), gateway(world)
    with tunnel(front, kind, HOST, peer.port) as s:
        assert read_exactly(s, 100000) == b"x" * 100000
        s.sendall(b"!")
        assert was_reset(s) == (b"", True)
    front.wait_err("target: ")


@pytest.mark.parametrize("kind", KINDS)
def test_the_clients_reset_reaches_the_target(world, kind):
    came = threading.Event()

    def talk(s):
        got = s.recv(3)
        came.set()
        return got, was_reset(s)
    peer, front = world.peer(talk), gateway(world)
    s = tunnel(front, kind, HOST, peer.port)
    s.sendall(b"abc")
    assert came.wait(10 * PATIENCE)
    reset(s)
    assert peer.result() == (b"abc", (b"", True))


def test_a_target_that_refuses(world):
    front, port = gateway(world), unused_port()
    for kind, code in (("http", 502), ("socks4", 91), ("socks5", 5)):
        with dial(front.port) as s:
            assert open_tunnel(kind, s, HOST, port) == code
    front.wait_err("connection refused")


def test_a_name_that_is_not_known(world):
    front = gateway(world)
    for kind, code in (("http", 502), ("socks4", 91), ("socks5", 4)):
        with dial(front.port) as s:
            assert open_tunnel(kind, s, "no-such-name.invalid", 80) == code


def test_a_target_that_does_not_answer_in_time(world):
    """A listener whose queue is full takes no one."""
    front = gateway(world, "both", "--timeout", "300ms")
    with socket.socket() as full:
        full.bind((HOST, 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((HOST, port))
            fillers.append(filler)
        for kind, code in (("http", 504), ("socks4", 91), ("socks5", 4)):
            with dial(front.port) as s:
                assert open_tunnel(kind, s, HOST, port) == code
        for filler in fillers:
            filler.close()


def test_malformed_targets(world):
    front = gateway(world)
    for target in (b"localhost", b"localhost:", b"localhost:0", b"localhost:65536", b"localhost:http", b":80",
                   b"unix:/tmp/x", b"user@localhost:80", b"a b:80", b"127.1:80", b"0x7f000001:80",
                   b"[::1:80", b"::1:80", b"x" * 300 + b":80"):
        with dial(front.port) as s:
            s.sendall(b"CONNECT " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            assert read_to_end(s).startswith(b"HTTP/1.1 400 "), target
    with dial(front.port) as s:  # a name like any other, never our own descriptor
        assert open_tunnel("http", s, "fd", 3) == 502
    for host in ("127.1", "0x7f000001", "2130706433", "a b", "unix:/tmp/x", "\x1b[2J", "a..b"):
        with dial(front.port) as s:
            assert open_tunnel("socks5", s, host, 80) != 0, host
    with dial(front.port) as s:
        assert open_tunnel("socks5", s, HOST, 0) == 1
    assert "\x1b" not in front.err


def test_only_what_was_asked_for_is_served(world):
    for kind, wrong in (("http", b"\5\1\0"), ("socks", b"GET http://x/ HTTP/1.1\r\n\r\n")):
        front = gateway(world, kind)
        with dial(front.port) as s:
            s.sendall(wrong)
            got, _ = was_reset(s)
            assert not got.startswith(b"\5") and (kind == "socks") == (got == b""), got


@needs_tls
def test_a_gateway_behind_tls(world, certificates):
    import ssl
    cert, key = certificates.leaf()
    peer, front = world.peer(echo), gateway(world, "both", "--tls", "--cert", cert, "--key", key)
    context = ssl.create_default_context(cafile=certificates.ca)
    for kind in ("socks5",):
        with context.wrap_socket(dial(front.port), server_hostname="localhost") as s:
            assert open_tunnel(kind, s, HOST, peer.port, b"early") == 0
            assert read_exactly(s, 5) == b"early"


def test_an_idle_tunnel_is_closed(world):
    peer, front = world.peer(echo), gateway(world, "both", "--idle-timeout", "400ms")
    with tunnel(front, "socks5", HOST, peer.port) as s:
        for _ in range(4):
            time.sleep(0.15)
            s.sendall(b"x")
            assert s.recv(1) == b"x"
        assert was_reset(s)[0] == b""
    front.wait_err("--idle-timeout")


def test_a_tunnel_outlives_the_end_of_the_server_for_its_grace(world):
    peer, front = world.peer(echo), gateway(world, "both", "--grace", "20s")
    with tunnel(front, "http", HOST, peer.port) as s, dial(front.port) as waiting:
        wait_until(lambda: front.err.count("connected from") == 2, what="both clients")
        front.signal(signal.SIGTERM)
        assert read_to_end(waiting) == b""
        s.sendall(b"still")
        assert read_exactly(s, 5) == b"still"
    assert front.wait() == 0


# --- logins -----------------------------------------------------------------------------------------

def basic(login):
    return b"Proxy-Authorization: Basic " + base64.b64encode(login) + b"\r\n"


def test_logins_of_socks(world):
    lines = world.path("logins", b"# who may\n\nann:se:cret\r\nbob:b\n")
    lines.chmod(0o600)
    peer = world.peer(echo, count=3)
    front = gateway(world, "both", "--gateway-auth", f"@{lines}", "--gateway-auth", "cid:c")
    for login in ((b"ann", b"se:cret"), (b"bob", b"b"), (b"cid", b"c")):
        with dial(front.port) as s:
            assert greet5(s, login)
            s.sendall(request5(HOST, peer.port) + b"hi")
            assert reply5(s)[0] == 0 and read_exactly(s, 2) == b"hi"
    for login in ((b"ann", b"secret"), (b"ann", b"b"), (b"", b""), (b"bob", b"b\0"), (b"bob", b"bb"), (b"a" * 255,) * 2):
        with dial(front.port) as s:
            assert not greet5(s, login), login
            assert was_reset(s)[0] in (b"", b"\0", b"\1"), login
    with dial(front.port) as s:
        s.sendall(b"\5\1\0" + request5(HOST, peer.port))
        assert read_to_end(s) == b"\5\xff"
    with dial(front.port) as s:
        assert open_tunnel("socks4", s, HOST, peer.port) == 91
    assert "se:cret" not in front.err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_logins_are_read_again(world, workers):
    """A file that cannot be leaves them as they were; without a file SIGHUP ends the server."""
    lines = world.path("logins", b"ann:a\n")
    lines.chmod(0o600)
    front = gateway(world, "socks", "--gateway-auth", f"@{lines}", "--workers", workers)

    def allowed(login):
        with dial(front.port) as s:
            return greet5(s, login)
    assert allowed((b"ann", b"a")) and not allowed((b"bob", b"b"))
    lines.write_bytes(b"bob:b\n")
    front.signal(signal.SIGHUP)
    wait_until(lambda: all(allowed((b"bob", b"b")) for _ in range(8)), what="the new login")
    assert not any(allowed((b"ann", b"a")) for _ in range(8))
    lines.write_bytes(b"\n")
    front.signal(signal.SIGHUP)
    front.wait_err("it stays as it was")
    assert allowed((b"bob", b"b"))
    front = gateway(world, "socks", "--gateway-auth", "ann:a")
    front.signal(signal.SIGHUP)
    assert front.wait() == 0


def test_without_logins_nobody_is_asked_for_one(world):
    front = gateway(world)
    with dial(front.port) as s:
        s.sendall(b"\5\1\2")
        assert read_to_end(s) == b"\5\xff"


def test_logins_of_http(world):
    peer = world.peer(echo, count=3)
    front = gateway(world, "http", "--gateway-auth", "ann:se:cret")
    for field in (basic(b"ann:se:cret"), basic(b"ann:se:cret").replace(b"Basic", b"bASIC"),
                  basic(b"ann:se:cret").replace(b"Basic ", b"Basic   ")):
        with dial(front.port) as s:
            s.sendall(request_http(HOST, peer.port)[:-2] + field + b"\r\nhi")
            assert read_head(s) == GRANTED and read_exactly(s, 2) == b"hi"
    for field in (b"", basic(b"ann:secret"), basic(b"ann"), basic(b"ann:se:cret\n"), basic(b":"), b"Proxy-Authorization: x\r\n",
                  basic(b"ann:se:cret").replace(b"Basic", b"Digest"), b"Proxy-Authorization: Basic !!!!\r\n",
                  b"Authorization: Basic " + base64.b64encode(b"ann:se:cret") + b"\r\n",
                  b"Proxy-Authorization: Basic " + b"A" * 4000 + b"\r\n"):
        with dial(front.port) as s:
            s.sendall(request_http(HOST, peer.port)[:-2] + field + b"\r\n")
            got = read_to_end(s)
            assert got.startswith(b"HTTP/1.1 407 ") and b"\r\nProxy-Authenticate: Basic realm=" in got, (field, got)


@pytest.mark.parametrize("words, message", [
    (["--gateway-auth", "ann"], "--gateway-auth: not of the form USER:PASSWORD"),
    (["--gateway-auth", "ann:"], "--gateway-auth: user and password must not be empty"),
    (["--gateway-auth", "a:" + "x" * 256], "--gateway-auth: user and password have at most 255 bytes each"),
    (["--gateway-auth", "a:b\x01"], "--gateway-auth: control characters have no place in user and password"),
    (["--gateway-auth", "@empty"], "--gateway-auth: there is no login in @empty"),
    (["--gateway-auth", "@bad"], "--gateway-auth: bad:2: not of the form USER:PASSWORD"),
    (["--gateway-auth", "@missing"], "--gateway-auth"),
])
def test_logins_that_cannot_be(world, words, message):
    for name, data in (("empty", b"# nobody\n\n"), ("bad", b"a:b\nsecret\n")):
        world.path(name, data).chmod(0o600)
    result = world.run("serve", "localhost:0", "--gateway", "http", *words)
    assert result.status in (2, 26) and message in result.err and "secret" not in result.err, result


def test_options_without_a_gateway(world):
    for words in (["--allow-private"], ["--gateway-auth", "a:b"]):
        result = world.run("serve", "localhost:0", "--responder", "echo", *words)
        assert result.status == 2 and "--gateway" in result.err, result


@needs_linux
def test_a_login_is_wiped_from_the_argument_list(world):
    front = gateway(world, "http", "--gateway-auth", "ann:swordfish")
    assert b"swordfish" not in open(f"/proc/{front.pid}/cmdline", "rb").read()


# --- who is served ----------------------------------------------------------------------------------

@pytest.mark.parametrize("where", [["0"], ["0.0.0.0:0"], ["[::]:0"], ["localhost:0", "0.0.0.0:0"]])
def test_an_open_proxy_does_not_start(world, where):
    result = world.run("serve", *where, "--gateway", "both")
    assert result.status == 2 and "would serve everyone: give --gateway-auth" in result.err, result
    assert "listening" not in result.err


@pytest.mark.parametrize("words", [["--gateway-auth", "a:b"], ["--allow", "127.0.0.0/8"]])
def test_beyond_this_machine_with_logins_or_rules(world, words):
    front = world.serve("--gateway", "http", *words, host="0.0.0.0")
    assert front.running()


def test_a_unix_socket_is_this_machine(world):
    peer = world.peer(echo)
    front = world.sockutil("serve", "unix:gate", "--gateway", "both", "--allow-private")
    front.wait_err("listening")
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10 * PATIENCE)
        s.connect(str(world.folder / "gate"))
        assert open_tunnel("socks5", s, HOST, peer.port, b"hi") == 0
        assert read_exactly(s, 2) == b"hi"
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10 * PATIENCE)
        s.connect(str(world.folder / "gate"))
        s.sendall(b"\5\1\0" + request5("0.0.0.0", 0, 3))
        assert read_exactly(s, 2) == b"\5\0" and reply5(s)[0] == 1


# --- private targets --------------------------------------------------------------------------------

LITERALS = [HOST, "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
            "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1",
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:c0a8:101::", "::127.0.0.1"]


def test_private_literals_are_refused(world):
    front = world.serve("--gateway", "both")
    for host in LITERALS:
        for kind, code in (("http", 403), ("socks5", 2)) + ((("socks4", 91),) if ":" not in host else ()):
            with dial(front.port) as s:
                assert open_tunnel(kind, s, host, 9) == code, (kind, host)
    assert "not reached" not in front.err  # none of them was dialled


def private_names():
    names = ["localhost", "localhost.", "LOCALHOST", "x.localhost"]
    for name in ("ip6-localhost", "ip6-loopback", socket.gethostname()):
        try:
            addresses = {info[4][0] for info in socket.getaddrinfo(name, None)}
        except OSError:
            continue
        if all(a.startswith(("127.", "10.", "172.", "192.168.", "::1", "fe80:", "fd")) for a in addresses):
            names.append(name)
    return names


def test_names_of_private_addresses_are_refused(world):
    peer, front = world.peer(echo), world.serve("--gateway", "both")
    for name in private_names():
        for kind, code in (("http", 403), ("socks4", 91), ("socks5", 2)):
            with dial(front.port) as s:
                assert open_tunnel(kind, s, name, peer.port) == code, (kind, name)
    assert peer.accepted == 0


def test_private_targets_of_plain_http_are_refused(world):
    peer, front = world.peer(echo), world.serve("--gateway", "http")
    for host in (HOST, "localhost", "[::1]", "[::ffff:127.0.0.1]"):
        with dial(front.port) as s:
            s.sendall(f"GET http://{host}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            got = read_to_end(s)
            assert got.startswith(b"HTTP/1.1 403 ") and got.count(b"\n") == got.split(b"\r\n\r\n")[0].count(b"\n") + 3
    assert peer.accepted == 0


# --- BIND -------------------------------------------------------------------------------------------

def test_bind_takes_the_asked_host_alone(world):
    front = gateway(world)
    with dial(front.port) as s:
        s.sendall(b"\5\1\0" + request5(HOST, 0, 2) + b"early")
        assert read_exactly(s, 2) == b"\5\0"
        reply, host, port = reply5(s)
        assert (reply, host) == (0, HOST)
        with socket.socket() as stranger:
            stranger.bind(("127.0.0.2", 0))
            stranger.settimeout(10 * PATIENCE)
            stranger.connect((HOST, port))
            assert was_reset(stranger)[0] == b""
        with dial(port) as inbound:
            reply, host, from_port = reply5(s)
            assert (reply, host, from_port) == (0, *inbound.getsockname())
            assert read_exactly(inbound, 5) == b"early"
            inbound.sendall(b"answer")
            assert read_exactly(s, 6) == b"answer"
        with pytest.raises(OSError):
            dial(port).close()


def test_bind_of_version_4_and_by_name(world):
    front = gateway(world)
    for request, length in ((request4(HOST, 0, 2), 8), (request4("localhost", 0, 2), 8)):
        with dial(front.port) as s:
            s.sendall(request)
            reply = read_exactly(s, length)
            assert reply[:2] == b"\0\x5a", reply
            port, = struct.unpack(">H", reply[2:4])
            family = socket.inet_ntop(socket.AF_INET, reply[4:8])
            assert family == HOST
            with dial(port) as inbound:
                assert read_exactly(s, length)[:2] == b"\0\x5a"
                s.sendall(b"x")
                assert inbound.recv(1) == b"x"


def test_bind_ends_when_nobody_comes_or_the_client_leaves(world):
    front = gateway(world, "both", "--timeout", "300ms")
    with dial(front.port) as s:
        s.sendall(b"\5\1\0" + request5(HOST, 0, 2))
        assert read_exactly(s, 2) == b"\5\0" and reply5(s)[0] == 0
        assert reply5(s)[0] == 6 and read_to_end(s) == b""
    front = gateway(world)
    with dial(front.port) as s:
        s.sendall(b"\5\1\0" + request5(HOST, 0, 2))
        assert read_exactly(s, 2) == b"\5\0"
        port = reply5(s)[2]
    def refused():
        try:
            dial(port).close()
        except OSError:
            return True
        return False
    wait_until(refused, what="the end of the listener")


def test_bind_for_everyone_or_for_private_hosts(world):
    front = world.serve("--gateway", "both")
    for host in ("0.0.0.0", "::", HOST, "10.0.0.1", "localhost"):
        with dial(front.port) as s:
            s.sendall(b"\5\1\0" + request5(host, 0, 2))
            assert read_exactly(s, 2) == b"\5\0" and reply5(s)[0] == 2, host
    front = gateway(world)
    with dial(front.port) as s:
        s.sendall(b"\5\1\0" + request5("0.0.0.0", 0, 2))
        assert read_exactly(s, 2) == b"\5\0" and reply5(s)[0] == 2


# --- UDP ASSOCIATE ----------------------------------------------------------------------------------

def datagram_socket(host=HOST, port=0):
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((host, port))
    s.settimeout(10 * PATIENCE)
    return s


def associate(front, port=0, host=HOST):
    control = dial(front.port, host)
    control.sendall(b"\5\1\0" + request5("0.0.0.0", port, 3))
    assert read_exactly(control, 2) == b"\5\0"
    reply, bound, bound_port = reply5(control)
    assert reply == 0 and bound == host, (reply, bound)
    return control, (bound, bound_port)


def wrapped(host, port, data, fragment=0):
    return bytes([0, 0, fragment]) + packed(host) + struct.pack(">H", port) + data


def nothing_comes(s):
    return not select.select([s], [], [], 0.2)[0]


def test_datagrams_go_out_and_come_back(world):
    front = gateway(world)
    with datagram_socket() as target, datagram_socket() as client:
        control, relay = associate(front)
        with control:
            for host in (HOST, "localhost", "localhost"):
                for data in (b"ping", b"", random_bytes(60000)):
                    client.sendto(wrapped(host, target.getsockname()[1], data), relay)
                    got, source = target.recvfrom(65536)
                    assert got == data
                    target.sendto(data[::-1], source)
                    assert client.recv(65536) == wrapped(HOST, target.getsockname()[1], data[::-1])


def test_ipv6_datagrams_from_an_ipv4_client(world):
    front = gateway(world)
    with datagram_socket("::1") as target, datagram_socket() as client:
        control, relay = associate(front)
        with control:
            client.sendto(wrapped("::1", target.getsockname()[1], b"six"), relay)
            got, source = target.recvfrom(100)
            assert got == b"six"
            target.sendto(b"xis", source)
            assert client.recv(100) == wrapped("::1", target.getsockname()[1], b"xis")


def test_only_the_client_is_relayed(world):
    front = gateway(world)
    with datagram_socket() as target, datagram_socket() as client, datagram_socket("127.0.0.2") as other_host, \
            datagram_socket() as other_port:
        port = target.getsockname()[1]
        control, relay = associate(front, client.getsockname()[1])
        with control:
            for stranger in (other_host, other_port):
                stranger.sendto(wrapped(HOST, port, b"strange"), relay)
            client.sendto(wrapped(HOST, port, b"ours"), relay)
            got, outside = target.recvfrom(100)
            assert got == b"ours"
            # whom the client has not sent to cannot answer it
            with datagram_socket("127.0.0.3") as unasked:
                unasked.sendto(b"unasked", outside)
            for stranger in (other_host, other_port):
                stranger.sendto(wrapped(HOST, port, b"strange"), relay)
            client.sendto(wrapped(HOST, port, b"again"), relay)
            assert target.recv(100) == b"again"
            target.sendto(b"answer", outside)
            assert client.recv(100) == wrapped(HOST, port, b"answer")
            assert nothing_comes(client) and nothing_comes(target)


def test_fragments_and_malformed_datagrams_are_dropped(world):
    front = gateway(world)
    with datagram_socket() as target, datagram_socket() as client:
        port = target.getsockname()[1]
        control, relay = associate(front)
        with control:
            whole = wrapped(HOST, port, b"x")
            for bad in (b"", b"\0", b"\0\0\0", wrapped(HOST, port, b"x", 1), wrapped(HOST, port, b"x", 0x81),
                        b"\1\0" + whole[2:], whole[:3] + b"\2" + whole[4:], whole[:9], wrapped(HOST, 0, b"x"),
                        b"\0\0\0\3\0\0\1", wrapped("no-such.invalid", port, b"x"), wrapped("127.1", port, b"x"),
                        wrapped("255.255.255.255", port, b"x")):
                client.sendto(bad, relay)
            client.sendto(wrapped(HOST, port, b"good"), relay)
            assert target.recv(100) == b"good" and nothing_comes(target)


def test_private_targets_of_datagrams(world):
    front = world.serve("--gateway", "both")
    with datagram_socket() as target, datagram_socket() as client:
        control, relay = associate(front)
        with control:
            for host in (HOST, "localhost", "::ffff:127.0.0.1", *private_names()):
                client.sendto(wrapped(host, target.getsockname()[1], b"x"), relay)
            assert nothing_comes(target)


def test_the_association_ends_with_its_connection(world):
    front = gateway(world)
    control, relay = associate(front)
    with datagram_socket() as target, datagram_socket() as client:
        client.sendto(wrapped(HOST, target.getsockname()[1], b"x"), relay)
        assert target.recv(10) == b"x"
        control.close()

        def closed():
            try:
                datagram_socket(HOST, relay[1]).close()
            except OSError:
                return False
            return True
        wait_until(closed, what="the end of the association")


def test_many_names_do_no_harm(world):
    front = gateway(world)
    with datagram_socket() as target, datagram_socket() as client:
        control, relay = associate(front)
        with control:
            for i in range(500):
                client.sendto(wrapped(f"n{i}.invalid", 9, b"x" * 1000), relay)
            client.sendto(wrapped(HOST, target.getsockname()[1], b"literal"), relay)
            assert target.recv(100) == b"literal"
        with datagram_socket() as client:
            control, relay = associate(front)
            with control:
                def through():
                    client.sendto(wrapped("localhost", target.getsockname()[1], b"name"), relay)
                    return select.select([target], [], [], 0.1)[0]
                wait_until(through, what="a name among many")


# --- plain HTTP -------------------------------------------------------------------------------------

def server_of(world, answer, count=1, body=0):
    """Keeps what came: the head, and so many bytes of body; answer is sent as it is."""
    def talk(s):
        head = read_head(s)
        got = read_exactly(s, body)
        s.sendall(answer)
        s.shutdown(socket.SHUT_WR)
        return head, got, read_to_end(s)
    return world.peer(talk, count=count)


def ask(front, request, end=False):
    with dial(front.port) as s:
        s.sendall(request)
        if end:
            s.shutdown(socket.SHUT_WR)
        return read_to_end(s)


def head_of(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.split(b"\r\n"), body


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_the_head_that_the_server_gets(world):
    front, peer = gateway(world, "http"), server_of(world, ANSWER)
    got = ask(front, f"GET http://{HOST}:{peer.port}/a/../b?c=d HTTP/1.1\r\nHost: elsewhere\r\nAccept: */*\r\n"
                     "Connection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\n"
                     "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic abcd\r\nUpgrade: x\r\nTrailer: y\r\n"
                     "Via: 1.0 other\r\nMax-Forwards: 0\r\nAuthorization: Basic abcd\r\nCookie: a=b\r\n\r\n".encode())
    head, body, rest = peer.result()
    via = re.search(rb"Via: 1.1 (sockutil-\w{8})\r\n", head).group(1)
    assert head == (f"GET /b?c=d HTTP/1.1\r\nHost: {HOST}:{peer.port}\r\nAccept: */*\r\nVia: 1.0 other\r\n"
                    "Max-Forwards: 0\r\nAuthorization: Basic abcd\r\nCookie: a=b\r\n"
                    f"Via: 1.1 {via.decode()}\r\nConnection: close\r\n\r\n").encode()
    assert (body, rest) == (b"", b"")
    assert got == (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nVia: 1.1 " + via + b"\r\nConnection: close\r\n\r\nok")


def test_the_head_that_the_client_gets(world):
    front = gateway(world, "http")
    peer = server_of(world, b"HTTP/1.0 404 Not  Found\nServer: x\nConnection: X-Hop\nX-Hop: 1\nKeep-Alive: 3\n"
                            b"Proxy-Authenticate: Basic\nUpgrade: h2c\nSet-Cookie: a\nSet-Cookie: b\n\nbody to the end")
    lines, body = head_of(ask(front, f"GET http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode()))
    assert lines[0] == b"HTTP/1.1 404 Not  Found" and body == b"body to the end"
    assert lines[1:4] == [b"Server: x", b"Set-Cookie: a", b"Set-Cookie: b"]
    assert lines[4].startswith(b"Via: 1.0 sockutil-") and lines[5:] == [b"Connection: close"]


def test_a_body_of_known_length_and_nothing_behind_it(world):
    """What is behind the body is another request: it is never sent on."""
    front, data = gateway(world, "http"), random_bytes(300000)
    peer = server_of(world, ANSWER, body=len(data))
    got = ask(front, f"POST http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n\r\n".encode()
              + data + b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
    head, body, rest = peer.result()
    assert f"Content-Length: {len(data)}\r\n".encode() in head and body == data and rest == b""
    assert head_of(got)[1] == b"ok"


def unchunk(data):
    out = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        count = int(size, 16)
        if count == 0:
            assert data == b"\r\n", data
            return out
        out, data = out + data[:count], data[count + 2:]


def test_chunks_are_written_anew(world):
    def talk(s):
        head, got = read_head(s), b""
        while not got.endswith(b"\r\n0\r\n\r\n"):
            got += s.recv(65536)
        s.sendall(ANSWER)
        s.shutdown(socket.SHUT_WR)
        return head, got, read_to_end(s)
    front, peer = gateway(world, "http"), world.peer(talk)
    with dial(front.port) as s:
        s.sendall(f"PUT http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                  "Trailer: X-T\r\n\r\n".encode())
        for piece in (b"5;ext=\"a\"\r\nhello\r\n", b"00", b"3\r\nab", b"c\r\n0\r\nX-T: 1\r\n", b"\r\nGET /smuggled HTTP/1.1\r\n\r\n"):
            s.sendall(piece)
            time.sleep(0.01)
        assert head_of(read_to_end(s))[1] == b"ok"
    head, body, rest = peer.result()
    assert b"Transfer-Encoding: chunked\r\n" in head and b"Trailer" not in head and b"Content-Length" not in head
    assert unchunk(body) == b"helloabc" and b"ext" not in body and b"X-T" not in body and rest == b""


SMUGGLED = [
    b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
    b"Content-Length: 3\r\nContent-Length: 4\r\n",
    b"Content-Length: 3, 3\r\n",
    b"Content-Length: +3\r\n",
    b"Content-Length: 0x3\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length : 3\r\n",
    b"Content-Length:\r\n 3\r\n",
    b"Transfer-Encoding: chunked, chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Transfer-Encoding: xchunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding: \x0bchunked\r\n",
    b"Transfer-Encoding\x0b: chunked\r\n",
    b"X: a\nContent-Length: 3\r\n",
    b"X: a\rContent-Length: 3\r\n",
    b"X: a\0b\r\n",
    b"Host: y\r\n",
    b" X: folded\r\n",
    b": empty\r\n",
    b"Connection: " + b"a," * 100 + b"b\r\n",
]


@pytest.mark.parametrize("fields", SMUGGLED, ids=range(len(SMUGGLED)))
def test_requests_that_could_be_read_in_two_ways(world, fields):
    front, peer = gateway(world, "http"), world.peer(echo)
    got = ask(front, f"POST http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n".encode() + fields +
              b"\r\nabcGET /smuggled HTTP/1.1\r\n\r\n")
    assert re.match(rb"HTTP/1.1 (400|501) ", got), got
    assert b"Connection: close\r\n" in got and peer.accepted == 0


@pytest.mark.parametrize("body", [b"3 x\r\nabc\r\n0\r\n\r\n", b"-1\r\n", b"3\nabc\r\n0\r\n\r\n", b"3\r\nabcd\r\n0\r\n\r\n",
                                  b"10000000000000000\r\n", b"3\r\nabc\r\n0\r\nbad trailer\r\n\r\n", b"\r\n"],
                         ids=range(7))
def test_malformed_chunks_never_become_a_whole_request(world, body):
    def talk(s):
        read_head(s)
        return was_reset(s)
    front, peer = gateway(world, "http"), world.peer(talk)
    got = ask(front, f"POST http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode() +
              body)
    assert got.startswith(b"HTTP/1.1 400 "), got
    sent, cut = peer.result()
    assert cut and not sent.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("fields, body", [(b"Content-Length: 10\r\n", b"half"),
                                          (b"Transfer-Encoding: chunked\r\n", b"5\r\nhalf")])
def test_a_client_that_leaves_halfway_cuts_the_request(world, fields, body):
    def talk(s):
        read_head(s)
        return was_reset(s)
    front, peer = gateway(world, "http"), world.peer(talk)
    got = ask(front, f"POST http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n".encode() + fields + b"\r\n" + body, end=True)
    assert got.startswith(b"HTTP/1.1 400 ") and peer.result()[1]


def test_an_interim_response_passes(world):
    def talk(s):
        head = read_head(s)
        s.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\nConnection: Y\r\nY: z\r\n\r\n")
        got = read_exactly(s, 4)
        s.sendall(ANSWER)
        return head, got
    front, peer = gateway(world, "http"), world.peer(talk)
    with dial(front.port) as s:
        s.sendall(f"PUT http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                  "Content-Length: 4\r\n\r\n".encode())
        first, second = read_head(s), read_head(s)
        assert re.fullmatch(rb"HTTP/1.1 100 Continue\r\nVia: 1.1 sockutil-\w+\r\n\r\n", first)
        assert re.fullmatch(rb"HTTP/1.1 103 Early Hints\r\nLink: x\r\nVia: 1.1 sockutil-\w+\r\n\r\n", second)
        s.sendall(b"body")
        assert head_of(read_to_end(s))[1] == b"ok"
    head, body = peer.result()
    assert b"Expect: 100-continue\r\n" in head and body == b"body"


def test_a_client_of_http_1_0(world):
    """It waits for no interim response, knows no chunks, and needs no Host field."""
    front = gateway(world, "http")
    peer = server_of(world, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                            b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX: y\r\n\r\n")
    lines, body = head_of(ask(front, f"GET http://{HOST}:{peer.port} HTTP/1.0\r\nExpect: 100-continue\r\n\r\n".encode()))
    assert lines[0] == b"HTTP/1.1 200 OK" and body == b"hello world" and not any(b"Transfer" in line for line in lines)
    head = peer.result()[0]
    assert head.startswith(b"GET / HTTP/1.1\r\nHost: ") and b"Expect" not in head


def test_a_response_ends_where_its_framing_says(world):
    """Whatever the server does with its connection afterwards."""
    held = threading.Event()

    def talk(s):
        read_head(s)
        s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 Smuggled\r\n\r\n")
        held.wait(20 * PATIENCE)
    front, peer = gateway(world, "http"), world.peer(talk)
    got = ask(front, f"GET http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    held.set()
    assert unchunk(head_of(got)[1]) == b"ok"
    peer = world.peer(lambda s: (read_head(s), s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), s.recv(1)))
    lines, body = head_of(ask(front, f"HEAD http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode()))
    assert b"Content-Length: 5" in lines and body == b""


@pytest.mark.parametrize("answer", [b"Content-Length: 100\r\n\r\nshort", b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
                                    b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\nxyz\r\n"])
def test_a_short_response_never_looks_whole(world, answer):
    front, peer = gateway(world, "http"), server_of(world, b"HTTP/1.1 200 OK\r\n" + answer)
    with dial(front.port) as s:
        s.sendall(f"GET http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        got, cut = was_reset(s)
    assert cut and b"short" in got and not got.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n",
                                    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                                    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                                    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
                                    b"HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic\r\n\r\n",
                                    b"HTTP/1.1 100 Continue\r\n\r\n" * 17, b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300000],
                         ids=range(10))
def test_what_is_no_response_is_502(world, answer):
    front = gateway(world, "http")
    def talk(s):
        read_head(s)
        try:
            s.sendall(answer)
        except OSError:
            pass
    peer = world.peer(talk)
    got = ask(front, f"GET http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert b"HTTP/1.1 502 Bad Gateway\r\n" in got, got


def test_an_answer_before_the_request_is_read(world):
    """A server that refuses an upload and closes: its answer arrives, though sending failed."""
    def talk(s):
        read_head(s)
        s.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        s.shutdown(socket.SHUT_WR)
        s.recv(1)
    front, peer = gateway(world, "http"), world.peer(talk)
    with dial(front.port) as s:
        s.sendall(f"POST http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n".encode())
        got = b""
        try:
            for _ in range(100):
                s.sendall(b"x" * 65536)
        except OSError:
            pass
        try:
            got = read_to_end(s)
        except OSError:
            pass
    assert head_of(got)[0][0] == b"HTTP/1.1 413 Too Large" and head_of(got)[1] == b"big"


def test_a_client_that_leaves_ends_the_wait_for_the_answer(world):
    came = threading.Event()

    def talk(s):
        read_head(s)
        came.set()
        return was_reset(s)
    front, peer = gateway(world, "http"), world.peer(talk)
    s = dial(front.port)
    s.sendall(f"GET http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert came.wait(10 * PATIENCE)
    reset(s)
    assert peer.result() == (b"", True)


def test_a_half_close_behind_the_request_is_no_end(world):
    front = gateway(world, "http")
    peer = world.peer(lambda s: (read_head(s), time.sleep(0.2), s.sendall(ANSWER)))
    assert head_of(ask(front, f"GET http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode(), end=True))[1] == b"ok"


def test_large_bodies_both_ways(world):
    up, down = random_bytes(8 * MIB), random_bytes(8 * MIB)

    def talk(s):
        read_head(s)
        got = read_exactly(s, len(up))
        s.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(down)}\r\n\r\n".encode() + down)
        return sha256(got)
    front, peer = gateway(world, "http"), world.peer(talk)
    got = ask(front, f"POST http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: {len(up)}\r\n\r\n".encode() + up)
    assert peer.result() == sha256(up) and sha256(head_of(got)[1]) == sha256(down)


@pytest.mark.parametrize("request_line, status", [
    ("GET / HTTP/1.1", 400), ("GET https://localhost/ HTTP/1.1", 400), ("GET ftp://localhost/ HTTP/1.1", 400),
    ("GET http:///x HTTP/1.1", 400), ("GET http://user:pw@localhost/ HTTP/1.1", 400),
    ("GET http://127.1/ HTTP/1.1", 400), ("GET http://localhost:0/ HTTP/1.1", 400), ("TRACE http://localhost/ HTTP/1.1", 405),
    ("GET http://localhost/ HTTP/2.0", 505), ("GET http://localhost/ HTTP/1.2", 505), ("GET http://localhost/", 400),
    ("OPTIONS * HTTP/1.1", 200), ("GET http://localhost/" + "x" * 20000 + " HTTP/1.1", 414), ("get", 400),
], ids=range(14))
def test_what_is_answered_here(world, request_line, status):
    front = gateway(world, "http")
    got = ask(front, request_line.encode() + b"\r\nHost: x\r\n\r\n")
    lines, body = head_of(got)
    assert got.startswith(f"HTTP/1.1 {status} ".encode()), got
    assert f"Content-Length: {len(body)}".encode() in lines and body.count(b"\n") == 1 and body.endswith(b"\n")
    assert b"Connection: close" in lines


def test_max_forwards_of_options(world):
    front, peer = gateway(world, "http"), server_of(world, ANSWER)
    asked = f"OPTIONS http://{HOST}:{peer.port} HTTP/1.1\r\nHost: x\r\nMax-Forwards: %d\r\n\r\n"
    assert head_of(ask(front, (asked % 0).encode()))[0][0] == b"HTTP/1.1 200 OK"
    assert peer.accepted == 0
    assert head_of(ask(front, (asked % 5).encode()))[1] == b"ok"
    head = peer.result()[0]
    assert head.startswith(b"OPTIONS * HTTP/1.1\r\n") and b"\r\nMax-Forwards: 4\r\n" in head


def test_a_request_that_comes_back_is_refused(world):
    front = gateway(world, "http")
    got = ask(front, f"GET http://{HOST}:{front.port}/http:// HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert head_of(got)[0][0] == b"HTTP/1.1 400 Bad Request"  # the gateway is no origin
    seen = {}

    def back(s):
        head = read_head(s)
        seen["via"] = re.search(rb"Via: (.*)\r\n", head).group(1)
        s.sendall(ANSWER)
    peer = world.peer(back)
    ask(front, f"GET http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    peer.result()
    for via in (seen["via"], b"1.0 other, " + seen["via"] + b" (comment)"):
        got = ask(front, f"GET http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\nVia: ".encode() + via + b"\r\n\r\n")
        assert got.startswith(b"HTTP/1.1 502 ") and b"before" in got


def test_connect_has_no_body(world):
    front, peer = gateway(world, "http"), world.peer(echo)
    for field in (b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"):
        got = ask(front, request_http(HOST, peer.port)[:-2] + field + b"\r\nhello")
        assert got.startswith(b"HTTP/1.1 400 ")
    assert peer.accepted == 0


# --- hostile greetings ------------------------------------------------------------------------------

@pytest.mark.parametrize("said, answer", [(b"", b""), (b"GET http://x/ HTTP/1.1\r\nHost: x\r\n", b"HTTP/1.1 408 "),
                                          (b"\5", b""), (b"\5\1\0\5\1\0\1", b"\5\0"), (b"\4\1", b"")])
def test_a_slow_greeting_is_cut_at_its_deadline(world, said, answer):
    front = gateway(world, "both", "--handshake-timeout", "500ms")
    peer = world.peer(echo)
    with dial(front.port) as slow:
        start = time.monotonic()
        slow.sendall(said)
        with tunnel(front, "socks5", HOST, peer.port) as s:  # others are served meanwhile
            s.sendall(b"x")
            assert s.recv(1) == b"x"
        got, _ = was_reset(slow)
        assert got.startswith(answer) and (answer or not got)
        assert 0.4 < time.monotonic() - start < 8 * PATIENCE
    front.wait_err("--handshake-timeout" if not said.startswith(b"GET") else "Request Timeout")


def test_a_dripping_head_is_cut_at_its_deadline(world):
    front = gateway(world, "http", "--handshake-timeout", "700ms")
    with dial(front.port) as s:
        s.sendall(b"GET http://x/ HTTP/1.1\r\n")
        start, got = time.monotonic(), b""
        while not got and time.monotonic() - start < 10 * PATIENCE:
            try:
                s.sendall(b"X: y\r\n")
            except OSError:
                break
            if select.select([s], [], [], 0.05)[0]:
                got = s.recv(1000)
        assert got.startswith(b"HTTP/1.1 408 ") and time.monotonic() - start > 0.6


@pytest.mark.parametrize("request_bytes, status", [
    (b"GET http://x/ HTTP/1.1\r\nX: " + b"y" * (1 << 20), 431), (b"X" * 70000, 414),
    (b"GET http://x/ HTTP/1.1\r\n" + b"X: y\r\n" * 5000, 431)],
                         ids=["line", "request line", "fields"])
def test_header_bombs(world, request_bytes, status):
    front = gateway(world, "http")
    with dial(front.port) as s:
        try:
            s.sendall(request_bytes)
        except OSError:
            pass
        assert read_head(s).startswith(f"HTTP/1.1 {status} ".encode())


def hostile(dice):
    """Something like a greeting, broken somewhere."""
    seeds = [b"\5\1\0" + request5("127.0.0.1", 9), b"\5\2\0\2", b"\5\0", b"\5\xff" + b"\0" * 255, request4("127.0.0.1", 9),
             request4("localhost", 9), b"\4\1\0\x50\0\0\0\1", request_http("127.0.0.1", 9), b"\4\2\0\0\x7f\0\0\1\0",
             b"\5\1\0" + request5("127.0.0.1", 0, 3), b"\5\1\0" + request5("127.0.0.1", 0, 2),
             b"GET http://127.0.0.1:9/ HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\3\1\2\0\1\0\1\xfc", b"SSH-2.0-x\r\n", b"\0" * 50]
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.randrange(4)):
        what = dice.randrange(4)
        at = dice.randrange(len(data) + 1)
        if what == 0 and data:
            data[at % len(data)] = dice.randrange(256)
        elif what == 1:
            del data[at:]
        elif what == 2:
            data[at:at] = os.urandom(dice.randrange(1, 20))
        else:
            data += data[:at]
    return bytes(data)


def test_a_thousand_hostile_greetings(world):
    front, dice = gateway(world, "both", "--handshake-timeout", "2s", "--timeout", "1s"), random.Random(20)
    peer = world.peer(echo)
    base = None
    for i in range(1000):
        s = dial(front.port)
        try:
            s.sendall(hostile(dice))
            end = dice.randrange(3)
            if end == 0:
                reset(s)
            elif end == 1:
                s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        s.close()
        if i == 100 and os.path.isdir("/proc/self/fd"):
            base = True
    assert front.running()
    with tunnel(front, "socks5", HOST, peer.port) as s:
        s.sendall(b"alive")
        assert read_exactly(s, 5) == b"alive"
    if base:  # sockets of tunnels whose clients are gone are given back
        wait_until(lambda: len(os.listdir(f"/proc/{front.pid}/fd")) < 40, 20, "descriptors given back")
    front.signal(signal.SIGTERM)
    assert front.wait() == 0


def test_one_clients_end_is_nobody_elses(world):
    peer, front = world.peer(echo, count=50), gateway(world)
    keep = tunnel(front, "http", HOST, peer.port)
    for kind in KINDS * 5:
        with dial(front.port) as s:
            open_tunnel(kind, s, HOST, unused_port())
        with dial(front.port) as s:
            s.sendall(b"\5")
            reset(s)
    keep.sendall(b"here")
    assert read_exactly(keep, 4) == b"here"
    keep.close()


# --- through another proxy --------------------------------------------------------------------------

@pytest.mark.parametrize("scheme", ["http", "socks4a", "socks5h"])
def test_a_gateway_behind_a_gateway(world, scheme):
    peer, back = world.peer(echo, count=3), gateway(world)
    front = gateway(world, "both", "-x", f"{scheme}://{HOST}:{back.port}")
    for kind in KINDS:
        with tunnel(front, kind, "localhost", peer.port, b"early") as s:
            assert read_exactly(s, 5) == b"early"
    wait_until(lambda: back.err.count(f"asks for localhost:{peer.port}") == 3, what="three tunnels")
    peer = server_of(world, ANSWER)
    assert head_of(ask(front, f"GET http://{HOST}:{peer.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode()))[1] == b"ok"


def test_nothing_goes_past_the_proxy(world):
    """BIND and datagrams could not go through it; private literals are refused before it is asked."""
    back = gateway(world)
    front = world.serve("--gateway", "both", "-x", f"socks5h://{HOST}:{back.port}")
    for command in (2, 3):
        with dial(front.port) as s:
            s.sendall(b"\5\1\0" + request5("192.0.2.1", 0, command))
            assert read_exactly(s, 2) == b"\5\0" and reply5(s)[0] == 7
    for host in (HOST, "localhost", "10.0.0.1"):
        with dial(front.port) as s:
            assert open_tunnel("socks5", s, host, 80) == 2
    assert "asks for" not in back.err


def test_a_proxy_that_fails_is_nobody_elses_business(world):
    front = gateway(world, "both", "-x", f"http://me:secret@{HOST}:{unused_port()}")
    with dial(front.port) as s:
        s.sendall(request_http("localhost", 80))
        got = read_to_end(s)
    assert got.startswith(b"HTTP/1.1 502 ") and got.endswith(b"\r\n\r\nthe way to the target failed\n")
    assert "secret" not in front.wait_err("not reached for")


def test_proxies_need_a_name(world):
    result = world.run("serve", "localhost:0", "--gateway", "both", "-x", "env")
    assert result.status == 2 and "-x env: a gateway has many targets" in result.err, result
    result = world.run("serve", "localhost:0", "--gateway", "both", "--noproxy", "*")
    assert result.status == 2 and "--noproxy needs --proxy" in result.err, result
    result = world.run("serve", "localhost:0", "--responder", "echo", "-x", "socks5://localhost:1")
    assert result.status == 2 and "--gateway" in result.err, result
