#!/usr/bin/env python3
"""Goal: every profile of loadtest/k6, run by k6 itself, does what it says; and its verdict is no where the service is slow or refuses.

Method: loadtest/k6/run.sh, once with a service that it starts and then against two replicas behind HAProxy, with long profiles shortened. The guards: a
connection that delays every answer by 300 ms, a key that is revoked while the load runs, a key that never was. k6 is made by Go; where it cannot be had, the
drill is skipped.
"""
import asyncio
import json
import os
import subprocess
import threading
import time
import urllib.parse

from stage import BUILD, ROOT, Skipped, Stack, expect, free_port, run_drill, say

RUN = ROOT + "/loadtest/k6/run.sh"
REPORTS = ROOT + "/build/k6"
OPERATIONS = ("session_retrieve", "session_list", "session_create", "session_update_state", "session_add_tags", "session_remove_tags",
              "session_end_experiment_session", "session_append_messages", "chat_start", "chat_message", "chat_poll", "oauth_token", "oauth_introspect",
              "oauth_userinfo")
CREDENTIALS = ("key", "bearer", "machine", "person")
MISSED = 99  # k6's exit code where a threshold was missed.
RATE = "40"  # What the profiles are built around: k6, replicas, HAProxy and PostgreSQL share two cores here.


class Run:
    """A run of k6: its exit code and its summary."""

    def __init__(self, name, profile, where=(), seconds=300, **settings):
        folder = f"{REPORTS}/{name}"
        done = subprocess.run([RUN, profile, *where], env={**os.environ, "REPORT": folder, **settings}, capture_output=True, text=True, timeout=seconds)
        self.code, self.said = done.returncode, done.stdout + done.stderr
        self.name, self.metrics = name, {}
        if os.path.exists(folder + "/summary.json"):
            with open(folder + "/summary.json") as file:
                self.metrics = json.load(file)["metrics"]
        for line in done.stdout.splitlines():
            say(f"  {name}: {line}" if not line.startswith(name) else "  " + line)

    def count(self, metric):
        return self.metrics.get(metric, {}).get("values", {}).get("count", 0)

    def missed(self):
        return [name for name, metric in self.metrics.items() for result in metric.get("thresholds", {}).values() if not result["ok"]]

    def expect_held(self):
        if self.code not in (0, MISSED):
            say(self.said)
        expect(self.code == 0 and not self.missed(), f"{self.name}: every objective is held, k6's exit code is 0")

    def is_slow_only(self):
        """Nothing failed, but it took longer than wanted: the machine may have been busy with other things."""
        return self.code == MISSED and all(name.startswith(("http_req_duration", "dropped_iterations")) for name in self.missed())


def expect_held(name, *where, **settings):
    """The profile's objectives are held, at the second attempt at the latest where the first one was only slow."""
    run = Run(name, name, where, **settings)
    if run.is_slow_only():
        say(f"{name}: too slow ({', '.join(run.missed())}); the load of the machine is {os.getloadavg()[0]:.1f}. Once more")
        run = Run(name, name, where, **settings)
    run.expect_held()

def accounts_of(stack):
    """The file of accounts for the stack's teams."""
    keys, path = stack.folder + "/keys", stack.folder + "/accounts.json"
    with open(keys, "w") as file:
        file.write("\n".join(stack.keys) + "\n")
    with open(path, "w") as file:
        subprocess.run([ROOT + "/loadtest/k6/accounts.sh", keys, "synthetic-1", "synthetic-2"], check=True, stdout=file, stderr=subprocess.DEVNULL,
                       env={**os.environ, "PARLEY_DATABASE_URL": stack.database, "PARLEY": BUILD + "/parley"})
    return path


class Delay:
    """A door to an address that keeps every answer back for a while. A context manager; its value is the URL."""

    def __init__(self, url, seconds):
        self.to, self.seconds, self.port = urllib.parse.urlsplit(url), seconds, free_port()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)

    def __enter__(self):
        self.thread.start()
        asyncio.run_coroutine_threadsafe(asyncio.start_server(self.serve, "127.0.0.1", self.port), self.loop).result(10)
        return f"http://127.0.0.1:{self.port}"

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    async def serve(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection(self.to.hostname, self.to.port)
        await asyncio.gather(self.carry(reader, far_writer, 0), self.carry(far_reader, writer, self.seconds), return_exceptions=True)

    async def carry(self, reader, writer, seconds):
        while data := await reader.read(65536):
            await asyncio.sleep(seconds)
            writer.write(data)
            await writer.drain()
        writer.close()


def check_profiles(url, accounts):
    smoke = Run("smoke-behind-proxy", "smoke", (url, accounts), SHOW="1")
    smoke.expect_held()
    counts = {name: smoke.count("latency_" + name) for name in OPERATIONS}
    expect(min(counts.values()) >= 2, f"each of {len(counts)} operations was asked: {counts}")
    used = {name: smoke.count("used_" + name) for name in CREDENTIALS}
    expect(min(used.values()) >= 16, f"with each credential: {used}")
    for name, shorten in (("load", "10"), ("stress", "15"), ("spike", "3"), ("soak", "240")):
        expect_held(name, url, accounts, SHORTEN=shorten, RATE=RATE)
    end = Run("breakpoint", "breakpoint", (url, accounts), SHORTEN="15", RATE=RATE)
    expect(end.code == MISSED and end.missed(), f"breakpoint: it ends where an objective is missed ({', '.join(end.missed())}), exit code {end.code}")
    sent = end.metrics["http_reqs"]["values"]["count"]
    expect(sent > 1000, f"breakpoint: after {sent} requests; its report says at which rate")


def check_guards(stack, url, accounts):
    with Delay(url, 0.3) as slow:
        run = Run("delayed", "load", (slow, accounts), SHORTEN="30", RATE="20")
    expect(run.code == MISSED and any(name.startswith("http_req_duration") for name in run.missed()), "a delay of 300 ms is a missed objective, exit code 99")

    with open(accounts) as file:
        given = json.load(file)
    path = stack.folder + "/wrong.json"
    with open(path, "w") as file:
        json.dump({**given, "keys": ["wrong" + given["keys"][0]]}, file)
    run = Run("wrong-key", "smoke", (url, path))
    expect(run.code not in (0, MISSED) and "the list of a key's team: 401" in run.said, f"a wrong key ends the run before it begins, exit code {run.code}")

    revoke = threading.Timer(8, lambda: stack.parley("key", "revoke", given["keys"][0]))
    revoke.start()
    run = Run("revoked-key", "load", (url, accounts), SHORTEN="20", RATE=RATE)
    revoke.join()
    expect(run.code == MISSED and any(name.startswith("checks") for name in run.missed()), "a key that is revoked meanwhile is a missed objective, exit code 99")


def drill():
    tool = subprocess.run([RUN, "--install"], capture_output=True, text=True)
    if tool.returncode == 3:
        raise Skipped(tool.stderr.strip().splitlines()[-1])
    expect(tool.returncode == 0, "k6 is there: " + tool.stdout.strip().replace(ROOT + "/", ""))
    began = time.monotonic()
    Run("smoke", "smoke").expect_held()
    say(f"one command with a service of its own: {time.monotonic() - began:.0f} s")
    with Stack(replicas=2, settings=["--rate-limit-enforce", "false"]) as stack:
        stack.load("teams=6,sessions=2000,messages=10")
        accounts = accounts_of(stack)
        check_profiles(stack.where["API"], accounts)
        check_guards(stack, stack.where["API"], accounts)
    for name in ("smoke", "load", "stress", "spike", "soak", "breakpoint"):
        expect(all(os.path.getsize(f"{REPORTS}/{name}/{file}") > 500 for file in ("report.md", "requests.svg", "latency.svg", "summary.json")),
               f"{name}: a report with plots in build/k6/{name}")


run_drill(drill)
