# SPDX-License-Identifier: MIT
"""What the tests of the program share: processes that are ended by their pid and whose logs are shown, peers in
threads that behave as badly as a test wants, and waiting for states instead of sleeping."""
import contextlib
import hashlib
import os
import pathlib
import platform
import random
import select
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = os.environ.get("SOCKUTIL", str(ROOT / "build" / "sockutil"))
TLS = os.environ.get("SOCKUTIL_TLS", "module")
PORTABLE = os.environ.get("SOCKUTIL_PORTABLE", "0") == "1"
SANITIZE = os.environ.get("SOCKUTIL_SANITIZE", "")
LINUX = platform.system() == "Linux"
# Deadlines only ever end a test that hangs; a sanitizer makes everything slower.
PATIENCE = float(os.environ.get("SOCKUTIL_PATIENCE", "3" if SANITIZE else "1"))
HOST = "127.0.0.1"
SEARCH_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
MIB = 1 << 20

needs_tls = pytest.mark.skipif(TLS == "0", reason="built without TLS")
needs_linux = pytest.mark.skipif(not LINUX, reason="reads /proc")
needs_linux_paths = pytest.mark.skipif(not LINUX or PORTABLE, reason="built without the Linux paths")
no_sanitizer = pytest.mark.skipif(bool(SANITIZE), reason="a sanitizer changes what is measured")


def needs(*programs):
    """Skips a test where a program that it plays with is missing; looks where servers are kept, too."""
    missing = [p for p in programs if not shutil.which(p, path=SEARCH_PATH)]
    return pytest.mark.skipif(bool(missing), reason="not installed: " + " ".join(missing))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def random_bytes(count):
    return os.urandom(count)


def wait_until(state, timeout=10.0, what="a state"):
    """Calls state() until it gives something true, and returns that."""
    end = time.monotonic() + timeout * PATIENCE
    while True:
        value = state()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout * PATIENCE:g} s for {what}")
        time.sleep(0.01)


PORTS = {"left": [], "held": []}


def held_ports():
    """A hundred ports that no other run on the machine is given as long as this one lasts."""
    while True:
        first, held = random.randrange(20000, 30000, 100), socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError):
            if LINUX:
                held.bind(f"\0sockutil-tests-ports-{first}")
            PORTS["held"].append(held)
            return list(range(first, first + 100))
        held.close()


def unused_port():
    """Nobody listens there, and nobody will but the test that asked. Below the ephemeral range, so that no connection
    of another test takes it meanwhile; what is left of its last connections is in nobody's way."""
    while True:
        PORTS["left"] = PORTS["left"] or held_ports()
        port = PORTS["left"].pop()
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("", port))
            return port


# --- processes --------------------------------------------------------------------------------

class Result:
    """How a process ended: status as a shell shows it (128+n for signal n), its bytes and its messages."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def text(self):
        return self.out.decode("utf-8", "replace")

    def __repr__(self):
        shown = self.out if len(self.out) < 300 else self.out[:300] + b"..."
        return f"status {self.status}, {len(self.out)} bytes out {shown!r}, messages {self.err!r}"


def sane_environment(extra=None):
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    env["PATH"] = SEARCH_PATH
    env.setdefault("LC_ALL", "C.UTF-8")
    env.setdefault("ASAN_OPTIONS", "exitcode=99:detect_stack_use_after_return=1")
    env.setdefault("LSAN_OPTIONS", f"print_suppressions=0:suppressions={ROOT / 'tests' / 'lsan_suppressions'}")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:exitcode=99")
    for name in ("NO_COLOR", "SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "LISTEN_FDS", "LISTEN_PID"):
        env.pop(name, None)
    env.update(extra or {})
    return {name: value for name, value in env.items() if value is not None}


def check_sanitizers(err):
    for sign in ("AddressSanitizer", "LeakSanitizer", "runtime error:", "ThreadSanitizer"):
        assert sign not in err, err


class Process:
    """A program that was started; its stderr goes to a file, so that it never blocks and can be read while it runs.
    stdin and stdout are as for Popen; PIPE gives .stdin and .stdout."""

    def __init__(self, folder, argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=None, cwd=None,
                 preexec_fn=None, pass_fds=(), close_fds=True, stderr=None):
        self.argv = [str(a) for a in argv]
        Process.count = getattr(Process, "count", 0) + 1
        self.errfile = pathlib.Path(folder) / f"stderr.{Process.count}"
        with open(self.errfile, "wb") as err:
            self.popen = subprocess.Popen(
                self.argv, stdin=stdin, stdout=stdout, stderr=err if stderr is None else stderr, cwd=cwd or folder,
                env=sane_environment(env), bufsize=0, preexec_fn=preexec_fn, pass_fds=pass_fds, close_fds=close_fds)
        self.pid = self.popen.pid
        self.stdin, self.stdout = self.popen.stdin, self.popen.stdout

    @property
    def err(self):
        return self.errfile.read_text("utf-8", "replace")

    def running(self):
        return self.popen.poll() is None

    def signal(self, number):
        self.popen.send_signal(number)

    def wait(self, timeout=20):
        """The status as a shell shows it."""
        status = self.popen.wait(timeout * PATIENCE)
        check_sanitizers(self.err)
        return status if status >= 0 else 128 - status

    def finish(self, data=None, timeout=20):
        """Gives data to stdin when it is a pipe, closes it, reads stdout to its end: a Result."""
        try:
            out, _ = self.popen.communicate(data, timeout * PATIENCE)
        except BrokenPipeError:
            out, _ = self.popen.communicate(None, timeout * PATIENCE)
        status = self.popen.returncode
        check_sanitizers(self.err)
        return Result(status if status >= 0 else 128 - status, out or b"", self.err)

    def read(self, count, timeout=10):
        """Exactly count bytes of stdout; fewer only at its end."""
        got, end = b"", time.monotonic() + timeout * PATIENCE
        while len(got) < count:
            ready, _, _ = select.select([self.stdout], [], [], max(0, end - time.monotonic()))
            assert ready, f"{count - len(got)} bytes did not come; so far {got!r}; {self.err}"
            piece = os.read(self.stdout.fileno(), count - len(got))
            if not piece:
                break
            got += piece
        return got

    def read_until(self, token, timeout=10):
        got, end = b"", time.monotonic() + timeout * PATIENCE
        while token not in got:
            ready, _, _ = select.select([self.stdout], [], [], max(0, end - time.monotonic()))
            assert ready, f"{token!r} did not come; so far {got!r}; {self.err}"
            piece = os.read(self.stdout.fileno(), 65536)
            assert piece, f"{token!r} did not come before the end: {got!r}; {self.err}"
            got += piece
        return got

    def wait_err(self, token, timeout=10):
        """Waits for token in the messages; returns all of them."""
        wait_until(lambda: token in self.err or not self.running(), timeout, f"{token!r} in the messages")
        assert token in self.err, f"{token!r} not among the messages: {self.err!r}"
        return self.err

    def status_field(self, name):
        """A number of /proc/PID/status, as VmHWM in KiB."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise KeyError(name)

    def cpu(self):
        """Seconds of CPU used so far."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.running():
                break
            self.popen.send_signal(number)
            try:
                self.popen.wait(3)
            except subprocess.TimeoutExpired:
                continue
        for end in (self.stdin, self.stdout):
            if end and not end.closed:
                try:
                    end.close()
                except OSError:
                    pass


class World:
    """What one test starts: every process and peer, ended when the test is over."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.processes, self.peers = [], []

    def start(self, *argv, **how):
        """Any program."""
        process = Process(self.folder, argv, **how)
        self.processes.append(process)
        return process

    def sockutil(self, *args, **how):
        """The program, left running."""
        return self.start(PROGRAM, *args, **how)

    def run(self, *args, stdin=b"", timeout=20, **how):
        """The program, to its end: a Result. stdin: bytes, or a file or constant as for Popen."""
        if isinstance(stdin, (bytes, bytearray)):
            return self.sockutil(*args, stdin=subprocess.PIPE, **how).finish(stdin, timeout)
        return self.sockutil(*args, stdin=stdin, **how).finish(None, timeout)

    def serve(self, *args, host=HOST, **how):
        """`serve` on a port of the kernel's choice, once it listens; .port is that port."""
        port_file = self.folder / f"port.{len(self.processes)}"
        operands = [] if host is None else [f"{host}:0"]
        process = self.sockutil("serve", "--port-file", port_file, *operands, *args, **how)
        wait_until(lambda: (port_file.exists() and port_file.read_text().strip()) or not process.running(), 10,
                   "the port file")
        assert process.running() or port_file.exists(), f"serve ended at once: {process.err}"
        process.port = int(port_file.read_text().split()[0])
        return process

    def peer(self, talk, **how):
        peer = Peer(talk, **how)
        self.peers.append(peer)
        return peer

    def path(self, name, data=None):
        path = self.folder / name
        if data is not None:
            path.write_bytes(data)
        return path

    def close(self, failed):
        if failed:
            for p in self.processes:
                print(f"--- {' '.join(p.argv)} (status {p.popen.poll()})\n{p.err[-4000:]}")
        for p in self.processes:
            p.stop()
        for p in self.peers:
            p.close()
        for p in self.processes:
            check_sanitizers(p.err)


def dial(port, host=HOST, timeout=10, rcvbuf=None):
    """A plain TCP connection of the test's own. rcvbuf makes a tiny window."""
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if rcvbuf:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    s.settimeout(timeout * PATIENCE)
    s.connect((host, port))
    return s


def read_to_end(s):
    pieces = []
    while True:
        piece = s.recv(1 << 16)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def read_exactly(s, count):
    got = b""
    while len(got) < count:
        piece = s.recv(count - len(got))
        if not piece:
            break
        got += piece
    return got


def reset(s):
    """Closes with a reset."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def exchange(port, data=b"", host=HOST, timeout=10):
    """Sends data, half-closes, reads to the end."""
    with dial(port, host, timeout) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        return read_to_end(s)


class Peer:
    """A server in a thread: accepts `count` connections one after another and lets talk(socket) deal with each.
    talk's socket is closed afterwards. .result() waits for the last and gives what its talk returned."""

    def __init__(self, talk, count=1, host=HOST, port=0, path=None, rcvbuf=None, tls=None, timeout=30):
        if path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(path))
        else:
            self.listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            if rcvbuf:
                self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind((host, port))
            self.port = self.listener.getsockname()[1]
        self.listener.listen(64)
        self.talk, self.count, self.tls, self.timeout = talk, count, tls, timeout * PATIENCE
        self.error = self.value = self.current = None
        self.closing = False
        self.accepted = 0
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        try:
            while self.accepted < self.count:
                connection, _ = self.listener.accept()
                self.accepted += 1
                connection.settimeout(self.timeout)
                if self.tls:
                    connection = self.tls.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False)
                self.current = connection
                try:
                    self.value = self.talk(connection)
                finally:
                    connection.close()
        except Exception as error:  # handed to the test by result()
            if not self.closing:
                self.error = error

    def result(self, timeout=20):
        self.thread.join(timeout * PATIENCE)
        assert not self.thread.is_alive(), "the peer is not done"
        if self.error:
            raise self.error
        return self.value

    def close(self):
        self.closing = True
        for s in (self.listener, self.current):
            try:
                if s:
                    s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.thread.join(2)
        self.listener.close()


# --- certificates -----------------------------------------------------------------------------

class Certificates:
    """A throw-away authority and certificates signed by it, all made by openssl(1)."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ca, self.ca_key = self.folder / "ca.pem", self.folder / "ca.key"
        self._openssl("req", "-x509", *self._new_key(self.ca_key), "-out", self.ca, "-days", "3", "-subj",
                      "/CN=test authority", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
                      "keyUsage=critical,keyCertSign,cRLSign")

    @staticmethod
    def _openssl(*args):
        subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True, timeout=60)

    @staticmethod
    def _new_key(path):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path]

    def leaf(self, name="leaf", san="DNS:localhost,IP:127.0.0.1,IP:::1", usage="serverAuth", days=3,
             subject="/CN=leaf"):
        """(certificate, key) files; days may be negative."""
        cert, key, request = (self.folder / f"{name}.{end}" for end in ("pem", "key", "csr"))
        if cert.exists():
            return cert, key
        extensions = self.folder / f"{name}.ext"
        extensions.write_text("basicConstraints=CA:FALSE\n" + f"extendedKeyUsage={usage}\n" +
                              (f"subjectAltName={san}\n" if san else ""))
        self._openssl("req", "-new", *self._new_key(key), "-out", request, "-subj", subject)
        self._openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.ca_key, "-CAcreateserial", "-out",
                      cert, "-days", days, "-extfile", extensions)
        key.chmod(0o600)
        return cert, key

    def server_context(self, **leaf):
        """Python's own TLS server with such a certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.leaf(**leaf))
        return context

    def client_context(self):
        return ssl.create_default_context(cafile=str(self.ca))


def cut(tls_socket):
    """Ends the connection below TLS: no close_notify."""
    descriptor = tls_socket.detach()
    raw = socket.socket(fileno=descriptor)
    raw.shutdown(socket.SHUT_RDWR)
    raw.close()


def one_line(err):
    """Asserts that the messages are exactly one line, and returns it without its newline."""
    assert err.endswith("\n") and err.count("\n") == 1, f"not one line: {err!r}"
    return err[:-1]
