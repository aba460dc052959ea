# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""A canary put into every secret appears only where it is meant to be."""

import base64
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal  # noqa: E402
from world import World  # noqa: E402

# Every key with the secret flag, each with a value of its own. The Cloudflare token is the world's:
# its Cloudflare knows no other.
CANARIES = {
    "admin.password": "Canary+admin/Pw=1x?\"quote",
    "smtp.password": "Canary+smtp/Pw=2x",
    "postgres.synapse_password": "Canary+pgs/Pw=3x",
    "postgres.auth_password": "Canary+pga/Pw=4x",
}
# Where a secret may stand: sealed in secrets.json (so not found there in any form), and in the
# Kubernetes objects meant for it, which the world keeps in its own folder.
ALLOWED = ("/world/cluster.json", "/world/overlay.json", "/world/dns.json", "/world/applied.json", "/world/releases/")


def forms(secret):
    """The secret as it is, and as encodings show it; base64 in its three alignments."""
    raw = secret.encode()
    out = {raw, urllib.parse.quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode()}
    for pad in range(3):
        coded = base64.b64encode(b"x" * pad + raw)
        # The first and last characters of an alignment depend on the neighbours.
        out.add(coded[(pad * 8 + 5) // 6:len(coded) // 4 * 4 - 4])
    return [f for f in out if len(f) >= 6]


def hits(w, secrets):
    found = []
    for folder, _, names in os.walk(w.dir):
        for name in names:
            p = os.path.join(folder, name)
            rel = p[len(w.dir):]
            if os.path.islink(p) or rel.startswith(ALLOWED) or not os.path.isfile(p):
                continue
            data = open(p, "rb").read()
            for key, value in secrets.items():
                if any(f in data for f in forms(value)):
                    found.append((rel, key))
    return found


@test
def nowhere():
    """in no file, argument, environment, log, event, plan, rendered file or error text"""
    with World() as w:
        w.start()
        for key, value in CANARIES.items():
            w.setup("config", "set", key, "-", input=value + "\n", status=0)
        for key, value in (("registration.mode", "open"), ("smtp.host", "smtp.example.com"),
                           ("smtp.from", "matrix@example.com"), ("smtp.username", "mailer"),
                           ("postgres.mode", "external"), ("postgres.host", "db.example.com"),
                           ("postgres.synapse_user", "synapse"), ("postgres.synapse_database", "synapse"),
                           ("postgres.auth_user", "mas"), ("postgres.auth_database", "mas")):
            w.setup("config", "set", key, value, status=0)
        secrets = {**CANARIES, "cloudflare.token": w.token()}
        outputs = [w.setup("plan", "--json"), w.setup("plan"), w.apply(), w.setup("status", "--json"),
                   w.setup("render", "-o", w.path("/rendered")), w.setup("config", "export"), w.setup("log"),
                   w.setup("plan", "--json")]
        for p in outputs:
            equal(p.returncode, 0, f"{p.args}: {p.stdout[-500:]} {p.stderr[-500:]}")
            text = (p.stdout + p.stderr).encode()
            equal([k for k, v in secrets.items() if any(f in text for f in forms(v))], [], p.args)
        # The one named exception: mas-cli takes the password only as an argument or at its prompts,
        # so the call of the stand-in, which is the pod's and not ours, is looked at apart.
        calls = w.calls()
        bad = [(c["tool"], k) for c in calls for k, v in secrets.items()
               if any(f in json.dumps(c["argv"]).encode() for f in forms(v))
               and not (k == "admin.password" and "mas-cli" in c["argv"])]
        equal(bad, [], "arguments")
        os.unlink(w.path("/world/calls.jsonl"))
        equal(hits(w, secrets), [])


@test
def in_error_text():
    """a failure that quotes a command's last words does not quote the secret"""
    with World() as w:
        w.start()
        token = w.token()
        w.scenario([{"match": {"tool": "helm", "argv": "upgrade"}, "action": "fail", "times": 0, "exit": 1,
                     "stderr": f"the token was {token}\n"}])
        p = w.apply(status=1)
        assert token not in p.stdout + p.stderr
        assert "[secret]" in w.read("/var/log/ess-setup/current/install.log")
        equal(hits(w, {"cloudflare.token": token}), [("/world/scenario.json", "cloudflare.token")])


if __name__ == "__main__":
    main()
