# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Ways through the pages: where one stands, a run and its end, two who watch, rehearsals, last answers, languages."""

import json
import os
import re
import shutil
import sys
import tempfile
import time

SRC, BUILD = os.environ["ESS_SRC"], os.environ["ESS_BUILD"]
sys.path.insert(0, f"{SRC}/tests/lib")
from pages import SlowMachine, environment, framed, notice_read, pages  # noqa: E402
from tap import equal, has, main, test  # noqa: E402
from terminal import Terminal  # noqa: E402
from tmux import Tmux  # noqa: E402
from world import SETUP, STEPS, World  # noqa: E402

ANSWERS = "domains:\n  server_name: smith-family.net\ncertificates:\n  email: me@smith-family.net\n"


def terminal(world, *args, lang="en", rehearse=True, size=(80, 24), **env):
    """On a pseudo-terminal, which also tells where the cursor stands."""
    words = [SETUP, *([f"--rehearse={world.dir}"] if rehearse else []), *(["--lang", lang] if lang else []), *args]
    return Terminal(words, rows=size[1], cols=size[0], env={**environment(world), "TERM": "xterm-256color", **env})


def write_state(world, status, steps, boot_id="another"):
    rows = {}
    for name, st in steps.items():
        rows[name] = {"status": st, "attempts": 1, "inputs": "x", "version": 1, "started": 1, "elapsed_ms": 4000, "error": None,
                      "note": None, "facts": {}}
        if st == "failed":
            rows[name]["error"] = {"code": "CF_ZONE_READ", "card": "E-CF-004", "msgid": "x %s", "args": ["y"]}
    world.write("/var/lib/ess-setup/state.json", json.dumps({
        "format": 1, "written_by": "test", "lineage": "00000000-0000-4000-8000-000000000000", "serial": 1, "facts": {},
        "run": {"id": "r", "job": "install", "status": status, "started": 1, "ended": 2, "boot_id": boot_id, "pid": 1,
                "current": None}, "steps": rows}))


@test
def where_one_stands():
    """the sentence of the menu says where one stands and which number is next, and that item has the cursor"""
    boot = open("/proc/sys/kernel/random/boot_id", encoding="ascii").read().strip()
    some = {"preflight": "done", "supply": "running"}
    done = dict.fromkeys(STEPS, "done")
    for config, state, zh, en, item in (
            (None, None, "尚未配置。第一步：填写域名和端口（约 3 分钟）。", "Not configured yet. First", "1 "),
            (True, None, "已配置，尚未安装。按 3 开始安装，或按 2 先检查环境。", "Press 3 to install", "3 "),
            (True, ("running", some), "安装在第 2/18 步中断（机器重启）。按 3 继续", "(the machine restarted). Press 3 to continue", "3 "),
            (True, ("running", some, boot), "安装在第 2/18 步中断（进程被结束）。按 3 继续", "(its process was ended). Press 3", "3 "),
            (True, ("failed", {"preflight": "done", "supply": "failed"}), "安装在第 2/18 步失败（选择版本并下载各个部分）。按 4 查看原因",
             "Press 4 to see why", "3 "),
            (True, ("cancelled", some), "安装在第 2/18 步被取消。按 3 继续", "was cancelled at step 2/18", "3 "),
            (True, ("degraded", done), "按 4 查看网址", "Press 4 for its addresses", "4 "),
            (True, ("done", done), "服务器已安装好。按 4 查看网址", "The server is installed. Press 4", "4 ")):
        with World(**({} if config else {"config": None})) as world:
            notice_read(world)
            if state:
                write_state(world, *state)
            for lang, words in (("zh_CN", zh), ("en", en)):
                with terminal(world, lang=lang, size=(100, 24)) as t:
                    flat = lambda s: s.text().replace("\n", "")  # noqa: E731
                    t.until(lambda s: words in flat(s) or words in re.sub(r"\s*│\s*│\s*", " ", s.text()), words)
                    t.until(lambda s: s.lines()[s.y].lstrip(" │").startswith(item), f"the cursor at {item}, {words}")
                    t.press("0")
                    equal(t.wait(), 0)


@test
def missing_answers():
    """what is missing before the start is said by its label, and the first of it is offered for change"""
    with World(config=None) as world:
        notice_read(world)
        world.setup("config", "set", "certificates.email", "me@smith-family.net", status=0)
        for lang, words, change in (("zh_CN", "- 缺少“服务器名”；例如填写 example.com", "2 修改：服务器名"),
                                    ("en", '- "Server name" is missing', "2 Change the answer: Server name")):
            with terminal(world, lang=lang) as t:
                t.see("3 ").press("3").see(words).see(change)
                t.press("2").see("____").press("Esc").see(change).press("0").see("3 ").press("0")
                equal(t.wait(), 0)


@test
def failure_leads_back():
    """after a failed check the menu is back at the check, with the sentence of the failure"""
    with World() as world:
        notice_read(world)
        with terminal(world, "--scenario", "token-zone-read") as t:
            t.see("0 leave")
            t.press("2").see("TXT").press("Enter").see("E-CF-004").see("0 back")
            t.press("0").see("failed at step 4/18 (Check DNS and the Cloudflare token)")
            t.until(lambda s: s.lines()[s.y].lstrip(" │").startswith("2 "), "the cursor at 2")


@test
def notes_and_gauge():
    """behind a step stands what it found; the end has the summary, and the password only on request"""
    with World() as world:
        notice_read(world)
        with pages(world, lang="zh_CN", size=(80, 24)) as t:
            t.see("0 退出")
            t.press("5")
            run = framed(t.see("✓ 20", "1.2.3.4", "%", "<离开>", "<取消>", "<日志>"))
            assert re.search(r"✓ 20 .*0:0\d  1\.2\.3\.4", run), run
            end = framed(t.see("全部完成", "1 显示管理员密码", "2 路由器与应用设置", "0 返回菜单", seconds=300))
            password = world.setup("secret", "show", "admin.password", "--force", status=0).stdout.strip()
            equal((len(password), password in end), (32, False))
            has(framed(t.press("1").see("@admin:example.com")), password)
            t.press("Enter").see("0 返回菜单")
            t.press("2").see("家里", "外网")
            t.press("0").see("0 返回菜单")
            t.press("3").see("日志")
            t.press("0").see("0 返回菜单")
            t.press("0").see("服务器已安装好")
            # and again from the status
            t.press("4").see("4 显示管理员密码", "1 上一次运行的结果")
            t.press("1").see("全部完成")


@test
def two_watch():
    """a second frontend sees the same run; what one cancels, both see ended; attach shows the same page"""
    with SlowMachine() as m, pages(m, lang="en") as one, pages(m, lang="en") as two:
        one.see("0 leave")
        two.see("0 leave")
        one.press("5").see("K3s: 7 MiB", "<Leave>")
        # the menu of the other is from before: an installation that runs is not started twice
        two.press("4").see("Status")
        two.press("0").see("3 Watch the installation")
        two.press("3").see("K3s: 7 MiB", "<Leave>")
        with pages(m, "attach", lang="en") as three:
            framed(three.see("K3s: 7 MiB", "<Leave>"))
            two.press("C-c").see("Really end it?")
            two.press("Left", "Enter")
            for t in (one, two, three):
                t.see("Cancelled. What is done is kept")
            three.press("Enter").see("END=130")
        with pages(m, "attach", lang="en") as later:
            later.see("Cancelled. What is done is kept")
            later.press("Enter").see("END=130")


@test
def few_bytes():
    """the run page costs at most 80 bytes a second, while only the time goes on and while a download tells each MiB"""
    for steady in ({}, {"ESS_TEST_STEADY": "1"}):
        with SlowMachine() as m, terminal(m, lang="zh_CN", **steady) as t:
            t.see("0 退出")
            t.press("5").see("<离开>").see("已用")
            shown = lambda s: re.search(r"已用 ([0-9:]+)", s.text()).group(1)  # noqa: E731
            last, before, begin, seen = shown(t.screen), t.bytes, time.monotonic(), set()
            while len(seen) < 6:
                t.until(lambda s: shown(s) != last, "another second")
                last = shown(t.screen)
                seen.add(last)
            cost = (t.bytes - before) / (time.monotonic() - begin)
            assert cost <= 80, f"{steady}: {cost} bytes a second"
            if steady:
                equal("MiB" in t.screen.text(), True)


@test
def rehearsal_of_this_machine():
    """a rehearsal from the menu has this machine's answers, changes nothing of it, and can be begun anew"""
    real, inside = tempfile.mkdtemp(prefix="ess-real-"), tempfile.mkdtemp(prefix="ess-practice-")
    try:
        with World(config=None) as world:
            env = {"ESS_SETUP_ROOT": real, "ESS_SETUP_REHEARSAL": inside, "HOME": real}
            os.makedirs(f"{real}/var/lib/ess-setup", mode=0o700)
            for name, text in (("notice", "shown\n"), ("config.json", json.dumps({
                    "domains": {"server_name": "smith-family.net"}, "certificates": {"email": "me@smith-family.net"},
                    "network": {"resolvers": ["127.0.0.1:1"]}}))):
                with open(f"{real}/var/lib/ess-setup/{name}", "w", encoding="ascii") as f:
                    f.write(text)
            with Tmux([SETUP, "--lang", "en"], env={**environment(world), **env}) as t:
                t.see("0 leave")
                t.press("5").see("All done.", "REHEARSAL", seconds=300)
                t.press("0").see("not installed yet")
                with open(f"{inside}/var/lib/ess-setup/config.json", encoding="utf-8") as f:
                    equal(json.load(f)["domains"]["server_name"], "smith-family.net")
                equal(sorted(os.listdir(f"{real}/var/lib/ess-setup")), ["config.json", "notice"])
                t.press("5").see("There is a rehearsal from before", "1 Begin anew", "2 Go on with it")
                t.press("1").see("All done.", seconds=300)
                equal(len(os.listdir(f"{inside}/var/log/ess-setup")), 2, "one run, and the link to it")
                t.press("0").see("not installed yet")
                t.press("0").see("END=0")
    finally:
        os.system(f"{BUILD}/ess-world stop --root {inside} >/dev/null 2>&1")
        for d in (real, inside):
            shutil.rmtree(d, ignore_errors=True)


@test
def last_answers():
    """before the first question, answers of an exported file and of a rehearsal are offered; a wrong file is explained"""
    home = tempfile.mkdtemp(prefix="ess-home-")
    try:
        with World(config=None) as world:
            notice_read(world)
            with open(f"{home}/ess-setup.yaml", "w", encoding="ascii") as f:
                f.write(ANSWERS)
            env = {"HOME": home}
            with pages(world, lang="zh_CN", env=env) as t:
                t.see("0 退出")
                t.press("1").see("1 重新填写", "2 使用文件中的配置", "0 返回")
                t.press("0").see("0 退出")
                t.press("1").see("2 使用文件中的配置")
                t.press("2").see("1/6", "smith-family.net")
                t.press("Escape").see("已配置，尚未安装")
                # once there are answers, they are what stands in the fields
                t.press("1").see("1/6", "smith-family.net")
        with World(config=None) as world:
            notice_read(world)
            with open(f"{home}/ess-setup.yaml", "w", encoding="ascii") as f:
                f.write("domains:\n  server_name: 7\nports: [\n")
            with pages(world, lang="en", env={"HOME": home}) as t:
                t.see("0 leave")
                t.press("1").see("2 Take over the answers in")
                t.press("2").see("ess-setup.yaml:")
                t.press("0").see("1/6", "This answer is needed")
        with World(config=None) as machine, World(config=None) as practice:
            for world in (machine, practice):
                notice_read(world)
            practice.write("/config.yaml", ANSWERS)
            practice.setup("config", "import", practice.path("/config.yaml"), status=0)
            env = {**environment(machine), "ESS_SETUP_ROOT": machine.dir, "ESS_SETUP_REHEARSAL": practice.dir, "HOME": machine.dir}
            with Tmux([SETUP, "--lang", "en"], env=env) as t:
                t.see("0 leave")
                t.press("1").see("2 Take over the answers of the rehearsal (smith-family.net)")
                t.press("0").see("0 leave")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def first_words(world, **env):
    """The language of the menu, and whether anything but ASCII is sent."""
    full = {"LC_ALL": "", "LANG": "", "LANGUAGE": "", "LC_MESSAGES": "", **env}
    with terminal(world, lang=None, **full) as t:
        t.until(lambda s: "0 leave" in s.text() or "0 退出" in s.text(), "the menu")
        return ("zh" if "退出" in t.screen.text() else "en"), max(t.raw) > 0x7f


@test
def languages():
    """our own setting comes first, then LC_ALL, LC_MESSAGES, LANGUAGE, LANG; no locale need be installed; other charsets get English"""
    with World() as world:
        notice_read(world)
        world.setup("config", "set", "ui.language", "auto", status=0)
        for env, want in (({}, "en"), ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
                          ({"LC_MESSAGES": "zh_TW.UTF-8", "LANG": "en_US.UTF-8"}, "zh"), ({"LANG": "C", "LANGUAGE": "zh_CN"}, "en"),
                          ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh"), ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en")):
            equal(first_words(world, **env), (want, True), env)
        world.setup("config", "set", "ui.language", "zh_CN", status=0)
        for env, want in (({"LANG": "C"}, ("zh", True)), ({"LC_ALL": "en_US.UTF-8"}, ("zh", True)),
                          ({"LC_ALL": "zh_CN.GBK"}, ("en", False))):
            equal(first_words(world, **env), want, env)
        world.setup("config", "set", "ui.language", "en", status=0)
        equal(first_words(world, LC_ALL="zh_CN.UTF-8"), ("en", True))


@test
def not_on_a_gbk_terminal():
    """where the charset is not UTF-8 there is no question of the language, and the item says why"""
    with World(config=None) as world:
        with terminal(world, lang=None, LC_ALL="zh_CN.GBK") as t:
            t.see("Before you begin").press("Enter").see("0 leave")
            t.press("6").see("cannot draw Chinese")


@test
def no_colour():
    """NO_COLOR: not one colour is set"""
    with World() as world:
        notice_read(world)
        for env, want in (({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)):
            with terminal(world, **env) as t:
                t.see("0 leave")
                equal(bool(re.search(rb"\x1b\[[0-9;]*(?:3[0-7]|4[0-7]|38|48)[;m]", t.raw)), want, env)


main()
