#!/usr/bin/env python3
"""Goal: three replicas behind HAProxy on one PostgreSQL are one service: replicas come and go without an error, limits and revocations hold for all.

Method: the whole stack under load through HAProxy. Each replica in turn is stopped by SIGTERM, as a rolling update does, and started again on its
ports; then one is killed. A team's limit is used up on all replicas at once, and a revoked key is tried on each.
"""
import http.client
import re
import signal
import threading
import time
import urllib.parse

from stage import Callers, Failed, Stack, ask, expect, replicas_of, run_drill, say

REPLICAS = (1, 2, 3)
LIMIT = 300


def roll(stack, replicas):
    with Callers(stack.where["API"], stack.keys[:2], threads=6, pause=0.01) as callers:
        for replica in replicas:
            time.sleep(1)
            replica.end(signal.SIGTERM)
            replica.start()
        time.sleep(1)
    say(f"answers during the rolling update: {dict(sorted(callers.statuses.items()))}, slowest {callers.slowest * 1000:.0f} ms, broken {callers.broken}")
    total = sum(callers.statuses.values())
    expect(total > 500 and set(callers.statuses) <= {200, 201, 204} and not callers.broken, f"{total} requests and not one error while all replicas were replaced")


def kill_one(stack, replica):
    with Callers(stack.where["API"], stack.keys[:2], threads=6, pause=0.01) as callers:
        time.sleep(1)
        replica.end(signal.SIGKILL)
        time.sleep(5)
        before = dict(callers.statuses)
        time.sleep(3)
        errors = {status: count - before.get(status, 0) for status, count in callers.statuses.items() if status >= 500}
    say(f"answers around the kill: {dict(sorted(callers.statuses.items()))}, broken {len(callers.broken)}")
    expect(not any(errors.values()), "five seconds after a replica was killed there is no error left")
    replica.start()


def use_up_a_limit(stack, slug, key):
    """Callers at every replica directly, about 300 requests a second in all: together they get the limit and what replicas take in between exchanges."""
    stack.parley("team", "set-limit", slug, f"{LIMIT}/5m")
    time.sleep(1)
    admitted, lock = [0], threading.Lock()

    def call(base):
        address = urllib.parse.urlsplit(base)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=15)
        for _ in range(LIMIT):
            connection.request("GET", "/api/sessions/?page_size=1", headers={"X-api-key": key})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                with lock:
                    admitted[0] += 1
            time.sleep(0.01)
        connection.close()

    began = time.monotonic()
    threads = [threading.Thread(target=call, args=(stack.where[f"REPLICA_{number}"],)) for number in REPLICAS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    took = time.monotonic() - began
    # What can be admitted while replicas do not know of each other's last requests: exchanges are 100 ms apart, and take a moment.
    error = LIMIT * len(REPLICAS) / took * 0.25
    say(f"{LIMIT * len(REPLICAS)} requests in {took:.1f} s, {admitted[0]} admitted, limit {LIMIT}, allowed error {error:.0f}")
    expect(LIMIT <= admitted[0] <= LIMIT + error, "three replicas share the limit of a team")


def revoke(stack):
    """A key in the caches of all replicas opens nothing a second after it was revoked."""
    keys = stack.parley("key", "list", "--json")
    team, user = re.search(r'"team": ?"(synthetic-2)","user": ?"([^"]+)"', keys).groups()
    key = stack.parley("key", "create", "--team", team, "--user", user, "--name", "short").split()[-1]
    for number in REPLICAS:
        for _ in range(6):
            if ask(stack.where[f"REPLICA_{number}"], "GET", "/api/sessions/", key)[0] != 200:
                raise Failed("the new key opens nothing")
    stack.parley("key", "revoke", "short", "--team", team)
    time.sleep(1)
    statuses = [ask(stack.where[f"REPLICA_{number}"], "GET", "/api/sessions/", key)[0] for number in REPLICAS for _ in range(6)]
    expect(set(statuses) == {401}, "a second after its revocation a key opens nothing on any replica")


def drill():
    with Stack(replicas=len(REPLICAS)) as stack:
        stack.load("teams=3,sessions=200,messages=4,chatbots=2,tags=10")
        slugs = stack.lift_limits()
        with replicas_of(stack) as replicas:
            expect(ask(stack.where["API"], "GET", "/api/sessions/", stack.keys[0])[0] == 200, "a request goes through HAProxy, and Prometheus sees all replicas up")
            roll(stack, replicas)
            kill_one(stack, replicas[0])
            revoke(stack)
            use_up_a_limit(stack, slugs[2], stack.keys[2])  # Of a team that has asked for nothing yet.


run_drill(drill)
