# SPDX-License-Identifier: MIT
"""`serve` among the programs that people put beside it: the PROXY protocol both ways with nginx and haproxy, forwards that
add and take away TLS, certificates by name asked for by openssl, programs behind a port asked by netcats, sockets from
systemd-socket-activate, readiness told to a service manager."""
import os
import re
import signal
import socket
import subprocess

import pytest

from harness import (HOST, MIB, PROGRAM, dial, exchange, needs, needs_linux, needs_linux_paths, needs_tls, random_bytes,
                     read_to_end, sha256, wait_until)
from others import Other, haproxy, nginx, unused_port
from test_peers import listening

SIZE = 3 * MIB + 77
CLIENT = "127.0.0.9"  # none of the programs between has it
WHO = 'read line; echo "$SOCKUTIL_PEER_ADDR $SOCKUTIL_PEER_PORT $TCPREMOTEIP $TCPREMOTEPORT"'


def dial_from(port, address=CLIENT):
    """A connection from that address: (socket, its port)."""
    s = socket.create_connection((HOST, port), 20, (address, 0))
    return s, s.getsockname()[1]


def ask(port, question=b"who\n", address=CLIENT):
    """(answer, our port)"""
    s, mine = dial_from(port, address)
    with s:
        s.sendall(question)
        s.shutdown(socket.SHUT_WR)
        return read_to_end(s), mine


# --- the PROXY protocol of others, to our server -------------------------------------------------------

def nginx_before(world, target):
    port = unused_port()
    return nginx(world, stream=f"server {{ listen {HOST}:{port}; proxy_pass {HOST}:{target}; proxy_protocol on; "
                               "proxy_half_close on; }", port=port)


def haproxy_before(*words):
    def start(world, target):
        port = unused_port()
        return haproxy(world, f"listen x\n bind {HOST}:{port}\n server s {HOST}:{target} {' '.join(words)}", port)
    return start


SENDERS = {
    "nginx": nginx_before,
    "haproxy-1": haproxy_before("send-proxy"),
    "haproxy-2": haproxy_before("send-proxy-v2"),
    "haproxy-2-tlvs": haproxy_before("send-proxy-v2", "proxy-v2-options", "crc32c,unique-id"),
}
senders = pytest.mark.parametrize("sender", [pytest.param(n, marks=needs(n.split("-")[0])) for n in SENDERS])


@senders
@pytest.mark.parametrize("mode", ["require", "detect"])
def test_our_server_knows_who_is_behind(world, sender, mode):
    """In its messages, in {peer}, in the environment of a program."""
    server = world.serve("--accept-proxy", mode, "--reply", "{peer}\n")
    front = SENDERS[sender](world, server.port)
    s, mine = dial_from(front.port)
    with s:
        s.sendall(b"who\n")
        assert re.match(rb"127\.0\.0\.9:%d\b" % mine, s.recv(100)), server.err
    server.wait_err(f"{CLIENT}:{mine}")
    server = world.serve("--accept-proxy", mode, "--shell", WHO)
    front = SENDERS[sender](world, server.port)
    answer, mine = ask(front.port)
    assert answer == b"%s %d %s %d\n" % (CLIENT.encode(), mine, CLIENT.encode(), mine), server.err


@senders
def test_every_byte_behind_the_header_arrives(world, sender):
    data = random_bytes(SIZE)
    server = world.serve("--accept-proxy", "require", "--responder", "echo")
    front = SENDERS[sender](world, server.port)
    result = world.run("connect", HOST, front.port, stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result


@needs("nginx")
def test_rules_and_limits_are_about_who_is_behind(world):
    server = world.serve("--accept-proxy", "require", "--deny", CLIENT, "--responder", "echo")
    front = nginx_before(world, server.port)
    assert ask(front.port, b"x", "127.0.0.8")[0] == b"x"
    try:
        assert ask(front.port, b"x")[0] == b""
    except ConnectionResetError:
        pass


def test_a_connection_without_a_header(world):
    """Refused where one is required, served where one is looked for."""
    server = world.serve("--accept-proxy", "detect", "--reply", "{peer}\n")
    s, mine = dial_from(server.port)
    with s:
        s.sendall(b"who\n")
        assert s.recv(100).startswith(b"127.0.0.9:%d" % mine)
    server = world.serve("--accept-proxy", "require", "--reply", "{peer}\n")
    s, _ = dial_from(server.port)
    with s:
        s.sendall(b"who is it that asks here without a header\n")
        try:
            assert s.recv(100) == b""
        except ConnectionResetError:
            pass
    assert server.running()


@needs("haproxy")
def test_health_checks_of_haproxy_are_nobodys_connection(world):
    """Version 2 says LOCAL then: the proxy speaks for itself."""
    server = world.serve("--accept-proxy", "require", "--reply", "{peer}\n")
    front = haproxy_before("send-proxy-v2", "check", "inter", "100ms", "check-send-proxy")(world, server.port)
    wait_until(lambda: server.err.count("closed") >= 3, what="three checks")
    assert "header" not in server.err.replace("--accept-proxy", ""), server.err
    s, mine = dial_from(front.port)
    with s:
        s.sendall(b"who\n")
        assert s.recv(100).startswith(b"127.0.0.9:%d" % mine)


@needs_tls
@needs("haproxy")
@pytest.mark.parametrize("version", ["send-proxy", "send-proxy-v2", "send-proxy-v2-ssl"])
def test_the_header_stands_before_tls(world, certificates, version):
    cert, key = certificates.leaf()
    server = world.serve("--tls", "--cert", cert, "--key", key, "--accept-proxy", "require", "--reply", "{peer}\n")
    front = haproxy_before(version, "ssl", "verify", "required", "ca-file", str(certificates.ca), "verifyhost",
                           "localhost")(world, server.port)
    s, mine = dial_from(front.port)
    with s:
        s.sendall(b"who\n")
        assert s.recv(100).startswith(b"127.0.0.9:%d" % mine), server.err


@needs("nginx")
def test_an_http_server_of_ours_behind_nginx_stream(world):
    site = world.folder / "site"
    site.mkdir()
    (site / "f").write_bytes(random_bytes(SIZE))
    server = world.serve("--accept-proxy", "require", "--files", site)
    front = nginx_before(world, server.port)
    result = world.run("get", "-q", f"http://{HOST}:{front.port}/f", timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256((site / "f").read_bytes()), result


# --- ours, to theirs ------------------------------------------------------------------------------------

def nginx_that_says_who(world):
    """It answers at once with what the header said."""
    port = unused_port()
    return nginx(world, stream=f"server {{ listen {HOST}:{port} proxy_protocol; return "
                               "'$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_port\\n'; }", port=port)


def haproxy_that_says_who(world):
    port = unused_port()
    return haproxy(world, f"frontend x\n bind {HOST}:{port} accept-proxy\n http-request return status 200 "
                          'content-type text/plain lf-string "%[src] %[src_port] %[dst_port]\\n"', port, "http")


RECEIVERS = {"nginx": (nginx_that_says_who, b""), "haproxy": (haproxy_that_says_who, b"GET / HTTP/1.0\r\n\r\n")}
receivers = pytest.mark.parametrize("receiver", [pytest.param(n, marks=needs(n)) for n in RECEIVERS])


def told(answer):
    """Address, port, port of the server."""
    return answer.split(b"\n")[-2].split()


@receivers
@pytest.mark.parametrize("version", ["1", "2"])
def test_connect_says_who_it_is(world, receiver, version):
    start, question = RECEIVERS[receiver]
    other = start(world)
    result = world.run("connect", "--send-proxy", version, "-s", CLIENT, HOST, other.port, stdin=question)
    assert result.status == 0, result
    address, port, server_port = told(result.out)
    assert address == CLIENT.encode() and int(port) > 0 and int(server_port) == other.port, result


@receivers
@pytest.mark.parametrize("version", ["1", "2"])
def test_a_forward_says_who_its_client_is(world, receiver, version):
    start, question = RECEIVERS[receiver]
    other = start(world)
    server = world.serve("--forward", f"{HOST}:{other.port}", "--send-proxy", version)
    s, mine = dial_from(server.port)
    with s:
        s.sendall(question)
        assert told(read_to_end(s))[:2] == [CLIENT.encode(), b"%d" % mine]


@needs_tls
@needs("haproxy")
@pytest.mark.parametrize("version", ["1", "2"])
def test_a_forward_says_it_before_tls(world, certificates, version):
    cert, key = certificates.leaf()
    both = world.path("both.pem", cert.read_bytes() + key.read_bytes())
    port = unused_port()
    haproxy(world, f"frontend x\n bind {HOST}:{port} accept-proxy ssl crt {both}\n http-request return status 200 "
                   'content-type text/plain lf-string "%[src] %[src_port] %[dst_port]\\n"', port, "http")
    server = world.serve("--forward", f"tls://localhost:{port}", "--ca", certificates.ca, "--send-proxy", version)
    answer, mine = ask(server.port, b"GET / HTTP/1.0\r\n\r\n")
    assert told(answer)[:2] == [CLIENT.encode(), b"%d" % mine], answer


@needs("nginx", "haproxy")
def test_who_it_is_goes_through_three(world):
    """nginx (1), ours (2), haproxy."""
    last = haproxy_that_says_who(world)
    server = world.serve("--accept-proxy", "require", "--forward", f"{HOST}:{last.port}", "--send-proxy", "2")
    front = nginx_before(world, server.port)
    answer, mine = ask(front.port, b"GET / HTTP/1.0\r\n\r\n")
    assert told(answer)[:2] == [CLIENT.encode(), b"%d" % mine], answer


# --- forwards -------------------------------------------------------------------------------------------

@needs("socat")
@pytest.mark.parametrize("way", ["tcp", "unix"])
def test_a_forward_to_socat(world, way):
    data = random_bytes(SIZE)
    if way == "tcp":
        other = Other(world, "socat", "-t30", f"TCP-LISTEN:{{port}},bind={HOST},fork,reuseaddr", "EXEC:cat")
        target = f"{HOST}:{other.port}"
    else:
        path = world.path("socket")
        world.start("socat", "-t30", f"UNIX-LISTEN:{path},fork", "EXEC:cat")
        wait_until(path.exists, what="socat's socket")
        target = f"unix:{path}"
    server = world.serve("--forward", target)
    client = world.start("socat", "-t30", "STDIO", f"TCP:{HOST}:{server.port}", stdin=subprocess.PIPE)
    assert sha256(client.finish(data, 60).out) == sha256(data), server.err


def site_of_nginx(world, certificates=None):
    """A folder with one file: (port, its bytes)."""
    root, port, data = world.folder / "root", unused_port(), random_bytes(SIZE)
    root.mkdir(mode=0o755)
    (root / "f").write_bytes(data)
    tls = ""
    if certificates:
        cert, key = certificates.leaf()
        tls = f"ssl_certificate {cert}; ssl_certificate_key {key};"
    nginx(world, http=f"server {{ listen {HOST}:{port} {'ssl' if tls else ''}; {tls} root {root}; }}", port=port)
    return port, data


@needs_tls
@needs("nginx", "curl")
def test_a_forward_adds_tls(world, certificates):
    port, data = site_of_nginx(world, certificates)
    server = world.serve("--forward", f"tls://localhost:{port}", "--ca", certificates.ca)
    result = world.start("curl", "-s", *[f"http://{HOST}:{server.port}/f"] * 2).finish(None, 60)
    assert result.status == 0 and sha256(result.out) == sha256(data * 2), server.err


@needs_tls
@needs("nginx", "curl")
def test_a_forward_takes_tls_away(world, certificates):
    port, data = site_of_nginx(world)
    cert, key = certificates.leaf()
    server = world.serve("--tls", "--cert", cert, "--key", key, "--forward", f"{HOST}:{port}")
    result = world.start("curl", "-s", "--cacert", certificates.ca,
                         *[f"https://localhost:{server.port}/f"] * 2).finish(None, 60)
    assert result.status == 0 and sha256(result.out) == sha256(data * 2), server.err


@needs("nginx", "curl")
def test_a_forward_goes_round_and_leaves_out_who_is_dead(world):
    port, data = site_of_nginx(world)
    first = world.serve("--reply", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nours\n")
    server = world.serve("--forward", f"{HOST}:{port}", "--forward", f"{HOST}:{first.port}")
    sizes = [len(world.start("curl", "-s", f"http://{HOST}:{server.port}/f").finish(None, 60).out) for _ in range(4)]
    assert sorted(sizes) == [5, 5, len(data), len(data)]
    first.stop()
    for _ in range(4):
        result = world.start("curl", "-s", f"http://{HOST}:{server.port}/f").finish(None, 60)
        assert sha256(result.out) == sha256(data), server.err


@needs("ncat")
def test_a_reset_is_passed_on(world):
    """The client of a forward sees the reset that the target sent, after the bytes before it."""
    data = random_bytes(100_000)

    def talk(s):
        s.sendall(data)
        s.recv(1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    server = world.serve("--forward", f"{HOST}:{world.peer(talk).port}")
    client = world.start("ncat", HOST, server.port, stdin=subprocess.PIPE)
    got = client.read(len(data))
    client.stdin.write(b"x")
    assert sha256(got) == sha256(data)
    result = client.finish(None)
    assert "reset" in result.err.lower(), result


# --- certificates ----------------------------------------------------------------------------------------

def subject(certificates, port, name, *words):
    """The subject of the certificate that openssl is shown and trusts, asked for by name."""
    result = subprocess.run(["openssl", "s_client", "-connect", f"{HOST}:{port}", "-CAfile", str(certificates.ca),
                             "-verify_return_error", *(["-servername", name, "-verify_hostname", name] if name else
                                                       ["-noservername"]), *map(str, words)],
                            input=b"", capture_output=True, timeout=30)
    found = re.search(rb"^subject=(.*)$", result.stdout, re.M)
    return found.group(1).decode().replace(" ", "") if found and result.returncode == 0 else None


@needs_tls
@needs("openssl")
def test_the_certificate_is_chosen_by_name(world, certificates):
    words = []
    for name, san in (("one", "DNS:one.test"), ("two", "DNS:two.test,DNS:*.two.test"), ("three", "DNS:three.test")):
        cert, key = certificates.leaf(f"sni-{name}", san, subject=f"/CN={name}")
        words += ["--cert", cert, "--key", key]
    server = world.serve("--tls", *words, "--responder", "echo")
    for asked, shown in (("one.test", "CN=one"), ("two.test", "CN=two"), ("sub.two.test", "CN=two"),
                         ("three.test", "CN=three"), ("THREE.test", "CN=three"), (None, "CN=one")):
        assert subject(certificates, server.port, asked) == shown, (asked, server.err)
    assert subject(certificates, server.port, "four.test") is None  # the first one's, which is not trusted for it
    for version in ("-tls1_2", "-tls1_3"):
        assert subject(certificates, server.port, "two.test", version) == "CN=two"


@needs_tls
@needs("openssl")
def test_new_certificates_at_sighup_and_no_session_ends(world, certificates):
    old, new = (certificates.leaf(f"reload-{n}", subject=f"/CN={n}") for n in ("old", "new"))
    cert, key = world.path("cert.pem", old[0].read_bytes()), world.path("key.pem", old[1].read_bytes())
    key.chmod(0o600)
    server = world.serve("--tls", "--cert", cert, "--key", key, "--responder", "echo")
    assert subject(certificates, server.port, "localhost") == "CN=old"
    with certificates.client_context().wrap_socket(dial(server.port), server_hostname="localhost") as session:
        session.sendall(b"before")
        assert session.recv(100) == b"before"
        cert.write_bytes(new[0].read_bytes())
        key.write_bytes(new[1].read_bytes())
        server.signal(signal.SIGHUP)
        wait_until(lambda: subject(certificates, server.port, "localhost") == "CN=new", what="the new certificate")
        session.sendall(b"after")
        assert session.recv(100) == b"after"
        cert.write_bytes(b"nonsense")  # what cannot be read leaves the last good one
        seen = len(server.err)
        server.signal(signal.SIGHUP)
        wait_until(lambda: str(cert) in server.err[seen:], what="a word about the file")
        assert subject(certificates, server.port, "localhost") == "CN=new" and server.running()
        session.sendall(b"still")
        assert session.recv(100) == b"still"


@needs_tls
@needs("openssl")
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_certificate_is_asked_of_clients(world, certificates, version):
    cert, key = certificates.leaf()
    mine, mine_key = certificates.leaf("client", usage="clientAuth", subject="/CN=client")
    wrong, wrong_key = certificates.leaf("not-a-client", usage="serverAuth", subject="/CN=wrong")
    for mode in ("required", "optional"):
        server = world.serve("--tls", "--cert", cert, "--key", key, "--client-ca", certificates.ca, "--client-cert", mode,
                             "--responder", "echo")

        def talk(*words):
            client = world.start("openssl", "s_client", "-quiet", "-no_ign_eof", version, "-connect", f"{HOST}:{server.port}",
                                 "-CAfile", certificates.ca, *words, stdin=subprocess.PIPE)
            try:
                client.stdin.write(b"hello\n")
                return client.read(6) == b"hello\n"
            except BrokenPipeError:
                return False
        assert talk("-cert", mine, "-key", mine_key), server.err
        assert talk() == (mode == "optional"), server.err
        assert not talk("-cert", wrong, "-key", wrong_key), server.err


# --- programs behind a port --------------------------------------------------------------------------------

CLIENTS = {
    "socat": ["socat", "-t30", "STDIO", f"TCP:{HOST}:{{port}}"],
    "ncat": ["ncat", HOST, "{port}"],
    "nc.openbsd": ["nc.openbsd", "-N", HOST, "{port}"],
    "nc.traditional": ["nc.traditional", "-q", "30", HOST, "{port}"],
}
clients = pytest.mark.parametrize("name", [pytest.param(n, marks=needs(a[0])) for n, a in CLIENTS.items()])


def client_of(world, name, port, **how):
    return world.start(*[a.format(port=port) for a in CLIENTS[name]], stdin=subprocess.PIPE, **how)


@clients
def test_a_program_answers_to_the_end(world, name):
    """It hears of the client's end, and all that it says after that arrives."""
    data = random_bytes(SIZE)
    server = world.serve("--exec", "cat")
    assert sha256(client_of(world, name, server.port).finish(data, 60).out) == sha256(data), server.err
    server = world.serve("--shell", "cat >/dev/null; sleep 0.7; echo late")
    assert client_of(world, name, server.port).finish(b"question").out == b"late\n", server.err


@clients
def test_a_program_that_speaks_and_goes(world, name):
    server = world.serve("--exec", "echo", "a word", "and another")
    for _ in range(3):
        assert client_of(world, name, server.port).finish(None).out == b"a word and another\n"


@needs("ncat")
def test_a_program_of_each_at_the_same_time(world):
    server = world.serve("--shell", "read a; echo got $a")
    ones = [client_of(world, "ncat", server.port) for _ in range(20)]
    for n, one in reversed(list(enumerate(ones))):
        assert one.finish(b"%d\n" % n).out == b"got %d\n" % n


@needs("bash")
def test_a_shell_on_a_terminal(world):
    """--pty: a controlling terminal, job control, a prompt, and the status of the shell in the log."""
    server = world.serve("--pty", "--exec", "bash", "--norc", "--noprofile", "-i")
    with dial(server.port) as s:
        def until(token):
            got = b""
            while token not in got:
                piece = s.recv(4096)
                assert piece, (got, server.err)
                got += piece
            return got
        s.sendall(b"stty -echo; PS1='re''ady> '; echo\n")  # its echo is no prompt
        until(b"ready> ")
        s.sendall(b"tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all of them\n")
        assert re.search(rb"/dev/pts/\d+\r\nall of them\r\n", until(b"ready> "))
        s.sendall(b"sleep 100\n\x03")  # the terminal makes a signal of it
        until(b"ready> ")
        s.sendall(b"sleep 100 & jobs; kill %1; echo status $?\n")
        assert b"status 0" in until(b"status 0\r\n")
        s.sendall(b"exit 3\n")
        read_to_end(s)
    server.wait_err("status 3")


@needs_tls
@needs("openssl")
def test_a_program_behind_tls_and_openssl(world, certificates):
    cert, key = certificates.leaf()
    server = world.serve("--tls", "--cert", cert, "--key", key, "--shell",
                         'read line; echo "$line $SOCKUTIL_PROTO"; env | grep -c ^SOCKUTIL_TLS_')
    client = world.start("openssl", "s_client", "-quiet", "-no_ign_eof", "-connect", f"{HOST}:{server.port}", "-CAfile",
                         certificates.ca, stdin=subprocess.PIPE)
    client.stdin.write(b"hello\n")
    lines = client.read(1000).splitlines()
    assert lines[0].startswith(b"hello ") and int(lines[1]) > 0, lines


# --- service managers ----------------------------------------------------------------------------------------

ACTIVATE = needs("systemd-socket-activate")


@needs_linux
@ACTIVATE
def test_sockets_from_systemd(world):
    """Started by the first connection, which is served like the others."""
    port = unused_port()
    process = world.start("systemd-socket-activate", "-l", f"{HOST}:{port}", PROGRAM, "serve", "systemd:", "--responder",
                          "echo")
    wait_until(lambda: listening(port), what="the socket")
    data = random_bytes(SIZE)
    for _ in range(2):
        result = world.run("connect", HOST, port, stdin=data, timeout=60)
        assert result.status == 0 and sha256(result.out) == sha256(data), result
    assert "listening on" in process.err
    process.signal(signal.SIGTERM)
    assert process.wait() == 0, process.err


@needs_linux
@ACTIVATE
def test_named_sockets_from_systemd(world):
    ports = unused_port(), unused_port()
    path = world.path("socket")
    process = world.start("systemd-socket-activate", "-l", f"{HOST}:{ports[0]}", "-l", path, "--fdname=one:two",
                          PROGRAM, "serve", "systemd:one", "systemd:two", "--reply", "{local}")
    wait_until(lambda: listening(ports[0]) and path.exists(), what="the sockets")
    assert exchange(ports[0], b"x\n") == f"{HOST}:{ports[0]}\n".encode(), process.err
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(str(path))
        s.sendall(b"x\n")
        assert s.recv(1000), process.err
    process.signal(signal.SIGTERM)
    assert process.wait() == 0 and path.exists(), process.err  # whose socket file it is not


@needs_linux
@needs_tls
@ACTIVATE
def test_tls_and_a_handler_on_a_socket_from_systemd(world, certificates):
    port = unused_port()
    cert, key = certificates.leaf()
    world.start("systemd-socket-activate", "-l", f"{HOST}:{port}", PROGRAM, "serve", "systemd:", "--tls", "--cert", cert,
                "--key", key, "--exec", "cat")
    wait_until(lambda: listening(port), what="the socket")
    result = world.run("connect", "--tls", "--ca", certificates.ca, "localhost", port, stdin=b"hello", timeout=60)
    assert (result.status, result.out) == (0, b"hello"), result


class Manager:
    """The service manager's side of NOTIFY_SOCKET."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name)
        self.socket.settimeout(20)
        self.heard = []

    def until(self, word):
        while not any(word in lines for lines in self.heard):
            self.heard.append(self.socket.recv(4096).decode().splitlines())
        return next(lines for lines in self.heard if word in lines)

    def close(self):
        self.socket.close()


@needs_linux
@pytest.mark.parametrize("abstract", [False, pytest.param(True, marks=needs_linux_paths)])
def test_a_manager_is_told(world, abstract):
    """READY=1 when everything listens, RELOADING=1 and READY=1 around a SIGHUP, STOPPING=1 at the end."""
    name = f"sockutil-test-{os.getpid()}-{world.folder.name}" if abstract else str(world.path("notify"))
    manager = Manager("\0" + name if abstract else name)
    try:
        rules = world.path("rules", b"127.0.0.0/8\n")
        port = unused_port()
        server = world.sockutil("serve", f"{HOST}:{port}", "--responder", "echo", "--allow", f"@{rules}",
                                env={"NOTIFY_SOCKET": "@" + name if abstract else name})
        manager.until("READY=1")
        assert listening(port) and exchange(port, b"x") == b"x"
        manager.heard.clear()
        server.signal(signal.SIGHUP)
        lines = manager.until("RELOADING=1")
        assert any(re.fullmatch(r"MONOTONIC_USEC=\d+", line) for line in lines), lines
        manager.until("READY=1")
        server.signal(signal.SIGTERM)
        manager.until("STOPPING=1")
        assert server.wait() == 0, server.err
    finally:
        manager.close()


@needs_linux
def test_programs_are_not_told_of_the_manager(world):
    name = world.path("notify")
    manager = Manager(str(name))
    try:
        server = world.serve("--shell", "env", env={"NOTIFY_SOCKET": str(name)})
        manager.until("READY=1")
        assert b"NOTIFY_SOCKET" not in exchange(server.port)
    finally:
        manager.close()


# --- figures ---------------------------------------------------------------------------------------------------

@needs("curl")
def test_curl_reads_metrics(world):
    port = unused_port()
    server = world.serve("--responder", "echo", "--metrics", f"{HOST}:{port}")
    assert exchange(server.port, b"hello") == b"hello"
    wait_until(lambda: "closed" in server.err, what="the end of the session")
    result = world.start("curl", "-s", "-D", world.path("head"), f"http://{HOST}:{port}/metrics").finish(None)
    assert result.status == 0 and result.out.endswith(b"# EOF\n"), result
    assert "openmetrics-text" in world.path("head").read_text().lower()
    for line in result.text.splitlines():
        assert re.fullmatch(r"# (TYPE|HELP|UNIT|EOF).*|[a-z_:][a-z0-9_:]*(\{.*\})? [0-9.e+-]+", line), line
