# SPDX-License-Identifier: MIT
"""Certificates and handshakes, good and bad, made by openssl(1): `connect --tls` against `openssl s_server`, and `openssl s_client`
against `serve --tls`. Exit statuses: 0 trusted, 60 not trusted, 90 another key, 35 no handshake, 18 cut short."""
import base64
import datetime
import hashlib
import re
import subprocess

import pytest

from harness import HOST, dial, needs, needs_tls, one_line, wait_until

pytestmark = [needs_tls, needs("openssl")]

NAME = "a.test.localhost"  # RFC 6761: everything under localhost is this machine

CA_CONFIG = """
[ca]
default_ca = ours
[ours]
database = {folder}/index.txt
serial = {folder}/serial
crlnumber = {folder}/crlnumber
new_certs_dir = {folder}
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
email_in_dn = no
unique_subject = no
copy_extensions = none
[any]
commonName = optional
"""


def openssl(*args):
    done = subprocess.run(["openssl", *map(str, args)], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def when(days):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return moment.strftime("%Y%m%d%H%M%SZ")


class Pki:
    """Keys and certificates in a folder. A certificate is one file: itself, then its key."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "index.txt").touch()
        (folder / "serial").write_text("1000\n")
        (folder / "crlnumber").write_text("01\n")
        (folder / "ca.cnf").write_text(CA_CONFIG.format(folder=folder))
        self.root = self.make("root", issuer=None, name="Test Root", ext="basicConstraints=critical,CA:TRUE\n")

    def key(self, name, kind):
        path = self.folder / f"{name}.key"
        kinds = {"ec": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]}
        algorithm = kinds.get(kind) or ["RSA", "-pkeyopt", f"rsa_keygen_bits:{kind}"]
        openssl("genpkey", "-algorithm", *algorithm, "-out", path)
        return path

    def make(self, file, issuer="root", name="leaf", san=None, ext="basicConstraints=critical,CA:FALSE\n", kind="ec",
             start=-1, end=30, digest="sha256"):
        path = self.folder / f"{file}.pem"
        if path.exists():
            return path
        key, request, out = self.key(file, kind), self.folder / f"{file}.csr", self.folder / f"{file}.crt"
        extensions = self.folder / f"{file}.ext"
        extensions.write_text(ext + (f"subjectAltName={san}\n" if san else ""))
        openssl("req", "-new", "-key", key, "-out", request, "-subj", f"/CN={name}" if name else "/")
        signer = ["-selfsign", "-keyfile", key] if issuer is None else [
            "-cert", self.folder / f"{issuer}.crt", "-keyfile", self.folder / f"{issuer}.key"]
        openssl("ca", "-batch", "-notext", "-config", self.folder / "ca.cnf", *signer, "-in", request, "-out", out,
                "-extfile", extensions, "-startdate", when(start), "-enddate", when(end), "-md", digest)
        path.write_text(out.read_text() + key.read_text())
        path.chmod(0o600)
        return path

    def authority(self, file, issuer="root", ext="basicConstraints=critical,CA:TRUE\n", **how):
        return self.make(file, issuer, name=file, ext=ext, **how)

    def crl(self, file, issuer="root", revoked=None):
        path = self.folder / file
        config = ["-config", self.folder / "ca.cnf", "-cert", self.folder / f"{issuer}.crt", "-keyfile",
                  self.folder / f"{issuer}.key"]
        if revoked:
            openssl("ca", *config, "-revoke", self.folder / f"{revoked}.crt")
        openssl("ca", *config, "-gencrl", "-out", path)
        return path

    def pin(self, file):
        der = openssl("x509", "-in", self.folder / f"{file}.crt", "-pubkey", "-noout")
        body = b"".join(der.splitlines()[1:-1])
        return "sha256//" + base64.b64encode(hashlib.sha256(base64.b64decode(body)).digest()).decode()


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


def s_server(world, *args):
    """openssl s_server that answers each line with the line reversed; .port is where."""
    process = world.start("openssl", "s_server", "-rev", "-accept", f"{HOST}:0", *args)
    said = b""
    while True:
        line = process.stdout.readline()
        assert line, f"s_server did not start: {process.err}"
        said = re.match(rb"ACCEPT .*:(\d+)", line)
        if said:
            process.port = int(said.group(1))
            return process


def connect(world, port, *args, host=NAME, env=None):
    return world.run("connect", "--tls", *args, host, port, stdin=b"abc\n", env=env)


def assert_talked(result):
    assert result.status == 0, result
    assert result.out == b"cba\n", result


# --- certificates: what the leaf is, the host dialled, the status, what the message says --------

DEPTH = ",".join(f"DNS:n{i}.test.localhost" for i in range(999)) + f",DNS:{NAME}"

CASES = {
    "a name": (dict(san=f"DNS:{NAME}"), NAME, 0, ""),
    "an address": (dict(san=f"IP:{HOST}"), HOST, 0, ""),
    "a wildcard for one label": (dict(san="DNS:*.test.localhost"), NAME, 0, ""),
    "another case": (dict(san="DNS:A.Test.LOCALHOST"), NAME, 0, ""),
    "rsa": (dict(san=f"DNS:{NAME}", kind="2048"), NAME, 0, ""),
    "p-384": (dict(san=f"DNS:{NAME}", kind="p384"), NAME, 0, ""),
    "a thousand names": (dict(san=DEPTH), NAME, 0, ""),
    "an empty subject": (dict(name=None, san=f"critical,DNS:{NAME}"), NAME, 0, ""),
    "for servers and clients": (dict(san=f"DNS:{NAME}", ext="extendedKeyUsage=clientAuth,serverAuth\n"), NAME, 0, ""),
    "expired": (dict(san=f"DNS:{NAME}", start=-30, end=-2), NAME, 60, "certificate expired on {end}"),
    "not yet valid": (dict(san=f"DNS:{NAME}", start=2), NAME, 60, "certificate is not valid before {start}"),
    "another host": (dict(san="DNS:b.test.localhost"), NAME, 60,
                     f"certificate is for b.test.localhost, not for {NAME}"),
    "a suffix": (dict(san="DNS:test.localhost"), NAME, 60, f"not for {NAME}"),
    "a longer name": (dict(san=f"DNS:{NAME}.example"), NAME, 60, f"not for {NAME}"),
    "only a common name": (dict(name=NAME), NAME, 60, "certificate names no host (no subjectAltName)"),
    "a common name beside another": (dict(name=NAME, san="DNS:b.test.localhost"), NAME, 60, f"not for {NAME}"),
    "only a mail address": (dict(name=NAME, san=f"email:x@{NAME}"), NAME, 60, "certificate names no host"),
    "a wildcard that is too deep": (dict(san="DNS:*.localhost"), NAME, 60, f"not for {NAME}"),
    "a wildcard for a top level": (dict(san="DNS:*.localhost"), "b.localhost", 60, "not for b.localhost"),
    "a wildcard for all": (dict(san="DNS:*"), "localhost", 60, "not for localhost"),
    "a wildcard in the middle": (dict(san="DNS:a.*.localhost"), NAME, 60, f"not for {NAME}"),
    "a wildcard in a label": (dict(san="DNS:a*.test.localhost"), "ab.test.localhost", 60, "not for ab.test.localhost"),
    "a wildcard of addresses": (dict(san="DNS:*.0.0.1"), HOST, 60, f"not for {HOST}"),
    "an address as a name": (dict(san=f"DNS:{HOST}"), HOST, 60, f"not for {HOST}"),
    "an address as a common name": (dict(name=HOST), HOST, 60, f"not for {HOST}"),
    "another address": (dict(san="IP:127.0.0.2"), HOST, 60, f"certificate is for 127.0.0.2, not for {HOST}"),
    "a zero byte in the name": (dict(san="DER:" + bytes([0x30, len(NAME) + 6, 0x82, len(NAME) + 4]).hex(":") + ":" +
                                     (NAME.encode() + b"\0.xy").hex(":")), NAME, 60, "not for"),
    "for clients only": (dict(san=f"DNS:{NAME}", ext="extendedKeyUsage=clientAuth\n"), NAME, 60, "not meant for this use"),
    "a key for lists only": (dict(san=f"DNS:{NAME}", ext="keyUsage=cRLSign\n"), NAME, 60, "not meant for this use"),
    "an unknown critical extension": (dict(san=f"DNS:{NAME}", ext="1.2.3.4=critical,DER:05:00\n"), NAME, 60,
                                      "critical extension"),
    "sha-1": (dict(san=f"DNS:{NAME}", digest="sha1"), NAME, 60, "signature is too weak"),
    "a 1024-bit key": (dict(san=f"DNS:{NAME}", kind="1024"), NAME, 60, "key is too weak"),
    "self-signed": (dict(san=f"DNS:{NAME}", issuer=None), NAME, 60, "self-signed certificate (CN=leaf)"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_certificate(world, pki, case):
    how, host, status, text = CASES[case]
    leaf = pki.make("leaf-" + re.sub(r"\W", "-", case), **how)
    server = s_server(world, "-cert", leaf, "-cipher", "DEFAULT@SECLEVEL=0")
    result = connect(world, server.port, "--ca", pki.root, host=host)
    assert result.status == status, result
    if status == 0:
        assert_talked(result)
        assert result.err == ""
        return
    day = lambda offset: when(offset)[:4] + "-" + when(offset)[4:6] + "-" + when(offset)[6:8]
    said = one_line(result.err)
    assert text.format(end=day(how.get("end", 0)), start=day(how.get("start", 0))) in said, said
    assert "--insecure goes on anyway" in said, said
    assert result.out == b""


# --- chains -----------------------------------------------------------------------------------

def chain(world, pki, leaf, *intermediates, status, text="", crl=()):
    arguments = []
    if intermediates:
        both = world.path("chain.pem", b"".join((pki.folder / f"{i}.crt").read_bytes() for i in intermediates))
        arguments = ["-cert_chain", both]
    server = s_server(world, "-cert", pki.folder / f"{leaf}.pem", *arguments)
    result = connect(world, server.port, "--ca", pki.root, *crl)
    assert result.status == status, result
    if status == 0:
        assert_talked(result)
    else:
        assert text in one_line(result.err)


def test_a_chain_that_is_sent(world, pki):
    pki.authority("middle")
    pki.make("under-middle", "middle", san=f"DNS:{NAME}")
    chain(world, pki, "under-middle", "middle", status=0)


def test_a_chain_that_is_not_sent(world, pki):
    pki.authority("middle")
    pki.make("under-middle", "middle", san=f"DNS:{NAME}")
    chain(world, pki, "under-middle", status=60, text="certificate's issuer is not known here (CN=middle) (CN=leaf)")


def test_an_unknown_authority(world, pki):
    pki.make("other", None, name="other", ext="basicConstraints=critical,CA:TRUE\n")
    pki.make("under-other", "other", san=f"DNS:{NAME}")
    chain(world, pki, "under-other", "other", status=60, text="certificate of an authority that is not trusted (CN=other)")


def test_an_intermediate_that_is_no_authority(world, pki):
    pki.make("plain", san="DNS:x")
    pki.make("under-plain", "plain", san=f"DNS:{NAME}")
    chain(world, pki, "under-plain", "plain", status=60, text="signed by one that is no authority")


def test_an_intermediate_that_expired(world, pki):
    pki.authority("late", start=-30, end=-2)
    pki.make("under-late", "late", san=f"DNS:{NAME}")
    chain(world, pki, "under-late", "late", status=60, text="(CN=late)")


def test_a_chain_longer_than_allowed(world, pki):
    pki.authority("short", ext="basicConstraints=critical,CA:TRUE,pathlen:0\n")
    pki.authority("deep", "short")
    pki.make("under-deep", "deep", san=f"DNS:{NAME}")
    chain(world, pki, "under-deep", "deep", "short", status=60, text="longer than its authority allows")


@pytest.mark.parametrize("allowed, status", [("test.localhost", 0), ("example", 60)])
def test_name_constraints(world, pki, allowed, status):
    pki.authority(f"only-{allowed}", ext=f"basicConstraints=critical,CA:TRUE\nnameConstraints=critical,permitted;DNS:{allowed}\n")
    pki.make(f"under-{allowed}", f"only-{allowed}", san=f"DNS:{NAME}", name=None)
    chain(world, pki, f"under-{allowed}", f"only-{allowed}", status=status, text="may not sign")


def test_revocation(world, pki):
    pki.make("gone", san=f"DNS:{NAME}")
    pki.make("here", san=f"DNS:{NAME}")
    crl = ["--crl", pki.crl("root.crl", revoked="gone")]
    chain(world, pki, "gone", status=60, text="certificate was revoked (CN=leaf)", crl=crl)
    chain(world, pki, "gone", status=0)
    chain(world, pki, "here", status=0, crl=crl)


# --- handshakes -------------------------------------------------------------------------------

# RFC 2409, 6.2: 1024 bits, known to everybody.
OAKLEY_2 = int("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
               "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
               "49286651ECE65381FFFFFFFFFFFFFFFF", 16)


def dh_parameters():
    number = b"\0" + OAKLEY_2.to_bytes(128, "big")
    body = b"\x02\x81" + bytes([len(number)]) + number + b"\x02\x01\x02"
    der = b"\x30\x81" + bytes([len(body)]) + body
    return b"-----BEGIN DH PARAMETERS-----\n" + base64.encodebytes(der) + b"-----END DH PARAMETERS-----\n"


WEAK = {
    "tls 1.0": (["-tls1", "-cipher", "ALL:@SECLEVEL=0"], "no TLS version in common"),
    "tls 1.1": (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "no TLS version in common"),
    "null ciphers": (["-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"], "no cipher"),
    "anonymous ciphers": (["-tls1_2", "-nocert", "-cipher", "aNULL:@SECLEVEL=0"], "no cipher"),
    "a 1024-bit group": (["-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", "DH"], "Diffie-Hellman group is too small"),
}


@pytest.mark.parametrize("case", WEAK)
def test_a_weak_server(world, pki, case):
    arguments, text = WEAK[case]
    leaf = pki.make("rsa", san=f"DNS:{NAME}", kind="2048")
    parameters = world.path("dh.pem", dh_parameters())
    arguments = [parameters if a == "DH" else a for a in arguments]
    if "-nocert" not in arguments:
        arguments += ["-cert", leaf]
    server = s_server(world, *arguments)
    result = connect(world, server.port, "--ca", pki.root)
    assert result.status == 35, result
    assert text in one_line(result.err)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_version(world, pki, version):
    server = s_server(world, "-cert", pki.make("good", san=f"DNS:{NAME}"), version)
    assert_talked(connect(world, server.port, "--ca", pki.root))
    other = {"-tls1_2": ["--tls-min", "1.3"], "-tls1_3": ["--tls-max", "1.2"]}[version]
    result = connect(world, server.port, "--ca", pki.root, *other)
    assert result.status == 35, result
    assert "no TLS version in common" in one_line(result.err)


def test_a_server_that_does_not_speak_tls(world):
    peer = world.peer(lambda s: (s.recv(1000), s.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")))
    result = connect(world, peer.port, "--insecure", host=HOST)
    assert result.status == 35, result
    assert "the peer does not speak TLS" in one_line(result.err)


def test_a_server_that_hangs_up(world):
    peer = world.peer(lambda s: s.recv(1000))
    result = connect(world, peer.port, "--insecure", host=HOST)
    assert result.status == 35, result
    assert "the peer closed the connection during the TLS handshake" in one_line(result.err)


def test_no_close_notify(world, pki):
    server = s_server(world, "-cert", pki.make("good", san=f"DNS:{NAME}"))
    client = world.sockutil("connect", "--tls", "--ca", pki.root, NAME, server.port, stdin=subprocess.PIPE)
    client.stdin.write(b"abc\n")
    assert client.read(4) == b"cba\n"
    server.popen.kill()
    # stdin stays open: at its end our close_notify would meet a reset, which is another failure
    assert client.wait() == 18, client.err
    assert "no close_notify" in one_line(client.err)


# --- other ways to trust ----------------------------------------------------------------------

def test_the_system_does_not_know_our_root(world, pki):
    server = s_server(world, "-cert", pki.make("good", san=f"DNS:{NAME}"))
    result = connect(world, server.port)
    assert result.status == 60, result
    assert_talked(connect(world, server.port, env={"SSL_CERT_FILE": str(pki.root)}))


def test_a_directory_of_authorities(world, pki):
    folder = world.path("store")
    folder.mkdir()
    (folder / "root.pem").write_bytes((pki.folder / "root.crt").read_bytes())
    openssl("rehash", folder)
    server = s_server(world, "-cert", pki.make("good", san=f"DNS:{NAME}"))
    assert_talked(connect(world, server.port, "--ca", folder))
    assert_talked(connect(world, server.port, env={"SSL_CERT_DIR": str(folder)}))


def test_insecure(world, pki):
    server = s_server(world, "-cert", pki.make("old", issuer=None, start=-9, end=-2))
    result = connect(world, server.port, "--insecure")
    assert_talked(result)
    said = one_line(result.err)
    fingerprint = openssl("x509", "-in", pki.folder / "old.crt", "-noout", "-fingerprint", "-sha256").decode()
    assert fingerprint.strip().split("=")[1] in said
    assert pki.pin("old") in said


def test_pins(world, pki):
    server = s_server(world, "-cert", pki.make("self", issuer=None, san="DNS:x"))
    wrong = "sha256//" + base64.b64encode(bytes(32)).decode()
    assert_talked(connect(world, server.port, "--pin", pki.pin("self")))
    assert_talked(connect(world, server.port, "--pin", f"{wrong};{pki.pin('self')}", host=HOST))
    for more in [], ["--insecure"]:
        result = connect(world, server.port, "--pin", wrong, *more)
        assert result.status == 90, result
        assert pki.pin("self") in one_line(result.err)


def test_trust_on_first_use(world, pki):
    known = world.path("known")
    server = s_server(world, "-cert", pki.make("self", issuer=None, san="DNS:x"))
    first = connect(world, server.port, "--tofu", known)
    assert_talked(first)
    assert pki.pin("self") in one_line(first.err)
    assert known.read_text() == f"{NAME}:{server.port} {pki.pin('self')}\n"
    second = connect(world, server.port, "--tofu", known)
    assert_talked(second)
    assert second.err == ""
    known.write_text(f"# old\n{NAME}:{server.port} sha256//{base64.b64encode(bytes(32)).decode()}\n")
    third = connect(world, server.port, "--tofu", known)
    assert third.status == 90, third
    assert f"{known} line 2" in one_line(third.err)


def scrypt(secret):
    return hashlib.scrypt(secret, salt=b"sockutil external PSK 1", n=32768, r=8, p=1, dklen=32, maxmem=64 << 20).hex()


def test_a_secret_with_s_server(world):
    secret = world.path("secret", b"the secret of both sides\n")
    secret.chmod(0o600)
    server = s_server(world, "-nocert", "-tls1_3", "-psk_identity", "sockutil", "-psk", scrypt(b"the secret of both sides"))
    assert_talked(connect(world, server.port, "--secret", secret))
    secret.write_bytes(b"the secret of one side\n")
    result = connect(world, server.port, "--secret", secret)
    assert result.status == 35, result
    assert "the peer refused the secret: it has another one" in one_line(result.err)


def test_a_secret_is_insisted_on(world, pki):
    secret = world.path("secret", b"the secret of one side\n")
    secret.chmod(0o600)
    server = s_server(world, "-cert", pki.make("good", san=f"DNS:{NAME}"))
    result = connect(world, server.port, "--secret", secret)
    assert result.status == 35, result
    assert "the peer does not know the secret" in one_line(result.err)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_server_that_wants_a_certificate(world, pki, version):
    server = s_server(world, "-cert", pki.make("good", san=f"DNS:{NAME}"), version, "-Verify", "2", "-verify_return_error",
                      "-CAfile", pki.folder / "root.crt")
    client = pki.make("client", ext="extendedKeyUsage=clientAuth\n")
    assert_talked(connect(world, server.port, "--ca", pki.root, "--cert", client))
    result = connect(world, server.port, "--ca", pki.root)
    assert result.status == 35, result
    assert "certificate" in one_line(result.err)


# --- our server -------------------------------------------------------------------------------

def s_client(world, port, *args):
    """openssl s_client that says nothing and leaves: a Result."""
    return world.start("openssl", "s_client", "-connect", f"{HOST}:{port}", "-no_ign_eof", *args,
                       stdin=subprocess.PIPE).finish(b"")


def served(world, pki, *args):
    return world.serve("--tls", "--cert", pki.make("server", san=f"DNS:{NAME},IP:{HOST}"), *args, "--reply", "{reversed}")


def verified(pki, name=NAME):
    return ["-CAfile", pki.folder / "root.crt", "-verify_return_error", "-verify_hostname", name, "-servername", name]


def test_our_server_is_trusted(world, pki):
    server = served(world, pki)
    with_quit = world.start("openssl", "s_client", "-connect", f"{HOST}:{server.port}", "-quiet", *verified(pki),
                            stdin=subprocess.PIPE)
    with_quit.stdin.write(b"abc\n")
    assert with_quit.read(4) == b"cba\n"


@pytest.mark.parametrize("arguments, done", [
    (["-tls1_3"], b"TLSv1.3"),
    (["-tls1_2"], b"TLSv1.2"),
    (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], None),
    (["-tls1", "-cipher", "ALL:@SECLEVEL=0"], None),
    (["-tls1_2", "-cipher", "eNULL:aNULL:@SECLEVEL=0"], None),
])
def test_versions_of_our_server(world, pki, arguments, done):
    server = served(world, pki)
    shown = s_client(world, server.port, *arguments, *verified(pki))
    if done:
        assert shown.status == 0, shown
        assert done in shown.out and b"Verify return code: 0 (ok)" in shown.out
        assert b"New Session Ticket" not in shown.out and b"TLS session ticket:" not in shown.out
        assert b"Secure Renegotiation IS supported" in shown.out or done == b"TLSv1.3"
    else:
        assert shown.status != 0, shown
        wait_until(lambda: "in common" in server.err or "does not speak" in server.err, what="a log line")


def test_our_server_chooses_by_name(world, pki):
    first, second = pki.make("one", name="one", san="DNS:one.test.localhost"), pki.make("two", name="two", san="DNS:*.test.localhost")
    server = world.serve("--tls", "--cert", first, "--cert", second, "--responder", "echo")
    for name, subject in (("one.test.localhost", b"CN = one"), ("x.test.localhost", b"CN = two"), ("other", b"CN = one")):
        shown = s_client(world, server.port, "-servername", name)
        assert b"subject=" + subject in shown.out, shown


def test_our_server_agrees_on_a_protocol(world, pki):
    server = served(world, pki, "--alpn", "http/1.1,h2")
    run = lambda offered: s_client(world, server.port, "-alpn", offered, *verified(pki))
    assert b"ALPN protocol: http/1.1" in run("h2,http/1.1").out
    refused = run("mqtt")
    assert refused.status != 0
    assert "no application protocol" in refused.err.lower()


def test_our_server_wants_certificates(world, pki):
    people = pki.make("people", None, name="people", ext="basicConstraints=critical,CA:TRUE\n")
    alice = pki.make("alice", "people", name="alice", ext="extendedKeyUsage=clientAuth\n")
    wrong = pki.make("wrong", "people", name="wrong", ext="extendedKeyUsage=serverAuth\n")
    old = pki.make("old-alice", "people", name="old", ext="extendedKeyUsage=clientAuth\n", start=-9, end=-2)
    server = served(world, pki, "--client-ca", people, "--client-cert", "required")
    connect_with = lambda *more: connect(world, server.port, "--ca", pki.root, *more)
    assert_talked(connect_with("--cert", alice))
    for cert, text in ((wrong, "client's certificate is not meant for this use (CN=wrong)"),
                       (old, "client's certificate expired on"),
                       (pki.make("good", san=f"DNS:{NAME}"), "client's certificate's issuer is not known here"),
                       (None, "the client sent no certificate")):
        result = connect_with(*(["--cert", cert] if cert else []))
        assert result.status == 35, result
        assert "certificate" in one_line(result.err)
        wait_until(lambda: text in server.err, what=text)


def test_a_secret_with_s_client(world):
    secret = world.path("secret", b"the secret of both sides\n")
    secret.chmod(0o600)
    server = world.serve("--tls", "--secret", secret, "--responder", "echo")
    run = lambda *more: s_client(world, server.port, *more)
    good = run("-psk_identity", "sockutil", "-psk", scrypt(b"the secret of both sides"))
    assert good.status == 0 and b"Reused, TLSv1.3" in good.out, good
    assert b"BEGIN CERTIFICATE" not in good.out
    assert run().status != 0
    wait_until(lambda: "the client does not use --secret" in server.err, what="a log line")
    assert run("-psk_identity", "sockutil", "-psk", scrypt(b"another")).status != 0
    wait_until(lambda: "the client has another secret" in server.err, what="a log line")


def test_the_pin_that_our_server_tells(world):
    server = world.serve("--tls", "--reply", "{reversed}")
    pin = wait_until(lambda: re.search(r"sha256//[A-Za-z0-9+/]{43}=", server.err), what="the pin").group(0)
    assert_talked(connect(world, server.port, "--pin", pin, host=HOST))
    assert connect(world, server.port, host=HOST).status == 60
    certificate = subprocess.run(["openssl", "s_client", "-connect", f"{HOST}:{server.port}"], stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=30).stdout
    shown = subprocess.run(["openssl", "x509", "-noout", "-text"], input=certificate, capture_output=True, check=True,
                           timeout=30).stdout.decode()
    assert "prime256v1" in shown and "ecdsa-with-SHA256" in shown
    assert "DNS:localhost" in shown and "IP Address:127.0.0.1" in shown and "IP Address:0:0:0:0:0:0:0:1" in shown


def test_nonsense_is_one_log_line_each(world, pki):
    server = served(world, pki)
    with dial(server.port) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        s.recv(1000)
    wait_until(lambda: "it sent a plain HTTP request" in server.err, what="a log line")
    with dial(server.port) as s:
        s.sendall(bytes(range(256)) * 16)
        try:
            s.recv(1000)
        except ConnectionResetError:
            pass
    wait_until(lambda: server.err.count("does not speak TLS") == 2, what="another log line")
    assert_talked(connect(world, server.port, "--ca", pki.root))
