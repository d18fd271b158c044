# SPDX-License-Identifier: MIT
"""get and curl fetch the same URLs from nginx (http, https, HTTP/2), nghttpd (HTTP/2 with and without TLS) and Python's
http.server: the bytes are equal. Ranges, uploads, going on, many at once, many on one connection."""
import gzip
import os
import pathlib
import subprocess
import sys

import pytest

from harness import HOST, MIB, TLS, World, needs, needs_tls, random_bytes, sha256, wait_until
from test_peers import Other, unused_port
from web import failed, get, names

BIG = 50 * MIB + 77
pytestmark = needs("curl")


class Place:
    """A folder of files that servers give out."""

    def __init__(self, folder):
        self.root = folder / "root"
        (self.root / "many").mkdir(parents=True)
        (self.root / "dav").mkdir()
        for path in (folder, self.root):
            path.chmod(0o755)
        self.files = {"small.txt": b"hello\n", "empty": b"", "big": random_bytes(BIG),
                      "a b+c%.html": b"<p>x</p>\n" * 999,
                      "packed.txt": b"line of text\n" * 50_000}
        for name, data in self.files.items():
            (self.root / name).write_bytes(data)
        (self.root / "packed.txt.gz").write_bytes(gzip.compress(self.files["packed.txt"]))
        self.many = {f"f{i:03}": random_bytes(100 + 40 * i) for i in range(200)}
        for name, data in self.many.items():
            (self.root / "many" / name).write_bytes(data)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return Place(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="module")
def servers(tmp_path_factory, place, certificates):
    """Each server once, when it is first asked for: its URL, without the slash at the end."""
    world = World(tmp_path_factory.mktemp("servers"))
    started = {}

    def url(name):
        if name not in started:
            started.update(STARTERS[name.split("-")[0]](world, place, certificates))
        return started[name]
    url.folder = world.folder
    yield url
    world.close(False)


def start_nginx(world, place, certificates):
    folder = world.folder
    plain, tls, h2 = unused_port(), unused_port(), unused_port()
    cert, key = certificates.leaf()
    (folder / "users").write_text("joe:{PLAIN}s3cret\n")
    kinds = " ".join(f"{k}_temp_path {folder}/tmp.{k};" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    listens = f"listen {HOST}:{plain};"
    if TLS != "0":
        listens += f" listen {HOST}:{tls} ssl; listen {HOST}:{h2} ssl http2; ssl_certificate {cert}; " \
            f"ssl_certificate_key {key};"
    conf = world.path("nginx.conf")
    conf.write_text(f"""daemon off; pid {folder}/nginx.pid; {'user root;' if os.geteuid() == 0 else ''}
error_log stderr crit; worker_processes 1; events {{ worker_connections 512; }}
http {{
    {kinds}
    log_format told '$connection $server_protocol $request_method $uri $status $http_range';
    access_log {folder}/nginx.log told;
    default_type application/octet-stream; client_max_body_size 200m; sendfile on;
    server {{
        {listens}
        root {place.root}; gzip_static on;
        location /dav/ {{ dav_methods PUT; create_full_put_path on; }}
        location /moved {{ return 302 /small.txt; }}
        location /slow/ {{ alias {place.root}/; limit_rate 20m; limit_rate_after 8m; }}
        location /in/ {{ alias {place.root}/; auth_basic x; auth_basic_user_file {folder}/users; }}
    }}
}}
""")
    Other(world, "nginx", "-p", folder, "-e", "stderr", "-c", conf, port=plain)
    return {"nginx": f"http://{HOST}:{plain}", "nginx-tls": f"https://{HOST}:{tls}", "nginx-h2": f"https://{HOST}:{h2}"}


def start_nghttpd(world, place, certificates):
    cert, key = certificates.leaf()
    plain = Other(world, "nghttpd", "--no-tls", "-a", HOST, "-d", place.root, "{port}")
    started = {"nghttpd-plain": f"http://{HOST}:{plain.port}"}
    if TLS != "0":
        safe = Other(world, "nghttpd", "-a", HOST, "-d", place.root, "{port}", key, cert)
        started["nghttpd-h2"] = f"https://{HOST}:{safe.port}"
    return started


def start_python(world, place, certificates):
    server = Other(world, sys.executable, "-m", "http.server", "--bind", HOST, "--directory", place.root, "{port}")
    return {"python": f"http://{HOST}:{server.port}"}


STARTERS = {"nginx": start_nginx, "nghttpd": start_nghttpd, "python": start_python}
NAMES = [pytest.param("nginx", marks=needs("nginx")), pytest.param("nginx-tls", marks=[needs("nginx"), needs_tls]),
         pytest.param("nginx-h2", marks=[needs("nginx"), needs_tls]), pytest.param("nghttpd-plain",
         marks=needs("nghttpd")),
         pytest.param("nghttpd-h2", marks=[needs("nghttpd"), needs_tls]), "python"]
NGINX = [p for p in NAMES if isinstance(p, type(NAMES[0])) and p.values[0].startswith("nginx")]


def words(name, certificates):
    """What both programs need to be told for that server."""
    if name == "nghttpd-plain":
        return ["--http2"], ["--http2-prior-knowledge"]
    return (["--ca", certificates.ca], ["--cacert", certificates.ca]) if "-" in name else ([], [])


@pytest.fixture
def both(world, servers, certificates):
    """Fetches a path with get and with curl: their results."""
    def fetch(name, path, ours=(), theirs=None):
        mine, curls = words(name, certificates)
        url = servers(name) + path
        return (get(world, *mine, *ours, url, timeout=60),
                world.start("curl", "-s", *curls, *(ours if theirs is None else theirs), url).finish(timeout=60))
    return fetch


# --- the same bytes -----------------------------------------------------------------------------

@pytest.mark.parametrize("path", ["/small.txt", "/empty", "/big", "/a%20b+c%25.html"])
@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes(both, place, name, path):
    ours, curls = both(name, path)
    assert ours.status == curls.status == 0, ours
    assert sha256(ours.out) == sha256(curls.out)
    assert sha256(ours.out) == sha256(place.files[path[1:].replace("%20", " ").replace("%25", "%")])


@pytest.mark.parametrize("name", NAMES)
def test_the_same_file(both, place, name):
    ours, _ = both(name, "/big", ["-o", "f"])
    assert ours.status == 0 and sha256((ours.folder / "f").read_bytes()) == sha256(place.files["big"])
    assert names(ours.folder) == ["f"]


@pytest.mark.parametrize("asked", ["0-0", "5-99999", "52428800-", "-77", "1-2"])
@pytest.mark.parametrize("name", NGINX)
def test_the_same_ranges(both, name, asked):
    ours, curls = both(name, "/big", ["-r", asked])
    assert ours.status == curls.status == 0 and ours.out == curls.out and ours.out


@pytest.mark.parametrize("name", NGINX)
def test_a_page_that_is_packed(both, place, name):
    ours, curls = both(name, "/packed.txt", ["--compressed"])
    assert ours.status == 0 and ours.out == curls.out == place.files["packed.txt"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_there(both, name):
    ours, curls = both(name, "/gone", ["-o", "f"], ["-f"])
    assert ours.status == curls.status == 22 and names(ours.folder) == []


def fields(text):
    lines = text.decode().split("\r\n\r\n")[0].split("\r\n")
    return lines[0].split()[1], {line.split(":")[0].lower(): line.split(":", 1)[1].strip() for line in lines[1:]}


@pytest.mark.parametrize("name", NAMES)
def test_the_same_head(both, name):
    ours, curls = both(name, "/big", ["-I"])
    assert ours.status == 0
    (status, mine), (theirs_status, theirs) = fields(ours.out), fields(curls.out)
    for changing in ("date",):
        mine.pop(changing, None), theirs.pop(changing, None)
    assert status == theirs_status == "200" and mine == theirs and mine["content-length"] == str(BIG)


@pytest.mark.parametrize("name", NGINX)
def test_a_redirect(both, name):
    ours, curls = both(name, "/moved", theirs=["-L"])
    assert ours.out == curls.out == b"hello\n"


@pytest.mark.parametrize("name", NGINX)
def test_a_password(both, name):
    ours, curls = both(name, "/in/small.txt", ["-u", "joe:s3cret"])
    assert ours.out == curls.out == b"hello\n"
    ours, curls = both(name, "/in/small.txt", ["-u", "joe:wrong"], ["-f", "-u", "joe:wrong"])
    assert ours.status == curls.status == 22


@pytest.mark.parametrize("size", [0, 5, 3 * MIB + 1, 20 * MIB])
@pytest.mark.parametrize("way", ["file", "stdin"])
@pytest.mark.parametrize("name", NGINX)
def test_an_upload(world, servers, certificates, place, name, way, size):
    data = random_bytes(size)
    mine, _ = words(name, certificates)
    target = f"/dav/{name}-{way}-{size}"
    up = world.path("up", data)
    result = get(world, *mine, "-T", up if way == "file" else "-", servers(name) + target,
                 stdin=data if way == "stdin" else b"")
    assert result.status == 0, result
    assert (place.root / target[1:]).read_bytes() == data


# --- versions -----------------------------------------------------------------------------------

@pytest.mark.parametrize("name, want", [("nginx", "HTTP/1"), ("nginx-tls", "HTTP/1"), ("nginx-h2", "HTTP/2")])
@needs("nginx")
@needs_tls
def test_the_version_that_alpn_chose(world, servers, certificates, name, want):
    mine, _ = words(name, certificates)
    result = get(world, *mine, "-I", servers(name) + "/small.txt")
    assert result.out.startswith(want.encode()), result


@needs("nginx")
@needs_tls
def test_versions_can_be_asked_for(world, servers, certificates):
    url = servers("nginx-h2") + "/small.txt"
    assert get(world, "--ca", certificates.ca, "--http1.1", "-I", url).out.startswith(b"HTTP/1.1 200")
    assert get(world, "--ca", certificates.ca, "--http2", "-I", url).out.startswith(b"HTTP/2 200")
    result = get(world, "--ca", certificates.ca, "--http2", servers("nginx-tls") + "/small.txt")
    assert result.status in (8, 35)
    failed(result, result.status)


@needs("nginx")
def test_http2_without_tls_to_a_server_that_has_none_is_8(world, servers):
    result = get(world, "--retry", "0", "--http2", servers("nginx") + "/small.txt")
    failed(result, 8)


# --- going on -----------------------------------------------------------------------------------

@pytest.mark.parametrize("name", NGINX)
def test_a_part_from_elsewhere_is_continued(world, servers, certificates, place, name):
    mine, _ = words(name, certificates)
    world.path("out").mkdir()
    world.path("out/f").write_bytes(place.files["big"][:20 * MIB])
    result = get(world, *mine, "-C", "-o", "f", servers(name) + "/big")
    assert result.status == 0 and sha256(world.path("out/f").read_bytes()) == sha256(place.files["big"])


@pytest.mark.parametrize("number", [9, 15])
@pytest.mark.parametrize("name", NGINX)
def test_killed_and_continued(world, servers, certificates, place, name, number):
    mine, _ = words(name, certificates)
    where = world.path("out")
    where.mkdir()
    url = servers(name) + "/slow/big"
    process = world.sockutil("get", *mine, "-C", "-o", "f", url, cwd=where)
    wait_until(lambda: (where / "f.part").exists() and (where / "f.part").stat().st_size > 8 * MIB,
               what="eight mebibytes")
    process.signal(number)
    assert process.wait() == 128 + number and "f" not in names(where)
    kept = (where / "f.part").stat().st_size
    assert 8 * MIB < kept < BIG
    result = get(world, *mine, "-C", "--info", "json", "-o", "f", url)
    assert result.status == 0 and f'"resumed":{kept}' in result.err.replace(" ", "")
    assert sha256((where / "f").read_bytes()) == sha256(place.files["big"]) and names(where) == ["f"]


@pytest.mark.parametrize("name", NGINX)
def test_in_segments(world, servers, certificates, place, name):
    mine, _ = words(name, certificates)
    result = get(world, *mine, "--segments", "4", "-o", "f", servers(name) + "/big")
    assert result.status == 0 and sha256((result.folder / "f").read_bytes()) == sha256(place.files["big"])


# --- many ---------------------------------------------------------------------------------------

def log_of(servers):
    path = pathlib.Path(servers.folder) / "nginx.log"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize("name", NAMES)
def test_two_hundred_files_at_once(world, servers, certificates, place, name):
    mine, _ = words(name, certificates)
    base = servers(name)
    before = len(log_of(servers))
    listed = world.path("list", "".join(f"{base}/many/{n}\n" for n in place.many).encode())
    result = get(world, *mine, "-Z", "--input-file", listed, "-O", timeout=60)
    assert result.status == 0, result
    assert {n: (result.folder / n).read_bytes() for n in names(result.folder)} == place.many
    if name.startswith("nginx"):
        wait_until(lambda: len(log_of(servers)) - before >= 200, what="nginx's log")
        lines = log_of(servers)[before:]
        connections = {line[0] for line in lines}
        assert len(connections) == 1 if name == "nginx-h2" else len(connections) <= 8, connections
        assert {line[1] for line in lines} == {"HTTP/2.0" if name == "nginx-h2" else "HTTP/1.1"}


@needs("nginx")
@needs_tls
def test_large_ones_share_a_connection_and_do_not_starve(world, servers, certificates, place):
    """HTTP/2's windows: a large body, several times, beside small ones."""
    base, before = servers("nginx-h2"), len(log_of(servers))
    urls = [base + p for p in ("/big", "/many/f000", "/big?2", "/many/f001", "/big?3", "/many/f002")]
    outs = [w for i in range(6) for w in ("-o", f"out{i}")]
    result = get(world, "--ca", certificates.ca, "-Z", *outs, *urls, timeout=100)
    assert result.status == 0, result
    for i, want in enumerate([place.files["big"], place.many["f000"], place.files["big"], place.many["f001"],
                              place.files["big"], place.many["f002"]]):
        assert sha256((result.folder / f"out{i}").read_bytes()) == sha256(want)
    wait_until(lambda: len(log_of(servers)) - before >= 6, what="nginx's log")
    assert len({line[0] for line in log_of(servers)[before:]}) == 1


@needs("nginx")
@needs_tls
def test_a_slow_reader_of_one_stream_holds_up_nobody(world, servers, certificates, place):
    """One body of an HTTP/2 connection goes into a pipe that nobody reads for now."""
    base = servers("nginx-h2")
    where = world.path("out")
    where.mkdir()
    os.mkfifo(where / "pipe")
    reader = os.open(where / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    process = world.sockutil("get", "--ca", certificates.ca, "-Z", "-o", "pipe", "-o", "small", base + "/big",
                             base + "/many/f100", cwd=where)
    wait_until(lambda: (where / "small").exists(), what="the small one")
    os.set_blocking(reader, True)
    with os.fdopen(reader, "rb") as f:
        assert sha256(f.read()) == sha256(place.files["big"])
    assert process.wait() == 0 and (where / "small").read_bytes() == place.many["f100"]


@needs("nghttpd")
def test_http2_without_tls_is_spoken_at_once(world, servers):
    result = get(world, "--http2", "-I", servers("nghttpd-plain") + "/small.txt")
    assert result.out.startswith(b"HTTP/2 200"), result


@needs("nginx")
def test_curl_and_we_give_a_file_the_same_time(world, servers, place):
    result = get(world, "--newer", "-O", servers("nginx") + "/small.txt")
    assert result.status == 0
    assert int((result.folder / "small.txt").stat().st_mtime) == int((place.root / "small.txt").stat().st_mtime)
    curls = subprocess.run(["curl", "-sR", "-o", world.path("c"), servers("nginx") + "/small.txt"], check=True,
                           timeout=30)
    assert curls.returncode == 0
    assert int(world.path("c").stat().st_mtime) == int((result.folder / "small.txt").stat().st_mtime)
