#!/usr/bin/env python3
"""Goal: the service keeps every word of the OpenAPI document that it serves: statuses, media types, fields and bodies of its answers, and what it takes.

Method: schemathesis, from PyPI, with all of its checks and phases, makes up requests out of the served document, valid and not, and holds each answer
against it. A private PostgreSQL with made-up sessions, a channel and a client. What cannot hold, and why, stands in schemathesis/schemathesis.toml;
schemathesis/hooks.py puts names in that nobody can guess. Skipped with a notice where PyPI cannot be reached.
SCHEMATHESIS_EXAMPLES: requests for each operation and phase (50); SCHEMATHESIS_SEED: another seed.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

from stage import BUILD, QUICK, ROOT, UNHURRIED, Failed, Skipped, ask, end_and_remove, expect, patiently, run_drill, say

VERSION = "4.32.5"
TOOLS = os.path.join(ROOT, "build/tools")
HERE = os.path.join(ROOT, "tests/drills/schemathesis")
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "2" if QUICK else "50")
SEED = os.environ.get("SCHEMATHESIS_SEED", "20261129")
ORIGIN = "widget.example"


def tool():
    """schemathesis in an environment of its own, with the versions of what it stands on that the document was held against."""
    folder = os.path.join(TOOLS, "schemathesis-" + VERSION)
    path = os.path.join(folder, "bin/schemathesis")
    if os.path.exists(path):
        return path
    made = subprocess.run(f"{sys.executable} -m venv {folder} && {folder}/bin/pip -q --retries 1 --timeout 15 install -c {HERE}/constraints.txt schemathesis=={VERSION}", shell=True, capture_output=True, text=True)
    if made.returncode == 0:
        return path
    shutil.rmtree(folder, ignore_errors=True)
    raise Skipped(f"schemathesis cannot be had ({(made.stderr.strip().splitlines() or ['no reason'])[-1]})")


class Service:
    """parleyd with a private PostgreSQL and some data; a context manager."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="parley-drill-")
        os.chmod(self.folder, 0o755)
        self.data, self.process, self.base = os.path.join(self.folder, "data"), None, None

    def __enter__(self):
        os.mkdir(self.data)
        with open(self.folder + "/parleyd.log", "w") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", BUILD + "/parleyd", "serve", "--data-dir", self.data, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
                 "--rate-limit-enforce", "false", *UNHURRIED], stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()  # It comes, or the end of the process.
        if "listening on " not in line:
            self.__exit__(Failed)
            raise Failed("parleyd did not start")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.base = line.split("listening on ")[1].split()[0]
        return self

    def __exit__(self, failure=None, *_):
        code = end_and_remove(self.process, self.folder)
        if failure is None and code != 0:
            raise Failed(f"the service ended with exit code {code}")

    def parley(self, *words):
        done = subprocess.run([BUILD + "/parley", *words, "--data-dir", self.data], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"parley {words[0]} {words[1]}: {done.stderr.strip()}")
        return done.stdout

    def ask(self, *what, expected, **more):
        status, text = ask(self.base, *what, **more)
        if status != expected:
            raise Failed(f"{what[0]} {what[1]}: {status} {text[:300]}")
        return json.loads(text)


def make_data(service):
    """A key, and the names of what there is."""
    key = service.parley("load", "--synthetic", "teams=1,sessions=60").split()[0]
    session = service.ask("GET", "/api/sessions/?page_size=1", key, expected=200)["results"][0]
    chatbot = session["experiment"]["id"]
    embed_key = service.parley("channel", "create", "--chatbot", chatbot, "--name", "Widget", "--origin", ORIGIN).split()[0]
    chat = service.ask("POST", "/api/chat/start/", None, {"chatbot_id": chatbot}, fields={"X-Embed-Key": embed_key, "Origin": "https://" + ORIGIN}, expected=201)
    secret = service.parley("application", "create", "--name", "Machine", "--grant", "client-credentials", "--team", session["team"]["slug"], "--client-id", "machine").split()[0]
    return key, {"session": session["id"], "chatbot": chatbot, "client": {"id": "machine", "secret": secret},
                 "chat": {"session": chat["session_id"], "token": chat["session_token"], "key": embed_key, "origin": ORIGIN}}


def run_checks(path, service, key, there):
    """What schemathesis said."""
    command = [path, "--config-file", HERE + "/schemathesis.toml", "run", service.base + "/api/schema/", "--url", service.base, "--checks", "all",
               "--header", f"X-api-key: {key}", "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing,stateful", "--seed", SEED,
               "--continue-on-failure", "--request-timeout", str(patiently(20))]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": HERE + "/hooks.py", "PARLEY_DRILL": json.dumps(there), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, env=environment, cwd=service.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=3600)
    except subprocess.TimeoutExpired as late:
        raise Failed("schemathesis did not end within an hour") from late
    return done.returncode, done.stdout


def number(text, pattern):
    found = re.search(pattern, text)
    return int(found.group(1)) if found else 0


def drill():
    path = tool()
    with Service() as service:
        key, there = make_data(service)
        say("the service is up, with a chatbot, sessions, a channel and a client")
        code, said = run_checks(path, service, key, there)
        log = os.path.join(ROOT, "build/schemathesis.log")
        with open(log, "w") as file:
            file.write(said)
        selected, tested = number(said, r"Selected: (\d+)/"), number(said, r"Tested: (\d+)")
        generated, failures = number(said, r"(\d+) generated"), len(re.findall(r"^- ST\d+ ", said, re.M))
        if code != 0:
            say(said[said.find("FAILURES"):] if "FAILURES" in said else said[-3000:])
        expect(selected > 0 and tested == selected, f"all operations of the document were tried: {tested} of {selected}")
        expect(generated > (5 if QUICK else 20) * selected, f"{generated} requests were made up")
        expect(code == 0 and failures == 0, f"{failures} failures (all of it: build/schemathesis.log)")
        answer = service.ask("GET", "/api/sessions/?page_size=1", key, expected=200)
        expect(len(answer["results"]) == 1, "the service answers as before")


run_drill(drill, has_quick_form=True)
