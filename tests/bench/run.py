# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""make bench: memory and time of the programs in a rehearsal world, beside the goals. Nothing is asserted; of
several runs the quickest, and the median of their memory. BENCH_MANIFEST=FILE gives the post-renderer a
manifest that helm rendered with host:port in place of ours."""

import json
import os
import re
import statistics
import subprocess
import sys

SRC, BUILD = os.environ["ESS_SRC"], os.environ["ESS_BUILD"]
sys.path.insert(0, f"{SRC}/tests/lib")
from world import ENGINE, SETUP, World  # noqa: E402

WATCH, POST_RENDER = f"{BUILD}/tests/bench/watch", f"{BUILD}/tests/bench/post-render"
MANIFEST = f"{BUILD}/tests/bench/manifest.yaml"


def row(what, got, unit, goal=None, note=""):
    want = f"goal {goal:g}" + ("" if got <= goal else "  <--") if goal else ""
    print(f"{what:44}{got:9.1f} {unit:4}{want:14}{note}".rstrip(), flush=True)


def watch(argv, env, n=9, stdin=None):
    """Of n runs; the first, before everything is in memory, does not count."""
    seen = []
    for _ in range(n + 1):
        with open(stdin or os.devnull, "rb") as f:
            p = subprocess.run([WATCH, *argv], env=env, stdin=f, capture_output=True, text=True, timeout=300)
        one = json.loads(p.stdout)
        if one["status"] != 0:
            sys.exit(f"{argv}: status {one['status']}\n{p.stderr}")
        seen.append(one)
    best = min(seen[1:], key=lambda s: s["wall_ms"] - s["in_commands_ms"])
    memory = {k: statistics.median(s[k] for s in seen[1:]) for k in ("peak_kib", "own_kib")}
    return {**best, **memory}


def manifest():
    """As large as that of the real chart: more objects of the same kinds, in the places of the real ones."""
    if os.environ.get("BENCH_MANIFEST"):
        return os.environ["BENCH_MANIFEST"]
    with open(f"{SRC}/tests/data/manifest.yaml.in", encoding="utf-8") as f:
        text = f.read()
    text = re.sub("%[A-Z]+%", "a.example.net:8443", text)
    text = re.sub("%[a-z]+%", "a.example.net", text)
    more = [d for d in text.split("\n---\n") if "kind: Deployment" in d or "kind: Service\n" in d]
    n = 0
    while len(text) < 150_000:
        n += 1
        text += "\n---\n" + more[n % len(more)].replace("name: ess-", f"name: ess-more-{n}-").rstrip() + "\n"
    with open(MANIFEST, "w", encoding="utf-8") as f:
        f.write(text)
    return MANIFEST


def main():
    if os.environ.get("ESS_SANITIZERS"):
        print("This build has sanitizers: its numbers say nothing. Configure without --enable-sanitizers.\n")
    with World() as w:
        w.apply()
        env = {**w.env, "ESS_SETUP_ROOT": w.dir}
        w.forget_calls()
        run = watch([ENGINE, "run"], env)
        answers = sum(c["tool"] == "http" for c in w.calls()) // 10
        assert not w.mutating(), w.mutating()
        outside = run["wall_ms"] - run["in_commands_ms"]
        print(f"A run of ess-engine that has nothing to do ({run['commands']:.0f} commands, {answers} web requests):")
        row("  memory, peak", run["peak_kib"] / 1024, "MiB", 12, f"  its own {run['own_kib'] / 1024:.1f} MiB, "
            "the rest are pages of libraries")
        row("  time, without its commands", outside, "ms", 50, f"  of {run['wall_ms']:.0f} ms; most of it waiting "
            "for the world's web and name server")
        row("  time on the processor", run["cpu_ms"], "ms", 50, f"  with {answers} web requests, a TLS handshake for "
            "each server")
        status = watch([SETUP, "status"], env, 25)
        print("ess-setup status:")
        row("  memory, peak", status["peak_kib"] / 1024, "MiB", 8)
        row("  time", status["wall_ms"], "ms", 20)
        for name, argv in (("ess-setup --version", [SETUP, "--version"]),
                           ("ess-engine plan --steps", [ENGINE, "plan", "--steps"])):
            one = watch(argv, env)
            print(f"{name}:")
            row("  memory, peak", one["peak_kib"] / 1024, "MiB")
            row("  time", one["wall_ms"], "ms")
        path = manifest()
        post = watch([ENGINE, "post-render"], env, stdin=path)
        print(f"ess-engine post-render, a manifest of {os.path.getsize(path) / 1000:.0f} kB:")
        row("  memory, peak", post["peak_kib"] / 1024, "MiB", 20)
        row("  time", post["wall_ms"], "ms", 30)
    print("In one process, without its start:", flush=True)
    subprocess.run([POST_RENDER, path], check=True)


main()
