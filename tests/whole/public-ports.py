# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Unusual public ports through the whole job: one port for HTTPS and federation, and 443. And what works from
where, before and after."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has  # noqa: E402
from world import World, SETUP, STEPS  # noqa: E402


def install(**ports):
    w = World()
    for key, value in ports.items():
        w.setup("config", "set", f"ports.{key}", str(value), status=0)
    return w


def discovery(w):
    return json.loads(w.setup("discovery", "--json", status=0).stdout)


def works(d):
    """{id: (home, outside)}, with an m where it was measured."""
    def cell(c):
        return c["works"] + "m" * c["measured"]
    return {r["id"]: (cell(r["home"]), cell(r["outside"])) for r in d["rows"]}


def verified(w):
    equal(w.steps(), dict.fromkeys(STEPS, "done"))
    results = {r["id"]: r["ok"] for r in w.state()["facts"]["verify.results"]}
    equal({k for k, ok in results.items() if not ok} - {"router", "router-udp", "federation-tester"}, set())
    return results


@test
def one_port():
    """https = federation = 8443: one entry point, one Service port, and everything answers"""
    with install(federation=8443) as w:
        before = works(discovery(w))
        assert not any("m" in c for row in before.values() for c in row if c != "none"), before
        has(w.setup("discovery", status=0).stdout, "What will work ")
        w.apply()
        results = verified(w)
        assert "federation-port" in results, results
        w.apply()
        equal(w.applied(), [], "a second run changes nothing")
        services = json.loads(w.kubectl("get", "services", "-A", "-o", "json"))["items"]
        traefik = [s for s in services if s["metadata"]["name"] == "traefik"][0]
        equal(sorted(p["port"] for p in traefik["spec"]["ports"]), [8080, 8443])
        inner = [s for s in services if s["metadata"]["name"] == "ess-setup-internal"][0]
        equal(sorted(p["port"] for p in inner["spec"]["ports"]), [443, 8443, 8448])
        after = works(discovery(w))
        equal(after["element-x"], ("yesm" if results["router"] else "nom", "yes"))
        equal(after["element-admin"], ("no", "no"))
        text = w.setup("discovery", status=0).stdout
        has(text, "(* measured)")
        has(text, "https://matrix.example.com:8443")


@test
def port_443():
    """https = 443: no address carries a port, and the server name alone is what people type"""
    with install(https=443, http=80) as w:
        w.apply()
        verified(w)
        values = json.loads(w.read("/var/lib/ess-setup/generated/values.json"))
        equal(values["synapse"]["ingress"]["host"], "matrix.example.com")
        equal([r["type"] for r in discovery(w)["rows"] if r["id"] == "element-x"], ["example.com"])


def service(w, name, **spec):
    w.kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=ess-setup", "-o", "json", "-f", "-",
              input=json.dumps({"apiVersion": "v1", "kind": "List", "items": [
                  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
                  {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"},
                   "spec": {"selector": {"app": name}, "ports": [{"port": 80, "protocol": "TCP"}], **spec}}]}))


def internal(w):
    return json.loads(w.kubectl("get", "services", "ess-setup-internal", "-n", "kube-system", "-o", "json"))["spec"]["clusterIP"]


@test
def taken_meanwhile():
    """the inner address is taken before it is used: another one is chosen, and the chart is told"""
    with install() as w:
        w.apply("--until", "k3s")
        service(w, "shop", clusterIP="10.43.0.200")
        w.apply("--until", "routes")
        equal(internal(w), "10.43.0.201")
        equal(json.loads(w.read("/var/lib/ess-setup/generated/values.json"))["synapse"]["hostAliases"][0]["ip"],
              "10.43.0.201")
        w.apply("--until", "routes")
        equal(w.applied(), [])
        # what somebody wants but another one has is said at once
        w.setup("config", "set", "cluster.internal_address", "10.43.0.200", status=0)
        p = w.apply(status=1)
        has(p.stdout + p.stderr, "E-PRE-016")
        has(p.stdout + p.stderr, "shop")
        # without our own record the address that our own Service has counts as free
        w.setup("config", "unset", "cluster.internal_address", status=0)
        w.setup("state", "reset", status=0)
        w.apply("--until", "routes")
        equal(internal(w), "10.43.0.201")


@test
def taken_at_the_last_moment():
    """taken after it was chosen: a dry run at the server finds it, and nothing of ours is made"""
    with install() as w:
        w.apply("--until", "k3s")
        w.scenario([{"match": {"tool": "kubectl", "argv": "get helmcharts.helm.cattle.io traefik"}, "action": "slow",
                     "ms": 3000}])
        w.forget_calls()
        p = subprocess.Popen([SETUP, f"--rehearse={w.dir}", "apply", "--yes", "--foreground", "--until", "routes"],
                             env=w.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            w.wait_for(lambda: any("helmcharts.helm.cattle.io" in c["argv"] for c in w.calls()))
            service(w, "shop", clusterIP="10.43.0.200")
            out = p.communicate(timeout=120)[0]
        finally:
            p.kill()
        has(out, "E-KUB-004")
        assert "--dry-run=server" in [c for c in w.calls() if "apply" in c["argv"]][-1]["argv"]
        services = json.loads(w.kubectl("get", "services", "-A", "-o", "json"))["items"]
        equal([s["metadata"]["name"] for s in services if s["metadata"]["name"] == "ess-setup-internal"], [])


@test
def new_port_in_use():
    """a port that is wanted later and that another program has is found before anything is changed"""
    with install() as w:
        w.apply("--until", "traefik")
        tcp = w.read("/proc/net/tcp")
        w.write("/proc/net/tcp", tcp + "  99: 00000000:24E3 00000000:0000 0A 00000000:00000000 00:00000000 00000000"
                                       "     0        0 4711 1 0 100 0\n")
        w.setup("config", "set", "ports.https", "9443", status=0)
        w.forget_calls()
        p = w.apply(status=1)
        has(p.stdout + p.stderr, "E-PRE-")
        has(p.stdout + p.stderr, "port 9443/tcp is in use")
        equal(w.mutating(), [])
        w.write("/proc/net/tcp", tcp)
        w.apply("--until", "traefik")


if __name__ == "__main__":
    main()
