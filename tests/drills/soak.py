#!/usr/bin/env python3
"""Goal: nothing grows. Under load with faults the service's memory and descriptors stay where they are.

Method: clients that check every answer (history.py), others that leave in the middle of a request, and a fault every few seconds: connections to the
database cut, answers cut in the middle, backends terminated, the database restarted; now and then the service is restarted too. Once a second memory and
descriptors are noted. The rule: the line through the second half of each life of the process (least squares) rises by less than MEMORY_RISE_MIB over that
half, and descriptors by less than DESCRIPTORS_RISE. Seconds show no line: the short form holds what the process has at most against what it began with, and
descriptors after the load against those before it.

    tests/drills/soak.py [--minutes N] [--quick]
"""
import asyncio
import contextlib
import random
import time

from history import History, chatbots_of, make_world, stored_rows
from servers import Gate, PostgresServer, Service, Way, descriptors
from stage import QUICK, expect, expect_memory, parse_options, patiently, run_drill, say, scratch_folder
from watcher import Watcher

MEMORY_RISE_MIB = 8.0
MEMORY_GROWTH_MIB = 12  # In the short form: from the first moment on, when nothing is warm.
DESCRIPTORS_RISE = 8.0
FAULT_EVERY_SECONDS = 2 if QUICK else 8
FAULT_LASTS_SECONDS = 1 if QUICK else 3


def rise(samples):
    """Of the least-squares line through (when, value), from its first moment to its last."""
    count = len(samples)
    middle = sum(when for when, _ in samples) / count
    mean = sum(value for _, value in samples) / count
    spread = sum((when - middle) ** 2 for when, _ in samples)
    slope = sum((when - middle) * (value - mean) for when, value in samples) / spread
    return slope * (samples[-1][0] - samples[0][0])


async def leave_early(port, key, over):
    """Sends the beginning of a request and resets the connection; returns how many."""
    dice, count = random.Random(3), 0
    request = f"POST /api/sessions/ HTTP/1.1\r\nHost: drill\r\nX-api-key: {key}\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n".encode() + b'{"experiment": "0123456789", "state": {}}'
    while not over():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request[:dice.randrange(len(request) + 1)])
            await asyncio.sleep(dice.choice((0, 0.001, 0.02)))
            Gate.reset([writer])
            count += 1
        await asyncio.sleep(0.01)
    return count


async def cut(stage):
    stage["gate"].set(Way.REFUSE)
    await asyncio.sleep(0.5)
    stage["gate"].set(Way.OPEN)


async def cut_answers(stage):
    stage["gate"].set(Way.CUT)
    await asyncio.sleep(1)
    stage["gate"].set(Way.OPEN)


async def terminate(stage):
    await asyncio.to_thread(stage["server"].sql, "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'service'")


async def restart_database(stage):
    await asyncio.to_thread(stage["server"].stop, "fast")
    await asyncio.to_thread(stage["server"].start)


async def break_things(stage, history, watcher, until):
    faults, count = (cut, cut_answers, terminate, restart_database), 0
    while count < len(faults) or time.monotonic() + FAULT_EVERY_SECONDS < until:
        history.calm.clear()
        await faults[count % len(faults)](stage)
        count += 1
        watcher.expect_alive()
        await asyncio.sleep(FAULT_LASTS_SECONDS)
        history.calm.set()
        history.retries[:] = [task for task in history.retries if not task.done()]
        await asyncio.sleep(FAULT_EVERY_SECONDS - FAULT_LASTS_SECONDS)
    return count


def judge(watcher, began, ended):
    """One life of the process."""
    half = [(when, mebibytes, files) for when, mebibytes, files in watcher.samples if (began + ended) / 2 <= when <= ended - 1]
    memory, files = rise([(when, mebibytes) for when, mebibytes, _ in half]), rise([(when, count) for when, _, count in half])
    say(f"second half of {ended - began:.0f} s: memory {half[0][1]:.1f} to {half[-1][1]:.1f} MiB, the line rises by {memory:+.2f} MiB; descriptors {half[0][2]} to {half[-1][2]}, the line rises by {files:+.1f}")
    return memory, files


async def play(stage, minutes):
    service, server = stage["service"], stage["server"]
    await asyncio.to_thread(service.start)
    keys = await asyncio.to_thread(make_world, service)
    history = History(service.port, keys, await chatbots_of(service.port, keys), clients=24, pace=0.02, may_break=True)
    watcher, rises, growths, faults = Watcher(service), [], [], 0
    few = descriptors(service.pid) + DESCRIPTORS_RISE
    load, watch = asyncio.create_task(history.run()), asyncio.create_task(watcher.run())
    leavers = asyncio.create_task(leave_early(service.port, keys[0], lambda: history.over))
    lives = 2  # The service is restarted once, so that its own end and start are part of it.
    for life in range(lives):
        began = time.monotonic()
        faults += await break_things(stage, history, watcher, began + minutes * 60 / lives)
        if QUICK:
            memory = watcher.memory(began)
            growths.append(max(memory) - memory[0])
        else:
            rises.append(judge(watcher, began, time.monotonic()))
        if life + 1 < lives:
            watcher.paused = True
            history.calm.clear()
            code, seconds = await asyncio.to_thread(service.stop)
            expect(code == 0, f"SIGTERM under load ends it with exit code 0 (in {seconds:.1f} s)")
            await asyncio.to_thread(service.start)
            history.calm.set()
            watcher.paused = False
    history.over = watcher.over = True
    await asyncio.wait_for(asyncio.gather(load, watch), patiently(90))
    say(f"{faults} faults, {history.total()} calls, {await leavers} connections reset at random bytes")
    history.settle(await asyncio.to_thread(stored_rows, lambda text: server.sql(text, "parley")))
    end = time.monotonic() + patiently(10)
    while descriptors(service.pid) > few and time.monotonic() < end:
        await asyncio.sleep(0.1)
    expect(descriptors(service.pid) <= few, f"after the load it has {descriptors(service.pid)} descriptors, at most {DESCRIPTORS_RISE:.0f} more than before it")
    code, _ = await asyncio.to_thread(service.stop)
    expect(code == 0, "SIGTERM ends it with exit code 0")
    if QUICK:
        expect_memory(max(growths) < MEMORY_GROWTH_MIB, f"memory grows by less than {MEMORY_GROWTH_MIB} MiB in each life ({max(growths):.1f})")
    else:
        expect_memory(all(memory < MEMORY_RISE_MIB for memory, _ in rises), f"memory rises by less than {MEMORY_RISE_MIB} MiB over the second half of each life")
        expect(all(files < DESCRIPTORS_RISE for _, files in rises), f"descriptors rise by less than {DESCRIPTORS_RISE:.0f} over the second half of each life")
    expect(not history.violations, f"{history.total()} calls: nothing acknowledged was lost or doubled, no read went back")


async def with_gate(stage, minutes):
    async with stage["gate"]:
        try:
            await play(stage, minutes)
        finally:
            if stage["service"].process:
                stage["service"].kill()


def drill():
    options = parse_options(minutes=0.3 if QUICK else 10.0)
    with scratch_folder() as folder:
        server = PostgresServer(folder + "/pg", ["max_connections = 40", "log_min_messages = fatal"])
        try:
            server.create()
            server.start()
            server.make_database()
            gate = Gate(server.port)
            service = Service(server.url(port=gate.port), folder=folder)
            asyncio.run(with_gate({"server": server, "gate": gate, "service": service}, options.minutes))
        finally:
            server.stop("immediate")


run_drill(drill, has_quick_form=True)
