# SPDX-License-Identifier: MIT
"""WebSocket by hand (RFC 6455): frames as a test wants them, right or wrong."""
import base64
import hashlib
import os
import struct
import zlib

from harness import dial, read_exactly

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_of(key):
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


def request(path="/", host="localhost", key=b"dGhlIHNhbXBsZSBub25jZQ==", **fields):
    """An opening handshake. fields: names with _ for -; None leaves one out."""
    head = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": key.decode(),
            "Sec-WebSocket-Version": "13"}
    head.update({name.replace("_", "-"): value for name, value in fields.items()})
    lines = [f"GET {path} HTTP/1.1"] + [f"{n}: {v}" for n, v in head.items() if v is not None]
    return "\r\n".join(lines + ["", ""]).encode()


def frame(opcode, payload=b"", fin=True, rsv=0, mask=b"\x01\x02\x03\x04", length=None, width=None):
    """mask None: none. length: announced instead of the real one; width: bytes of its extended form (0, 2, 8)."""
    length = len(payload) if length is None else length
    if width is None:
        width = 0 if length < 126 else 2 if length < 65536 else 8
    short = length if width == 0 else 126 if width == 2 else 127
    head = struct.pack("!BB", fin << 7 | rsv << 4 | opcode, (mask is not None) << 7 | short)
    head += length.to_bytes(width, "big") if width else b""
    if mask is None:
        return head + payload
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def close(code=None, reason=b"", **how):
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason, **how)


def deflated(data, final=b"\0\0\xff\xff", compressor=None):
    """A message's payload by permessage-deflate."""
    compressor = compressor or zlib.compressobj(wbits=-15)
    packed = compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)
    assert packed.endswith(final)
    return packed[:-len(final)]


def inflated(data):
    return zlib.decompressobj(wbits=-15).decompress(data + b"\0\0\xff\xff")


def read_head(s):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = s.recv(1)
        assert byte, f"the end came within a head: {head!r}"
        head += byte
    return head.decode("latin-1")


class Frame:
    def __init__(self, fin, rsv, opcode, masked, payload):
        self.fin, self.rsv, self.opcode, self.masked, self.payload = fin, rsv, opcode, masked, payload

    @property
    def code(self):
        return struct.unpack("!H", self.payload[:2])[0] if len(self.payload) >= 2 else None

    def __repr__(self):
        return f"Frame({self.fin}, {self.rsv}, {self.opcode}, {self.masked}, {self.payload[:100]!r})"


def read_frame(s):
    """None at the end of the connection."""
    head = read_exactly(s, 2)
    if len(head) < 2:
        return None
    length = head[1] & 127
    if length > 125:
        length = int.from_bytes(read_exactly(s, 2 if length == 126 else 8), "big")
    mask = read_exactly(s, 4) if head[1] & 128 else None
    payload = read_exactly(s, length)
    if mask:
        payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
    return Frame(head[0] >> 7, head[0] >> 4 & 7, head[0] & 15, head[1] >> 7, payload)


class Client:
    """An open connection to a server of ours."""

    def __init__(self, port, path="/", wrap=None, early=b"", rcvbuf=None, **fields):
        self.s = dial(port, rcvbuf=rcvbuf)
        if wrap:
            self.s = wrap(self.s)
        key = base64.b64encode(os.urandom(16))
        self.s.sendall(request(path, key=key, **fields) + early)
        self.head = read_head(self.s)
        assert self.head.startswith("HTTP/1.1 101 "), self.head
        assert f"sec-websocket-accept: {accept_of(key).decode()}\r\n".lower() in self.head.lower(), self.head

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.s.close()

    def send(self, *frames):
        self.s.sendall(b"".join(frames))

    def say(self, data, opcode=BINARY):
        self.send(frame(opcode, data))

    def read(self):
        return read_frame(self.s)

    def message(self):
        """(opcode, payload) of one message in any number of frames; control frames are passed over."""
        got, opcode = b"", None
        while True:
            f = self.read()
            assert f, f"the end came within a message: {got[:100]!r}"
            if f.opcode >= CLOSE:
                assert f.opcode != CLOSE, f
                continue
            opcode = f.opcode if opcode is None else opcode
            got += inflated(f.payload) if f.rsv & 4 else f.payload
            if f.fin:
                return opcode, got

    def bytes(self, count):
        """Payload of data frames until count bytes came."""
        got = b""
        while len(got) < count:
            got += self.message()[1]
        return got

    def ask(self, data, opcode=BINARY):
        self.say(data, opcode)
        return self.message()[1]

    def closed(self):
        """The code of the server's Close, which must be all that comes, with the end behind it."""
        f = self.read()
        while f and f.opcode in (PING, PONG):
            f = self.read()
        assert f and f.opcode == CLOSE, f
        assert self.s.recv(1) == b""
        return f.code

    def bye(self, code=1000):
        """An end in order."""
        self.send(close(code))
        assert self.closed() == code
