# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""DNS questions to a real nsd, downloads from a real nginx with TLS: both on loopback, below the steps."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from servers import answers, free_port, make_ca, need, wait_for  # noqa: E402
from tap import test, main, equal, has  # noqa: E402
from world import World  # noqa: E402


class Nsd:
    """A real authoritative server for example.com on loopback."""

    def __init__(self, records):
        self.dir = tempfile.mkdtemp(prefix="ess-nsd-")
        self.port = free_port(socket.SOCK_DGRAM)
        with open(f"{self.dir}/zone", "w", encoding="ascii") as f:
            f.write("$ORIGIN example.com.\n$TTL 60\n@ SOA ns1 root 1 3600 900 604800 60\n@ NS ns1\n"
                    "ns1 A 127.0.0.1\n" + "\n".join(records) + "\n")
        with open(f"{self.dir}/conf", "w", encoding="ascii") as f:
            f.write(f'server:\n ip-address: 127.0.0.1@{self.port}\n username: ""\n zonesdir: "{self.dir}"\n'
                    f' database: ""\n pidfile: "{self.dir}/pid"\n xfrdfile: "{self.dir}/xfrd"\n'
                    f' zonelistfile: "{self.dir}/zones"\n xfrdir: "{self.dir}"\n'
                    'remote-control:\n control-enable: no\n'
                    'zone:\n name: example.com\n zonefile: zone\n')
        self.process = subprocess.Popen(["nsd", "-d", "-c", f"{self.dir}/conf"], stdout=subprocess.DEVNULL,
                                        stderr=open(f"{self.dir}/log", "w", encoding="utf-8"))
        wait_for(lambda: answers(self.port), lambda: open(f"{self.dir}/log", encoding="utf-8").read())

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def edit_config(w, **keys):
    config = json.loads(w.read("/var/lib/ess-setup/config.json"))
    for name, value in keys.items():
        config["network"][name] = value
    w.write("/var/lib/ess-setup/config.json", json.dumps(config))


def until(w, step):
    w.write("/var/lib/ess-setup/request.json",
            json.dumps({"job": "install", "options": {"rehearse": True, "until": step}}))
    return w.engine("run")


def card(w, step):
    return (w.state()["steps"][step]["error"] or {}).get("card")


@test
def address_by_nsd():
    """the public address is what a real name server says; an alias is followed"""
    need("nsd")
    with World() as w:
        w.prepare()
        for records in (["ip A 81.2.69.142"], ["ip CNAME home", "home A 81.2.69.142"]):
            with Nsd(records) as nsd:
                edit_config(w, resolvers=[f"127.0.0.1:{nsd.port}"])
                equal(until(w, "public-address").returncode, 0, w.log_tail())
                equal(w.state()["facts"]["public.address"], "81.2.69.142")


@test
def wrong_addresses_by_nsd():
    """no record, a private, a shared and a second address: each has its own card"""
    need("nsd")
    cases = {"nothing": ["other A 81.2.69.142"], "private": ["ip A 192.168.1.20"], "shared": ["ip A 100.64.0.9"],
             "two": ["ip A 81.2.69.142", "ip A 81.2.69.143"]}
    cards = {}
    with World() as w:
        w.prepare()
        for name, records in cases.items():
            with Nsd(records) as nsd:
                edit_config(w, resolvers=[f"127.0.0.1:{nsd.port}"])
                equal(until(w, "public-address").returncode, 1, name)
                cards[name] = card(w, "public-address")
    equal(len(set(cards.values())), len(cases), cards)


@test
def no_server():
    """a name server that is not there has its own card"""
    with World() as w:
        w.prepare()
        edit_config(w, resolvers=[f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"])
        equal(until(w, "public-address").returncode, 1)
        assert card(w, "public-address"), w.state()["steps"]["public-address"]


class Nginx:
    """A real web server with TLS that stands in for get.helm.sh."""

    def __init__(self, certificate, files):
        self.dir = tempfile.mkdtemp(prefix="ess-nginx-")
        os.chmod(self.dir, 0o755)
        self.port = free_port(socket.SOCK_STREAM)
        make_ca(self.dir)
        os.mkdir(f"{self.dir}/www")
        for name, data in files.items():
            with open(f"{self.dir}/www/{name}", "wb") as f:
                f.write(data)
        with open(f"{self.dir}/conf", "w", encoding="ascii") as f:
            f.write(f"daemon off; user root; pid {self.dir}/pid; error_log {self.dir}/error;\n"
                    f"events {{}}\nhttp {{ access_log {self.dir}/access; client_body_temp_path {self.dir}/b;\n"
                    f" proxy_temp_path {self.dir}/p; fastcgi_temp_path {self.dir}/f; uwsgi_temp_path {self.dir}/u;\n"
                    f" scgi_temp_path {self.dir}/s;\n server {{ listen 127.0.0.1:{self.port} ssl;\n"
                    f" ssl_certificate {self.dir}/{certificate}.pem; ssl_certificate_key {self.dir}/{certificate}.key;\n"
                    f" root {self.dir}/www; }} }}\n")
        self.process = subprocess.Popen(["nginx", "-e", f"{self.dir}/error", "-c", f"{self.dir}/conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: answers(self.port), "nginx does not answer")

    def access(self):
        return open(f"{self.dir}/access", encoding="utf-8").read()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def helm_files(w):
    name = next(n for n in os.listdir(w.path("/world/files")) if n.startswith("helm-v4"))
    data = open(w.path(f"/world/files/{name}"), "rb").read()
    artefact = json.loads(w.read("/world/artefacts.json"))[name]
    arch = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    tar = f"helm-{artefact['version']}-linux-{arch}.tar.gz"
    return tar, {"helm4-latest-version": artefact["version"].encode(), tar: data,
                 f"{tar}.sha256": artefact["sha256"].encode()}


def use(w, nginx):
    """get.helm.sh is the nginx, everything else the world; both CAs are trusted."""
    config = json.loads(w.read("/var/lib/ess-setup/config.json"))["network"]
    with open(w.path("/both.pem"), "w", encoding="ascii") as f:
        f.write(open(w.path("/world/ca.pem"), encoding="ascii").read())
        f.write(open(f"{nginx.dir}/ca.pem", encoding="ascii").read())
    rules = [r for r in config["connect_to"] if not r.startswith("get.helm.sh")]
    edit_config(w, connect_to=[f"get.helm.sh:443:127.0.0.1:{nginx.port}", *rules], ca_file=w.path("/both.pem"))


@test
def helm_from_nginx():
    """Helm comes from a real TLS server, is checked by its digest, and a half file is gone on with"""
    need("nginx", "openssl")
    with World() as w:
        w.prepare()
        tar, files = helm_files(w)
        with Nginx("get.helm.sh", files) as nginx:
            use(w, nginx)
            os.makedirs(w.path("/var/cache/ess-setup"), exist_ok=True)
            with open(w.path(f"/var/cache/ess-setup/{tar}.part"), "wb") as f:
                f.write(files[tar][:100])
            equal(until(w, "supply").returncode, 0, w.log_tail())
            has(nginx.access(), f"GET /{tar}")
            has(nginx.access(), " 206 ", "the rest only")
            equal(open(w.path(f"/var/cache/ess-setup/{tar}"), "rb").read(), files[tar])


@test
def wrong_from_nginx():
    """a certificate for another name and a page in place of the file: each has its card, no wrong file stays"""
    need("nginx", "openssl")
    with World() as w:
        w.prepare()
        tar, files = helm_files(w)
        with Nginx("wrong.example.org", files) as nginx:
            use(w, nginx)
            equal(until(w, "supply").returncode, 1)
            tls = card(w, "supply")
        with Nginx("get.helm.sh", {**files, tar: b"<html>Please log in</html>"}) as nginx:
            use(w, nginx)
            equal(until(w, "supply").returncode, 1)
            html = card(w, "supply")
        assert tls and html and tls != html, (tls, html)
        assert not os.path.exists(w.path(f"/var/cache/ess-setup/{tar}"))


if __name__ == "__main__":
    main()
