# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Certificates and account keys outlive the cluster: they are put back where they fit, and nothing is ordered again."""

import base64
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has, long_run  # noqa: E402
from world import World  # noqa: E402

KEPT = "/var/lib/ess-setup/kept.json"
LEDGER = "/var/lib/ess-setup/issuances.json"
NAMES = 6  # certificates of an installation


def long(fn):
    """For what tests/unit covers in another way: only in make check-long, or when it is asked for."""
    return test(fn) if long_run() or any(a in fn.__name__ for a in sys.argv[1:]) else fn


def install(w, **keys):
    for key, value in keys.items():
        w.setup("config", "set", key.replace("__", "."), value, status=0)
    run(w)


def run(w):
    """As far as certificates go: what comes after them is not looked at here."""
    w.apply("--until", "certificates")


def wipe(w):
    """Everything that K3s had is gone; what this program noted stays."""
    subprocess.run([w.path("/usr/local/bin/k3s-uninstall.sh")], check=True, env=w.env, capture_output=True)
    assert not os.path.exists(w.path("/world/cluster.json"))


def acme(w):
    return json.loads(w.read("/world/acme.json"))


def secrets(w, ns="ess"):
    items = json.loads(w.kubectl("get", "secrets", "-n", ns, "-o", "json"))["items"]
    return {s["metadata"]["name"]: s for s in items}


def tls(w):
    return {n: s["data"]["tls.crt"] for n, s in secrets(w).items() if s["type"] == "kubernetes.io/tls"}


@test
def nothing_is_ordered_again():
    """install, wipe the cluster, install: the same certificates and accounts, no order, the same ledger"""
    with World() as w:
        install(w)
        before, orders, ledger = tls(w), acme(w), w.read(LEDGER)
        equal(len(orders["orders"]), NAMES, "orders of the first installation")
        for again in range(2):
            wipe(w)
            run(w)
            equal(tls(w), before, f"certificates after wipe {again}")
            equal(acme(w), orders, "Let's Encrypt saw nothing")
            equal(w.read(LEDGER), ledger, "ledger")
            run(w)
            equal(w.applied(), [], "the run after that")


@test
def sealed():
    """no key of a certificate or account stands anywhere outside of the cluster in plain text, as base64 or as PEM"""
    with World() as w:
        install(w)
        wipe(w)
        run(w)
        keys = [s["data"]["tls.key"] for s in [*secrets(w).values(), *secrets(w, "cert-manager").values()]
                if "tls.key" in s["data"]]
        equal(len(keys), NAMES + 1)
        # Two lines from the middle, as neither format shares its beginning with other keys.
        parts = [k[200:240] for k in keys]
        parts += [line for k in keys for line in base64.b64decode(k).decode().splitlines()[1:3]]
        equal(os.stat(w.path(KEPT)).st_mode & 0o777, 0o600)
        seen = 0
        for top in ("/var", "/etc", "/run", "/root", "/tmp"):
            for folder, _, files in os.walk(w.path(top)):
                for name in files:
                    path = os.path.join(folder, name)
                    if os.path.islink(path):
                        continue
                    with open(path, "rb") as f:
                        data = f.read().decode("utf-8", "replace")
                    seen += 1
                    for p in parts:
                        assert p not in data, (path, p)
        assert seen > 20, seen


def log(w):
    return w.read("/var/log/ess-setup/current/install.log")


@test
def changed_file():
    """what was changed or exchanged in kept.json does not open, is not put back, and is named"""
    with World() as w:
        install(w)
        wipe(w)
        kept = json.loads(w.read(KEPT))
        first, second, third = [n for n in kept["kept"] if n.startswith("tls/")][:3]
        values = kept["kept"]
        values[first] = values[first][:-8] + "AAAAAAA="
        values[second], values[third] = values[third], values[second]
        w.write(KEPT, json.dumps(kept))
        run(w)
        for name in (first, second, third):
            has(log(w), f"what is kept as {name} does not open with the key")
        equal(len(acme(w)["orders"]), NAMES + 3, "ordered anew")
        run(w)
        equal(w.applied(), [], "all is kept again")


@long
def other_names():
    """hosts that exchanged their names get new certificates: the kept ones are of other Certificates"""
    with World() as w:
        install(w)
        wipe(w)
        install(w, domains__web="admin", domains__admin="element")
        for host in ("admin", "element"):
            has(log(w), f"the kept certificate tls/production/{host}.example.com is not put back: it is of the certificate ess-element-")
        equal(len(acme(w)["orders"]), NAMES + 2)


@long
def near_its_end():
    """a certificate that ends within days is not put back, and the log says when it ends"""
    with World(scenario={"knobs": {"certificate.days": "5"}, "rules": []}) as w:
        install(w)
        equal(len(json.loads(w.read(KEPT))["kept"]), NAMES + 1, "kept all the same")
        wipe(w)
        w.scenario({"knobs": {}, "rules": []})
        run(w)
        equal(log(w).count("is not put back: it ends within 5 days") >= NAMES, True, log(w)[-3000:])
        equal(len(acme(w)["orders"]), 2 * NAMES)


@test
def environments_apart():
    """the switch to production: its own account and certificates; those of staging stay kept and come back with it"""
    with World() as w:
        install(w, certificates__environment="staging")
        w.apply()  # to the summary, which tells the command for the switch
        staging = tls(w)
        hand = w.read("/var/lib/ess-setup/handover.txt")
        command = "ess-setup config set certificates.environment production"
        has(hand, command)
        w.setup(*command.split()[1:], status=0)
        w.apply()
        production = tls(w)
        equal(set(production.values()) & set(staging.values()), set(), "every certificate is another one")
        names = [o["environment"] for o in acme(w)["orders"]]
        equal((names.count("staging"), names.count("production")), (NAMES, NAMES))
        equal(len(acme(w)["accounts"]), 2, "an account for each")
        assert command not in w.read("/var/lib/ess-setup/handover.txt")
        wipe(w)
        install(w, certificates__environment="staging")
        equal(tls(w), staging, "those of staging again")
        wipe(w)
        install(w, certificates__environment="production")
        equal(tls(w), production, "those of production again")
        equal(len(acme(w)["orders"]), 2 * NAMES)
        equal(len(acme(w)["accounts"]), 2)


@test
def no_production_url():
    """with staging, the address of the production server stands in no artefact and in no object of the cluster"""
    with World() as w:
        install(w, certificates__environment="staging")
        for top in ("/var/lib/ess-setup/generated", "/etc", "/var/log/ess-setup", "/var/lib/rancher"):
            for folder, _, files in os.walk(w.path(top)):
                for name in files:
                    with open(os.path.join(folder, name), "rb") as f:
                        assert b"acme-v02.api.letsencrypt.org" not in f.read(), (folder, name)
        for o in w.cluster()["objects"].values():
            assert "acme-v02.api" not in json.dumps(o), o["metadata"]
            assert "letsencrypt-prod" not in json.dumps(o), o["metadata"]


@test
def renewed():
    """a certificate that cert-manager renewed meanwhile replaces the kept one at the next run"""
    with World() as w:
        install(w)
        w.kubectl("delete", "secrets", "ess-synapse-certmanager-tls", "-n", "ess")
        w.wait_for(lambda: "ess-synapse-certmanager-tls" in secrets(w))
        new = tls(w)
        run(w)
        equal(w.applied(), ["certificates"])
        wipe(w)
        run(w)
        equal(tls(w), new)


def spoil_account_key(w):
    key = secrets(w, "cert-manager")["letsencrypt-prod-account-key"]
    key["data"]["tls.key"] = base64.b64encode(b"-----BEGIN NOTHING-----").decode()
    for member in ("managedFields", "resourceVersion", "uid"):
        key["metadata"].pop(member, None)
    w.kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=ess-setup", "-o", "json", "-f", "-",
              input=json.dumps(key))


@test
def bad_account_key():
    """an account key that cannot be used makes way for the kept one; where none is kept, for a new account"""
    with World() as w:
        install(w)
        spoil_account_key(w)
        run(w)
        has(log(w), "the kept key account/production is put back")
        equal(len(acme(w)["accounts"]), 1, "the same account")
        w.setup("kept", "delete", "--all", status=0)
        spoil_account_key(w)
        run(w)
        has(log(w), "the account's key cannot be used and is replaced")
        equal(len(acme(w)["accounts"]), 2, "a new account")
        run(w)
        equal(w.applied(), [], "all is kept again")


@test
def damaged_file():
    """a kept.json that is no JSON is set aside, never taken for an error"""
    with World() as w:
        install(w)
        wipe(w)
        w.write(KEPT, '{"format": 1, "kept": {"tls')
        run(w)
        has(w.read("/var/log/ess-setup/current/install.log"), "kept.json is damaged")
        equal(w.read(KEPT + ".damaged"), '{"format": 1, "kept": {"tls')
        equal(len(json.loads(w.read(KEPT))["kept"]), NAMES + 1)


@long
def forgotten():
    """kept delete forgets one or all; then all is ordered anew"""
    with World() as w:
        install(w)
        names = json.loads(w.setup("kept", "list", "--json", status=0).stdout)
        equal(len(names), NAMES + 1)
        w.setup("kept", "delete", names[1], status=0)
        equal(json.loads(w.setup("kept", "list", "--json", status=0).stdout), [names[0], *names[2:]])
        equal(w.setup("kept", "delete", "no-such").returncode, 2)
        w.setup("kept", "delete", "--all", status=0)
        equal(json.loads(w.setup("kept", "list", "--json", status=0).stdout), [])
        wipe(w)
        run(w)
        equal(len(acme(w)["orders"]), 2 * NAMES)


if __name__ == "__main__":
    main()
