# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Files and streams that were damaged at random: the programs end with a status of theirs, within bounds of
time, say something, and keep what they had. ESS_SEED=N starts elsewhere, ESS_COUNT=N takes so many."""

import concurrent.futures
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import yaml

SRC, BUILD = os.environ["ESS_SRC"], os.environ["ESS_BUILD"]
sys.path.insert(0, f"{SRC}/tests/lib")
from tap import equal, long_run, main, test  # noqa: E402

SETUP, ENGINE, GATE = f"{BUILD}/ess-setup", f"{BUILD}/ess-engine", f"{BUILD}/tests/lib/gate"
SEED = int(os.environ.get("ESS_SEED", "1"))
COUNT = int(os.environ.get("ESS_COUNT", "1000" if long_run() else "40"))
TMP = tempfile.TemporaryDirectory(prefix="ess-fuzz-")

TOKENS = [b"&a ", b"*a", b"<<: ", b"- ", b": ", b":", b"\"", b"'", b"|\n", b">-\n", b"\t", b"\0", b"\xff\xfe", b"\xc3\x28",
          b"\xe2\x80\xa8", b"{", b"}", b"[", b"]", b"!!int ", b"!x ", b"%YAML 1.2\n", b"\n---\n", b"\n...\n", b"# ", b"$(id)",
          b"%s%n", b"null", b"~", b"-1", b"1e999", b"18446744073709551616", b"0x1f", b"\\u0000", b"\\ud800", b"A" * 5000,
          b"[" * 200, b"{\"a\":" * 200, b"a: &x [*x, *x]\n", b"\r\n", b"\xef\xbb\xbf", b":443", b":8443", b"https://"]


def damage(rng, data):
    """One to six small wounds: bytes changed, slices lost, doubled or exchanged, tokens put in."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        to = min(len(data), at + int(2 ** rng.uniform(0, 9)))
        what = rng.randrange(6)
        if what == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif what == 1:
            del data[at:to]
        elif what == 2:
            data[at:at] = data[at:to]
        elif what == 3:
            other = rng.randrange(len(data) + 1)
            data[other:other] = data[at:to]
        elif what == 4 and rng.random() < 0.3:
            del data[at:]
        else:
            data[at:at] = rng.choice(TOKENS)
    return bytes(data)


def run(argv, root, text=None):
    p = subprocess.run(argv, input=text, capture_output=True, timeout=30, env={
        "PATH": "/usr/bin:/bin", "ESS_SETUP_ROOT": root, "ESS_SETUP_LIBEXEC": BUILD, "LC_ALL": "C.UTF-8",
        "ESS_SETUP_DATADIR": f"{SRC}/examples", **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}})
    if p.returncode not in (0, 1, 2) or b"Sanitizer" in p.stderr or b"runtime error" in p.stderr:
        raise AssertionError(f"{argv}: status {p.returncode}\n{p.stderr.decode('utf-8', 'replace')[-3000:]}")
    p.stderr.decode("utf-8")
    if p.returncode:
        assert p.stdout or p.stderr, f"{argv}: status {p.returncode} without a word"
    return p


def sweep(name, whole, try_one, count=COUNT):
    """try_one(root, damaged) for many damages, two at a time; statuses that came out."""
    def one(seed):
        root = tempfile.mkdtemp(dir=TMP.name)
        return try_one(root, damage(random.Random(f"{name}-{seed}"), whole))

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [(seed, pool.submit(one, seed)) for seed in range(SEED, SEED + count)]
    wrong = [f"ESS_SEED={seed} ESS_COUNT=1: {j.exception()!s:.1500}" for seed, j in jobs if j.exception()]
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong[:3])
    return {j.result() for _, j in jobs}


def put(root, name, data):
    os.makedirs(f"{root}/var/lib/ess-setup", mode=0o700, exist_ok=True)
    with open(f"{root}/var/lib/ess-setup/{name}", "wb") as f:
        f.write(data)


def get(root, name):
    try:
        with open(f"{root}/var/lib/ess-setup/{name}", "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def site():
    """The example with nothing commented out: every key occurs."""
    with open(f"{SRC}/examples/site.yaml", encoding="utf-8") as f:
        return re.sub(r"^( *)# (\w+:| +\w+:)", r"\1\2", f.read(), flags=re.M).encode()


def good_config(root):
    for key, value in (("domains.server_name", "smith-family.net"), ("certificates.email", "me@smith-family.net")):
        equal(run([SETUP, "config", "set", key, value], root).returncode, 0, key)
    with open(f"{root}/token", "w", encoding="utf-8") as f:
        f.write("Zk3vQ9xT1mB7nL5cR2wD8fH4gJ6pS0aYtUeXiOqK")
    equal(run([SETUP, "config", "set", "cloudflare.token", "--file", f"{root}/token"], root).returncode, 0)


def record(status, facts, error=None):
    return {"status": status, "attempts": 2, "inputs": "00ff", "version": 1, "started": 1, "elapsed_ms": 4000,
            "error": error, "note": None, "facts": facts}


FACTS = {"machine.arch": "amd64", "cluster.pod_cidr": "10.42.0.0/16", "public.address": "203.0.113.7"}
STATE = json.dumps({
    "format": 1, "written_by": "1.0.0", "lineage": "6f1c0a0e-0000-4000-8000-000000000000", "serial": 7,
    "run": {"id": "20260101-000000-0000", "job": "install", "status": "failed", "started": 1, "ended": 2,
            "boot_id": "x", "pid": 1, "current": "dns"},
    "steps": {"preflight": record("done", {k: FACTS[k] for k in ("machine.arch", "cluster.pod_cidr")}),
              "supply": record("running", {}), "public-address": record("done", {"public.address": "203.0.113.7"}),
              "dns": record("failed", {}, {"code": "CF_ZONE_READ", "card": "E-CF-004",
                                           "msgid": "the zone %s is %s", "args": ["a", "b"]})},
    "facts": FACTS}).encode()
REQUEST = json.dumps({"job": "install", "rehearse": False, "until": None}).encode()
MASTER = tempfile.mkdtemp(dir=TMP.name)
good_config(MASTER)


def stored(name, whole, commands):
    """Each command on a machine whose file NAME is damaged; the file is never written over."""
    def try_one(root, damaged):
        for other in ("config.json", "secrets.json", "key"):
            if get(MASTER, other):
                put(root, other, get(MASTER, other))
        put(root, name, damaged)
        seen = [run([*c, f"{root}/out"] if c[-1] == "-o" else c, root).returncode for c in commands]
        equal(get(root, name), damaged, f"{name} was changed")
        return seen

    undamaged = try_one(tempfile.mkdtemp(dir=TMP.name), whole)
    equal(undamaged, [0] * len(commands), f"with {name} as it should be")
    return {status for seen in sweep(name, whole, lambda *a: tuple(try_one(*a))) for status in seen}


STATUS, RENDER, CHECK = [SETUP, "status"], [ENGINE, "render", "-o"], [SETUP, "config", "check"]


@test
def imports():
    """config import of a damaged file: taken over or refused as a whole"""
    def try_one(root, damaged):
        with open(f"{root}/site.yaml", "wb") as f:
            f.write(damaged)
        p = run([SETUP, "config", "import", f"{root}/site.yaml"], root)
        config = get(root, "config.json")
        if p.returncode == 0:
            json.loads(config)
            equal(run([SETUP, "config", "export"], root).returncode, 0, "export")
        else:
            equal(config, None, "refused, but config.json is there")
        return p.returncode

    equal(2 in sweep("site.yaml", site(), try_one), True, "something is refused")


@test
def manifests():
    """post-render and the gate on a damaged manifest: refused, or an output that stays as it is the next time"""
    with open(f"{SRC}/tests/data/manifest.yaml.in", encoding="utf-8") as f:
        text = re.sub("%[A-Z]+%", "a.neighbour.org:8443", f.read())
    text = re.sub("%[a-z]+%", "a.neighbour.org", text)

    def try_one(root, damaged):
        p = run([ENGINE, "post-render"], root, damaged)
        if p.returncode == 0:
            for _ in yaml.parse(p.stdout, yaml.CSafeLoader):
                pass
            again = run([ENGINE, "post-render"], root, p.stdout)
            equal((again.returncode, again.stdout), (0, p.stdout), "post-rendered twice")
        else:
            equal(p.stdout, b"", "refused, but something was written")
        run([GATE, *["a.neighbour.org"] * 6, "8443"], root, damaged)
        return p.returncode

    equal(sweep("manifest", text.encode(), try_one), {0, 1}, "some are refused, some are not")


@test
def states():
    """a damaged state.json: status and render end with a sentence, and never write over it"""
    equal(2 in stored("state.json", STATE, [STATUS, RENDER]), True, "something is refused")


@test
def configs():
    """a damaged config.json: config check, status and render end with a sentence"""
    equal(2 in stored("config.json", get(MASTER, "config.json"), [CHECK, STATUS, RENDER]), True)


@test
def requests():
    """a damaged request.json: render ends with a sentence"""
    stored("request.json", REQUEST, [STATUS, RENDER])


@test
def secrets():
    """a damaged secrets.json or key: config check and render end with a sentence"""
    stored("secrets.json", get(MASTER, "secrets.json"), [CHECK, RENDER])
    stored("key", get(MASTER, "key"), [CHECK, RENDER])


if __name__ == "__main__":
    main()
