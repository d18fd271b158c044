# SPDX-License-Identifier: MIT
"""get through proxies: absolute form, tunnels and SOCKS; who is told which secret; redirects, the environment and its
exceptions; proxies that refuse; times."""
import json
import struct

import pytest

from harness import HOST, MIB, Certificates, unused_port, needs_tls, one_line, random_bytes, sha256
from proxies import HttpProxy, Many, SocksProxy, need, read_head
from web import Site, Web, failed, file, get, redirect


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


def url(server, kind="http", login=""):
    return f"{kind}://{login}{'@' if login else ''}{HOST}:{server.port}"


def fields_of(lines, name):
    return [line.split(":", 1)[1].strip() for line in lines[1:] if line.lower().startswith(name.lower() + ":")]


# --- plain HTTP ------------------------------------------------------------------------------------

def test_a_plain_request_goes_to_the_proxy_in_absolute_form(world, many):
    data = random_bytes(MIB)
    site, proxy = Site(world, {"/a/b": data}), many(HttpProxy)
    target = f"http://site.test:{site.port}/a/b?q=1"
    result = get(world, "-x", url(proxy), target)
    assert result.status == 0 and sha256(result.out) == sha256(data), result
    assert proxy.heads[0][0] == f"GET {target} HTTP/1.1"
    assert fields_of(proxy.heads[0], "Host") == [f"site.test:{site.port}"]
    assert site.last.target == "/a/b?q=1"


def test_one_connection_to_the_proxy_serves_all_origins(world, many):
    one, two = Site(world, {"/": b"one"}), Site(world, {"/": b"two"})
    proxy = many(HttpProxy)
    result = get(world, "-x", url(proxy), f"http://one.test:{one.port}/", f"http://two.test:{two.port}/", "-o", "one",
                 "-o", "two")
    assert result.status == 0, result
    assert ((result.folder / "one").read_bytes(), (result.folder / "two").read_bytes()) == (b"one", b"two")
    assert proxy.accepted == 1 and len(proxy.heads) == 2


def test_what_the_proxy_is_told_the_origin_is_not(world, many):
    site, proxy = Site(world, {"/": b"x"}), many(HttpProxy, login="me:s3cret")
    for words in (["-x", url(proxy, login="me:s3cret")], ["-x", url(proxy), "--proxy-auth", "me:s3cret"]):
        result = get(world, *words, f"http://site.test:{site.port}/", "--trace", "-")
        assert result.status == 0, result
        assert b"Basic" not in site.last.raw and "bWU6czNjcmV0" not in result.text
    assert site.last.get("Proxy-Authorization") is None
    result = get(world, "-x", url(proxy, login="me:s3cret"), "--noproxy", "*", "-H", "Proxy-Authorization: Basic eDp5",
                 site.url("/"))
    assert result.status == 0 and site.last.get("Proxy-Authorization") is None


def test_a_login_at_the_origin_goes_through(world, many):
    """And the proxy's is sent beside it."""
    site, proxy = Site(world, {"/": b"x"}), many(HttpProxy, login="me:s3cret")
    result = get(world, "-x", url(proxy, login="me:s3cret"), "-u", "you:pw", f"http://site.test:{site.port}/")
    assert result.status == 0, result
    assert len(fields_of(proxy.heads[-1], "Proxy-Authorization")) == 1


def test_407_is_97_and_says_what_to_do(world, many):
    proxy = many(HttpProxy, login="me:right")
    line = failed(get(world, "-x", url(proxy), "http://site.test/", "-o", "f"), 97, "--proxy-auth",
                  f"{HOST}:{proxy.port}")
    assert "s3cret" not in line
    result = get(world, "-x", url(proxy, login="me:wrong"), "http://site.test/", "-o", "f")
    failed(result, 97, "did not accept the user name and password")
    assert list(result.folder.iterdir()) == [] and b"secret" not in result.out
    assert len(proxy.heads) == 2


def test_a_status_of_the_proxy_is_a_status(world, many):
    def talk(s):
        read_head(s)
        s.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno")

    failed(get(world, "--retry", 0, "-x", url(many(Many, talk)), "http://site.test/"), 22, "502")


# --- tunnels ------------------------------------------------------------------------------------------

@needs_tls
def test_https_goes_through_a_tunnel_and_the_site_is_checked(world, many, certificates):
    data = random_bytes(MIB)
    site = Site(world, {"/f": data}, tls=certificates.server_context(name="site", san="DNS:site.test"))
    proxy = many(HttpProxy, login="me:s3cret")
    words = ["--ca", certificates.ca, "-x", url(proxy, login="me:s3cret")]
    result = get(world, *words, f"https://site.test:{site.port}/f")
    assert result.status == 0 and sha256(result.out) == sha256(data), result
    assert proxy.heads[0][0] == f"CONNECT site.test:{site.port} HTTP/1.1"
    assert site.last.target == "/f" and b"Proxy" not in site.last.raw
    failed(get(world, *words, f"https://other.test:{site.port}/f"), 60, "other.test")
    proxy.login = "me:changed"
    failed(get(world, *words, f"https://site.test:{site.port}/f"), 97, f"the proxy {HOST}:{proxy.port}",
           "did not accept")


@needs_tls
def test_https_to_the_proxy_too(world, many, certificates):
    """The proxy is trusted by the store alone: neither --ca nor -k are about it."""
    site = Site(world, {"/f": b"body"}, tls=certificates.server_context(name="site", san="DNS:site.test"))
    plain = Site(world, {"/f": b"plain"})
    proxy = many(HttpProxy, tls=certificates.server_context())
    words = ["-x", f"https://localhost:{proxy.port}"]
    trusted = {"SSL_CERT_FILE": str(certificates.ca)}
    assert get(world, *words, f"https://site.test:{site.port}/f", env=trusted).out == b"body"
    assert get(world, *words, f"http://site.test:{plain.port}/f", env=trusted).out == b"plain"
    for scheme, port in (("https", site.port), ("http", plain.port)):
        for more in (["-k"], ["--ca", certificates.ca]) if scheme == "https" else ([],):
            line = failed(get(world, *words, *more, f"{scheme}://site.test:{port}/f"), 60)
            assert f"the proxy localhost:{proxy.port}" in line


def test_another_place_is_reached_through_a_tunnel(world, many):
    site, proxy = Site(world, {"/": b"there"}), many(HttpProxy)
    result = get(world, "-x", url(proxy), "--connect-to", f"::{HOST}:{site.port}", "http://site.test/")
    assert (result.status, result.out) == (0, b"there"), result
    assert proxy.asked == [("CONNECT", f"{HOST}:{site.port}")]
    assert site.last.get("Host") == "site.test"


def test_http2_through_a_tunnel(world, many):
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    def frame(kind, flags, stream, payload=b""):
        return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

    def talk(c):
        assert c.take(len(preface)) == preface
        c.send(frame(4, 0, 0))
        while True:
            start = c.take(9)
            kind, flags = start[3], start[4]
            c.take(int.from_bytes(start[:3], "big"))
            if kind == 4 and not flags & 1:
                c.send(frame(4, 1, 0))
            if kind == 1:
                c.send(frame(1, 4, 1, b"\x88"), frame(0, 1, 1, b"hello"))
                return

    web, proxy = Web(world, talk), many(HttpProxy)
    result = get(world, "--http2", "-x", url(proxy), f"http://site.test:{web.port}/")
    assert (result.status, result.out) == (0, b"hello"), result
    assert proxy.asked == [("CONNECT", f"site.test:{web.port}")]


@pytest.mark.parametrize("kind", ["socks4a", "socks5", "socks5h"])
def test_through_socks(world, many, kind):
    site, proxy = Site(world, {"/": b"body"}), many(SocksProxy)
    result = get(world, "-x", url(proxy, kind), f"http://site.test:{site.port}/")
    assert (result.status, result.out) == (0, b"body"), result
    assert proxy.asked == [("name", "site.test", site.port)] and site.last.target == "/"


def test_a_chain_with_an_http_proxy_last_gets_the_absolute_form(world, many):
    site, first, last = Site(world, {"/": b"body"}), many(SocksProxy), many(HttpProxy)
    result = get(world, "-x", url(first, "socks5"), "-x", f"http://last.test:{last.port}",
                 f"http://site.test:{site.port}/")
    assert (result.status, result.out) == (0, b"body"), result
    assert first.asked == [("name", "last.test", last.port)]
    assert last.asked == [("GET", f"http://site.test:{site.port}/")]


# --- redirects and exceptions ---------------------------------------------------------------------------

def test_a_redirect_asks_anew_who_the_proxy_is(world, many):
    """Out of the proxy's reach, and nothing of what it is told goes along."""
    inside = Site(world, {"/end": b"inside"})
    site = Site(world, {"/": redirect(inside.url("/end"))})
    proxy = many(HttpProxy, login="me:s3cret")
    result = get(world, "-x", url(proxy, login="me:s3cret"), "--noproxy", HOST, f"http://site.test:{site.port}/")
    assert (result.status, result.out) == (0, b"inside"), result
    assert len(proxy.heads) == 1 and inside.last.get("Proxy-Authorization") is None


def test_a_header_for_the_proxy_goes_along_as_far_as_the_proxy(world, many):
    """-H Proxy-Authorization is the proxy's, whichever origin it is asked for, and no origin's."""
    end, proxy = Site(world, {"/end": b"end"}), many(HttpProxy, login="me:s3cret")
    site = Site(world, {"/": redirect(f"http://other.test:{end.port}/end")})
    result = get(world, "-x", url(proxy), "-H", "Proxy-Authorization: Basic bWU6czNjcmV0",
                 f"http://site.test:{site.port}/")
    assert (result.status, result.out) == (0, b"end"), result
    result = get(world, "-x", url(proxy), "-H", "Proxy-Authorization: Basic bWU6czNjcmV0", "--noproxy", HOST,
                 f"http://site.test:{Site(world, {'/': redirect(end.url('/end'))}).port}/")
    assert result.status == 0 and end.last.get("Proxy-Authorization") is None


def test_the_environment_as_curl_reads_it(world, many):
    site, proxy = Site(world, {"/": b"body"}), many(HttpProxy)
    page, dead = f"http://{HOST}:{site.port}/", f"http://{HOST}:{unused_port()}"
    for env, asked in (({"http_proxy": url(proxy)}, True), ({"ALL_PROXY": url(proxy)}, True),
                       ({"all_proxy": url(proxy), "ALL_PROXY": dead}, True),
                       ({"http_proxy": url(proxy), "ALL_PROXY": dead}, True),
                       ({"http_proxy": "", "all_proxy": url(proxy)}, True), ({"HTTP_PROXY": dead}, False),
                       ({"HTTPS_PROXY": dead, "https_proxy": dead}, False),
                       ({"http_proxy": dead, "NO_PROXY": "127.0.0.0/8"}, False),
                       ({"http_proxy": dead, "no_proxy": "a.test," + HOST}, False),
                       ({"http_proxy": url(proxy), "no_proxy": HOST + ":1"}, True)):
        before = len(proxy.heads)
        result = get(world, page, env=env)
        assert (result.status, result.out) == (0, b"body"), (env, result)
        assert (len(proxy.heads) > before) == asked, env
    assert get(world, "-x", "", page, env={"http_proxy": dead}).status == 0
    assert get(world, "--noproxy", "*", page, env={"http_proxy": dead}).status == 0
    assert get(world, "-x", url(proxy), page, env={"http_proxy": dead}).status == 0
    assert get(world, "-x", url(proxy), "--noproxy", "other.test", page, env={"no_proxy": HOST}).status == 0
    assert get(world, "--unix-socket", world.path("none"), page, env={"http_proxy": url(proxy)}).status == 7
    result = get(world, page, env={"http_proxy": "gopher://p.test"})
    assert result.status == 2 and "http_proxy" in one_line(result.err), result


@needs_tls
def test_https_proxy_is_for_https_urls(world, many, certificates):
    site = Site(world, {"/": b"body"}, tls=certificates.server_context(name="site", san="DNS:site.test"))
    proxy = many(HttpProxy)
    for name in ("https_proxy", "HTTPS_PROXY"):
        result = get(world, "--ca", certificates.ca, f"https://site.test:{site.port}/",
                     env={name: url(proxy), "http_proxy": f"http://{HOST}:{unused_port()}"})
        assert (result.status, result.out) == (0, b"body"), result
    assert len(proxy.asked) == 2


# --- failures and times -----------------------------------------------------------------------------------

@needs_tls
def test_proxies_that_are_not_there(world):
    port = unused_port()
    for scheme in ("http", "https"):
        line = failed(get(world, "-x", f"http://{HOST}:{port}", f"{scheme}://site.test/"), 97, "connection refused")
        assert f"the proxy {HOST}:{port}: " in line
        failed(get(world, "-x", "http://proxy.invalid", f"{scheme}://site.test/"), 5, "the proxy proxy.invalid: ")


def test_a_tunnel_that_is_refused(world, many):
    def talk(s):
        read_head(s)
        s.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nsecret")

    proxy = many(Many, talk)
    result = get(world, "-x", url(proxy), "--http2", "http://site.test/")
    line = failed(result, 97, "refused: status 403 Forbidden")
    assert line.startswith(f"sockutil get: site.test:80: the proxy {HOST}:{proxy.port} ") and result.out == b""


def test_a_proxy_that_is_silent(world, many):
    proxy = many(Many, lambda s: s.recv(1) and s.recv(1 << 16) and s.recv(1))
    for kind in ("socks5", "http"):
        line = failed(get(world, "--retry", 0, "-w", "300ms", "-x", url(proxy, kind), "--http2", "http://site.test/"),
                      28, f"the proxy {HOST}:{proxy.port} has not answered after 300ms (--timeout)")
        assert "site.test" in line


def test_the_time_at_the_proxy_is_told(world, many):
    site, proxy = Site(world, {"/": b"body"}), many(SocksProxy)
    words = ["-x", url(proxy, "socks5"), f"http://site.test:{site.port}/"]
    result = get(world, "--timing", *words)
    assert result.status == 0 and "\n  proxy " in result.err, result
    times = json.loads(get(world, "--info", "json", *words).err)["hops"][0]["times_us"]
    assert times["connected"] <= times["proxy"] <= times["sent"]
    assert "proxy" not in get(world, "--timing", site.url("/")).err


def test_resuming_and_segments_go_the_same_way(world, many):
    data = random_bytes(8 * MIB)
    site, proxy = Site(world, {"/f": file(data)}), many(SocksProxy)
    result = get(world, "-x", url(proxy, "socks5"), "--segments", 4, "-o", "f", f"http://site.test:{site.port}/f")
    assert result.status == 0 and sha256((result.folder / "f").read_bytes()) == sha256(data), result
    assert len(proxy.asked) > 1 and site.connections == len(proxy.asked)


@pytest.mark.parametrize("refusal", [b"\5\1", b"\5\3", b"\5\4", b"\5\5", b"\5\6"])
def test_what_a_proxy_says_for_now_is_asked_again_with_retry(world, many, refusal):
    site, left = Site(world, {"/": b"body"}), [refusal + b"\0\1\0\0\0\0\0\0"] * 2

    class Passing(SocksProxy):
        def serve(self, s):
            if not left:
                return super().serve(s)
            need(s, 3)
            s.sendall(b"\5\0")
            need(s, 16)
            s.sendall(left.pop())

    proxy = many(Passing)
    words = ["--retry-delay", "50ms", "-x", url(proxy, "socks5"), f"http://site.test:{site.port}/"]
    failed(get(world, *words), 97, "refused: ")
    assert proxy.accepted == 1
    result = get(world, "--retry", 3, *words)
    assert (result.status, result.out, proxy.accepted) == (0, b"body", 3), result


@pytest.mark.parametrize("status, accepted", [(502, 3), (503, 3), (504, 3), (403, 1), (407, 1)])
def test_a_tunnel_that_is_refused_for_now_is_asked_for_again_with_retry(world, many, status, accepted):
    def talk(s):
        read_head(s)
        s.sendall(b"HTTP/1.1 %d No\r\n\r\n" % status)

    proxy = many(Many, talk)
    result = get(world, "--retry", 2, "--retry-delay", "50ms", "-x", url(proxy), "--http2", "http://site.test/")
    assert (result.status, proxy.accepted) == (97, accepted) and f"status {status}" in result.err, result


def test_a_segment_asks_again_what_a_proxy_refuses_for_now(world, many):
    data = random_bytes(8 * MIB)
    site = Site(world, {"/f": file(data)})

    class Sometimes(SocksProxy):
        def five(self, s):
            target = super().five(s)
            if len(self.asked) in (2, 4):
                s.sendall(b"\5\5\0\1\0\0\0\0\0\0")
                raise EOFError
            return target

    proxy = many(Sometimes)
    result = get(world, "-x", url(proxy, "socks5"), "--retry-delay", "50ms", "--segments", 4, "-o", "f",
                 f"http://site.test:{site.port}/f")
    assert result.status == 0 and sha256((result.folder / "f").read_bytes()) == sha256(data), result
    assert len(proxy.asked) == site.connections + 2


@pytest.mark.parametrize("words, message", [
    (["-x", "gopher://p.test"], "a proxy speaks"),
    (["-x", "http://p.test", "--unix-socket", "/x"], "--unix-socket"),
    (["-x", "http://p.test/path"], "nothing stands behind a proxy's port"),
])
def test_mistakes_are_2(world, words, message):
    failed(get(world, *words, "http://site.test/"), 2, message)
