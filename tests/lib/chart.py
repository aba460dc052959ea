# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""A chart for the real helm: the official schema, and templates of our own with the official names."""

import gzip
import json
import os
import shutil

# Where the chart's values.yaml takes each image from (26.8.1); the schema judges values and these together.
IMAGES = {
    "matrixTools": ("ghcr.io", "element-hq/ess-helm/matrix-tools", "0.8.1"),
    "synapse": ("oci.element.io", "synapse", "v1.159.0"),
    "matrixAuthenticationService": ("ghcr.io", "element-hq/matrix-authentication-service", "1.23.0"),
    "matrixRTC": ("oci.element.io", "lk-jwt-service", "0.6.0"),
    "matrixRTC.sfu": ("docker.io", "livekit/livekit-server", "v1.13.5"),
    "elementWeb": ("oci.element.io", "element-web", "v1.12.26"),
    "elementAdmin": ("oci.element.io", "element-admin", "0.1.12"),
    "haproxy": ("docker.io", "library/haproxy", "3.2-alpine"),
    "postgres": ("docker.io", "postgres", "17-alpine"),
    "postgres.postgresExporter": ("docker.io", "prometheuscommunity/postgres-exporter", "v0.18.1"),
    "redis": ("docker.io", "library/redis", "7.4-alpine"),
    "redis.redisExporter": ("ghcr.io", "oliver006/redis_exporter", "v1.84.0"),
}
DATA = os.environ["ESS_SRC"] + "/tests/data"


def schema_text():
    with gzip.open(f"{DATA}/matrix-stack-26.8.1.values.schema.json.gz", "rt", encoding="utf-8") as f:
        return f.read()


def defaults():
    """The part of the chart's own values that those of an image are merged with."""
    top = {"elementAdmin": {}, "ingress": {}}
    for path, image in IMAGES.items():
        at = top
        for name in path.split("."):
            at = at.setdefault(name, {})
        at["image"] = dict(zip(("registry", "repository", "tag"), image))
    return top


def merged(values, below=None):
    """values over the chart's own, as helm puts them together."""
    below = defaults() if below is None else below
    return {k: merged(values[k], below[k]) if k in values and isinstance(values[k], dict) and
            isinstance(below.get(k), dict) else values.get(k, below.get(k)) for k in {**below, **values}}


def make(folder):
    """Writes the chart into folder/matrix-stack and returns that path."""
    top = f"{folder}/matrix-stack"
    os.makedirs(f"{top}/templates")
    with open(f"{top}/Chart.yaml", "w", encoding="utf-8") as f:
        f.write("apiVersion: v2\nname: matrix-stack\nversion: 26.8.1\ndescription: fixture\n"
                "icon: https://example.org/i.png\n")
    with open(f"{top}/values.yaml", "w", encoding="utf-8") as f:
        json.dump(defaults(), f)
    with open(f"{top}/values.schema.json", "w", encoding="utf-8") as f:
        f.write(schema_text())
    shutil.copy(f"{DATA}/fixture-chart.yaml", f"{top}/templates/all.yaml")
    return top
