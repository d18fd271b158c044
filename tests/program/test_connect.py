# SPDX-License-Identifier: MIT
"""The options of connect: files, digests, what is shown, what is recorded, pace, and socket options."""
import json
import os
import re
import socket
import ssl
import stat
import subprocess
import time

import pytest

from harness import (HOST, MIB, needs, needs_linux, needs_tls, one_line, random_bytes, read_exactly,
                     read_to_end, sha256, wait_until)


def reversing(s):
    """A peer that reads to the end and sends it all back, last byte first."""
    got = read_to_end(s)
    s.sendall(got[::-1])
    return got


# --- files --------------------------------------------------------------------------------------

def test_input_and_output_files(world):
    data = random_bytes(2 * MIB + 3)
    peer = world.peer(reversing)
    result = world.run("connect", "--input", world.path("in", data), "-o", world.path("out"), HOST, peer.port,
                       stdin=b"not this")
    assert (result.status, result.out) == (0, b"")
    assert peer.result() == data and world.path("out").read_bytes() == data[::-1]


def test_an_output_file_is_replaced_and_with_append_continued(world):
    for words, expected in (([], b"new"), (["--append"], b"oldnew")):
        out = world.path("out", b"old")
        peer = world.peer(lambda s: s.sendall(b"new"))
        assert world.run("connect", "-o", out, *words, HOST, peer.port).status == 0
        assert out.read_bytes() == expected


def test_a_dash_is_stdin_and_stdout(world):
    peer = world.peer(reversing)
    result = world.run("connect", "--input", "-", "-o", "-", HOST, peer.port, stdin=b"abc")
    assert (result.status, result.out) == (0, b"cba")


def test_a_missing_input_is_26_and_nobody_is_called(world):
    peer = world.peer(read_to_end)
    result = world.run("connect", "--input", world.path("nowhere"), HOST, peer.port)
    assert result.status == 26 and peer.accepted == 0
    assert "nowhere" in one_line(result.err)


def test_an_output_that_cannot_be_made_is_23(world):
    peer = world.peer(reversing)
    result = world.run("connect", "-o", world.path("no") / "such" / "folder", HOST, peer.port)
    assert result.status == 23
    one_line(result.err)


def test_a_refused_connection_leaves_the_old_output_file(world):
    with socket.socket() as s:
        s.bind((HOST, 0))
        port = s.getsockname()[1]
        out = world.path("out", b"precious")
        assert world.run("connect", "-o", out, HOST, port).status == 7
    assert out.read_bytes() == b"precious"


def test_a_fifo_as_input(world):
    path = world.path("fifo")
    os.mkfifo(path)
    peer = world.peer(read_to_end)
    process = world.sockutil("connect", "--input", path, HOST, peer.port)
    with open(path, "wb") as f:
        f.write(b"through a fifo")
    assert process.wait() == 0 and peer.result() == b"through a fifo"


# --- what is told -------------------------------------------------------------------------------

def test_digests_of_both_directions(world):
    data = random_bytes(MIB)
    peer = world.peer(reversing)
    result = world.run("connect", "--digest", "sha256", HOST, peer.port, stdin=data)
    assert result.status == 0 and result.out == data[::-1]
    assert sha256(data) in result.err and sha256(data[::-1]) in result.err


def test_an_unknown_digest_is_usage(world):
    result = world.run("connect", "--digest", "sha257", HOST, "1")
    assert result.status == 2
    one_line(result.err)


def test_statistics_count_every_byte(world):
    peer = world.peer(lambda s: (read_to_end(s), s.sendall(b"x" * 54321)))
    result = world.run("connect", "--stats", HOST, peer.port, stdin=b"y" * 12345)
    assert result.status == 0
    assert "12345" in result.err and "54321" in result.err


def test_info_in_words_and_in_json(world):
    peer = world.peer(reversing)
    result = world.run("connect", "--info", "text", HOST, peer.port, stdin=b"x")
    assert result.status == 0 and result.out == b"x"
    assert f"{HOST}:{peer.port}" in result.err and "IPv4" in result.err
    peer = world.peer(reversing)
    result = world.run("connect", "--info", "json", "--log-json", HOST, peer.port, stdin=b"x")
    told = json.loads(one_line(result.err))
    assert told["peer"] == f"{HOST}:{peer.port}" and told["family"] == "IPv4"
    assert told["times_us"]["connected"] >= 0


@needs_tls
def test_info_tells_what_tls_agreed_on(world, certificates):
    def talk(s):
        agreed = s.version(), s.cipher()[0]
        s.sendall(b"x")
        s.unwrap()
        return agreed
    peer = world.peer(talk, tls=certificates.server_context())
    result = world.run("connect", "--tls", "--ca", certificates.ca, "--info", "json", "localhost", peer.port)
    assert result.status == 0
    tls = json.loads(one_line(result.err))["tls"]
    assert (tls["version"], tls["cipher"]) == peer.result()
    assert tls["verified"] is True and tls["server_name"] == "localhost" and tls["group"]


@needs_tls
@needs("openssl")
def test_show_cert_prints_a_chain_that_openssl_reads(world, certificates):
    def talk(s):
        s.recv(1)
        s.unwrap()
    peer = world.peer(talk, tls=certificates.server_context())
    result = world.run("connect", "--tls", "--ca", certificates.ca, "--show-cert", "localhost", peer.port, stdin=b"x")
    assert result.status == 0
    pem = re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", result.err, re.S).group()
    assert ssl.PEM_cert_to_DER_cert(pem + "\n") == \
        ssl.PEM_cert_to_DER_cert(certificates.leaf()[0].read_text())
    assert "leaf" in result.err


def test_verbose_names_the_peer_and_quiet_names_nothing(world):
    peer = world.peer(reversing)
    assert f"{HOST}:{peer.port}" in world.run("connect", "-v", HOST, peer.port).err
    peer = world.peer(reversing)
    assert world.run("connect", "-q", HOST, peer.port).err == ""


def test_log_json_is_one_object_an_event(world):
    peer = world.peer(reversing)
    result = world.run("connect", "-v", "--log-json", HOST, peer.port)
    assert result.status == 0 and result.err
    for line in result.err.splitlines():
        assert isinstance(json.loads(line), dict)
    result = world.run("connect", "--log-json", "no-such-host.invalid", "1")
    told = json.loads(one_line(result.err))
    assert result.status == 6 and "no-such-host.invalid" in json.dumps(told)


def test_messages_go_to_a_log_file(world):
    peer = world.peer(reversing)
    result = world.run("connect", "-v", "--log-file", world.path("log"), HOST, peer.port)
    assert result.status == 0 and result.err == ""
    assert f"{HOST}:{peer.port}" in world.path("log").read_text()


def test_hex_shows_direction_and_offset_and_leaves_stdout_alone(world):
    peer = world.peer(lambda s: (read_to_end(s), s.sendall(b"\x1b[31mreply\x00\xff")))
    result = world.run("connect", "--hex", world.path("dump"), HOST, peer.port, stdin=b"ask\n")
    assert result.status == 0 and result.out == b"\x1b[31mreply\x00\xff"
    dump = world.path("dump").read_text()
    assert "61 73 6b 0a" in dump and "1b 5b 33 31 6d" in dump and "\x1b" not in dump


def test_hex_to_the_terminal_masks_what_the_peer_sent(world):
    peer = world.peer(lambda s: s.sendall(b"\x1b]0;title\x07\x9b31m"))
    result = world.run("connect", "--hex", "-", "-o", world.path("out"), HOST, peer.port)
    assert result.status == 0
    shown = result.err + result.text
    assert "1b 5d 30 3b" in shown and "\x1b" not in shown and "\x9b" not in shown


# --- recording ----------------------------------------------------------------------------------

def test_a_record_holds_what_passed(world):
    peer = world.peer(lambda s: (read_to_end(s), s.sendall(b"the reply")))
    result = world.run("connect", "--record", world.path("x.pcapng"), HOST, peer.port, stdin=b"the question")
    assert (result.status, result.out) == (0, b"the reply")
    record = world.path("x.pcapng").read_bytes()
    assert record[:4] == b"\x0a\x0d\x0d\x0a" and b"the question" in record and b"the reply" in record


@needs("tshark")
@pytest.mark.parametrize("way", ["plain", pytest.param("tls", marks=needs_tls)])
def test_wireshark_opens_a_record(world, certificates, way):
    """Of TLS it holds the plaintext."""
    question, reply = b"q" * 3000, b"r" * 70000

    def talk(s):
        got = read_exactly(s, len(question))
        s.sendall(reply)
        if way == "tls":
            s.unwrap()
        return got
    peer = world.peer(talk, tls=certificates.server_context() if way == "tls" else None)
    words = ["--tls", "--ca", certificates.ca] if way == "tls" else []
    result = world.run("connect", *words, "--record", world.path("x.pcapng"), "localhost", peer.port, stdin=question)
    assert result.status == 0 and result.out == reply
    shown = subprocess.run(["tshark", "-r", world.path("x.pcapng"), "-q", "-z", "follow,tcp,raw,0"], timeout=60,
                           capture_output=True)
    assert shown.returncode == 0, shown.stderr
    up = down = b""
    for line in shown.stdout.decode().splitlines():
        if re.fullmatch(r"[0-9a-f]+", line):
            up += bytes.fromhex(line)
        elif re.fullmatch(r"\t[0-9a-f]+", line):
            down += bytes.fromhex(line[1:])
    assert (up, down) == (question, reply)


def test_a_record_in_text_is_json_lines(world):
    peer = world.peer(reversing)
    result = world.run("connect", "--record", world.path("x.jsonl"), HOST, peer.port, stdin=b"abc")
    assert result.status == 0
    events = [json.loads(line) for line in world.path("x.jsonl").read_text().splitlines()]
    assert events and "abc" in json.dumps(events) and "cba" in json.dumps(events)


@needs_linux
def test_a_record_that_cannot_be_written_is_23_not_0(world):
    peer = world.peer(reversing)
    result = world.run("connect", "--record", "/dev/full", HOST, peer.port, stdin=b"abc")
    assert result.status == 23
    assert "No space left" in one_line(result.err)


# --- bytes --------------------------------------------------------------------------------------

@pytest.mark.parametrize("given, sent", [
    (b"one\ntwo\n", b"one\r\ntwo\r\n"),
    (b"once\r\nonly\n", b"once\r\nonly\r\n"),
    (b"\n\n", b"\r\n\r\n"),
    (b"no newline", b"no newline"),
])
def test_crlf_once(world, given, sent):
    peer = world.peer(read_to_end)
    assert world.run("connect", "-C", HOST, peer.port, stdin=given).status == 0
    assert peer.result() == sent


def test_crlf_once_across_two_reads(world):
    peer = world.peer(read_to_end)
    process = world.sockutil("connect", "-C", HOST, peer.port, stdin=subprocess.PIPE)
    process.stdin.write(b"a\r")
    wait_until(lambda: peer.current is not None, what="the connection")
    time.sleep(0.1)
    assert process.finish(b"\nb\n").status == 0
    assert peer.result() == b"a\r\nb\r\n"


def test_what_comes_keeps_its_newlines(world):
    peer = world.peer(lambda s: s.sendall(b"a\nb\r\n"))
    assert world.run("connect", "-C", HOST, peer.port).out == b"a\nb\r\n"


def test_a_preamble_is_said_first(world):
    for words in (["--preamble", "HELLO "], ["--preamble", f"@{world.path('hello', b'HELLO ')}"]):
        peer = world.peer(read_to_end)
        assert world.run("connect", *words, HOST, peer.port, stdin=b"rest").status == 0
        assert peer.result() == b"HELLO rest"


# --- pace ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("option, slow_up, slow_down", [("--limit-rate", True, True), ("--limit-rate-up", True, False),
                                                        ("--limit-rate-down", False, True)])
def test_a_rate_is_never_exceeded(world, option, slow_up, slow_down):
    """200 KiB at 100 KiB/s with bursts of at most 250 ms take more than a second and a half; the other way is free."""
    data = random_bytes(200 * 1024)
    times = {}

    def talk(s):
        began = time.monotonic()
        got = read_to_end(s)
        times["up"] = time.monotonic() - began
        s.sendall(data)
        return got
    peer = world.peer(talk)
    began = time.monotonic()
    result = world.run("connect", option, "100K", HOST, peer.port, stdin=data)
    times["down"] = time.monotonic() - began - times["up"]
    assert result.status == 0 and result.out == data and peer.result() == data
    assert not slow_up or times["up"] > 1.5
    assert not slow_down or times["down"] > 1.4


# --- progress -----------------------------------------------------------------------------------

def test_progress_without_a_terminal_writes_no_escapes(world):
    peer = world.peer(reversing)
    result = world.run("connect", "--progress", "--input", world.path("in", random_bytes(MIB)), HOST, peer.port)
    assert result.status == 0 and "\x1b" not in result.err and "\r" not in result.err


# --- sockets ------------------------------------------------------------------------------------

def test_socket_options_are_set_and_shown(world):
    peer = world.peer(reversing)
    result = world.run("connect", "--nodelay", "--keepalive=11,3,4", "--ttl", "33", "--sockopt", "SO_RCVLOWAT=7",
                       "--show-sockopts", HOST, peer.port)
    assert result.status == 0

    def shown(name):
        line = next(line for line in result.err.splitlines() if name in line.split())
        return line.split()[-1]
    assert shown("TCP_NODELAY") in ("1", "on")
    assert shown("IP_TTL") == "33" and shown("SO_RCVLOWAT") == "7"
    assert shown("TCP_KEEPCNT") == "4"


@pytest.mark.parametrize("words", [["--sockopt", "SO_NO_SUCH=1"], ["--sockopt", "SO_RCVBUF"],
                                   ["--sockopt", "TCP_NODELAY=maybe"], ["--ttl", "256"], ["--dscp", "ef99"]])
def test_a_wrong_socket_option_is_usage(world, words):
    result = world.run("connect", *words, HOST, "1")
    assert result.status == 2
    one_line(result.err)


def test_a_local_address_and_port(world):
    with socket.socket() as s:
        s.bind((HOST, 0))
        port = s.getsockname()[1]
    peer = world.peer(lambda s: s.getpeername()[1])
    assert world.run("connect", "-s", f"{HOST}:{port}", HOST, peer.port).status == 0
    assert peer.result() == port


def test_a_local_address_that_is_not_ours_is_45(world):
    peer = world.peer(reversing)
    result = world.run("connect", "-s", "192.0.2.1", HOST, peer.port)
    assert result.status == 45
    one_line(result.err)


@needs_linux
def test_ipv6_and_both_families(world):
    try:
        peer = world.peer(reversing, host="::1")
    except OSError:
        pytest.skip("no IPv6 here")
    result = world.run("connect", f"[::1]:{peer.port}", stdin=b"six")
    assert (result.status, result.out) == (0, b"xis")
    peer = world.peer(reversing, host="::1")
    result = world.run("connect", "localhost", peer.port, stdin=b"tried both")
    assert result.status == 0
    result = world.run("connect", "-4", "localhost", peer.port)
    assert result.status == 7


@pytest.mark.parametrize("form", ["{host} {port}", "{host}:{port}", "tcp://{host}:{port}"])
def test_forms_of_an_endpoint(world, form):
    peer = world.peer(reversing)
    words = form.format(host=HOST, port=peer.port).split()
    result = world.run("connect", *words, stdin=b"abc")
    assert (result.status, result.out) == (0, b"cba")


@needs_tls
def test_an_endpoint_that_names_tls(world, certificates):
    def talk(s):
        s.sendall(b"hi")
        s.unwrap()
    peer = world.peer(talk, tls=certificates.server_context())
    result = world.run("connect", "--ca", certificates.ca, f"tls://localhost:{peer.port}")
    assert (result.status, result.out) == (0, b"hi")


@needs_tls
def test_a_key_log_is_written(world, certificates):
    def talk(s):
        s.sendall(b"hi")
        s.unwrap()
    for way in ("--keylog", "SSLKEYLOGFILE"):
        log = world.path(f"keys.{way.strip('-')}")
        peer = world.peer(talk, tls=certificates.server_context())
        words, env = (["--keylog", log], None) if way == "--keylog" else ([], {"SSLKEYLOGFILE": str(log)})
        result = world.run("connect", "--tls", "--ca", certificates.ca, *words, "localhost", peer.port, env=env)
        assert result.status == 0 and "CLIENT_TRAFFIC_SECRET_0" in log.read_text()
        assert stat.S_IMODE(log.stat().st_mode) & 0o077 == 0


@needs_tls
def test_first_use_is_trusted_and_a_change_is_90(world, certificates):
    def talk(s):
        s.sendall(b"hi")
        s.unwrap()
    known = world.path("known")
    context = certificates.server_context()
    first = world.peer(talk, tls=context, count=2)
    for _ in range(2):
        result = world.run("connect", "--tls", "--tofu", known, HOST, first.port)
        assert (result.status, result.out) == (0, b"hi")
    kept = known.read_text()
    assert str(first.port) in kept
    port = first.port
    first.close()
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other.load_cert_chain(*certificates.leaf(name="another"))
    world.peer(talk, tls=other, port=port)
    result = world.run("connect", "--tls", "--tofu", known, HOST, port)
    assert result.status == 90 and result.out == b""
    one_line(result.err)
    assert known.read_text() == kept


@needs_tls
def test_a_shared_secret_proves_both_sides_without_a_certificate(world):
    secret, wrong = world.path("secret", b"correct horse battery staple\n"), world.path("wrong", b"a wrong secret of some length\n")
    for path in (secret, wrong):
        path.chmod(0o600)
    server = world.serve("--responder", "echo", "--tls", "--secret", secret)
    result = world.run("connect", "--tls", "--secret", secret, HOST, server.port, stdin=b"between us", timeout=40)
    assert (result.status, result.out, result.err) == (0, b"between us", "")
    assert "sha256//" not in server.err
    result = world.run("connect", "--tls", "--secret", wrong, HOST, server.port, stdin=b"x", timeout=40)
    assert result.status in (35, 60) and result.out == b""
    result = world.run("connect", "--tls", "--insecure", HOST, server.port, stdin=b"x", timeout=40)
    assert result.status != 0 and result.out == b""
    result = world.run("connect", "--tls", "--tls-max", "1.2", "--secret", secret, HOST, server.port)
    assert result.status == 2
    one_line(result.err)
