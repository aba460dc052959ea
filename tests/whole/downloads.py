# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Downloads of a run: ahead of the steps that need them, cut, killed, refused, on a full disk; the right file or a card."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has, skip, long_run  # noqa: E402
from world import World, ENGINE  # noqa: E402

SEED = int(os.environ.get("ESS_SEED", "11"))
CACHE = "/var/cache/ess-setup"
IMAGES = "/var/lib/rancher/k3s/agent/images"
ASSETS = "release-assets.githubusercontent.com"
SLOW_IMAGES = {"match": {"host": ASSETS, "path": "airgap"}, "action": "slow", "rate": 60000, "times": 0}
SLOW_K3S = {"match": {"host": ASSETS, "path": "/k3s"}, "action": "slow", "rate": 60000, "times": 0}


def run(w, until="k3s"):
    w.request(until)
    return w.engine("run").returncode


def begin(w, until="k3s"):
    w.request(until)
    return subprocess.Popen([ENGINE, "run"], env={**w.env, "ESS_SETUP_ROOT": w.dir}, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def reached(w, step):
    try:
        return step in w.applied()
    except (OSError, ValueError):  # not there yet, or its last line not whole
        return False


def fault(w):
    return next(e["error"]["card"] for e in w.events() if e["type"] == "step.end" and e["result"] == "failed")


def asked(w, part):
    """Requests whose URL has this in it, in the order of their answers."""
    return [c["argv"] for c in w.calls() if c["tool"] == "http" and part in c["argv"][1]]


def parts(w):
    folder = w.path(CACHE)
    return {n: os.path.getsize(f"{folder}/{n}") for n in os.listdir(folder) if n.endswith(".part")} \
        if os.path.isdir(folder) else {}


def growing(w, name):
    return any(name in n and size > 0 for n, size in parts(w).items())


def helpers(w):
    """Processes that fetch for this world."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f, open(f"/proc/{pid}/environ", "rb") as g:
                if b"ess-engine\0fetch" in f.read() and w.dir.encode() + b"\0" in g.read() + b"\0":
                    with open(f"/proc/{pid}/stat", encoding="utf-8") as h:
                        found += [int(pid)] if h.read().rsplit(")", 1)[1].split()[0] != "Z" else []
        except OSError:
            pass
    return found


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def artefact(w, prefix):
    """What the world has to give under this name."""
    made = json.loads(w.read("/world/artefacts.json"))
    version = w.state()["facts"]["supply.k3s.version"]
    return made[f"{prefix}-{version}"]["sha256"]


def assert_right(w):
    """K3s and its images are the right ones, in their places, and nothing half is left."""
    equal(sha256(w.path("/usr/local/bin/k3s")), artefact(w, "k3s"), "k3s")
    (name,) = os.listdir(w.path(IMAGES))
    equal(sha256(w.path(f"{IMAGES}/{name}")), artefact(w, "k3s-airgap-images"), "images")
    equal(parts(w), {}, "parts")


@test
def ahead():
    """everything is on its way from supply on, once; the steps that need none of it do not wait for it"""
    with World() as w:
        w.prepare()
        w.scenario([SLOW_IMAGES])
        p = begin(w)
        w.wait_for(lambda: reached(w, "k3s"))
        assert growing(w, "airgap"), "the images should still be coming in when k3s begins"
        equal(p.wait(120), 0, w.log_tail())
        assert_right(w)
        for part in (f"{ASSETS}/github-production-release-asset", "install.sh", ".tar.gz"):
            urls = [a[1] for a in asked(w, part) if "sha256" not in a[1] and a[0] != "HEAD"]
            equal(len(urls), len(set(urls)), f"asked for twice: {urls}")
        log = w.read("/var/log/ess-setup/current/install.log")
        has(log, "was fetched ahead")
        equal(helpers(w), [])
        # They lie there before K3s is started, which takes them in only then.
        calls = [c["argv"] for c in w.calls() if c["tool"] == "systemctl" and "start" in c["argv"]]
        equal(len(calls), 1, calls)
        has(log, f"install: {IMAGES}")
        assert log.index(f"install: {IMAGES}") < log.index("systemctl start --no-block k3s"), log


@test
def progress():
    """who waits for a slow file sees how much of it is there, and how fast it comes"""
    with World() as w:
        w.prepare()
        w.scenario([SLOW_IMAGES])
        equal(run(w), 0, w.log_tail())
        said = [e for e in w.events() if e["type"] == "step.progress" and "of %s MiB" in e["msgid"]]
        assert said, "no progress of a download"
        has(said[-1]["args"][0], "K3s", "whose")
        equal(said[-1]["args"][2], "0.2", "of how much")
        assert any("left" in e["msgid"] and "KiB/s" in " ".join(e["args"]) for e in said), said
        assert all(-1 <= e["percent"] <= 100 for e in said), said


@test
def plan():
    """the plan lists each download with the step that waits for it, and fetches nothing"""
    with World() as w:
        plan = json.loads(w.setup("plan", "--json", status=0).stdout)
        at = {s["id"]: [d["path"] for d in s.get("downloads", [])] for s in plan["steps"]}
        equal(sorted(n.split("/")[-1].split("-")[0] for n in at["supply"]), ["cert", "helm", "matrix"])
        equal(len(at["k3s"]), 3, at["k3s"])
        assert not os.path.isdir(w.path(CACHE)) and not helpers(w)


@test
def engine_killed():
    """SIGKILL of the engine ends the head start with it; the next run goes on with what came in"""
    with World() as w:
        w.prepare()
        w.scenario([SLOW_IMAGES, SLOW_K3S])
        p = begin(w)
        w.wait_for(lambda: growing(w, "airgap") and growing(w, "k3s-v"))
        assert helpers(w)
        p.send_signal(signal.SIGKILL)
        p.wait()
        w.wait_for(lambda: not helpers(w), 10)
        assert growing(w, "airgap") and growing(w, "k3s-v"), parts(w)
        w.scenario([])
        w.forget_calls()
        equal(run(w), 0, w.log_tail())
        assert_right(w)
        for part in ("airgap", "/k3s"):
            ranges = [a[2] for a in asked(w, ASSETS) if part in a[1] and len(a) > 2]
            assert ranges and all(r.startswith("bytes=") and r != "bytes=0-" for r in ranges), (part, ranges)


@test
def head_start_killed():
    """SIGKILL of the processes that fetch ahead costs nothing: the steps get their files themselves"""
    with World() as w:
        w.prepare()
        w.scenario([SLOW_IMAGES, SLOW_K3S])
        p = begin(w)
        w.wait_for(lambda: growing(w, "airgap"))
        for pid in helpers(w):
            os.kill(pid, signal.SIGKILL)
        w.scenario([])
        equal(p.wait(120), 0, w.log_tail())
        assert_right(w)


@test
def cancelled():
    """cancel while a download is waited for: 130 at once, nothing goes on, the next run does"""
    with World() as w:
        w.prepare()
        w.scenario([{**SLOW_K3S, "rate": 20000}])
        p = begin(w)
        w.wait_for(lambda: reached(w, "k3s") and growing(w, "k3s-v"))
        p.send_signal(signal.SIGTERM)
        equal(p.wait(20), 130)
        equal(helpers(w), [])
        assert growing(w, "k3s-v"), parts(w)
        w.scenario([])
        equal(run(w), 0, w.log_tail())
        assert_right(w)


@test
def two_queues():
    """two processes that are to fetch the same file fetch it once"""
    with World() as w:
        w.prepare()
        equal(run(w, "supply"), 0, w.log_tail())
        item = w.state()["facts"]["supply.k3s.files"]["binary"]
        path = w.path(item["path"])
        for name in (path, path + ".part"):
            if os.path.exists(name):
                os.unlink(name)
        w.scenario([SLOW_K3S])
        w.forget_calls()
        ps = [subprocess.Popen([ENGINE, "fetch"], env={**w.env, "ESS_SETUP_ROOT": w.dir}, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)]
        for p in ps:
            p.stdin.write(json.dumps([item]) + "\n")
            p.stdin.close()
        said = [p.stdout.read() for p in ps]
        equal([p.wait(60) for p in ps], [0, 0])
        equal(sha256(path), item["sha256"])
        equal(len([a for a in asked(w, ASSETS)]), 1, "requests")
        equal(sorted(len(s.splitlines()) for s in said), [0, 1], said)


@test
def orphan():
    """a head start whose engine is gone already does not begin"""
    with World() as w:
        w.prepare()
        p = subprocess.run([ENGINE, "fetch", "--with", "1"], env={**w.env, "ESS_SETUP_ROOT": w.dir}, input="[]\n",
                           capture_output=True, text=True, timeout=20)
        equal(p.returncode, 1)
        equal(w.engine("fetch", "--nonsense").returncode, 2)


@test
def wrong_files():
    """a page, a way to http, a refusal, a wrong file: each its card, and the next run mends it"""
    k3s = {"host": ASSETS, "path": "/k3s"}
    cases = {"page": ({"match": k3s, "action": "html", "times": 0}, "E-NET-009"),
             "to http": ({"match": k3s, "action": "redirect", "location": f"http://{ASSETS}/k3s", "times": 0}, "E-NET-006"),
             "refused": ({"match": k3s, "action": "fail", "status": 403, "times": 0}, "E-NET-007"),
             "wrong": ({"match": k3s, "action": "fail", "status": 200, "body": "\x7fELF", "times": 0}, "E-NET-008")}
    with World() as w:
        w.prepare()
        for name, (rule, card) in cases.items():
            w.scenario([rule])
            equal(run(w), 1, name)
            equal(fault(w), card, name)
            assert not os.path.exists(w.path("/usr/local/bin/k3s")), name
        w.scenario([])
        equal(run(w), 0, w.log_tail())
        assert_right(w)


@test
def cut_once():
    """a connection that breaks in the middle of a file is gone on with there"""
    with World() as w:
        w.prepare()
        w.scenario([{"match": {"host": ASSETS, "path": "/k3s"}, "action": "cut", "bytes": 90000, "times": 2},  # the HEAD before it
                    {"match": {"host": ASSETS, "path": "airgap"}, "action": "cut", "bytes": 20000}])
        equal(run(w), 0, w.log_tail())
        assert_right(w)
        ranges = sorted(a[2] for a in asked(w, ASSETS) if len(a) > 2)
        assert ranges == ["bytes=20000-", "bytes=90000-"] or ranges == ["bytes=90000-"], ranges


@test
def ten_of_ten():
    """whatever the line does, a run ends with the right files or with a card, and the next one with the right files"""
    dice = random.Random(SEED)
    for n in range(10 if long_run() else 3):
        rules = [{"match": {"host": ASSETS, "path": path}, "times": dice.randint(1, 3), **dice.choice([
            {"action": "cut", "bytes": dice.randrange(200000)}, {"action": "close"}, {"action": "html"},
            {"action": "fail", "status": dice.choice([403, 404, 429, 500, 503])},
            {"action": "fail", "status": 200, "body": "another file"},
            {"action": "redirect", "location": "http://login.example/"},
            {"action": "slow", "rate": 80000}])} for path in ("airgap", "/k3s", "/k3s")]
        with World() as w:
            w.prepare()
            w.scenario(rules)
            status = run(w)
            assert status in (0, 1), (SEED, n, rules, status)
            if status:
                assert fault(w).startswith(("E-NET-0", "E-SRC-001")), (SEED, n, rules, fault(w))
            assert os.path.exists(w.path("/usr/local/bin/k3s")) == (status == 0), (SEED, n, rules)
            w.scenario([])
            equal(run(w), 0, f"{SEED} {n} {rules} {w.log_tail()}")
            equal(sha256(w.path("/usr/local/bin/k3s")), artefact(w, "k3s"), f"{SEED} {n} {rules}")
            for name in os.listdir(w.path(IMAGES)) if os.path.isdir(w.path(IMAGES)) else []:
                equal(sha256(w.path(f"{IMAGES}/{name}")), artefact(w, "k3s-airgap-images"), f"{SEED} {n} {rules}")


@test
def plain_mirror():
    """a mirror that is named by http:// is asked so, and trusted no more than others"""
    with World() as w:
        w.setup("config", "set", "mirrors.helm", "http://get.helm.sh", status=0)
        w.prepare()
        equal(run(w, "helm"), 0, w.log_tail())
        assert [a for a in asked(w, "http://get.helm.sh") if a[1].endswith(".tar.gz")], w.calls()
        assert not asked(w, "https://get.helm.sh") and not asked(w, "http://github.com")


@test
def without_images():
    """K3s goes without its images where the source has none, or a mirror for Docker Hub makes them senseless"""
    with World() as w:
        w.prepare()
        w.scenario([{"match": {"host": ASSETS, "path": "airgap"}, "action": "fail", "status": 404, "times": 0}])
        equal(run(w), 0, w.log_tail())
        assert not os.path.isdir(w.path(IMAGES)) or not os.listdir(w.path(IMAGES))
        has(w.read("/var/log/ess-setup/current/install.log"), "will pull its images by itself")
    with World() as w:
        w.setup("config", "set", "mirrors.docker_io", "https://registry-1.docker.io", status=0)
        w.prepare()
        equal(run(w), 0, w.log_tail())
        equal(asked(w, "airgap"), [])


@test
def disk_full():
    """a full cache stops the step that needs the file with that reason; with room it goes on"""
    with World() as w:
        w.prepare()
        os.makedirs(w.path(CACHE))
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", w.path(CACHE)],
                          capture_output=True).returncode != 0:
            skip("no right to mount a small tmpfs")
        try:
            equal(run(w), 1)
            equal(fault(w), "E-FS-002", w.log_tail())
            subprocess.run(["mount", "-o", "remount,size=64m", w.path(CACHE)], check=True)
            equal(run(w), 0, w.log_tail())
            assert_right(w)
        finally:
            subprocess.run(["umount", w.path(CACHE)])


if __name__ == "__main__":
    main()
