# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Answers other than the usual ones, as whole installations: each works, and a second run changes nothing."""

import json
import os
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has  # noqa: E402
from world import World, STEPS  # noqa: E402


def account(w):
    """What the chart is told about registration."""
    v = json.loads(w.read("/var/lib/ess-setup/generated/values.json"))
    return dict(line.strip().split(": ") for line in
                v["matrixAuthenticationService"]["additional"]["auth.yaml"]["config"].splitlines()[1:])


def sfu(w):
    return json.loads(w.read("/var/lib/ess-setup/generated/values.json"))["matrixRTC"]["sfu"]


def installed(w):
    w.apply()
    equal(w.steps(), dict.fromkeys(STEPS, "done"))
    w.apply()
    equal(w.applied(), [], "a second run")


def choose(w, **answers):
    for key, value in answers.items():
        w.setup("config", "set", key.replace("__", "."), value, status=0)


@test
def quiet():
    """no Element Admin, nobody may register, the address by named STUN servers, calls on one port"""
    with World() as w:
        choose(w, domains__admin="off", registration__mode="closed", network__public_address_mode="stun",
               network__stun_servers="stun.l.google.com:19302,203.0.113.50:3478", ports__rtc_mode="muxed")
        installed(w)
        ingresses = json.loads(w.kubectl("get", "ingresses", "-n", "ess", "-o", "json"))["items"]
        equal([i["metadata"]["name"] for i in ingresses if "admin" in i["metadata"]["name"]], [])
        equal(account(w)["password_registration_enabled"], "false")
        s = sfu(w)
        equal((s["useStunToDiscoverPublicIP"], "manualIP" in s), (True, False))
        equal(json.loads(s["additional"]["stun.yaml"]["config"]),
              {"rtc": {"stun_servers": ["stun.l.google.com:19302", "203.0.113.50:3478"]}})
        equal([r["id"] for r in w.state()["facts"]["verify.results"] if r["id"] == "admin"], [])


@test
def silent_stun():
    """STUN servers that do not answer are found from this machine, before the call server ends again and again"""
    with World(scenario={"knobs": {"stun.silent": "yes"}}) as w:
        choose(w, network__public_address_mode="stun", network__stun_servers="stun.l.google.com:19302")
        p = w.apply(status=1)
        has(p.stdout + p.stderr, "E-IP-011")
        equal(w.mutating(), [])


@test
def by_hand():
    """an address by hand; everybody may register, which wants a server for mail"""
    with World() as w:
        choose(w, network__public_address_mode="manual", network__public_address="1.2.3.4", registration__mode="open")
        p = w.apply(status=2)
        has(p.stdout + p.stderr, "smtp.host")
        choose(w, smtp__host="smtp.example.com", smtp__from="matrix@example.com")
        installed(w)
        equal((sfu(w)["manualIP"], sfu(w)["useStunToDiscoverPublicIP"]), ("1.2.3.4", False))
        equal([account(w)[f"password_registration_{k}"] for k in ("enabled", "token_required", "email_required")],
              ["true", "false", "true"])


@test
def invitations():
    """by default accounts need an invitation, and no mail"""
    with World() as w:
        w.apply("--until", "values")
        equal([account(w)[f"password_registration_{k}"] for k in ("enabled", "token_required", "email_required")],
              ["true", "true", "false"])


@test
def outside_the_range():
    """node ports outside of 30000 to 32767 are refused with the reason, and nothing is started"""
    with World() as w:
        for key, value in (("ports.udp_range", "20000-20010"), ("ports.rtc_tcp", "8000"), ("ports.udp_range", "32000-33000")):
            w.setup("config", "set", key, value)
            p = w.apply(status=2)
            has(p.stdout + p.stderr, "between 30000 and 32767")
            w.setup("config", "unset", key, status=0)


if __name__ == "__main__":
    main()
