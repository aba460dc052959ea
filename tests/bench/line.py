# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""make bench: the time until everything is there over a line of a given width, ours against one file after the other
and against what the line could do at best (bytes / rate). The server stands on loopback: a token bucket for all
connections together, and the round trips of a far server in each handshake and before each answer. BENCH_RATE_MIB is
the line's width, BENCH_ALONE the share of it that a server gives to one connection (1: all, if the line is free)."""

import hashlib
import json
import os
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from world import ENGINE, World  # noqa: E402

MIB = 1 << 20
RATE = float(os.environ.get("BENCH_RATE_MIB", "4")) * MIB
ALONE = float(os.environ.get("BENCH_ALONE", "1"))
ROUND_TRIP = 0.15    # s
# K3s, its images, Helm, two charts, then the layers of ESS: an eighth of their real sizes, from four servers.
FILES = [("get.helm.sh", 2.2), ("github.com", 9), ("github.com", 24), ("quay.io", 0.02), ("ghcr.io", 0.02)] + \
        [("oci.element.io", 0.1 + 0.07 * (i % 12)) for i in range(24)]


class Bucket:
    """Gives bytes at a rate, a tenth of a second's worth at once."""

    def __init__(self, rate):
        self.rate, self.have, self.at, self.lock = rate, 0.0, time.monotonic(), threading.Lock()

    def take(self, n):
        while True:
            with self.lock:
                now = time.monotonic()
                self.have = min(self.rate / 10, self.have + (now - self.at) * self.rate)
                self.at = now
                if self.have >= n:
                    self.have -= n
                    return
                wait = (n - self.have) / self.rate
            time.sleep(wait)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder, files):
        super().__init__(("127.0.0.1", 0), Answer)
        self.files, self.line, self.requests, self.handshakes = files, Bucket(RATE), 0, 0
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")


class Answer(socketserver.BaseRequestHandler):
    def handle(self):
        time.sleep(2 * ROUND_TRIP)  # TCP's and TLS's
        self.server.handshakes += 1
        alone = Bucket(RATE * ALONE)
        try:
            with self.server.tls.wrap_socket(self.request, server_side=True) as s:
                while head := self.head(s):
                    time.sleep(ROUND_TRIP)
                    self.server.requests += 1
                    body = self.server.files.get(head.split(" ")[1])
                    if body is None:
                        s.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
                        continue
                    s.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode())
                    for i in range(0, len(body), 16384):
                        piece = body[i:i + 16384]
                        alone.take(len(piece))
                        self.server.line.take(len(piece))
                        s.sendall(piece)
        except OSError:
            pass

    @staticmethod
    def head(s):
        got = b""
        while b"\r\n\r\n" not in got:
            piece = s.recv(4096)
            if not piece:
                return None
            got += piece
        return got.decode("latin-1")


def certificate(folder):
    names = ",".join(f"DNS:{h}" for h in sorted({h for h, _ in FILES}))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-subj", "/CN=bench", "-days", "1",
                    "-addext", f"subjectAltName={names}"], check=True, capture_output=True)


def make_files():
    served, items = {}, []
    for n, (host, size) in enumerate(FILES):
        body = hashlib.shake_256(str(n).encode()).digest(int(size * MIB))
        served[f"/file-{n}"] = body
        items.append({"name": f"file {n}", "url": f"https://{host}/file-{n}", "mode": 0o644,
                      "sha256": hashlib.sha256(body).hexdigest(), "path": f"/var/cache/ess-setup/file-{n}"})
    return served, items


def fetch(w, queues):
    """Seconds until all is there; each queue is given to a process of its own, one after the other."""
    start = time.monotonic()
    for items in queues:
        p = subprocess.run([ENGINE, "fetch"], env={**w.env, "ESS_SETUP_ROOT": w.dir}, input=json.dumps(items) + "\n",
                           capture_output=True, text=True, timeout=900)
        if p.returncode != 0 or '"error":{' in p.stdout:
            sys.exit(f"status {p.returncode}: {p.stdout}{p.stderr}")
    took = time.monotonic() - start
    for items in queues:
        for i in items:
            os.unlink(w.path(i["path"]))
    return took


def main():
    with tempfile.TemporaryDirectory() as folder, World() as w:
        certificate(folder)
        served, items = make_files()
        server = Server(folder, served)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        w.network(ca_file=f"{folder}/cert.pem", connect_to=[f"::127.0.0.1:{server.server_address[1]}"])
        size = sum(map(len, served.values()))
        best = size / RATE
        print(f"{len(items)} files, {size / MIB:.0f} MiB, over a line of {RATE / MIB:g} MiB/s, {ROUND_TRIP * 1000:.0f} ms "
              f"away" + (f", {ALONE:.0%} of it for one connection:" if ALONE < 1 else ":"))
        print(f"  at best (bytes / rate){best:26.1f} s")
        for name, queues, goal in (("ours", [items], 1.1), ("one after the other", [[i] for i in items], None)):
            server.requests = server.handshakes = 0
            took = fetch(w, queues)
            want = f"   goal {goal:g}" + ("" if took <= goal * best else "  <--") if goal else ""
            print(f"  {name:36}{took:10.1f} s   {took / best:5.2f} of it{want}   ({server.handshakes} connections)",
                  flush=True)
            if goal:
                ours = took
        print(f"  ours is {took / ours:.1f} times as quick")
        server.shutdown()


main()
