# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Resolvers that lie, and what stands in the zone: each is recognised by its own card before anything is ordered."""

import json
import os
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has  # noqa: E402
from world import World  # noqa: E402
import liar  # noqa: E402
from liar import Liar  # noqa: E402

STATE = "/var/lib/ess-setup/"
DOH = {"match": {"dns": "*", "type": "/https"}, "action": "servfail", "times": 0}


def until(w, step, resolvers=()):
    config = json.loads(w.read(STATE + "config.json"))
    if resolvers:
        config["network"]["resolvers"] = [f"127.0.0.1:{port}" for port in resolvers]
    w.write(STATE + "config.json", json.dumps(config))
    w.write(STATE + "request.json", json.dumps({"job": "install", "options": {"rehearse": True, "until": step}}))
    return w.engine("run")


def card(w, step):
    return ((w.state()["steps"].get(step) or {}).get("error") or {}).get("card")


def said(w, step):
    return json.dumps(w.state()["steps"][step]["error"])


def upstream(w):
    return json.loads(w.read("/world/world.json"))["dns_port"]


def zone(w):
    return json.loads(w.read("/world/dns.json"))


def add_record(w, **record):
    data = zone(w)
    data["records"].append({"id": f"{len(data['records']):032x}", "proxied": False, "ttl": 60, "comment": None, **record})
    w.write("/world/dns.json", json.dumps(data))


def txt(w):
    return [r for r in zone(w)["records"] if r["type"] == "TXT"]


def ready(scenario=None):
    w = World(scenario=scenario)
    w.prepare()
    return w


@test
def address():
    """an invented, an inner, a broken and a refused address: each has its card; beside an honest resolver none hurts"""
    cases = ((liar.invent, "E-DNS-008", "5.6.7.8"), (liar.inner_address, "E-IP-002", "192.168.7.9"),
             (liar.garbage, "E-IP-008", "ip.example.com"), (liar.servfail, "E-IP-009", "SERVFAIL"),
             (liar.refused, "E-IP-009", "REFUSED"))
    with ready() as w:
        for how, want, value in cases:
            with Liar(upstream(w), how) as l:
                equal(until(w, "public-address", [l.port]).returncode, 1, how.__name__)
                equal(card(w, "public-address"), want, how.__name__)
                has(said(w, "public-address"), value, how.__name__)
        with Liar(upstream(w), liar.invent) as l:
            equal(until(w, "public-address", [l.port, upstream(w)]).returncode, 0, "the honest one decides")
            has(w.log_tail(400), "5.6.7.8 for a name that cannot exist")
        with Liar(upstream(w), liar.inner_address) as l:
            equal(until(w, "public-address", [l.port, upstream(w)]).returncode, 1)
            equal(card(w, "public-address"), "E-IP-012", "split horizon")
            has(said(w, "public-address"), "192.168.7.9")


@test
def ways():
    """a resolver that answers by TCP only, and one whose UDP answers are cut"""
    with ready() as w:
        for how in (liar.tcp_only, liar.truncate):
            with Liar(upstream(w), how) as l:
                equal(until(w, "public-address", [l.port]).returncode, 0, w.log_tail())
                assert (False in [udp for _, _, udp in l.asked]), "asked by TCP"


@test
def proof_over_https():
    """where the resolver hides the proof, servers over HTTPS are found and handed to cert-manager"""
    with ready() as w, Liar(upstream(w), liar.hide_txt) as l:
        equal(until(w, "cert-manager", [l.port]).returncode, 0, w.log_tail())
        equal(w.state()["facts"]["dns.selfcheck"], ["https://1.1.1.1/dns-query"])
        values = json.loads(w.read(STATE + "generated/cert-manager-values.json"))
        equal(values["dns01RecursiveNameservers"], "https://1.1.1.1/dns-query")
        equal(values["dns01RecursiveNameserversOnly"], True)
        equal(txt(w), [], "the test record is gone")


@test
def proof_nowhere():
    """where nobody shows the proof, the run ends before anything is installed and names who was asked"""
    with ready({"rules": [DOH]}) as w, Liar(upstream(w), liar.hide_txt) as l:
        equal(until(w, "dns", [l.port]).returncode, 1)
        equal(card(w, "dns"), "E-DNS-007")
        has(said(w, "dns"), f"127.0.0.1:{l.port}: does not show it; https://1.1.1.1/dns-query: does not show it")
        equal(txt(w), [], "the test record is gone all the same")


@test
def port_53_intercepted():
    """a network that answers for everybody at port 53, the zone's own servers too: HTTPS shows the proof"""
    hide = [{"match": {"dns": "*", "type": f"TXT/{way}"}, "action": "nxdomain", "times": 0} for way in ("udp", "tcp")]
    with ready({"rules": hide}) as w:
        equal(until(w, "dns").returncode, 0, w.log_tail())
        equal(w.state()["facts"]["dns.selfcheck"], ["https://1.1.1.1/dns-query"])
        w.scenario({"rules": [{"match": {"dns": "*", "type": "TXT/"}, "action": "nxdomain", "times": 0}]})
        os.unlink(w.path(STATE + "state.json"))
        equal(until(w, "dns").returncode, 1)
        equal(card(w, "dns"), "E-CF-012", "nobody at all sees it")
        equal(txt(w), [], "the test record is gone all the same")


@test
def proof_by_the_usual_resolver():
    """an honest resolver is what cert-manager is told to ask, with its port"""
    with ready() as w:
        equal(until(w, "dns").returncode, 0, w.log_tail())
        equal(w.state()["facts"]["dns.selfcheck"], [f"127.0.0.1:{upstream(w)}"])


@test
def not_at_cloudflare():
    """a domain that other name servers serve has its own card with their names"""
    with ready() as w, Liar(upstream(w), liar.other_servers) as l:
        equal(until(w, "dns", [l.port]).returncode, 1)
        equal(card(w, "dns"), "E-DNS-006")
        has(said(w, "dns"), "ns1.registrar.example")


@test
def in_the_zone():
    """a CAA record without Let's Encrypt and an alias in place of the proof stop the run; an IPv6 address is only told"""
    with ready() as w:
        clean = zone(w)
        add_record(w, type="AAAA", name="matrix.example.com", content="2001:db8::7")
        add_record(w, type="CAA", name="example.com", content='0 issue "letsencrypt.org"')
        equal(until(w, "dns").returncode, 0, w.log_tail())
        has(json.dumps(w.state()["facts"]["dns.warnings"]), "matrix.example.com AAAA 2001:db8::7")
        for record, want, value in (
                ({"type": "CAA", "name": "example.com", "content": '0 issue "ca.test"'}, "E-TLS-030", "ca.test"),
                ({"type": "CAA", "name": "mrtc.example.com", "content": '0 issue ";"'}, "E-TLS-030", "mrtc.example.com"),
                ({"type": "CNAME", "name": "_acme-challenge.matrix.example.com", "content": "old.test"}, "E-DNS-009", "old.test")):
            w.write("/world/dns.json", json.dumps(clean))
            add_record(w, **record)
            os.unlink(w.path(STATE + "state.json"))
            equal(until(w, "dns").returncode, 1, record)
            equal(card(w, "dns"), want, record)
            has(said(w, "dns"), value)


@test
def killed_in_between():
    """a run that dies after it wrote its test record: the next one removes it, and nothing else"""
    kill = {"match": {"host": "api.cloudflare.com", "path": "/dns_records", "nth": 3}, "action": "kill-parent", "when": "after"}
    with ready() as w:
        w.scenario({"rules": [kill]})  # now: the plan has asked Cloudflare before
        foreign = {"type": "TXT", "name": "_ess-setup-check.example.com", "content": '"ess-setup-check=of somebody else"'}
        add_record(w, **foreign)
        assert until(w, "dns").returncode < 0, "killed"
        left = txt(w)
        equal(len(left), 2, left)
        w.scenario({"rules": []})
        equal(until(w, "dns").returncode, 0, w.log_tail())
        equal([r["content"] for r in txt(w)], [foreign["content"]], "only its own is removed")


if __name__ == "__main__":
    main()
