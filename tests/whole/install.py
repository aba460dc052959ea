# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The whole install job in the rehearsal world: it runs, says so, and a second run changes nothing."""

import json
import os
import stat
import subprocess
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has  # noqa: E402
from world import World, STEPS, ENGINE  # noqa: E402

w = World()


def tree():
    """Every file of the simulated machine but the world's own."""
    return sorted(os.path.join(f, n) for f, _, names in os.walk(w.dir) for n in names
                  if not f.startswith(w.path("/world")))


@test
def plan_before():
    """plan on a bare machine lists every step with its commands and files, and changes nothing"""
    w.setup("plan", "--json", status=0)  # the frontend's own files: request, the world's token
    before = tree()
    w.forget_calls()
    plan = json.loads(w.setup("plan", "--json", status=0).stdout)
    equal([s["id"] for s in plan["steps"]], STEPS)
    equal({s["id"]: s["action"] for s in plan["steps"]}, dict.fromkeys(STEPS, "apply"))
    files = {f["path"] for s in plan["steps"] for f in s.get("files", [])}
    commands = [" ".join(c) for s in plan["steps"] for c in s.get("commands", [])]
    assert "/etc/rancher/k3s/config.yaml" in files, files
    assert "/var/lib/ess-setup/generated/values.json" in files, files
    assert any("helm upgrade --install ess" in c for c in commands), commands
    assert any(c.startswith("apt-get") for c in commands), commands
    equal(w.mutating(), [])
    equal(tree(), before)


@test
def runs_to_its_end():
    """apply runs all 18 steps and ends with 0"""
    w.apply()
    equal(w.steps(), dict.fromkeys(STEPS, "done"))
    equal(w.state()["run"]["status"], "done")
    # What an earlier step brought about as well is found and taken over, not done again.
    equal([s for s in STEPS if w.results()[s] not in ("done", "skipped")], [])
    assert set(STEPS) - set(w.applied()) <= {"traefik", "ess-ready", "certificates", "verify"}, w.applied()


@test
def status_json():
    """status --json has the shape that the contract names"""
    st = json.loads(w.setup("status", "--json", status=0).stdout)
    equal(sorted(st), ["job", "status", "steps"])
    equal((st["job"], st["status"]), ("install", "done"))
    equal([s["id"] for s in st["steps"]], STEPS)
    for s in st["steps"]:
        equal(sorted(s), sorted(["id", "number", "title", "status", "attempts", "elapsed_ms", "error"]))
        equal((s["status"], s["error"]), ("done", None), s["id"])
        equal(s["attempts"], 1 if s["id"] in w.applied() else 0, s["id"])


@test
def second_run():
    """a second run skips every step, runs no command that changes anything, and ends with 0"""
    w.forget_calls()
    w.apply()
    equal(w.applied(), [])
    equal(w.results(), dict.fromkeys(STEPS, "skipped"))
    equal(w.mutating(), [])


@test
def plan_after():
    """plan after the installation skips every step"""
    plan = json.loads(w.setup("plan", "--json", status=0).stdout)
    equal({s["id"]: s["action"] for s in plan["steps"]}, dict.fromkeys(STEPS, "skip"))


@test
def modes():
    """every file of a run that could hold a secret is for root alone"""
    for top in ("/var/lib/ess-setup", "/var/log/ess-setup"):
        for folder, _, names in os.walk(w.path(top)):
            for name in names:
                p = os.path.join(folder, name)
                if not os.path.islink(p):
                    mode = stat.S_IMODE(os.stat(p).st_mode)
                    assert mode & 0o077 == 0 or "/helm/" in p, (p, oct(mode))
    equal(stat.S_IMODE(os.stat(w.path("/var/lib/ess-setup/key")).st_mode), 0o400)


@test
def events_are_lines():
    """events.jsonl: numbered, bounded lines of JSON from run.begin to run.end"""
    raw = open(w.path("/var/log/ess-setup/current/events.jsonl"), "rb").read()
    assert raw.endswith(b"\n")
    assert all(len(line) < 8192 for line in raw.split(b"\n"))
    ev = w.events()
    equal([e["seq"] for e in ev], list(range(len(ev))))
    equal((ev[0]["type"], ev[-1]["type"]), ("run.begin", "run.end"))
    assert all(e["v"] == 1 and e["t"] > 0 for e in ev)


@test
def two_engines():
    """a second engine ends with 75 and names the first"""
    hold = subprocess.Popen([sys.executable, "-c", HOLD, w.path("/run/ess-setup/lock")],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    hold.stdout.readline()
    p = w.setup("apply", "--yes", "--foreground")
    equal(p.returncode, 75)
    has(p.stdout + p.stderr, str(hold.pid))
    equal(w.engine("run").returncode, 75)
    hold.stdin.close()
    hold.wait()


# Takes the lock as the engine does: an open file description lock, with the pid as text.
HOLD = r"""
import fcntl, os, struct, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
os.ftruncate(fd, 0)
os.pwrite(fd, b"%d\n" % os.getpid(), 0)
print("held", flush=True)
sys.stdin.read()
"""


@test
def broken_state():
    """an unreadable state.json ends with 2 and stays as it is"""
    whole = w.read("/var/lib/ess-setup/state.json")
    for bad in (whole[:len(whole) // 2], "", "[]", whole.replace('"steps"', '"stops"')):
        w.write("/var/lib/ess-setup/state.json", bad)
        p = w.setup("apply", "--yes", "--foreground", status=2)
        has(p.stdout + p.stderr, "state.json")
        equal(w.setup("status").returncode, 2)
        equal(w.read("/var/lib/ess-setup/state.json"), bad)
    w.write("/var/lib/ess-setup/state.json", whole)
    os.chmod(w.path("/var/lib/ess-setup/state.json"), 0o600)
    w.apply()


@test
def runs_detached():
    """apply without --foreground starts an engine that outlives it; attach shows its end"""
    w.setup("config", "set", "synapse.max_upload_size", "60M", status=0)
    w.setup("apply", "--yes", status=0)
    p = w.setup("attach", status=0)
    equal(w.state()["run"]["status"], "done")
    assert p.stdout.strip()


if __name__ == "__main__":
    main()
