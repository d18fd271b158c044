# SPDX-License-Identifier: MIT
"""Both roles against the programs that people have: ncat, both netcats, socat, openssl, stunnel, nginx, haproxy and
curl. Random mebibytes arrive whole in both directions, and the end of one direction leaves the other one open."""
import pathlib
import re
import subprocess
import threading
import time

import pytest

from harness import HOST, MIB, dial, needs, needs_tls, random_bytes, read_exactly, sha256, unused_port, wait_until

SIZE = 5 * MIB + 123


def listening(port):
    """Whether somebody listens on a port, told without connecting, which may use the listener up."""
    want = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = pathlib.Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[1].endswith(want) and fields[3] == "0A":
                return True
    return False


class Other:
    """A peer's program as a server on a port; ended with the test."""

    def __init__(self, world, *argv, port=None, **how):
        self.port = port or unused_port()
        argv = [str(a).format(port=self.port) for a in argv]
        self.process = world.start(*argv, **how)
        wait_until(lambda: listening(self.port) or not self.process.running(), what=f"{argv[0]} to listen")
        assert self.process.running(), self.process.err


# --- netcats as servers and clients -------------------------------------------------------------

SERVERS = {
    "ncat": ["ncat", "-l", HOST, "{port}"],
    "nc.openbsd": ["nc.openbsd", "-N", "-l", HOST, "{port}"],
    "nc.traditional": ["nc.traditional", "-q", "1", "-l", "-s", HOST, "-p", "{port}"],
    "socat": ["socat", "-t", "30", "STDIO", f"TCP-LISTEN:{{port}},bind={HOST}"],
}
CLIENTS = {
    "ncat": ["ncat", HOST, "{port}"],
    "nc.openbsd": ["nc.openbsd", "-N", HOST, "{port}"],
    "nc.traditional": ["nc.traditional", "-q", "20", HOST, "{port}"],
    "socat": ["socat", "-t", "30", "STDIO", f"TCP:{HOST}:{{port}}"],
}


def peers(table, *leave_out):
    return [pytest.param(name, marks=needs(argv[0])) for name, argv in table.items() if name not in leave_out]


@pytest.mark.parametrize("name", peers(SERVERS))
def test_our_client_sends_to(world, name):
    data = random_bytes(SIZE)
    with open(world.path("got"), "wb") as got:
        other = Other(world, *SERVERS[name], stdin=subprocess.DEVNULL, stdout=got)
    result = world.run("connect", HOST, other.port, stdin=data)
    assert result.status == 0, result
    other.process.wait()
    assert sha256(world.path("got").read_bytes()) == sha256(data)


@pytest.mark.parametrize("name", peers(SERVERS))
def test_our_client_receives_from(world, name):
    data = random_bytes(SIZE)
    with open(world.path("in", data), "rb") as f:
        other = Other(world, *SERVERS[name], stdin=f)
    # some of them take our end, were it told, for the end of all
    result = world.run("connect", "--recv-only", HOST, other.port, stdin=subprocess.DEVNULL)
    assert result.status == 0 and sha256(result.out) == sha256(data), result


@pytest.mark.parametrize("name", peers(SERVERS, "nc.traditional"))
def test_our_client_exchanges_both_ways_with(world, name):
    """5 MiB each way at once."""
    up, down = random_bytes(SIZE), random_bytes(SIZE)
    with open(world.path("in", down), "rb") as f, open(world.path("got"), "wb") as got:
        other = Other(world, *SERVERS[name], stdin=f, stdout=got)
    result = world.run("connect", HOST, other.port, stdin=up)
    assert result.status == 0, result
    other.process.wait()
    assert sha256(result.out) == sha256(down) and sha256(world.path("got").read_bytes()) == sha256(up)


@pytest.mark.parametrize("name", peers(CLIENTS))
def test_our_server_receives_from(world, name):
    data = random_bytes(SIZE)
    with open(world.path("got"), "wb") as got:
        server = world.serve("--once", "--recv-only", stdout=got)
    argv = [a.format(port=server.port) for a in CLIENTS[name]]
    client = world.start(*argv, stdin=subprocess.PIPE)
    client.finish(data, 40)
    assert server.wait() == 0, server.err
    assert sha256(world.path("got").read_bytes()) == sha256(data)


@pytest.mark.parametrize("name", peers(CLIENTS))
def test_our_server_sends_a_file_to(world, name):
    data = random_bytes(SIZE)
    server = world.serve("--send-file", world.path("in", data))
    argv = [a.format(port=server.port) for a in CLIENTS[name]]
    for _ in range(2):
        client = world.start(*argv, stdin=subprocess.DEVNULL)
        assert sha256(client.finish(None, 40).out) == sha256(data)


@pytest.mark.parametrize("name", peers(CLIENTS))
def test_our_echo_server_with(world, name):
    """Both directions at once, and the answer to the last byte after the client's end."""
    data = random_bytes(SIZE)
    server = world.serve("--responder", "echo")
    client = world.start(*[a.format(port=server.port) for a in CLIENTS[name]], stdin=subprocess.PIPE)
    assert sha256(client.finish(data, 40).out) == sha256(data)


@pytest.mark.parametrize("name", peers({k: CLIENTS[k] for k in ("ncat", "nc.openbsd", "socat")}))
def test_a_half_close_reaches_our_server_and_leaves_the_answer(world, name):
    """stdin/stdout of serve: the client's end comes, then we answer, late."""
    server = world.serve("--once", stdin=subprocess.PIPE)
    client = world.start(*[a.format(port=server.port) for a in CLIENTS[name]], stdin=subprocess.PIPE)
    client.stdin.write(b"question")
    assert server.read(8) == b"question"
    client.stdin.close()
    client.stdin = client.popen.stdin = None
    time.sleep(0.8)
    server.stdin.write(b"late answer")
    server.stdin.close()
    server.stdin = server.popen.stdin = None
    assert client.finish(None).out == b"late answer"
    assert server.wait() == 0, server.err


@needs("curl")
def test_our_server_sends_a_file_to_curls_telnet(world):
    """Without 255 and CR, which mean something to a telnet client; and not much, for it is slow."""
    data = random_bytes(40_000).replace(b"\xff", b"x").replace(b"\r", b"y")
    server = world.serve("--send-file", world.path("in", data))
    client = world.start("curl", "-s", "-N", f"telnet://{HOST}:{server.port}", stdin=subprocess.PIPE)
    assert client.read(len(data)) == data


@needs("socat")
def test_unix_sockets_both_ways(world):
    data = random_bytes(SIZE)
    path = world.path("theirs")
    world.start("socat", "-t", "30", f"UNIX-LISTEN:{path}", "EXEC:cat")
    wait_until(path.exists, what="socat's socket")
    result = world.run("connect", f"unix:{path}", stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data)
    path = world.path("ours")
    world.sockutil("serve", f"unix:{path}", "--responder", "echo").wait_err("listening")
    client = world.start("socat", "-t", "30", "STDIO", f"UNIX-CONNECT:{path}", stdin=subprocess.PIPE)
    assert sha256(client.finish(data, 40).out) == sha256(data)


# --- TLS ----------------------------------------------------------------------------------------

# ncat and nginx end a connection without close_notify: we say so, after every byte has been written
ORDERLY = {"ncat": (0, 18), "nginx": (0, 18)}


def tls_server(certificates, name):
    cert, key = certificates.leaf()
    both = cert.parent / "both.pem"
    both.write_bytes(cert.read_bytes() + key.read_bytes())
    return {
        "ncat": ["ncat", "-l", "--ssl", "--ssl-cert", cert, "--ssl-key", key, HOST, "{port}"],
        "socat": ["socat", "-t", "30", "STDIO", f"OPENSSL-LISTEN:{{port}},bind={HOST},cert={both},verify=0"],
        "openssl": ["openssl", "s_server", "-quiet", "-naccept", "1", "-accept", f"{HOST}:{{port}}", "-cert", cert, "-key",
                    key],
    }[name]


TLS_PEERS = [pytest.param(n, marks=needs(n)) for n in ("ncat", "socat", "openssl")]


@needs_tls
@pytest.mark.parametrize("name", TLS_PEERS)
def test_our_tls_client_sends_to(world, certificates, name):
    data = random_bytes(SIZE)
    with open(world.path("got"), "wb") as got:
        # at the end of their stdin ncat and s_server end the connection below TLS
        other = Other(world, *tls_server(certificates, name), stdout=got,
                      stdin=subprocess.DEVNULL if name == "socat" else subprocess.PIPE)
    result = world.run("connect", "--tls", "--ca", certificates.ca, "localhost", other.port, stdin=data)
    other.process.wait()
    assert sha256(world.path("got").read_bytes()) == sha256(data)
    assert result.status in ORDERLY.get(name, (0,)), result


@needs_tls
@needs("socat")
def test_our_tls_client_receives_from_socat(world, certificates):
    """The others lose the end of what they send, or drop it at our half-close."""
    data = random_bytes(SIZE)
    with open(world.path("in", data), "rb") as f:
        other = Other(world, *tls_server(certificates, "socat"), stdin=f)
    result = world.run("connect", "--tls", "--ca", certificates.ca, "localhost", other.port, stdin=subprocess.DEVNULL)
    assert sha256(result.out) == sha256(data)
    assert result.status == 0, result


@needs_tls
@needs("openssl")
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_our_tls_client_with_an_s_server_that_echoes_lines_reversed(world, certificates, version):
    cert, key = certificates.leaf()
    other = Other(world, "openssl", "s_server", "-quiet", "-rev", version, "-accept", f"{HOST}:{{port}}", "-cert", cert,
                  "-key", key)
    process = world.sockutil("connect", "--tls", "--ca", certificates.ca, "localhost", other.port,
                             stdin=subprocess.PIPE)
    for word in (b"abc\n", b"Q\n", b"xyz\n"):
        process.stdin.write(word)
        assert process.read(len(word)) == word[-2::-1] + b"\n"


TLS_CLIENTS = {
    "ncat": ["ncat", "{way}", "--ssl", "--ssl-verify", "--ssl-trustfile", "{ca}", "localhost", "{port}"],
    "socat": ["socat", "-t", "30", "STDIO", "OPENSSL:localhost:{port},cafile={ca}"],
    "openssl": ["openssl", "s_client", "-quiet", "-no_ign_eof", "-verify_return_error", "-verify_hostname", "localhost",
                "-CAfile", "{ca}", "-connect", "localhost:{port}"],
}


@needs_tls
@pytest.mark.parametrize("name", TLS_PEERS)
def test_our_tls_server_is_trusted_and_receives_from(world, certificates, name):
    data = random_bytes(SIZE)
    if name == "openssl":  # Q, R and K at the start of what it reads are commands
        data = bytes(b | 0x80 for b in data)
    cert, key = certificates.leaf()
    with open(world.path("got"), "wb") as got:
        server = world.serve("--tls", "--cert", cert, "--key", key, "--once", "--recv-only", stdout=got)
    client = world.start(*[a.format(port=server.port, ca=certificates.ca, way="--send-only")
                           for a in TLS_CLIENTS[name]], stdin=subprocess.PIPE)
    client.finish(data, 40)
    status = server.wait()
    assert sha256(world.path("got").read_bytes()) == sha256(data), server.err
    assert status in ORDERLY.get(name, (0,)), server.err


@needs_tls
@pytest.mark.parametrize("name", [p for p in TLS_PEERS if p.values[0] != "openssl"])
def test_our_tls_server_sends_a_file_to(world, certificates, name):
    data = random_bytes(SIZE)
    cert, key = certificates.leaf()
    server = world.serve("--tls", "--cert", cert, "--key", key, "--send-file", world.path("in", data))
    client = world.start(*[a.format(port=server.port, ca=certificates.ca, way="--recv-only")
                           for a in TLS_CLIENTS[name]], stdin=subprocess.DEVNULL)
    assert sha256(client.finish(None, 40).out) == sha256(data)


@needs_tls
@needs("curl")
def test_curl_trusts_our_certificate_by_its_pin(world):
    """The pin that serve prints is the one curl takes."""
    server = world.serve("--tls", "--reply", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nyes")
    pin = re.search(r"sha256//[A-Za-z0-9+/]{43}=", server.wait_err("sha256//")).group()
    for word, status in ((pin, 0), ("sha256//" + "A" * 43 + "=", 90)):
        process = world.start("curl", "-s", "-k", "--pinnedpubkey", word, f"https://{HOST}:{server.port}/")
        result = process.finish(None)
        assert result.status == status and result.out == (b"yes" if status == 0 else b"")


def stunnel(world, certificates, client, accept, connect):
    cert, key = certificates.leaf()
    lines = ["foreground = yes", "pid =", "debug = 3", "[s]", f"accept = {HOST}:{accept}",
             f"connect = {HOST}:{connect}"]
    lines += ["client = yes", f"CAfile = {certificates.ca}", "verifyChain = yes", "checkHost = localhost"] if client else \
        [f"cert = {cert}", f"key = {key}"]
    path = world.path("stunnel.conf")
    path.write_text("\n".join(lines) + "\n")
    return Other(world, "stunnel", path, port=accept)


def both_ways_before_the_end(world, data, *args):
    """data up and, echoed, down again while both directions are open; only then does stdin end. stunnel (5.68) takes the
    FIN of its plain side for the end of reading, although bytes in front of it are unread: whoever half-closes early
    and reads slowly gets less from it, with a proper close_notify behind it."""
    client = world.sockutil("connect", *args, stdin=subprocess.PIPE)
    writer = threading.Thread(target=client.stdin.write, args=(data,))
    writer.start()
    got = client.read(len(data), 60)
    writer.join()
    rest = client.finish(None, 60)
    assert rest.status == 0 and rest.out == b"" and sha256(got) == sha256(data), rest


@needs_tls
@needs("stunnel")
def test_our_tls_client_through_stunnel(world, certificates):
    data = random_bytes(SIZE)
    server = world.serve("--responder", "echo")
    front = stunnel(world, certificates, False, unused_port(), server.port)
    both_ways_before_the_end(world, data, "--tls", "--ca", certificates.ca, "localhost", front.port)


@needs_tls
@needs("stunnel")
def test_our_tls_server_behind_stunnel(world, certificates):
    data = random_bytes(SIZE)
    cert, key = certificates.leaf()
    server = world.serve("--tls", "--cert", cert, "--key", key, "--responder", "echo")
    front = stunnel(world, certificates, True, unused_port(), server.port)
    both_ways_before_the_end(world, data, HOST, front.port)


# --- proxies of others between our two ends -----------------------------------------------------

def nginx(world, body):
    module = next((p for p in (pathlib.Path("/usr/lib/nginx/modules/ngx_stream_module.so"),
                               pathlib.Path("/usr/lib64/nginx/modules/ngx_stream_module.so")) if p.exists()), None)
    if not module:
        pytest.skip("nginx has no stream module here")
    port = unused_port()
    path = world.path("nginx.conf")
    path.write_text(f"load_module {module}; daemon off; pid {world.path('nginx.pid')}; error_log stderr crit;\n"
                    "worker_processes 1; events { worker_connections 256; }\n"
                    "stream { server { listen %s:%d%s } }\n" % (HOST, port, body))
    return Other(world, "nginx", "-p", world.folder, "-e", "stderr", "-c", path, port=port)


@needs("nginx")
def test_both_ends_ours_with_nginx_between(world):
    data = random_bytes(SIZE)
    server = world.serve("--responder", "echo")
    front = nginx(world, f"; proxy_pass {HOST}:{server.port}; proxy_half_close on;")
    result = world.run("connect", HOST, front.port, stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result


@needs_tls
@needs("nginx")
def test_nginx_ends_our_tls(world, certificates):
    data = random_bytes(SIZE)
    cert, key = certificates.leaf()
    with open(world.path("got"), "wb") as got:
        server = world.serve("--once", "--recv-only", stdout=got)
    front = nginx(world, f" ssl; ssl_certificate {cert}; ssl_certificate_key {key}; "
                         f"proxy_pass {HOST}:{server.port}; proxy_half_close on;")
    result = world.run("connect", "--tls", "--ca", certificates.ca, "localhost", front.port, stdin=data)
    assert result.status in ORDERLY["nginx"], result
    server.wait()
    assert sha256(world.path("got").read_bytes()) == sha256(data)


@needs("nginx")
def test_an_answer_of_nginx_and_its_end(world):
    front = nginx(world, "; return 'hello from nginx';")
    result = world.run("connect", "--recv-only", HOST, front.port)
    assert (result.status, result.out) == (0, b"hello from nginx")


@needs("haproxy")
def test_both_ends_ours_with_haproxy_between(world):
    data = random_bytes(SIZE)
    server = world.serve("--responder", "echo")
    port = unused_port()
    path = world.path("haproxy.cfg")
    path.write_text("defaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n"
                    f"listen x\n bind {HOST}:{port}\n server s {HOST}:{server.port}\n")
    front = Other(world, "haproxy", "-db", "-q", "-f", path, port=port)
    result = world.run("connect", HOST, front.port, stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result


@needs_tls
@needs("haproxy")
def test_haproxy_checks_our_tls_server(world, certificates):
    data = random_bytes(SIZE)
    cert, key = certificates.leaf()
    server = world.serve("--tls", "--cert", cert, "--key", key, "--responder", "echo")
    port = unused_port()
    path = world.path("haproxy.cfg")
    path.write_text("defaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n"
                    f"listen x\n bind {HOST}:{port}\n"
                    f" server s {HOST}:{server.port} ssl verify required ca-file {certificates.ca} verifyhost localhost\n")
    front = Other(world, "haproxy", "-db", "-q", "-f", path, port=port)
    with dial(front.port, timeout=40) as s:
        s.sendall(data[:MIB])
        assert sha256(read_exactly(s, MIB)) == sha256(data[:MIB])


@needs("curl")
def test_curl_speaks_http_to_a_reply(world):
    server = world.serve("--reply", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
    process = world.start("curl", "-s", f"http://{HOST}:{server.port}/")
    assert process.finish(None).out == b"ok"
