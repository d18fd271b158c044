# SPDX-License-Identifier: MIT
"""What the measurements share: processes with what they used, ports, files and certificates, and how programs are
compared: interleaved (A B C, B C A, ...), several times, by medians."""
import hashlib
import os
import pathlib
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HOST, MIB, GIB = "127.0.0.1", 1 << 20, 1 << 30
HERE = pathlib.Path(__file__).resolve().parent


class Failed(Exception):
    """A run that does not count, with the reason."""


# --- processes and ports ------------------------------------------------------------------------

class Process:
    """One process with its end, and what it used."""
    live = []

    def __init__(self, argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=None):
        self.errors = tempfile.TemporaryFile()
        self.popen = subprocess.Popen([str(a) for a in argv], stdin=stdin, stdout=stdout, stderr=self.errors,
                                      start_new_session=True, env=env)
        self.pid, self.name, self.used, self.ended = self.popen.pid, os.path.basename(str(argv[0])), None, None
        Process.live.append(self)

    def wait(self, timeout=120):
        """Seconds of CPU; raises Failed when it does not end in time."""
        end = time.monotonic() + timeout
        while self.used is None:
            pid, status, used = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.used, self.ended = used, time.monotonic()
                self.popen.returncode = os.waitstatus_to_exitcode(status)
                Process.live.remove(self)
            elif time.monotonic() > end:
                raise Failed(f"{self.name} did not end")
            else:
                time.sleep(0.0005)
        return self.used.ru_utime + self.used.ru_stime

    def running(self):
        if self.used is None:
            try:
                self.wait(0)
            except Failed:
                return True
        return False

    def message(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()[-200:]

    def stop(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.running():
                break
            os.kill(self.pid, number)
            try:
                self.wait(2)
            except Failed:
                pass
        try:  # children that it left in the group we made for it
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


def stop_all():
    for p in list(Process.live):
        p.stop()


def listening(port):
    """Told by the kernel's table, because a connection might use the listener up."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table) as f:
            for fields in map(str.split, f):
                if fields[1].endswith(f":{port:04X}") and fields[3] == "0A":
                    return True
    return False


def free_port():
    while True:
        port = random.randrange(20000, 30000)
        if not listening(port):
            return port


def wait_listening(port, process):
    end = time.monotonic() + 5
    while not listening(port):
        if not process.running() or time.monotonic() > end:
            raise Failed(f"{process.name} does not listen: {process.message()}")
        time.sleep(0.002)


def tree(pid):
    """A process and its descendants."""
    found = [pid]
    for p in found:
        try:
            for task in os.listdir(f"/proc/{p}/task"):
                found += map(int, pathlib.Path(f"/proc/{p}/task/{task}/children").read_text().split())
        except OSError:
            pass
    return found


def memory_kib(pid):
    """Proportional set size: shared pages count once."""
    total = 0
    for p in tree(pid):
        try:
            text = pathlib.Path(f"/proc/{p}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
        except (OSError, StopIteration):
            pass
    return total


def cpu_seconds(pid):
    total = 0
    for p in tree(pid):
        try:
            fields = pathlib.Path(f"/proc/{p}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return total / os.sysconf("SC_CLK_TCK")


# --- what every row uses ------------------------------------------------------------------------

class Bench:
    def __init__(self, args, folder):
        self.program, self.runs, self.quick = args.program, args.runs, args.quick
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o755)
        self.loadgen = self.folder / "loadgen"
        subprocess.run([os.environ.get("CC", "cc"), "-std=c17", "-D_GNU_SOURCE", "-O2", "-o", self.loadgen,
                        HERE / "loadgen.c"], check=True)
        self.met = self.missed = 0

    def load(self, *words, env=None):
        """The numbers that loadgen prints."""
        out = tempfile.TemporaryFile()
        process = Process([self.loadgen, *words], stdout=out, env=env)
        process.wait()
        out.seek(0)
        text = out.read().decode()
        if process.popen.returncode != 0:
            raise Failed(f"{' '.join(map(str, words[:2]))}: {text.strip()} {process.message()}")
        return {k: float(v) for k, v in (word.split("=") for word in text.split())}

    def compare(self, title, columns, peers, once):
        """once(name) gives a tuple of figures, as many as columns. Prints the medians; returns {name: medians}."""
        figures = {name: [] for name in peers}
        names = list(peers)
        for turn in range(self.runs):
            shift = turn % len(names)
            for name in names[shift:] + names[:shift]:
                try:
                    figures[name].append(once(name))
                except Failed as why:
                    print(f"# {name}: {why}")
                finally:
                    stop_all()
        medians = {name: tuple(map(statistics.median, zip(*rows))) for name, rows in figures.items() if rows}
        print(f"\n## {title}")
        table([["", *columns, "spread", "runs"]] +
              [[name, *map(number, medians[name]), spread([r[0] for r in figures[name]]), len(figures[name])]
               for name in names if name in medians])
        return medians

    def reach(self, what, ours, theirs, sign, wanted, unit="x"):
        """Says whether ours/theirs holds. theirs None: the figure itself."""
        if ours is None or (unit == "x" and not theirs):
            print(f"- {what}: no figure")
            self.missed += 1
            return
        value = ours / theirs if unit == "x" else ours
        holds = value >= wanted if sign == ">=" else value <= wanted
        self.met += holds
        self.missed += not holds
        print(f"- {what}: {value:.2f}{unit}, to reach {sign} {wanted:g}{unit}: {'yes' if holds else 'NO'}")

    def ratio(self, what, medians, name, column, sign, wanted):
        ours, theirs = medians.get("sockutil"), medians.get(name)
        self.reach(f"{what} against {name}", ours and ours[column], theirs and theirs[column], sign, wanted)


def number(value):
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def spread(values):
    """Half of the distance between quartiles, in per cent of the median."""
    if len(values) < 3 or not statistics.median(values):
        return "-"
    low, _, high = statistics.quantiles(values, n=4)
    return f"±{50 * (high - low) / statistics.median(values):.0f}%"


def table(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for i, row in enumerate(rows):
        print("| " + " | ".join(str(c).ljust(w) if k == 0 else str(c).rjust(w)
                                for k, (c, w) in enumerate(zip(row, widths))) + " |")
        if i == 0:
            print("|" + "|".join("-" * (w + 2) for w in widths) + "|")
    sys.stdout.flush()


def available(peers):
    """Those whose programs are here."""
    for name in [n for n, (receiver, *_) in peers.items() if not shutil.which(str(receiver[0]))]:
        print(f"# {name}: not installed")
        del peers[name]
    return peers


NGINX_STREAM = [p for p in ("/usr/lib/nginx/modules/ngx_stream_module.so",
                            "/usr/lib64/nginx/modules/ngx_stream_module.so") if os.path.exists(p)]


def nginx(bench, body, connections=8000):
    """nginx with a stream server; gives its process."""
    if not NGINX_STREAM or not shutil.which("nginx"):
        raise Failed("nginx with its stream module is not installed")
    path = bench.folder / "nginx.conf"
    path.write_text(f"load_module {NGINX_STREAM[0]}; daemon off; pid {bench.folder}/nginx.pid; user root;\n"
                    "error_log stderr crit; worker_processes 1; worker_rlimit_nofile 20000;\n"
                    f"events {{ worker_connections {connections}; }}\nstream {{ {body} }}\n")
    return Process(["nginx", "-p", bench.folder, "-e", "stderr", "-c", path])


# --- files and certificates ---------------------------------------------------------------------

def random_file(path, size):
    block = bytearray(os.urandom(4 * MIB))
    with open(path, "wb") as f:
        for i in range(size // len(block)):
            block[:8] = i.to_bytes(8, "big")
            f.write(block)
    return path


def digest(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()

def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def certificate(bench):
    """(authority, certificate, key, both in one file)"""
    folder = bench.folder
    authority, authority_key, cert, key, request, both, extra = (
        folder / n for n in ("ca.pem", "ca.key", "c.pem", "c.key", "c.csr", "both.pem", "c.ext"))
    if not both.exists():
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        openssl("req", "-x509", *new, "-keyout", authority_key, "-out", authority, "-days", "2", "-subj",
                "/CN=bench authority", "-addext", "keyUsage=critical,keyCertSign")
        openssl("req", *new, "-keyout", key, "-out", request, "-subj", "/CN=localhost")
        extra.write_text(f"subjectAltName=DNS:localhost,IP:{HOST}\nextendedKeyUsage=serverAuth\n")
        openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial", "-out", cert,
                "-days", "2", "-extfile", extra)
        both.write_bytes(cert.read_bytes() + key.read_bytes())
    return authority, cert, key, both
