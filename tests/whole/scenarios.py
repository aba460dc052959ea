# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The troubles of the field: each ends with its own card or is recovered, its twin with another one."""

import glob
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, long_run  # noqa: E402
from world import World, SETUP  # noqa: E402

SRC = os.environ["ESS_SRC"]
DATA = {"ESS_SETUP_DATADIR": f"{SRC}/examples"}
ROWS = {1, 2, *range(4, 14), 15, 16, 17, 19, 20, *range(22, 27)}
PLACES = {"number": r"\d{4}", "word": "[a-z]{8}", "address": r"203\.0\.113\.\d+", "byte": r"\d{1,3}", "domain": r"[a-z.]+"}

# name: card of the scenario, card of its twin; None: the run gets over it by itself
CARDS = {
    "admin-command": ("E-USR-001", "E-USR-003"),
    "apt-locked": ("E-APT-001", "E-APT-002"),
    "calls-unknown": ("E-VER-008", "E-VER-006"),
    "coredns-loop": ("E-K3S-005", "E-ESS-001"),
    "engine-killed": ("E-RUN-007", "E-K3S-006"),
    "helm-killed": ("E-HLM-001", "E-HLM-003"),
    "hook-refuses": ("E-HLM-005", "E-HLM-007"),
    "issued-too-often": ("E-TLS-026", "E-TLS-027"),
    "mirror-ignored": (None, "E-K3S-002"),
    "mirror-refuses": ("E-NET-007", "E-NET-009"),
    "no-hairpin": (None, "E-VER-006"),
    "not-propagated": ("E-TLS-021", "E-TLS-030"),
    "old-volume": ("E-ESS-009", "E-ESS-002"),
    "port-lost": ("E-VER-007", "E-VER-001"),
    "proof-hidden": (None, "E-DNS-006"),
    "registry-blocked": ("E-SRC-001", "E-ESS-001"),
    "resolver-invents": ("E-DNS-008", "E-IP-002"),
    "sfu-silent": ("E-IP-011", "E-ESS-002"),
    "slash-refused": ("E-VER-011", "E-VER-003"),
    "token-zone-read": ("E-CF-004", "E-CF-020"),
    "traefik-job": ("E-K3S-012", "E-K3S-013"),
    "uploads-cut": ("E-K3S-013", "E-PRE-006"),
    "values-refused": ("E-HLM-002", "E-HLM-010"),
    "webhook-late": (None, "E-HLM-007"),
}
# Those that end early in the run; the others need make check-long.
SAMPLE = ("apt-locked", "coredns-loop", "mirror-ignored", "mirror-refuses", "resolver-invents", "token-zone-read",
          "traefik-job")


def files():
    return {os.path.basename(f)[:-5]: f for f in glob.glob(f"{SRC}/data/scenarios/*.json")}


def load(name):
    with open(files()[name], encoding="utf-8") as f:
        return json.load(f)


def chosen(w, name):
    """What stood for the open places of the scenario this time."""
    with open(files()[name], encoding="utf-8") as f:
        pattern = re.escape(f.read())
    for place, form in PLACES.items():
        mark = re.escape("{" + place + "}")
        pattern = pattern.replace(mark, f"(?P<{place}>{form})", 1).replace(mark, f"(?P={place})")
    found = re.fullmatch(pattern, w.read("/world/scenario.json")).groupdict()
    return [v for place, v in found.items() if place != "domain"]


def apply(w, scenario, *args):
    return w.setup("--scenario", scenario, "apply", "--yes", *args, env=DATA, timeout=1800)


def recover(w, name, until):
    """The cause is gone: the next run must end well."""
    for key in load(name).get("answers", {}):
        w.setup("config", "unset", key, status=0)
    p = apply(w, "none", *([] if long_run() or not until else ["--until", until]))
    equal(p.returncode, 0, f"{name}: the run after it\n{p.stdout[-2000:]}{p.stderr[-2000:]}")


def failed_step(w):
    return next((e["step"] for e in w.events() if e["type"] == "step.end" and e["result"] == "failed"), None)


def play(name):
    """Card of the run in this scenario (None: it ended well), and what was said."""
    with World() as w:
        p = apply(w, name)
        said = p.stdout + p.stderr
        cards = re.findall(r"^(E-[A-Z0-9]+-\d{3})  ", said, re.M)
        ends = ((3, 0),) if name == WARNED else ((0, 0), (1, 1))
        equal((p.returncode, len(cards)) in ends, True, f"{name}: status {p.returncode}, {cards}")
        values = chosen(w, name)
        state = w.state()
        recover(w, name, failed_step(w))
        return (cards[0] if cards else None), said, values, state


def both(name):
    for who, want in zip((name, f"{name}-twin"), CARDS[name]):
        card, said, values, state = play(who)
        equal(card, want, f"{who}: {said[-1500:]}")
        if card and values and who not in QUIET:
            assert any(v in said for v in values), f"{who}: none of {values} is told: {said[-1500:]}"
        if who == WARNED:
            warnings = json.dumps(state["facts"]["verify.warnings"])
            assert "hairpin" in warnings, warnings
    assert CARDS[name][0] != CARDS[name][1]


# What was chosen stands in the body of an answer of which only the status is told, or is a part of a number.
WARNED = "no-hairpin"  # what is required works all the same: the run says so and ends with 3
QUIET = ("mirror-refuses", "port-lost", "uploads-cut-twin")


@test
def listed():
    """--list-scenarios names every scenario with its row, and every one has a twin"""
    with World(config=None) as w:
        rows = json.loads(w.setup("--list-scenarios", "--json", env=DATA, status=0).stdout)
        text = w.setup("--list-scenarios", "--lang", "zh_CN", env=DATA, status=0).stdout
        names = [r["name"] for r in rows]
        equal(names, sorted(files()), "names")
        equal({r["row"] for r in rows if r["row"]}, ROWS, "rows")
        equal({n for n in names if not n.endswith("-twin")} - {"none"}, set(CARDS), "table of this test")
        for r in rows:
            if r["name"] != "none" and not r["name"].endswith("-twin"):
                equal(load(r["name"] + "-twin")["row"], r["row"], r["name"])
            assert r["title"].endswith(".") and load(r["name"])["title"]["zh_CN"] in text, r
        p = w.setup("--scenario", "no-such", "apply", "--yes", env=DATA)
        equal((p.returncode, "no-such" in p.stderr), (2, True), "unknown name")
    p = subprocess.run([SETUP, "--scenario", "none", "status"], capture_output=True, text=True)
    equal(p.returncode, 2, "without --rehearse")


@test
def unknown_to_steps():
    """no step and no card knows a scenario by its name"""
    names = [n for n in files() if n != "none"]
    sources = [f for d in ("steps", "src/base", "src/model", "src/engine") for f in glob.glob(f"{SRC}/{d}/*.[ch]")]
    assert len(sources) > 100, sources
    for path in sources:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for n in names:
            assert n not in text, (path, n)


def add(name):
    def run():
        both(name)
    run.__name__ = name.replace("-", "_")
    run.__doc__ = f"row {load(name)['row']}, {name}: its own card, the twin another, and both are got over"
    test(run)


for each in sorted(CARDS):
    if long_run() or each in SAMPLE or any(a in each.replace("-", "_") for a in sys.argv[1:]):
        add(each)

if __name__ == "__main__":
    main()
