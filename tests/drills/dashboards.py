#!/usr/bin/env python3
"""Goal: every expression of the overview dashboard returns data, and so does every recorded series.

Method: the whole stack under load, with something going wrong of each kind that has a panel: bad keys, malformed heads, a team over its limit, a key
near its end, too many connections, a database that is killed. Then a real Prometheus is asked for every expression.
"""
import json
import re
import socket
import subprocess
import time
import urllib.parse

from stage import ROOT, Callers, Stack, ask, expect, run_drill, say, wait_until


def expressions():
    with open(ROOT + "/deploy/grafana/overview.json") as file:
        panels = json.load(file)["panels"]
    for panel in panels:
        for target in panel.get("targets", []):
            text = target["expr"].replace("$__rate_interval", "1m").replace("$namespace", ".*").replace("$instance", ".*")
            yield panel["title"], text


def recorded():
    with open(ROOT + "/deploy/prometheus/rules/recording.yml") as file:
        return re.findall(r"- record: (\S+)", file.read())


def adapter_query():
    """What prometheus-adapter asks for the production autoscaler, of replicas in place of pods."""
    with open(ROOT + "/k8s/prometheus-adapter/rules.yaml") as file:
        text = file.read()
    series = re.search(r"seriesQuery: '(\w+)", text).group(1)
    query = re.search(r"metricsQuery: (.*)", text).group(1)
    return query.replace("<<.GroupBy>>", "instance").replace("<<.Series>>", series).replace("<<.LabelMatchers>>", 'job="parley"').replace("[2m]", "[1m]")


def unwatched_metrics():
    """Metrics that neither the dashboard nor an alert looks at."""
    with open(ROOT + "/deploy/grafana/overview.json") as dashboard, open(ROOT + "/deploy/prometheus/rules/alerts.yml") as alerts:
        text = dashboard.read() + alerts.read()
    with open(ROOT + "/tests/unit/telemetry/metric_names.txt") as names:
        return [name for name in names.read().split() if name not in text]


def raw(base, data):
    address = urllib.parse.urlsplit(base)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(data)
        return connection.recv(4096)


def misbehave(stack, ending):
    """One of each kind; returns the statuses."""
    api, replica = stack.where["API"], stack.where["REPLICA_1"]
    malformed = raw(replica, b"GET /api/sessions/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    statuses = [ask(api, "GET", "/api/sessions/", "no-such-key")[0], ask(api, "GET", "/no/such/path/")[0], int(malformed.split()[1])]
    return statuses + [ask(replica, "GET", "/api/sessions/", ending)[0] for _ in range(4)]


def crowd(stack):
    """More connections than connections-max allows."""
    address = urllib.parse.urlsplit(stack.where["REPLICA_1"])
    crowd = [socket.create_connection((address.hostname, address.port), timeout=5) for _ in range(110)]
    time.sleep(0.5)
    for connection in crowd:
        connection.close()


def prepare(stack):
    """Data, teams without a limit that would matter, and one with a limit of three and a key that ends tomorrow: that key."""
    stack.load("teams=2,sessions=200,messages=4,chatbots=2,tags=10")
    for slug in re.findall(r'"slug": ?"([^"]+)"', stack.parley("team", "list", "--json")):
        stack.parley("team", "set-limit", slug, "1000000/5m")
    stack.parley("team", "create", "ending", "--api-rate-limit", "3/5m")
    stack.parley("user", "create", "drill@example.org")
    stack.parley("role", "create", "reader", "--permission", "view")
    stack.parley("member", "add", "ending", "drill@example.org", "--role", "reader")
    return stack.parley("key", "create", "--team", "ending", "--user", "drill@example.org", "--name", "ending", "--expires", "1d").split()[-1]


def go_wrong(stack, ending):
    """Everything that has a panel, twice: counters that have just appeared have to be seen to grow."""
    seen = set()
    for is_second in (False, True):
        for _ in range(4):
            seen.update(misbehave(stack, ending))
            crowd(stack)
            time.sleep(2)
        if is_second:
            break
        say("the database is killed and comes back")
        stack.postgresql("stop", "-m", "immediate")
        time.sleep(3)
        stack.postgresql("start", "-l", stack.folder + "/postgresql/server.log")
        time.sleep(3)
    expect({400, 401, 404, 429} <= seen, f"misbehaviour was answered {sorted(seen)}")


def drill():
    subprocess.run([ROOT + "/deploy/grafana/make_overview.py", "--check"], check=True)
    unwatched = unwatched_metrics()
    expect(not unwatched, "every metric is on the dashboard or in an alert" + "".join(f", but {name}" for name in unwatched))
    with Stack(settings=["--connections-max", "100"]) as stack:
        ending = prepare(stack)
        with Callers(stack.where["API"], stack.keys) as callers:
            go_wrong(stack, ending)
        say(f"answers: {dict(sorted(callers.statuses.items()))}, {len(callers.broken)} broken connections")
        time.sleep(12)  # The long windows are computed every eight seconds here.
        panels = list(expressions())
        empty = [f"{title}: {text}" for title, text in panels if not stack.query(text)]
        for line in empty:
            say("no data: " + line)
        expect(not empty, f"all {len(panels)} expressions of the dashboard return data")
        silent = [name for name in recorded() if not stack.query(name)]
        expect(not silent, f"all {len(set(recorded()))} recorded series have data{' but ' + ', '.join(silent) if silent else ''}")
        expect(len(stack.query(adapter_query())) == 2, "the autoscaler's metric has a value for each replica")
        wait_until(lambda: len(stack.query('up{job="parley"} == 1')) == 2, 30, "Prometheus sees both replicas up")
        expect(True, "Prometheus sees both replicas up")


run_drill(drill)
