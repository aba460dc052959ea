# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The ports of calls and the call server: a port that another Service holds is found before helm runs, and a
changed public address starts the call server anew only when nobody is in a call."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has  # noqa: E402
from world import World, SETUP, STEPS  # noqa: E402

w = World()
w.setup("config", "set", "dns.manage", "true", status=0)


def foreign_service():
    w.kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=ess-setup", "-o", "json", "-f", "-",
              input=json.dumps({"apiVersion": "v1", "kind": "List", "items": [
                  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
                  {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
                   "spec": {"type": "NodePort", "selector": {"app": "web"},
                            "ports": [{"port": 80, "nodePort": 30200, "protocol": "TCP"}]}}]}))


def new_address(ip):
    p = w.path("/world/dns.json")
    data = json.load(open(p, encoding="utf-8"))
    for r in data["records"]:
        if r["type"] == "A":
            r["content"] = ip
    json.dump(data, open(p, "w", encoding="utf-8"))


def helm_upgrades():
    return [c for c in w.calls() if c["tool"] == "helm" and "upgrade" in c["argv"] and "ess" in c["argv"]]


def values():
    return json.loads(w.read("/var/lib/ess-setup/generated/values.json"))


def node_ip():
    return values()["matrixRTC"]["sfu"]["manualIP"]


def asked():
    return [c for c in w.calls() if any("ess-matrix-rtc-sfu:6789/proxy/metrics" in a for a in c["argv"])]


@test
def taken_port():
    """a Service that holds a port of the range is named before helm touches anything; without it the run goes on"""
    w.apply("--until", "routes")
    foreign_service()
    w.forget_calls()
    p = w.apply(status=1)
    has(p.stdout + p.stderr, "E-ESS-008")
    has(p.stdout + p.stderr, "shop/web: 30200")
    equal(w.steps()["ess"], "failed")
    equal(helm_upgrades(), [])
    w.kubectl("delete", "services", "web", "-n", "shop", "--ignore-not-found", "--timeout=120s")
    w.apply()
    equal(w.steps(), dict.fromkeys(STEPS, "done"))
    equal(asked(), [], "a first installation has no calls to wait for")


@test
def own_ports():
    """its own Services do not count as foreign"""
    w.setup("config", "set", "synapse.max_upload_size", "77M", status=0)
    w.forget_calls()
    w.apply()
    assert "ess" in w.applied()
    equal(asked(), [], "nothing but a changed address waits for calls")


@test
def address_changes():
    """nobody is in a call: the new address is taken at once, and the chart is told nothing else"""
    before, pods = values(), w.templates()
    new_address("1.2.3.5")
    w.forget_calls()
    w.apply()
    before["matrixRTC"]["sfu"]["manualIP"] = "1.2.3.5"
    equal(values(), before)
    equal((len(asked()), len(helm_upgrades())), (1, 1))
    equal({n for n, t in w.templates().items() if t != pods[n]}, {"ess-matrix-rtc-sfu"}, "only the call server starts anew")


@test
def waits_for_the_call():
    """somebody is in a call: helm runs only when they have left"""
    w.scenario({"knobs": {"rtc.participants": "2"}})
    new_address("1.2.3.6")
    w.forget_calls()
    p = subprocess.Popen([SETUP, f"--rehearse={w.dir}", "apply", "--yes", "--foreground"], env=w.env,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        w.wait_for(lambda: len(asked()) >= 3)
        equal(helm_upgrades(), [])
        has(w.read("/var/log/ess-setup/current/events.jsonl"), "waiting for the end of calls")
        w.scenario({"knobs": {"rtc.participants": "0"}})
        out = p.communicate(timeout=120)[0]
    finally:
        p.kill()
    equal((p.returncode, len(helm_upgrades())), (0, 1), out)
    equal(node_ip(), "1.2.3.6")


@test
def unreadable_is_a_call():
    """a call server that does not tell counts as one with a call; with 0 minutes nobody waits"""
    w.scenario({"knobs": {"rtc.participants": "?"}})
    new_address("1.2.3.7")
    w.forget_calls()
    p = subprocess.Popen([SETUP, f"--rehearse={w.dir}", "apply", "--yes", "--foreground"], env=w.env,
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        w.wait_for(lambda: len(asked()) >= 2)
        w.setup("cancel", status=0)
        equal(p.wait(60) != 0, True, "cancelled")
    finally:
        p.kill()
    equal(helm_upgrades(), [])
    w.setup("config", "set", "rtc.restart_wait_minutes", "0", status=0)
    w.forget_calls()
    w.apply()
    equal((len(asked()), len(helm_upgrades()), node_ip()), (0, 1, "1.2.3.7"))


@test
def with_stun():
    """where the call server asks STUN, which it does once, another address starts it anew too, and only it"""
    w.scenario({"knobs": {"rtc.participants": "0"}})
    for key, value in (("network.public_address_mode", "stun"), ("network.stun_servers", "stun.l.google.com:19302"),
                       ("rtc.restart_wait_minutes", "5")):
        w.setup("config", "set", key, value, status=0)
    w.apply()
    assert "manualIP" not in values()["matrixRTC"]["sfu"]
    pods = w.templates()
    new_address("1.2.3.8")
    w.forget_calls()
    w.apply()
    equal({n for n, t in w.templates().items() if t != pods[n]}, {"ess-matrix-rtc-sfu"})
    equal((len(asked()), len(helm_upgrades())), (1, 1))
    w.forget_calls()
    w.apply()
    equal((w.applied(), helm_upgrades()), ([], []))


if __name__ == "__main__":
    main()
