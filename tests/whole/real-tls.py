# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""A real nginx with TLS in the place of Cloudflare's API: a certificate that is right, of another name, self-signed, expired,
not valid yet or of a stranger. Only to the right one a token is ever shown."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has, skip  # noqa: E402
from world import World  # noqa: E402

HOST = "api.cloudflare.com"
STATE = "/var/lib/ess-setup/"
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
CA_CONFIG = """[ca]
default_ca = d
[d]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = p
unique_subject = no
copy_extensions = copy
[p]
commonName = supplied
"""


def stamp(days):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))


class Certificates:
    """A certificate of every kind in a folder; ca.pem signs the good ones."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="ess-tls-")
        os.chmod(self.dir, 0o755)
        for name, text in (("ca.conf", CA_CONFIG), ("index", ""), ("serial", "1000\n")):
            with open(f"{self.dir}/{name}", "w", encoding="ascii") as f:
                f.write(text)
        for ca in ("ca", "stranger"):
            self.run("req", "-x509", *EC, "-keyout", f"{ca}.key", "-out", f"{ca}.pem", "-subj", f"/CN={ca}", "-days", "9")
        self.sign("right", HOST, -1, 1)
        self.sign("other-name", "api.cloudflare.test", -1, 1)
        self.sign("expired", HOST, -9, -1)
        self.sign("not-yet", HOST, 2, 9)
        self.sign("of-a-stranger", HOST, -1, 1, "stranger")
        self.run("req", "-x509", *EC, "-keyout", "self-signed.key", "-out", "self-signed.pem", "-subj", f"/CN={HOST}",
                 "-addext", f"subjectAltName=DNS:{HOST}", "-days", "9")

    def run(self, *args):
        subprocess.run(["openssl", *args], cwd=self.dir, check=True, capture_output=True)

    def sign(self, name, host, begins, ends, ca="ca"):
        self.run("req", *EC, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={host}",
                 "-addext", f"subjectAltName=DNS:{host}")
        self.run("ca", "-batch", "-config", "ca.conf", "-cert", f"{ca}.pem", "-keyfile", f"{ca}.key", "-in", f"{name}.csr",
                 "-out", f"{name}.pem", "-startdate", stamp(begins), "-enddate", stamp(ends), "-notext")


class Nginx:
    """Answers everything with 404 and a JSON text, and writes down what it was asked."""

    def __init__(self, certificates, kind):
        self.dir = tempfile.mkdtemp(prefix="ess-nginx-")
        os.chmod(self.dir, 0o755)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        temp = "".join(f" {n}_temp_path {self.dir}/{n};" for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(f"{self.dir}/conf", "w", encoding="ascii") as f:
            f.write(f"daemon off; user root; pid {self.dir}/pid; error_log {self.dir}/error;\nevents {{}}\n"
                    f"http {{{temp} log_format x '$request $http_authorization'; access_log {self.dir}/access x;\n"
                    f" server {{ listen 127.0.0.1:{self.port} ssl; ssl_certificate {certificates.dir}/{kind}.pem;\n"
                    f" ssl_certificate_key {certificates.dir}/{kind}.key; default_type application/json;\n"
                    ' location / { return 403 \'{"success":false,"errors":[{"code":9109,"message":"Invalid access token"}]}\'; }}}\n')
        self.process = subprocess.Popen(["nginx", "-e", f"{self.dir}/error", "-c", f"{self.dir}/conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while True:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            assert time.monotonic() < until, "nginx does not answer"

    def access(self):
        with open(f"{self.dir}/access", encoding="utf-8") as f:
            return f.read()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


@test
def every_kind():
    """each kind of certificate: the card and OpenSSL's own word for what is wrong; the token goes to the right server only"""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for program in ("nginx", "openssl"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    cases = {"right": ("E-CF-008", "Invalid access token"), "other-name": ("E-NET-003", "subject name"),
             "expired": ("E-NET-003", "expired"), "not-yet": ("E-NET-003", "not yet valid"),
             "of-a-stranger": ("E-NET-003", "local issuer"), "self-signed": ("E-NET-003", "self")}
    certificates = Certificates()
    with World() as w:
        w.prepare()
        token = w.token()
        config = json.loads(w.read(STATE + "config.json"))
        with open(w.path("/both.pem"), "w", encoding="ascii") as f:
            for ca in (w.path("/world/ca.pem"), f"{certificates.dir}/ca.pem"):
                f.write(open(ca, encoding="ascii").read())
        rules = config["network"]["connect_to"]
        config["network"]["ca_file"] = w.path("/both.pem")
        for kind, (card, words) in cases.items():
            with Nginx(certificates, kind) as nginx:
                config["network"]["connect_to"] = [f"{HOST}:443:127.0.0.1:{nginx.port}", *rules]
                w.write(STATE + "config.json", json.dumps(config))
                w.write(STATE + "request.json", json.dumps({"job": "install", "options": {"rehearse": True, "until": "dns"}}))
                equal(w.engine("run").returncode, 1, kind)
                error = w.state()["steps"]["dns"]["error"]
                equal(error["card"], card, (kind, error))
                has(json.dumps(error), words, kind)
                equal(token in nginx.access(), kind == "right", kind)
    shutil.rmtree(certificates.dir, ignore_errors=True)


if __name__ == "__main__":
    main()
