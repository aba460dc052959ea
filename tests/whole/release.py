# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The release under bad luck: a killed helm, an orphaned one, certificates refused, unknown prompts."""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal  # noqa: E402
from world import World, SETUP  # noqa: E402

w = World()
w.apply("--until", "routes")

UPGRADE = {"tool": "helm", "argv": "upgrade --install ess"}
EXEC = "exec -n ess deploy/ess-matrix-authentication-service"


def records():
    """{revision: status} of the release's records."""
    found = {}
    for key, o in w.cluster()["objects"].items():
        if key.startswith("secrets/ess/sh.helm.release.v1.ess.v"):
            found[int(o["metadata"]["labels"]["version"])] = o["metadata"]["labels"]["status"]
    return found


def rules(*rules, **knobs):
    w.scenario({"rules": list(rules), "knobs": knobs})
    counters = w.path("/world/counters.json")
    if os.path.exists(counters):
        os.unlink(counters)
    w.forget_calls()


def deletes():
    return [c[c.index("delete") + 2] for c in w.mutating() if c[:2] == ["kubectl", "delete"]]


def error():
    """Card and text of the step that failed in the last run."""
    return next((e["error"]["card"], " ".join(e["error"]["args"])) for e in w.events()
                if e["type"] == "step.end" and e["result"] == "failed")


@test
def killed_first_install():
    """helm killed in its first install: its record is taken away, the objects are adopted"""
    rules({"match": UPGRADE, "action": "die", "when": "middle"})
    w.apply("--until", "ess", status=1)
    equal(records(), {1: "pending-install"})
    equal(error()[0], "E-HLM-001")
    assert "killed by signal 9" in error()[1], error()
    rules()
    w.apply("--until", "ess")
    equal(deletes(), ["sh.helm.release.v1.ess.v1"])
    equal(records(), {1: "deployed"})


@test
def killed_upgrade():
    """helm killed in an upgrade: only the pending record goes, the one before stays"""
    w.setup("config", "set", "synapse.max_upload_size", "77M", status=0)
    rules({"match": UPGRADE, "action": "die", "when": "middle"})
    w.apply("--until", "ess", status=1)
    equal(records(), {1: "deployed", 2: "pending-upgrade"})
    rules()
    w.apply("--until", "ess")
    equal(deletes(), ["sh.helm.release.v1.ess.v2"])
    equal(records(), {1: "superseded", 2: "deployed"})


def orphan():
    """The process id of a helm that works in this world."""
    helm = os.path.realpath(w.path("/usr/local/bin/helm"))
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                argv = f.read().decode().split("\0")
        except OSError:
            continue
        if len(argv) > 2 and os.path.realpath(argv[1]) == helm and argv[2] == "upgrade":
            return int(pid)
    return None


@test
def orphaned_helm():
    """a helm that outlived its engine is waited for, then its release is repaired"""
    w.setup("config", "set", "synapse.max_upload_size", "78M", status=0)
    rules({"match": UPGRADE, "action": "hang", "when": "middle"})
    first = subprocess.Popen([SETUP, f"--rehearse={w.dir}", "apply", "--yes", "--foreground", "--until", "ess"],
                             env=w.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    w.wait_for(lambda: records().get(3) == "pending-upgrade")
    os.kill(int(w.read("/run/ess-setup/lock")), signal.SIGKILL)
    first.wait(60)
    pid = orphan()
    assert pid, "the helm ended with its engine"
    rules()
    second = subprocess.Popen([SETUP, f"--rehearse={w.dir}", "apply", "--yes", "--foreground", "--until", "ess"],
                              env=w.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    w.wait_for(lambda: any("another helm" in e.get("msgid", "") for e in w.events() if e["type"] == "step.progress"))
    equal(w.mutating(), [], "changed while another helm was at work")
    os.kill(pid, signal.SIGKILL)
    equal(second.wait(60), 0, w.log_tail())
    equal(deletes(), ["sh.helm.release.v1.ess.v3"])
    equal(records(), {1: "superseded", 2: "superseded", 3: "deployed"})


@test
def hook_fails():
    """a failed hook has its own card, which names the job"""
    w.setup("config", "set", "synapse.max_upload_size", "79M", status=0)
    rules(**{"helm.hook_fails": "ess-synapse-check-config"})
    w.apply("--until", "ess", status=1)
    equal(error()[0], "E-HLM-005")
    assert "ess-synapse-check-config" in error()[1], error()
    rules()
    w.apply("--until", "ess")


@test
def token_refused():
    """a challenge that Cloudflare refuses ends with Cloudflare's card and its words"""
    words = 'while querying the Cloudflare API for GET "/zones?name=example.com" \n\t Error: 9109: Invalid access token'
    rules(**{"challenge.reason": words})
    w.kubectl("delete", "secrets", "ess-synapse-certmanager-tls", "-n", "ess", "--ignore-not-found", "--timeout=120s")
    w.apply("--until", "certificates", status=1)
    equal(error()[0], "E-CF-009")
    assert "9109: Invalid access token" in error()[1], error()
    rules()
    w.apply("--until", "certificates")


@test
def unknown_prompts():
    """where mas-cli's prompts are not the known ones the password goes as an argument, and that is said"""
    rules({"match": {"tool": "kubectl", "argv": "exec -it"}, "action": "garbage"})
    w.apply()
    given = [a for c in w.mutating() for a in c if a.startswith("--password=")]
    equal(len(given), 1, w.mutating())
    password = given[0].partition("=")[2]
    equal(len(password), 32)
    for run in w.runs():
        for name in ("events.jsonl", "install.log"):
            text = w.read(f"/var/log/ess-setup/{run}/{name}")
            assert password not in text, f"the password stands in {name}"
    assert "as an argument of a command" in w.read("/var/lib/ess-setup/handover.txt")
    assert password not in w.read("/var/lib/ess-setup/handover.txt")
    w.apply()
    equal(w.applied(), [])


@test
def known_prompts():
    """typed at the prompts, the password stands in nobody's arguments"""
    w.setup("config", "set", "admin.username", "boss", status=0)
    rules()
    w.apply()
    users = w.cluster()["users"]
    equal(sorted(users), ["admin", "boss"])
    equal([a for c in w.mutating() for a in c if "password" in a], [])
    assert users["boss"]["admin"] and users["boss"]["password_sha256"] == users["admin"]["password_sha256"]
    assert "as an argument of a command" not in w.read("/var/lib/ess-setup/handover.txt")


if __name__ == "__main__":
    main()
