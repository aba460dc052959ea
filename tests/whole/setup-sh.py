# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""setup.sh as a beginner meets it: from a pipe, over a bad line, in a strange folder."""

import hashlib
import http.server
import io
import os
import re
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading

SRC = os.environ["ESS_SRC"]
sys.path.insert(0, f"{SRC}/tests/lib")
from tap import equal, has, main, test  # noqa: E402

# What the archive holds in place of the program: it notes that it ran, and with what.
MARKER = """#!/bin/sh
printf '%s\\n' "ran $*" >>"$MARK"
"""


def archive():
    buf = io.BytesIO()
    with tarfile.open(fileobj=buf, mode="w:xz") as tar:
        for name, text in (("setup.sh", MARKER), ("configure.ac", "")):
            info = tarfile.TarInfo(f"ess-setup-1.0.0/{name}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return buf.getvalue()


ARCHIVE = archive()
HTML = b"<!DOCTYPE html><html><body>Please log in to the hotel's network</body></html>"
GARBAGE = b"x" * len(ARCHIVE)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        kind = self.path.split("/")[1]
        self.server.asked.append(kind)
        if kind == "missing":
            self.send_error(404)
            return
        body = {"html": HTML, "wrong": GARBAGE}.get(kind, ARCHIVE)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if kind == "cut" else body)

    def log_message(self, *args):
        pass


class Place:
    """A folder with stand-ins for what would change the machine, and a server with a certificate."""

    def __init__(self, uid=0):
        self.dir = tempfile.mkdtemp(prefix="ess-setup-sh-")
        self.mark = f"{self.dir}/mark"
        self.calls = f"{self.dir}/calls"
        os.mkdir(f"{self.dir}/bin")
        self.tool("id", f"echo {uid}")
        self.tool("dpkg-query", "printf installed")
        self.tool("apt-get", f"echo apt-get $* >>{self.calls}; exit 1")
        self.tool("sudo", f'echo sudo $* >>{self.calls}; [ "$1" != env ] || shift 4; exec "$@"')
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", f"{self.dir}/key.pem", "-out", f"{self.dir}/cert.pem"],
            check=True, capture_output=True)
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(f"{self.dir}/cert.pem", f"{self.dir}/key.pem")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.asked = []
        self.server.socket = ctx.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tool(self, name, body):
        with open(f"{self.dir}/bin/{name}", "w") as f:
            f.write(f"#!/bin/sh\n{body}\n")
        os.chmod(f"{self.dir}/bin/{name}", 0o755)

    def script(self, *kinds, sha=hashlib.sha256(ARCHIVE).hexdigest()):
        """The text of setup.sh as "make release" leaves it, with this server's addresses."""
        text = open(f"{SRC}/setup.sh", encoding="utf-8").read()
        text = re.sub(r"^SHA256=.*$", f"SHA256={sha}", text, flags=re.M)
        port = self.server.server_address[1]
        urls = "\n".join(f"https://127.0.0.1:{port}/{k}/archive" for k in kinds)
        text, n = re.subn(r'^URLS="[^"]*"', f'URLS="{urls}"', text, flags=re.M)
        equal(n, 1, "the line of addresses in setup.sh")
        return text

    def run(self, argv, text=None, cwd="/", lang="C.UTF-8"):
        env = {
            "PATH": f"{self.dir}/bin:/usr/bin:/bin", "MARK": self.mark, "LC_ALL": lang, "HOME": self.dir,
            "CURL_CA_BUNDLE": f"{self.dir}/cert.pem", "TMPDIR": self.dir,
        }
        return subprocess.run(argv, input=text, cwd=cwd, env=env, text=True, capture_output=True,
                              start_new_session=True, timeout=120)

    def marks(self):
        return open(self.mark).read().splitlines() if os.path.exists(self.mark) else []

    def called(self):
        return open(self.calls).read().splitlines() if os.path.exists(self.calls) else []


def says(result, words):
    has(result.stdout + result.stderr, words, "what setup.sh says")


@test
def from_a_pipe():
    """from a pipe it fetches the archive, checks it and goes on with its options"""
    for shell in ("bash", "sh"):
        p = Place()
        r = p.run([shell, "-s", "--", "--rehearse"], p.script("ok"))
        equal((r.returncode, p.marks()), (0, ["ran --rehearse"]), shell + r.stderr)


@test
def from_dev_fd():
    """bash <(curl ...) works: the file is /dev/fd/N"""
    p = Place()
    with open(f"{p.dir}/script", "w") as f:
        f.write(p.script("ok"))
    r = p.run(["bash", "-c", f"bash <(cat {p.dir}/script)"])
    equal((r.returncode, p.marks()), (0, ["ran "]), r.stderr)


@test
def script_cut_off():
    """a script that was cut off anywhere does nothing at all"""
    p = Place()
    text = p.script("ok").rstrip("\n")
    ends = [len(text) * i // 10 for i in range(10)] + list(range(len(text) - 40, len(text)))
    for shell in ("bash", "sh"):
        for n in ends:
            p.run([shell, "-s"], text[:n])
            equal((p.server.asked, p.marks(), p.called()), ([], [], []), f"{shell}, {n} characters")


@test
def transfer_cut_off():
    """a cut transfer is said, and the second address is tried"""
    p = Place()
    r = p.run(["bash", "-s"], p.script("cut", "ok"))
    equal((r.returncode, p.marks(), p.server.asked[-1]), (0, ["ran "], "ok"), r.stderr)
    says(r, "the transfer was cut off")


@test
def nothing_usable():
    """wrong hash, HTML and a missing file are named, nothing of them runs, the way out is said"""
    for kind, words in (("wrong", "wrong checksum"), ("html", "this is a web page"), ("missing", "the server refused")):
        p = Place()
        r = p.run(["bash", "-s"], p.script(kind, kind))
        equal((r.returncode, p.marks()), (1, []), kind)
        says(r, words)
        says(r, "--from ess-setup-1.0.0.tar.xz")


@test
def in_chinese():
    """the same in Chinese"""
    p = Place()
    r = p.run(["bash", "-s"], p.script("html"), lang="zh_CN.UTF-8")
    equal(r.returncode, 1)
    says(r, "得到的是网页而不是安装包")


@test
def nobody_answers():
    """no server at all: said in words"""
    p = Place()
    text = p.script("ok")
    p.server.shutdown()
    p.server.server_close()
    r = p.run(["bash", "-s"], text)
    equal((r.returncode, p.marks()), (1, []))
    says(r, "no address gave the archive")


@test
def deleted_folder():
    """it works from a working directory that is gone"""
    p = Place()
    with open(f"{p.dir}/script", "w") as f:
        f.write(p.script("ok"))
    r = p.run(["bash", "-c", f"mkdir {p.dir}/gone && cd {p.dir}/gone && rmdir {p.dir}/gone && bash <{p.dir}/script"])
    equal((r.returncode, p.marks()), (0, ["ran "]), r.stderr)


@test
def from_file():
    """--from takes a file by a relative name, checks it and asks no server; a wrong one is refused"""
    p = Place()
    for name, data in (("good", ARCHIVE), ("bad", GARBAGE)):
        with open(f"{p.dir}/{name}", "wb") as f:
            f.write(data)
    r = p.run(["bash", "-s", "--", "--from", "good", "--rehearse"], p.script("ok"), cwd=p.dir)
    equal((r.returncode, p.marks(), p.server.asked), (0, ["ran --rehearse"], []), r.stderr)
    r = p.run(["bash", "-s", "--", "--from", "bad"], p.script("ok"), cwd=p.dir)
    equal((r.returncode, len(p.marks())), (1, 1))
    says(r, "wrong checksum")


@test
def no_release():
    """a copy without a release says so instead of fetching just anything"""
    p = Place()
    r = p.run(["bash", "-s"], p.script("ok", sha=""))
    equal((r.returncode, p.marks(), p.server.asked), (1, [], []))
    says(r, "names no release")


@test
def not_root():
    """without the rights of root it goes on with sudo"""
    p = Place(uid=1000)
    r = p.run(["bash", "-s"], p.script("ok"))
    equal((r.returncode, p.marks()), (0, ["ran "]), r.stderr)
    equal(p.called(), ["sudo sh source/setup.sh"])


@test
def leaves_nothing():
    """the temporary folder is gone afterwards, also after a failure"""
    for kind in ("ok", "wrong"):
        p = Place()
        before = set(os.listdir("/var/tmp"))
        p.run(["bash", "-s"], p.script(kind))
        left = [f for f in set(os.listdir("/var/tmp")) - before if re.fullmatch(r"ess-setup-......", f)]
        equal(left, [], kind)


# --- check ---------------------------------------------------------------------------------------

CONFIGURE = """#!/bin/sh
mkdir -p tests/unit tests/whole
cp "$(dirname "$0")/Makefile.sample" Makefile
"""
MAKEFILE = """all:
check:
%s
"""
PASSED = ('@printf "1..3\\nok 1 - a\\nok 2 - b # SKIP no tool\\nok 3 - c\\n" >tests/unit/a.log',
          '@printf ":global-test-result: PASS\\n" >tests/unit/a.trs')
FAILED = ('@printf "1..1\\nnot ok 1 - d\\n" >tests/whole/b.log',
          '@printf ":global-test-result: FAIL\\n" >tests/whole/b.trs', "@exit 1")
DIED = ('@printf "1..9\\nok 1 - e\\n" >tests/whole/c.log',
        '@printf ":global-test-result: ERROR\\n" >tests/whole/c.trs', "@exit 1")


def check_with(*lines):
    p = Place()
    top = f"{p.dir}/top"
    os.mkdir(top)
    os.mkdir(f"{top}/build-aux")
    for name, text in (("setup.sh", open(f"{SRC}/setup.sh").read()), ("configure.ac", ""), ("build-aux/missing", ""),
                       ("Makefile.sample", MAKEFILE % "\n".join("\t" + line for line in lines)),
                       ("configure", CONFIGURE)):
        with open(f"{top}/{name}", "w") as f:
            f.write(text)
        os.chmod(f"{top}/{name}", 0o755)
    r = p.run(["./setup.sh", "check"], cwd=top)
    return r.returncode, r.stdout.splitlines()[-1]


@test
def check_tidies_up():
    """check leaves no log behind, but the one of a build that failed"""
    def logs():
        return {f for f in os.listdir("/var/tmp") if f.startswith("ess-setup-build-")}

    before = logs()
    check_with(*PASSED, "@exit 1")
    equal(logs() - before, set())


@test
def check_counts():
    """check ends with what passed, failed and was skipped, and fails when anything did"""
    equal(check_with(*PASSED), (0, "2 passed, 0 failed, 1 skipped"))
    equal(check_with(*PASSED, *FAILED), (1, "2 passed, 1 failed, 1 skipped"))
    equal(check_with(*DIED), (1, "1 passed, 1 failed"))
    equal(check_with(*PASSED, "@exit 1"), (1, "2 passed, 1 failed, 1 skipped"))


main()
