# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""What the tests of the pages share: the compiled Chinese, a run of ess-setup, engines that wait."""

import atexit
import json
import os
import shutil
import subprocess
import tempfile

from terminal import Terminal
from tmux import Tmux
from world import BUILD, SETUP, SRC, World

_LOCALES = tempfile.mkdtemp(prefix="ess-locale-")
atexit.register(shutil.rmtree, _LOCALES, ignore_errors=True)


def locales():
    where = f"{_LOCALES}/zh_CN/LC_MESSAGES"
    if not os.path.isdir(where):
        os.makedirs(where)
        subprocess.run(["msgfmt", "-o", f"{where}/ess-setup.mo", f"{SRC}/po/zh_CN.po"], check=True)
    return _LOCALES


def environment(world):
    return {**world.env, "ESS_SETUP_LOCALEDIR": locales(), "ESS_SETUP_DATADIR": f"{SRC}/examples"}


def pages(world, *args, size=(80, 24), lang=None, term=None, env=None):
    """The pages in a window of tmux."""
    words = [SETUP, f"--rehearse={world.dir}", *(["--lang", lang] if lang else []), *args]
    return Tmux(words, *size, env={**environment(world), **(env or {})}, term=term)


def plain(world, *typed, lang="en", args=(), env=None, timeout=300):
    """The same pages as plain text, with these lines on a pipe. Returns the process that has ended."""
    return subprocess.run([SETUP, f"--rehearse={world.dir}", "--lang", lang, *args], env={**environment(world), **(env or {})},
                          input="".join(f"{line}\n" for line in typed), capture_output=True, text=True, timeout=timeout)


def framed(text, what=""):
    """The box is whole: its four corners are on the screen, and the sides between them."""
    lines = text.splitlines()
    top = next((i for i, row in enumerate(lines) if "┌" in row and "┐" in row), None)
    bottom = next((i for i, row in enumerate(lines) if "└" in row and "┘" in row), None)
    assert top is not None and bottom is not None and top < bottom, f"{what}: no whole box in\n{text}"
    broken = [row for row in lines[top + 1:bottom] if row.count("│") < 2]
    assert not broken, f"{what}: {broken}\n{text}"
    return text


def notice_read(world):
    """As after the first start."""
    os.makedirs(f"{world.dir}/var/lib/ess-setup", exist_ok=True)
    with open(f"{world.dir}/var/lib/ess-setup/notice", "w", encoding="ascii") as f:
        f.write("shown 1\n")


class SlowMachine(World):
    """A configured rehearsal whose engine waits to be told how to end."""

    engine_file = f"{SRC}/tests/lib/slow-engine.py"

    def __init__(self, config=None):
        super().__init__(**({"config": config} if config else {}))
        notice_read(self)
        os.mkdir(f"{self.dir}/libexec")
        os.symlink(self.engine_file, f"{self.dir}/libexec/ess-engine")
        os.symlink(f"{BUILD}/ess-world", f"{self.dir}/libexec/ess-world")
        self.env["ESS_SETUP_LIBEXEC"] = f"{self.dir}/libexec"
        self.env["PYTHONDONTWRITEBYTECODE"] = "1"

    def go(self, how):
        with open(f"{self.dir}/.go", "w", encoding="ascii") as f:
            f.write(how)
        os.rename(f"{self.dir}/.go", f"{self.dir}/go")

    def last_event(self):
        return json.loads(self.read("/var/log/ess-setup/current/events.jsonl").splitlines()[-1])


class SlowProbe(SlowMachine):
    """A rehearsal whose engine does not answer a probe until it is told to; all else is the real one."""

    engine_file = f"{SRC}/tests/lib/slow-probe.py"

    def probing(self):
        """The probe that is waited for, once it is there."""
        self.wait_for(lambda: os.path.exists(f"{self.dir}/probing"))


class Talk:
    """The plain pages on a dumb terminal that a person types on: what is seen is what came since."""

    def __init__(self, world, *args, lang="en"):
        self.t = Terminal([SETUP, f"--rehearse={world.dir}", "--lang", lang, *args], env=environment(world), term="dumb",
                          rows=60)
        self.mark = 0

    def text(self):
        return self.t.raw[self.mark:].decode("utf-8", "replace").replace("\r\n", "\n")

    def see(self, *parts, seconds=60):
        """Waits for all of them; the text since the last line that was typed."""
        self.t.until(lambda _: all(p in self.text() for p in parts), f"{parts} in {self.text()!r}", seconds)
        return self.text()

    def type(self, line, end="\r"):
        self.mark = len(self.t.raw)
        self.t.press(line, *([end] if end else []))
        return self

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.t.close()
