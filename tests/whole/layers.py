# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The rules of HACKING.md that can be read off the sources."""

import os
import re
import sys

SRC = os.environ["ESS_SRC"]
sys.path.insert(0, f"{SRC}/tests/lib")
from tap import test, main  # noqa: E402

# Who may include whom: an arrow points down, never up.
MAY = {
    "base": {"base"},
    "model": {"model", "base"},
    "steps": {"steps", "model", "base"},
    "engine": {"engine", "steps", "model", "base"},
    "client": {"client", "model", "base"},
    "dialog": {"dialog", "base"},
    "ui": {"ui", "dialog", "client", "model", "base"},
    "world": {"world", "base"},
}
FOLDERS = {"steps": "steps", **{n: f"src/{n}" for n in MAY if n != "steps"}}
FILE_LINES = 600


def sources():
    for layer, folder in FOLDERS.items():
        top = f"{SRC}/{folder}"
        for name in sorted(os.listdir(top)) if os.path.isdir(top) else []:
            if name.endswith((".c", ".h")):
                yield layer, f"{folder}/{name}", open(f"{top}/{name}", encoding="utf-8").read()


@test
def arrows():
    """every #include points down the layers"""
    wrong = []
    seen = 0
    for layer, path, text in sources():
        for inc in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
            seen += 1
            target = inc.split("/")[0]
            if "/" not in inc or target not in MAY[layer]:
                wrong.append(f"{path} includes {inc}")
    assert seen > 100, seen
    assert not wrong, wrong


@test
def sizes():
    """no file is over 600 lines"""
    assert not [(p, n) for _, p, t in sources() if (n := t.count("\n")) > FILE_LINES]


@test
def licence():
    """every source file names its licence in the first line"""
    first = "/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */\n"
    assert not [p for _, p, t in sources() if not t.startswith(first)]


@test
def no_shell():
    """nothing calls a shell"""
    wrong = []
    for _, path, text in sources():
        code = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        for bad in (r"\bsystem\s*\(", r"\bpopen\s*\(", r'"-c"', r'"/bin/(ba)?sh"', r'"(ba)?sh"'):
            if re.search(bad, code):
                wrong.append(f"{path}: {bad}")
    # The dialogs' -c is no shell's; kubectl's -c names a container.
    wrong = [w for w in wrong if not (w.endswith('"-c"') and ("kube" in w or "world" in w))]
    assert not wrong, wrong


@test
def close_on_exec():
    """every descriptor is opened close-on-exec"""
    wrong = []
    for _, path, text in sources():
        for m in re.finditer(r"\b(open|openat|pipe2|socket|accept4|eventfd|memfd_create)\(([^;]*?)\)[;\s)<]", text, re.S):
            if "CLOEXEC" not in m.group(2) and not re.search(r"\bDIR\b", m.group(2)):
                wrong.append(f"{path}: {m.group(0)[:80]}")
        # The three standard descriptors are meant to be inherited.
        wrong = [w for w in wrong if not w.startswith("src/base/fs.c: open(\"/dev/null\"")]
        wrong += [f"{path}: pipe()" for _ in re.finditer(r"[^_\w]pipe\(", text)]
        wrong += [f"{path}: {m.group(0)}" for m in re.finditer(r'\bf(re)?open\([^;]*?, "[rwa]b?\+?"\)', text)]
    assert not wrong, wrong


@test
def only_ui_prints():
    """nothing below ui and the engine's own commands prints"""
    wrong = []
    for layer, path, text in sources():
        if layer in ("base", "model", "client", "steps") and re.search(r"\b(printf|puts|putchar)\s*\(", text):
            wrong.append(path)
    assert not wrong, wrong


@test
def no_todo():
    """no TODO without an owner"""
    assert not [p for _, p, t in sources() if re.search(r"\b(TODO|FIXME|XXX)\b", t) and "whiptail" not in t]


if __name__ == "__main__":
    main()
