# SPDX-License-Identifier: MIT
"""serve --files: a folder over HTTP.

Holds: whole files, ranges and conditions as RFC 9110 has them; HTTP/1.0, keep-alive, pipelining in order and in bounded
memory; nothing outside the folder by any spelling, link or race; only regular files; no dotfiles; listings and messages
that cannot be made to say something else; heads and bodies that could be read in two ways are refused; slow and greedy
clients cost only themselves; a file that changes is never mixed with what it was; uploads are whole or nothing; users,
precompressed files, single-page applications, other origins; TLS, workers, a drain.
"""
import base64
import email.utils
import gzip
import json
import os
import re
import signal
import socket
import threading
import time

import pytest

from harness import (HOST, MIB, dial, needs_linux, needs_tls, no_sanitizer, random_bytes, read_to_end, reset,
                     wait_until)


# --- a client ------------------------------------------------------------------------------------

class Answer:
    def __init__(self, status, version, lines, body):
        self.status, self.version, self.lines, self.body = status, version, lines, body

    def __getitem__(self, name):
        """The only field of that name, or None."""
        values = [v for n, v in self.lines if n.lower() == name.lower()]
        assert len(values) < 2, (name, values)
        return values[0] if values else None

    def __repr__(self):
        return f"{self.status} {self.lines} {self.body[:200]!r}"


class Client:
    """One connection, answers read one after another."""

    def __init__(self, port, timeout=10, sock=None, **how):
        self.sock = sock or dial(port, timeout=timeout, **how)
        self.rest = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def more(self):
        piece = self.sock.recv(1 << 16)
        self.rest += piece
        return piece

    def read(self, count):
        while len(self.rest) < count:
            if not self.more():
                break
        got = bytes(self.rest[:count])
        del self.rest[:count]
        return got

    def answer(self, head=False):
        while b"\r\n\r\n" not in self.rest:
            assert self.more(), f"no whole head: {self.rest!r}"
        end = self.rest.index(b"\r\n\r\n")
        text = self.read(end + 4)[:end]
        first, *lines = text.decode("latin-1").split("\r\n")
        version, status, _ = first.split(" ", 2)
        lines = [tuple(line.split(": ", 1)) for line in lines]
        a = Answer(int(status), version, lines, b"")
        if a.status >= 200 and a.status not in (204, 304) and not head:
            length = int(a["Content-Length"])
            a.body = self.read(length)
            assert len(a.body) == length, f"{len(a.body)} of {length} bytes came"
        return a

    def ended(self):
        """That the server has closed, with nothing left to read."""
        try:
            return not self.rest and self.sock.recv(1) == b""
        except ConnectionResetError:
            return True

    def ask(self, target="/", method="GET", body=b"", **fields):
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
        if body:
            lines += f"Content-Length: {len(body)}\r\n"
        self.send(f"{method} {target} HTTP/1.1\r\nHost: a.test\r\n{lines}\r\n".encode("latin-1") + body)
        return self.answer(head=method == "HEAD")


def ask(server, target="/", method="GET", body=b"", **fields):
    with Client(server.port) as c:
        return c.ask(target, method, body, **fields)


def raw(server, data):
    """All that comes for those bytes, to the end."""
    with dial(server.port) as s:
        s.sendall(data)
        return read_to_end(s)


@pytest.fixture
def root(world):
    folder = world.folder / "root"
    folder.mkdir()
    return folder


def serving(world, root, *options, **how):
    return world.serve("--files", root, *options, **how)


# --- whole files ---------------------------------------------------------------------------------

@pytest.mark.parametrize("size", [0, 1, 1024, 16384, 16385, 65536, 65537, 1 << 20, 10 * MIB + 3])
def test_files_come_whole(world, root, size):
    data = random_bytes(size)
    (root / "f").write_bytes(data)
    server = serving(world, root)
    with Client(server.port) as c:
        for _ in range(3):
            a = c.ask("/f")
            assert (a.status, a.version, a["Content-Length"]) == (200, "HTTP/1.1", str(size))
            assert a.body == data
        head = c.ask("/f", "HEAD")
        assert [line for line in head.lines if line[0] != "Date"] == [line for line in a.lines if line[0] != "Date"]


@pytest.mark.parametrize("name, kind", [
    ("a.html", "text/html; charset=utf-8"), ("a.txt", "text/plain; charset=utf-8"), ("A.CSS", "text/css; charset=utf-8"),
    ("a.js", "text/javascript; charset=utf-8"), ("a.png", "image/png"), ("a.json", "application/json"),
    ("a.svg", "image/svg+xml"), ("a.wasm", "application/wasm"), ("a", "application/octet-stream"),
])
def test_types(world, root, name, kind):
    (root / name).write_bytes(b"x")
    assert ask(serving(world, root), "/" + name)["Content-Type"] == kind


def test_a_head_says_what_is_there(world, root):
    (root / "f").write_bytes(b"x")
    os.utime(root / "f", (1_700_000_000, 1_700_000_000))
    a = ask(serving(world, root), "/f")
    assert a["Last-Modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert re.fullmatch('"[0-9a-f]+-1-[0-9a-f]+"', a["ETag"])
    assert a["Accept-Ranges"] == "bytes"
    assert a["Server"] is None and a["Connection"] is None
    assert abs(email.utils.parsedate_to_datetime(a["Date"]).timestamp() - time.time()) < 5


NAMES = ["a b.txt", "100%.txt", "q?.txt", "h#.txt", "ä€😀.txt", "back\\slash", "new\nline", "tab\t", "quote'\"", "<b>", "a&b=c;d",
         "~tilde", "plus+", "colon:", "semi;", "x" * 255, "-dash", "...three"[3:], "\x1b[31m"]


@pytest.mark.parametrize("name", NAMES)
def test_odd_names(world, root, name):
    (root / name).write_bytes(name.encode())
    server = serving(world, root)
    target = "/" + "".join(f"%{b:02X}" for b in name.encode())
    assert ask(server, target).body == name.encode()


def test_a_name_that_is_no_utf8(world, root):
    with open(os.fsencode(root) + b"/\xff\xfe", "wb") as f:
        f.write(b"bytes")
    server = serving(world, root)
    assert ask(server, "/%ff%FE").body == b"bytes"
    assert ask(server, "/").status == 200


def test_empty_segments_and_dots_inside(world, root):
    (root / "d").mkdir()
    (root / "d" / "f").write_bytes(b"x")
    server = serving(world, root)
    for target in ("/d/f", "//d///f", "/./d/./f", "/d/../d/f", "/%64/%66", "/d/x/../f", "/d/f?query=/../x",
                   "http://a.test/d/f", "http://a.test:80/d/f?x"):
        assert ask(server, target).body == b"x", target


# --- versions and connections --------------------------------------------------------------------

def test_http_1_0(world, root):
    (root / "f").write_bytes(b"data")
    server = serving(world, root)
    got = raw(server, b"GET /f HTTP/1.0\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 200 OK\r\n") and b"\r\nConnection: close\r\n" in got and got.endswith(b"\r\n\r\ndata")
    with Client(server.port) as c:
        for _ in range(2):
            c.send(b"GET /f HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            a = c.answer()
            assert (a.body, a["Connection"]) == (b"data", "keep-alive")


def test_close_is_honoured_and_told(world, root):
    (root / "f").write_bytes(b"data")
    server = serving(world, root)
    with Client(server.port) as c:
        assert c.ask("/f", Connection="close")["Connection"] == "close"
        assert c.ended()
    assert ask(server, "/f").status == 200


def test_pipelined_requests_are_answered_in_order(world, root):
    sizes = [0, 1, 100, 5000, 20000, 70000, 300000]
    for n in sizes:
        (root / str(n)).write_bytes(random_bytes(n))
    server = serving(world, root)
    order = [sizes[i * 5 % len(sizes)] for i in range(300)]
    with Client(server.port) as c:
        whole = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in order)
        threading.Thread(target=c.send, args=(whole,), daemon=True).start()
        for n in order:
            assert c.answer().body == (root / str(n)).read_bytes()


def test_requests_cut_anywhere(world, root):
    (root / "f").write_bytes(b"data")
    server = serving(world, root)
    request = b"GET /f HTTP/1.1\r\nHost: a\r\nX-Long: " + b"y" * 300 + b"\r\n\r\n"
    with Client(server.port) as c:
        for cut in range(1, len(request), 7):
            c.send(request[:cut])
            time.sleep(0.001)
            c.send(request[cut:])
            assert c.answer().body == b"data"


@pytest.mark.parametrize("method, status", [
    ("POST", 405), ("PUT", 405), ("DELETE", 405), ("PATCH", 405), ("TRACE", 405), ("BREW", 501), ("get", 501),
])
def test_other_methods(world, root, method, status):
    (root / "f").write_bytes(b"data")
    a = ask(serving(world, root), "/f", method)
    assert a.status == status
    assert a["Allow"] == ("GET, HEAD, OPTIONS" if status == 405 else None)


def test_options(world, root):
    server = serving(world, root)
    for target in ("/", "*", "/none"):
        a = ask(server, target, "OPTIONS")
        assert (a.status, a["Allow"], a["Content-Length"]) == (204, "GET, HEAD, OPTIONS", None)


def test_an_upload_nobody_takes_leaves_the_connection_usable(world, root):
    (root / "f").write_bytes(b"data")
    server = serving(world, root)
    with Client(server.port) as c:
        assert c.ask("/f", "PUT", body=b"x" * 1000).status == 405
        assert c.ask("/f").body == b"data"
        c.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        assert c.answer().status == 405
        assert c.ask("/f").body == b"data"
        c.send(b"PUT /f HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
        a = c.answer()
        assert (a.status, a["Connection"]) == (405, "close")


# --- S1 to S4: what is served at all -------------------------------------------------------------

@pytest.mark.parametrize("target", [
    "/../secret", "/%2e%2e/secret", "/%2E%2E%2Fsecret", "/..%2fsecret", "/..%5csecret", "/%252e%252e/secret",
    "//../secret", "/d/../../secret", "/d/%2e./%2e%2e/secret", "/%c0%ae%c0%ae/secret", "/..%00/secret", "/%00", "/d%00/../f",
    "/.%2e/secret", "/..;/secret", "/" + "../" * 2700 + "etc/passwd", "/%", "/%zz", "/%2", "//etc/passwd",
    "http://a.test/../secret", "/....//secret", "/d/..%c0%af../secret", "/" + "a/" * 3000,
], ids=lambda value: value[:40])
def test_nothing_outside_by_any_spelling(world, root, target):
    (world.folder / "secret").write_bytes(b"SECRET")
    (root / "d").mkdir()
    a = ask(serving(world, root), target)
    assert a.status in (400, 404, 414), a
    assert b"SECRET" not in a.body and b"root:" not in a.body


def test_symbolic_links(world, root):
    (world.folder / "secret").write_bytes(b"SECRET")
    (root / "d").mkdir()
    (root / "d" / "f").write_bytes(b"inside")
    for name, to in (("in", "d/f"), ("out", "../secret"), ("absolute", str(world.folder / "secret")), ("folder", "d"),
                     ("up", ".."), ("round", "round"), ("proc", "/proc/self/environ")):
        (root / name).symlink_to(to)
    targets = ["/in", "/out", "/absolute", "/folder/f", "/up/secret", "/round", "/proc"]
    plain, followed = serving(world, root), serving(world, root, "--follow-symlinks")
    assert [ask(plain, t).status for t in targets] == [404] * 7
    assert [ask(followed, t).status for t in targets] == [200, 404, 404, 200, 404, 404, 404]
    shown = re.findall(rb'<a href="([^"]*)"', ask(plain, "/").body)
    assert shown == [b"d/"]
    shown = re.findall(rb'<a href="([^"]*)"', ask(followed, "/").body)
    assert shown == [b"d/", b"folder/", b"in"]


@pytest.mark.parametrize("options", [[], ["--follow-symlinks"]])
def test_a_race_of_links_leads_nowhere(world, root, options):
    (world.folder / "f").write_bytes(b"SECRET")
    (root / "d").mkdir()
    (root / "d" / "f").write_bytes(b"inside")
    server = serving(world, root, *options)
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            os.rename(root / "d", root / "aside")
            os.symlink("..", root / "d")
            os.unlink(root / "d")
            os.rename(root / "aside", root / "d")

    thread = threading.Thread(target=swap)
    thread.start()
    seen = set()
    try:
        with Client(server.port) as c:
            for _ in range(1500):
                a = c.ask("/d/f")
                seen.add(a.status)
                assert b"SECRET" not in a.body
    finally:
        stop.set()
        thread.join()
    assert seen <= {200, 404}


def test_dotfiles(world, root):
    (root / ".git").mkdir()
    for name in (".env", ".git/config", ".htpasswd"):
        (root / name).write_bytes(b"SECRET")
    plain, shown = serving(world, root), serving(world, root, "--dotfiles")
    for target in ("/.env", "/.git/config", "/.git/", "/.htpasswd", "/%2eenv"):
        assert ask(plain, target).status == 404, target
        assert ask(shown, target).status == 200, target
    assert b".env" not in ask(plain, "/").body
    assert b".env" in ask(shown, "/").body


def test_only_regular_files(world, root):
    os.mkfifo(root / "fifo")
    listener = socket.socket(socket.AF_UNIX)
    os.chdir(root)
    listener.bind("socket")
    os.chdir("/")
    if os.geteuid() == 0:
        try:
            os.mknod(root / "zero", 0o020666, os.makedev(1, 5))
        except PermissionError:
            pass
    server = serving(world, root)
    for name in ("fifo", "socket", "zero"):
        assert ask(server, "/" + name).status == 404, name
    assert b"fifo" not in ask(server, "/").body
    listener.close()


def test_the_folder_has_to_be_one(world, root):
    (root / "f").write_bytes(b"x")
    for path, text in ((root / "none", "No such file or directory"), (root / "f", "Not a directory")):
        result = world.run("serve", f"{HOST}:0", "--files", path)
        assert result.status == 26 and result.err == f"sockutil serve: {path}: {text}\n"


# --- S5: files that change -----------------------------------------------------------------------

def begin(server, target, rcvbuf=None):
    """A client that has taken the head and a little of the body."""
    c = Client(server.port, rcvbuf=rcvbuf)
    c.send(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    while b"\r\n\r\n" not in c.rest:
        assert c.more()
    return c


def test_a_file_that_grows_keeps_its_length(world, root):
    data = random_bytes(40 * MIB)
    (root / "f").write_bytes(data)
    server = serving(world, root)
    with begin(server, "/f") as c:
        with open(root / "f", "ab") as f:
            f.write(b"more" * 1000)
        assert c.answer().body == data
        assert c.ask("/f").body == data + b"more" * 1000


def test_a_file_that_shrinks_ends_the_connection(world, root):
    (root / "f").write_bytes(random_bytes(40 * MIB))
    server = serving(world, root)
    with begin(server, "/f") as c:
        os.truncate(root / "f", 1000)
        with pytest.raises((AssertionError, ConnectionResetError)):
            c.answer()
    server.wait_err("f: the file became shorter while it was sent")
    assert len(ask(server, "/f").body) == 1000


def test_a_file_that_is_replaced_is_sent_to_its_end(world, root):
    data, new = random_bytes(40 * MIB), b"new"
    (root / "f").write_bytes(data)
    server = serving(world, root)
    with begin(server, "/f") as c:
        (root / "g").write_bytes(new)
        os.rename(root / "g", root / "f")
        assert ask(server, "/f").body == new
        assert c.answer().body == data


def test_what_was_replaced_is_never_served_again(world, root):
    server = serving(world, root)
    with Client(server.port) as c:
        for i in range(200):
            (root / "g").write_bytes(b"%d" % i)
            os.rename(root / "g", root / "f")
            assert c.ask("/f").body == b"%d" % i
        (root / "f").unlink()
        assert c.ask("/f").status == 404
        (root / "f").mkdir()
        assert c.ask("/f").status == 301


@needs_linux
def test_unused_files_are_closed(world, root):
    for i in range(50):
        (root / f"f{i}").write_bytes(b"x")
    server = serving(world, root)

    def descriptors():
        return len(os.listdir(f"/proc/{server.pid}/fd"))

    before = descriptors()
    for i in range(50):
        assert ask(server, f"/f{i}").status == 200
    wait_until(lambda: descriptors() == before, 10, "the files to be closed")


# --- S6: ranges ----------------------------------------------------------------------------------

DATA = bytes(range(256)) * 4  # 1024 bytes


@pytest.fixture
def ranged(world, root):
    (root / "f").write_bytes(DATA)
    (root / "empty").write_bytes(b"")
    return serving(world, root)


@pytest.mark.parametrize("value, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=0-1023", 0, 1023), ("bytes=1023-", 1023, 1023), ("bytes=-1", 1023, 1023),
    ("bytes=-5000", 0, 1023), ("bytes=5-18446744073709551615", 5, 1023), ("bytes=5-99999999999999999999999", 5, 1023),
    ("bytes= 3-4", 3, 4), ("bytes=0-1,1-2,2-9", 0, 9), ("bytes=0-,0-,0-,0-", 0, 1023),
])
def test_one_range(ranged, value, first, last):
    a = ask(ranged, "/f", Range=value)
    assert (a.status, a["Content-Range"]) == (206, f"bytes {first}-{last}/1024")
    assert a.body == DATA[first:last + 1]
    assert a["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("value", [
    "bytes=5-3", "bytes=a-b", "bytes", "items=0-3", "bytes=0-3,x", ",".join(["bytes=0-0"] + [f"{i}-{i}" for i in range(2, 2000, 2)]),
    "bytes=--3", "bytes=", "bytes=1 - 2",
], ids=lambda value: value[:40])
def test_ranges_that_are_ignored(ranged, value):
    a = ask(ranged, "/f", Range=value)
    assert (a.status, a.body, a["Content-Range"]) == (200, DATA, None)


@pytest.mark.parametrize("value", ["bytes=1024-", "bytes=18446744073709551616-", "bytes=-0", "bytes=2000-3000,4000-"])
def test_ranges_behind_the_end(ranged, value):
    a = ask(ranged, "/f", Range=value)
    assert (a.status, a["Content-Range"]) == (416, "bytes */1024")


def test_ranges_of_nothing(ranged):
    assert ask(ranged, "/empty", Range="bytes=0-").status == 416
    assert ask(ranged, "/empty").status == 200


def parts(answer):
    kind = re.fullmatch("multipart/byteranges; boundary=([a-z0-9]+)", answer["Content-Type"])
    pieces = answer.body.split(b"--" + kind[1].encode())
    assert pieces[0] == b"" and pieces[-1] == b"--\r\n"
    for piece in pieces[1:-1]:
        head, body = piece.split(b"\r\n\r\n", 1)
        assert body.endswith(b"\r\n")
        yield head.decode().strip().split("\r\n"), body[:-2]


def test_several_ranges(ranged):
    a = ask(ranged, "/f", Range="bytes=0-3, 100-199,-2, 5000-")
    assert (a.status, a["Content-Range"]) == (206, None)
    assert list(parts(a)) == [
        (["Content-Type: application/octet-stream", "Content-Range: bytes 0-3/1024"], DATA[:4]),
        (["Content-Type: application/octet-stream", "Content-Range: bytes 100-199/1024"], DATA[100:200]),
        (["Content-Type: application/octet-stream", "Content-Range: bytes 1022-1023/1024"], DATA[-2:])]


def test_large_ranges(world, root):
    data = random_bytes(3 * MIB)
    (root / "f").write_bytes(data)
    server = serving(world, root)
    a = ask(server, "/f", Range="bytes=7-1999999,2500000-")
    assert [body for _, body in parts(a)] == [data[7:2000000], data[2500000:]]
    with Client(server.port) as c:
        assert c.ask("/f", Range="bytes=100-2999999").body == data[100:3000000]
        assert c.ask("/f", Range="bytes=-100000").body == data[-100000:]


def test_ranges_belong_to_get(ranged):
    a = ask(ranged, "/f", "HEAD", Range="bytes=0-3")
    assert (a.status, a["Content-Length"]) == (200, "1024")


# --- conditions ----------------------------------------------------------------------------------

LATER, EARLIER = "Sun, 06 Nov 2094 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize("fields, status", [
    ({"If_None_Match": "{tag}"}, 304), ({"If_None_Match": '"x", {tag}'}, 304), ({"If_None_Match": "W/{tag}"}, 304),
    ({"If_None_Match": "*"}, 304), ({"If_None_Match": '"x"'}, 200), ({"If_Match": "{tag}"}, 200), ({"If_Match": "*"}, 200),
    ({"If_Match": '"x"'}, 412), ({"If_Match": "W/{tag}"}, 412), ({"If_Modified_Since": "{date}"}, 304),
    ({"If_Modified_Since": EARLIER}, 200), ({"If_Modified_Since": LATER}, 304), ({"If_Modified_Since": "yesterday"}, 200),
    ({"If_Unmodified_Since": EARLIER}, 412), ({"If_Unmodified_Since": "{date}"}, 200),
    ({"If_None_Match": '"x"', "If_Modified_Since": "{date}"}, 200), ({"If_None_Match": "{tag}", "If_Match": '"x"'}, 412),
])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions(ranged, method, fields, status):
    now = ask(ranged, "/f", "HEAD")
    fields = {n: v.format(tag=now["ETag"], date=now["Last-Modified"]) for n, v in fields.items()}
    a = ask(ranged, "/f", method, **fields)
    assert a.status == status
    if status == 304:
        assert (a["ETag"], a["Content-Length"], a["Content-Type"], a.body) == (now["ETag"], None, None, b"")


@pytest.mark.parametrize("value, status", [
    ("{tag}", 206), ('"x"', 200), ("W/{tag}", 200), ("{date}", 206), (EARLIER, 200), (LATER, 200),
])
def test_if_range(ranged, root, value, status):
    os.utime(root / "f", (1_700_000_000, 1_700_000_000))
    now = ask(ranged, "/f", "HEAD")
    a = ask(ranged, "/f", Range="bytes=0-3", If_Range=value.format(tag=now["ETag"], date=now["Last-Modified"]))
    assert a.status == status
    assert a.body == (DATA[:4] if status == 206 else DATA)


def test_a_changed_file_has_another_tag(ranged, root):
    before = ask(ranged, "/f")["ETag"]
    (root / "f").write_bytes(DATA[::-1])
    assert wait_until(lambda: ask(ranged, "/f")["ETag"] != before, 5, "another tag")


# --- folders -------------------------------------------------------------------------------------

def test_index_and_redirect(world, root):
    (root / "d").mkdir()
    (root / "d" / "index.html").write_bytes(b"<p>index")
    (root / "a b").mkdir()
    server = serving(world, root)
    assert ask(server, "/d/").body == b"<p>index"
    for target, to in (("/d", "/d/"), ("/d?a=b", "/d/?a=b"), ("/a%20b", "/a%20b/"), ("//d", "/d/")):
        a = ask(server, target)
        assert (a.status, a["Location"]) == (301, to)
    assert ask(server, "/d/index.html/").status == 404
    assert ask(server, "/d/index.html").status == 200


HOSTILE = ["<script>alert(1)</script>", "'\"onclick=x", "\x1b[31mred", "a\nb", "&amp;", "javascript:alert(1)", "\u202etxt.exe"]


def test_a_listing_cannot_be_made_to_say_something_else(world, root):
    for name in HOSTILE:
        (root / name.replace("/", "_")).write_bytes(b"x")
    (root / "z").mkdir()
    server = serving(world, root)
    a = ask(server, "/")
    text = a.body.decode()
    assert (a["Content-Type"], a["X-Content-Type-Options"]) == ("text/html; charset=utf-8", "nosniff")
    assert "default-src 'none'" in a["Content-Security-Policy"]
    assert "<script" not in text and "\x1b" not in text and "\u202e" not in text and 'onclick=x"' not in text
    links = re.findall(r'<a href="([^"]*)"', text)
    assert len(links) == len(HOSTILE) + 1 and links[0] == "z/"
    for link in links[1:]:
        assert not link.startswith("javascript:")
        assert ask(server, "/" + link.removeprefix("./")).body == b"x", link


@pytest.mark.parametrize("target", ["/<script>alert(1)</script>", "/%3Cscript%3E", "/%1b%5b31m", "/\"'"])
def test_a_message_does_not_repeat_what_was_asked(world, root, target):
    a = ask(serving(world, root), target)
    assert a.status in (400, 404)
    assert a.body == {400: b"400 Bad Request\n", 404: b"404 Not Found\n"}[a.status]
    assert (a["Content-Type"], a["X-Content-Type-Options"]) == ("text/plain; charset=utf-8", "nosniff")


def test_no_listing(world, root):
    (root / "f").write_bytes(b"x")
    server = serving(world, root, "--no-listing")
    assert ask(server, "/").status == 403
    assert ask(server, "/f").status == 200


def test_spa(world, root):
    (root / "index.html").write_bytes(b"<p>app")
    (root / "a.js").write_bytes(b"x")
    server = serving(world, root, "--spa")
    for target, status, body in (("/users/7", 200, b"<p>app"), ("/a.js", 200, b"x"), ("/b.js", 404, b"404 Not Found\n"),
                                 ("/", 200, b"<p>app"), ("/.env", 404, b"404 Not Found\n")):
        a = ask(server, target)
        assert (a.status, a.body) == (status, body), target


def test_cors(world, root):
    (root / "f").write_bytes(b"x")
    server = serving(world, root, "--cors")
    for target in ("/f", "/none", "/"):
        assert ask(server, target, Origin="http://b.test")["Access-Control-Allow-Origin"] == "*"
    a = ask(server, "/f", "OPTIONS", Origin="http://b.test", Access_Control_Request_Method="GET")
    assert a.status == 204 and "GET" in a["Access-Control-Allow-Methods"]
    assert ask(serving(world, root), "/f")["Access-Control-Allow-Origin"] is None


def test_precompressed_files(world, root):
    data = b"body { }\n" * 500
    (root / "a.css").write_bytes(data)
    (root / "b.css").write_bytes(data)
    (root / "a.css.gz").write_bytes(gzip.compress(data))
    (root / "a.css.br").write_bytes(b"not really brotli")
    server = serving(world, root)
    for accept, coding, body in ((None, None, data), ("gzip", "gzip", gzip.compress(data)), ("br, gzip", "br", None),
                                 ("gzip;q=1, br;q=0.1", "gzip", None), ("br;q=0, gzip;q=0", None, data),
                                 ("identity", None, data), ("zstd", None, data), ("*", "br", None)):
        a = ask(server, "/a.css", **({"Accept_Encoding": accept} if accept else {}))
        assert (a.status, a["Content-Encoding"], a["Vary"]) == (200, coding, "Accept-Encoding"), accept
        assert a["Content-Type"] == "text/css; charset=utf-8"
        if coding in (None, "gzip"):
            assert (a.body if coding is None else gzip.decompress(a.body)) == data
    tags = {ask(server, "/a.css", Accept_Encoding=c)["ETag"] for c in ("gzip", "br", "identity")}
    assert len(tags) == 3
    a = ask(server, "/b.css", Accept_Encoding="gzip, br, zstd")
    assert (a["Content-Encoding"], a["Vary"], a.body) == (None, None, data)
    assert ask(server, "/a.css.gz")["Content-Encoding"] is None


# --- S7 to S13: hostile clients ------------------------------------------------------------------

def test_slow_heads_are_cut_and_hold_up_nobody(world, root):
    (root / "f").write_bytes(b"x")
    server = serving(world, root, "--handshake-timeout", "1s", "-v")
    slow = [Client(server.port) for _ in range(50)]
    for c in slow:
        c.send(b"GET /f HTTP/1.1\r\nHost: a\r\n")
    started = time.monotonic()
    stop = threading.Event()

    def drip():
        while not stop.wait(0.1):
            for c in slow[:25]:
                try:
                    c.send(b"X")
                except OSError:
                    pass

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        assert ask(server, "/f").body == b"x"
        assert time.monotonic() - started < 1
        for c in slow:
            a = c.answer()
            assert (a.status, a["Connection"]) == (408, "close")
    finally:
        stop.set()
        thread.join()
        for c in slow:
            c.sock.close()
    server.wait_err("no request: 408, the head of a request was not whole in time")


def test_who_says_nothing_is_let_go(world, root):
    server = serving(world, root, "--handshake-timeout", "300ms")
    with Client(server.port) as c:
        assert c.ended()
    server.wait_err("no request came")


@no_sanitizer
@needs_linux
def test_slow_readers_cost_little(world, root):
    (root / "f").write_bytes(bytes(100 * MIB))
    server = serving(world, root)
    ask(server, "/none")
    before = server.status_field("VmRSS")
    clients = [begin(server, "/f", rcvbuf=4096) for _ in range(30)]
    assert ask(server, "/none").status == 404
    assert server.status_field("VmRSS") - before < 4 * 1024
    used = server.cpu()
    time.sleep(0.5)
    assert server.cpu() - used < 0.1
    for c in clients:
        reset(c.sock)


@pytest.mark.parametrize("request_, status", [
    (b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    (b"GET /" + b"a" * 1000000, 414),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 1000000 + b"\r\n\r\n", 431),
    (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X%d: a\r\n" % i for i in range(100000)) + b"\r\n", 431),
    (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: aaaaaaaaaaaa\r\n" * 101 + b"\r\n", 431),
    (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X%d: %s\r\n" % (i, b"a" * 15000) for i in range(6)) + b"\r\n", 431),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400), (b"\xff" * 1000, 400), (b"\0" * 100, 400),
    (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505), (b"GET /\r\n\r\n", 400), (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400), (b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
], ids=lambda value: repr(value)[:40])
def test_heads_that_are_none(world, root, request_, status):
    server = serving(world, root)
    with dial(server.port) as s:
        try:
            s.sendall(request_)
        except (BrokenPipeError, ConnectionResetError):
            pass
        got = b""
        try:
            got = read_to_end(s)
        except ConnectionResetError:
            pass
    assert not got or got.startswith(b"HTTP/1.1 %d " % status), got[:200]
    if len(request_) < 200000:  # more than is read to the end of who was refused
        assert got.count(b"HTTP/1.1") == 1 and b"Connection: close\r\n" in got
    assert ask(server, "/").status == 200


@pytest.mark.parametrize("fields", [
    b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"Content-Length: 3\r\nContent-Length: 4\r\n",
    b"Content-Length: 3, 4\r\n", b"Content-Length: +3\r\n", b"Content-Length: 0x3\r\n", b"Content-Length: 3 \x0b\r\n",
    b"Content-Length: 18446744073709551619\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding: chunked, chunked\r\n", b"Transfer-Encoding:\x0bchunked\r\n", b"Content-Length : 3\r\n",
    b"X: y\r\n Content-Length: 3\r\n", b"X: y\nContent-Length: 3\r\n", b"X: y\rContent-Length: 3\r\n", b"X\0: y\r\n", b": y\r\n",
])
def test_what_could_be_read_in_two_ways(world, root, fields):
    (root / "f").write_bytes(b"data")
    server = serving(world, root, "--upload")
    got = raw(server, b"PUT /g HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\nabcGET /f HTTP/1.1\r\nHost: a\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 400 "), got
    assert got.count(b"HTTP/1.1") == 1 and b"data" not in got
    assert os.listdir(root) == ["f"]


def test_transfer_codings_nobody_knows(world, root):
    got = raw(serving(world, root), b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 501 ")


@no_sanitizer
@needs_linux
def test_pipelining_without_reading_is_bounded(world, root):
    (root / "f").write_bytes(bytes(10000))
    server = serving(world, root)
    ask(server, "/f")
    before = server.status_field("VmRSS")
    request = b"GET /f HTTP/1.1\r\nHost: a\r\n\r\n"
    with Client(server.port, rcvbuf=4096) as c:
        c.sock.setblocking(False)
        whole, sent = request * 10000, 0
        end = time.monotonic() + 1
        while sent < len(whole) and time.monotonic() < end:
            try:
                sent += c.sock.send(whole[sent:sent + 65536])
            except BlockingIOError:
                time.sleep(0.01)
        assert ask(server, "/f").status == 200
        assert server.status_field("VmRSS") - before < 1024
        used = server.cpu()
        time.sleep(0.3)
        assert server.cpu() - used < 0.1
        # And it goes on when they are read.
        c.sock.settimeout(20)
        for _ in range(sent // len(request)):
            assert len(c.answer().body) == 10000


def test_the_log_cannot_be_forged(world, root):
    (root / "f").write_bytes(b"data")
    server = serving(world, root, "-v")
    ask(server, "/%1b%5b31m%0aforged", User_Agent="\x85\x9b31m")
    ask(server, "/f?\"x\"")
    text = server.wait_err('GET /f?"x": 200, 4 B')
    assert re.search(r"\d: GET /%1b%5b31m%0aforged: 404, 14 B, \d+ms\n", text)
    assert "\x1b" not in text and "\nforged" not in text


def test_the_log_as_json(world, root):
    (root / "f").write_bytes(b"data")
    server = serving(world, root, "-v", "--log-json")
    ask(server, "/f", User_Agent="tester/1 \x85")
    raw(server, b"nonsense\r\n\r\n")
    server.wait_err('"status":400')
    events = [json.loads(line) for line in server.err.splitlines()]
    good, bad = [e for e in events if e["event"] == "request"]
    assert (good["request"], good["status"], good["bytes"]) == ("GET /f", 200, 4)
    assert good["agent"].startswith("tester/1") and "\x85" not in good["agent"]
    assert bad["status"] == 400 and bad["reason"]


def test_nothing_is_logged_of_requests_unless_asked(world, root):
    server = serving(world, root)
    ask(server, "/f")
    assert "GET" not in server.wait_err("closed")


# --- users ---------------------------------------------------------------------------------------

def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_users(world, root):
    (root / "f").write_bytes(b"data")
    users = world.path("users", "# people\nann:pa:ss\r\n\nbob:wörd\n".encode())
    users.chmod(0o600)
    server = serving(world, root, "--auth", f"@{users}", "--auth", "me:secret")
    server.wait_err("warning: --auth without TLS")
    for given, status in ((None, 401), (basic("ann:pa:ss"), 200), (basic("bob:wörd"), 200), (basic("me:secret"), 200),
                          (basic("me:secre"), 401), (basic("me:secrett"), 401), (basic("ann:"), 401), (basic(":"), 401),
                          ("Basic !!!", 401), ("Bearer x", 401), (basic("me:secret").lower(), 401)):
        a = ask(server, "/f", **({"Authorization": given} if given else {}))
        assert a.status == status, given
        if status == 401:
            assert a["WWW-Authenticate"] == 'Basic realm="sockutil", charset="UTF-8"'
            assert a.body == b"401 Unauthorized\n"
    for target in ("/", "/none", "/../x"):
        assert ask(server, target).status == 401
    assert "secret" not in server.err


@needs_linux
def test_passwords_leave_the_argument_list(world, root):
    server = serving(world, root, "--auth", "me:secret-word")
    with open(f"/proc/{server.pid}/cmdline", "rb") as f:
        assert b"secret-word" not in f.read()


@pytest.mark.parametrize("front", [[], ["--ws", "--responder", "echo"]])
def test_users_are_read_again(world, root, front):
    (root / "f").write_bytes(b"data")
    users = world.path("users", b"ann:a\n")
    users.chmod(0o600)
    server = serving(world, root, "--auth", f"@{users}", *front)

    def status(login):
        return ask(server, "/f", Authorization=basic(login)).status
    assert status("ann:a") == 200 and status("bob:b") == 401
    users.write_bytes(b"bob:b\n")
    server.signal(signal.SIGHUP)
    wait_until(lambda: status("bob:b") == 200, what="the new user")
    assert status("ann:a") == 401
    users.write_bytes(b"nonsense\n")
    server.signal(signal.SIGHUP)
    server.wait_err("it stays as it was")
    assert status("bob:b") == 200


@pytest.mark.parametrize("given, text", [
    ("nobody", "--auth: not of the form USER:PASSWORD"), (":x", "--auth: user and password must not be empty"),
    ("a:" + "x" * 300, "--auth: user and password have at most 255 bytes each"),
    ("a:\x1b", "--auth: control characters have no place in user and password"),
])
def test_users_that_are_none(world, root, given, text):
    result = world.run("serve", f"{HOST}:0", "--files", root, "--auth", given)
    assert (result.status, result.err) == (2, f"sockutil serve: {text}\n")


@pytest.mark.parametrize("options", [["--spa"], ["--cors"], ["--upload"], ["--auth", "a:b"], ["--dotfiles"],
                                     ["--follow-symlinks"], ["--no-listing"]])
def test_options_that_need_files(world, options):
    result = world.run("serve", f"{HOST}:0", *options)
    assert result.status == 2 and "--files" in result.err


def test_max_size_needs_upload(world, root):
    result = world.run("serve", f"{HOST}:0", "--files", root, "--max-size", "1K")
    assert result.status == 2 and "--upload" in result.err


# --- uploads -------------------------------------------------------------------------------------

@pytest.fixture
def taking(world, root):
    return serving(world, root, "--upload", "--max-size", "5M")


@pytest.mark.parametrize("size", [0, 1, 70000, 3 * MIB])
def test_uploads(taking, root, size):
    data = random_bytes(size)
    with Client(taking.port) as c:
        a = c.ask("/new", "PUT", data)
        assert a.status == 201
        assert (root / "new").read_bytes() == data
        got = c.ask("/new")
        assert (got.body, got["ETag"]) == (data, a["ETag"])
        assert c.ask("/new", "PUT", b"other").status == 204
        assert c.ask("/new").body == b"other"
    assert os.listdir(root) == ["new"]


def test_uploads_in_chunks_and_with_continue(taking, root):
    with Client(taking.port) as c:
        c.send(b"PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
        assert c.answer().status == 100
        c.send(b"5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n")
        assert c.answer().status == 201
    assert (root / "a").read_bytes() == b"hello, world"


def test_where_uploads_cannot_go(taking, root, world):
    (root / "d").mkdir()
    (root / "link").symlink_to("../out")
    os.mkfifo(root / "fifo")
    for target, status in (("/none/f", 409), ("/d", 409), ("/d/", 409), ("/", 409), ("/.hidden", 404), ("/../out", 400),
                           ("/link", 409), ("/fifo", 409), ("/d/%2e%2e/%2e%2e/out", 400), ("/f%00", 400), ("/a%2fb", 404)):
        assert ask(taking, target, "PUT", b"x").status == status, target
    assert sorted(os.listdir(root)) == ["d", "fifo", "link"]
    assert not (world.folder / "out").exists()
    assert ask(taking, "/f", "PUT", b"x", Content_Range="bytes 0-0/5").status == 400
    assert ask(taking, "/f", "PUT", b"x", Content_Encoding="gzip").status == 415
    assert ask(taking, "/d", "DELETE").status == 405


def test_uploads_that_are_too_large(taking, root):
    (root / "f").write_bytes(b"old")
    with Client(taking.port) as c:
        c.send(b"PUT /f HTTP/1.1\r\nHost: a\r\nContent-Length: 5242881\r\nExpect: 100-continue\r\n\r\n")
        assert c.answer().status == 413
    with Client(taking.port) as c:
        c.send(b"PUT /f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(6):
                c.send(b"100000\r\n" + bytes(MIB) + b"\r\n")
        except OSError:
            pass
        try:
            assert c.answer().status == 413
        except ConnectionResetError:
            pass  # we kept sending: the answer may be lost
    wait_until(lambda: os.listdir(root) == ["f"], 5, "what was taken to be dropped")
    assert (root / "f").read_bytes() == b"old"


def test_conditions_of_uploads(taking, root):
    put = lambda **fields: ask(taking, "/f", "PUT", b"new", **fields).status
    assert put(If_Match="*") == 412
    assert put(If_None_Match="*") == 201
    assert put(If_None_Match="*") == 412
    tag = ask(taking, "/f")["ETag"]
    assert put(If_Match='"x"') == 412
    assert put(If_None_Match=tag) == 412
    assert put(If_Match=tag) == 204
    assert put(If_Match=tag) == 412
    assert put(If_Unmodified_Since=EARLIER) == 412
    assert os.listdir(root) == ["f"]


def half(taking, target, **fields):
    """An upload that has half arrived: seen as a file of another name."""
    c = Client(taking.port)
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    c.send(f"PUT {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n{lines}\r\n".encode() + b"x" * 1000)
    return c


def arrived(root, count=1):
    return [n for n in os.listdir(root) if n.startswith(".upload-") and (root / n).stat().st_size == 1000][:count]


@pytest.mark.parametrize("how", ["close", "reset", "half-close"])
def test_half_an_upload_is_none(taking, root, how):
    (root / "f").write_bytes(b"old")
    for target in ("/f", "/g"):
        c = half(taking, target)
        wait_until(lambda: arrived(root), 5, "half of it")
        assert ask(taking, "/f").body == b"old" and ask(taking, "/g").status == 404
        if how == "reset":
            reset(c.sock)
        elif how == "close":
            c.sock.close()
        else:
            c.sock.shutdown(socket.SHUT_WR)
        wait_until(lambda: os.listdir(root) == ["f"], 5, "nothing of it")
    assert (root / "f").read_bytes() == b"old"


def test_a_killed_server_leaves_the_old_file(taking, root):
    (root / "f").write_bytes(b"old")
    c = half(taking, "/f")
    wait_until(lambda: arrived(root), 5, "half of it")
    os.kill(taking.pid, signal.SIGKILL)
    taking.wait()
    assert c.ended() and (root / "f").read_bytes() == b"old"


def test_an_upload_ends_in_a_drain(taking, root):
    c = half(taking, "/f")
    wait_until(lambda: arrived(root), 5, "half of it")
    taking.signal(signal.SIGTERM)
    taking.wait_err("ending")
    c.send(b"x" * 1000)
    assert c.answer().status == 201
    assert taking.wait() == 0
    assert (root / "f").read_bytes() == b"x" * 2000


@pytest.mark.parametrize("fields", [{"If_None_Match": "*"}, {}])
def test_two_uploads_of_a_name(taking, root, fields):
    first, second = half(taking, "/f", **fields), half(taking, "/f", **fields)
    wait_until(lambda: len(arrived(root, 2)) == 2, 5, "both halves")
    first.send(b"1" * 1000)
    assert first.answer().status == 201
    second.send(b"2" * 1000)
    # Nothing was there when it began.
    assert second.answer().status == (412 if fields else 201)
    assert (root / "f").read_bytes() == b"x" * 1000 + (b"1" if fields else b"2") * 1000
    assert os.listdir(root) == ["f"]


def test_an_upload_for_a_file_that_changed_meanwhile(taking, root):
    (root / "f").write_bytes(b"old")
    c = half(taking, "/f", If_Match=ask(taking, "/f")["ETag"])
    wait_until(lambda: arrived(root), 5, "half of it")
    (root / "f").write_bytes(b"somebody else's")
    c.send(b"x" * 1000)
    assert c.answer().status == 412
    assert (root / "f").read_bytes() == b"somebody else's"
    assert os.listdir(root) == ["f"]


def test_readers_never_see_a_mixture(taking, root):
    stop, wrong = threading.Event(), []

    def read():
        with Client(taking.port) as c:
            while not stop.is_set():
                a = c.ask("/f")
                if a.status == 200 and (len(a.body) != 100000 or len(set(a.body)) != 1):
                    wrong.append(a)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for r in readers:
        r.start()
    with Client(taking.port) as c:
        for i in range(150):
            assert c.ask("/f", "PUT", bytes([65 + i % 26]) * 100000).status in (201, 204)
    stop.set()
    for r in readers:
        r.join()
    assert not wrong


@needs_linux
def test_an_upload_keeps_the_permissions(taking, root):
    (root / "f").write_bytes(b"old")
    (root / "f").chmod(0o640)
    assert ask(taking, "/f", "PUT", b"new").status == 204
    assert (root / "f").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_is_told(world, root):
    """A limit of the process stands in for the disk's."""
    import resource
    server = world.serve("--files", root, "--upload", preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (100000, 100000)))
    a = ask(server, "/f", "PUT", bytes(200000))
    assert a.status == 413
    wait_until(lambda: os.listdir(root) == [], 5, "nothing of it")
    server.wait_err("f: cannot take the upload: File too large")
    assert server.running()


# --- around it -----------------------------------------------------------------------------------

@needs_tls
def test_over_tls(world, root, certificates):
    import ssl
    data = random_bytes(5 * MIB)
    (root / "f").write_bytes(data)
    certificate, key = certificates.leaf()
    server = serving(world, root, "--upload", "--tls", "--cert", certificate, "--key", key)
    context = certificates.client_context()
    context.set_alpn_protocols(["http/1.1"])
    with context.wrap_socket(dial(server.port), server_hostname="localhost") as s:
        assert s.selected_alpn_protocol() == "http/1.1"
        with Client(None, sock=s) as c:
            assert c.ask("/f").body == data
            assert c.ask("/g", "PUT", data).status == 201
            c.send(b"".join(b"GET /g HTTP/1.1\r\nHost: a\r\nRange: bytes=%d-%d\r\n\r\n" % (i, i + 9) for i in range(100)))
            for i in range(100):
                assert c.answer().body == data[i:i + 10]
            assert c.ask("/f", Connection="close").body == data
            assert s.recv(1) == b""  # with close_notify: a cut would raise
    assert ssl


def test_workers(world, root):
    (root / "f").write_bytes(b"data")
    server = serving(world, root, "--workers", "3", "--auth", "a:b")
    for _ in range(20):
        assert ask(server, "/f", Authorization=basic("a:b")).body == b"data"
    assert server.err.count("--auth without TLS") == 1
    server.signal(signal.SIGTERM)
    assert server.wait() == 0


def test_a_drain_lets_answers_end(world, root):
    data = random_bytes(40 * MIB)
    (root / "f").write_bytes(data)
    server = serving(world, root, "--grace", "20s")
    idle = Client(server.port)
    assert idle.ask("/none").status == 404
    with begin(server, "/f") as c:
        server.signal(signal.SIGTERM)
        server.wait_err("ending")
        assert idle.ended()
        assert c.answer().body == data
        assert c.ended()
    assert server.wait() == 0


def test_once(world, root):
    (root / "f").write_bytes(b"data")
    server = serving(world, root, "--once")
    with Client(server.port) as c:
        assert c.ask("/f").body == b"data"
        assert c.ask("/f", Connection="close").body == b"data"
        assert c.ended()
    assert server.wait() == 0


def test_idle_timeout(world, root):
    (root / "f").write_bytes(b"data")
    server = serving(world, root, "--idle-timeout", "400ms")
    with Client(server.port) as c:
        for _ in range(5):
            time.sleep(0.2)
            assert c.ask("/f").body == b"data"
        assert c.ended()
    server.wait_err("no byte came or went")


@needs_linux
def test_without_descriptors_it_says_busy_and_recovers(world, root):
    import resource
    for i in range(60):
        (root / f"f{i}").write_bytes(b"data")
    server = world.serve("--files", root, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40)))
    with Client(server.port) as c:
        for i in range(60):
            assert c.ask(f"/f{i}").body == b"data"
    assert server.running()


@no_sanitizer
@needs_linux
def test_idle_connections_are_small(world, root):
    (root / "f").write_bytes(b"data")
    server = serving(world, root)
    first = Client(server.port)
    first.ask("/f")
    before = server.status_field("VmRSS")
    clients = []
    for _ in range(500):
        c = Client(server.port)
        assert c.ask("/f").status == 200
        clients.append(c)
    assert (server.status_field("VmRSS") - before) * 1024 / 500 < 4096
    for c in clients:
        c.sock.close()
