"""Servers that drills break: a PostgreSQL of the drill's own, the service on it, and a gate between the two.

As stage.py: standard library and Linux only, on loopback, bounded in time, stopped by process id.
"""
import asyncio
import concurrent.futures
import contextlib
import enum
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

from stage import BUILD, Failed, free_port, patiently, say


# What dies with its parent dies with the thread that started it: this one lasts as long as the drill.
STARTER = concurrent.futures.ThreadPoolExecutor(1)


def start_process(command, **options):
    """A process that dies with the drill, however that ends."""
    return STARTER.submit(subprocess.Popen, ["setpriv", "--pdeathsig", "KILL", *command], **options).result()


def binaries():
    """The folder of the newest PostgreSQL of this machine."""
    versions = sorted((name for name in os.listdir("/usr/lib/postgresql") if name.isdigit()), key=int)
    return f"/usr/lib/postgresql/{versions[-1]}/bin"


def as_postgres(command):
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", *command]


def children_of(pid):
    """The whole tree below a process, without itself."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat") as stat:
                parents[int(name)] = int(stat.read().rpartition(")")[2].split()[1])
    tree, fresh = [], [pid]
    while fresh:
        fresh = [child for child, parent in parents.items() if parent in fresh]
        tree += fresh
    return tree


def is_running(pid):
    """Neither gone nor a zombie."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class SmallDisk:
    """A file system of a known size that can be filled, where mounting is allowed; else an ordinary folder, and is_small says so."""

    def __init__(self, folder, mebibytes):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=755", "parley-drill", folder], capture_output=True)
        self.is_small = mounted.returncode == 0

    def fill(self):
        """Leaves no block free."""
        with open(self.folder + "/ballast", "ab", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(b"\0" * (1 << 20))
        with open(self.folder + "/ballast", "ab", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(b"\0" * 4096)

    def make_room(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.folder + "/ballast")

    def close(self):
        if self.is_small:
            subprocess.run(["umount", "-l", self.folder], check=True)


class PostgresServer:
    """One server in its own folder, listening on a port of 127.0.0.1. The superuser is postgres, and "service" is whom the service is."""

    def __init__(self, folder, settings=(), port=None, wal_folder=None, log=None):
        self.folder, self.port, self.settings, self.wal_folder = folder, port or free_port(), list(settings), wal_folder
        self.log = log or folder + ".log"  # Not on a disk that the drill fills.

    def create(self):
        """Makes the cluster; start() comes next."""
        self.prepare_folder()
        words = [binaries() + "/initdb", "-D", self.folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        if self.wal_folder:
            words += ["-X", self.wal_folder]
        subprocess.run(as_postgres(words), check=True, capture_output=True)
        self.configure()

    def copy_from(self, primary, name):
        """A standby of the primary, by its base backup; start() comes next."""
        self.prepare_folder()
        subprocess.run(as_postgres([binaries() + "/pg_basebackup", "-D", self.folder, "-d", primary.url("postgres", user="postgres"), "-X", "stream", "-c", "fast"]), check=True,
                       capture_output=True)
        self.configure()
        self.follow(primary, name)

    def follow(self, primary, name):
        """From the next start on this is a standby of that one; a standby needs a reload only."""
        self.touch("standby.signal")
        with open(self.folder + "/standby.conf", "w") as conf:
            conf.write(f"primary_conninfo = 'host=127.0.0.1 port={primary.port} user=postgres application_name={name}'\n")

    def come_back_as_standby(self, primary, name):
        """What this server has beyond the point where the other took over is undone; start() comes next."""
        self.stop("fast")
        primary.sql("checkpoint")  # Only then it shows its new timeline; before, pg_rewind finds nothing to undo.
        done = subprocess.run(as_postgres([binaries() + "/pg_rewind", "-D", self.folder, "--source-server", primary.url("postgres", user="postgres")]), capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"pg_rewind: {done.stderr.strip()}")
        # It has brought the other's configuration along.
        self.configure()
        self.follow(primary, name)

    def touch(self, name):
        with open(f"{self.folder}/{name}", "a"):
            pass
        if os.geteuid() == 0:
            shutil.chown(f"{self.folder}/{name}", "postgres", "postgres")

    def received(self):
        """How far a standby has got, as a number."""
        high, low = self.sql("select coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())").strip().split("/")
        return int(high, 16) << 32 | int(low, 16)

    def written(self):
        """How far a primary has got."""
        high, low = self.sql("select pg_current_wal_lsn()").strip().split("/")
        return int(high, 16) << 32 | int(low, 16)

    def prepare_folder(self):
        for folder in filter(None, (self.folder, self.wal_folder)):
            os.makedirs(folder, exist_ok=True)
            os.chmod(folder, 0o700)
            if os.geteuid() == 0:
                shutil.chown(folder, "postgres", "postgres")

    def configure(self):
        with open(self.folder + "/drill.conf", "w") as conf:
            conf.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\n" + "\n".join(self.settings) + "\n")
        with open(self.folder + "/standby.conf", "a"):
            pass
        with open(self.folder + "/postgresql.conf") as conf:
            is_named = "drill.conf" in conf.read()
        if not is_named:
            with open(self.folder + "/postgresql.conf", "a") as conf:
                conf.write("include_if_exists 'drill.conf'\ninclude_if_exists 'standby.conf'\n")
        if os.geteuid() == 0:
            for name in ("drill.conf", "standby.conf"):
                shutil.chown(f"{self.folder}/{name}", "postgres", "postgres")

    def control(self, *words, seconds=60):
        seconds = patiently(seconds)
        return subprocess.run(as_postgres([binaries() + "/pg_ctl", "-D", self.folder, "-l", self.log, "-t", str(seconds), *words]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=seconds + 30).returncode

    def start(self, seconds=60):
        if os.geteuid() == 0:
            if not os.path.exists(self.log):
                with open(self.log, "w"):
                    pass
                shutil.chown(self.log, "postgres", "postgres")
        if self.control("-w", "start", seconds=seconds) != 0:
            with open(self.log) as log:
                say("".join(log.readlines()[-8:]))
            raise Failed("PostgreSQL does not start")

    def stop(self, mode="fast"):
        self.control("-w", "-m", mode, "stop")

    def pid(self):
        """Of the postmaster; 0 where none runs."""
        try:
            with open(self.folder + "/postmaster.pid") as lines:
                pid = int(lines.readline())
        except (OSError, ValueError):
            return 0
        return pid if is_running(pid) else 0

    def processes(self):
        pid = self.pid()
        return [pid, *children_of(pid)] if pid else []

    def signal_all(self, number):
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill_postmaster(self):
        """SIGKILL to it alone; its children notice and leave, which is waited for, since a new one does not start before."""
        everybody = self.processes()
        os.kill(everybody[0], signal.SIGKILL)
        end = time.monotonic() + patiently(30)
        while any(is_running(pid) for pid in everybody) and time.monotonic() < end:
            time.sleep(0.02)

    def url(self, database="parley", user="service", port=None):
        return f"host=127.0.0.1 port={port or self.port} user={user} dbname={database} sslmode=disable"

    def sql(self, text, database="postgres", timeout=30, check=True, options=""):
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url(database, user="postgres"), "-c", text], capture_output=True, text=True, timeout=patiently(timeout),
                              env={**os.environ, "PGCONNECT_TIMEOUT": str(patiently(3)), "PGOPTIONS": options})
        if check and done.returncode != 0:
            raise Failed(f"psql: {done.stderr.strip()}")
        return done.stdout if done.returncode == 0 else None

    def make_database(self):
        self.sql("create role service login")
        self.sql("create database parley owner service")
        self.sql("create table writable (at timestamptz)")

    def is_writable(self):
        """Whether a commit of the drill's own comes through."""
        try:
            return self.sql("insert into writable values (clock_timestamp())", timeout=3, check=False) is not None
        except subprocess.TimeoutExpired:
            return False


class Service:
    """parleyd on a database, on ports that stay the same over restarts."""

    def __init__(self, database_url, settings=(), folder=None):
        self.database_url, self.settings, self.folder = database_url, list(settings), folder or tempfile.gettempdir()
        self.port, self.admin_port = free_port(), free_port()
        self.process = None
        self.log_path = f"{self.folder}/service-{self.port}.log"

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def command(self):
        where = ["--database-url", self.database_url] if self.database_url else []
        return [BUILD + "/parleyd", "serve", "--listen", f"127.0.0.1:{self.port}", "--admin-listen", f"127.0.0.1:{self.admin_port}", *where, "--rate-limit-enforce", "false",
                "--log-level", "warning", "--drain-pause-ms", "100", *self.settings]

    def start(self, seconds=30):
        """Returns the seconds until it listens."""
        began = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = start_process(self.command(), stdout=subprocess.PIPE, stderr=log)
        os.set_blocking(self.process.stdout.fileno(), False)
        said = b""
        while not said.startswith(b"parleyd listening"):
            if self.process.poll() is not None or time.monotonic() - began > patiently(seconds):
                raise Failed(f"the service did not start; the end of its log: {self.last_words()}")
            said += self.process.stdout.read() or b""
            time.sleep(0.01)
        return time.monotonic() - began

    def last_words(self, lines=6):
        with open(self.log_path, errors="replace") as log:
            return "".join(log.readlines()[-lines:])

    def admin(self, path, timeout=3):
        """Status of one GET on the admin port; 0 without an answer."""
        return self.admin_body(path, timeout)[0]

    def admin_body(self, path, timeout=3):
        try:
            with socket.create_connection(("127.0.0.1", self.admin_port), timeout=patiently(timeout)) as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: drill\r\nConnection: close\r\n\r\n".encode())
                answer = b""
                while piece := connection.recv(65536):
                    answer += piece
        except OSError:
            return 0, ""
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]) if head else 0, body.decode(errors="replace")

    def wait_ready(self, seconds=30):
        end = time.monotonic() + patiently(seconds)
        while self.admin("/readyz") != 200:
            if time.monotonic() > end:
                raise Failed("the service does not become ready")
            time.sleep(0.02)

    def kill(self):
        self.process.kill()
        self.process.wait(30)

    def stop(self, seconds=60):
        """SIGTERM; returns (exit code, seconds)."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patiently(seconds)), time.monotonic() - began

    def parley(self, *words):
        where = ["--database-url", self.database_url] if self.database_url else [word for word in self.settings if "data" in word]
        done = subprocess.run([BUILD + "/parley", *words, *where], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"parley {words[0]}: {done.stderr.strip()}")
        return done.stdout


class Way(enum.Enum):
    """What the gate does with what passes."""
    OPEN = "open"
    REFUSE = "refuse"  # New connections are reset, those there are cut.
    HANG = "hang"      # Nothing passes in either direction, connections stay, new ones are taken and kept waiting.
    SLOW = "slow"      # Every piece takes its time.
    CUT = "cut"        # Now and then a connection is reset in the middle of an answer, which the server has given.
    DEAF = "deaf"      # What the service says does not arrive; then its connection is reset.


class Gate:
    """A TCP proxy before PostgreSQL; lives in the drill's event loop."""

    def __init__(self, server_port):
        self.server_port, self.port = server_port, free_port()
        self.way, self.open = Way.OPEN, asyncio.Event()
        self.open.set()
        self.delay, self.cut_every, self.cuts, self.pieces = 0.1, 40, 0, 0
        self.links = set()

    async def __aenter__(self):
        self.listener = await asyncio.start_server(self.connected, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self.listener.close()
        self.set(Way.REFUSE)
        await asyncio.sleep(0.05)

    def set(self, way):
        self.way = way
        if way is Way.HANG:
            self.open.clear()
        else:
            self.open.set()
        if way is Way.REFUSE:
            for writers in list(self.links):
                self.reset(writers)

    @staticmethod
    def reset(writers):
        for writer in writers:
            with contextlib.suppress(OSError):
                # No farewell: what is in the buffers is lost, as when a host vanishes.
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def connected(self, reader, writer):
        if self.way is Way.REFUSE:
            return self.reset([writer])
        await self.open.wait()
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            return self.reset([writer])
        writers = (writer, server_writer)
        self.links.add(writers)
        try:
            await asyncio.gather(self.carry(reader, server_writer, writers, False), self.carry(server_reader, writer, writers, True))
        finally:
            self.links.discard(writers)
            for one in writers:
                one.close()

    async def carry(self, reader, writer, writers, is_answer):
        try:
            while piece := await reader.read(65536):
                await self.open.wait()
                if self.way is Way.SLOW:
                    await asyncio.sleep(self.delay)
                if self.way is Way.CUT and is_answer:
                    self.pieces += 1
                    if self.pieces % self.cut_every == 0:
                        self.cuts += 1
                        writer.write(piece[:len(piece) // 2])
                        await writer.drain()
                        return self.reset(writers)
                writer.write(piece)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            # The other direction learns of the end too.
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()


class Occupants:
    """Connections that take all places that max_connections leaves to ordinary users."""

    def __init__(self, port, user="service", database="parley"):
        self.port, self.user, self.database, self.sockets = port, user, database, []

    def occupy(self, most=500):
        """Until the server refuses one more; returns how many it took."""
        words = b"".join(word.encode() + b"\0" for word in ("user", self.user, "database", self.database)) + b"\0"
        hello = struct.pack("!ii", len(words) + 8, 196608) + words
        for _ in range(most):
            connection = socket.create_connection(("127.0.0.1", self.port), timeout=patiently(5))
            connection.sendall(hello)
            said = b""
            while not said.endswith(b"Z\0\0\0\5I") and (piece := connection.recv(4096)):  # Ready, or the end after a refusal.
                said += piece
            if not said.endswith(b"I"):
                connection.close()
                break
            self.sockets.append(connection)
        return len(self.sockets)

    def leave(self):
        for connection in self.sockets:
            connection.close()
        self.sockets = []
