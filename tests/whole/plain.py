# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The pages as plain text: the same items, words and powers as the dialogs, by numbers and Enter."""

import json
import os
import re
import sys

SRC, BUILD = os.environ["ESS_SRC"], os.environ["ESS_BUILD"]
sys.path.insert(0, f"{SRC}/tests/lib")
from pages import SlowMachine, Talk, environment, notice_read, pages, plain  # noqa: E402
from tap import equal, has, main, test  # noqa: E402
from world import World  # noqa: E402


@test
def where_dialogs_cannot_be():
    """dumb terminals, small windows, --plain, ESS_SETUP_PLAIN and pipes get plain text"""
    for what in ({"term": "dumb"}, {"size": (59, 18)}, {"size": (60, 17)}, {"env": {"ESS_SETUP_PLAIN": "1"}}, {"args": ["--plain"]}):
        with World() as world:
            notice_read(world)
            with pages(world, *what.pop("args", []), lang="en", **what) as t:
                has(t.see("Type a number"), "1 Configure: names", what)
                t.press("0", "Enter").see("END=0")
    with World() as world:
        notice_read(world)
        p = plain(world, "0")
        equal((p.returncode, "1 Configure: names" in p.stdout), (0, True), p.stderr)


@test
def first_start():
    """the language and the notice come once, in plain text too"""
    with World(config=None) as world:
        p = world.setup(input="1\n0\n", env=environment(world), status=0)
        has(p.stdout, "1 简体中文,")
        for words in ("开始之前", "不可商用", "请先备份", "1 填写配置：域名、端口、证书、管理员，", "0 退出", "请输入数字 [1]"):
            has(p.stdout, words)
        again = world.setup(input="0\n", env=environment(world), status=0)
        equal(("简体中文" in again.stdout.split("语言")[0], "开始之前" in again.stdout), (False, False))


@test
def same_items():
    """each page has the same numbered items as its dialog"""
    for lang in ("en", "zh_CN"):
        with World() as world:
            notice_read(world)
            with pages(world, lang=lang) as t:
                menu = t.see("0 " + ("leave" if lang == "en" else "退出"))
                dialog = [re.sub(r"\s+", " ", m) for m in re.findall(r"│\s+([0-9] \S.*?)\s+│", menu)]
            p = plain(world, "0", lang=lang)
            text = [re.sub(r"[:：，,]", " ", line) for line in p.stdout.splitlines() if re.match(r"[0-9] ", line)]
            text = [re.sub(r"\s+", " ", line).strip() for line in text]
            equal(text, [re.sub(r"\s+", " ", re.sub(r"[:：，,]", " ", d)).strip() for d in dialog], lang)


@test
def answers():
    """what is missing is asked first, each with its example; the rest stands in a numbered list; ! empties, < and 0 lead back, ? explains"""
    with World(config=None) as world:
        notice_read(world)
        typed = ["1", "?", "nonsense", "smith-family.net",   # configure: help, a wrong one, the server name
                 "2", "chat", "",          # change the second, next page
                 "1", "8081", "",          # ports
                 "me@smith-family.net", "1", "0", "",  # certificates: asked; to it again and back without a change
                 "3", "boss@smith-family.net", "3", "!", "",   # administrator's e-mail: set and emptied
                 "", "", "0", "0"]         # storage and advanced as they are, preview, leave
        p = plain(world, *typed, lang="en")
        text = p.stdout + p.stderr
        for words in ("1/6  Names", "Example: example.com", "Your own domain. It is the part", "Wrong: ", "2/6  Ports",
                      "3/6  Certificates", "4/6  Administrator", "5/6  Storage", "1 keep what stands there", "6/6  Advanced",
                      "Server name: smith-family.net", "Forward these"):
            has(text, words)
        for key, value in (("domains.synapse", "chat"), ("ports.http", "8081"), ("certificates.email", "me@smith-family.net"),
                           ("admin.email", "")):
            equal(world.setup("config", "get", key, status=0).stdout.strip(), value, key)


@test
def zero_is_an_answer():
    """where 0 is a right answer it is one, and < leads back"""
    with World() as world:
        notice_read(world)
        with Talk(world) as t:
            t.see("Type a number")
            t.type("1").see("1/6", "Enter = next")
            for n in range(2, 5):
                t.type("").see(f"{n}/6 ", "Enter = next")
            t.type("").see("5/6", "[1]:")
            t.type("").see("6/6", "[1]:")
            text = t.type("2").see("Enter = next")
            number = re.search(r"^([0-9]+) Longest wait", text, flags=re.M).group(1)
            t.type(number).see("< = back")
            t.type("0").see(f"{number} Longest wait for the end of calls: 0,", "Enter = next")
            t.type(number).see("[0] (Enter keeps it, < = back")
            t.type("<").see("Enter = next")
            t.type("0").see("5/6", "[1]:")
            t.type("0").see("4/6")


@test
def wrong_numbers():
    """anything but a number of the list is refused with what is right; the end of input leaves"""
    with World() as world:
        notice_read(world)
        p = plain(world, "x", "99", "-1", "1.5", "", lang="en")
        has(p.stdout, "Please type a number from 0 to 6.")
        equal(p.returncode, 0)


@test
def whole_rehearsal():
    """from the questions over the preview to the summary, by a script on a pipe"""
    with World() as world:
        notice_read(world)
        p = plain(world, "3", "1", "2", "1", "0", "0", lang="en")
        for words in ("Confirm", "About 2 GB", "1 Start,", "[1/18] 10 Look at the machine", "1.2.3.4", "[18/18] 95",
                      "All done.", "1 Show the administrator's password,", "Forward these", "Password: ", "3 Log,"):
            has(p.stdout, words)
        equal(json.loads(world.setup("status", "--json", status=0).stdout)["status"], "done")
        password = re.search(r"Password: (\S{32})$", p.stdout, flags=re.M).group(1)
        equal(p.stdout.count(password), 1, "shown on request only")


@test
def watching():
    """a run is watched as lines: 2 shows the log, 3 cancels after a question, 1 and ^C leave it running"""
    with SlowMachine() as m:
        with Talk(m) as t:
            t.see("Type a number")
            t.type("5").see("K3s: 7 MiB")
            t.type("2").see("There is no log to show")
            t.type("3").see("Really end it?", "[0]:")
            t.type("").see("")
            t.type("1").see("goes on in the background", "3 Watch the installation", "[3]")
            t.type("3").see("[2/2] 15")
            t.type("C-c", end="").see("goes on in the background", "Press 3 to watch it", "[3]")
            t.type("3").see("[2/2] 15")
            t.type("3").see("Really end it?", "[0]:")
            t.type("1").see("Cancelled.")
            equal(m.last_event()["status"], "cancelled")


@test
def error_card():
    """a failed run has its card with the same numbered remedies; trying again and changing an answer work"""
    with SlowMachine() as m:
        with Talk(m) as t:
            m.go("failed")
            t.see("Type a number")
            items = dict(re.findall(r"^([0-9]) (.*?),?$", t.type("5").see("E-CF-004", "0 back"), flags=re.M))
            edit = next(k for k, v in items.items() if v.startswith("Change the answer"))
            again = next(k for k, v in items.items() if v.startswith("Try again"))
            t.type(edit).see("? = help")
            t.type("0").see("E-CF-004", f"[{edit}]:")
            os.remove(f"{m.dir}/go")
            t.type(again).see("K3s: 7 MiB")
            m.go("done")
            t.see("All done.")


@test
def progress_is_rare():
    """a run as lines says progress once for every tenth part, however often it comes"""
    with SlowMachine() as m:
        m.env["ESS_TEST_CHATTY"] = "1"
        m.go("done")
        p = m.setup("apply", "--yes", status=0)
        said = [line.split()[-2] for line in p.stdout.splitlines() if "MiB" in line]
        # the first is from before: 42 %
        equal(said, ["40", *(str(n) for n in range(0, 101, 10))])


main()
