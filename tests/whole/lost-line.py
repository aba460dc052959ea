# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The frontend killed, hung up and resized at random during a rehearsed run: the run's result is the same each
time, and who comes back sees the truth. In check-long until 200 such troubles have happened."""

import json
import os
import random
import re
import signal
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
import screens  # noqa: E402
from tap import equal, long_run, main, test  # noqa: E402

TROUBLES = 200 if long_run() else 8
SEED = int(os.environ.get("ESS_SEED") or random.randrange(10 ** 6))
WATCH = {"en": "<Leave>", "zh_CN": "<离开>"}


def number_of(world):
    return {row["id"]: row["number"] for row in json.loads(world.setup("status", "--json", status=0).stdout)["steps"]}


def status_of(world):
    """Of the run, and its steps that are done; None before there is any."""
    try:
        state = world.state()
    except (OSError, ValueError):
        return None, set()
    return state["run"]["status"], {k for k, v in state["steps"].items() if v["status"] == "done"}


def shown_done(visit):
    return {int(n) for n in re.findall(r"✓ (\d+) ", visit.t.screen.text())}


def at_run(visit):
    """The run page is there, or the run has ended and its result is."""
    visit.t.until(lambda s: WATCH[visit.lang] in s.text() or "100%" in s.text() or ended(visit.world), "the run page")


def ended(world):
    return status_of(world)[0] in ("done", "failed", "degraded", "cancelled")


def attach(world, rng):
    visit = screens.Visit(world, rng.choice(screens.LANGUAGES), rng.choice(screens.DIALOGS))
    visit.t.until(lambda s: "0 " in s.text() and "┘" in s.text(), "the menu")
    visit.press("3")  # watch; where it has just ended: the preview
    visit.t.until(lambda s: WATCH[visit.lang] in s.text() or ended(world), "the run page")
    return visit


def trouble(visit, rng, seen):
    """What happens to the frontend; the visit that goes on, or None."""
    kind = rng.choice(("kill", "hang up", "resize", "resize"))
    seen.append(kind)
    if kind == "kill":
        os.kill(visit.t.pid, signal.SIGKILL)
        equal(visit.t.wait(), "SIGKILL")
    elif kind == "hang up":
        visit.t.hang_up()
        visit.t.wait()
    else:
        rows, cols = rng.choice(((24, 80), (18, 60), (30, 100), (12, 40), (50, 160)))
        visit.t.resize(rows, cols)
        return visit
    visit.t.close()
    return None


def one_run(rng, seen):
    world = screens.configured()
    try:
        numbers = number_of(world)
        visit = screens.Visit(world, "en", (80, 24))
        visit.see("0 leave").press("5")
        at_run(visit)
        while not ended(world):
            for _ in range(rng.randrange(40)):
                visit.t.pump(0.01)
            if ended(world):
                break
            visit = trouble(visit, rng, seen) or attach(world, rng)
            marked = shown_done(visit)
            _, done = status_of(world)
            assert marked <= {numbers[i] for i in done}, f"shown as done: {marked}, done: {done}"
        visit.t.close()
        status, done = status_of(world)
        # the engine writes its state before it lets go of the lock
        world.wait_for(lambda: json.loads(world.setup("status", "--json", status=0).stdout)["status"] != "running")
        with screens.Visit(world, "en", (80, 24)) as back:
            back.see("0 leave", "The server is installed")
            back.press("4").see("The server is installed", "0 back")
            equal(shown_status(back), len(numbers), "steps shown as done")
        return status, sorted(done), [e["type"] for e in world.events() if e["type"] == "run.end"]
    finally:
        world.stop()


def shown_status(visit):
    """How many steps the status page says are done; it scrolls where they are many."""
    found = set()
    for _ in range(4):
        found |= set(re.findall(r"(\d+) .* done ", visit.t.screen.text()))
        visit.t.press("PgDn").settled()
    return len(found)


@test
def whatever_happens_to_the_frontend():
    """killed, hung up and resized at random, the run ends as one that nobody disturbed"""
    rng = random.Random(SEED)
    seen, results = [], []
    undisturbed = screens.rehearsed()
    status, done = status_of(undisturbed)
    undisturbed.stop()
    while len(seen) < TROUBLES:
        results.append(one_run(rng, seen))
        equal(results[-1], (status, sorted(done), ["run.end"]), f"ESS_SEED={SEED} after {seen}")
    print(f"# {len(seen)} troubles in {len(results)} runs, ESS_SEED={SEED}")


if __name__ == "__main__":
    main()
