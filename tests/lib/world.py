# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""A rehearsal world for whole-program tests: the real frontend and engine in a simulated machine."""

import atexit
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

SRC = os.environ["ESS_SRC"]
BUILD = os.environ["ESS_BUILD"]
SETUP = f"{BUILD}/ess-setup"
ENGINE = f"{BUILD}/ess-engine"
WORLD = f"{BUILD}/ess-world"
SITE = f"{SRC}/examples/site.yaml"

STEPS = ["preflight", "supply", "public-address", "dns", "packages", "helm", "values", "k3s", "traefik",
         "cert-manager", "issuer", "routes", "ess", "ess-ready", "certificates", "admin-user", "verify",
         "handover"]


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class World:
    """One simulated machine below a folder of its own; leaves nothing behind."""

    def __init__(self, config=SITE, scenario=None):
        self.dir = tempfile.mkdtemp(prefix="ess-world-")
        os.chmod(self.dir, 0o700)
        atexit.register(self.stop)
        self.env = {k: v for k, v in os.environ.items()
                    if k in ("PATH", "HOME", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TMPDIR")}
        self.env.update(ESS_SETUP_LIBEXEC=BUILD, LC_ALL="C.UTF-8", TERM="dumb")
        if scenario is not None:
            os.makedirs(f"{self.dir}/world", exist_ok=True)
            self.scenario(scenario)
        if config:
            self.setup("config", "import", config, status=0)

    def stop(self):
        if self.dir and os.path.isdir(self.dir):
            subprocess.run([WORLD, "stop", "--root", self.dir], capture_output=True, env=self.env)
            shutil.rmtree(self.dir, ignore_errors=True)
        self.dir = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()

    # --- running ---------------------------------------------------------------------------------

    def setup(self, *args, status=None, input=None, env=None, timeout=300):
        """ess-setup --rehearse=DIR ARGS; checks the exit status when one is given."""
        p = subprocess.run([SETUP, f"--rehearse={self.dir}", *args], env={**self.env, **(env or {})},
                           input=input, capture_output=True, text=True, timeout=timeout,
                           stdin=subprocess.DEVNULL if input is None else None)
        if status is not None and p.returncode != status:
            raise AssertionError(f"{args}: status {p.returncode}, want {status}\n{p.stdout[-3000:]}\n"
                                 f"{p.stderr[-3000:]}\n{self.log_tail()}")
        return p

    def start(self):
        """Starts the world without running a job: its files and its token are there then."""
        subprocess.run([WORLD, "serve", "--root", self.dir, "--detach"], env=self.env, check=True,
                       capture_output=True)

    def prepare(self):
        """Everything answered and the world running, but no engine yet: for tests that start it themselves."""
        self.setup("plan", "--json", status=0)
        self.forget_calls()

    def token(self):
        """The one token that the world's Cloudflare knows."""
        return json.loads(self.read("/world/overlay.json"))["secrets"]["cloudflare.token"]

    def apply(self, *args, status=0):
        return self.setup("apply", "--yes", "--foreground", *args, status=status)

    def engine(self, *args, prefix=(), timeout=300):
        """ess-engine ARGS as it is, or under a tracer (where the leak sanitizer cannot work)."""
        env = {**self.env, "ESS_SETUP_ROOT": self.dir}
        if prefix:
            env["ASAN_OPTIONS"] = "detect_leaks=0"
        return subprocess.run([*prefix, ENGINE, *args], env=env,
                              capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)

    def request(self, until="handover"):
        """What the next engine that a test starts itself is to do."""
        self.write("/var/lib/ess-setup/request.json",
                   json.dumps({"job": "install", "options": {"rehearse": True, "until": until}}))

    def network(self, **keys):
        """Changes network.* under the frontend's hands; the config as it was."""
        config = json.loads(self.read("/var/lib/ess-setup/config.json"))
        before = dict(config.get("network", {}))
        config["network"] = {**before, **keys}
        self.write("/var/lib/ess-setup/config.json", json.dumps(config))
        return before

    def kubectl(self, *args, input=None):
        p = subprocess.run([f"{self.dir}/usr/local/bin/kubectl", *args], capture_output=True, text=True,
                           input=input, env={**self.env, "KUBECONFIG": f"{self.dir}/etc/rancher/k3s/k3s.yaml"})
        assert p.returncode == 0, (args, p.stdout, p.stderr)
        return p.stdout

    def wait_for(self, seen, timeout=60):
        """Until seen() is true; the only waiting in the tests, for what another process does."""
        until = time.monotonic() + timeout
        while not seen():
            assert time.monotonic() < until, f"not seen within {timeout} s\n{self.log_tail()}"
            time.sleep(0.02)

    # --- looking ---------------------------------------------------------------------------------

    def path(self, absolute):
        return self.dir + absolute

    def read(self, absolute):
        with open(self.dir + absolute, encoding="utf-8") as f:
            return f.read()

    def write(self, absolute, text):
        os.makedirs(os.path.dirname(self.dir + absolute), exist_ok=True)
        with open(self.dir + absolute, "w", encoding="utf-8") as f:
            f.write(text)

    def state(self):
        return json.loads(self.read("/var/lib/ess-setup/state.json"))

    def steps(self):
        """{id: status} of state.json."""
        return {k: v["status"] for k, v in self.state()["steps"].items()}

    def events(self):
        with open(f"{self.dir}/var/log/ess-setup/current/events.jsonl", encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def runs(self):
        logs = f"{self.dir}/var/log/ess-setup"
        return sorted(d for d in os.listdir(logs) if d != "current") if os.path.isdir(logs) else []

    def results(self):
        """{step: result} of the last run."""
        return {e["step"]: e["result"] for e in self.events() if e["type"] == "step.end"}

    def applied(self):
        """The steps that the last run applied, in order."""
        return [e["step"] for e in self.events() if e["type"] == "step.start"]

    def calls(self):
        p = f"{self.dir}/world/calls.jsonl"
        if not os.path.exists(p):
            return []
        with open(p, encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def forget_calls(self):
        p = f"{self.dir}/world/calls.jsonl"
        if os.path.exists(p):
            os.unlink(p)

    def mutating(self):
        return [[c["tool"], *c["argv"]] for c in self.calls() if c["mutating"]]

    def log_tail(self, n=40):
        try:
            return "\n".join(self.read("/var/log/ess-setup/current/install.log").splitlines()[-n:])
        except OSError:
            return ""

    def scenario(self, rules):
        with open(f"{self.dir}/world/scenario.json", "w", encoding="utf-8") as f:
            json.dump(rules, f)

    def templates(self):
        """{workload of ESS: its pods' template}: pods start anew when and only when it changes."""
        lists = [json.loads(self.kubectl("get", kind, "-n", "ess", "-o", "json"))["items"]
                 for kind in ("deployments", "statefulsets")]
        return {o["metadata"]["name"]: o["spec"]["template"] for o in sum(lists, [])}

    def cluster(self):
        return json.loads(open(f"{self.dir}/world/cluster.json", encoding="utf-8").read())
