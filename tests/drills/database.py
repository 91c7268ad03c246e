#!/usr/bin/env python3
"""Goal: whatever happens to the database, nothing acknowledged is lost or doubled, callers are told at once, and service comes back by itself.

Method: at least 100,000 calls of many clients to one parleyd on a PostgreSQL of the drill's own, through faults of the network between the two (a gate)
and of the server. history.py holds every answer, and in the end everything stored, against the model.

    tests/drills/database.py [--calls N] [--only NAME[,NAME...]] [--rounds N] [--clients N] [--quick]
"""
import asyncio
import contextlib
import os
import signal
import time

from history import History, chatbots_of, make_world, stored_rows
from servers import Gate, Occupants, PostgresServer, Service, SmallDisk, Way
from stage import QUICK, Failed, expect, parse_options, patiently, run_drill, say, scratch_folder
from watcher import WITHIN, FaultVerdict, Watcher, served_again

# From the beginning of a fault on, callers may be kept waiting for so long until the service has noticed; afterwards they are told at once.
NOTICED_SECONDS = 6.0
# The longest and the 99th percentile, of callers that share two cores with the service, PostgreSQL and whatever else runs here.
AT_ONCE_SECONDS = 1.0
AT_ONCE_P99_SECONDS = 0.25
# How long most faults last, and which of them the short form has: those that need not last.
FAULT_SECONDS = 1 if QUICK else 4
HANG_SECONDS = 3.0 if QUICK else 12.0
QUICK_FAULTS = "gate_refuses,gate_hangs,gate_is_slow,gate_cuts_answers,too_many_connections,read_only,frozen_briefly,backends_terminated,backend_killed,postmaster_killed"


class Stage:
    """The server, the gate, the service and its clients."""

    def __init__(self, folder):
        self.folder = folder
        self.data, self.wal = SmallDisk(folder + "/data", 700), SmallDisk(folder + "/wal", 300)
        settings = ["max_connections = 30", "max_wal_size = 96MB", "min_wal_size = 80MB", "log_min_messages = fatal"]
        self.server = PostgresServer(folder + "/data/pg", settings, wal_folder=folder + "/wal/pg", log=folder + "/postgresql.log")
        self.gate = Gate(self.server.port)

    def close(self):
        with contextlib.suppress(OSError):
            self.server.signal_all(signal.SIGCONT)
        self.server.stop("immediate")
        self.data.close()
        self.wal.close()


# Each fault is a coroutine that breaks something, waits, and mends it. When it returns the database is on its way back.

async def gate_refuses(stage):
    stage.gate.set(Way.REFUSE)
    await asyncio.sleep(FAULT_SECONDS)
    stage.gate.set(Way.OPEN)


async def gate_hangs(stage, seconds=HANG_SECONDS):
    stage.gate.set(Way.HANG)
    await asyncio.sleep(seconds)
    stage.gate.set(Way.OPEN)


async def gate_hangs_long(stage):
    await gate_hangs(stage, 25)


async def gate_is_slow(stage):
    stage.gate.set(Way.SLOW)
    await asyncio.sleep(FAULT_SECONDS)
    stage.gate.set(Way.OPEN)


async def gate_cuts_answers(stage):
    before = stage.gate.cuts
    stage.gate.set(Way.CUT)
    await asyncio.sleep(FAULT_SECONDS)
    stage.gate.set(Way.OPEN)
    say(f"{stage.gate.cuts - before} answers of the database were cut in the middle")


async def too_many_connections(stage):
    occupants = Occupants(stage.server.port)
    mine = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'service'"
    taken = 0
    stage.gate.set(Way.REFUSE)
    await asyncio.sleep(0.2)
    try:
        await asyncio.to_thread(stage.server.sql, mine)
        taken = await asyncio.to_thread(occupants.occupy)
        stage.gate.set(Way.OPEN)
        await asyncio.sleep(FAULT_SECONDS)
    finally:
        occupants.leave()
    say(f"{taken} connections of others had taken every place")


async def read_only(stage):
    await asyncio.to_thread(stage.server.sql, "alter system set default_transaction_read_only to on")
    await asyncio.to_thread(stage.server.sql, "select pg_reload_conf()")
    await asyncio.sleep(FAULT_SECONDS)
    await asyncio.to_thread(stage.server.sql, "alter system reset default_transaction_read_only", options="-c default_transaction_read_only=off")
    await asyncio.to_thread(stage.server.sql, "select pg_reload_conf()")


async def postmaster_killed(stage):
    await asyncio.to_thread(stage.server.kill_postmaster)
    await asyncio.sleep(2)
    await asyncio.to_thread(stage.server.start)


async def everything_killed(stage):
    stage.server.signal_all(signal.SIGKILL)
    await asyncio.sleep(2)
    await asyncio.to_thread(stage.server.start)


async def backend_killed(stage):
    """One of the service's own: the server restarts itself."""
    pids = (await asyncio.to_thread(stage.server.sql, "select pid from pg_stat_activity where usename = 'service' limit 1")).split()
    os.kill(int(pids[0]), signal.SIGKILL)
    await asyncio.sleep(1)


async def backend_stopped(stage):
    """One connection's process hangs, with a statement in it as likely as not, until the service has given it up."""
    pids = (await asyncio.to_thread(stage.server.sql, "select pid from pg_stat_activity where usename = 'service' and application_name = 'parley' order by state = 'active' desc")).split()
    os.kill(int(pids[0]), signal.SIGSTOP)
    await asyncio.sleep(45)
    os.kill(int(pids[0]), signal.SIGCONT)


async def frozen(stage, seconds=12.0):
    stage.server.signal_all(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    stage.server.signal_all(signal.SIGCONT)


async def frozen_briefly(stage):
    await frozen(stage, 2)


async def frozen_long(stage):
    await frozen(stage, 25)


async def restarted_fast(stage):
    await asyncio.to_thread(stage.server.stop, "fast")
    await asyncio.sleep(1)
    await asyncio.to_thread(stage.server.start)


async def restarted_immediately(stage):
    await asyncio.to_thread(stage.server.stop, "immediate")
    await asyncio.to_thread(stage.server.start)


async def backends_terminated(stage):
    for _ in range(5):
        await asyncio.to_thread(stage.server.sql, "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'")
        await asyncio.sleep(0.4)


async def disk_full(stage, disk):
    if not disk.is_small:
        say("mounting is not allowed here: a full disk is passed over")
        return
    await asyncio.to_thread(disk.fill)
    # New pages and new WAL files are wanted at once, not only when the clients have used up what there is.
    for greedy in ("create table filling as select repeat('x', 1000) as x from generate_series(1, 20000)",
                   "select count(pg_logical_emit_message(false, 'drill', repeat('0123456789', 100000))) from generate_series(1, 250)"):
        await asyncio.to_thread(stage.server.sql, greedy, check=False)
    await asyncio.sleep(FAULT_SECONDS)
    disk.make_room()
    if not stage.server.pid():
        say("the full disk had ended the server: it is started again")
        await asyncio.to_thread(stage.server.start)
    await asyncio.to_thread(stage.server.sql, "drop table if exists filling")


async def data_disk_full(stage):
    await disk_full(stage, stage.data)


async def wal_disk_full(stage):
    await disk_full(stage, stage.wal)


FAULTS = {fault.__name__: fault for fault in (
    gate_refuses, gate_hangs, gate_is_slow, gate_cuts_answers, too_many_connections, read_only, postmaster_killed, everything_killed, backend_killed, backend_stopped, frozen_briefly, frozen,
    restarted_fast, restarted_immediately, backends_terminated, data_disk_full, wal_disk_full, gate_hangs_long, frozen_long)}

# Once is enough of these: a round of the others takes long enough.
ONLY_ONCE = {"backend_stopped", "gate_hangs_long", "frozen_long"}
# While these last, calls are answered, only later than usual.
STILL_SERVED = {"gate_is_slow", "backend_stopped"}


async def wait_until_writable(stage):
    end = time.monotonic() + patiently(60)
    while not await asyncio.to_thread(stage.server.is_writable):
        if time.monotonic() > end:
            raise Failed("the database does not become writable again")
        await asyncio.sleep(0.02)
    return time.monotonic()


async def break_once(name, stage, history, watcher):
    memory_before = max(watcher.memory(time.monotonic() - 2), default=0)
    watcher.begin()
    phase = history.enter(name)
    history.calm.clear()
    began = time.monotonic()
    fault = asyncio.create_task(FAULTS[name](stage))
    await fault
    ended = time.monotonic()
    writable = await wait_until_writable(stage)
    await served_again(watcher, history, writable)
    history.calm.set()
    verdict = FaultVerdict(name, phase, watcher, history, writable, memory_before)
    verdict.say(ended - began)
    # Told at once: what was begun when the service had had time to notice, and ended before the fault did.
    if name not in STILL_SERVED and not QUICK:
        waited = sorted(took for begun, took in phase.timed if began + NOTICED_SECONDS < begun < ended - 0.5)
        if waited:
            p99 = waited[int(len(waited) * 0.99)]
            told = f"{len(waited)} calls begun {NOTICED_SECONDS:.0f} s after the beginning and later: 99 % were answered within {p99 * 1000:.0f} ms, the last after {waited[-1] * 1000:.0f} ms"
            say(told)
            if waited[-1] > AT_ONCE_SECONDS or p99 > AT_ONCE_P99_SECONDS:
                verdict.broken.append(told)
                say(f"BROKEN PROMISE in {name}: callers waited")
    history.enter("calm after " + name)
    await asyncio.sleep(1)
    return verdict


async def play(stage, options):
    async with stage.gate:
        service = Service(stage.server.url(port=stage.gate.port), ["--request-timeout-ms", "10000"], stage.folder)
        await asyncio.to_thread(service.start)
        try:
            return await play_on(stage, service, options)
        finally:
            service.process.kill()
            service.process.wait()


async def play_on(stage, service, options):
    keys = await asyncio.to_thread(make_world, service)
    history = History(service.port, keys, await chatbots_of(service.port, keys), clients=options.clients, pace=0.004)
    watcher = Watcher(service)
    verdicts = []
    tasks = [asyncio.create_task(history.run()), asyncio.create_task(watcher.run())]
    await asyncio.sleep(3)
    pid = service.pid
    names = options.only.split(",") if options.only else list(FAULTS)
    for turn in range(options.rounds):
        for name in names:
            if turn > 0 and name in ONLY_ONCE:
                continue
            verdicts.append(await break_once(name, stage, history, watcher))
    while history.total() < options.calls:
        await asyncio.sleep(0.2)
    history.over = watcher.over = True
    await asyncio.wait_for(asyncio.gather(*tasks), patiently(90))
    say(f"{len(verdicts)} faults, {history.total()} calls")
    expect(service.process.poll() is None and service.pid == pid, "the service is the process it was")
    history.settle(stored_rows(lambda text: stage.server.sql(text, "parley")))
    code, seconds = await asyncio.to_thread(service.stop)
    expect(code == 0, f"SIGTERM ends it with exit code 0 (in {seconds:.1f} s)")
    return history, verdicts


def drill():
    options = parse_options(calls=1000 if QUICK else 100_000, only=QUICK_FAULTS if QUICK else "", rounds=1 if QUICK else 2, clients=20 if QUICK else 40)
    with scratch_folder() as folder:
        stage = Stage(folder)
        try:
            stage.server.create()
            stage.server.start()
            stage.server.make_database()
            history, verdicts = asyncio.run(play(stage, options))
        finally:
            stage.close()
    broken = [f"{verdict.name}: {text}" for verdict in verdicts for text in verdict.broken]
    worst = max(verdicts, key=lambda verdict: verdict.recovery or 0)
    say(f"slowest recovery: {worst.recovery:.2f} s after {worst.name}" if worst.recovery else "no recovery was seen")
    expect(not broken, f"in each of {len(verdicts)} faults /livez was green, memory flat, and service back{WITHIN}")
    expect(not history.violations, f"{history.total()} calls: what was acknowledged is there once, nothing else is there twice, no read went back, nothing but 2xx, 503 with Retry-After "
           "and the documented 500 was answered")


run_drill(drill, has_quick_form=True)
