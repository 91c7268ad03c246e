#!/usr/bin/env python3
"""Goal: k8s/ builds, is valid for Kubernetes and for the operators whose resources it has, scores without a critical finding, and fits the service.

Method: the real tools. kustomize and kube-score come by Go, kubernetes-validate from PyPI. CloudNativePG's resources are held against the operator's
CustomResourceDefinitions as an API server would (schema, unknown fields, rules), those of the Prometheus operator against its types, the rules of
prometheus-adapter by its own reader; all of these come as Go modules. Where one cannot be had its check is skipped with a notice.
"""
import json
import os
import re
import shutil
import subprocess
import sys

from stage import BUILD, ROOT, expect, run_drill, say

TOOLS = os.path.join(ROOT, "build/tools")
KUBERNETES = "1.34"
# The operators' modules, and the definitions in them.
DEFINITIONS = {
    "github.com/cloudnative-pg/cloudnative-pg@v1.30.0": ("postgresql.cnpg.io_clusters.yaml", "postgresql.cnpg.io_scheduledbackups.yaml"),
    "github.com/cloudnative-pg/plugin-barman-cloud@v0.15.0": ("barmancloud.cnpg.io_objectstores.yaml",),
}
OPERATORS = ("Cluster", "ScheduledBackup", "ObjectStore", "ServiceMonitor", "PodMonitor", "PrometheusRule")
skipped = []


def skip(what, why):
    skipped.append(what)
    say(f"skipped: {what} ({why.strip().splitlines()[-1] if why.strip() else 'not found'})")


def go_tool(name, package, folder=None):
    """The path of a tool made by Go, or None. folder holds a module of our own."""
    path = os.path.join(TOOLS, name)
    if os.path.exists(path) and not folder:
        return path
    if not shutil.which("go"):
        return skip(name, "there is no Go")
    command = ["go", "build", "-o", path, "."] if folder else ["go", "install", package]
    made = subprocess.run(command, cwd=folder or ROOT, env={**os.environ, "GOBIN": TOOLS, "GOFLAGS": ""}, capture_output=True, text=True)
    return path if made.returncode == 0 else skip(name, made.stderr)


def definitions():
    """Paths of the operators' CustomResourceDefinitions, or None."""
    paths = []
    for module, names in DEFINITIONS.items():
        if not shutil.which("go"):
            return skip("CustomResourceDefinitions", "there is no Go")
        made = subprocess.run(["go", "mod", "download", "-json", module], cwd=TOOLS, env={**os.environ, "GOFLAGS": "", "GO111MODULE": "on"}, capture_output=True,
                              text=True)
        if made.returncode != 0:
            return skip("CustomResourceDefinitions", json.loads(made.stdout or "{}").get("Error", made.stderr))
        paths += [os.path.join(json.loads(made.stdout)["Dir"], "config/crd/bases", name) for name in names]
    return paths


def kustomize():
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    # Of Debian 12's kubectl the built-in kustomize is too old.
    version = subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True).stdout if shutil.which("kubectl") else ""
    if "Kustomize Version: v5" in version:
        return ["kubectl", "kustomize"]
    path = go_tool("kustomize", "sigs.k8s.io/kustomize/kustomize/v5@v5.6.0")
    return [path, "build"] if path else None


def kubernetes_validate():
    path = os.path.join(TOOLS, "python/bin/kubernetes-validate")
    if not os.path.exists(path):
        made = subprocess.run(f"{sys.executable} -m venv {TOOLS}/python && {TOOLS}/python/bin/pip -q install kubernetes-validate==1.37.0", shell=True,
                              capture_output=True, text=True)
        if made.returncode != 0:
            return skip("kubernetes-validate", made.stderr)
    return path


def documents(text):
    return [document for document in text.split("\n---\n") if document.strip()]


def kind_of(document):
    return re.search(r"^kind: (\S+)", document, re.M).group(1)


def is_core(document):
    return not re.search(r"^apiVersion: (monitoring.coreos.com|(postgresql|barmancloud).cnpg.io)/", document, re.M)


def check_schema(overlay, text, tool):
    path = os.path.join(TOOLS, "document.yaml")
    core = [document for document in documents(text) if is_core(document)]
    for document in core:
        with open(path, "w") as file:
            file.write(document)
        done = subprocess.run([tool, "--strict", "-k", KUBERNETES, path], capture_output=True, text=True)
        if done.returncode != 0:
            say(done.stdout + done.stderr)
        expect(done.returncode == 0, f"{overlay}: {kind_of(document)} is valid for Kubernetes {KUBERNETES}")


def check_score(overlay, text, tool):
    done = subprocess.run([tool, "score", "-", "--output-format", "ci"], input=text, capture_output=True, text=True)
    findings = [line for line in done.stdout.splitlines() if line.startswith("[CRITICAL]")]
    for line in findings:
        say(line)
    expect("[OK]" in done.stdout and not findings, f"{overlay}: kube-score has no critical finding")


def check_operator_types(overlay, text, tool, paths):
    """Each resource of an operator: those of CloudNativePG where their definitions could be had."""
    wanted = [kind_of(document) for document in documents(text) if kind_of(document) in OPERATORS]
    if not paths:
        wanted = [kind for kind in wanted if not kind.startswith(("Cluster", "ScheduledBackup", "ObjectStore"))]
    done = subprocess.run([tool, *paths], input=text, capture_output=True, text=True)
    held = [line.split()[0] for line in done.stdout.splitlines()]
    if done.returncode != 0:
        say(done.stderr)
    expect(done.returncode == 0 and sorted(held) == sorted(wanted), f"{overlay}: {', '.join(sorted(held))} are as their operators want them")


def check_adapter(text, tool):
    """The production autoscaler's second metric is one that prometheus-adapter makes of the rules."""
    done = subprocess.run([tool, "--adapter", ROOT + "/k8s/prometheus-adapter/rules.yaml"], capture_output=True, text=True)
    if done.returncode != 0:
        say(done.stderr)
    expect(done.returncode == 0, "prometheus-adapter reads its rules")
    made = [line.split()[1] for line in done.stdout.splitlines()]
    autoscaler = next(document for document in documents(text) if kind_of(document) == "HorizontalPodAutoscaler")
    asked = re.findall(r"metric:\s+name: (\S+)", autoscaler)
    expect(asked and set(asked) <= set(made), f"production: what the autoscaler looks at, {', '.join(asked)}, is what the adapter makes")


def number(text, pattern):
    return int(re.search(pattern, text, re.M | re.S).group(1))


def check_drain(overlay, settings, text):
    """The pod is given the time that its preStop and its drain take, and the probes fit the pause."""
    deployment = next(document for document in documents(text) if kind_of(document) == "Deployment")
    grace = number(deployment, r"terminationGracePeriodSeconds: (\d+)")
    pre_stop = number(deployment, r"preStop:\s+sleep:\s+seconds: (\d+)")
    needed = pre_stop + settings["drain_pause_ms"] / 1000 + settings["drain_seconds"] + 2
    expect(needed < grace, f"{overlay}: the grace period of {grace} s holds preStop, pause, drain and the last writes ({needed:.0f} s)")


def check_settings(overlay, path):
    done = subprocess.run([BUILD + "/parleyd", "config", "--config", path, "--json"], capture_output=True, text=True)
    expect(done.returncode == 0, f"{overlay}: parleyd takes {os.path.relpath(path, ROOT)} {done.stderr.strip()}".rstrip())


def check_compose():
    done = subprocess.run(["docker-compose", "-f", ROOT + "/compose.yaml", "config", "-q"], capture_output=True, text=True)
    expect(done.returncode == 0, f"compose.yaml is as Compose wants it {done.stderr.strip()}".rstrip())
    proxy = ["haproxy", "-c", "-f", ROOT + "/deploy/haproxy/haproxy.cfg", "-f", ROOT + "/deploy/haproxy/backend-compose.cfg"]
    done = subprocess.run(proxy, env={**os.environ, "PARLEY_FRONTEND": ":8080", "PARLEY_STATS": ":8404"}, capture_output=True, text=True)
    expect("Configuration file is valid" in done.stdout + done.stderr, "HAProxy takes the compose file's configuration")
    done = subprocess.run(["promtool", "check", "config", ROOT + "/deploy/prometheus/prometheus-compose.yml"], capture_output=True, text=True)
    expect(done.returncode == 0, "Prometheus takes the compose file's configuration")


def check_unit():
    """With the program where the unit expects it, systemd has nothing to say; and how much the unit leaves open."""
    with open(ROOT + "/deploy/systemd/parley.service") as file:
        text = file.read().replace("/usr/bin/parleyd", BUILD + "/parleyd")
    unit = os.path.join(TOOLS, "parley.service")
    with open(unit, "w") as file:
        file.write(text)
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    expect(done.returncode == 0 and not done.stderr.strip(), f"systemd takes the unit {done.stderr.strip()}".rstrip())
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", unit], capture_output=True, text=True)
    expect(done.returncode == 0, done.stdout.strip().splitlines()[-1].encode("ascii", "ignore").decode().strip("> "))


def drill():
    os.makedirs(TOOLS, exist_ok=True)
    check_compose()
    check_unit()
    check = subprocess.run([ROOT + "/deploy/prometheus/make_prometheusrule.sh", "--check"])
    expect(check.returncode == 0, "the PrometheusRule is that of deploy/prometheus")
    build, validate = kustomize(), kubernetes_validate()
    score = go_tool("kube-score", "github.com/zegl/kube-score/cmd/kube-score@v1.19.0")
    types = go_tool("operator_types", None, os.path.join(ROOT, "tests/drills/operator_types"))
    paths = definitions() or []
    for overlay, settings_path in (("dev", "k8s/base/parley.json"), ("production", "k8s/overlays/production/parley.json")):
        check_settings(overlay, os.path.join(ROOT, settings_path))
        if not build:
            continue
        done = subprocess.run([*build, os.path.join(ROOT, "k8s/overlays", overlay)], capture_output=True, text=True)
        expect(done.returncode == 0, f"{overlay}: kustomize builds {len(documents(done.stdout))} resources {done.stderr.strip()}".rstrip())
        with open(os.path.join(ROOT, settings_path)) as file:
            check_drain(overlay, json.load(file), done.stdout)
        if validate:
            check_schema(overlay, done.stdout, validate)
        if score:
            check_score(overlay, done.stdout, score)
        if types:
            check_operator_types(overlay, done.stdout, types, paths)
            if overlay == "production":
                check_adapter(done.stdout, types)
    if skipped:
        say("not checked here: " + ", ".join(skipped))


run_drill(drill)
