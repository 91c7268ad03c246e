#!/usr/bin/env python3
"""Goal: the image builds from this tree and Debian's packages alone, is small, and serves as a number of a user, without a shell, without writing.

Method: buildah with chroot isolation, which needs root and no container engine. The base is a bare Debian: the archive that PARLEY_BASE_TAR names, or one
that debootstrap makes. The built image is run against a PostgreSQL of the stack.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading

from stage import ROOT, Failed, Stack, ask, expect, free_port, run_drill, say, wait_until

BASE, IMAGE = "localhost/parley-drill-base", "localhost/parley-drill"


class Buildah:
    def __init__(self, folder):
        self.options = ["--storage-driver", "vfs", "--root", folder + "/root", "--runroot", folder + "/run"]

    def __call__(self, *words, log=None):
        command = ["buildah", *self.options, *words]
        if log:
            with open(log, "w") as file:
                return subprocess.run(command, cwd=ROOT, stdout=file, stderr=file).returncode
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(" ".join(words) + ": " + done.stderr)
        return done.stdout.strip()


def make_base(buildah, folder):
    tar = os.environ.get("PARLEY_BASE_TAR")
    if not tar:
        tar = folder + "/base.tar"
        say("debootstrap makes a bare Debian 12")
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", folder + "/base"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["tar", "-C", folder + "/base", "-cf", tar, "."], check=True)
    container = buildah("from", "scratch")
    buildah("add", "-q", container, tar, "/")
    buildah("commit", "-q", container, BASE)
    buildah("rm", container)


def build(buildah, folder):
    say("building; this compiles everything")
    revision = "unknown"
    if shutil.which("git"):
        revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip() or revision
    log = folder + "/build.log"
    code = buildah("build", "--isolation", "chroot", "--build-arg", "BASE=" + BASE, "--build-arg", "REVISION=" + revision, "--file",
                   "deploy/Containerfile", "--tag", IMAGE, ".", log=log)
    if code != 0:
        with open(log) as lines:
            say("".join(lines.readlines()[-20:]))
    expect(code == 0, "the image builds")
    return revision


def look(buildah, revision):
    config = json.loads(buildah("inspect", "--type", "image", IMAGE))["OCIv1"]["config"]
    expect(config["User"] == "65532:65532", "it runs as a number that is not root")
    expect(config["Labels"]["org.opencontainers.image.revision"] == revision, "its labels say which revision it is")
    container = buildah("from", IMAGE)
    root = buildah("mount", container)
    size = int(subprocess.run(["du", "-sk", root], check=True, capture_output=True, text=True).stdout.split()[0]) // 1024
    expect(size < 64, f"it is {size} MiB")
    expect(not any(os.path.exists(root + path) for path in ("/bin/sh", "/usr/bin/sh", "/bin/bash")), "there is no shell in it")
    return container, root


def child_named(name, parent):
    """The process of that name below another."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                head, _, rest = file.read().rpartition(")")
            if head.endswith("(" + name) and is_below(int(rest.split()[1]), parent):
                return int(pid)
        except OSError:
            continue
    return None


def is_below(pid, ancestor):
    while pid > 1 and pid != ancestor:
        with open(f"/proc/{pid}/stat") as file:
            pid = int(file.read().rpartition(")")[2].split()[1])
    return pid == ancestor


def serve(buildah, container, root, stack):
    port, admin = free_port(), free_port()
    marker = tempfile.NamedTemporaryFile()
    running = subprocess.Popen(
        ["buildah", *buildah.options, "run", "--isolation", "chroot", "--user", "65532:65532", "--volume", stack.folder + "/socket:/run/postgresql",
         container, "--", "/usr/bin/parleyd", "serve", "--listen", f"127.0.0.1:{port}", "--admin-listen", f"127.0.0.1:{admin}", "--database-url",
         "host=/run/postgresql user=parley dbname=parley"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    silence = threading.Timer(60, running.kill)
    silence.start()
    line = running.stdout.readline()
    silence.cancel()
    expect(line.startswith("parleyd listening"), "parleyd starts in it")
    pid = wait_until(lambda: child_named("parleyd", running.pid), 10, "its process")
    with open(f"/proc/{pid}/status") as status:
        user = re.search(r"^Uid:\s+(\d+)", status.read(), re.M).group(1)
    expect(user == "65532", "its user is 65532")
    expect(ask(f"http://127.0.0.1:{admin}", "GET", "/readyz")[0] == 200, "it is ready")
    stack.load("teams=1,sessions=10")
    expect(ask(f"http://127.0.0.1:{port}", "GET", "/api/sessions/", stack.keys[0])[0] == 200, "it answers a request")
    os.kill(pid, signal.SIGTERM)
    expect(running.wait(60) == 0, "SIGTERM ends it with exit code 0")
    written = subprocess.run(["find", root, "-type", "f", "-newer", marker.name], check=True, capture_output=True, text=True).stdout.split()
    ours = [path for path in written if not re.search(r"/etc/(hosts|resolv\.conf|hostname)$|/run/\.containerenv$", path)]
    expect(not ours, "it has written nothing into its root" + "".join(f", but {path}" for path in ours))


def drill():
    if os.geteuid() != 0:
        raise Failed("chroot isolation needs root")
    with tempfile.TemporaryDirectory(prefix="parley-drill-image-") as folder:
        buildah = Buildah(folder)
        make_base(buildah, folder)
        revision = build(buildah, folder)
        container, root = look(buildah, revision)
        with Stack(replicas=1) as stack:
            serve(buildah, container, root, stack)
        buildah("umount", container)
        buildah("rm", container)


run_drill(drill)
