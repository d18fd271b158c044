# SPDX-License-Identifier: MIT
"""What stands around the handlers of a server: whom a PROXY header names, files read again, another user, a pid file,
a service manager, and counters for a monitor."""
import os
import pwd
import signal
import socket
import ssl
import struct
import subprocess

import pytest

from harness import HOST, needs_tls, wait_until


def dial(port, first=b""):
    s = socket.create_connection((HOST, port), timeout=10)
    if first:
        s.sendall(first)
    return s


def rest(s):
    out = b""
    try:
        while piece := s.recv(65536):
            out += piece
    except ConnectionError:
        pass
    return out


def v2(source, destination, command=1):
    addresses = socket.inet_aton(source[0]) + socket.inet_aton(destination[0]) + struct.pack(">HH", source[1], destination[1])
    return b"\r\n\r\n\x00\r\nQUIT\n" + bytes([0x20 | command, 0x11]) + struct.pack(">H", len(addresses)) + addresses


# --- --accept-proxy ---------------------------------------------------------------------------

HEADERS = [
    b"PROXY TCP4 192.0.2.7 192.0.2.8 4711 80\r\n",
    v2(("192.0.2.7", 4711), ("192.0.2.8", 80)),
]


@pytest.mark.parametrize("header", HEADERS, ids=["v1", "v2"])
@pytest.mark.parametrize("way", ["require", "detect"])
def test_a_header_names_the_client(world, way, header):
    server = world.serve("--accept-proxy", way, "--reply", "{peer} {local} {message}")
    s = dial(server.port, header + b"hello")
    s.shutdown(socket.SHUT_WR)
    assert rest(s) == b"192.0.2.7:4711 192.0.2.8:80 hello"
    server.wait_err("connected from 192.0.2.7:4711")


def test_a_header_in_pieces(world):
    server = world.serve("--accept-proxy", "require", "--reply", "{peer} {message}")
    s = dial(server.port)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in HEADERS[0]:
        s.sendall(bytes([byte]))
    s.sendall(b"x")
    s.shutdown(socket.SHUT_WR)
    assert rest(s) == b"192.0.2.7:4711 x"


def test_required_and_missing_closes(world):
    server = world.serve("--accept-proxy", "require", "--responder", "echo")
    s = dial(server.port, b"hello, I am nobody's proxy\n")
    assert rest(s) == b""
    server.wait_err("closed")


def test_detect_takes_a_client_without_one(world):
    server = world.serve("--accept-proxy", "detect", "--framing", "line", "--reply", "{peer} {message}")
    s = dial(server.port, b"PRO")
    s.sendall(b"FIT\n")
    s.shutdown(socket.SHUT_WR)
    assert rest(s).endswith(b" PROFIT\n")


def test_a_header_that_never_ends_is_cut(world):
    server = world.serve("--accept-proxy", "require", "--handshake-timeout", "300ms", "--responder", "echo")
    s = dial(server.port, b"PROXY TCP4 192.0.2.7")
    assert rest(s) == b""
    server.wait_err("no whole PROXY header came within 300ms (--handshake-timeout)")


def test_rules_and_limits_are_about_the_client(world):
    server = world.serve("--accept-proxy", "require", "--deny", "192.0.2.0/24", "--max-conns-per-ip", "1", "--responder", "echo")
    refused = dial(server.port, HEADERS[0] + b"x")
    assert rest(refused) == b""
    server.wait_err("refused 192.0.2.7:4711: denied by 192.0.2.0/24")
    other = b"PROXY TCP4 198.51.100.1 192.0.2.8 1 80\r\n"
    first = dial(server.port, other + b"x")
    assert first.recv(1) == b"x"
    assert rest(dial(server.port, other + b"x")) == b""
    server.wait_err("more than 1 at once from this address")
    another = dial(server.port, b"PROXY TCP4 198.51.100.2 192.0.2.8 1 80\r\nx")
    assert another.recv(1) == b"x"
    first.close()
    wait_until(lambda: "closed 198.51.100.1:1" in server.err, what="the first one's end")
    again = dial(server.port, other + b"x")
    assert again.recv(1) == b"x"


@needs_tls
def test_the_header_comes_before_tls(world):
    server = world.serve("--tls", "--accept-proxy", "require", "--reply", "{peer} {message}")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    s = context.wrap_socket(dial(server.port, HEADERS[1]))
    s.sendall(b"x")
    assert s.recv(100) == b"192.0.2.7:4711 x"
    s.close()


# --- SIGHUP -----------------------------------------------------------------------------------

def certificate(folder, name):
    key, cert = str(folder / f"{name}.key"), str(folder / f"{name}.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", cert],
                   check=True, capture_output=True, timeout=60)
    return cert, key


def shown(port, name):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with context.wrap_socket(dial(port), server_hostname=name) as s:
        return s.getpeercert(binary_form=True)


def der(path):
    with open(path) as file:
        return ssl.PEM_cert_to_DER_cert(file.read())


@needs_tls
@pytest.mark.parametrize("workers", ["1", "2"])
def test_certificates_are_read_again_and_nobody_is_dropped(world, workers):
    cert, key = certificate(world.folder, "one.example")
    server = world.serve("--tls", "--cert", cert, "--key", key, "--workers", workers, "--responder", "echo")
    old = der(cert)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    held = context.wrap_socket(dial(server.port), server_hostname="one.example")
    assert held.getpeercert(binary_form=True) == old
    certificate(world.folder, "one.example")
    fresh = der(cert)
    assert fresh != old
    server.signal(signal.SIGHUP)
    wait_until(lambda: server.err.count("certificates read again") == int(workers), what="the reload")
    assert shown(server.port, "one.example") == fresh
    held.sendall(b"still here")
    assert held.recv(100) == b"still here"
    with open(cert, "w") as file:
        file.write("no certificate at all\n")
    server.signal(signal.SIGHUP)
    server.wait_err("the certificates stay as they were")
    assert shown(server.port, "one.example") == fresh


@needs_tls
def test_certificates_by_name(world):
    names = ["one.example", "two.example"]
    pairs = [certificate(world.folder, name) for name in names]
    words = [word for cert, key in pairs for word in ("--cert", cert, "--key", key)]
    server = world.serve("--tls", *words, "--responder", "echo")
    for name, (cert, _) in zip(names, pairs):
        assert shown(server.port, name) == der(cert)
    assert shown(server.port, "three.example") == der(pairs[0][0])


# --- who runs, and who is told ----------------------------------------------------------------

def test_pidfile(world):
    path = world.folder / "pid"
    server = world.serve("--pidfile", str(path), "--responder", "echo")
    assert path.read_text() == f"{server.pid}\n"
    second = world.run("serve", "--pidfile", str(path), "127.0.0.1:0", "--responder", "echo")
    assert second.status == 1
    assert f"a server runs with it already, process {server.pid}" in second.err
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert not path.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_pidfile_that_may_not_be_removed_names_nobody(world):
    path = world.folder / "pid"
    server = world.serve("--pidfile", str(path), "--user", "nobody", "--responder", "echo")
    assert path.read_text() == f"{server.pid}\n"
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert path.read_text() == ""
    assert world.serve("--pidfile", str(path), "--responder", "echo").running()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_another_user(world):
    nobody = pwd.getpwnam("nobody")
    server = world.serve("--user", "nobody", "--responder", "echo")
    s = dial(server.port, b"x")
    assert s.recv(1) == b"x"  # the port file was written before
    status = open(f"/proc/{server.pid}/status").read()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split() == [str(nobody.pw_uid)] * 4
    assert fields["Gid"].split() == [str(nobody.pw_gid)] * 4
    assert set(fields["Groups"].split()) <= {str(nobody.pw_gid)}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_another_group_and_workers(world):
    server = world.serve("--user", "nobody:daemon", "--workers", "2", "--responder", "echo")
    uid, daemon = pwd.getpwnam("nobody").pw_uid, __import__("grp").getgrnam("daemon").gr_gid
    children = open(f"/proc/{server.pid}/task/{server.pid}/children").read().split()
    assert len(children) == 2
    for pid in [server.pid, *children]:
        def dropped():
            return f"Uid:\t{uid}\t{uid}\t" in open(f"/proc/{pid}/status").read()
        wait_until(dropped, what="another user")
        status = open(f"/proc/{pid}/status").read()
        assert f"Gid:\t{daemon}\t{daemon}\t{daemon}\t{daemon}" in status
        assert f"Groups:\t{daemon} " in status or f"Groups:\t{daemon}\n" in status


def test_a_user_that_is_not_there(world):
    r = world.run("serve", "--user", "no-such-user", "127.0.0.1:0", "--responder", "echo")
    assert (r.status, r.err) == (2, "sockutil serve: --user no-such-user: no such user\n")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_service_manager_is_told(world, workers):
    path = str(world.folder / "notify")
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(path)
    manager.settimeout(10)
    rules = world.folder / "rules"
    rules.write_text("127.0.0.1\n")
    server = world.serve("--allow", f"@{rules}", "--workers", workers, "--responder", "echo", env={"NOTIFY_SOCKET": path})
    assert manager.recv(1000) == f"READY=1\nMAINPID={server.pid}\n".encode()
    server.signal(signal.SIGHUP)
    assert manager.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
    assert manager.recv(1000).startswith(b"READY=1\n")
    server.signal(signal.SIGTERM)
    assert manager.recv(1000) == b"STOPPING=1\n"
    assert server.wait() == 0


# --- --metrics --------------------------------------------------------------------------------

def ask(port, request):
    s = dial(port, request)
    answer = rest(s)
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.decode(), body.decode()


def metrics(server):
    line = wait_until(lambda: next((l for l in server.err.splitlines() if "metrics on " in l), None), what="the metrics line")
    return int(line.rsplit(":", 1)[1])


def value(text, name):
    return int(next(line for line in text.splitlines() if line.startswith(name + " ")).split()[1])


@pytest.mark.parametrize("workers", ["1", "2"])
def test_metrics_count(world, workers):
    server = world.serve("--metrics", f"{HOST}:0", "--workers", workers, "--responder", "echo")
    port = metrics(server)
    held = [dial(server.port, b"x") for _ in range(3)]
    for s in held:
        assert s.recv(1) == b"x"
    done = dial(server.port, b"hello")
    done.shutdown(socket.SHUT_WR)
    assert rest(done) == b"hello"
    wait_until(lambda: "closed" in server.err, what="the end of one")
    head, text = ask(port, b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8" in head
    assert text.endswith("# EOF\n")
    assert value(text, "sockutil_connections_open") == 3
    assert value(text, "sockutil_connections_accepted_total") == 4
    assert value(text, "sockutil_received_bytes_total") == 5
    assert value(text, "sockutil_sent_bytes_total") == 5
    assert value(text, "sockutil_workers") == int(workers)


def test_metrics_of_nothing_else(world):
    server = world.serve("--metrics", f"{HOST}:0", "--responder", "echo")
    port = metrics(server)
    close = b"Host: x\r\nConnection: close\r\n\r\n"
    assert ask(port, b"GET /etc/passwd HTTP/1.1\r\n" + close)[0].startswith("HTTP/1.1 404 ")
    assert ask(port, b"DELETE /metrics HTTP/1.1\r\n" + close)[0].startswith("HTTP/1.1 405 ")
    assert ask(port, b"nonsense\r\n\r\n")[0].startswith("HTTP/1.1 400 ")
    head, body = ask(port, b"HEAD /metrics HTTP/1.1\r\n" + close)
    assert head.startswith("HTTP/1.1 200 ") and body == ""


def test_metrics_outlive_who_does_not_read(world):
    server = world.serve("--metrics", f"{HOST}:0", "--responder", "echo")
    port = metrics(server)
    stuck = [dial(port) for _ in range(16)]
    more = dial(port, b"GET /metrics HTTP/1.0\r\n\r\n")
    for s in stuck:
        s.close()
    assert rest(more).endswith(b"# EOF\n")
    assert dial(server.port, b"x").recv(1) == b"x"


def test_metrics_only_over_plain_http(world):
    r = world.run("serve", "--metrics", "tls://127.0.0.1:0", "127.0.0.1:0", "--responder", "echo")
    assert r.status == 2
    assert "told over plain HTTP alone; use tcp://" in r.err


def test_metrics_where_somebody_listens(world):
    with socket.socket() as s:
        s.bind((HOST, 0))
        s.listen()
        r = world.run("serve", "--metrics", f"{HOST}:{s.getsockname()[1]}", "127.0.0.1:0", "--responder", "echo")
    assert r.status == 45 and "--metrics: " in r.err


def scrape(port):
    return ask(port, b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[1]


def test_metrics_never_go_back_for_who_is_refused_late(world):
    server = world.serve("--metrics", f"{HOST}:0", "--accept-proxy", "require", "--deny", "192.0.2.0/24", "--responder", "echo")
    port = metrics(server)
    s = dial(server.port)
    wait_until(lambda: value(scrape(port), "sockutil_connections_open") == 1, what="a connection without a header")
    before = value(scrape(port), "sockutil_connections_accepted_total")
    s.sendall(HEADERS[0])
    assert rest(s) == b""
    after = scrape(port)
    assert value(after, "sockutil_connections_accepted_total") >= before
    assert value(after, "sockutil_connections_refused_total") == 1
    assert value(after, "sockutil_connections_open") == 0


# --- a worker that dies -----------------------------------------------------------------------

def children(server):
    with open(f"/proc/{server.pid}/task/{server.pid}/children") as f:
        return [int(word) for word in f.read().split()]


def test_metrics_never_go_back_when_a_worker_dies(world):
    server = world.serve("--metrics", f"{HOST}:0", "--workers", "2", "--responder", "echo")
    port = metrics(server)
    held = [dial(server.port, b"x") for _ in range(12)]
    for s in held:
        assert s.recv(1) == b"x"
    os.kill(children(server)[0], signal.SIGKILL)
    server.wait_err("was ended by signal 9")
    wait_until(lambda: len(children(server)) == 2, what="a new worker")
    text = scrape(port)
    assert value(text, "sockutil_connections_accepted_total") == 12
    assert value(text, "sockutil_connections_open") + value(text, "sockutil_connections_failed_total") == 12


def test_a_worker_that_dies_is_replaced_once_ready_fd_was_told(world):
    reads, writes = os.pipe()
    server = world.serve("--ready-fd", str(writes), "--workers", "2", "--responder", "echo", pass_fds=(writes,))
    os.close(writes)
    assert os.read(reads, 100) == b"READY\n" and os.read(reads, 1) == b""
    os.close(reads)
    for died in range(1, 3):
        os.kill(children(server)[-1], signal.SIGKILL)
        wait_until(lambda: server.err.count("was ended by signal 9") == died, what="its end")
        wait_until(lambda: len(children(server)) == 2, what="a new worker")
        for _ in range(8):
            s = dial(server.port, b"x")
            assert s.recv(1) == b"x"
            s.close()
    assert server.err.count("was ended by signal") == 2
    server.signal(signal.SIGTERM)
    assert server.wait() == 0


def test_workers_that_drain_refuse_who_comes(world):
    server = world.serve("--workers", "2", "--grace", "30s", "--shell", "trap '' HUP; echo in; while [ ! -e over ]; do sleep .05; done")
    s = dial(server.port)
    assert s.recv(3) == b"in\n"
    server.signal(signal.SIGTERM)
    server.wait_err("ending: 1 connection may finish")

    def refused():
        try:
            dial(server.port).close()
        except ConnectionError:
            return True
        return False
    wait_until(refused, what="a refusal")
    world.path("over", b"")
    assert rest(s) == b""
    assert server.wait() == 0


# --- what would mean nothing ------------------------------------------------------------------

def test_permissions_of_no_file(world):
    r = world.run("serve", "--mode", "600", f"{HOST}:0", "--responder", "echo")
    assert r.status == 2 and "--mode needs a unix:PATH endpoint" in r.err


def test_a_broker_is_one_process(world):
    r = world.run("serve", "--workers", "2", "--broker", f"{HOST}:0")
    assert r.status == 2 and "--broker, belong to one process" in r.err
