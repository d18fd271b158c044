# SPDX-License-Identifier: MIT
"""What connect says in a protocol's own words: asking for TLS (--starttls), TELNET's commands (--telnet); and which
ports are open (--scan). Servers are played word by word."""
import json
import socket

import pytest

from harness import HOST, needs_tls, one_line, read_exactly, read_to_end

POSTGRES = b"\0\0\0\x08\x04\xd2\x16\x2f"
LDAP = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
MYSQL_GREETING = b"\x17\0\0\0\x0a8.0\0\x01\0\0\0abcdefgh\0\xff\xff\x21\x02\0"
MYSQL = b"\x20\0\0\x01\x00\x8a\0\0\0\0\0\x01\x21" + bytes(23)
XMPP = (b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        b"version='1.0' to='localhost'>")
XMPP_ASK = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"

# Of each protocol what the server says and what it hears, in turn.
DIALOGUES = {
    "smtp": [b"220-mail\r\n220 ready\r\n", b"EHLO localhost\r\n", b"250-SIZE 1\r\n250 STARTTLS\r\n", b"STARTTLS\r\n", b"220 go\r\n"],
    "imap": [b"* OK hi\r\n", b"a CAPABILITY\r\n", b"* CAPABILITY IMAP4rev1 STARTTLS\r\na OK\r\n", b"b STARTTLS\r\n", b"b OK\r\n"],
    "pop3": [b"+OK hi\r\n", b"CAPA\r\n", b"+OK\r\nUIDL\r\nSTLS\r\n.\r\n", b"STLS\r\n", b"+OK\r\n"],
    "ftp": [b"220 hi\r\n", b"AUTH TLS\r\n", b"234 go\r\n"],
    "nntp": [b"200 hi\r\n", b"CAPABILITIES\r\n", b"101\r\nVERSION 2\r\nSTARTTLS\r\n.\r\n", b"STARTTLS\r\n", b"382 go\r\n"],
    "sieve": [b'"SASL" "PLAIN"\r\n"STARTTLS"\r\nOK\r\n', b"STARTTLS\r\n", b"OK\r\n"],
    "postgres": [b"", POSTGRES, b"S"],
    "ldap": [b"", LDAP, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"],
    "mysql": [MYSQL_GREETING, MYSQL, b""],
    "xmpp": [b"", XMPP, b"<stream:stream><stream:features><starttls/></stream:features>", XMPP_ASK, b"<proceed/>"],
}


def dialogue(connection, words):
    for i, text in enumerate(words):
        if i % 2 == 0:
            connection.sendall(text)
        else:
            assert read_exactly(connection, len(text)) == text


@needs_tls
@pytest.mark.parametrize("protocol", DIALOGUES)
def test_starttls(world, certificates, protocol):
    context = certificates.server_context()

    def talk(connection):
        dialogue(connection, DIALOGUES[protocol])
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.sendall(b"encrypted")
            heard = tls.recv(100)
            tls.unwrap()
            return heard

    peer = world.peer(talk)
    r = world.run("connect", "--starttls", protocol, "--ca", certificates.ca, "localhost", peer.port, "-4", stdin=b"hello")
    assert (r.status, r.out) == (0, b"encrypted"), r
    assert peer.result() == b"hello"


@needs_tls
@pytest.mark.parametrize("protocol, words", [
    ("smtp", [b"220 x\r\n", b"EHLO localhost\r\n", b"250 SIZE\r\n"]),
    ("imap", [b"* OK\r\n", b"a CAPABILITY\r\n", b"* CAPABILITY IMAP4rev1\r\na OK\r\n"]),
    ("postgres", [b"", POSTGRES, b"N"]),
    ("xmpp", [b"", XMPP, b"<stream:stream><stream:features/>"]),
])
def test_an_offer_taken_out_is_an_error_and_nothing_is_sent_in_clear(world, protocol, words):
    def talk(connection):
        dialogue(connection, words)
        return read_to_end(connection)

    peer = world.peer(talk)
    r = world.run("connect", "--starttls", protocol, "-4", "localhost", peer.port, stdin=b"the password")
    assert r.status == 35
    assert f"the server offers no TLS in {protocol}" in one_line(r.err)
    assert peer.result() == b""


@needs_tls
def test_words_in_front_of_the_handshake_are_refused(world):
    def talk(connection):
        dialogue(connection, DIALOGUES["smtp"][:-1] + [b"220 go\r\n250 injected\r\n"])
        return read_to_end(connection)

    peer = world.peer(talk)
    r = world.run("connect", "--starttls", "smtp", HOST, peer.port, stdin=b"x")
    assert r.status == 8
    assert "nobody may put words in front of a handshake" in one_line(r.err)


@needs_tls
def test_starttls_verifies(world, certificates):
    context = certificates.server_context()

    def talk(connection):
        dialogue(connection, DIALOGUES["ftp"])
        try:
            context.wrap_socket(connection, server_side=True)
        except OSError:
            pass

    peer = world.peer(talk)
    r = world.run("connect", "--starttls", "ftp", HOST, peer.port)
    assert r.status == 60


@needs_tls
def test_a_silent_server_is_a_time_out(world):
    peer = world.peer(read_to_end)
    r = world.run("connect", "--starttls", "smtp", "-w", "300ms", HOST, peer.port)
    assert r.status == 28


@pytest.mark.parametrize("words, message", [
    (["--starttls", "gopher", HOST, "1"], "gopher"),
    (["--starttls", "smtp", f"tls://{HOST}:1"], "--starttls begins in clear"),
    (["--starttls", "smtp", f"ws://{HOST}:1"], "--starttls begins in clear"),
])
def test_starttls_nonsense(world, words, message):
    r = world.run("connect", *words)
    assert r.status == 2
    assert message in one_line(r.err)


# --- --telnet ---------------------------------------------------------------------------------

def test_telnet_asked_behind_our_end(world):
    """What cannot be answered any more is no failure."""
    def talk(connection):
        heard = read_to_end(connection)
        connection.sendall(b"\xff\xfd\x18bye\n")
        return heard

    peer = world.peer(talk)
    r = world.run("connect", "--telnet", HOST, peer.port, stdin=b"me\n")
    assert (r.status, r.out) == (0, b"bye\n")
    assert peer.result() == b"me\n"


def test_telnet_refuses_and_passes_the_rest(world):
    def talk(connection):
        connection.sendall(b"\xff\xfd\x18\xff\xfb\x01login: \xff\xfa\x18\x01\xff\xf0")
        heard = read_to_end(connection)
        connection.sendall(b"a\xff\xffb")
        return heard

    peer = world.peer(talk)
    r = world.run("connect", "--telnet", HOST, peer.port, stdin=b"me\xff\n")
    assert (r.status, r.out) == (0, b"login: a\xffb")
    refused, said = b"\xff\xfc\x18\xff\xfe\x01", b"me\xff\xff\n"
    # Behind our end there is nothing to refuse with.
    assert peer.result() in (refused + said, said + refused, said)


# --- --scan -----------------------------------------------------------------------------------

@pytest.fixture
def listening():
    with socket.socket() as s:
        s.bind((HOST, 0))
        s.listen()
        yield s.getsockname()[1]


@pytest.fixture
def refusing():
    """Bound and not listening: nobody else gets the port meanwhile."""
    with socket.socket() as s:
        s.bind((HOST, 0))
        yield s.getsockname()[1]


def test_scan(world, listening, refusing):
    r = world.run("connect", "-z", HOST, f"{listening},{refusing}")
    lines = r.text.splitlines()
    assert r.status == 0 and len(lines) == 2
    states = {int(line.split()[0]): line.split()[1] for line in lines}
    assert states == {listening: "open", refusing: "refused"}
    assert list(states) == sorted(states)


def test_scan_json(world, listening, refusing):
    r = world.run("connect", "--scan", "--json", HOST, str(listening), str(refusing))
    found = {o["port"]: o for o in map(json.loads, r.text.splitlines())}
    assert found[listening]["state"] == "open" and found[refusing]["state"] == "refused"
    assert found[listening]["address"] == HOST and found[listening]["milliseconds"] >= 0


def test_scan_of_one_operand(world, listening):
    r = world.run("connect", "-z", f"{HOST}:{listening}")
    assert r.status == 0 and " open " in r.text


def test_scan_of_a_range_shows_what_is_open(world):
    """On an address of its own: others' servers are not to be called."""
    own = "127.8.7.6"
    with socket.socket() as s:
        s.bind((own, 0))
        s.listen()
        port = s.getsockname()[1]
        r = world.run("connect", "-z", own, f"{max(1, port - 500)}-{min(65535, port + 500)}")
    assert r.status == 0
    assert any(line.split()[:2] == [str(port), "open"] for line in r.text.splitlines())
    assert "refused" not in r.text


def test_scan_of_nothing_open(world, refusing):
    r = world.run("connect", "-z", HOST, str(refusing))
    assert r.status == 7
    assert one_line(r.err).endswith(f"{HOST}: nothing is open (1 refused, 0 without an answer)")


def test_scan_of_silence(world):
    with socket.socket() as full:
        full.bind((HOST, 0))
        full.listen(0)
        waiting = []
        for _ in range(8):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(full.getsockname())
            waiting.append(s)
        r = world.run("connect", "-z", "-w", "300ms", HOST, str(full.getsockname()[1]))
        for s in waiting:
            s.close()
    assert r.status == 28 and "no answer" in r.text


@pytest.mark.parametrize("limit", [8, 16, 40])
def test_scan_with_few_descriptors(world, listening, limit):
    import resource
    low = min(listening, 65000)
    r = world.run("connect", "-z", "--json", HOST, f"{low}-{low + 300}", str(listening),
                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
    found = {o["port"]: o["state"] for o in map(json.loads, r.text.splitlines())}
    assert r.status == 0 and r.err == ""
    assert len(found) >= 301 and found[listening] == "open"


def test_scan_all(world, listening, refusing):
    assert world.run("connect", "-z", "--all", HOST, str(listening)).status == 0
    assert world.run("connect", "-z", "--all", HOST, f"{listening},{refusing}").status == 7


def test_scan_sends_nothing(world):
    heard = []

    def talk(connection):
        heard.append(read_to_end(connection))

    peer = world.peer(talk)
    assert world.run("connect", "-z", HOST, str(peer.port), stdin=b"not for anybody").status == 0
    peer.result()
    assert heard == [b""]


def test_scan_of_a_name_that_is_none(world):
    assert world.run("connect", "-z", "no-such-host.invalid", "1-10").status == 6


def test_scan_to_a_reader_that_left(world, listening):
    import subprocess
    command = world.sockutil("connect", "-z", "-v", "--jobs", "1", "127.3.3.3", "1-30000", stdout=subprocess.PIPE)
    command.read(10)
    command.stdout.close()
    assert command.wait() == 141


@pytest.mark.parametrize("words, message", [
    (["-z", HOST], "no port"),
    (["-z", HOST, "80-"], "\"80-\" is no port to scan"),
    (["-z", HOST, "0"], "\"0\" is no port to scan"),
    (["-z"], "--scan needs a host and its ports"),
    (["-z", "unix:/tmp/x"], "only TCP ports of a host can be scanned"),
    (["-z", "--tls", HOST, "1"], "--scan cannot be given together with --tls"),
    (["--jobs", "3", HOST, "1"], "--jobs needs --scan"),
])
def test_scan_nonsense(world, words, message):
    r = world.run("connect", *words)
    assert r.status == 2
    assert message in one_line(r.err)
