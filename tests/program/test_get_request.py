# SPDX-License-Identifier: MIT
"""What get sends: methods, fields, data, forms, uploads, passwords, cookies; and that nothing a user or a server says
can put a line of its own into a request."""
import email.parser
import email.policy
import json
import os
import re
import subprocess
import threading

import pytest

from harness import HOST, MIB, needs, needs_tls, one_line, random_bytes, wait_until
from web import Answer, Digest, Site, Web, basic, failed, file, get, head, ok, redirect

FORM = "application/x-www-form-urlencoded"


def mirror(request):
    """Answers with the method and the body that came."""
    return Answer(request.method.encode() + b" " + request.body)


@pytest.fixture
def site(world):
    return Site(world, {"/": mirror, "/x": mirror})


# --- methods and fields -------------------------------------------------------------------------

@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW", "M-SEARCH"])
def test_any_method(world, site, method):
    result = get(world, "-X", method, site.url())
    assert (result.status, result.out) == (0, method.encode() + b" ")


def test_fields_are_added_replaced_and_removed(world, site):
    result = get(world, "-H", "X-One: 1", "--header", "X-Two:2", "-H", "Accept: text/plain", "-H", "User-Agent:", "-H",
                 "X-Bytes: grün", site.url())
    assert result.status == 0, result
    request = site.last
    assert (request.get("X-One"), request.get("X-Two"), request.get("Accept")) == ("1", "2", "text/plain")
    assert request.get("User-Agent") is None and request.get("X-Bytes") == "grün"


def test_fields_from_a_file(world, site):
    assert get(world, "-H", f"@{world.path('fields', b'X-One: 1' + bytes([13, 10]) + b'X-Two: 2' + bytes([10]))}",
               site.url()).status == 0
    assert (site.last.get("X-One"), site.last.get("X-Two")) == ("1", "2")


def test_the_host_field_can_be_another(world, site):
    assert get(world, "-H", "Host: other.example", site.url()).status == 0
    assert site.last.get("Host") == "other.example"


def test_agent_and_referer(world, site):
    assert get(world, "-A", "me/1.0", "-e", "http://from.example/", site.url()).status == 0
    assert (site.last.get("User-Agent"), site.last.get("Referer")) == ("me/1.0", "http://from.example/")


@pytest.mark.parametrize("words", [
    ["-H", "X: a\r\nEvil: 1"], ["-H", "X: a\nEvil: 1"], ["-H", "X: a\rEvil"], ["-H", "X\r\nEvil: 1"], ["-H",
    "no colon"],
    ["-H", ": empty"], ["-H", "sp ace: x"], ["-H", "X : x"], ["-H", "X: \x01"], ["-H", "X: \x7f"],
    ["-A", "a\r\nEvil: 1"], ["-e", "a\r\nEvil: 1"], ["-b", "a=b\r\nEvil: 1"], ["-X", "GET /x HTTP/1.1\r\n"],
    ["-X", "G T"], ["-X", ""], ["-u", "a\r\nb:c"], ["-u", "a:b\nc"], ["-r", "0-1\r\nEvil: 1"],
    ["-F", "a\r\nb=c"], ["-H", "Content-Length: 5"], ["-H", "Transfer-Encoding: chunked"],
])
def test_no_line_of_ones_own_gets_into_a_request(world, site, words):
    result = get(world, *words, site.url())
    if words[0] == "-F" and result.status == 0:  # a name in a form may be quoted instead
        assert b"\r\nb" not in site.last.body
        return
    assert result.status in (2, 3), result
    one_line(result.err)
    assert site.connections == 0


def test_no_line_of_a_files_own_gets_into_a_request(world, site):
    for words in (["--bearer", f"@{world.path('token', b'a' + bytes([13, 10]) + b'Evil: 1')}"],
                  ["--netrc", site.url()]):
        world.path(".netrc", b'machine 127.0.0.1 login "a\\r\\nEvil: 1" password x\n').chmod(0o600)
        result = get(world, *words, site.url(), env={"HOME": str(world.folder)})
        assert result.status in (2, 3, 26) or not any(r.get("Evil") for r in site.requests), result


# --- data ---------------------------------------------------------------------------------------

def test_data_is_posted_and_joined(world, site):
    result = get(world, "-d", "a=1", "--data", f"@{world.path('d', b'b=2' + bytes([10]))}", "-d", "c=ü&d", site.url())
    assert result.status == 0 and result.out == "POST a=1&b=2\n&c=ü&d".encode()
    assert site.last.get("Content-Type") == FORM and site.last.get("Content-Length") == str(len(site.last.body))


def test_data_from_stdin_and_with_another_method(world, site):
    data = random_bytes(200_000)
    result = get(world, "-X", "PUT", "-H", "Content-Type: image/png", "-d", "@-", site.url(), stdin=data)
    assert result.status == 0 and site.last.body == data
    assert site.last.method == "PUT" and site.last.get("Content-Type") == "image/png"


def test_data_can_be_a_query(world, site):
    assert get(world, "-G", "-d", "q=1", "-d", "r=2", site.url("/x")).out == b"GET "
    assert site.last.target == "/x?q=1&r=2"
    assert get(world, "-G", "-d", "q=1", site.url("/x?a=b#c")).out == b"GET "
    assert site.last.target == "/x?a=b&q=1"


def test_empty_data_is_still_posted(world, site):
    assert get(world, "-d", "", site.url()).out == b"POST "
    assert site.last.get("Content-Length") == "0"


def test_json(world, site):
    text = json.dumps({"grün": [1, 2, {"x": None}]}, ensure_ascii=False)
    assert get(world, "--data-json", text, site.url()).out == b"POST " + text.encode()
    assert site.last.get("Content-Type") == "application/json"
    world.path("out/j", text.encode())
    assert get(world, "--data-json", "@j", site.url()).out == b"POST " + text.encode()


def test_a_file_of_data_that_is_not_there_is_26(world, site):
    for words in (["-d", "@gone"], ["--data-json", "@gone"], ["-F", "f=@gone"], ["-T", "gone"], ["-F", "f=<gone"]):
        failed(get(world, *words, site.url()), 26, "gone")
    assert site.connections == 0


def form(request):
    """The parts of a multipart body: name, file name, type, bytes."""
    text = f"Content-Type: {request.get('Content-Type')}\r\n\r\n".encode() + request.body
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(text)
    assert message.get_content_type() == "multipart/form-data" and not message.defects
    return [(p.get_param("name", header="content-disposition"), p.get_filename(), p["Content-Type"],
             p.get_payload(decode=True)) for p in message.iter_parts()]


def test_a_form(world, site):
    data = random_bytes(70_000).replace(b"\r", b"x").replace(b"\n", b"y") + b"\r\n--boundary\r\n"
    world.path("file.bin", data)
    world.path("text", b"from a file")
    result = get(world, "-F", "name=Jörg = me;x", "-F", f"up=@{world.path('file.bin')};type=image/png",
                 "-F", f"named=@{world.path('file.bin')};filename=other.txt", "--form", f"t=<{world.path('text')}",
                 site.url())
    assert result.status == 0, result
    parts = form(site.last)
    assert [(n, f, d) for n, f, _, d in parts] == [("name", None, "Jörg = me;x".encode()), ("up", "file.bin", data),
                                                   ("named", "other.txt", data), ("t", None, b"from a file")]
    assert parts[1][2] == "image/png" and parts[2][2] == "application/octet-stream"
    assert site.last.method == "POST" and site.last.get("Content-Length") == str(len(site.last.body))


def test_a_large_file_in_a_form(world, site):
    data = random_bytes(20 * MIB)
    world.path("file.bin", data)
    result = get(world, "-F", "a=1", "-F", f"up=@{world.path('file.bin')}", "-F", "z=2", site.url("/x"))
    assert result.status == 0 and [p[3] for p in form(site.last)] == [b"1", data, b"2"]


def test_names_in_a_form_cannot_end_their_quotes(world, site):
    world.path("out").mkdir()
    world.path('out/a"b\nc', b"data")
    result = get(world, "-F", 'x=@a"b\nc', "-F", 'q"r=1', site.url())
    if result.status == 0:
        assert site.last.body.count(b"Content-Disposition") == 2 and b'filename="a"b' not in site.last.body
        assert b"\nc\"" not in site.last.body
    else:
        assert result.status == 2


# --- uploads ------------------------------------------------------------------------------------

@pytest.mark.parametrize("size", [0, 1, 65536, 5 * MIB + 7, 33 * MIB])
def test_a_file_is_uploaded_with_its_length(world, site, size):
    data = random_bytes(size)
    site.pages["/x"] = lambda request: Answer(b"stored", 201)
    result = get(world, "-T", world.path("f", data), site.url("/x"), timeout=60)
    assert (result.status, result.out) == (0, b"stored"), result
    assert site.last.method == "PUT" and site.last.body == data
    assert site.last.get("Content-Length") == str(size) and site.last.get("Transfer-Encoding") is None


@pytest.mark.parametrize("size", [0, 1, 65536, 3 * MIB + 7, 33 * MIB])
def test_stdin_is_uploaded_in_chunks(world, site, size):
    data = random_bytes(size)
    result = get(world, "-T", "-", site.url("/x"), stdin=data)
    assert result.status == 0 and site.last.method == "PUT" and site.last.body == data
    assert site.last.get("Content-Length") is None


def test_stdin_is_sent_as_it_comes(world):
    """A chunk does not wait for the next one."""
    seen = threading.Event()

    def talk(c):
        request = c.head()
        if request.get("Expect"):
            c.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert c.line() == b"5" and c.take(7) == b"first\r\n"
        seen.set()
        assert c.line() == b"6" and c.take(8) == b"second\r\n"
        assert c.line() == b"0" and c.line() == b""
        c.send(ok(b"done"))
    web = Web(world, talk)
    process = world.sockutil("get", "-T", "-", web.url(), stdin=subprocess.PIPE)
    process.stdin.write(b"first")
    wait_until(seen.is_set, what="the first chunk")
    assert process.finish(b"second").out == b"done"


def test_http_1_0_knows_no_chunks(world, site):
    result = get(world, "--http1.0", "-T", "-", site.url("/x"), stdin=b"data")
    if result.status == 0:
        assert site.last.get("Content-Length") == "4"
    else:
        failed(result, 2)


# --- 100-continue -------------------------------------------------------------------------------

BIG = random_bytes(2 * MIB)


def expecting(world, talk):
    """An upload for which 100 is waited for, to a server that talks so."""
    web = Web(world, talk)
    return web, get(world, "--retry", "0", "-T", world.path("big", BIG), web.url("/x"))


def test_the_body_waits_for_100(world):
    order = []

    def talk(c):
        request = c.head()
        assert request.get("Expect") == "100-continue"
        c.socket.settimeout(0.2)
        try:
            order.append(c.socket.recv(1))
        except OSError:
            order.append("nothing yet")
        c.socket.settimeout(30)
        c.send(b"HTTP/1.1 100 Continue\r\nX-Y: z\r\n\r\n")
        order.append(c.body(request) == BIG)
        c.send(ok(b"stored"))
    _, result = expecting(world, talk)
    assert (result.status, result.out, order) == (0, b"stored", ["nothing yet", True])


def test_silence_is_consent_after_a_second(world):
    def talk(c):
        request = c.head()
        assert c.body(request) == BIG
        c.send(ok(b"stored"))
    _, result = expecting(world, talk)
    assert (result.status, result.out) == (0, b"stored")


def test_an_answer_instead_of_100_ends_it_without_the_body(world):
    def talk(c):
        c.head()
        c.send(head(413, "Content-Length: 0", "Connection: close"))
        c.socket.settimeout(3)
        got = b""
        while len(got) < len(BIG):
            piece = c.socket.recv(1 << 16)
            if not piece:
                break
            got += piece
        assert len(got) < len(BIG)
    _, result = expecting(world, talk)
    failed(result, 22, "413")


def test_417_asks_for_it_without_the_expectation(world):
    def talk(c):
        while True:
            request = c.head()
            if not request:
                return
            if request.get("Expect"):
                c.send(head(417, "Content-Length: 0", "Connection: close"))
                return
            assert c.body(request) == BIG
            c.send(ok(b"stored"))
    web, result = expecting(world, talk)
    assert (result.status, result.out) == (0, b"stored"), result
    assert len(web.requests) == 2 and web.last.get("Expect") is None


def test_a_small_body_expects_nothing(world, site):
    assert get(world, "-d", "x=1", site.url()).status == 0 and site.last.get("Expect") is None


def test_an_early_answer_is_read_although_the_body_is_not_taken(world):
    """The server refuses and closes while megabytes are under way: its words are worth more than the reset."""
    def talk(c):
        c.head()
        c.send(head(403, "Content-Length: 7", "Connection: close") + b"too big")
    web = Web(world, talk)
    result = get(world, "--retry", "0", "--body-on-error", "-T", world.path("big", BIG * 8), web.url("/x"))
    assert (result.status, result.out) == (22, b"too big"), result


def test_an_upload_that_nobody_took_is_55(world):
    """Content before the body is through: the answer cannot be about all of it."""
    over = threading.Event()

    def talk(c):
        c.head()
        c.send(ok(b"fine"))
        c.wait(over)
    web = Web(world, talk)
    result = get(world, "--retry", "0", "-o", "f", "-T", world.path("big", BIG * 8), web.url("/x"))
    over.set()
    failed(result, 55, "before all of the body was sent")
    assert not (result.folder / "f").exists()


# --- passwords ----------------------------------------------------------------------------------

@pytest.mark.parametrize("user, password", [("joe", "secret"), ("joe", "a:b c"), ("jörg", "ü"), ("joe", "")])
def test_basic(world, user, password):
    site = Site(world, {"/": basic(b"in", user, password)})
    result = get(world, "-u", f"{user}:{password}", site.url())
    assert (result.status, result.out) == (0, b"in"), result
    assert "secret" not in result.err


def test_userinfo_of_an_url(world):
    site = Site(world, {"/": basic(b"in", "joe", "p@ss:w")})
    result = get(world, f"http://joe:p%40ss%3Aw@{HOST}:{site.port}/")
    assert (result.status, result.out) == (0, b"in")
    assert all("@" not in r.get("Host") and "@" not in r.target for r in site.requests)


@pytest.mark.parametrize("guard", ["basic", "digest"])
def test_a_wrong_password_is_22_and_not_tried_for_ever(world, guard):
    page = basic(b"in", "joe", "right") if guard == "basic" else Digest(b"in", "joe", "right")
    site = Site(world, {"/": page})
    result = get(world, "-u", "joe:wrong-secret", site.url())
    line = failed(result, 22, "401")
    assert "wrong-secret" not in line and len(site.requests) <= 2


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "MD5-sess", "SHA-256-sess"])
def test_digest(world, algorithm):
    page = Digest(mirror, "joe", "secret", algorithm)
    site = Site(world, {"/a": page, "/b": page})
    result = get(world, "-u", "joe:secret", site.url("/a?x=%20y"), site.url("/b"))
    assert (result.status, result.out) == (0, b"GET GET "), result
    assert all(b"secret" not in r.raw for r in site.requests)
    assert "Basic" not in b"".join(r.raw for r in site.requests).decode()


def test_digest_without_qop(world):
    site = Site(world, {"/": Digest(b"in", "joe", "secret", qop=None)})
    assert get(world, "-u", "joe:secret", site.url()).out == b"in"


def test_digest_with_a_hashed_name(world):
    site = Site(world, {"/": Digest(b"in", "joe", "secret", "SHA-256", extra=", userhash=true")})
    assert get(world, "-u", "joe:secret", site.url()).out == b"in"
    assert "joe" not in site.last.get("Authorization")


def test_the_strongest_challenge_is_answered(world):
    page = Digest(b"in", "joe", "secret", "SHA-256")
    page.challenge = lambda plain=page.challenge: 'WWW-Authenticate: Basic realm="x", Digest realm="y", nonce="z", ' \
        'qop="auth", algorithm=MD5\r\nWWW-Authenticate: Unknown abc==\r\n' + plain()
    site = Site(world, {"/": page})
    assert get(world, "-u", "joe:secret", site.url()).out == b"in"
    assert not any((r.get("Authorization") or "").startswith("Basic") for r in site.requests)


def test_a_stale_nonce_is_asked_for_again(world):
    page = Digest(b"in", "joe", "secret")
    site = Site(world, {})

    def stale(request):
        if len(site.requests) == 2:
            page.nonce, page.extra = "another", ", stale=true"
        return page(request)
    site.pages["/"] = stale
    assert get(world, "-u", "joe:secret", site.url()).out == b"in"
    assert len(site.requests) == 3


def test_a_digest_answer_is_sent_with_the_body(world):
    site = Site(world, {"/": Digest(mirror, "joe", "secret")})
    data = random_bytes(100_000)
    result = get(world, "-u", "joe:secret", "-d", f"@{world.path('d', data)}", site.url())
    assert result.out == b"POST " + data, result


def test_a_bearer_token_from_a_file(world, site):
    assert get(world, "--bearer", f"@{world.path('token', b'abc.def' + bytes([10]))}", site.url()).status == 0
    assert site.last.get("Authorization") == "Bearer abc.def"


def test_netrc_of_another_name(world, site):
    site.pages["/"] = basic(b"in", "joe", "secret")
    path = world.path("accounts", b"machine 127.0.0.1 login joe password secret\n")
    path.chmod(0o600)
    assert get(world, f"--netrc={path}", site.url()).out == b"in"
    failed(get(world, f"--netrc={world.path('gone')}", site.url()), 26, "gone")


def test_netrc(world):
    site = Site(world, {"/": basic(b"in", "joe", "secret")})
    world.path(".netrc", b"# people\nmachine other.example login x password y\n"
                         b"machine 127.0.0.1\n login joe\n password secret\nmacdef x\n y\n\n"
                         b"default login d password d\n"
               ).chmod(0o600)
    assert get(world, "--netrc", site.url(), env={"HOME": str(world.folder)}).out == b"in"
    assert get(world, site.url(), env={"HOME": str(world.folder)}).status == 22  # only when it is asked for


def test_secrets_are_wiped_from_the_argument_list(world):
    go_on = threading.Event()

    def talk(c):
        c.request()
        c.wait(go_on)
        c.send(ok(b"in"))
    web = Web(world, talk)
    process = world.sockutil("get", "-u", "joe:hunter2", web.url())
    wait_until(lambda: web.requests, what="the request")
    path = f"/proc/{process.pid}/cmdline"
    if os.path.exists(path):
        with open(path, "rb") as f:
            assert b"hunter2" not in f.read()
    go_on.set()
    assert process.finish().out == b"in"


# --- cookies ------------------------------------------------------------------------------------

def test_cookies_are_sent(world, site):
    assert get(world, "-b", "a=1; b=2", site.url()).status == 0
    assert site.last.get("Cookie") == "a=1; b=2"


def setting(*cookies):
    return lambda request: Answer(b"set", fields=[f"Set-Cookie: {c}" for c in cookies])


def test_a_jar_keeps_cookies_between_runs(world, site):
    site.pages["/set"] = setting("sid=x1; HttpOnly", "long=y; Max-Age=3600", "gone=z; Max-Age=0",
                                 "deep=1; Path=/deep/er",
                                 "old=1; Expires=Thu, 01 Jan 1970 00:00:10 GMT")
    jar = world.path("jar")
    assert get(world, "-j", jar, site.url("/set")).status == 0
    text = jar.read_text()
    assert "#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tx1\n" in text
    assert re.search(r"^127\.0\.0\.1\tFALSE\t/\tFALSE\t\d{10,}\tlong\ty$", text, re.M) and "gone" not in text
    assert "old" not in text and jar.stat().st_mode & 0o777 == 0o600
    assert get(world, "-b", jar, "--cookie-jar", jar, site.url("/x")).status == 0
    assert sorted(site.last.get("Cookie").split("; ")) == ["long=y", "sid=x1"]
    site.pages["/deep/er/x"] = mirror
    assert get(world, "-b", jar, site.url("/deep/er/x")).status == 0
    assert site.last.get("Cookie").split("; ")[0] == "deep=1"  # longer paths first


def test_cookies_of_one_answer_go_with_the_next_request(world, site):
    site.pages["/set"] = lambda request: redirect("/x", fields=["Set-Cookie: hop=1", "Set-Cookie: two=2"])
    assert get(world, "-j", world.path("jar"), site.url("/set"), site.url("/")).status == 0
    assert [r.get("Cookie") for r in site.requests] == [None, "hop=1; two=2", "hop=1; two=2"]


def test_cookies_can_be_kept_for_the_run_alone(world, site):
    site.pages["/set"] = setting("a=1")
    assert get(world, "-b", "", "-b", "mine=2", site.url("/set"), site.url("/x")).status == 0
    assert sorted(site.last.get("Cookie").split("; ")) == ["a=1", "mine=2"]


def test_without_a_jar_nothing_is_kept(world, site):
    site.pages["/set"] = setting("a=1")
    assert get(world, site.url("/set"), site.url("/x")).status == 0
    assert site.last.get("Cookie") is None


@needs("curl")
def test_curl_and_we_read_each_others_jars(world, site):
    site.pages["/set"] = setting("one=1; Max-Age=3600", "two=2; HttpOnly", "three=a b\"c; Path=/x")
    ours, theirs = world.path("ours"), world.path("theirs")
    assert get(world, "-j", ours, site.url("/set")).status == 0
    assert world.start("curl", "-s", "-b", ours, site.url("/x")).finish().status == 0
    sent = site.last.get("Cookie")
    assert sorted(sent.split("; ")) == ["one=1", 'three=a b"c', "two=2"]
    assert world.start("curl", "-s", "-c", theirs, site.url("/set")).finish().status == 0
    assert get(world, "-b", theirs, site.url("/x")).status == 0
    assert sorted(site.last.get("Cookie").split("; ")) == sorted(sent.split("; "))


@pytest.mark.parametrize("host, cookie, other, sent", [
    ("www.example.com", "a=1; Domain=example.com", "api.example.com", True),
    ("www.example.com", "a=1; Domain=.example.com", "example.com", True),
    ("www.example.com", "a=1", "www.example.com", True),
    ("www.example.com", "a=1", "api.www.example.com", False),
    ("www.example.com", "a=1; Domain=other.com", "other.com", False),
    ("www.example.com", "a=1; Domain=api.example.com", "api.example.com", False),
    ("evilexample.com", "a=1; Domain=example.com", "example.com", False),
    ("www.example.com", "a=1; Domain=com", "other.com", False),
    ("www.example.co.uk", "a=1; Domain=co.uk", "other.co.uk", False),
    ("joe.github.io", "a=1; Domain=github.io", "eve.github.io", False),
    ("www.example.com", "a=1; Domain=www.example.com; Secure", "www.example.com", False),
    ("www.example.com", "__Secure-a=1; Domain=example.com", "www.example.com", False),
    ("www.example.com", "__Host-a=1; Path=/", "www.example.com", False),
    ("www.example.com", "a=1\x01", "www.example.com", False),
    ("www.example.com", "a=" + "x" * 5000, "www.example.com", False),
])
def test_whose_cookie_it_is(world, site, host, cookie, other, sent):
    """RFC 6265 and the public suffix list; over http, where Secure means nothing comes back."""
    site.pages["/set"] = setting(cookie)
    result = get(world, "--connect-to", f"::{HOST}:{site.port}", "-j", world.path("jar"), f"http://{host}/set",
                 f"http://{other}/x")
    assert result.status == 0, result
    assert bool(site.last.get("Cookie")) == sent, site.last


@needs_tls
def test_a_secure_cookie_goes_over_tls_alone(world, certificates):
    jar = world.path("jar")
    safe = Site(world, {"/": setting("a=1; Secure; Max-Age=99")}, tls=certificates.server_context())
    plain = Site(world, {"/": mirror})
    words = ["--ca", certificates.ca, "-j", jar]
    assert get(world, *words, f"https://localhost:{safe.port}/", f"http://localhost:{plain.port}/",
               f"https://localhost:{safe.port}/").status == 0
    assert plain.last.get("Cookie") is None and safe.last.get("Cookie") == "a=1"


def test_a_jar_that_cannot_be_written_is_23_and_a_broken_one_26(world, site):
    result = get(world, "-j", "/nonexistent/jar", site.url())
    assert result.status == 23 and "/nonexistent/jar" in result.err
    failed(get(world, "-b", world.path("jar", b"not\tenough\n"), site.url()), 26, "jar")


def test_a_thousand_cookies_are_bounded(world, site):
    site.pages["/set"] = setting(*[f"c{i}={i}" for i in range(200)])
    assert get(world, "-j", world.path("jar"), site.url("/set"), site.url("/x")).status == 0
    assert len(site.last.get("Cookie").split("; ")) == 50


# --- ranges -------------------------------------------------------------------------------------

def test_a_range_is_asked_for(world):
    body = random_bytes(10_000)
    site = Site(world, {"/f": file(body)})
    for word, want in (("0-9", body[:10]), ("9990-", body[9990:]), ("-5", body[-5:])):
        assert get(world, "-r", word, site.url("/f")).out == want
        assert site.last.get("Range") == f"bytes={word}"
    assert get(world, "-r", "20000-", site.url("/f")).status == 22
