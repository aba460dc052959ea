# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The dialog pages of ess-setup on a real terminal: each is reached, 0 leads back, no answer is lost."""

import json
import os
import signal
import sys

SRC, BUILD = os.environ["ESS_SRC"], os.environ["ESS_BUILD"]
sys.path.insert(0, f"{SRC}/tests/lib")
from pages import SlowMachine, framed, notice_read, pages  # noqa: E402
from tap import equal, has, main, test  # noqa: E402
from world import World  # noqa: E402

SIZES = ((80, 24), (60, 18))

# What is looked for, in both languages.
WORDS = {
    "en": {"example": "Example: ", "menu": "Matrix video conference server", "leave": "0 leave", "notice": "Before you begin", "ok": "<Ok>",
           "check": "TXT", "status": "not installed yet", "back": "0 back", "next": "<Next>", "start": "<Start>",
           "outside": "outside", "router": "Forward these", "all": "All done.", "menu0": "0 menu", "watch": "<Leave>",
           "pages": ("Server name", "HTTP port", "E-mail for certificates", "Name of the administrator",
                     "Folder for all data", "learn the public address")},
    "zh_CN": {"example": "例：", "menu": "Matrix 视频会议服务器", "leave": "0 退出", "notice": "开始之前", "ok": "<确定>",
              "check": "TXT", "status": "尚未安装", "back": "0 返回", "next": "<下一步>", "start": "<开始安装>",
              "outside": "外网", "router": "路由器", "all": "全部完成", "menu0": "0 返回菜单", "watch": "<离开>",
              "pages": ("服务器名", "HTTP 端口", "邮箱", "管理员", "目录", "公网地址")},
}


def variants():
    return [(lang, size, WORDS[lang]) for lang in WORDS for size in SIZES]


@test
def first_start():
    """the first start asks for the language and shows the notice, both once; 0 leaves, and the terminal is as before"""
    for lang, size, w in variants():
        with World(config=None) as world, pages(world, size=size) as t:
            framed(t.see("1 简体中文", "2 English", "0 "), "language")
            t.press("1" if lang == "zh_CN" else "2")
            has(framed(t.see(w["notice"], w["ok"]), "notice"), "PolyForm")
            t.press("Enter")
            framed(t.see(w["menu"], w["leave"], "6 "), "menu")
            t.press("0")
            t.see("END=0")
            equal(t.restored(), True, "the terminal")
            with pages(world, size=size) as again:
                again.see(w["menu"], w["leave"])
                again.press("Escape")
                again.see("END=0")


@test
def every_page():
    """each item of the menu opens its page, and 0 or Esc leads back to the menu"""
    for lang, size, w in variants():
        with World() as world:
            notice_read(world)
            with pages(world, size=size, lang=lang) as t:
                for item, words, back in (("2", (w["check"],), "0"), ("3", (w["start"],), "0"),
                                          ("4", (w["status"], "10 ", w["back"]), "0"), ("6", ("1 简体中文", w["back"]), "0"),
                                          ("1", (w["pages"][0], w["next"]), "Escape")):
                    t.see(w["menu"], w["leave"])
                    framed(t.press(item).see(*words), f"{lang} {size} item {item}")
                    t.press(back)
                t.see(w["menu"], w["leave"])
                t.press("0").see("END=0")


@test
def menu_follows():
    """the menu says by itself that a run, started elsewhere, has ended; the highlight stays where the user put it"""
    with World() as world:
        notice_read(world)
        with pages(world, lang="en") as t:
            t.see("Configured, not installed yet.", "0 leave")
            t.press("Down")  # from the third to the fourth
            world.setup("apply", "--yes", "--until", "preflight", status=0)
            t.see("The steps before 2/18 are done")
            t.press("Enter").see("10 ", "0 back")
            t.press("0").see("0 leave")
            t.press("0").see("END=0")


@test
def every_question():
    """all six pages of questions come in their order, then the preview; back goes through them again"""
    for lang, size, w in variants():
        with World() as world:
            notice_read(world)
            before = world.setup("config", "export", status=0).stdout
            with pages(world, size=size, lang=lang) as t:
                t.see(w["leave"])
                t.press("1")
                for n, words in enumerate(w["pages"], 1):
                    framed(t.see(f"{n}/6 ", words, w["example"] if n < 5 else ""), f"{lang} {size} page {n}")
                    t.press("F12")
                framed(t.see(w["start"]), "preview")
                t.press("0").see(w["leave"])
                t.press("0").see("END=0")
            equal(world.setup("config", "export", status=0).stdout, before, "answers that nobody changed")


@test
def preview_says_it():
    """the preview has the table of what works, the versions once they are known, and the router's table"""
    for lang, size, w in variants():
        with World() as world:
            notice_read(world)
            with pages(world, size=size, lang=lang) as t:
                t.see(w["leave"])
                seen = t.press("3").see("example.com", w["start"])
                while "30152-30352" not in t.text():
                    before = t.see(w["start"])
                    t.press("PageDown")
                    world.wait_for(lambda: t.text() != before)  # noqa: B023
                    seen += t.see(w["start"])
                for words in ("example.com", "8443", w["outside"], w["router"]):
                    has(seen, words, f"{lang} {size}")
                t.press("0").see(w["leave"])


@test
def judged_while_typed():
    """a wrong answer is explained at once, also one that is only wrong together with others, and Next is refused"""
    with World() as world, pages(world, lang="en") as t:
        t.see(WORDS["en"]["notice"])
        t.press("Enter").see("0 leave")
        t.press("1").see("1/6")
        t.press("F12").see("2/6", "HTTP port")
        t.press("C-u").type("99999").see("99999", '"HTTP port":')
        t.press("F12").see("2/6", '"HTTP port":')
        t.press("C-u").type("8443").see("HTTP port", "HTTPS port")
        t.press("F12").see("2/6", '"HTTP port"')
        t.press("C-u").type("8081").see("Example: 8080")
        t.press("F12").see("3/6")
        equal(world.setup("config", "get", "ports.http", status=0).stdout.strip(), "8081")


@test
def nothing_is_lost():
    """Esc and Back keep every answer: right ones are stored, wrong ones stand there again to be mended"""
    with World() as world, pages(world, lang="en") as t:
        t.see(WORDS["en"]["notice"])
        t.press("Enter").see("0 leave")
        t.press("1").see("1/6")
        t.press("F12").see("2/6", "HTTP port")
        t.press("C-u").type("99999").press("Down").press("C-u").type("9443").see("99999", "9443")
        t.press("Escape").see("0 leave")
        equal(world.setup("config", "get", "ports.https", status=0).stdout.strip(), "9443")
        t.press("1").see("1/6")
        t.press("F12").see("99999", "9443", '"HTTP port":')
        t.press("C-u").type("8082").see("8082", "Example: 8080")
        # the second button from the last field on
        t.press("End").press("BTab").press("BTab").press("Enter").see("1/6")
        t.press("F12").see("2/6", "8082", "9443")
        equal(world.setup("config", "get", "ports.http", status=0).stdout.strip(), "8082")


@test
def secrets_are_stars():
    """a secret is stars on the screen, is stored, and an empty field keeps it"""
    token = "Zk3vQ9xT1mB7nL5cR2wD8fH4gJ6pS0aYtUeXiOqK"
    with World() as world, pages(world, lang="en") as t:
        t.see(WORDS["en"]["notice"])
        t.press("Enter").see("0 leave")
        t.press("1").see("1/6")
        t.press("F12").see("2/6")
        t.press("F12").see("3/6", "Cloudflare API token")
        t.press("Down", "Down").see("stars")
        seen = t.type(token).see("*****")
        equal(token[:8] in seen, False, "the token on the screen")
        t.press("F12").see("4/6")
        equal(world.setup("secret", "show", "cloudflare.token", "--force", status=0).stdout.strip(), token)
        t.press("Escape").see("0 leave")
        t.press("1").see("1/6")
        t.press("F12").see("2/6")
        t.press("F12").see("3/6")
        t.press("Down", "Down").see("Left empty it stays")
        t.press("F12").see("4/6")
        equal(world.setup("secret", "show", "cloudflare.token", "--force", status=0).stdout.strip(), token)


@test
def help_of_a_field():
    """F1 explains the field with the focus, and leads back to it with all that was typed"""
    with World() as world, pages(world, lang="en", size=(60, 18)) as t:
        t.see(WORDS["en"]["notice"])
        t.press("Enter").see("0 leave")
        t.press("1").see("1/6")
        t.press("Down").press("C-u").type("chat").see("chat")
        framed(t.press("F1").see("domains.synapse", "reach Synapse"))
        t.press("Enter").see("1/6", "chat", "Example: matrix")


@test
def rehearsal():
    """a rehearsal runs to its summary, the run page shows its steps, and the menu knows afterwards"""
    for lang, size in (("en", (80, 24)), ("zh_CN", (60, 18))):
        w = WORDS[lang]
        with World(config=None) as world:
            notice_read(world)
            with pages(world, size=size, lang=lang) as t:
                t.see(w["menu"])
                t.press("5")
                framed(t.see(w["watch"], "%", "/18"), "run page")
                framed(t.see(w["all"], w["menu0"], seconds=300), "summary")
                t.press("0").see(w["menu"])
                t.press("0").see("END=0")
            equal(json.loads(world.setup("status", "--json", status=0).stdout)["status"], "done")


def at_work(t):
    t.see("0 leave")
    t.press("5").see("K3s: 7 MiB", "<Leave>")


@test
def leave_and_come_back():
    """leaving leaves the run alone, the menu says that it runs, and its item watches it to the end"""
    with SlowMachine() as m, pages(m, lang="en") as t:
        at_work(t)
        for leave in ("Escape", "0", "Enter"):
            t.press(leave).see("goes on in the background", "ess-setup")
            t.press("Enter").see("3 Watch the installation", "is running, step 1/2", "Press 3")
            t.press("3").see("K3s: 7 MiB", "<Leave>")
        m.go("done")
        t.see("All done.", "0 menu")
        t.press("Enter").see("0 leave")


@test
def cancel_is_asked_twice():
    """cancel asks again, with No first; then the run ends and the page says so"""
    with SlowMachine() as m, pages(m, lang="en") as t:
        at_work(t)
        t.press("C-c").see("Really end it?", "<Go on>")
        t.press("Enter").see("K3s: 7 MiB", "<Leave>")
        t.press("Tab", "Enter").see("Really end it?")
        t.press("Left", "Enter").see("Cancelled", "from the menu")
        equal(m.last_event()["status"], "cancelled")


@test
def error_card():
    """a failed run shows its card with numbered remedies: log, another answer, again, back"""
    for lang, size in (("en", (80, 24)), ("zh_CN", (60, 18))):
        with SlowMachine() as m, pages(m, lang=lang, size=size) as t:
            m.go("failed")
            t.see(WORDS[lang]["leave"])
            text = framed(t.press("5").see("E-CF-004", WORDS[lang]["back"]), f"{lang} card")
            again = next(row.split()[1] for row in text.splitlines() if ("Try again" if lang == "en" else "再试一次") in row)
            edit = next(row.split()[1] for row in text.splitlines() if ("Change" if lang == "en" else "修改") in row)
            t.press(edit).see("_" * 5)
            t.press("Escape").see("E-CF-004", WORDS[lang]["back"])
            os.remove(f"{m.dir}/go")
            t.press(again).see("MiB")
            m.go("done")
            t.see(WORDS[lang]["all"])


@test
def line_lost():
    """a terminal that goes away is only a way of leaving: the run goes on"""
    with SlowMachine() as m:
        with pages(m, lang="en") as t:
            at_work(t)
            pid = t.pid()
        while os.path.exists(f"/proc/{pid}"):
            pass
        equal(m.last_event()["type"], "step.progress")
        m.go("done")
        with pages(m, lang="en") as t:
            t.see("0 leave")
            t.press("4").see("Status")
        equal(m.last_event()["type"] in ("run.end", "step.progress"), True)


@test
def ended_by_signal():
    """SIGTERM gives the terminal back as it was"""
    with World() as world, pages(world, lang="en") as t:
        t.see(WORDS["en"]["notice"])
        os.kill(t.pid(), signal.SIGTERM)
        t.see("END=143")
        equal(t.restored(), True)


@test
def resized():
    """every page follows a change of size"""
    with World() as world, pages(world, lang="en") as t:
        t.see(WORDS["en"]["notice"])
        t.resize(60, 18)
        t.press("Enter")
        framed(t.see("0 leave"))
        t.press("1").see("1/6")
        t.resize(100, 30)
        framed(t.see("1/6", "<Next>"))


main()
