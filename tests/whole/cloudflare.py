# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Tokens as people come with them, and a zone as others left it: each trouble has its card, and nothing foreign is touched."""

import json
import os
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has  # noqa: E402
from world import World  # noqa: E402

STATE = "/var/lib/ess-setup/"
LIST = "Actor 'com.cloudflare.api.token.{n}' requires permission 'com.cloudflare.api.account.zone.list' to list zones"
PAGE = "<html><head><title>Just a moment...</title></head></html>"


def run(w, scenario=None, fresh=True):
    w.scenario(scenario or {"rules": []})
    if fresh and os.path.exists(w.path(STATE + "state.json")):
        os.unlink(w.path(STATE + "state.json"))
    w.write(STATE + "request.json", json.dumps({"job": "install", "options": {"rehearse": True, "until": "dns"}}))
    return w.engine("run").returncode


def error(w):
    e = w.state()["steps"]["dns"]["error"] or {}
    return e.get("card"), json.dumps(e)


def refusal(status, code, message, chain=None):
    error = {"code": code, "message": message}
    if chain:
        error["error_chain"] = [{"code": chain[0], "message": chain[1]}]
    return status, json.dumps({"success": False, "errors": [error], "messages": [], "result": None})


def answer(status, body, path=""):
    return {"rules": [{"match": {"host": "api.cloudflare.com", "path": path}, "action": "fail", "times": 0,
                       "status": status, "body": body}]}


def ready(**keys):
    w = World()
    for key, value in keys.items():
        w.setup("config", "set", key.replace("__", "."), value, status=0)
    w.prepare()
    return w


@test
def refused_tokens():
    """every recorded refusal of a token: its own card, with Cloudflare's words"""
    cases = (
        ("E-CF-007", refusal(400, 6003, "Invalid request headers", (6111, "Invalid format for Authorization header"))),
        ("E-CF-016", refusal(400, 6003, "Invalid request headers", (6103, "Invalid format for X-Auth-Key header"))),
        ("E-CF-017", refusal(400, 1001, 'Missing "Authorization" header')),
        ("E-CF-008", refusal(401, 1000, "Invalid API Token")),
        ("E-CF-008", refusal(403, 9109, "Invalid access token")),
        ("E-CF-009", refusal(403, 9109, "Unauthorized to access requested resource")),
        ("E-CF-020", refusal(403, 9109, "Cannot use the access token from location: 203.0.113.77")),
        ("E-CF-010", refusal(403, 10000, "Authentication error")),
        ("E-CF-004", refusal(403, 0, LIST.format(n="8f"))),
        ("E-CF-019", refusal(400, 7003, "Could not route to /client/v4/zones, perhaps your object identifier is invalid?")),
        ("E-CF-015", (503, refusal(503, 10013, "Internal server error")[1])),
        ("E-CF-015", (502, PAGE)),
        ("E-CF-015", (200, PAGE)),
    )
    with ready() as w:
        for want, (status, body) in cases:
            equal(run(w, answer(status, body)), 1, body)
            card, text = error(w)
            equal(card, want, body)
            if body.startswith("{") and status < 500:
                has(text, json.loads(body)["errors"][0]["message"].split('"')[0], body)


@test
def other_tokens():
    """a token that sees no zone, one that may only read or nothing, a zone that waits: cards; one of the account works"""
    cases = (("no-zone", "E-CF-005"), ("no-zone-read", "E-CF-004"), ("zone-pending", "E-CF-006"),
             ("no-dns-read", "E-CF-010"), ("no-dns-edit", "E-CF-011"), ("malformed", "E-CF-007"),
             ("unknown", "E-CF-008"), ("ip-filter", "E-CF-020"), ("account-owned", None), ("zone-scoped", None))
    with ready() as w:
        for mode, want in cases:
            equal(run(w, {"knobs": {"cloudflare.mode": mode}, "rules": []}), 1 if want else 0, mode)
            equal(error(w)[0], want, mode)


@test
def too_often():
    """a rate limit is waited for as long as Cloudflare says; one that does not end has its card"""
    limited = {"match": {"host": "api.cloudflare.com", "path": "/zones"}, "action": "fail", "status": 429, "times": 4,
               "body": refusal(429, 971, "Please wait and consider throttling your request speed")[1], "retry_after": 1}
    with ready() as w:
        equal(run(w, {"rules": [limited]}), 0, w.log_tail())
        equal(run(w, {"knobs": {"cloudflare.mode": "rate-limit"}, "rules": []}), 1)
        equal(error(w)[0], "E-CF-014")


def set_token(w, token):
    return w.setup("config", "set", "cloudflare.token", "--file", "-", input=token)


@test
def pasted():
    """what else people paste is told by its form, before Cloudflare is asked; white space around it does not matter"""
    with ready() as w:
        good = w.token()
        for token, want in (("0123456789abcdef0123456789abcdef01234", "E-CF-002"), (f'"{good}"', "E-CF-003"),
                            (f"Bearer {good}", "E-CF-003"), (f"{good} {good}", "E-CF-003"), (f"\u201c{good}\u201d", "E-CF-003"),
                            (f"  {good}\r\n", None)):
            p = set_token(w, token)
            if want and p.returncode != 0:
                has(p.stderr, "cloudflare.token", token)
                assert good not in p.stderr, "the token is told"
                continue
            equal(run(w), 1 if want else 0, token)
            equal(error(w)[0], want, token)


# --- records ------------------------------------------------------------------------------------------

def zone(w):
    return json.loads(w.read("/world/dns.json"))


def edit(w, change):
    data = zone(w)
    change(data["records"])
    w.write("/world/dns.json", json.dumps(data))


def named(w, name, kind="A"):
    return [r for r in zone(w)["records"] if r["name"] == name and r["type"] == kind]


def drop(name):
    def change(records):
        records[:] = [r for r in records if r["name"] != name]
    return change


def proxied(name):
    def change(records):
        for r in records:
            if r["name"] == name:
                r["proxied"] = True
    return change


def alias(name):
    def change(records):
        for r in records:
            if r["name"] == name:
                r.update(type="CNAME", content="elsewhere.test")
    return change


@test
def without_consent():
    """without consent nothing in the zone changes, and the card names what is to be set"""
    with ready(dns__manage="false") as w:
        for change, want, text in ((drop("matrix.example.com"), "E-DNS-001", "matrix.example.com A 1.2.3.4"),
                                   (proxied("mrtc.example.com"), "E-DNS-003", "mrtc.example.com"),
                                   (proxied("ip.example.com"), "E-DNS-004", "ip.example.com A"),
                                   (alias("element.example.com"), "E-DNS-002", "element.example.com CNAME elsewhere.test")):
            clean = w.read("/world/dns.json")
            edit(w, change)
            before = zone(w)["records"]
            equal(run(w), 1, text)
            equal(error(w)[0], want, text)
            has(error(w)[1], text)
            equal(zone(w)["records"], before, "nothing was written")
            w.write("/world/dns.json", clean)


@test
def with_consent():
    """with consent missing records are made and marked as ours; what others made is never deleted"""
    with ready(dns__manage="true") as w:
        foreign = {"id": "f" * 32, "type": "TXT", "name": "example.com", "content": '"v=spf1 -all"', "proxied": False,
                   "ttl": 1, "comment": None}
        edit(w, lambda records: records.append(foreign))
        edit(w, drop("matrix.example.com"))
        edit(w, proxied("mrtc.example.com"))
        equal(run(w), 0, w.log_tail())
        made = named(w, "matrix.example.com")
        equal([(r["content"], r["proxied"], r["comment"]) for r in made], [("1.2.3.4", False, "ess-setup")])
        equal(named(w, "mrtc.example.com")[0]["proxied"], False)
        assert foreign in zone(w)["records"]
        edit(w, proxied("ip.example.com"))
        before = zone(w)["records"]
        equal(run(w), 1, "the address that is seen is Cloudflare's")
        equal(error(w)[0], "E-DNS-004")
        equal(zone(w)["records"], before, "no record is led there")
        edit(w, lambda records: [r.update(proxied=False) for r in records if r["name"] == "ip.example.com"])
        edit(w, alias("element.example.com"))
        equal(run(w), 1)
        equal(error(w)[0], "E-DNS-002")
        equal(len(named(w, "element.example.com", "CNAME")), 1, "the alias of somebody else stays")


if __name__ == "__main__":
    main()
