# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The conformance matrix of whiptail against ess-dialog, where it lies beside the source tree."""

import json
import os
import re
import subprocess
import sys

SRC = os.environ["ESS_SRC"]
sys.path.insert(0, f"{SRC}/tests/lib")
from tap import main, skip, test  # noqa: E402

SHARED = f"{SRC}/../shared"
DIALOG = os.environ["ESS_BUILD"] + "/ess-dialog"
GOLDEN = f"{SHARED}/whiptail-golden-debian12.json.gz"
BETTER = {name for entry in json.load(open(f"{SRC}/tests/data/dialog-better.json", encoding="utf-8"))
          for name in entry["cases"]}


def differing(level):
    """The names of the cases that differ, and the report."""
    if not os.path.exists(GOLDEN):
        skip("there are no records of whiptail in ../shared")
    run = subprocess.run([sys.executable, f"{SHARED}/whiptail_diff.py", "--golden", GOLDEN, "-B", DIALOG,
                          "--level", level, "-j", "4"], capture_output=True, text=True, timeout=600)
    same = re.search(r"(\d+) same", run.stdout)
    assert same and int(same.group(1)) > 5, run.stdout + run.stderr
    return set(re.findall(r"^DIFF (\S+)", run.stdout, re.M)), run.stdout


@test
def contract():
    """nothing that a script can see differs"""
    names, report = differing("contract")
    assert not names, report


@test
def layout():
    """screens, colours and cursor differ only where tests/data/dialog-better.json says why"""
    names, report = differing("layout")
    assert names <= BETTER, (names - BETTER, report)


@test
def quirks():
    """whiptail's accidents are repeated or improved, and every improvement has its reason"""
    names, report = differing("quirk")
    assert names <= BETTER, (names - BETTER, report)
    for wanted in ("infobox", "menu-digits", "resize-shrink", "resize-gauge", "sigterm", "sigint", "msgbox-scroll"):
        assert wanted in names, f"{wanted} is as in whiptail again"


if __name__ == "__main__":
    main()
