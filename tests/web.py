# SPDX-License-Identifier: MIT
"""HTTP servers in threads for the tests of get: one that does whatever a script says, byte for byte, and a
well-behaved one with ranges, validators, redirects, passwords, codings and chunks. Both record every request as it
came and hold it to the protocol: a request line or a field that no parser may take fails the test."""
import base64
import email.utils
import hashlib
import re
import socket
import ssl
import subprocess
import threading
import zlib

from harness import HOST, PATIENCE, one_line, reset

REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/1\.[01]")
FIELD_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]*[^\x00-\x08\x0a-\x1f\x7f]*")
REASONS = {200: "OK", 201: "Created", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently",
           302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
           401: "Unauthorized", 404: "Not Found", 416: "Range Not Satisfiable", 417: "Expectation Failed",
           503: "Service Unavailable"}
DATE = "Tue, 02 Jan 2024 03:04:05 GMT"
DATE_SECONDS = 1704164645


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


class Request:
    """One request as it came. raw is the head with its empty line."""

    def __init__(self, raw, connection):
        self.raw, self.connection, self.body = raw, connection, b""
        lines = raw[:-4].split(b"\r\n")
        assert REQUEST_LINE.fullmatch(lines[0]), f"no request line: {lines[0]!r}"
        self.method, self.target, self.version = lines[0].decode().split(" ")
        self.path, _, self.query = self.target.partition("?")
        self.fields = []
        for line in lines[1:]:
            assert FIELD_LINE.fullmatch(line), f"no field line: {line!r}"
            name, value = line.decode("utf-8", "surrogateescape").split(":", 1)
            self.fields.append((name, value.strip(" \t")))

    def all(self, name):
        return [v for n, v in self.fields if n.lower() == name.lower()]

    def get(self, name):
        """The only field of that name, None without one."""
        values = self.all(name)
        assert len(values) < 2, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None

    def __repr__(self):
        return f"<{self.raw!r} on connection {self.connection}>"


class Conversation:
    """One connection of a Web, for its script to talk on."""

    def __init__(self, web, s, number):
        self.web, self.socket, self.number, self.buffer = web, s, number, b""

    def _more(self):
        piece = self.socket.recv(1 << 16)
        self.buffer += piece
        return bool(piece)

    def head(self):
        """The next request without its body; None when the client has ended in order instead."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                assert not self.buffer, f"half a request: {self.buffer!r}"
                return None
        raw, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        request = Request(raw + b"\r\n\r\n", self.number)
        self.web.requests.append(request)
        return request

    def take(self, count):
        while len(self.buffer) < count:
            assert self._more(), f"{count - len(self.buffer)} bytes of a body did not come"
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def line(self):
        while b"\r\n" not in self.buffer:
            assert self._more(), f"half a line: {self.buffer!r}"
        taken, self.buffer = self.buffer.split(b"\r\n", 1)
        return taken

    def body(self, request):
        """Reads the body that the head announced into request.body, and gives it."""
        length, coding = request.get("Content-Length"), request.get("Transfer-Encoding")
        assert not (length and coding), f"both a length and a coding: {request}"
        if coding:
            assert coding.lower() == "chunked" and request.version == "HTTP/1.1"
            pieces = []
            while True:
                count = int(self.line(), 16)
                if not count:
                    break
                pieces.append(self.take(count))
                assert self.take(2) == b"\r\n"
            while self.line():
                pass
            request.body = b"".join(pieces)
        elif length:
            request.body = self.take(int(length))
        return request.body

    def request(self, go_on=True):
        """The next request with its body; go_on: 100 is said where it is waited for."""
        request = self.head()
        if request:
            if go_on and (request.get("Expect") or "").lower() == "100-continue":
                self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.body(request)
        return request

    def send(self, *pieces):
        for piece in pieces:
            self.socket.sendall(piece)

    def wait(self, event):
        assert event.wait(30 * PATIENCE), "the test did not go on"

    def gone(self):
        """Drops what comes until the client has closed."""
        try:
            while self.socket.recv(1 << 16):
                pass
        except OSError:
            pass

    def reset(self):
        """Ends with a reset, below TLS too."""
        if isinstance(self.socket, ssl.SSLSocket):
            self.socket = socket.socket(fileno=self.socket.detach())
        reset(self.socket)

    def cut(self):
        """Ends with FIN alone: below TLS, without close_notify."""
        if isinstance(self.socket, ssl.SSLSocket):
            self.socket = socket.socket(fileno=self.socket.detach())
        self.socket.shutdown(socket.SHUT_WR)

    def end(self):
        """Ends our side in order."""
        if isinstance(self.socket, ssl.SSLSocket):
            try:
                self.socket.settimeout(0)
                self.socket.unwrap()
            except (OSError, ValueError):
                pass
            self.socket.settimeout(30 * PATIENCE)
        else:
            self.socket.shutdown(socket.SHUT_WR)


class Web:
    """talk(conversation) deals with each connection in a thread of its own; when it returns the connection is ended in
    order. .requests holds what was asked, .connections how many there were. Goes into world.peers, so that it ends
    with the test; an assertion that failed in a thread fails the test then."""

    def __init__(self, world, talk, tls=None, host=HOST, path=None, port=0):
        self.talk, self.tls, self.host = talk, tls, host
        self.requests, self.connections, self.errors, self.open, self.threads = [], 0, [], [], []
        self.closing = False
        if path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(path))
        else:
            self.listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind((host, port))
            self.port = self.listener.getsockname()[1]
        self.listener.listen(256)
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()
        world.peers.append(self)

    @property
    def origin(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def url(self, path="/"):
        return self.origin + path

    @property
    def last(self):
        return self.requests[-1]

    def _accept(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            number, self.connections = self.connections, self.connections + 1
            thread = threading.Thread(target=self._deal, args=(s, number), daemon=True)
            thread.start()
            self.threads.append(thread)

    def _deal(self, s, number):
        s.settimeout(60 * PATIENCE)
        c = None
        try:
            if s.family != socket.AF_UNIX:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                s = self.tls.wrap_socket(s, server_side=True, suppress_ragged_eofs=True)
            c = Conversation(self, s, number)
            self.open.append(c)
            self.talk(c)
            c.end()
            c.gone()
        except OSError:
            pass  # the client's end: what it says of it is what the test looks at
        except Exception as error:
            if not self.closing:
                self.errors.append(error)
        finally:
            (c.socket if c else s).close()

    def close(self):
        self.closing = True
        for s in [self.listener] + [c.socket for c in self.open]:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.listener.close()
        for thread in self.threads:
            thread.join(2)
        if self.errors:
            raise self.errors[0]


# --- the program ------------------------------------------------------------------------------

def get(world, *words, **how):
    """`sockutil get` to its end, in a folder of its own: .folder with all that it left there."""
    folder = world.path("out")
    folder.mkdir(exist_ok=True)
    result = world.run("get", *words, cwd=how.pop("cwd", folder), **how)
    result.folder = folder
    return result


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def failed(result, status, *words):
    """That it ended with this status and one line that has these words; gives the line."""
    assert result.status == status, result
    line = one_line(result.err)
    assert line.startswith("sockutil get: "), line
    for word in words:
        assert word in line, f"{word!r} is not said: {line}"
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in line), f"controls in {line!r}"
    return line


# --- scripts ----------------------------------------------------------------------------------

def saying(*pieces):
    """Reads a request, sends the pieces, ends in order."""
    def talk(c):
        if c.request():
            c.send(*pieces)
    return talk


def saying_and_holding(*pieces):
    """Reads a request, sends the pieces, and then does nothing until the client has gone."""
    def talk(c):
        if c.request():
            c.send(*pieces)
            c.gone()
    return talk


def turns(*talks):
    """The first connection by the first script, and so on; the last one serves all that follow."""
    return lambda c: talks[min(c.number, len(talks) - 1)](c)


def head(status=200, *fields, version="1.1"):
    lines = [f"HTTP/{version} {status} {REASONS.get(status, 'Status')}", *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def ok(body=b"", *fields):
    """A whole 200 with its length."""
    return head(200, f"Content-Length: {len(body)}", *fields) + body


def chunks(*pieces, trailers=()):
    """The chunked form of the pieces, the last chunk included."""
    return (b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n" +
            "".join(t + "\r\n" for t in trailers).encode() + b"\r\n")


# --- the well-behaved one -----------------------------------------------------------------------

class Answer:
    """What a page gives. length: True the body's, None none (chunked, or to the end of the connection), a number as it
    stands. stop: (bytes, what) does what after that many bytes of the body: "fin", "reset", or an event to wait for."""

    def __init__(self, body=b"", status=200, fields=(), length=True, chunked=False, stop=None, close=False):
        self.body, self.status, self.fields = body, status, list(fields)
        self.length, self.chunked, self.stop, self.close = length, chunked, stop, close

    def send(self, c, request):
        """Gives whether the connection goes on."""
        fields = list(self.fields)
        bodyless = request.method == "HEAD" or self.status in (204, 304)
        to_close = not self.chunked and self.length is None and not bodyless
        close = self.close or to_close or request.version == "HTTP/1.0" or \
            (request.get("Connection") or "").lower() == "close"
        body = self.body
        if self.chunked:
            fields.append("Transfer-Encoding: chunked")
            body = chunks(*[body[i:i + 10000] for i in range(0, len(body), 10000)])
        elif self.length is not None and self.status != 204:
            fields.append(f"Content-Length: {len(self.body) if self.length is True else self.length}")
        if close:
            fields.append("Connection: close")
        start = head(self.status, *fields)
        if bodyless:
            c.send(start)
            return not close
        if len(body) < 10_000 and not self.stop:
            c.send(start + body)
            return not close
        c.send(start)
        if self.stop:
            count, what = self.stop
            c.send(body[:count])
            if what == "fin":
                return False
            if what == "reset":
                c.reset()
                return False
            c.wait(what)
            body = body[count:]
        c.send(body)
        return not close


def file(body, etag='"v1"', modified=DATE, fields=(), ranges=True, **how):
    """A page that is a file: ranges, If-Range, If-None-Match, If-Modified-Since as RFC 9110 has them."""
    def page(request):
        common = list(fields) + [f"ETag: {etag}"] * bool(etag) + [f"Last-Modified: {modified}"] * bool(modified)
        if etag and etag in (request.get("If-None-Match") or ""):
            return Answer(status=304, fields=common)
        since = request.get("If-Modified-Since")
        if since and modified and not request.get("If-None-Match") and \
                email.utils.parsedate_to_datetime(modified) <= email.utils.parsedate_to_datetime(since):
            return Answer(status=304, fields=common)
        if not ranges:
            return Answer(body, fields=common, **how)
        common.append("Accept-Ranges: bytes")
        asked, condition = request.get("Range"), request.get("If-Range")
        if asked and condition in (None, etag, modified):
            first, last = re.fullmatch(r"bytes=(\d*)-(\d*)", asked).groups()
            if first == "":
                first, last = max(0, len(body) - int(last)), len(body) - 1
            first, last = int(first), min(int(last or len(body)), len(body) - 1)
            if first > last:
                return Answer(b"no such range", 416, [f"Content-Range: bytes */{len(body)}"])
            return Answer(body[first:last + 1], 206, common + [f"Content-Range: bytes {first}-{last}/{len(body)}"],
                          **how)
        return Answer(body, fields=common, **how)
    return page


def redirect(where, status=302, fields=(), body=b"moved"):
    return Answer(body, status, [f"Location: {where}", *fields])


class Site(Web):
    """pages: path to bytes, an Answer, or a function of the request that gives either. Everything else is 404."""

    def __init__(self, world, pages=None, **how):
        self.pages = dict(pages or {})
        super().__init__(world, self._serve, **how)

    def _serve(self, c):
        while True:
            request = c.request()
            if not request:
                return
            page = self.pages.get(request.path, Answer(b"<h1>not here</h1>\n", 404, ["Content-Type: text/html"]))
            if callable(page):
                page = page(request)
            if isinstance(page, bytes):
                page = Answer(page)
            if not page.send(c, request):
                return


# --- passwords ----------------------------------------------------------------------------------

def basic(page, user, password, realm="a realm"):
    wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def guarded(request):
        if request.get("Authorization") == wanted:
            return page(request) if callable(page) else page
        return Answer(b"who are you?", 401, [f'WWW-Authenticate: Basic realm="{realm}", charset="UTF-8"'])
    return guarded


class Digest:
    """A page behind Digest (RFC 7616; without qop RFC 2069). Every challenge has a nonce of its own, every answer is
    computed and compared; a count that does not grow is refused."""

    def __init__(self, page, user, password, algorithm="MD5", qop="auth", extra=""):
        self.page, self.user, self.password, self.qop, self.extra = page, user, password, qop, extra
        self.algorithm, self.refused, self.nonces, self.nonce, self.count = algorithm, [], 0, "", 0
        self.opaque, self.realm = "0paque", 'a "quoted" realm'

    def _hash(self, text):
        name = "sha256" if self.algorithm.upper().startswith("SHA-256") else "md5"
        return hashlib.new(name, text.encode()).hexdigest()

    def challenge(self):
        self.nonces, self.count = self.nonces + 1, 0
        self.nonce = f"n0nce/+=={self.nonces}"
        quoted = self.realm.replace('"', '\\"')
        words = f'Digest realm="{quoted}", nonce="{self.nonce}", opaque="{self.opaque}"'
        if self.qop:
            words += f', qop="{self.qop}"'
        return f"WWW-Authenticate: {words}, algorithm={self.algorithm}{self.extra}"

    def right(self, request):
        given = request.get("Authorization") or ""
        if not given.startswith("Digest "):
            return False
        words = {k: (q or p).replace('\\"', '"') for k, q, p in
                 re.findall(r'(\w+\*?)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]*))', given[7:])}
        assert words["uri"] == request.target and words["opaque"] == self.opaque and words["realm"] == self.realm
        first = self._hash(f"{self.user}:{self.realm}:{self.password}")
        if self.algorithm.endswith("-sess"):
            first = self._hash(f"{first}:{self.nonce}:{words['cnonce']}")
        second = self._hash(f"{request.method}:{request.target}")
        if self.qop:
            assert words["qop"] == "auth" and len(words["cnonce"]) >= 16
            assert int(words["nc"], 16) > self.count and re.fullmatch("[0-9a-f]{8}", words["nc"])
            self.count = int(words["nc"], 16)
            wanted = self._hash(f"{first}:{self.nonce}:{words['nc']}:{words['cnonce']}:auth:{second}")
        else:
            wanted = self._hash(f"{first}:{self.nonce}:{second}")
        name = words["username"]
        if words.get("userhash") == "true":
            name = self.user if name == self._hash(f"{self.user}:{self.realm}") else None
        return words["nonce"] == self.nonce and words["response"] == wanted and name == self.user

    def __call__(self, request):
        if self.right(request):
            return self.page(request) if callable(self.page) else self.page
        self.refused.append(request)
        return Answer(b"who are you?", 401, [self.challenge()])


# --- codings ------------------------------------------------------------------------------------

def encoded(coding, data):
    """data in a content coding; br and zstd by their own programs."""
    if coding in ("gzip", "x-gzip"):
        made = zlib.compressobj(9, zlib.DEFLATED, 31)
    elif coding == "deflate":
        made = zlib.compressobj(9, zlib.DEFLATED, 15)
    elif coding == "raw deflate":
        made = zlib.compressobj(9, zlib.DEFLATED, -15)
    else:
        argv = {"br": ["brotli", "-q", "5", "-c", "-"], "zstd": ["zstd", "-q", "-c"]}[coding]
        return subprocess.run(argv, input=data, capture_output=True, check=True, timeout=60).stdout
    return made.compress(data) + made.flush()
