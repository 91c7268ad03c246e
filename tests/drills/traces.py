#!/usr/bin/env python3
"""Goal: a real OpenTelemetry Collector takes every span that the service makes; and when it is gone, no caller notices.

Method: an OpenTelemetry Collector, made by Go out of the module collector/, receives what a service under load exports, and hands what it has understood on
to the drill. Each request asked with a traceparent is found again by its ids. Then the collector is stopped under load and started again. At last the CPU time
that a request takes without spans, with those of one in a hundred and with all of them. Where the collector cannot be made, the drill is skipped.
"""
import http.server
import json
import os
import re
import secrets
import shutil
import subprocess
import threading
import time

from stage import ROOT, Callers, Failed, Service, Skipped, ask, expect, free_port, get, run_drill, say, scratch_folder, wait_until

TOOLS = ROOT + "/build/tools"
SERVER, CLIENT = 2, 3
SIZES = "teams=2,sessions=500,messages=4"
NAMED = 200  # Requests that are looked for by their ids.
PATIENCE = 4  # Seconds: a caller that had to wait for the collector would take longer, since it is away for twelve.


def make_collector():
    """The path of the collector."""
    if not shutil.which("go"):
        raise Skipped("there is no Go")
    path = TOOLS + "/collector"
    os.makedirs(TOOLS, exist_ok=True)
    made = subprocess.run(["go", "build", "-o", path, "."], cwd=ROOT + "/tests/drills/collector", capture_output=True, text=True, timeout=1800,
                          env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": ""})
    if made.returncode != 0:
        raise Skipped("Go could not make the collector: " + (made.stderr.strip().splitlines() or ["it did not say why"])[-1])
    return path


class Sink:
    """Takes what the collector hands on. A context manager."""

    def __init__(self):
        self.spans, self.resources, self.lock = [], [], threading.Lock()
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                sink.take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join(10)
        self.server.server_close()

    def take(self, document):
        with self.lock:
            for resource in document["resourceSpans"]:
                self.resources.append(attributes_of(resource["resource"]))
                self.spans += [span for scope in resource["scopeSpans"] for span in scope["spans"]]


def attributes_of(thing):
    return {one["key"]: next(iter(one["value"].values())) for one in thing.get("attributes", [])}


class Collector:
    """The real one. Started and stopped as the drill likes, always at the same address; a context manager that ends it."""

    def __init__(self, path, folder, sink):
        self.path, self.folder, self.process = path, folder, None
        self.port, self.metrics_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        with open(folder + "/collector.yaml", "w") as file:
            file.write(f"""
receivers:
  otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{self.port}"}}}}}}
exporters:
  otlphttp: {{endpoint: "{sink.url}", encoding: json, compression: none}}
service:
  pipelines: {{traces: {{receivers: [otlp], exporters: [otlphttp]}}}}
  telemetry:
    metrics: {{level: normal, readers: [{{pull: {{exporter: {{prometheus: {{host: 127.0.0.1, port: {self.metrics_port}}}}}}}}}]}}
""")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        with open(self.folder + "/collector.log", "a") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", self.path, "--config", self.folder + "/collector.yaml"], stdout=log, stderr=log)
        wait_until(self.is_up, 30, "the collector is up")

    def is_up(self):
        if self.process.poll() is not None:
            with open(self.folder + "/collector.log") as log:
                raise Failed("the collector has ended: " + log.read()[-600:])
        try:
            get(f"http://127.0.0.1:{self.metrics_port}/metrics")
            return True
        except OSError:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def count(self, name):
        """The sum of one of its own metrics, by the beginning of the name."""
        lines = get(f"http://127.0.0.1:{self.metrics_port}/metrics").splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if re.match(name + r"(_total|__spans__total|_spans_total)?\{", line))


def settled(service, what):
    """Waits until every span is exported or dropped, which is when the sums stand still; returns them."""
    seen = []

    def stands_still():
        seen.append((service.metric("parley_telemetry_spans_exported_total"), service.metric("parley_telemetry_spans_dropped_total")))
        time.sleep(1)
        return len(seen) >= 4 and len(set(seen[-4:])) == 1

    wait_until(stands_still, 60, what)
    return seen[-1]


def ask_by_name(service):
    """Requests with a traceparent of their own; {trace id: the caller's span id}."""
    named = {}
    for number in range(NAMED):
        trace, span = secrets.token_hex(16), secrets.token_hex(8)
        status, _ = ask(service.base, "GET", "/api/sessions/?page_size=2", service.keys[number % len(service.keys)],
                        fields={"traceparent": f"00-{trace}-{span}-01"})
        expect_quietly(status == 200, f"a request with a traceparent was answered {status}")
        named[trace] = span
    return named


def expect_quietly(is_so, text):
    if not is_so:
        raise Failed(text)


def check_spans(spans, requests, named):
    servers = [span for span in spans if span["kind"] == SERVER]
    expect(len(servers) == requests, f"one span of kind SERVER for each of {requests} requests")
    ids = {(span["traceId"], span["spanId"]) for span in spans}
    expect(len(ids) == len(spans), f"{len(spans)} spans, each with an id of its own")
    known = {(span["traceId"], span["spanId"]): span for span in servers}
    children = [span for span in spans if span["kind"] != SERVER]
    orphans = [span for span in children if (span["traceId"], span.get("parentSpanId")) not in known]
    expect(not orphans and children, f"{len(children)} spans of the store, each below the span of its request")

    def is_within(child):
        parent = known[child["traceId"], child["parentSpanId"]]
        return int(parent["startTimeUnixNano"]) <= int(child["startTimeUnixNano"]) <= int(child["endTimeUnixNano"]) <= int(parent["endTimeUnixNano"])

    expect(all(map(is_within, children)), "and within its time")
    by_trace = {span["traceId"]: span for span in servers}
    expect(all(by_trace[trace].get("parentSpanId") == parent for trace, parent in named.items()), f"{len(named)} requests with a traceparent are below their callers' spans")
    begun = [span for span in servers if span["traceId"] not in named]
    expect(all(not span.get("parentSpanId") for span in begun), f"{len(begun)} requests without one begin a trace")
    attributes = [attributes_of(span) for span in servers]
    wanted = ("http.request.method", "http.route", "url.scheme", "http.response.status_code", "parley.operation", "parley.team", "parley.request_id")
    expect(all(key in one for one in attributes for key in wanted), f"each says {', '.join(wanted)}")
    statements = sorted({span["name"] for span in spans if span["kind"] == CLIENT})
    expect("session_list" in statements, f"statements: {', '.join(statements)}")


def check_nothing_private(spans, service):
    text = json.dumps(spans)
    people = service.sql("select distinct identifier from participant limit 50").split()
    ids = service.sql("select id from session limit 500").split()
    expect(people and ids and not any(word in text for word in people + ids + service.keys), f"no key, none of {len(people)} participants and {len(ids)} sessions is in them")


def check_collector(service, collector, sink):
    with Callers(service.base, service.keys, threads=3, pause=0.005) as callers:
        named = ask_by_name(service)
        time.sleep(10)
    exported, dropped = settled(service, "all spans are exported")
    requests = sum(callers.statuses.values()) + len(named)
    say(f"answers: {dict(sorted(callers.statuses.items()))}; {exported:.0f} spans exported")
    expect(not callers.broken and max(callers.statuses) < 500, "no request failed")
    expect(dropped == 0, "no span was dropped")
    accepted, refused = collector.count("otelcol_receiver_accepted_spans"), collector.count("otelcol_receiver_refused_spans")
    expect(accepted == exported and refused == 0, f"the collector accepted {accepted:.0f} spans and refused {refused:.0f}")
    wait_until(lambda: len(sink.spans) >= exported, 30, "the collector has handed on all spans")
    check_spans(sink.spans, requests, named)
    names = {(one["service.name"], one["service.version"], one["service.instance.id"]) for one in sink.resources}
    expect(len(names) == 1 and len(next(iter(names))[2]) == 36, f"from one service: {' '.join(next(iter(names)))}")
    check_nothing_private(sink.spans, service)


def check_absence(service, collector, sink):
    """The collector goes, and comes back."""
    before = service.resident_kib()
    with Callers(service.base, service.keys, threads=3, pause=0.005) as callers:
        time.sleep(2)
        collector.stop()
        say("the collector is stopped")
        time.sleep(12)
        lost = service.metric("parley_telemetry_span_export_failures_total")
        expect(lost > 0, f"{lost:.0f} attempts failed meanwhile")
        with sink.lock:
            had = len(sink.spans)
        collector.start()
        say("the collector is back")
        wait_until(lambda: len(sink.spans) > had, 60, "spans come again")
        expect(True, "spans come again")
    expect(not callers.broken and max(callers.statuses) < 500, f"no request failed: {dict(sorted(callers.statuses.items()))}")
    expect(callers.slowest < PATIENCE, f"and none waited for it: the slowest took {callers.slowest * 1000:.0f} ms")
    grown = (service.resident_kib() - before) / 1024
    expect(grown < 40, f"memory grew by {grown:.1f} MiB: at most what the queue may hold")
    settled(service, "all spans are exported or dropped")


def check_full_queue():
    """Nobody takes spans, and there is room for few."""
    with Service(["--otlp-endpoint", f"http://127.0.0.1:{free_port()}", "--otlp-sample-per-million", "1000000", "--otlp-queue-spans-max", "64",
                  "--rate-limit-enforce", "false"], SIZES) as service:
        with Callers(service.base, service.keys, threads=3, pause=0.005) as callers:
            time.sleep(5)
        dropped = service.metric("parley_telemetry_spans_dropped_total")
        expect(not callers.broken and max(callers.statuses) < 500 and dropped > 1000, f"with a full queue {dropped:.0f} spans were dropped and no request failed")


def cpu_per_request(url, per_million):
    """Microseconds of CPU of the service for a request, under wrk."""
    settings = ["--rate-limit-enforce", "false", "--log-level", "warning"]
    if per_million is not None:
        settings += ["--otlp-endpoint", url, "--otlp-sample-per-million", str(per_million), "--otlp-queue-spans-max", "100000"]
    with Service(settings, SIZES) as service:
        session = service.sql("select id from session order by id limit 1").strip()
        team_key = next(key for key in service.keys if ask(service.base, "GET", f"/api/sessions/{session}/", key)[0] == 200)
        wrk = ["wrk", "-t1", "-c16", "-H", "X-api-key: " + team_key, f"{service.base}/api/sessions/{session}/"]
        subprocess.run([*wrk, "-d3s"], check=True, capture_output=True)
        cpu, requests = service.metric("process_cpu_seconds_total"), service.metric("parley_http_requests_total")
        subprocess.run([*wrk, "-d8s"], check=True, capture_output=True)
        cpu, requests = service.metric("process_cpu_seconds_total") - cpu, service.metric("parley_http_requests_total") - requests
        lost = service.metric("parley_telemetry_spans_dropped_total")
        return cpu / requests * 1e6, requests / 8, lost


def measure(collector):
    for name, per_million in (("no spans", None), ("one in a hundred", 10_000), ("all", 1_000_000)):
        cpu, rate, lost = cpu_per_request(collector.url, per_million)
        say(f"CPU of the service for a retrieve, {name}: {cpu:.1f} us at {rate:.0f} requests a second; {lost:.0f} spans dropped")


def drill():
    path = make_collector()
    expect(True, "the collector is made: " + path.replace(ROOT + "/", ""))
    with scratch_folder() as folder, Sink() as sink, Collector(path, folder, sink) as collector:
        with Service(["--otlp-endpoint", collector.url, "--otlp-sample-per-million", "1000000", "--rate-limit-enforce", "false"], SIZES) as service:
            check_collector(service, collector, sink)
            check_absence(service, collector, sink)
        check_full_queue()
        measure(collector)


run_drill(drill)
