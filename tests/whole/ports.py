# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Random valid configurations: what is generated from them passes the official schema, and behind the real
helm and the post-renderer every address carries the public port exactly once. ESS_SEED=N starts elsewhere,
ESS_COUNT=N takes so many."""

import base64
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

import yaml
from jsonschema import Draft202012Validator

SRC, BUILD = os.environ["ESS_SRC"], os.environ["ESS_BUILD"]
sys.path.insert(0, f"{SRC}/tests/lib")
import chart  # noqa: E402
import realtools  # noqa: E402
from configs import PARTS, Configuration  # noqa: E402
from tap import equal, long_run, main, test  # noqa: E402

ENGINE, GATE = f"{BUILD}/ess-engine", f"{BUILD}/tests/lib/gate"
SEED = int(os.environ.get("ESS_SEED", "1"))
COUNT = int(os.environ.get("ESS_COUNT", "500" if long_run() else "40"))
TMP = tempfile.TemporaryDirectory(prefix="ess-ports-")
FILES = {"values.json", "traefik.json", "k3s-config.yaml", "registries.yaml", "resolv.conf",
         "cert-manager-values.json", "issuer.json", "routes.json"}
VALIDATOR = Draft202012Validator(json.loads(chart.schema_text()))
PATHS = dict(zip(PARTS, chart.IMAGES))
URL = re.compile(r"\b(https|wss|http|ws)://([^\s\"'<>/?#\\]+)")
CASES = [Configuration(seed) for seed in range(SEED, SEED + COUNT)]


def each(check):
    """check(case) for every configuration, two at a time; what fails is named with its seed."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [(c, pool.submit(check, c)) for c in CASES]
    wrong = [(c, job.exception()) for c, job in jobs if job.exception()]
    if wrong:
        raise AssertionError(f"{len(wrong)} of {len(CASES)} configurations:\n" + "\n".join(
            f"ESS_SEED={c.seed} ESS_COUNT=1: {e!s:.1500}" for c, e in wrong[:5]) +
            f"\nThe first is\n{yaml.safe_dump(wrong[0][0].tree, sort_keys=False)}")


def call(argv, text=None, env=None):
    p = subprocess.run(argv, input=text, env=env, capture_output=True, timeout=120)
    if p.returncode != 0 or b"Sanitizer" in p.stderr or b"runtime error" in p.stderr:
        raise AssertionError(f"{argv}: status {p.returncode}\n{(p.stdout + p.stderr).decode()[-2000:]}")
    return p.stdout


def nulls(j, where=""):
    if j is None:
        yield where
    for k, v in j.items() if isinstance(j, dict) else enumerate(j) if isinstance(j, list) else ():
        yield from nulls(v, f"{where}.{k}")


def generated(case, name):
    with open(f"{case.root}/out/{name}", encoding="utf-8") as f:
        return f.read()


def with_port(case, host):
    return host if case.https == 443 else f"{host}:{case.https}"


# --- what is generated ----------------------------------------------------------------------------


def render(case):
    case.root = f"{TMP.name}/{case.seed}"
    os.mkdir(case.root, 0o700)
    text = yaml.safe_dump(case.tree, sort_keys=False) if case.seed % 3 else json.dumps(case.tree, indent=1)
    with open(f"{case.root}/site.yaml", "w", encoding="utf-8") as f:
        f.write(text)
    env = {"PATH": "/usr/bin:/bin", "ESS_SETUP_ROOT": case.root, "ESS_SETUP_LIBEXEC": BUILD, "LC_ALL": "C.UTF-8"}
    call([f"{BUILD}/ess-setup", "config", "import", f"{case.root}/site.yaml"], env=env)
    call([ENGINE, "render", "-o", f"{case.root}/out"], env=env)
    equal(set(os.listdir(f"{case.root}/out")), FILES)
    for name in FILES:
        text = generated(case, name)
        for secret in case.secrets:
            assert secret not in text, (name, secret)
        if name.endswith(".json"):
            equal(list(nulls(json.loads(text))), [], name)
        elif name.endswith(".yaml"):
            yaml.safe_load(text)


def outgrown(case, v):
    """Of an image only the registry is another one (and the folder that only docker.io does without)."""
    want, whole = chart.defaults(), chart.merged(v)
    for part, registry in case.registries.items():
        at = want
        for name in PATHS[part].split("."):
            at = at[name]
        at["image"]["registry"] = registry
        if part == "postgres":
            at["image"]["repository"] = "library/postgres"
    for path in chart.IMAGES:
        a, b = want, whole
        for name in path.split("."):
            a, b = a[name], b[name]
        equal(b["image"], a["image"], path)
    equal({k: w["replicas"] for k, w in v["synapse"].get("workers", {}).items() if w["enabled"]}, case.workers)
    scale = case.tree.get("scale", {})
    for key, component in (("web", "elementWeb"), ("auth", "matrixAuthenticationService"), ("haproxy", "haproxy")):
        equal(v.get(component, {}).get("replicas", 1), scale.get(f"{key}_replicas", 1), component)


def values_are_right(case):
    v = json.loads(generated(case, "values.json"))
    VALIDATOR.validate(chart.merged(v))
    outgrown(case, v)
    names = {"synapse": "synapse", "matrixAuthenticationService": "auth", "matrixRTC": "rtc", "elementWeb": "web",
             "elementAdmin": "admin"}
    equal(v["serverName"], case.server)
    for component, service in names.items():
        host = case.hosts.get(service)
        equal(v[component].get("ingress", {}).get("host"), host and with_port(case, host), component)
    equal(v["elementAdmin"]["enabled"], "admin" in case.hosts)
    services = v["matrixRTC"]["sfu"]["exposedServices"]
    equal((services["rtcTcp"]["enabled"], services["rtcTcp"]["port"]), (True, case.rtc_tcp))
    equal((services["rtcMuxedUdp"]["enabled"], services["rtcUdp"]["enabled"]), (case.muxed, not case.muxed))
    if case.muxed:
        equal(services["rtcMuxedUdp"]["port"], case.rtc_udp)
    else:
        equal(services["rtcUdp"]["portRange"], {"startPort": case.range[0], "endPort": case.range[1]})
    equal(v["matrixRTC"]["sfu"]["useStunToDiscoverPublicIP"], case.address_mode == "stun")
    external = case.tree.get("postgres", {}).get("mode") == "external"
    equal((v["postgres"]["enabled"], "postgres" in v["synapse"]), (not external, external))
    account = yaml.safe_load(v["matrixAuthenticationService"]["additional"]["auth.yaml"]["config"])["account"]
    equal([account["password_registration_enabled"], account["password_registration_token_required"],
           account["password_registration_email_required"]],
          {"invite": [True, True, False], "open": [True, False, True],
           "closed": [False, True, False]}[case.registration], "registration")


def ports_are_distinct(case):
    for name in ("traefik.json", "routes.json"):
        assert "asDefault" not in generated(case, name), name
    public = [case.http, case.https] + [case.federation] * (case.federation != case.https)
    points = yaml.safe_load(json.loads(generated(case, "traefik.json"))["spec"]["valuesContent"])["ports"]
    equal(sorted(p["exposedPort"] for p in points.values()), sorted(public), "Traefik's ports")
    equal(len({p["nodePort"] for p in points.values()}), len(public), "Traefik's node ports")
    equal(len({p["port"] for p in points.values()}), len(public), "Traefik's container ports")
    equal({p for p, v in points.items() if v["http"].get("tls", {}).get("enabled")}, set(points) - {"web"}, "TLS")

    routes = json.loads(generated(case, "routes.json"))
    services = [o for o in routes if o["kind"] == "Service"]
    equal(len(services), 1)
    ports = services[0]["spec"]["ports"]
    equal(sorted(p["port"] for p in ports), sorted({443, 8448, case.https, case.federation}), "the Service's ports")
    equal(len({p["name"] for p in ports}), len(ports), "names of ports")
    target = case.tree.get("cluster", {}).get("ingress_target_port", "websecure")
    equal({p["targetPort"] for p in ports if p["port"] in (443, case.https)}, {target})
    ingresses = [o for o in routes if o["kind"] == "Ingress"]
    equal(len(ingresses), case.federates != "none", "federation route")
    for i in ingresses:
        points = i["metadata"].get("annotations", {}).get("traefik.ingress.kubernetes.io/router.entrypoints", "")
        equal(len(set(points.split(","))), len(points.split(",")), points)
        if "cluster" not in case.tree:
            equal(points, "websecure" + ",matrixfed" * (case.federation != case.https))


@test
def renders():
    """every valid configuration is imported and rendered, without null and without secrets"""
    each(render)


@test
def official_schema():
    """its values pass the official schema and say what was asked for"""
    each(values_are_right)


@test
def port_lists():
    """no port stands twice in Traefik's or our Service, no entry point is a default, all but web have TLS"""
    each(ports_are_distinct)
    equal(any(c.https == c.federation for c in CASES) or COUNT < 20, True, "a case with https = federation")
    equal(any(c.https == 443 for c in CASES) or COUNT < 20, True, "a case with 443")


# --- what helm makes of it ------------------------------------------------------------------------


def strings(j):
    """Every text of an object, also those of a Secret's data."""
    if isinstance(j, dict):
        for k, v in j.items():
            yield from strings(k)
            if k == "data" and j.get("kind") == "Secret":
                v = {n: base64.b64decode(t).decode("utf-8", "replace") for n, t in (v or {}).items()}
            yield from strings(v)
    elif isinstance(j, list):
        for v in j:
            yield from strings(v)
    elif isinstance(j, str):
        yield j


def changed(a, b):
    """The texts of a that are others in b, in pairs; anything else that differs is a fault."""
    if isinstance(a, str) and isinstance(b, str):
        if a != b:
            yield a, b
        return
    equal((type(b), isinstance(a, (dict, list)) and len(b)), (type(a), isinstance(a, (dict, list)) and len(a)))
    if isinstance(a, dict):
        equal(list(b), list(a), "keys and their order")
        for k in a:
            yield from changed(a[k], b[k])
    elif isinstance(a, list):
        for x, y in zip(a, b):
            yield from changed(x, y)
    else:
        equal(b, a)


def edits(case, before, after):
    """Only the hosts of Ingresses and m.server are touched."""
    pairs = list(changed(before, after))
    server = (f"{case.hosts['synapse']}:{case.https}:443", f"{case.hosts['synapse']}:{case.https}")
    hosts = [f"{h}:{case.https}" for h in case.hosts.values()] * 2
    want = [] if case.https == 443 else [(h, h.rpartition(":")[0]) for h in hosts]
    texts = [p for p in pairs if '"m.server"' in p[0]]
    equal(sorted(p for p in pairs if p not in texts), sorted(want), "edits of hosts")
    equal([b for _, b in texts], [a.replace(*server) for a, _ in texts], "edit of m.server")
    equal(len(texts), case.https != 443)


def published(case, docs):
    """Every public port stands where it belongs, by other means than the gate's."""
    ours = set(case.hosts.values()) | {case.server}
    rules, tls, seen = set(), set(), set()
    for d in docs:
        if d["kind"] == "Ingress":
            rules |= {r["host"] for r in d["spec"]["rules"]}
            tls |= {h for t in d["spec"]["tls"] for h in t["hosts"]}
        for text in strings(d):
            for scheme, authority in URL.findall(text):
                host, _, port = authority.partition(":")
                if host in ours:
                    equal((scheme in ("https", "wss"), authority), (True, with_port(case, host)),
                          f"{d['kind']}/{d['metadata']['name']}")
                    seen.add((scheme, host))
    equal((rules, tls), (ours, ours), "hosts of Ingresses")
    h = case.hosts
    equal(seen, {("https", h["synapse"]), ("https", h["auth"]), ("https", h["rtc"]), ("wss", h["rtc"]),
                 ("https", h["web"])}, "addresses")
    data = [d["data"] for d in docs if d["metadata"]["name"] == "ess-well-known-haproxy"][0]
    equal(json.loads(data["server"]), {"m.server": f"{h['synapse']}:{case.https}"})


def through_helm(case, helm, top, env):
    rendered = call([helm, "template", "ess", top, "-n", "ess", "-f", f"{case.root}/out/values.json"], env=env)
    once = call([ENGINE, "post-render"], rendered)
    equal(call([ENGINE, "post-render"], once), once, "the post-renderer run twice")
    before, after = ([d for d in yaml.load_all(m, yaml.CSafeLoader) if d] for m in (rendered, once))
    edits(case, before, after)
    published(case, after)
    h = case.hosts
    names = [case.server, h["synapse"], h["auth"], h["rtc"], h["web"], h.get("admin", "-")]
    call([GATE, *names, str(case.https)], once)


def helm_case(major, turn):
    def run():
        helm = realtools.tools(major)["helm"]
        top = chart.make(tempfile.mkdtemp(dir=TMP.name))
        env = {**os.environ, **{f"HELM_{k}": f"{TMP.name}/helm" for k in ("CACHE_HOME", "CONFIG_HOME", "DATA_HOME")}}
        mine = [c for n, c in enumerate(CASES) if n % 2 == turn or long_run() or COUNT == 1]
        each(lambda case: through_helm(case, helm, top, env) if case in mine else None)
    run.__doc__ = f"helm {major} renders them; post-rendered, every address carries the public port exactly once"
    run.__name__ = f"helm_{major}"
    return run


test(helm_case("4", 0))
test(helm_case("3", 1))


if __name__ == "__main__":
    main()
