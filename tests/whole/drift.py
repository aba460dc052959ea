# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The world changed behind the program's back: check sees it, the next run mends exactly that."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal  # noqa: E402
from world import World, STEPS  # noqa: E402

w = World()
w.setup("config", "set", "dns.manage", "true", status=0)
w.apply()


def kubectl(*args, **kw):
    return w.kubectl(*args, **kw)


def remove(path):
    os.unlink(w.path(path))


def append(path, text):
    with open(w.path(path), "a", encoding="utf-8") as f:
        f.write(text)


def store(name, change):
    """Edits one of the world's own JSON files."""
    p = w.path(f"/world/{name}")
    data = json.load(open(p, encoding="utf-8"))
    change(data)
    json.dump(data, open(p, "w", encoding="utf-8"))


def patch(kind, name, ns, change):
    o = json.loads(kubectl("get", kind, name, "-n", ns, "-o", "json"))
    change(o)
    for key in ("managedFields", "resourceVersion", "uid"):
        o["metadata"].pop(key, None)
    o.pop("status", None)
    kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=ess-setup", "-o", "json", "-f", "-",
            input=json.dumps(o))


def delete(kind, name, ns=None):
    kubectl("delete", kind, name, *(["-n", ns] if ns else []), "--ignore-not-found", "--timeout=120s")


def dns_record(name, value):
    def change(data):
        for r in data["records"]:
            if r["name"] == name and r["type"] == "A":
                r["content"] = value
    store("dns.json", change)


def cached(prefix):
    cache = w.path("/var/cache/ess-setup")
    return next(f"{cache}/{n}" for n in sorted(os.listdir(cache)) if n.startswith(prefix))


def traefik_service():
    patch("services", "traefik", "kube-system", lambda o: o["spec"].update(type="ClusterIP"))


def ingress_port():
    patch("ingresses", "ess-synapse", "ess", lambda o: o["spec"]["rules"][0].update(host="other.example.com"))


def machine_address():
    for name in ("fib_trie",):
        text = w.read(f"/proc/net/{name}")
        w.write(f"/proc/net/{name}", text.replace("192.168.1.20", "192.168.1.21"))


def no_admin():
    store("cluster.json", lambda d: d["users"].pop("admin"))


def new_address():
    for name in ("ip", "matrix", "account", "mrtc", "element", "admin"):
        dns_record(f"{name}.example.com", "1.2.3.5")
    dns_record("example.com", "1.2.3.5")


# step, what happened, how, and the further steps that the next run applies, because they depend on what
# was mended (None: any).
DRIFT = [
    ("preflight", "the machine got another address", machine_address, None),
    ("supply", "a cached download was cut short",
     lambda: os.truncate(cached("helm-v4.2.4-linux"), 100), []),
    ("public-address", "the line got another public address", new_address, None),
    ("dns", "a record was changed", lambda: dns_record("matrix.example.com", "9.9.9.9"), []),
    ("packages", "a package was removed",
     lambda: store("host.json", lambda d: d["packages"].pop("kmod")), []),
    ("helm", "the helm binary was replaced",
     lambda: w.write("/usr/local/bin/helm", "#!/bin/false\n"), []),
    ("values", "the values file was edited",
     lambda: append("/var/lib/ess-setup/generated/values.json", " "), []),
    ("k3s", "K3s' configuration was edited",
     lambda: append("/etc/rancher/k3s/config.yaml", "# mine\n"), []),
    ("traefik", "Traefik's Service was changed", traefik_service, []),
    ("cert-manager", "a Deployment of cert-manager was deleted",
     lambda: delete("deployments", "cert-manager-webhook", "cert-manager"), []),
    ("issuer", "the token's Secret was deleted",
     lambda: delete("secrets", "cloudflare-api-token", "cert-manager"), []),
    ("routes", "the federation route was deleted",
     lambda: delete("ingresses", "ess-setup-federation", "ess"), []),
    ("ess", "a host of an Ingress was changed", ingress_port, []),
    ("certificates", "a certificate's Secret was deleted",
     lambda: delete("secrets", "ess-synapse-certmanager-tls", "ess"), []),
    ("admin-user", "the administrator was deleted", no_admin, []),
    ("handover", "the summary was deleted", lambda: remove("/var/lib/ess-setup/handover.txt"), []),
]


def found():
    p = w.engine("probe")
    equal(p.returncode, 0, p.stdout + p.stderr)
    return {s["id"]: s.get("found", "error " + json.dumps(s.get("error"))) for s in json.loads(p.stdout)}


@test
def all_present():
    """after the installation every check says present"""
    equal(found(), dict.fromkeys(STEPS, "present"))


def drift_test(step, what, change, also):
    def run():
        change()
        seen = found()
        assert seen[step] in ("absent", "different"), (step, seen[step])
        w.apply()
        applied = w.applied()
        assert step in applied, (step, applied)
        if also is not None:
            equal(applied, [s for s in STEPS if s == step or s in also])
        equal(found(), dict.fromkeys(STEPS, "present"))
    run.__doc__ = f"{step}: {what}"
    run.__name__ = f"drift_{step}"
    return run


for row in DRIFT:
    test(drift_test(*row))


@test
def ready_sees():
    """ess-ready: a part stopped running; when it runs again, the next run says so"""
    w.scenario({"knobs": {"pod.trouble": "ess-element-web CrashLoopBackOff back-off restarting failed container"}})
    delete("deployments", "ess-element-web", "ess")
    w.apply("--until", "ess")
    assert found()["ess-ready"] in ("absent", "different"), found()
    w.scenario([])
    w.apply()
    equal(found(), dict.fromkeys(STEPS, "present"))


@test
def verify_sees():
    """verify: Synapse stopped answering; when it is back, the next run says so"""
    w.scenario([{"match": {"host": "matrix.example.com", "path": "/_matrix/client/versions"}, "action": "fail",
                 "status": 502, "times": 0}])
    assert found()["verify"] in ("absent", "different")
    w.scenario([])
    st = w.state()
    st["steps"]["verify"]["status"] = "failed"  # as a run that met it would have left it
    w.write("/var/lib/ess-setup/state.json", json.dumps(st))
    w.apply()
    equal(w.applied(), ["verify"])


if __name__ == "__main__":
    main()
