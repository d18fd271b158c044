# SPDX-License-Identifier: MIT
"""WebSocket with Debian's node-ws as server and as client, behind nginx, and with a headless Chromium: text, binary,
large, fragmented, compressed, pings, subprotocols, close codes, over ws and wss. Every byte is compared."""
import base64
import http.server
import json
import re
import subprocess
import threading
from urllib.parse import quote

import pytest

from harness import HOST, MIB, PATIENCE, exchange, needs, needs_tls, one_line, random_bytes, sha256, wait_until
from others import needs_node_ws, nginx, node, unused_port

SIZE = 2 * MIB + 77
UTF8 = "ä€😀x".encode()
pytestmark = needs_node_ws


class NodeServer:
    """ws_server.js. what: its last line about a connection that ended."""

    def __init__(self, world, certificates=None, **how):
        if certificates:
            how["cert"], how["key"] = map(str, certificates.leaf())
        self.scheme = "wss" if certificates else "ws"
        self.trust = ["--ca", certificates.ca] if certificates else []
        self.process = node(world, "ws_server.js", json.dumps(how))
        self.port = int(self.process.read_until(b"\n"))

    def url(self, path):
        return f"{self.scheme}://localhost:{self.port}/{path}"

    def ended(self):
        return json.loads(self.process.read_until(b"\n"))


@pytest.fixture(params=["ws", "ws-deflate", pytest.param("wss", marks=needs_tls),
                        pytest.param("wss-deflate", marks=needs_tls)])
def server(request, world, certificates):
    scheme, _, deflate = request.param.partition("-")
    return NodeServer(world, certificates if scheme == "wss" else None, deflate=bool(deflate))


# --- our client, their server ---------------------------------------------------------------------------

@pytest.mark.parametrize("data", [b"", b"x", b"hello\n", random_bytes(126), random_bytes(65536), random_bytes(SIZE)],
                         ids=["nothing", "one", "line", "126", "65536", "large"])
def test_bytes_go_and_come_back(world, server, data):
    result = world.run("connect", *server.trust, server.url("echo"), stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result
    assert server.ended()["code"] == 1000


def test_repetitive_bytes_are_compressed_both_ways(world):
    """permessage-deflate is offered, agreed on, and what it makes of 4 MiB comes out again."""
    server = NodeServer(world, deflate=True)
    data = b"the same line again and again\n" * (4 * MIB // 30)
    result = world.run("connect", server.url("echo"), stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result
    assert "permessage-deflate" in server.ended()["extensions"]


def test_both_ways_at_once(world, server):
    """Ours goes up while a large message of theirs comes down."""
    want = bytes(i % 251 for i in range(SIZE))
    result = world.run("connect", *server.trust, server.url(f"big/{SIZE}"), stdin=random_bytes(SIZE), timeout=60)
    assert sha256(result.out) == sha256(want), result


def test_what_is_text_and_what_is_binary(world):
    server = NodeServer(world)
    for words, kind in (([], "binary"), (["--ws-text"], "text")):
        client = world.sockutil("connect", *words, server.url("kinds"), stdin=subprocess.PIPE)
        client.stdin.write(UTF8)
        assert client.read_until(b"\n") == b"%s %d\n" % (kind.encode(), len(UTF8))
        assert client.finish(b"").status == 0


def test_text_of_many_bytes_a_character_arrives_whole(world, server):
    """Pieces may be cut anywhere, characters may not."""
    data = UTF8 * 100_000
    result = world.run("connect", *server.trust, "--ws-text", server.url("echo"), stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result


def test_fragments_and_pings_between_them(world, server):
    data = random_bytes(SIZE // 8)
    client = world.sockutil("connect", *server.trust, server.url("fragmented"), stdin=subprocess.PIPE)
    writer = threading.Thread(target=client.stdin.write, args=(data,))
    writer.start()
    got = client.read(len(data), 40)
    writer.join()
    assert sha256(got) == sha256(data)
    assert client.finish(b"").status == 0


def test_a_ping_is_answered(world, server):
    client = world.sockutil("connect", *server.trust, server.url("ping"), stdin=subprocess.PIPE)
    assert client.read(100) == b"pong are you there"
    assert client.wait() == 0, client.err


@pytest.mark.parametrize("code, reason, status", [(1000, "", 0), (1001, "going", 0), (1011, "broken inside", 56),
                                                  (4000, "our own", 56)])
def test_codes_of_a_close(world, server, code, reason, status):
    client = world.sockutil("connect", *server.trust, server.url(f"close/{code}/{quote(reason)}"), stdin=subprocess.PIPE)
    client.stdin.write(b"last")
    assert client.read(4) == b"last"
    assert client.wait() == status, client.err
    if status:
        line = one_line(client.err)
        assert str(code) in line and reason in line, line
    assert server.ended()["code"] == code


def test_an_end_without_a_close_is_18(world, server):
    client = world.sockutil("connect", *server.trust, server.url("cut"), stdin=subprocess.PIPE)
    client.stdin.write(b"last")
    assert client.read(4) == b"last"
    assert client.wait() == 18, client.err


def test_headers_subprotocol_and_path(world, server):
    result = world.run("connect", *server.trust, "--ws-header", "X-Token: abc", "--ws-header", "Origin: http://here.test",
                       "--ws-subprotocol", "other, chosen", server.url("headers?a=b%20c"))
    assert result.status == 0, result
    seen = json.loads(result.out)
    assert seen["url"] == "/headers?a=b%20c" and seen["protocol"] == "chosen"
    assert seen["headers"]["x-token"] == "abc" and seen["headers"]["origin"] == "http://here.test"
    assert seen["headers"]["host"] == f"localhost:{server.port}"


def test_a_subprotocol_that_the_server_has_not_chosen(world):
    server = NodeServer(world)
    result = world.run("connect", "--ws-subprotocol", "unknown", server.url("echo"), stdin=b"x")
    assert result.status in (0, 8), result


def test_a_dialogue(world, server):
    result = world.run("connect", *server.trust, server.url("echo"), "--send", "one", "--send", "two", "--send", "three")
    assert result.status == 0 and result.out.split() == [b"one", b"two", b"three"], result


def test_pings_of_ours_keep_it_open(world):
    """With --ws-ping node answers each; nothing of it is seen in the data."""
    server = NodeServer(world)
    client = world.sockutil("connect", "--ws-ping", "100ms", server.url("echo"), stdin=subprocess.PIPE)
    for word in (b"a", b"b", b"c"):
        client.stdin.write(word)
        assert client.read(1) == word
        with pytest.raises(subprocess.TimeoutExpired):
            client.popen.wait(0.3)
    assert client.finish(b"").status == 0


def test_a_server_that_is_no_websocket(world):
    plain = world.serve("--reply", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    result = world.run("connect", f"ws://{HOST}:{plain.port}/", stdin=b"x")
    assert result.status == 8 and "200" in one_line(result.err) and result.out == b"", result


# --- their client, our server ---------------------------------------------------------------------------

class Ours:
    """`serve --ws`, and what node sees of it."""

    def __init__(self, world, *args, certificates=None, deflate=False, port=None, path=""):
        self.world, self.how = world, {"deflate": deflate}
        if certificates:
            cert, key = certificates.leaf()
            args = (*args, "--tls", "--cert", cert, "--key", key)
            self.how["ca"] = str(certificates.ca)
        self.process = world.serve("--ws", *args)
        self.port = port or self.process.port
        self.scheme, self.path = "wss" if certificates else "ws", path

    def talk(self, *steps, **how):
        client = node(self.world, "ws_client.js",
                      json.dumps({"url": f"{self.scheme}://{HOST}:{self.port}/{self.path}", "steps": steps, **self.how,
                                  **how}))
        result = client.finish(None, 60)
        assert result.status == 0 and result.out, result
        return json.loads(result.out)


@pytest.fixture(params=["ws", "ws-deflate", pytest.param("wss", marks=needs_tls),
                        pytest.param("wss-deflate", marks=needs_tls)])
def ours(request, world, certificates):
    scheme, _, deflate = request.param.partition("-")
    return Ours(world, "--responder", "echo", certificates=certificates if scheme == "wss" else None,
                deflate=bool(deflate))


CLOSE = ["close", 1000, "done"]


@pytest.mark.parametrize("steps, size", [
    ([["text", "hello"]], 5), ([["binary", base64.b64encode(b"\0\xff").decode()]], 2),
    ([["fill", 125, "binary"], ["fill", 126, "binary"], ["fill", 65535, "binary"], ["fill", 65536, "binary"]], 131322),
    ([["fill", 900_000, "binary"]], 900_000), ([["fill", 900_000, "text"]], 900_000),
    ([["fragments", 500_000, 1000]], 500_000), ([["fragments", 10_000, 1]], 10_000),
], ids=["text", "binary", "lengths", "large", "large-text", "fragments", "bytes"])
def test_our_echo_gives_a_client_its_bytes(ours, steps, size):
    seen = ours.talk(*steps, ["await", size], CLOSE)
    assert seen["bytes"] == size and seen["got"] == seen["sent"], seen
    assert (seen["code"], seen.get("error")) == (1000, None), seen
    assert ("permessage-deflate" in seen["extensions"]) == ours.how["deflate"]


def test_our_server_answers_pings(ours):
    seen = ours.talk(["ping", "one"], ["text", "x"], ["await", 1], ["ping", "two"], CLOSE)
    assert seen["pongs"] == ["one", "two"] and seen["code"] == 1000, seen


def test_a_close_of_the_client_is_answered(ours):
    for code in (1000, 1001, 3000, 4999):
        seen = ours.talk(["text", "x"], ["await", 1], ["close", code, "bye"])
        assert seen.get("error") is None and seen["code"] in (code, 1000), seen
    assert ours.process.running()


def test_our_text_is_text(world):
    ours = Ours(world, "--ws-text", "--responder", "prefix")
    seen = ours.talk(["text", "ä€😀"], ["await", 23], CLOSE)
    assert seen["messages"][0][0] == "text" and "|From Server|" in seen["messages"][0][1], seen


def test_a_banner_and_an_end_of_ours(world):
    ours = Ours(world, "--responder", "greet", "--delay", "10ms")
    seen = ours.talk(["await", 8], ["text", "Tracy"], ["await", 21], ["text", "exit"])
    assert "Hello, Tracy!" in "".join(m[1] for m in seen["messages"]) and seen["code"] == 1000, seen


@pytest.mark.parametrize("handler", [["--exec", "cat"], ["--shell", "cat"]])
def test_a_program_behind_websocket(world, handler):
    process = world.sockutil("serve", "--ws", "--port-file", world.path("port"), f"{HOST}:0", *handler)
    wait_until(lambda: world.path("port").exists() and world.path("port").read_text(), what="the port")
    ours = object.__new__(Ours)
    ours.world, ours.how, ours.scheme, ours.path = world, {}, "ws", ""
    ours.process, ours.port = process, int(world.path("port").read_text())
    seen = ours.talk(["fill", 300_000, "binary"], ["await", 300_000], CLOSE)
    assert seen["got"] == seen["sent"] and seen["code"] == 1000, seen


def test_a_forward_behind_websocket(world):
    """WebSocket ends here, plain TCP goes on."""
    echo = world.serve("--responder", "echo")
    seen = Ours(world, "--forward", f"{HOST}:{echo.port}").talk(["fill", SIZE // 2, "binary"], ["await", SIZE // 2], CLOSE)
    assert seen["got"] == seen["sent"] and seen["code"] == 1000, seen


def test_a_forward_to_websocket(world):
    """Plain TCP ends here, WebSocket goes on to node."""
    server, data = NodeServer(world, deflate=True), random_bytes(SIZE)
    front = world.serve("--forward", server.url("echo"))
    result = world.run("connect", HOST, front.port, stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result


def test_a_broker_passes_on_what_node_says(world):
    """Messages to all others in the room of the path, text as text, binary as binary."""
    ours = Ours(world, "--broker", path="room")
    listener = world.sockutil("connect", f"ws://{HOST}:{ours.port}/room", stdin=subprocess.PIPE)
    stranger = world.sockutil("connect", f"ws://{HOST}:{ours.port}/elsewhere", stdin=subprocess.PIPE)
    wait_until(lambda: ours.process.err.count("connected from") == 2, what="both")
    wait_until(lambda: ours.talk(["text", "are you there\n"], CLOSE)["code"] == 1000 and listener.read_until(b"\n"),
               what="the first message")
    ours.talk(["fill", 100_000, "binary"], CLOSE)
    listener.read(100_000)
    assert stranger.finish(b"").out == b""


def test_requests_that_are_no_websocket_get_426(world):
    ours = Ours(world, "--responder", "echo")
    answer = exchange(ours.port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 426 ") and b"upgrade: websocket" in answer.lower(), answer


# --- nginx between ------------------------------------------------------------------------------------------

UPGRADE = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"


@needs("nginx")
def test_our_server_behind_nginx(world):
    port = unused_port()
    ours = Ours(world, "--responder", "echo", deflate=True, port=port, path="chat")
    nginx(world, http=f"server {{ listen {HOST}:{port}; location /chat {{ {UPGRADE} "
                      f"proxy_pass http://{HOST}:{ours.process.port}; }} }}", port=port)
    seen = ours.talk(["text", "hello"], ["fill", 800_000, "binary"], ["ping", "p"], ["await", 800_005], CLOSE)
    assert seen["got"] == seen["sent"] and seen["code"] == 1000 and seen["pongs"] == ["p"], seen


@needs_tls
@needs("nginx")
def test_our_client_through_nginx_and_its_tls(world, certificates):
    server, port, data = NodeServer(world, deflate=True), unused_port(), random_bytes(SIZE)
    cert, key = certificates.leaf()
    nginx(world, http=f"server {{ listen {HOST}:{port} ssl http2; ssl_certificate {cert}; ssl_certificate_key {key}; "
                      f"location / {{ {UPGRADE} proxy_pass http://{HOST}:{server.port}; }} }}", port=port)
    result = world.run("connect", "--ca", certificates.ca, f"wss://localhost:{port}/echo", stdin=data, timeout=60)
    assert result.status == 0 and sha256(result.out) == sha256(data), result


# --- a browser ----------------------------------------------------------------------------------------------

PAGE = """<!doctype html>
<title>echo</title>
<p id=result>waiting</p>
<img src="@HOLD@/hold">
<script>
const size = 100000, sent = ['text ä€😀', new Uint8Array([0, 1, 2, 255]), new Uint8Array(size).map((x, i) => i * 7 % 251)];
const want = new Uint8Array(sent.map((s) => typeof s === 'string' ? [...new TextEncoder().encode(s)] : [...s]).flat());
const got = [];
const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket');
socket.binaryType = 'arraybuffer';
let failed = false;
function tell(text) {
	document.getElementById('result').textContent = text;
	new Image().src = '@HOLD@/done';
}
socket.onopen = () => sent.forEach((s) => socket.send(s));
socket.onmessage = (event) => {
	got.push(...(typeof event.data === 'string' ? new TextEncoder().encode(event.data) : new Uint8Array(event.data)));
	if (got.length === want.length) socket.close(1000, 'enough');
};
socket.onerror = () => { failed = true; };
socket.onclose = (event) => tell(`failed=${failed} code=${event.code} clean=${event.wasClean} bytes=${got.length} ` +
	`equal=${got.every((b, i) => b === want[i])} extensions=${socket.extensions}`);
</script>
"""


class Hold:
    """Holds the page's load event, and so the browser's dump, until the page says that it is done."""

    def __init__(self, patience):
        done, self.paths = threading.Event(), []
        hold = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                hold.paths.append(self.path)
                if self.path == "/done":
                    done.set()
                else:
                    done.wait(patience)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://{HOST}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@needs("chromium")
@pytest.mark.parametrize("scheme", ["http", pytest.param("https", marks=needs_tls)])
def test_a_page_in_chromium_talks_to_our_server(world, certificates, scheme):
    """The page and its WebSocket come from one port."""
    hold = Hold(40 * PATIENCE)
    try:
        site = world.folder / "site"
        site.mkdir()
        (site / "index.html").write_text(PAGE.replace("@HOLD@", hold.url))
        words = []
        if scheme == "https":
            cert, key = certificates.leaf()
            words = ["--tls", "--cert", cert, "--key", key]
        server = world.serve("--ws", "--files", site, "--responder", "echo", *words)
        browser = world.start("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                              "--no-first-run", "--ignore-certificate-errors", "--allow-running-insecure-content",
                              f"--user-data-dir={world.folder / 'profile'}", "--dump-dom",
                              f"{scheme}://localhost:{server.port}/", env={"HOME": str(world.folder)})
        result = browser.finish(None, 60)
        shown = re.search(r"<p id=\"result\">([^<]*)</p>", result.text)
        assert shown, (result, server.err, hold.paths)
        size = len("text ä€😀".encode()) + 4 + 100000
        assert shown.group(1).startswith(f"failed=false code=1000 clean=true bytes={size} equal=true"), shown.group(1)
        assert "connected from" in server.err
    finally:
        hold.close()
