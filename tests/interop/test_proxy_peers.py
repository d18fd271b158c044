# SPDX-License-Identifier: MIT
"""Proxies. `connect` and `get` go through microsocks, dante, tinyproxy and ncat, alone and in chains; curl, wget, ncat,
nc.openbsd and socat go through `serve --gateway`. Random bytes arrive whole, a wrong password is refused, what the
proxy says of the target is told, names are resolved where they should be."""
import http.server
import pathlib
import re
import subprocess
import threading

import pytest

from harness import HOST, MIB, unused_port, needs, needs_tls, one_line, random_bytes, sha256
from others import Other, danted, echoed, microsocks, nginx, tinyproxy

SIZE = 3 * MIB + 123
LOGIN = "joe:s3cret"


class Site:
    """An HTTP server: files of a folder; what is sent to it by POST and PUT comes back."""

    def __init__(self, files):
        self.requests, site = [], self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, data):
                site.requests.append((self.command, self.path, dict(self.headers)))
                self.send_response(200 if data is not None else 404)
                self.send_header("Content-Length", str(len(data or b"")))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data or b"")

            def do_GET(self):
                self.answer(files.get(self.path))

            def do_POST(self):
                self.answer(self.rfile.read(int(self.headers["Content-Length"])))

            do_HEAD, do_PUT = do_GET, do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


BIG = random_bytes(SIZE)


@pytest.fixture
def web():
    site = Site({"/": b"home\n", "/big": BIG, "/small": b"hello\n"})
    yield site
    site.close()


# --- our client through the proxies of others -------------------------------------------------------

PROXIES = {
    "microsocks": (microsocks, {}, ("socks5", "socks5h")),
    "microsocks-auth": (lambda world: microsocks(world, *LOGIN.split(":")), {"login": LOGIN}, ("socks5", "socks5h")),
    "danted": (danted, {}, ("socks4", "socks5", "socks5h")),
    "tinyproxy": (tinyproxy, {}, ("http",)),
    "tinyproxy-auth": (lambda world: tinyproxy(world, LOGIN), {"login": LOGIN}, ("http",)),
    "ncat": (lambda world: ncat_proxy(world), {}, ("http",)),
    "ncat-auth": (lambda world: ncat_proxy(world, LOGIN), {"login": LOGIN}, ("http",)),
}
PROGRAM_OF = {"microsocks": "microsocks", "danted": "danted", "tinyproxy": "tinyproxy", "ncat": "ncat"}


def ncat_proxy(world, login=None):
    words = ["--proxy-auth", login] if login else []
    return Other(world, "ncat", "-l", "-k", "--proxy-type", "http", *words, HOST, "{port}")


def ways(*only):
    return [pytest.param(name, scheme, id=f"{name}-{scheme}", marks=needs(PROGRAM_OF[name.split("-")[0]]))
            for name, (_, _, schemes) in PROXIES.items() for scheme in schemes if not only or name in only]


def through(world, name, scheme, login=True):
    """Starts that proxy; the URL for -x."""
    start, how, _ = PROXIES[name]
    auth = how.get("login", "") + "@" if how.get("login") and login else ""
    return f"{scheme}://{auth}{HOST}:{start(world).port}"


@pytest.mark.parametrize("name, scheme", ways())
def test_connect_goes_through(world, name, scheme):
    server = world.serve("--responder", "echo")
    echoed(world, random_bytes(SIZE), "-x", through(world, name, scheme), HOST, server.port)


@pytest.mark.parametrize("name, scheme", ways())
def test_connect_by_name_goes_through(world, name, scheme):
    """Some systems know localhost as ::1 alone, and not every proxy tries both."""
    server = world.serve("--responder", "echo", host="localhost")
    echoed(world, random_bytes(10_000), "-x", through(world, name, scheme), "localhost", server.port)


@pytest.mark.parametrize("name, scheme", ways("microsocks", "danted", "tinyproxy", "ncat"))
def test_a_server_that_speaks_first_is_heard_through(world, name, scheme):
    """Bytes right behind the proxy's answer belong to the stream."""
    data = random_bytes(SIZE)
    server = world.serve("--send-file", world.path("in", data))
    result = world.run("connect", "--recv-only", "-x", through(world, name, scheme), HOST, server.port, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result


@needs("danted")
@pytest.mark.parametrize("scheme", ["socks4", "socks5"])
def test_a_half_close_passes_through_dante(world, scheme):
    data = random_bytes(SIZE)
    server = world.serve("--responder", "echo")
    result = world.run("connect", "-x", through(world, "danted", scheme), HOST, server.port, stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result


@needs_tls
@pytest.mark.parametrize("name, scheme", ways("microsocks", "danted", "tinyproxy"))
def test_connect_with_tls_goes_through(world, certificates, name, scheme):
    """The certificate is the target's, checked by the target's name."""
    cert, key = certificates.leaf()
    server = world.serve("--tls", "--cert", cert, "--key", key, "--responder", "echo", host="localhost")
    echoed(world, random_bytes(SIZE), "--tls", "--ca", certificates.ca, "-x", through(world, name, scheme), "localhost",
           server.port)


@pytest.mark.parametrize("name, scheme", ways())
def test_get_goes_through(world, web, name, scheme):
    result = world.run("get", "-x", through(world, name, scheme), f"http://{HOST}:{web.port}/big", timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(BIG), result


@needs_tls
@needs("nginx")
@pytest.mark.parametrize("name, scheme", ways("microsocks", "danted", "tinyproxy-auth", "ncat-auth"))
def test_get_over_https_goes_through(world, certificates, name, scheme):
    cert, key = certificates.leaf()
    root = world.folder / "root"
    root.mkdir(mode=0o755)
    (root / "big").write_bytes(BIG)
    port = unused_port()
    nginx(world, http=f"server {{ listen {HOST}:{port} ssl http2; listen [::1]:{port} ssl http2; ssl_certificate {cert}; "
                      f"ssl_certificate_key {key}; root {root}; }}", port=port)
    result = world.run("get", "-q", "--ca", certificates.ca, "-x", through(world, name, scheme),
                       f"https://localhost:{port}/big", timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(BIG), result


@needs("tinyproxy")
def test_get_asks_tinyproxy_with_a_whole_url(world, web):
    """No CONNECT for http: the proxy sees the request, and the site the path alone."""
    proxy = tinyproxy(world)
    result = world.run("get", "-x", f"http://{HOST}:{proxy.port}", f"http://{HOST}:{web.port}/small")
    assert (result.status, result.out) == (0, b"hello\n"), result
    assert web.requests[0][:2] == ("GET", "/small") and "Proxy-Authorization" not in web.requests[0][2]
    assert f"GET http://{HOST}:{web.port}/small HTTP/1.1" in proxy.log.read_text()


@needs("tinyproxy")
def test_get_uploads_through_tinyproxy(world, web):
    proxy = tinyproxy(world, LOGIN)
    data = random_bytes(MIB)
    result = world.run("get", "-x", f"http://{LOGIN}@{HOST}:{proxy.port}", "--data", f"@{world.path('up', data)}",
                       f"http://{HOST}:{web.port}/up", timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result
    assert "Proxy-Authorization" not in web.requests[-1][2]


@needs("tinyproxy")
def test_get_and_curl_read_the_same_environment(world, web):
    """http_proxy, ALL_PROXY and NO_PROXY choose the way alike."""
    if not pathlib.Path("/usr/bin/curl").exists():
        pytest.skip("not installed: curl")
    proxy = tinyproxy(world)
    url, address = f"http://{HOST}:{web.port}/small", f"http://{HOST}:{proxy.port}"
    for env, used in (({"http_proxy": address}, True), ({"HTTP_PROXY": address}, False), ({"ALL_PROXY": address}, True),
                      ({"all_proxy": address, "http_proxy": ""}, None),
                      ({"http_proxy": address, "NO_PROXY": HOST}, False),
                      ({"http_proxy": address, "no_proxy": "127.0.0.0/8"}, False),
                      ({"http_proxy": address, "no_proxy": "*"}, False),
                      ({"http_proxy": address, "no_proxy": "example.org,x.test"}, True),
                      ({"https_proxy": address}, False)):
        taken = []
        for argv in (("get", url), None):
            before = proxy.log.read_text().count("Request (file descriptor")
            result = world.run(*argv, env=env) if argv else \
                world.start("curl", "-s", url, env=env).finish(None)
            assert (result.status, result.out) == (0, b"hello\n"), (env, result)
            taken.append(proxy.log.read_text().count("Request (file descriptor") > before)
        assert taken[0] == taken[1], env
        assert used is None or taken[0] is used, env


@needs("microsocks")
def test_connect_reads_the_environment_only_when_told(world):
    proxy = microsocks(world)
    server = world.serve("--reply", "{peer}\n", "--once")
    echo = world.serve("--responder", "echo")
    env = {"ALL_PROXY": f"socks5h://{HOST}:{proxy.port}"}
    dead = {"ALL_PROXY": f"socks5h://{HOST}:{unused_port()}"}
    assert world.run("connect", HOST, echo.port, stdin=b"x", env=dead).out == b"x"
    assert world.run("connect", "--proxy", "env", HOST, echo.port, stdin=b"x", env=dead).status in (7, 97)
    client = world.sockutil("connect", "--proxy", "env", HOST, server.port, stdin=subprocess.PIPE, env=env)
    client.stdin.write(b"who\n")
    assert client.read_until(b"\n").startswith(HOST.encode())


# --- what they refuse ---------------------------------------------------------------------------------

@pytest.mark.parametrize("name, scheme", ways("microsocks-auth", "tinyproxy-auth", "ncat-auth"))
@pytest.mark.parametrize("login", ["", "joe:wrong@"])
def test_a_wrong_or_missing_password_is_97(world, web, name, scheme, login):
    proxy = PROXIES[name][0](world)
    server = world.serve("--responder", "echo")
    url = f"{scheme}://{login}{HOST}:{proxy.port}"
    for argv in (("connect", "-x", url, HOST, server.port), ("get", "-q", "-x", url, f"http://{HOST}:{web.port}/small")):
        result = world.run(*argv, stdin=b"x")
        if argv[0] == "get" and scheme == "http":  # 407 is an answer of HTTP
            assert result.status in (22, 97), result
        else:
            assert result.status == 97, result
        assert result.out == b"" and HOST in one_line(result.err) and "wrong" not in result.err, result
    assert web.requests == []


@pytest.mark.parametrize("name, scheme", ways("microsocks", "danted", "tinyproxy", "ncat"))
def test_a_target_that_refuses_is_told(world, name, scheme):
    port = unused_port()
    result = world.run("connect", "-x", through(world, name, scheme), HOST, port, stdin=b"x")
    assert result.status == 97, result
    assert f"{HOST}:{port}" in one_line(result.err) or "proxy" in one_line(result.err), result


@needs("microsocks", "ncat")
def test_a_proxy_that_is_not_there_or_is_none(world):
    result = world.run("connect", "-x", f"socks5://{HOST}:{unused_port()}", HOST, "1", stdin=b"")
    assert result.status in (7, 97) and "refused" in one_line(result.err), result
    echo = world.serve("--responder", "echo")
    for scheme in ("socks4", "socks5", "http"):
        result = world.run("connect", "-w", "3", "-x", f"{scheme}://{HOST}:{echo.port}", HOST, "1", stdin=b"")
        assert result.status in (8, 97) and result.out == b"", result


@needs("microsocks")
def test_names_are_resolved_by_the_proxy_unless_told_otherwise(world):
    """A name that only one side knows tells who resolved it."""
    proxy = microsocks(world)
    server = world.serve("--responder", "echo")
    result = world.run("connect", "-x", f"socks5h://{HOST}:{proxy.port}", "nobody.invalid", server.port, stdin=b"x")
    assert result.status == 97, result
    result = world.run("connect", "-x", f"socks5://{HOST}:{proxy.port}", "--proxy-dns", "local", "nobody.invalid",
                       server.port, stdin=b"x")
    assert result.status == 6 and "nobody.invalid" in one_line(result.err), result


# --- chains -----------------------------------------------------------------------------------------

CHAINS = [("microsocks-socks5h", "tinyproxy-http"), ("tinyproxy-http", "microsocks-auth-socks5"),
          ("danted-socks4", "ncat-auth-http"), ("microsocks-socks5", "danted-socks5h"),
          ("tinyproxy-auth-http", "danted-socks4")]


@pytest.mark.parametrize("first, second", CHAINS, ids=["-".join(c) for c in CHAINS])
def test_a_chain_of_two(world, web, first, second):
    for name in (first, second):
        missing = needs(PROGRAM_OF[name.split("-")[0]])
        if missing.args[0]:
            pytest.skip(missing.kwargs["reason"])
    hops = [through(world, *name.rsplit("-", 1)) for name in (first, second)]
    server = world.serve("--responder", "echo")
    echoed(world, random_bytes(SIZE), "-x", hops[0], "-x", hops[1], HOST, server.port)
    result = world.run("get", "-x", hops[0], "-x", hops[1], f"http://{HOST}:{web.port}/big", timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(BIG), result


@needs("microsocks", "tinyproxy")
def test_the_hop_that_fails_is_named(world):
    first, dead = microsocks(world), unused_port()
    result = world.run("connect", "-x", f"socks5://{HOST}:{first.port}", "-x", f"http://{HOST}:{dead}", HOST, "1",
                       stdin=b"")
    assert result.status in (7, 97) and f"{HOST}:{dead}" in one_line(result.err), result


@needs_tls
@needs("nginx", "tinyproxy")
def test_a_proxy_behind_tls(world, web, certificates):
    """https://: nginx ends TLS in front of tinyproxy."""
    cert, key = certificates.leaf()
    proxy, port = tinyproxy(world), unused_port()
    nginx(world, stream=f"server {{ listen {HOST}:{port} ssl; ssl_certificate {cert}; ssl_certificate_key {key}; "
                        f"proxy_pass {HOST}:{proxy.port}; }}", port=port)
    env = {"SSL_CERT_FILE": certificates.ca}
    server = world.serve("--responder", "echo")
    client = world.sockutil("connect", "-x", f"https://localhost:{port}", HOST, server.port, stdin=subprocess.PIPE, env=env)
    client.stdin.write(b"through")
    assert client.read(7) == b"through", client.err
    result = world.run("get", "-x", f"https://localhost:{port}", f"http://{HOST}:{web.port}/big", env=env, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(BIG), result
    result = world.run("connect", "-x", f"https://localhost:{port}", HOST, server.port, stdin=b"x")
    assert result.status in (60, 97) and "certificate" in one_line(result.err), result


# --- our gateway with the clients of others -----------------------------------------------------------

def gateway(world, kind="both", *args):
    return world.serve("--gateway", kind, "--allow-private", *args)


def curl(world, *args, timeout=60):
    return world.start("curl", "-s", "-S", *args).finish(None, timeout)


SCHEMES = ["http", "socks4", "socks4a", "socks5", "socks5h"]


@needs("curl")
@pytest.mark.parametrize("kind, schemes", [("http", SCHEMES[:1]), ("socks", SCHEMES[1:]), ("both", SCHEMES)])
def test_curl_fetches_through_our_gateway(world, web, kind, schemes):
    front = gateway(world, kind)
    for scheme in schemes:
        for host in (HOST, "localhost"):
            result = curl(world, "-x", f"{scheme}://{HOST}:{front.port}", f"http://{host}:{web.port}/big")
            assert result.status == 0 and sha256(result.out) == sha256(BIG), (scheme, result)


@needs("curl")
@pytest.mark.parametrize("kind, scheme", [("http", "socks5"), ("socks", "http")])
def test_the_other_kind_is_not_served(world, web, kind, scheme):
    front = gateway(world, kind)
    result = curl(world, "-f", "-x", f"{scheme}://{HOST}:{front.port}", f"http://{HOST}:{web.port}/small")
    assert result.status != 0 and result.out == b"" and web.requests == [], result


@needs("curl")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_curl_posts_through_our_gateway(world, web, scheme):
    front = gateway(world)
    data = random_bytes(SIZE)
    result = curl(world, "-x", f"{scheme}://{HOST}:{front.port}", "--data-binary", f"@{world.path('up', data)}",
                  f"http://{HOST}:{web.port}/up")
    assert result.status == 0 and sha256(result.out) == sha256(data), result


@needs("curl")
def test_curl_tunnels_http_when_told(world, web):
    front = gateway(world, "http")
    result = curl(world, "-p", "-x", f"http://{HOST}:{front.port}", f"http://{HOST}:{web.port}/big")
    assert result.status == 0 and sha256(result.out) == sha256(BIG), result


@needs("curl")
def test_several_requests_on_one_connection_to_our_gateway(world, web):
    """Absolute form, kept alive; another site after it as well."""
    front = gateway(world, "http")
    other = Site({"/x": b"another site\n"})
    try:
        urls = [f"http://{HOST}:{web.port}/small", f"http://{HOST}:{web.port}/", f"http://{HOST}:{other.port}/x",
                f"http://{HOST}:{web.port}/nothing", f"http://{HOST}:{web.port}/small"]
        result = curl(world, "-x", f"http://{HOST}:{front.port}", *urls)
        assert result.status == 0 and result.out == b"hello\nhome\nanother site\nhello\n", result
        for name in ("Proxy-Connection", "Proxy-Authorization"):
            assert all(name not in request[2] for request in web.requests)
        assert [r[1] for r in web.requests] == ["/small", "/", "/nothing", "/small"]
    finally:
        other.close()


@needs_tls
@needs("curl", "nginx")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_curl_reaches_https_through_our_gateway(world, certificates, scheme):
    cert, key = certificates.leaf()
    root = world.folder / "root"
    root.mkdir(mode=0o755)
    (root / "big").write_bytes(BIG)
    port = unused_port()
    nginx(world, http=f"server {{ listen {HOST}:{port} ssl http2; ssl_certificate {cert}; ssl_certificate_key {key}; "
                      f"root {root}; }}", port=port)
    front = gateway(world)
    for version in ("--http1.1", "--http2"):
        result = curl(world, version, "--cacert", certificates.ca, "-x", f"{scheme}://{HOST}:{front.port}",
                      f"https://localhost:{port}/big")
        assert result.status == 0 and sha256(result.out) == sha256(BIG), result


@needs_tls
@needs("curl")
def test_curl_reaches_our_gateway_over_tls(world, web, certificates):
    cert, key = certificates.leaf()
    front = gateway(world, "http", "--tls", "--cert", cert, "--key", key)
    for words in ([], ["-p"]):
        result = curl(world, *words, "--proxy-cacert", certificates.ca, "-x", f"https://localhost:{front.port}",
                      f"http://{HOST}:{web.port}/big")
        assert result.status == 0 and sha256(result.out) == sha256(BIG), result


@pytest.fixture
def password(world):
    path = world.path("password", f"{LOGIN}\n".encode())
    path.chmod(0o600)
    return path


@needs("curl")
@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
def test_curl_has_to_know_the_password(world, web, password, scheme):
    front = gateway(world, "both", "--gateway-auth", f"@{password}")
    url = f"http://{HOST}:{web.port}/small"
    result = curl(world, "-x", f"{scheme}://{LOGIN}@{HOST}:{front.port}", url)
    assert (result.status, result.out) == (0, b"hello\n"), result
    assert "Proxy-Authorization" not in web.requests[0][2]
    web.requests.clear()
    for login in ("", "joe:wrong@", "eve:s3cret@"):
        result = curl(world, "-f", "-x", f"{scheme}://{login}{HOST}:{front.port}", url)
        assert result.status in (22, 97) and result.out == b"", result
        if scheme == "http":
            result = curl(world, "-p", "-x", f"{scheme}://{login}{HOST}:{front.port}", url)
            assert result.status == 56 and b"hello" not in result.out, result
    assert web.requests == []


@needs("curl")
@pytest.mark.parametrize("scheme", ["socks4", "socks4a"])
def test_version_4_knows_no_password_and_is_refused(world, web, password, scheme):
    front = gateway(world, "both", "--gateway-auth", f"@{password}")
    result = curl(world, "-x", f"{scheme}://{HOST}:{front.port}", f"http://{HOST}:{web.port}/small")
    assert result.status == 97 and web.requests == [], result


@needs("curl")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_private_targets_are_refused_unless_allowed(world, web, scheme):
    front = world.serve("--gateway", "both")
    for host in (HOST, "localhost"):
        result = curl(world, "-f", "-x", f"{scheme}://{HOST}:{front.port}", f"http://{host}:{web.port}/small")
        assert result.status in (22, 97) and result.out == b"", result
    assert web.requests == []


@needs("curl")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_refused_target_is_told_to_curl(world, scheme):
    front = gateway(world)
    result = curl(world, "-o", "/dev/null", "-w", "%{http_code}", "-x", f"{scheme}://{HOST}:{front.port}",
                  f"http://{HOST}:{unused_port()}/")
    if scheme == "http":
        assert (result.status, result.out) == (0, b"502"), result
    else:
        assert result.status == 97, result


@needs("wget")
def test_wget_through_our_gateway(world, web, password):
    front = gateway(world, "http", "--gateway-auth", f"@{password}")
    got = world.path("got")
    process = world.start("wget", "-q", "-O", got, f"http://{HOST}:{web.port}/big",
                          env={"http_proxy": f"http://{LOGIN}@{HOST}:{front.port}"})
    assert process.finish(None, 60).status == 0 and sha256(got.read_bytes()) == sha256(BIG)


CLIENTS = {
    "ncat-http": ["ncat", "--proxy", "{proxy}", "--proxy-type", "http", HOST, "{port}"],
    "ncat-socks4": ["ncat", "--proxy", "{proxy}", "--proxy-type", "socks4", HOST, "{port}"],
    "ncat-socks5": ["ncat", "--proxy", "{proxy}", "--proxy-type", "socks5", HOST, "{port}"],
    "nc.openbsd-connect": ["nc.openbsd", "-N", "-X", "connect", "-x", "{proxy}", HOST, "{port}"],
    "nc.openbsd-4": ["nc.openbsd", "-N", "-X", "4", "-x", "{proxy}", HOST, "{port}"],
    "nc.openbsd-5": ["nc.openbsd", "-N", "-X", "5", "-x", "{proxy}", HOST, "{port}"],
    "socat-http": ["socat", "-t30", "STDIO", f"PROXY:{HOST}:{HOST}:{{port}},proxyport={{gateway}}"],
    "socat-socks4": ["socat", "-t30", "STDIO", f"SOCKS4:{HOST}:{HOST}:{{port}},socksport={{gateway}},socksuser=me"],
    "socat-socks4a": ["socat", "-t30", "STDIO", f"SOCKS4A:{HOST}:localhost:{{port}},socksport={{gateway}},socksuser=me"],
}


def clients(table):
    return [pytest.param(name, marks=needs(argv[0])) for name, argv in table.items()]


def filled(argv, front, port):
    return [a.format(proxy=f"{HOST}:{front.port}", gateway=front.port, port=port) for a in argv]


@pytest.mark.parametrize("name", clients(CLIENTS))
def test_netcats_through_our_gateway(world, name):
    """Both ways and, by a half-close, to the end."""
    data = random_bytes(SIZE)
    front, server = gateway(world), world.serve("--responder", "echo")
    client = world.start(*filled(CLIENTS[name], front, server.port), stdin=subprocess.PIPE)
    assert sha256(client.finish(data, 60).out) == sha256(data), client.err


@pytest.mark.parametrize("name", clients(CLIENTS))
def test_netcats_hear_a_server_that_speaks_first_through_our_gateway(world, name):
    data = random_bytes(SIZE)
    front, server = gateway(world), world.serve("--send-file", world.path("in", data))
    client = world.start(*filled(CLIENTS[name], front, server.port), stdin=subprocess.DEVNULL)
    assert sha256(client.finish(None, 60).out) == sha256(data), client.err


LOGGED_IN = {
    "ncat-http": [*CLIENTS["ncat-http"][:5], "--proxy-auth", LOGIN, *CLIENTS["ncat-http"][5:]],
    "ncat-socks5": [*CLIENTS["ncat-socks5"][:5], "--proxy-auth", LOGIN, *CLIENTS["ncat-socks5"][5:]],
    "socat-http": ["socat", "-t30", "STDIO", f"PROXY:{HOST}:{HOST}:{{port}},proxyport={{gateway}},proxyauth={LOGIN}"],
}


@pytest.mark.parametrize("name", clients(LOGGED_IN))
def test_netcats_with_a_password(world, password, name):
    data = random_bytes(SIZE)
    front = gateway(world, "both", "--gateway-auth", f"@{password}")
    server = world.serve("--responder", "echo")
    client = world.start(*filled(LOGGED_IN[name], front, server.port), stdin=subprocess.PIPE)
    assert sha256(client.finish(data, 60).out) == sha256(data), client.err
    argv = [a.replace("s3cret", "wrong") for a in LOGGED_IN[name]]
    client = world.start(*filled(argv, front, server.port), stdin=subprocess.PIPE)
    assert client.finish(b"x").out == b""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_our_client_through_our_gateway(world, web, scheme):
    front, server = gateway(world), world.serve("--responder", "echo")
    proxy = f"{scheme}://{HOST}:{front.port}"
    data = random_bytes(SIZE)
    result = world.run("connect", "-x", proxy, HOST, server.port, stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result
    result = world.run("get", "-x", proxy, f"http://localhost:{web.port}/big", timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(BIG), result


@needs("microsocks", "tinyproxy")
@pytest.mark.parametrize("ours_first", [True, False])
def test_our_gateway_in_a_chain_with_others(world, ours_first):
    front, socks, http_proxy = gateway(world), microsocks(world), tinyproxy(world)
    server = world.serve("--responder", "echo")
    mine = ["-x", f"socks5h://{HOST}:{front.port}"]
    theirs = ["-x", f"socks5://{HOST}:{socks.port}", "-x", f"http://{HOST}:{http_proxy.port}"]
    echoed(world, random_bytes(SIZE), *(mine + theirs if ours_first else theirs + mine), HOST, server.port)


@needs("curl")
def test_many_curls_at_once_through_our_gateway(world, web):
    front = gateway(world)
    for scheme in ("http", "socks5h"):
        config = world.path(f"config.{scheme}")
        config.write_text("".join(f'url = "http://{HOST}:{web.port}/small"\n' for _ in range(150)))
        result = curl(world, "-Z", "--parallel-max", "30", "-x", f"{scheme}://{HOST}:{front.port}", "-K", config)
        assert result.status == 0 and result.out == b"hello\n" * 150, result
    assert front.running() and not re.search("error|Sanitizer", front.err), front.err
