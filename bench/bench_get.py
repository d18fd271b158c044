# SPDX-License-Identifier: MIT
"""The rows of `sockutil get`, beside curl, wget and aria2c, all from one nginx with one worker: large files, many small
ones, one tiny one. What arrives is compared with what was sent in every run that counts."""
import shutil

from common import GIB, HOST, Failed, Process, certificate, digest, free_port, random_file, wait_listening

SMALL_FILES, SMALL_SIZE = 1000, 4096


class Web:
    """A folder that nginx gives out, over http and https."""

    def __init__(self, bench):
        if not shutil.which("nginx"):
            raise Failed("nginx is not installed")
        self.bench, self.folder = bench, bench.folder
        self.root = bench.folder / "root"
        self.root.mkdir(exist_ok=True)
        self.authority, self.cert, self.key, _ = certificate(bench)

    def serve(self):
        """Starts nginx: the URLs without a path by scheme."""
        plain, safe = free_port(), free_port()
        temporary = " ".join(f"{kind}_temp_path {self.folder}/nginx.{kind};"
                             for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        conf = self.folder / "nginx-http.conf"
        conf.write_text(f"""daemon off; pid {self.folder}/nginx-http.pid; user root; error_log stderr crit;
worker_processes 1; events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000; {temporary}
    default_type application/octet-stream;
    server {{
        listen {HOST}:{plain}; listen {HOST}:{safe} ssl; root {self.root};
        ssl_certificate {self.cert}; ssl_certificate_key {self.key}; ssl_session_cache shared:s:1m;
    }}
}}
""")
        server = Process(["nginx", "-p", self.folder, "-e", "stderr", "-c", conf])
        wait_listening(safe, server)
        return {"http": f"http://{HOST}:{plain}", "https": f"https://{HOST}:{safe}"}


def here(commands):
    """Those whose programs are installed."""
    for name in [n for n, c in commands.items() if not shutil.which(str(c[0]))]:
        print(f"# {name}: not installed")
        del commands[name]
    return commands


def fastest(bench, what, medians, wanted, column=0, best=max):
    """Ours against the best of the others."""
    others = {n: m[column] for n, m in medians.items() if n != "sockutil"}
    bench.ratio(what, medians, best(others, key=others.get) if others else "curl", column, ">=", wanted)


# --- a large file -------------------------------------------------------------------------------

def large_commands(bench, web):
    ca = web.authority
    return here({
        "sockutil": [bench.program, "get", "-q", "--ca", ca, "-o", "{out}", "{url}"],
        "curl": ["curl", "-sf", "--cacert", ca, "-o", "{out}", "{url}"],
        "wget": ["wget", "-q", "--ca-certificate", ca, "-O", "{out}", "{url}"],
        "aria2c -x8": ["aria2c", "-q", "-x8", "-s8", "-k1M", "--ca-certificate", ca, "--allow-overwrite=true",
                       "--file-allocation=none", "-d", "/", "-o", "{out}", "{url}"],
    })


def large(bench, scheme):
    web = Web(bench)
    size = GIB // (4 if bench.quick else 1)
    source = random_file(web.root / "large", size)
    wanted, out = digest(source), bench.folder / "out"
    commands = large_commands(bench, web)

    def once(name):
        url = web.serve()[scheme] + "/large"
        got = bench.load("spawn", 1, *[str(a).format(out=out, url=url) for a in commands[name]])
        try:
            if got["failed"] or digest(out) != wanted:
                raise Failed("what came is not what was sent")
        finally:
            out.unlink(missing_ok=True)
        return size / GIB / (got["p50_us"] / 1e6), got["cpu_us"] / 1e6 / (size / GIB), got["memory_kib"]
    try:
        return bench.compare(f"get: {size / GIB:g} GiB over {scheme} to a file in memory",
                             ["GiB/s", "CPU s/GiB", "memory KiB"], commands, once)
    finally:
        source.unlink()


def row_get(bench):
    m = large(bench, "http")
    fastest(bench, "speed", m, 1.3)
    bench.ratio("CPU", m, "curl", 1, "<=", 0.5)
    bench.ratio("memory", m, "curl", 2, "<=", 0.5)


def row_get_tls(bench):
    m = large(bench, "https")
    fastest(bench, "speed", m, 1.5)
    bench.ratio("memory", m, "curl", 2, "<=", 0.5)


# --- small files --------------------------------------------------------------------------------

def small_commands(bench, web):
    ca = web.authority
    return here({
        "sockutil": [bench.program, "get", "-q", "-Z", "--ca", ca, "-P", "{out}", "--input-file", "{list}"],
        "curl -Z": ["curl", "-sfZ", "--cacert", ca, "--output-dir", "{out}", "-K", "{config}"],
        "wget": ["wget", "-q", "--ca-certificate", ca, "-P", "{out}", "-i", "{list}"],
        "aria2c -j64": ["aria2c", "-q", "-j64", "--ca-certificate", ca, "--file-allocation=none", "-d", "{out}", "-i",
                        "{list}"],
    })


def small(bench, scheme):
    web = Web(bench)
    (web.root / "s").mkdir(exist_ok=True)
    names = [f"f{i:05}" for i in range(SMALL_FILES)]
    wanted = {n: digest(random_file_of(web.root / "s" / n)) for n in names}
    out, listed, config = (bench.folder / n for n in ("many", "list", "curl.config"))
    commands = small_commands(bench, web)

    def once(name):
        base = web.serve()[scheme] + "/s/"
        listed.write_text("".join(f"{base}{n}\n" for n in names))
        config.write_text("".join(f'url = "{base}{n}"\nremote-name\n' for n in names))
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        words = [str(a).format(out=out, list=listed, config=config) for a in commands[name]]
        got = bench.load("spawn", 1, *words)
        if got["failed"] or {p.name: digest(p) for p in out.iterdir()} != wanted:
            raise Failed("what came is not what was sent")
        return SMALL_FILES / (got["p50_us"] / 1e6), got["cpu_us"] / 1e6, got["memory_kib"]
    return bench.compare(f"get: {SMALL_FILES} files of {SMALL_SIZE} bytes over {scheme}",
                         ["files/s", "CPU s", "memory KiB"], commands, once)


def random_file_of(path):
    with open("/dev/urandom", "rb") as f:
        path.write_bytes(f.read(SMALL_SIZE))
    return path


def row_get_small(bench):
    for scheme in ("http", "https"):
        m = small(bench, scheme)
        bench.ratio(f"{scheme}, files/s", m, "curl -Z", 0, ">=", 1.3)


# --- a tiny one ---------------------------------------------------------------------------------

def start(bench, scheme):
    web = Web(bench)
    (web.root / "tiny").write_bytes(b"tiny\n")
    commands = large_commands(bench, web)
    commands = {name: commands[name] for name in commands if name != "aria2c -x8"}

    def once(name):
        url = web.serve()[scheme] + "/tiny"
        words = [str(a).format(out="/dev/null", url=url) for a in commands[name]]
        got = bench.load("spawn", 20 if bench.quick else 100, *words)
        if got["failed"]:
            raise Failed(f"{got['failed']:.0f} ended with a failure")
        return got["p50_us"], got["cpu_us"], got["memory_kib"]
    return bench.compare(f"get: start to end of one tiny GET over {scheme}", ["wall p50 us", "CPU us", "memory KiB"],
                         commands, once)


def row_get_start(bench):
    for scheme, wanted in (("http", 0.3), ("https", 0.35)):
        m = start(bench, scheme)
        bench.ratio(f"{scheme}, wall", m, "curl", 0, "<=", wanted)
        bench.ratio(f"{scheme}, memory", m, "curl", 2, "<=", 0.5)


ROWS = {"get": row_get, "get-tls": row_get_tls, "get-small": row_get_small, "get-start": row_get_start}
