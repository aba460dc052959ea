# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""What the program writes and calls, given to the real helm and kubectl and to the official schema."""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

import yaml
from jsonschema import Draft202012Validator

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
import chart  # noqa: E402
import realtools  # noqa: E402
from tap import test, main, equal, has  # noqa: E402
from world import World, ENGINE  # noqa: E402

w = World()
OUT = w.path("/rendered")
NO_SERVER = "https://127.0.0.1:1"


def values():
    return json.load(open(f"{OUT}/values.json", encoding="utf-8"))


@test
def render_writes_all():
    """render writes every generated file under its own name"""
    w.setup("render", "-o", OUT, status=0)
    names = set(os.listdir(OUT))
    assert {"values.json", "traefik.json", "k3s-config.yaml", "registries.yaml", "issuer.json",
            "routes.json"} <= names, names
    for name in names:
        text = open(f"{OUT}/{name}", encoding="utf-8").read()
        if name.endswith(".json"):
            json.loads(text)
        elif name.endswith(".yaml"):
            yaml.safe_load(text)


@test
def official_schema():
    """values.json passes the official schema and holds no null"""
    Draft202012Validator(json.loads(chart.schema_text())).validate(values())
    assert "null" not in open(f"{OUT}/values.json", encoding="utf-8").read().replace('"null"', "")


def helm_case(major):
    def run():
        helm = realtools.tools(major)["helm"]
        with tempfile.TemporaryDirectory() as tmp:
            top = chart.make(tmp)
            env = {**os.environ, "HELM_CACHE_HOME": tmp, "HELM_CONFIG_HOME": tmp, "HELM_DATA_HOME": tmp,
                   "HELM_PLUGINS": f"{tmp}/plugins"}
            args = ["-n", "ess", "-f", f"{OUT}/values.json"]
            lint = subprocess.run([helm, "lint", top, *args], capture_output=True, text=True, env=env)
            equal(lint.returncode, 0, lint.stdout + lint.stderr)
            p = subprocess.run([helm, "template", "ess", top, *args], capture_output=True, text=True, env=env)
            equal(p.returncode, 0, p.stderr)
            has(p.stdout, "matrix.example.com:8443:443")
            post = subprocess.run([ENGINE, "post-render"], input=p.stdout, capture_output=True, text=True)
            equal(post.returncode, 0, post.stderr)
            docs = [d for d in yaml.safe_load_all(post.stdout) if d]
            hosts = [r["host"] for d in docs if d["kind"] == "Ingress" for r in d["spec"]["rules"]]
            assert hosts and not [h for h in hosts if ":" in h], hosts
            assert '"m.server": "matrix.example.com:8443"' in post.stdout
            bad = subprocess.run([helm, "template", "ess", top, *args, "--set", "synapse.ingress.port=8443"],
                                 capture_output=True, text=True, env=env)
            equal(bad.returncode, 1)
    run.__doc__ = f"helm {major} lints and renders the values; its manifest passes the post-renderer"
    run.__name__ = f"helm_{major}"
    return run


for major in ("4", "3"):
    test(helm_case(major))


def mentions_flag_trouble(text):
    return any(m in text for m in ("unknown flag", "unknown shorthand", "unknown command", "invalid argument",
                                   "accepts ", "requires at least", "requires exactly"))


@test
def every_call_is_understood():
    """every helm and kubectl call of an installation is one that the real programs understand"""
    tools = realtools.tools("4")
    w.apply()
    seen = set()
    wrong = []
    for c in w.calls():
        argv = c["argv"]
        if c["tool"] not in tools or (c["tool"], tuple(argv)) in seen:
            continue
        seen.add((c["tool"], tuple(argv)))
        if c["tool"] == "helm" and "--post-renderer" in argv:
            # The plugin lies in the rehearsal's folder; here only the words matter.
            pass
        with tempfile.TemporaryDirectory() as tmp:
            kubeconfig = f"{tmp}/config"
            with open(kubeconfig, "w", encoding="utf-8") as f:
                json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "c",
                           "clusters": [{"name": "c", "cluster": {"server": NO_SERVER}}],
                           "users": [{"name": "u", "user": {}}],
                           "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}, f)
            env = {"PATH": "/usr/bin:/bin", "HOME": tmp, "KUBECONFIG": kubeconfig, "HELM_CACHE_HOME": tmp,
                   "HELM_CONFIG_HOME": tmp, "HELM_DATA_HOME": tmp,
                   "HELM_PLUGINS": w.path("/var/lib/ess-setup/helm/plugins")}
            p = subprocess.run([tools[c["tool"]], *argv], env=env, capture_output=True, text=True, timeout=120,
                               input='{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}')
            if mentions_flag_trouble(p.stderr):
                wrong.append((c["tool"], argv, p.stderr[:300]))
    assert len(seen) > 20, len(seen)
    assert not wrong, wrong


def post_renderer_case(major):
    def run():
        helm = realtools.tools(major)["helm"]
        plugins = w.path("/var/lib/ess-setup/helm/plugins")
        if major == "4" and not os.path.isdir(plugins):
            w.apply()
        how = {"3": ["--post-renderer", ENGINE, "--post-renderer-args", "post-render"],
               "4": ["--post-renderer", "ess-post-render"]}[major]
        with tempfile.TemporaryDirectory() as tmp:
            env = {**os.environ, "HELM_CACHE_HOME": tmp, "HELM_CONFIG_HOME": tmp, "HELM_DATA_HOME": tmp,
                   "HELM_PLUGINS": plugins}
            args = [helm, "template", "ess", chart.make(tmp), "-n", "ess", "-f", f"{OUT}/values.json"]
            plain, done = (subprocess.run([*args, *more], capture_output=True, text=True, env=env) for more in ([], how))
            equal((plain.returncode, done.returncode), (0, 0), plain.stderr + done.stderr)
            post = subprocess.run([ENGINE, "post-render"], input=plain.stdout, capture_output=True, text=True)
            want, got = ({(d["kind"], d["metadata"]["name"]): d for d in yaml.safe_load_all(t) if d}
                         for t in (post.stdout, done.stdout))
            equal(got, want)
            has(done.stdout, '"m.server": "matrix.example.com:8443"')
            no_ingress = f"{tmp}/matrix-stack/templates/all.yaml"
            with open(no_ingress, "w", encoding="utf-8") as f:
                f.write("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n")
            refused = subprocess.run([*args, *how], capture_output=True, text=True, env=env)
            assert refused.returncode != 0, refused.stdout
    run.__doc__ = f"helm {major} runs the post-renderer as the installation has it call it, and stops when that refuses"
    run.__name__ = f"post_renderer_{major}"
    return run


for major in ("4", "3"):
    test(post_renderer_case(major))


class Api(http.server.BaseHTTPRequestHandler):
    """As much of an API server as helm asks before an installation that is only tried."""

    ANSWERS = {"/version": {"major": "1", "minor": "36", "gitVersion": "v1.36.2"},
               "/api": {"kind": "APIVersions", "versions": ["v1"]},
               "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
               "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": []}}

    def do_GET(self):
        answer = self.ANSWERS.get(self.path.split("?")[0])
        body = json.dumps(answer or {"kind": "Status", "status": "Failure", "code": 404}).encode()
        self.send_response(200 if answer else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def install_case(major):
    def run():
        helm = realtools.tools(major)["helm"]
        if not os.path.isdir(w.path("/var/lib/ess-setup/helm/plugins")):
            w.apply()
        # the installation's own words, with the fixture in the place of the world's chart
        own = [c["argv"] for c in w.calls() if c["tool"] == "helm" and c["argv"][:3] == ["upgrade", "--install", "ess"]][-1]
        if major == "3":
            at = own.index("--post-renderer")
            own = [a for a in own[:at] if a not in ("--server-side=true", "--force-conflicts")] + [
                "--post-renderer", ENGINE, "--post-renderer-args", "post-render"]
        with tempfile.TemporaryDirectory() as tmp, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api) as api:
            threading.Thread(target=api.serve_forever, daemon=True).start()
            with open(f"{tmp}/releases.yaml", "w", encoding="utf-8") as f:
                f.write("[]\n")
            env = {**os.environ, "HELM_CACHE_HOME": tmp, "HELM_CONFIG_HOME": tmp, "HELM_DATA_HOME": tmp,
                   "HELM_PLUGINS": w.path("/var/lib/ess-setup/helm/plugins"), "HELM_DRIVER": "memory",
                   "HELM_MEMORY_DRIVER_DATA": f"{tmp}/releases.yaml"}
            top = chart.make(tmp)
            args = [helm, "--kube-apiserver", f"http://127.0.0.1:{api.server_port}",
                    *[top if a.endswith(".tgz") else a for a in own], "--dry-run=client"]
            p = subprocess.run(args, capture_output=True, text=True, env=env)
            equal(p.returncode, 0, p.stderr)
            docs = [d for d in yaml.safe_load_all(p.stdout.partition("\nMANIFEST:\n")[2].partition("\nNOTES:")[0]) if d]
            hosts = {r["host"] for d in docs if d["kind"] == "Ingress" for r in d["spec"]["rules"]}
            equal(hosts, {"example.com", *(f"{n}.example.com" for n in ("matrix", "account", "mrtc", "element", "admin"))})
            known = [d["data"]["server"] for d in docs if d["metadata"]["name"] == "ess-well-known-haproxy"]
            equal([json.loads(k) for k in known], [{"m.server": "matrix.example.com:8443"}])
            with open(f"{top}/templates/all.yaml", "w", encoding="utf-8") as f:
                f.write("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n")
            refused = subprocess.run(args, capture_output=True, text=True, env=env)
            equal(refused.returncode, 1, refused.stdout)
            has(refused.stderr, "post render" if major == "4" else "E-RND-006")
            api.shutdown()
    run.__doc__ = f"helm {major} upgrade --install as the installation calls it: the ports are right, a refusal ends it"
    run.__name__ = f"install_{major}"
    return run


for major in ("4", "3"):
    test(install_case(major))


if __name__ == "__main__":
    main()
