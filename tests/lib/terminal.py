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
TOKEN = re.compile(r"\x1b\[([?>]?)([0-9;]*)([@-~])|\x1b[()](.)|\x1b([^\[()])|([\x00-\x1a\x1c-\x1f])|([^\x1b\x00-\x1f])")


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
        self.full = False  # the last column is written: the next character begins a row
        self.visible, self.acs = True, False
        self.resize(rows, cols)

    def resize(self, rows, cols):
        self.rows, self.cols = rows, cols
        self.top, self.bottom = 0, rows - 1
        self.cells = [self.blank() for _ in range(rows)]
        self.y, self.x, self.full = min(self.y, rows - 1), min(self.x, cols - 1), False

    def blank(self):
        return [" "] * self.cols

    def lines(self):
        return ["".join(r).rstrip() for r in self.cells]

    def text(self):
        return "\n".join(self.lines())

    def feed(self, data):
        s = self.rest + self.decode(data)
        self.rest = ""
        at = 0
        while at < len(s):
            m = TOKEN.match(s, at)
            if not m:  # an escape sequence that is not whole yet waits for its rest
                self.rest = s[at:]
                return
            at = m.end()
            if m.group(3):
                self.control(m.group(1), [int(n or 0) for n in m.group(2).split(";")], m.group(3))
            elif m.group(4):
                self.acs = m.group(4) == "0"
            elif m.group(5):
                self.escape(m.group(5))
            elif m.group(6):
                self.c0(m.group(6))
            elif m.group(7):
                self.put(m.group(7))

    def escape(self, c):
        if c in "DE":
            self.newline()
        if c == "E":
            self.x = 0
        if c == "M":
            if self.y == self.top:
                self.scroll(self.top, -1)
            else:
                self.y = max(self.y - 1, 0)
        self.full = False

    def c0(self, c):
        if c == "\r":
            self.x = 0
        elif c in "\n\x0b\x0c":
            self.newline()
        elif c == "\b":
            self.x = max(self.x - 1, 0)
        elif c == "\t":
            self.x = min((self.x // 8 + 1) * 8, self.cols - 1)
        elif c in "\x0e\x0f":
            self.acs = c == "\x0e"
            return
        self.full = False

    def newline(self):
        if self.y == self.bottom:
            self.scroll(self.top, 1)
        else:
            self.y = min(self.y + 1, self.rows - 1)

    def scroll(self, top, n):
        """Moves the rows from top to the end of the region up by n; down for a negative n."""
        for _ in range(min(abs(n), self.bottom - top + 1)):
            if n > 0:
                del self.cells[top]
                self.cells.insert(self.bottom, self.blank())
            else:
                del self.cells[self.bottom]
                self.cells.insert(top, self.blank())

    def put(self, ch):
        ch = ACS.get(ch, ch) if self.acs else ch
        w = wide(ch)
        if w == 0:
            return
        if self.full or self.x + w > self.cols:
            self.x = 0
            self.newline()
        row = self.cells[self.y]
        if row[self.x] == "" and self.x:  # half of a wide character is none
            row[self.x - 1] = " "
        row[self.x] = ch
        if w == 2:
            row[self.x + 1] = ""
        if self.x + w < self.cols and row[self.x + w] == "":
            row[self.x + w] = " "
        self.full = self.x + w >= self.cols
        self.x = min(self.x + w, self.cols - 1)

    def control(self, private, n, f):
        a = n[0]
        count = max(a, 1)
        row = self.cells[self.y]
        if f == "b":
            for _ in range(count):
                self.put(row[self.x if self.full else self.x - 1])
            return
        if f == "m":
            return
        self.full = False
        if private == "?" and f in "hl":
            if a in (1049, 47):
                self.switch(f == "h")
            elif a == 25:
                self.visible = f == "h"
        elif private:
            pass
        elif f in "Hf":
            self.y = min(count, self.rows) - 1
            self.x = min(max(n[1] if len(n) > 1 else 1, 1), self.cols) - 1
        elif f == "r":
            self.top, self.bottom = count - 1, min(n[1] if len(n) > 1 and n[1] else self.rows, self.rows) - 1
            self.y = self.x = 0
        elif f == "A":
            self.y = max(self.y - count, 0)
        elif f == "B":
            self.y = min(self.y + count, self.rows - 1)
        elif f == "C":
            self.x = min(self.x + count, self.cols - 1)
        elif f == "D":
            self.x = max(self.x - count, 0)
        elif f == "G":
            self.x = min(count, self.cols) - 1
        elif f == "d":
            self.y = min(count, self.rows) - 1
        elif f in "LM":
            self.scroll(self.y, count if f == "M" else -count)
        elif f in "ST":
            self.scroll(self.top, count if f == "S" else -count)
        else:
            self.erase(f, a, count, row)

    def erase(self, f, a, count, row):
        if f == "K":
            cut = {0: (self.x, self.cols), 1: (0, self.x + 1), 2: (0, self.cols)}[a]
            row[cut[0]:cut[1]] = [" "] * (min(cut[1], self.cols) - cut[0])
        elif f == "J" and a == 2:
            self.cells = [self.blank() for _ in range(self.rows)]
        elif f == "J":
            row[self.x:] = [" "] * (self.cols - self.x)
            for r in range(self.y + 1, self.rows):
                self.cells[r] = self.blank()
        elif f == "P":
            del row[self.x:self.x + count]
            row.extend([" "] * (self.cols - len(row)))
        elif f == "@":
            row[self.x:self.x] = [" "] * count
            del row[self.cols:]
        elif f == "X":
            count = min(count, self.cols - self.x)
            row[self.x:self.x + count] = [" "] * count

    def switch(self, on):
        if on and self.main is None:
            self.main = self.cells
            self.cells = [self.blank() for _ in range(self.rows)]
        elif not on and self.main is not None:
            self.cells, self.main = self.main, None
            if (len(self.cells), len(self.cells[0])) != (self.rows, self.cols):
                self.resize(self.rows, self.cols)


class Terminal:
    """argv on a terminal of its own. stdin: "tty", "pipe" or "null"; stderr is kept apart."""

    def __init__(self, argv, rows=24, cols=80, env=None, stdin="tty", term="xterm-256color", cwd=None, ignore=()):
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
                signal.signal(sig, signal.SIG_IGN if sig in ignore else signal.SIG_DFL)
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
        fds = [fd for fd in (self.master, self.err) if fd is not None]
        if not fds:
            time.sleep(wait)
            return
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

    def taken(self, seconds=60):
        """Until the program has read every key that was pressed, or has ended."""
        end = time.monotonic() + seconds
        while not self.ended() and fcntl.ioctl(self.slave, termios.FIONREAD, b"\0" * 4) != b"\0" * 4:
            assert time.monotonic() < end, f"keys are not read:\n{self.screen.text()}"
            self.pump(0.01)
        return self

    def ended(self):
        return self.status is not None or os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def waiting(self):
        """The program sleeps, as it does when it waits for keys."""
        with open(f"/proc/{self.pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0] == "S"

    def settled(self, seconds=60, quiet=2):
        """Until it has read all keys, sleeps, and has written nothing in between, so many times in a row; or
        has ended."""
        end, seen = time.monotonic() + seconds, 0
        while seen < quiet and not self.ended():
            assert time.monotonic() < end, f"it never rests:\n{self.screen.text()}"
            before = self.bytes
            self.taken(seconds)
            self.pump(0.02)
            seen = seen + 1 if self.bytes == before and self.waiting() else 0
        return self

    def hang_up(self):
        """The line is lost: the terminal is closed under the program."""
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = None

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
                raise AssertionError(f"still running:\n{self.screen.text()}")
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
        self.master = self.slave = self.err = self.stdin = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
