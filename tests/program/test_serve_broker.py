# SPDX-License-Identifier: MIT
"""serve --broker: what one says all others get.

Holds: everybody but the speaker gets it; with --ws a room for each path, messages stay whole and of their kind, empty ones
too; without --ws bytes go on as they come; who comes and goes is nobody else's matter; a slow member is cut with a reason
and holds up nobody; who waits for others is not idle; a fast speaker is slowed to the fastest of the room; nothing piles up.
"""
import socket
import threading

import pytest

from harness import (HOST, MIB, dial, needs_linux, no_sanitizer, one_line, random_bytes, read_exactly, read_to_end, reset,
                     sha256, wait_until)
from websocket_peer import BINARY, CLOSE, CONTINUATION, PING, TEXT, Client, close, deflated, frame


def silent(c, room):
    """Nothing is on its way to c: what another of the room says now comes first."""
    room.say(b"the next")
    return c.message()[1] == b"the next"


# --- plain bytes -----------------------------------------------------------------------------------

def test_all_others_get_it(world):
    server = world.serve("--broker")
    with dial(server.port) as a, dial(server.port) as b, dial(server.port) as c:
        server.wait_err(":%d" % c.getsockname()[1])
        a.sendall(b"from a")
        assert read_exactly(b, 6) == read_exactly(c, 6) == b"from a"
        b.sendall(b"from b")
        assert read_exactly(a, 6) == read_exactly(c, 6) == b"from b"


def test_nobody_is_there(world):
    server = world.serve("--broker")
    with dial(server.port) as a:
        a.sendall(bytes(8 * MIB))
        a.shutdown(socket.SHUT_WR)
        assert read_to_end(a) == b""
    server.wait_err("client ended; received 8 MiB")


def test_coming_and_going(world):
    server = world.serve("--broker")
    with dial(server.port) as a, dial(server.port) as stays:
        server.wait_err(":%d" % stays.getsockname()[1])
        for i in range(50):
            with dial(server.port) as c:
                c.sendall(b"%02d" % i)
                assert read_exactly(stays, 2) == read_exactly(a, 2) == b"%02d" % i
                if i % 2:
                    reset(c)
        a.sendall(b"x")
        assert read_exactly(stays, 1) == b"x"


def test_a_large_stream_at_the_pace_of_its_reader(world):
    """Nobody is cut whose only fault is that the speaker is faster."""
    server = world.serve("--broker")
    data = random_bytes(32 * MIB)
    with dial(server.port) as a, dial(server.port, rcvbuf=65536) as b:
        server.wait_err(":%d" % b.getsockname()[1])
        sender = threading.Thread(target=a.sendall, args=(data,))
        sender.start()
        assert sha256(read_exactly(b, len(data))) == sha256(data)
        sender.join()
    assert "too slow" not in server.err


def test_a_slow_member_is_cut_and_holds_up_nobody(world):
    server = world.serve("--broker")
    data = random_bytes(32 * MIB)
    with dial(server.port) as a, dial(server.port, rcvbuf=4096) as slow, dial(server.port) as b:
        server.wait_err(":%d" % b.getsockname()[1])
        sender = threading.Thread(target=a.sendall, args=(data,))
        sender.start()
        assert sha256(read_exactly(b, len(data))) == sha256(data)
        sender.join()
        server.wait_err("too slow: 1 MiB of messages waits for it")
        a.sendall(b"x")
        assert read_exactly(b, 1) == b"x"


def test_who_is_held_up_goes_on_when_a_fast_one_comes_or_the_slow_one_leaves(world):
    server = world.serve("--broker")
    with dial(server.port) as a:
        slow = dial(server.port, rcvbuf=4096)
        server.wait_err(":%d" % slow.getsockname()[1])
        a.settimeout(0.5)
        with pytest.raises(TimeoutError):  # nobody else keeps up: it is not read
            while True:
                a.sendall(bytes(65536))
        slow.close()
        a.settimeout(10)
        a.sendall(bytes(16 * MIB))


def test_a_member_that_takes_nothing_is_cut_in_the_end(world):
    server = world.serve("--broker")
    with dial(server.port, timeout=30) as a, dial(server.port, rcvbuf=4096) as slow:
        server.wait_err(":%d" % slow.getsockname()[1])
        a.sendall(bytes(32 * MIB))
    assert "took nothing while others waited for it" in server.wait_err("too slow: it took nothing")


def test_a_drain_gives_what_is_owed(world):
    server = world.serve("--broker", "--grace", "20s")
    with dial(server.port) as a, dial(server.port, rcvbuf=4096) as b:
        server.wait_err(":%d" % b.getsockname()[1])
        a.sendall(random_bytes(MIB // 2))
        a.sendall(b"")
        wait_until(lambda: b.recv(1, socket.MSG_PEEK), what="the first byte")
        server.signal(15)
        got = read_to_end(b)
        assert len(got) > 0
    assert server.wait() == 0


@pytest.mark.parametrize("options", [["--workers", "2"], ["--responder", "echo"], ["--one-at-a-time"], ["--keep-open"]])
def test_what_does_not_go_with_it(world, options):
    result = world.run("serve", "--broker", f"{HOST}:0", *options)
    assert result.status == 2, result
    one_line(result.err)


# --- WebSocket -------------------------------------------------------------------------------------

def test_a_room_for_each_path(world):
    server = world.serve("--ws", "--broker")
    with Client(server.port, "/red") as a, Client(server.port, "/red?x=1") as b, Client(server.port, "/blue") as c, \
            Client(server.port, "/blue") as d:
        a.say(b"to red", TEXT)
        assert b.message() == (TEXT, b"to red")
        c.say(b"to blue")
        assert d.message() == (BINARY, b"to blue")
        assert silent(b, a) and silent(d, c) and silent(a, b)


def test_messages_stay_whole_and_of_their_kind(world):
    server = world.serve("--ws", "--broker")
    long = "ä".encode() * 100_000
    with Client(server.port) as a, Client(server.port) as b:
        a.send(frame(TEXT, b"Hel", fin=False), frame(PING, b"x"), frame(CONTINUATION, b"lo"), frame(BINARY, b""),
               frame(TEXT, b""), frame(BINARY, b"\xff"))
        assert [b.read().payload for _ in range(4)] == [b"Hello", b"", b"", b"\xff"]
        sender = threading.Thread(target=a.send, args=(frame(TEXT, long),))
        sender.start()
        f = b.read()
        sender.join()
        assert (f.opcode, f.fin, f.payload) == (TEXT, 1, long)
        a.send(frame(BINARY, b"begun", fin=False))
        b.say(b"meanwhile")
        assert a.read().opcode == 10 and a.message()[1] == b"meanwhile"
        a.send(frame(CONTINUATION, b", done"))
        assert b.message() == (BINARY, b"begun, done")


def test_half_a_message_is_none(world):
    server = world.serve("--ws", "--broker")
    with Client(server.port) as a, Client(server.port) as b, Client(server.port) as c:
        a.send(frame(BINARY, b"half", fin=False))
        reset(a.s)
        assert silent(b, c)


def test_compressed_for_who_can(world):
    server = world.serve("--ws", "--broker")
    text = b"the same words again and again, " * 1000
    with Client(server.port, Sec_WebSocket_Extensions="permessage-deflate") as a, Client(server.port) as plain, \
            Client(server.port, Sec_WebSocket_Extensions="permessage-deflate") as b:
        a.send(frame(TEXT, deflated(text), rsv=4))
        assert plain.message() == (TEXT, text)
        f = b.read()
        assert f.rsv == 4 and len(f.payload) < 1000


def test_a_message_over_the_limit(world):
    server = world.serve("--ws", "--broker")
    with Client(server.port) as a, Client(server.port) as b:
        a.send(frame(BINARY, b"", length=MIB + 1) + b"x")
        f = a.read()
        assert (f.opcode, f.code) == (CLOSE, 1009)
        b.say(b"x")
        server.wait_err("a message of more than 1048576 bytes")


def test_a_violation_ends_nobody_else(world):
    server = world.serve("--ws", "--broker")
    with Client(server.port) as a, Client(server.port) as b, Client(server.port) as c:
        a.send(frame(3, b"x"))
        assert a.closed() == 1002
        assert silent(b, c)


def test_a_slow_member_of_a_room(world):
    server = world.serve("--ws", "--broker")
    data = random_bytes(100_000)
    with Client(server.port) as a, Client(server.port, rcvbuf=4096), Client(server.port) as b:
        sender = threading.Thread(target=a.send, args=[frame(BINARY, data)] * 200)
        sender.start()
        for _ in range(200):
            assert b.message()[1] == data
        sender.join()
        server.wait_err("too slow: 1 MiB of messages waits for it")
        assert silent(b, a)


def test_a_flood_of_empty_messages_does_not_pile_up(world):
    server = world.serve("--ws", "--broker")
    flood, count = frame(TEXT, b"") * 20_000, 60
    with Client(server.port) as a, Client(server.port, rcvbuf=2304), Client(server.port) as b:
        sender = threading.Thread(target=a.send, args=[flood] * count)
        sender.start()
        assert read_exactly(b.s, 2 * 20_000 * count) == frame(TEXT, b"", mask=None) * 20_000 * count
        sender.join()
        server.wait_err("too slow: 1 MiB of messages waits for it")


@needs_linux
@no_sanitizer
def test_what_many_slow_members_wait_for_is_held_once(world):
    """That nobody keeps up does not cost the square of the members, either."""
    server = world.serve("--broker", "--max-conns", "400")
    slow = [dial(server.port, rcvbuf=4096) for _ in range(300)]
    with dial(server.port) as a, dial(server.port) as b:
        server.wait_err(":%d" % b.getsockname()[1])
        while server.status_field("VmRSS") < 30_000 and "too slow" not in server.err:
            a.sendall(bytes(65536))
            read_exactly(b, 65536)
        for _ in range(10):
            a.sendall(bytes(65536))
            read_exactly(b, 65536)
        assert server.status_field("VmHWM") < 100_000
    for s in slow:
        s.close()


def test_a_close_in_a_room(world):
    server = world.serve("--ws", "--broker")
    with Client(server.port) as a, Client(server.port) as b:
        a.say(b"last words")
        a.send(close(1000))
        assert a.closed() == 1000
        assert b.message()[1] == b"last words"
        b.bye()


@needs_linux
@no_sanitizer
def test_many_members_and_rooms_leave_nothing(world):
    server = world.serve("--ws", "--broker", "--max-conns", "600")

    def round_of(count):
        members = [Client(server.port, f"/{i % 10}") for i in range(count)]
        for m in members[:10]:
            m.say(b"hello " * 100)
        for m in members[10:]:
            assert m.message()[1] == b"hello " * 100
        for m in members:
            m.s.close()
        wait_until(lambda: server.err.count("closed") == server.err.count("connected from"), what="all to be gone")

    round_of(200)
    before = server.status_field("VmRSS")
    for _ in range(3):
        round_of(200)
    assert server.status_field("VmRSS") - before < 1024
