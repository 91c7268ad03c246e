#!/usr/bin/env python3
"""Measures Parley: requests per second, latency and CPU-seconds per 1,000 requests of service and PostgreSQL.

    ./dev bench [--smoke] [--connections 1,64] [--seconds 8] [--rounds 3] [--operations session_retrieve,...,mix]
                [--teams 50] [--sessions 4000] [--report FOLDER] [--floor] [--peer name=NAME,...] [--parleyd="OPTIONS"]

Starts a PostgreSQL of its own (fsync and synchronous_commit on) and parleyd on loopback, makes the data with `parley load --synthetic`,
drives it with wrk and stops what it started. Limits are raised so that they count but never refuse; keys, metrics and logs work as in
production. The report is a folder: report.md (medians and ratios), measurements.json, cpu.svg and requests.svg.

--floor    also what PostgreSQL alone can do: pgbench on loadtest/floor/*.sql, one prepared statement a request, no HTTP.
--peer     also another service with this API, its rounds interleaved with ours, since only figures of one run may be compared:
           name=NAME,keys=FILE,postgres=ITS_DATA_FOLDER and either base=URL,pid=PID of one that runs or cmd=COMMAND to start it, which
           is told its port by the variable PORT. keys holds one API key a line. Its sessions are found through the API; its data must
           be fresh, since session_create leaves many short ones.
--smoke    a minute's run over little data that judges nothing but errors.

Standard library only, besides wrk and PostgreSQL of the distribution; Linux only (/proc).
"""
import argparse
import json
import os
import pwd
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
OPERATIONS = "session_retrieve,session_list,session_update_state,session_add_tags,session_create"
MESSAGES = 10  # Of each session.
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

    def url(self, database="postgres"):
        return f"host={self.folder} user=parley dbname={database}"

    def run(self, sql, database="postgres"):
        out = subprocess.run([self.bin + "/psql", "-At", "-F", " ", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", sql], check=True, text=True,
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
    result["both_cpu"] = result["service_cpu"] + result["database_cpu"]
    return result


def prepare_floor(postgres):
    postgres.run("create table bench_session (i integer primary key, team_id bigint not null, id text collate \"C\" not null);"
                 "insert into bench_session select row_number() over (), team_id, id from session; analyze bench_session")
    return int(postgres.run("select count(*) from bench_session"))


def measure_floor(postgres, sessions, operation, connections, seconds):
    """pgbench on one statement a request. Its clients are fewer than wrk's: beyond 16 the backends only wait for each other."""
    clients = min(connections, 16)
    postmaster = postgres.process.pid
    before = cpu_and_memory(postmaster)[0]
    with tempfile.TemporaryDirectory() as logs:
        out = subprocess.run([postgres.bin + "/pgbench", "-n", "-M", "prepared", "-h", postgres.folder, "-U", "parley", "-c", str(clients), "-j", "1",
                              "-T", str(seconds), "-D", f"sessions={sessions}", "-l", "--sampling-rate=0.2",
                              "-f", f"{HERE}/floor/{operation}.sql", "postgres"], capture_output=True, text=True, cwd=logs, timeout=seconds + 60)
        times = sorted(int(line.split()[2]) / 1000 for name in os.listdir(logs) for line in open(os.path.join(logs, name)))
    time.sleep(0.7)  # Until the postmaster has reaped the backends, whose CPU would be missed else.
    figures = dict(re.findall(r"^(tps|number of transactions actually processed|number of failed transactions)\s*[=:]\s*([\d.]+)", out.stdout, re.M))
    if "tps" not in figures:
        raise RuntimeError(out.stdout + out.stderr)
    requests = int(figures["number of transactions actually processed"])
    cpu = (cpu_and_memory(postmaster)[0] - before) * 1000 / max(requests, 1)
    at = lambda share: times[int((len(times) - 1) * share)] if times else 0.0
    return {"target": "floor", "operation": operation, "connections": connections, "requests": requests, "seconds": seconds,
            "per_second": float(figures["tps"]), "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0), "service_cpu": 0.0, "database_cpu": cpu,
            "both_cpu": cpu, "memory_mib": 0.0, "errors": int(figures.get("number of failed transactions", 0))}


def start_parleyd(binaries, database_url, folder, options):
    command = [binaries + "/parleyd", "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--database-url", database_url,
               "--rate-limit-api", "1000000000/5m", "--log-file", os.path.join(folder, "parleyd.log")] + options.split()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if "http://" not in line:
        process.kill()
        sys.exit("bench.py: parleyd did not start: " + line)
    return process, line[line.index("http://"):].split()[0].rstrip("/")


def write_pairs(path, lines):
    with open(path, "w") as out:
        out.writelines(line + "\n" for line in lines)
    return path


def make_data(postgres, binaries, sizes, keys, database="postgres"):
    """Fills a database; the API keys of its teams go into a file."""
    url = postgres.url(database)
    subprocess.run([binaries + "/parleyd", "migrate", "--database-url", url], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([binaries + "/parley", "--database-url", url, "load", "--synthetic", sizes, "--keys", keys], check=True)
    for sql in ("vacuum analyze", "checkpoint"):
        postgres.run(sql, database)


def own_targets(postgres, keys, folder, database="postgres"):
    """The files of sessions and chatbots that wrk picks from: "key id" a line."""
    key_of = dict(zip((int(i) for i in postgres.run("select id from team order by id", database).split()), open(keys).read().split()))
    paths = []
    for name, sql in (("sessions", "select team_id, id from session order by random() limit 200000"),
                      ("chatbots", "select team_id, id from experiment where not is_archived")):
        rows = (line.split(" ", 1) for line in postgres.run(sql, database).splitlines())
        paths.append(write_pairs(os.path.join(folder, name), (f"{key_of[int(team)]} {identifier}" for team, identifier in rows)))
    return paths


def wait_for(base):
    for _ in range(200):
        try:
            urllib.request.urlopen(base + "/api/sessions/").read()
        except urllib.error.HTTPError:
            return  # It answers.
        except OSError:
            time.sleep(0.1)
            continue
        return
    sys.exit(f"bench.py: nobody answers at {base}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_transcripts(name, base, sessions):
    """A peer whose data were used before has many sessions of two messages, made by session_create; its retrieves cost less than they should."""
    for key, identifier in (pair.split() for pair in random.sample(sessions, min(20, len(sessions)))):
        found = len(json.load(ask(base + f"/api/sessions/{identifier}/", key))["messages"])
        if found != MESSAGES:
            sys.exit(f"bench.py: a session of {name} has {found} messages, ours have {MESSAGES}: make its data anew")


def ask(url, key):
    return urllib.request.urlopen(urllib.request.Request(url, headers={"X-api-key": key}), timeout=60)


def peer_target(text, folder, sessions_of_team, started):
    given = dict(part.split("=", 1) for part in text.split(","))
    missing = [key for key in ("name", "keys", "postgres") if key not in given]
    if missing or ("cmd" in given) == ("base" in given):
        sys.exit("bench.py: --peer needs name, keys, postgres and either cmd or base and pid")
    if "cmd" in given:
        port = str(free_port())
        with open(os.path.join(folder, given["name"] + ".log"), "w") as log:
            process = subprocess.Popen(["sh", "-c", "exec " + given["cmd"]], env=dict(os.environ, PORT=port), stdout=log, stderr=log)
        started.append(process)
        given.update(base="http://127.0.0.1:" + port, pid=process.pid)
    wait_for(given["base"])
    sessions, chatbots = [], set()
    for key in open(given["keys"]).read().split():
        url, found = given["base"] + "/api/sessions/?page_size=1000", 0
        while url and found < sessions_of_team:
            page = json.load(ask(url, key))
            sessions += (f"{key} {row['id']}" for row in page["results"])
            chatbots.update(f"{key} {row['experiment']['id']}" for row in page["results"])
            url, found = page["next"], found + len(page["results"])
    check_transcripts(given["name"], given["base"], sessions)
    with open(os.path.join(given["postgres"], "postmaster.pid")) as lines:
        postmaster = int(lines.readline())
    paths = [os.path.join(folder, given["name"] + "." + kind) for kind in ("sessions", "chatbots")]
    return Target(given["name"], given["base"], given["pid"], postmaster, write_pairs(paths[0], sessions), write_pairs(paths[1], sorted(chatbots)))


def medians(measurements):
    """(operation, connections) -> target -> figure -> median; in the order in which they were measured."""
    groups = {}
    for one in measurements:
        groups.setdefault((one["operation"], one["connections"]), {}).setdefault(one["target"], []).append(one)
    figures = ("per_second", "p50_ms", "p99_ms", "service_cpu", "database_cpu", "both_cpu", "memory_mib", "errors")
    return {group: {target: {figure: statistics.median(one[figure] for one in ones) for figure in figures} for target, ones in targets.items()}
            for group, targets in groups.items()}


def table(results):
    """Ratios are to the first target that is neither Parley nor the floor."""
    lines = ["| operation | connections | target | requests/s | p50 ms | p99 ms | service CPU-s/1,000 | PostgreSQL CPU-s/1,000 | both | ratio | service MiB | errors |",
             "|" + " --- |" * 12]
    for (operation, connections), targets in results.items():
        peer = next((name for name in targets if name not in ("parley", "floor")), None)
        for name, m in targets.items():
            ratio = f"{m['both_cpu'] / targets[peer]['both_cpu']:.3f}" if peer and targets[peer]["both_cpu"] else ""
            lines.append(f"| {operation} | {connections} | {name} | {m['per_second']:.0f} | {m['p50_ms']:.2f} | {m['p99_ms']:.2f} | {m['service_cpu']:.4f} | "
                         f"{m['database_cpu']:.4f} | {m['both_cpu']:.4f} | {ratio} | {m['memory_mib']:.1f} | {m['errors']:.0f} |")
    return "\n".join(lines) + "\n"


def bars(title, results, parts):
    """An SVG with a group of bars for each operation, a bar for each target, made of parts: (figure, colour, legend)."""
    width_of_bar, height, left, top = 26, 260, 70, 50
    largest = max((sum(m[figure] for figure, _, _ in parts) for targets in results.values() for m in targets.values()), default=0) or 1
    out, x = [], left + 20
    for (operation, connections), targets in results.items():
        begin = x
        for name, m in targets.items():
            y = top + height
            for figure, colour, _ in parts:
                tall = m[figure] / largest * height
                y -= tall
                out.append(f'<rect x="{x}" y="{y:.1f}" width="{width_of_bar}" height="{tall:.1f}" fill="{colour}"><title>{name}: {m[figure]:.4g}</title></rect>')
            out.append(f'<text x="{x + width_of_bar / 2}" y="{y - 4:.1f}" font-size="9" text-anchor="middle">{sum(m[f] for f, _, _ in parts):.3g}</text>')
            out.append(f'<text x="{x + width_of_bar / 2}" y="{top + height + 12}" font-size="9" text-anchor="middle">{name[:6]}</text>')
            x += width_of_bar + 6
        label = operation.removeprefix("session_") + f" ({connections})"
        out.append(f'<text x="{(begin + x) / 2 - 3}" y="{top + height + 28}" font-size="11" text-anchor="middle">{label}</text>')
        x += 24
    for step in range(5):
        y = top + height - step * height / 4
        out.append(f'<line x1="{left}" x2="{x}" y1="{y}" y2="{y}" stroke="#ccc" stroke-width="0.5"/>'
                   f'<text x="{left - 6}" y="{y + 3}" font-size="9" text-anchor="end">{largest * step / 4:.3g}</text>')
    for i, (_, colour, legend) in enumerate(parts):
        out.append(f'<rect x="{left + i * 160}" y="28" width="10" height="10" fill="{colour}"/><text x="{left + 14 + i * 160}" y="37" font-size="11">{legend}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{x + 20}" height="{top + height + 45}" font-family="sans-serif">'
            f'<rect width="100%" height="100%" fill="white"/><text x="{left}" y="18" font-size="14">{title}</text>' + "".join(out) + "</svg>\n")


def machine():
    with open("/proc/cpuinfo") as lines:
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    commit = "unknown"  # Git is not needed to build or to measure.
    if shutil.which("git"):
        commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip() or commit
    return f"{time.strftime('%Y-%m-%d %H:%M')}, commit {commit}, {len(os.sched_getaffinity(0))} x {model}, load before {os.getloadavg()[0]:.1f}"


def write_report(folder, chosen, where, measurements):
    os.makedirs(folder, exist_ok=True)
    results = medians(measurements)
    with open(os.path.join(folder, "report.md"), "w") as out:
        out.write(f"# Parley, measured\n\n{where}. {chosen.teams} teams, {chosen.teams * chosen.sessions} sessions of {MESSAGES} messages; medians of "
                  f"{chosen.rounds} rounds of {chosen.seconds} s, interleaved; fsync and synchronous_commit on; keys, limits, metrics and logs on. "
                  f"Generator, services and PostgreSQL share the machine.\n\n{table(results)}\n![CPU](cpu.svg)\n\n![Requests](requests.svg)\n")
    with open(os.path.join(folder, "measurements.json"), "w") as out:
        out.writelines(json.dumps(one) + "\n" for one in measurements)
    with open(os.path.join(folder, "cpu.svg"), "w") as out:
        out.write(bars("CPU-seconds per 1,000 requests (connections)", results,
                       [("database_cpu", "#336791", "PostgreSQL"), ("service_cpu", "#e08e45", "service")]))
    with open(os.path.join(folder, "requests.svg"), "w") as out:
        out.write(bars("Requests per second (connections)", results, [("per_second", "#4c9f70", "requests/s")]))


def parse():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--smoke", action="store_true", help="little data, one short round, everything once")
    options.add_argument("--connections")
    options.add_argument("--seconds", type=int)
    options.add_argument("--rounds", type=int)
    options.add_argument("--operations", help="comma separated; mix is one too")
    options.add_argument("--teams", type=int)
    options.add_argument("--sessions", type=int, help="of each team")
    options.add_argument("--report", help="the folder for the report", default=os.path.join(ROOT, "build", "bench"))
    options.add_argument("--floor", action="store_true", help="also pgbench")
    options.add_argument("--peer", action="append", default=[], help="also another service")
    options.add_argument("--parleyd", default="", help="more options for parleyd serve")
    options.add_argument("--binaries", default=ROOT + "/build/release", help="where parleyd and parley are")
    chosen = options.parse_args()
    usual = {"connections": "1,64", "seconds": 8, "rounds": 3, "operations": OPERATIONS, "teams": 50, "sessions": 4000}
    small = {"connections": "8", "seconds": 1, "rounds": 1, "operations": OPERATIONS + ",mix", "teams": 3, "sessions": 60}
    for name, value in (small if chosen.smoke else usual).items():
        if getattr(chosen, name) is None:
            setattr(chosen, name, value)
    chosen.floor = chosen.floor or chosen.smoke
    return chosen


def run_rounds(chosen, targets, postgres):
    sessions = prepare_floor(postgres) if chosen.floor else 0
    measurements = []
    for connections in map(int, chosen.connections.split(",")):
        for operation in chosen.operations.split(","):
            for _ in range(chosen.rounds):
                for target in targets:
                    measurements.append(measure(target, operation, connections, chosen.seconds))
                    print(json.dumps(measurements[-1]), flush=True)
                if chosen.floor and operation != "mix":
                    measurements.append(measure_floor(postgres, sessions, operation, connections, chosen.seconds))
                    print(json.dumps(measurements[-1]), flush=True)
    return measurements


def main():
    chosen = parse()
    if not shutil.which("wrk"):
        sys.exit("bench.py: wrk is not installed (./dev bench installs it)")
    where = machine()
    folder = tempfile.mkdtemp(prefix="parley-bench-")
    os.chmod(folder, 0o755)
    postgres, parleyd, started = Postgres(folder), None, []
    try:
        postgres.start()
        keys = os.path.join(folder, "keys")
        make_data(postgres, chosen.binaries, f"teams={chosen.teams},sessions={chosen.sessions},messages={MESSAGES}", keys)
        parleyd, base = start_parleyd(chosen.binaries, postgres.url(), folder, chosen.parleyd)
        targets = [peer_target(text, folder, chosen.sessions, started) for text in chosen.peer]
        targets.append(Target("parley", base, parleyd.pid, postgres.process.pid, *own_targets(postgres, keys, folder)))
        measurements = run_rounds(chosen, targets, postgres)
        write_report(chosen.report, chosen, where, measurements)
        print("\n" + table(medians(measurements)))
        return 1 if any(one["errors"] for one in measurements if one["target"] in ("parley", "floor")) else 0
    finally:
        for process in [parleyd] + started:
            if process:
                process.send_signal(signal.SIGTERM)
                process.wait(60)
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
