# SPDX-License-Identifier: MIT
"""What get does to files: the target is the old one or the new one, whole, whatever ends the run; a part that can be
continued is kept and continued only where it belongs; what is no regular file is never replaced or removed."""
import email.utils
import os
import random
import resource
import shutil
import signal
import subprocess
import threading

import pytest

from harness import HOST, LINUX, MIB, PROGRAM, needs_linux, no_sanitizer, one_line, random_bytes, sha256, wait_until
from web import (DATE, DATE_SECONDS, Answer, Site, Web, failed, file, get, head, names, saying)

BODY = random_bytes(600_000)
PART, VALIDATOR = "f.part", "f.part.validator"


def folder(world, **contents):
    path = world.path("out")
    path.mkdir(exist_ok=True)
    for name, data in contents.items():
        (path / name.replace("_", ".")).write_bytes(data)
    return path


def cutting(count, body=BODY, how="fin", **page):
    """A file whose answers stop after count bytes, as long as count is not None."""
    state = {"count": count}

    def serve(request):
        answer = file(body, **page)(request)
        if state["count"] is not None and answer.status in (200, 206):
            answer.stop = (state["count"], how)
        return answer
    serve.state = state
    return serve


# --- the target is only ever renamed over -------------------------------------------------------

def test_while_it_comes_the_old_file_is_there(world):
    go_on = threading.Event()
    site = Site(world, {"/f": Answer(BODY, stop=(1000, go_on))})
    where = folder(world, f=b"old")
    before = (where / "f").stat().st_ino
    process = world.sockutil("get", "-o", "f", site.url("/f"), cwd=where)
    wait_until(lambda: len(names(where)) == 2, what="the temporary file")
    assert (where / "f").read_bytes() == b"old" and (where / "f").stat().st_ino == before
    temporary = next(n for n in names(where) if n != "f")
    assert temporary.startswith(".f.")
    assert (where / temporary).stat().st_mode & 0o002 == 0
    go_on.set()
    assert process.wait() == 0
    assert (where / "f").read_bytes() == BODY and names(where) == ["f"]


def test_nothing_is_touched_before_an_answer(world):
    """A probe that empties the target costs the old file."""
    where = folder(world, f=b"old")
    site = Site(world)
    for words in ([site.url("/gone")], [f"http://{HOST}:1/"], ["http://no-such-host.invalid/"]):
        assert get(world, "--retry", "0", "-o", "f", *words).status in (6, 7, 22)
        assert (where / "f").read_bytes() == b"old" and names(where) == ["f"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_killed_at_any_point_the_file_is_old_or_new(world, number):
    """Random points of a download that is let go piece by piece; a restart afterwards succeeds."""
    draw = random.Random(number)
    where = folder(world)
    for _ in range(8):
        for name in names(where):
            (where / name).unlink()
        (where / "f").write_bytes(b"old")
        point = draw.randrange(0, len(BODY))
        go_on = threading.Event()
        site = Site(world, {"/f": file(BODY, stop=(point, go_on))})
        process = world.sockutil("get", "-o", "f", site.url("/f"), cwd=where)
        wait_until(lambda: site.requests, what="the request")
        if draw.random() < 0.7:
            wait_until(lambda: sum(p.stat().st_size for p in where.iterdir()) >= point + 3, what=f"{point} bytes")
        else:
            go_on.set()  # the end of it and the signal race
        process.signal(number)
        status = process.wait()
        go_on.set()
        assert status == 128 + number or (status == 0 and (where / "f").read_bytes() == BODY)
        assert (where / "f").read_bytes() in (b"old", BODY)
        if number != signal.SIGKILL:
            assert set(names(where)) <= {"f", PART, VALIDATOR}, names(where)
            if PART in names(where):
                assert BODY.startswith((where / PART).read_bytes()) and VALIDATOR in names(where)
        site.pages["/f"] = file(BODY)
        assert get(world, "-C", "-o", "f", site.url("/f"), cwd=where).status in (0, 33)


def test_a_signal_ends_it_in_silence_or_one_line(world):
    site = Site(world, {"/f": file(BODY, stop=(1000, threading.Event()))})
    process = world.sockutil("get", "-o", "f", site.url("/f"), cwd=folder(world))
    wait_until(lambda: names(world.path("out")), what="a file")
    process.signal(signal.SIGTERM)
    assert process.wait() == 143
    assert process.err.count("\n") <= 1


def test_the_servers_time_is_the_files_where_it_counts(world):
    site = Site(world, {"/f": file(BODY)})
    result = get(world, "--newer", "-O", site.url("/f"))
    assert (result.folder / "f").stat().st_mtime == DATE_SECONDS


@needs_linux
@no_sanitizer
def test_it_is_on_the_disk_before_it_has_the_name(world):
    if not shutil.which("strace"):
        pytest.skip("needs strace")
    site = Site(world, {"/f": file(BODY)})
    trace = world.path("trace")
    process = world.start("strace", "-f", "-o", trace, "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,linkat",
                          PROGRAM, "get", "-o", "f", site.url("/f"), cwd=folder(world),
                          env={"ASAN_OPTIONS": "detect_leaks=0"})
    if process.wait() != 0 and "ptrace" in process.err:
        pytest.skip("strace may not trace here")
    calls = [line.split("(")[0].split()[-1] for line in trace.read_text().splitlines() if "(" in line]
    moves = [i for i, c in enumerate(calls) if c.startswith(("rename", "link"))]
    assert moves and any(c in ("fsync", "fdatasync") for c in calls[:moves[0]]), calls


# --- outputs that fail --------------------------------------------------------------------------

@needs_linux
@pytest.mark.parametrize("way", [["-o", "/dev/full"], []])
def test_a_full_device_is_23(world, way):
    site = Site(world, {"/f": BODY})
    before = os.stat("/dev/full")
    with open("/dev/full", "wb") as full:
        result = get(world, *way, site.url("/f")) if way else \
            world.sockutil("get", site.url("/f"), stdout=full).finish()
    failed(result, 23, "No space left")
    assert os.stat("/dev/full").st_rdev == before.st_rdev


def private_disk(world, size, script, *words):
    """A shell script with a small disk of its own at $D; its Result."""
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True)
    if not LINUX or os.geteuid() != 0 or probe.returncode:
        pytest.skip("needs a mount namespace of its own")
    disk = world.path("disk")
    disk.mkdir()
    return world.start("unshare", "-m", "sh", "-c",
                       f'mount -t tmpfs -o size={size} tmpfs "$D" || exit 99; cd "$D"; {script}', "sh", *words,
                       env={"D": str(disk)}).finish(timeout=60)


@pytest.mark.parametrize("how", ["new", "over an old one", "--continue"])
def test_a_full_disk_is_23_and_the_old_file_stays(world, how):
    site = Site(world, {"/f": file(random_bytes(4 * MIB))})
    script = {"new": '"$@"; s=$?; ls -A; exit $s', "over an old one": 'echo old >f; "$@"; s=$?; ls -A; cat f; exit $s',
              "--continue": '"$@" -C; s=$?; ls -A; exit $s'}[how]
    result = private_disk(world, "1m", script, PROGRAM, "get", "--retry", "0", "-o", "f",
                          site.url("/f"))
    if result.status == 99:
        pytest.skip("tmpfs cannot be mounted here")
    assert result.status == 23 and "No space left" in result.err.splitlines()[0]
    kept = result.text.split()
    assert "f" not in kept or how == "over an old one"
    assert set(kept) <= {"f", "old", PART, VALIDATOR}
    if how == "over an old one":
        assert "old" in kept


def test_a_limit_on_file_sizes_is_23(world):
    site = Site(world, {"/f": Answer(BODY)})
    result = get(world, "-o", "f", site.url("/f"),
                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
    failed(result, 23)
    assert names(result.folder) == []


def test_a_closed_stdout_is_23(world):
    site = Site(world, {"/f": BODY})
    result = world.run("get", site.url("/f"), preexec_fn=lambda: os.close(1))
    failed(result, 23)
    assert get(world, "-o", "f", site.url("/f"), preexec_fn=lambda: os.close(1)).status == 0


def test_a_reader_that_has_gone_is_141_in_silence(world):
    site = Site(world, {"/f": random_bytes(8 * MIB)})
    process = world.sockutil("get", site.url("/f"))
    process.read(1000)
    process.stdout.close()
    process.stdout = process.popen.stdout = None
    assert process.wait() == 141 and process.err == ""


def test_two_things_do_not_go_to_one_file(world):
    """The last to be renamed would be all that is left of both."""
    site = Site(world, {"/f": BODY})
    result = get(world, "-D", "same", "-o", "same", site.url("/f"))
    failed(result, 2, "same")
    assert names(result.folder) == []


def test_a_folder_is_no_file(world):
    site = Site(world, {"/f": BODY})
    (folder(world) / "f").mkdir()
    failed(get(world, "-o", "f", site.url("/f")), 23, "f")
    assert (world.path("out") / "f").is_dir() and names(world.path("out")) == ["f"]


def test_a_folder_that_may_not_be_written_is_23(world):
    site = Site(world, {"/f": BODY})
    failed(get(world, "-o", "/proc/f" if LINUX else "/nonexistent/f", site.url("/f")), 23)


def test_a_link_leads_to_the_file_it_names(world):
    """-o through a link of the user's own: the link stays, or is replaced whole; nothing is half."""
    site = Site(world, {"/f": BODY})
    where = folder(world, real=b"old")
    os.symlink("real", where / "f")
    assert get(world, "-o", "f", site.url("/f")).status == 0
    assert (where / "f").read_bytes() == BODY
    assert (where / "real").read_bytes() in (b"old", BODY) and names(where) == ["f", "real"]


@pytest.mark.parametrize("ending", ["whole", "cut", "404"])
def test_what_is_no_regular_file_is_written_as_it_is_and_stays(world, ending):
    page = {"whole": Answer(BODY[:5000]), "cut": Answer(BODY, stop=(5000, "fin")), "404": Answer(b"x" * 5000,
                                                                                                 404)}[ending]
    site = Site(world, {"/f": page})
    where = folder(world)
    os.mkfifo(where / "pipe")
    reader = os.open(where / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    result = get(world, "--retry", "0", "-o", "pipe", site.url("/f"))
    assert result.status == {"whole": 0, "cut": 18, "404": 22}[ending]
    got = b"" if ending == "404" else os.read(reader, 10_000)
    os.close(reader)
    assert got == (b"" if ending == "404" else BODY[:5000])
    assert names(where) == ["pipe"] and (where / "pipe").is_fifo()
    assert get(world, "--retry", "0", "-o", "/dev/null", site.url("/f")).status == result.status
    assert os.path.exists("/dev/null") and not os.path.isfile("/dev/null")


# --- parts --------------------------------------------------------------------------------------

def test_what_was_cut_is_kept_with_its_validator(world):
    site = Site(world, {"/f": cutting(200_000)})
    result = get(world, "--retry", "0", "-o", "f", site.url("/f"))
    assert result.status == 18 and len(result.err.splitlines()) == 2
    assert "cut short" in result.err and f"kept {PART}" in result.err and "--continue" in result.err
    assert names(result.folder) == [PART, VALIDATOR]
    assert (result.folder / PART).read_bytes() == BODY[:200_000]
    lines = (result.folder / VALIDATOR).read_text().splitlines()
    assert 'etag "v1"' in lines and f"last-modified {DATE}" in lines and f"total {len(BODY)}" in lines
    assert f"url {site.url('/f')}" in lines


@pytest.mark.parametrize("page", [dict(etag=None, modified=None), dict(etag='W/"v1"', modified=None)])
def test_what_cannot_be_continued_is_not_kept(world, page):
    site = Site(world, {"/f": cutting(200_000, **page)})
    result = get(world, "--retry", "0", "-o", "f", site.url("/f"))
    failed(result, 18)
    assert names(result.folder) == []


def parted(world, count=200_000, words=("-C",), **page):
    """A site and a folder with f.part of its file."""
    serve = cutting(count, **page)
    site = Site(world, {"/f": serve})
    result = get(world, "--retry", "0", *words, "-o", "f", site.url("/f"))
    assert result.status == 18 and names(result.folder) == [PART, VALIDATOR], result
    serve.state["count"] = None
    site.requests.clear()
    return site


@pytest.mark.parametrize("page, condition", [(dict(), '"v1"'), (dict(etag=None), DATE)])
def test_a_part_is_continued(world, page, condition):
    site = parted(world, **page)
    result = get(world, "-C", "-o", "f", site.url("/f"))
    assert (result.status, result.err) == (0, "")
    assert (result.folder / "f").read_bytes() == BODY and names(result.folder) == ["f"]
    assert site.last.get("Range") == "bytes=200000-" and site.last.get("If-Range") == condition
    assert len(site.requests) == 1 and site.last.get("Accept-Encoding") in (None, "identity")


def test_a_part_of_an_older_version_is_dropped(world):
    """200 to If-Range: another version. Never are two glued together."""
    site = parted(world)
    newer = random_bytes(500_000)
    site.pages["/f"] = file(newer, etag='"v2"')
    result = get(world, "-C", "-o", "f", site.url("/f"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == newer and names(result.folder) == ["f"]
    assert site.requests[0].get("If-Range") == '"v1"'


def test_a_server_that_forgets_ranges_starts_over(world):
    """Some answer 200 with the same validator: then from the start, never a failure."""
    site = parted(world)
    site.pages["/f"] = file(BODY, ranges=False)
    result = get(world, "-C", "-o", "f", site.url("/f"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == BODY


@pytest.mark.parametrize("content_range", [
    "bytes 200001-599999/600000", "bytes 0-599999/600000", "bytes 199999-599999/600000", "bytes 200000-599999/600001",
    "bytes 200000-599998/600000", "bytes 200000-700000/600000", "bytes 200000-599999", "bytes 300000-200000/600000",
    "items 200000-599999/600000", "bytes */600000", "bytes 200000-18446744073709551615/600000", "", None,
])
def test_a_wrong_content_range_is_never_glued_on(world, content_range):
    site = parted(world)
    fields = ['ETag: "v1"'] + [f"Content-Range: {content_range}"] * (content_range is not None)
    site.pages["/f"] = lambda request: Answer(b"z" * 400_000, 206,
                                              fields) if request.get("Range") else file(BODY)(request)
    result = get(world, "--retry", "0", "-C", "-o", "f", site.url("/f"))
    if result.status == 0:  # it started over
        assert (result.folder / "f").read_bytes() == BODY
    else:
        assert result.status in (8, 33), result
        failed(result, result.status)
        assert "f" not in names(result.folder)
        if PART in names(result.folder):
            assert (result.folder / PART).read_bytes() == BODY[:200_000]


@pytest.mark.parametrize("fields", [['ETag: "v2"'], ["Last-Modified: Wed, 03 Jan 2024 03:04:05 GMT", 'ETag: "v2"']])
def test_a_206_of_another_version_is_never_glued_on(world, fields):
    site = parted(world)
    fields = fields + ["Content-Range: bytes 200000-599999/600000"]
    site.pages["/f"] = lambda request: Answer(b"z" * 400_000, 206, fields) if request.get("Range") else \
        file(BODY, etag='"v2"')(request)
    result = get(world, "--retry", "0", "-C", "-o", "f", site.url("/f"))
    assert result.status in (0, 8, 33), result
    if result.status == 0:
        assert (result.folder / "f").read_bytes() == BODY
    else:
        assert "f" not in names(result.folder)


def test_an_answer_with_a_range_that_was_not_asked_for_is_8(world):
    web = Web(world, saying(head(206, "Content-Range: bytes 10-14/100", "Content-Length: 5") + b"hello"))
    result = get(world, "-o", "f", web.url())
    failed(result, 8)
    assert names(result.folder) == []


def test_a_complete_part_is_success(world):
    """All of it had come before the power went: 416 with the same total, or nothing to ask."""
    site = parted(world)
    (world.path("out") / PART).write_bytes(BODY)
    result = get(world, "-C", "-o", "f", site.url("/f"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == BODY and names(result.folder) == ["f"]


def test_a_complete_file_is_success_and_is_not_changed(world):
    site = Site(world, {"/f": file(BODY)})
    where = folder(world, f=BODY)
    before = (where / "f").stat()
    result = get(world, "-C", "-o", "f", site.url("/f"))
    assert (result.status, result.out) == (0, b"") and names(where) == ["f"]
    assert (where / "f").read_bytes() == BODY and (where / "f").stat().st_ino == before.st_ino


def test_an_error_page_is_never_put_behind_a_part(world):
    for code in (404, 416, 500):
        site = parted(world)
        site.pages["/f"] = Answer(b"<h1>error</h1>" * 100, code)
        result = get(world, "--retry", "0", "-C", "-o", "f", site.url("/f"))
        assert result.status in (22, 33), (code, result)
        where = world.path("out")
        assert "f" not in names(where)
        assert PART not in names(where) or (where / PART).read_bytes() == BODY[:200_000]
        shutil.rmtree(where)


@pytest.mark.parametrize("first", [BODY[:200_000], b"", BODY[:1]], ids=["much", "nothing", "a byte"])
def test_a_part_from_elsewhere_is_continued(world, first):
    """F itself, as another program left it."""
    site = Site(world, {"/f": file(BODY)})
    where = folder(world, f=first)
    result = get(world, "-C", "-o", "f", site.url("/f"))
    assert result.status == 0, result
    assert (where / "f").read_bytes() == BODY and names(where) == ["f"]
    if first:
        assert site.requests[0].get("Range") == f"bytes={len(first)}-"


def test_a_longer_file_from_elsewhere_is_no_part(world):
    """Either it stays and the status tells, or all of the server's is there in its place."""
    site = Site(world, {"/f": file(BODY)})
    where = folder(world, f=BODY + b"more")
    result = get(world, "-C", "-o", "f", site.url("/f"))
    assert ((result.status, (where / "f").read_bytes()) in [(33, BODY + b"more"), (0, BODY)]) and names(where) == ["f"]


def test_a_part_from_elsewhere_survives_another_cut(world):
    serve = cutting(100_000)
    site = Site(world, {"/f": serve})
    where = folder(world, f=BODY[:50_000])
    result = get(world, "--retry", "0", "-C", "-o", "f", site.url("/f"))
    assert result.status == 18
    serve.state["count"] = None
    assert get(world, "-C", "-o", "f", site.url("/f")).status == 0
    assert (where / "f").read_bytes() == BODY and names(where) == ["f"]


def test_a_part_of_another_url_is_not_continued(world):
    site = parted(world)
    other = random_bytes(300_000)
    site.pages["/other"] = file(other, etag='"v1"')
    result = get(world, "-C", "-o", "f", site.url("/other"))
    assert result.status in (0, 33)
    if result.status == 0:
        assert (result.folder / "f").read_bytes() == other


@pytest.mark.parametrize("junk", [b"", b"junk", b"etag \"v1\"\n" * 1000, b"total 99999999999999999999\n", b"\x00" * 100,
                                  b'etag "v1"\r\nEvil: 1\n', b"etag " + b"x" * 5000 + b"\n"])
def test_a_broken_validator_is_none(world, junk):
    site = parted(world)
    (world.path("out") / VALIDATOR).write_bytes(junk)
    result = get(world, "-C", "-o", "f", site.url("/f"))
    assert result.status in (0, 33), result
    assert not any(r.get("Evil") for r in site.requests)
    if result.status == 0:
        assert (result.folder / "f").read_bytes() == BODY


def test_two_runs_do_not_write_one_part(world):
    go_on = threading.Event()
    site = Site(world, {"/f": file(BODY, stop=(1000, go_on))})
    where = folder(world)
    first = world.sockutil("get", "-C", "-o", "f", site.url("/f"), cwd=where)
    wait_until(lambda: PART in names(where) and (where / PART).stat().st_size == 1000, what="the part")
    second = get(world, "--retry", "0", "-C", "-o", "f", site.url("/f"))
    assert second.status == 23, second
    one_line(second.err)
    go_on.set()
    assert first.wait() == 0 and (where / "f").read_bytes() == BODY


# --- conditions ---------------------------------------------------------------------------------

def test_newer_fetches_only_what_is_newer(world):
    site = Site(world, {"/f": file(BODY, etag=None)})
    where = folder(world)
    assert get(world, "--newer", "-o", "f", site.url("/f")).status == 0
    assert site.last.get("If-Modified-Since") is None
    assert get(world, "--newer", "-o", "f", site.url("/f")).status == 0
    assert site.last.get("If-Modified-Since") == DATE and (where / "f").read_bytes() == BODY
    os.utime(where / "f", (DATE_SECONDS - 9, DATE_SECONDS - 9))
    (where / "f").write_bytes(b"old")
    os.utime(where / "f", (DATE_SECONDS - 9, DATE_SECONDS - 9))
    assert get(world, "--newer", "-o", "f", site.url("/f")).status == 0
    assert (where / "f").read_bytes() == BODY
    assert email.utils.parsedate_to_datetime(site.last.get("If-Modified-Since")).timestamp() == DATE_SECONDS - 9


def test_304_keeps_the_file_and_the_tag(world):
    site = Site(world, {"/f": file(BODY)})
    where = folder(world)
    for turn in range(3):
        result = get(world, "--etag", "tag", "-o", "f", site.url("/f"))
        assert (result.status, result.out) == (0, b""), result
        assert (where / "f").read_bytes() == BODY and (where / "tag").read_bytes().strip() == b'"v1"'
        assert site.last.get("If-None-Match") == (None if turn == 0 else '"v1"')
    site.pages["/f"] = file(b"new", etag='"v2"')
    assert get(world, "--etag", "tag", "-o", "f", site.url("/f")).status == 0
    assert (where / "f").read_bytes() == b"new" and (where / "tag").read_bytes().strip() == b'"v2"'


@pytest.mark.parametrize("content", [b"", b"\n", b'"v1"\r\nEvil: 1\n', b"\x00", b"x" * 100_000])
def test_a_broken_tag_file_is_no_condition(world, content):
    site = Site(world, {"/f": file(BODY)})
    folder(world, tag=content)
    result = get(world, "--etag", "tag", "-o", "f", site.url("/f"))
    assert result.status in (0, 26), result
    assert not any(r.get("If-None-Match") == "" or r.get("Evil") for r in site.requests)


def test_a_tag_is_written_only_with_its_file(world):
    """Cut, refused or wrong: the tag of a file that is not there would hide it for ever."""
    where = folder(world)
    for page in (Answer(BODY, stop=(1000, "fin"), fields=['ETag: "v9"']), Answer(b"x", 404, ['ETag: "v9"'])):
        site = Site(world, {"/f": page})
        assert get(world, "--retry", "0", "--etag", "tag", "-o", "f", site.url("/f")).status in (18, 22)
        assert not (where / "tag").exists() or b"v9" not in (where / "tag").read_bytes()


# --- digests ------------------------------------------------------------------------------------

@pytest.mark.parametrize("how", [dict(), dict(chunked=True)])
def test_a_right_digest(world, how):
    site = Site(world, {"/f": Answer(BODY, **how)})
    result = get(world, "--checksum", "sha256:" + sha256(BODY).upper(), "-o", "f", site.url("/f"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == BODY


def test_a_wrong_digest_is_18_and_leaves_no_file(world):
    site = Site(world, {"/f": file(BODY)})
    where = folder(world, f=b"old")
    result = get(world, "--checksum", "sha256:" + sha256(b"other"), "-o", "f", site.url("/f"))
    failed(result, 18, sha256(BODY)[:16])
    assert (where / "f").read_bytes() == b"old" and names(where) == ["f"]
    assert len(site.requests) == 1  # the bytes are the server's: asking again brings the same


def test_a_digest_holds_over_a_continued_file(world):
    site = parted(world)
    (world.path("out") / PART).write_bytes(b"x" * 200_000)
    result = get(world, "-C", "--checksum", "sha256:" + sha256(BODY), "-o", "f", site.url("/f"))
    failed(result, 18)
    assert "f" not in names(result.folder)
    result = get(world, "-C", "--checksum", "sha256:" + sha256(BODY), "-o", "f", site.url("/f"))
    assert result.status == 0 and (result.folder / "f").read_bytes() == BODY


def test_a_digest_of_what_goes_to_stdout(world):
    site = Site(world, {"/f": BODY})
    assert get(world, "--checksum", "sha256:" + sha256(BODY), site.url("/f")).out == BODY
    assert get(world, "--checksum", "sha256:" + sha256(b""), site.url("/f")).status == 18
