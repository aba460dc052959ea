# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""ess-dialog on a terminal: whiptail's contract, and what is better than whiptail."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import equal, has, long_run, main, skip, test  # noqa: E402
from terminal import Terminal  # noqa: E402

DIALOG = os.environ["ESS_BUILD"] + "/ess-dialog"
FRUIT = ["a", "Apple", "b", "Banana", "c", "Cherry"]
LIST = ["a", "Apple", "off", "b b", "Banana", "ON", 'q"t', "Cherry", "yes"]


def start(*argv, **how):
    return Terminal([DIALOG, *argv], **how)


def answer(argv, keys, **how):
    """(status, stderr) of a box that is answered by keys once its first picture is there."""
    t = start(*argv, **how)
    try:
        if keys:
            t.see("┘")
        t.press(*keys)
        return t.wait(), t.stderr.decode()
    finally:
        t.close()


@test
def contract():
    """exit statuses and answers are whiptail's"""
    box = ["--msgbox", "Hello", "8", "40"]
    yesno = ["--yesno", "Really?", "8", "40"]
    menu = ["--menu", "Choose", "14", "40", "5", *FRUIT]
    check = ["--checklist", "Choose", "14", "50", "5", *LIST]
    radio = ["--radiolist", "Choose", "14", "50", "5", *LIST]
    one_on = ["--radiolist", "Choose", "14", "50", "5", "a", "A", "off", "b", "B", "on", "c", "C", "off"]
    inp = ["--inputbox", "Name", "10", "40", "abc"]
    for argv, keys, want in (
        (box, ["Enter"], (0, "")),
        (box, ["Space"], (0, "")),
        (box, ["F12"], (0, "")),
        (box, ["Esc"], (255, "")),
        (yesno, ["Enter"], (0, "")),
        (yesno, ["Tab", "Enter"], (1, "")),
        (yesno, ["n", "y", "Right", "F12"], (1, "")),
        (["--defaultno", *yesno], ["F12"], (1, "")),
        (yesno, ["Esc"], (255, "")),
        (menu, ["Down", "Enter"], (0, "b")),
        (menu, ["Down", "Tab", "Tab", "F12"], (0, "b")),
        (menu, ["Tab", "Tab", "Enter"], (1, "")),
        (menu, ["Esc"], (255, "")),
        (["--nocancel", *menu], ["Esc"], (1, "")),
        (["--default-item", "c", *menu], ["Enter"], (0, "c")),
        (["--default-item", "zz", *menu], ["Enter"], (0, "a")),
        (["--noitem", *menu], ["Down", "Enter"], (0, "b")),
        (["--notags", *menu], ["Down", "Enter"], (0, "b")),
        (menu, ["c", "b", "Enter"], (0, "b")),
        (check, ["Enter"], (0, '"b b" "q"t"')),
        (check, ["Space", "Down", "Space", "Enter"], (0, '"a" "q"t"')),
        (["--separate-output", *check], ["Enter"], (0, 'b b\nq"t\n')),
        (["--noitem", "--checklist", "C", "0", "0", "0", "a", "1", "b", "0"], ["Enter"], (0, '"a"')),
        (check, ["Tab", "Tab", "Enter"], (1, "")),
        (radio, ["Enter"], (0, 'q"t')),
        # of several that were on, Space clears the last one, and the last one counts
        (radio, ["Space", "Down", "Enter"], (0, "b b")),
        (one_on, ["Space", "Down", "Enter"], (0, "a")),
        (["--radiolist", "C", "0", "0", "0", "a", "A", "no"], ["Enter"], (0, "")),
        (inp, ["X", "Enter"], (0, "abcX")),
        (inp, ["C-u", "é中", "BS", "Enter"], (0, "é")),
        (inp, ["Home", "Del", "Enter"], (0, "bc")),
        (inp, ["Tab", "Tab", "F12"], (0, "abc")),
        (inp, ["Tab", "Tab", "Enter"], (1, "")),
        (["--inputbox", "N", "10", "40", "--", "-5"], ["Enter"], (0, "-5")),
        (["--passwordbox", "N", "10", "40"], ["geheim", "Enter"], (0, "geheim")),
        (["N", "10", "--inputbox", "40", "--title", "T", "v"], ["Enter"], (0, "v")),
        (["--yesno", "T", "--defaultno", "20", "60", "2"], ["Enter"], (1, "")),
        (["--msgbox", "t", "--", "-5", "20"], ["Enter"], (0, "")),
        (["--msgbox", "t", "", "20"], ["Enter"], (0, "")),
        (["--title=A", "--title=B", *box], ["Enter"], (0, "")),
    ):
        equal(answer(argv, keys), want, f"{argv} {keys}")


@test
def grammar():
    """wrong command lines are refused with whiptail's words"""
    usage = "Box options: \n"
    for argv, status, words in (
        ([], 255, usage),
        (["--msgbox", "t", "8"], 255, usage),
        (["--msgbox", "t", "8x", "20"], 255, usage),
        (["--msgbox", "--yesno", "t", "8", "20"], 255, usage),
        (["--menu", "t", "8", "20", "3", "a"], 255, usage),
        (["--menu", "t", "8", "20", "3"], 255, usage),
        (["--checklist", "t", "8", "20", "3"], 255, usage),
        (["--textbox", "/nonexistent", "8", "20"], 255, "/nonexistent: No such file or directory\n"),
        (["--textbox", "/", "8", "20"], 255, "/: Is a directory\n"),
        (["--titl", "x", "--msgbox", "t", "8", "20"], 1, "--titl: unknown option\n"),
        (["-title", "x"], 1, "-title: unknown option\n"),
        (["--msgbox", "t", "8", "20", "--title"], 1, "--title: missing argument\n"),
        (["--msgbox", "t", "8", "20", "--extra-button"], 1, "--extra-button: unknown option\n"),
        (["--clear=1", "--msgbox", "t", "8", "20"], 1, "--clear=1: option does not take an argument\n"),
        (["--output-fd", "abc"], 1, "abc: invalid numeric value\n"),
        (["--output-fd", "9", "--msgbox", "t", "8", "20"], 255, "Cannot open output-fd\n: Bad file descriptor\n"),
    ):
        got, err = answer(argv, [])
        equal(got, status, argv)
        has(err, words, argv)
    t = start("--version")
    equal(t.wait(), 0)
    has(t.screen.text(), "whiptail (newt): 0.52.23")
    t.close()


@test
def terminals():
    """a terminal that cannot do it is refused; one that is unknown is taken for an xterm"""
    equal(answer(["--msgbox", "t", "8", "20"], [], term="dumb")[0], 1)
    equal(answer(["--msgbox", "t", "8", "20"], [], term=""), (1, "TERM environment variable needs set.\n"))
    for term in ("never-heard-of", "linux", "vt100", "screen", "tmux-256color"):
        t = start("--msgbox", "t", "8", "20", term=term)
        t.see("<Ok>").press("Enter")
        equal(t.wait(), 0, term)
        t.close()


BOX = """\
┌─────┤ Title ├──────┐
│                    │
│ Hello world        │
│                    │
│                    │
│       <Ok>         │
│                    │
└────────────────────┘"""

MENU = """\
┌────────────────────────────┐
│ Choose                     │
│                            │
│         a Apple   ↑        │
│         b Banana  ▮        │
│                            │
│                            │
│                            │
│    <Ok>        <Cancel>    │
│                            │
└────────────────────────────┘"""

CHECK = """\
┌───────────────────┐
│ Choose            │
│                   │
│  [ ] a     Apple  │
│  [*] 网络  接口   │
│                   │
│                   │
│ <Ok>     <Cancel> │
│                   │
└───────────────────┘"""


def picture(t):
    rows = [r for r in t.screen.lines() if r.strip()]
    left = min(len(r) - len(r.lstrip()) for r in rows)
    return "\n".join(r[left:] for r in rows)


@test
def pictures():
    """boxes look like whiptail's"""
    for argv, want, cursor in (
        (["--title", "Title", "--msgbox", "Hello world", "8", "22"], BOX, (13, 38)),
        (["--menu", "Choose", "11", "30", "2", *FRUIT], MENU, (9, 35)),
        (["--checklist", "Choose", "0", "0", "0", "a", "Apple", "0", "网络", "接口", "1"], CHECK, (10, 36)),
    ):
        t = start(*argv)
        t.see("└")
        t.until(lambda s: (s.y, s.x) == cursor, f"the cursor at {cursor}")
        equal(picture(t), want, argv)
        t.close()


@test
def digits():
    """a digit goes to the item that begins with it"""
    items = ["1", "One", "2", "Two", "30", "x", "31", "y", "0", "Back"]
    menu = ["--menu", "Choose", "0", "0", "0", *items]
    equal(answer(menu, ["2", "Enter"]), (0, "2"))
    equal(answer(menu, ["2", "0", "Enter"]), (0, "0"))
    equal(answer(menu, ["2", "3", "7", "Enter"]), (0, "2"), "ambiguous and unknown digits")


@test
def scrolling():
    """text that does not fit has a scroll bar inside the frame, and Enter is still Ok"""
    text = "\\n".join(f"line {i}" for i in range(20))
    t = start("--msgbox", text, "10", "30")
    t.see("line 3").see("↑│")
    t.press("Down", "PgDn").see("line 6")
    for row in t.screen.lines()[7:17]:
        assert row.endswith(("│", "┐", "┘")), row
    t.press("Enter")
    equal(t.wait(), 0)
    t.close()


def whole_box(screen):
    """All four corners, and both sides in every row between them."""
    lines = [r for r in screen.lines() if r]
    top = next((i for i, r in enumerate(lines) if "┌" in r and "┐" in r), None)
    end = next((i for i, r in enumerate(lines) if "└" in r and "┘" in r), None)
    if top is None or end is None or end <= top + 1:
        return False
    return all("│" in r and r.endswith("│") for r in lines[top + 1:end])


@test
def nothing_outside():
    """boxes, lists and buttons that are too big are kept inside the screen"""
    long = "An item that is much longer than any window could be " * 3
    for argv in (
        ["--msgbox", "Hello", "50", "200"],
        ["--msgbox", "Hello", "1", "1"],
        ["--menu", "Hello", "10", "40", "30", *(["x", long] * 20)],
        ["--checklist", "Hello", "10", "40", "3", *(["x", long, "on"] * 20)],
        ["--radiolist", "Hello", "0", "0", "0", *(["x", long, "on"] * 60)],
        ["--yesno", long, "7", "20", "--yes-button", "Absolutely yes", "--no-button", "Never in my life"],
        ["--inputbox", long * 9, "0", "0"],
        ["--passwordbox", "P", "3", "5"],
        ["--form", "x", "0", "0", "0", *([long, "v"] * 40)],
    ):
        for rows, cols in ((24, 80), (12, 40), (9, 40), (60, 200)):
            t = start(*argv, rows=rows, cols=cols)
            t.until(whole_box, f"a whole box of {argv} in {rows}x{cols}")
            t.press("Esc")
            equal(t.wait(), 255, argv)
            t.close()


@test
def resize():
    """a box is laid out again when the terminal changes, with what was typed"""
    t = start("--title", "T", "--inputbox", "Name", "10", "40", "abc")
    t.see("abc").press("X").see("abcX")
    for rows, cols in ((12, 44), (40, 120), (9, 30)):
        t.resize(rows, cols)
        t.until(lambda s: "┘" in s.text() and "abcX" in s.text(), "the box again")
        left = max((cols - min(38, cols - 2)) // 2, 1) - 1
        t.until(lambda s: any(r[left:left + 1] == "┌" for r in s.lines()), f"the box in the middle of {rows}x{cols}")
    t.press("Enter")
    equal((t.wait(), t.stderr), (0, b"abcX"))
    t.close()


@test
def signals():
    """signals end it by themselves and leave the terminal as it was"""
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGABRT):
        for term in ("xterm-256color", "vt220"):
            t = start("--inputbox", "Name", "10", "40", term=term)
            t.see("<Ok>")
            os.kill(t.pid, sig)
            equal(t.wait(), sig.name, term)
            assert t.restored(), f"{sig.name} on {term}"
            t.close()
    t = start("--msgbox", "Hello", "8", "40")
    t.see("<Ok>").press("Enter")
    equal(t.wait(), 0)
    assert t.restored()
    t.close()


@test
def streams():
    """keys work whatever stdin is; the answer can go to another descriptor"""
    for stdin in ("pipe", "null"):
        equal(answer(["--menu", "C", "0", "0", "0", *FRUIT], ["Down", "Enter"], stdin=stdin), (0, "b"), stdin)
    equal(answer(["--output-fd", "2", "--inputbox", "C", "0", "0", "x"], ["Enter"]), (0, "x"))


@test
def infobox():
    """an infobox stays on the main screen"""
    for term in ("xterm-256color", "tmux-256color", "linux"):
        t = start("--infobox", "Working...", "8", "30", term=term)
        equal(t.wait(), 0)
        has(t.screen.text(), "│ Working...", term)
        t.close()


@test
def gauge():
    """a gauge reads whiptail's lines, and can be cancelled"""
    t = start("--gauge", "Working", "8", "50", "10", stdin="pipe")
    t.see("10%").feed("20\nabc\n30x\n").see("20%")
    t.feed("XXX\n40\nfirst\nsecond\nthird\nXXX\n").see("40%").see("third")
    t.feed("-5\n").see("100%").feed("XXX\n50\nopen").feed("\n60").eof()
    equal(t.wait(), 0)
    assert t.restored()
    t.close()
    t = start("--gauge", "Working", "8", "50", "10", stdin="pipe")
    t.see("10%").press("q", "Enter").feed("20\n").see("20%").press("C-c")
    equal(t.wait(), 1)
    t.close()
    got, err = answer(["--gauge", "W", "8", "50", "1"], [])
    equal(got, 255)
    has(err, "terminal")


@test
def gauge_bytes():
    """a step of a gauge is no more bytes than whiptail's, the same again is none"""
    t = start("--gauge", "Working", "8", "50", "0", stdin="pipe")
    t.see(" 0%").settled()
    sizes = []
    for n in range(1, 26):
        before = t.bytes
        t.feed(f"{n}\n").see(f"{n}%").settled()
        sizes.append(t.bytes - before)
    # the end of one step may be read with the next: the mean is what counts
    assert sum(sizes) / len(sizes) <= 24.32, sizes  # as whiptail for these
    before = t.bytes
    t.feed("25\n25\n").eof()
    equal(t.wait(), 0)
    end = t.raw[before:]
    assert b"%" not in end, end
    t.close()


@test
def chinese():
    """Chinese lines break where a typesetter would break them"""
    text = "您可以在此处配置系统的网络参数，包括主机名、静态地址、默认网关（以及域名服务器）；稍后仍然可以修改。" * 3
    for cols in range(20, 60):
        t = start("--msgbox", text, "0", str(cols), cols=cols, rows=40)
        t.see("┘")
        rows = [r.strip("│ ↑▒▮↓") for r in t.screen.lines() if "│" in r]
        rows = [r for r in rows if r and "<" not in r]
        assert len(rows) > 3 and not [r for r in rows if r[0] in "，。、；）" or r[-1] == "（"], rows
        t.press("Enter")
        equal(t.wait(), 0)
        t.close()


@test
def torn_key():
    """an arrow key that comes in pieces is an arrow key; an unknown sequence is nothing"""
    t = start("--menu", "C", "0", "0", "0", *FRUIT)
    t.see("┘")
    at = t.screen.y
    t.press("\x1b", "[")
    t.pump(0.7)
    t.press("B").until(lambda s: s.y == at + 1, "the next row")
    t.press("\x1b[1;5Q", "\x1b[99~", "Enter")
    equal((t.wait(), t.stderr), (0, b"b"))
    t.close()


@test
def more_buttons():
    """extra and help buttons answer with 3 and 2, and the value"""
    box = ["--extra-button", "Edit", "--help-button", "Help", "--menu", "C", "0", "0", "0", *FRUIT]
    equal(answer(box, ["Down", "Tab", "Tab", "Tab", "Enter"]), (3, "b"))
    equal(answer(box, ["Tab", "Tab", "Tab", "Tab", "Enter"]), (2, "a"))
    equal(answer(box, ["F1"]), (2, "a"))


@test
def as_json():
    """--json says which button it was, and the value"""
    for argv, keys, want in (
        (["--menu", "C", "0", "0", "0", *FRUIT], ["Enter"], {"button": "ok", "status": 0, "value": "a"}),
        (["--yesno", "C", "0", "0"], ["Esc"], {"button": "esc", "status": 255}),
        (["--checklist", "C", "0", "0", "0", *LIST], ["Enter"], {"button": "ok", "status": 0, "value": ["b b", 'q"t']}),
        (["--radiolist", "C", "0", "0", "0", "a", "A", "0"], ["Enter"], {"button": "ok", "status": 0, "value": None}),
        (["--inputbox", "C", "0", "0"], ['"\\', "Enter"], {"button": "ok", "status": 0, "value": '"\\'}),
    ):
        status, err = answer(["--json", *argv], keys)
        equal(json.loads(err), want, argv)
        equal(status, want["status"], argv)


@test
def form():
    """a form has fields, one line of answer each"""
    argv = ["--form", "Fill in", "0", "0", "0", "Name", "me", "端口", "8443", "Third", ""]
    equal(answer(argv, ["X", "Enter", "C-u", "80", "Down", "z", "Enter", "Enter"]), (0, "meX\n80\nz\n"))
    equal(answer(argv, ["Esc"]), (255, ""))
    status, err = answer(["--json", *argv], ["F12"])
    equal(json.loads(err)["value"], {"Name": "me", "端口": "8443", "Third": ""})


@test
def tailbox():
    """a tailbox follows its file"""
    with tempfile.TemporaryDirectory() as d:
        path = f"{d}/log"
        with open(path, "w") as f:
            f.write("".join(f"old {i}\n" for i in range(30)))
        t = start("--tailbox", path, "10", "40")
        t.see("old 29")
        with open(path, "a") as f:
            f.write("new line\n")
        t.see("new line").press("Home").see("old 0")
        with open(path, "a") as f:
            f.write("newer line\n")
        t.pump(0.4)
        has(t.screen.text(), "old 0", "who scrolled up stays there")
        t.press("End").see("newer line").press("Tab", "Enter")
        equal(t.wait(), 0)
        t.close()


@test
def steps():
    """progress with steps"""
    t = start("--progress-steps", "Installing", "0", "0", "0", "Check", "Download", "Install", stdin="pipe")
    t.see("· Check").feed("run 1\n").see("▶ Check")
    t.feed("done 1 0:04\nrun 2\n50\ntext Nearly\n").see("✓ Check  0:04").see("▶ Download").see("50%").see("Nearly")
    t.feed("fail 2 no line\nskip 3\nrun 99\n").see("✗ Download  no line").see("- Install").eof()
    equal(t.wait(), 0)
    t.close()


@test
def extras_everywhere():
    """the third and the fourth button, F1 and the time that is over, on every box"""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
        f.write("one\ntwo\n")
        f.flush()
        boxes = (
            (["--msgbox", "x", "0", "0"], ""), (["--yesno", "x", "0", "0"], ""), (["--inputbox", "x", "0", "0", "v"], "v"),
            (["--passwordbox", "x", "0", "0", "v"], "v"), (["--menu", "x", "0", "0", "0", *FRUIT], "a"),
            (["--checklist", "x", "0", "0", "0", *LIST], '"b b" "q"t"'), (["--radiolist", "x", "0", "0", "0", *LIST], 'q"t'),
            (["--form", "x", "0", "0", "0", "l", "v"], "v\n"), (["--textbox", f.name, "0", "0"], ""),
            (["--tailbox", f.name, "10", "40"], ""),
        )
        alone = []
        for box, value in boxes:
            more = ["--extra-button", "编辑", "--help-button", "Help", *box]
            # from the first widget backwards: the last button is Help, the one before it the extra one
            first = ["Tab"] if box[0] in ("--msgbox", "--textbox") else []
            back = ["BackTab"] if box[0] not in ("--msgbox", "--yesno", "--textbox", "--tailbox") else []
            equal(answer(more, ["F1"]), (2, value), box)
            keys = [*back, "Enter"] if back else [*first, "End"]
            if back:
                equal(answer(more, keys), (2, value), box)
                equal(answer(more, ["BackTab", *keys]), (3, value), box)
            else:
                count = {"--msgbox": 1, "--textbox": 1, "--yesno": 2, "--tailbox": 2}[box[0]]
                equal(answer(more, ["Tab"] * count + ["Enter"]), (3, value), box)
                equal(answer(more, ["Tab"] * (count + 1) + ["Enter"]), (2, value), box)
            status, err = answer(["--json", *more], ["F1"])
            equal((status, json.loads(err)["button"]), (2, "help"), box)
            alone.append((box, start("--timeout", "1", *box)))
        for box, t in alone:
            equal((t.wait(), t.stderr), (5, b""), box)
            assert t.restored(), box
            t.close()


@test
def locale():
    """newt's translations serve where the locale itself is missing"""
    if not os.path.exists("/usr/share/locale/zh_CN/LC_MESSAGES/newt.mo"):
        skip("newt's translations are not installed")
    said = subprocess.run(["gettext", "newt", "Yes"], env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "LANGUAGE": "zh_CN"},
                          capture_output=True, text=True, check=True).stdout
    if said != "是":
        skip("this C library translates nothing under C.UTF-8, and no other locale is there")
    t = start("--yesno", "确定？", "0", "0", env={"LC_ALL": "zh_CN.UTF-8"})
    t.see("<是>").see("<否>").press("Enter")
    equal(t.wait(), 0)
    t.close()


@test
def random_keys():
    """any keys on any box: an answer, or the box is still there"""
    rng = random.Random(4)
    many = 2000 if long_run() else 60
    keys = ["Enter", "Tab", "BackTab", "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Home", "End", "Space", "BS",
            "Del", "C-u", "a", "7", "0", "中", "é", "\x1b[", "\x0b", "\x0c", "F1", "\x80", "\xe4", "\x01", "\x1a"]
    boxes = (["--msgbox", "Hello " * 200, "10", "30"], ["--yesno", "x", "0", "0"], ["--inputbox", "x", "0", "0", "y"],
             ["--menu", "x", "0", "0", "0", *(["a", "b"] * 30)], ["--checklist", "x", "9", "40", "3", *LIST],
             ["--radiolist", "x", "9", "40", "9", *LIST], ["--form", "x", "0", "0", "2", *(["l", "v"] * 9)],
             ["--scrolltext", "--fb", "--msgbox", "中文" * 300, "12", "40"])
    for box in boxes:
        t = start(*box)
        t.see("┘")
        for _ in range(many):
            try:
                t.press(rng.choice(keys))
                if rng.random() < 0.05:
                    t.resize(rng.randint(5, 60), rng.randint(10, 200))
            except OSError:
                break
            t.pump(0)
            if os.waitid(os.P_PID, t.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                break
        os.kill(t.pid, signal.SIGTERM)  # it may still be about to answer
        assert t.wait() in (0, 1, 255, "SIGTERM"), (box, t.status, t.stderr)
        assert b"Sanitizer" not in t.stderr and b"runtime error" not in t.stderr, t.stderr
        t.close()


if __name__ == "__main__":
    main()
