# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""ess-dialog beside whiptail: time to the first paint, bytes of it, bytes of a gauge's step."""

import os
import shutil
import statistics
import sys
import time

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from terminal import Terminal  # noqa: E402

OURS = os.environ["ESS_BUILD"] + "/ess-dialog"
TIMES = 1.2
RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
BOXES = {
    "msgbox": (["--title", "T", "--msgbox", "Hello world", "8", "40"], "<Ok>"),
    "menu": (["--menu", "Choose", "20", "60", "12", *(x for i in range(20) for x in (str(i), f"Item {i}"))], "<Cancel>"),
    "gauge": (["--gauge", "Working", "8", "50", "0"], "0%"),
}


def first_paint(program, argv, mark, term):
    begin = time.perf_counter()
    t = Terminal([program, *argv], term=term, stdin="pipe" if argv[0] == "--gauge" else "tty")
    t.see(mark)
    took = (time.perf_counter() - begin) * 1000
    t.pump(0.03)
    size = t.bytes
    t.close()
    return took, size


def gauge_step(program, term):
    t = Terminal([program, *BOXES["gauge"][0]], term=term, stdin="pipe")
    t.see("0%")
    t.pump(0.05)
    begin = t.bytes
    for n in range(1, 101):
        t.feed(f"{n}\n").see(f"{n}%")
    size = t.bytes - begin
    t.close()
    return size / 100


def sanitized(program):
    return b"libasan" in open(program, "rb").read()


def main():
    theirs = shutil.which("whiptail")
    if not theirs:
        print("dialog: whiptail is not installed, nothing to compare with")
        return 0
    bad = 0
    print(f"{'':26}{'whiptail':>12}{'ess-dialog':>12}{'ratio':>8}")

    def row(what, a, b, limit):
        nonlocal bad
        wrong = limit and b > a * limit
        bad += bool(wrong)
        print(f"{what:26}{a:12.2f}{b:12.2f}{b / a:8.2f}{'  TOO MUCH' if wrong else ''}")

    for name, (argv, mark) in BOXES.items():
        pairs = [(first_paint(theirs, argv, mark, "xterm-256color"), first_paint(OURS, argv, mark, "xterm-256color"))
                 for _ in range(RUNS)]
        row(f"{name}: first paint, ms", statistics.median(a[0] for a, _ in pairs),
            statistics.median(b[0] for _, b in pairs), None if sanitized(OURS) else TIMES)
    for term in ("xterm-256color", "xterm", "tmux-256color", "screen", "linux", "vt220"):
        for name, (argv, mark) in BOXES.items():
            row(f"{name}: bytes, {term}", first_paint(theirs, argv, mark, term)[1],
                first_paint(OURS, argv, mark, term)[1], 1)
        row(f"gauge step, {term}", gauge_step(theirs, term), gauge_step(OURS, term), 1)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
