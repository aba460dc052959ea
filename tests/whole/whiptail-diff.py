# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The conformance matrix of whiptail against ess-dialog, where it lies beside the source tree."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

SRC = os.environ["ESS_SRC"]
sys.path.insert(0, f"{SRC}/tests/lib")
from dialogcases import cases  # noqa: E402
from tap import long_run, main, skip, test  # noqa: E402

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


@test
def more_cases():
    """command lines that nobody thought of: options, sizes, locales, terminals, orders, environments, keys"""
    driver = f"{SHARED}/whiptail_diff.py"
    if not os.path.exists(driver):
        skip("whiptail_diff.py is not in ../shared")
    if not shutil.which("whiptail"):
        skip("whiptail is not installed")
    seed = int(os.environ.get("ESS_SEED") or (random.randrange(10 ** 6) if long_run() else 1))
    chosen = cases(seed, 3 if long_run() else 1)
    if not long_run():
        chosen = chosen[::8]
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as f:
        json.dump({"cases": chosen}, f, ensure_ascii=False)
        f.flush()
        run = subprocess.run([sys.executable, driver, "--cases", f.name, "-A", "whiptail", "-B", DIALOG, "--strict", "-j", "6"],
                             capture_output=True, text=True, timeout=1800)
    assert f"{len(chosen)} same" in run.stdout, f"ESS_SEED={seed}\n{run.stdout}{run.stderr}"


if __name__ == "__main__":
    main()
