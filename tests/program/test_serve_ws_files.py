# SPDX-License-Identifier: MIT
"""--files beside --ws: one port for a page and for the WebSocket it opens."""
import base64
import hashlib
import os

import pytest

from harness import HOST, dial, one_line, read_exactly, read_to_end, wait_until

PAGE = b"<!doctype html><title>a page</title>"


@pytest.fixture
def folder(world):
    path = world.folder / "www"
    path.mkdir()
    (path / "index.html").write_bytes(PAGE)
    return path


def read_head(s):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = s.recv(1)
        assert byte, head
        head += byte
    return head


def get(port, target="/", extra=b""):
    with dial(port) as s:
        s.sendall(b"GET " + target.encode() + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + extra + b"\r\n")
        return read_head(s), read_to_end(s)


def shake(s):
    key = base64.b64encode(os.urandom(16))
    s.sendall(b"GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n")
    head = read_head(s)
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    assert head.startswith(b"HTTP/1.1 101 ") and accept in head


def say(s, text):
    mask = b"\1\2\3\4"
    s.sendall(bytes([0x82, 0x80 | len(text)]) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(text)))


def hear(s):
    head = read_exactly(s, 2)
    return read_exactly(s, head[1] & 0x7f)


def test_a_page_and_its_websocket_on_one_port(world, folder):
    server = world.serve("--ws", "--files", folder, "--responder", "echo")
    head, body = get(server.port)
    assert head.startswith(b"HTTP/1.1 200 ") and body == PAGE
    with dial(server.port) as s:
        shake(s)
        say(s, b"hello")
        assert hear(s) == b"hello"
    assert get(server.port, "/no-such")[0].startswith(b"HTTP/1.1 404 ")


def test_a_head_in_pieces_and_requests_behind_one_another(world, folder):
    server = world.serve("--ws", "--files", folder, "--responder", "echo")
    with dial(server.port) as s:
        for piece in (b"GET / HT", b"TP/1.1\r\nHost: x\r\n\r", b"\nGET /index.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
            s.sendall(piece)
        answers = read_to_end(s)
    assert answers.count(PAGE) == 2 and answers.count(b"HTTP/1.1 200 ") == 2


@pytest.mark.parametrize("at_once", [False, True])
def test_a_websocket_on_a_connection_that_got_files(world, folder, at_once):
    """As proxies with connections kept open send it."""
    server = world.serve("--ws", "--files", folder, "--responder", "echo")
    page = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with dial(server.port) as s:
        if at_once:
            s.sendall(page + page)
        for _ in range(2):
            if not at_once:
                s.sendall(page)
            assert read_head(s).startswith(b"HTTP/1.1 200 ")
            assert read_exactly(s, len(PAGE)) == PAGE
        shake(s)
        say(s, b"hello")
        assert hear(s) == b"hello"


def test_all_in_one_packet(world, folder):
    server = world.serve("--ws", "--files", folder, "--responder", "echo")
    with dial(server.port) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n"
                  b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x82\x82\0\0\0\0hi")
        assert read_head(s).startswith(b"HTTP/1.1 200 ")
        assert read_exactly(s, len(PAGE)) == PAGE
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in read_head(s)
        assert hear(s) == b"hi"


def test_another_origin_is_refused_there_too(world, folder):
    server = world.serve("--ws", "--files", folder, "--responder", "echo")
    with dial(server.port) as s:
        s.sendall(b"GET /none HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n"
                  b"Origin: https://elsewhere.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        answers = read_to_end(s)
    assert answers.startswith(b"HTTP/1.1 404 ") and answers.count(b"HTTP/1.1 403 ") == 1


def test_nonsense_gets_an_answer_of_http(world, folder):
    server = world.serve("--ws", "--files", folder, "--responder", "echo")
    with dial(server.port) as s:
        s.sendall(b"nonsense\r\n\r\n")
        assert read_head(s).startswith(b"HTTP/1.1 400 ")


def test_files_alone_beside_stdin(world, folder):
    server = world.serve("--ws", "--files", folder, "--keep-open")
    assert get(server.port)[1] == PAGE
    with dial(server.port) as s:
        shake(s)
        say(s, b"for stdout")
        assert server.read(10) == b"for stdout"


def test_without_files_it_is_426(world):
    server = world.serve("--ws", "--responder", "echo")
    assert get(server.port)[0].startswith(b"HTTP/1.1 426 ")


@pytest.mark.parametrize("words, message", [
    (["--files", ".", "--responder", "echo"], "--responder cannot be given together with --files (but with --ws)"),
    (["--ws", "--files", "/no/such/folder", "--responder", "echo"], "/no/such/folder"),
])
def test_combinations(world, words, message):
    r = world.run("serve", f"{HOST}:0", *words)
    assert r.status != 0
    assert message in one_line(r.err)


def test_a_program_whose_client_left_ends(world):
    """A browser's tab that is closed: Close, then the end of the connection, while the program says nothing."""
    server = world.serve("--ws", "--max-children", "1", "--shell", "echo ready; exec sleep 1000")
    with dial(server.port) as s:
        shake(s)
        assert hear(s) == b"ready\n"
        s.sendall(b"\x88\x82\1\2\3\4" + bytes([0x03 ^ 1, 0xE8 ^ 2]))
    server.wait_err("closed")

    def place_is_free():
        with dial(server.port) as another:
            shake(another)
            return another.recv(1)
    wait_until(place_is_free, what="the end of the first program")
