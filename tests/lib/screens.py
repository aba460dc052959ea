# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Every page of ess-setup, and the keys that lead to it; what is on the screen then, without what differs from run
to run. tests/data/screens holds a file a page; tests/whole/screens.py compares and writes them anew."""

import json
import os
import re
import signal
import tempfile

from pages import SlowMachine, environment, notice_read
from terminal import Screen, Terminal
from world import SETUP, SRC, World

FOLDER = f"{SRC}/tests/data/screens"
LANGUAGES = ("en", "zh_CN")
DIALOGS, PLAIN = ((80, 24), (100, 30), (60, 18)), (40, 12)
BUSY = ("being checked", "正在检查", "One moment", "请稍候")
LAST_ROW = 400  # plain text is kept from the last answer on, however long it is

# What differs between machines, runs and versions; each stays as wide as it was, but the first row's.
MASKS = (
    (re.compile(r"/tmp/ess-world-\w{8}"), lambda m: "/tmp/ess-world-" + "#" * 8),
    (re.compile(r"(?<![\w.:])\d+(?::\d\d)+(?!\d)"), lambda m: re.sub(r"\d", "#", m.group())),
    (re.compile(r"\d{4}-\d\d-\d\d"), lambda m: "####-##-##"),
    (re.compile(r"\brun-\d+|\b\d{8}-\d{6}\b"), lambda m: re.sub(r"\d", "#", m.group())),
    (re.compile(r"(?<![!-~])(?=[!-~]*\d)(?=[!-~]*[A-Z])(?=[!-~]*[a-z])[!-~]{32}(?![!-~])"), lambda m: "#" * 32),
    (re.compile(r"\A(ess-setup )\d[\w.~+-]*"), lambda m: m.group(1) + "VERSION"),
    (re.compile(r"\A(ess-setup VERSION) .*"), lambda m: m.group(1) + "  (this machine)"),
)


def mask(text):
    for pattern, by in MASKS:
        text = pattern.sub(by, text)
    return text.rstrip()


class Visit:
    """A person in front of ess-setup: dialogs, or plain text where the screen is too small for them."""

    def __init__(self, world, lang, size, real=False, env=None, ignore=()):
        tempfile.tempdir = "/tmp"
        self.world, self.lang, self.size, self.plain = world, lang, size, size == PLAIN
        env = {**{k: v for k, v in environment(world).items() if k not in ("LC_ALL", "TERM")}, **(env or {})}
        env["HOME"] = world.dir
        # the program's own way to another root: no word of a rehearsal then
        where = [] if real else [f"--rehearse={world.dir}"]
        if real:
            env["ESS_SETUP_ROOT"] = world.dir
        argv = [SETUP, *where, *(["--lang", lang] if lang else [])]
        self.t = Terminal(argv, size[1], size[0], env=env, cwd=world.dir, ignore=ignore)
        if self.plain:
            self.t.screen = Screen(LAST_ROW, size[0])

    def press(self, *keys):
        if self.plain and keys:
            self.t.settled()
            self.t.screen = Screen(LAST_ROW, self.size[0])
        for key in keys:
            size = self.t.bytes
            self.t.press(key)
            # A page that opens throws away what was typed before: the next key waits until it is there.
            self.t.until(lambda s: self.t.bytes > size or self.t.ended(), f"what {key!r} does")
            if len(keys) > 1:
                self.t.settled()
        return self

    def checked(self):
        """What is asked beside the page has been answered, and no page says that it takes a moment."""
        self.t.until(lambda s: not any(w in s.text() for w in BUSY), "the end of the checks")
        return self

    def ready(self):
        """The first page is there; what is typed before is thrown away."""
        self.t.until(lambda s: "0 " in s.text(), "the first page")
        self.t.settled()
        return self

    def picture(self):
        """The screen without what differs, and where the cursor stands."""
        s = self.t.screen
        return mask(s.text()) + f"\ncursor {s.y + 1},{s.x + 1}\n"

    def settled(self):
        self.t.settled(quiet=30 if self.plain else 10)
        return self if self.plain else self.checked()

    def see(self, *words):
        self.t.until(lambda s: all(w in s.text() for w in words), repr(words))
        return self

    def see_one(self, *words):
        self.t.until(lambda s: any(w in s.text() for w in words), repr(words))
        return self

    def end(self):
        self.t.close()
        stop_engine(self)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.end()


# --- the machines ----------------------------------------------------------------------------------

def fresh():
    return World(config=None)


def configured():
    world = World()
    notice_read(world)
    return world


def running():
    """Its engine waits after the first step has begun, and again in the middle of the second."""
    world = SlowMachine()
    world.write("/pauses", "begin")
    return world


def ended(how):
    def make():
        world = SlowMachine()
        world.go(how)
        return world
    return make


def rehearsed(*args):
    """A whole installation, as far as a rehearsal goes."""
    world = World()
    notice_read(world)
    world.apply(*args)
    return world


def part(status, rebooted=False):
    """A run that ended, or was ended, after its first steps; as the engine's state would say it."""
    def make():
        world = KEPT["part"] = KEPT.get("part") or rehearsed("--until", "dns")
        state = PART.setdefault("state", world.state())
        run = {**state["run"], "status": status, **({"boot_id": "another"} if rebooted else {})}
        world.write("/var/lib/ess-setup/state.json", json.dumps({**state, "run": run}))
        return world
    return make


KEPT, PART = {}, {}


def stop_engine(visit):
    """Kills the engine where one is at work."""
    lock = f"{visit.world.dir}/run/ess-setup/lock"
    pid = ""
    if os.path.exists(lock):
        with open(lock, encoding="ascii") as f:
            pid = f.read().strip()
    try:
        with open(f"/proc/{pid}/environ", "rb") as f:
            if f"ESS_SETUP_ROOT={visit.world.dir}".encode() in f.read().split(b"\0"):
                os.kill(int(pid), signal.SIGKILL)
    except OSError:
        pass  # it has ended


def go_on(visit):
    visit.world.write("/go-begin", "")


# --- the ways --------------------------------------------------------------------------------------

class Step:
    """name of the page that is there after the keys, None: it is no page of its own. plain: the lines that do
    the same in plain text; None: this page and its keys are for dialogs only."""

    def __init__(self, name, keys=(), plain=None, do=None, see=()):
        self.name, self.keys, self.plain, self.do, self.see = name, keys, plain, do, see


def same(name, *keys, **more):
    """Digits, with Enter behind each in plain text."""
    return Step(name, keys, tuple(f"{k}\r" for k in keys), **more)


def dialog(name, *keys, **more):
    return Step(name, keys, None, **more)


def both(name, keys, lines, **more):
    return Step(name, keys, lines, **more)


QUESTIONS = [
    both("question-1-names", ["1"], ["1\r"]),
    both("question-help", ["F1"], ["1\r", "?\r"]),
    both(None, ["Enter"], ["\r"]),
    *(both(f"question-{n}", ["F12"], ["\r"])
      for n in ("2-ports", "3-certificates", "4-administrator")),
    both("question-5-storage", ["F12"], ["\r"]),
    both("question-6-advanced", ["F12"], ["1\r"]),
    both("preview", ["F12"], ["1\r"]),
    both(None, ["Esc"], ["0\r"]),
]

# state: how to make it, whether it is a real machine, the steps
WAYS = {
    "fresh": (fresh, False, [
        dialog("first-language"),
        both("first-notice", ["LANG"], ["LANG\r"]),
        dialog("menu-nothing-configured", "Enter"),
        same(None, "0"),
    ]),
    "configured": (configured, False, [
        same("menu-configured"),
        both("menu-help", ["F1"], ["?\r"]),
        dialog(None, "Enter"),
        same("check", "2"),
        same(None, "0"),
        same("status-configured", "4"),
        same("router", "1"),
        dialog(None, "0"),
        same(None, "0"),
        same("language", "6"),
        same(None, "0"),
        *QUESTIONS,
        same(None, "0"),
    ]),
    "real": (configured, True, [
        same("menu-real-machine"),
        same("mend", "3"),
        same(None, "0"),
        same(None, "0"),
    ]),
    "running": (running, False, [
        both("run-1-begun", ["5"], ["5\r"]),
        both("run-2-middle", [], [], do=go_on, see=("7 MiB",)),
        dialog("run-cancel", "C-c"),
        dialog(None, "Enter", see=("7 MiB",)),
        dialog("run-log", "Tab", "Tab", "Enter"),
        dialog(None, "0", see=("7 MiB",)),
        both("run-left", ["0"], ["1\r"]),
        both("menu-running", ["Enter"], []),
        dialog(None, "3", see=("7 MiB",)),
        dialog("run-engine-died", do=stop_engine, see=("0 ",)),
        dialog("menu-no-word-of-a-run", "0"),
        same(None, "0"),
    ]),
    "failed": (ended("failed"), False, [
        same("card", "5", see=("E-CF-004",)),
        same(None, "0"),
        same(None, "0"),
    ]),
    "degraded": (ended("degraded"), False, [
        same("summary-degraded", "5", see=("0 ",)),
        same(None, "0"),
        same(None, "0"),
    ]),
    "cancelled": (ended("cancelled"), False, [
        # as plain text the menu follows at once, and the engine may still hold the lock
        dialog("cancelled", "5", see=("Cancelled", "已取消")),
        dialog(None, "Enter"),
        same(None, "0"),
    ]),
    **{f"menu-{name}": (part(status, rebooted), False, [same(f"menu-{name}"), same(None, "0")])
       for name, status, rebooted in (("ended-before-the-end", "done", False), ("engine-killed", "running", False),
                                      ("machine-restarted", "running", True), ("failed", "failed", False),
                                      ("cancelled", "cancelled", False), ("degraded", "degraded", False))},
    "done": (rehearsed, False, [
        same("menu-done"),
        same("status-done", "4"),
        same("addresses", "2"),
        dialog(None, "0"),
        same("administrator", "4"),
        dialog(None, "0"),
        same("summary", "1"),
        same(None, "0"),
        same(None, "0"),
    ]),
}


def variants():
    return [(lang, size) for lang in LANGUAGES for size in (*DIALOGS, PLAIN)]


def forget():
    """The next walk begins with new worlds."""
    KEPT.clear()
    PART.clear()


def walk(state, lang, size, at_page, env=None):
    """Goes through the pages of a state; at_page(visit, name) is called on each. Worlds that a walk does not
    change are used again."""
    make, real, steps = WAYS[state]
    world = KEPT.get(state) or make()
    if state in ("configured", "real", "done"):
        KEPT[state] = world
    with Visit(world, None if state == "fresh" else lang, size, real, env) as visit:
        visit.ready()
        for step in steps:
            keys = step.plain if visit.plain else step.keys
            if keys is None:
                continue
            if step.do:
                step.do(visit)
            if not visit.plain:
                visit.checked()
            visit.press(*[k.replace("LANG", "2" if lang == "en" else "1") for k in keys])
            if step.see:
                visit.see_one(*step.see)
            if step.name:
                at_page(visit, step.name)
            else:
                visit.t.settled()
        visit.t.wait()
        return visit


# --- for make bench --------------------------------------------------------------------------------

def place(state):
    return {"configured": configured, "done": rehearsed}[state]()


def menu_of(world):
    """The command line of the menu, its environment, and what is drawn last."""
    env = {k: v for k, v in environment(world).items() if k not in ("LC_ALL", "TERM")}
    return [SETUP, "--lang", "en"], {**env, "ESS_SETUP_ROOT": world.dir}, ("F1",)
