# SPDX-License-Identifier: MIT
"""get when system calls fail: an interrupted or early call changes no byte, and whatever fails, status 0 comes only with
the whole file, and the old one is there until then."""
import shutil
import threading

import pytest

from harness import LINUX, PROGRAM, SANITIZE, random_bytes, wait_until
from web import Answer, Site, encoded, file, names

pytestmark = pytest.mark.skipif(not LINUX or not shutil.which("strace") or bool(SANITIZE),
                                reason="needs strace on a plain build")
BODY = random_bytes(3_000_000)
READING = "read,readv,recvfrom,recvmsg"
WRITING = "write,writev,pwrite64,pwritev"
SENDING = "sendto,sendmsg"
MOVING = "splice,sendfile,tee,copy_file_range"
WAITING = "poll,ppoll,epoll_wait,epoll_pwait"
GROUPS = {"reading": READING, "writing": WRITING, "sending": SENDING, "moving": MOVING, "waiting": WAITING}


class Traced:
    """One fetch over an old file, with failures put into system calls: from the moment the request has come, or over the
    whole run."""

    def __init__(self, world, inject, *words, page=None, whole=False):
        attached = threading.Event()
        page = page or file(BODY)

        def held_back(request):
            assert attached.wait(30)
            return page(request) if callable(page) else page
        site = Site(world, {"/f": held_back})
        self.folder = world.path("out")
        self.folder.mkdir()
        (self.folder / "f").write_bytes(b"old")
        trace = world.path("trace")
        calls, _, rest = inject.partition(":")
        calls = ",".join("?" + c for c in calls.split(","))
        tracer = ["strace", "-f", "-o", trace, "-e", f"trace={calls}", "-e", f"inject={calls}:{rest}"]
        argv = [PROGRAM, "get", "--retry", "0", "-o", "f", *words, site.url("/f")]
        if whole:
            attached.set()
            process = strace = world.start(*tracer, *argv, cwd=self.folder)
        else:
            process = world.start(*argv, cwd=self.folder)
            wait_until(lambda: site.requests, what="the request")
            strace = world.start(*tracer, "-p", process.pid)
            wait_until(lambda: "attached" in strace.err or not strace.running(), what="the tracer")
            attached.set()
        result = process.finish(timeout=30)
        if "ptrace" in strace.err or "PTRACE" in strace.err:
            pytest.skip("strace may not trace here: " + strace.err)
        strace.wait()
        self.status, self.err = result.status, result.err
        self.injected = "INJECTED" in trace.read_text(errors="replace")
        self.file = (self.folder / "f").read_bytes()

    def held(self, body=BODY):
        """What must hold whatever failed."""
        if self.status == 0:
            assert self.file == body, "status 0 without the whole file"
        else:
            assert self.file == b"old", "the old file is lost"
            assert self.err.count("\n") <= 2, self.err
        assert set(names(self.folder)) <= {"f", "f.part", "f.part.validator"}, names(self.folder)


@pytest.mark.parametrize("group", GROUPS)
def test_an_interrupted_call_changes_no_byte(world, group):
    traced = Traced(world, f"{GROUPS[group]}:error=EINTR:when=2+2", whole=group == "sending")
    assert traced.status == 0 and traced.file == BODY, traced.err


@pytest.mark.parametrize("group", ["reading", "sending", "moving"])
def test_a_call_that_would_block_after_all_changes_no_byte(world, group):
    traced = Traced(world, f"{GROUPS[group]}:error=EAGAIN:when=1+5", whole=group == "sending")
    assert traced.status == 0 and traced.file == BODY, traced.err


@pytest.mark.parametrize("when", [1, 2, 6])
@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "ECONNRESET", "EPIPE", "ENOMEM", "EINVAL"])
@pytest.mark.parametrize("group", ["reading", "writing", "sending", "moving"])
def test_status_0_never_goes_with_a_loss(world, group, error, when):
    Traced(world, f"{GROUPS[group]}:error={error}:when={when}", whole=group == "sending").held()


@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EDQUOT", "EROFS", "EPERM"])
@pytest.mark.parametrize("call", ["fsync,fdatasync", "rename,renameat,renameat2", "ftruncate", "fchmod", "flock",
                                  "unlink,unlinkat",
                                  "utimensat,futimens"])
def test_what_fails_around_a_file_keeps_the_old_one(world, call, error):
    traced = Traced(world, f"{call}:error={error}:when=1")
    traced.held()
    if call.startswith(("fsync", "rename")) and traced.injected:
        assert traced.status == 23, "what is not on the disk, or not in its place, is not done"


@pytest.mark.parametrize("error", ["EMFILE", "ENOMEM", "EACCES"])
@pytest.mark.parametrize("call", ["socket", "pipe2", "epoll_create1,epoll_create", "openat,open", "connect",
                                  "setsockopt", "fcntl"])
@pytest.mark.parametrize("when", [1, 2])
def test_what_cannot_be_opened(world, call, error, when):
    when = f"{when}+" if call in ("socket", "connect") else when
    Traced(world, f"{call}:error={error}:when={when}", whole=True).held()


@pytest.mark.parametrize("group", ["reading", "writing", "moving"])
def test_decoded_bodies_too(world, group):
    plain = b"".join(b"line %d\n" % i for i in range(300_000))
    page = Answer(encoded("gzip", plain), fields=["Content-Encoding: gzip"])
    for fault, when in (("EINTR", "2+2"), ("EIO", "4")):
        traced = Traced(world, f"{GROUPS[group]}:error={fault}:when={when}", "--compressed", page=page)
        traced.held(plain)
        assert fault == "EIO" or traced.status == 0, traced.err
        shutil.rmtree(traced.folder)


@pytest.mark.parametrize("group", ["reading", "writing", "moving"])
@pytest.mark.parametrize("fault", ["EINTR:when=2+2", "EIO:when=3", "ENOSPC:when=2"])
def test_segments_too(world, group, fault):
    traced = Traced(world, f"{GROUPS[group]}:error={fault}", "--segments", "3")
    traced.held()
    assert not fault.startswith("EINTR") or traced.status == 0, traced.err
