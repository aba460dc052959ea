# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The Chinese texts: all of them, and fit for the values that are put into them."""

import ast
import os
import re
import subprocess
import sys
import tempfile

SRC = os.environ["ESS_SRC"]
sys.path.insert(0, f"{SRC}/tests/lib")
from tap import equal, main, test  # noqa: E402

XGETTEXT = ["xgettext", "--keyword=_", "--keyword=N_", "--from-code=UTF-8", "--no-location"]


def listed():
    return [line for line in open(f"{SRC}/po/POTFILES.in").read().splitlines() if line and line[0] != "#"]


def pairs():
    """(msgid, msgstr) of the catalogue."""
    text = open(f"{SRC}/po/zh_CN.po", encoding="utf-8").read()

    def joined(quoted):
        return "".join(ast.literal_eval(s) for s in re.findall(r'"(?:[^"\\]|\\.)*"', quoted))

    found = re.findall(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"(?:\n|$))+)', text, flags=re.M)
    return [(joined(a), joined(b)) for a, b in found if joined(a) and joined(b)]


@test
def every_file_is_listed():
    """POTFILES.in names exactly the files that have texts"""
    marked = []
    for top in ("src", "steps"):
        for folder, _, files in os.walk(f"{SRC}/{top}"):
            for name in files:
                path = f"{folder}/{name}"
                if re.search(r'\bN?_\("', open(path, encoding="utf-8", errors="replace").read()) and name[-2:] in (".c", ".h"):
                    marked.append(os.path.relpath(path, SRC))
    equal(sorted(listed()), sorted(marked))


@test
def every_text_is_translated():
    """no text of the sources lacks its translation, and none is fuzzy"""
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run([*XGETTEXT, "-o", f"{tmp}/a.pot", *listed()], cwd=SRC, check=True)
        subprocess.run(["msgmerge", "-q", "--no-fuzzy-matching", "-o", f"{tmp}/a.po", f"{SRC}/po/zh_CN.po", f"{tmp}/a.pot"], check=True)
        left = subprocess.run(["msgattrib", "--untranslated", "--no-obsolete", f"{tmp}/a.po"], check=True,
                              capture_output=True, text=True).stdout
        fuzzy = subprocess.run(["msgattrib", "--only-fuzzy", "--no-obsolete", f"{tmp}/a.po"], check=True,
                               capture_output=True, text=True).stdout
        equal((re.findall(r'^msgid "(.{2,})', left, flags=re.M), fuzzy), ([], ""))


@test
def formats_fit():
    """msgfmt finds no fault; also where a text is no printf format, the same values are put in"""
    subprocess.run(["msgfmt", "-c", "-o", os.devnull, f"{SRC}/po/zh_CN.po"], check=True)
    for msgid, msgstr in pairs():
        def values(s):
            return sorted(re.sub(r"\d+\$", "", v) for v in re.findall(r"%(?:\d+\$)?[-0-9]*(?:ll|l|z)?[a-z]", s))
        equal(values(msgstr), values(msgid), msgid)
        equal(msgstr.endswith("\n"), msgid.endswith("\n"), msgid)


@test
def commands_stay():
    """what is typed stays as it is: commands and options are not translated away"""
    for msgid, msgstr in pairs():
        for word in re.findall(r"ess-setup (?:config \w+|apply|attach|explain|log|state reset|cleanup)|--[a-z][a-z-]+", msgid):
            equal(word in msgstr, True, f"{word} in {msgstr}")


main()
