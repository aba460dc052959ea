# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Changing one answer runs only what depends on it."""

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


if __name__ == "__main__":
    main()
