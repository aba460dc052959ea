# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Charts and images from a real docker-registry with TLS, and with the token dance in front of it."""

import json
import os
import sys
import tarfile

import yaml

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from registry import Registry, digest  # noqa: E402
from servers import need  # noqa: E402
from tap import test, main, equal, has  # noqa: E402
from world import World  # noqa: E402

ARCH = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
TOOLS = ("nginx", "openssl", "docker-registry")
IMAGES = {  # what the world's charts use
    "element-hq/ess-helm/matrix-tools": "0.8.1", "element-hq/matrix-authentication-service": "1.23.0",
    "element-admin": "0.1.12", "element-web": "v1.12.26", "lk-jwt-service": "0.6.0", "synapse": "v1.159.0",
    "library/haproxy": "3.2-alpine", "library/postgres": "17-alpine", "livekit/livekit-server": "v1.13.5",
    "prometheuscommunity/postgres-exporter": "v0.18.1", "jetstack/cert-manager-cainjector": "v1.21.1",
    "jetstack/cert-manager-controller": "v1.21.1", "jetstack/cert-manager-webhook": "v1.21.1"}


def fill(registry, world, but=()):
    """Everything that the world's own registries have, in the real one."""
    with open(world.path("/world/files/matrix-stack-26.8.1"), "rb") as f:
        registry.push_chart("element-hq/ess-helm/matrix-stack", "26.8.1", f.read())
    with open(world.path("/world/files/cert-manager-v1.21.1"), "rb") as f:
        registry.push_chart("jetstack/charts/cert-manager", "v1.21.1", f.read())
    return {name: registry.push_image(name, tag, docker="livekit" in name)
            for name, tag in IMAGES.items() if name not in but}


HOSTS = ("ghcr.io", "quay.io", "registry-1.docker.io", "oci.element.io", "mirror.example.net")


def join(world, registry, hosts=HOSTS, digests=()):
    """These hosts are the real one from now on, the others the world's."""
    overlay = json.loads(world.read("/world/overlay.json"))
    config = overlay["config"]
    config["supply.digests"] += digests
    config["network.connect_to"] = [f"{h}:443:127.0.0.1:{registry.port}" for h in hosts] + config["network.connect_to"]
    both = "".join(open(f, encoding="ascii").read() for f in (config["network.ca_file"], f"{registry.dir}/ca.pem"))
    with open(world.path("/both.pem"), "w", encoding="ascii") as f:
        f.write(both)
    config["network.ca_file"] = world.path("/both.pem")
    world.write("/world/overlay.json", json.dumps(overlay))


def card(p):
    return next((w.split()[0] for w in (p.stdout + p.stderr).splitlines() if w.startswith("E-")), None)


def members(path):
    with tarfile.open(path) as t:
        return {m.name: t.extractfile(m).read() for m in t}


@test
def charts():
    """both charts come over TLS with a token each, the newest among many tags is found"""
    need(*TOOLS)
    with World() as w, Registry() as r:
        w.start()
        fill(r, w)
        data = open(w.path("/world/files/matrix-stack-26.8.0"), "rb").read()
        for n in range(120):
            r.push_chart("element-hq/ess-helm/matrix-stack", f"26.7.{n}-sha{n:040x}", data)
        r.push_chart("element-hq/ess-helm/matrix-stack", "26.8.0", data)
        join(w, r)
        w.apply("--until", "supply")
        equal(w.state()["facts"]["supply.chart.version"], "26.8.1")
        for name in ("matrix-stack-26.8.1", "cert-manager-v1.21.1"):
            equal(open(w.path(f"/var/cache/ess-setup/{name}.tgz"), "rb").read(),
                  open(w.path(f"/world/files/{name}"), "rb").read(), name)
        scopes = set(r.state["given"])
        assert {"repository:element-hq/ess-helm/matrix-stack:pull",
                "repository:jetstack/charts/cert-manager:pull"} <= scopes, scopes


@test
def images():
    """a bundle of every image, in both media types: manifests of this machine, byte for byte, and all their parts"""
    need(*TOOLS)
    with World() as w, Registry() as r:
        w.start()
        pushed = fill(r, w)
        join(w, r)
        w.setup("bundle-make", w.path("/b.tar"), status=0)
        content = members(w.path("/b.tar"))
        found = json.loads(content["manifest.json"])["images"]
        equal(sorted("sha256:" + d for d in found.values()), sorted(p[ARCH] for p in pushed.values()))
        for d in found.values():
            data = content[f"blobs/sha256/{d}"]
            equal(digest(data), "sha256:" + d)
            for part in [json.loads(data)["config"], *json.loads(data)["layers"]]:
                equal(digest(content[f"blobs/sha256/{part['digest'][7:]}"]), part["digest"])


@test
def handed_over():
    """an installation gives all of them to containerd before helm runs"""
    need(*TOOLS)
    with World() as w, Registry() as r:
        w.start()
        pushed = fill(r, w)
        join(w, r)
        w.apply("--until", "ess")
        there = json.loads(w.read("/world/images.json"))
        equal(sorted(i["digest"] for i in there.values()), sorted(p[ARCH] for p in pushed.values()))
        calls = [" ".join([c["tool"], *c["argv"]]) for c in w.calls()]
        imports = [n for n, c in enumerate(calls) if "images import" in c]
        equal(len(imports), len(there))
        assert max(imports) < next(n for n, c in enumerate(calls) if "upgrade --install ess" in c)
        assert not os.path.exists(w.path("/var/cache/ess-setup/import/image.tar"))


@test
def tokens_that_end():
    """tokens that say that they are good for a second, and tokens that die before their time: new ones are asked for"""
    need(*TOOLS)
    # The second kind: every other token is refused for the part that it was asked for.
    for expires_in, uses in ((1, lambda n: 10**6), (300, lambda n: 1 if n % 2 else 10**6)):
        with World() as w, Registry(uses=uses, expires_in=expires_in) as r:
            w.start()
            fill(r, w)
            join(w, r)
            w.setup("bundle-make", w.path("/b.tar"), status=0)
            given = r.state["given"].count("repository:synapse:pull")
            assert given > 1, (expires_in, given)


@test
def other_machines_only():
    """an image that exists for other machines only has its own card"""
    need(*TOOLS)
    with World() as w, Registry() as r:
        w.start()
        fill(r, w, but=("synapse",))
        r.push_image("synapse", IMAGES["synapse"], arches=("s390x", "ppc64le"))
        join(w, r)
        p = w.setup("bundle-make", w.path("/b.tar"), status=1)
        equal(card(p), "E-IMG-002")
        has(p.stdout + p.stderr, "synapse")
        assert not os.path.exists(w.path("/b.tar"))
        # For an installation that is only a missing head start.
        w.apply("--until", "values")


@test
def missing():
    """an image that is not there has its own card, and names where it was looked for"""
    need(*TOOLS)
    with World() as w, Registry() as r:
        w.start()
        fill(r, w, but=("element-web",))
        join(w, r)
        p = w.setup("bundle-make", w.path("/b.tar"), status=1)
        equal(card(p), "E-IMG-001")
        has(p.stdout + p.stderr, "https://oci.element.io")


@test
def spoilt():
    """a layer that is not what its digest says is refused; what was fetched is kept, and the same command goes on"""
    need(*TOOLS)
    with World() as w, Registry() as r:
        w.start()
        fill(r, w)
        layer = digest(f"synapse:{IMAGES['synapse']} {ARCH} layer 1\n".encode() * 200)[7:]
        r.spoil(layer)
        join(w, r)
        p = w.setup("bundle-make", w.path("/b.tar"), status=1)
        equal(card(p), "E-NET-008")
        assert not os.path.exists(w.path("/b.tar"))
        r.spoil(layer)  # the same change once more makes it right
        before = len(r.requests())
        w.setup("bundle-make", w.path("/b.tar"), status=0)
        again = [q for q in r.requests()[before:] if "/blobs/" in q]
        assert 0 < len(again) < 6, again


@test
def mirror_with_a_path():
    """a mirror behind a path gives the parts; the manifests are asked for at the registry, which is trusted"""
    need(*TOOLS)
    with World() as w, Registry() as r:
        w.start()
        fill(r, w)
        join(w, r)
        w.setup("config", "set", "mirrors.quay_io", "https://mirror.example.net/hub", status=0)
        w.setup("bundle-make", w.path("/b.tar"), status=0)
        seen = r.requests()
        blobs = [q for q in seen if "/cert-manager-webhook/blobs/" in q and q.endswith(" 200")]
        assert blobs and all(q.startswith("mirror.example.net GET /hub/v2/jetstack/") for q in blobs), blobs
        manifests = [q for q in seen if "/cert-manager-webhook/manifests/" in q and q.endswith(" 200")]
        assert manifests and all(q.startswith("quay.io ") for q in manifests), manifests


@test
def checksums_of_a_mirror():
    """a mirror of K3s does not vouch for itself: without the publisher a known checksum is needed, and is enough"""
    need(*TOOLS)
    gone = [{"match": {"host": h}, "action": "close", "times": 0} for h in
            ("github.com", "update.k3s.io", "release-assets.githubusercontent.com")]
    with World(scenario=gone) as w, Registry() as r:
        w.start()
        name = {"amd64": "k3s", "arm64": "k3s-arm64"}[ARCH]
        data = open(w.path("/world/files/k3s-v1.36.2+k3s1"), "rb").read()
        folder = f"{r.dir}/www/k3s/v1.36.2-k3s1"
        os.makedirs(folder)
        os.makedirs(f"{r.dir}/www/k3s/channels")
        with open(f"{folder}/{name}", "wb") as f:
            f.write(data)
        with open(f"{folder}/sha256sum-{ARCH}.txt", "w", encoding="ascii") as f:
            f.write(f"{digest(data)[7:]}  {name}\n")
        with open(f"{r.dir}/www/k3s/channels/v1.36", "w", encoding="ascii") as f:
            f.write("v1.36.2+k3s1\n")
        join(w, r, hosts=("mirror.example.net",))
        w.setup("config", "set", "mirrors.k3s", "https://mirror.example.net/k3s", status=0)
        w.setup("config", "set", "supply.k3s_version", "v1.36.2+k3s1", status=0)
        p = w.setup("apply", "--yes", "--foreground", "--until", "supply", status=1)
        equal(card(p), "E-SRC-002")
        has(p.stdout + p.stderr, f"k3s-v1.36.2+k3s1-{ARCH}")
        assert not [q for q in r.requests() if "sha256sum" in q], "the mirror's own checksums were asked for"
        join(w, r, hosts=(), digests=[f"k3s-v1.36.2+k3s1-{ARCH}={digest(data)[7:]}"])
        w.apply("--until", "supply")
        facts = w.state()["facts"]
        equal((facts["sources.k3s"], facts["supply.k3s.sha256"]),
              ("mirror https://mirror.example.net/k3s", digest(data)[7:]))
        equal(facts["supply.k3s.files"]["binary"]["url"], f"https://mirror.example.net/k3s/v1.36.2-k3s1/{name}")


@test
def mirrors_of_containerd():
    """registries.yaml is for root alone, a path gets its /v2, and what K3s made of it is read back"""
    with World() as w:
        w.setup("config", "set", "mirrors.docker_io", "https://mirror.example.net/hub", status=0)
        w.setup("config", "set", "mirrors.ghcr_io", "https://ghcr.example.net", status=0)
        w.apply("--until", "k3s")
        path = "/etc/rancher/k3s/registries.yaml"
        equal(os.stat(w.path(path)).st_mode & 0o777, 0o600)
        mirrors = yaml.safe_load(w.read(path))["mirrors"]
        equal({k: v["endpoint"] for k, v in mirrors.items()},
              {"docker.io": ["https://mirror.example.net/hub/v2"], "ghcr.io": ["https://ghcr.example.net"]})
        equal(w.state()["facts"]["k3s.mirrors"], {"docker.io": True, "ghcr.io": True})
        # Somebody's change that K3s did not start with is found, and K3s started anew.
        w.write(path, "mirrors: {}\n")
        w.apply("--until", "k3s")
        has(w.read("/var/log/ess-setup/current/install.log"), "systemctl restart --no-block k3s")


@test
def mirror_that_lacks_it():
    """a mirror that refuses what is needed is found out by asking for just that, and passed over"""
    need(*TOOLS)
    with World() as w, Registry() as r:
        w.start()
        fill(r, w)
        join(w, r)
        w.setup("config", "set", "mirrors.docker_io", "https://mirror.example.net/hub", status=0)
        w.apply("--until", "supply")
        equal(w.state()["facts"]["sources.docker.io"], "upstream https://registry-1.docker.io")
        has(w.read("/var/log/ess-setup/current/install.log"), "https://mirror.example.net/hub answered 403")
        has(w.state()["steps"]["supply"]["note"], "docker.io")


if __name__ == "__main__":
    main()
