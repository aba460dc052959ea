# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""A real docker-registry on loopback: nginx with TLS in front of it, and a stub that gives bearer tokens,
as ghcr.io and the others do it."""

import hashlib
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
import urllib.parse
import urllib.request
import uuid

from servers import answers, free_port, make_ca, wait_for

HOSTS = ("ghcr.io", "quay.io", "registry-1.docker.io", "oci.element.io", "mirror.example.net")
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Tokens(http.server.BaseHTTPRequestHandler):
    """GET /token gives one; GET /auth (nginx's auth_request) takes or refuses it."""

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for k, v in headers.items():
            self.send_header(k.replace("_", "-"), v)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        state = self.server.state
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/token":
            query = urllib.parse.parse_qs(url.query)
            scope = query.get("scope", [""])[0]
            token = uuid.uuid4().hex
            state["given"].append(scope)
            state["live"][token] = [scope, state["uses"](state["given"].count(scope))]
            self.answer(200, json.dumps({"token": token, "expires_in": state["expires_in"]}).encode())
            return
        uri, host = self.headers["X-Original-URI"], self.headers["X-Original-Host"]
        path = urllib.parse.urlsplit(uri).path
        name = path.split("/v2/", 1)[-1]
        for kind in ("/manifests/", "/blobs/", "/tags/"):
            name = name.split(kind, 1)[0]
        bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        held = state["live"].get(bearer)
        if held and held[0] == f"repository:{name}:pull" and held[1] > 0:
            held[1] -= 1
            self.answer(200)
        else:
            self.answer(401, WWW_Authenticate=f'Bearer realm="https://{host}/token",service="{host}",'
                                              f'scope="repository:{name}:pull"')


class Registry:
    """uses: how many requests the n-th token of a scope is good for, whatever it says; expires_in: what it says."""

    def __init__(self, uses=lambda n: 10**6, expires_in=300):
        self.dir = tempfile.mkdtemp(prefix="ess-registry-")
        os.chmod(self.dir, 0o755)
        self.port, self.plain, auth = (free_port(__import__("socket").SOCK_STREAM) for _ in range(3))
        make_ca(self.dir, HOSTS)
        self.state = {"given": [], "live": {}, "uses": uses, "expires_in": expires_in}
        self.auth = http.server.ThreadingHTTPServer(("127.0.0.1", auth), Tokens)
        self.auth.state = self.state
        threading.Thread(target=self.auth.serve_forever, daemon=True).start()
        with open(f"{self.dir}/registry.yml", "w", encoding="ascii") as f:
            f.write(f"version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {self.dir}/data}}\n"
                    f"http: {{addr: '127.0.0.1:{self.plain}', relativeurls: true}}\n")
        self.processes = [subprocess.Popen(["docker-registry", "serve", f"{self.dir}/registry.yml"],
                                           stdout=subprocess.DEVNULL, stderr=open(f"{self.dir}/log", "wb"))]
        servers = "".join(self.server(h, auth) for h in HOSTS)
        with open(f"{self.dir}/conf", "w", encoding="ascii") as f:
            f.write(f"daemon off; user root; pid {self.dir}/pid; error_log {self.dir}/error;\nevents {{}}\nhttp {{\n"
                    f" log_format all '$host $request_method $request_uri $status'; access_log {self.dir}/access all;\n"
                    + "".join(f" {k}_temp_path {self.dir}/{k};\n" for k in
                              ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) + servers + "}\n")
        self.processes.append(subprocess.Popen(["nginx", "-e", f"{self.dir}/error", "-c", f"{self.dir}/conf"],
                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_for(lambda: answers(self.port) and answers(self.plain),
                 lambda: open(f"{self.dir}/error", encoding="utf-8").read())

    def server(self, host, auth):
        gate = (f"auth_request /auth; proxy_pass http://127.0.0.1:{self.plain}/v2/;"
                " proxy_set_header Authorization ''; proxy_set_header Host $http_host;"
                " proxy_set_header X-Forwarded-Proto https;")
        # The mirror has its copies behind a path, and some things not at all.
        places = (f"location /k3s/ {{ root {self.dir}/www; }}\n  location /hub/v2/ {{ {gate} }}\n  location ~ ^/hub/v2/library/haproxy/ {{ return 403; }}\n"
                  if host.startswith("mirror") else f"location /v2/ {{ {gate} }}\n")
        return (f" server {{ listen 127.0.0.1:{self.port} ssl; server_name {host};\n"
                f"  ssl_certificate {self.dir}/{host}.pem; ssl_certificate_key {self.dir}/{host}.key;\n  {places}"
                f"  location = /token {{ proxy_pass http://127.0.0.1:{auth}; }}\n"
                f"  location = /auth {{ internal; proxy_pass http://127.0.0.1:{auth}/auth;"
                " proxy_pass_request_body off; proxy_set_header Content-Length '';"
                " proxy_set_header X-Original-URI $request_uri; proxy_set_header X-Original-Host $host; } }\n")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.auth.shutdown()
        for p in self.processes:
            p.terminate()
        for p in self.processes:
            p.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def requests(self):
        """["host METHOD URI STATUS"] as nginx saw them."""
        with open(f"{self.dir}/access", encoding="utf-8") as f:
            return f.read().splitlines()

    # --- pushing: straight to the registry, as its owner -----------------------------------------

    def http(self, method, path, data=None, **headers):
        rq = urllib.request.Request(path if path.startswith("http") else f"http://127.0.0.1:{self.plain}{path}",
                                    data=data, method=method,
                                    headers={k.replace("_", "-"): v for k, v in headers.items()})
        with urllib.request.urlopen(rq, timeout=30) as r:
            return r.headers

    def push_blob(self, repository, data):
        place = self.http("POST", f"/v2/{repository}/blobs/uploads/", b"")["Location"]
        sep = "&" if "?" in place else "?"
        self.http("PUT", f"{place}{sep}digest={digest(data)}", data, Content_Type="application/octet-stream")
        return {"digest": digest(data), "size": len(data)}

    def push_manifest(self, repository, reference, manifest):
        data = json.dumps(manifest).encode()
        self.http("PUT", f"/v2/{repository}/manifests/{reference}", data, Content_Type=manifest["mediaType"])
        return {"mediaType": manifest["mediaType"], "digest": digest(data), "size": len(data)}

    def push_chart(self, repository, tag, data):
        config = dict(self.push_blob(repository, b"{}"), mediaType="application/vnd.cncf.helm.config.v1+json")
        layer = dict(self.push_blob(repository, data), mediaType=CHART)
        self.push_manifest(repository, tag, {"schemaVersion": 2, "mediaType": MANIFEST, "config": config,
                                             "layers": [layer]})

    def push_image(self, repository, tag, arches=("amd64", "arm64"), docker=False, layers=2):
        """An image for each kind of machine; {arch: digest of its manifest}."""
        kind = DOCKER if docker else MANIFEST
        config_type, layer_type = (
            ("application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip")
            if docker else ("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip"))
        found, entries = {}, []
        for arch in arches:
            config = json.dumps({"architecture": arch, "os": "linux", "rootfs": {"type": "layers", "diff_ids": []},
                                 "of": repository}).encode()
            parts = [f"{repository}:{tag} {arch} layer {i}\n".encode() * 200 for i in range(layers)]
            m = {"schemaVersion": 2, "mediaType": kind,
                 "config": dict(self.push_blob(repository, config), mediaType=config_type),
                 "layers": [dict(self.push_blob(repository, p), mediaType=layer_type) for p in parts]}
            entry = self.push_manifest(repository, digest(json.dumps(m).encode()), m)
            found[arch] = entry["digest"]
            entries.append(dict(entry, platform={"os": "linux", "architecture": arch}))
        self.push_manifest(repository, tag, {
            "schemaVersion": 2, "manifests": entries,
            "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json" if docker else INDEX})
        return found

    def spoil(self, sha256):
        """Changes a blob behind the registry's back."""
        path = f"{self.dir}/data/docker/registry/v2/blobs/sha256/{sha256[:2]}/{sha256}/data"
        with open(path, "r+b") as f:
            first = f.read(1)
            f.seek(0)
            f.write(bytes([first[0] ^ 1]))
