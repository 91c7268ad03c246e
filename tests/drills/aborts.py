#!/usr/bin/env python3
"""Goal: a hundred thousand connections that clients abort at any byte leave nothing behind: no descriptor, no connection to the database, no memory.

Method: valid requests of every kind (without and with a body, by length and in chunks, pipelined, of all sizes of answers) are cut at a random byte and
the connection is ended by a reset or by a close; some are sent whole and ended while the answer is written or is on its way. What the process holds is compared
with what it held after a tenth of that, when caches and allocators were warm. Then the service has to answer as before.
"""
import json
import multiprocessing
import os
import random
import socket
import struct
import subprocess
import time

from stage import QUICK, Service, ask, expect, expect_memory, patiently, run_drill, say, wait_until

CONNECTIONS = int(os.environ.get("PARLEY_ABORTS", "2000" if QUICK else "100000"))
WORKERS = 2
MEMORY_SLACK_KIB = 8 * 1024  # What allocators may keep of the largest moment.


def chunked(body):
    pieces, place = b"", 0
    dice = random.Random(len(body))
    while place < len(body):
        piece = body[place:place + dice.randrange(1, 40)]
        pieces += b"%x\r\n%s\r\n" % (len(piece), piece)
        place += len(piece)
    return pieces + b"0\r\nX-Trailer: x\r\n\r\n"


def requests_of(service):
    """Valid requests: what a client that goes away may have been about to say."""
    key = service.keys[0]
    row = json.loads(ask(service.base, "GET", "/api/sessions/?page_size=1", key)[1])["results"][0]

    def request(method, path, body=None, in_chunks=False, kind="application/json"):
        head = f"{method} {path} HTTP/1.1\r\nHost: parley.test\r\nX-api-key: {key}\r\n"
        if body is None:
            return (head + "\r\n").encode()
        head += f"Content-Type: {kind}\r\n"
        if in_chunks:
            return (head + "Transfer-Encoding: chunked\r\n\r\n").encode() + chunked(body)
        return (head + f"Content-Length: {len(body)}\r\n\r\n").encode() + body

    create = json.dumps({"experiment": row["experiment"]["id"], "participant": "gone@example.org", "messages": [{"role": "user", "content": "x" * 300}]}).encode()
    large = json.dumps({"state": {"text": "y" * 60000}}).encode()
    path = f"/api/sessions/{row['id']}/"
    all_kinds = [request("GET", path), request("GET", "/api/sessions/?page_size=50"), request("GET", "/api/schema/"), request("GET", "/nowhere/"),
                 request("POST", "/api/sessions/", create), request("POST", "/api/sessions/", create, in_chunks=True), request("PATCH", path + "update_state/", large),
                 request("PATCH", path + "update_state/", large, in_chunks=True), request("POST", path + "tags/", b'{"tags": ["a"]}'),
                 request("POST", "/o/token/", b"grant_type=client_credentials&client_id=a&client_secret=b", kind="application/x-www-form-urlencoded")]
    return all_kinds + [request("GET", path) * 8, request("POST", path + "tags/", b'{"tags": ["a"]}', in_chunks=True) * 4]


def abort_one(dice, port, requests, number):
    """What became of it, in a word."""
    request = dice.choice(requests)
    how = dice.random()
    whole = how < 0.2
    end = len(request) if whole else dice.randrange(len(request))
    with socket.socket() as client:
        # Closed connections keep their port for a minute: many addresses, so that there are enough.
        client.bind((f"127.0.{1 + number % 50}.{1 + dice.randrange(200)}", 0))
        client.settimeout(patiently(10))
        if whole:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)  # So that a large answer is still being written.
        client.connect(("127.0.0.1", port))
        client.sendall(request[:end])
        if how < 0.1:
            client.recv(dice.randrange(1, 2000))
        if how > 0.9:
            time.sleep(dice.random() * 0.005)  # Until the service waits for the rest.
        if dice.random() < 0.5:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # A reset.
            return "reset"
        return "closed"


def abort_many(seed, port, requests, count, counts):
    dice = random.Random(seed)
    seen = {}
    for number in range(count):
        try:
            word = abort_one(dice, port, requests, number)
        except OSError as error:
            word = type(error).__name__
        seen[word] = seen.get(word, 0) + 1
    counts.put(seen)


def abort(service, requests, count, seed):
    counts = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=abort_many, args=(seed + number, service.port, requests, count // WORKERS, counts)) for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    total = {}
    for _ in workers:
        for word, seen in counts.get(timeout=540).items():
            total[word] = total.get(word, 0) + seen
    for worker in workers:
        worker.join(30)
    return total


def database_connections(service):
    """Those that serve us; what PostgreSQL runs for itself (autovacuum, checkpoints) comes and goes."""
    with open(service.folder + "/data/pg/postmaster.pid" if os.path.exists(service.folder + "/data/pg/postmaster.pid") else find_postmaster(service)) as lines:
        postmaster = lines.readline().strip()
    names = subprocess.run(["ps", "--ppid", postmaster, "-o", "args="], capture_output=True, text=True).stdout.splitlines()
    return sum(1 for name in names if name.startswith("postgres: parley "))


def find_postmaster(service):
    for folder, _, files in os.walk(service.folder + "/data"):
        if "postmaster.pid" in files:
            return folder + "/postmaster.pid"
    raise FileNotFoundError("postmaster.pid")


def held(service, before=None):
    """What it had before is waited for, if that is known: the last connections may still be about to end."""
    wait_until(lambda: service.metric("parley_http_connections_open") <= 1, 60, "connections stay open")
    time.sleep(2)
    end = time.monotonic() + patiently(10)
    while before and service.descriptors() > before["descriptors"] and time.monotonic() < end:
        time.sleep(0.2)
    return {"descriptors": service.descriptors(), "database connections": database_connections(service), "resident KiB": service.resident_kib()}


def drill():
    settings = ["--rate-limit-api", "1000000000/5m", "--rate-limit-credentials", "1000000000/5m", "--log-level", "warning"]
    with Service(settings, "teams=1,sessions=200,messages=10", parleyd=os.environ.get("PARLEYD")) as service:  # PARLEYD: a broken build, to see the drill fail.
        requests = requests_of(service)
        expect(ask(service.base, "GET", "/api/sessions/", service.keys[0])[0] == 200, "the service answers")
        abort(service, requests, CONNECTIONS // 10, 1)
        before = held(service)
        say(f"after {CONNECTIONS // 10} aborted connections: {before}")
        seen = abort(service, requests, CONNECTIONS, 1000)
        after = held(service, before)
        say(f"after {sum(seen.values())} more ({seen}): {after}")
        expect(seen.get("reset", 0) + seen.get("closed", 0) > 0.95 * CONNECTIONS, f"{CONNECTIONS} connections were opened and aborted")
        expect(after["descriptors"] <= before["descriptors"], "no descriptor is left over")
        expect(after["database connections"] <= before["database connections"], "no connection to the database is left over")
        expect_memory(after["resident KiB"] <= before["resident KiB"] + MEMORY_SLACK_KIB, f"memory is at its baseline ({after['resident KiB'] - before['resident KiB']:+d} KiB)")
        statuses = {ask(service.base, "GET", "/api/sessions/", service.keys[0])[0] for _ in range(50)}
        expect(statuses == {200}, "the service answers as before")


run_drill(drill, has_quick_form=True)
