"""What drills share: the stack of deploy/stack.sh with some data, callers that keep it busy, a timeline, questions to Prometheus.

Standard library and Linux only, everything on loopback, bounded in time, stopped by process id.

--quick is the short form of a drill, for ./dev test: the same steps, fewer of them, and only facts are judged (what is there, what was answered, what is left
over), never how long it took: the machine may be busy and the build a slow one. Times are said all the same. PARLEY_JUDGE_MEMORY=no says that this build's memory
says nothing: a sanitizer keeps what was freed, and a shadow of all of it.
"""
import argparse
import contextlib
import csv
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("PARLEY_BUILD", os.path.join(ROOT, "build/release")))
BEGAN = time.monotonic()
QUICK = "--quick" in sys.argv[1:]
JUDGES_MEMORY = os.environ.get("PARLEY_JUDGE_MEMORY", "yes") != "no"
# In the short form nobody is refused for having waited: there a 503 means more than a busy machine.
UNHURRIED = ["--store-queue-wait-ms", "0", "--request-timeout-ms", "60000", "--drain-seconds", "60"] if QUICK else []


def say(text):
    print(f"{time.monotonic() - BEGAN:7.1f} s  {text}", flush=True)


class Failed(Exception):
    """What the drill set out to show is not so."""


class Skipped(Exception):
    """The drill's tool cannot be had on this machine."""


def expect(is_so, text):
    if not is_so:
        raise Failed(text)
    say("ok: " + text)


def expect_memory(is_so, text):
    """As expect(), where memory says something."""
    if JUDGES_MEMORY:
        expect(is_so, text)
    else:
        say("not judged: " + text)


def patiently(seconds):
    """How long something is waited for: in the short form several times as long, on a machine that may be several times slower."""
    return seconds * 4 if QUICK else seconds


def parse_options(**defaults):
    """The drill's options: --NAME of each of these, and --quick."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="the short form, which judges no times")
    for name, default in defaults.items():
        parser.add_argument("--" + name, type=type(default), default=default)
    return parser.parse_args()


def run_drill(drill, has_quick_form=False):
    """Runs it, prints the verdict, leaves with 0 or 1."""
    if QUICK and not has_quick_form:
        sys.exit("this drill has no short form")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # What it has started is stopped then too.
    try:
        drill()
    except Failed as failure:
        say(f"not so: {failure}")
        print("FAILED")
        sys.exit(1)
    except Skipped as reason:
        say(f"skipped: {reason}")
        print("SKIPPED")
        return
    print("PASSED")


def free_port():
    """Of those that no connection gets by itself: it is still free when a server comes back to it."""
    while True:
        port = random.SystemRandom().randrange(15000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                with contextlib.suppress(OSError):
                    probe.bind(("127.0.0.1", port))
                    return port


def get(url, timeout=5):
    with urllib.request.urlopen(url, timeout=patiently(timeout)) as answer:
        return answer.read().decode()


def wait_until(is_so, seconds, what):
    seconds = patiently(seconds)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = is_so()
        if found:
            return found
        time.sleep(0.5)
    raise Failed(f"{what} (waited {seconds} s)")


@contextlib.contextmanager
def scratch_folder():
    """A folder for what a drill makes, which PostgreSQL's user may enter; removed in the end."""
    folder = tempfile.mkdtemp(prefix="parley-drill-")
    os.chmod(folder, 0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def end_and_remove(process, folder):
    """Of a context manager that has started a process which keeps all it has in a folder. Returns the exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    code = process.wait(patiently(120))
    shutil.rmtree(folder, ignore_errors=True)
    return code


class Stack:
    """PostgreSQL, replicas, HAProxy and Prometheus, with synthetic data; a context manager."""

    def __init__(self, replicas=2, settings=(), scrape_seconds=1):
        self.folder = tempfile.mkdtemp(prefix="parley-drill-")
        self.replicas, self.settings, self.scrape_seconds = replicas, [*UNHURRIED, *settings], scrape_seconds
        self.process, self.where, self.keys = None, {}, []

    def __enter__(self):
        ports = [str(free_port()) for _ in range(3)]
        self.process = subprocess.Popen(
            # Dies with the drill, however that ends.
            ["setpriv", "--pdeathsig", "TERM", ROOT + "/deploy/stack.sh", "--replicas", str(self.replicas), "--folder", self.folder, "--parleyd", BUILD + "/parleyd", "--api", ports[0],
             "--prometheus", ports[1], "--stats", ports[2], "--scrape-seconds", str(self.scrape_seconds), *(["--check-seconds", "20"] if QUICK else []), *self.settings],
            stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "stack is up\n":
            self.__exit__()
            raise Failed("the stack did not start")
        self.read_addresses()
        say(f"{self.replicas} replicas are up behind HAProxy")
        return self

    def read_addresses(self):
        with open(self.folder + "/addresses") as lines:
            self.where = dict(line.rstrip("\n").split("=", 1) for line in lines)
        self.database = self.where["DATABASE_URL"].strip('"')

    def __exit__(self, *_):
        end_and_remove(self.process, self.folder)

    def parley(self, *words):
        done = subprocess.run([BUILD + "/parley", *words, "--database-url", self.database], check=True, capture_output=True, text=True)
        return done.stdout

    def load(self, sizes):
        self.keys = self.parley("load", "--synthetic", sizes).split()
        say(f"data: {sizes}, {len(self.keys)} keys")

    def postgresql(self, *words):
        """pg_ctl on the stack's server."""
        binaries = sorted(os.listdir("/usr/lib/postgresql"), key=int)[-1]
        command = [f"/usr/lib/postgresql/{binaries}/bin/pg_ctl", "-D", self.folder + "/postgresql", "-w", *words]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", *command]
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
            return
        with open(self.folder + "/postgresql/server.log") as log:
            say("".join(log.readlines()[-10:]))
        raise Failed(f"pg_ctl {words[0]} failed")

    def sql(self, text):
        return subprocess.run(["psql", "-At", "-d", self.database, "-c", text], check=True, capture_output=True, text=True).stdout

    def lift_limits(self):
        """The drill's load meets no limit; returns the teams."""
        slugs = [slug for slug in re.findall(r'"slug": ?"([^"]+)"', self.parley("team", "list", "--json")) if slug.startswith("synthetic")]
        for slug in slugs:
            self.parley("team", "set-limit", slug, "1000000/5m")
        return sorted(slugs)

    def query(self, expression):
        """Samples of an instant query."""
        answer = json.loads(get(self.where["PROMETHEUS"] + "/api/v1/query?" + urllib.parse.urlencode({"query": expression})))
        return answer["data"]["result"]

    def firing(self):
        """Names of alerts that fire."""
        alerts = json.loads(get(self.where["PROMETHEUS"] + "/api/v1/alerts"))["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}


class Replica:
    """One of the stack's, which the drill stops and starts again on the same ports."""

    def __init__(self, stack, number, drain_pause_ms=2000):
        self.name, self.drain_pause_ms = f"replica-{number}", drain_pause_ms
        self.stack, self.url, self.admin = stack, stack.where[f"REPLICA_{number}"], stack.where[f"REPLICA_{number}_ADMIN"]
        self.pid, self.process = int(stack.where[f"REPLICA_{number}_PID"]), None

    def end(self, how):
        os.kill(self.pid, how)
        if self.process:
            return self.process.wait(patiently(60))
        return wait_until(lambda: not os.path.exists(f"/proc/{self.pid}") or is_zombie(self.pid), 60, f"process {self.pid} ends")

    def start(self):
        listen, admin = (urllib.parse.urlsplit(url).netloc for url in (self.url, self.admin))
        self.process = subprocess.Popen(
            [BUILD + "/parleyd", "serve", "--listen", listen, "--admin-listen", admin, "--database-url", self.stack.database, "--trusted-proxy-hops", "1",
             "--connections-per-address-max", "0", "--drain-pause-ms", str(self.drain_pause_ms), "--log-level", "warning", *UNHURRIED], stdout=subprocess.PIPE, text=True)
        if not self.process.stdout.readline().startswith("parleyd listening"):
            raise Failed("a replica did not start again")
        self.pid = self.process.pid
        wait_until(self.is_used, 60, "HAProxy does not use a replica that has started again")

    def is_used(self):
        """Whether HAProxy sends requests here. It had noticed that it was gone: the pause before the end is longer than it takes."""
        with contextlib.suppress(OSError):
            rows = csv.DictReader(get(self.stack.where["HAPROXY_STATS"] + "/;csv").splitlines())
            return any(row["svname"] == self.name and row["status"] == "UP" for row in rows)
        return False


def is_zombie(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"


@contextlib.contextmanager
def replicas_of(stack, drain_pause_ms=2000):
    """All of the stack's, once Prometheus sees them; those that the drill has started itself are ended, and have to leave with exit code 0."""
    replicas = [Replica(stack, number + 1, drain_pause_ms) for number in range(stack.replicas)]
    wait_until(lambda: len(stack.query('up{job="parley"} == 1')) == stack.replicas, 30, "Prometheus sees all replicas up")
    how = signal.SIGKILL
    try:
        yield replicas
        how = signal.SIGTERM
    finally:
        ours = [replica.process for replica in replicas if replica.process]
        for process in ours:
            process.send_signal(how)
        codes = [process.wait(patiently(60)) for process in ours]
    if any(codes):
        raise Failed(f"replicas ended with the exit codes {codes}")


class Service:
    """One parleyd with its private PostgreSQL and, if asked, synthetic data; a context manager. `command` comes before it: taskset, prlimit."""

    def __init__(self, settings=(), sizes=None, command=(), parleyd=None):
        self.folder = tempfile.mkdtemp(prefix="parley-drill-")
        os.chmod(self.folder, 0o755)
        self.settings, self.sizes, self.command = [*UNHURRIED, *settings], sizes, list(command)
        self.parleyd = parleyd or BUILD + "/parleyd"
        self.log, self.process, self.keys = self.folder + "/parleyd.log", None, []

    def __enter__(self):
        self.admin = f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *self.command, self.parleyd, "serve", "--listen", "127.0.0.1:0", "--admin-listen", self.admin[7:],
             "--data-dir", self.folder + "/data", "--log-file", self.log, *self.settings], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("parleyd listening"):
            self.__exit__(Failed)
            raise Failed("the service did not start")
        self.base = line[line.index("http://"):].split()[0].rstrip("/")
        self.port = int(self.base.rpartition(":")[2])
        self.pid = self.process.pid
        if self.sizes:
            self.keys = self.parley("load", "--synthetic", self.sizes).split()
        return self

    def __exit__(self, failure=None, *_):
        code = end_and_remove(self.process, self.folder)
        if failure is None and code != 0:
            raise Failed(f"the service ended with exit code {code}")

    def parley(self, *words):
        done = subprocess.run([BUILD + "/parley", *words, "--data-dir", self.folder + "/data"], check=True, capture_output=True, text=True)
        return done.stdout

    def sql(self, text):
        """On the private PostgreSQL, as its owner."""
        sockets = next(folder for folder, _, files in os.walk(self.folder + "/data") if ".s.PGSQL.5432" in files)
        return subprocess.run(["psql", "-At", "-h", sockets, "-U", "parley", "-d", "postgres", "-c", text], check=True, capture_output=True, text=True).stdout

    def resident_kib(self):
        with open(f"/proc/{self.pid}/status") as status:
            return int(next(line for line in status if line.startswith("VmRSS")).split()[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def metric(self, name):
        """The sum of a metric's samples."""
        lines = get(self.admin + "/metrics").splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.split("{")[0].split(" ")[0] == name)


def ask(base, method, path, key=None, body=None, timeout=15, fields=None):
    """One request on a connection of its own: (status, text)."""
    address = urllib.parse.urlsplit(base)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=patiently(timeout))
    try:
        return ask_on(connection, method, path, key, body, fields)
    finally:
        connection.close()


def ask_on(connection, method, path, key=None, body=None, fields=None):
    head = dict(fields or {})
    if key:
        head["X-api-key"] = key
    if body is not None:
        head["Content-Type"] = "application/json"
        body = json.dumps(body)
    connection.request(method, path, body=body, headers=head)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


class Callers:
    """Threads that call every operation until they are stopped; they count what they see. A context manager."""

    def __init__(self, base, keys, threads=4, pause=0.02):
        self.base, self.keys, self.pause = base, keys, pause
        self.stopped, self.lock = threading.Event(), threading.Lock()
        self.statuses, self.broken, self.slowest = {}, [], 0.0
        self.threads = [threading.Thread(target=self.work, args=(number,)) for number in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join(60)

    def work(self, number):
        dice = random.Random(number)
        connection = self.connect()
        while not self.stopped.wait(self.pause):
            try:
                self.one_round(connection, dice.choice(self.keys), dice)
            except (OSError, http.client.HTTPException) as error:
                with self.lock:
                    self.broken.append(f"{type(error).__name__}: {error}")
                connection.close()
                connection = self.connect()
                self.stopped.wait(0.2)
        connection.close()

    def connect(self):
        address = urllib.parse.urlsplit(self.base)
        return http.client.HTTPConnection(address.hostname, address.port, timeout=20)

    def count(self, connection, *what):
        began = time.monotonic()
        status, text = ask_on(connection, *what)
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.slowest = max(self.slowest, time.monotonic() - began)
        return status, text

    def one_round(self, connection, key, dice):
        """All seven operations and the added messages, on a session of the list and on one of its own."""
        status, text = self.count(connection, "GET", "/api/sessions/?page_size=10", key)
        if status != 200:
            return
        session = dice.choice(json.loads(text)["results"])
        self.count(connection, "GET", f"/api/sessions/{session['id']}/", key)
        body = {"experiment": session["experiment"]["id"], "participant": f"drill{dice.randrange(1000)}@example.org",
                "messages": [{"role": "user", "content": "Hello"}]}
        status, text = self.count(connection, "POST", "/api/sessions/", key, body)
        if status != 201:
            return
        path = f"/api/sessions/{json.loads(text)['id']}/"
        self.count(connection, "PATCH", path + "update_state/", key, {"state": {"step": dice.randrange(100)}})
        self.count(connection, "POST", path + "tags/", key, {"tags": ["drill", "other"]})
        self.count(connection, "DELETE", path + "tags/", key, {"tags": ["other"]})
        self.count(connection, "POST", path + "end_experiment_session/", key)
