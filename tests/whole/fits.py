# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Every text fits its place in both languages on a screen of 60 columns: labels, titles, buttons, items, hints;
and every key has its help and example. That all texts are translated, translations.py looks after."""

import ast
import glob
import gettext
import os
import re
import sys

SRC = os.environ["ESS_SRC"]
sys.path.insert(0, f"{SRC}/tests/lib")
import screens  # noqa: E402
from pages import locales  # noqa: E402
from tap import equal, main, test  # noqa: E402
from terminal import wide  # noqa: E402

LABEL_COLS = 39  # what a field of 16 columns leaves of 58, see layout.c
NARROW, ROOMY = "60x18", "100x30"


def columns(text):
    return sum(wide(c) for c in text)


def squeezed(text):
    return re.sub(r"[\s↑↓▮▒]", "", text)


def keys():
    """[(name, row)] of the table of keys."""
    rows = []
    for path in sorted(glob.glob(f"{SRC}/src/model/keys-table*.h")):
        with open(path, encoding="utf-8") as f:
            rows += re.findall(r'^\{ "([a-z0-9_.]+)",(.*?)\},?$', f.read(), flags=re.M | re.S)
    assert len(rows) > 40, len(rows)
    return rows


def text_of(row, member):
    m = re.search(rf"\.{member} = (?:N_\()?((?:\s*\"(?:[^\"\\]|\\.)*\")+)", row)
    return "".join(ast.literal_eval(s) for s in re.findall(r'"(?:[^"\\]|\\.)*"', m.group(1))) if m else None


def languages():
    with open(f"{locales()}/zh_CN/LC_MESSAGES/ess-setup.mo", "rb") as f:
        return {"en": lambda s: s, "zh_CN": gettext.GNUTranslations(f).gettext}


@test
def keys_are_explained():
    """every key has a label, a help, and an example where one types"""
    for name, row in keys():
        label, help_text = text_of(row, "label"), text_of(row, "help")
        assert label and help_text and help_text != label, name
        chosen = "KEY_BOOL" in row or ".choices" in row or "KEY_SECRET" in row
        assert chosen or text_of(row, "example"), f"{name} has no example"


@test
def labels_fit():
    """no label is longer than its column, in either language"""
    long = [(lang, name, columns(translate(text_of(row, "label")))) for lang, translate in languages().items()
            for name, row in keys() if columns(translate(text_of(row, "label"))) > LABEL_COLS]
    equal(long, [], f"labels of more than {LABEL_COLS} columns")


def parts(path):
    """{(language, size): picture} of a file of screens."""
    with open(path, encoding="utf-8") as f:
        found = re.split(r"^=== (\S+) (\S+).*\n", f.read(), flags=re.M)
    return {(a, b): c for a, b, c in zip(found[1::3], found[2::3], found[3::3])}


def pieces(picture):
    """Title, buttons and numbered items, without blanks; and what stands behind the items."""
    title = re.findall(r"┤ (.*) ├", picture)
    buttons = re.findall(r"<[^<>\d][^<>]*>", "".join(r for r in picture.splitlines() if re.match(r"^[ │↑▮▒]*<", r)))
    items = [re.split(r"  +", i) for i in re.findall(r"^[ │]+(\d .*?)[ ↑↓▮▒]*│", picture, flags=re.M)]
    return [squeezed(p) for p in (*title, *buttons, *(i[0] for i in items))], [squeezed(n) for i in items for n in i[1:]]


@test
def nothing_is_cut():
    """titles, buttons and items are on the narrow screen as they are on the roomy one"""
    cut = []
    for path in sorted(glob.glob(f"{screens.FOLDER}/*.txt")):
        found = parts(path)
        for lang in screens.LANGUAGES:
            if (lang, ROOMY) not in found:
                continue
            (there, notes), (all_of_it, all_notes) = pieces(found[lang, NARROW]), pieces(found[lang, ROOMY])
            scrolls = "↑" in found[lang, NARROW]
            cut += [(os.path.basename(path), lang, p) for p in all_of_it if p not in there and not (scrolls and p[0].isdigit())]
            # a note may be missing where there is no room, but not in part
            cut += [(os.path.basename(path), lang, n) for n in notes if n not in all_notes]
    equal(cut, [], "on the screen of 100 columns, and not on that of 60")


def hint(visit):
    """What stands below the fields while one has the focus: up to three rows above the buttons."""
    rows = visit.t.screen.lines()
    at = next(i for i, r in enumerate(rows) if re.match(r"^ *│ +<", r))
    return squeezed("".join(r.strip("│ ") for r in rows[at - 3:at]))


def hints(world, lang, size):
    """The hints of every field of the six pages, in their order."""
    found = []
    with screens.Visit(world, lang, size) as visit:
        visit.ready().press("1")
        for page in range(1, 7):
            visit.see(f"{page}/6").settled()
            while True:
                visit.checked()
                found.append((page, hint(visit)))
                visit.press("Tab").settled()
                if not visit.t.screen.visible:
                    break
            visit.press("F12")
        visit.t.close()
    return found


@test
def hints_fit():
    """no hint below a field is cut on the narrow screen"""
    world = screens.configured()
    try:
        for lang in screens.LANGUAGES:
            roomy, narrow = (hints(world, lang, size) for size in ((100, 30), (60, 18)))
            assert len(roomy) > 40, len(roomy)
            equal([n for n, r in zip(narrow, roomy) if n != r], [], f"{lang}: cut hints")
            equal(len(narrow), len(roomy))
    finally:
        world.stop()


if __name__ == "__main__":
    main()
