#!/usr/bin/env python3
"""Goal: with Patroni in charge of three PostgreSQL the service follows every switchover and failover by itself, and nothing acknowledged is lost.

Method: three nodes of Debian's Patroni, which agree by Raft (python3-pysyncobj), in synchronous mode; one parleyd that knows all three servers; the load
and the model of failover.py. patronictl switches over, and leaders are killed together with their Patroni.

    tests/drills/patroni.py [--rounds N]
"""
import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request

from servers import PostgresServer, as_postgres, binaries, children_of, is_running, start_process
from stage import Failed, Skipped, expect, free_port, run_drill, say, scratch_folder
from takeover import follow_all

NAMES = ("one", "two", "three")
CONFIGURATION = """
scope: parley-drill
name: {name}
restapi: {{listen: '127.0.0.1:{rest}', connect_address: '127.0.0.1:{rest}'}}
raft:
  data_dir: {folder}/raft-{name}
  self_addr: 127.0.0.1:{raft}
  partner_addrs: [{partners}]
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 4
    maximum_lag_on_failover: 16777216
    synchronous_mode: true
    postgresql: {{use_pg_rewind: true, parameters: {{max_connections: 40, wal_keep_size: 1GB}}}}
  initdb: [{{encoding: UTF8}}, {{locale: C}}]
  pg_hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust']
postgresql:
  listen: 127.0.0.1:{port}
  connect_address: 127.0.0.1:{port}
  data_dir: {folder}/{name}
  bin_dir: {binaries}
  pgpass: {folder}/pgpass-{name}
  authentication:
    superuser: {{username: postgres}}
    replication: {{username: postgres}}
  parameters: {{unix_socket_directories: ''}}
"""


class Node:
    """One PostgreSQL and its Patroni."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.server = PostgresServer(f"{folder}/{name}")
        self.rest, self.raft, self.process = free_port(), free_port(), None

    def configure(self, others):
        with open(f"{self.folder}/{self.name}.yml", "w") as conf:
            conf.write(CONFIGURATION.format(name=self.name, folder=self.folder, rest=self.rest, raft=self.raft, port=self.server.port, binaries=binaries(),
                                            partners=", ".join(f"'127.0.0.1:{other.raft}'" for other in others)))

    def start(self):
        with open(f"{self.folder}/patroni-{self.name}.log", "ab") as log:
            self.process = start_process(as_postgres(["patroni", f"{self.folder}/{self.name}.yml"]), stdout=log, stderr=log, cwd="/")

    def role(self):
        """As Patroni says it: master, replica, or nothing where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rest}/patroni", timeout=3) as answer:
                said = json.load(answer)
        except urllib.error.HTTPError as error:
            said = json.load(error)
        except OSError:
            return ""
        return said.get("role", "") if said.get("state") == "running" else ""

    def kill(self):
        for pid in (self.process.pid, *children_of(self.process.pid), *self.server.processes()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait(10)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        if self.server.pid() and is_running(self.server.pid()):
            self.server.stop("immediate")


class PatroniCluster:
    """What failover.py's rounds need of a cluster."""

    def __init__(self, folder):
        self.folder = folder
        self.nodes = {name: Node(folder, name) for name in NAMES}
        self.servers = {name: node.server for name, node in self.nodes.items()}
        self.primary = ""

    def start(self):
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        for node in self.nodes.values():
            node.configure([other for other in self.nodes.values() if other is not node])
            node.start()
        self.wait_for_leader(None, 120)
        self.wait_until_whole(120)
        self.servers[self.primary].make_database()
        # libpq asks no other host after one that has no such database.
        while not all(server.sql("select 1 from pg_database where datname = 'parley'", check=False) for server in self.servers.values()):
            time.sleep(0.1)

    def stop(self):
        for node in self.nodes.values():
            node.stop()

    def url(self):
        ports = ",".join(str(self.servers[name].port) for name in NAMES)
        return f"host=127.0.0.1,127.0.0.1,127.0.0.1 port={ports} user=service dbname=parley sslmode=disable"

    def wait_for_leader(self, not_this, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for name, node in self.nodes.items():
                if name != not_this and node.role() in ("master", "primary", "leader"):
                    self.primary = name
                    return
            time.sleep(0.1)
        raise Failed(f"no leader: {self.describe()}")

    def wait_until_whole(self, seconds=60):
        """One leader, two replicas, of which one is synchronous."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            roles = [node.role() for node in self.nodes.values()]
            if roles.count("replica") == 2:
                said = self.servers[self.primary].sql("select count(*) from pg_stat_replication where state = 'streaming' and sync_state in ('sync', 'quorum')", check=False)
                if said and int(said) >= 1:
                    return
            time.sleep(0.2)
        raise Failed(f"the cluster does not become whole: {self.describe()}")

    def describe(self):
        said = []
        for name, node in self.nodes.items():
            with open(f"{self.folder}/patroni-{name}.log", errors="replace") as log:
                said.append(f"{name} {node.role()!r}: {log.readlines()[-3:]}")
        return "; ".join(said)

    def mend(self, old):
        if self.nodes[old].process.poll() is not None:
            self.nodes[old].start()
        self.wait_until_whole()


def switchover(cluster):
    """In order, by patronictl."""
    old = cluster.primary
    done = subprocess.run(as_postgres(["patronictl", "-c", f"{cluster.folder}/{old}.yml", "switchover", "--master", old, "--force"]), capture_output=True, text=True, timeout=90, cwd="/")
    if done.returncode != 0:
        raise Failed(f"patronictl: {done.stdout} {done.stderr}")
    cluster.wait_for_leader(old, 60)
    return old


def leader_killed(cluster):
    """With its Patroni, as a machine that is gone."""
    old = cluster.primary
    cluster.nodes[old].kill()
    cluster.wait_for_leader(old, 90)
    return old


def drill():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    if not shutil.which("patroni") or not shutil.which("patronictl"):
        raise Skipped("there is no Patroni on this machine")
    with scratch_folder() as folder:
        cluster = PatroniCluster(folder)
        try:
            cluster.start()
            say(f"three nodes, {cluster.primary} leads")
            kinds = [(switchover, leader_killed)[turn % 2] for turn in range(options.rounds)]
            history, verdicts = asyncio.run(follow_all(kinds, cluster, folder))
        finally:
            cluster.stop()
    broken = [f"{verdict.name}: {text}" for verdict in verdicts for text in verdict.broken]
    expect(not broken, f"{len(verdicts)} times another leader: the service was on it within 2 s of its taking writes")
    expect(not history.violations, f"{history.total()} calls: nothing acknowledged was lost or doubled, no read went back")


run_drill(drill)
