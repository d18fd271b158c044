# SPDX-License-Identifier: MIT
"""The rows of `sockutil serve`: forwards beside nginx, haproxy and socat; files beside nginx; programs beside ncat and
socat; WebSocket beside our own plain echo and node-ws."""
import hashlib
import os
import pathlib
import re
import resource
import shutil
import tempfile
import time

from common import (GIB, HOST, MIB, NGINX_STREAM, Failed, Process, digest, free_port, memory_kib, nginx, random_file,
                    wait_listening)

NODE_MODULES = os.environ.get("NODE_PATH", "/usr/share/nodejs:/usr/lib/nodejs:/usr/lib/node_modules")


def installed(peers):
    """Those whose program is here. peers: name: (program, ...)"""
    for name in [n for n, (program, *_) in peers.items() if not shutil.which(str(program))]:
        print(f"# {name}: not installed")
        del peers[name]
    return peers


def descriptors():
    """Those that a server may have for its connections, some left for everything else."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 400


# --- forwards -------------------------------------------------------------------------------------

def forward_sockutil(bench, port, target):
    return Process([bench.program, "serve", "-q", "--max-conns", "12000", "--forward", f"{HOST}:{target}", f"{HOST}:{port}"])


def forward_nginx(bench, port, target):
    if not NGINX_STREAM:
        raise Failed("nginx has no stream module here")
    return nginx(bench, f"server {{ listen {HOST}:{port} backlog=511; proxy_buffer_size 256k; proxy_pass {HOST}:{target}; }}",
                 connections=20000)


def forward_nginx_default(bench, port, target):
    return nginx(bench, f"server {{ listen {HOST}:{port} backlog=511; proxy_pass {HOST}:{target}; }}", connections=20000)


def forward_haproxy(bench, port, target):
    path = bench.folder / "haproxy.cfg"
    path.write_text(f"global\n maxconn {descriptors() // 2}\n nbthread 1\n maxpipes 100\n"
                    "defaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n option splice-auto\n"
                    f"listen f\n bind {HOST}:{port}\n server s {HOST}:{target}\n")
    return Process(["haproxy", "-db", "-f", path])


def forward_socat(_, port, target):
    return Process(["socat", f"TCP-LISTEN:{port},bind={HOST},fork,reuseaddr,backlog=511", f"TCP:{HOST}:{target}"])


def forwarders(*names):
    every = {"sockutil": ("true", forward_sockutil), "nginx stream": ("nginx", forward_nginx),
             "nginx, its buffers": ("nginx", forward_nginx_default), "haproxy splice": ("haproxy", forward_haproxy),
             "socat": ("socat", forward_socat)}
    return installed({name: every[name] for name in names})


def forward_once(bench, start, size, source, wanted=None):
    """(GiB/s, CPU seconds of the forwarder a GiB); with wanted a digest of what has to arrive."""
    port, target, kept = free_port(), free_port(), tempfile.TemporaryFile()
    sink = Process([bench.loadgen, "sink", target, *(["keep"] if wanted else [])], stdout=kept)
    wait_listening(target, sink)
    between = start(bench, port, target)
    wait_listening(port, between)
    began = time.monotonic()
    Process([bench.loadgen, "source", port, size, source])
    sink.wait()
    took = sink.ended - began
    kept.seek(0)
    if wanted:
        if hashlib.file_digest(kept, "sha256").hexdigest() != wanted:
            raise Failed("bytes were lost or changed")
    elif int(kept.read().split(b"=")[1]) != size:
        raise Failed("bytes were lost")
    between.stop()
    return size / GIB / took, (between.used.ru_utime + between.used.ru_stime) / (size / GIB)


def row_forward(bench):
    """The source gives a file by sendfile and the sink drops bytes unseen: nearly all work is the forwarder's."""
    size = (1 if bench.quick else 4) * GIB
    source = random_file(bench.folder / "source", 256 * MIB)
    wanted, good = digest(source), {}
    for name, (_, start) in forwarders("sockutil", "nginx stream", "nginx, its buffers", "haproxy splice", "socat").items():
        try:
            forward_once(bench, start, 256 * MIB, source, wanted)
            good[name] = start
        except Failed as why:
            print(f"# {name} is left out: {why}")
    m = bench.compare(f"Port forward, one stream, {size / GIB:g} GiB", ["GiB/s", "CPU s/GiB"], good,
                      lambda name: forward_once(bench, good[name], size, source))
    source.unlink()
    bench.ratio("speed", m, "nginx stream", 0, ">=", 3)
    bench.ratio("speed", m, "socat", 0, ">=", 6)
    bench.ratio("CPU", m, "nginx stream", 1, "<=", 0.25)


def row_forward_idle(bench):
    """A byte goes to an echo server and back through each, then all are held: memory of the forwarder alone."""
    wanted = min(2000 if bench.quick else 10000, descriptors() // 2)
    peers = forwarders("sockutil", "nginx, its buffers", "haproxy splice")

    def once(name):
        port, target = free_port(), free_port()
        wait_listening(target, Process([bench.program, "serve", "-q", "--responder", "echo", "--max-conns", "12000",
                                        f"{HOST}:{target}"]))
        between = peers[name][1](bench, port, target)
        wait_listening(port, between)
        before = memory_kib(between.pid)
        read_end, write_end = os.pipe()
        out_read, out_write = os.pipe()
        Process([bench.loadgen, "idle", port, wanted], stdin=read_end, stdout=out_write)
        os.close(read_end)
        os.close(out_write)
        try:
            held = int(os.read(out_read, 100).split(b"=")[1] or 0)
            if held < wanted:
                raise Failed(f"only {held} of {wanted} connections were held: {between.message()}")
            return (memory_kib(between.pid) - before) / held, float(held)
        finally:
            os.close(write_end)
            os.close(out_read)
    m = bench.compare(f"Forwarded connections held, {wanted}", ["KiB each", "connections"], peers, once)
    ours = m.get("sockutil")
    bench.reach("our memory of a forwarded connection", ours and ours[0], None, "<=", 4, " KiB")


# --- files ----------------------------------------------------------------------------------------

def files_sockutil(bench, port, root):
    return Process([bench.program, "serve", "-q", "--files", root, f"{HOST}:{port}"])


def files_nginx(bench, port, root):
    temporary = " ".join(f"{kind}_temp_path {bench.folder}/nginx.{kind};"
                         for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = bench.folder / "nginx-files.conf"
    path.write_text(f"""daemon off; pid {bench.folder}/nginx-files.pid; user root; error_log stderr crit; worker_processes 1;
worker_rlimit_nofile 20000; events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; {temporary}
    server {{ listen {HOST}:{port} backlog=511; root {root}; }}
}}
""")
    return Process(["nginx", "-p", bench.folder, "-e", "stderr", "-c", path])


FILE_SERVERS = {"sockutil": files_sockutil, "nginx sendfile": files_nginx}


def wrk(bench, server, url, keep):
    """(requests/s, CPU us of the server a request, p99 us)"""
    out = tempfile.TemporaryFile()
    words = [] if keep else ["-H", "Connection: close"]
    Process(["wrk", *words, "-t1", "-c32", f"-d{1 if bench.quick else 3}s", "--latency", url], stdout=out).wait()
    server.stop()
    out.seek(0)
    text = out.read().decode()
    total, rate = re.search(r"(\d+) requests in", text), re.search(r"Requests/sec:\s+([\d.]+)", text)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    if not (total and rate and late) or "Socket errors" in text or "Non-2xx" in text:
        raise Failed("wrk: " + " ".join(text.split())[-200:])
    used = server.used.ru_utime + server.used.ru_stime
    return (float(rate.group(1)), used / max(1, int(total.group(1))) * 1e6,
            float(late.group(1)) * {"us": 1, "ms": 1e3, "s": 1e6}[late.group(2)])


def files(bench, what, size, keep=True):
    for program in ("wrk", "curl", "nginx"):
        if not shutil.which(program):
            raise Failed(f"{program} is not installed")
    root = bench.folder / "files"
    root.mkdir(exist_ok=True)
    path = root / f"f{size}"
    path.write_bytes(os.urandom(size))
    wanted = digest(path)

    def once(name):
        port = free_port()
        server = FILE_SERVERS[name](bench, port, root)
        wait_listening(port, server)
        url, got = f"http://{HOST}:{port}/{path.name}", bench.folder / "got"
        Process(["curl", "-sf", "-o", got, url]).wait()
        if digest(got) != wanted:
            raise Failed("what came is not the file")
        return wrk(bench, server, url, keep)
    try:
        m = bench.compare(f"Files: {what}, 32 connections, {'kept alive' if keep else 'one request on each'}",
                          ["each s", "CPU us each", "p99 us"], FILE_SERVERS, once)
    finally:
        path.unlink()
    bench.ratio("requests/s", m, "nginx sendfile", 0, ">=", 1)


def row_files_small(bench):
    files(bench, "1 KiB", 1024)


def row_files_medium(bench):
    files(bench, "64 KiB", 65536)


def row_files_large(bench):
    files(bench, "10 MiB", 10 * MIB)


def row_files_close(bench):
    files(bench, "1 KiB", 1024, keep=False)


# --- programs -------------------------------------------------------------------------------------

def row_exec(bench):
    """/bin/true behind a port: what a program a connection costs."""
    program = next(p for p in ("/bin/true", "/usr/bin/true") if pathlib.Path(p).exists())
    total = 500 if bench.quick else 2000
    peers = installed({
        "sockutil": (bench.program, "serve", "-q", f"{HOST}:{{port}}", "--exec", program),
        "ncat -k -e": ("ncat", "-l", "-k", "-m", "500", "-e", program, HOST, "{port}"),
        "socat EXEC": ("socat", f"TCP-LISTEN:{{port}},bind={HOST},fork,reuseaddr,backlog=511", f"EXEC:{program}"),
    })

    def once(name):
        port = free_port()
        server = Process([str(a).format(port=port) for a in peers[name]])
        wait_listening(port, server)
        got = bench.load("rate", port, total, 16, "silent")
        return got["each_second"], got["p50_us"], got["p99_us"]
    m = bench.compare(f"{program} for each connection, 16 at once, {total}", ["each s", "p50 us", "p99 us"], peers, once)
    bench.ratio("connections/s", m, "ncat -k -e", 0, ">=", 2)
    bench.ratio("connections/s", m, "socat EXEC", 0, ">=", 2)


# --- WebSocket ------------------------------------------------------------------------------------

NODE_ECHO = """const { WebSocketServer } = require('ws');
new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: false, backlog: 511 })
	.on('connection', (s) => s.on('message', (data, binary) => s.send(data, { binary })));
"""


def have_node_ws():
    return shutil.which("node") and any((pathlib.Path(p) / "ws").is_dir() for p in NODE_MODULES.split(":"))


def row_ws_echo(bench):
    total = 50000 if bench.quick else 150000
    ours = [bench.program, "serve", "-q", "--responder", "echo", f"{HOST}:{{port}}"]
    peers = {"sockutil": ("ws-echo", [*ours, "--ws"]), "sockutil, plain": ("echo", ours)}
    script = bench.folder / "echo.js"
    script.write_text(NODE_ECHO)
    if have_node_ws():
        peers["node-ws"] = ("ws-echo", ["node", script, "{port}"])
    else:
        print("# node-ws: not installed")

    def once(name):
        port, (mode, argv) = free_port(), peers[name]
        server = Process([str(a).format(port=port) for a in argv], env=dict(os.environ, NODE_PATH=NODE_MODULES))
        wait_listening(port, server)
        got = bench.load(mode, port, 64, 64, total)
        server.stop()
        used = (server.used.ru_utime + server.used.ru_stime) / total * 1e6
        return got["each_second"], used, got["p50_us"], got["p99_us"]
    m = bench.compare("WebSocket echo of 64 bytes, 64 connections", ["each s", "CPU us each", "p50 us", "p99 us"], peers,
                      once)
    bench.ratio("messages/s", m, "sockutil, plain", 0, ">=", 0.8)
    bench.ratio("messages/s", m, "node-ws", 0, ">=", 3)


ROWS = {"forward": row_forward, "forward-idle": row_forward_idle, "files-small": row_files_small,
        "files-medium": row_files_medium, "files-large": row_files_large, "files-close": row_files_close, "exec": row_exec,
        "ws-echo": row_ws_echo}
