# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""A program in a window of tmux: a real terminal, its keys and what a person sees on it."""

import os
import shutil
import subprocess
import tempfile
import time

from tap import skip

PATIENCE = 20


class Tmux:
    """Runs argv in a terminal of its own. When it ends, "END=status" stands on the screen."""

    def __init__(self, argv, cols=80, rows=24, env=None, term=None):
        if not shutil.which("tmux"):
            skip("tmux is not installed")
        self.dir = tempfile.mkdtemp(prefix="ess-tmux-")
        script = f"{self.dir}/run"
        with open(script, "w", encoding="utf-8") as f:
            words = " ".join("'" + a.replace("'", "'\\''") + "'" for a in argv)
            f.write((f"TERM={term}; export TERM\n" if term else "") + f"stty -g >{self.dir}/before\n{words}\n"
                    f"status=$?; stty -g >{self.dir}/after; echo END=$status\nexec cat\n")
        self.env = {**(env or {}), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "TMPDIR": self.dir}
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(cols), "-y", str(rows), "/bin/sh", script)

    def tmux(self, *args, check=True):
        return subprocess.run(["tmux", "-u", "-S", f"{self.dir}/socket", *args], env=self.env, check=check,
                              capture_output=True, text=True).stdout

    def text(self):
        return self.tmux("capture-pane", "-p")

    def see(self, *parts, seconds=PATIENCE):
        """Waits until all the parts stand on the screen at once, and twice the same: a page may be seen
        half drawn."""
        end = time.monotonic() + seconds
        before = None
        while True:
            text = self.text()
            if text == before and all(p in text for p in parts):
                return text
            before = text
            if time.monotonic() > end:
                raise AssertionError(f"never saw {parts}:\n{text}")
            time.sleep(0.03)

    def press(self, *keys):
        self.tmux("send-keys", *keys)
        return self

    def type(self, text):
        self.tmux("send-keys", "-l", text)
        return self

    def resize(self, cols, rows):
        self.tmux("resize-window", "-x", str(cols), "-y", str(rows))

    def pid(self):
        """Of the program, the shell's child."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as f:
            return int(f.read().split()[0])

    def restored(self):
        """The program has ended, and the terminal is as it was before."""
        with open(f"{self.dir}/before", encoding="ascii") as before, \
                open(f"{self.dir}/after", encoding="ascii") as after:
            same = before.read() == after.read()
        return same and self.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").strip() == "0 1"

    def stop(self):
        self.tmux("kill-server", check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()
