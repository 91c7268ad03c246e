#!/usr/bin/env python3
"""Measures the authorization server: client-credentials grants, introspection and userinfo per second and per CPU-second.

    loadtest/oauth_bench.py [--connections 1,32] [--seconds 5] [--rounds 3] [--binaries build/release]

Starts parleyd with a private PostgreSQL in a temporary folder, loads the world of tests/clients, drives it with wrk (Debian's) and stops what it
started. Keys, metrics, logs and fsync work as in production; limits count but never refuse. CPU-seconds are those of parleyd and of its
PostgreSQL, each per 1,000 requests; the median of the rounds is shown. Standard library only; Linux only (/proc).
"""
import argparse
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(ROOT, "tests/clients"))
import run as clients  # The service with a private database, and the browser that consents.

TICKS = os.sysconf("SC_CLK_TCK")
MACHINE = ("plain-machine-client", "secretOfThePlainMachineClient")
WEB = ("web-client", "secret-of-the-web-client")
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
BACK = "http://127.0.0.1:4714/callback"


def cpu(root):
    """CPU-seconds of a process, and of everything that it started."""
    own, others, children, waiting = {}, 0.0, {}, [root]
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue  # It has ended meanwhile.
        own[int(pid)] = sum(map(int, fields[11:13])) / TICKS
        children.setdefault(int(fields[1]), []).append(int(pid))
    while waiting:
        for pid in children.get(waiting.pop(), []):
            others += own.get(pid, 0.0)
            waiting.append(pid)
    return own.get(root, 0.0), others


def basic(client):
    return "Basic " + base64.b64encode(":".join(client).encode()).decode()


def token(base, form, client):
    request = urllib.request.Request(base + "/o/token/", urllib.parse.urlencode(form).encode(), {"Authorization": basic(client)})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["access_token"]


def requests(base):
    """name -> method, path, Authorization, body."""
    grant = {"grant_type": "client_credentials", "scope": "sessions:read"}
    machine = token(base, grant, MACHINE)
    link = urllib.parse.urlencode({"response_type": "code", "client_id": WEB[0], "redirect_uri": BACK, "scope": "openid profile",
                                   "code_challenge": CHALLENGE, "code_challenge_method": "S256"})
    back = clients.Browser(base).consent(base + "/o/authorize/?" + link, "red")
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
    user = token(base, {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}, WEB)
    return {"oauth_token": ("POST", "/o/token/", basic(MACHINE), urllib.parse.urlencode(grant)),
            "oauth_introspect": ("POST", "/o/introspect/", basic(MACHINE), "token=" + machine),
            "oauth_userinfo": ("GET", "/o/userinfo/", "Bearer " + user, "")}


def drive(base, request, connections, seconds):
    out = subprocess.run(["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s", "-s", HERE + "/scenarios/oauth.lua",
                          base, "--", *request], capture_output=True, text=True, timeout=seconds + 60)
    for line in out.stdout.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line[7:])
    raise RuntimeError(out.stdout + out.stderr)


def measure(base, pid, request, connections, seconds):
    service, database = cpu(pid)
    result = drive(base, request, connections, seconds)
    service_after, database_after = cpu(pid)
    count = max(result["requests"], 1)
    return {"per_second": count / result["seconds"], "p50_ms": result["p50_ms"], "p99_ms": result["p99_ms"], "errors": result["errors"],
            "service_cpu": (service_after - service) * 1000 / count, "database_cpu": (database_after - database) * 1000 / count}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--connections", default="1,32")
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--binaries", default=os.path.join(ROOT, "build/release"))
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        os.chmod(folder, 0o755)
        data = os.path.join(folder, "data")
        os.mkdir(data)
        process, base = clients.start(os.path.join(chosen.binaries, "parleyd"), data, ["--rate-limit-enforce", "false"])
        try:
            subprocess.run([os.path.join(chosen.binaries, "parley"), "load", os.path.join(ROOT, "tests/clients/world.json"), "--data-dir", data],
                           check=True, capture_output=True)
            time.sleep(1)
            print("| operation | connections | requests/s | p50 ms | p99 ms | service CPU-s/1,000 | PostgreSQL CPU-s/1,000 | requests per CPU-s | errors |")
            print("|" + " --- |" * 9)
            for name, request in requests(base).items():
                drive(base, request, 8, 1)  # Warm.
                for connections in map(int, chosen.connections.split(",")):
                    rounds = [measure(base, process.pid, request, connections, chosen.seconds) for _ in range(chosen.rounds)]
                    m = {figure: statistics.median(one[figure] for one in rounds) for figure in rounds[0]}
                    both = m["service_cpu"] + m["database_cpu"]
                    print(f"| {name} | {connections} | {m['per_second']:.0f} | {m['p50_ms']:.2f} | {m['p99_ms']:.2f} | {m['service_cpu']:.4f} | "
                          f"{m['database_cpu']:.4f} | {1000 / both if both else 0:.0f} | {m['errors']:.0f} |", flush=True)
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    main()
