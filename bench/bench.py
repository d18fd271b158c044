# SPDX-License-Identifier: MIT
"""sockutil side by side with its peers: each row with what it is to reach.

Every row runs ours and the peers interleaved (A B C, B C A, ...), several times, and compares medians. Bytes are counted
or compared by a digest before a peer's time counts. CPU is user and system time of the processes named in a row, by
wait4(2). Run by bench/run, which gives it a network of its own."""
import argparse
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import time

import bench_chat
import bench_get
import bench_serve
from common import (GIB, HOST, MIB, Bench, Failed, Process, available, certificate, cpu_seconds, digest, free_port,
                    memory_kib, nginx, random_file, stop_all, wait_listening)


# --- bulk ---------------------------------------------------------------------------------------

def bulk_once(bench, receiver, sender, way, size, source=None, wanted=None, lossy=False):
    """One transfer: (GiB/s, CPU seconds a GiB). way: null, pipe or file."""
    port, out = free_port(), bench.folder / "out"
    counter = counted = None
    if way == "pipe":
        read_end, sink = os.pipe()
        counted = tempfile.TemporaryFile()
        counter = Process([bench.loadgen, "count"], stdin=read_end, stdout=counted)
        os.close(read_end)
    else:
        sink = os.open(out if way == "file" else "/dev/null", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    fill = [[str(a).format(port=port) for a in argv] for argv in (receiver, sender)]
    taking = Process(fill[0], stdout=sink)
    os.close(sink)
    wait_listening(port, taking)
    began = time.monotonic()
    if way == "pipe":
        given, write_end = os.pipe()
        Process([bench.loadgen, "feed", size], stdout=write_end)
        os.close(write_end)
    else:
        given = os.open(source, os.O_RDONLY)
    giving = Process(fill[1], stdin=given)
    os.close(given)
    cpu = giving.wait() + taking.wait()
    ended = max(giving.ended, taking.ended)
    if counter:
        counter.wait()
        counted.seek(0)
        got = int(counted.read().split(b"=")[1])
        ended = max(ended, counter.ended)
        if got != size and not (lossy and got > size * 0.9):
            raise Failed(f"{got} of {size} bytes arrived")
    if wanted and digest(out) != wanted and not lossy:
        raise Failed("bytes were changed")
    if way == "file":
        out.unlink()
    return size / GIB / (ended - began), cpu / (size / GIB)


def bulk(bench, title, peers, way, size):
    """peers: name: (receiver, sender, lossy). Each is shown to be whole with a digest before it is timed."""
    small = random_file(bench.folder / "small", 32 * MIB)
    wanted, good = digest(small), {}
    for name, (receiver, sender, lossy) in peers.items():
        try:
            bulk_once(bench, receiver, sender, "file", 32 * MIB, small, wanted, lossy)
            good[name] = receiver, sender, lossy
        except Failed as why:
            print(f"# {name} is left out: {why}")
        finally:
            stop_all()
    source = random_file(bench.folder / "big", size) if way != "pipe" else None
    medians = bench.compare(f"{title}, {size / GIB:g} GiB", ["GiB/s", "CPU s/GiB"], good,
                            lambda name: bulk_once(bench, good[name][0], good[name][1], way, size, source,
                                                   lossy=good[name][2]))
    if source:
        source.unlink()
    return medians


def tcp_peers(bench):
    return available({
        "sockutil": ([bench.program, "serve", "-q", "--once", "--recv-only", f"{HOST}:{{port}}"],
                     [bench.program, "connect", HOST, "{port}"], False),
        "nc.openbsd": (["nc.openbsd", "-d", "-l", HOST, "{port}"], ["nc.openbsd", "-N", HOST, "{port}"], False),
        "ncat": (["ncat", "-l", "--recv-only", HOST, "{port}"], ["ncat", "--send-only", HOST, "{port}"], False),
        "socat -b1M": (["socat", "-b", "1048576", "-u", f"TCP-LISTEN:{{port}},bind={HOST}", "STDOUT"],
                       ["socat", "-b", "1048576", "-u", "STDIN", f"TCP:{HOST}:{{port}}"], False),
    })


def row_null(bench):
    m = bulk(bench, "One TCP stream, file to /dev/null", tcp_peers(bench), "null", (1 if bench.quick else 2) * GIB)
    bench.ratio("speed", m, "nc.openbsd", 0, ">=", 3.5)
    bench.ratio("speed", m, "ncat", 0, ">=", 5)
    bench.ratio("CPU", m, "nc.openbsd", 1, "<=", 0.3)


def row_pipe(bench):
    m = bulk(bench, "One TCP stream, pipe to pipe", tcp_peers(bench), "pipe", (1 if bench.quick else 2) * GIB)
    bench.ratio("speed", m, "nc.openbsd", 0, ">=", 2)
    bench.ratio("CPU", m, "nc.openbsd", 1, "<=", 0.4)


def row_file(bench):
    m = bulk(bench, "One TCP stream, file to file in memory", tcp_peers(bench), "file", GIB)
    bench.ratio("speed", m, "nc.openbsd", 0, ">=", 1.7)
    bench.ratio("CPU", m, "nc.openbsd", 1, "<=", 0.4)


# --- TLS ----------------------------------------------------------------------------------------
def row_tls(bench):
    authority, cert, key, both = certificate(bench)
    peers = available({
        "sockutil": ([bench.program, "serve", "-q", "--tls", "--cert", cert, "--key", key, "--once", "--recv-only",
                      f"{HOST}:{{port}}"],
                     [bench.program, "connect", "--tls", "--ca", authority, HOST, "{port}"], False),
        # its sender ends before its last bytes are out
        "ncat --ssl": (["ncat", "-l", "--ssl", "--ssl-cert", cert, "--ssl-key", key, "--recv-only", HOST, "{port}"],
                       ["ncat", "--ssl", "--send-only", HOST, "{port}"], True),
        "socat -b64K": (["socat", "-b", "65536", "-u", f"OPENSSL-LISTEN:{{port}},bind={HOST},cert={both},verify=0",
                         "STDOUT"],
                        ["socat", "-b", "65536", "-u", "STDIN", f"OPENSSL:{HOST}:{{port}},verify=0"], False),
    })
    m = bulk(bench, "One TLS 1.3 stream, pipe to pipe", peers, "pipe", GIB)
    bench.ratio("speed", m, "ncat --ssl", 0, ">=", 2)
    bench.ratio("speed", m, "socat -b64K", 0, ">=", 1.3)


# --- start-up -----------------------------------------------------------------------------------

def startup(bench, title, commands, port, times, env=None):
    return bench.compare(f"{title}, {times} times each", ["wall p50 us", "CPU us", "memory KiB"],
                         {n: c for n, c in commands.items() if shutil.which(str(c[0]))},
                         lambda name: spawn_once(bench, commands[name], port, times, env))


def spawn_once(bench, command, port, times, env):
    _, cert, key, _ = certificate(bench)
    server = nginx(bench, f"server {{ listen {HOST}:{port}; return ''; }} server {{ listen {HOST}:{port + 1} ssl; "
                          f"ssl_certificate {cert}; ssl_certificate_key {key}; return ''; }}")
    wait_listening(port + 1, server)
    got = bench.load("spawn", times, *[str(a).format(port=port, tls=port + 1) for a in command], env=env)
    if got["failed"]:
        raise Failed(f"{got['failed']:.0f} of {times} ended with a failure")
    return got["p50_us"], got["cpu_us"], got["memory_kib"]


def row_start(bench):
    port = free_port()
    m = startup(bench, "Start, connect, close", {
        "sockutil": [bench.program, "connect", HOST, "{port}"],
        "nc.openbsd": ["nc.openbsd", "-N", HOST, "{port}"],
        "ncat": ["ncat", HOST, "{port}"],
        "socat": ["socat", "STDIO", f"TCP:{HOST}:{{port}}"],
    }, port, 30 if bench.quick else 100)
    bench.ratio("wall", m, "nc.openbsd", 0, "<=", 1.1)
    bench.ratio("CPU", m, "nc.openbsd", 1, "<=", 1.1)
    bench.ratio("memory", m, "nc.openbsd", 2, "<=", 1.3)


def system_store(bench):
    """The system's store, hashed and as a bundle, with our authority added to both, as an administrator would. In a
    mount namespace of our own it stands where the system's stands; otherwise the environment names it."""
    authority, *_ = certificate(bench)
    system, store = pathlib.Path("/etc/ssl/certs"), bench.folder / "certs"
    env = {k: v for k, v in os.environ.items() if not k.startswith("SSL_CERT_")}
    store.mkdir()
    for entry in system.iterdir():
        if entry.is_file():
            shutil.copy(entry, store / entry.name)
    name = subprocess.run(["openssl", "x509", "-noout", "-hash", "-in", authority], capture_output=True, check=True)
    shutil.copy(authority, store / f"{name.stdout.decode().strip()}.0")
    with open(store / "ca-certificates.crt", "ab") as bundle:
        bundle.write(authority.read_bytes())
    if os.environ.get("BENCH_PRIVATE"):
        subprocess.run(["mount", "--bind", store, system], check=True)
        return env
    return dict(env, SSL_CERT_DIR=str(store))


def row_start_tls(bench):
    env = system_store(bench)
    port = free_port()
    m = startup(bench, "Start, connect with TLS, verify against the system's store, close", {
        "sockutil": [bench.program, "connect", "--tls", "localhost", "{tls}"],
        "openssl s_client": ["openssl", "s_client", "-quiet", "-no_ign_eof", "-verify_return_error", "-verify_hostname",
                             "localhost", "-connect", "localhost:{tls}"],
        "ncat --ssl": ["ncat", "--ssl", "localhost", "{tls}"],
        "socat": ["socat", "STDIO", "OPENSSL:localhost:{tls},pf=ip4"],
    }, port, 20 if bench.quick else 50, env)
    bench.ratio("CPU", m, "openssl s_client", 1, "<=", 0.25)


# --- servers ------------------------------------------------------------------------------------

def row_rate(bench):
    total = 10000 if bench.quick else 40000

    def once(name):
        port = free_port()
        if name == "sockutil":
            server = Process([bench.program, "serve", "-q", "--responder", "daytime", f"{HOST}:{port}"])
        elif name == "nginx":
            server = nginx(bench, f"server {{ listen {HOST}:{port} backlog=511; return '$time_local\\n'; }}")
        else:
            server = Process(["socat", f"TCP-LISTEN:{port},bind={HOST},fork,reuseaddr,backlog=511", "EXEC:/bin/date"])
        wait_listening(port, server)
        got = bench.load("rate", port, 1000 if name == "socat EXEC" else total, 64)
        return got["each_second"], got["p50_us"], got["p99_us"]
    m = bench.compare(f"Connections with one answer, 64 at once, {total}", ["each s", "p50 us", "p99 us"],
                      dict.fromkeys(["sockutil", "nginx", "socat EXEC"]), once)
    bench.ratio("connections/s", m, "nginx", 0, ">=", 0.95)


def echo_server(bench, name, port):
    if name == "sockutil":
        return Process([bench.program, "serve", "-q", "--responder", "echo", "--max-conns", "12000", f"{HOST}:{port}"])
    if name == "ncat":
        return Process(["ncat", "-l", "-k", "-m", "1000", "-e", "/bin/cat", HOST, port])
    return Process(["socat", f"TCP-LISTEN:{port},bind={HOST},fork,reuseaddr,nodelay,backlog=511", "PIPE"])


def row_echo(bench):
    results = []
    for connections, total in ((1, 5000 if bench.quick else 20000), (64, 50000 if bench.quick else 150000)):
        def once(name):
            port = free_port()
            wait_listening(port, echo_server(bench, name, port))
            got = bench.load("echo", port, connections, 64, total)
            return got["p50_us"], got["each_second"], got["p99_us"]
        results.append(bench.compare(f"Echo of 64 bytes, {connections} connections", ["p50 us", "each s", "p99 us"],
                                     dict.fromkeys(n for n in ("sockutil", "socat", "ncat")
                                                   if n == "sockutil" or shutil.which(n)), once))
    bench.ratio("one connection, p50", results[0], "socat", 0, "<=", 1)
    bench.ratio("64 connections, messages/s", results[1], "socat", 1, ">=", 2.5)


def row_idle(bench):
    wanted = {"sockutil": 9000 if bench.quick else 10000, "socat": 500, "ncat": 500}

    def once(name):
        port = free_port()
        server = echo_server(bench, name, port)
        wait_listening(port, server)
        before = memory_kib(server.pid)
        read_end, write_end = os.pipe()
        out_read, out_write = os.pipe()
        Process([bench.loadgen, "idle", port, wanted[name]], stdin=read_end, stdout=out_write)
        os.close(read_end)
        os.close(out_write)
        try:
            held = int(os.read(out_read, 100).split(b"=")[1] or 0)
            if held < wanted[name]:
                raise Failed(f"only {held} of {wanted[name]} connections were held")
            used = cpu_seconds(server.pid)
            time.sleep(1)
            return ((memory_kib(server.pid) - before) / held, (cpu_seconds(server.pid) - used) * 100,
                    float(held))
        finally:
            os.close(write_end)
            os.close(out_read)
    m = bench.compare("Idle connections", ["KiB each", "CPU %", "connections"],
                      {n: None for n in wanted if n == "sockutil" or shutil.which(n)}, once)
    ours = m.get("sockutil")
    bench.reach("our memory of a connection", ours and ours[0], None, "<=", 1, " KiB")
    bench.reach("CPU of idle connections", ours and ours[1], None, "<=", 0, " %")


ROWS = {"null": row_null, "pipe": row_pipe, "file": row_file, "tls": row_tls, "start": row_start,
        "start-tls": row_start_tls, "rate": row_rate, "echo": row_echo, "idle": row_idle, **bench_get.ROWS, **bench_serve.ROWS,
        **bench_chat.ROWS}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("--only", help="rows, separated by commas, of: " + " ".join(ROWS))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="smaller amounts, for a look")
    args = parser.parse_args()
    rows = args.only.split(",") if args.only else list(ROWS)
    unknown = [r for r in rows if r not in ROWS]
    if unknown or args.runs < 1:
        parser.error(f"unknown row {unknown[0]}; there are: {' '.join(ROWS)}" if unknown else "--runs is at least 1")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="bench.") as folder:
        bench = Bench(args, folder)
        try:
            for row in rows:
                ROWS[row](bench)
        finally:
            stop_all()
    print(f"\n{bench.met} reached, {bench.missed} not")


if __name__ == "__main__":
    main()
