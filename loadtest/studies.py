#!/usr/bin/env python3
"""Questions to a running Parley that one figure does not answer.

    ./dev bench --study NAME [--seconds 5] [--rounds 3] [--peer name=NAME,...] [--scale 10]

arrivals      1,000 requests a second, whoever answers: half and the slowest hundredth, operation by operation; one connection alone too
connections   what 10,000 idle connections cost, and what 2,000 busy ones do to the throughput of 64
growth        the CPU of a request with --scale times the sessions, over that of 200,000: retrieve, first, middle and last page, create
team          one team with 1,000 and with 1,000 x --scale x 10 sessions: pages and counts by each filter alone and together
neighbours    what readers of a session with 5,000 messages do to those of short ones
checkpoint    the slowest hundredth while PostgreSQL writes a checkpoint, and while it does not

As bench.py: a PostgreSQL of its own, everything on loopback, medians of interleaved rounds, stopped by process id. Prints tables.
"""
import argparse
import contextlib
import http.client
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

import bench

GENERATOR = os.path.join(bench.ROOT, "tests/drills/open_load.cpp")


def medians_of(measure, targets, rounds):
    """Figures of each target, the targets in turn: {name: {figure: median}}."""
    seen = {name: [] for name in targets}
    for _ in range(rounds):
        for name, target in targets.items():
            seen[name].append(measure(target))
    return {name: {key: statistics.median(one[key] for one in ones) for key in ones[0] if isinstance(ones[0][key], (int, float))}
            for name, ones in seen.items()}


def print_table(title, columns, rows):
    print(f"\n{title}\n\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


class Place:
    """PostgreSQL, and as many databases and services on it as a study wants."""

    def __init__(self, chosen):
        self.chosen, self.started, self.folder = chosen, [], tempfile.mkdtemp(prefix="parley-study-")
        os.chmod(self.folder, 0o755)
        self.postgres = bench.Postgres(self.folder)
        self.postgres.start()

    def serve(self, name, sizes):
        """A database with so much data and a service on it."""
        self.postgres.run(f"create database {name}")
        folder = os.path.join(self.folder, name)
        os.mkdir(folder)
        keys, binaries = os.path.join(folder, "keys"), self.chosen.binaries
        bench.make_data(self.postgres, binaries, sizes, keys, name)
        options = "--connections-per-address-max 0 --connections-max 20000 " + self.chosen.parleyd
        process, base = bench.start_parleyd(binaries, self.postgres.url(name), folder, options)
        self.started.append(process)
        target = bench.Target(name, base, process.pid, self.postgres.process.pid, *bench.own_targets(self.postgres, keys, folder, name))
        target.keys, target.folder = open(keys).read().split(), folder
        return target

    def peers(self):
        return {text.split("name=")[1].split(",")[0]: bench.peer_target(text, self.folder, 4000, self.started) for text in self.chosen.peer}

    def end(self):
        for process in self.started:
            process.terminate()
            process.wait(60)
        self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def ask(target, key, path):
    with bench.ask(target.base + path, key) as answer:
        return json.load(answer)


def only(target, name, pairs):
    """The target, for requests to these paths alone: (key, path)."""
    path = bench.write_pairs(os.path.join(target.folder, name), (f"{key} {path}" for key, path in pairs))
    return bench.Target(target.name, target.base, target.pid, target.postmaster, path, target.chatbots)


def page_behind(target, key, query, share):
    """The path of a page of 25 that begins behind that share of the list; nothing where hardly anything matches."""
    left, path = int(ask(target, key, f"/api/sessions/?page_size=1{query}")["count"] * share), ""
    if left == 0:
        return None
    while left > 0:
        size = min(left, 1500)
        url = urllib.parse.urlsplit(ask(target, key, f"/api/sessions/?page_size={size}{query}{path}")["next"])
        left, path = left - size, "&cursor=" + urllib.parse.parse_qs(url.query)["cursor"][0]
    return f"/api/sessions/?page_size=25{query}{path}"


def generator(folder):
    program = os.path.join(folder, "open_load")
    if not os.path.exists(program):
        subprocess.run(["g++", "-std=c++20", "-O2", "-o", program, GENERATOR], check=True)
    return program


def raw_requests(target, operation, count=2000):
    """In the form that the generator reads."""
    sessions = [line.split() for line in open(target.sessions).read().splitlines()[:count]]
    chatbots = [line.split() for line in open(target.chatbots).read().splitlines()]
    out = []
    for number, (key, identifier) in enumerate(sessions):
        path = f"/api/sessions/{identifier}/"
        method, path, body = {
            "session_retrieve": ("GET", path, ""),
            "session_list": ("GET", "/api/sessions/?page_size=25", ""),
            "session_update_state": ("PATCH", path + "update_state/", '{"state":{"step":%d}}' % number),
            "session_add_tags": ("POST", path + "tags/", '{"tags":["tag-%d","tag-%d"]}' % (number % 40 + 1, number % 7 + 1)),
            "session_create": ("POST", "/api/sessions/", None),
        }[operation]
        if body is None:
            key, chatbot = chatbots[number % len(chatbots)]
            body = '{"experiment":"%s","participant":"user%d@example.com","messages":[{"role":"user","content":"Hello"}]}' % (chatbot, number % 400)
        fields = f"Host: 127.0.0.1\r\nX-api-key: {key}\r\n" + (f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else "")
        request = f"{method} {path} HTTP/1.1\r\n{fields}\r\n{body}"
        out.append(f"{len(request)}\n{request}")
    return "".join(out)


def arrive(place, target, operation, rate, connections, seconds):
    path = os.path.join(place.folder, f"requests.{target.name}")
    with open(path, "w") as file:
        file.write(raw_requests(target, operation))
    out = subprocess.run([generator(place.folder), str(urllib.parse.urlsplit(target.base).port), path, str(seconds), str(connections), str(rate)],
                         check=True, capture_output=True, text=True, timeout=seconds + 60)
    figures = json.loads(out.stdout)
    good = [seen for status, seen in figures["statuses"].items() if status.startswith("2")]
    if len(good) != 1 or len(figures["statuses"]) != 1:
        raise RuntimeError(f"{target.name}, {operation}: {figures}")
    return {"p50_ms": good[0]["from_due_ms"]["p50"], "p99_ms": good[0]["from_due_ms"]["p99"], "max_ms": good[0]["from_due_ms"]["max"]}


def arrivals(place):
    chosen = place.chosen
    targets = {"parley": place.serve("parley", "teams=50,sessions=4000,messages=10"), **place.peers()}
    for rate, connections in ((1000, 64), (0, 1)):
        rows = []
        for operation in bench.OPERATIONS.split(","):
            found = medians_of(lambda target: arrive(place, target, operation, rate, connections, chosen.seconds), targets, chosen.rounds)
            rows += [(operation, name, f"{m['p50_ms']:.2f}", f"{m['p99_ms']:.2f}") for name, m in found.items()]
        print_table(f"{rate} arrivals a second" if rate else "One connection that asks again at once", ("operation", "target", "p50 ms", "p99 ms"), rows)


def connections(place):
    chosen, target = place.chosen, place.serve("parley", "teams=50,sessions=4000,messages=10")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    found = medians_of(lambda count: bench.measure(target, "session_retrieve", count, chosen.seconds), {64: 64, 2000: 2000}, chosen.rounds)
    print_table("Retrieve", ("connections", "requests/s", "p99 ms", "CPU-s/1,000", "errors"),
                [(n, f"{m['per_second']:.0f}", f"{m['p99_ms']:.1f}", f"{m['both_cpu']:.4f}", m["errors"]) for n, m in found.items()])
    key, identifier = open(target.sessions).readline().split()
    at, idle = urllib.parse.urlsplit(target.base), []
    before = bench.cpu_and_memory(target.pid)[1]
    for _ in range(min(10_000, hard - 200)):
        idle.append(socket.create_connection((at.hostname, at.port)))
        idle[-1].sendall(f"GET /api/sessions/{identifier}/ HTTP/1.1\r\nHost: a\r\nX-api-key: {key}\r\n\r\n".encode())
        idle[-1].recv(65536)
    time.sleep(1)
    after = bench.cpu_and_memory(target.pid)[1]
    print_table("Idle connections, each answered once before", ("connections", "KiB each, resident"), [(len(idle), f"{(after - before) / len(idle):.1f}")])
    for one in idle:
        one.close()


def growth(place):
    chosen = place.chosen
    small = place.serve("small", "teams=50,sessions=4000,messages=10")
    large = place.serve("large", f"teams=50,sessions={4000 * chosen.scale},messages=10")
    rows = []
    for what in ("session_retrieve", "session_create", "first page", "middle page", "last page"):
        targets = {"small": small, "large": large}
        if what.endswith("page"):
            share = {"first": 0, "middle": 0.5, "last": 0.99}[what.split()[0]]
            targets = {name: only(target, what.split()[0], [(key, page_behind(target, key, "", share) if share else "/api/sessions/?page_size=25")
                                                           for key in target.keys[:10]]) for name, target in targets.items()}
        operation = "path" if what.endswith("page") else what
        found = medians_of(lambda target: bench.measure(target, operation, 64, chosen.seconds), targets, chosen.rounds)
        rows.append((what, f"{found['small']['both_cpu']:.4f}", f"{found['large']['both_cpu']:.4f}",
                     f"{found['large']['both_cpu'] / found['small']['both_cpu']:.2f}", found["large"]["errors"]))
    print_table(f"CPU-seconds per 1,000, 200,000 sessions and {200_000 * chosen.scale}", ("what", "small", "large", "ratio", "errors"), rows)


def team(place):
    chosen = place.chosen
    small = place.serve("small", "teams=1,sessions=1000,messages=2")
    large = place.serve("large", f"teams=1,sessions={10_000 * chosen.scale},messages=2")
    rows = []
    filters = {"none": "", "tag": "&tags=tag-1", "version": "&versions=v1"}
    for name in list(filters):
        filters["chatbot" if name == "none" else name + ", chatbot"] = filters[name] + "&experiment={chatbot}"
    filters["tag, version"] = filters["tag"] + filters["version"]
    for name, query in filters.items():
        for kind in ("first page with count", "page behind a cursor"):
            targets = {}
            for target in (small, large):
                key, chatbot = open(target.chatbots).readline().split()
                full = query.format(chatbot=chatbot)
                path = f"/api/sessions/?page_size=25{full}" if kind.startswith("first") else page_behind(target, key, full, 0.5)
                if path:
                    targets[target.name] = only(target, "pages", [(key, path)])
            if len(targets) < 2:
                rows.append((name, kind, "", "", "hardly anything matches"))
                continue
            found = medians_of(lambda target: bench.measure(target, "path", 8, chosen.seconds), targets, chosen.rounds)
            rows.append((name, kind, f"{found['small']['both_cpu']:.4f}", f"{found['large']['both_cpu']:.4f}",
                         f"{found['large']['both_cpu'] / found['small']['both_cpu']:.2f}"))
    print_table(f"CPU-seconds per 1,000, a team of 1,000 sessions and of {10_000 * chosen.scale}", ("filter", "what", "small", "large", "ratio"), rows)


def neighbours(place):
    chosen, target = place.chosen, place.serve("parley", "teams=50,sessions=4000,messages=10")
    key, chatbot = open(target.chatbots).readline().split()
    messages = [{"role": "user" if i % 2 else "assistant", "content": f"Message {i}. " + "x" * 200} for i in range(5000)]
    request = urllib.request.Request(target.base + "/api/sessions/", json.dumps({"experiment": chatbot, "participant": "long", "messages": messages}).encode(),
                                     {"X-api-key": key, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        long_path = f"/api/sessions/{json.load(answer)['id']}/"

    def measure(with_long):
        stop, read = threading.Event(), []

        def reader():
            connection = http.client.HTTPConnection(urllib.parse.urlsplit(target.base).netloc, timeout=60)
            while not stop.wait(0.1):
                connection.request("GET", long_path, headers={"X-api-key": key})
                read.append(connection.getresponse().read().count(b'"role":'))  # To parse it would cost what is measured here.

        readers = [threading.Thread(target=reader) for _ in range(2 if with_long else 0)]
        for one in readers:
            one.start()
        figures = arrive(place, target, "session_retrieve", 1000, 64, chosen.seconds)
        stop.set()
        for one in readers:
            one.join()
        if any(count != 5000 for count in read):
            raise RuntimeError("a transcript was not whole")
        return dict(figures, long_per_second=len(read) / chosen.seconds, memory_mib=bench.cpu_and_memory(target.pid)[1] / 1024)

    found = medians_of(measure, {"alone": False, "beside 20 readings a second of 5,000 messages": True}, chosen.rounds)
    print_table("1,000 retrieves a second of short sessions", ("how", "p50 ms", "p99 ms", "long transcripts/s", "service MiB"),
                [(how, f"{m['p50_ms']:.2f}", f"{m['p99_ms']:.2f}", f"{m['long_per_second']:.1f}", f"{m['memory_mib']:.0f}") for how, m in found.items()])


def checkpoint(place):
    chosen, target = place.chosen, place.serve("parley", "teams=50,sessions=4000,messages=10")

    def measure(with_checkpoint):
        timer = threading.Timer(chosen.seconds * 0.4, lambda: place.postgres.run("checkpoint"))
        if with_checkpoint:
            timer.start()
        figures = arrive(place, target, "session_update_state", 1000, 64, chosen.seconds)
        if with_checkpoint:
            timer.join()
        return figures

    found = medians_of(measure, {"calm": False, "with a checkpoint": True}, chosen.rounds)
    print_table("1,000 update_state a second", ("how", "p50 ms", "p99 ms", "max ms"),
                [(how, f"{m['p50_ms']:.2f}", f"{m['p99_ms']:.2f}", f"{m['max_ms']:.1f}") for how, m in found.items()])


STUDIES = {study.__name__: study for study in (arrivals, connections, growth, team, neighbours, checkpoint)}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--study", choices=sorted(STUDIES), required=True)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--scale", type=int, default=10)
    options.add_argument("--peer", action="append", default=[])
    options.add_argument("--parleyd", default="")
    options.add_argument("--binaries", default=bench.ROOT + "/build/release")
    chosen = options.parse_args()
    print(bench.machine())
    with contextlib.ExitStack() as leaving:
        place = Place(chosen)
        leaving.callback(place.end)
        STUDIES[chosen.study](place)


if __name__ == "__main__":
    sys.exit(main())
