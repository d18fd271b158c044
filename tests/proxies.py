# SPDX-License-Identifier: MIT
"""Scripted proxies and a WebSocket server for the tests: each connection in a thread, everything that was asked kept.
A peer that is to misbehave is a talk of the test's own."""
import base64
import contextlib
import hashlib
import select
import socket
import ssl
import struct
import threading
import time

from harness import HOST, PATIENCE, read_exactly


class Many:
    """A server that takes any number of connections at once; talk(socket) deals with each. Ended by close()."""

    def __init__(self, talk, tls=None, host=HOST):
        self.talk, self.tls, self.asked, self.accepted, self.closing = talk, tls, [], 0, False
        self.connections, self.lock = [], threading.Lock()
        self.listener = socket.socket()
        self.listener.bind((host, 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.accepted += 1
                self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.settimeout(30 * PATIENCE)
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self.talk(connection)
        except (OSError, EOFError, ValueError):
            pass
        finally:
            connection.close()

    def note(self, what):
        with self.lock:
            self.asked.append(what)

    def close(self):
        self.closing = True
        for s in [self.listener, *self.connections]:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.listener.close()
        self.thread.join(2)


def end(s):
    """No more comes: in TLS its own words first, which Python leaves out of shutdown()."""
    if isinstance(s, ssl.SSLSocket):
        s.unwrap()
    s.shutdown(socket.SHUT_WR)


class Way:
    """One direction between two sockets that do not block."""
    AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

    def __init__(self, source, sink):
        self.source, self.sink, self.waiting, self.ended, self.over = source, sink, b"", False, False

    def step(self):
        """Whether something moved."""
        moved = False
        with contextlib.suppress(*self.AGAIN):
            if not self.waiting and not self.ended:
                self.waiting = self.source.recv(1 << 16)
                self.ended, moved = not self.waiting, True
        with contextlib.suppress(*self.AGAIN):
            if self.waiting:
                self.waiting, moved = self.waiting[self.sink.send(self.waiting):], True
            elif self.ended:
                self.over, moved = True, True
                if isinstance(self.sink, ssl.SSLSocket):
                    self.sink.unwrap()
                else:
                    self.sink.shutdown(socket.SHUT_WR)
        return moved


def join(a, b):
    """Both directions to their ends, in one thread: a connection of Python's ssl is not for two."""
    ways = [Way(a, b), Way(b, a)]
    for s in a, b:
        s.setblocking(False)
    until = time.monotonic() + 30 * PATIENCE
    with contextlib.suppress(OSError):
        while time.monotonic() < until and not all(way.over for way in ways):
            if not any([way.step() for way in ways if not way.over]):
                select.select([way.source for way in ways if not (way.ended or way.waiting)],
                              [way.sink for way in ways if way.waiting], [], 0.1)


def need(s, count):
    got = read_exactly(s, count)
    if len(got) < count:
        raise EOFError
    return got


def read_head(s):
    """The lines of an HTTP head, byte by byte: nothing behind it is taken."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += need(s, 1)
    return head.decode("latin-1").split("\r\n")[:-2]


def dial_for(host, port):
    """Every name under .test is this machine: only a proxy can know that."""
    return socket.create_connection((HOST if host.endswith(".test") else host, port), 10 * PATIENCE)


class SocksProxy(Many):
    """SOCKS 4, 4a and 5. login: (user, password) that has to come; bound: the address field of its answer."""

    def __init__(self, login=None, bound=b"\1\0\0\0\0\0\0", **how):
        self.login, self.bound = login, bound
        super().__init__(self.serve, **how)

    def serve(self, s):
        version = need(s, 1)
        target = self.five(s) if version == b"\5" else self.four(s)
        upstream = dial_for(*target)
        s.sendall(b"\5\0\0" + self.bound if version == b"\5" else b"\0\x5a\0\0\0\0\0\0")
        join(s, upstream)
        upstream.close()

    def five(self, s):
        methods = need(s, need(s, 1)[0])
        if not self.login:
            s.sendall(b"\5\0")
        elif 2 not in methods:
            s.sendall(b"\5\xff")
            raise EOFError
        else:
            s.sendall(b"\5\2")
            need(s, 1)
            user = need(s, need(s, 1)[0]).decode()
            password = need(s, need(s, 1)[0]).decode()
            good = (user, password) == self.login
            s.sendall(b"\1" + (b"\0" if good else b"\1"))
            if not good:
                raise EOFError
        kind = need(s, 4)[3]
        if kind == 3:
            host = need(s, need(s, 1)[0]).decode()
        else:
            host = socket.inet_ntop(*((socket.AF_INET, need(s, 4)) if kind == 1 else (socket.AF_INET6, need(s, 16))))
        port = struct.unpack(">H", need(s, 2))[0]
        self.note(("name" if kind == 3 else "address", host, port))
        return host, port

    def four(self, s):
        need(s, 1)
        port = struct.unpack(">H", need(s, 2))[0]
        address = need(s, 4)
        self.zero_ended(s)
        named = address[:3] == b"\0\0\0" and address[3]
        host = self.zero_ended(s) if named else socket.inet_ntoa(address)
        self.note(("name" if named else "address", host, port))
        return host, port

    @staticmethod
    def zero_ended(s):
        text = b""
        while True:
            byte = need(s, 1)
            if byte == b"\0":
                return text.decode()
            text += byte


class HttpProxy(Many):
    """CONNECT and requests in absolute form. login: "user:password" that has to come; behind: bytes sent in one piece
    with the answer to CONNECT."""

    def __init__(self, login=None, behind=b"", **how):
        self.login, self.behind, self.heads = login, behind, []
        super().__init__(self.serve, **how)

    def serve(self, s):
        while True:
            lines = read_head(s)
            with self.lock:
                self.heads.append(lines)
            method, target, _ = lines[0].split(" ")
            fields = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines[1:])}
            if self.login and fields.get("proxy-authorization") != "Basic " + base64.b64encode(
                    self.login.encode()).decode():
                s.sendall(b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 6\r\n\r\n"
                          b"secret")
                continue
            self.note((method, target))
            if method == "CONNECT":
                host, port = target.rsplit(":", 1)
                upstream = dial_for(host.strip("[]"), int(port))
                s.sendall(b"HTTP/1.1 200 Connection established\r\nContent-Length: 3\r\n\r\n" + self.behind)
                join(s, upstream)
                upstream.close()
                return
            self.pass_on(s, method, target, lines[1:])

    @staticmethod
    def pass_on(s, method, target, fields):
        """To the origin, which is told what came but for what is the proxy's; its answer has to end with it."""
        authority, path = target[len("http://"):].split("/", 1)
        host, _, port = authority.partition(":")
        with dial_for(host, int(port or 80)) as upstream:
            fields = [f for f in fields if not f.lower().startswith("proxy-")] + ["Connection: close"]
            upstream.sendall("\r\n".join([f"{method} /{path} HTTP/1.1", *fields, "", ""]).encode("latin-1"))
            answer = b""
            while True:
                piece = upstream.recv(1 << 16)
                if not piece:
                    break
                answer += piece
        s.sendall(answer.replace(b"Connection: close\r\n", b"", 1))


# --- WebSocket ----------------------------------------------------------------------------------

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0


def shake_hands(s, *fields, accept=None):
    """The server's part of the opening handshake; returns the request's lines."""
    lines = read_head(s)
    key = next(line.split(":", 1)[1].strip() for line in lines if line.lower().startswith("sec-websocket-key:"))
    proof = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    s.sendall("\r\n".join(["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                           f"Sec-WebSocket-Accept: {accept or proof}", *fields, "", ""]).encode())
    return lines


def frame(kind, payload=b"", fin=True, masked=False, rsv=0, length=None):
    """A server's frame, right or wrong."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | rsv << 4 | kind])
    mark = 0x80 if masked else 0
    if size < 126:
        head += bytes([mark | size])
    elif size < 1 << 16:
        head += bytes([mark | 126]) + struct.pack(">H", size)
    else:
        head += bytes([mark | 127]) + struct.pack(">Q", size)
    return head + (b"\0\0\0\0" if masked else b"") + payload


def read_frame(s):
    """(kind, fin, payload) of a client's frame, unmasked; asserts that it is masked."""
    first, second = need(s, 2)
    size = second & 0x7f
    if size == 126:
        size = struct.unpack(">H", need(s, 2))[0]
    elif size == 127:
        size = struct.unpack(">Q", need(s, 8))[0]
    assert second & 0x80, "a client masks what it sends"
    mask = need(s, 4)
    payload = bytes(b ^ mask[i % 4] for i, b in enumerate(need(s, size)))
    return first & 15, bool(first & 0x80), payload


def read_message(s):
    """(kind, payload) of the next message, fragments joined; control frames other than Close are passed over."""
    kind, whole = None, b""
    while True:
        got, fin, payload = read_frame(s)
        if got in (PING, PONG):
            continue
        if got == CLOSE:
            return CLOSE, payload
        kind = kind or got
        whole += payload
        if fin:
            return kind, whole
