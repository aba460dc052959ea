# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Random valid configurations, with names that are easily taken for each other."""

import random

# Each is a beginning, an end or a part of another one, of a placeholder or of a key of the manifest.
WORDS = ["m", "ma", "matrix", "matrix-1", "mrtc", "a", "x", "example", "com", "host", "web", "443", "server", "8443",
         "https", "ess-synapse", "localhost", "placeholder", "changeme", "element"]
HOSTS_ONLY = ["your-domain", "yourdomain", "your-domain-com"]
TOPS = ["net", "org", "com", "com.au", "example.net.br", "xn--p1ai"]
SERVICES = ("synapse", "auth", "rtc", "web", "admin")
DEFAULTS = {"synapse": "matrix", "auth": "account", "rtc": "mrtc", "web": "element", "admin": "admin"}
NODE_FIRST, NODE_LAST = 30000, 32767
TAKEN = {22, 2379, 2380, 2381, 2382, 5001, 6443, 6444, 10010, 10248, 10249, 10250, 10256, 10257, 10258, 10259}
PARTS = ["matrix-tools", "synapse", "auth", "rtc", "sfu", "web", "admin", "haproxy", "postgres", "postgres-exporter",
         "redis", "redis-exporter"]
MANY = ["client-reader", "device-lists", "event-creator", "event-persister", "federation-inbound", "federation-reader",
        "federation-sender", "initial-synchrotron", "mas-helper", "pusher", "receipts", "sliding-sync", "synchrotron"]
ONE = ["account-data", "appservice", "background", "encryption", "media-repository", "presence-writer", "push-rules",
       "typing-persister", "user-dir"]
SECRET = "c4nary-{}-5ecret"


class Configuration:
    """What is imported (tree), and what is expected of it: server, hosts {service: name}, ports."""

    def __init__(self, seed):
        self.seed = seed
        self.rng = random.Random(seed)
        self.tree = {}
        self.secrets = []
        self.names()
        self.public_ports()
        self.media_ports()
        self.rest()

    def put(self, key, value):
        at = self.tree
        *groups, last = key.split(".")
        for g in groups:
            at = at.setdefault(g, {})
        at[last] = value
        return value

    def maybe(self, key, values, p=0.5):
        if self.rng.random() < p:
            self.put(key, self.rng.choice(values))

    def secret(self, key):
        self.secrets.append(self.put(key, SECRET.format(len(self.secrets))))

    # --- names -----------------------------------------------------------------------------------

    def reserved(self, name):
        """As model/config-check.c: such a server name is refused, and such a host outside of it."""
        return any(("." + name).endswith("." + d)
                   for d in ("example.com", "example.net", "example.org", "example", "localhost"))

    def name_for(self, have):
        r, word = self.rng, self.rng.choice(WORDS + HOSTS_ONLY)
        if r.random() < 0.5 and not word.isdigit():
            return word
        other = r.choice(have)
        full = r.choice([f"{word}.{self.server}", f"{word}.{word}.{self.server}", f"{self.server}.{self.server}",
                         f"{word}.{other}", f"{word}-{self.server}", f"{other}.net", f"x{other}"])
        if full.endswith("." + self.server) or not any(h in full for h in HOSTS_ONLY):
            return full
        return f"{word}.{self.server}"

    def names(self):
        r = self.rng
        while True:
            self.server = f"{r.choice(WORDS)}.{r.choice(TOPS)}"
            if r.random() < 0.3:
                self.server = f"{r.choice(WORDS)}.{self.server}"
            if not self.reserved(self.server):
                break
        self.put("domains.server_name", self.server)
        self.hosts, have = {}, [self.server]
        for s in SERVICES:
            if s == "admin" and r.random() < 0.25:
                self.put("domains.admin", "off")
                continue
            word = DEFAULTS[s]
            if r.random() < 0.8 or f"{word}.{self.server}" in have:
                while True:
                    word = self.name_for(have)
                    name = word if "." in word else f"{word}.{self.server}"
                    if name not in have and len(name) < 200 and not (self.reserved(name) and
                                                                     not name.endswith("." + self.server)):
                        break
                self.put(f"domains.{s}", word)
            self.hosts[s] = word if "." in word else f"{word}.{self.server}"
            have.append(self.hosts[s])

    # --- ports -----------------------------------------------------------------------------------

    def take(self, key, choices):
        while True:
            port = self.rng.choice(choices)
            if port not in self.used and port not in TAKEN:
                break
        self.used.add(port)
        self.put(key, port)
        return port

    def public_ports(self):
        self.used = set()
        any_port = range(1, 65536)
        self.https = self.take("ports.https", [443, 443, 8443, 8448, self.rng.choice(any_port)])
        if self.rng.random() < 0.3:
            self.federation = self.put("ports.federation", self.https)
        else:
            self.federation = self.take("ports.federation", [8448, 443, 8449, self.rng.choice(any_port)])
        self.http = self.take("ports.http", [80, 8080, self.rng.choice(any_port), self.rng.choice(any_port)])

    def media_ports(self):
        r = self.rng
        nodes = range(NODE_FIRST, NODE_LAST + 1)
        self.nodes = {k: self.take(f"ports.internal.{k}", nodes) for k in ("http", "https", "federation")}
        self.rtc_tcp = self.take("ports.rtc_tcp", nodes)
        self.muxed = r.random() < 0.4
        self.put("ports.rtc_mode", "muxed" if self.muxed else "range")
        if self.muxed:
            self.rtc_udp = self.take("ports.rtc_udp", nodes)
            self.maybe("ports.udp_range", ["30200-30300", "30000-31000"], 0.3)
            return
        taken = {self.rtc_tcp, *self.nodes.values()}
        while True:
            first = r.randint(NODE_FIRST, NODE_LAST)
            last = min(NODE_LAST, first + r.choice([0, 1, 10, 200, 1000]))
            if not any(first <= p <= last for p in taken):
                break
        self.range = (first, last)
        self.put("ports.udp_range", f"{first}-{last}")

    # --- the rest --------------------------------------------------------------------------------

    def rest(self):
        r = self.rng
        self.put("certificates.email", r.choice(["me@smith-family.net", f"o'brien+x@{self.server}"]))
        self.maybe("certificates.environment", ["production", "staging"])
        self.federates = r.choice(["apex", "srv", "none"])
        self.put("federation.plan", self.federates)
        self.maybe("admin.username", ["admin", "root.of-all=evil"])
        self.registration = self.put("registration.mode", r.choice(["invite", "open", "closed"]))
        if self.registration == "open" or r.random() < 0.4:
            self.smtp()
        if r.random() < 0.4:
            self.external_database()
        self.maybe("storage.class", ["local-path", "longhorn", "a.b-c"])
        self.maybe("storage.media_size", ["1Gi", "500Mi", "2Ti", "999999999G"])
        self.maybe("storage.postgres_size", ["1Gi", "20G"])
        self.maybe("synapse.max_upload_size", ["1M", "102400K", "2048M"])
        self.maybe("paths.home", ["/opt/matrix", "/srv/m@trix+1/x_y-z"])
        self.public_address()
        self.maybe("network.resolvers", [["8.8.8.8"], ["223.5.5.5", "1.1.1.1:5353"], ["192.0.2.1:1", "192.0.2.1", "10.0.0.1"]])
        if r.random() < 0.2:
            self.put("network.proxy", "http://192.168.1.2:7890")
            self.maybe("network.no_proxy", ["192.168.0.0/16,.lan"])
        self.maybe("mirrors.docker_io", ["https://docker.m.daocloud.io", "http://192.168.1.9:5000/v2"], 0.3)
        self.maybe("mirrors.oci_element_io", ["https://registry.smith-family.net"], 0.3)
        self.outgrown()
        if r.random() < 0.15:
            self.existing_cluster()

    def smtp(self):
        self.put("smtp.host", self.rng.choice(["smtp.smith-family.net", "192.0.2.25", "relay"]))
        self.put("smtp.from", "matrix@smith-family.net")
        self.maybe("smtp.port", [25, 465, 587])
        self.maybe("smtp.mode", ["starttls", "tls", "plain"])
        if self.rng.random() < 0.5:
            self.put("smtp.username", "matrix")
            self.secret("smtp.password")

    def external_database(self):
        self.put("postgres.mode", "external")
        self.put("postgres.host", self.rng.choice(["db.lan", "10.1.2.3", "db"]))
        self.maybe("postgres.port", [5432, 65535, 1])
        self.maybe("postgres.ssl_mode", ["disable", "require", "verify-full"])
        for who in ("synapse", "auth"):
            self.put(f"postgres.{who}_user", f"{who}_u-ser")
            self.put(f"postgres.{who}_database", f"{who}_db")
            self.secret(f"postgres.{who}_password")

    def public_address(self):
        self.address_mode = self.put("network.public_address_mode", self.rng.choice(["follow", "stun", "manual"]))
        if self.address_mode == "manual":
            self.put("network.public_address", self.rng.choice(["203.0.113.7", "8.8.4.4"]))
        if self.address_mode == "stun":
            self.put("network.stun_servers", self.rng.choice([["stun.l.google.com:19302"],
                                                              ["192.0.2.3:3478", "a.b:1"]]))

    def outgrown(self):
        """self.registries {part: registry} and self.workers {name: number}."""
        r = self.rng
        self.registries, self.workers = {}, {}
        if r.random() < 0.4:
            self.registries = {p: r.choice(["registry.smith-family.net", "192.168.1.9:5000/mirror", "localhost:5000"])
                               for p in r.sample(PARTS, r.randint(1, len(PARTS)))}
            self.put("images.registries", [f"{p}={v}" for p, v in self.registries.items()])
        if r.random() < 0.4:
            self.workers = {n: r.choice([1, 2, 50]) if n in MANY else 1
                            for n in r.sample(MANY + ONE, r.randint(1, len(MANY + ONE)))}
            self.put("scale.synapse_workers", [n if v == 1 else f"{n}={v}" for n, v in self.workers.items()])
        for k in ("web", "auth", "haproxy"):
            self.maybe(f"scale.{k}_replicas", [1, 2, 50], 0.3)

    def existing_cluster(self):
        self.put("cluster.kind", "existing")
        self.put("cluster.kubeconfig", "/root/.kube/config")
        self.maybe("cluster.ingress_class", ["nginx", "traefik"])
        self.maybe("cluster.ingress_selector", ["app.kubernetes.io/name=traefik,x/y=z", "app=nginx"])
        self.maybe("cluster.ingress_target_port", ["https", 443, "websecure"])
        self.maybe("cluster.ingress_federation_target_port", ["https", 8448])
        self.maybe("cluster.internal_address", ["10.43.0.200", "10.43.0.2"])
