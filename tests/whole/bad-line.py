# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""ess-dialog over a bad line: hang-ups, stops, torn keys, flow control, crashes; and no byte too many. What
ess-setup makes of the same things is in tests/whole/pages.py and screens.py."""

import fcntl
import os
import re
import signal
import sys
import termios
import time

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import equal, has, main, test  # noqa: E402
from terminal import Terminal  # noqa: E402

DIALOG = os.environ["ESS_BUILD"] + "/ess-dialog"
FRUIT = ["a", "Apple", "b", "Banana", "c", "Cherry"]
MENU = ["--menu", "Choose", "0", "0", "0", *FRUIT]
BOXES = {
    "msgbox": ["--msgbox", "Hello", "8", "40"],
    "yesno": ["--yesno", "Hello", "8", "40"],
    "input": ["--inputbox", "Name", "9", "40", "value"],
    "password": ["--passwordbox", "Name", "9", "40", "value"],
    "menu": MENU,
    "checklist": ["--checklist", "Choose", "0", "0", "0", "a", "A", "on", "b", "B", "off"],
    "form": ["--form", "Fill in", "0", "0", "0", "One", "1", "Two", "2"],
    "gauge": ["--gauge", "Working", "8", "40", "10"],
    "steps": ["--progress-steps", "Working", "0", "0", "0", "One", "Two"],
}


def start(*argv, **how):
    how.setdefault("stdin", "pipe" if argv[0] in ("--gauge", "--progress-steps") else "tty")
    return Terminal([DIALOG, *argv], **how)


def shown(*argv, **how):
    """Once the whole box is there."""
    return start(*argv, **how).until(lambda s: "┘" in s.text(), "the box").settled()


@test
def crashes():
    """every box leaves modes, cursor and main screen as they were, whatever signal ends it"""
    for name, box in BOXES.items():
        for sig in (signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGHUP, signal.SIGBUS):
            t = shown(*box)
            os.kill(t.pid, sig)
            equal(t.wait(), sig.name, name)
            assert t.restored(), f"{name} after {sig.name}"
            t.close()


@test
def hung_up():
    """a terminal that goes away ends every box, also where nobody sends SIGHUP"""
    for name, box in BOXES.items():
        for ignored in (False, True):
            t = shown(*box, ignore=[signal.SIGHUP] if ignored else [])
            t.hang_up()
            equal(t.wait(), 255 if ignored else "SIGHUP", f"{name}, SIGHUP {'ignored' if ignored else 'sent'}")
            t.close()


@test
def torn_keys():
    """a key in pieces is that key, however long the pauses and whatever comes between; Esc alone is Esc"""
    for pieces in (("\x1b", "[", "B"), ("\x1b[", "B"), ("\x1b", "OB"), ("\x1bO", "B")):
        t = shown(*MENU, env={"ESCDELAY": "20000"})
        at = t.screen.y
        for i, piece in enumerate(pieces):
            t.press(piece)
            if i + 1 < len(pieces):
                t.taken()
                os.kill(t.pid, signal.SIGWINCH)  # a signal in between is no end of the key
                t.pump(0.6)
        t.until(lambda s: s.y == at + 1, f"the next row after {pieces}")
        t.press("Enter")
        equal((t.wait(), t.stderr), (0, b"b"), pieces)
        t.close()
    t = shown(*MENU)
    t.press("\x1b")
    equal(t.wait(), 255)
    t.close()
    # the rest never comes: it was no Esc, and the box is still there
    t = shown(*MENU)
    t.press("\x1b[").taken()
    t.pump(2.2)
    t.press("Down", "Enter")
    equal((t.wait(), t.stderr), (0, b"b"))
    t.close()


@test
def flow_control():
    """^S holds the picture, ^Q lets it go on, nothing is lost"""
    t = shown(*MENU)
    at, size = t.screen.y, t.bytes
    t.press("\x13", "Down", "Down")
    t.pump(0.3)
    equal(t.bytes, size, "bytes while the line is held")
    t.press("\x11").until(lambda s: s.y == at + 2, "the third row")
    t.press("Enter")
    equal((t.wait(), t.stderr), (0, b"c"))
    t.close()


@test
def stopped():
    """stopped and gone on, a box is drawn again and its keys work"""
    for term in ("xterm", "xterm-256color", "vt220"):
        t = shown("--inputbox", "Name", "9", "40", "abc", term=term)
        os.kill(t.pid, signal.SIGSTOP)
        t.size(20, 60)
        t.screen.resize(20, 60)
        t.press("x")
        os.kill(t.pid, signal.SIGCONT)
        t.see("abcx").press("Enter")
        equal((t.wait(), t.stderr), (0, b"abcx"), term)
        assert t.restored(), term
        t.close()


@test
def resized():
    """a change of size is seen again and again on every terminal, also under xterm"""
    for term in ("xterm", "xterm-256color", "tmux-256color", "linux"):
        for box in (BOXES["form"], BOXES["menu"], BOXES["steps"], BOXES["gauge"], BOXES["checklist"]):
            t = shown(*box, term=term)
            for rows, cols in ((12, 50), (30, 100), (18, 44), (24, 80)):
                t.resize(rows, cols)
                t.until(lambda s: centred(s), f"{box[0]} in the middle of {rows}x{cols} on {term}")
            os.kill(t.pid, signal.SIGTERM)
            equal(t.wait(), "SIGTERM")
            t.close()


def centred(screen):
    rows = [r for r in screen.lines() if "┌" in r and "┐" in r]
    if len(rows) != 1 or "┘" not in screen.text():
        return False
    left, right = rows[0].index("┌"), len(rows[0])
    return abs(left - (screen.cols - right)) <= 1


@test
def only_what_changed():
    """moving, typing and ticking send the cells that differ, and nothing where nothing does"""
    for box, key, most in ((BOXES["menu"], "Down", 110), (BOXES["yesno"], "Tab", 70), (BOXES["input"], "x", 12),
                           (BOXES["form"], "x", 12), (BOXES["checklist"], "Space", 30), (BOXES["msgbox"], "q", 0),
                           (BOXES["menu"], "Up", 0), (BOXES["input"], "Right", 0)):
        t = shown(*box)
        size = t.bytes
        t.press(key).taken().settled()
        assert t.bytes - size <= most, (box[0], key, t.bytes - size, t.raw[size:])
        os.kill(t.pid, signal.SIGTERM)
        t.wait()
        t.close()


@test
def pictures_a_second():
    """however fast the lines of a gauge come, at most five pictures a second go out, and the last one does"""
    t = start(*BOXES["gauge"])
    t.see("10%").settled()
    begin, size = time.monotonic(), len(t.raw)
    for n in range(400):
        t.feed(f"{n % 90}\n")
        while fcntl.ioctl(t.stdin, termios.FIONREAD, b"\0" * 4) != b"\0" * 4:
            t.pump(0)  # each line is read by itself
    t.feed("99\n").see("99%")
    most = 5 + (time.monotonic() - begin) / 0.2 + 1
    pictures = len(re.findall(rb"\d%", t.raw[size:]))
    assert 1 <= pictures <= most, (pictures, most)
    t.feed("33\n").eof()
    equal(t.wait(), 0)
    has(t.raw[size:].decode(), "33%", "the last line before the end")
    t.close()


@test
def cursor():
    """the cursor stands on the text of what has the focus"""
    for box, keys, under in (
        (BOXES["msgbox"], [], "Ok"), (BOXES["yesno"], ["Tab"], "No"), (BOXES["menu"], ["Down"], "b"),
        (BOXES["menu"], ["Tab", "Tab"], "Cancel"), (["--notags", *MENU], ["Down"], "Banana"),
        (BOXES["form"], ["Tab"], "Two"), (BOXES["form"], ["Tab", "Tab"], "Ok"),
        (["--fb", *BOXES["yesno"]], ["Tab"], "No"),
    ):
        t = shown(*box)
        for k in keys:
            t.press(k).taken().settled()
        row = t.screen.lines()[t.screen.y]
        text = row[t.screen.x:] if box[0] != "--form" or keys == ["Tab", "Tab"] else row
        assert under in text and (box[0] == "--form" or text.lstrip("<│ ").startswith(under)), (box[0], keys, row, t.screen.x)
        os.kill(t.pid, signal.SIGTERM)
        t.wait()
        t.close()


@test
def nine_rows():
    """a braille display of 9 rows and 40 columns is enough for every box"""
    for name, box in BOXES.items():
        t = shown(*[w if not w.isdigit() or name in ("gauge", "form", "steps") else "0" for w in box], rows=9, cols=40)
        t.until(lambda s: len(s.lines()) == 9 and "└" in s.text(), name)
        button = {"gauge": "%", "steps": "%"}.get(name, "<")
        has(t.screen.text(), button, name)
        os.kill(t.pid, signal.SIGTERM)
        t.wait()
        t.close()


if __name__ == "__main__":
    main()
