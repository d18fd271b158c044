# SPDX-License-Identifier: MIT
"""The programs that people have as members of a chat: both netcats, ncat, telnet, openssl s_client, the client of the
documentation; and what our client says to somebody else's chat."""
import os
import pty
import select
import shutil
import subprocess
import sys
import time

import pytest

from harness import HOST, PATIENCE, ROOT, SEARCH_PATH, dial, needs, needs_tls, one_line, wait_until
from test_peers import Other

SEEDS = ROOT / "tests" / "program" / "seeds"
WELCOME = b"* Welcome to this sockutil chat. Your nick?\n"


def host(world, *words, at=None):
    """A chat without anybody in it, once it listens; .port is its port."""
    port = world.folder / f"port.{len(world.processes)}"
    words = [*words, at] if at else [*words, "--port-file", port, f"{HOST}:0"]
    process = world.sockutil("chat", "--listen", "--headless", *words)
    process.wait_err("listening")
    if not at:
        wait_until(lambda: port.exists() and port.read_text().strip(), what="the port file")
        process.port = int(port.read_text())
    return process


class Member:
    """Somebody of the test's own, who sees what the others say."""

    def __init__(self, port, nick="watcher"):
        self.socket, self.seen = dial(port), b""
        self.say(nick)
        self.see(f"* you are {nick}, in lobby\n".encode())

    def say(self, text):
        self.socket.sendall(text.encode() + b"\n")

    def see(self, line):
        """Reads on until these bytes have come."""
        while line not in self.seen:
            piece = self.socket.recv(65536)
            assert piece, f"{line!r} did not come before the end: {self.seen!r}"
            self.seen += piece
        return self.seen

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def talks(world, watcher, argv, nick, **how):
    """A program that speaks plain lines: it joins, hears, speaks, acts, and says its last words behind its end."""
    program = world.start(*argv, stdin=subprocess.PIPE, **how)
    program.read_until(WELCOME)
    program.stdin.write(nick.encode() + b"\n")
    program.read_until(f"* you are {nick}, in lobby\n".encode())
    watcher.see(f"* {nick} joined\n".encode())
    watcher.say("good morning")
    program.read_until(b"<watcher> good morning\n")
    program.stdin.write("早上好\n/me waves\n//help is no command\n".encode())
    watcher.see(f"<{nick}> 早上好\n~ {nick} waves\n<{nick}> /help is no command\n".encode())
    program.stdin.write(b"my last words\nwithout an end of line")
    program.stdin.close()
    watcher.see(f"<{nick}> my last words\n".encode())
    return program


# --- plain lines --------------------------------------------------------------------------------------

MEMBERS = {
    "nc.openbsd": ["nc.openbsd", "-N", HOST, "{port}"],
    "nc.traditional": ["nc.traditional", "-q", "5", HOST, "{port}"],
    "ncat": ["ncat", HOST, "{port}"],
    "socat": ["socat", "-t", "5", "STDIO", f"TCP:{HOST}:{{port}}"],
}


@pytest.mark.parametrize("name", [pytest.param(n, marks=needs(argv[0])) for n, argv in MEMBERS.items()])
def test_a_member_with(world, name):
    server = host(world)
    with Member(server.port) as watcher:
        program = talks(world, watcher, [a.format(port=server.port) for a in MEMBERS[name]], "ann")
        if name != "nc.traditional":  # that one tells nobody that its input has ended
            watcher.see(b"<ann> without an end of line\n")
            assert program.wait() == 0, program.err
        watcher.see(b"* ann left")


@needs("nc.openbsd")
def test_over_a_socket_file_with_nc(world):
    path = world.path("socket")
    host(world, at=f"unix:{path}")
    programs = [world.start("nc.openbsd", "-N", "-U", path, stdin=subprocess.PIPE) for _ in range(2)]
    for nick, program in zip(("ann", "bob"), programs):
        program.stdin.write(nick.encode() + b"\n")
        program.read_until(f"* you are {nick}, in lobby\n".encode())
    programs[1].stdin.write(b"hello\n")
    programs[0].read_until(b"<bob> hello\n")
    programs[1].stdin.close()
    programs[0].read_until(b"* bob left")
    assert programs[1].wait() == 0


@needs("nc.openbsd")
def test_with_our_own_client_in_the_room(world):
    server = host(world)
    ours = world.sockutil("chat", "--nick", "carol", HOST, server.port, stdin=subprocess.PIPE)
    ours.read_until(b"* you are carol, in lobby\n")
    nc = world.start("nc.openbsd", "-N", HOST, server.port, stdin=subprocess.PIPE)
    nc.stdin.write(b"ann\n")
    nc.read_until(b"* you are ann, in lobby\n")
    nc.stdin.write(b"hello, carol\n/msg carol only for you\n")
    ours.read_until(b"<ann> hello, carol\n[ann] only for you\n")
    ours.stdin.write(b"hello, ann\n")
    nc.read_until(b"<carol> hello, ann\n")
    assert ours.finish().status == 0, ours.err
    nc.read_until(b"* carol left")


# --- TLS ----------------------------------------------------------------------------------------------

@needs_tls
@needs("openssl")
def test_a_member_with_openssl(world, certificates):
    cert, key = certificates.leaf()
    server = host(world, "--tls", "--cert", cert, "--key", key)
    member = world.sockutil("chat", "--nick", "watcher", "--tls", "--ca", certificates.ca, "localhost", server.port,
                            stdin=subprocess.PIPE)
    member.read_until(b"* you are watcher, in lobby\n")
    openssl = world.start("openssl", "s_client", "-quiet", "-verify_quiet", "-no_ign_eof", "-verify_return_error", "-CAfile",
                          certificates.ca, "-connect", f"{HOST}:{server.port}", stdin=subprocess.PIPE)
    openssl.read_until(WELCOME)
    openssl.stdin.write(b"ann\n")
    openssl.read_until(b"* you are ann, in lobby\n")
    openssl.stdin.write(b"encrypted\n")
    member.read_until(b"<ann> encrypted\n")
    member.stdin.write(b"so is this\n")
    openssl.read_until(b"<watcher> so is this\n")
    openssl.stdin.close()
    member.read_until(b"* ann ")  # it left, or it broke TLS off
    assert member.finish().status == 0, member.err


@needs_tls
@needs("ncat")
def test_a_member_with_ncat_and_tls(world, certificates):
    cert, key = certificates.leaf()
    server = host(world, "--tls", "--cert", cert, "--key", key)
    ncat = world.start("ncat", "--ssl", "--ssl-verify", "--ssl-trustfile", certificates.ca, "localhost", server.port,
                       stdin=subprocess.PIPE)
    ncat.stdin.write(b"ann\n")
    ncat.read_until(b"* you are ann, in lobby\n")
    ncat.stdin.write(b"/who\n")
    ncat.read_until(b"* 1 here: ann\n")


@needs_tls
def test_two_of_ours_with_a_secret(world):
    secret, other = world.path("secret", b"correct horse battery staple\n"), world.path("other", b"wrong horse battery\n")
    for path in (secret, other):
        path.chmod(0o600)
    server = host(world, "--secret", secret)
    ann, bob = (world.sockutil("chat", "--nick", n, "--secret", secret, HOST, server.port, stdin=subprocess.PIPE)
                for n in ("ann", "bob"))
    bob.stdin.write(b"are you there?\n")
    bob.read_until(b"<bob> are you there?\n")
    ann.stdin.write(b"yes\n")
    bob.read_until(b"<ann> yes\n")
    stranger = world.run("chat", "--nick", "eve", "--secret", other, HOST, server.port)
    assert stranger.status in (35, 60, 90), stranger
    one_line(stranger.err)
    assert ann.finish().status == 0 and bob.finish().status == 0, (ann.err, bob.err)


# --- telnet -------------------------------------------------------------------------------------------

def has_gnu_telnet():
    program = shutil.which("telnet", path=SEARCH_PATH)
    return bool(program) and b"inetutils" in subprocess.run([program, "--version"], capture_output=True, check=False).stdout


needs_telnet = pytest.mark.skipif(not has_gnu_telnet(), reason="not installed: telnet of GNU inetutils")


class Telnet:
    """telnet(1) on a terminal of its own, as a person has it."""

    def __init__(self, world, port):
        self.keys, terminal = pty.openpty()
        self.seen = b""
        self.process = world.start("telnet", HOST, port, stdin=terminal, stdout=terminal, stderr=terminal,
                                   preexec_fn=lambda: (os.setsid(), os.close(os.open(os.ttyname(terminal), os.O_RDWR))))
        os.close(terminal)

    def type(self, data):
        os.write(self.keys, data)

    def see(self, token, timeout=10):
        """Reads on until token has been shown since the last call."""
        end = time.monotonic() + timeout * PATIENCE
        while token not in self.seen:
            assert select.select([self.keys], [], [], max(0, end - time.monotonic()))[0], \
                f"{token!r} is not shown: {self.seen!r}"
            self.seen += os.read(self.keys, 65536)
        self.seen = self.seen.split(token, 1)[1]


@needs_telnet
def test_a_member_with_telnet(world):
    """It ends lines with CR LF."""
    server = host(world)
    with Member(server.port) as watcher:
        telnet = Telnet(world, server.port)
        telnet.see(b"Your nick?")
        telnet.type(b"ann\r")
        telnet.see(b"* you are ann, in lobby")
        telnet.type("hello 你好\r".encode())
        watcher.see("<ann> hello 你好\n".encode())
        watcher.say("good morning")
        telnet.see(b"<watcher> good morning")
        telnet.type(b"\x1d")
        telnet.see(b"telnet>")
        telnet.type(b"quit\r")
        watcher.see(b"* ann ")
    os.close(telnet.keys)


@needs_telnet
def test_telnet_ctrl_c(world):
    """It sends commands of TELNET and shows nothing more until one of them is answered."""
    server = host(world)
    with Member(server.port) as watcher:
        telnet = Telnet(world, server.port)
        telnet.see(b"Your nick?")
        telnet.type(b"ann\r")
        telnet.see(b"* you are ann, in lobby")
        telnet.type(b"\x03")

        def shown():  # what comes before the answer is not
            watcher.say("what was that?")
            return select.select([telnet.keys], [], [], 0.5)[0] and b"what was" in os.read(telnet.keys, 65536)
        wait_until(shown, what="something to be shown again")
        telnet.type(b"only Ctrl-C\r")
        watcher.see(b"<ann> only Ctrl-C\n")
    os.close(telnet.keys)


def test_commands_of_telnet_are_no_text(world):
    """Cut anywhere; a client that asks for options gets them refused and stays a member."""
    server = host(world)
    with Member(server.port) as watcher, dial(server.port) as s:
        for byte in b"\xff\xfd\x18\xff\xfb\x1fan\xff\xf1n\r\n":
            s.sendall(bytes([byte]))
            time.sleep(0.005)
        watcher.see(b"* ann joined\n")
        s.sendall(b"he\xff\xf9llo \xff\xfc\x18there\r\n")
        watcher.see(b"<ann> hello there\n")
        heard = b""
        while b"\xff\xfe\x1f" not in heard:
            heard += s.recv(1000)
        assert b"\xff\xfc\x18" in heard and b"* you are ann" in heard


# --- the documentation's client, and the tutorial's ---------------------------------------------------

def documented_client(world):
    text = (ROOT / "docs" / "chat.md").read_text("utf-8").split("## A client of twenty lines", 1)[1]
    code = text.split("```python\n", 1)[1].split("```", 1)[0]
    assert len(code.splitlines()) <= 20
    return world.path("client.py", code.encode())


def test_the_client_of_the_documentation(world):
    server, client = host(world), documented_client(world)
    with Member(server.port) as watcher:
        program = world.start(sys.executable, client, HOST, server.port, "ann", stdin=subprocess.PIPE, env={"PYTHONUTF8": "1"})
        program.read_until(b"* you are ann, in lobby\n")
        watcher.say("good morning")
        program.read_until(b"<watcher> good morning\n")
        program.stdin.write("早上好\n/me waves\n".encode())
        watcher.see("<ann> 早上好\n~ ann waves\n".encode())
        program.stdin.write(b"my last words\n")
        program.stdin.close()
        watcher.see(b"<ann> my last words\n")
        watcher.see(b"* ann left")
        assert program.wait() == 0, program.err


def test_the_tutorials_client_is_asked_and_harms_nobody(world):
    """What it sends has no end of line: it is no member before its end. (--simple speaks to it.)"""
    server = host(world)
    with Member(server.port) as watcher:
        seed = world.start(sys.executable, "-u", SEEDS / "chat_client.py", server.port, stdin=subprocess.PIPE,
                           env={"PYTHONUTF8": "1"})
        seed.read_until(WELCOME.strip())
        seed.stdin.write(b"ann\n")
        seed.read_until(b"send to server ann\n")
        watcher.say("/who")
        watcher.see(b"* 1 here: watcher\n")
        seed.stdin.write(b"\n")
    server.stop()  # its children go with the host
    assert seed.wait() == 0


# --- somebody else's chat -----------------------------------------------------------------------------

@needs("ncat")
def test_our_client_refuses_ncats_chat(world):
    other = Other(world, "ncat", "-l", "--chat", HOST, "{port}", stdin=subprocess.DEVNULL)
    result = world.run("chat", "--nick", "ann", "--timeout", "2s", HOST, other.port, stdin=b"hello\n")
    assert result.status == 8 and result.out in (b"", b"* not delivered: hello\n"), result
    assert "no sockutil chat" in one_line(result.err) and "sockutil connect" in result.err


@needs("ncat")
def test_our_simple_form_in_ncats_chat(world):
    other = Other(world, "ncat", "-l", "--chat", HOST, "{port}", stdin=subprocess.DEVNULL)
    simple = world.sockutil("chat", "--simple", HOST, other.port, stdin=subprocess.PIPE)
    with dial(other.port) as s:
        simple.read_until(b"client:")
        wait_until(lambda: select.select([s], [], [], 0.1)[0], what="what it says to a newcomer")
        s.sendall(b"hello\n")
        simple.read_until(b"> hello\n")
        simple.stdin.write(b"and you\n")
        heard = b""
        while b"> and you\n" not in heard:
            heard += s.recv(1000)
    simple.stdin.close()
    assert simple.wait() == 0, simple.err


@needs("nc.openbsd")
def test_our_client_refuses_a_silent_server(world):
    other = Other(world, "nc.openbsd", "-l", HOST, "{port}", stdin=subprocess.PIPE)
    result = world.run("chat", "--nick", "ann", "--timeout", "1s", HOST, other.port, stdin=b"hello\n")
    assert result.status == 28, result
    assert "is it a sockutil chat?" in one_line(result.err)


@needs("openssl")
@needs_tls
def test_our_client_and_a_server_of_tls(world, certificates):
    """Without --tls: what answers is not a chat, and it is said in one line."""
    cert, key = certificates.leaf()
    other = Other(world, "openssl", "s_server", "-quiet", "-accept", "{port}", "-cert", cert, "-key", key,
                  stdin=subprocess.PIPE)
    result = world.run("chat", "--nick", "ann", "--timeout", "2s", HOST, other.port, stdin=b"hello\n")
    assert result.status in (8, 28, 55, 56), result
    one_line(result.err)
