# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""A chart for the real helm: the official schema, and templates of our own with the official names."""

import gzip
import os
import shutil

DATA = os.environ["ESS_SRC"] + "/tests/data"


def schema_text():
    with gzip.open(f"{DATA}/matrix-stack-26.8.1.values.schema.json.gz", "rt", encoding="utf-8") as f:
        return f.read()


def make(folder):
    """Writes the chart into folder/matrix-stack and returns that path."""
    top = f"{folder}/matrix-stack"
    os.makedirs(f"{top}/templates")
    with open(f"{top}/Chart.yaml", "w", encoding="utf-8") as f:
        f.write("apiVersion: v2\nname: matrix-stack\nversion: 26.8.1\ndescription: fixture\n"
                "icon: https://example.org/i.png\n")
    with open(f"{top}/values.yaml", "w", encoding="utf-8") as f:
        f.write("elementAdmin: {}\ningress: {}\n")
    with open(f"{top}/values.schema.json", "w", encoding="utf-8") as f:
        f.write(schema_text())
    shutil.copy(f"{DATA}/fixture-chart.yaml", f"{top}/templates/all.yaml")
    return top
