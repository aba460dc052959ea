# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The stand-ins of the rehearsal answer as the real tools did: status, words, and shape of the JSON."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has  # noqa: E402

SRC, WORLD = os.environ["ESS_SRC"], os.environ["ESS_BUILD"] + "/ess-world"
DATA = f"{SRC}/tests/data/recordings"
HOSTS = {"synapse": "matrix", "matrixAuthenticationService": "account", "matrixRTC": "mrtc", "elementWeb": "element",
         "elementAdmin": "admin"}
APPLY = ("apply", "--server-side", "--force-conflicts", "--field-manager=ess-setup", "-f", "-")


class Box:
    """A world without frontend and engine: the tools are called by hand."""

    def __init__(self, *options):
        self.dir = tempfile.mkdtemp(prefix="ess-box-")
        p = subprocess.run([WORLD, "serve", "--root", self.dir, "--detach", *options], capture_output=True, text=True)
        equal(p.returncode, 0, p.stderr)
        self.info = json.load(open(f"{self.dir}/world/world.json"))
        self.overlay = json.load(open(f"{self.dir}/world/overlay.json"))
        self.env = {"PATH": f"{self.dir}/usr/local/bin:{self.dir}/usr/sbin:{self.dir}/usr/bin", "LC_ALL": "C.UTF-8",
                    "KUBECONFIG": f"{self.dir}/etc/rancher/k3s/k3s.yaml"}

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        subprocess.run([WORLD, "stop", "--root", self.dir])
        shutil.rmtree(self.dir, ignore_errors=True)

    def run(self, tool, *args, input=None, env=None):
        path = tool if "/" in tool else shutil.which(tool, path=self.env["PATH"])
        return subprocess.run([path, *args], capture_output=True, text=True, input=input, env={**self.env, **(env or {})})

    def start(self, tool, *args):
        return subprocess.Popen([shutil.which(tool, path=self.env["PATH"]), *args], env=self.env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ok(self, tool, *args, **kw):
        p = self.run(tool, *args, **kw)
        equal(p.returncode, 0, f"{tool} {args}: {p.stderr}")
        return p.stdout

    def scenario(self, rules):
        with open(f"{self.dir}/world/scenario.json", "w") as f:
            json.dump(rules, f)

    def k3s(self, binary="k3s-v1.36.3+k3s1"):
        shutil.copy(f"{self.dir}/world/files/{binary}", f"{self.dir}/usr/local/bin/k3s")
        self.ok(f"{self.dir}/world/files/k3s-install.sh", env={
            "INSTALL_K3S_SKIP_DOWNLOAD": "true", "INSTALL_K3S_SKIP_SELINUX_RPM": "true", "INSTALL_K3S_SKIP_START": "true"})
        self.ok("systemctl", "start", "--no-block", "k3s")
        while self.run("systemctl", "is-active", "k3s").returncode:
            pass
        self.helm_binary()

    def helm_binary(self, version="v4.2.4"):
        arch = os.listdir(f"{self.dir}/world/work/helm-{version}")[0]
        shutil.copy(f"{self.dir}/world/work/helm-{version}/{arch}/helm", f"{self.dir}/usr/local/bin/helm")

    def values(self, name, values):
        path = f"{self.dir}/tmp/{name}.json"
        with open(path, "w") as f:
            json.dump(values, f)
        return path

    def chart(self, name):
        return f"{self.dir}/world/files/{name}"

    def install(self, release, ns, chart, values, *more):
        return self.run("helm", "upgrade", "--install", release, self.chart(chart), "-n", ns, "--create-namespace",
                        "--history-max", "10", "--timeout", "60s", "-f", self.values(release, values), *more)

    def cert_manager(self):
        p = self.install("cert-manager", "cert-manager", "cert-manager-v1.21.1", {"crds": {"enabled": True}}, "--wait")
        equal(p.returncode, 0, p.stderr)

    def ess(self, *more, **change):
        p = self.install("ess", "ess", "matrix-stack-26.8.1", {**ess_values(), **change}, *more)
        equal(p.returncode, 0, p.stderr)

    def json(self, *args):
        return json.loads(self.ok("kubectl", *args, "-o", "json"))

    def http(self, url, method="GET", headers=None, body=None, limit=None):
        """Status, headers and body over the world's one listener; TLS checked against its CA."""
        scheme, rest = url.split("://", 1)
        host, _, path = rest.partition("/")
        s = socket.create_connection(("127.0.0.1", self.info["http_port"]), timeout=20)
        if scheme == "https":
            c = ssl.create_default_context(cafile=f"{self.dir}/world/ca.pem")
            s = c.wrap_socket(s, server_hostname=host.split(":")[0])
        head = {"Host": host, "Connection": "close", **(headers or {})}
        if body is not None:
            head["Content-Length"] = str(len(body))
        lines = "".join(f"{k}: {v}\r\n" for k, v in head.items())
        s.sendall(f"{method} /{path} HTTP/1.1\r\n{lines}\r\n{body or ''}".encode())
        data = b""
        try:
            while chunk := s.recv(65536):
                data += chunk
        except (ConnectionError, ssl.SSLError):
            pass
        s.close()
        if not data:
            return 0, {}, b""
        top, _, content = data.partition(b"\r\n\r\n")
        first, *fields = top.decode().split("\r\n")
        return int(first.split()[1]), {k.lower(): v for k, v in (f.split(": ", 1) for f in fields)}, content

    def dns(self, name, kind):
        """The code and the raw answer."""
        question = b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0" + struct.pack(">HH", kind, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(10)
            s.sendto(b"\x12\x34\x01\x00\0\x01\0\0\0\0\0\0" + question, ("127.0.0.1", self.info["dns_port"]))
            answer = s.recv(4096)
        return answer[3] & 15, answer[12 + len(question):]


def ess_values(suffix=""):
    v = {k: {"ingress": {"host": f"{h}.example.com{suffix}"}} for k, h in HOSTS.items()}
    v["matrixRTC"]["sfu"] = {"exposedServices": {
        "rtcTcp": {"enabled": True, "portType": "NodePort", "port": 30001}, "rtcMuxedUdp": {"enabled": False},
        "rtcUdp": {"enabled": True, "portType": "NodePort", "portRange": {"startPort": 30152, "endPort": 30352}}}}
    return {"serverName": "example.com", "certManager": {"clusterIssuer": "letsencrypt-prod"},
            "ingress": {"className": "traefik"}, **v}


def recorded(name):
    with open(f"{DATA}/{name}") as f:
        return f.read()


def masked(text):
    """Without what differs from call to call."""
    text = re.sub(r"E\d{4} [\d:.]+ +\d+ ", "E ", text)
    text = re.sub(r"LAST DEPLOYED: .*", "LAST DEPLOYED: x", text)
    return text.strip()


def same_words(got, name, *names):
    """names: pairs of what the recording says and what it is called here."""
    want = recorded(name)
    for a, b in names:
        want = want.replace(a, b)
    equal(masked(got), masked(want), name)


def named(item):
    meta = item.get("metadata", {})
    return meta.get("name") or item.get("name") or item.get("type")


def same_shape(got, want, path="$"):
    """Each member of the recording is there, with the same type."""
    if isinstance(want, dict):
        assert isinstance(got, dict), f"{path}: {type(got).__name__} instead of an object"
        for k, v in want.items():
            assert k in got, f"{path}.{k} is missing; there are {sorted(got)}"
            same_shape(got[k], v, f"{path}.{k}")
            if k in ("kind", "apiVersion") or (k in ("phase", "status") and isinstance(v, str)):
                equal(got[k], v, f"{path}.{k}")
    elif isinstance(want, list):
        assert isinstance(got, list), f"{path}: no list"
        for n, v in enumerate(want):
            pairs = [g for g in got if isinstance(v, dict) and isinstance(g, dict) and named(g) == named(v)] or got[n:]
            assert pairs, f"{path}[{n}] is missing"
            same_shape(pairs[0], v, f"{path}[{n}]")
    elif want is not None:
        assert type(got) is type(want), f"{path}: {got!r} instead of {want!r}"


def same_json(got, name):
    same_shape(json.loads(got) if isinstance(got, str) else got, json.loads(recorded(name)))


@test
def no_cluster():
    """before there is a cluster: the words of kubectl and helm"""
    with Box() as b:
        b.k3s()
        os.unlink(b.env["KUBECONFIG"])
        p = b.run("kubectl", "get", "nodes", "-o", "json")
        equal(p.returncode, 1)
        same_words(p.stderr, "kubectl-unreachable.err")
        p = b.run("helm", "status", "ess", "-n", "ess", "-o", "json")
        equal(p.returncode, 1)
        same_words(p.stderr, "helm-unreachable.err", ("https://127.0.0.1:1", "http://localhost:8080"),
                   ("127.0.0.1:1:", "127.0.0.1:8080:"))


@test
def questions():
    """kubectl: readiness, version, node, what is not there"""
    with Box() as b:
        b.k3s()
        equal(b.ok("kubectl", "get", "--raw=/readyz"), recorded("kubectl-readyz.out"))
        same_json(b.ok("kubectl", "version", "-o", "json"), "kubectl-version.out")
        node = b.json("get", "nodes")
        node["items"][0]["metadata"]["name"] = "fake"
        same_json(node, "kubectl-node.out")
        equal(node["items"][0]["status"]["nodeInfo"]["kubeletVersion"], "v1.36.3+k3s1")
        for args, words in ((("get", "deployments", "nope"), "kubectl-missing.err"),
                            (("get", "nosuchkind"), "kubectl-missing-kind.err")):
            p = b.run("kubectl", *args, "-n", "ess", "-o", "json")
            equal(p.returncode, 1, args)
            same_words(p.stderr, words)
        p = b.run("kubectl", "get", "deployments", "nope", "-n", "ess", "--ignore-not-found", "-o", "json")
        equal((p.returncode, p.stdout), (0, ""))
        equal(b.json("get", "secrets", "-n", "default")["items"], [])


@test
def applying():
    """kubectl apply: an issuer, again, with an unknown field; a bad Ingress; Services' addresses"""
    issuer = json.loads(recorded("kubectl-apply-issuer.out"))
    issuer = {"apiVersion": issuer["apiVersion"], "kind": issuer["kind"], "metadata": {"name": "letsencrypt-staging"},
              "spec": issuer["spec"]}
    with Box() as b:
        b.k3s()
        p = b.run("kubectl", *APPLY, input=json.dumps(issuer))
        equal(p.returncode, 1)
        has(p.stderr, 'no matches for kind "ClusterIssuer" in version "cert-manager.io/v1"')
        b.cert_manager()
        same_json(b.ok("kubectl", *APPLY, "-o", "json", input=json.dumps(issuer)), "kubectl-apply-issuer.out")
        same_words(b.ok("kubectl", *APPLY, input=json.dumps(issuer)), "kubectl-apply-issuer-again.out")
        issuer["spec"]["acme"]["emial"] = "x"
        p = b.run("kubectl", *APPLY, input=json.dumps(issuer))
        equal(p.returncode, 1)
        same_words(p.stderr, "kubectl-apply-issuer-typo.err")
        ready = b.json("get", "clusterissuers.cert-manager.io", "letsencrypt-staging")["status"]["conditions"][0]
        equal((ready["type"], ready["status"], ready["reason"]), ("Ready", "True", "ACMEAccountRegistered"))

        bad = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "bad", "namespace": "default"},
               "spec": {"rules": [{"host": "matrix.example.com:8443"}]}}
        p = b.run("kubectl", *APPLY, input=json.dumps(bad))
        equal(p.returncode, 1)
        same_words(p.stderr, "kubectl-apply-bad-ingress.err")

        for ip, words in (("10.43.0.10", "provided IP is already allocated"), ("10.99.0.1", "is not in the valid range")):
            svc = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "default"},
                   "spec": {"clusterIP": ip, "ports": [{"port": 443}]}}
            p = b.run("kubectl", *APPLY, "--dry-run=server", input=json.dumps(svc))
            equal(p.returncode, 1)
            has(p.stderr, words)
        p = b.run("kubectl", *APPLY, input=json.dumps({**svc, "metadata": {"name": "s", "namespace": "nowhere"}}))
        has(p.stderr, 'namespaces "nowhere" not found')


@test
def merging():
    """kubectl apply: what was applied before and is left out now goes away, what others set stays"""
    def cm(data):
        return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"},
                           "data": data})
    with Box() as b:
        b.k3s()
        b.ok("kubectl", *APPLY, input=cm({"a": "1", "b": "2"}))
        first = b.json("get", "configmaps", "c", "-n", "default")
        other = [a.replace("ess-setup", "somebody") for a in APPLY]
        b.ok("kubectl", *other, input=cm({"x": "9"}))
        b.ok("kubectl", *APPLY, input=cm({"a": "1"}))
        last = b.json("get", "configmaps", "c", "-n", "default")
        equal(last["data"], {"a": "1", "x": "9"})
        equal(last["metadata"]["uid"], first["metadata"]["uid"])
        assert int(last["metadata"]["resourceVersion"]) > int(first["metadata"]["resourceVersion"])


@test
def installed():
    """the objects of ESS: workloads, Services, Ingresses, claims, pods; restart; exec without a pod"""
    with Box() as b:
        b.k3s()
        b.cert_manager()
        b.ess("--wait")
        workloads = b.json("get", "deployments", "-n", "ess")
        workloads["items"] += b.json("get", "statefulsets", "-n", "ess")["items"]
        names = {i["metadata"]["name"] for i in workloads["items"]}
        equal(names, {"ess-element-admin", "ess-element-web", "ess-haproxy", "ess-matrix-authentication-service",
                      "ess-matrix-rtc-authorisation-service", "ess-matrix-rtc-sfu", "ess-postgres", "ess-synapse-main"})
        for name, kind in (("kubectl-services.out", "services"), ("kubectl-ingresses.out", "ingresses"),
                           ("kubectl-pvc.out", "persistentvolumeclaims"), ("kubectl-pods.out", "pods")):
            same_json(b.json("get", kind, "-n", "ess"), name)
        same_json(workloads, "kubectl-workloads.out")
        same_words(b.ok("kubectl", "rollout", "restart", "deploy/ess-matrix-rtc-sfu", "-n", "ess"), "kubectl-restart.out")
        after = b.json("get", "deployments", "ess-matrix-rtc-sfu", "-n", "ess")
        equal(after["metadata"]["generation"], 2)
        assert "readyReplicas" not in after["status"], "a restarted Deployment is ready at once"
        b.json("get", "deployments", "ess-matrix-rtc-sfu", "-n", "ess")

        b.scenario({"knobs": {"pod.trouble": "ess-matrix-authentication-service ImagePullBackOff no such host"}})
        exec_ = ("exec", "-n", "ess", "deploy/ess-matrix-authentication-service", "-c", "matrix-authentication-service",
                 "--", "mas-cli", "manage", "list-admin-users")
        b.run("kubectl", "get", "pods", "-n", "ess", "-o", "json")
        p = b.run("kubectl", *exec_)
        equal(p.returncode, 1)
        same_words(p.stderr, "kubectl-exec-nonode.err")
        listed = json.loads(b.ok("helm", "list", "-n", "ess", "-o", "json"))
        same_json(listed, "helm-list.out")
        equal(listed[0]["chart"], "matrix-stack-26.8.1")


@test
def certificates():
    """certificates are issued by DNS-01 with the right token only, and come back when deleted"""
    issuer = {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "letsencrypt-prod"},
              "spec": {"acme": {"email": "a@b.test", "server": "https://acme-v02.api.letsencrypt.org/directory",
                                "privateKeySecretRef": {"name": "k"}, "solvers": [{"dns01": {"cloudflare": {
                                    "apiTokenSecretRef": {"name": "cloudflare-api-token", "key": "api-token"}}}}]}}}
    with Box() as b:
        b.k3s()
        b.cert_manager()
        b.ok("kubectl", *APPLY, input=json.dumps(issuer))
        b.ess("--wait")
        for _ in range(3):
            challenges = b.json("get", "challenges.acme.cert-manager.io", "-n", "ess")["items"]
        equal(len(challenges), 6)
        has(challenges[0]["status"]["reason"], 'error getting cloudflare secret: secrets "cloudflare-api-token" not found')
        token = b.overlay["secrets"]["cloudflare.token"]
        for value, left in (("wrong", 6), (token, 0)):
            b.ok("kubectl", *APPLY, input=json.dumps({
                "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "cloudflare-api-token", "namespace": "cert-manager"},
                "stringData": {"api-token": value}}))
            for _ in range(3):
                challenges = b.json("get", "challenges.acme.cert-manager.io", "-n", "ess")["items"]
            equal(len(challenges), left, value)
        secret = b.json("get", "secrets", "ess-synapse-certmanager-tls", "-n", "ess")
        equal(secret["type"], "kubernetes.io/tls")
        equal(secret["metadata"]["annotations"]["cert-manager.io/issuer-name"], "letsencrypt-prod")
        b.ok("kubectl", "delete", "secrets", "ess-synapse-certmanager-tls", "-n", "ess", "--ignore-not-found", "--timeout=120s")
        for _ in range(3):
            certs = b.json("get", "certificates.cert-manager.io", "-n", "ess")["items"]
        equal({c["status"]["conditions"][0]["status"] for c in certs if c["status"]["conditions"][0]["type"] == "Ready"}, {"True"})
        assert b.json("get", "secrets", "ess-synapse-certmanager-tls", "-n", "ess")["data"]["tls.crt"] != secret["data"]["tls.crt"]


@test
def helm_refuses():
    """helm: no such release, values that do not fit, values that are missing"""
    with Box() as b:
        b.k3s()
        p = b.run("helm", "status", "nope", "-n", "ess", "-o", "json")
        equal(p.returncode, 1)
        same_words(p.stderr, "helm-status-missing.err")
        p = b.run("helm", "uninstall", "t3", "-n", "pend")
        equal(p.returncode, 1)
        same_words(p.stderr, "helm-uninstall-missing.err")
        equal(b.run("helm", "uninstall", "t3", "-n", "pend", "--ignore-not-found", "--wait", "--timeout", "300s").returncode, 0)

        values = ess_values()
        values["synapse"]["ingress"]["port"] = 8443
        p = b.install("ess2", "ess2", "matrix-stack-26.8.1", values)
        equal(p.returncode, 1)
        same_words(p.stderr, "helm-schema-error.err")
        p = b.run("helm", "template", "ess2", b.chart("matrix-stack-26.8.1"), "-n", "ess2", "--kube-version", "v1.36.3",
                  "-f", b.values("none", {}))
        equal(p.returncode, 1)
        same_words(p.stderr, "helm-missing-values.err")
        p = b.install("ess", "ess", "matrix-stack-26.8.1", ess_values(":8443"))
        equal(p.returncode, 1)
        has(p.stderr, 'Invalid value: "admin.example.com:8443": a lowercase RFC 1123 subdomain')
        p = b.install("ess", "ess", "matrix-stack-26.8.1", ess_values(":8443"), "--post-renderer", "nobody")
        equal(p.returncode, 1)
        has(p.stderr, "plugin: {Name:nobody Type:postrenderer/v1} not found")


@test
def killed_installing():
    """helm killed while it installs leaves pending-install; without that record the next goes on"""
    with Box() as b:
        b.k3s()
        b.scenario([{"match": {"tool": "helm", "argv": "upgrade"}, "action": "die", "when": "middle"}])
        p = b.install("t", "pend", "cert-manager-v1.21.1", {"crds": {"enabled": True}})
        equal(p.returncode, -signal.SIGKILL)
        same_json(b.ok("helm", "status", "t", "-n", "pend", "-o", "json"), "helm-status-pending-install.out")
        p = b.install("t", "pend", "cert-manager-v1.21.1", {"crds": {"enabled": True}})
        equal(p.returncode, 1)
        same_words(p.stderr, "helm-upgrade-while-pending.err")
        b.ok("kubectl", "delete", "secrets", "sh.helm.release.v1.t.v1", "-n", "pend", "--timeout=120s")
        p = b.install("t", "pend", "cert-manager-v1.21.1", {"crds": {"enabled": True}})
        equal(p.returncode, 0, p.stderr)
        same_words(p.stdout, "helm-upgrade-after-secret-removed.out")
        same_json(b.ok("helm", "status", "t", "-n", "pend", "-o", "json"), "helm-status-after.out")

        b.scenario([{"match": {"tool": "helm", "argv": "upgrade"}, "action": "die", "when": "middle", "times": 1}])
        b.install("t", "pend", "cert-manager-v1.21.1", {"crds": {"enabled": True}, "replicaCount": 1})
        same_json(b.ok("helm", "status", "t", "-n", "pend", "-o", "json"), "helm-status-pending-upgrade.out")
        b.ok("kubectl", "delete", "secrets", "sh.helm.release.v1.t.v2", "-n", "pend", "--timeout=120s")
        equal(b.install("t", "pend", "cert-manager-v1.21.1", {"crds": {"enabled": True}}).returncode, 0)
        status = json.loads(b.ok("helm", "status", "t", "-n", "pend", "-o", "json"))
        equal((status["version"], status["info"]["status"]), (2, "deployed"))


@test
def told_to_stop():
    """helm that gets SIGTERM while it waits marks the release failed; never ready is a time-out"""
    with Box() as b:
        b.k3s()
        values = b.values("t2", {"crds": {"enabled": True}})
        b.scenario([{"match": {"tool": "helm", "argv": "upgrade"}, "action": "hang", "when": "middle"}])
        p = b.start("helm", "upgrade", "--install", "t2", b.chart("cert-manager-v1.21.1"), "-n", "pend", "--create-namespace",
                    "-f", values, "--timeout", "60s", "--wait")
        until = time.monotonic() + 20
        while b.run("helm", "status", "t2", "-n", "pend", "-o", "json").returncode and time.monotonic() < until:
            pass
        while b.ok("helm", "status", "t2", "-n", "pend", "-o", "json").count("pending-install") == 0:
            assert time.monotonic() < until, "never pending"
        p.send_signal(signal.SIGTERM)
        out, err = p.communicate(timeout=20)
        equal(p.returncode, 1)
        same_words(err, "helm-sigterm.err")
        same_words(out, "helm-sigterm.out")
        same_json(b.ok("helm", "status", "t2", "-n", "pend", "-o", "json"), "helm-status-after-sigterm.out")

        b.scenario({"knobs": {"helm.never_ready": "t3"}})
        p = b.install("t3", "other", "cert-manager-v1.21.1", {"crds": {"enabled": True}}, "--wait")
        equal(p.returncode, 1)
        same_words(p.stderr, "helm-wait-timeout.err", ("Deployment/pend/t3", "Deployment/other/t3"))
        same_words(b.ok("helm", "uninstall", "t3", "-n", "other"), "helm-uninstall.out")


@test
def unknown_forms():
    """what a stand-in does not model ends with 64"""
    forms = [("kubectl", "get", "nodes", "-o", "yaml"), ("kubectl", "apply", "-f", "x.yaml"), ("kubectl", "drain", "ess"),
             ("kubectl", "delete", "pods", "--all"), ("kubectl", "get", "pods", "--watch", "-o", "json"),
             ("helm", "install", "x", "y"), ("helm", "repo", "update"), ("helm", "status", "ess", "-n", "ess"),
             ("helm", "upgrade", "ess", "chart", "-n", "ess"), ("systemctl", "start", "k3s"), ("systemctl", "mask", "k3s"),
             ("apt-get", "install", "curl"), ("apt-get", "-y", "dist-upgrade"), ("apt-get", "-y", "--force-yes", "update"),
             ("dpkg-query", "-l"), ("timedatectl", "set-ntp", "true"), ("k3s", "server"), ("nft", "flush", "ruleset"),
             ("df", "-h"), ("crictl", "pull", "x"), ("ip", "link")]
    with Box() as b:
        b.k3s()
        for tool, *args in forms:
            p = b.run(tool, *args)
            equal(p.returncode, 64, f"{tool} {args}")
            has(p.stderr, "not modelled")
        equal(b.run(f"{b.dir}/world/files/k3s-install.sh").returncode, 64, "install.sh that would start K3s")


@test
def machine():
    """apt needs lists first; a wrong K3s flag fails the unit; an unready K3s answers nobody"""
    with Box() as b:
        install = ("apt-get", "-y", "-o", "DPkg::Lock::Timeout=300", "install", "curl")
        p = b.run(*install)
        equal(p.returncode, 100)
        has(p.stderr, "E: Unable to locate package curl")
        b.ok("apt-get", "-y", "-o", "DPkg::Lock::Timeout=300", "update")
        b.ok(*install)
        equal(b.ok("dpkg-query", "-W", "-f=${db:Status-Status}", "curl"), "installed")
        p = b.run("dpkg-query", "-W", "-f=${db:Status-Status}", "nope")
        equal((p.returncode, p.stderr), (1, "dpkg-query: no packages found matching nope\n"))
        equal(b.run("systemctl", "start", "--no-block", "k3s").returncode, 5)
        os.makedirs(f"{b.dir}/etc/rancher/k3s")
        with open(f"{b.dir}/etc/rancher/k3s/config.yaml", "w") as f:
            f.write("service-cidr: 10.53.0.0/16\nno-such-flag: 1\n")
        shutil.copy(f"{b.dir}/world/files/k3s-v1.36.3+k3s1", f"{b.dir}/usr/local/bin/k3s")
        b.ok(f"{b.dir}/world/files/k3s-install.sh", env={"INSTALL_K3S_SKIP_DOWNLOAD": "true",
                                                         "INSTALL_K3S_SKIP_SELINUX_RPM": "true",
                                                         "INSTALL_K3S_SKIP_START": "true"})
        b.ok("systemctl", "start", "--no-block", "k3s")
        has(b.ok("systemctl", "show", "-p", "ActiveState,SubState,Result", "k3s"), "ActiveState=failed")
        with open(f"{b.dir}/etc/rancher/k3s/config.yaml", "w") as f:
            f.write("service-cidr: 10.53.0.0/16\n")
        b.ok("systemctl", "restart", "--no-block", "k3s")
        equal(b.run("kubectl", "get", "--raw=/readyz").returncode, 1)
        while b.run("systemctl", "is-active", "k3s").returncode:
            pass
        equal(b.json("get", "services", "kube-dns", "-n", "kube-system")["spec"]["clusterIP"], "10.53.0.10")


@test
def cloudflare():
    """Cloudflare: the envelope, the token's refusals, conflicts, and what DNS makes of the zone"""
    with Box() as b:
        api, token = "https://api.cloudflare.com/client/v4", b.overlay["secrets"]["cloudflare.token"]

        def call(method, path, body=None, bearer=token):
            status, _, text = b.http(api + path, method, {"Authorization": f"Bearer {bearer}"},
                                     json.dumps(body) if body is not None else None)
            reply = json.loads(text)
            same_shape(reply, {"success": True, "errors": [], "messages": []})
            return status, reply

        status, reply = call("GET", "/user/tokens/verify")
        equal((status, reply["result"]["status"], reply["messages"][0]["code"]), (200, "active", 10000))
        status, reply = call("GET", "/zones?name=example.com", bearer="other")
        equal((status, reply["success"], reply["errors"][0]["code"]), (403, False, 9109))
        equal(call("GET", "/zones?name=matrix.example.com")[1]["result"], [])
        zone = call("GET", "/zones?name=example.com")[1]["result"][0]
        same_shape(zone, {"id": "", "name": "", "status": "active", "account": {"id": "", "name": ""}})
        records = f"/zones/{zone['id']}/dns_records"

        txt = {"type": "TXT", "name": "_x.example.com", "content": "\"hello\"", "ttl": 60}
        status, reply = call("POST", records, txt)
        equal(status, 200)
        same_shape(reply["result"], {"id": "", "type": "TXT", "name": "", "content": "", "proxied": False, "ttl": 60,
                                     "created_on": "", "modified_on": ""})
        code, answer = b.dns("_x.example.com", 16)
        equal(code, 0)
        assert b"\x05hello" in answer, answer
        equal(call("POST", records, txt)[1]["errors"][0]["code"], 81058)
        equal(call("DELETE", f"{records}/{reply['result']['id']}")[1]["result"], {"id": reply["result"]["id"]})
        equal(b.dns("_x.example.com", 16)[0], 3)
        alias = {"type": "CNAME", "name": "matrix.example.com", "content": "example.com", "ttl": 1}
        status, reply = call("POST", records, alias)
        equal((status, reply["errors"][0]["code"]), (400, 81053))
        one = call("GET", f"{records}?type=A&name=matrix.example.com")[1]["result"][0]
        call("PATCH", f"{records}/{one['id']}", {"content": "9.9.9.9"})
        assert b"\x09\x09\x09\x09" in b.dns("matrix.example.com", 1)[1]

        for mode, want in (("no-zone-read", (403, 0)), ("malformed", (400, 6003)), ("rate-limit", (429, 971))):
            b.scenario({"knobs": {"cloudflare.mode": mode}})
            status, reply = call("GET", "/zones?name=example.com")
            equal((status, reply["errors"][0]["code"]), want, mode)
        b.scenario({"knobs": {"cloudflare.mode": "no-dns-edit"}})
        status, reply = call("POST", records, txt)
        equal((status, reply["errors"][0]["code"]), (403, 10000))


@test
def registry():
    """registries: the token dance, pages of tags, the chart by its digest, from a storage that wants no token"""
    with Box() as b:
        repo = "element-hq/ess-helm/matrix-stack"
        status, head, _ = b.http("https://ghcr.io/v2/")
        equal((status, head["www-authenticate"]), (401, 'Bearer realm="https://ghcr.io/token",service="ghcr.io",'
                                                        'scope="repository:user/image:pull"'))
        equal(b.http("https://ghcr.io/token?service=ghcr.io&scope=repository:user/image:pull")[0], 403)
        token = json.loads(b.http(f"https://ghcr.io/token?service=ghcr.io&scope=repository:{repo}:pull")[2])["token"]
        auth, tags, path = {"Authorization": f"Bearer {token}"}, [], f"/v2/{repo}/tags/list?n=1000"
        while path:
            status, head, body = b.http(f"https://ghcr.io{path}", headers=auth)
            tags += json.loads(body)["tags"]
            path = re.match(r'<(.*)>; rel="next"', head["link"])[1] if "link" in head else None
        assert len(tags) > 100 and "26.8.1" in tags and "25.04.01" in tags, tags
        equal(b.http(f"https://ghcr.io/v2/{repo}/manifests/26.8.1", headers=auth)[0], 404, "without Accept")
        manifest = json.loads(b.http(f"https://ghcr.io/v2/{repo}/manifests/26.8.1", headers={
            **auth, "Accept": "application/vnd.oci.image.manifest.v1+json"})[2])
        digest = manifest["layers"][0]["digest"]
        status, head, _ = b.http(f"https://ghcr.io/v2/{repo}/blobs/{digest}", headers=auth)
        equal(status, 307)
        equal(b.http(head["location"], headers=auth)[0], 400)
        status, head, body = b.http(head["location"])
        with open(f"{b.dir}/world/files/matrix-stack-26.8.1", "rb") as f:
            assert body == f.read(), "another chart"


@test
def bad_lines():
    """a server that cuts, refuses, answers HTML; the rest by Range; a name server that fails or lies"""
    with Box() as b:
        url = "https://release-assets.githubusercontent.com/github-production-release-asset/v1.36.3%2Bk3s1/k3s"
        whole = b.http(url)[2]
        assert len(whole) > 100000
        b.scenario([{"match": {"host": "release-assets.githubusercontent.com"}, "action": "cut", "bytes": 5000},
                    {"match": {"host": "get.helm.sh"}, "action": "fail", "status": 403, "times": 2},
                    {"match": {"host": "update.k3s.io", "nth": 2}, "action": "html"},
                    {"match": {"dns": "ip.example.com"}, "action": "answer", "data": "100.64.1.1"},
                    {"match": {"dns": "matrix.example.com"}, "action": "servfail", "times": 0}])
        equal(len(b.http(url)[2]), 5000)
        status, head, rest = b.http(url, headers={"Range": "bytes=5000-"})
        equal((status, whole[5000:] == rest), (206, True))
        helm = "https://get.helm.sh/helm4-latest-version"
        equal([b.http(helm)[0] for _ in range(3)], [403, 403, 200])
        channel = "https://update.k3s.io/v1-release/channels/v1.36"
        equal([b.http(channel)[0] for _ in range(3)], [302, 200, 302])
        assert b"\x64\x40\x01\x01" in b.dns("ip.example.com", 1)[1]
        assert b"\x01\x02\x03\x04" in b.dns("ip.example.com", 1)[1], "the second answer is right again"
        equal([b.dns("matrix.example.com", 1)[0] for _ in range(2)], [2, 2])
        equal(b.http("http://matrix.example.com:8080/")[0], 0, "nobody listens before Traefik runs")


main()
