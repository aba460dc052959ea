# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""ess-dialog and the menu of ess-setup beside whiptail and dialog: time to the first paint, bytes of it, bytes of
each update, in one run. Says which goals are missed and ends with 1 then. An argument: how many runs."""

import os
import shutil
import statistics
import sys
import time

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from screens import menu_of, place  # noqa: E402
from terminal import Terminal  # noqa: E402

OURS = os.environ["ESS_BUILD"] + "/ess-dialog"
TIMES, MENU_TIMES = 1.2, 3
RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
ITEMS = [x for i in range(20) for x in (f"t{i}", f"Item {i}")]
# words, what is drawn last, a key that changes something
BOXES = {
    "msgbox": (["--title", "T", "--msgbox", "Hello world", "8", "40"], ("Ok", "OK"), None),
    "yesno": (["--yesno", "Really?", "8", "40"], ("No",), "Tab"),
    "menu": (["--menu", "Choose", "20", "60", "12", *ITEMS], ("Cancel",), "Down"),
    "inputbox": (["--inputbox", "Name", "9", "40", "v"], ("Cancel",), "x"),
    "gauge": (["--gauge", "Working", "8", "50", "0"], ("0%",), None),
}
TERMS = ("xterm-256color", "xterm", "tmux-256color", "screen", "linux", "vt220", "vt100")


class Table:
    def __init__(self, columns):
        self.bad = 0
        self.columns = columns
        print(" " * 30 + "".join(f"{c:>12}" for c in columns) + f"{'ratio':>8}")

    def row(self, what, values, limit=None):
        """values: by column, the first is what the last is compared with; limit: of the ratio."""
        ratio = values[-1] / values[0] if values[0] else 0
        wrong = limit is not None and values[-1] > values[0] * limit
        self.bad += wrong
        cells = "".join(f"{v:12.2f}" if v is not None else f"{'-':>12}" for v in values)
        print(f"{what:30}{cells}{ratio:8.2f}{'  more than ' + format(limit, 'g') if wrong else ''}", flush=True)


def begin(argv, marks, term, env=None):
    """A program whose first picture is complete, and the milliseconds that it took."""
    start = time.perf_counter()
    t = Terminal(argv, term=term, env=env, stdin="pipe" if "--gauge" in argv else "tty")
    while not any(m in t.screen.text() for m in marks):
        t.pump(5)
        if time.perf_counter() - start > 20:
            sys.exit(f"{argv}: never drew {marks}\n{t.screen.text()}")
    return t, (time.perf_counter() - start) * 1000


def times(programs):
    """The median for each; they take turns, so that a busy machine is busy for all of them."""
    took = [[] for _ in programs]
    for _ in range(RUNS):
        for i, (argv, marks, env) in enumerate(programs):
            t, ms = begin(argv, marks, "xterm-256color", env)
            took[i].append(ms)
            t.close()
    return [statistics.median(ms) for ms in took]


def sizes(program, box, term):
    """Bytes of the first picture and of an update."""
    words, marks, key = BOXES[box]
    t, _ = begin([program, *words], marks, term)
    first = t.settled().bytes
    if key:
        t.press(key).taken()
    t.settled()
    update = t.bytes - first
    t.close()
    return first, update


def gauge_step(program, term, steps=25):
    words, marks, _ = BOXES["gauge"]
    t, _ = begin([program, *words], marks, term)
    size = t.settled().bytes
    for n in range(1, steps + 1):
        t.feed(f"{n}\n").see(f"{n}%").settled()
    size = t.bytes - size
    t.close()
    return size / steps


def sanitized(program):
    with open(program, "rb") as f:
        return b"libasan" in f.read()


def main():
    programs = [p for p in (shutil.which("whiptail"), shutil.which("dialog")) if p] + [OURS]
    if not shutil.which("whiptail"):
        print("dialog: whiptail is not installed, nothing to compare with")
        return 0
    table = Table([os.path.basename(p) for p in programs])
    limit = None if sanitized(OURS) else TIMES
    for box, (words, marks, _) in BOXES.items():
        table.row(f"{box}: first paint, ms", times([([p, *words], marks, None) for p in programs]), limit)
    for term in TERMS:
        for box in BOXES:
            both = [sizes(p, box, term) for p in programs]
            table.row(f"{box}: bytes, {term}", [b[0] for b in both], 1)
            if BOXES[box][2]:
                table.row(f"{box}: one key, {term}", [b[1] for b in both], 1)
        table.row(f"gauge step, {term}", [gauge_step(p, term) for p in programs], 1)
    words, marks, _ = BOXES["menu"]
    for state in ("configured", "done"):
        with place(state) as world:
            argv, env, last = menu_of(world)
            both = times([([programs[0], *words], marks, None), (argv, last, env)])
            table.row(f"ess-setup menu, {state}, ms", [both[0], *[None] * (len(programs) - 2), both[1]],
                      None if limit is None else MENU_TIMES)
    return 1 if table.bad else 0


if __name__ == "__main__":
    sys.exit(main())
