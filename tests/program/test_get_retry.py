# SPDX-License-Identifier: MIT
"""Trying again: what is worth it, going on where it stopped, waiting as long as the server says, and never twice where
a byte could come twice."""
import email.utils
import json
import socket
import threading
import time

import pytest

from harness import HOST, unused_port, needs_tls, one_line, random_bytes, reset, sha256, wait_until
from web import (DATE, Answer, Site, Web, chunks, encoded, failed, file, get, head, names, ok, saying,
                 saying_and_holding, turns)

BODY = random_bytes(400_000)
QUICK = ["--retry-delay", "50ms"]


def cut_then_whole(*stops, body=BODY, how="fin", **page):
    """A file whose first answers stop after so many bytes each."""
    left = list(stops)

    def serve(request):
        answer = file(body, **page)(request)
        if left and answer.status in (200, 206):
            answer.stop = (left.pop(0), how)
        return answer
    return serve


def resetting(c):
    c.request()
    c.reset()


def ends_well(result):
    """Messages about tries may be there; no other line."""
    assert result.status == 0, result
    return result


# --- what is worth another try ------------------------------------------------------------------

@pytest.mark.parametrize("talk", [
    resetting, saying(b"HTTP/1.1 200 OK\r\nContent-Le"), saying(head(200, "Content-Length: 50") + b"short"),
    saying(head(200, "Transfer-Encoding: chunked") + b"5\r\nhel"), saying_and_holding(b""),
    saying_and_holding(head(200, "Content-Length: 5")),
], ids=["reset", "half a head", "short", "half a chunk", "silent", "stalled"])
def test_a_passing_fault_is_tried_again(world, talk):
    web = Web(world, turns(talk, talk, saying(ok(b"hello"))))
    result = ends_well(get(world, *QUICK, "--idle-timeout", "300ms", "-o", "f", web.url("/x")))
    assert web.connections == 3 and (result.folder / "f").read_bytes() == b"hello"
    assert names(result.folder) == ["f"]


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_a_passing_status_is_tried_again(world, code):
    answers = [Answer(b"busy", code), Answer(b"busy", code, close=True), Answer(b"hello")]
    site = Site(world, {"/": lambda request: answers[len(site.requests) - 1]})
    assert ends_well(get(world, *QUICK, site.url())).out == b"hello"


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 501, 505])
def test_a_lasting_status_is_not(world, code):
    site = Site(world, {"/": Answer(b"no", code)})
    failed(get(world, *QUICK, site.url()), 22, str(code))
    assert len(site.requests) == 1


@pytest.mark.parametrize("talk, status", [
    (saying(b"junk\r\n\r\n"), 8), (saying(head(200, "Content-Length: 5", "Content-Length: 6") + b"hello"), 8),
    (saying(ok(b"hello", "Content-Encoding: nope")), 61),
], ids=["no answer", "two lengths", "no coding"])
def test_a_lie_is_not_asked_for_twice(world, talk, status):
    web = Web(world, talk)
    failed(get(world, *QUICK, "--compressed", web.url()), status)
    assert web.connections == 1


@needs_tls
def test_an_untrusted_certificate_is_not_asked_for_twice(world, certificates):
    web = Web(world, saying(ok(b"x")), tls=certificates.server_context())
    failed(get(world, *QUICK, "--retry", "5", web.url()), 60)
    assert web.connections == 1


def test_three_more_tries_unless_told_otherwise(world):
    web = Web(world, resetting)
    result = get(world, *QUICK, web.url())
    assert result.status == 56 and web.connections == 4
    for count in (0, 1, 5):
        before = web.connections
        assert get(world, *QUICK, "--retry", str(count), web.url()).status == 56
        assert web.connections - before == count + 1


def test_each_try_is_told_and_the_last_line_is_why(world):
    web = Web(world, resetting)
    result = get(world, *QUICK, "--retry", "2", web.url())
    assert "reset" in result.err.splitlines()[-1]
    assert 1 <= len(result.err.splitlines()) <= 3
    assert get(world, "-q", *QUICK, "--retry", "2", web.url()).err.count("\n") == 1


def test_refused_is_tried_again_only_when_asked(world):
    port = unused_port()
    failed(get(world, *QUICK, f"http://{HOST}:{port}/"), 7)
    process = world.sockutil("get", "--retry", "100", *QUICK, f"http://{HOST}:{port}/")
    wait_until(lambda: process.err, what="the first refusal")
    web = Web(world, saying(ok(b"late")), port=port)
    assert process.finish().out == b"late" and web.connections == 1


@needs_tls
@pytest.mark.parametrize("how", ["end", "reset"])
def test_a_lost_handshake_is_tried_again_only_when_asked(world, how):
    def talk(s):
        s.recv(1 << 16)
        if how == "reset":
            reset(s)

    peer = world.peer(talk, count=4)
    failed(get(world, *QUICK, f"https://{HOST}:{peer.port}/"), 35, "TLS handshake")
    assert peer.accepted == 1
    assert get(world, "--retry", 2, *QUICK, f"https://{HOST}:{peer.port}/").status == 35
    assert peer.accepted == 4


def test_a_name_is_tried_again_only_when_asked(world):
    begun = time.monotonic()
    failed(get(world, "--retry-delay", "20s", "http://no-such-host.invalid/"), 6)
    assert time.monotonic() - begun < 15
    result = get(world, "--retry", "2", "--retry-delay", "200ms", "http://no-such-host.invalid/")
    assert result.status == 6


def test_tries_end_with_the_time_for_them(world):
    web = Web(world, resetting)
    begun = time.monotonic()
    result = get(world, "--retry", "1000000", "--retry-delay", "100ms", "--retry-max-time", "700ms", web.url())
    assert result.status == 56 and time.monotonic() - begun < 20
    assert 2 <= web.connections <= 9


def test_the_time_for_all_ends_the_tries_too(world):
    web = Web(world, resetting)
    result = get(world, "--retry", "1000000", "--retry-delay", "100ms", "--max-time", "700ms", "-o", "f", web.url())
    assert result.status == 28 and names(result.folder) == []


# --- going on where it stopped ------------------------------------------------------------------

@pytest.mark.parametrize("how", ["fin", "reset"])
@pytest.mark.parametrize("page, condition", [(dict(), '"v1"'), (dict(etag=None), DATE)])
def test_a_cut_file_goes_on_at_the_offset(world, how, page, condition):
    site = Site(world, {"/f": cut_then_whole(100_000, 50_000, how=how, **page)})
    result = ends_well(get(world, *QUICK, "-o", "f", site.url("/f")))
    assert (result.folder / "f").read_bytes() == BODY and names(result.folder) == ["f"]
    asked = [(r.get("Range"), r.get("If-Range")) for r in site.requests]
    assert asked[0] == (None, None) and all(c == condition for _, c in asked[1:])
    if how == "fin":
        assert [r for r, _ in asked] == [None, "bytes=100000-", "bytes=150000-"]


def test_progress_gives_the_tries_back_their_number(world):
    """Ten cuts of a file that gets on each time, with three tries."""
    site = Site(world, {"/f": cut_then_whole(*[30_000] * 6)})
    result = get(world, *QUICK, "-o", "f", site.url("/f"))
    if result.status == 0:
        assert (result.folder / "f").read_bytes() == BODY
    else:
        assert result.status == 18 and len(site.requests) == 4
        assert (result.folder / "f.part").read_bytes() == BODY[:120_000]


def test_another_version_starts_over(world):
    newer = random_bytes(300_000)
    first, second = cut_then_whole(100_000), file(newer, etag='"v2"')
    site = Site(world, {"/f": lambda request: (first if len(site.requests) == 1 else second)(request)})
    result = ends_well(get(world, *QUICK, "-o", "f", site.url("/f")))
    assert (result.folder / "f").read_bytes() == newer
    assert site.requests[1].get("If-Range") == '"v1"'


def test_without_a_validator_it_starts_over(world):
    site = Site(world, {"/f": cut_then_whole(100_000, etag=None, modified=None)})
    result = ends_well(get(world, *QUICK, "-o", "f", site.url("/f")))
    assert (result.folder / "f").read_bytes() == BODY and site.last.get("Range") is None


@pytest.mark.parametrize("page", [dict(etag=None, modified=None), dict(ranges=False)])
def test_a_byte_never_goes_into_a_pipe_twice(world, page):
    """Where it cannot go on at the offset, the bytes that are out are out."""
    site = Site(world, {"/f": cut_then_whole(100_000, **page)})
    result = get(world, *QUICK, site.url("/f"))
    assert result.status in (18, 33), result
    assert result.out == BODY[:100_000]


def test_a_pipe_goes_on_where_the_validator_matches_or_ends(world):
    site = Site(world, {"/f": cut_then_whole(100_000)})
    result = get(world, *QUICK, site.url("/f"))
    assert (result.status == 0 and result.out == BODY) or (result.status == 18 and result.out == BODY[:100_000])


def test_a_pipe_that_got_nothing_yet_may_start_over(world):
    site = Site(world, {"/f": cut_then_whole(0, etag=None, modified=None)})
    assert ends_well(get(world, *QUICK, site.url("/f"))).out == BODY


def test_another_version_never_goes_into_the_same_pipe(world):
    newer = random_bytes(300_000)
    first, second = cut_then_whole(100_000), file(newer, etag='"v2"')
    site = Site(world, {"/f": lambda request: (first if len(site.requests) == 1 else second)(request)})
    result = get(world, *QUICK, site.url("/f"))
    assert result.status in (18, 33) and result.out == BODY[:100_000]


def test_a_decoded_body_does_not_go_on_in_the_middle(world):
    plain = b"".join(b"line %d\n" % i for i in range(100_000))
    data = encoded("gzip", plain)
    site = Site(world, {"/f": cut_then_whole(len(data) // 2, body=data, fields=["Content-Encoding: gzip"])})
    result = ends_well(get(world, *QUICK, "--compressed", "-o", "f", site.url("/f")))
    assert (result.folder / "f").read_bytes() == plain and site.last.get("Range") is None


def test_a_digest_holds_over_the_tries(world):
    site = Site(world, {"/f": cut_then_whole(100_000, 1, 70_000)})
    result = ends_well(get(world, *QUICK, "--checksum", "sha256:" + sha256(BODY), "-o", "f", site.url("/f")))
    assert (result.folder / "f").read_bytes() == BODY


def test_an_error_between_two_halves_is_not_put_between_them(world):
    whole = cut_then_whole(100_000)
    site = Site(world, {"/f": lambda request: Answer(b"busy" * 1000,
                                                     503) if len(site.requests) == 2 else whole(request)})
    result = ends_well(get(world, *QUICK, "-o", "f", site.url("/f")))
    assert (result.folder / "f").read_bytes() == BODY and len(site.requests) == 3


def test_what_is_kept_after_the_last_try(world):
    site = Site(world, {"/f": cut_then_whole(100_000, 0, 0, 0, 0, 0)})
    result = get(world, *QUICK, "-o", "f", site.url("/f"))
    assert result.status == 18 and names(result.folder) == ["f.part", "f.part.validator"]
    assert (result.folder / "f.part").read_bytes() == BODY[:100_000]


def test_the_second_half_may_come_from_elsewhere(world):
    """A redirect is followed anew at each try."""
    site = Site(world, {"/real": cut_then_whole(100_000)})
    site.pages["/f"] = lambda request: Answer(b"", 302, ["Location: /real"])
    result = ends_well(get(world, *QUICK, "-o", "f", site.url("/f")))
    assert (result.folder / "f").read_bytes() == BODY


# --- Retry-After --------------------------------------------------------------------------------

def test_retry_after_is_waited_for(world):
    times = []

    def page(request):
        times.append(time.monotonic())
        return Answer(b"later", 503, ["Retry-After: 1"]) if len(times) == 1 else Answer(b"hello")
    site = Site(world, {"/": page})
    assert ends_well(get(world, *QUICK, site.url())).out == b"hello"
    assert times[1] - times[0] >= 0.9


def test_retry_after_may_be_a_date(world):
    when = email.utils.formatdate(time.time() + 2, usegmt=True)
    answers = [Answer(b"", 429, [f"Retry-After: {when}"]), Answer(b"hello")]
    site = Site(world, {"/": lambda request: answers[len(site.requests) - 1]})
    begun = time.monotonic()
    assert ends_well(get(world, *QUICK, site.url())).out == b"hello"
    assert time.monotonic() - begun >= 0.5


@pytest.mark.parametrize("value", ["-1", "x", "", "0", "1e9", "Thu, 01 Jan 1970 00:00:00 GMT", "99999999999999999999x"])
def test_a_strange_retry_after_does_no_harm(world, value):
    answers = [Answer(b"", 503, [f"Retry-After: {value}"]), Answer(b"hello")]
    site = Site(world, {"/": lambda request: answers[len(site.requests) - 1]})
    assert ends_well(get(world, *QUICK, site.url())).out == b"hello"


def test_a_retry_after_beyond_the_time_for_tries_ends_at_once(world):
    site = Site(world, {"/": Answer(b"", 503, ["Retry-After: 86400"])})
    result = get(world, *QUICK, "--retry-max-time", "2s", site.url())
    assert result.status == 22 and len(site.requests) == 1


# --- what must not happen twice -----------------------------------------------------------------

@pytest.mark.parametrize("words", [["-d", "pay=1"], ["-X", "DELETE"], ["-X", "PATCH", "-d", "x"], ["-F", "a=b"]])
def test_what_is_no_get_is_not_tried_again_by_itself(world, words):
    web = Web(world, turns(resetting, saying(ok(b"hello"))))
    result = get(world, *QUICK, *words, web.url())
    assert result.status in (55, 56) and web.connections == 1
    one_line(result.err)
    site = Site(world, {"/": Answer(b"busy", 503)})
    failed(get(world, *QUICK, *words, site.url()), 22)
    assert len(site.requests) == 1


def test_a_post_is_tried_again_when_asked_for(world):
    answers = [Answer(b"busy", 503), Answer(b"hello")]
    site = Site(world, {"/": lambda request: answers[len(site.requests) - 1]})
    assert ends_well(get(world, *QUICK, "--retry", "2", "-d", "x=1", site.url())).out == b"hello"
    assert site.last.body == b"x=1"


def test_an_upload_is_sent_whole_at_each_try(world):
    answers = [Answer(b"busy", 503), Answer(b"stored")]
    site = Site(world, {"/f": lambda request: answers[len(site.requests) - 1]})
    assert ends_well(get(world, *QUICK, "--retry", "2", "-T", world.path("up", BODY), site.url("/f"))).out == b"stored"
    assert [r.body == BODY for r in site.requests] == [True, True]


def test_stdin_is_never_sent_twice(world):
    answers = [Answer(b"busy", 503), Answer(b"stored")]
    site = Site(world, {"/f": lambda request: answers[len(site.requests) - 1]})
    result = get(world, *QUICK, "--retry", "2", "-T", "-", site.url("/f"), stdin=b"once")
    assert result.status != 0 and len(site.requests) == 1


# --- a connection that died while it was kept ---------------------------------------------------

def dying(after, how):
    """Answers that many requests on a connection, then ends it at the next one without a byte."""
    def talk(c):
        for _ in range(after):
            c.request()
            c.send(ok(b"hello"))
        c.head()
        if how == "reset":
            reset(c.socket)
    return talk


@pytest.mark.parametrize("words", [[], ["-I"], ["-X", "DELETE"]])
@pytest.mark.parametrize("how", ["fin", "reset"])
def test_a_stale_connection_costs_no_try(world, how, words):
    """The server had closed it already: a new one, at once, even with --retry 0."""
    closed = threading.Event()

    def first(c):
        c.request()
        c.send(ok(b"hello") if "-I" not in words else head(200, "Content-Length: 5"))
        if how == "reset":
            c.head()
            c.reset()
        closed.set()
    web = Web(world, turns(first, saying(ok(b"again") if "-I" not in words else head(200, "Content-Length: 5"))))
    result = get(world, "--retry", "0", *words, web.url("/1"), web.url("/2"))
    if how == "reset" and "DELETE" in words:  # it may have been done
        assert result.status in (0, 56)
        return
    assert result.status == 0 and result.err == "", result
    assert web.connections == 2 and [r.target for r in web.requests][-1] == "/2"


def test_a_new_connection_that_dies_is_a_try(world):
    web = Web(world, dying(0, "fin"))
    failed(get(world, "--retry", "0", web.url()), 8)
    assert web.connections == 1


def test_the_free_try_is_one(world):
    """First kept connection dies, and the new one too: that is a failure."""
    web = Web(world, turns(dying(1, "fin"), dying(0, "fin"), saying(ok(b"never"))))
    result = get(world, "--retry", "0", web.url("/1"), web.url("/2"))
    assert result.status == 8 and web.connections == 2 and result.out == b"hello"


def test_a_kept_connection_is_not_written_to_after_its_end(world):
    """The end was there to be seen."""
    ended = threading.Event()

    def first(c):
        c.request()
        c.send(ok(b"a"))
        c.socket.shutdown(socket.SHUT_WR)
        ended.set()
        assert c.socket.recv(100) == b""
    web = Web(world, turns(first, saying(ok(b"b"))))
    slow = Site(world, {"/": lambda request: ended.wait(10) and Answer(b"-")})
    assert get(world, "--retry", "0", web.url(), slow.url(), web.url()).out == b"a-b"


# --- and it is told -----------------------------------------------------------------------------

def test_tries_are_in_the_log(world):
    site = Site(world, {"/f": cut_then_whole(100_000)})
    result = get(world, *QUICK, "--log-json", "-v", "-o", "f", site.url("/f"))
    assert result.status == 0
    events = [json.loads(line) for line in result.err.splitlines()]
    assert any("next try" in json.dumps(e) for e in events), events


def test_chunks_that_are_cut_go_on_too(world):
    state = []

    def talk(c):
        request = c.request()
        state.append(request.get("Range"))
        if len(state) == 1:
            c.send(head(200, "Transfer-Encoding: chunked", 'ETag: "v1"', "Accept-Ranges: bytes") +
                   chunks(BODY[:50_000])[:-5])
        else:
            offset = int((request.get("Range") or "bytes=0-").split("=")[1].rstrip("-"))
            c.send(head(206, "Transfer-Encoding: chunked", 'ETag: "v1"',
                        f"Content-Range: bytes {offset}-{len(BODY) - 1}/{len(BODY)}") + chunks(BODY[offset:]))
    web = Web(world, talk)
    result = ends_well(get(world, *QUICK, "-o", "f", web.url("/f")))
    assert (result.folder / "f").read_bytes() == BODY and state[1] == "bytes=50000-"
