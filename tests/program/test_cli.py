# SPDX-License-Identifier: MIT
"""The command surface: help, version, manual, completions, and what is said of a command line that is wrong.

Holds: bare, --help, --version, help and their exit statuses; output that cannot be written; help that fits a screen; nonsense is
status 2 and one line that names the nearest valid thing; the manual without a warning; completion scripts that are fresh, and work;
--progress on a terminal and off it.
"""
import fcntl
import os
import pathlib
import pty
import re
import shutil
import socket
import struct
import subprocess
import termios
import threading

import pytest

PROGRAM = os.environ["SOCKUTIL"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ["connect", "serve", "get", "chat", "help"]
SHELLS = ["bash", "zsh", "fish"]


def run(*words, **more):
    return subprocess.run([PROGRAM, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, **more)


def answer(*words):
    """What a command line that asks for text gets, all of it on stdout."""
    done = run(*words)
    assert (done.returncode, done.stderr) == (0, ""), words
    return done.stdout


def refused(*words):
    """The one line said of a command line that is wrong."""
    done = run(*words)
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), done.stderr
    return done.stderr[:-1]


# --- help -------------------------------------------------------------------------------------------


def test_bare_is_a_usage_error_with_a_short_help():
    done = run()
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("usage: sockutil COMMAND")
    assert "sockutil connect" in done.stderr and "sockutil serve" in done.stderr


def test_help_of_the_program():
    text = answer("--help")
    assert text == answer("-h") == answer("help")
    assert all(re.search(rf"^  {name} +\w", text, re.M) for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_screen(command):
    text = answer(command, "--help")
    assert text == answer(command, "-h") == answer("help", command)
    lines = text.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith(f"usage: sockutil {command} [OPTIONS] ")
    assert "examples:" in lines


@pytest.mark.parametrize("command", COMMANDS)
def test_help_all_has_what_help_has_and_more(command):
    few, every = (set(re.findall(r"--[a-z][a-z0-9-]+", answer(command, flag))) for flag in ("--help", "--help-all"))
    assert few - {"--help", "--help-all"} <= every
    # what shows how to copy a command line is not wrapped
    options = answer(command, "--help-all").split("\nexamples:")[0]
    assert max(map(len, options.splitlines())) <= 80


def test_help_is_asked_anywhere():
    assert answer("connect", "-v", "--help") == answer("connect", "--help", "--nonsense") == answer("connect", "-vh", "host")


def test_every_number_says_its_default():
    for command in ("connect", "serve", "get", "chat"):
        text = re.sub(r"\n {20,}", " ", answer(command, "--help-all"))
        rows = re.findall(r"^ +(?:-\w, )?--[a-z-]+ (?:TIME|SIZE|RATE|N) .*$", text, re.M)
        assert rows
        assert [row for row in rows if "default: " not in row] == []


def test_version():
    lines = answer("--version").splitlines()
    assert re.fullmatch(r"sockutil \d+\.\d+\.\d+", lines[0])
    tls = [line for line in lines if line.startswith("TLS: ")]
    assert len(tls) == 1
    if os.environ.get("SOCKUTIL_TLS") == "0":
        assert tls[0].startswith("TLS: none")
    else:
        assert "OpenSSL" in tls[0]
    for part in ("HTTP/2: ", "content codings: ", "public suffixes: ", "event loop: libev ", "system: "):
        assert sum(line.startswith(part) for line in lines) == 1, part


# --- output that cannot be written ------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["help", "--man"], ["connect", "--help-all"]])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_is_status_23(words):
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == 23
    assert done.stderr.count("\n") == 1 and "No space left on device" in done.stderr


def test_a_closed_stdout_is_status_23():
    done = subprocess.run(["sh", "-c", '"$0" --help >&-', PROGRAM], capture_output=True, text=True, timeout=30)
    assert done.returncode == 23
    assert done.stderr == "sockutil: standard output is closed\n"


def test_a_reader_that_is_gone_is_silent():
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run([PROGRAM, "help", "--man"], stdout=theirs, stderr=subprocess.PIPE, timeout=30)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_nonblocking_stdout_gets_all_of_it():
    whole = answer("help", "--man")
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with subprocess.Popen([PROGRAM, "help", "--man"], stdout=theirs) as process:
        os.close(theirs)
        with os.fdopen(ours) as out:
            assert out.read() == whole
    assert process.returncode == 0


# --- nonsense ---------------------------------------------------------------------------------------

NONSENSE = [
    (["conect", "host", "80"], "sockutil: unknown command conect: did you mean sockutil connect?"),
    (["frobnicate"], 'sockutil: unknown command "frobnicate"; there are: connect serve get chat help'),
    (["localhost", "8080"], "sockutil: localhost is no command; to be a client: sockutil connect localhost 8080"),
    (["8080"], "sockutil: 8080 is no command; to be a server: sockutil serve 8080"),
    (["-l", "8080"], "sockutil: being a server is a command: sockutil serve 8080"),
    (["-v", "host", "80"], "sockutil: options stand behind a command: sockutil connect -v host 80"),
    (
        ["https://user:hush@example.org/x"],
        "sockutil: URLs are fetched by a command: sockutil get https://example.org/x",
    ),
    (["www.example.org"], "sockutil: URLs are fetched by a command: sockutil get www.example.org"),
    (["-sO", "http://h/x"], "sockutil: options stand behind a command: sockutil get -sO http://h/x"),
    (["--verison"], "sockutil: unknown option --verison: did you mean --version?"),
    (["help", "conect"], "sockutil help: unknown command conect: did you mean sockutil connect?"),
    (["help", "connect", "serve"], "sockutil help: one command at a time: sockutil help connect"),
    (["help", "--man", "connect"], "sockutil help: --man takes no command"),
    (["help", "--completion", "tcsh"], 'sockutil help: --completion: "tcsh" is not one of bash zsh fish'),
    (["help", "--man", "--completion", "zsh"], "sockutil help: --man cannot be given together with --completion"),
    (["connect", "--tiemout", "5s"], "sockutil connect: unknown option --tiemout: did you mean --timeout?"),
    (["connect", "--timeout", "5x"], 'sockutil connect: --timeout: "5x" is not a duration (examples: 250ms, 0.5, 5s, 2m, 1h)'),
    (["connect", "--ttl", "300", "h", "80"], "sockutil connect: --ttl: 300 is outside 1-255"),
    (["connect", "--tls-min", "1.1", "h", "80"], 'sockutil connect: --tls-min: "1.1" is not one of 1.2 1.3'),
    (["connect", "--key", "f", "h", "80"], "sockutil connect: --key needs --cert"),
    (["connect", "-q", "-v", "h", "80"], "sockutil connect: --quiet cannot be given together with --verbose"),
    (["connect", "--ca", "f", "127.0.0.1", "9"], "sockutil connect: --ca needs --tls or a tls:// endpoint"),
    (
        ["connect", "--tls", "--secret", "f", "--tls-max", "1.2", "127.0.0.1", "9"],
        "sockutil connect: --secret needs TLS 1.3: it cannot be given together with --tls-max 1.2",
    ),
    (["get", "-s", "http://x/"],
     "sockutil get: -s is --source here and took \"http://x/\"; curl's -s is --quiet (-q)"),
    (["get"], "sockutil get: no URL was given, as in: sockutil get www.example.org"),
    (["get", "--tls", "h"], "sockutil get: the URL says it: write it as https://"),
    (
        ["get", "--show-sockopts", "h"],
        "sockutil get: connect shows them: sockutil connect --show-sockopts HOST PORT",
    ),
    (["get", "-w", "h"], 'sockutil get: -w: "h" is not a duration (examples: 250ms, 0.5, 5s, 2m, 1h)'),
    (["get", "--ttl"], "sockutil get: --ttl needs an argument: N, as in: sockutil get --ttl 1 http://localhost:8080/"),
    (
        ["get", "--pin"],
        "sockutil get: --pin needs an argument: PIN, as in: sockutil get --pin "
        "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= https://localhost:8443/",
    ),
    (["serve", "--insecure", "8080"], None),
    (["connect"], None),
    (["serve"], None),
    (["connect", "h", "80", "more", "words"], None),
    (["connect", "--dscp", "af99", "127.0.0.1", "9"], None),
    (["connect", "--sockopt", "nonsense=1", "127.0.0.1", "9"], None),
    (["connect", "--keepalive=1,2", "127.0.0.1", "9"], None),
    (["serve", "--responder", "ehco", "0"], None),
    (["connect", "\x1b[31m", "80", "--\x1b[31m"], None),
    ([""], None),
]


@pytest.mark.parametrize("words,line", NONSENSE, ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "")
def test_nonsense_is_one_line_and_status_2(words, line):
    said = refused(*words)
    assert line is None or said == line
    assert "\x1b" not in said and "hush" not in said


def test_netcats_letters_show_the_right_command():
    assert "sockutil serve 8080" in refused("connect", "-l", "8080")
    assert "sockutil serve 127.0.0.1 8080" in refused("connect", "-l", "127.0.0.1", "8080")


def test_a_long_word_keeps_its_reason():
    said = refused("connect", "--" + "x" * 5000)
    assert said.endswith("...: no such option; --help-all lists them")
    assert len(said) < 200


# --- the manual -------------------------------------------------------------------------------------


def test_the_manual_has_every_option_and_status():
    page = answer("help", "--man")
    for command in ("connect", "serve", "get"):
        options = re.findall(r"^ +(?:-(\w), )?--([a-z0-9.-]+)", answer(command, "--help-all"), re.M)
        assert options
        for letter, name in options:
            assert re.search(rf"^\.It (Fl {letter or 'x'} , )?Fl -{re.escape(name)}( |$)", page, re.M), name
    for status in (0, 2, 7, 28, 141):
        assert f"\n.It {status}\n" in page


@pytest.mark.skipif(not shutil.which("mandoc"), reason="no mandoc")
def test_mandoc_has_nothing_to_say(tmp_path):
    (tmp_path / "sockutil.1").write_text(answer("help", "--man"))
    said = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "style", "sockutil.1"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    ).stdout
    assert [line for line in said.splitlines() if "mandoc.db" not in line and "lacks" not in line] == []


@pytest.mark.skipif(not shutil.which("groff"), reason="no groff")
def test_groff_has_nothing_to_say():
    done = subprocess.run(
        ["groff", "-mandoc", "-ww", "-Tascii", "-z"], input=answer("help", "--man"), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


# --- completions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_scripts_are_fresh(shell):
    kept = (ROOT / "completions" / f"sockutil.{shell}").read_text()
    assert kept == answer("help", "--completion", shell), "make completions"


@pytest.mark.parametrize("shell,check", [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])])
def test_completion_scripts_are_scripts(shell, check):
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"no {shell}")
    done = subprocess.run(
        [program, *check, ROOT / "completions" / f"sockutil.{shell}"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def bash_completes(*words, folder=ROOT):
    """What bash offers for the last of words; '=' is a word of its own, as readline cuts it."""
    script = """
    source "$1"; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sockutil
    ((${#COMPREPLY[@]} == 0)) || printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ["bash", "-c", script, "bash", ROOT / "completions" / "sockutil.bash", "sockutil", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_bash_completion_works(tmp_path):
    (tmp_path / "our cert.pem").touch()
    (tmp_path / "other").touch()
    assert bash_completes("con") == ["connect"]
    assert set(bash_completes("")) == {*COMMANDS, "--help", "--version"}
    assert bash_completes("connect", "--timeo") == ["--timeout"]
    assert bash_completes("connect", "--color", "a") == ["auto", "always"]
    assert bash_completes("connect", "--color", "=") == ["auto", "always", "never"]
    assert bash_completes("connect", "--color", "=", "n") == ["never"]
    assert bash_completes("serve", "80", "--cert", "our", folder=tmp_path) == ["our cert.pem"]
    assert bash_completes("connect", "-w", "") == []
    assert bash_completes("help", "con") == ["connect"]
    assert bash_completes("help", "--completion", "z") == ["zsh"]
    assert {"-w", "--timeout", "--help-all"} <= set(bash_completes("connect", "-"))
    assert "--responder" not in bash_completes("connect", "--")


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish")
def test_fish_completion_works(tmp_path):
    def completes(line):
        script = f'source {ROOT}/completions/sockutil.fish; complete -C "{line}"'
        done = subprocess.run(
            ["fish", "--no-config", "-c", script],
            env={**os.environ, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return [offer.split("\t")[0] for offer in done.stdout.splitlines()]

    assert completes("sockutil con") == ["connect"]
    assert completes("sockutil connect --timeo") == ["--timeout="] or completes("sockutil connect --timeo") == ["--timeout"]
    assert set(completes("sockutil connect --color ")) == {"auto", "always", "never"}
    assert completes("sockutil help ser") == ["serve"]


# --- progress ---------------------------------------------------------------------------------------


@pytest.fixture
def sink():
    """The port of a server that reads one connection to its end."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drain():
            connection, _ = server.accept()
            with connection:
                while connection.recv(1 << 16):
                    pass

        thread = threading.Thread(target=drain, daemon=True)
        thread.start()
        yield str(server.getsockname()[1])
        thread.join(30)


def test_progress_on_a_terminal_is_one_line_and_erased(sink, tmp_path):
    (tmp_path / "input").write_bytes(b"x" * (4 << 20))
    terminal, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 70, 0, 0))
    words = ["connect", "-v", "--progress", "--limit-rate", "8M", "--input", str(tmp_path / "input"), "127.0.0.1", sink]
    with subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "TERM": "xterm"}) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(terminal, 1 << 16):
                shown += piece
        except OSError:  # the other side is closed
            pass
    os.close(terminal)
    assert process.returncode == 0, shown
    drawn = [line for line in shown.split(b"\r\x1b[K") if re.match(rb" *\d+% \[[=> ]+\] .* of 4 MiB ", line)]
    assert drawn, shown
    assert max(len(line.split(b"\r\n")[0]) for line in drawn) < 70
    assert b"\r\x1b[Ksockutil connect: " in shown, "a message stands on a line of its own"
    last = shown.rsplit(b"\r\x1b[K", 1)[1]
    assert b"%" not in last, "erased at the end"


def test_progress_off_a_terminal_is_silent_when_it_is_short(sink, tmp_path):
    (tmp_path / "input").write_bytes(b"x" * 1000)
    done = run("connect", "--progress", "--input", str(tmp_path / "input"), "127.0.0.1", sink)
    assert (done.returncode, done.stderr) == (0, "")
