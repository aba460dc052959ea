# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The network is asked beside the questions: typing goes on meanwhile, and the answer stands under its field."""

import json
import os
import subprocess
import sys

SRC, BUILD = os.environ["ESS_SRC"], os.environ["ESS_BUILD"]
sys.path.insert(0, f"{SRC}/tests/lib")
from pages import SlowProbe, framed, notice_read, pages, plain  # noqa: E402
from tap import equal, has, main, test  # noqa: E402
from world import World  # noqa: E402

WRONG = "Zk3vQ9xT1mB7nL5cR2wD8fH4gJ6pS0aYtUeXiOqK"


def to_page(t, n):
    t.see("0 leave", "1 Configure") if n else None
    t.press("1")
    for k in range(1, n):
        t.see(f"{k}/6 ")
        t.press("F12")
    return t.see(f"{n}/6 ")


def probe(world, what, config, token=None, env=None):
    """ess-engine probe as the frontend calls it."""
    given = json.dumps({"config": config, **({"token": token} if token else {})})
    return subprocess.run([f"{BUILD}/ess-engine", "probe", what], input=given, capture_output=True, text=True,
                          env={**world.env, "ESS_SETUP_ROOT": world.dir, **(env or {})}, timeout=60)


def looked(world, what, config, token=None):
    p = probe(world, what, config, token)
    equal(p.returncode, 0, p.stderr + p.stdout)
    return {r["key"]: r for r in json.loads(p.stdout)["results"]}


def answers(world):
    """The stored answers, with what the world wants of them."""
    overlay = json.loads(world.read("/world/overlay.json"))
    config = json.loads(world.read("/var/lib/ess-setup/config.json"))
    for key, value in overlay["config"].items():
        at = config
        *path, last = key.split(".")
        for name in path:
            at = at.setdefault(name, {})
        at[last] = value
    return config


@test
def token():
    """probe token: the zone that it can read, or the fault and its card; it is not repeated in the answer"""
    with World() as world:
        world.start()
        config, good = answers(world), world.token()
        one = looked(world, "token", config, good)["cloudflare.token"]
        equal((one["ok"], one["args"]), (True, ["example.com"]))
        p = probe(world, "token", config, WRONG)
        bad = json.loads(p.stdout)["results"][0]
        equal((bad["ok"], bad["error"]["card"][:5]), (False, "E-CF-"))
        equal(WRONG in p.stdout, False, "the token in the answer")
        equal(looked(world, "token", config)["cloudflare.token"]["error"]["code"], "CF_NO_TOKEN")
        equal(world.read("/world/overlay.json").count(WRONG), 0)


@test
def names():
    """probe dns: each host with its address; what does not exist is told, or will be made where that is wanted"""
    with World() as world:
        world.start()
        config = answers(world)
        seen = looked(world, "dns", config)
        equal(sorted(seen), ["domains.admin", "domains.auth", "domains.rtc", "domains.server_name", "domains.synapse", "domains.web"])
        equal(seen["domains.server_name"]["args"], ["ip.example.com", "1.2.3.4"])
        config["domains"]["synapse"] = "nowhere"
        equal(looked(world, "dns", config)["domains.synapse"]["error"]["args"][0], "nowhere.example.com")
        config["dns"] = {"manage": True}
        equal(looked(world, "dns", config)["domains.synapse"]["ok"], True)


@test
def ports():
    """probe ports: every port of the answers that is in use, by its key; none once K3s has them"""
    with World() as world:
        world.start()
        config = answers(world)
        equal(looked(world, "ports", config), {})
        # /proc/net/tcp: local address and port in hexadecimal, state 0A is listening
        row = "   {}: 00000000:{:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n"
        head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        world.write("/proc/net/tcp", head + row.format(0, 8443) + row.format(1, 8080))
        seen = looked(world, "ports", config)
        equal({k: v["error"]["code"] for k, v in seen.items()}, {"ports.http": "PRE_PORT", "ports.https": "PRE_PORT"})
        world.write("/etc/rancher/k3s/k3s.yaml", "")
        equal(looked(world, "ports", config), {})


@test
def bad_input():
    """a probe that is not understood says so, and does nothing"""
    with World() as world:
        equal(probe(world, "weather", {}).returncode, 2)
        for given in ("", "{", "[]", '{"config": 3}', '{"config": {"ports": {"http": "x"}}}', '{"config": {"nothing": 1}}'):
            p = subprocess.run([f"{BUILD}/ess-engine", "probe", "dns"], input=given, capture_output=True, text=True,
                               env={**world.env, "ESS_SETUP_ROOT": world.dir}, timeout=60)
            equal((p.returncode, "error" in json.loads(p.stdout)), (2, True), given)


@test
def typing_goes_on():
    """while a slow probe runs, keys are taken at once; its answer appears under the field without a key"""
    with SlowProbe() as world, pages(world, "--scenario", "token-zone-read", lang="en") as t:
        to_page(t, 3)
        t.press("Down", "Down").see("It is being checked")
        world.probing()
        t.type("abc").see("***_")
        t.press("C-u", "Up", "Up").type("x").see("certs@example.comx__")
        t.press("BSpace").see("certs@example.com__")
        t.press("Down", "Down").see("It is being checked")
        world.go("on")
        framed(t.see("may not", "E-CF-004"))
        # Next is not refused: the network may be wrong
        t.press("F12").see("4/6")


@test
def shown_under_the_field():
    """good news and bad stand under their fields, in both languages, and change with what is typed"""
    for lang, good, bad in (("en", "matrix.example.com leads to 1.2.3.4", "nowhere.example.com does not exist"),
                            ("zh_CN", "matrix.example.com 指向 1.2.3.4", "nowhere.example.com 不存在")):
        with World() as world:
            notice_read(world)
            with pages(world, lang=lang) as t:
                t.see("1 " + ("Configure" if lang == "en" else "填写配置"))
                t.press("1").see("1/6")
                t.press("Down").see(good)
                t.press("C-u").type("nowhere").see(bad)
                t.press("C-u").type("matrix").see(good)
                # on a button the first thing that is wrong is shown
                t.press("C-u").type("nowhere").see(bad)
                t.press("Up").see("ip.example.com")
                t.press("BTab").see(bad)


@test
def rehearsal_stays_inside():
    """in a rehearsal a domain that its world does not know is not asked for in the real network"""
    with SlowProbe() as world, pages(world, lang="en") as t:
        t.see("1 Configure")
        t.press("1").see("1/6", "It is being checked")
        world.probing()
        t.press("C-u").type("smith-family.net").see("smith-family.net_")
        # no look is going on or was made: the hint alone stands there
        world.wait_for(lambda: "│ Example: example.com " in t.text())
        t.press("C-u").type("example.com").see("It is being checked")
        world.go("on")
        t.see("ip.example.com leads to 1.2.3.4.")
        t.press("C-u").type("smith-family.net").see("smith-family.net_")
        world.wait_for(lambda: "│ Example: example.com " in t.text())


@test
def plain_text_waits():
    """plain text tells the same after the answer"""
    with World() as world:
        notice_read(world)
        p = plain(world, "1", "2", "nowhere", "0", "0")
        has(p.stdout, "nowhere.example.com does not exist")


main()
