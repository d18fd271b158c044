# SPDX-License-Identifier: MIT
"""get as people type it first: a page to stdout or to a file, names of files, statuses, several URLs, where it connects
to, and what is refused before anything is sent."""
import os
import socket
import stat

import pytest

from harness import HOST, MIB, unused_port, needs_tls, one_line, random_bytes
from web import Answer, Site, Web, chunks, failed, file, get, has_ipv6, head, names, ok, saying, turns

PAGE = "<html><title>新浪首页</title></html>\n".encode() * 400
needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
FAMILIES = [pytest.param(HOST, id="ipv4"), pytest.param("::1", id="ipv6", marks=needs_ipv6)]


def bracketed(host):
    return f"[{host}]" if ":" in host else host


# --- the tutorial's program ---------------------------------------------------------------------

@pytest.mark.parametrize("host", FAMILIES)
def test_a_head_is_printed_and_the_body_saved(world, host):
    """`sockutil get -i -o sina.html www.sina.com.cn`, with a server on loopback for the site."""
    site = Site(world, {"/": Answer(PAGE, fields=["Content-Type: text/html", "X-Cache: HIT"])}, host=host)
    result = get(world, "--resolve", f"www.sina.com.cn:{site.port}:{bracketed(host)}", "-i", "-o", "sina.html",
                 f"www.sina.com.cn:{site.port}")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith(b"HTTP/1.1 200 OK\r\n") and b"X-Cache: HIT\r\n" in result.out
    assert PAGE not in result.out
    assert (result.folder / "sina.html").read_bytes() == PAGE and names(result.folder) == ["sina.html"]
    assert site.last.method == "GET" and site.last.target == "/"
    assert site.last.get("Host") == f"www.sina.com.cn:{site.port}"


@pytest.mark.parametrize("host", FAMILIES)
def test_the_very_command_of_the_tutorial(world, host):
    site = Site(world, {"/": PAGE}, host=host)
    result = get(world, "--connect-to", f"www.sina.com.cn:80:{bracketed(host)}:{site.port}", "-i", "-o", "sina.html",
                 "www.sina.com.cn")
    assert result.status == 0 and (result.folder / "sina.html").read_bytes() == PAGE
    assert site.last.get("Host") == "www.sina.com.cn"


def test_what_a_site_that_closes_says(world):
    """Without a length, the body ends with the connection, as the tutorial reads it."""
    web = Web(world, saying(head(200, "Connection: close") + PAGE))
    result = get(world, web.url())
    assert (result.status, result.out, result.err) == (0, PAGE, "")


# --- bodies -------------------------------------------------------------------------------------

@pytest.mark.parametrize("how", [dict(), dict(chunked=True), dict(length=None)], ids=["length", "chunked", "to close"])
@pytest.mark.parametrize("size", [0, 1, 9999, 65536, 65537, 5 * MIB + 3])
def test_bodies_come_whole(world, size, how):
    body = random_bytes(size)
    site = Site(world, {"/f": Answer(body, **how)})
    to_pipe, to_file = get(world, site.url("/f")), get(world, "-o", "f", site.url("/f"))
    assert (to_pipe.status, to_file.status) == (0, 0), to_file
    assert to_pipe.out == body and (to_file.folder / "f").read_bytes() == body
    assert to_file.out == b"" and to_pipe.err == to_file.err == ""


@pytest.mark.parametrize("answer", [
    ok(b"hello"), head(200, version="1.0") + b"hello", head(200, "content-length:5") + b"hello",
    head(200, "CONTENT-LENGTH:\t 5 \t") + b"hello", head(200, "Content-Length: 5", "Content-Length: 5") + b"hello",
    head(200, "Transfer-Encoding: chunked") + chunks(b"he", b"llo", trailers=["X-Sum: 1"]),
    head(200, "Transfer-Encoding: Chunked") + b"5;name=\"a;b\"\r\nhello\r\n000\r\n\r\n",
    head(103, "Link: </x>") + head(100) + ok(b"hello"), ok(b"hello").replace(b"\r\n", b"\n"),
    ok(b"hello").replace(b" OK", b""), ok(b"hello").replace(b" OK", b" "), head(299, "Content-Length: 5") + b"hello",
])
@pytest.mark.parametrize("bytewise", [False, True])
def test_every_form_of_an_answer(world, answer, bytewise):
    pieces = [answer[i:i + 1] for i in range(len(answer))] if bytewise else [answer]
    web = Web(world, saying(*pieces))
    result = get(world, web.url())
    assert (result.status, result.out, result.err) == (0, b"hello", "")


def test_no_content_is_an_empty_body(world):
    site = Site(world, {"/": Answer(status=204)})
    assert get(world, "-o", "f", site.url()).status == 0
    assert (world.path("out") / "f").read_bytes() == b""


def test_head_asks_for_the_head_alone(world):
    site = Site(world, {"/": Answer(PAGE, fields=["X-A: b"])})
    result = get(world, "-I", site.url())
    assert result.status == 0 and site.last.method == "HEAD"
    assert result.out.startswith(b"HTTP/1.1 200 OK\r\n") and f"Content-Length: {len(PAGE)}\r\n".encode() in result.out
    assert PAGE[:10] not in result.out


def test_the_head_goes_to_a_file(world):
    site = Site(world, {"/": Answer(PAGE, fields=["X-A: b"])})
    result = get(world, "-D", "head", "-o", "f", site.url())
    assert result.status == 0 and result.out == b""
    assert b"X-A: b\r\n" in (result.folder / "head").read_bytes() and (result.folder / "f").read_bytes() == PAGE


# --- names of files -----------------------------------------------------------------------------

def test_o_dash_is_stdout(world):
    site = Site(world, {"/": PAGE})
    result = get(world, "-o", "-", site.url())
    assert result.out == PAGE and names(result.folder) == []


@pytest.mark.parametrize("path, name", [("/a/b.tar.gz", "b.tar.gz"), ("/a/b.txt?v=1&w=/x", "b.txt"), ("/a/b%20c",
                                                                                                      "b c"),
                                        ("/a/%E6%96%B0", "新"), ("/b#part", "b")])
def test_a_remote_name(world, path, name):
    site = Site(world, {path.split("?")[0].split("#")[0]: PAGE})
    result = get(world, "-O", site.url(path))
    assert result.status == 0, result
    assert names(result.folder) == [name] and (result.folder / name).read_bytes() == PAGE


@pytest.mark.parametrize("path", ["/", "/a/", "/?x=/name", "/.bashrc", "/..%2f", "/%2e%2e", "/a%00b", "/x%1b[31m",
                                  "/" + "n" * 300])
def test_a_remote_name_that_is_none(world, path):
    site = Site(world)
    result = get(world, "-O", site.url(path))
    assert result.status in (2, 3, 23) and names(result.folder) == []
    assert "-o" in one_line(result.err) or result.status == 3
    assert not site.requests


def test_a_remote_name_with_slashes_in_it_stays_in_the_folder(world):
    site = Site(world, {"/a%2Fb": PAGE, "/..%2F..%2Fevil": PAGE, "/..%5Cback": PAGE})
    for path in site.pages:
        assert get(world, "-O", site.url(path)).status == 0
    assert names(world.path("out")) == ["b", "back", "evil"] and not (world.folder / "evil").exists()


def test_the_server_may_name_the_file(world):
    site = Site(world, {"/download": Answer(PAGE, fields=['Content-Disposition: attachment; filename="report 1.pdf"'])})
    result = get(world, "-J", site.url("/download"))
    assert result.status == 0 and names(result.folder) == ["report 1.pdf"]
    again = get(world, "-J", site.url("/download"))
    assert (result.folder / "report 1.pdf").read_bytes() == PAGE
    assert again.status in (0, 23) and "report 1.pdf" in names(result.folder)  # never overwritten


def test_without_a_name_from_the_server_the_url_gives_one(world):
    site = Site(world, {"/a/page.html": PAGE})
    result = get(world, "-J", site.url("/a/page.html"))
    assert result.status == 0 and names(result.folder) == ["page.html"]


def test_folders_are_made_only_when_asked(world):
    site = Site(world, {"/f": PAGE})
    failed(get(world, "-o", "a/b/f", site.url("/f")), 23, "a/b/f")
    assert names(world.path("out")) == []
    assert get(world, "--create-dirs", "-o", "a/b/f", site.url("/f")).status == 0
    assert (world.path("out") / "a/b/f").read_bytes() == PAGE
    failed(get(world, "-P", "c/d", "-O", site.url("/f")), 23, "c/d")
    assert get(world, "-P", "c/d", "--create-dirs", "-O", site.url("/f")).status == 0
    assert (world.path("out") / "c/d/f").read_bytes() == PAGE


def test_a_folder_goes_in_front_of_names(world):
    site = Site(world, {"/f": PAGE})
    (world.path("out")).mkdir()
    (world.path("out") / "d").mkdir()
    assert get(world, "--directory", "d", "-o", "g", site.url("/f")).status == 0
    assert get(world, "-P", "d", "-O", site.url("/f")).status == 0
    assert names(world.path("out") / "d") == ["f", "g"]


def test_an_existing_file_is_replaced_or_left_alone(world):
    site = Site(world, {"/f": PAGE})
    world.path("out").mkdir()
    target = world.path("out/f", b"old")
    target.chmod(0o640)
    result = get(world, "--no-clobber", "-O", site.url("/f"))
    assert result.status == 0 and target.read_bytes() == b"old"
    assert names(result.folder) == ["f", "f.1"] and (result.folder / "f.1").read_bytes() == PAGE
    assert get(world, "-O", site.url("/f")).status == 0
    assert target.read_bytes() == PAGE


def test_a_new_file_has_the_mode_that_the_umask_leaves(world):
    site = Site(world, {"/f": PAGE})
    result = world.run("get", "-o", world.path("f"), site.url("/f"), preexec_fn=lambda: os.umask(0o027))
    assert result.status == 0 and stat.S_IMODE(world.path("f").stat().st_mode) == 0o640


# --- statuses -----------------------------------------------------------------------------------

@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 429, 500, 503, 599])
def test_a_status_of_400_or_above_is_22_and_leaves_no_file(world, code):
    site = Site(world, {"/x": Answer(b"<h1>error page</h1>", code)})
    result = get(world, "--retry", "0", "-o", "f", site.url("/x"))
    failed(result, 22, str(code), "/x")
    assert names(result.folder) == [] and result.out == b""
    result = get(world, "--retry", "0", site.url("/x"))
    failed(result, 22, str(code))
    assert result.out == b""


def test_an_error_leaves_the_old_file(world):
    site = Site(world)
    world.path("out").mkdir()
    target = world.path("out/f", b"old")
    failed(get(world, "-o", "f", site.url("/gone")), 22, "404")
    assert target.read_bytes() == b"old" and names(world.path("out")) == ["f"]


def test_an_error_page_can_be_asked_for(world):
    site = Site(world)
    result = get(world, "--body-on-error", site.url("/gone"))
    assert result.status == 22 and result.out == b"<h1>not here</h1>\n"
    one_line(result.err)
    result = get(world, "--body-on-error", "--no-fail", "-o", "f", site.url("/gone"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == b"<h1>not here</h1>\n"
    result = get(world, "--no-fail", site.url("/gone"))
    assert (result.status, result.out, result.err) == (0, b"<h1>not here</h1>\n", "")


@pytest.mark.parametrize("reason", [b"\x1b[31mred\x1b[0m", b"caf\xe9 \xff", b"\x9b31m", "‮evil".encode()])
def test_a_reason_from_the_server_cannot_write_on_the_terminal(world, reason):
    web = Web(world, saying(head(404, "Content-Length: 0").replace(b"Not Found", reason)))
    failed(get(world, web.url()), 22, "404")


# --- several ------------------------------------------------------------------------------------

def test_several_urls_go_to_stdout_in_their_order_over_one_connection(world):
    site = Site(world, {f"/{i}": Answer(b"body %d\n" % i, chunked=i % 2 == 0) for i in range(8)})
    result = get(world, *[site.url(f"/{i}") for i in range(8)])
    assert (result.status, result.out) == (0, b"".join(b"body %d\n" % i for i in range(8)))
    assert site.connections == 1 and len(site.requests) == 8


def test_several_urls_go_to_their_files(world):
    site = Site(world, {f"/{n}": n.encode() for n in "abc"})
    result = get(world, "-O", *[site.url(f"/{n}") for n in "abc"])
    assert result.status == 0 and names(result.folder) == ["a", "b", "c"]
    assert all((result.folder / n).read_bytes() == n.encode() for n in "abc")


def test_the_n_th_name_is_the_n_th_urls(world):
    site = Site(world, {f"/{n}": n.encode() for n in "abc"})
    result = get(world, "-o", "x", "-o", "y", *[site.url(f"/{n}") for n in "abc"])
    assert (result.status, result.out) == (0, b"c")
    assert [(result.folder / n).read_bytes() for n in "xy"] == [b"a", b"b"]
    result = get(world, *[w for n in "abc" for w in ("-o", n * 2, site.url(f"/{n}"))])
    assert result.status == 0 and (result.folder / "cc").read_bytes() == b"c"


def test_the_status_is_the_first_failing_ones_and_the_others_are_fetched(world):
    site = Site(world, {"/a": b"a", "/c": b"c"})
    result = get(world, "-O", site.url("/a"), site.url("/b"), f"http://{HOST}:{unused_port()}/x", site.url("/c"),
                 "--retry", "0")
    assert result.status == 22 and names(result.folder) == ["a", "c"]
    assert len(result.err.splitlines()) == 2 and "404" in result.err and "refused" in result.err


def test_an_error_page_that_is_not_wanted_does_not_cost_the_connection(world):
    site = Site(world, {"/a": b"a"})
    result = get(world, site.url("/gone"), site.url("/a"))
    assert (result.status, result.out, site.connections) == (22, b"a", 1)


def test_a_connection_that_the_server_ends_is_opened_anew(world):
    site = Site(world, {"/a": Answer(b"a", close=True)})
    result = get(world, *[site.url("/a")] * 3)
    assert (result.status, result.out, result.err, site.connections) == (0, b"aaa", "", 3)


def test_bytes_behind_an_answer_are_nobodys(world):
    """They may not become the next answer."""
    web = Web(world, turns(saying(ok(b"first") + ok(b"forged")), saying(ok(b"second"))))
    result = get(world, web.url("/1"), web.url("/2"))
    assert (result.status, result.out, web.connections) == (0, b"firstsecond", 2)


# --- where it goes ------------------------------------------------------------------------------

def test_an_international_name(world):
    site = Site(world, {"/": PAGE})
    result = get(world, "--connect-to", f"::{HOST}:{site.port}", "http://Bücher.example/")
    assert (result.status, result.out) == (0, PAGE)
    assert site.last.get("Host") == "xn--bcher-kva.example"


@pytest.mark.parametrize("url, target, host", [
    ("{o}", "/", None), ("{o}?q=1", "/?q=1", None), ("{o}/a?b#c", "/a?b", None), ("{o}/a/./b/../c", "/a/c", None),
    ("{o}/新?新", "/%E6%96%B0?%E6%96%B0", None), ("{o}/a%2fb", "/a%2fb", None), ("HTTP://{h}/", "/", None),
    ("http://EXAMPLE.org:80/", "/", "example.org"), ("example.org/x", "/x", "example.org"),
    ("http://example.org./", "/", None),
])
def test_what_of_an_url_is_sent(world, url, target, host):
    site = Site(world, {target.split("?")[0]: PAGE})
    words = ["--connect-to", f":80:{HOST}:{site.port}"]
    result = get(world, *words, url.format(o=site.origin, h=f"{HOST}:{site.port}"))
    assert result.status == 0, result
    assert site.last.target == target
    if host:
        assert site.last.get("Host") == host


@pytest.mark.parametrize("url", [
    "ftp://{h}/", "file:///etc/passwd", "gopher://{h}/", "unix:/tmp/x", "javascript:alert(1)", "http://", "http:///x",
    "http://{h}/a b", "http://{h}/a\tb", "http://{h}/\x1b[31m", "http://{h}/a\r\nX-Evil: 1", "http://{h}/\x7f",
    "http://[::1/", "http://127.0.0.1:99999/", "http://127.0.0.1:0x50/", "http://127.0.0.1:-1/", "http://127.1/",
    "http://0x7f.1/", "http://0177.0.0.1/", "http://2130706433/", "http://a@b@{h}/", "http://a\\@{h}/",
    "http://exa%6dple.org/", "http://{h}\\/x", "http://user:pa ss@{h}/", "http://u%0d%0a@{h}/", "http://" + "a" * 300,
    "http://[::1%25\x01]/", "http://[1.2.3.4]/", "http:/{h}/", "http://-/..\\x",
])
def test_a_malformed_url_is_3_and_nothing_is_sent(world, url):
    site = Site(world, {"/": PAGE})
    result = get(world, "-o", "f", url.format(h=f"{HOST}:{site.port}"))
    failed(result, 3)
    assert names(result.folder) == [] and site.connections == 0


def test_an_address_of_ipv4_in_ipv6_is_one_address(world):
    """The same parser decides what is dialled and what Host says."""
    site = Site(world, {"/": PAGE})
    result = get(world, f"http://[::ffff:127.0.0.1]:{site.port}/")
    if result.status == 0:
        assert site.last.get("Host").startswith("[::ffff:")
    else:
        failed(result, 7)


def test_a_name_that_is_none_is_6_and_named(world):
    failed(get(world, "--retry", "0", "http://no-such-host.invalid/"), 6, "no-such-host.invalid")


def test_nobody_there_is_7(world):
    port = unused_port()
    result = get(world, "-o", "f", f"http://{HOST}:{port}/")
    failed(result, 7, "refused", str(port))
    assert names(result.folder) == []


def test_resolve_is_for_its_port_alone(world):
    site = Site(world, {"/": PAGE})
    result = get(world, "--retry", "0", "--resolve", f"no-such-host.invalid:{site.port + 1}:{HOST}",
                 f"http://no-such-host.invalid:{site.port}/")
    assert result.status == 6 and site.connections == 0


@pytest.mark.parametrize("word", [["--resolve", "a:b:c"], ["--resolve", "x"], ["--resolve", "h:80:not-an-address"],
                                  ["--connect-to", "x"], ["--connect-to", "a:1:b:99999"]])
def test_a_route_that_makes_no_sense_is_2(world, word):
    site = Site(world, {"/": PAGE})
    failed(get(world, *word, site.url()), 2)
    assert site.connections == 0


def test_a_unix_socket(world):
    site = Site(world, {"/": PAGE}, path=world.path("socket"))
    result = get(world, "--unix-socket", world.path("socket"), "http://example.org/")
    assert (result.status, result.out, site.last.get("Host")) == (0, PAGE, "example.org")


@needs_ipv6
def alone_on_its_port(world):
    """A site on ::1, and a socket that keeps others from its port on 127.0.0.1."""
    for _ in range(20):
        site, reserved = Site(world, {"/": PAGE}, host="::1"), socket.socket()
        try:
            reserved.bind((HOST, site.port))
            return site, reserved
        except OSError:
            reserved.close()
    raise AssertionError("no port is free on both addresses")


def test_families(world):
    site, reserved = alone_on_its_port(world)
    assert get(world, "-6", f"http://localhost:{site.port}/").out == PAGE
    result = get(world, "-4", f"http://localhost:{site.port}/")
    assert result.status == 7 and HOST in one_line(result.err)
    reserved.close()
    assert get(world, f"http://localhost:{site.port}/").out == PAGE
    assert site.last.get("Host") == f"localhost:{site.port}"


@pytest.mark.parametrize("word, version", [("--http1.0", "HTTP/1.0"), ("--http1.1", "HTTP/1.1")])
def test_versions(world, word, version):
    site = Site(world, {"/": PAGE})
    result = get(world, word, site.url(), site.url())
    assert (result.status, result.out, site.last.version) == (0, PAGE * 2, version)
    assert site.connections == (2 if version == "HTTP/1.0" else 1)


# --- how it is typed ----------------------------------------------------------------------------

@pytest.mark.parametrize("words", [[], ["--no-such-option", "http://{h}/"], ["-o"], ["--max-redirects", "-1",
                                                                                     "http://{h}/"],
                                   ["--retry", "x", "http://{h}/"], ["--segments", "0", "http://{h}/"],
                                   ["--jobs", "0", "http://{h}/"], ["-r", "5", "http://{h}/"], ["-r", "a-b",
                                   "http://{h}/"],
                                   ["--checksum", "sha257:00", "http://{h}/"], ["--checksum", "sha256:xyz",
                                   "http://{h}/"],
                                   ["--progress", "lots", "http://{h}/"], ["-C", "http://{h}/"],
                                   ["-d", "x", "-T", "/etc/hostname", "http://{h}/"],
                                   ["-I", "--data-json", "1", "http://{h}/"], ["-I", "-o", "f", "http://{h}/"],
                                   ["-C", "-J", "http://{h}/"], ["-C", "-r", "0-1", "-O", "http://{h}/f"],
                                   ["--segments", "2", "http://{h}/"], ["--jobs", "2", "http://{h}/"], ["-G",
                                   "http://{h}/"],
                                   ["--create-dirs", "http://{h}/"], ["--no-follow", "--max-redirects", "2",
                                   "http://{h}/"],
                                   ["-u", "a:b", "--bearer", "x", "http://{h}/"]])
def test_mistakes_are_2_and_nothing_is_sent(world, words):
    site = Site(world, {"/": PAGE})
    result = get(world, *[w.format(h=f"{HOST}:{site.port}") for w in words])
    assert result.status == 2, result
    assert site.connections == 0 and names(result.folder) == []


def test_options_may_stand_behind(world):
    site = Site(world, {"/f": file(PAGE)})
    assert get(world, site.url("/f"), "-o", "g").status == 0
    assert (world.path("out") / "g").read_bytes() == PAGE
    assert get(world, "-o", "h", "--", site.url("/f")).status == 0


def test_who_we_say_we_are(world):
    site = Site(world, {"/": PAGE})
    get(world, site.url())
    assert site.last.get("User-Agent").startswith("sockutil/") and site.last.get("Accept") == "*/*"
    assert {n.lower() for n, _ in site.last.fields} <= {"host", "user-agent", "accept", "connection"}


def test_a_pace_changes_no_byte(world):
    """Paced bytes go through buffers, the others are spliced where that is possible."""
    body = random_bytes(300_000)
    site = Site(world, {"/": body})
    result = get(world, "--limit-rate", "100M", "-o", "f", site.url())
    assert result.status == 0 and (result.folder / "f").read_bytes() == body


@needs_tls
def test_the_end_of_tls_is_said(world, certificates):
    """A server that keeps the connection open sees an orderly end, not a cut."""
    context = certificates.server_context()

    def talk(connection):
        with context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False) as tls:
            assert tls.recv(1000).startswith(b"GET / ")
            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            return tls.recv(1)

    peer = world.peer(talk)
    r = world.run("get", "--ca", certificates.ca, "-4", f"https://localhost:{peer.port}/")
    assert (r.status, r.out) == (0, b"ok")
    assert peer.result() == b""
