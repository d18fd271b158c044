# SPDX-License-Identifier: MIT
"""connect through proxies: every kind, chains, names, logins, TLS at each hop; proxies that refuse, lie, stall and cut;
the PROXY header."""
import time

import pytest

from harness import (HOST, LINUX, MIB, PROGRAM, Certificates, unused_port, needs, needs_linux_paths, needs_tls, no_sanitizer, one_line,
                     random_bytes, read_exactly, read_to_end, reset, sha256, wait_until)
from proxies import HttpProxy, Many, SocksProxy, end, need, read_head


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


def greeting_echo(s):
    """Speaks first, then gives back what it gets."""
    s.sendall(b"220 ready\r\n")
    while True:
        piece = s.recv(1 << 16)
        if not piece:
            break
        s.sendall(piece)
    end(s)


GREETING = b"220 ready\r\n"


def url(kind, server, login=""):
    return f"{kind}://{login}{'@' if login else ''}{HOST}:{server.port}"


# --- ways through ---------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["socks4a", "socks5", "socks5h", "http"])
def test_a_name_goes_to_the_proxy_and_every_byte_arrives(world, many, kind):
    server = many(Many, greeting_echo)
    proxy = many(HttpProxy if kind == "http" else SocksProxy)
    data = random_bytes(MIB + 17)
    result = world.run("connect", "-x", url(kind, proxy), "origin.test", server.port, stdin=data)
    assert result.status == 0, result
    assert sha256(result.out) == sha256(GREETING + data)
    assert proxy.asked == [("CONNECT", f"origin.test:{server.port}") if kind == "http"
                           else ("name", "origin.test", server.port)]


@pytest.mark.parametrize("kind", ["socks4", "socks5", "http"])
def test_a_name_is_resolved_here_when_that_is_wanted(world, many, kind):
    server = many(Many, greeting_echo)
    proxy = many(HttpProxy if kind == "http" else SocksProxy)
    words = [] if kind == "socks4" else ["--proxy-dns", "local"]
    result = world.run("connect", "-x", url(kind, proxy), *words, "localhost", server.port, stdin=b"x")
    assert (result.status, result.out) == (0, GREETING + b"x"), result
    assert proxy.asked == [("CONNECT", f"127.0.0.1:{server.port}") if kind == "http"
                           else ("address", "127.0.0.1", server.port)]


@needs("strace")
@needs_linux_paths
@no_sanitizer
def test_nobody_here_is_asked_for_a_name_that_the_proxy_resolves(world, many):
    """TRAPS 24: whoever looks on sees no question, and no file of names is read."""
    server, proxy = many(Many, greeting_echo), many(SocksProxy)

    def looked_up(*words):
        log = world.path("trace")
        result = world.start("strace", "-f", "-qq", "-e", "trace=openat,connect,sendto,sendmmsg", "-o", log,
                             PROGRAM, "connect", *words).finish(None)
        text = log.read_text()
        return result, any(sign in text for sign in ("/etc/hosts", "resolv.conf", "nsswitch", "htons(53)", "nscd"))

    result, asked = looked_up("-x", url("socks5", proxy), "origin.test", server.port)
    assert (result.status, result.out, asked) == (0, GREETING, False), result
    result, asked = looked_up("-x", url("socks4", proxy), "name.invalid", server.port)
    assert (result.status, asked) == (6, True), "the trace sees what it should"


def test_a_chain_of_three(world, many):
    server = many(Many, greeting_echo)
    first, second, third = many(HttpProxy), many(SocksProxy, login=("me", "pw")), many(SocksProxy)
    result = world.run("connect", "-x", url("http", first), "-x", f"socks5h://me:pw@second.test:{second.port}",
                       "-x", f"socks4a://third.test:{third.port}", "origin.test", server.port, stdin=b"abc")
    assert (result.status, result.out) == (0, GREETING + b"abc"), result
    assert first.asked == [("CONNECT", f"second.test:{second.port}")]
    assert second.asked == [("name", "third.test", third.port)]
    assert third.asked == [("name", "origin.test", server.port)]


@needs_tls
def test_tls_to_the_proxy_and_through_it_each_checked(world, many, certificates):
    """--insecure and --ca are about the endpoint alone: the proxy has to be trusted by the store."""
    server = many(Many, greeting_echo, tls=certificates.server_context(name="origin", san="DNS:origin.test"))
    proxy = many(HttpProxy, tls=certificates.server_context())
    trusted = {"SSL_CERT_FILE": str(certificates.ca)}
    words = ["-x", f"https://localhost:{proxy.port}", "--tls"]
    result = world.run("connect", *words, "origin.test", server.port, stdin=b"abc", env=trusted)
    assert (result.status, result.out) == (0, GREETING + b"abc"), result
    result = world.run("connect", *words, "--insecure", "origin.test", server.port, stdin=b"abc")
    assert result.status == 60, result
    assert f"the proxy localhost:{proxy.port}: " in result.err
    result = world.run("connect", *words, "wrong.test", server.port, stdin=b"abc", env=trusted)
    assert result.status == 60 and "the proxy" not in result.err, result
    assert "wrong.test" in result.err


@needs_tls
def test_plain_bytes_through_a_proxy_that_speaks_tls(world, many, certificates):
    server, proxy = many(Many, greeting_echo), many(HttpProxy, tls=certificates.server_context())
    result = world.run("connect", "-x", f"https://localhost:{proxy.port}", "origin.test", server.port, stdin=b"abc",
                       env={"SSL_CERT_FILE": str(certificates.ca)})
    assert (result.status, result.out) == (0, GREETING + b"abc"), result


@pytest.mark.parametrize("bound", [b"\1\xc0\0\2\1\4\x38", b"\3\x05proxy\4\x38", b"\3\xff" + b"n" * 255 + b"\4\x38",
                                   b"\4" + bytes(15) + b"\1\4\x38"], ids=["IPv4", "name", "long name", "IPv6"])
def test_every_address_type_in_the_answer(world, many, bound):
    """TRAPS 25."""
    server, proxy = many(Many, greeting_echo), many(SocksProxy, bound=bound)
    result = world.run("connect", "-x", url("socks5", proxy), "origin.test", server.port, stdin=b"abc")
    assert (result.status, result.out) == (0, GREETING + b"abc"), result


def test_bytes_behind_the_answer_are_the_streams(world):
    """TRAPS 23: in one piece with the answer, and a byte at a time."""
    def at_once(s):
        read_head(s)
        s.sendall(b"HTTP/1.1 200 OK\r\n\r\nfirst words")

    def in_pieces(s):
        need(s, 3)
        for byte in b"\5\0":
            s.sendall(bytes([byte]))
        need(s, 5 + 11 + 2)
        for byte in b"\5\0\0\3\4name\0\x01first words":
            s.sendall(bytes([byte]))

    for kind, talk in (("http", at_once), ("socks5", in_pieces)):
        peer = world.peer(talk)
        result = world.run("connect", "-x", url(kind, peer), "origin.test", 80)
        assert (result.status, result.out) == (0, b"first words"), (kind, result)


def test_exceptions_are_reached_directly(world, many):
    server, proxy = many(Many, greeting_echo), many(SocksProxy)
    for listed, times in (("127.0.0.0/8", 0), (f"{HOST}:{server.port}", 0), ("*", 0), (f"{HOST}:1,10.0.0.0/8", 1)):
        result = world.run("connect", "-x", url("socks5", proxy), "--noproxy", listed, HOST, server.port, stdin=b"x")
        assert (result.status, result.out) == (0, GREETING + b"x"), result
        assert len(proxy.asked) == times, listed


def test_the_environment_counts_only_when_asked(world, many):
    server, proxy = many(Many, greeting_echo), many(SocksProxy)
    env = {"ALL_PROXY": url("socks5", proxy), "http_proxy": "http://127.0.0.1:1"}
    assert world.run("connect", HOST, server.port, env=env, stdin=b"x").status == 0
    assert proxy.asked == []
    assert world.run("connect", "-x", "env", HOST, server.port, env=env, stdin=b"x").status == 0
    assert len(proxy.asked) == 1
    env["NO_PROXY"] = HOST
    assert world.run("connect", "-x", "env", HOST, server.port, env=env, stdin=b"x").status == 0
    assert len(proxy.asked) == 1


def test_a_password_is_nowhere_to_be_seen(world, many):
    """Neither in messages nor in the argument list."""
    server, proxy = many(Many, lambda s: s.recv(1)), many(SocksProxy, login=("me", "s3cret"))
    login = world.path("login", b"me:s3cret\n")
    login.chmod(0o600)
    for words in (["-x", url("socks5", proxy, "me:s3cret")],
                  ["-x", url("socks5", proxy), "--proxy-auth", "me:s3cret"],
                  ["-x", url("socks5", proxy), "--proxy-auth", f"@{login}"]):
        asked = len(proxy.asked)
        process = world.sockutil("connect", "-vv", *words, "origin.test", server.port)
        wait_until(lambda: len(proxy.asked) > asked, what="the proxy")
        arguments = open(f"/proc/{process.pid}/cmdline", "rb").read() if LINUX else b""
        assert b"s3cret" not in arguments
        process.stop()
        assert "s3cret" not in process.err


# --- proxies that do not do as they should ---------------------------------------------------------

def answering(*pieces, stays=False):
    """Reads a piece, answers a piece. stays: and then is silent until the other side is gone."""
    def talk(s):
        for piece in pieces:
            s.recv(1 << 16)
            s.sendall(piece)
        if stays:
            read_to_end(s)
        elif not pieces:
            s.recv(1 << 16)
    return talk


HOSTILE = {
    "socks5 closes at once": ("socks5", [], "closed the connection instead of answering"),
    "socks5 one byte": ("socks5", [b"\5"], "closed the connection in the middle of its answer"),
    "socks5 short answer": ("socks5", [b"\5\0", b"\5\0\0"], "closed the connection in the middle of its answer"),
    "socks5 cut name": ("socks5", [b"\5\0", b"\5\0\0\3\xffabc"], "closed the connection in the middle of its answer"),
    "socks5 unknown address": ("socks5", [b"\5\0", b"\5\0\0\x09" + bytes(300)], "unknown type of address"),
    "socks5 other version": ("socks5", [b"\4\0"], "not of SOCKS version 5"),
    "socks5 unasked method": ("socks5", [b"\5\1"], "wants to know who asks"),
    "socks5 wants a login": ("socks5", [b"\5\2"], "--proxy-auth"),
    "socks5 refuses": ("socks5", [b"\5\0", b"\5\5\0\1\0\0\0\0\0\0"], "refused: connection refused"),
    "socks5 unknown refusal": ("socks5", [b"\5\0", b"\5\x63\0\1\0\0\0\0\0\0"], "refused: "),
    "socks5 is a web server": ("socks5", [b"HTTP/1.1 400 Bad\r\n\r\n"], "does not speak SOCKS"),
    "socks4 refuses": ("socks4a", [b"\0\x5b\0\0\0\0\0\0"], "refused (code 91 of SOCKS 4)"),
    "socks4 short": ("socks4a", [b"\0\x5a\0"], "closed the connection in the middle of its answer"),
    "socks4 other version": ("socks4a", [b"\5\x5a\0\0\0\0\0\0"], "not of SOCKS version 4"),
    "http refuses": ("http", [b"HTTP/1.1 403 No \x1b[31mway\r\n\r\n"], "refused: status 403 No "),
    "http wants a login": ("http", [b"HTTP/1.1 407 Who\r\n\r\n"], "--proxy-auth"),
    "http redirects": ("http", [b"HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\n\r\n"], "status 302"),
    "http closes": ("http", [], "closed the connection instead of answering"),
    "http cut head": ("http", [b"HTTP/1.1 200 OK\r\nVia: x"], "closed the connection in the middle of its answer"),
    "http is ssh": ("http", [b"SSH-2.0-OpenSSH_9\r\n"], "does not speak HTTP"),
    "http old": ("http", [b"<html>hello</html>"], "does not speak HTTP"),
    "http endless interim": ("http", [b"HTTP/1.1 100 x\r\n\r\n" * 100], "one interim answer after the other"),
    "http endless line": ("http", [b"HTTP/1.1 200 OK\r\nA: " + b"x" * (1 << 17)], "does not speak HTTP"),
    "http header bomb": ("http", [b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 10000], "does not speak HTTP"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_proxy_that_is_none_is_97_and_named(world, case):
    """TRAPS 26."""
    kind, pieces, words = HOSTILE[case]
    peer = world.peer(answering(*pieces))
    result = world.run("connect", "-x", url(kind, peer), "origin.test", 80, stdin=b"never sent to it")
    assert (result.status, result.out) == (97, b""), result
    line = one_line(result.err)
    assert f"origin.test:80: the proxy {HOST}:{peer.port} " in line and words in line, line
    assert "\x1b" not in line


def test_a_reset_instead_of_an_answer(world):
    def talk(s):
        s.recv(100)
        reset(s)

    for kind in ("socks5", "http"):
        peer = world.peer(talk)
        result = world.run("connect", "-x", url(kind, peer), "origin.test", 80)
        assert result.status == 97, result
        assert "connection reset" in one_line(result.err)


@pytest.mark.parametrize("kind, pieces", [("socks5", []), ("socks5", [b"\5\0", b"\5\0"]), ("http", [b"HTTP/1.1 200"]),
                                          ("https", [])])
@needs_tls
def test_a_proxy_that_stalls_is_28_and_named(world, kind, pieces):
    peer = world.peer(answering(*pieces, stays=True))
    result = world.run("connect", "-w", "300ms", "-x", url(kind, peer), "origin.test", 80)
    assert result.status == 28, result
    line = one_line(result.err)
    assert f"the proxy {HOST}:{peer.port}" in line and "after 300ms (--timeout)" in line


def test_a_proxy_that_drips_is_held_to_the_same_limit(world):
    def talk(s):
        read_head(s)
        s.sendall(b"HTTP/1.1 200 OK\r\nA: ")
        while True:
            s.sendall(b"x")
            time.sleep(0.02)

    peer = world.peer(talk)
    result = world.run("connect", "-w", "400ms", "-x", url("http", peer), "origin.test", 80)
    assert result.status == 28, result


def test_nobody_there_and_no_such_name(world):
    port = unused_port()
    result = world.run("connect", "-x", f"http://{HOST}:{port}", "origin.test", 80)
    assert (result.status, one_line(result.err)) == (
        97, f"sockutil connect: the proxy {HOST}:{port}: connection refused")
    result = world.run("connect", "-x", "socks5://proxy.invalid", "origin.test", 80)
    assert (result.status, one_line(result.err)) == (5, "sockutil connect: the proxy proxy.invalid: name not known")


def test_wrong_logins(world, many):
    for kind, proxy in (("socks5", many(SocksProxy, login=("me", "right"))), ("http", many(HttpProxy, login="me:right"))):
        for login, words in (("", "--proxy-auth"), ("me:wrong", "did not accept the user name and password")):
            result = world.run("connect", "-x", url(kind, proxy, login), "origin.test", 80)
            assert result.status == 97 and words in one_line(result.err), result


def test_a_name_that_nobody_here_knows(world, many):
    proxy = many(SocksProxy)
    result = world.run("connect", "-x", url("socks4", proxy), "host.invalid", 80)
    assert (result.status, one_line(result.err)) == (6, "sockutil connect: host.invalid: name not known"), result


def test_v_tells_the_way(world, many):
    server, proxy = many(Many, greeting_echo), many(SocksProxy)
    result = world.run("connect", "-v", "-x", url("socks5", proxy), "origin.test", server.port)
    assert f"connected to origin.test:{server.port} through the proxy {HOST}:{proxy.port} from " in result.err, result


def test_what_may_pass_is_tried_again_and_what_is_final_is_not(world):
    answers = [b"\5\5\0\1\0\0\0\0\0\0", b"\5\4\0\1\0\0\0\0\0\0", b"\5\0\0\1\0\0\0\0\0\0done"]

    def talk(s):
        need(s, 3)
        s.sendall(b"\5\0")
        need(s, 18)
        s.sendall(answers.pop(0))

    peer = world.peer(talk, count=3)
    result = world.run("connect", "--retry", 5, "--retry-delay", "50ms", "-x", url("socks5", peer), "origin.test", 80)
    assert (result.status, result.out) == (0, b"done"), result
    refusing = world.peer(answering(b"HTTP/1.1 403 Forbidden\r\n\r\n"), count=3)
    result = world.run("connect", "--wait=5s", "-x", url("http", refusing), "origin.test", 80)
    assert (result.status, refusing.accepted) == (97, 1), result


# --- what is asked wrongly --------------------------------------------------------------------------

@pytest.mark.parametrize("words, message", [
    (["-x", "ftp://p.test"], "a proxy speaks http, https, socks4, socks4a, socks5 or socks5h"),
    (["-x", "http://me:s3cret@p.test:x"], "a port is a number"),
    (["-x", "env", "-x", "http://p.test"], "stand alone"),
    (["--proxy-dns", "local"], "--proxy-dns needs --proxy"),
    (["--noproxy", "*"], "--noproxy needs --proxy"),
    (["--proxy-auth", "me:s3cret"], "--proxy-auth needs --proxy"),
    (["-x", "socks5h://p.test", "--proxy-dns", "local"], "socks5:// does as told"),
    (["-x", "socks4://p.test", "--proxy-dns", "remote"], "socks4a:// has"),
    (["-x", "http://p.test", "-x", "http://q.test", "--proxy-auth", "me:s3cret"], "for one proxy"),
    (["-x", "http://you@p.test", "--proxy-auth", "me:s3cret"], "has a user in its URL already"),
    (["--send-proxy", "3"], "1"),
])
def test_mistakes_are_2_and_told(world, words, message):
    result = world.run("connect", *words, "origin.test", 80)
    assert result.status == 2 and message in one_line(result.err), result
    assert "s3cret" not in result.err


def test_a_proxy_reaches_no_path(world):
    result = world.run("connect", "-x", "http://p.test", f"unix:{world.path('socket')}")
    assert result.status == 2 and "--proxy" in one_line(result.err)


# --- the PROXY header -------------------------------------------------------------------------------

def test_the_proxy_header_comes_first(world):
    for version, check in ((1, lambda got, port: got.startswith(b"PROXY TCP4 127.0.0.1 127.0.0.1 ") and
                            got.endswith(f" {port}\r\nabc".encode())),
                           (2, lambda got, port: got[:12] == b"\r\n\r\n\0\r\nQUIT\n" and got[12:16] == b"\x21\x11\0\x0c" and
                            got[16:24] == b"\x7f\0\0\1" * 2 and got[28:] == b"abc")):
        peer = world.peer(read_to_end)
        assert world.run("connect", "--send-proxy", version, HOST, peer.port, stdin=b"abc").status == 0
        assert check(peer.result(), peer.port), peer.result()


@needs_tls
def test_the_proxy_header_is_outside_tls(world, certificates):
    seen = []
    context = certificates.server_context()

    def talk(s):
        line = b""
        while not line.endswith(b"\r\n"):
            line += read_exactly(s, 1)
        seen.append(line)
        with context.wrap_socket(s, server_side=True) as inner:
            got = read_to_end(inner)
            end(inner)
            return got

    peer = world.peer(talk)
    assert world.run("connect", "--tls", "--ca", certificates.ca, "--send-proxy", 1, "--preamble", "hello ", "localhost",
                     peer.port, stdin=b"abc").status == 0
    assert peer.result() == b"hello abc" and seen[0].startswith(b"PROXY TCP")
