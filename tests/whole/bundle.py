# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Bundles: made where there is a line, used where there is none; every kind of damage has its own card."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has  # noqa: E402
from world import World, STEPS  # noqa: E402

BUILD = os.environ["ESS_BUILD"]
DATA = {"ESS_SETUP_DATADIR": os.environ["ESS_SRC"] + "/examples"}
ARCH = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
OTHER = {"amd64": "arm64", "arm64": "amd64"}[ARCH]
CUT_OFF = {"knobs": {"images.unreachable": "1"},
           "rules": [{"match": {"host": h}, "action": "close", "times": 0} for h in
                     ("update.k3s.io", "github.com", "release-assets.githubusercontent.com",
                      "raw.githubusercontent.com", "get.helm.sh", "ghcr.io", "pkg-containers.githubusercontent.com",
                      "quay.io", "cdn01.quay.io", "registry-1.docker.io", "auth.docker.io", "oci.element.io")]}
made = {}


def bundle(arch=ARCH):
    """The path of a bundle made in a connected world; made once."""
    if arch not in made:
        w = World()
        made[arch] = (w, w.path("/bundle.tar"))
        w.setup("bundle-make", "--arch", arch, made[arch][1], status=0, env=DATA)
    return made[arch][1]


def manifest(path):
    with tarfile.open(path) as t:
        return json.load(t.extractfile(t.next()))


def members(path):
    with tarfile.open(path) as t:
        return [(m.name, t.extractfile(m).read()) for m in t]


def pack(path, content, **changes):
    """Writes members as the program does; changes: name of a member: attributes of its header."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as t:
        for name, data in content:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for k, v in changes.get(name, {}).items():
                setattr(info, k, v)
            t.addfile(info, io.BytesIO(data))


def with_manifest(content, **changes):
    m = json.loads(content[0][1])
    m.update(changes)
    return [("manifest.json", json.dumps(m).encode()), *content[1:]]


def requests(w):
    return [c["argv"][1] for c in w.calls() if c["tool"] == "http"]


def tree(w):
    """Every file that a bundle may touch."""
    found = {}
    for top in ("/var/cache/ess-setup", "/var/lib/ess-setup"):
        for folder, _, names in os.walk(w.path(top)):
            for n in names:
                if n not in ("state.json", "request.json", "key", "secrets.json", "config.json"):
                    found[os.path.join(folder, n)] = os.path.getsize(os.path.join(folder, n))
    return found


@test
def made_whole():
    """bundle-make: every part, every image of the charts, each member what the manifest says; no folder is left"""
    path = bundle()
    m, content = manifest(path), dict(members(path))
    equal(sorted(m), ["arch", "format", "images", "made", "members", "parts", "program"])
    equal((m["format"], m["arch"], sorted(m["parts"])), (1, ARCH, ["cert_manager", "chart", "helm", "k3s"]))
    equal(list(content)[1:], [x["name"] for x in m["members"]])
    for x in m["members"]:
        equal((hashlib.sha256(content[x["name"]]).hexdigest(), len(content[x["name"]])), (x["sha256"], x["size"]), x)
    for name in ("docker.io/library/postgres:17-alpine", "docker.io/livekit/livekit-server:v1.13.5",
                 "ghcr.io/element-hq/ess-helm/matrix-tools:0.8.1", "oci.element.io/synapse:v1.159.0",
                 "quay.io/jetstack/cert-manager-webhook:v1.21.1"):
        text = json.loads(content["blobs/sha256/" + m["images"][name]])
        for part in [text["config"], *text["layers"]]:
            assert part["digest"].replace(":", "/").join(["blobs/", ""]) in content, (name, part)
    assert not os.path.exists(made[ARCH][0].path("/var/cache/ess-setup/bundle-make"))


@test
def other_architecture():
    """bundle-make --arch makes one for another machine: its K3s would be fetched, its images are that machine's"""
    w = World()
    p = w.setup("bundle-make", "--arch", OTHER, w.path("/b.tar"), env=DATA)
    # The world's K3s and Helm are for this machine only: the other one's are not to be had in it.
    equal(p.returncode, 1)
    has(p.stdout + p.stderr, OTHER)
    has(p.stdout + p.stderr, "bundle-make")


@test
def without_a_rehearsal():
    """bundle-make is no matter of root and of this machine's answers: all that it writes is in its own folder"""
    with World() as w:
        w.start()
        overlay = json.loads(w.read("/world/overlay.json"))["config"]
        answers = w.path("/answers.yaml")
        lines = [f"  {k.split('.')[1]}: {json.dumps(v)}" for k, v in overlay.items() if k.startswith("network.")]
        supply = [f"  {k.split('.')[1]}: {json.dumps(v)}" for k, v in overlay.items() if k.startswith("supply.")]
        with open(answers, "w", encoding="utf-8") as f:
            f.write("\n".join(["domains: {server_name: example.com}", "certificates: {email: certs@example.com}",
                               "scale: {synapse_workers: [client-reader]}", "network:", *lines, "supply:", *supply]))
        os.makedirs(w.path("/mine"))
        p = subprocess.run([f"{BUILD}/ess-setup", "bundle-make", "--config", answers, "b.tar"], cwd=w.path("/mine"),
                           env={**w.env, **DATA}, capture_output=True, text=True, timeout=300)
        equal(p.returncode, 0, p.stdout[-1500:] + p.stderr[-1500:])
        equal(os.listdir(w.path("/mine")), ["b.tar"])
        equal(len(manifest(w.path("/mine/b.tar"))["images"]), len(manifest(bundle())["images"]))


@test
def installs_cut_off():
    """with every source switched off the installation from a bundle ends well, and asks none of them"""
    path = bundle()
    with World(scenario=CUT_OFF) as w:
        w.setup("bundle-use", path, status=0)
        w.forget_calls()
        w.apply()
        equal(w.steps(), {**dict.fromkeys(STEPS, "done"), "bundle-use": "done"})
        asked = [u for u in requests(w) for h in CUT_OFF["rules"] if f"//{h['match']['host']}:" in u]
        equal(asked, [])
        images = json.loads(w.read("/world/images.json"))
        equal(set(images), set(manifest(path)["images"]))
        equal({i["label"] for i in images.values()}, {"io.cri-containerd.pinned=pinned"})
        has(w.state()["facts"]["supply.k3s.origin"], "bundle ")
        w.forget_calls()
        w.apply()
        equal((w.applied(), w.mutating()), ([], []))


@test
def without_it():
    """the same machine without the bundle ends with a card that names it as a way out"""
    with World(scenario=CUT_OFF) as w:
        p = w.setup("apply", "--yes", "--foreground")
        equal(p.returncode, 1)
        has(p.stdout + p.stderr, "bundle")


@test
def by_the_answers():
    """supply.bundle in the answers does the same without a command; the file may go afterwards"""
    path = bundle()
    with World(scenario=CUT_OFF) as w:
        mine = w.path("/mine.tar")
        with open(path, "rb") as a, open(mine, "wb") as b:
            b.write(a.read())
        w.setup("config", "set", "supply.bundle", mine, status=0)
        w.apply("--until", "values")
        os.unlink(mine)
        w.apply()
        equal(w.state()["run"]["status"], "done")


@test
def other_version_asked():
    """a version that the bundle does not have is refused with both versions named"""
    with World(scenario=CUT_OFF) as w:
        w.setup("bundle-use", bundle(), status=0)
        w.setup("config", "set", "supply.k3s_version", "v1.36.2+k3s1", status=0)
        p = w.setup("apply", "--yes", "--foreground", status=1)
        has(p.stdout + p.stderr, "E-BUN-009")
        has(p.stdout + p.stderr, "v1.36.2+k3s1")
        has(p.stdout + p.stderr, "v1.36.3+k3s1")


@test
def missing_image():
    """a part that was switched on after the bundle was made: its image is named before the machine is touched"""
    with World(scenario=CUT_OFF) as w:
        w.setup("bundle-use", bundle(), status=0)
        record = json.loads(w.read("/var/lib/ess-setup/bundle.json"))
        del record["images"]["oci.element.io/synapse:v1.159.0"]
        w.write("/var/lib/ess-setup/bundle.json", json.dumps(record))
        p = w.setup("apply", "--yes", "--foreground", status=1)
        has(p.stdout + p.stderr, "E-BUN-009")
        has(p.stdout + p.stderr, "oci.element.io/synapse:v1.159.0")
        assert not os.path.exists(w.path("/usr/local/bin/k3s"))


@test
def forget():
    """bundle-use --forget goes back to the network; twice says that there was none"""
    with World() as w:
        w.setup("bundle-use", bundle(), status=0)
        w.setup("bundle-use", "--forget", status=0)
        p = w.setup("bundle-use", "--forget", "--json", status=0)
        equal(json.loads(p.stdout), {"forgotten": False})
        w.apply("--until", "supply")
        equal(w.state()["facts"]["supply.k3s.origin"], "channel v1.36")


def flip(content, name):
    return [(n, bytes([d[0] ^ 1]) + d[1:] if n == name else d) for n, d in content]


def damages():
    """{what: (card, function(path) that writes it)}"""
    good = bundle()
    content = members(good)
    raw = open(good, "rb").read()
    k3s = content[1][0]
    last = content[-1][0]
    m = json.loads(content[0][1])
    huge = [dict(x, size=9 * 2**30) for x in m["members"]] * 8
    evil = {"name": "../../../etc/cron.d/x", "sha256": hashlib.sha256(b"x").hexdigest(), "size": 1}
    state = dict(evil, name="k3s-../x")
    twice = m["members"] + [m["members"][0]]

    def write(data):
        return lambda path: open(path, "wb").write(data)

    def packed(content, **changes):
        return lambda path: pack(path, content, **changes)

    return {
        "an empty file": ("E-BUN-002", write(b"")),
        "another file": ("E-BUN-001", write(b"PK\3\4" + b"x" * 5000)),
        "cut in the manifest": ("E-BUN-002", write(raw[:700])),
        "cut in a member": ("E-BUN-002", write(raw[:len(raw) // 2])),
        "cut before its end": ("E-BUN-002", write(raw[:len(content[0][1]) // 512 * 512 + 1024 + 512])),
        "without the end": ("E-BUN-002", write(raw[:raw.rstrip(b"\0").__len__() // 512 * 512 + 512])),
        "more behind the end": ("E-BUN-001", write(raw + b"x" * 512)),
        "no manifest": ("E-BUN-001", packed(content[1:])),
        "broken manifest": ("E-BUN-004", packed([("manifest.json", b"{"), *content[1:]])),
        "manifest without parts": ("E-BUN-004", packed(with_manifest(content, parts={}))),
        "newer format": ("E-BUN-003", packed(with_manifest(content, format=2))),
        "other architecture": ("E-BUN-005", packed(with_manifest(content, arch=OTHER))),
        "changed program": ("E-BUN-006", packed(flip(content, k3s))),
        "changed layer": ("E-BUN-006", packed(flip(content, last))),
        "program and checksum changed": ("E-BUN-006", packed(with_manifest(
            flip(content, k3s), members=[dict(x, sha256=hashlib.sha256(flip(content, k3s)[1][1]).hexdigest())
                                         if x["name"] == k3s else x for x in m["members"]]))),
        "longer member": ("E-BUN-008", packed([(n, d + b"x" if n == k3s else d) for n, d in content])),
        "too large": ("E-BUN-008", packed(with_manifest(content, members=[
            dict(x, name=f"k3s-{i}") for i, x in enumerate(huge)]))),
        "missing member": ("E-BUN-009", packed(content[:-1])),
        "members in another order": ("E-BUN-007", packed([content[0], content[2], content[1], *content[3:]])),
        "one more member": ("E-BUN-007", packed([*content, ("k3s-more", b"x")])),
        "name that leads out": ("E-BUN-007", packed(with_manifest(content, members=[evil, *m["members"]]))),
        "name that leads out, deeper": ("E-BUN-007", packed(with_manifest(content, members=[state, *m["members"]]))),
        "member that leads out": ("E-BUN-007", packed([content[0], ("../../etc/cron.d/x", b"x"), *content[1:]])),
        "absolute name": ("E-BUN-007", packed([content[0], ("/etc/cron.d/x", b"x"), *content[1:]])),
        "symbolic link": ("E-BUN-007", packed([content[0], (k3s, b""), *content[2:]],
                                              **{k3s: {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}})),
        "hard link": ("E-BUN-007", packed([content[0], (k3s, b""), *content[2:]],
                                          **{k3s: {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"}})),
        "device": ("E-BUN-007", packed([content[0], (k3s, b""), *content[2:]], **{k3s: {"type": tarfile.CHRTYPE}})),
        "named twice": ("E-BUN-007", packed(with_manifest(content, members=twice) + [content[1]])),
        "image without its parts": ("E-BUN-009", packed(*[with_manifest(
            [x for x in content if x[0] != content[7][0]],
            members=[x for x in m["members"] if x["name"] != content[7][0]])])),
    }


@test
def every_damage():
    """each kind of damage has its own card, and changes nothing"""
    with World() as w:
        w.start()
        w.setup("config", "set", "ports.https", "8443", status=0)
        w.setup("bundle-use", w.path("/nowhere.tar"), status=1)
        before = tree(w)
        for what, (card, write) in damages().items():
            path = w.path("/bad.tar")
            write(path)
            p = w.setup("bundle-use", path)
            said = p.stdout + p.stderr
            equal((p.returncode, re.findall(r"^(E-[A-Z0-9]+-\d+)", said, re.M)), (1, [card]), f"{what}: {said[-900:]}")
            equal(tree(w), before, what)
        w.setup("bundle-use", bundle(), status=0)


@test
def a_good_one_stays():
    """a damaged bundle leaves the good one that is in use as it is"""
    with World(scenario=CUT_OFF) as w:
        w.setup("bundle-use", bundle(), status=0)
        record = w.read("/var/lib/ess-setup/bundle.json")
        raw = open(bundle(), "rb").read()
        with open(w.path("/bad.tar"), "wb") as f:
            f.write(raw[:len(raw) // 2])
        w.setup("bundle-use", w.path("/bad.tar"), status=1)
        equal(w.read("/var/lib/ess-setup/bundle.json"), record)
        w.apply("--until", "values")


@test
def words():
    """wrong words: a missing file name, two of them, a kind of machine that nobody knows"""
    with World() as w:
        for args in (["bundle-make"], ["bundle-make", "a", "b"], ["bundle-make", "--arch", "mips", "a"],
                     ["bundle-use"], ["bundle-use", "a", "b"], ["bundle-use", "--forget", "a"]):
            equal(w.setup(*args).returncode, 2, args)


if __name__ == "__main__":
    main()
