# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Everything through a real proxy (tinyproxy), in front of the world's servers with TLS on loopback."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has, skip  # noqa: E402
from world import World, free_port  # noqa: E402


class Proxy:
    """tinyproxy on loopback, which notes where it was asked to connect to."""

    def __init__(self, w, *lines):
        self.program = shutil.which("tinyproxy") or skip("tinyproxy is not installed")
        self.dir, self.port = tempfile.mkdtemp(prefix="ess-proxy-"), free_port()
        with open(f"{self.dir}/conf", "w", encoding="ascii") as f:
            f.write(f'Port {self.port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nLogLevel Connect\n'
                    f'LogFile "{self.dir}/log"\nPidFile "{self.dir}/pid"\n' + "".join(f"{x}\n" for x in lines))
        self.process = subprocess.Popen([self.program, "-d", "-c", f"{self.dir}/conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        w.wait_for(self.answers)

    def answers(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def asked(self):
        """Targets of the CONNECTs."""
        with open(f"{self.dir}/log", encoding="utf-8", errors="replace") as f:
            return [line.split("CONNECT ")[1].split()[0] for line in f if "CONNECT " in line and "HTTP/1" in line]

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def run(w, until="handover"):
    w.request(until)
    return w.engine("run").returncode


def fault(w, step="supply"):
    """Card of a failed step, and its sentence."""
    e = w.state()["steps"][step]["error"]
    return e["card"], e["msgid"] + " " + " ".join(e["args"])


def urls(w):
    return [c["argv"][1] for c in w.calls() if c["tool"] == "http"]


@test
def all_through_it():
    """with network.proxy every look-up and download goes through it, our own addresses do not"""
    with World() as w:
        w.prepare()
        with Proxy(w) as proxy:
            w.network(proxy=f"http://127.0.0.1:{proxy.port}")
            equal(run(w, "k3s"), 0, w.log_tail())
            asked = proxy.asked()
            hosts = {u.split("/")[2].split(":")[0] for u in urls(w)}
            for host in ("github.com", "get.helm.sh", "ghcr.io", "quay.io", "update.k3s.io"):
                assert host in hosts, (host, hosts)
            # One tunnel for each server at the least; the map of the rehearsal leads them all to the world's port.
            assert len(asked) >= len(hosts), (asked, hosts)
            equal(run(w), 0, w.log_tail())


@test
def own_addresses_bypass_it():
    """a proxy that lets nobody through does not keep the checks of our public addresses from working"""
    with World() as w:
        w.prepare()
        equal(run(w), 0, w.log_tail())
        state = w.state()
        state["steps"]["verify"]["status"] = "failed"
        w.write("/var/lib/ess-setup/state.json", json.dumps(state))
        with Proxy(w, "Allow 192.0.2.1") as proxy:
            w.forget_calls()
            w.network(proxy=f"http://127.0.0.1:{proxy.port}", no_proxy="api.cloudflare.com")
            run(w)
            assert [u for u in urls(w) if ".example.com" in u], (w.results(), w.log_tail())
            equal(w.results()["verify"], "done", w.log_tail())


@test
def wants_a_password():
    """a proxy that wants a password has its own card; so has one that does not admit this machine"""
    for rule, status in (("BasicAuth someone pass_w0rd", "407"), ("Allow 192.0.2.1", "403")):
        with World() as w:
            w.prepare()
            with Proxy(w, rule) as proxy:
                w.network(proxy=f"http://127.0.0.1:{proxy.port}")
                equal(run(w), 1)
                card, said = fault(w)
                equal(card, "E-NET-010", said)
                has(said, status)
                has(said, f"127.0.0.1:{proxy.port}")


@test
def is_down():
    """a proxy that does not answer has that card too; once it does, the next run goes on"""
    with World() as w:
        w.prepare()
        port = free_port()
        w.network(proxy=f"http://127.0.0.1:{port}")
        equal(run(w), 1)
        card, said = fault(w)
        equal(card, "E-NET-010", said)
        has(said, "does not answer")
        has(said, f"127.0.0.1:{port}")
        with Proxy(w) as proxy:
            w.network(proxy=f"http://127.0.0.1:{proxy.port}")
            equal(run(w, "supply"), 0, w.log_tail())


@test
def cannot_reach():
    """a proxy that cannot reach a server is told apart from one that refuses it"""
    with World() as w:
        w.prepare()
        rules = w.network()["connect_to"]
        with Proxy(w) as proxy:
            w.network(proxy=f"http://127.0.0.1:{proxy.port}",
                      connect_to=[f"get.helm.sh:443:127.0.0.1:{free_port()}", *rules])
            equal(run(w), 1)
            card, said = fault(w)
            equal(card, "E-SRC-001", said)
            has(said, "cannot reach")
            has(said, "get.helm.sh")


if __name__ == "__main__":
    main()
