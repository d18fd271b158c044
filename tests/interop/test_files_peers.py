# SPDX-License-Identifier: MIT
"""`serve --files` asked by curl, wget, aria2c, nghttp, h2load, wrk, Python's http.client and a mirroring wget, directly,
over TLS, by HTTP/2, and behind nginx and haproxy: the bytes are those of the files."""
import gzip
import http.client
import os
import re
import shutil
import subprocess
import time

import pytest

from harness import HOST, MIB, World, needs, needs_tls, random_bytes, sha256
from others import haproxy, nginx, unused_port

BIG = 20 * MIB + 77


class Place:
    """A folder of files, shared by all tests of this module; nothing writes there."""

    def __init__(self, folder):
        self.root = folder / "root"
        (self.root / "sub" / "deep").mkdir(parents=True)
        self.files = {"small.txt": b"hello\n", "empty": b"", "big": random_bytes(BIG), "index.html": b"<p>home</p>\n",
                      "a b+c%.html": b"<p>x</p>\n" * 999, "sub/one.txt": b"1\n", "sub/deep/two.bin": random_bytes(70_000),
                      "sub/\u00e4\u20ac.txt": "ä€\n".encode(), "page.css": b"p { color: red }\n" * 5000}
        for name, data in self.files.items():
            (self.root / name).write_bytes(data)
        (self.root / "page.css.gz").write_bytes(gzip.compress(self.files["page.css"]))
        for program, end in (("brotli", "br"), ("zstd", "zst")):
            if shutil.which(program):
                with open(self.root / f"page.css.{end}", "wb") as out:
                    subprocess.run([program, "-c", self.root / "page.css"], stdout=out, check=True, stderr=subprocess.DEVNULL)
        os.utime(self.root / "small.txt", (1_700_000_000, 1_700_000_000))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return Place(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="module")
def started(tmp_path_factory, place, certificates):
    """Each way to the server once: its URL without the slash at the end, when first asked for."""
    world = World(tmp_path_factory.mktemp("servers"))
    urls = {}

    def url(name):
        if name not in urls:
            urls[name] = STARTERS[name](world, place, certificates)
        return urls[name]
    yield url
    world.close(False)


def plain(world, place, _):
    return f"http://{HOST}:{world.serve('--files', place.root).port}"


def safe(world, place, certificates):
    cert, key = certificates.leaf()
    return f"https://localhost:{world.serve('--tls', '--cert', cert, '--key', key, '--files', place.root).port}"


def behind_nginx(world, place, _):
    port = unused_port()
    target = world.serve("--files", place.root).port
    nginx(world, http=f"upstream s {{ server {HOST}:{target}; keepalive 8; }} server {{ listen {HOST}:{port}; location / {{ "
                      'proxy_pass http://s; proxy_http_version 1.1; proxy_set_header Connection ""; } }', port=port)
    return f"http://{HOST}:{port}"


def behind_haproxy(world, place, _):
    port = unused_port()
    target = world.serve("--files", place.root).port
    haproxy(world, f"frontend f\n bind {HOST}:{port}\n default_backend b\nbackend b\n http-reuse always\n"
                   f" server s {HOST}:{target}", port, "http")
    return f"http://{HOST}:{port}"


STARTERS = {"plain": plain, "tls": safe, "nginx": behind_nginx, "haproxy": behind_haproxy}
WAYS = ["plain", pytest.param("tls", marks=needs_tls), pytest.param("nginx", marks=needs("nginx")),
        pytest.param("haproxy", marks=needs("haproxy"))]
OWN = WAYS[:2]
ways = pytest.mark.parametrize("way", WAYS)
own = pytest.mark.parametrize("way", OWN)
NAMES = {"/small.txt": "small.txt", "/empty": "empty", "/big": "big", "/a%20b+c%25.html": "a b+c%.html", "/": "index.html",
         "/sub/one.txt": "sub/one.txt", "/sub/%C3%A4%E2%82%AC.txt": "sub/ä€.txt", "/sub/../small.txt": None}


@pytest.fixture
def curl(world, certificates):
    def run(*args, timeout=60):
        return world.start("curl", "-s", "-S", "--cacert", certificates.ca, *args).finish(None, timeout)
    return run


# --- whole files ------------------------------------------------------------------------------------------------

@needs("curl")
@ways
def test_curl_fetches_every_file(started, place, curl, way):
    """All over one connection."""
    base = started(way)
    for path, name in NAMES.items():
        if name:
            result = curl("-f", base + path)
            assert result.status == 0 and sha256(result.out) == sha256(place.files[name]), (path, result)
    paths = [p for p, n in NAMES.items() if n]
    result = curl("-f", "-w", "%{stderr}%{num_connects}\n", *[base + p for p in paths])
    assert result.out == b"".join(place.files[NAMES[p]] for p in paths)
    assert sum(map(int, result.err.split())) == 1, result.err


@needs("curl")
@own
@pytest.mark.parametrize("version", ["--http1.0", "--http1.1", "--http2"])
def test_versions(started, place, curl, way, version):
    if version == "--http2" and way == "plain":
        version = "--http2-prior-knowledge"
    result = curl(version, "-f", "-w", "%{stderr}%{http_version}", started(way) + "/big")
    assert result.status == 0 and sha256(result.out) == sha256(place.files["big"]), result
    assert result.err == {"--http1.0": "1.0" if result.err == "1.0" else "1.1", "--http1.1": "1.1"}.get(version, "2")


@needs("curl")
@ways
def test_heads_agree_with_bodies(started, place, curl, way):
    for path, name in NAMES.items():
        if name:
            head = curl("-I", started(way) + path).text.lower()
            assert f"content-length: {len(place.files[name])}\r\n" in head and " 200" in head.splitlines()[0], head


@needs("curl")
@own
def test_types(started, curl, way):
    for path, kind in (("/", "text/html"), ("/small.txt", "text/plain"), ("/page.css", "text/css"),
                       ("/big", "application/octet-stream")):
        result = curl("-o", "/dev/null", "-w", "%{content_type}", started(way) + path)
        assert result.text.startswith(kind), (path, result)


@needs("wget")
@ways
def test_wget(world, started, place, certificates, way):
    got = world.path("got")
    process = world.start("wget", "-q", "--ca-certificate", certificates.ca, "-O", got, started(way) + "/big")
    assert process.finish(None, 60).status == 0 and sha256(got.read_bytes()) == sha256(place.files["big"])


@needs("wget")
def test_wget_mirrors_by_the_listing(world, started, place):
    """From a folder without index.html, through names that have to be escaped."""
    root = world.folder / "mirror"
    process = world.start("wget", "-q", "-r", "-np", "-nH", "--restrict-file-names=nocontrol", "-R", "index.html*", "-P", root,
                          started("plain") + "/sub/")
    assert process.finish(None, 60).status == 0, process.err
    got = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    assert got == {n: d for n, d in place.files.items() if n.startswith("sub/")}


@needs("aria2c")
@ways
def test_aria2c_by_segments(world, started, place, certificates, way):
    process = world.start("aria2c", "-q", "-x8", "-s8", "-k1M", "--ca-certificate", certificates.ca, "-d", world.folder,
                          "-o", "got", started(way) + "/big")
    assert process.finish(None, 60).status == 0, process.err
    assert sha256(world.path("got").read_bytes()) == sha256(place.files["big"])


@own
def test_our_own_get(world, started, place, certificates, way):
    got = world.path("got")
    result = world.run("get", "-q", "--ca", certificates.ca, "--segments", "4", "-o", got, started(way) + "/big", timeout=60)
    assert result.status == 0 and sha256(got.read_bytes()) == sha256(place.files["big"]), result


@own
def test_pythons_http_client(started, place, certificates, way):
    """Many requests on one connection: HEAD, GET, 404 and 304 leave it usable."""
    address = started(way).split("//")[1].rsplit(":", 1)
    connection = http.client.HTTPSConnection(*address, timeout=30, context=certificates.client_context()) \
        if way == "tls" else http.client.HTTPConnection(*address, timeout=30)

    def ask(method, path, headers=None):
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer, answer.read()
    connection.connect()
    socket = connection.sock
    for _ in range(3):
        answer, body = ask("GET", "/big")
        assert answer.status == 200 and sha256(body) == sha256(place.files["big"])
        etag, date = answer.headers["ETag"], answer.headers["Last-Modified"]
        assert etag and date and answer.headers["Accept-Ranges"] == "bytes" and answer.headers["Date"]
        answer, body = ask("HEAD", "/big")
        assert answer.status == 200 and body == b"" and int(answer.headers["Content-Length"]) == BIG
        answer, body = ask("GET", "/nothing")
        assert answer.status == 404
        for condition in ({"If-None-Match": etag}, {"If-None-Match": f'"x", {etag}'}, {"If-Modified-Since": date}):
            answer, body = ask("GET", "/big", condition)
            assert answer.status == 304 and body == b"" and answer.headers["ETag"] == etag, condition
        answer, body = ask("GET", "/big", {"Range": "bytes=5-9", "If-Range": etag})
        assert answer.status == 206 and body == place.files["big"][5:10]
        answer, body = ask("GET", "/small.txt", {"Range": "bytes=2-", "If-Range": '"other"'})
        assert answer.status == 200 and body == b"hello\n"
        answer, body = ask("GET", "/small.txt", {"If-Match": '"other"'})
        assert answer.status == 412
        answer, body = ask("GET", "/small.txt", {"Range": "bytes=6-"})
        assert answer.status == 416 and answer.headers["Content-Range"] == "bytes */6"
        assert connection.sock is socket
    connection.close()


# --- parts of files ---------------------------------------------------------------------------------------------

@needs("curl")
@ways
@pytest.mark.parametrize("given, first, past", [("0-0", 0, 1), ("5-99999", 5, 100000), ("-1000", BIG - 1000, BIG),
                                                (f"{BIG - 1}-", BIG - 1, BIG), (f"100-{10 * BIG}", 100, BIG)])
def test_ranges(started, place, curl, way, given, first, past):
    result = curl("-f", "-r", given, started(way) + "/big")
    assert result.status == 0 and sha256(result.out) == sha256(place.files["big"][first:past]), result


@needs("curl")
def test_several_ranges_at_once(started, place, curl):
    result = curl("-i", "-r", "0-9,100-199,-5", started("plain") + "/big")
    head, _, body = result.out.partition(b"\r\n\r\n")
    boundary = re.search(rb"multipart/byteranges; *boundary=\"?([^\"\r\n]+)", head).group(1)
    parts = body.split(b"--" + boundary)
    assert len(parts) == 5 and parts[4].startswith(b"--"), head
    data = place.files["big"]
    for part, want in zip(parts[1:4], (data[:10], data[100:200], data[-5:])):
        assert part.partition(b"\r\n\r\n")[2] == want + b"\r\n", part


@needs("curl")
@ways
def test_curl_goes_on_with_half_a_file(world, started, place, curl, way):
    half = world.path("half", place.files["big"][:BIG // 2])
    assert curl("-f", "-C", "-", "-o", half, started(way) + "/big").status == 0
    assert sha256(half.read_bytes()) == sha256(place.files["big"])


@needs("wget")
@own
def test_wget_goes_on_with_half_a_file(world, started, place, certificates, way):
    half = world.path("big", place.files["big"][:BIG // 3])
    process = world.start("wget", "-q", "-c", "--ca-certificate", certificates.ca, "-O", half, started(way) + "/big")
    assert process.finish(None, 60).status == 0 and sha256(half.read_bytes()) == sha256(place.files["big"])


@needs("curl")
@own
def test_conditions_of_curl(world, started, curl, way):
    url = started(way) + "/small.txt"
    for when, want in (("Wed, 15 Nov 2023 10:00:00 GMT", b""), ("Mon, 13 Nov 2023 10:00:00 GMT", b"hello\n")):
        assert curl("-z", when, url).out == want
    tag = world.path("tag")
    assert curl("--etag-save", tag, url).out == b"hello\n" and tag.read_bytes().strip()
    assert curl("--etag-compare", tag, url).out == b""


@needs("wget")
def test_wget_takes_only_what_is_newer(world, started):
    for _ in range(2):
        process = world.start("wget", "-nv", "-N", "-P", world.folder, started("plain") + "/small.txt")
        assert process.finish(None).status == 0
    assert int(world.path("small.txt").stat().st_mtime) == 1_700_000_000
    assert "saved" not in process.err and "->" not in process.err, process.err


# --- compressed, written, guarded ---------------------------------------------------------------------------------

@needs("curl")
@own
@pytest.mark.parametrize("coding, end", [("gzip", "gz"), ("br", "br"), ("zstd", "zst")])
def test_what_is_compressed_already(started, place, curl, way, coding, end):
    if not (place.root / f"page.css.{end}").exists():
        pytest.skip(f"no program makes .{end} here")
    result = curl("-H", f"Accept-Encoding: {coding}", "-D", "/dev/stderr", started(way) + "/page.css")
    assert result.out == (place.root / f"page.css.{end}").read_bytes()
    head = result.err.lower()
    assert f"content-encoding: {coding}\n" in head and re.search("vary: .*accept-encoding", head), head
    assert "content-type: text/css" in head
    result = curl("--compressed", started(way) + "/page.css")
    assert result.out == place.files["page.css"]
    for refused in (f"{coding};q=0", "identity"):
        result = curl("-H", f"Accept-Encoding: {refused}", started(way) + "/page.css")
        assert result.out == place.files["page.css"]


@needs("curl")
@pytest.mark.parametrize("tls", [False, pytest.param(True, marks=needs_tls)])
@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_uploads_of_curl(world, certificates, curl, tls, version):
    """With a length, without one, over a file that is there; asked for 100-continue by itself."""
    if version == "--http2" and not tls:
        version = "--http2-prior-knowledge"
    root = world.folder / "up"
    root.mkdir()
    cert, key = certificates.leaf() if tls else (None, None)
    server = world.serve("--files", root, "--upload", *(["--tls", "--cert", cert, "--key", key] if tls else []))
    base = f"{'https' if tls else 'http'}://localhost:{server.port}"
    data = random_bytes(5 * MIB + 3)
    source = world.path("source", data)
    for words in (["-T", source], ["-T", source], ["-T", "-"]):
        with open(source, "rb") as given:
            process = world.start("curl", "-s", "-S", "-f", version, "--cacert", certificates.ca, "-o", "/dev/null", "-w",
                                  "%{http_code}", *words, base + "/new", stdin=given)
            result = process.finish(None, 60)
        assert result.status == 0 and result.text in ("200", "201", "204"), (words, result, server.err)
        assert sha256((root / "new").read_bytes()) == sha256(data)
    assert os.listdir(root) == ["new"]
    assert curl(version, base + "/new").out == data


@needs("curl")
def test_a_refused_upload_is_told(world, started, place, curl):
    """Without --upload; and without reading all of it first."""
    source = world.path("source", random_bytes(30 * MIB))
    result = curl("-o", "/dev/null", "-w", "%{http_code} %{size_upload}", "-T", source, started("plain") + "/new")
    assert result.text.split()[0] in ("405", "403"), result
    assert not (place.root / "new").exists()


@needs("curl", "wget")
def test_a_password_before_files(world, place, curl):
    secret = world.path("password", b"joe:s3cret\n")
    secret.chmod(0o600)
    server = world.serve("--files", place.root, "--auth", f"@{secret}")
    url = f"http://{HOST}:{server.port}/small.txt"
    for words, code in (([], "401"), (["-u", "joe:wrong"], "401"), (["-u", "eve:s3cret"], "401"), (["-u", "joe:s3cret"], "200")):
        result = curl("-o", "/dev/null", "-w", "%{http_code}", *words, url)
        assert result.text == code, words
    process = world.start("wget", "-q", "-O", "-", "--user", "joe", "--password", "s3cret", url)
    assert process.finish(None).out == b"hello\n"
    result = world.run("get", "-u", "joe:s3cret", url)
    assert result.out == b"hello\n", result


@needs("curl")
def test_where_curl_may_not_go(started, curl):
    for path in ("/../etc/passwd", "/%2e%2e/etc/passwd", "/sub/..%2f..%2fetc/passwd", "/..%5cetc", "//etc/passwd", "/%00",
                 "/sub/%c0%ae%c0%ae/small.txt"):
        result = curl("--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", started("plain") + path)
        assert result.text in ("400", "403", "404"), (path, result)


# --- HTTP/2 and load ------------------------------------------------------------------------------------------------

def base_of(started, way):
    """nghttp and h2load speak HTTP/2 to a plain port, too."""
    return started(way)


@needs("nghttp")
@own
def test_nghttp(world, started, place, way):
    """Several at once on one connection, each byte counted."""
    base = base_of(started, way)
    for path in ("/big", "/small.txt", "/sub/deep/two.bin", "/empty"):
        result = world.start("nghttp", "--no-verify", base + path).finish(None, 60)
        assert result.status == 0 and sha256(result.out) == sha256(place.files[path[1:]]), (path, result)
    result = world.start("nghttp", "--no-verify", "-n", "-s", *[base + "/sub/deep/two.bin"] * 20).finish(None, 60)
    assert result.status == 0 and result.text.count("/sub/deep/two.bin") >= 1, result
    assert " 404 " not in result.text


def h2load(world, *args):
    result = world.start("h2load", *args).finish(None, 100)
    counted = re.search(r"requests: (\d+) total, .* (\d+) succeeded, (\d+) failed, (\d+) errored", result.text)
    assert counted, result
    return [int(n) for n in counted.groups()], result.text


@needs("h2load")
@own
@pytest.mark.parametrize("words", [["-m10"], ["--h1"], ["-m100", "-w14"]], ids=["h2", "h1", "small-windows"])
def test_h2load(world, started, way, words):
    if way == "tls" and words == ["--h1"]:
        words = ["--npn-list=http/1.1"]
    for path, size, count in (("/small.txt", 6, 2000), ("/sub/deep/two.bin", 70_000, 200)):
        (total, good, failed, errors), text = h2load(world, f"-n{count}", "-c10", *words, started(way) + path)
        assert (total, good, failed, errors) == (count, count, 0, 0), text
        assert int(re.search(r"\((\d+)\) data|, [0-9.]+[KMG]?B \((\d+)\) data$", text, re.M).group(0).split("(")[1].split(")")[0]
                   ) == size * count, text


@needs("wrk")
def test_wrk(world, started):
    result = world.start("wrk", "-t1", "-c16", "-d1s", started("plain") + "/small.txt").finish(None, 30)
    assert result.status == 0 and "Socket errors" not in result.text and "Non-2xx" not in result.text, result
    assert int(re.search(r"(\d+) requests in", result.text).group(1)) > 0


@needs("curl")
@own
def test_many_curls_at_once(world, started, place, curl, way):
    config = world.path("config")
    config.write_text("".join(f'url = "{started(way)}/sub/deep/two.bin"\noutput = "{world.folder}/o{n}"\n' for n in range(100)))
    assert curl("-f", "-Z", "--parallel-max", "50", "-K", config, timeout=100).status == 0
    want = sha256(place.files["sub/deep/two.bin"])
    assert all(sha256(world.path(f"o{n}").read_bytes()) == want for n in range(100))


@needs("curl")
def test_a_slow_reader_harms_nobody(world, started, place, curl):
    slow = world.start("curl", "-s", "--limit-rate", "100k", "-o", "/dev/null", started("plain") + "/big")
    began = time.monotonic()
    for _ in range(20):
        assert curl(started("plain") + "/small.txt").out == b"hello\n"
    assert slow.running() or time.monotonic() - began > 60


@needs("curl")
def test_a_page_application_and_other_sites(world, place, curl):
    """--spa gives the front page for what is not there, --cors tells browsers that others may read."""
    server = world.serve("--files", place.root, "--spa", "--cors")
    base = f"http://{HOST}:{server.port}"
    assert curl("-f", "-H", "Accept: text/html", base + "/some/view").out == place.files["index.html"]
    head = curl("-i", "-H", "Origin: http://elsewhere.test", base + "/small.txt").text.lower()
    assert "access-control-allow-origin: " in head, head
    head = curl("-i", "-X", "OPTIONS", "-H", "Origin: http://elsewhere.test", "-H", "Access-Control-Request-Method: GET",
                base + "/small.txt").text.lower()
    assert re.match(r"http/1.1 20[04] ", head) and "access-control-allow-methods: " in head, head
