# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Random keys on every page of ess-setup: it never crashes, no page holds one fast, and memory stays as it is.
100,000 keys in check-long."""

import os
import random
import re
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
import screens  # noqa: E402
from tap import equal, long_run, main, test  # noqa: E402
from terminal import KEYS  # noqa: E402

KEYS_IN_ALL = 100_000 if long_run() else 4_000
SEED = int(os.environ.get("ESS_SEED") or random.randrange(10 ** 6))
# Often what moves and types; now and then what leads out.
PRESSED = ["Tab", "BackTab", "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Home", "End", "Space", "BS", "Del", "C-u",
           *"abcxyz", "中", "é", "\x01", "\x0b", "\x0c", "\x1b[1;5C", "\x1b[200~", "\x80", "F1", "F12", *"12345678"] * 2
PRESSED += ["Enter"] * 6 + ["Esc", "0", "C-c", "\x1b", "\x1b["]
MENU = ("Matrix video conference server", "Matrix 视频会议服务器")


def check_end(visit, what):
    """An end that it chose itself, the terminal as it was, and no word of a sanitizer."""
    status = visit.t.wait()
    assert status in (0, 1), f"{what}: status {status}\n{visit.t.stderr.decode()[-2000:]}"
    assert visit.t.restored(), what
    equal(re.findall(r"Sanitizer|runtime error", visit.t.stderr.decode()), [], what)


def lead_out(visit, what):
    """Esc leads back from wherever the keys led to, page after page, and 0 out of the menu."""
    for _ in range(30):
        visit.t.settled()
        if visit.t.ended():
            return
        text = visit.t.screen.text()
        size = visit.t.bytes
        visit.t.press("0" if any(f"┤ {m} ├" in text for m in MENU) and " 1 " in text else "Esc")
        visit.t.until(lambda s: visit.t.bytes > size or visit.t.ended(), f"what Esc does on\n{text}", seconds=20)
    raise AssertionError(f"{what}: no way out of\n{visit.t.screen.text()}")


def pages():
    """(state, page) of all that the keys of dialogs lead to."""
    return [(state, step.name) for state, (_, _, steps) in screens.WAYS.items() for step in steps
            if step.name and step.keys is not None]


class Reached(Exception):
    pass


def press_at(state, name, rng, many):
    """Goes to the page and presses keys there until so many are pressed or they have led out. Returns how many."""
    pressed = 0
    what = f"ESS_SEED={SEED}: {state}, {name}"

    def at_page(visit, here):
        nonlocal pressed
        visit.t.settled()
        if here != name:
            return
        while pressed < many and not visit.t.ended():
            for _ in range(min(25, many - pressed)):
                visit.t.press(rng.choice(PRESSED))
                pressed += 1
            visit.t.pump(0)
            if rng.random() < 0.2:
                visit.t.resize(rng.randint(8, 60), rng.randint(30, 160))
            if not visit.t.ended():
                visit.t.taken()
        if not visit.t.ended():
            visit.t.resize(24, 80)
        lead_out(visit, what)
        check_end(visit, what)
        raise Reached

    try:
        screens.walk(state, rng.choice(screens.LANGUAGES), (80, 24), at_page, env={"ESCDELAY": "40"})
    except Reached:
        return pressed
    raise AssertionError(f"{what} was not reached")


@test
def random_keys():
    """random keys on every page: no crash, no page that Esc and 0 do not lead out of"""
    rng = random.Random(SEED)
    places = pages()
    if not long_run():
        places = rng.sample(places, 12)
    each, total = max(KEYS_IN_ALL // len(places), 1), 0
    for state, name in places:
        done = 0
        while done < each:
            done += press_at(state, name, rng, each - done)
            for world in list(screens.KEPT.values()):
                world.stop()
            screens.forget()
        total += done
    print(f"# {total} keys on {len(places)} pages, ESS_SEED={SEED}")


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1))


@test
def memory():
    """going through the pages again and again takes no more memory"""
    world = screens.configured()
    env = {"ASAN_OPTIONS": "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"}
    menu = "0 退出"
    round_trip = [("F1", "<确定>"), ("Enter", menu), ("1", "1/6"), *(("F12", f"{n}/6") for n in range(2, 7)),
                  ("F12", "<开始安装>"), ("0", menu), ("2", "TXT"), ("0", menu), ("4", "0 返回"), ("1", "<确定>"),
                  ("0", "0 返回"), ("0", menu), ("6", "2 English"), ("0", menu)]
    sizes = []
    try:
        with screens.Visit(world, "zh_CN", (80, 24), env=env) as visit:
            visit.ready()
            for n in range(60 if long_run() else 12):
                for key, words in round_trip:
                    visit.press(key).see(words)
                    visit.t.settled()
                sizes.append(resident(visit.t.pid))
            visit.press("0")
            equal(visit.t.wait(), 0)
    finally:
        world.stop()
    # the first rounds fill what is kept
    assert sizes[-1] - sizes[3] < 1024, f"kB after each round: {sizes}"


if __name__ == "__main__":
    main()
