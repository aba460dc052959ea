# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Let's Encrypt's limits: what would be refused is not ordered, and what failed is ordered anew once it can be."""

import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has, long_run  # noqa: E402
from world import World  # noqa: E402

LEDGER = "/var/lib/ess-setup/issuances.json"
NAMES = 6
HOST = "matrix.example.com"


def long(fn):
    """For what tests/unit covers in another way: only in make check-long, or when it is asked for."""
    return test(fn) if long_run() or any(a in fn.__name__ for a in sys.argv[1:]) else fn


def stamp(seconds, form="%Y-%m-%dT%H:%M:%SZ"):
    return time.strftime(form, time.gmtime(time.time() + seconds))


def ledger(w):
    return json.loads(w.read(LEDGER))


def entries(name, hours, environment="production"):
    return [{"name": name, "environment": environment, "at": stamp(-3600 * h)} for h in hours]


def run(w, status=0):
    return w.apply("--until", "certificates", status=status)


def orders(w):
    return len(json.loads(w.read("/world/acme.json")).get("orders", []))


def write(w, **lists):
    w.write(LEDGER, json.dumps({"format": 1, "issued": [], **lists}))


@test
def five_a_week():
    """five certificates of a name within the week: nothing is ordered, the time is named, and staging goes on"""
    with World() as w:
        write(w, issued=entries(HOST, [5, 4, 3, 2, 1]) + entries("old.example.com", [1] * 9, "staging"))
        p = run(w, 1)
        has(p.stderr, "E-TLS-026")
        has(p.stderr, f"{HOST} got 5 certificates within a week; the next one is possible from 20")
        equal(orders(w), 0, "nothing is ordered")
        w.setup("config", "set", "certificates.environment", "staging", status=0)
        run(w)
        equal(orders(w), NAMES)
        write(w, issued=entries(HOST, [200, 190, 180, 170, 160]))
        w.setup("config", "set", "certificates.environment", "production", status=0)
        run(w)
        equal(orders(w), 2 * NAMES, "old ones do not count")


@long
def fifty_a_domain():
    """50 new names of a domain within the week; those that had one before do not count"""
    with World() as w:
        write(w, issued=[e for i in range(46) for e in entries(f"h{i}.example.com", [3])])
        p = run(w, 1)
        has(p.stderr, "E-TLS-027")
        has(p.stderr, "example.com got 50 certificates within a week; 6 more are possible from 20")
        write(w, issued=[e for i in range(44) for e in entries(f"h{i}.example.com", [3, 2])])
        run(w)


@test
def refused_by_the_server():
    """what Let's Encrypt refuses is remembered with its time, so that the next run does not ask again"""
    until = stamp(30 * 3600, "%Y-%m-%d %H:%M:%S UTC")
    words = ("429 urn:ietf:params:acme:error:rateLimited: too many certificates (5) already issued for this exact set of "
             f"identifiers in the last 168h0m0s, retry after {until}: see https://letsencrypt.org/docs/rate-limits/")
    with World(scenario={"knobs": {"challenge.reason": words}, "rules": []}) as w:
        p = run(w, 1)
        has(p.stderr, "E-TLS-026")
        refused = ledger(w)["refused"]
        equal([(r["fault"], r["environment"]) for r in refused], [("E-TLS-026", "production")])
        equal(refused[0]["until"], until.replace(" ", "T", 1).replace(" UTC", "Z"))
        before = orders(w)
        w.scenario({"knobs": {}, "rules": []})
        p = run(w, 1)
        has(p.stderr, "E-TLS-026")
        has(p.stderr, until[:16])
        equal(orders(w), before, "not asked again")
        write(w)
        run(w)
        equal(w.steps()["certificates"], "done", "ordered anew at once, not in an hour")


@test
def failed_authorization():
    """a proof that Let's Encrypt did not accept: noted, and ordered anew at once when the cause is mended"""
    words = (f"Error accepting authorization: acme: authorization error for {HOST}: 403 urn:ietf:params:acme:error:caa: CAA "
             f"record for {HOST} prevents issuance")
    with World(scenario={"knobs": {"challenge.reason": words}, "rules": []}) as w:
        for attempt in range(1, 3):
            p = run(w, 1)
            has(p.stderr, "E-TLS-030")
            equal(len(ledger(w)["failed"]), attempt)
        w.scenario({"knobs": {}, "rules": []})
        data = ledger(w)
        name = data["failed"][0]["name"]
        data["failed"] = [{"name": name, "environment": "production", "at": stamp(-60 * i)} for i in range(1, 6)]
        w.write(LEDGER, json.dumps(data))
        p = run(w, 1)
        has(p.stderr, "E-TLS-028")
        has(p.stderr, f"5 attempts for {name} failed within an hour")
        data["failed"] = []
        w.write(LEDGER, json.dumps(data))
        run(w)
        equal(len(ledger(w)["issued"]), NAMES)


@test
def broken_file():
    """a ledger that is damaged is set aside and what is sound in it still counts; a future time counts as now"""
    with World() as w:
        sound = json.dumps(entries(HOST, [5, 4, 3, 2, -20]))
        damaged = '{"format": 1, "issued": ' + sound[:-1] + ', {"name": 3}]}'
        w.write(LEDGER, damaged)
        p = run(w, 1)
        has(p.stderr, "E-TLS-026")
        w.write(LEDGER, damaged.replace(HOST, "other.test"))
        run(w)
        equal(w.read(LEDGER + ".damaged"), damaged.replace(HOST, "other.test"))
        equal(len(ledger(w)["issued"]), 5 + NAMES)
        w.write(LEDGER, "\x00 no JSON")
        w.apply("--until", "certificates")
        equal(len(ledger(w)["issued"]), NAMES)


@test
def outlives_the_cluster():
    """the ledger counts installations of clusters that are gone, when their certificates were forgotten"""
    with World() as w:
        write(w, issued=entries(HOST, [4, 3, 2, 1.5]))
        run(w)
        w.setup("kept", "delete", "--all", status=0)
        subprocess.run([w.path("/usr/local/bin/k3s-uninstall.sh")], check=True, env=w.env, capture_output=True)
        p = run(w, 1)
        has(p.stderr, "E-TLS-026")
        equal(orders(w), NAMES, "the sixth of one name is not ordered")


if __name__ == "__main__":
    main()
