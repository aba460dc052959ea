# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Command lines for whiptail and ess-dialog side by side, beyond those that somebody thought of: every box
with every option, odd sizes, locales, terminals, orders of words, environments, keys at random. Each is a case
in the form of whiptail_diff.py; the same seed makes the same cases."""

import locale
import random
import textwrap

FRUIT = ["a", "Apple", "b", "Banana", "c", "Cherry", "d", "Date pudding"]
MARKED = ["a", "Apple", "off", "b", "Banana", "on", "c", "Cherry", "1", "d", "Date", "no"]
ZH = ["网络", "设置主机名与地址", "存储", "选择目录", "z", "Latin item"]
ZH_MARKED = ["网络", "设置主机名", "on", "存储", "选择目录", "off"]
LONG = "The quick brown fox jumps over the lazy dog, then it sleeps for a while under the old oak tree."
LISTS = ("menu", "checklist", "radiolist")
SIZE = {"msgbox": (8, 40), "yesno": (8, 44), "infobox": (8, 40), "inputbox": (9, 44), "passwordbox": (9, 44),
        "textbox": (12, 50), "menu": (14, 50, 4), "checklist": (14, 50, 4), "radiolist": (14, 50, 4),
        "gauge": (8, 50)}
OPTIONS = [["--title", "A title"], ["--backtitle", "A backtitle"], ["--default-item", "c"], ["--yes-button", "Sure"],
           ["--no-button", "Never"], ["--ok-button", "Select"], ["--cancel-button", "Finish"], ["--output-fd", "3"],
           ["--clear"], ["--defaultno"], ["--fb"], ["--nocancel"], ["--noitem"], ["--notags"], ["--separate-output"],
           ["--scrolltext"], ["--topleft"]]
KEYS = ["<Tab>", "<BackTab>", "<Up>", "<Down>", "<Left>", "<Right>", "<PgUp>", "<PgDn>", "<Home>", "<End>", "<Space>",
        "<BS>", "<Del>", "<C-u>", "<C-k>", "<C-a>", "<C-e>", "<C-p>", "<C-n>", "<C-d>", "<C-f>", "<C-b>", "x", "é",
        "中", "c", "<F1>", "<C-g>"]
LINES = ["0", "7", "42", "100", "101", "", "5x", " 9", "-1", "XXX\\n12\\nnew text\\nXXX", "XXX\\n77\\nXXX\\n78",
         "XXX\\nab\\nno number\\nXXX", "1000000", "3.5", "XXX\\n5\\ntwo\\\\nlines\\nXXX"]


PICTURE = ["screen", "attrs", "cursor", "final"]


def one_picture(kind, size, text, opts, screen):
    """Whether ess-dialog draws this box as whiptail does: it differs, on purpose, where whiptail cuts text, counts
    no text, draws over its frame, hides an infobox, or draws a scroll bar over the frame."""
    if kind == "infobox" or ["--scrolltext"] in opts:
        return False
    rows, cols = screen
    h, w = size[:2]
    full = 3 if ["--fb"] in opts else 1
    if 0 in size:
        if kind in ("passwordbox", "textbox") or (kind == "gauge" and w == 0):
            return False
        # everything must find its place without scrolling
        longest = max(len(line) for line in text.split("\\n"))
        if full == 3 and longest < 8:
            return False
        return longest < 40 and h in (0, 10, 11) and (w == 0 or w > 36) and rows >= 24
    if h > rows - 1 or w > cols - 1:
        return False
    lines = sum(len(textwrap.wrap(line, w - 5)) or 1 for line in text.split("\\n")) if text else 0
    lines = 4 if kind == "textbox" else lines
    around = {"menu": 4 + full, "checklist": 3 + full, "radiolist": 3 + full, "gauge": 3}.get(kind, 3 + full)
    return h - 2 >= around + lines + (size[2] if kind in LISTS else 0)


def installed(name):
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    locale.setlocale(locale.LC_CTYPE, "C")
    return True


class Cases:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.made = []

    def add(self, group, argv, **fields):
        case = {"name": f"{group}-{len(self.made)}", "argv": argv, "level": "layout", "tags": [group], **fields}
        if "--fb" in argv or "--fullbuttons" in argv:
            # the button is seen to go down and up again before the program ends
            case["keys"] = [*case.get("keys", []), "<wait 0.5>"]
        self.made.append({k: v for k, v in case.items() if v is not None})

    def add_box(self, group, kind, opts, size=None, text=None, screen=(24, 80), keys=None, **fields):
        """A box with its options in front of it."""
        size = SIZE[kind] if size is None else size
        text = "Choose one of these" if text is None else text
        words = fields.pop("words", None) or [w for o in opts for w in o] + self.box(kind, size, text)
        same = one_picture(kind, size, text, opts, screen)
        self.add(group, words, **{"size": list(screen), "ignore": None if same else PICTURE,
                                  **self.fields(kind, keys), **fields})

    # --- the pieces --------------------------------------------------------------------------------

    def box(self, kind, size=None, text=None, items=None, init=None, percent="10"):
        """The words of a box, the files it needs, and its standard input."""
        words = [f"--{kind}", "pal.txt" if kind == "textbox" else "Choose one of these" if text is None else text]
        words += [str(n) for n in (SIZE[kind] if size is None else size)]
        if kind in LISTS:
            words += items if items is not None else FRUIT if kind == "menu" else MARKED
        if kind == "gauge":
            words.append(percent)
        if init is not None and kind in ("inputbox", "passwordbox"):
            words.append(init)
        return words

    def fields(self, kind, keys=None):
        f = {}
        if kind == "textbox":
            f["files"] = {"pal.txt": "first line\nsecond line\n\tafter a tab\nlast line\n"}
        if kind == "gauge":
            f["stdin"] = "pipe"
            f["keys"] = ["<feed 50\\n>", "<eof>"]
        elif kind != "infobox":
            f["keys"] = ["<Enter>"] if keys is None else keys
        return f

    # --- the groups --------------------------------------------------------------------------------

    def options(self):
        """Every option with every box, sizes given and automatic."""
        for kind in SIZE:
            for opt in OPTIONS:
                for auto in (False, True):
                    size = [0] * len(SIZE[kind]) if auto else None
                    words = [*opt, *self.box(kind, size)]
                    if opt == ["--noitem"] and kind in LISTS[1:]:
                        words = words[:-len(MARKED)] + [w for i, w in enumerate(MARKED) if i % 3 != 1]
                    self.add_box(f"option-{kind}", kind, [opt], size, words=words, keys=["<Tab>", "<Enter>"],
                                 fd3=opt[0] == "--output-fd" or None)

    def mixtures(self, many):
        """Several options at once, in any order, also behind and between the words of the box."""
        for _ in range(many):
            kind = self.rng.choice(list(SIZE))
            opts = [o for o in self.rng.sample(OPTIONS, self.rng.randint(2, 5)) if o != ["--noitem"]]
            groups = [o if len(o) == 1 or self.rng.random() < 0.6 else [f"{o[0]}={o[1]}"] for o in opts]
            words = self.box(kind, init="first" if self.rng.random() < 0.5 else None)
            for g in groups:
                at = self.rng.randint(0, len(words))
                # an option with a value must not be torn apart
                while at and words[at - 1].startswith("--") and words[at - 1] in {o[0] for o in opts if len(o) == 2}:
                    at -= 1
                words[at:at] = g
            fd3 = any("output-fd" in w for w in words) or None
            self.add_box("mixture", kind, opts, words=words, fd3=fd3, keys=[self.rng.choice(KEYS[:11]), "<Enter>"])

    def sizes(self, many):
        """Odd sizes of box and screen, texts short and long."""
        for _ in range(many):
            kind = self.rng.choice(list(SIZE))
            rows, cols = self.rng.choice([(24, 80), (24, 80), (12, 40), (10, 60), (40, 100), (25, 132)])
            h, w = self.rng.choice([0, 0, 8, 9, 10, 11, rows - 3]), self.rng.choice([0, 0, 30, 34, 37, cols - 4])
            size = [h, w] + ([self.rng.choice([0, 1, 2, 3])] if kind in LISTS else [])
            text = self.rng.choice(["", "T", "Two\\nlines", "One short sentence.", LONG])
            opts = [o for o in (["--title", "Some title"], ["--fb"], ["--backtitle", "B"]) if self.rng.random() < 0.3]
            self.add_box("size", kind, opts, size, text, (rows, cols))

    def locales(self):
        for name in ("C", "C.UTF-8", "zh_CN.UTF-8", "en_US.UTF-8", "xx_YY"):
            for kind in SIZE:
                for zh in (False, True):
                    if zh and name in ("C", "xx_YY"):
                        continue
                    items = (ZH if kind == "menu" else ZH_MARKED) if zh else None
                    text = "请选择一项" if zh else None
                    words = ["--title", "标题" if zh else "Title", *self.box(kind, None, text, items)]
                    # ess-dialog speaks Chinese also where the locale is missing
                    missing = {"ignore": PICTURE} if name.startswith("zh") and not installed(name) else {}
                    self.add_box("locale", kind, [], words=words, locale=name, **missing)

    def terminals(self):
        for term in ("xterm", "xterm-256color", "tmux-256color", "screen", "screen-256color", "linux", "vt100", "vt220"):
            for kind in SIZE:
                if kind != "infobox":
                    self.add(f"term-{term}", ["--title", "T", "--backtitle", "B", *self.box(kind)], term=term,
                             **self.fields(kind, ["<Down>", "<Tab>", "<Enter>"]))

    def grammar(self):
        """What is refused, and what is not."""
        box, menu = self.box("msgbox"), self.box("menu")
        for argv in (
            ["--", *box], [*box, "--"], ["--msgbox", "--", "-text", "8", "40"], ["--msgbox", "-text", "8", "40"],
            ["--msgbox", "t", "--", "8", "40", "--title", "T"], ["--", "--msgbox", "t", "8", "40"],
            ["--msgbox", "t", "8", "40", "--", "--yesno"], [*box, "surplus", "words"], ["--title"], ["--title", "--msgbox"],
            ["--title=", *box], ["--title==x", *box], ["--backtitle=a=b", *box], ["--yesno=1", "t", "8", "40"],
            ["--msgbox=t", "8", "40"], ["--nocancel=x", *menu], ["--fullbutton", *box], ["--FB", *box], ["-fb", *box],
            ["-h"], ["-v"], ["-hv"], ["-vh"], ["-x", *box], ["-", *box], ["--help", *box], ["--version", *box],
            ["--help", "--bogus"], ["--bogus", "--help"], ["--version", "--bogus"], ["--bogus", "--version"],
            ["--output-fd", "", *box], ["--output-fd", "0x2", *box], ["--output-fd", "1e3", *box],
            ["--output-fd", "99999999999", *box], ["--output-fd", "-1", *box], ["--output-fd=2x", *box],
            ["--msgbox", "t", "08", "040"], ["--msgbox", "t", "+8", "40"], ["--msgbox", "t", " 8", "40"],
            ["--msgbox", "t", "8 ", "40"], ["--msgbox", "t", "0x8", "40"], ["--msgbox", "t", "8.0", "40"],
            ["--msgbox", "t"], ["--msgbox"], ["--menu", "t", "10", "30", "x", "a", "b"], ["--menu", "t", "10", "30", "3"],
            ["--menu", "t", "10", "30", "3", "a", "b", "c"], ["--checklist", "t", "10", "30", "3", "a", "b"],
            ["--checklist", "t", "10", "30", "3", "a", "b", "on", "c"], ["--radiolist", "t", "10", "30", "3", "a"],
            ["--noitem", "--checklist", "t", "10", "30", "3", "a"], ["--gauge", "t", "8", "40", ""],
            ["--yesno", "t", "8", "40", "--msgbox"], ["--msgbox", "--msgbox", "t", "8", "40"],
            ["--menu", "--menu", *menu[1:]], ["--textbox", "none", "8", "40"], ["--fb", "--fullbuttons", "--msgbox", "t", "12", "40"],
            ["--title", "A", "--title", "B", *box], ["--ok-button", "", *box], ["--default-item", *menu],
            ["--notags=1", *menu], ["", *box], ["--", "", *box], ["--msgbox", "", "8", "40"],
        ):
            for posix in (None, {"POSIXLY_CORRECT": "1"}):
                gauge = "--gauge" in argv
                self.add("grammar", argv, env=posix, level="contract", stdin="pipe" if gauge else None,
                         keys=["<eof>"] if gauge else ["<Enter>"])

    def environment(self):
        box, menu = self.box("msgbox"), self.box("menu")
        for env in (
            {"NEWT_COLORS": "root=white,black"}, {"NEWT_COLORS": "root=,black;window=red,"}, {"NEWT_COLORS": "listbox=black,white"},
            {"NEWT_COLORS": "button=black,cyan actbutton=white,red:compactbutton=black,green"}, {"NEWT_COLORS": ""},
            {"NEWT_COLORS": "title=brightred,blue\nentry=yellow,blue"}, {"NEWT_COLORS": "shadow=white,white;border=red,blue"},
            {"NEWT_COLORS": "actsellistbox=black,red\tsellistbox=white,green"}, {"NEWT_COLORS": "x" * 20000},
            {"NEWT_COLORS_FILE": "/nonexistent"}, {"NEWT_COLORS_FILE": ""}, {"NEWT_MONO": "1"}, {"NEWT_MONO": ""},
            {"NEWT_MONO": "1", "NEWT_COLORS": "root=white,red"}, {"LINES": "10", "COLUMNS": "20"}, {"LINES": "0"},
            {"COLORTERM": "truecolor"}, {"NEWT_NOFLOWCTRL": "1"}, {"LANGUAGE": "zh_CN"}, {"LANGUAGE": "de:zh_CN"},
        ):
            for words, kind in ((box, "msgbox"), (menu, "menu"), (self.box("inputbox", init="v"), "inputbox"),
                                (self.box("gauge"), "gauge")):
                self.add("environment", ["--title", "T", *words], env=env, **self.fields(kind))

    def callers(self):
        """As scripts of the field call it."""
        say = ["--title", "Raspberry Pi Software Configuration Tool (raspi-config)"]
        back = ["--backtitle", "Package configuration", "--title", "Configuring tzdata", "--output-fd", "3"]
        pairs = ["1 Update", "Update this tool", "2 System", "Hostname and password", "9 About", "Information"]
        for argv, keys, extra in (
            ([*say, "--menu", "System Options", "18", "80", "11", "--cancel-button", "Back", "--ok-button", "Select", *pairs],
             ["<Down>", "<Enter>"], {}),
            ([*say, "--menu", "Setup", "18", "80", "11", "--cancel-button", "Finish", "--ok-button", "Select",
              "--default-item", "9 About", *pairs], ["<Tab>", "<Tab>", "<Enter>"], {}),
            (["--inputbox", "Please enter a hostname", "20", "60", "raspberrypi"], ["<C-u>", "pi", "<Enter>"], {}),
            (["--msgbox", "\\nPlease note: RFCs mandate that a hostname's labels may contain only letters", "20", "70", "1"],
             ["<Enter>"], {}),
            (["--yesno", "Would you like to reboot now?", "20", "60", "2"], ["<Tab>", "<Enter>"], {}),
            (["--yesno", "Would you like the serial port?", "--defaultno", "20", "60", "2"], ["<Esc>"], {}),
            (["--radiolist", "Choose", "20", "60", "10", "1", "One", "OFF", "2", "Two", "ON", "3", "Three", "OFF"],
             ["<Space>", "<Enter>"], {}),
            ([*back, "--default-item", "Asia", "--menu", "Geographic area:", "20", "74", "8", "--", "Africa", "", "America", "",
              "Asia", "", "Europe", ""], ["<Up>", "<Enter>"], {"fd3": True}),
            ([*back, "--nocancel", "--default-item", "b", "--menu", "T", "12", "30", "3", "--", "a", "", "b", "", "c", ""],
             ["<Esc>"], {"fd3": True}),
            ([*back, "--yesno", "--", "Restart services during package upgrades without asking?", "9", "77"], ["<Enter>"],
             {"fd3": True}),
            ([*back, "--defaultno", "--yesno", "--", "Remove the data?", "7", "30"], ["<Tab>", "<Enter>"], {"fd3": True}),
            ([*back, "--scrolltext", "--msgbox", "\n".join(f"line {i}" for i in range(40)), "20", "60"],
             ["<Tab>", "<Enter>"], {"fd3": True, "ignore": PICTURE}),
            ([*back, "--separate-output", "--checklist", "Choose:", "14", "40", "4", "--", "one", "", "on", "two", "", "off"],
             ["<Down>", "<Space>", "<Enter>"], {"fd3": True}),
            ([*back, "--inputbox", "--", "Text:", "9", "40", "-dash"], ["<Enter>"], {"fd3": True}),
            ([*back, "--passwordbox", "--", "Password:", "9", "40"], ["pa$s", "<Enter>"], {"fd3": True}),
            (["--title", "DietPi-Config", "--menu", "Text", "--default-item", "3", "--ok-button", "Ok", "--cancel-button", "Exit",
              "--backtitle", "DietPi", "20", "76", "9", "1", ": Display", "2", ": Audio", "3", ": Net"], ["<Enter>"], {}),
            (["--backtitle", "Proxmox VE Helper Scripts", "--title", "SETTINGS", "--yesno", "Use Default Settings?",
              "--no-button", "Advanced", "10", "58"], ["<Tab>", "<Enter>"], {}),
            (["--title", "Kiosk", "--noitem", "--notags", "--menu", "x", "0", "0", "0", "p", "q", "r", "s"], ["<Enter>"], {}),
        ):
            self.add("caller", argv, keys=keys, **extra)

    def keys(self, many):
        """Ten keys at random; what is still there is left by Esc."""
        for _ in range(many):
            kind = self.rng.choice([k for k in SIZE if k not in ("infobox", "gauge")])
            opts = [o for o in (["--nocancel"], ["--notags"], ["--defaultno"]) if self.rng.random() < 0.2]
            keys = [self.rng.choice(KEYS) for _ in range(10)] + [self.rng.choice(["<F12>", "<Esc>"])]
            self.add("keys", [w for o in opts for w in o] + self.box(kind, init="some first value"),
                     **{**self.fields(kind), "keys": keys})

    def gauges(self, many):
        for _ in range(many):
            feed = [f"<feed {self.rng.choice(LINES)}\\n>" for _ in range(6)]
            self.add("gauge", self.box("gauge", [10, 50], text=self.rng.choice(["One", "One\\nTwo\\nThree"])), stdin="pipe",
                     keys=[*feed, "<eof>"])


def cases(seed=1, scale=1):
    """All groups; scale says how many of those that are made at random."""
    c = Cases(seed)
    c.options()
    c.mixtures(150 * scale)
    c.sizes(200 * scale)
    c.locales()
    c.terminals()
    c.grammar()
    c.environment()
    c.callers()
    c.keys(150 * scale)
    c.gauges(60 * scale)
    return c.made
