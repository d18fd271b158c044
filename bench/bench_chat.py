# SPDX-License-Identifier: MIT
"""The rows of `sockutil chat`, beside ncat --chat: rooms full of people, idle ones, and those who never read."""
import os
import pathlib
import shutil
import subprocess
import tempfile

from common import HERE, HOST, Failed, Process, cpu_seconds, free_port, wait_listening

LARGEST = 1000  # ncat asks select(2), which knows 1024 descriptors
LINE = 64


def chatgen(bench):
    program = bench.folder / "chatgen"
    if not program.exists():
        subprocess.run([os.environ.get("CC", "cc"), "-std=c17", "-D_GNU_SOURCE", "-O2", "-o", program,
                        HERE / "chatgen.c"], check=True)
    return program


def pinned(core):
    """Server and load have a core each where there are two: what one needs is not the other one's."""
    return ["taskset", "-c", str(core)] if os.cpu_count() > 1 and shutil.which("taskset") else []


def own_memory(pid):
    """KiB that nobody else can share."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("RssAnon:"))


def room(bench, name, members):
    """A chat for so many; its process, its port, and how one joins."""
    port = free_port()
    if name.startswith("sockutil"):
        argv, kind = [bench.program, "chat", "-q", "--listen", "--headless", "--max-members", members, f"{HOST}:{port}"], "nick"
    else:
        argv, kind = ["ncat", "-l", "--chat", "-m", members, HOST, port], "bare"
    server = Process([*pinned(0), *argv])
    wait_listening(port, server)
    return server, port, kind


def talk(bench, server, port, kind, members, silent, talkers, line, seconds, *rates):
    """What each rate gave; `cpu`: of the server, in per cent of a core."""
    with tempfile.TemporaryFile() as out:
        load = Process([*pinned(1), chatgen(bench), "talk", port, kind, members, silent, talkers, line, seconds, *rates],
                       stdout=out)
        load.wait(120 + 10 * seconds * len(rates))
        if load.popen.returncode != 0:
            raise Failed(f"{load.message()} {server.message()}")
        out.seek(0)
        return [{k: float(v) for k, v in (word.split("=") for word in text.split())}
                for text in out.read().decode().splitlines()]


def peers(*more):
    names = ["sockutil", *more]
    if shutil.which("ncat"):
        names += ["ncat --chat", *("ncat --chat" + n.removeprefix("sockutil") for n in more)]
    else:
        print("# ncat: not installed")
    return dict.fromkeys(names)


def row_chat(bench):
    members, seconds = LARGEST, 4 if bench.quick else 10

    def once(name):
        server, port, kind = room(bench, name, members)
        used = cpu_seconds(server.pid)
        got = talk(bench, server, port, kind, members, 0, members, LINE, seconds, 100)[0]
        used = cpu_seconds(server.pid) - used
        return got["each_second"], got["p50_us"] / 1000, got["p99_us"] / 1000, used, got["missing"]
    m = bench.compare(f"{members} members, 100 lines a second to all, {seconds} s",
                      ["deliveries/s", "p50 ms", "p99 ms", "CPU s", "missing"], peers(), once)
    ours = m.get("sockutil")
    bench.reach("our p99", ours and ours[2], None, "<=", 50, " ms")
    bench.reach("our missing deliveries", ours and ours[4], None, "<=", 0, "")


def row_chat_most(bench):
    """Lines a second are raised until one in a hundred is 50 ms late."""
    members = LARGEST
    rates = [100, 200, 300, 400, 600, 800, 1000, 1500, 2000, 2500, 3000, 4000]  # a member may say five a second

    def once(name):
        server, port, kind = room(bench, name, members)
        # ncat is far below: it begins lower
        steps = rates if name == "sockutil" else [10, 20, 30, 50, 70, *rates]
        good = [g for g in talk(bench, server, port, kind, members, 0, members, LINE, 2 if bench.quick else 4, *steps)
                if g["missing"] == 0 and g["p99_us"] < 50000]
        if not good:
            return 0.0, 0.0, 0.0
        return good[-1]["each_second"], good[-1]["rate"], good[-1]["p99_us"] / 1000
    m = bench.compare(f"{members} members, as many lines a second as come with p99 < 50 ms",
                      ["deliveries/s", "lines/s", "p99 ms"], peers(), once)
    ours = m.get("sockutil")
    bench.reach("our deliveries/s", ours and ours[0], None, ">=", 300000, "")
    bench.ratio("deliveries/s", m, "ncat --chat", 0, ">=", 1)


def row_chat_idle(bench):
    """Members that have said their nick and nothing else."""
    wanted = {"sockutil": 2000 if bench.quick else 5000, "ncat --chat": LARGEST}

    def once(name):
        server, port, kind = room(bench, name, wanted[name])
        before = own_memory(server.pid)
        read_end, write_end = os.pipe()
        out_read, out_write = os.pipe()
        Process([chatgen(bench), "idle", port, kind, wanted[name]], stdin=read_end, stdout=out_write)
        os.close(read_end)
        os.close(out_write)
        try:
            held = int((os.read(out_read, 100) or b"=0").split(b"=")[1])
            if held < wanted[name]:
                raise Failed(f"only {held} of {wanted[name]} members were held")
            return (own_memory(server.pid) - before) / held, float(held)
        finally:
            os.close(write_end)
            os.close(out_read)
    m = bench.compare("Idle members", ["KiB each", "members"], peers(), once)
    ours = m.get("sockutil")
    bench.reach("our memory of a member", ours and ours[0], None, "<=", 4, " KiB")


def row_chat_silent(bench):
    """Two talk in long lines; a hundred others never read one."""
    seconds = 8 if bench.quick else 15

    def once(name):
        server, port, kind = room(bench, name, 150)
        silent = 0 if name.endswith("without them") else 100
        got = talk(bench, server, port, kind, 2, silent, 2, 3900, seconds, 8)[0]
        return got["p99_us"] / 1000, got["p50_us"] / 1000, got["missing"], got["unsaid"]
    m = bench.compare(f"100 members that never read, 2 talk: 8 lines of 3900 bytes a second, {seconds} s",
                      ["p99 ms", "p50 ms", "never heard", "never said"], peers("sockutil, without them"), once)
    ours, alone = m.get("sockutil"), m.get("sockutil, without them")
    bench.reach("what they add to our p99", ours and alone and ours[0] - alone[0], None, "<=", 5, " ms")
    bench.reach("never heard of ours", ours and ours[2], None, "<=", 0, "")


ROWS = {"chat": row_chat, "chat-most": row_chat_most, "chat-idle": row_chat_idle, "chat-silent": row_chat_silent}
