# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Starting, watching, leaving and ending a run: whatever happens to the frontend, the run goes on."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

SRC, BUILD = os.environ["ESS_SRC"], os.environ["ESS_BUILD"]
sys.path.insert(0, f"{SRC}/tests/lib")
from tap import equal, has, main, test  # noqa: E402

PATIENCE = 30


class Machine:
    """A configured root and the slow engine in place of the real one."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="ess-front-")
        os.mkdir(f"{self.root}/libexec")
        os.symlink(f"{SRC}/tests/lib/slow-engine.py", f"{self.root}/libexec/ess-engine")
        self.env = {"PATH": "/usr/bin:/bin", "ESS_SETUP_ROOT": self.root, "HOME": self.root,
                    "ESS_SETUP_LIBEXEC": f"{self.root}/libexec", "PYTHONDONTWRITEBYTECODE": "1"}
        for key, value in (("domains.server_name", "smith-family.net"), ("certificates.email", "me@smith-family.net")):
            self.run("config", "set", key, value)
        self.run("config", "set", "cloudflare.token", "-", stdin="Zk3vQ9xT1mB7nL5cR2wD8fH4gJ6pS0aYtUeXiOqK")

    def run(self, *argv, stdin=""):
        return subprocess.run([f"{BUILD}/ess-setup", *argv], input=stdin, env=self.env, text=True,
                              capture_output=True, timeout=PATIENCE)

    def start(self, *argv):
        return subprocess.Popen([f"{BUILD}/ess-setup", *argv], env=self.env, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

    def go(self, how):
        with open(f"{self.root}/.go", "w") as f:
            f.write(how)
        os.rename(f"{self.root}/.go", f"{self.root}/go")

    def engine(self):
        pid = int(open(f"{self.root}/run/ess-setup/lock").read())
        with open(f"/proc/{pid}/cmdline") as f:
            has(f.read(), "ess-engine", "the lock's process")
        return pid


def until(process, words):
    """Reads the frontend's lines up to the one with these words."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"{words!r} never came: {lines} {process.stderr.read()}")


def gone(pid):
    for _ in range(PATIENCE * 50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if open(f"/proc/{pid}/stat").read().split()[2] == "Z":
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} did not end")


@test
def watched_to_the_end():
    """apply shows each step and ends with the run's status"""
    for how, status, words in (("done", 0, "All done"), ("degraded", 3, "not essential"), ("failed", 1, "E-CF-004")):
        m = Machine()
        p = m.start("apply", "--yes")
        seen = until(p, "K3s: 7 MiB")
        has(seen, "[1/2] 10 Look at the machine: nothing to do")
        has(seen, "[2/2] 15 Choose versions")
        m.go(how)
        out, err = p.communicate(timeout=PATIENCE)
        equal(p.returncode, status, how)
        has(out + err, words)
        has(out, "1:01")


@test
def events_for_programs():
    """with --json each line is one event"""
    m = Machine()
    m.go("done")
    r = m.run("apply", "--yes", "--json")
    equal(r.returncode, 0, r.stderr)
    types = [json.loads(line)["type"] for line in r.stdout.splitlines()]
    equal((types[0], types[-1]), ("run.begin", "run.end"))


@test
def leaving_is_not_ending():
    """^C, a hang-up, SIGTERM and SIGKILL of the frontend leave the run alone; attach shows all of it again"""
    for sig, status in ((signal.SIGINT, 0), (signal.SIGHUP, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -9)):
        m = Machine()
        p = m.start("apply", "--yes")
        until(p, "K3s: 7 MiB")
        os.killpg(p.pid, sig)
        out, err = p.communicate(timeout=PATIENCE)
        equal(p.returncode, status, sig)
        if sig != signal.SIGKILL:
            has(out, "goes on in the background")
        m.engine()
        equal(m.run("apply", "--yes").returncode, 75, "a second run")
        q = m.start("attach")
        has(until(q, "K3s: 7 MiB"), "[1/2] 10")
        m.go("done")
        out, err = q.communicate(timeout=PATIENCE)
        equal((q.returncode, "All done" in out), (0, True), err)


@test
def closed_pipe():
    """when nobody reads its lines any more, the frontend ends and the run goes on"""
    m = Machine()
    p = m.start("apply", "--yes")
    until(p, "K3s: 7 MiB")
    pid = m.engine()
    p.stdout.close()
    m.go("done")
    p.wait(timeout=PATIENCE)
    gone(pid)
    last = open(f"{m.root}/var/log/ess-setup/current/events.jsonl").read().splitlines()[-1]
    equal(json.loads(last)["status"], "done")


@test
def cancel():
    """cancel ends the run and waits for its end; who watches is told, with status 130"""
    m = Machine()
    p = m.start("apply", "--yes")
    until(p, "K3s: 7 MiB")
    pid = m.engine()
    r = m.run("cancel")
    equal(r.returncode, 0, r.stderr)
    has(r.stdout, "continue with: ess-setup apply")
    gone(pid)
    out, _ = p.communicate(timeout=PATIENCE)
    equal(p.returncode, 130, out)
    equal(m.run("cancel").returncode, 1, "nothing to cancel")


@test
def engine_killed():
    """an engine that dies without a word is noticed, and said"""
    for argv in (["apply", "--yes"], ["apply", "--yes", "--foreground"]):
        m = Machine()
        p = m.start(*argv)
        until(p, "K3s: 7 MiB")
        os.kill(m.engine(), signal.SIGKILL)
        out, err = p.communicate(timeout=PATIENCE)
        equal(p.returncode in (1, 137), True, p.returncode)
        has(err, "E-RUN-007")


@test
def foreground():
    """--foreground shows the same and ends with the engine's status; ^C cancels"""
    for how, status in (("done", 0), ("degraded", 3), ("failed", 1)):
        m = Machine()
        p = m.start("apply", "--yes", "--foreground")
        until(p, "K3s: 7 MiB")
        m.go(how)
        out, err = p.communicate(timeout=PATIENCE)
        equal(p.returncode, status, how + err)
    m = Machine()
    p = m.start("apply", "--yes", "--foreground")
    until(p, "K3s: 7 MiB")
    os.killpg(p.pid, signal.SIGINT)
    out, err = p.communicate(timeout=PATIENCE)
    equal(p.returncode, 130, out + err)
    has(out, "Cancelled")


@test
def engine_refuses():
    """an engine that ends at once is not waited for"""
    m = Machine()
    os.remove(f"{m.root}/libexec/ess-engine")
    os.symlink("/bin/false", f"{m.root}/libexec/ess-engine")
    for argv in (["apply", "--yes"], ["apply", "--yes", "--foreground"]):
        r = m.run(*argv)
        equal(r.returncode, 1, argv)
        has(r.stderr, "E-RUN-005", argv)
    os.remove(f"{m.root}/libexec/ess-engine")
    for argv in (["status"], ["plan"], ["apply", "--yes"]):
        has(m.run(*argv).stderr, "E-RUN-005", argv)


main()
