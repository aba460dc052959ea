# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""The subcommands of ess-setup as people and scripts meet them; none of these starts a run."""

import fcntl
import glob
import json
import os
import pty
import re
import stat
import struct
import subprocess
import sys
import tempfile

SRC, BUILD = os.environ["ESS_SRC"], os.environ["ESS_BUILD"]
sys.path.insert(0, f"{SRC}/tests/lib")
from tap import equal, has, main, test  # noqa: E402

CODES = [code for name in ("fault-table.h", "fault-table-cluster.h", "fault-table-supply.h")
         for code in re.findall(r'^FAULT\(\w+,\s*"(E-[A-Z0-9]+-\d+)"', open(f"{SRC}/src/base/{name}").read(), flags=re.M)]
TOKEN = "Zk3vQ9xT1mB7nL5cR2wD8fH4gJ6pS0aYtUeXiOqK"


def translations():
    where = tempfile.mkdtemp(prefix="ess-mo-")
    os.makedirs(f"{where}/zh_CN/LC_MESSAGES")
    subprocess.run(["msgfmt", "-o", f"{where}/zh_CN/LC_MESSAGES/ess-setup.mo", f"{SRC}/po/zh_CN.po"], check=True)
    return where


LOCALES = translations()


class Machine:
    """A root folder of its own."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="ess-cmd-")
        self.env = {
            "PATH": "/usr/bin:/bin", "ESS_SETUP_ROOT": self.root, "ESS_SETUP_LIBEXEC": BUILD,
            "ESS_SETUP_DATADIR": f"{SRC}/examples", "ESS_SETUP_LOCALEDIR": LOCALES, "HOME": self.root,
        }

    def run(self, *argv, stdin="", **env):
        r = subprocess.run([f"{BUILD}/ess-setup", *argv], input=stdin, env={**self.env, **env}, text=True,
                           capture_output=True, timeout=60)
        if "AddressSanitizer" in r.stderr or "runtime error" in r.stderr:
            raise AssertionError(r.stderr)
        return r

    def ok(self, *argv, **kw):
        r = self.run(*argv, **kw)
        equal(r.returncode, 0, f"{argv} {r.stderr}")
        return r.stdout

    def json(self, *argv, status=0, **kw):
        r = self.run(*argv, "--json", **kw)
        equal(r.returncode, status, f"{argv} {r.stderr}")
        return json.loads(r.stdout)

    def path(self, name):
        return f"{self.root}/var/lib/ess-setup/{name}"

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), mode=0o700, exist_ok=True)
        with open(self.path(name), "w") as f:
            f.write(text)

    def state(self, status, steps=None, boot_id="", current=None):
        def record(st, **more):
            return {"status": st, "attempts": 1, "inputs": "", "version": 1, "started": 1, "elapsed_ms": 4000,
                    "error": None, "note": None, "facts": {}, **more}

        self.write("state.json", json.dumps({
            "format": 1, "written_by": "1.0.0", "lineage": "6f1c0a0e-0000-4000-8000-000000000000", "serial": 1,
            "run": {"id": "r1", "job": "install", "status": status, "started": 1, "ended": 0, "boot_id": boot_id,
                    "pid": 1, "current": current},
            "steps": {k: record(*v) if isinstance(v, tuple) else record(**v) for k, v in (steps or {}).items()},
            "facts": {}}))

    def lock(self):
        """Holds the engine's lock as another process would: by an open file description."""
        os.makedirs(f"{self.root}/run/ess-setup", exist_ok=True)
        fd = os.open(f"{self.root}/run/ess-setup/lock", os.O_RDWR | os.O_CREAT, 0o644)
        os.write(fd, b"4711\n")
        f_ofd_setlk = 37
        fcntl.fcntl(fd, f_ofd_setlk, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        return fd


def commands():
    return re.findall(r"^  ([a-z][a-z-]*) +\S", Machine().ok("--help", "--lang", "en"), flags=re.M)


# --- options -------------------------------------------------------------------------------------


@test
def help_is_complete():
    """every command stands in the help, the manual and the completion, and has a help of its own"""
    man, completion = open(f"{SRC}/man/ess-setup.1").read(), open(f"{SRC}/data/ess-setup").read()
    for name in commands():
        has(man, f".It Cm {name}", "man page")
        has(completion, name, "completion")
        has(Machine().ok(name, "--help"), f"ess-setup {name}", "help")
    written = [re.search(r'\.name = "([^"]+)"', open(path).read())[1] for path in glob.glob(f"{SRC}/src/ui/cmd-*.c")]
    equal(sorted(commands()), sorted(written))


@test
def wrong_use():
    """wrong words and options: status 2, and the word is named"""
    for argv, word in ((["frobnicate"], "frobnicate"), (["status", "--fast"], "--fast"), (["status", "now"], "now"),
                       (["apply", "--until"], "--until"), (["apply", "--yes=1"], "--yes=1"), (["render"], "folder"),
                       (["config"], "config"), (["config", "frob"], "frob"), (["config", "set", "ports.http"], "ports.http"),
                       (["explain", "E-NO-999"], "E-NO-999"), (["secret", "show"], "secret"), (["state"], "state"),
                       (["user"], "user"), (["user", "frob"], "user"), (["user", "invite", "--uses", "x"], "--uses"),
                       (["kept", "delete"], "kept"), (["kept", "delete", "no-such"], "no-such"),
                       (["--lang", "fr"], "fr"), (["explain", "E-CF-001", "x"], "x")):
        r = Machine().run(*argv)
        equal((r.returncode, r.stdout), (2, ""), argv)
        has(r.stderr, word, argv)


@test
def version():
    """--version prints the version"""
    has(Machine().ok("--version"), "ess-setup 1.", "version")


# --- config --------------------------------------------------------------------------------------


@test
def example_is_accepted():
    """the example is taken over; its example names stop apply, and are notes in a rehearsal"""
    m = Machine()
    r = m.run("config", "import", f"{SRC}/examples/site.yaml")
    equal(r.returncode, 0, r.stderr)
    has(r.stderr, "domains.server_name")
    equal(m.ok("config", "get", "domains.server_name"), "example.com\n")
    r = m.run("config", "check")
    equal(r.returncode, 2)
    for key in ("domains.server_name", "certificates.email", "cloudflare.token"):
        has(r.stderr, f"Wrong: {key}")
    r = m.run("apply", "--yes")
    equal((r.returncode, os.path.exists(m.path("request.json"))), (2, False), "apply")
    has(r.stderr, "Nothing was started")
    where = tempfile.mkdtemp(prefix="ess-reh-")
    n = Machine()
    n.ok("config", "import", f"{SRC}/examples/site.yaml", f"--rehearse={where}")
    r = n.run("config", "check", f"--rehearse={where}")
    equal(r.returncode, 0, r.stderr)
    has(r.stderr, "REHEARSAL")
    equal(os.path.exists(n.path("config.json")), False, "the root outside the rehearsal")


@test
def all_wrong_at_once():
    """a file with several mistakes: each is named with its place, status 2, nothing is changed"""
    m = Machine()
    m.ok("config", "set", "ports.http", "8081")
    before = open(m.path("config.json")).read()
    text = "ports:\n  http: 0\n  https: high\ndomains:\n  server_name: my_home.net\n  sinapse: x\n"
    r = m.run("config", "import", "-", stdin=text)
    equal((r.returncode, open(m.path("config.json")).read()), (2, before))
    for key in ("ports.http", "ports.https", "domains.server_name", "sinapse"):
        has(r.stderr, key)
    problems = m.json("config", "import", "-", stdin=text, status=2)
    equal(problems["ok"], False)
    equal(len(problems["problems"]) >= 4, True, problems)
    for p in problems["problems"]:
        equal(sorted(p), ["args", "card", "code", "key", "msgid", "text", "warning", "where"])


@test
def set_get_unset():
    """values come back as they were given, or as the default; a wrong one names an example"""
    m = Machine()
    equal(m.ok("config", "get", "ports.https"), "8443\n")
    m.ok("config", "set", "ports.https", "9443")
    equal(m.ok("config", "get", "ports.https"), "9443\n")
    equal(m.json("config", "get", "ports.https"), {"key": "ports.https", "value": 9443})
    m.ok("config", "unset", "ports.https")
    equal(m.ok("config", "get", "ports.https"), "8443\n")
    for value in ("0", "65536", "https", "", "80 80"):
        r = m.run("config", "set", "ports.https", value)
        equal((r.returncode, m.ok("config", "get", "ports.https")), (2, "8443\n"), value)
        has(r.stderr, "ports.https")
        has(r.stderr, "8443")
    r = m.run("config", "set", "ports.htps", "1")
    equal(r.returncode, 2)
    has(r.stderr, "ports.https")
    equal(stat.S_IMODE(os.stat(m.path("config.json")).st_mode), 0o600)


@test
def shell_text_is_text():
    """what a shell would run is kept as text or refused, never run"""
    m = Machine()
    for value in ("$(touch /tmp/ess-was-run)", "`touch /tmp/ess-was-run`", "a'b\"c", "x; touch /tmp/ess-was-run"):
        m.run("config", "set", "domains.server_name", value)
        m.ok("config", "set", "smtp.username", value)
        equal(m.ok("config", "get", "smtp.username"), value + "\n")
    equal(os.path.exists("/tmp/ess-was-run"), False)


@test
def conflict_is_noted():
    """an answer that is right by itself but not with the others is stored, and said"""
    m = Machine()
    m.ok("config", "import", f"{SRC}/examples/site.yaml")
    r = m.run("config", "set", "ports.http", "8443")
    equal(r.returncode, 0, r.stderr)
    equal(m.run("config", "check", "--json").returncode, 2)


@test
def round_trip():
    """export and import give the same answers"""
    m, n = Machine(), Machine()
    m.ok("config", "import", f"{SRC}/examples/site.yaml")
    for key, value in (("network.resolvers", "9.9.9.9,1.1.1.1:53"), ("dns.manage", "true"), ("smtp.username", 'a "b" #c: d')):
        m.ok("config", "set", key, value)
    n.ok("config", "import", "-", stdin=m.ok("config", "export"))
    equal(n.json("config", "export"), m.json("config", "export"))


# --- secrets -------------------------------------------------------------------------------------


@test
def secrets_by_file_or_stdin():
    """secrets come from stdin or a file, never from the command line, and are not readable on disk"""
    m = Machine()
    r = m.run("config", "set", "cloudflare.token", TOKEN)
    equal(r.returncode, 2)
    has(r.stderr, "--file")
    equal(m.ok("secret", "list"), "")
    m.ok("config", "set", "cloudflare.token", "-", stdin=f"  {TOKEN}\r\n")
    equal(m.ok("secret", "show", "cloudflare.token", "--force"), TOKEN + "\n")
    with open(f"{m.root}/token", "w") as f:
        f.write(TOKEN[::-1] + "\n")
    m.ok("config", "set", "cloudflare.token", "--file", f"{m.root}/token")
    equal(m.json("secret", "show", "cloudflare.token", "--force")["value"], TOKEN[::-1])
    equal(m.json("secret", "list"), ["cloudflare.token"])
    for name, mode in (("secrets.json", 0o600), ("key", 0o400)):
        equal(stat.S_IMODE(os.stat(m.path(name)).st_mode), mode, name)
    for name in os.listdir(m.path("")):
        equal(TOKEN[::-1] in open(m.path(name), "rb").read().decode("latin-1"), False, name)
    m.ok("config", "unset", "cloudflare.token")
    equal(m.ok("secret", "list"), "")


@test
def bad_secrets():
    """an empty, binary or wrong secret is refused"""
    m = Machine()
    for text in ("", "\n", "   \n", "short\n"):
        equal(m.run("config", "set", "cloudflare.token", "-", stdin=text).returncode, 2, repr(text))
    equal(m.run("config", "set", "cloudflare.token", "--file", "/nonexistent").returncode, 1)
    equal(m.ok("secret", "list"), "")


@test
def password_in_yaml():
    """a password in a file goes to the secrets and is not in the answers; auto-generated means none"""
    m = Machine()
    m.ok("config", "import", "-", stdin=open(f"{SRC}/examples/site.yaml").read())
    equal(m.ok("secret", "list"), "")
    word = "Correct-Horse-9-Battery"
    text = open(f"{SRC}/examples/site.yaml").read().replace("auto-generated-32-chars", word)
    m.ok("config", "import", "-", stdin=text)
    equal(m.ok("secret", "show", "admin.password", "--force"), word + "\n")
    equal(word in open(m.path("config.json")).read() + m.ok("config", "export"), False)


@test
def secret_on_a_terminal():
    """secret show prints to a terminal without being forced, and to nothing else"""
    m = Machine()
    m.ok("config", "set", "cloudflare.token", "-", stdin=TOKEN)
    equal(m.run("secret", "show", "cloudflare.token").returncode, 2)
    ours, theirs = pty.openpty()
    p = subprocess.Popen([f"{BUILD}/ess-setup", "secret", "show", "cloudflare.token"], env=m.env, stdout=theirs)
    os.close(theirs)
    has(os.read(ours, 4096).decode(), TOKEN)
    equal(p.wait(), 0)


# --- the lock ------------------------------------------------------------------------------------


@test
def lock_is_respected():
    """while a run is at work nothing is changed: status 75, and the process is named"""
    m = Machine()
    m.ok("config", "set", "ports.http", "8081")
    fd = m.lock()
    for argv in (["config", "set", "ports.http", "8082"], ["config", "set", "cloudflare.token", "-"],
                 ["config", "import", f"{SRC}/examples/site.yaml"], ["apply", "--yes"]):
        r = m.run(*argv, stdin=TOKEN)
        equal(r.returncode, 75, argv)
        has(r.stderr, "4711", argv)
    m.state("done")
    equal(m.run("state", "reset").returncode, 75)
    equal(m.ok("config", "get", "ports.http"), "8081\n")
    os.close(fd)
    m.ok("config", "set", "ports.http", "8082")


# --- status --------------------------------------------------------------------------------------

STEP = ["attempts", "elapsed_ms", "error", "id", "number", "status", "title"]
ERROR = {"code": "CF_ZONE_READ", "card": "E-CF-004", "msgid": "x %s", "args": ["y"]}


@test
def status_shape():
    """status --json has exactly the promised members, before and after a run"""
    m = Machine()
    s = m.json("status")
    equal((sorted(s), s["job"], s["status"]), (["job", "status", "steps"], "install", "none"))
    equal(len(s["steps"]), 18)
    for step in s["steps"]:
        equal((sorted(step), step["status"], step["attempts"], step["error"]), (STEP, "pending", 0, None))
    m.state("failed", {"preflight": ("done",), "supply": {"st": "failed", "error": ERROR}})
    s = m.json("status")
    equal((s["status"], s["steps"][0]["status"], s["steps"][1]["status"]), ("failed", "done", "failed"))
    equal((s["steps"][1]["error"], s["steps"][0]["elapsed_ms"]), (ERROR, 4000))
    text = m.ok("status")
    has(text, "step 2/18")
    has(text, "ess-setup explain E-CF-004")


@test
def status_interrupted():
    """a run that was killed, and one that the machine's restart ended, are told apart"""
    m = Machine()
    boot = open("/proc/sys/kernel/random/boot_id").read().strip()
    for boot_id, words in ((boot, "its process was ended"), ("another", "the machine restarted")):
        m.state("running", {"preflight": ("done",), "supply": ("running",)}, boot_id, "supply")
        s = m.json("status")
        equal((s["status"], s["steps"][1]["status"]), ("interrupted", "interrupted"))
        has(m.ok("status"), words)
    fd = m.lock()
    s = m.json("status")
    equal((s["status"], s["steps"][1]["status"]), ("running", "running"))
    os.close(fd)


@test
def broken_state():
    """a state that cannot be read: a sentence, status 2, untouched; reset sets it aside"""
    m = Machine()
    m.write("state.json", '{"format": 1, "serial"')
    r = m.run("status")
    equal(r.returncode, 2)
    has(r.stderr, "ess-setup state reset")
    equal(open(m.path("state.json")).read(), '{"format": 1, "serial"')
    aside = m.json("state", "reset")["aside"]
    equal(open(aside).read(), '{"format": 1, "serial"')
    equal(m.json("status")["status"], "none")
    equal(m.json("state", "reset"), {"aside": None})


@test
def nothing_runs():
    """attach, cancel and log say that nothing was run"""
    for name in ("attach", "cancel", "log"):
        m = Machine()
        r = m.run(name)
        equal(r.returncode, 1, name)
        has(r.stderr, "E-RUN-003", name)
        equal(m.json(name, status=1)["error"]["card"], "E-RUN-003", name) if name != "log" else None


# --- explain, router, languages ------------------------------------------------------------------


@test
def explain_every_code():
    """every code has a card in both languages, with causes and at most three things to do"""
    equal(len(CODES), len(set(CODES)), "codes are unique")
    listed = Machine().json("explain")
    equal(sorted(c["card"] for c in listed), sorted(CODES))
    for c in listed:
        equal((bool(c["title"]), len(c["causes"]) > 0, 0 < len(c["remedies"]) <= 3), (True, True, True), c)
    for code in CODES:
        en, zh = Machine().ok("explain", code, "--lang", "en"), Machine().ok("explain", code, "--lang", "zh_CN")
        equal(en.startswith(code) and zh.startswith(code), True, code)
        equal(en.splitlines()[0] == zh.splitlines()[0], False, f"{code} in Chinese")


@test
def router():
    """the router's table follows the answers"""
    m = Machine()
    m.ok("config", "import", f"{SRC}/examples/site.yaml")
    rows = [(r["protocol"], r["ports"]) for r in m.json("router")["forward"]]
    equal(sorted(rows), [("TCP", "30001"), ("TCP", "8080"), ("TCP", "8443"), ("TCP", "8448"), ("UDP", "30152-30352")])
    m.ok("config", "set", "ports.rtc_mode", "muxed")
    m.ok("config", "set", "federation.plan", "none")
    rows = [(r["protocol"], r["ports"]) for r in m.json("router")["forward"]]
    equal(sorted(rows), [("TCP", "30001"), ("TCP", "8080"), ("TCP", "8443"), ("UDP", "30002")])
    has(m.ok("router"), "30002")


def speaks_chinese(m, *argv, **env):
    return re.search("[\u4e00-\u9fff]", m.ok("status", *argv, **env)) is not None


@test
def language():
    """option, answer, then environment choose the language; no locale needs to be installed"""
    m = Machine()
    for env, want in (({}, False), ({"LANG": "zh_CN.UTF-8"}, True), ({"LANG": "C", "LANGUAGE": "zh_CN"}, False),
                      ({"LC_ALL": "C.UTF-8", "LANGUAGE": "zh_CN"}, True), ({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN"}, False),
                      ({"LC_MESSAGES": "zh_TW"}, True), ({"LANG": "de_DE.UTF-8"}, False)):
        equal(speaks_chinese(m, **env), want, env)
    equal(speaks_chinese(m, "--lang=zh_CN"), True)
    equal(speaks_chinese(m, "--lang", "en", LANG="zh_CN.UTF-8"), False)
    m.ok("config", "set", "ui.language", "zh_CN")
    equal(speaks_chinese(m), True, "ui.language")
    equal(speaks_chinese(m, "--lang=auto"), False, "--lang=auto asks the environment")


@test
def damaged_catalogue():
    """a catalogue that is cut off or altered anywhere is not used, and harms nobody"""
    m = Machine()
    whole = open(f"{LOCALES}/zh_CN/LC_MESSAGES/ess-setup.mo", "rb").read()
    where = tempfile.mkdtemp(prefix="ess-mo-")
    os.makedirs(f"{where}/zh_CN/LC_MESSAGES")
    cuts = [whole[: len(whole) * i // 12] for i in range(12)]
    altered = [whole[:i] + b"\xff\xff\xff\x7f" + whole[i + 4 :] for i in list(range(0, 64, 4)) + [len(whole) // 3]]
    for n, data in enumerate(cuts + altered):
        with open(f"{where}/zh_CN/LC_MESSAGES/ess-setup.mo", "wb") as f:
            f.write(data)
        m.ok("status", "--lang=zh_CN", ESS_SETUP_LOCALEDIR=where)
        m.ok("explain", "--lang=zh_CN", ESS_SETUP_LOCALEDIR=where)
        if n < len(cuts):
            equal(speaks_chinese(m, "--lang=zh_CN", ESS_SETUP_LOCALEDIR=where), False, n)


# --- the start page ------------------------------------------------------------------------------


@test
def start_page_leaves():
    """the page asks for the language once; 0 and the end of the input leave"""
    m = Machine()
    out = m.ok(stdin="2\n0\n")
    has(out, "Language")
    has(out, "non-commercial")
    has(out, "Not configured yet")
    out = m.ok(stdin="0\n")
    equal(("non-commercial" in out, out.count("English")), (False, 0), "said once only")
    m.ok(stdin="")
    has(m.ok(stdin="7\nx\n0\n"), "from 0 to 6")


@test
def start_page_speaks_chinese():
    """choosing Chinese holds from then on"""
    m = Machine()
    has(m.ok(stdin="1\n0\n"), "尚未配置")
    has(m.ok(stdin="0\n"), "尚未配置")


@test
def questions():
    """the required answers are asked one after another; a wrong one is asked again, 0 goes back"""
    m = Machine()
    # what is asked beside the answers leads nowhere
    m.ok("config", "set", "network.resolvers", "127.0.0.1:1")
    m.ok("config", "set", "network.connect_to", "::127.0.0.1:1")
    answers = ["2", "1", "my_home.net", "smith-family.net", "", "", "me@smith-family.net", "0", "", TOKEN, "", "", "", "",
               "0", "0"]
    out = m.ok(stdin="\n".join(answers) + "\n")
    has(out, "my_home.net")
    has(out, "Server name: smith-family.net, HTTPS port 8443")
    equal(m.ok("config", "get", "domains.server_name"), "smith-family.net\n")
    equal(m.ok("config", "get", "certificates.email"), "me@smith-family.net\n")
    equal(m.ok("secret", "list"), "cloudflare.token\n")
    equal(TOKEN in out, False, "the token is not shown")
    out = m.ok(stdin="1\n\n1\n9090\n0\n0\n0\n0\n0\n")
    equal(m.ok("config", "get", "ports.http"), "9090\n", "a page of the others")


@test
def apply_asks():
    """apply without a terminal and without --yes starts nothing"""
    m = Machine()
    for key, value in (("domains.server_name", "smith-family.net"), ("certificates.email", "me@smith-family.net")):
        m.ok("config", "set", key, value)
    m.ok("config", "set", "cloudflare.token", "-", stdin=TOKEN)
    r = m.run("apply")
    equal(r.returncode, 2)
    has(r.stderr, "--yes")
    equal(os.path.exists(m.path("state.json")), False)


@test
def rehearsal_folder():
    """a folder that others may enter, a link or a file is no place for a rehearsal"""
    m = Machine()
    os.mkdir(f"{m.root}/open", 0o755)
    os.mkdir(f"{m.root}/mine", 0o700)
    os.symlink(f"{m.root}/mine", f"{m.root}/link")
    with open(f"{m.root}/file", "w"):
        pass
    for name in ("open", "link", "file"):
        r = m.run("status", f"--rehearse={m.root}/{name}")
        equal(r.returncode, 1, name)
        has(r.stderr, "E-RUN-008", name)
    equal(m.run("status", f"--rehearse={m.root}/mine").returncode, 0)


@test
def manual_of_the_keys():
    """every key stands in ess-setup.yaml(5)"""
    man = open(f"{SRC}/man/ess-setup.yaml.5").read()
    keys = re.findall(r'^\{ "([a-z0-9_.]+)"', open(f"{SRC}/src/model/keys-table.h").read()
                      + open(f"{SRC}/src/model/keys-table-more.h").read(), flags=re.M)
    equal(len(keys) > 70, True, len(keys))
    for key in keys:
        has(man, f".It Cm {key}\n", "manual")


main()
