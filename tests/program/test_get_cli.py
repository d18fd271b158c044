# SPDX-License-Identifier: MIT
"""How get is told what to do.

Holds: the options of curl and wget that are written differently get the right words; what does not go together, or means
nothing, is one line and status 2 before anything is sent; a list of URLs that comes slowly holds up neither what runs nor a
signal; the status is that of the first URL in order, bad lines too; what a signal leaves is told and can be continued; a
password is asked for without its echo, which a signal gives back; files with secrets that others can read are told; the name
of a file that the user could not know is told.
"""
import os
import signal
import subprocess
import termios
import threading

import pytest

from harness import HOST, MIB, random_bytes, wait_until
from test_terminal import terminal  # noqa: F401 (a fixture)
from web import Answer, Site, basic, failed, file, get, names

BODY = random_bytes(3 * MIB)

HABITS = [
    (["-c"], "-c is wget's; write it as -C (--continue): sockutil get -C http://h/"),
    (["-fsSL"], "-f is curl's, and always on: status 400 or above is exit status 22 and leaves no file"),
    (["-SL"], "-S is curl's, and always on: errors are shown, with --quiet too"),
    (["--silent"], "write it as --quiet (-q); --progress none hides the bar alone"),
    (["-m", "5"], "-m is curl's; write it as --max-time"),
    (["--location"], "redirects are followed already: -L (--follow) says so, --no-follow does not"),
    (["--data-raw", "x"], "write it as --data: @ in front of a file's name is the only sign that counts"),
    (["--json", "{}"], "write it as --data-json"),
    (["--upload-file", "f"], "write it as --upload (-T)"),
    (["--no-check-certificate"], "write it as --insecure (-k)"),
    (["--output-document=f"], "write it as --output (-o)"),
    (["--tls"], "the URL says it: write it as https://"),
    (["-s"], '--source: "http://h/" is not ADDR or ADDR:PORT; curl\'s -s is -q (--quiet) here'),
]


@pytest.mark.parametrize("words, line", HABITS, ids=[" ".join(h[0]) for h in HABITS])
def test_habits_of_curl_and_wget_get_the_right_words(world, words, line):
    more = ["http://other/"] if words == ["-s"] else []
    assert failed(get(world, *words, "http://h/", *more), 2) == "sockutil get: " + line


MISTAKES = [
    (["-"], "- is no URL: --input-file - reads URLs from standard input, -o - writes to standard output"),
    (["-O", "-"], "- is no URL: -O takes no name here; -o - is standard output"),
    (["-C", "-", "-O", "{u}"], "- is no URL: --continue (-C) takes no number, what is there says where; leave the - out"),
    ([""], "an empty word is no URL"),
    (["-o", "a", "-o", "b", "{u}"], "-o was given 2 times for 1 URL: the n-th is the n-th URL's"),
    (["-Z", "{u}", "{u}"], "--parallel: several bodies would be mixed on standard output; -O, -P or an -o each gives them files"),
    (["-Z", "-o", "a", "-o", "-", "{u}", "{u}", "{u}"], None),
    (["--etag", "e", "-O", "{u}", "{u}"], "--etag is about one URL: fetch the others by themselves"),
    (["--checksum", "md5:" + "0" * 32, "--input-file", "l"], None),
    (["-D", "d", "{u}", "{u}"], "--dump-header is about one URL: fetch the others by themselves"),
    (["--input-file", "-", "-d", "@-"], "--input-file - and --data @- cannot both have standard input"),
    (["--input-file", "-", "-T", "-"], "--input-file - and --upload - cannot both have standard input"),
    (["-D", "same", "-o", "same", "{u}"], "--dump-header and --output: same would be written by both"),
    (["-D", "l", "-o", "x", "-o", "./l", "{u}", "{u}"], None),
    (["--trace", "l", "-j", "../out/l", "{u}"], "--trace and --cookie-jar: l would be written by both"),
    (["-o", "x", "-o", "y", "-o", "x", "{u}", "{u}", "{u}"], "--output: x would be written by two URLs"),
    (["-H", "no colon", "{u}"], '--header: "no colon": not "Name: value"'),
    (["-H", "X;", "{u}"], '--header: "X;": not "Name: value"; a header without a value is not sent'),
    (["-H", "a b: c", "{u}"], '--header: "a b": no name of a header has such characters'),
    (["-H", "A: b\x01", "{u}"], '--header: "A": control characters have no place in its value'),
    (["-H", "content-length: 5", "{u}"], '--header: "content-length": follows from what is sent, it cannot be given'),
    (["-H", "Connection: keep-alive", "{u}"], '--header: "Connection": only "Connection: close" can be given'),
    (["-H", "Expect: 100-continue", "{u}"], None),
    (["-X", "GET /", "{u}"], "--request: a method is one word, as in -X DELETE"),
    (["-X", "HEAD", "{u}"], "--request: HEAD is written as --head (-I)"),
    (["-X", "CONNECT", "{u}"], None),
    (["-I", "-d", "a", "{u}"], None),
    (["-A", "a\rb", "{u}"], "--user-agent: control characters, and blanks at its ends, have no place"),
    (["-u", "a\x01:b", "{u}"], "--user: control characters have no place there"),
    (["--bearer", "", "{u}"], "--bearer: no token"),
    (["--bearer", "a\nb", "{u}"], "--bearer: control characters have no place in a token"),
    (["--checksum", "sha3:00", "{u}"], '--checksum: "sha3:00" is not NAME:HEX with NAME one of sha256, sha512, sha1, md5'),
    (["--checksum", "md5:00", "{u}"], "--checksum: a md5 digest has 32 hex digits"),
    (["-r", "9-1", "{u}"], '--range: "9-1" is not a range of bytes (examples: 0-499, 500-, -500)'),
]


@pytest.mark.parametrize("words, line", MISTAKES, ids=[ascii(" ".join(m[0]))[:50] for m in MISTAKES])
def test_mistakes_are_one_line_and_nothing_is_sent(world, words, line):
    site = Site(world, {"/": b"x"})
    world.path("out").mkdir()
    world.path("out/l", b"")
    said = failed(get(world, *[w.format(u=site.url()) if "{u}" in w else w for w in words]), 2)
    assert line is None or said == "sockutil get: " + line
    assert site.connections == 0


def test_a_head_by_get_may_have_a_query(world):
    site = Site(world, {"/": b"x"})
    assert get(world, "-I", "-G", "-d", "a=1 2", site.url()).status == 0
    assert (site.last.method, site.last.target) == ("HEAD", "/?a=1%202")


# --- lists of URLs ------------------------------------------------------------------------------


def test_a_list_may_have_blanks_comments_and_no_last_newline(world):
    site = Site(world, {"/a": b"a", "/b": b"b"})
    listed = world.path("list", f"# what we want\n\n  {site.url('/a')}\t\r\n#{site.url('/c')}\n{site.url('/b')}".encode())
    result = get(world, "--input-file", listed)
    assert (result.status, result.out, result.err) == (0, b"ab", "")


def test_operands_come_before_the_list_and_names_go_on_in_it(world):
    site = Site(world, {"/a": b"a", "/b": b"b", "/c": b"c"})
    listed = world.path("list", f"{site.url('/b')}\n{site.url('/c')}\n".encode())
    result = get(world, "-o", "one", "-o", "two", "--input-file", listed, site.url("/a"))
    assert (result.status, result.out, names(result.folder)) == (0, b"c", ["one", "two"])
    assert (result.folder / "two").read_bytes() == b"b"


def test_a_device_takes_any_number_of_bodies(world):
    site = Site(world, {"/a": b"a"})
    assert get(world, "-o", "/dev/null", "-o", "/dev/null", "-o", "-", "-o", "-", *[site.url("/a")] * 4).out == b"aa"


def test_names_that_are_left_over_are_2(world):
    site = Site(world, {"/a": b"a"})
    listed = world.path("list", f"{site.url('/a')}\n".encode())
    result = get(world, "-o", "one", "-o", "two", "--input-file", listed)
    assert failed(result, 2).endswith(f"-o was given 2 times, but {listed} ended with 1 URLs in all")
    assert names(result.folder) == ["one"]


def test_the_first_in_order_decides_bad_lines_too(world):
    site = Site(world, {"/a": b"a"})
    missing = site.url("/missing").encode()
    for lines, status in (([b"\0", missing], 3), ([missing, b"\0"], 22), ([site.url("/a").encode(), b"\0", missing], 3)):
        result = get(world, "--input-file", world.path("list", b"\n".join(lines) + b"\n"))
        assert result.status == status and result.err.count("\n") == 2, result
        assert "line " in result.err and "holds a NUL" in result.err and "404" in result.err


def test_a_line_longer_than_a_url_is_passed_over_whole(world):
    site = Site(world, {"/a": b"a", "/b": b"b"})
    long = b"http://" + b"x" * 300_000 + b" " + site.url("/never").encode()
    listed = world.path("list", site.url("/a").encode() + b"\n" + long + b"\n" + site.url("/b").encode() + b"\n" + long)
    result = get(world, "--input-file", listed)
    assert (result.status, result.out) == (3, b"ab")
    assert result.err == "".join(f"sockutil get: {listed}: line {n}: longer than a URL may be\n" for n in (2, 4))
    assert [r.path for r in site.requests] == ["/a", "/b"]


def test_a_silent_list_holds_up_nothing(world):
    """One transfer runs to its end while nothing more comes, and a signal is heard."""
    site = Site(world, {"/a": BODY})
    process = world.sockutil("get", "-Z", "-P", world.folder, "--input-file", "-", stdin=subprocess.PIPE)
    process.popen.stdin.write(site.url("/a").encode() + b"\n")
    process.popen.stdin.flush()
    wait_until(lambda: world.path("a").exists(), what="the file")
    assert process.running()
    process.signal(signal.SIGINT)
    assert process.wait() == 128 + signal.SIGINT
    assert world.path("a").read_bytes() == BODY


def test_a_fifo_that_nobody_writes_to_holds_up_nothing(world):
    os.mkfifo(world.path("list"))
    process = world.sockutil("get", "--max-time", "300ms", "-O", "--input-file", world.path("list"))
    assert process.wait() == 28
    assert process.err.endswith("time is up after 300ms (--max-time)\n")


# --- signals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_a_signal_leaves_is_told_and_goes_on(world, number):
    go_on = threading.Event()
    half = {"/f": file(BODY, stop=(MIB, go_on))}
    site = Site(world, half)
    process = world.sockutil("get", "-o", world.path("f"), site.url("/f"))
    wait_until(lambda: [p for p in world.folder.iterdir() if p.name.startswith(".f.") and p.stat().st_size == MIB],
               what="half of it")
    process.signal(number)
    assert process.wait() == 128 + number
    assert process.err == f"sockutil get: kept {world.path('f')}.part (1 MiB of 3 MiB); --continue goes on\n"
    go_on.set()
    half["/f"] = file(BODY)
    assert get(world, "-C", "-o", world.path("f"), site.url("/f")).status == 0
    assert world.path("f").read_bytes() == BODY and site.last.get("Range") == f"bytes={MIB}-"


# --- secrets ------------------------------------------------------------------------------------


def test_a_signal_at_the_password_gives_the_echo_back(world, terminal):  # noqa: F811
    t = terminal("get", "-u", "joe", f"http://{HOST}:1/")
    t.see(b"password of joe: ")
    wait_until(lambda: not termios.tcgetattr(t.slave)[3] & termios.ECHO, what="silence")
    t.type(b"\x03")
    assert t.finish() == 128 + signal.SIGINT
    assert termios.tcgetattr(t.slave)[3] & termios.ECHO


def test_a_password_too_long_is_not_cut(world, terminal):  # noqa: F811
    t = terminal("get", "-u", "joe", f"http://{HOST}:1/")
    t.see(b"password of joe: ")
    t.type(b"x" * 2000 + b"\n")
    assert t.finish() == 2 and b"the password is longer than" in t.seen


def test_files_with_secrets_that_others_can_read_are_told(world):
    site = Site(world, {"/": basic(b"in", "joe", "hush")})
    secret = world.path("netrc", f"machine {HOST} login joe password hush\n".encode())
    secret.chmod(0o644)
    result = get(world, f"--netrc={secret}", site.url())
    assert (result.status, result.out) == (0, b"in")
    assert result.err == f"sockutil get: warning: {secret} can be read by others; chmod 600 {secret} keeps it private\n"
    secret.chmod(0o600)
    assert get(world, f"--netrc={secret}", site.url()).err == ""


def test_netrc_is_in_the_home_folder(world):
    site = Site(world, {"/": basic(b"in", "joe", "hush")})
    world.path(".netrc", f"machine {HOST} login joe password hush\n".encode()).chmod(0o600)
    assert get(world, "--netrc", site.url(), env={"HOME": str(world.folder)}).out == b"in"
    failed(get(world, "--netrc", site.url(), env={"HOME": str(world.path("gone"))}), 26, "--netrc", "gone/.netrc")
    failed(get(world, "--netrc", site.url(), env={"HOME": ""}), 2, "--netrc=FILE")


def test_a_jar_that_will_be_written_may_be_missing(world):
    site = Site(world, {"/": b"x"})
    assert get(world, "-b", "jar", "-j", "jar", site.url()).status == 0
    failed(get(world, "-b", "other", "-j", "jar", site.url()), 26, "other")


# --- what is told -------------------------------------------------------------------------------


def test_a_name_the_user_could_not_know_is_told(world):
    site = Site(world, {"/d": Answer(b"x", fields=["Content-Disposition: attachment; filename=news.txt"]), "/f": b"x"})
    result = get(world, "-J", site.url("/d"))
    assert (result.status, result.err) == (0, f"sockutil get: {site.url('/d')}: saved as news.txt\n")
    assert get(world, "-O", site.url("/f")).err == ""
    assert get(world, "--no-clobber", "-O", site.url("/f")).err == f"sockutil get: {site.url('/f')}: saved as f.1\n"
    assert get(world, "-q", "--no-clobber", "-O", site.url("/f")).err == ""


def test_a_sentence_for_each_with_v(world):
    site = Site(world, {"/a": b"abc"})
    result = get(world, "-v", "-o", "one", site.url("/a"))
    assert result.status == 0
    assert f"sockutil get: {site.url('/a')}: 200, 3 B in " in result.err and " to one\n" in result.err


def test_a_bar_that_cannot_be_drawn_is_a_line_at_the_end(world):
    site = Site(world, {"/a": BODY})
    result = get(world, "--progress", "bar", "-o", "one", site.url("/a"))
    assert result.status == 0 and result.err.startswith("sockutil get: one: 100% 3 MiB of 3 MiB  ")
    assert result.err.endswith("  done\n") and result.err.count("\n") == 1


def test_an_empty_list_is_fine(world):
    assert (get(world, "--input-file", "/dev/null").status) == 0
