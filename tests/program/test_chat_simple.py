# SPDX-License-Identifier: MIT
"""chat --simple: two people on one connection. Either of them may be the tutorial's own program, which knows no lines
and sends what was typed as it is; both may type at once; nobody's end loses what the other one said."""
import pathlib
import signal
import subprocess
import sys
import threading
import time

import pytest

from harness import (HOST, MIB, PATIENCE, dial, unused_port, needs_tls, one_line, read_to_end, reset, wait_until)

SEEDS = pathlib.Path(__file__).parent / "seeds"
UTF8 = {"PYTHONUTF8": "1"}


def host(world, *words, stdin=subprocess.PIPE, **how):
    """`chat --simple --listen` once it listens; .port is its port."""
    path = world.folder / f"port.{len(world.processes)}"
    process = world.sockutil("chat", "--simple", "--listen", "--port-file", path, *words, f"{HOST}:0", stdin=stdin, **how)
    wait_until(lambda: (path.exists() and path.read_text().strip()) or not process.running(), 10, "the port file")
    assert process.running(), process.err
    process.port = int(path.read_text())
    return process


def join(world, port, *words, stdin=subprocess.PIPE, **how):
    return world.sockutil("chat", "--simple", *words, HOST, port, stdin=stdin, **how)


def type_in(process, text):
    process.stdin.write(text.encode())


def seed_server(world):
    port = unused_port()
    process = world.start(sys.executable, "-u", SEEDS / "chat_server.py", port, stdin=subprocess.PIPE, env=UTF8)
    process.read_until(b"Waiting for connection......\n")
    process.port = port
    return process


def seed_client(world, port):
    return world.start(sys.executable, "-u", SEEDS / "chat_client.py", port, stdin=subprocess.PIPE, env=UTF8)


def said(out, who):
    """The words in what was shown, without what is around them."""
    return out.decode().replace(f"From {who}: \n", "").replace(f"From {who}:\n", "").replace("client:", "").replace(
        "server:", "").split("\n")


# --- the tutorial's own programs --------------------------------------------------------------------

def test_the_tutorials_client_with_our_server(world):
    ours = host(world)
    seed = seed_client(world, ours.port)
    ours.read_until(b"server:")
    type_in(seed, "你好\n")
    ours.read_until("\nFrom client:\n你好\nserver:".encode())
    type_in(ours, "hello\n")
    seed.read_until(b"hello\n")
    type_in(ours, "\n")  # its children hear our end
    type_in(seed, "\n")
    assert seed.wait() == 0
    assert ours.finish().status == 0


def test_our_client_with_the_tutorials_server(world):
    seed = seed_server(world)
    ours = join(world, seed.port)
    seed.read_until(b"connected from:")
    ours.read_until(b"client:")
    type_in(seed, "你好\n")
    ours.read_until("\nFrom server:\n你好\nclient:".encode())
    type_in(ours, "hello\n")
    seed.read_until(b"hello\n")
    type_in(ours, "\n")
    type_in(seed, "\n")
    assert seed.wait() == 0
    assert ours.finish().status == 0


@pytest.mark.parametrize("role", ["server", "client"])
def test_both_type_at_once_with_the_tutorials_programs(world, role):
    ours = host(world) if role == "server" else None
    seed = seed_client(world, ours.port) if ours else seed_server(world)
    ours = ours or join(world, seed.port)
    theirs, own = [f"<s{i:02}>" for i in range(30)], [f"<o{i:02}>" for i in range(30)]

    def type_all(process, words):
        for word in words:
            type_in(process, word + "\n")
            time.sleep(0.005)  # a person's fingers
    typing = [threading.Thread(target=type_all, args=a) for a in ((ours, own), (seed, theirs))]
    for t in typing:
        t.start()
    for t in typing:
        t.join()
    type_in(seed, "\n")  # its children go on hearing
    seed.popen.wait(20 * PATIENCE)
    ours.stdin.close()
    heard = ours.stdout.read()
    assert ours.wait() == 0, ours.err
    # without ends of lines several of its lines may be one read; its children share what comes
    assert "".join(said(heard, "client" if role == "server" else "server")) == "".join(theirs)
    seen = seed.stdout.read().decode()
    assert all(word in seen for word in own), seen


# --- two of ours ------------------------------------------------------------------------------------

def test_two_of_ours(world):
    a = host(world)
    b = join(world, a.port)
    a.read_until(b"server:")
    b.read_until(b"client:")
    for i in range(20):
        type_in(a, f"from a {i}\n")
        b.read_until(f"\nFrom server:\nfrom a {i}\nclient:".encode())
        type_in(b, f"from b {i}\n")
        a.read_until(f"\nFrom client:\nfrom b {i}\nserver:".encode())
    type_in(b, "\n")
    assert a.wait() == 0 and b.wait() == 0, (a.err, b.err)


def test_lines_that_come_at_once_stay_lines(world):
    a = host(world, stdin=subprocess.DEVNULL)
    words = [f"line {i}" for i in range(500)]
    b = join(world, a.port).finish("".join(w + "\n" for w in words).encode())
    shown = a.finish()
    assert b.status == 0 and shown.status == 0, (b, shown)
    assert shown.out.decode() == "".join(f"From client:\n{w}\n" for w in words)


@needs_tls
def test_with_a_secret(world):
    secret = world.path("secret", b"correct horse battery staple\n")
    secret.chmod(0o600)
    a = host(world, "--tls", "--secret", secret)
    b = join(world, a.port, "--tls", "--secret", secret)
    type_in(a, "nobody else reads this\n")
    b.read_until(b"From server:\nnobody else reads this\n")
    type_in(b, "indeed\n\n")
    a.read_until(b"From client:\nindeed\n")
    assert a.wait() == 0 and b.wait() == 0, (a.err, b.err)


def test_over_a_socket_file(world):
    path = world.path("socket")
    a = world.sockutil("chat", "--simple", "--listen", f"unix:{path}", stdin=subprocess.PIPE)
    a.wait_err("listening")
    b = world.sockutil("chat", "--simple", f"unix:{path}", stdin=subprocess.PIPE)
    type_in(b, "hello\n")
    a.read_until(b"From client:\nhello\n")
    type_in(a, "bye\n\n")
    assert b.finish().out.endswith(b"From server:\nbye\n")
    assert a.wait() == 0, a.err


def test_megabytes_both_ways(world):
    """More than any buffer, both ways at once: nothing is lost, and nothing doubled."""
    line = "abcdefgh" * 12
    lines = [f"{i:07} {line}" for i in range(3 * MIB // 104)]
    given = "".join(w + "\n" for w in lines).encode()
    with open(world.path("in", given), "rb") as one, open(world.path("in2", given), "rb") as two, \
            open(world.path("a"), "wb") as out_a, open(world.path("b"), "wb") as out_b:
        a = host(world, stdin=one, stdout=out_a)
        b = join(world, a.port, stdin=two, stdout=out_b)
        assert b.wait(60) == 0 and a.wait(60) == 0, (a.err, b.err)
    for name, who in (("a", "client"), ("b", "server")):
        assert "".join(said(world.path(name).read_bytes(), who)) == "".join(lines)


def test_a_line_without_end(world):
    """A line larger than what is held goes out in pieces, as the one line it is."""
    text = b"x" * (300 * 1024) + b"\nnext\n"
    peer = world.peer(read_to_end)
    result = join(world, peer.port).finish(text)
    assert result.status == 0 and peer.result() == text, result


# --- ends -------------------------------------------------------------------------------------------

def test_an_empty_line_ends_it(world):
    def talk(s):
        heard = read_to_end(s)
        s.sendall(b"you went, and I still say this")
        return heard
    peer = world.peer(talk)
    result = join(world, peer.port).finish(b"hello\n\nnever said\n")
    assert result.status == 0 and result.err == "", result
    assert result.out == b"client:\nFrom server:\nyou went, and I still say this\n"
    assert peer.result() == b"hello\n"


def test_a_silent_other_one_is_waited_for_two_seconds(world):
    done = threading.Event()
    peer = world.peer(lambda s: done.wait(20 * PATIENCE))
    began = time.monotonic()
    result = join(world, peer.port).finish(b"hello\n")
    took = time.monotonic() - began
    done.set()
    assert result.status == 0 and 1.9 < took < 6 * PATIENCE, (took, result)


def test_the_others_end_ends_it(world):
    ours = host(world)
    with dial(ours.port) as s:
        s.sendall(b"bye")
        ours.read_until(b"From client:\nbye\nserver:")
    assert ours.wait() == 0, ours.err


def test_a_reset_is_no_success(world):
    ours = host(world)
    s = dial(ours.port)
    s.sendall(b"wait")
    ours.read_until(b"From client:\nwait\nserver:")
    reset(s)
    result = ours.finish()
    assert result.status == 56 and "connection reset by peer" in result.err.splitlines()[-1], result


def test_one_that_leaves_without_having_read(world):
    """As the tutorial's server does that was never repaired: what it did not read is lost, and that is told."""
    typed = threading.Event()

    def talk(s):
        s.sendall(b"hello")
        assert typed.wait(20 * PATIENCE)
        wait_until(lambda: s.recv(1, 0x02), what="bytes that are never read")  # MSG_PEEK
    peer = world.peer(talk)
    ours = join(world, peer.port)
    ours.read_until(b"From server:\nhello\nclient:")
    type_in(ours, "did you hear me?\n")
    typed.set()
    result = ours.finish()
    assert result.status == 55, result
    assert "connection reset by peer; what was sent may be lost" in one_line(result.err)


def test_one_that_does_not_read_is_no_success(world):
    done = threading.Event()
    peer = world.peer(lambda s: done.wait(30 * PATIENCE), rcvbuf=4096)
    # What has been handed over and taken by nobody.
    result = join(world, peer.port, "--sockopt", "SO_SNDBUF=8192").finish(b"word\n" * 8000)
    done.set()
    assert result.status == 55, result
    assert "does not take what was sent" in one_line(result.err)


def test_a_reader_of_the_output_that_left(world):
    ours = host(world)
    s = dial(ours.port)
    ours.read_until(b"server:")
    ours.stdout.close()
    s.sendall(b"hello")
    assert ours.wait() == 141
    s.close()


def test_only_the_first_one(world):
    ours = host(world)
    with dial(ours.port) as first:
        ours.read_until(b"server:")
        with pytest.raises(OSError), dial(ours.port) as second:
            assert second.recv(1) == b""
            raise OSError("it was closed")
        first.sendall(b"alone")
        ours.read_until(b"From client:\nalone\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_server_in_order(world, number):
    ours = host(world)
    with dial(ours.port) as s:
        ours.read_until(b"server:")
        type_in(ours, "last\n")
        assert s.recv(5) == b"last\n"
        ours.signal(number)
        assert s.recv(5) == b""
    assert ours.wait() == 0, ours.err


def test_a_signal_ends_a_client(world):
    ended = threading.Event()
    peer = world.peer(lambda s: (read_to_end(s), ended.set()))
    ours = join(world, peer.port)
    ours.read_until(b"client:")
    ours.signal(signal.SIGTERM)
    assert ours.wait() == 128 + signal.SIGTERM
    assert ended.wait(10 * PATIENCE)


def test_nobody_there(world):
    result = world.run("chat", "--simple", HOST, unused_port(), stdin=b"hello\n")
    assert result.status == 7 and "refused" in one_line(result.err), result


# --- a hostile other one ------------------------------------------------------------------------------

def test_nothing_steers_the_terminal_and_nothing_is_forged(world):
    peer = world.peer(lambda s: s.sendall(b"\x1b]0;owned\x07\x1b[2J\xe2\x80\xaegnp\r\nserver:I agree\n\xff\x00"))
    result = join(world, peer.port, stdin=subprocess.PIPE).finish(None)
    shown = result.out.decode()
    assert "From server:\nserver:I agree\n" in shown and "From server:\n\\xff\\x00\n" in shown
    assert "From server:\n\\x1b]0;owned\\x07\\x1b[2J\\u{202e}gnp\n" in shown
    assert all(c == "\n" or c >= " " for c in shown), result


def test_a_character_cut_by_a_segment(world):
    def talk(s):
        for byte in "你好".encode():
            s.sendall(bytes([byte]))
            time.sleep(0.02)  # each its own segment; a slower machine changes nothing
    result = join(world, world.peer(talk).port).finish(None)
    assert "".join(said(result.out, "server")) == "你好" and result.status == 0, result


def test_a_flood_takes_no_memory(world):
    """Somebody says 64 MiB without an end of line, nobody reads our output: it has to wait."""
    block, sent = b"y" * MIB, [0]

    def talk(s):
        s.settimeout(1)
        try:
            while sent[0] < 64 * MIB:
                sent[0] += s.send(block)
        except TimeoutError:
            pass
        s.settimeout(30 * PATIENCE)
        s.recv(1)
    peer = world.peer(talk)
    ours = join(world, peer.port)
    wait_until(lambda: stalled(sent), 20, "a sender that is held up")
    assert MIB / 16 < sent[0] < 64 * MIB
    assert ours.status_field("VmHWM") < 40 * 1024
    ours.signal(signal.SIGKILL)
    ours.popen.wait()


def stalled(sent):
    """Whether something was taken, and nothing more for half a second."""
    before = sent[0]
    time.sleep(0.5)
    return before and sent[0] == before
