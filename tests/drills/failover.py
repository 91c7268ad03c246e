#!/usr/bin/env python3
"""Goal: when another server becomes the primary, the service is on it within two seconds of its taking writes, and nothing acknowledged is lost.

Method: three PostgreSQL with synchronous streaming replication (any one standby), one parleyd that knows all three, many clients. The primary is killed,
demoted, or made read-only without dying, and a standby promoted, again and again. history.py holds every answer and what is stored against the model.

    tests/drills/failover.py [--rounds N] [--quick]
"""
import asyncio
import contextlib
import signal
import time

from servers import PostgresServer
from stage import QUICK, Failed, expect, parse_options, patiently, run_drill, say, scratch_folder
from takeover import follow_all
from watcher import WITHIN

SETTINGS = ["max_connections = 40", "wal_keep_size = 1GB", "wal_log_hints = on", "max_wal_senders = 10", "wal_receiver_status_interval = 1"]
NAMES = ("one", "two", "three")


class Cluster:
    """Three servers; one of them is the primary."""

    def __init__(self, folder):
        self.servers = {name: PostgresServer(f"{folder}/{name}", SETTINGS) for name in NAMES}
        self.primary = "one"

    def start(self):
        first = self.servers["one"]
        first.create()
        first.start()
        first.make_database()
        for name in NAMES[1:]:
            self.servers[name].copy_from(first, name)
            self.servers[name].start()
        for server in self.servers.values():
            server.settings.append("synchronous_standby_names = 'ANY 1 (one, two, three)'")
            server.configure()
            server.control("reload")
        self.wait_for_standbys(2)

    def stop(self):
        for server in self.servers.values():
            with contextlib.suppress(OSError):
                server.signal_all(signal.SIGCONT)
            server.stop("immediate")

    def url(self):
        hosts, ports = ",".join("127.0.0.1" for _ in NAMES), ",".join(str(self.servers[name].port) for name in NAMES)
        return f"host={hosts} port={ports} user=service dbname=parley sslmode=disable"

    def standbys(self):
        return [name for name in NAMES if name != self.primary]

    def wait_for_standbys(self, count):
        end = time.monotonic() + patiently(30)
        while int(self.servers[self.primary].sql("select count(*) from pg_stat_replication where state = 'streaming' and sync_state = 'quorum'") or 0) < count:
            if time.monotonic() > end:
                raise Failed(f"{self.primary} has no {count} standbys: {self.describe()}")
            time.sleep(0.05)

    def promote(self):
        """The standby that has most, and the other follows it. Returns the name of the old primary."""
        old, self.primary = self.primary, max(self.standbys(), key=lambda name: self.servers[name].received())
        new = self.servers[self.primary]
        new.control("-W", "promote")
        for name in NAMES:
            if name not in (old, self.primary):
                self.servers[name].follow(new, name)
                self.servers[name].control("reload")
        return old

    def end_read_only(self, name):
        server = self.servers[name]
        if server.pid():
            server.sql("alter system reset default_transaction_read_only", options="-c default_transaction_read_only=off", check=False)

    def mend(self, old):
        """After a round: two standbys again."""
        self.end_read_only(old)
        if not self.servers[old].pid() or self.servers[old].sql("select pg_is_in_recovery()", check=False) != "t\n":
            self.bring_back(old)
        self.wait_for_standbys(2)

    def bring_back(self, name):
        self.servers[name].come_back_as_standby(self.servers[self.primary], name)
        self.servers[name].start()
        self.wait_for_standbys(2)

    def describe(self):
        """For a failure: who says what."""
        said = []
        for name, server in self.servers.items():
            with open(server.log) as log:
                said.append(f"{name}: in recovery {server.sql('select pg_is_in_recovery()', check=False)}, receives {server.sql('select status from pg_stat_wal_receiver', check=False)}, "
                            f"sends {server.sql('select application_name, state, sync_state from pg_stat_replication', check=False)}, log {log.readlines()[-4:]}")
        return f"primary {self.primary}; " + "; ".join(said)

    def wait_until_caught_up(self):
        target = self.servers[self.primary].written()
        end = time.monotonic() + patiently(10)
        while max(self.servers[name].received() for name in self.standbys()) < target:
            if time.monotonic() > end:
                raise Failed("no standby catches up")
            time.sleep(0.02)


# Each ends as soon as the promotion was ordered and returns the old primary's name.

def primary_killed(cluster):
    cluster.servers[cluster.primary].signal_all(signal.SIGKILL)
    time.sleep(1)
    return cluster.promote()


def primary_killed_comes_back_demoted(cluster):
    """It is a standby again while clients are calling, and first in the connection string or not."""
    old = primary_killed(cluster)
    end = time.monotonic() + 30
    while not cluster.servers[cluster.primary].is_writable():
        if time.monotonic() > end:
            raise Failed(f"the promoted server takes no writes: {cluster.describe()}")
    cluster.bring_back(old)
    return old


def primary_demoted(cluster):
    """As a switchover does it: stopped in order, another promoted, and it comes back as a standby."""
    server = cluster.servers[cluster.primary]
    server.stop("fast")
    return cluster.promote()


def primary_read_only(cluster):
    """It lives on, answers every read, and refuses writes; another one takes over."""
    server = cluster.servers[cluster.primary]
    server.sql("alter system set default_transaction_read_only to on")
    server.sql("select pg_reload_conf()")
    time.sleep(1.5)
    cluster.wait_until_caught_up()
    return cluster.promote()


# The short form loses a primary, and leaves one that lives on.
KINDS = (primary_killed, primary_read_only) if QUICK else (primary_killed, primary_killed_comes_back_demoted, primary_demoted, primary_read_only)


def drill():
    options = parse_options(rounds=2 if QUICK else 8)
    with scratch_folder() as folder:
        cluster = Cluster(folder)
        try:
            cluster.start()
            say("three servers, each write waits for one standby")
            kinds = [KINDS[turn % len(KINDS)] for turn in range(options.rounds)]
            history, verdicts = asyncio.run(follow_all(kinds, cluster, folder))
        finally:
            cluster.stop()
    broken = [f"{verdict.name}: {text}" for verdict in verdicts for text in verdict.broken]
    for text in broken:
        say("BROKEN PROMISE in " + text)
    expect(not broken, f"{len(verdicts)} times another primary, and the service was on it{WITHIN}")
    expect(not history.violations, f"{history.total()} calls: nothing acknowledged was lost or doubled, no read went back")


run_drill(drill, has_quick_form=True)
