# SPDX-License-Identifier: MIT
"""Servers of others that the tests of `serve` and of proxies play with, each with a configuration of its own in the test's
folder, on a port of its own, in the foreground, ended with the test: nginx, haproxy, SOCKS and HTTP proxies, node."""
import os
import pathlib
import shutil
import subprocess
import threading

import pytest

from harness import HOST, SEARCH_PATH, sha256, wait_until
from test_peers import Other, listening, unused_port

HERE = pathlib.Path(__file__).resolve().parent
STREAM_MODULE = next((p for p in (pathlib.Path("/usr/lib/nginx/modules/ngx_stream_module.so"),
                                  pathlib.Path("/usr/lib64/nginx/modules/ngx_stream_module.so")) if p.exists()), None)
NODE_MODULES = os.environ.get("NODE_PATH", "/usr/share/nodejs:/usr/lib/nodejs:/usr/lib/node_modules")


def nginx(world, stream="", http="", port=0):
    """nginx with these blocks; port is one of those it listens on."""
    if stream and not STREAM_MODULE:
        pytest.skip("nginx has no stream module here")
    folder = world.folder / f"nginx.{port}"
    folder.mkdir()
    for path in (world.folder, folder):
        path.chmod(0o755)
    kinds = " ".join(f"{k}_temp_path {folder}/tmp.{k};" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = folder / "nginx.conf"
    path.write_text((f"load_module {STREAM_MODULE};\n" if stream else "") +
                    f"daemon off; pid {folder}/pid; {'user root;' if os.geteuid() == 0 else ''}\n"
                    "error_log stderr crit; worker_processes 1; events { worker_connections 512; }\n" +
                    (f"stream {{ {stream} }}\n" if stream else "") +
                    (f"http {{ {kinds} access_log {folder}/access.log; default_type application/octet-stream; {http} }}\n"
                     if http else ""))
    return Other(world, "nginx", "-p", folder, "-e", "stderr", "-c", path, port=port)


def haproxy(world, body, port, mode="tcp"):
    path = world.path(f"haproxy.{port}.cfg")
    path.write_text(f"defaults\n mode {mode}\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n"
                    f" timeout tunnel 60s\n{body}\n")
    return Other(world, "haproxy", "-db", "-q", "-f", path, port=port)


def microsocks(world, user=None, password=None):
    words = ["-u", user, "-P", password] if user else []
    return Other(world, "microsocks", "-i", HOST, "-p", "{port}", *words)


def danted(world):
    """SOCKS 4 and 5; of 4a it takes the address 0.0.0.1 for one."""
    port = unused_port()
    privileges = "user.privileged: root\nuser.unprivileged: nobody\n" if os.geteuid() == 0 else ""
    path = world.path("danted.conf")
    path.write_text(f"logoutput: stderr\ninternal: {HOST} port = {port}\nexternal: {HOST}\nclientmethod: none\n"
                    f"socksmethod: none\n{privileges}client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}\n"
                    "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 protocol: tcp udp }\n")
    return Other(world, shutil.which("danted", path=SEARCH_PATH) or "sockd", "-f", path, "-p", world.path("danted.pid"),
                 port=port)


def tinyproxy(world, login=None):
    """An HTTP proxy; its log of requests is what it writes to its .log."""
    port = unused_port()
    log = world.path(f"tinyproxy.{port}.log", b"")
    path = world.path(f"tinyproxy.{port}.conf")
    path.write_text(f'Port {port}\nListen {HOST}\nTimeout 60\nAllow {HOST}\nLogFile "{log}"\nLogLevel Connect\n' +
                    (f"BasicAuth {login.replace(':', ' ')}\n" if login else ""))
    other = Other(world, "tinyproxy", "-d", "-c", path, port=port)
    other.log = log
    return other


def have_node_ws():
    return bool(shutil.which("node")) and any((pathlib.Path(p) / "ws").is_dir() for p in NODE_MODULES.split(":"))


needs_node_ws = pytest.mark.skipif(not have_node_ws(), reason="not installed: node with its module ws")


def node(world, script, *args, **how):
    """A script of this folder."""
    return world.start("node", HERE / script, *args, env={"NODE_PATH": NODE_MODULES}, **how)


def pass_through(client, data, timeout=60):
    """data to a client's stdin and, echoed, back from its stdout while both directions are open; only then stdin ends:
    for those between who take the end of one direction for the end of both."""
    writer = threading.Thread(target=client.stdin.write, args=(data,))
    writer.start()
    got = client.read(len(data), timeout)
    writer.join()
    assert len(got) == len(data) and sha256(got) == sha256(data), client.err
    return client.finish(None, timeout)


def echoed(world, data, *args, program=None):
    """`connect` (or another program) with args, to an echo server: everything comes back, and it ends with status 0."""
    client = world.start(*program, stdin=subprocess.PIPE) if program else \
        world.sockutil("connect", *args, stdin=subprocess.PIPE)
    result = pass_through(client, data)
    assert result.status == 0 and result.out == b"", result
    return result


__all__ = ["Other", "danted", "echoed", "haproxy", "listening", "microsocks", "needs_node_ws", "nginx", "node",
           "pass_through", "tinyproxy", "unused_port", "wait_until"]
