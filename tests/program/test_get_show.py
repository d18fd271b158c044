# SPDX-License-Identifier: MIT
"""What get tells: times, facts as JSON, what was said on the wire without its secrets, progress in its forms; and what
it keeps off a terminal."""
import json
import os
import re
import stat
import threading

import pytest

from harness import HOST, MIB, needs, needs_tls, random_bytes, wait_until
from test_terminal import Screen, terminal  # noqa: F401 (a fixture)
from web import Answer, Digest, Site, Web, basic, failed, file, get, head, ok, redirect, saying

BODY = random_bytes(3 * MIB)


# --- times and facts ----------------------------------------------------------------------------

def test_timing_names_what_took_how_long(world):
    site = Site(world, {"/": redirect("/end"), "/end": Answer(BODY)})
    result = get(world, "--timing", "-o", "f", f"http://localhost:{site.port}/")
    assert result.status == 0 and result.out == b""
    for word in ("names", "connect", "request", "answer", "body", "total"):
        assert re.search(rf"^ *{word} +\d+\.\d+ ms", result.err, re.M), (word, result.err)
    hops = [line for line in result.err.splitlines() if line.startswith("GET http")]
    assert len(hops) == 2 and "302" in hops[0] and "200" in hops[1] and "reused" in hops[1]
    assert "TLS" not in result.err


@needs_tls
def test_timing_of_tls(world, certificates):
    site = Site(world, {"/": Answer(b"x")}, tls=certificates.server_context())
    result = get(world, "--timing", "-o", "f", "--ca", certificates.ca, site.url())
    assert re.search(r"^ *TLS +\d+\.\d+ ms", result.err, re.M)


def test_timing_does_not_add_up_to_more_than_the_total(world):
    site = Site(world, {"/": Answer(BODY)})
    result = get(world, "--timing", "-o", "f", site.url())
    times = {m.group(1): float(m.group(2)) for m in re.finditer(r"^ *(\w+) +(\d+\.\d+) ms", result.err, re.M)}
    total = times.pop("total")
    assert 0 < total and sum(times.values()) <= total + 0.1, result.err


def info(result):
    return [json.loads(line) for line in result.err.splitlines() if line.startswith("{")]


def test_info_as_json(world):
    site = Site(world, {"/": redirect("/f"), "/f": file(BODY, fields=["Content-Type: text/x"])})
    result = get(world, "--info", "json", "-o", "f", site.url())
    assert result.status == 0
    told, = info(result)
    assert (told["status"], told["file"], told["done"], told["total"]) == (200, "f", len(BODY), len(BODY))
    assert told["content_type"] == "text/x" and told["exit_status"] == 0 and told["failure"] is None
    assert [h["status"] for h in told["hops"]] == [302, 200] and [h["reused"] for h in told["hops"]] == [False, True]
    assert told["hops"][0]["peer"].startswith(HOST) and told["hops"][0]["url"] == site.url()
    times = told["hops"][0]["times_us"]
    assert 0 <= times["started"] <= times["connected"] <= times["sent"] <= times["first_byte"] <= times["ended"]


@pytest.mark.parametrize("how, status", [("404", 22), ("cut", 18), ("junk", 8), ("refused", 7)])
def test_info_of_a_failure(world, how, status):
    site = Site(world, {"/cut": Answer(BODY, stop=(1000, "fin"), fields=['ETag: "v"'])})
    junk = Web(world, saying(b"\x1b[31mjunk\"\\\r\n\r\n"))
    url = {"404": site.url("/gone"), "cut": site.url("/cut"), "junk": junk.url(), "refused": f"http://{HOST}:1/"}[how]
    result = get(world, "--retry", "0", "--info", "json", "-o", "f", url)
    told, = info(result)
    assert result.status == status == told["exit_status"] and told["failure"], told
    assert told["kept"] == ("f.part" if how == "cut" else None) and "\x1b" not in result.err


def test_info_for_each_url(world):
    site = Site(world, {f"/{i}": b"x" * i for i in range(5)})
    result = get(world, "-Z", "--info", "json", "-P", ".", *[site.url(f"/{i}") for i in range(5)])
    assert sorted(t["done"] for t in info(result)) == [0, 1, 2, 3, 4]


@needs_tls
def test_info_about_tls(world, certificates):
    site = Site(world, {"/": Answer(b"x")}, tls=certificates.server_context())
    tls = info(get(world, "--info", "json", "-o", "f", "--ca", certificates.ca, site.url()))[0]["hops"][0]["tls"]
    assert tls["version"].startswith("TLS") and tls["verified"] is True and tls["cipher"]
    assert tls["subject"] == "CN=leaf" and tls["issuer"] == "CN=test authority"


def test_info_does_not_hold_passwords(world):
    site = Site(world, {"/": basic(redirect("/f"), "joe", "s3cret"), "/f": basic(b"x", "joe", "s3cret")})
    result = get(world, "--info", "json", "--timing", "-vv", "-o", "f", f"http://joe:s3cret@{HOST}:{site.port}/")
    assert result.status == 0 and "s3cret" not in result.err and "am9lOnMzY3JldA" not in result.err


def test_messages_do_not_hold_passwords(world):
    site = Site(world)
    for words in (["-vv"], ["--log-json", "-v"], []):
        result = get(world, *words, "-u", "x:hunter2", f"http://joe:s3cret@{HOST}:{site.port}/gone")
        assert result.status == 22 and "s3cret" not in result.err and "hunter2" not in result.err
    result = get(world, "http://joe:s3cret@[::zz]/")
    assert result.status == 3 and "s3cret" not in result.err


def test_stats(world):
    site = Site(world, {"/f": BODY})
    result = get(world, "--stats", "-o", "f", site.url("/f"))
    assert result.status == 0 and str(len(BODY)) in result.err


def test_messages_as_json(world):
    site = Site(world)
    result = get(world, "--log-json", site.url("/gone"))
    events = [json.loads(line) for line in result.err.splitlines()]
    assert result.status == 22 and any("404" in json.dumps(e) for e in events)


# --- the wire -----------------------------------------------------------------------------------

def test_a_trace_has_heads_and_counts_and_no_secrets(world):
    site = Site(world, {"/set": Answer(b"x" * 77, fields=["Set-Cookie: sid=s3cret", "X-Plain: shown"]),
                        "/in": Digest(b"in", "joe", "s3cret")})
    result = get(world, "--trace", "trace", "-H", "X-Sent: shown", "-b", "mine=s3cret", "-b", "", "-u", "joe:s3cret",
                 "-d",
                 "some=data", site.url("/set"), site.url("/in"))
    assert result.status == 0, result
    text = (result.folder / "trace").read_text()
    assert "> POST /set HTTP/1.1\n" in text and "< HTTP/1.1 200 OK\n" in text
    assert "> X-Sent: shown\n" in text and "< X-Plain: shown\n" in text
    assert "> Cookie: ***\n" in text and "< Set-Cookie: ***\n" in text and "> Authorization: ***\n" in text
    assert "s3cret" not in text and "} 9 bytes" in text and "{ 77 bytes" in text
    assert stat.S_IMODE((result.folder / "trace").stat().st_mode) == 0o600


def test_a_trace_masks_what_could_steer_a_terminal(world):
    web = Web(world, saying(head(200, "Content-Length: 0", "X-Bytes: caf\xe9 \x9b31m")))
    result = get(world, "--trace", "-", web.url())
    assert result.status == 0 and b"X-Bytes: caf" in result.out
    assert b"\x9b" not in result.out and b"\x1b" not in result.out


def test_a_trace_that_cannot_be_written_is_23(world):
    site = Site(world, {"/": b"x"})
    failed(get(world, "--trace", "/nonexistent/trace", site.url()), 23, "/nonexistent/trace")


# --- progress that is read by programs ------------------------------------------------------------

def test_without_a_terminal_nothing_is_said(world):
    site = Site(world, {"/f": BODY})
    for words in ([], ["--progress", "auto"], ["--progress", "none"]):
        assert get(world, *words, "-o", "f", site.url("/f")).err == ""


def test_progress_as_json(world):
    go_on = threading.Event()
    site = Site(world, {"/f": Answer(BODY, stop=(MIB, go_on))})
    process = world.sockutil("get", "--progress", "json", "-o", world.path("f"), site.url("/f"))
    wait_until(lambda: process.err.count("\n") >= 1, what="the first line")
    go_on.set()
    assert process.wait() == 0
    events = [json.loads(line) for line in process.err.splitlines()]
    assert events[0]["event"] == "progress" and events[0]["done"] == MIB and events[0]["total"] == len(BODY)
    assert events[-1]["event"] == "done" and events[-1]["done"] == len(BODY)
    assert [e["done"] for e in events] == sorted(e["done"] for e in events)
    assert all(e["url"] == site.url("/f") and e["rate"] >= 0 for e in events)


def test_progress_as_lines(world):
    site = Site(world, {"/f": BODY})
    result = get(world, "--progress", "line", "-o", "f", site.url("/f"))
    assert result.status == 0 and result.err.count("\n") >= 1
    assert "\r" not in result.err and "\x1b" not in result.err and "3 MiB" in result.err


def test_progress_of_a_failure(world):
    site = Site(world, {"/f": Answer(BODY, stop=(MIB, "fin"))})
    result = get(world, "--retry", "0", "--progress", "json", "-o", "f", site.url("/f"))
    events = [json.loads(line) for line in result.err.splitlines() if line.startswith("{")]
    assert result.status == 18 and events[-1]["event"] == "failed"


# --- terminals ----------------------------------------------------------------------------------

@needs("tmux")
def test_a_bar_moves_and_leaves_a_clean_line(world):
    go_on = threading.Event()
    site = Site(world, {"/f": Answer(BODY, stop=(MIB, go_on))})
    screen = Screen(world, f'cd {world.folder}; "$PROGRAM" get -o f {site.url("/f")}')
    try:
        shown = wait_until(lambda: "33%" in screen.text() and screen.text(), what="the bar")
        lines = [line for line in shown.splitlines() if "%" in line]
        assert len(lines) == 1 and len(lines[0]) <= 80 and "of 3 MiB" in lines[0], shown
        go_on.set()
        wait_until(lambda: "ended with" in screen.text(), what="the end")
        assert screen.text().strip() == "ended with 0"
    finally:
        screen.close()
    assert world.path("f").read_bytes() == BODY


@needs("tmux")
def test_a_message_does_not_mix_with_a_bar(world):
    go_on = threading.Event()

    def talk(c):
        c.request()
        c.send(head(200, f"Content-Length: {len(BODY)}") + BODY[:MIB])
        c.wait(go_on)
    web = Web(world, talk)
    screen = Screen(world, f'cd {world.folder}; "$PROGRAM" get --retry 0 -o f {web.url("/f")}')
    try:
        wait_until(lambda: "33%" in screen.text(), what="the bar")
        go_on.set()
        wait_until(lambda: "ended with" in screen.text(), what="the end")
        text = screen.text()
    finally:
        screen.close()
    lines = [line for line in text.splitlines() if line.strip()]
    assert lines[0].startswith("sockutil get: ") and "%" not in text and lines[-1] == "ended with 18", text


@needs("tmux")
def test_control_c_leaves_a_clean_line(world):
    site = Site(world, {"/f": Answer(BODY, stop=(MIB, threading.Event()), fields=['ETag: "v1"'])})
    screen = Screen(world, f'trap : INT; cd {world.folder}; "$PROGRAM" get -o f {site.url("/f")}')
    try:
        wait_until(lambda: "33%" in screen.text(), what="the bar")
        screen.run("send-keys", "C-c")
        wait_until(lambda: "ended with" in screen.text(), what="the end")
        text = screen.text()
    finally:
        screen.close()
    assert "ended with 130" in text and "%" not in text, text
    assert not world.path("f").exists() and world.path("f.part").read_bytes() == BODY[:MIB]


@needs("tmux")
def test_several_at_once_have_a_line_each(world):
    go_on = threading.Event()
    site = Site(world, {f"/file{i}": Answer(BODY, stop=(MIB, go_on)) for i in range(3)})
    urls = " ".join(site.url(p) for p in site.pages)
    screen = Screen(world, f'cd {world.folder}; "$PROGRAM" get -Z -O {urls}')
    try:
        text = wait_until(lambda: (lambda t: all(f"file{i}" in t for i in range(3)) and t)(screen.text()),
                          what="the bars")
        assert sum("%" in line for line in text.splitlines()) >= 3, text
        go_on.set()
        wait_until(lambda: "ended with" in screen.text(), what="the end")
        assert "%" not in screen.text() and "ended with 0" in screen.text()
    finally:
        screen.close()


@pytest.mark.parametrize("body", [b"\x00\x01\x02binary", b"text first\n" + b"\x00" * 10,
                                  b"\x7fELF\x02\x01\x01\x00", b"\x89PNG\r\n\x1a\n", b"\xff\xfe\xfd" * 30])
def test_binary_to_a_terminal_is_refused_with_a_hint(world, terminal, body):  # noqa: F811
    site = Site(world, {"/": body})
    t = terminal("get", site.url())
    assert t.finish() == 23
    assert b"-o FILE" in t.seen and b"-o -" in t.seen and body[:8] not in t.seen
    t = terminal("get", "-o", "-", site.url(), raw=True)
    assert t.finish() == 0 and body in t.seen


def test_text_to_a_terminal_is_shown_without_a_bar(world, terminal):  # noqa: F811
    text = "<p>grün 新浪</p>\n".encode() * 300
    site = Site(world, {"/": Answer(text)})
    t = terminal("get", site.url(), raw=True)
    assert t.finish() == 0 and t.seen == text


def test_a_character_that_is_cut_by_a_read_is_still_text(world, terminal):  # noqa: F811
    text = "新".encode() * 4000
    web = Web(world, lambda c: (c.request(), c.send(head(200, f"Content-Length: {len(text)}"), text[:1], text[1:5000],
                                                    text[5000:])))
    t = terminal("get", web.url(), raw=True)
    assert t.finish() == 0 and t.seen == text


def test_a_head_on_a_terminal_cannot_steer_it(world, terminal):  # noqa: F811
    web = Web(world, saying(ok(b"x", "X-Title: \x9b31mred caf\xe9")))
    t = terminal("get", "-i", web.url())
    assert t.finish() == 0 and b"X-Title: " in t.seen and b"\x9b" not in t.seen


def test_a_password_that_is_not_given_is_asked_for(world, terminal):  # noqa: F811
    site = Site(world, {"/": basic(b"in\n", "joe", "s3cret")})
    t = terminal("get", "-u", "joe", site.url())
    t.see(b"assword")
    t.type(b"s3cret\n")
    assert t.finish() == 0 and b"in" in t.seen and b"s3cret" not in t.seen


def test_where_nobody_can_be_asked_a_password_is_needed(world):
    site = Site(world, {"/": b"x"})
    result = get(world, "-u", "joe", site.url(), preexec_fn=os.setsid)
    failed(result, 26, "--user")
    assert site.connections == 0
