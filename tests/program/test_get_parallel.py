# SPDX-License-Identifier: MIT
"""Many URLs at once over few connections, lists of URLs, and one file fetched in ranges."""
import signal
import subprocess
import threading

import pytest

from harness import MIB, needs_linux, needs_tls, no_sanitizer, random_bytes, sha256, wait_until
from web import Answer, Site, Web, failed, file, get, names

BIG = random_bytes(8 * MIB + 123)


def many(world, count, size=2000, **how):
    pages = {f"/f{i:03}": random_bytes(size) for i in range(count)}
    return Site(world, pages, **how), pages


def compare(folder, pages):
    assert names(folder) == sorted(p[1:] for p in pages)
    for path, body in pages.items():
        assert (folder / path[1:]).read_bytes() == body, path


# --- at once ------------------------------------------------------------------------------------

@pytest.mark.parametrize("jobs", [[], ["--jobs", "1"], ["--jobs", "3"], ["--jobs", "100"]])
def test_two_hundred_files_over_few_connections(world, jobs):
    site, pages = many(world, 200)
    result = get(world, "-Z", *jobs, "-O", *[site.url(p) for p in pages], timeout=60)
    assert (result.status, result.out, result.err) == (0, b"", "")
    compare(result.folder, pages)
    # one that was being opened for an asker who then got a free one is to spare
    assert site.connections <= 2 * int(jobs[1] if jobs else 8) and len(site.requests) == 200


@needs_tls
def test_many_over_tls(world, certificates):
    site, pages = many(world, 40, tls=certificates.server_context())
    result = get(world, "--parallel", "--ca", certificates.ca, "-O", *[site.url(p) for p in pages], timeout=60)
    assert result.status == 0 and site.connections <= 8
    compare(result.folder, pages)


def test_they_really_run_at_once_and_no_more_than_told(world):
    """Each answer waits until three have been asked for; a fourth is never asked for before one has ended."""
    lock, state = threading.Condition(), {"now": 0, "most": 0}

    def page(request):
        with lock:
            state["now"] += 1
            state["most"] = max(state["most"], state["now"])
            lock.notify_all()
            assert lock.wait_for(lambda: state["most"] >= 3, 30)
            state["now"] -= 1
        return Answer(request.target.encode())
    site = Site(world, {f"/{i}": page for i in range(12)})
    result = get(world, "-Z", "--jobs", "3", "-O", *[site.url(f"/{i}") for i in range(12)])
    assert result.status == 0 and state["most"] == 3


def test_without_z_one_after_another(world):
    lock, state = threading.Lock(), {"now": 0, "most": 0}

    def page(request):
        with lock:
            state["now"] += 1
            state["most"] = max(state["most"], state["now"])
        with lock:
            state["now"] -= 1
        return Answer(b"x")
    site = Site(world, {f"/{i}": page for i in range(20)})
    assert get(world, "-O", *[site.url(f"/{i}") for i in range(20)]).status == 0
    assert state["most"] == 1 and [r.target for r in site.requests] == [f"/{i}" for i in range(20)]


def test_a_slow_one_does_not_hold_up_the_others(world):
    go_on = threading.Event()
    site, pages = many(world, 20)
    site.pages["/f000"] = Answer(pages["/f000"], stop=(5, go_on))
    where = world.path("out")
    where.mkdir()
    process = world.sockutil("get", "-Z", "--jobs", "2", "-O", *[site.url(p) for p in pages], cwd=where)
    wait_until(lambda: len([n for n in names(where) if not n.startswith(".")]) == 19, what="the nineteen others")
    go_on.set()
    assert process.wait() == 0
    compare(where, pages)


def test_one_that_fails_fails_alone(world):
    site, pages = many(world, 30)
    urls = [site.url(p) for p in pages]
    urls[7:7] = [site.url("/gone")]
    result = get(world, "-Z", "-O", *urls)
    failed(result, 22, "/gone")
    compare(result.folder, pages)


def test_the_status_is_that_of_the_first_in_the_order_given(world):
    """Not of the first that failed."""
    later = threading.Event()

    def slow(request):
        assert later.wait(30)
        return Answer(b"x", 404)
    bad = Web(world, lambda c: (c.request(), c.send(b"junk\r\n\r\n"), later.set()))
    site = Site(world, {"/slow": slow})
    result = get(world, "-Z", "--retry", "0", "-O", site.url("/slow"), bad.url("/x"))
    assert result.status == 22 and len(result.err.splitlines()) == 2


def test_bodies_at_once_to_stdout_do_not_mix(world):
    pages = {f"/{i}": bytes([65 + i]) * 300_000 for i in range(6)}
    site = Site(world, pages)
    result = get(world, "-Z", *[site.url(p) for p in pages])
    if result.status == 2:  # refused: then with a word why
        failed(result, 2)
        return
    assert result.status == 0 and len(result.out) == 6 * 300_000
    runs = [result.out[i] for i in range(len(result.out)) if i == 0 or result.out[i] != result.out[i - 1]]
    assert sorted(runs) == list(range(65, 71))


def test_the_same_name_twice_is_not_mixed(world):
    site = Site(world, {"/a/f": b"a" * 500_000, "/b/f": b"b" * 500_000})
    result = get(world, "-Z", "-O", site.url("/a/f"), site.url("/b/f"))
    assert names(result.folder) == ["f"] and len(set((result.folder / "f").read_bytes())) == 1


# --- lists --------------------------------------------------------------------------------------

def test_urls_from_a_file(world):
    site, pages = many(world, 10)
    text = "# a list\n\n" + "".join(site.url(p) + ("\r\n" if i % 2 else "\n") for i, p in enumerate(pages))
    listed = world.path("list", text.encode()[:-1])
    result = get(world, "--input-file", listed, "-O")
    assert result.status == 0, result
    compare(result.folder, pages)


def test_urls_from_stdin_as_they_come(world):
    """A list may be longer than memory, and slower than the network."""
    site, pages = many(world, 10)
    where = world.path("out")
    where.mkdir()
    process = world.sockutil("get", "-Z", "--input-file", "-", "-O", cwd=where, stdin=subprocess.PIPE)
    for i, p in enumerate(pages):
        process.stdin.write(site.url(p).encode() + b"\n")
        if i == 0:
            wait_until(lambda: site.requests, what="the first request")
    assert process.finish(b"").status == 0
    compare(where, pages)


@pytest.mark.parametrize("line, status", [("ftp://127.0.0.1/x", 3), ("http://127.0.0.1:1/ x", 3), ("\x00", 3),
                                          ("http://" + "a" * 100_000, 3)], ids=["scheme", "blank", "NUL", "long"])
def test_a_bad_line_is_one_urls_fate(world, line, status):
    site = Site(world, {"/a": b"a", "/b": b"b"})
    listed = world.path("list", f"{site.url('/a')}\n{line}\n{site.url('/b')}\n".encode())
    result = get(world, "--input-file", listed, "-O")
    assert result.status in (status, 26), result
    assert names(result.folder) == ["a", "b"] if line.isprintable() and len(line) < 1000 else ["a"]  # no list at all


def test_a_list_that_is_not_there_is_26(world):
    failed(get(world, "--input-file", "gone", "-O"), 26, "gone")


@needs_linux
@no_sanitizer
def test_memory_does_not_grow_with_the_list(world):
    site, pages = many(world, 1, size=10)
    go_on = threading.Event()
    last = Site(world, {"/last": lambda request: go_on.wait(60) and Answer(b"x")})
    listed = world.path("list", (site.url("/f000") + "\n").encode() * 3000 + last.url("/last").encode())
    process = world.sockutil("get", "-Z", "--input-file", listed, stdout=subprocess.DEVNULL)
    wait_until(lambda: last.requests, 60, "the last request")
    assert process.status_field("VmHWM") < 12 * 1024
    go_on.set()
    process.wait()


# --- segments -----------------------------------------------------------------------------------

def ranges_of(site):
    return sorted(tuple(map(int, r.get("Range")[6:].split("-"))) for r in site.requests if r.get("Range"))


@pytest.mark.parametrize("count", [2, 4, 8])
def test_a_file_in_segments(world, count):
    site = Site(world, {"/f": file(BIG)})
    result = get(world, "--segments", str(count), "-o", "f", site.url("/f"))
    assert (result.status, result.err) == (0, "")
    assert (result.folder / "f").read_bytes() == BIG and names(result.folder) == ["f"]
    asked = ranges_of(site)
    assert len(asked) >= count - 1
    assert all(r.get("If-Range") == '"v1"' for r in site.requests if r.get("Range"))
    assert asked[-1][1] == len(BIG) - 1


def test_segments_come_at_once(world):
    """No range ends before all have been asked for; the first piece is the answer that was there already."""
    lock, state = threading.Condition(), {"asked": 0, "together": 0}

    def page(request):
        with lock:
            state["asked"] += 1
            lock.notify_all()
            met = lock.wait_for(lambda: state["asked"] == 3, 30)
            state["together"] += met
        return file(BIG)(request)
    site = Site(world, {"/f": lambda request: page(request) if request.get("Range") else file(BIG)(request)})
    result = get(world, "--segments", "4", "-o", "f", site.url("/f"), timeout=60)
    assert result.status == 0 and (result.folder / "f").read_bytes() == BIG
    assert state == {"asked": 3, "together": 3}


@pytest.mark.parametrize("page", [dict(ranges=False), dict(etag=None, modified=None), dict(etag='W/"v1"',
                                                                                           modified=None)])
def test_segments_of_a_server_that_cannot(world, page):
    """Then in one piece, not a failure."""
    site = Site(world, {"/f": file(BIG, **page)})
    result = get(world, "--segments", "4", "-o", "f", site.url("/f"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == BIG


def test_small_files_are_not_cut(world):
    site = Site(world, {"/f": file(b"small")})
    result = get(world, "--segments", "8", "-o", "f", site.url("/f"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == b"small"
    assert len(site.requests) == 1


def test_a_chunked_answer_has_no_segments(world):
    site = Site(world, {"/f": Answer(BIG, chunked=True, fields=["Accept-Ranges: bytes", 'ETag: "v1"'])})
    result = get(world, "--segments", "4", "-o", "f", site.url("/f"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == BIG


@pytest.mark.parametrize("change", ["other tag", "200", "wrong range", "wrong total", "other date"])
def test_a_file_that_changes_in_the_middle_is_never_glued(world, change):
    other = random_bytes(len(BIG))

    def page(request):
        whole = file(BIG, etag=None if change == "other date" else '"v1"')(request)
        if not request.get("Range") or request.get("Range").startswith("bytes=0-"):
            return whole
        if change == "200":
            return Answer(other, fields=['ETag: "v2"'])
        first, last = map(int, request.get("Range")[6:].split("-"))
        total = len(BIG)
        if change == "wrong range":
            first, last = first - 1, last - 1
        if change == "wrong total":
            total += 1
        tags = [] if change == "other date" else ['ETag: "v2"' if change == "other tag" else 'ETag: "v1"']
        date = "Wed, 03 Jan 2024 03:04:05 GMT" if change == "other date" else "Tue, 02 Jan 2024 03:04:05 GMT"
        return Answer(other[first:last + 1], 206, [*tags, f"Last-Modified: {date}",
                                                   f"Content-Range: bytes {first}-{last}/{total}"])
    site = Site(world, {"/f": page})
    result = get(world, "--retry", "1", "--retry-delay", "50ms", "--segments", "4", "-o", "f", site.url("/f"))
    if result.status == 0:
        assert (result.folder / "f").read_bytes() in (BIG, other)
    else:
        assert result.status in (8, 18, 33), result
        assert "f" not in names(result.folder)


def test_segments_that_are_cut_go_on(world):
    cuts = {}

    def page(request):
        answer = file(BIG)(request)
        asked = request.get("Range") or "all"
        last = asked.split("-")[-1]
        if cuts.setdefault(last, 0) < 1:
            cuts[last] += 1
            answer.stop = (300_000, "fin")
        return answer
    site = Site(world, {"/f": page})
    result = get(world, "--retry-delay", "50ms", "--segments", "4", "-o", "f", site.url("/f"), timeout=60)
    assert result.status == 0, result
    assert (result.folder / "f").read_bytes() == BIG and names(result.folder) == ["f"]


def test_a_segment_that_is_lost_leaves_no_file(world):
    def page(request):
        answer = file(BIG)(request)
        if (request.get("Range") or "").endswith(str(len(BIG) - 1)) and not \
                (request.get("Range") or "").startswith("bytes=0-"):
            answer.stop = (0, "reset")
        return answer
    site = Site(world, {"/f": page})
    result = get(world, "--retry", "1", "--retry-delay", "50ms", "--segments", "4", "-o", "f", site.url("/f"),
                 timeout=60)
    assert result.status in (18, 56), result
    assert "f" not in names(result.folder)
    if "f.part" in names(result.folder):
        part = (result.folder / "f.part").read_bytes()
        assert BIG.startswith(part)
        site.pages["/f"] = file(BIG)
        assert get(world, "-C", "-o", "f", site.url("/f")).status == 0
        assert (result.folder / "f").read_bytes() == BIG


@pytest.mark.parametrize("words", [[], ["-C"]])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_segments_that_are_killed_leave_no_holes(world, number, words):
    """What lies in front of a hole may be continued, what lies behind one may not be taken for a part."""
    go_on, asked = threading.Event(), []

    def page(request):
        answer = file(BIG)(request)
        asked.append(request.get("Range"))
        # the later the segment, the more of it comes
        answer.stop = (min(len(answer.body) - 1, 100_000 * len(asked)), go_on)
        return answer
    site = Site(world, {"/f": page})
    where = world.path("out")
    where.mkdir()
    process = world.sockutil("get", *words, "--segments", "4", "-o", "f", site.url("/f"), cwd=where)
    wait_until(lambda: len(asked) >= 4, what="four requests")
    wait_until(lambda: any(p.stat().st_blocks * 512 >= 900_000 for p in where.iterdir()), what="all their bytes")
    process.signal(number)
    assert process.wait() == 128 + number
    go_on.set()
    assert "f" not in names(where)
    if (where / "f.part").exists() and (where / "f.part.validator").exists() and number == signal.SIGTERM:
        assert BIG.startswith((where / "f.part").read_bytes())
    site.pages["/f"] = file(BIG)
    result = get(world, "-C", "-o", "f", site.url("/f"))
    assert result.status == 0 and (where / "f").read_bytes() == BIG


def test_a_digest_holds_over_segments(world):
    site = Site(world, {"/f": file(BIG)})
    result = get(world, "--segments", "4", "--checksum", "sha256:" + sha256(BIG), "-o", "f", site.url("/f"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == BIG
    result = get(world, "--segments", "4", "--checksum", "sha256:" + sha256(b"x"), "-o", "g", site.url("/f"))
    assert result.status == 18 and "g" not in names(result.folder)
