#!/usr/bin/env python3
"""Goal: a rolling restart costs no request. A replica that gets SIGTERM says at once that it is not ready, finishes what is in flight, and leaves with
exit code 0 in time.

Method: three replicas behind HAProxy, requests that arrive at a fixed rate whatever becomes of the earlier ones (an open model), and all replicas
replaced one after another, round after round. At each SIGTERM a create whose body is still on its way is in flight.

    tests/drills/rolling.py [--rounds N] [--rate N] [--quick]
"""
import asyncio
import collections
import json
import os
import random
import signal
import time
import urllib.parse

from history import Broken, Caller, chatbots_of
from stage import QUICK, Failed, Stack, expect, get, parse_options, patiently, replicas_of, run_drill, say

REPLICAS = 2 if QUICK else 3
IN_FLIGHT_MAX = 2000
# HAProxy needs a second of failing checks to take a replica out (deploy/stack.sh), and more on a busy machine.
PAUSE_SECONDS = 5.0 if QUICK else 2.0
# HAProxy closes a connection that is idle for a minute: one that may be about to be closed is not used any more.
IDLE_SECONDS_MAX = 20.0
# And what a busy machine takes for the rest.
END_SECONDS_MAX = 60.0 if QUICK else PAUSE_SECONDS + 5.0
NOT_READY_SECONDS_MAX = 60.0 if QUICK else 1.0


def port_of(url):
    return urllib.parse.urlsplit(url).port


class OpenLoad:
    """Arrivals at a fixed rate; every request has an outcome."""

    def __init__(self, port, keys, experiments, rate):
        self.port, self.keys, self.experiments, self.rate = port, keys, experiments, rate
        self.idle = [[] for _ in keys]  # Connections that wait for work, of each key.
        self.statuses, self.failed, self.latencies = collections.Counter(), [], []
        self.known = [[] for _ in keys]
        self.in_flight, self.over, self.dice = 0, False, random.Random(7)

    async def run(self):
        tasks, due = set(), time.monotonic()
        while not self.over:
            due += 1 / self.rate
            if (ahead := due - time.monotonic()) > 0:
                await asyncio.sleep(ahead)
            if self.in_flight >= IN_FLIGHT_MAX:
                self.failed.append("too many requests in flight: none of them comes back")
                continue
            self.in_flight += 1
            task = asyncio.create_task(self.one(due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)

    def take(self, which):
        """The connection that was used last, or a new one."""
        if self.idle[which]:
            since, caller = self.idle[which].pop()
            if time.monotonic() - since > IDLE_SECONDS_MAX:
                caller.close()
            return caller
        return Caller(self.port, self.keys[which])

    def choose(self, which):
        chance = self.dice.random()
        if chance < 0.3 or not self.known[which]:
            return "POST", "/api/sessions/", {"experiment": self.experiments[which], "state": {"n": 0}}
        session = self.dice.choice(self.known[which][-500:])
        if chance < 0.6:
            return "GET", f"/api/sessions/{session}/", None
        if chance < 0.8:
            return "PATCH", f"/api/sessions/{session}/update_state/", {"state": {"n": self.dice.randrange(1000)}}
        if chance < 0.9:
            return "POST", f"/api/sessions/{session}/tags/", {"tags": ["rolling"]}
        return "GET", "/api/sessions/?page_size=10", None

    async def one(self, due):
        which = self.dice.randrange(len(self.keys))
        caller = self.take(which)
        method, path, body = self.choose(which)
        try:
            answer = await caller.call(method, path, body, timeout=patiently(30))
            self.statuses[answer.status] += 1
            self.latencies.append(time.monotonic() - due)
            if answer.status >= 300:
                self.failed.append(f"{method} {path}: {answer.status} {answer.body[:100]!r}")
            elif answer.status == 201 and path == "/api/sessions/":
                self.known[which].append(answer.json()["id"])
        except Broken as error:
            self.failed.append(f"{method} {path}: no answer: {error}")
        finally:
            self.in_flight -= 1
        self.idle[which].append((time.monotonic(), caller))


async def end_in_order(replica, key, experiment):
    """SIGTERM with a create half-way in; returns (seconds until not ready, seconds until the end)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(replica.url))
    body = json.dumps({"experiment": experiment, "state": {"in": "flight"}}).encode()
    writer.write(f"POST /api/sessions/ HTTP/1.1\r\nHost: drill\r\nX-api-key: {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:20])
    await asyncio.sleep(0.1)
    began = time.monotonic()
    ended = asyncio.create_task(asyncio.to_thread(replica.end, signal.SIGTERM))
    not_ready = None
    while not_ready is None:
        if time.monotonic() - began > NOT_READY_SECONDS_MAX:
            raise Failed("a replica that is told to end still says that it is ready")
        try:
            await asyncio.to_thread(get, replica.admin + "/readyz")
            await asyncio.sleep(0.01)
        except OSError:  # Also a status that says no.
            not_ready = time.monotonic() - began
    await asyncio.sleep(PAUSE_SECONDS + 0.3)  # By now the port is closed, and only what is in flight is left.
    writer.write(body[20:])
    status = await asyncio.wait_for(reader.readline(), patiently(10))
    writer.close()
    if b" 201 " not in status:
        raise Failed(f"what was in flight at SIGTERM was answered {status!r}")
    code = await ended
    took = time.monotonic() - began
    # Of the replicas that deploy/stack.sh started the exit code is not ours to see.
    if replica.process and code != 0:
        raise Failed(f"a replica ended with exit code {code}")
    if took > END_SECONDS_MAX:
        raise Failed(f"a replica took {took:.1f} s to end")
    return not_ready, took


async def play(stack, replicas, options):
    port = port_of(stack.where["API"])
    keys = stack.keys[:2]
    experiments = await chatbots_of(port, keys)
    load = OpenLoad(port, keys, experiments, options.rate)
    running = asyncio.create_task(load.run())
    await asyncio.sleep(2)
    ends = []
    for number in range(1, options.rounds + 1):
        for replica in replicas:
            ends.append(await end_in_order(replica, keys[0], experiments[0]))
            await asyncio.to_thread(replica.start)
        say(f"round {number}: {sum(load.statuses.values())} requests so far, {len(load.failed)} failed {load.failed[:3]}")
    await asyncio.sleep(1)
    load.over = True
    await asyncio.wait_for(running, patiently(60))
    latencies = sorted(load.latencies)
    say(f"{dict(load.statuses)}; latency {latencies[len(latencies) // 2] * 1000:.0f} ms (median), {latencies[int(len(latencies) * 0.99)] * 1000:.0f} ms (p99), {latencies[-1] * 1000:.0f} ms (longest)")
    say(f"SIGTERM: not ready after at most {max(first for first, _ in ends) * 1000:.0f} ms, ended after {max(last for _, last in ends):.1f} s at the latest, of which {PAUSE_SECONDS:.0f} s are the pause")
    expect(len(ends) == options.rounds * len(replicas), f"{len(ends)} replicas were not ready at once after SIGTERM, finished what was in flight and left with exit code 0 in time")
    total = sum(load.statuses.values())
    expect(total > options.rate * options.rounds and not load.failed, f"{total} requests at {options.rate} a second through {options.rounds} rolling restarts, and {len(load.failed)} failed")


def drill():
    options = parse_options(rounds=1 if QUICK else 20, rate=20 if QUICK else 60)
    os.environ["no_proxy"] = "*"
    with Stack(replicas=REPLICAS, settings=["--drain-pause-ms", str(int(PAUSE_SECONDS * 1000))]) as stack:
        stack.load("teams=2,sessions=50,messages=2,chatbots=1,tags=5")
        stack.lift_limits()
        with replicas_of(stack, int(PAUSE_SECONDS * 1000)) as replicas:
            asyncio.run(play(stack, replicas, options))


run_drill(drill, has_quick_form=True)
