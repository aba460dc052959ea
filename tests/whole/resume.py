# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The engine killed anywhere goes on where it stood and ends in the same state."""

import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, skip, long_run  # noqa: E402
from world import World, STEPS  # noqa: E402

SEED = int(os.environ.get("ESS_SEED", "7"))


def digest(path, w):
    """Of a file's content, without what names this world: its folder and its ports."""
    data = open(path, "rb").read().replace(w.dir.encode(), b"DIR")
    return hashlib.sha256(re.sub(rb"127\.0\.0\.1:\d+", b"WORLD", data)).hexdigest()


def end_state(w):
    """What an installation leaves, without what differs from run to run by nature."""
    st = w.state()
    steps = {k: {"status": v["status"], "facts": v["facts"]} for k, v in st["steps"].items()}
    files = {}
    for top in ("/var/lib/ess-setup/generated", "/etc/rancher", "/usr/local/bin", "/var/lib/rancher"):
        for folder, _, names in os.walk(w.path(top)):
            for name in names:
                p = os.path.join(folder, name)
                if not os.path.islink(p) and name != "k3s.yaml":
                    files[p[len(w.dir):]] = digest(p, w)
    # Pods, orders and the records of helm carry names of the moment.
    objects = sorted(k for k in w.cluster()["objects"]
                     if not k.startswith(("pods/", "orders.", "challenges.", "events/")) and "sh.helm.release" not in k)
    return {"steps": steps, "files": files, "objects": objects, "run": st["run"]["status"]}


def compare(w, want):
    got = end_state(w)
    equal(sorted(got["files"]), sorted(want["files"]))
    equal([f for f in want["files"] if got["files"][f] != want["files"][f]], [], "files")
    equal(got["run"], want["run"])
    equal(sorted(set(got["objects"]) ^ set(want["objects"])), [], "objects")
    # Release digests and addresses are the world's own; the ids of the steps and their words are ours.
    equal({k: v["status"] for k, v in got["steps"].items()},
          {k: v["status"] for k, v in want["steps"].items()})
    equal({k: sorted(v["facts"]) for k, v in got["steps"].items()},
          {k: sorted(v["facts"]) for k, v in want["steps"].items()})


def applied_over_all_runs(w):
    """{step: [result of each time it was applied]} over every run of this world."""
    seen = {}
    for run in w.runs():
        with open(w.path(f"/var/log/ess-setup/{run}/events.jsonl"), encoding="utf-8") as f:
            open_step = None
            for line in f:
                e = json.loads(line)
                if e["type"] == "step.start":
                    open_step = e["step"]
                    seen.setdefault(open_step, []).append("killed")
                elif e["type"] == "step.end" and e["step"] == open_step:
                    seen[open_step][-1] = e["result"]
                    open_step = None
    return seen


def reasons(w, step):
    """Why the engine applied a step, each time."""
    lines = []
    for run in w.runs():
        lines += [line for line in w.read(f"/var/log/ess-setup/{run}/install.log").splitlines()
                  if f" {step} engine: " in line]
    return lines


base = World()
base.apply()
WANT = end_state(base)


def kill_at_rename(w, n):
    """Runs the engine until its n-th rename, where it dies; True when it died."""
    p = w.engine("run", prefix=("strace", "-qq", "-o", "/dev/null", "-e",
                                f"inject=rename,renameat,renameat2:signal=KILL:when={n}"))
    return p.returncode != 0


@test
def every_boundary():
    """killed at one replacement of a file after the other: same end, nothing done is done again"""
    if not shutil.which("strace"):
        skip("strace is not installed")
    # The first run dies at its first rename, the next at its second, ...: every run gets one boundary
    # further than the one before it, whatever the steps in between wrote, until one reaches the end.
    for start in (range(1, 6) if long_run() else (1,)):
        with World() as w:
            w.prepare()
            deaths = 0
            while kill_at_rename(w, start + deaths):
                deaths += 1
                assert deaths < 200, "it never comes to its end"
            compare(w, WANT)
            assert deaths > 10, deaths
            for step, results in applied_over_all_runs(w).items():
                # Once its end was noted as done, no later run applied it again.
                if "done" in results:
                    equal(results.index("done"), len(results) - 1, f"{step} {results} {reasons(w, step)}")


@test
def inside_every_step():
    """killed by the n-th command that a step runs: same end, nothing skipped"""
    calls = base.calls()
    total = len(calls)
    points = range(1, total + 1) if long_run() else sorted(random.Random(SEED).sample(range(1, total), 8))
    for n in points:
        with World() as w:
            w.prepare()
            w.scenario([{"match": {"tool": "*", "nth": n}, "action": "kill-parent"}])
            first = w.engine("run")
            assert first.returncode == -9 or first.returncode == 0, (n, first.returncode, first.stdout)
            w.scenario([])
            again = w.engine("run")
            equal(again.returncode, 0, f"call {n} of {total} {calls[n - 1]}: {again.stdout} {w.log_tail()}")
            compare(w, WANT)


@test
def says_why():
    """the log tells a killed engine from a restarted machine by the boot id"""
    for other, words in ((False, "the engine was killed"), (True, "the machine restarted")):
        with World() as w:
            w.prepare()
            w.scenario([{"match": {"tool": "*", "nth": 9}, "action": "kill-parent"}])
            equal(w.engine("run").returncode, -9)
            if other:
                st = w.state()
                st["run"]["boot_id"] = "00000000-0000-0000-0000-000000000000"
                w.write("/var/lib/ess-setup/state.json", json.dumps(st))
            equal(w.engine("run").returncode, 0)
            assert words in w.read("/var/log/ess-setup/current/install.log"), words


@test
def cancel_and_go_on():
    """SIGTERM ends the run with 130 and 'cancelled'; the next run goes on"""
    with World() as w:
        w.prepare()
        w.scenario([{"match": {"tool": "k3s-install.sh"}, "action": "hang"}])
        p = subprocess.Popen([os.environ["ESS_BUILD"] + "/ess-engine", "run"], stdout=subprocess.PIPE,
                             env={**w.env, "ESS_SETUP_ROOT": w.dir}, text=True)
        w.wait_for(lambda: any(c["tool"] == "k3s-install.sh" for c in w.calls()))
        equal(w.setup("cancel").returncode, 0)
        equal(p.wait(60), 130)
        equal(w.state()["run"]["status"], "cancelled")
        w.scenario([])
        equal(w.engine("run").returncode, 0)
        compare(w, WANT)


@test
def disk_full():
    """a full disk while noting a result stops the run with that reason; with room again it goes on"""
    with World() as w:
        w.prepare()
        lib = w.path("/var/lib/ess-setup")
        keep = w.path("/kept")
        shutil.copytree(lib, keep)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", lib],
                          capture_output=True).returncode != 0:
            skip("no right to mount a small tmpfs")
        try:
            shutil.copytree(keep, lib, dirs_exist_ok=True)
            with open(f"{lib}/filler", "wb", buffering=0) as filler:
                try:
                    while filler.write(b"x" * 4096) == 4096:
                        pass
                except OSError:
                    pass
                # Room for the first results, not for all.
                filler.truncate(os.path.getsize(f"{lib}/filler") - 4 * 4096)
            p = w.engine("run")
            equal(p.returncode, 1, p.stdout)
            assert "E-FS-002" in p.stdout or "E-FS-002" in w.read("/var/log/ess-setup/current/events.jsonl")
            assert "done" in w.steps().values(), w.steps()
            os.unlink(f"{lib}/filler")
            subprocess.run(["mount", "-o", "remount,size=64m", lib], check=True)
            equal(w.engine("run").returncode, 0, w.log_tail())
            compare(w, WANT)
        finally:
            subprocess.run(["umount", lib])


if __name__ == "__main__":
    main()
