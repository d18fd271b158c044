# SPDX-License-Identifier: MIT
"""How the program starts and what it says when it cannot: closed descriptors, names, addresses that are taken,
sockets of the file system, and nonsense on the command line."""
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess

import pytest

from harness import (HOST, MIB, PROGRAM, dial, exchange, unused_port, needs_linux, needs_linux_paths, one_line, random_bytes,
                     read_exactly, read_to_end, reset, wait_until)


def closing(*descriptors):
    """For preexec_fn: closes descriptors in the child before the program starts."""
    def close():
        for d in descriptors:
            os.close(d)
    return close


# --- descriptors that are closed at the start ---------------------------------------------------

def test_a_closed_stdin_is_an_empty_one(world):
    peer = world.peer(lambda s: (read_to_end(s), s.sendall(b"reply")))
    result = world.run("connect", HOST, peer.port, stdin=subprocess.DEVNULL, preexec_fn=closing(0))
    assert (result.status, result.out) == (0, b"reply")


def test_a_closed_stdout_fails_on_the_first_write_and_its_number_is_not_reused(world):
    """If the socket took number 1, the bytes would be sent back to the peer."""
    def talk(s):
        s.sendall(b"never to come back")
        try:
            return read_to_end(s)
        except ConnectionResetError:
            return b""
    peer = world.peer(talk)
    process = world.sockutil("connect", HOST, peer.port, stdin=subprocess.PIPE, preexec_fn=closing(1))
    assert process.wait() == 23
    assert "output" in one_line(process.err)
    assert peer.result() == b""


def test_a_closed_stdout_that_is_never_needed_is_no_failure(world):
    peer = world.peer(read_to_end)
    result = world.run("connect", HOST, peer.port, stdin=b"only up", preexec_fn=closing(1))
    assert result.status == 0 and peer.result() == b"only up"


def test_a_closed_stderr_puts_no_message_into_the_stream(world):
    peer = world.peer(read_to_end)
    result = world.run("connect", "-v", HOST, peer.port, stdin=b"x", preexec_fn=closing(2))
    assert result.status == 0 and peer.result() == b"x" and result.out == b""


def test_all_three_closed(world):
    peer = world.peer(read_to_end)
    result = world.run("connect", HOST, peer.port, stdin=subprocess.DEVNULL, preexec_fn=closing(0, 1, 2))
    assert result.status == 0 and peer.result() == b""


def test_sigpipe_ignored_by_the_parent_changes_nothing(world):
    peer = world.peer(lambda s: s.sendall(b"z" * 64 * MIB))
    process = world.sockutil("connect", HOST, peer.port,
                             preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN))
    process.read(10)
    process.stdout.close()
    assert process.wait() == 141 and process.err == ""


# --- who cannot be reached ----------------------------------------------------------------------

def test_refused_is_7_and_one_line(world):
    port = unused_port()
    result = world.run("connect", HOST, port)
    assert result.status == 7
    line = one_line(result.err)
    assert line.startswith("sockutil connect: ") and f"{HOST}:{port}" in line and "refused" in line.lower()


def test_every_address_that_failed_is_named(world):
    port = unused_port()
    result = world.run("connect", "localhost", port)
    assert result.status == 7
    assert "127.0.0.1" in result.err and "refused" in result.err.lower()


@needs_linux
def test_each_address_that_was_tried_has_its_line_when_asked(world):
    families = {info[4][0] for info in socket.getaddrinfo("localhost", 1, type=socket.SOCK_STREAM)}
    result = world.run("connect", "-v", "localhost", unused_port())
    assert result.status == 7
    for address in families:
        assert any(address in line and "refused" in line for line in result.err.splitlines()), result


def test_an_unknown_name_is_6_and_named(world):
    result = world.run("connect", "no-such-host.invalid", "80")
    assert result.status == 6
    assert "no-such-host.invalid" in one_line(result.err)


def test_a_host_that_does_not_answer_is_28(world):
    """A listener whose queue is full drops what comes."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = []
        for _ in range(4):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex((HOST, port))
            fillers.append(s)
        result = world.run("connect", "-w", "300ms", HOST, port)
        for s in fillers:
            s.close()
    assert result.status == 28
    assert "300" in one_line(result.err) or "timed out" in result.err


@pytest.mark.parametrize("words", [
    ["connect", HOST],
    ["connect", HOST, "80", "extra"],
    ["connect", f"{HOST}:65536"],
    ["connect", "0x7f.1", "80"],
    ["connect", "127.1", "80"],
    ["connect", "2130706433", "80"],
    ["connect", "::1:80"],
    ["connect", "[::1", "80"],
    ["connect", "[::1]:"],
    ["connect", HOST, "-1"],
    ["connect", HOST, "port-of-nothing"],
    ["connect", "", "80"],
    ["connect", "a host", "80"],
    ["connect", "host\x1b[31m", "80"],
    ["connect", "ftp://host:21"],
    ["connect", "unix:"],
    ["connect", "--no-such-option", HOST, "80"],
    ["connect", "--timeout", HOST, "80"],
    ["connect", "--timeout", "soon", HOST, "80"],
    ["connect", "--timeout", "-1", HOST, "80"],
    ["connect", "--timeout", "99999999999999999999", HOST, "80"],
    ["connect", "--limit-rate", "0x10", HOST, "80"],
    ["connect", "--framing", "lines", HOST, "80"],
    ["connect", "--recv-only", "--send-only", HOST, "80"],
    ["connect", "--quiet=1", HOST, "80"],
    ["connect", "-4", "-6", "::1", "80", "x"],
    ["serve"],
    ["serve", "--responder", "ecko", "0"],
    ["serve", "--max-conns", "0x", "0"],
    ["serve", "65536"],
    ["conect", HOST, "80"],
    ["-l", "8080"],
    [HOST, "80"],
])
def test_nonsense_is_2_and_one_line(world, words):
    result = world.run(*words, stdin=subprocess.DEVNULL, timeout=5)
    assert result.status == 2, result
    assert result.out == b""
    line = one_line(result.err)
    assert line.startswith("sockutil") and "\x1b" not in line


@pytest.mark.parametrize("words, near", [
    (["conect", HOST, "80"], "connect"),
    (["serv", "80"], "serve"),
    (["connect", "--timeuot", "1s", HOST, "80"], "--timeout"),
    (["connect", "--insecur", HOST, "80"], "--insecure"),
    (["serve", "--responder", "ecko", "80"], "echo"),
    (["connect", "--framing", "lin", HOST, "80"], "line"),
    ([HOST, "80"], f"sockutil connect {HOST} 80"),
    (["-l", "8080"], "sockutil serve 8080"),
])
def test_the_nearest_valid_thing_is_named(world, words, near):
    result = world.run(*words, stdin=subprocess.DEVNULL, timeout=5)
    assert result.status == 2 and near in one_line(result.err)


def test_bare_and_help_and_version(world):
    assert world.run("--version").text.startswith("sockutil ")
    for words in (["help"], ["--help"], ["connect", "--help"], ["serve", "-h"], ["help", "serve"],
                  ["connect", "--help-all"]):
        result = world.run(*words)
        assert result.status == 0 and "sockutil" in result.text and result.err == "", words
    bare = world.run()
    assert "sockutil connect" in bare.text + bare.err


def test_help_to_a_full_device_is_not_status_0(world):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    with open("/dev/full", "wb") as full:
        assert world.run("--help", stdout=full).status == 23


def test_a_message_shows_no_escape_of_the_command_line(world):
    """What the user pasted may come from elsewhere: controls are shown, not obeyed."""
    result = world.run("connect", "bad\x1b]0;title\x07.invalid", "80")
    assert result.status in (2, 6)
    assert "\x1b" not in result.err and "\x07" not in result.err


# --- where a server cannot listen ---------------------------------------------------------------

def test_an_address_in_use_is_45_and_one_line(world):
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        port = holder.getsockname()[1]
        result = world.run("serve", f"{HOST}:{port}", stdin=subprocess.DEVNULL)
    assert result.status == 45
    line = one_line(result.err)
    assert str(port) in line and "in use" in line.lower()


def test_an_address_that_is_not_ours_is_45(world):
    result = world.run("serve", "192.0.2.1:0", stdin=subprocess.DEVNULL)
    assert result.status == 45
    assert "192.0.2.1" in one_line(result.err)


def test_a_name_to_listen_on_that_nobody_knows_is_6(world):
    result = world.run("serve", "no-such-host.invalid:0", stdin=subprocess.DEVNULL)
    assert result.status == 6
    assert "no-such-host.invalid" in one_line(result.err)


def test_a_port_of_the_kernels_choice_is_said(world):
    """Never 0: the message and the port file carry the port that was given."""
    server = world.serve("--responder", "echo")
    assert server.port > 0
    assert f"{HOST}:{server.port}" in server.wait_err("listening")
    assert exchange(server.port, b"hello") == b"hello"


# --- sockets in the file system -----------------------------------------------------------------

def unix_exchange(path, data):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(str(path))
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        return read_to_end(s)


def serve_unix(world, path, *words):
    process = world.sockutil("serve", f"unix:{path}", "--responder", "echo", *words)
    process.wait_err("listening")
    return process


def test_a_socket_file_is_made_and_removed(world):
    path = world.path("socket")
    server = serve_unix(world, path)
    assert stat.S_ISSOCK(path.stat().st_mode)
    assert unix_exchange(path, b"over a path") == b"over a path"
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert not path.exists()


def test_a_dead_servers_socket_file_is_taken_over(world):
    path = world.path("socket")
    first = serve_unix(world, path)
    first.signal(signal.SIGKILL)
    first.wait()
    assert path.exists()
    serve_unix(world, path)
    assert unix_exchange(path, b"again") == b"again"


def test_a_live_servers_socket_file_is_never_taken_over(world):
    path = world.path("socket")
    serve_unix(world, path)
    result = world.run("serve", f"unix:{path}", "--responder", "echo", stdin=subprocess.DEVNULL)
    assert result.status == 45
    assert "socket" in one_line(result.err)
    assert unix_exchange(path, b"still there") == b"still there"


def test_what_is_not_a_socket_is_never_removed(world):
    path = world.path("precious", b"data")
    result = world.run("serve", f"unix:{path}", "--responder", "echo", stdin=subprocess.DEVNULL)
    assert result.status == 45
    one_line(result.err)
    assert path.read_bytes() == b"data"


def test_a_socket_file_that_somebody_else_put_there_is_not_unlinked_at_the_end(world):
    """Only the very file that we made is ours to remove."""
    path = world.path("socket")
    first = serve_unix(world, path)
    path.unlink()
    other = socket.socket(socket.AF_UNIX)
    other.bind(str(path))
    first.signal(signal.SIGTERM)
    assert first.wait() == 0
    assert path.exists()
    other.close()


def test_connecting_to_a_path_without_a_server_is_7(world):
    result = world.run("connect", f"unix:{world.path('nothing')}", stdin=subprocess.DEVNULL)
    assert result.status == 7
    assert "nothing" in one_line(result.err)


def test_connect_to_a_socket_file(world):
    peer = world.peer(lambda s: s.sendall(read_to_end(s)[::-1]), path=world.path("socket"))
    result = world.run("connect", f"unix:{world.path('socket')}", stdin=b"abc")
    assert (result.status, result.out) == (0, b"cba")
    peer.result()


@needs_linux_paths
def test_abstract_names_leave_no_file(world):
    name = f"sockutil-test-{os.getpid()}-{os.urandom(4).hex()}"
    process = world.sockutil("serve", f"unix:@{name}", "--responder", "echo", cwd=world.folder)
    process.wait_err("listening")
    result = world.run("connect", f"unix:@{name}", stdin=b"hidden")
    assert (result.status, result.out) == (0, b"hidden")
    assert not [p for p in pathlib.Path(world.folder).iterdir() if "@" in p.name]


def test_an_inherited_connection_is_used(world):
    near, far = socket.socketpair()
    process = world.sockutil("connect", f"fd:{far.fileno()}", stdin=subprocess.PIPE, pass_fds=[far.fileno()])
    far.close()
    near.sendall(b"down")
    near.shutdown(socket.SHUT_WR)
    result = process.finish(b"up")
    assert (result.status, result.out) == (0, b"down")
    assert read_to_end(near) == b"up"
    near.close()


def test_socket_activation(world):
    """LISTEN_FDS and LISTEN_PID as systemd sets them; the numbers start at 3."""
    listener = socket.socket()
    listener.bind((HOST, 0))
    listener.listen()
    port = listener.getsockname()[1]
    starter = world.path("starter.py", b"""
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ["LISTEN_FDS"] = "1"
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
""")
    world.start("/usr/bin/env", "python3", starter, listener.fileno(), PROGRAM, "serve", "systemd:", "--responder",
                "echo", pass_fds=[listener.fileno()])
    listener.close()
    assert exchange(port, b"activated") == b"activated"


# --- a listener's life --------------------------------------------------------------------------

@pytest.mark.parametrize("words", [["--responder", "echo"], ["--keep-open"]])
def test_a_listener_under_an_empty_stdin_stays(world, words):
    """As under nohup or cron: the end of stdin does not end a listener."""
    server = world.serve(*words)
    for i in range(3):
        with dial(server.port) as s:
            s.sendall(b"hello")
            s.shutdown(socket.SHUT_WR)
            read_to_end(s)
        assert server.running()


def test_one_clients_reset_is_not_the_others_fate(world):
    server = world.serve("--responder", "echo")
    with dial(server.port) as steady:
        for i in range(20):
            bad = dial(server.port)
            bad.sendall(random_bytes(100_000))
            reset(bad)
            steady.sendall(b"%04d" % i)
            assert read_exactly(steady, 4) == b"%04d" % i
    assert server.running()


def test_a_client_that_never_reads_is_not_the_others_fate(world):
    server = world.serve("--responder", "chargen")
    stuck = dial(server.port, rcvbuf=4096)
    with dial(server.port) as s:
        assert len(read_exactly(s, MIB)) == MIB
    stuck.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_drained_ends_0(world, number):
    server = world.serve("--responder", "echo")
    exchange(server.port, b"x")
    server.signal(number)
    assert server.wait() == 0


def test_a_server_that_could_not_drain_in_its_grace_dies_by_the_signal(world):
    """A client that does not read what it is being sent holds the drain up."""
    server = world.serve("--send-file", world.path("in", random_bytes(16 * MIB)), "--grace", "400ms")
    with dial(server.port, rcvbuf=4096) as s:
        assert s.recv(1)
        server.signal(signal.SIGTERM)
        assert server.wait() == 128 + signal.SIGTERM


def test_a_second_signal_does_not_wait_for_the_grace(world):
    server = world.serve("--send-file", world.path("in", random_bytes(16 * MIB)), "--grace", "1h")
    with dial(server.port, rcvbuf=4096) as s:
        assert s.recv(1)
        server.signal(signal.SIGTERM)
        server.wait_err("ending")
        server.signal(signal.SIGTERM)
        assert server.wait() == 128 + signal.SIGTERM


def test_more_clients_than_select_knows_descriptors(world):
    """1100 at once: numbers past 1024 are served like any other."""
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 4096:
        pytest.skip("the descriptor limit is too low")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))
    clients = []
    try:
        server = world.serve("--responder", "echo", "--max-conns", "2000")
        for _ in range(1100):
            clients.append(dial(server.port))
        for i, s in enumerate(clients):
            s.sendall(b"%05d" % i)
        for i, s in enumerate(clients):
            assert read_exactly(s, 5) == b"%05d" % i
    finally:
        for s in clients:
            s.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@needs_linux
def test_running_out_of_descriptors_does_not_spin_and_passes(world):
    import resource
    server = world.serve("--responder", "echo",
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32)))
    clients = [dial(server.port) for _ in range(60)]
    clients[0].sendall(b"a")
    assert read_exactly(clients[0], 1) == b"a"
    before = server.cpu()
    with pytest.raises(subprocess.TimeoutExpired):
        server.popen.wait(1.0)
    assert server.cpu() - before <= 0.1
    for s in clients:
        s.close()
    wait_until(lambda: exchange(server.port, b"back") == b"back", what="service again")


def test_every_option_that_the_readme_shows_exists(world):
    readme = (pathlib.Path(__file__).parents[2] / "README.md").read_text()
    known = {mode: world.run(mode, "--help-all").text for mode in ("connect", "serve")}
    shown = [line for line in readme.splitlines() if re.match(r"    .*\bsockutil (connect|serve) ", line)]
    assert len(shown) > 10
    for line in shown:
        mode, rest = re.search(r"sockutil (connect|serve) (.*)", line).groups()
        for option in re.findall(r"(?<![\w-])(--[a-z][a-z-]*)", rest):
            assert re.search(rf"{option}\b", known[mode]), f"{option} of: {line}"
