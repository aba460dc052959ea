# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""What goes past the program: the user's own values files, and hands in the cluster. Names and ports are judged
before helm is called, and again as they are in the cluster."""

import base64
import json
import os
import subprocess
import sys

import yaml

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has  # noqa: E402
from world import World, SETUP, STEPS  # noqa: E402

EXTRA = "/root/extra.yaml"
CANARY = "c4nary-in-a-secret"

w = World()
w.write(EXTRA, "synapse:\n  additional:\n    mine.yaml:\n      config: 'max_avatar_size: 10M'\n")
w.setup("config", "set", "ess.extra_values", EXTRA, status=0)
w.apply()


def upgrades():
    return [c for c in w.calls() if c["tool"] == "helm" and "upgrade" in c["argv"] and "ess" in c["argv"]]


def refused(*words):
    """The run ends in step values, before helm was called, with these words in the card."""
    w.forget_calls()
    p = w.apply(status=1)
    for word in ("E-HLM-011", EXTRA, *words):
        has(p.stdout + p.stderr, word)
    equal({k: v for k, v in w.results().items() if v == "failed"}, {"values": "failed"})
    equal([c for c in w.mutating() if c[0] in ("helm", "kubectl")], [], "changed before the file was judged")


@test
def same_content():
    """a file that did not change runs nothing again, whenever it was written"""
    w.write(EXTRA, w.read(EXTRA))
    w.apply()
    equal(w.applied(), [])


@test
def other_content():
    """other content in the same file: it is judged anew, then helm gets it"""
    w.write(EXTRA, "synapse:\n  additional:\n    mine.yaml:\n      config: 'max_avatar_size: 11M'\n")
    plan = {s["id"]: s for s in json.loads(w.setup("plan", "--json", status=0).stdout)["steps"]}
    equal((plan["values"]["action"], plan["packages"]["action"]), ("apply", "skip"))
    equal(plan["values"]["reason"], "an answer or a fact that it depends on changed")
    w.forget_calls()
    w.apply()
    applied = w.applied()
    assert applied.index("values") < applied.index("ess"), applied
    equal(set(applied) & {"preflight", "supply", "dns", "packages", "helm", "k3s", "traefik", "cert-manager", "issuer",
                          "routes"}, set())
    equal(len(upgrades()), 1)
    w.apply()
    equal(w.applied(), [])


BAD = [
    ("synapse: {ingress: {host: m.elsewhere.net}}\n", "synapse.ingress.host", "domains.synapse"),
    ("a: 1\nmatrixRTC:\n  sfu:\n    exposedServices:\n      rtcTcp: {port: 30009}\n",
     "line 4", "matrixRTC.sfu.exposedServices", "ports.rtc_mode"),
    ("elementWeb: {additional: {a.json: '{\"default_server_config\": {\"m.homeserver\": {\"base_url\": "
     "\"https://matrix.example.com\"}}}'}}\n", "elementWeb.additional.a.json", "https://matrix.example.com"),
    ("a: b: c\n", "no valid YAML"),
]


def bad(text, *words):
    def run():
        w.write(EXTRA, text)
        refused(*words)
    run.__doc__ = f"refused: {words[0]}"
    run.__name__ = f"refused_{words[0]}"
    return run


for row in BAD:
    test(bad(*row))


@test
def no_file():
    """a file that is gone is named; when it is back the run goes on, and what was judged is not judged again"""
    os.unlink(w.path(EXTRA))
    refused("does not exist")
    w.write(EXTRA, "synapse:\n  additional:\n    mine.yaml:\n      config: 'max_avatar_size: 11M'\n")
    w.forget_calls()
    w.apply()
    equal(w.steps(), dict.fromkeys(STEPS, "done"))
    equal(len(upgrades()), 0, "helm has this content already")


@test
def edited_meanwhile():
    """edited between values and ess: helm does not get what nobody has judged"""
    judged = "synapse:\n  additional:\n    mine.yaml:\n      config: 'max_avatar_size: 12M'\n"
    w.write(EXTRA, judged)
    w.scenario([{"match": {"tool": "kubectl", "argv": "get services ess-setup-internal"}, "action": "slow", "ms": 3000}])
    w.forget_calls()
    p = subprocess.Popen([SETUP, f"--rehearse={w.dir}", "apply", "--yes", "--foreground"], env=w.env,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        w.wait_for(lambda: any("ess-setup-internal" in c["argv"] for c in w.calls()))
        w.write(EXTRA, "synapse: {ingress: {host: m.elsewhere.net}}\n")
        out = p.communicate(timeout=120)[0]
    finally:
        p.kill()
    has(out, "E-HLM-011")
    has(out, "changed after they were judged")
    equal((w.results()["values"], w.results()["ess"], len(upgrades())), ("done", "failed", 0))
    w.scenario([])
    refused("synapse.ingress.host")
    w.write(EXTRA, judged)
    w.apply()
    equal((w.steps(), len(upgrades())), (dict.fromkeys(STEPS, "done"), 1))


# --- hands in the cluster -------------------------------------------------------------------------


def edit(kind, name, change):
    """As kubectl edit would, in the cluster and in what helm remembers: so nothing puts it back."""
    o = json.loads(w.kubectl("get", kind, name, "-n", "ess", "-o", "json"))
    change(o)
    for key in ("managedFields", "resourceVersion", "uid"):
        o["metadata"].pop(key, None)
    o.pop("status", None)
    w.kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=ess-setup", "-o", "json", "-f", "-",
              input=json.dumps(o))


def variable(o, name, value):
    for c in o["spec"]["template"]["spec"]["containers"]:
        for v in c.get("env", []):
            if v["name"] == name:
                v["value"] = value


def host(o, value):
    o["spec"]["rules"][0]["host"] = value


def text(o, key, old, new):
    assert old in o["data"][key], (old, o["data"][key])
    o["data"][key] = o["data"][key].replace(old, new)


def server(o):
    o["data"]["server"] = json.dumps({"m.server": "matrix.example.com:443"})


def secret(o):
    o["data"]["mine.yaml"] = base64.b64encode(
        f"password: {CANARY}\nurl: https://u:{CANARY}@matrix.example.com/\n".encode()).decode()


SFU = "ess-matrix-rtc-authorisation-service"
HANDS = [
    ("a variable loses its port", "deployments", SFU, lambda o: variable(o, "LIVEKIT_URL", "wss://mrtc.example.com"),
     f"Deployment/{SFU}", ".env["),
    ("a variable with the port twice", "deployments", SFU,
     lambda o: variable(o, "LIVEKIT_URL", "wss://mrtc.example.com:8443:8443"), f"Deployment/{SFU}", ".env["),
    ("a foreign name at Synapse", "ingresses", "ess-synapse", lambda o: host(o, "matrix.elsewhere.net"),
     "Ingress/ess-synapse", "spec.rules[0].host"),
    ("m.server with 443", "configmaps", "ess-well-known-haproxy", server, "ConfigMap/ess-well-known-haproxy", "m.server"),
    ("the base of logins without its port", "configmaps", "ess-matrix-authentication-service",
     lambda o: text(o, "mas-config-overrides.yaml", ":8443", ""), "ConfigMap/ess-matrix-authentication-service",
     "public_base"),
]


def probe():
    p = w.engine("probe")
    equal(p.returncode, 0, p.stdout + p.stderr)
    return {s["id"]: s.get("found", "error " + json.dumps(s.get("error"))) for s in json.loads(p.stdout)}


def record_path():
    top = w.path("/world/releases")
    return [f"{top}/{n}" for n in os.listdir(top) if n.startswith("ess.sh.helm.release.v1.ess.")]


def hand(kind, name, change, thing, field):
    def run():
        before = w.kubectl("get", kind, name, "-n", "ess", "-o", "json")
        edit(kind, name, change)
        equal(probe()["verify"], "different")
        # helm's memory is made to agree, so that step ess has nothing to put back
        agree(kind, name)
        equal(probe()["ess"], "present", "the test's own edit of helm's record")
        p = w.apply(status=1)
        for word in ("E-VER-013", thing, field):
            has(p.stdout + p.stderr, word)
        equal(w.results()["verify"], "failed")
        for word in (thing, field):
            has(w.read("/var/log/ess-setup/current/install.log"), word)
        agree(kind, name, json.loads(before))
        w.apply()
        equal(w.steps(), dict.fromkeys(STEPS, "done"))
        equal(json.loads(w.kubectl("get", kind, name, "-n", "ess", "-o", "json")).get("data"),
              json.loads(before).get("data"), "put right by helm")
        equal(w.applied()[0], "ess")
    return run


def agree(kind, name, like=None):
    """Puts the live object (or this one) into the manifests that helm remembers."""
    o = like or json.loads(w.kubectl("get", kind, name, "-n", "ess", "-o", "json"))
    for path in record_path():
        record = json.load(open(path, encoding="utf-8"))
        record["manifest"] = replaced(record["manifest"], o)
        json.dump(record, open(path, "w", encoding="utf-8"))


def replaced(manifest, o):
    docs = [d for d in yaml.safe_load_all(manifest) if d]
    for i, d in enumerate(docs):
        if (d["kind"], d["metadata"]["name"]) == (o["kind"], o["metadata"]["name"]):
            docs[i] = {**d, **{k: o[k] for k in ("spec", "data") if k in o}}
    return yaml.safe_dump_all(docs, explicit_start=True, sort_keys=False)


for what, *row in HANDS:
    f = hand(*row)
    f.__doc__ = f"verify names it: {what}"
    f.__name__ = what.replace(" ", "_")
    test(f)


@test
def in_a_secret():
    """verify names the Secret and its entry, and nothing that stands in it"""
    edit("secrets", "ess-synapse", secret)
    p = w.apply(status=1)
    equal(w.applied(), ["verify"])
    for word in ("E-VER-013", "Secret/ess-synapse", "data.mine.yaml"):
        has(p.stdout + p.stderr, word)
    for word in (CANARY, "password:", "u:"):
        assert word not in p.stdout + p.stderr, word
    edit("secrets", "ess-synapse", lambda o: o["data"].pop("mine.yaml"))
    w.apply()
    equal(w.steps(), dict.fromkeys(STEPS, "done"))


@test
def put_back():
    """where helm knows better, the next run puts it back by itself and verify has nothing to say"""
    edit("deployments", SFU, lambda o: variable(o, "LIVEKIT_URL", "wss://mrtc.example.com"))
    w.apply()
    equal(w.applied()[0], "ess")
    has(w.kubectl("get", "deployments", SFU, "-n", "ess", "-o", "json"), "wss://mrtc.example.com:8443")


@test
def nothing_told():
    """what stood in the Secret is in no log and no event"""
    for run in w.runs():
        for name in ("events.jsonl", "install.log"):
            assert CANARY not in w.read(f"/var/log/ess-setup/{run}/{name}"), (run, name)
    assert CANARY not in w.read("/var/lib/ess-setup/state.json")


if __name__ == "__main__":
    main()
