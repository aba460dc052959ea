# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Test functions in order, with TAP on stdout, as automake's driver reads it."""

import os
import sys
import traceback

_tests = []


class Skip(Exception):
    """Raised by a test that cannot run here; its text says why."""


def test(fn):
    _tests.append(fn)
    return fn


def skip(reason):
    raise Skip(reason)


def long_run():
    """True in make check-long: sweeps run whole instead of sampled."""
    return os.environ.get("ESS_LONG") == "1"


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def has(text, part, what=""):
    if part not in text:
        raise AssertionError(f"{what}: {part!r} is not in {text[:2000]!r}")


def main():
    only = sys.argv[1:]
    chosen = [t for t in _tests if not only or any(o in t.__name__ for o in only)]
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for n, fn in enumerate(chosen, 1):
        name = (fn.__doc__ or fn.__name__).strip().splitlines()[0]
        try:
            fn()
            print(f"ok {n} - {name}", flush=True)
        except Skip as why:
            print(f"ok {n} - {name} # SKIP {why}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {n} - {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
    sys.exit(1 if failed else 0)
