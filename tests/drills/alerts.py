#!/usr/bin/env python3
"""Goal: each alert fires when what it warns of happens, and its runbook is there.

Method: promtool checks the rules and runs their tests (deploy/prometheus/tests), which hold the real waiting times. Then the whole stack, with waiting
times of seconds in place of minutes: a table is locked under load, the database is stopped again and again, replicas are killed, keys guessed, and
Prometheus must have fired. What cannot be brought about on one machine is named; promtool's tests alone stand for it.
"""
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request

from stage import BUILD, ROOT, Callers, Failed, Stack, ask, expect, run_drill, say, wait_until

RULES = ROOT + "/deploy/prometheus/rules"
TESTS = [ROOT + "/deploy/prometheus/tests/alerts_test.yml", ROOT + "/deploy/prometheus/tests/slow_burn_test.yml"]
# A wrong clock is the machine's, two releases are two builds, a log into a file is not too slow, and certificates are the proxy's.
BY_PROMTOOL_ALONE = {"ParleyClockWrong", "ParleyVersionsDiffer", "ParleyLogLinesLost", "ParleyCertificateNearExpiry"}


def read(path):
    with open(path) as file:
        return file.read()


def check_rules():
    for command in (["promtool", "check", "rules", RULES + "/recording.yml", RULES + "/alerts.yml"],
                    ["promtool", "test", "rules", *TESTS]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            say(done.stdout + done.stderr)
        expect(done.returncode == 0, " ".join(command[:3]))
    headings = {heading.strip().lower() for heading in re.findall(r"^## (.+)$", read(ROOT + "/docs/runbook.md"), re.M)}
    text = read(RULES + "/alerts.yml")
    anchors = re.findall(r"runbook_url: docs/runbook.md#(\S+)", text)
    expect(len(anchors) == len(alerts()) and set(anchors) <= headings, f"all {len(anchors)} alerts have their heading in the runbook")
    tested = {name for path in TESTS for name in re.findall(r"alertname: (\S+)", read(path))}
    expect(set(alerts()) <= tested, "all alerts have a test of promtool")


def alerts():
    return re.findall(r"- alert: (\S+)", read(RULES + "/alerts.yml"))


class Watch:
    """Notes in the background which alerts have fired. A context manager."""

    def __init__(self, stack):
        self.stack, self.fired, self.stopped = stack, set(), threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.stopped.wait(0.5):
            for name in sorted(self.stack.firing() - self.fired):
                say(f"fires: {name}")
                self.fired.add(name)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join(30)

    def until(self, *names, seconds=60):
        try:
            wait_until(lambda: set(names) <= self.fired, seconds, "firing")
        except Failed:
            raise Failed(f"{', '.join(sorted(set(names) - self.fired))} did not fire within {seconds} s") from None


def hurry(stack):
    """Seconds in place of minutes."""
    path = stack.folder + "/prometheus/rules/alerts.yml"
    text = re.sub(r"for: \S+", "for: 2s", read(path)).replace("[5m]", "[30s]")
    recording = stack.folder + "/prometheus/rules/recording.yml"
    with open(recording) as file:
        series = file.read().replace("p99_5m", "P99").replace("[5m]", "[30s]").replace("P99", "p99_5m")
    for place, what in ((path, text), (recording, series)):
        with open(place, "w") as file:
            file.write(what)
    urllib.request.urlopen(urllib.request.Request(stack.where["PROMETHEUS"] + "/-/reload", method="POST"), timeout=10).close()


def lock_a_table(stack, watch):
    """Requests wait, the queue fills, callers are refused: the database is slow, not away."""
    say("the table session is locked under load")
    lock = subprocess.Popen(["psql", "-q", "-d", stack.database, "-c", "begin; lock table session in access exclusive mode; select pg_sleep(28); commit"],
                            stdout=subprocess.DEVNULL)
    with Callers(stack.where["API"], stack.keys, threads=80, pause=4):
        lock.wait(60)
        time.sleep(4)
    watch.until("ParleyQueueNearBound", "ParleyJobsRefused", "ParleyQueueSlow", "ParleyLatencyBurnsFast", "ParleyLatencyBurnsSteady",
                "ParleyLatencyBurnsSlow")


def guess(stack):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        ask(stack.where["API"], "GET", "/api/sessions/", "no-such-key")
        time.sleep(0.05)


def misuse(stack, watch):
    say("keys are guessed, one ends tomorrow, connections crowd, descriptors run out")
    ending = make_ending_key(stack)
    address = urllib.parse.urlsplit(stack.where["REPLICA_1"])
    guesses = [threading.Thread(target=guess, args=(stack,)) for _ in range(4)]
    for thread in guesses:
        thread.start()
    for _ in range(3):
        for _ in range(6):
            ask(stack.where["REPLICA_1"], "GET", "/api/sessions/", ending)
        time.sleep(11)  # A look-up is believed for ten seconds.
    for thread in guesses:
        thread.join(60)
    for _ in range(8):
        crowd = [socket.create_connection((address.hostname, address.port), timeout=5) for _ in range(140)]
        time.sleep(0.5)
        for connection in crowd:
            connection.close()
    limit = subprocess.run(["prlimit", "--pid", stack.where["REPLICA_1_PID"], "--nofile", "--noheadings", "--output", "SOFT"], check=True,
                           capture_output=True, text=True).stdout.strip()
    open_files = len(os.listdir(f"/proc/{stack.where['REPLICA_1_PID']}/fd"))
    subprocess.run(["prlimit", "--pid", stack.where["REPLICA_1_PID"], f"--nofile={open_files + 4}:"], check=True)
    watch.until("ParleyCredentialsRefused", "ParleyKeyNearExpiry", "ParleyKeyEnds", "ParleyConnectionsRefused", "ParleyFilesNearLimit")
    subprocess.run(["prlimit", "--pid", stack.where["REPLICA_1_PID"], f"--nofile={limit}:"], check=True)


def stop_the_database(stack, watch):
    say("the database is stopped, again and again")
    with Callers(stack.where["API"], stack.keys, threads=3, pause=0.2):
        for down in (14, 2, 2, 2, 2):
            stack.postgresql("stop", "-m", "immediate")
            time.sleep(down)
            stack.postgresql("start", "-l", stack.folder + "/postgresql/server.log")
            wait_until(lambda: ask(stack.where["API"], "GET", "/api/sessions/", stack.keys[0])[0] == 200, 40, "an answer after the database is back")
            time.sleep(1)
        watch.until("ParleyDatabaseAway", "ParleyDatabaseFlapping", "ParleyRateSharingFails", "ParleyAvailabilityBurnsFast",
                    "ParleyAvailabilityBurnsSteady", "ParleyAvailabilityBurnsSlow", seconds=60)


def kill_a_replica(stack, watch):
    """It is started again on the same ports, as a supervisor would, and killed again; in the end it stays away."""
    say("a replica is killed, again and again")
    listen, admin = (urllib.parse.urlsplit(stack.where[name]).netloc for name in ("REPLICA_2", "REPLICA_2_ADMIN"))
    os.kill(int(stack.where["REPLICA_2_PID"]), signal.SIGKILL)
    for _ in range(4):
        time.sleep(1)
        with open(os.devnull, "w") as nothing:
            replica = subprocess.Popen([BUILD + "/parleyd", "serve", "--listen", listen, "--admin-listen", admin, "--database-url", stack.database],
                                       stdout=subprocess.PIPE, stderr=nothing, text=True)
        if not replica.stdout.readline().startswith("parleyd listening"):
            raise Failed("the replica did not start again")
        time.sleep(3)
        replica.kill()
        replica.wait()
    watch.until("ParleyDown", "ParleyRestarts")


def take_away_the_targets(stack, watch):
    say("Prometheus is told of no replica")
    with open(stack.folder + "/prometheus/targets.json", "w") as targets:
        targets.write("[]")
    watch.until("ParleyAbsent", seconds=60)


def prepare(stack):
    stack.load("teams=2,sessions=100,messages=4,chatbots=2,tags=10")
    for slug in re.findall(r'"slug": ?"([^"]+)"', stack.parley("team", "list", "--json")):
        stack.parley("team", "set-limit", slug, "1000000/5m")


def make_ending_key(stack):
    team, user = re.search(r'"team": ?"([^"]+)","user": ?"([^"]+)"', stack.parley("key", "list", "--json")).groups()
    return stack.parley("key", "create", "--team", team, "--user", user, "--name", "ending", "--expires", "1d").split()[-1]


def drill():
    check_rules()
    settings = ["--store-queue-jobs-max", "12", "--connections-max", "100", "--rate-limit-credentials", "100000/5m"]
    with Stack(settings=settings) as stack:
        prepare(stack)
        hurry(stack)
        wait_until(lambda: stack.query("up == 1"), 30, "Prometheus has scraped")
        time.sleep(5)
        firing = stack.firing()
        expect(not firing, "nothing fires while all is well" + "".join(f", but {name}" for name in sorted(firing)))
        with Watch(stack) as watch:
            lock_a_table(stack, watch)
            misuse(stack, watch)
            stop_the_database(stack, watch)
            kill_a_replica(stack, watch)
            take_away_the_targets(stack, watch)
        missing = set(alerts()) - watch.fired - BY_PROMTOOL_ALONE
        expect(not missing, f"{len(watch.fired)} of {len(alerts())} alerts have fired; promtool alone stands for {', '.join(sorted(BY_PROMTOOL_ALONE))}")


run_drill(drill)
