# SPDX-License-Identifier: MIT
"""Servers that lie, cut, flood, drip and stall: each has its exact status and one line, none leaves a file, none gets
at the memory, none chooses where a file goes."""
import os
import resource
import ssl
import time

import pytest

from harness import HOST, MIB, PATIENCE, SANITIZE, needs, needs_linux, needs_tls, no_sanitizer, one_line
from web import (Answer, Site, Web, chunks, encoded, failed, get, head, names, ok, redirect, saying,
                 saying_and_holding, turns)

CHUNKED = head(200, "Transfer-Encoding: chunked")


def limited():
    """Little memory to spend: a program that keeps what a server sends does not get far."""
    if not SANITIZE:
        resource.setrlimit(resource.RLIMIT_DATA, (96 * MIB, 96 * MIB))


def attacked(world, talk, status, *words, args=(), **how):
    """One GET to a file, from a server that talks so: its status and line, and no file."""
    web = Web(world, talk if callable(talk) else saying(talk), **how)
    result = get(world, "--retry", "0", "-o", "f", *args, web.url("/f"), preexec_fn=limited, timeout=60)
    line = failed(result, status, *words)
    assert str(web.port) in line or "--max-time" in line, f"where it happened is not said: {line}"
    assert names(result.folder) == [], names(result.folder)
    return line


# --- lengths ------------------------------------------------------------------------------------

@pytest.mark.parametrize("fields", [
    ["Content-Length: 30", "Content-Length: 31"], ["Content-Length: 31", "Content-Length: 30"],
    ["Content-Length: 30, 31"], ["Content-Length: +30"], ["Content-Length: -1"], ["Content-Length: -30"],
    ["Content-Length: 30abc"], ["Content-Length: abc"], ["Content-Length:"], ["Content-Length: 3 0"],
    ["Content-Length: 0x1e"], ["Content-Length: 30.0"], ["Content-Length: 3e1"], ["Content-Length: 30;"],
    ["Content-Length: 18446744073709551646"], ["Content-Length: 9223372036854775808"],
    ["Content-Length: " + "9" * 400], ["Content-Length: 30,"], ["Content-Length: \x0b30"], ["Content-Length: ３０"],
    ["Content-Length: 30", "Transfer-Encoding: chunked"], ["Transfer-Encoding: chunked", "Content-Length: 30"],
    ["Transfer-Encoding: gzip"], ["Transfer-Encoding: chunked, gzip"], ["Transfer-Encoding: gzip, chunked"],
    ["Transfer-Encoding: chunked, chunked"], ["Transfer-Encoding: identity"], ["Transfer-Encoding:"],
    ["Transfer-Encoding: xchunked"], ["Transfer-Encoding: chunked;q=1"], ["Transfer-Encoding: \x0bchunked"],
    ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
])
def test_a_length_that_cannot_be_trusted_is_8(world, fields):
    answer = "\r\n".join(["HTTP/1.1 200 OK", *fields, "", ""]).encode() + b"1e\r\n" + b"x" * 26
    attacked(world, answer, 8)


def test_chunks_are_none_of_http_1_0(world):
    attacked(world, head(200, "Transfer-Encoding: chunked", version="1.0") + chunks(b"hello"), 8)


@pytest.mark.parametrize("body", [
    b"11111111111111111\r\nx", b"-5\r\nhello\r\n0\r\n\r\n", b"+5\r\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n",
    b"8000000000000000\r\nhello", b"ffffffffffffffff\r\nhello", b"\r\nhello\r\n0\r\n\r\n",
    b";a=b\r\nhello\r\n0\r\n\r\n",
    b"g\r\n", b"5 5\r\nhello", b" 5\r\nhello\r\n0\r\n\r\n", b"5\r\nhelloX\r\n0\r\n\r\n",
    b"5\r\nhello5\r\nworld\r\n0\r\n\r\n",
    b"5\r\nhello\n0\r\n\r\n", b"5\rhello\r\n0\r\n\r\n", b"5\x00\r\nhello\r\n0\r\n\r\n",
    b"5;" + b"x" * MIB + b"\r\nhello",
    b"0" * MIB + b"5\r\nhello\r\n0\r\n\r\n", b"0\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", b"0\r\nX: " + b"y" * MIB,
    b"0\r\n\rX: y\r\n\r\n", b"5\r\nhello\r\n-0\r\n\r\n",
], ids=lambda b: repr(b[:24]) + f"+{len(b)}")
def test_malformed_chunks_are_8(world, body):
    attacked(world, CHUNKED + body, 8)


# --- heads --------------------------------------------------------------------------------------

@pytest.mark.parametrize("answer", [
    b"<html>an answer of 1991</html>\n", b"hello", b"\x00" * 100, b"\r\n\r\n", b"\x16\x03\x01\x02\x00",
    b"SSH-2.0-x\r\n",
    b"220 ftp ready\r\n", b"ICY 200 OK\r\n\r\nx", b"http/1.1 200 OK\r\n\r\nx", b"HTTP/1.1200 OK\r\n\r\nx",
    b"HTTP/1.1 20 OK\r\n\r\nx", b"HTTP/1.1 2000 OK\r\n\r\nx", b"HTTP/1.1 099 OK\r\n\r\nx", b"HTTP/1.1 600 OK\r\n\r\nx",
    b"HTTP/1.1 999 OK\r\n\r\nx", b"HTTP/1.1 +20 OK\r\n\r\nx", b"HTTP/1.1 2x0 OK\r\n\r\nx", b"HTTP/1.1\r\n\r\nx",
    b"HTTP/1.1  200 OK\r\n\r\nx", b"HTTP/1.1\t200 OK\r\n\r\nx", b" HTTP/1.1 200 OK\r\n\r\nx",
    b"HTTP/3.0 200 OK\r\n\r\nx",
    b"HTTP/1.10 200 OK\r\n\r\nx", b"HTTP/01.1 200 OK\r\n\r\nx", b"HTTP/1 200 OK\r\n\r\nx", b"HTTPS/1.1 200 OK\r\n\r\nx",
    b"HTTP/2 200\r\n\r\nx", b"HTTP/2.0 200 OK\r\n\r\nx",
    b"HTTP/1.1 200 OK\rX: y\r\n\r\nx", b"HTTP/1.1 200 \x00\r\n\r\nx", b"HTTP/9.9 200 OK\r\n\r\nx",
], ids=lambda b: repr(b[:28]))
def test_what_is_no_answer_is_8(world, answer):
    attacked(world, answer, 8)


@pytest.mark.parametrize("line", [
    b" folded: x", b"\tfolded", b"X: y\r\n folded", b"X: a\rb", b"X: a\x00b", b"X : y", b": y", b"no colon", b"X Y: z",
    b"\rX: y", b"X\x00: y", b"X\x80: y", b"(X): y", b"\x00",
], ids=repr)
def test_malformed_fields_are_8(world, line):
    attacked(world, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + line + b"\r\n\r\nhello", 8)


@pytest.mark.parametrize("flood", [b"X: " + b"y" * 1000 + b"\r\n", b"X: y\r\n", b"x" * 1000, b"\x1b[31m",
                                   b"Set-Cookie: a=b\r\n"])
@pytest.mark.parametrize("status", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 ", b"HTTP/1.1 103 Early\r\n"])
def test_a_flood_of_fields_is_8_and_ends_early(world, flood, status):
    sent = []

    def talk(c):
        c.request()
        c.send(status)
        block = flood * (65536 // len(flood))
        while len(sent) < 4096:
            c.send(block)
            sent.append(len(block))
    attacked(world, talk, 8)
    assert sum(sent) < 64 * MIB


def test_101_unasked_is_8(world):
    attacked(world, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nhello", 8, "101")


def test_endless_interim_answers_are_8(world):
    def talk(c):
        c.request()
        while True:
            c.send(head(100) * 100)
    attacked(world, talk, 8)


@pytest.mark.parametrize("count, status", [(16, 0), (17, 8)])
def test_sixteen_interim_answers_are_enough(world, count, status):
    web = Web(world, saying(head(103, "Link: </a>") * count + ok(b"hello")))
    assert get(world, web.url()).status == status


def test_an_interim_answer_has_no_body(world):
    """What stands behind it is the next head, whatever lengths it names."""
    attacked(world, head(103, "Content-Length: 5") + b"hello" + ok(b"hello"), 8)


# --- cut short ----------------------------------------------------------------------------------

@pytest.mark.parametrize("answer", [
    b"H", b"HTTP/1.1", b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r", head(200, "Content-Length: 5"), head(200,
    "Content-Length: 5") + b"hell",
    CHUNKED, CHUNKED + b"5", CHUNKED + b"5\r", CHUNKED + b"5\r\n", CHUNKED + b"5\r\nhell", CHUNKED + b"5\r\nhello",
    CHUNKED + b"5\r\nhello\r", CHUNKED + b"5\r\nhello\r\n", CHUNKED + b"5\r\nhello\r\n0",
    CHUNKED + b"5\r\nhello\r\n0\r\n",
    CHUNKED + b"5\r\nhello\r\n0\r\nX: y\r\n", CHUNKED + b"5\r\nhello\r\n0\r\n\r", head(100), head(103, "X: y"),
], ids=lambda b: repr(b[-24:]))
def test_what_is_cut_is_18(world, answer):
    attacked(world, answer, 18)


def test_an_empty_answer_is_8(world):
    attacked(world, b"", 8, "without an answer")


@pytest.mark.parametrize("said, status", [(b"", 56), (b"HTTP/1.1 200", 56), (head(200, "Content-Length: 5") + b"he",
                                                                             56),
                                          (CHUNKED + b"5\r\nhel", 56), (head(200) + b"to the end", 56)])
def test_a_reset_is_56(world, said, status):
    def talk(c):
        c.request()
        c.send(said)
        c.reset()
    attacked(world, talk, status)


@pytest.mark.parametrize("answer, status", [
    (head(200) + b"to the end", 18), (head(200, "Content-Length: 5") + b"hello", 0), (CHUNKED + chunks(b"hello"), 0),
    (head(200, "Content-Length: 6") + b"hello", 18), (CHUNKED + b"5\r\nhello\r\n", 18), (head(200,
    version="1.0") + b"x", 18),
])
@needs_tls
def test_tls_cut_without_close_notify(world, certificates, answer, status):
    """Fatal where the end of the connection is the end of the body, and only there."""
    def talk(c):
        c.request()
        c.send(answer)
        c.cut()
        c.gone()
    args = ["--ca", certificates.ca]
    if status:
        attacked(world, talk, status, args=args, tls=certificates.server_context())
        return
    web = Web(world, talk, tls=certificates.server_context())
    result = get(world, *args, web.url())
    assert (result.status, result.out, result.err) == (0, b"hello", "")


@needs_tls
def test_tls_ended_in_order_ends_a_body(world, certificates):
    web = Web(world, saying(head(200) + b"hello"), tls=certificates.server_context())
    result = get(world, "--ca", certificates.ca, web.url())
    assert (result.status, result.out) == (0, b"hello")


@needs_tls
@pytest.mark.parametrize("leaf", [dict(name="other", san="DNS:other.example"), dict(name="expired", days=-1)])
def test_a_certificate_that_is_not_trusted_is_60_and_nothing_is_asked(world, certificates, leaf):
    web = Web(world, saying(ok(b"hello")), tls=certificates.server_context(**leaf))
    result = get(world, "--ca", certificates.ca, "-o", "f", f"https://localhost:{web.port}/")
    failed(result, 60, "localhost")
    assert not web.requests and names(result.folder) == [] and web.connections == 1
    result = get(world, "-k", f"https://localhost:{web.port}/")
    assert result.out == b"hello" and "sha256//" in result.err


@needs_tls
def test_a_pin_that_differs_is_90_and_nothing_is_asked(world, certificates):
    web = Web(world, saying(ok(b"hello")), tls=certificates.server_context())
    words = ["--ca", certificates.ca, "--retry", "3", "--retry-delay", "50ms", "-o", "f"]
    result = get(world, *words, "--pin", "sha256//" + "A" * 43 + "=", web.url())
    failed(result, 90)
    assert not web.requests and web.connections == 1 and names(result.folder) == []


@needs_tls
def test_a_client_certificate_is_shown_when_asked_for(world, certificates):
    context = certificates.server_context()
    context.verify_mode, context.post_handshake_auth = ssl.CERT_REQUIRED, False
    context.load_verify_locations(certificates.ca)
    web = Web(world, saying(ok(b"hello")), tls=context)
    cert, key = certificates.leaf(name="client", usage="clientAuth")
    result = get(world, "--ca", certificates.ca, "--cert", cert, "--key", key, web.url())
    assert (result.status, result.out) == (0, b"hello")
    result = get(world, "--retry", "0", "--ca", certificates.ca, "-o", "f", web.url())
    assert result.status in (35, 56) and names(result.folder) == []
    one_line(result.err)


# --- names of files -----------------------------------------------------------------------------

@pytest.mark.parametrize("name, taken", [
    ("../../evil", "evil"), ("/etc/evil", "evil"), ("..\\..\\evil", "evil"), ("C:\\evil", "evil"), ("a/b/evil", "evil"),
    (".bashrc", None), ("..", None), (".", None), ("", None), ("/", None), ("evil/", None), ("\x1b[31mevil", None),
    ("a\x01b", None), ("n" * 300, None), ("‮evil", None), ("../.ssh/.evil", None),
])
@pytest.mark.parametrize("form", ["quoted", "extended"])
def test_a_name_from_the_server_stays_in_the_folder(world, name, taken, form):
    """What is not safe is not taken; then the URL gives the name."""
    if form == "quoted":
        word = 'filename="' + name.replace("\\", "\\\\") + '"'
    else:
        word = "filename*=UTF-8''" + "".join(f"%{b:02X}" for b in name.encode())
    site = Web(world, saying(f"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Disposition: attachment; {word}\r\n\r\n"
                             .encode() + b"data"))
    result = get(world, "--retry", "0", "-J", site.url("/url-name"))
    assert result.status == 0, result
    assert names(result.folder) == [taken or "url-name"]
    assert not (world.folder / "evil").exists() and (result.folder / names(result.folder)[0]).read_bytes() == b"data"


def test_a_name_with_nul_or_broken_utf8_is_not_taken(world):
    words = ["UTF-8''a%00b", "UTF-8''%ff%fe", "utf-8''..%2F..%2F%00"]
    for i, word in enumerate(words):
        site = Web(world, saying(ok(b"data", f"Content-Disposition: attachment; filename*={word}")))
        assert get(world, "-J", site.url(f"/u{i}")).status == 0
    assert names(world.path("out")) == ["u0", "u1", "u2"]


def test_a_link_in_the_way_is_not_followed(world):
    """An existing name is never overwritten with -J, and a link that waits there is not written through."""
    site = Site(world, {"/u": Answer(b"new", fields=["Content-Disposition: attachment; filename=name"])})
    world.path("out").mkdir()
    victim = world.path("victim", b"precious")
    os.symlink(victim, world.path("out/name"))
    get(world, "-J", site.url("/u"))
    assert victim.read_bytes() == b"precious" and world.path("out/name").is_symlink()


# --- codings ------------------------------------------------------------------------------------

CODINGS = ["gzip", "x-gzip", "deflate", "raw deflate", pytest.param("br", marks=needs("brotli")),
           pytest.param("zstd", marks=needs("zstd"))]


def coded(coding, data):
    return ok(data, "Content-Encoding: " + coding.replace("raw ", ""))


@pytest.mark.parametrize("coding", CODINGS)
def test_codings_are_decoded_when_asked_for(world, coding):
    plain = b"".join(b"line %d\n" % (i * 7919) for i in range(200_000))
    web = Web(world, saying(coded(coding, encoded(coding, plain))))
    result = get(world, "--compressed", "-o", "f", web.url())
    assert result.status == 0, result
    assert (result.folder / "f").read_bytes() == plain
    assert {"gzip", "deflate"} <= {w.strip() for w in web.last.get("Accept-Encoding").split(",")}
    result = get(world, web.url())
    assert result.status == 0 and result.out == encoded(coding, plain)
    assert web.last.get("Accept-Encoding") is None


@pytest.mark.parametrize("coding", CODINGS)
def test_much_from_few_bytes_does_not_wait_for_more_of_them(world, coding):
    """All that is to be decoded has come in one piece, and the server keeps the connection."""
    data = encoded(coding, bytes(40 * MIB))
    site = Site(world, {"/f": Answer(data, fields=["Content-Encoding: " + coding.replace("raw ", "")])})
    result = get(world, "--compressed", "-o", "f", site.url("/f"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == bytes(40 * MIB)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("how", ["cut", "broken", "trailing"])
def test_a_broken_coding_is_61_or_18_and_leaves_no_file(world, coding, how):
    data = encoded(coding, os.urandom(100_000))
    if how == "cut":
        data = data[:-3000]
    elif how == "broken":
        data = data[:40] + bytes(b ^ 0x55 for b in data[40:80]) + data[80:]
        data = data if coding not in ("raw deflate", "br") else b"\xff" * 500  # which have no sum of their own
    else:
        data += b"trailing bytes"
    line = attacked(world, coded(coding, data), {"cut": 18, "broken": 61, "trailing": 61}[how], args=["--compressed"])
    assert coding.split()[-1].replace("x-", "") in line or how == "cut"


@pytest.mark.parametrize("field", ["gzip, gzip", "gzip, br", "gzip,gzip,gzip,gzip,gzip", "compress", "exi", "aes128gcm",
                                   "gzip;q=1", "\x80"])
def test_stacked_and_unknown_codings_are_61(world, field):
    answer = ok(encoded("gzip", encoded("gzip", b"x")), "Content-Encoding: " + field)
    attacked(world, answer, 61, args=["--compressed"])


@needs_linux
@no_sanitizer
@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_is_unpacked_in_little_memory(world, coding):
    """64 MiB out of some KiB; and --max-size counts what comes out."""
    bomb = encoded(coding, bytes(64 * MIB))
    web = Web(world, saying_and_holding(head(200, f"Content-Encoding: {coding.replace('raw ', '')}",
                                             f"Content-Length: {len(bomb) + 1}") + bomb))
    process = world.sockutil("get", "--compressed", web.url(), preexec_fn=limited)
    for _ in range(60):
        assert process.read(MIB, 30) == bytes(MIB)
    assert process.status_field("VmHWM") < 24 * 1024
    process.stop()
    result = get(world, "--retry", "0", "--compressed", "--max-size", "1M", "-o", "f", web.url(), preexec_fn=limited)
    failed(result, 63)
    assert names(result.folder) == []


@needs_linux
@no_sanitizer
@pytest.mark.parametrize("form", ["length", "chunked", "tiny chunks"])
def test_memory_is_flat_whatever_the_size(world, form):
    """Half a gibibyte through a pipe that is read here, then the peak."""
    piece = os.urandom(MIB)
    total = 64 if form == "tiny chunks" else 512

    def talk(c):
        c.request()
        if form == "length":
            c.send(head(200, f"Content-Length: {total * MIB + 1}"))
        else:
            c.send(CHUNKED)
        tiny = b"".join(b"40\r\n%s\r\n" % piece[i:i + 64] for i in range(0, MIB, 64))
        for _ in range(total):
            c.send({"length": piece, "chunked": b"100000\r\n" + piece + b"\r\n", "tiny chunks": tiny}[form])
        c.gone()
    web = Web(world, talk)
    process = world.sockutil("get", web.url(), preexec_fn=limited)
    for _ in range(total):
        assert process.read(MIB, 30) == piece
    assert process.status_field("VmHWM") < 12 * 1024


def test_a_size_limit_is_63_before_and_while_it_comes(world):
    attacked(world, ok(b"x" * 2000), 63, args=["--max-size", "1K"])
    attacked(world, head(200) + b"x" * 2000, 63, args=["--max-size", "1K"])
    attacked(world, CHUNKED + chunks(b"x" * 600, b"x" * 600), 63, args=["--max-size", "1K"])
    web = Web(world, saying(ok(b"x" * 1024)))
    assert get(world, "--max-size", "1K", web.url()).status == 0


# --- time ---------------------------------------------------------------------------------------

def dripping(first, piece):
    def talk(c):
        c.request()
        c.send(first)
        while True:
            c.send(piece)
            time.sleep(0.02)
    return talk


@pytest.mark.parametrize("talk", [
    saying_and_holding(b""), saying_and_holding(b"HTTP/1.1 200 OK\r\nX"), saying_and_holding(head(200,
    "Content-Length: 5")),
    saying_and_holding(CHUNKED + b"5\r\nhel"), saying_and_holding(CHUNKED + b"5\r\nhello\r\n"), lambda c: c.gone(),
], ids=["no answer", "half a head", "no body", "half a chunk", "no last chunk", "not read"])
@pytest.mark.parametrize("limit", ["--idle-timeout", "--max-time"])
def test_a_server_that_stalls_is_28(world, talk, limit):
    line = attacked(world, talk, 28, args=[limit, "300ms"])
    assert limit in line or "300" in line


@pytest.mark.parametrize("talk", [
    dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), dripping(b"", b"H"), dripping(head(200, "Content-Length: 100000"),
    b"x"),
    dripping(CHUNKED, b"1\r\nx\r\n"), dripping(CHUNKED + b"5;", b"x"), dripping(b"", head(103)),
], ids=["fields", "a word", "a body", "chunks", "an extension", "interim"])
def test_a_server_that_drips_is_ended_by_the_time_for_all(world, talk):
    web = Web(world, talk)
    result = get(world, "--retry", "0", "--max-time", "1s", "-o", "f", web.url(), timeout=30)
    assert result.status in (8, 28), result
    failed(result, result.status)
    assert names(result.folder) == []


def test_a_rate_below_the_least_is_28(world):
    attacked(world, dripping(head(200, "Content-Length: 1000000"), b"x"), 28, "--min-rate", args=["--min-rate", "100K"])


def test_the_least_rate_lets_a_fast_one_pass(world):
    web = Web(world, saying(ok(b"x" * 500_000)))
    assert get(world, "--min-rate", "1K", "-o", "f", web.url()).status == 0


def test_the_time_to_open_is_not_the_time_to_answer(world):
    def talk(c):
        c.request()
        time.sleep(0.6)
        c.send(ok(b"late"))
    web = Web(world, talk)
    assert get(world, "-w", "200ms", web.url()).out == b"late"


@needs_tls
def test_a_handshake_that_stalls_is_28(world):
    web = Web(world, lambda c: c.gone())
    result = get(world, "--retry", "0", "-w", "300ms", f"https://{HOST}:{web.port}/")
    failed(result, 28)


# --- what it leaves behind ----------------------------------------------------------------------

def test_a_kept_connection_with_a_forged_answer_on_it_is_not_used_again(world):
    """The second answer came before it was asked for."""
    def forging(c):
        c.request()
        c.send(ok(b"one") + ok(b"forged"))
        c.gone()
    web = Web(world, turns(forging, saying(ok(b"two"))))
    result = get(world, web.url("/1"), web.url("/2"))
    assert (result.status, result.out) == (0, b"onetwo")


@pytest.mark.parametrize("code", [204, 304])
def test_an_answer_without_a_body_has_none_whatever_it_says(world, code):
    def talk(c):
        c.request()
        c.send(head(code, "Content-Length: 5") + b"hello")
        c.gone()
    web = Web(world, turns(talk, saying(ok(b"two"))))
    result = get(world, web.url("/1"), web.url("/2"))
    assert result.out == b"two" and web.connections == 2


def test_an_answer_to_head_has_no_body_whatever_comes(world):
    def talk(c):
        c.request()
        c.send(ok(b"hello"))
        c.gone()
    result = get(world, "-I", Web(world, talk).url())
    assert result.status == 0 and b"hello" not in result.out


def test_many_attacks_in_one_run_do_not_touch_the_others(world):
    bad = Web(world, turns(saying(b"junk"), saying(CHUNKED + b"zz\r\n"), saying(b"")))
    good = Site(world, {"/a": b"a", "/b": b"b"})
    result = get(world, "--retry", "0", good.url("/a"), bad.url("/1"), bad.url("/2"), bad.url("/3"), good.url("/b"))
    assert (result.status, result.out) == (8, b"ab")
    assert len(result.err.splitlines()) == 3


def test_loopback_helpers_do_not_get_round_the_parser(world):
    """One parser decides what is dialled, what Host says and what the certificate has to name."""
    site = Site(world, {"/": b"in"})
    for host in ("0x7f.1", "2130706433", "127.1", "0177.0.0.1", "127.0.0.1.", "user@x@127.0.0.1", "127.0.0.1\\@x",
                 "%31%32%37.0.0.1", "127。0。0。1"):
        result = get(world, "--retry", "0", f"http://{host}:{site.port}/")
        assert result.status in (3, 6) or site.last.get("Host") == f"{HOST}:{site.port}", (host, result)
        one_line(result.err or "fine\n")


def test_redirects_and_heads_of_a_thousand_names_stay_small(world):
    """Cookies, places and names that grow at every hop."""
    def page(request):
        return redirect(request.target + "x" * 200, fields=[f"Set-Cookie: c{len(request.target)}={'y' * 4000}"])
    web = Web(world, lambda c: [page(r).send(c, r) for r in iter(c.request, None)])
    result = get(world, "--retry", "0", "-j", world.path("jar"), "-o", "f", "--max-redirects", "1000", web.url("/"),
                 preexec_fn=limited, timeout=60 * PATIENCE)
    assert result.status in (3, 8, 47), result
    one_line(result.err)
