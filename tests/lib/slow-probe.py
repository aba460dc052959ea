#!/usr/bin/python3
# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""ess-engine, but a probe of an answer begins only when the file "go" is in its root: a slow network."""

import os
import sys
import time

ROOT, BUILD = os.environ["ESS_SETUP_ROOT"], os.path.dirname(os.readlink(f"{os.environ['ESS_SETUP_LIBEXEC']}/ess-world"))

if sys.argv[1:2] == ["probe"] and len(sys.argv) == 3:
    with open(f"{ROOT}/probing", "w", encoding="ascii") as f:
        f.write(sys.argv[2])
    while not os.path.exists(f"{ROOT}/go"):
        time.sleep(0.02)
os.execv(f"{BUILD}/ess-engine", sys.argv)
