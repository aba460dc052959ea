# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Changing one answer runs only what depends on it."""

import json
import os
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal  # noqa: E402
from world import World, STEPS  # noqa: E402

w = World()
w.apply()

# key, new value -> steps that must run again, steps that must not. The others may: they look at
# the same objects.
NEVER_FOR_PORTS = {"packages", "helm", "k3s", "cert-manager", "issuer"}
CASES = [
    ("ports.https", "9443", {"preflight", "values", "traefik", "routes", "ess", "verify", "handover"},
     NEVER_FOR_PORTS | {"supply"}),
    ("synapse.max_upload_size", "77M", {"values", "ess"},
     NEVER_FOR_PORTS | {"supply", "public-address", "dns", "traefik", "issuer", "admin-user"}),
    ("ports.udp_range", "30152-30160", {"preflight", "values", "ess", "handover"},
     {"supply", "packages", "helm", "cert-manager", "issuer", "traefik"}),
    ("scale.web_replicas", "2", {"values", "ess"}, NEVER_FOR_PORTS | {"preflight", "supply", "dns", "traefik", "routes"}),
    ("admin.username", "boss", {"admin-user", "handover"},
     {"preflight", "supply", "dns", "packages", "helm", "values", "k3s", "traefik", "cert-manager", "issuer",
      "routes", "ess"}),
    ("certificates.email", "other@example.com", {"issuer"},
     {"preflight", "supply", "packages", "helm", "values", "k3s", "traefik", "cert-manager", "routes", "ess"}),
    ("ui.language", "en", set(), set(STEPS)),
    ("certificates.environment", "staging", {"issuer", "values", "ess"},
     {"preflight", "supply", "packages", "helm", "k3s", "traefik", "cert-manager"}),
]


def case(key, value, must, never):
    def run():
        w.setup("config", "set", key, value, status=0)
        w.apply()
        applied = set(w.applied())
        equal(must - applied, set(), "not run again")
        equal(never & applied, set(), "run without need")
        w.apply()
        equal(w.applied(), [], "the run after that")
    run.__doc__ = f"{key} = {value}"
    run.__name__ = f"key_{key}"
    return run


for row in CASES:
    test(case(*row))


def restarted(before):
    after = w.templates()
    equal(set(after), set(before))
    return {n for n in after if after[n] != before[n]}


@test
def https_port_alone():
    """another HTTPS port runs exactly the steps that carry it, and starts exactly the pods anew that do"""
    w.setup("config", "set", "certificates.environment", "production", status=0)
    w.apply()
    before = w.templates()
    w.setup("config", "set", "ports.https", "9500", status=0)
    w.apply()
    # with the plan srv, the usual one, dns looks whether its record still fits
    equal(w.applied(), ["preflight", "public-address", "dns", "values", "traefik", "routes", "ess", "ess-ready",
                        "certificates", "verify", "handover"])
    equal(restarted(before), {"ess-element-web", "ess-haproxy", "ess-matrix-authentication-service",
                              "ess-matrix-rtc-authorisation-service", "ess-synapse-main"})


@test
def https_port_in_dns():
    """where federation shares the HTTPS port and SRV says so, the step of DNS runs too"""
    for key, value in (("federation.plan", "srv"), ("dns.manage", "true"), ("ports.federation", "9500")):
        w.setup("config", "set", key, value, status=0)
    w.apply()
    for key in ("ports.federation", "ports.https"):
        w.setup("config", "set", key, "9501", status=0)
    w.apply()
    applied = w.applied()
    equal([s for s in applied if s in NEVER_FOR_PORTS], [])
    assert "dns" in applied, applied
    records = json.load(open(w.path("/world/dns.json"), encoding="utf-8"))["records"]
    equal([r["data"]["port"] if "data" in r else r["content"] for r in records if r["type"] == "SRV"], [9501])


if __name__ == "__main__":
    main()
