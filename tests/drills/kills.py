#!/usr/bin/env python3
"""Goal: a process may end at any moment. What was acknowledged is there, a create sent again under its Idempotency-Key exists exactly once, nothing is
left behind, and the next start serves.

Method: many clients, and SIGKILL at random moments. First the service alone, on a PostgreSQL of the drill's own. Then the service with its private
PostgreSQL: the whole process tree, or the service alone, also while it starts.

    tests/drills/kills.py [--service N] [--trees N] [--seed N] [--quick]
"""
import asyncio
import contextlib
import glob
import os
import random
import signal
import subprocess
import time

from history import History, chatbots_of, make_world, stored_rows
from servers import PostgresServer, Service, as_postgres, children_of, start_process
from stage import BUILD, QUICK, UNHURRIED, Failed, expect, parse_options, patiently, run_drill, say, scratch_folder

ORPHAN_SECONDS_MAX = patiently(20)


def processes_in(folder):
    """Who has this folder, or one in it, as the working directory."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{name}/cwd").startswith(folder):
                found.append(int(name))
    return found


async def kill_and_start(service, history, kill, dice, number):
    """One kill in the middle of the load; afterwards every create that can be sent again is."""
    await asyncio.sleep(dice.uniform(0.1, 1.0))
    history.calm.clear()
    kill(service)
    seconds = await asyncio.to_thread(service.start, 60)
    history.calm.set()
    await asyncio.wait_for(asyncio.gather(*history.retries), patiently(60))
    history.retries.clear()
    if number % 10 == 0:
        say(f"{number} kills, {history.total()} calls; the last start took {seconds:.2f} s")
    return seconds


async def under_load(service, kill, kills, dice, clients, stored):
    keys = await asyncio.to_thread(make_world, service)
    history = History(service.port, keys, await chatbots_of(service.port, keys), clients=clients, may_break=True, pace=0.004, retries_must_succeed=True)
    load = asyncio.create_task(history.run())
    starts = [await kill_and_start(service, history, kill, dice, number) for number in range(1, kills + 1)]
    await asyncio.sleep(1)
    history.over = True
    await asyncio.wait_for(load, patiently(60))
    rows = await asyncio.to_thread(stored_rows, stored)
    history.settle(rows)
    say(f"starts took up to {max(starts):.2f} s")
    return history


def kill_service(service):
    service.kill()


def service_alone(folder, kills, dice):
    server = PostgresServer(folder + "/pg", ["log_min_messages = fatal"])
    server.create()
    server.start()
    server.make_database()
    service = Service(server.url(), UNHURRIED, folder)
    try:
        service.start()
        history = asyncio.run(under_load(service, kill_service, kills, dice, 24, lambda text: server.sql(text, "parley")))
        expect(not history.violations, f"the service killed {kills} times under load, {history.total()} calls: what was acknowledged is there once, and each of {sum(history.retried.values())} "
               "creates that were sent again under their Idempotency-Key exists exactly once")
    finally:
        service.kill()
        server.stop("immediate")


class TreeKiller:
    """Kills the service and its PostgreSQL, or the service alone, or a start half-way."""

    def __init__(self, data, dice):
        self.data, self.dice, self.kinds, self.orphan_seconds = data, dice, {}, 0.0

    def __call__(self, service):
        kinds = ("whole tree", "service alone", "start")
        # The short form has each of them.
        kind = kinds[sum(self.kinds.values()) % 3] if QUICK else self.dice.choices(kinds, (6, 2, 2))[0]
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.kill(service, alone=kind == "service alone")
        if kind == "start":
            with open(service.log_path, "ab") as log:
                service.process = start_process(service.command(), stdout=subprocess.PIPE, stderr=log)
            time.sleep(self.dice.uniform(0.01, 0.6))
            self.kill(service, alone=False)
        self.wait_for_orphans()

    @staticmethod
    def kill(service, alone):
        tree = [] if alone else children_of(service.pid)
        # The service first: it would start its PostgreSQL anew.
        for pid in (service.pid, *tree):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        service.process.wait(30)

    def wait_for_orphans(self):
        """A server whose service was killed leaves by itself."""
        began = time.monotonic()
        while processes_in(self.data):
            if time.monotonic() - began > ORPHAN_SECONDS_MAX:
                raise Failed(f"PostgreSQL goes on without its service: {processes_in(self.data)}")
            time.sleep(0.02)
        self.orphan_seconds = max(self.orphan_seconds, time.monotonic() - began)


def private_database(folder, kills, dice):
    data = folder + "/data"
    service = Service("", ["--data-dir", data, *UNHURRIED], folder)
    killer = TreeKiller(data, dice)

    def ask(text):
        sockets = os.path.dirname(glob.glob(data + "/**/.s.PGSQL.5432", recursive=True)[0])
        return subprocess.run(as_postgres(["psql", "-XAtq", "-h", sockets, "-U", "parley", "-d", "postgres", "-c", text]), check=True, capture_output=True, text=True).stdout

    try:
        service.start(60)
        history = asyncio.run(under_load(service, killer, kills, dice, 12, ask))
        say(f"kills: {killer.kinds}; a server left alone was gone after {killer.orphan_seconds:.2f} s at the latest")
        expect(not history.violations, f"{kills} kills of the service with its PostgreSQL, {history.total()} calls: no acknowledged row is lost or doubled, every start served, no server was left")
        refuse_a_second(service, data, folder)
        code, seconds = service.stop()
        expect(code == 0 and not processes_in(data), f"SIGTERM ends both with exit code 0 in {seconds:.1f} s, and nothing of them is left")
    finally:
        service.kill()
        for pid in processes_in(data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def refuse_a_second(service, data, folder):
    try:
        second = subprocess.run([BUILD + "/parleyd", "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--data-dir", data], capture_output=True, text=True, timeout=patiently(60), cwd=folder)
    except subprocess.TimeoutExpired as lasted:
        raise Failed(f"a second instance on the same folder is not refused: {lasted.stderr}") from lasted
    said = second.stderr.strip().splitlines()[-1] if second.stderr.strip() else ""
    expect(second.returncode != 0 and f"in use by process {service.pid}" in said, f"a second instance on the same folder leaves with exit code {second.returncode}: {said[-160:]}")
    expect(service.admin("/readyz") == 200, "the first one goes on serving")


def drill():
    options = parse_options(service=4 if QUICK else 50, trees=3 if QUICK else 100, seed=1 if QUICK else random.randrange(1 << 30))
    say(f"seed {options.seed}")
    with scratch_folder() as folder:
        if options.service:
            service_alone(folder, options.service, random.Random(options.seed))
        if options.trees:
            private_database(folder, options.trees, random.Random(options.seed + 1))


run_drill(drill, has_quick_form=True)
