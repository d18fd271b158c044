# SPDX-License-Identifier: MIT
"""Redirects: which are followed and how, which are refused, and that nothing secret goes to another scheme, host or
port."""
import pytest

from harness import HOST, TLS, needs_tls, random_bytes
from web import (Answer, Site, Web, basic, failed, get, head, names, ok, redirect, saying, turns)

SECRETS = ("Authorization", "Cookie", "Proxy-Authorization")


def mirror(request):
    return Answer(request.method.encode() + b" " + request.target.encode() + b" " + request.body)


@pytest.fixture
def site(world):
    return Site(world, {"/end": mirror})


# --- methods and bodies -------------------------------------------------------------------------

@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_get_stays_one(world, site, code):
    site.pages["/"] = redirect("/end", code)
    result = get(world, "-o", "f", site.url())
    assert (result.status, result.err) == (0, "") and (result.folder / "f").read_bytes() == b"GET /end "
    assert site.connections == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_what_becomes_of_a_post(world, site, code):
    site.pages["/"] = redirect("/end", code)
    result = get(world, "-d", "some=data", site.url())
    assert result.status == 0, result
    if code in (307, 308):
        assert result.out == b"POST /end some=data" and site.last.get("Content-Type").startswith("application/x-www")
    else:
        assert result.out == b"GET /end "
        assert not any(n.lower().startswith("content-") for n, _ in site.last.fields)


@pytest.mark.parametrize("code, method", [(303, "GET"), (307, "PUT"), (308, "PUT")])
def test_what_becomes_of_an_upload(world, site, code, method):
    data = random_bytes(200_000) if method == "PUT" else b""
    site.pages["/"] = redirect("/end", code)
    result = get(world, "-T", world.path("f", data), site.url())
    assert result.status == 0 and result.out == method.encode() + b" /end " + data


def test_what_can_be_sent_only_once_is_not_lost_in_silence(world, site):
    site.pages["/"] = redirect("/end", 307)
    result = get(world, "-T", "-", site.url(), stdin=b"only once")
    failed(result, 26)
    assert len(site.requests) == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_head_stays_one(world, site, code):
    site.pages["/"] = redirect("/end", code)
    assert get(world, "-I", site.url()).status == 0
    assert [r.method for r in site.requests] == ["HEAD", "HEAD"]


@pytest.mark.parametrize("code", [300, 304, 305, 306, 399])
def test_other_numbers_are_not_followed(world, site, code):
    site.pages["/"] = redirect("/end", code)
    assert get(world, site.url()).status == 0 or code == 304
    assert len(site.requests) == 1


def test_no_location_no_redirect(world, site):
    site.pages["/"] = Answer(b"nowhere", 302)
    result = get(world, site.url())
    assert (result.status, result.out) == (0, b"nowhere")


def test_no_follow_shows_the_redirect_itself(world, site):
    site.pages["/"] = redirect("/end", body=b"look there")
    result = get(world, "--no-follow", "-i", site.url())
    assert result.status == 0 and b"Location: /end\r\n" in result.out and result.out.endswith(b"look there")


# --- where to -----------------------------------------------------------------------------------

@pytest.mark.parametrize("location, target", [
    ("/x", "/x"), ("x", "/a/b/x"), ("./x", "/a/b/x"), ("../x", "/a/x"), ("../../../x", "/x"), ("?y=2", "/a/b/c?y=2"),
    ("x?y#z", "/a/b/x?y"), ("{o}/x", "/x"), ("{o}", "/"), ("//{h}/x", "/x"), ("/neu/ü", "/neu/%C3%BC"),
    ("/a%20b", "/a%20b"), ("HTTP://{h}/x", "/x"), ("/x%0d%0aEvil:%201", "/x%0d%0aEvil:%201"), ("{o}?q", "/?q"),
    ("/a/../b", "/b"), (" /x ", "/x"),
])
def test_where_a_location_leads(world, site, location, target):
    where = location.format(o=site.origin, h=f"{HOST}:{site.port}")
    site.pages["/a/b/c"] = lambda request: Answer(b"", 302, ["Location: " + where.encode().decode("latin-1")]) \
        if request.query == "q=1" else mirror(request)
    site.pages[target.split("?")[0]] = site.pages.get(target.split("?")[0], mirror)
    result = get(world, site.url("/a/b/c?q=1"))
    assert result.status == 0, result
    assert site.last.target == target


@pytest.mark.parametrize("location", [
    "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/_x", "unix:/tmp/x", "javascript:alert(1)",
    "data:text/html,x", "mailto:a@b", "dict://127.0.0.1/", "ws://{h}/", "about:blank", "FILE:///etc/passwd",
])
def test_a_redirect_to_another_scheme_is_refused(world, site, location):
    site.pages["/"] = redirect(location.format(h=f"{HOST}:{site.port}"))
    result = get(world, "-o", "f", site.url())
    line = failed(result, 8)
    assert names(result.folder) == [] and len(site.requests) == 1 and location.split(":")[0].lower() in line.lower()


@pytest.mark.parametrize("location", [
    "http://{h}/a b", "/a\tb", "/a\x1b[31mb", "http://a@b@{h}/", "http://0x7f.1/", "http://127.1/", "http://{h}\\x",
    "http://", "http://127.0.0.1:99999/", "http://[::1/", "/" + "x" * 9000, "http://%31%32%37.0.0.1/", "/a\x7f",
    "///evil/", "http:///evil/",
])
def test_a_malformed_location_is_refused(world, site, location):
    site.pages["/"] = lambda request: Answer(b"", 302, ["Location: " + location.format(h=f"{HOST}:{site.port}")])
    result = get(world, "--retry", "0", "-o", "f", site.url())
    failed(result, 8)
    assert names(result.folder) == [] and len(site.requests) == 1


def test_too_many_redirects_are_47(world, site):
    site.pages["/loop"] = redirect("/loop")
    result = get(world, "-o", "f", site.url("/loop"))
    failed(result, 47, "20")
    assert names(result.folder) == [] and len(site.requests) == 21
    site.requests.clear()
    failed(get(world, "--max-redirects", "0", site.url("/loop")), 47)
    assert len(site.requests) == 1


def test_as_many_as_are_allowed_are_followed(world, site):
    for i in range(20):
        site.pages[f"/{i}"] = redirect(f"/{i + 1}")
    site.pages["/20"] = b"arrived"
    assert get(world, site.url("/0")).out == b"arrived"
    failed(get(world, "--max-redirects", "19", site.url("/0")), 47)
    assert get(world, "--max-redirects", "20", site.url("/0")).out == b"arrived"


def test_bodies_of_redirects_are_dropped_whatever_their_form(world, site):
    for i, body in enumerate((b"", b"x" * 100_000)):
        site.pages[f"/{i}0"] = Answer(body, 302, ["Location: /end"], chunked=True)
        site.pages[f"/{i}1"] = Answer(body, 302, ["Location: /end"], length=None)
        site.pages[f"/{i}2"] = Answer(body, 302, ["Location: /end"])
        for j in range(3):
            assert get(world, site.url(f"/{i}{j}")).out == b"GET /end ", (i, j)


def test_an_endless_body_of_a_redirect_does_not_hold_us_up(world, site):
    def talk(c):
        request = c.request()
        if request.target == "/end":
            c.send(ok(b"end"))
            return
        c.send(head(302, "Location: /end"))
        while True:
            c.send(b"x" * 65536)
    web = Web(world, talk)
    result = get(world, web.url())
    assert (result.status, result.out) == (0, b"end")


def test_a_redirect_whose_body_is_cut_is_still_one(world):
    web = Web(world, turns(saying(head(302, "Location: /end", "Content-Length: 100") + b"cut"), saying(ok(b"end"))))
    result = get(world, web.url())
    assert (result.status, result.out) == (0, b"end")


def test_the_remote_name_is_that_of_the_first_url(world, site):
    """A redirect may not choose the name."""
    site.pages["/mine.txt"] = redirect("/.bashrc")
    site.pages["/.bashrc"] = b"x"
    result = get(world, "-O", site.url("/mine.txt"))
    assert result.status == 0 and names(result.folder) == ["mine.txt"]


def test_heads_of_every_hop_are_shown(world, site):
    site.pages["/"] = redirect("/end", fields=["X-Hop: 1"])
    result = get(world, "-i", site.url())
    assert b"X-Hop: 1" in result.out and result.out.endswith(b"GET /end ")
    assert result.out.count(b"HTTP/1.1 ") == 2


# --- nothing secret crosses an origin -----------------------------------------------------------

def others(world, site, certificates):
    """Sites that differ from the first one by port, by host, and by scheme; all on loopback."""
    yield Site(world, {"/end": mirror}), HOST
    yield site, "localhost"
    if TLS != "0":
        yield Site(world, {"/end": mirror}, tls=certificates.server_context()), HOST


def words_with_secrets(world, kind):
    token = world.path("token", b"s3cret")
    accounts = world.path("accounts", b"machine 127.0.0.1 login joe password s3cret\n")
    accounts.chmod(0o600)
    return {"user": ["-u", "joe:s3cret"], "bearer": ["--bearer", f"@{token}"], "cookie": ["-b", "sid=s3cret"],
            "authorization": ["-H", "Authorization: Custom s3cret"], "cookie field": ["-H", "Cookie: sid=s3cret"],
            "userinfo": [], "lower case": ["-H", "authorization: Custom s3cret"]}[kind]


KINDS = ["user", "bearer", "cookie", "authorization", "cookie field", "userinfo", "lower case"]


@pytest.mark.parametrize("code", [302, 307])
@pytest.mark.parametrize("kind", KINDS)
def test_secrets_stay_with_their_origin(world, site, certificates, kind, code):
    words = words_with_secrets(world, kind)
    user = "joe:s3cret@" if kind == "userinfo" else ""
    guarded = kind in ("user", "userinfo")

    def first(request):
        if guarded and not request.get("Authorization"):
            return Answer(b"", 401, ['WWW-Authenticate: Basic realm="x"'])
        return redirect(where, code)
    site.pages["/"] = first
    for other, host in others(world, site, certificates):
        where = f"{other.origin.replace(HOST, host)}/end"
        site.requests.clear()
        result = get(world, *words, "--ca", certificates.ca, f"http://{user}{HOST}:{site.port}/")
        assert result.status == 0, result
        assert any(b"s3cret" in r.raw or b"am9lOnMzY3JldA==" in r.raw for r in site.requests if r.target == "/")
        assert not any(other.last.all(name) for name in SECRETS), (where, other.last)
        assert b"s3cret" not in other.last.raw and b"am9lOnMzY3JldA==" not in other.last.raw


@pytest.mark.parametrize("kind", KINDS)
def test_secrets_go_along_within_their_origin(world, site, kind):
    user = "joe:s3cret@" if kind == "userinfo" else ""
    page = basic(redirect("/end"), "joe", "s3cret") if kind in ("user", "userinfo") else redirect("/end")
    site.pages["/"] = page
    result = get(world, *words_with_secrets(world, kind), f"http://{user}{HOST}:{site.port}/")
    assert result.status == 0 and (site.last.get("Authorization") or site.last.get("Cookie")), site.last


@pytest.mark.parametrize("kind", ["user", "authorization", "cookie"])
def test_secrets_do_not_answer_another_origins_challenge(world, site, kind):
    """A server that sends us on to one that asks."""
    other = Site(world, {"/end": basic(b"in", "joe", "s3cret")})
    site.pages["/"] = redirect(other.url("/end"))
    result = get(world, *words_with_secrets(world, kind), site.url())
    failed(result, 22, "401")
    assert not any(r.all("Authorization") for r in other.requests)


def test_a_way_back_does_not_make_them_leak_on_the_way(world, site):
    other = Site(world)
    other.pages["/hop"] = redirect(site.url("/end"))
    site.pages["/"] = redirect(other.url("/hop"))
    assert get(world, "-H", "Authorization: Custom s3cret", "-b", "a=b", site.url()).status == 0
    assert not any(other.last.all(name) for name in SECRETS)


def test_netrc_knows_who_belongs_to_another_host(world, site):
    """Passwords are for hosts: the other one's are its own."""
    accounts = world.path("accounts", b"machine localhost login a password b\nmachine 127.0.0.1 login c password d\n")
    accounts.chmod(0o600)
    other = Site(world, {"/end": basic(b"in", "a", "b")})
    site.pages["/"] = basic(redirect(f"http://localhost:{other.port}/end"), "c", "d")
    assert get(world, f"--netrc={accounts}", site.url()).out == b"in"
    assert not any("Yzpk" in (r.get("Authorization") or "") for r in other.requests)


def test_the_jar_follows_its_own_rules(world, site):
    """Cookies have no port; a host of another name gets none."""
    other = Site(world, {"/end": mirror})
    site.pages["/"] = lambda request: redirect(other.url("/end"), fields=["Set-Cookie: a=1"])
    site.pages["/2"] = lambda request: redirect(f"http://localhost:{other.port}/end", fields=["Set-Cookie: b=1"])
    jar = world.path("jar")
    assert get(world, "-j", jar, site.url()).status == 0
    assert other.last.get("Cookie") == "a=1"
    assert get(world, "-j", jar, site.url("/2")).status == 0
    assert other.last.get("Cookie") is None


def test_a_referer_holds_no_password(world, site):
    site.pages["/"] = redirect("/end")
    assert get(world, f"http://joe:s3cret@{HOST}:{site.port}/").status == 0
    assert not any("s3cret" in (r.get("Referer") or "") for r in site.requests)


# --- https --------------------------------------------------------------------------------------

@needs_tls
def test_https_to_http_is_refused_unless_allowed(world, site, certificates):
    safe = Site(world, {"/": redirect(site.url("/end"))}, tls=certificates.server_context())
    words = ["--ca", certificates.ca, "-H", "Authorization: x s3cret", "-b", "a=s3cret", safe.url()]
    result = get(world, "-o", "f", *words)
    failed(result, 8, "--allow-downgrade")
    assert names(result.folder) == [] and site.connections == 0
    result = get(world, "--allow-downgrade", *words)
    assert (result.status, result.out) == (0, b"GET /end ")
    assert b"s3cret" not in site.last.raw


@needs_tls
def test_http_to_https_is_followed_and_verified(world, site, certificates):
    safe = Site(world, {"/end": mirror}, tls=certificates.server_context())
    site.pages["/"] = redirect(safe.url("/end"))
    assert get(world, "--ca", certificates.ca, site.url()).out == b"GET /end "
    result = get(world, site.url())
    failed(result, 60)
    result = get(world, "--ca", certificates.ca, f"http://{HOST}:{site.port}/", "-o", "f")
    assert result.status == 0
