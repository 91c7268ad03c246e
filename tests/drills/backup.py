#!/usr/bin/env python3
"""Goal: what docs/operators-guide.md says of backups is so: a dump and a base backup with archived WAL bring every acknowledged session back.

Method: the stack under load. A dump is taken and restored into another database; a base backup is taken, sessions go on being created, the server is
killed and its folder is lost; the backup is recovered from the archive to the last moment and to one before a mistake.
"""
import json
import os
import shutil
import subprocess
import time

from stage import BUILD, Callers, Failed, Replica, Stack, ask, expect, run_drill, say, wait_until


class Server:
    """PostgreSQL's programs, run as the stack's server is."""

    def __init__(self, stack):
        self.stack = stack
        version = sorted(os.listdir("/usr/lib/postgresql"), key=int)[-1]
        self.binaries = f"/usr/lib/postgresql/{version}/bin/"
        self.prefix = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []
        self.socket = stack.folder + "/socket"

    def run(self, program, *words):
        done = subprocess.run([*self.prefix, self.binaries + program, *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"{program}: {done.stderr}")
        return done.stdout


def sessions(stack, database="parley"):
    url = stack.database.replace("dbname=parley", "dbname=" + database)
    return set(subprocess.run(["psql", "-At", "-d", url, "-c", "select id from session"], check=True, capture_output=True, text=True).stdout.split())


def create(stack, count):
    """Sessions through the API; their ids, all of which were acknowledged."""
    base, key = stack.where["API"], stack.keys[0]
    experiment = json.loads(ask(base, "GET", "/api/sessions/?page_size=1", key)[1])["results"][0]["experiment"]["id"]
    made = set()
    for number in range(count):
        status, text = ask(base, "POST", "/api/sessions/", key, {"experiment": experiment, "participant": f"backup{number}@example.org"})
        if status != 201:
            raise Failed(f"a create was answered {status}")
        made.add(json.loads(text)["id"])
    return made


def dump_and_restore(stack, server):
    """pg_dump while requests are served, pg_restore into a new database, and a service on that."""
    before = create(stack, 20)
    with Callers(stack.where["API"], stack.keys, threads=2, pause=0.02):
        server.run("pg_dump", "-h", server.socket, "-U", "parley", "-Fc", "-f", server.socket + "/parley.dump", "parley")
    server.run("createdb", "-h", server.socket, "-U", "parley", "restored")
    server.run("pg_restore", "-h", server.socket, "-U", "parley", "--exit-on-error", "-d", "restored", server.socket + "/parley.dump")
    expect(before <= sessions(stack, "restored"), "a dump taken under load has every session acknowledged before it")
    url = stack.database.replace("dbname=parley", "dbname=restored")
    with subprocess.Popen([BUILD + "/parleyd", "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--database-url", url],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as service:
        address = service.stdout.readline().split()[-1]
        statuses = {ask(address, "GET", f"/api/sessions/{session}/", stack.keys[0])[0] for session in list(before)[:5]}
        service.terminate()
    expect(statuses == {200}, "a service on the restored database answers with them, and with the old keys")


def all_serve(stack):
    """Whether each replica does, and HAProxy knows it: one good answer says nothing of the replica that is asked next."""
    replicas = [Replica(stack, number + 1) for number in range(stack.replicas)]
    return all(ask(replica.url, "GET", "/api/sessions/", stack.keys[0])[0] == 200 and replica.is_used() for replica in replicas)


def start_archiving(stack, server):
    archive = server.socket + "/archive"
    os.mkdir(archive)
    if os.geteuid() == 0:
        shutil.chown(archive, "postgres")
    with open(stack.folder + "/postgresql/postgresql.conf", "a") as settings:
        # Under another name until it is whole: recovery ends at a file that is not.
        command = f"test ! -f {archive}/%f && cp %p {archive}/%f.part && sync {archive}/%f.part && mv {archive}/%f.part {archive}/%f"
        settings.write(f"archive_mode = on\narchive_command = '{command}'\narchive_timeout = 5\n")
    stack.postgresql("restart", "-m", "fast", "-l", stack.folder + "/postgresql/server.log")
    wait_until(lambda: all_serve(stack), 30, "the service after the restart")
    return archive


def is_recovered(stack):
    """Not while the server still refuses connections, or takes reads alone."""
    try:
        return stack.sql("select pg_is_in_recovery()").strip() == "f"
    except subprocess.CalledProcessError:
        return False


def recover(stack, server, archive, base, target=""):
    """The server's folder is lost; the base backup takes its place and reads the archive."""
    data = stack.folder + "/postgresql"
    shutil.rmtree(data)
    subprocess.run(["cp", "-a", base, data], check=True)
    with open(data + "/postgresql.conf", "a") as settings:
        settings.write(f"restore_command = 'cp {archive}/%f %p'\nrecovery_target_action = 'promote'\n{target}")
    open(data + "/recovery.signal", "w").close()
    if os.geteuid() == 0:
        shutil.chown(data + "/recovery.signal", "postgres")
    stack.postgresql("start", "-l", data + "/server.log")
    wait_until(lambda: is_recovered(stack), 60, "the end of the recovery")
    wait_until(lambda: all_serve(stack), 60, "the service after the recovery")


def archive_and_recover(stack, server):
    archive = start_archiving(stack, server)
    base = server.socket + "/base"
    server.run("pg_basebackup", "-h", server.socket, "-U", "parley", "-D", base, "-X", "stream", "-c", "fast")
    say("a base backup is taken; sessions go on being created")
    kept = create(stack, 30)
    time.sleep(1)
    moment = stack.sql("select clock_timestamp()").strip()
    time.sleep(1)
    lost = create(stack, 5)
    stack.sql("select pg_switch_wal()")
    last = stack.sql("select pg_walfile_name(pg_current_wal_lsn())").strip()
    create(stack, 1)
    stack.sql("select pg_switch_wal()")
    wait_until(lambda: os.path.exists(f"{archive}/{last}"), 60, "the archive has the last of them")
    stack.postgresql("stop", "-m", "immediate")
    recover(stack, server, archive, base)
    expect(kept | lost <= sessions(stack), "after the loss of the server's folder every archived session is back, and the replicas serve again by themselves")
    stack.postgresql("stop", "-m", "immediate")
    recover(stack, server, archive, base, f"recovery_target_time = '{moment}'\nrecovery_target_timeline = '1'\n")
    found = sessions(stack)
    expect(kept <= found and not lost & found, "recovery to a moment has what was before it and nothing of what came after")


def drill():
    with Stack() as stack:
        stack.load("teams=1,sessions=100,messages=4")
        stack.parley("team", "set-limit", "synthetic-1", "1000000/5m")
        server = Server(stack)
        dump_and_restore(stack, server)
        archive_and_recover(stack, server)


run_drill(drill)
