#!/usr/bin/env python3
"""Measures Parley: requests per second, latency and CPU-seconds per 1,000 requests of service and PostgreSQL.

    loadtest/bench.py [--connections 1,64] [--seconds 8] [--rounds 3] [--operations session_retrieve,...] [--report FILE]
                      [--sessions 4000] [--teams 50] [--other NAME=BASE_URL,PID,POSTMASTER_PID,SESSIONS_FILE,CHATBOTS_FILE]

Starts a PostgreSQL of its own (fsync and synchronous_commit on) and build/release/parleyd on loopback, makes the data with
`parley load --synthetic`, drives it with wrk (Debian's) and stops what it started. --other adds a service that runs already: its rounds
are interleaved with Parley's, since only figures of one run may be compared. Limits are raised so that they count but never refuse;
keys, metrics and logs work as in production. Standard library only; Linux only (/proc).
"""
import argparse
import json
import os
import pwd
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
OPERATIONS = "session_retrieve,session_list,session_create,session_update_state,session_add_tags"
TICKS = os.sysconf("SC_CLK_TCK")
POSTGRESQL = {
    "listen_addresses": "''", "shared_buffers": "'2GB'", "jit": "off", "fsync": "on", "synchronous_commit": "on", "max_wal_size": "'4GB'",
}


def newest_postgresql():
    base = "/usr/lib/postgresql"
    versions = sorted((v for v in os.listdir(base) if v.isdigit()), key=int) if os.path.isdir(base) else []
    if not versions:
        sys.exit("bench.py: no PostgreSQL server is installed (./dev build installs it)")
    return os.path.join(base, versions[-1], "bin")


def unprivileged():
    """How to start PostgreSQL, which refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Postgres:
    """A PostgreSQL in a folder of its own, on a unix socket."""

    def __init__(self, folder):
        self.folder, self.bin, self.identity = folder, newest_postgresql(), unprivileged()
        self.data, self.process = os.path.join(folder, "data"), None

    def start(self):
        if self.identity:
            os.chown(self.folder, self.identity["user"], self.identity["group"])
        subprocess.run([self.bin + "/initdb", "-D", self.data, "-U", "parley", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, **self.identity)
        with open(os.path.join(self.data, "postgresql.auto.conf"), "a") as settings:
            settings.writelines(f"{name} = {value}\n" for name, value in POSTGRESQL.items())
        with open(os.path.join(self.folder, "postgresql.log"), "w") as log:
            self.process = subprocess.Popen([self.bin + "/postgres", "-D", self.data, "-k", self.folder], stdout=log, stderr=log,
                                            cwd=self.folder, **self.identity)
        for _ in range(100):
            if subprocess.run([self.bin + "/pg_isready", "-q", "-h", self.folder]).returncode == 0:
                return
            time.sleep(0.1)
        sys.exit("bench.py: PostgreSQL did not start; see " + log.name)

    def url(self):
        return f"host={self.folder} user=parley dbname=postgres"

    def run(self, sql):
        out = subprocess.run([self.bin + "/psql", "-At", "-F", " ", "-v", "ON_ERROR_STOP=1", "-d", self.url(), "-c", sql], check=True, text=True,
                             stdout=subprocess.PIPE)
        return out.stdout

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)


def cpu_and_memory(root):
    """CPU-seconds and resident KiB of a process with all that it started, those it has reaped included."""
    figures, children = {}, {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue  # It has ended meanwhile.
        figures[int(pid)] = (sum(map(int, fields[11:15])) / TICKS, int(fields[21]) * 4)
        children.setdefault(int(fields[1]), []).append(int(pid))
    cpu, memory, waiting = 0.0, 0, [root]
    while waiting:
        pid = waiting.pop()
        if pid in figures:
            cpu, memory = cpu + figures[pid][0], memory + figures[pid][1]
            waiting += children.get(pid, [])
    return cpu, memory


class Target:
    def __init__(self, name, base, pid, postmaster, sessions, chatbots):
        self.name, self.base, self.pid, self.postmaster, self.sessions, self.chatbots = name, base, int(pid), int(postmaster), sessions, chatbots


def drive(target, operation, connections, seconds):
    out = subprocess.run(["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s", "-s", HERE + "/scenarios/requests.lua",
                          target.base, "--", operation, target.sessions, target.chatbots, str(random.randrange(1 << 30))],
                         capture_output=True, text=True, timeout=seconds + 60)
    for line in out.stdout.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line[7:])
    raise RuntimeError(out.stdout + out.stderr)


def measure(target, operation, connections, seconds):
    drive(target, operation, connections, max(1, seconds // 4))  # Warm.
    service, database = cpu_and_memory(target.pid)[0], cpu_and_memory(target.postmaster)[0]
    result = drive(target, operation, connections, seconds)
    service_after, memory = cpu_and_memory(target.pid)
    per_thousand = 1000 / max(result["requests"], 1)
    result.update(target=target.name, operation=operation, connections=connections, per_second=result["requests"] / result["seconds"],
                  service_cpu=(service_after - service) * per_thousand,
                  database_cpu=(cpu_and_memory(target.postmaster)[0] - database) * per_thousand, memory_mib=memory / 1024)
    return result


def start_parleyd(database_url, folder):
    command = [ROOT + "/build/release/parleyd", "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--database-url", database_url,
               "--rate-limit-api", "1000000000/5m", "--log-file", os.path.join(folder, "parleyd.log")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if "http://" not in line:
        sys.exit("bench.py: parleyd did not start: " + line)
    return process, line[line.index("http://"):].split()[0].rstrip("/")


def table(measurements):
    columns = [("per_second", "requests/s", "{:.0f}"), ("p50_ms", "p50 ms", "{:.2f}"), ("p99_ms", "p99 ms", "{:.2f}"),
               ("service_cpu", "service CPU-s/1,000", "{:.4f}"), ("database_cpu", "PostgreSQL CPU-s/1,000", "{:.4f}"),
               ("memory_mib", "service MiB", "{:.1f}"), ("errors", "errors", "{:.0f}")]
    groups = {}
    for one in measurements:
        groups.setdefault((one["operation"], one["connections"], one["target"]), []).append(one)
    lines = ["| operation | connections | target | " + " | ".join(title for _, title, _ in columns) + " |", "|" + " --- |" * (3 + len(columns))]
    for (operation, connections, name), ones in groups.items():
        cells = [form.format(statistics.median(one[key] for one in ones)) for key, _, form in columns]
        lines.append(f"| {operation} | {connections} | {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--connections", default="1,64")
    options.add_argument("--seconds", type=int, default=8)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--operations", default=OPERATIONS, help="comma separated; mix is one too")
    options.add_argument("--teams", type=int, default=50)
    options.add_argument("--sessions", type=int, default=4000, help="of each team")
    options.add_argument("--report", help="also write the table to this file")
    options.add_argument("--other", action="append", default=[])
    chosen = options.parse_args()
    folder = tempfile.mkdtemp(prefix="parley-bench-")
    os.chmod(folder, 0o755)
    postgres, parleyd = Postgres(folder), None
    try:
        postgres.start()
        keys = os.path.join(folder, "keys")
        subprocess.run([ROOT + "/build/release/parleyd", "migrate", "--database-url", postgres.url()], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([ROOT + "/build/release/parley", "--database-url", postgres.url(), "load", "--synthetic",
                        f"teams={chosen.teams},sessions={chosen.sessions},messages=10", "--keys", keys], check=True)
        parleyd, base = start_parleyd(postgres.url(), folder)
        key_of = dict(zip((int(i) for i in postgres.run("select id from team order by id").split()), open(keys).read().split()))
        sessions, chatbots = os.path.join(folder, "sessions"), os.path.join(folder, "chatbots")
        for path, sql in ((sessions, "select team_id, id from session"), (chatbots, "select team_id, id from experiment where not is_archived")):
            with open(path, "w") as out:
                for line in postgres.run(sql).splitlines():
                    team, identifier = line.split(" ", 1)
                    out.write(f"{key_of[int(team)]} {identifier}\n")
        targets = [Target("parley", base, parleyd.pid, postgres.process.pid, sessions, chatbots)]
        for other in chosen.other:
            name, _, rest = other.partition("=")
            targets.append(Target(name, *rest.split(",")))
        measurements = []
        for connections in map(int, chosen.connections.split(",")):
            for operation in chosen.operations.split(","):
                for _ in range(chosen.rounds):
                    for target in targets:
                        measurements.append(measure(target, operation, connections, chosen.seconds))
                        print(json.dumps(measurements[-1]), flush=True)
        print(table(measurements))
        if chosen.report:
            with open(chosen.report, "w") as report:
                report.write(table(measurements))
        return 1 if any(one["errors"] for one in measurements) else 0
    finally:
        if parleyd:
            parleyd.send_signal(signal.SIGTERM)
            parleyd.wait(60)
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
