#!/usr/bin/python3
# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""An engine in the place of ess-engine that keeps to its files and does nothing else: it waits for the
file "go" in its root, so that a test decides when the run goes on and how it ends."""

import fcntl
import json
import os
import signal
import struct
import sys
import time

ROOT = os.environ["ESS_SETUP_ROOT"]
STEPS = [{"id": "preflight", "number": 10, "title": "Look at the machine", "estimate_s": 5},
         {"id": "supply", "number": 15, "title": "Choose versions and fetch the parts", "estimate_s": 60}]
ERROR = {"code": "CF_ZONE_READ", "card": "E-CF-004", "msgid": "the zone %s is %s", "args": ["a", "b"]}


def emit(kind, **fields):
    emit.seq += 1
    line = json.dumps({"v": 1, "seq": emit.seq, "t": 1, "type": kind, **fields})
    os.write(emit.fd, line.encode() + b"\n")


def end(status, code, **fields):
    emit("run.end", status=status, **fields)
    sys.exit(code)


def pause(name):
    """Waits for go-NAME where the file pauses names it."""
    wanted = os.path.exists(f"{ROOT}/pauses") and name in open(f"{ROOT}/pauses").read().split()
    while wanted and not os.path.exists(f"{ROOT}/go-{name}"):
        time.sleep(0.02)


def run():
    os.makedirs(f"{ROOT}/run/ess-setup", exist_ok=True)
    lock = os.open(f"{ROOT}/run/ess-setup/lock", os.O_RDWR | os.O_CREAT, 0o644)
    f_ofd_setlk = 37
    fcntl.fcntl(lock, f_ofd_setlk, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())

    logs, name = f"{ROOT}/var/log/ess-setup", f"run-{os.getpid()}"
    os.makedirs(f"{logs}/{name}")
    emit.fd = os.open(f"{logs}/{name}/events.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    emit.seq = 0
    os.symlink(name, f"{logs}/.current")
    os.rename(f"{logs}/.current", f"{logs}/current")
    signal.signal(signal.SIGTERM, lambda *_: end("cancelled", 130))
    signal.signal(signal.SIGINT, lambda *_: end("cancelled", 130))
    print(json.dumps({"run": name}), flush=True)

    emit("run.begin", run=name, job="install", steps=[{**s, "status": "pending"} for s in STEPS])
    pause("begin")
    emit("step.end", step="preflight", result="skipped", elapsed_ms=1)
    emit("step.start", step="supply", attempt=1)
    emit("step.progress", step="supply", percent=42, msgid="%s: %s MiB", args=["K3s", "7"])
    for n in range(1001 if os.environ.get("ESS_TEST_CHATTY") else 0):
        emit("step.progress", step="supply", percent=n // 10, msgid="%s: %s MiB", args=["K3s", str(n)])
    n = 0
    while not os.path.exists(f"{ROOT}/go"):
        time.sleep(0.02)
        n += 1
        if os.environ.get("ESS_TEST_STEADY"): # as a download does
            emit("step.progress", step="supply", percent=42, msgid="%s: %s MiB", args=["K3s", str(n)])
    how = open(f"{ROOT}/go").read().strip()
    if how == "failed":
        emit("step.end", step="supply", result="failed", elapsed_ms=61000, error=ERROR)
        end("failed", 1, error=ERROR)
    emit("step.end", step="supply", result="done", elapsed_ms=61000, note="v1")
    end(how, 3 if how == "degraded" else 0)


if sys.argv[1:] == ["plan", "--steps"]:
    print(json.dumps(STEPS))
else:
    run()
