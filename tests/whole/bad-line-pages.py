# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""ess-setup over a bad line: bytes of the run page, hang-ups, stops, changes of size, torn keys, crashes."""

import json
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
import screens  # noqa: E402
from tap import equal, main, test  # noqa: E402

MOST_BYTES = 80  # of an update of the run page, on the average
UPDATES = 60


def emit(world, seq, **fields):
    """One more event of the run that waits; this test is the engine then."""
    line = json.dumps({"v": 1, "seq": seq, "t": 1, "type": "step.progress", "step": "supply", **fields})
    with open(f"{world.dir}/var/log/ess-setup/current/events.jsonl", "a", encoding="utf-8") as f:
        f.write(line + "\n")


def at_run(visit):
    visit.ready().press("5")
    screens.go_on(visit)
    visit.see("7 MiB")
    visit.t.settled()


@test
def bytes_of_an_update():
    """an update of the run page is at most 80 bytes on the average, its clock's tick included; nothing new is nothing"""
    for lang in screens.LANGUAGES:
        world = screens.running()
        with screens.Visit(world, lang, (80, 24)) as visit:
            at_run(visit)
            size = visit.t.bytes
            for n in range(UPDATES):
                emit(world, 100 + n, percent=n * 100 // UPDATES, msgid="%s: %s MiB", args=["K3s", str(n * 31 + 8)])
                visit.see(f"{n * 31 + 8} MiB")
            sent = visit.t.bytes - size
            assert sent / UPDATES <= MOST_BYTES, f"{lang}: {sent} bytes in {UPDATES} updates"
            # the same again: what the clock sends, and no more
            begin, size, marks = time.monotonic(), visit.t.bytes, len(visit.t.raw)
            for n in range(20):
                emit(world, 200 + n, percent=99, msgid="%s: %s MiB", args=["K3s", str((UPDATES - 1) * 31 + 8)])
            emit(world, 299, percent=99, msgid="%s: %s MiB", args=["K3s", "5"])
            visit.see(" 5 MiB")
            ticks = time.monotonic() - begin + 2
            assert visit.t.bytes - size <= 40 * ticks + 2 * MOST_BYTES, visit.t.raw[marks:]
            print(f"# {lang}: {sent / UPDATES:.1f} bytes an update")
        world.stop()


@test
def updates_a_second():
    """however many events come at once, at most five pictures a second go out"""
    world = screens.running()
    with screens.Visit(world, "en", (80, 24)) as visit:
        at_run(visit)
        begin, marks = time.monotonic(), len(visit.t.raw)
        for n in range(300):
            emit(world, 100 + n, percent=42, msgid="%s: %s MiB", args=["K3s", str(1000 + n)])
            visit.t.pump(0)
        visit.see("1299 MiB")
        most = (time.monotonic() - begin) / 0.2 + 2
        # each picture places the cursor on the focused button in the end
        pictures = len(re.findall(rb"\x1b\[\d+;\d+H(?=$|\x1b\[\?|\x1b\[\d+;\d+H)", visit.t.raw[marks:])) or 1
        assert pictures <= most, (pictures, most)
    world.stop()


@test
def hung_up_anywhere():
    """a line that is lost ends every page, also where SIGHUP is ignored, and the run page leaves the run alone"""
    world = screens.configured()
    for keys in ([], ["F1"], ["1"], ["1", "F12"], ["2"], ["4"], ["4", "1"], ["6"]):
        for ignored in (False, True):
            with screens.Visit(world, "en", (80, 24), ignore=[signal.SIGHUP] if ignored else []) as visit:
                visit.ready()
                for k in keys:
                    visit.press(k)
                    visit.t.settled()
                visit.t.hang_up()
                status = visit.t.wait()
                assert status in ("SIGHUP", 1, 0), (keys, status)
    world.stop()


@test
def stopped_and_gone_on():
    """^Z gives the terminal back, fg draws the page again with what was typed, also in another size"""
    world = screens.configured()
    with screens.Visit(world, "en", (80, 24)) as visit:
        visit.ready().press("1")
        visit.see("1/6").checked().press("x").see("example.comx")
        visit.t.press("\x1a")
        visit.t.until(lambda s: stopped(visit.t.pid), "the stop")
        visit.t.pump(0)
        assert visit.t.restored(), "while it is stopped"
        visit.t.resize(18, 60)
        os.kill(visit.t.pid, signal.SIGCONT)
        visit.see("1/6", "example.comx", "<Next>")
        visit.press("Esc").see("0 leave")
        visit.press("0")
        equal(visit.t.wait(), 0)
        assert visit.t.restored()
    world.stop()


def stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        return f.read().rpartition(")")[2].split()[0] == "T"


@test
def resized_after_many_forms():
    """after one page and the next a change of size is still seen, under xterm too"""
    world = screens.configured()
    for term in ("xterm", "xterm-256color", "linux-16color"):
        with screens.Visit(world, "en", (80, 24), env={"TERM": term}) as visit:
            visit.ready()
            for key, words in (("F1", "usual way"), ("Enter", "0 leave"), ("1", "1/6"), ("F12", "2/6"), ("F12", "3/6"),
                               ("F1", "Name of the answer"), ("Enter", "3/6")):
                visit.press(key).see(words)
                visit.t.settled()
                for rows, cols in ((18, 60), (30, 100), (24, 80)):
                    visit.t.resize(rows, cols)
                    visit.see(words, "┘")
                    visit.t.until(lambda s: in_the_middle(s), f"the page in the middle of {cols}x{rows} on {term}")
        equal(visit.t.status is not None, True)
    world.stop()


def in_the_middle(screen):
    rows = [r for r in screen.lines() if "┌" in r and "┐" in r]
    return len(rows) == 1 and abs(rows[0].index("┌") - (screen.cols - len(rows[0]))) <= 1


@test
def torn_keys():
    """an arrow key in pieces moves on the page, and does not lead back"""
    world = screens.configured()
    with screens.Visit(world, "en", (80, 24), env={"ESCDELAY": "20000"}) as visit:
        visit.ready().press("1")
        visit.see("1/6").checked().t.settled()
        row = visit.t.screen.y
        for piece in ("\x1b", "[", "B"):
            visit.t.press(piece).taken()
            visit.t.pump(0.3)
        visit.t.until(lambda s: s.y == row + 1 and "1/6" in s.text(), "the next field")
    world.stop()


@test
def crashes():
    """a crash, an abort and a signal leave modes, cursor and main screen as they were"""
    world = screens.configured()
    for sig in (signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        for keys in ([], ["1"]):
            with screens.Visit(world, "en", (80, 24)) as visit:
                visit.ready()
                for k in keys:
                    visit.press(k)
                visit.t.settled()
                os.kill(visit.t.pid, sig)
                equal(visit.t.wait(), sig.name)
                assert visit.t.restored(), (sig, keys)
    world.stop()


if __name__ == "__main__":
    main()
