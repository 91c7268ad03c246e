#!/usr/bin/env python3
"""Goal: the Debian package is sound, and what is in it serves.

Method: ./dev deb, lintian, then the package is unpacked into a folder: the programs say their version, the manual pages and completions are read, and
parleyd serves with the package's own configuration. Nothing is installed: its maintainer scripts are not run here.
"""
import os
import re
import signal
import subprocess
import tempfile

from stage import ROOT, Failed, ask, expect, free_port, run_drill, say, wait_until


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, **more)
    if done.returncode != 0:
        raise Failed(" ".join(command) + ": " + done.stdout[-2000:] + done.stderr[-2000:])
    return done.stdout


def build():
    say("building the package")
    return ROOT + "/" + run(ROOT + "/dev", "deb", cwd=ROOT).split()[-1]


def check(package):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", "--tag-display-limit", "0", package], capture_output=True, text=True,
                          timeout=600)
    for line in done.stdout.splitlines():
        say("lintian: " + line)
    warnings = len(re.findall("^W:", done.stdout, re.M))
    expect(done.returncode == 0, f"lintian finds no error; {warnings} warnings remain")
    listed = run("dpkg", "--contents", package)
    for path in ("/usr/bin/parleyd", "/usr/bin/parley", "/usr/share/man/man1/parley.1.gz", "/usr/share/man/man8/parleyd.8.gz", "/etc/parley/parley.json",
                 "/usr/lib/sysusers.d/parley.conf", "/lib/systemd/system/parley.service", "/usr/share/bash-completion/completions/parley",
                 "/usr/share/zsh/vendor-completions/_parleyd"):
        expect(re.search(r" \." + re.escape(path) + "$", listed, re.M), "the package has " + path)


def look_about(folder, package):
    version = run("dpkg-deb", "--field", package, "Version").strip().split("-")[0]
    for program in ("parleyd", "parley"):
        expect(run(f"{folder}/usr/bin/{program}", "version").startswith(f"{program} {version}"), f"{program} is {version}")
    for page in ("man1/parley.1.gz", "man8/parleyd.8.gz"):
        done = subprocess.run(["man", "--warnings", "--local-file", f"{folder}/usr/share/man/{page}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, timeout=60)
        expect(done.returncode == 0 and not done.stderr, f"man reads {page} without a warning")
    words = run("bash", "-c", f". {folder}/usr/share/bash-completion/completions/parley; COMP_WORDS=(parley key c); COMP_CWORD=2; _parley; "
                "echo ${COMPREPLY[*]}")
    expect(words.strip() == "create", "bash completes parley key c")
    for name in ("_parley", "_parleyd"):
        run("zsh", "-n", f"{folder}/usr/share/zsh/vendor-completions/{name}")
    expect(True, "zsh reads its completions")


def serve(folder):
    api, admin = free_port(), free_port()
    say("the package's parleyd serves, with the package's configuration and a private PostgreSQL")
    with open(folder + "/parleyd.log", "w") as log:
        process = subprocess.Popen([f"{folder}/usr/bin/parleyd", "serve", "--config", f"{folder}/etc/parley/parley.json", "--data-dir", f"{folder}/data",
                                    "--listen", f"127.0.0.1:{api}", "--admin-listen", f"127.0.0.1:{admin}"], stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        line = process.stdout.readline()
        if not line.startswith("parleyd listening"):
            with open(folder + "/parleyd.log") as said:
                raise Failed("it did not start: " + said.read()[-2000:])
        key = re.search("X-api-key: ([^']+)", process.stdout.readline()).group(1)
        wait_until(lambda: ask(f"http://127.0.0.1:{admin}", "GET", "/readyz")[0] == 200, 60, "readiness")
        status, body = ask(f"http://127.0.0.1:{api}", "GET", "/api/sessions/", key)
        expect(status == 200 and '"results"' in body, "the demo's key lists sessions")
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(90)
    expect(code == 0, "it stops cleanly")


def drill():
    package = build()
    check(package)
    with tempfile.TemporaryDirectory(prefix="parley-deb-") as folder:
        os.chmod(folder, 0o755)
        run("dpkg-deb", "--extract", package, folder)
        look_about(folder, package)
        serve(folder)


run_drill(drill)
