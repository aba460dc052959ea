# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""A program on a pseudo-terminal, and the screen as a person would see it."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata

KEYS = {
    "Enter": "\r", "Tab": "\t", "Space": " ", "BS": "\x7f", "Esc": "\x1b", "BackTab": "\x1b[Z",
    "Del": "\x1b[3~", "PgUp": "\x1b[5~", "PgDn": "\x1b[6~", "F1": "\x1bOP", "F12": "\x1b[24~",
    "Up": "\x1bOA", "Down": "\x1bOB", "Right": "\x1bOC", "Left": "\x1bOD", "Home": "\x1bOH",
    "End": "\x1bOF", "C-c": "\x03", "C-u": "\x15",
}
ACS = dict(zip("ajklmnqtuvwx.-a", "▒┘┐┌└┼─├┤┴┬│↓↑▒"))


def wide(ch):
    if unicodedata.combining(ch):
        return 0
    return 2 if unicodedata.east_asian_width(ch) in "WF" else 1


class Screen:
    """What a terminal makes of bytes: text, cursor, the second screen. Colours are not kept."""

    def __init__(self, rows, cols):
        self.decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.main = None
        self.rest = ""
        self.y = self.x = 0
        self.visible, self.acs, self.keypad = True, False, False
        self.resize(rows, cols)

    def resize(self, rows, cols):
        self.rows, self.cols = rows, cols
        self.cells = [[" "] * cols for _ in range(rows)]
        self.y, self.x = min(self.y, rows - 1), min(self.x, cols - 1)

    def lines(self):
        return ["".join(r).rstrip() for r in self.cells]

    def text(self):
        return "\n".join(self.lines())

    def feed(self, data):
        s = self.rest + self.decode(data)
        self.rest = ""
        token = re.compile(r"\x1b\[([?>]?)([0-9;]*)([@-~])|\x1b[()](.)|\x1b([^\[()])|([\x00-\x1f])|([^\x1b\x00-\x1f])")
        at = 0
        while at < len(s):
            m = token.match(s, at)
            if not m:
                self.rest = s[at:]
                return
            at = m.end()
            if m.group(3):
                self.control(m.group(1), [int(n or 0) for n in m.group(2).split(";")], m.group(3))
            elif m.group(4):
                self.acs = m.group(4) == "0"
            elif m.group(6):
                self.c0(m.group(6))
            elif m.group(7):
                self.put(m.group(7))

    def c0(self, c):
        if c == "\r":
            self.x = 0
        elif c == "\n":
            if self.y < self.rows - 1:
                self.y += 1
            else:
                self.cells = self.cells[1:] + [[" "] * self.cols]
        elif c == "\b":
            self.x = max(self.x - 1, 0)
        elif c in "\x0e\x0f":
            self.acs = c == "\x0e"

    def put(self, ch):
        ch = ACS.get(ch, ch) if self.acs else ch
        w = wide(ch)
        if w == 0:
            return
        if self.x + w <= self.cols:
            row = self.cells[self.y]
            row[self.x] = ch
            if w == 2:
                row[self.x + 1] = ""
        self.x = min(self.x + w, self.cols - 1 if self.x + w > self.cols else self.cols)

    def control(self, private, n, f):
        a = n[0]
        row = self.cells[self.y] if self.y < self.rows else []
        if private == "?" and f in "hl":
            if a in (1049, 47):
                self.switch(f == "h")
            elif a == 25:
                self.visible = f == "h"
        elif f in "Hf":
            self.y = min(max(a, 1), self.rows) - 1
            self.x = min(max(n[1] if len(n) > 1 else 1, 1), self.cols) - 1
        elif f == "A":
            self.y = max(self.y - max(a, 1), 0)
        elif f == "B":
            self.y = min(self.y + max(a, 1), self.rows - 1)
        elif f == "C":
            self.x = min(self.x + max(a, 1), self.cols - 1)
        elif f == "D":
            self.x = max(self.x - max(a, 1), 0)
        elif f == "G":
            self.x = max(a, 1) - 1
        elif f == "d":
            self.y = max(a, 1) - 1
        elif f == "K":
            cut = {0: (self.x, self.cols), 1: (0, self.x + 1), 2: (0, self.cols)}[a]
            row[cut[0]:cut[1]] = [" "] * (min(cut[1], self.cols) - cut[0])
        elif f == "J":
            if a == 2:
                self.cells = [[" "] * self.cols for _ in range(self.rows)]
            else:
                row[self.x:] = [" "] * (self.cols - self.x)
                for r in range(self.y + 1, self.rows):
                    self.cells[r] = [" "] * self.cols
        elif f == "P":
            del row[self.x:self.x + max(a, 1)]
            row.extend([" "] * (self.cols - len(row)))
        elif f == "@":
            row[self.x:self.x] = [" "] * max(a, 1)
            del row[self.cols:]
        elif f == "X":
            row[self.x:self.x + max(a, 1)] = [" "] * max(a, 1)
        elif f == "b":
            for _ in range(max(a, 1)):
                self.put(row[self.x - 1])

    def switch(self, on):
        if on and self.main is None:
            self.main = self.cells
            self.cells = [[" "] * self.cols for _ in range(self.rows)]
        elif not on and self.main is not None:
            self.cells, self.main = self.main, None
            if (len(self.cells), len(self.cells[0])) != (self.rows, self.cols):
                self.resize(self.rows, self.cols)


class Terminal:
    """argv on a terminal of its own. stdin: "tty", "pipe" or "null"; stderr is kept apart."""

    def __init__(self, argv, rows=24, cols=80, env=None, stdin="tty", term="xterm-256color", cwd=None):
        master, slave = pty.openpty()
        self.master, self.slave = master, slave
        self.size(rows, cols)
        self.before = termios.tcgetattr(slave)
        self.screen = Screen(rows, cols)
        self.bytes = 0
        self.raw = b""
        err_r, err_w = os.pipe()
        in_r, self.stdin = os.pipe() if stdin == "pipe" else (None, None)
        full = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "NEWT", "TERM"))}
        full.update({"LC_ALL": "C.UTF-8", "TERM": term, **(env or {})})
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            source = {"tty": slave, "pipe": in_r}.get(stdin)
            os.dup2(os.open("/dev/null", os.O_RDONLY) if source is None else source, 0)
            os.dup2(slave, 1)
            os.dup2(err_w, 2)
            os.closerange(3, 100)
            if cwd:
                os.chdir(cwd)
            for sig in (signal.SIGINT, signal.SIGPIPE, signal.SIGHUP, signal.SIGTERM):
                signal.signal(sig, signal.SIG_DFL)
            os.execve(argv[0], argv, full)
        os.close(err_w)
        if in_r is not None:
            os.close(in_r)
        self.err = err_r
        self.stderr = b""
        self.status = None

    def size(self, rows, cols):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def resize(self, rows, cols):
        self.screen.resize(rows, cols)
        self.size(rows, cols)

    def pump(self, wait):
        fds = [self.master, self.err] if self.err is not None else [self.master]
        for fd in select.select(fds, [], [], wait)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:
                data = b""
            if fd == self.err:
                self.stderr += data
                if not data:
                    os.close(self.err)
                    self.err = None
            else:
                self.bytes += len(data)
                self.raw += data
                self.screen.feed(data)

    def until(self, seen, what, seconds=60):
        """Waits until seen(screen) is true; the time-out is a failure."""
        end = time.monotonic() + seconds
        while True:
            if seen(self.screen):
                return self
            if time.monotonic() > end:
                raise AssertionError(f"never saw {what}:\n{self.screen.text()}")
            self.pump(0.02)

    def see(self, text, seconds=60):
        return self.until(lambda s: text in s.text(), repr(text), seconds)

    def at(self, y, x):
        return self.until(lambda s: (s.y, s.x) == (y, x), f"the cursor at {y}, {x}")

    def press(self, *keys):
        for k in keys:
            os.write(self.master, KEYS.get(k, k).encode())
        return self

    def feed(self, text):
        os.write(self.stdin, text.encode())
        return self

    def eof(self):
        os.close(self.stdin)
        self.stdin = None
        return self

    def wait(self, seconds=60):
        """The exit status, or "SIGNAME"."""
        end = time.monotonic() + seconds
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
                break
            if time.monotonic() > end:
                text = self.screen.text()
                self.close()
                raise AssertionError(f"still running:\n{text}")
            self.pump(0.02)
        while self.err is not None:
            self.pump(0.2)
        self.pump(0)
        if os.WIFSIGNALED(self.status):
            return signal.Signals(os.WTERMSIG(self.status)).name
        return os.WEXITSTATUS(self.status)

    def restored(self):
        return termios.tcgetattr(self.slave) == self.before and self.screen.main is None and self.screen.visible

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            _, self.status = os.waitpid(self.pid, 0)
        for fd in (self.master, self.slave, self.err, self.stdin):
            if fd is not None:
                os.close(fd)
        self.err = self.stdin = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
