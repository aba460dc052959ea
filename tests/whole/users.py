# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""Invitations: a registration token from the authentication service, for people and for programs, in no log."""

import json
import os
import sys

sys.path.insert(0, os.environ["ESS_SRC"] + "/tests/lib")
from tap import test, main, equal, has  # noqa: E402
from world import World  # noqa: E402

w = World()


def tokens():
    return w.cluster().get("tokens", {})


def mas_calls():
    return [c["argv"][c["argv"].index("issue-user-registration-token") + 1:] for c in w.calls()
            if "issue-user-registration-token" in c["argv"]]


@test
def too_early():
    """before there is a server it says so, with its card"""
    w.prepare()
    p = w.setup("user", "invite", status=1)
    has(p.stdout + p.stderr, "E-KUB-001")


@test
def one_person():
    """one account within seven days, unless something else is asked for; the first line is the token alone"""
    w.apply()
    w.forget_calls()
    out = w.setup("user", "invite", status=0).stdout.splitlines()
    equal(tokens(), {out[0]: {"uses": 1, "expires_in": 7 * 86400}})
    equal(mas_calls(), [["--usage-limit=1", "--expires-in=604800"]])
    has("\n".join(out), "https://element.example.com:8443")


@test
def options():
    """--uses and --days reach mas-cli; 0 is no limit"""
    for args, uses, expires in ((["--uses", "5", "--days", "1"], 5, 86400), (["--uses=0", "--days=0"], 0, 0)):
        before = set(tokens())
        answer = json.loads(w.setup("user", "invite", "--json", *args, status=0).stdout)
        equal(set(tokens()) - before, {answer["token"]})
        equal(tokens()[answer["token"]], {"uses": uses, "expires_in": expires})
    equal(mas_calls()[-1], ["--unlimited"])


@test
def wrong_options():
    """what is no number, too much or unknown ends with status 2, and no token is made"""
    before = tokens()
    for args in (["--uses", "-1"], ["--uses", "many"], ["--days", "49711"], ["--days", ""], ["--uses", "1.5"],
                 ["somebody"], ["--unlimited"]):
        w.setup("user", "invite", *args, status=2)
    w.setup("user", status=2)
    w.setup("user", "remove", status=2)
    equal(tokens(), before)


@test
def chinese():
    """the same in Chinese"""
    p = w.setup("--lang", "zh_CN", "user", "invite", env={"ESS_SETUP_LOCALEDIR": ""}, status=0)
    assert p.stdout.splitlines()[0] in tokens(), p.stdout


@test
def closed():
    """where registration is closed no token is made that would let nobody in"""
    before = tokens()
    w.setup("config", "set", "registration.mode", "closed", status=0)
    p = w.setup("user", "invite", status=1)
    has(p.stdout + p.stderr, "E-USR-005")
    equal(tokens(), before)
    w.setup("config", "set", "registration.mode", "invite", status=0)


@test
def unreachable():
    """a service that does not answer, and one that answers something else, have the card"""
    for action in ({"action": "fail", "exit": 1, "stderr": "Error: pool timed out while waiting for an open connection\n"},
                   {"action": "empty"}):
        w.scenario([{"match": {"tool": "kubectl", "argv": "issue-user-registration-token"}, "times": 0, **action}])
        p = w.setup("user", "invite", status=1)
        has(p.stdout + p.stderr, "E-USR-005")
    w.scenario([])


@test
def not_kept():
    """no token stands in a log, an event, the state or another file of ours"""
    found = []
    for folder, _, names in os.walk(w.dir):
        if folder.startswith(w.path("/world")):
            continue
        for name in names:
            p = os.path.join(folder, name)
            if not os.path.islink(p) and os.path.isfile(p):
                data = open(p, "rb").read()
                found += [(p, t) for t in tokens() if t.encode() in data]
    equal((len(tokens()) >= 4, found), (True, []))


if __name__ == "__main__":
    main()
