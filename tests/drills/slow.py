#!/usr/bin/env python3
"""Goal: four thousand clients that are slow on purpose cost little memory and do not slow a good client down.

Method: slowhttptest in its four modes at once: heads and bodies that come in drops, answers that are hardly read (four thousand connections that stay), heads with
many ranges (a thousand more, answered at once). The times that would end them are raised, so that they all stay. A good client asks for a session all the while; the 99th percentile of its
answers is held against the one measured just before, in several rounds, of which the median counts. Then the usual times are put back: all slow connections are gone
when these are over.
"""
import http.client
import json
import statistics
import subprocess
import time

from stage import QUICK, Failed, Service, ask_on, expect, expect_memory, patiently, run_drill, say, wait_until

ROUNDS = 1 if QUICK else 3
SECONDS = 2 if QUICK else 6
KIB_EACH_MAX = 48 if QUICK else 32  # A tenth of the connections bears more of what is there once.
# The short form holds a tenth of the connections, which everybody's limits allow.
SHARE = 10 if QUICK else 1
LIMIT = [] if QUICK else ["prlimit", "--nofile=20000:20000"]

# Connections, path, what slowhttptest is told. -i, -x: seconds between drops and bytes of each.
MODES = {
    "slow heads": (1300, "/api/sessions/", ["-H", "-i", "5", "-x", "24"]),
    # The body of this one is read before it is known who asks; elsewhere a stranger is refused at once.
    "slow bodies": (1300, "/o/token/", ["-B", "-i", "5", "-s", "8192", "-x", "10", "-f", "application/x-www-form-urlencoded"]),
    "slow readers": (1400, "/api/schema/", ["-X", "-w", "1", "-y", "16", "-n", "5", "-z", "1", "-k", "3"]),
    # Answered at once, since nothing here has ranges: they come and go and are not counted among those that stay.
    "many ranges": (1000, "/api/sessions/", ["-R", "-a", "10", "-b", "400"]),
}
HELD = 4000 // SHARE
HELD_SHARE = 0.9 if QUICK else 0.98


def start_slow(service):
    seconds = patiently(60)
    started = []
    for connections, path, arguments in MODES.values():
        connections //= SHARE
        command = ["setpriv", "--pdeathsig", "KILL", *LIMIT, "slowhttptest", *arguments, "-c", str(connections), "-r", str(connections // 2), "-l", str(seconds), "-p", "20",
                   "-u", service.base + path]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=service.folder))
    return started


def stop(processes):
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(patiently(30))


def good_client(service, path, seconds):
    """Times of the answers, in milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=patiently(20))
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        status, _ = ask_on(connection, "GET", path, service.keys[0])
        times.append((time.monotonic() - began) * 1000)
        if status != 200:
            raise Failed(f"the good client was answered {status}")
        time.sleep(0.001)
    connection.close()
    return times


def percentile(times, share):
    return sorted(times)[int((len(times) - 1) * share)]


def open_connections(service):
    return service.metric("parley_http_connections_open")


def measure_round(service, path, number):
    baseline = percentile(good_client(service, path, SECONDS), 0.99)
    memory, descriptors = service.resident_kib(), service.descriptors()
    slow = start_slow(service)
    try:
        most = wait_until(lambda: open_connections(service) >= HELD_SHARE * HELD and open_connections(service), 30, f"slow connections: only {open_connections(service):.0f}")
        times = good_client(service, path, SECONDS)
        kib_each = (service.resident_kib() - memory) / most
        held = min(most, open_connections(service))
    finally:
        stop(slow)
    loaded = percentile(times, 0.99)
    say(f"round {number}: {held:.0f} slow connections; good client's p99 {baseline:.2f} ms before, {loaded:.2f} ms beside them ({loaded / baseline:.2f} times); {kib_each:.1f} KiB each")
    wait_until(lambda: open_connections(service) <= 2, 30, "slow connections stay behind their clients")
    wait_until(lambda: service.descriptors() <= descriptors, 30, "slow connections leave descriptors behind")
    return loaded / baseline, kib_each, held


def stays_bounded():
    """With the usual kinds of bounds, though shorter ones, slow clients are told so and are gone."""
    with Service(["--connections-per-address-max", "0", "--rate-limit-credentials", "1000000/5m", "--head-timeout-ms", "3000", "--body-timeout-ms", "3000", "--write-timeout-ms", "3000",
                  "--idle-timeout-ms", "4000"], "teams=1,sessions=10,messages=2", command=LIMIT) as service:
        slow = start_slow(service)
        try:
            most = wait_until(lambda: open_connections(service) > 500 // SHARE and open_connections(service), 20, "no slow connections")
            wait_until(lambda: open_connections(service) <= 2, 30, "slow connections outlive their bounds")
            say(f"ok: at least {most:.0f} slow connections; all were ended by the bounds of time")
        finally:
            stop(slow)


def drill():
    hold = ["--connections-per-address-max", "0", "--rate-limit-api", "1000000000/5m", "--rate-limit-credentials", "1000000/5m", "--log-level", "warning"]
    hold += [word for name in ("head", "body", "idle", "write") for word in (f"--{name}-timeout-ms", "600000")]
    with Service(hold, "teams=1,sessions=100,messages=10", command=LIMIT) as service:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=patiently(20))
        path = f"/api/sessions/{json.loads(ask_on(connection, 'GET', '/api/sessions/?page_size=1', service.keys[0])[1])['results'][0]['id']}/"
        connection.close()
        good_client(service, path, 2)
        rounds = [measure_round(service, path, number + 1) for number in range(ROUNDS)]
    ratio = statistics.median(one[0] for one in rounds)
    # The first round: later ones find memory that the process has kept.
    kib_each, held = rounds[0][1], min(one[2] for one in rounds)
    expect(held >= HELD_SHARE * HELD, f"{held:.0f} slow connections were held at once")
    if not QUICK:
        expect(ratio <= 2, f"a good client's p99 stays within twice its baseline ({ratio:.2f} times, median of {ROUNDS} rounds)")
    expect_memory(kib_each < KIB_EACH_MAX, f"a slow connection costs less than {KIB_EACH_MAX} KiB ({kib_each:.1f})")
    stays_bounded()


run_drill(drill, has_quick_form=True)
