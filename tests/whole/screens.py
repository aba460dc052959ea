# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Every page of ess-setup as it looks, in both languages and four sizes, beside the files in tests/data/screens: in
turns in check, all of them in check-long. ESS_SCREENS=write writes them anew, to be looked at and committed."""

import glob
import os
import re
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
import screens  # noqa: E402
from tap import equal, long_run, main, test  # noqa: E402

WRITE = os.environ.get("ESS_SCREENS") == "write"
HEAD = "=== "
SEEN = {}


def heading(lang, size):
    return f"{HEAD}{lang} {size[0]}x{size[1]}" + (" plain" if size == screens.PLAIN else "")


def sections(name):
    """{heading: picture} of a file."""
    path = f"{screens.FOLDER}/{name}.txt"
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        parts = re.split(rf"^({HEAD}.*)\n", f.read(), flags=re.M)
    return {h: p.rstrip("\n") + "\n" for h, p in zip(parts[1::2], parts[2::2])}


def look(visit, name):
    """The picture is that of the file; what is asked beside the page may come a little later."""
    key = heading(visit.lang_shown, visit.size)
    if WRITE:
        SEEN.setdefault(name, {})[key] = visit.settled().picture()
        return
    want = sections(name).get(key)
    assert want, f"{name}.txt has no {key}; see HACKING.md on how to write it"
    try:
        visit.t.until(lambda s: visit.picture() == want, "", seconds=30)
    except AssertionError:
        raise AssertionError(f"{name}, {key}: want\n{want}\ngot\n{visit.picture()}") from None
    SEEN.setdefault(name, {})[key] = want


def make_test(state, lang, size):
    def fn():
        def at_page(visit, name):
            visit.lang_shown = lang
            look(visit, name)
        visit = screens.walk(state, lang, size, at_page)
        equal(visit.t.stderr.decode().count("Sanitizer"), 0, visit.t.stderr.decode())
    fn.__doc__ = f"{state}: {heading(lang, size)[len(HEAD):]}"
    fn.__name__ = f"{state}-{lang}-{size[0]}x{size[1]}"
    test(fn)


def variants(n):
    """All in check-long; else one of dialogs, and now and then one of plain text, in turns."""
    if long_run() or WRITE or len(sys.argv) > 1:
        return screens.variants()
    lang, other = screens.LANGUAGES[n % 2], screens.LANGUAGES[(n + 1) % 2]
    return [(lang, screens.DIALOGS[n % len(screens.DIALOGS)]), *([(other, screens.PLAIN)] if n % 3 == 0 else [])]


for number, one in enumerate(screens.WAYS):
    for variant in variants(number):
        make_test(one, *variant)


def write():
    os.makedirs(screens.FOLDER, exist_ok=True)
    for name, parts in SEEN.items():
        parts = {**(sections(name) if len(sys.argv) > 1 else {}), **parts}
        order = [h for h in (heading(*v) for v in screens.variants()) if h in parts]
        with open(f"{screens.FOLDER}/{name}.txt", "w", encoding="utf-8") as f:
            f.write("".join(f"{h}\n{parts[h]}\n" for h in order))


@test
def no_file_is_left_over():
    """every file in tests/data/screens is a page that was seen"""
    if WRITE:
        write()
    files = {os.path.basename(p)[:-4] for p in glob.glob(f"{screens.FOLDER}/*.txt")}
    if len(sys.argv) == 1:
        equal(files, set(SEEN), "files and pages")


try:
    main()
finally:
    if WRITE:
        write()
