# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""What tests against real servers on loopback share: free ports, waiting, certificates."""

import os
import shutil
import socket
import subprocess
import time

from tap import skip


def need(*programs):
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for p in programs:
        if not shutil.which(p):
            skip(f"{p} is not installed")


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(seen, what):
    until = time.monotonic() + 20
    while not seen():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def make_ca(folder, names=("get.helm.sh", "wrong.example.org")):
    run = lambda *a: subprocess.run(["openssl", *a], cwd=folder, check=True, capture_output=True)  # noqa: E731
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
        "-out", "ca.pem", "-subj", "/CN=test", "-days", "2")
    for name in names:
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
            "-out", f"{name}.csr", "-subj", f"/CN={name}")
        with open(f"{folder}/ext", "w", encoding="ascii") as f:
            f.write(f"subjectAltName=DNS:{name}\n")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", f"{name}.pem", "-days", "1", "-extfile", "ext")
