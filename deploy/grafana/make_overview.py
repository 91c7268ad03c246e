#!/usr/bin/env python3
"""Writes the overview dashboard (overview.json) for Grafana from the table of panels below.

    deploy/grafana/make_overview.py            write overview.json
    deploy/grafana/make_overview.py --check    exit 1 when overview.json is not what this script writes

`./dev drill dashboards` asks a real Prometheus for every expression. Standard library only.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OUTPUT = os.path.join(HERE, "overview.json")

# $namespace and $instance are ".*" until somebody chooses; where there is no namespace the label is empty, which ".*" matches.
EACH = 'namespace=~"$namespace", instance=~"$instance"'
ALL = 'namespace=~"$namespace"'
WINDOW = "[$__rate_interval]"


def rate(metric, by, more=""):
    return f"sum by ({by}) (rate({metric}{{{EACH}{more}}}{WINDOW}))"


def quantile(q, metric, by):
    return f"histogram_quantile({q}, sum by ({by}, le) (rate({metric}_bucket{{{EACH}}}{WINDOW})))"


# (title, unit, what it tells, [(expression, legend)]); a string is a row's heading.
PANELS = [
    "Objectives: 99.9 % without a 5xx, 99 % within 250 ms, over thirty days",
    ("Availability, last hour", "percentunit", "The share of requests that were not answered with a 5xx.",
     [(f"1 - job:parley_availability_errors:ratio_rate1h{{{ALL}}}", "{{job}}")]),
    ("Within 250 ms, last hour", "percentunit", "The share of requests that were answered within 250 ms.",
     [(f"1 - job:parley_latency_errors:ratio_rate1h{{{ALL}}}", "{{job}}")]),
    ("Error budget left", "percentunit", "Of thirty days' budget. Below zero the objective is missed.",
     [(f"job:parley_availability_budget:left_ratio{{{ALL}}}", "availability"), (f"job:parley_latency_budget:left_ratio{{{ALL}}}", "latency")]),
    ("Burn rate", "none", "How many times faster than allowed the budgets are spent: 14.4 and 6 page, 1 is a ticket.",
     [(f"job:parley_availability_errors:ratio_rate1h{{{ALL}}} / 0.001", "availability"),
      (f"job:parley_latency_errors:ratio_rate1h{{{ALL}}} / 0.01", "latency")]),

    "Traffic, errors, latency",
    ("Requests by operation", "reqps", "none are requests whose path does not exist.", [(rate("parley_http_requests_total", "operation"), "{{operation}}")]),
    ("Requests by status", "reqps", "Answers by class.", [(rate("parley_http_requests_total", "status_class"), "{{status_class}}")]),
    ("5xx by operation", "reqps", "What counts against availability.",
     [(rate("parley_http_requests_total", "operation", ', status_class="5xx"'), "{{operation}}")]),
    ("Latency, median", "s", "From the last byte of the head to the answer.",
     [(quantile(0.5, "parley_http_request_seconds", "operation"), "{{operation}}")]),
    ("Latency, 99th percentile", "s", "From the last byte of the head to the answer.",
     [(quantile(0.99, "parley_http_request_seconds", "operation"), "{{operation}}")]),
    ("Malformed requests", "reqps", "Heads and bodies that the gate refused, by the rule they break.",
     [(rate("parley_http_gate_refusals_total", "problem"), "{{problem}}")]),

    "Saturation",
    ("Waiting for a lane, 99th percentile", "s", "The first sign of overload.", [(quantile(0.99, "parley_store_queue_seconds", "verb"), "{{verb}}")]),
    ("Fullest queue", "percentunit", "Of its bound (store-queue-jobs-max). Beyond it requests are refused with 503.",
     [(f"parley_store_queue_jobs{{{EACH}}} / parley_store_queue_jobs_max{{{EACH}}}", "{{instance}}")]),
    ("Jobs in a batch, mean", "none", "Grows with load, by design: the cost of each job falls.",
     [(f"{rate('parley_store_batch_jobs_sum', 'verb')} / ({rate('parley_store_batch_jobs_count', 'verb')} > 0)", "{{verb}}")]),
    ("Refused jobs", "reqps", "Each was a 503.", [(rate("parley_store_jobs_refused_total", "verb, reason"), "{{verb}} {{reason}}")]),
    ("Open connections", "none", "From clients, or from the load balancer.", [(f"parley_http_connections_open{{{EACH}}}", "{{instance}}")]),
    ("Connections taken", "cps", "New ones a second: few, where clients keep theirs.", [(rate("parley_http_connections_accepted_total", "instance"), "{{instance}}")]),
    ("Connections refused", "cps", "By the bound that was met.", [(rate("parley_http_connections_refused_total", "reason"), "{{reason}}")]),

    "Database",
    ("Connected", "none", "Lanes that are connected; at 0 everything is answered 503.", [(f"parley_store_lanes_up{{{EACH}}}", "{{instance}}")]),
    ("Statement, 99th percentile", "s", "From sending a batch to its last row: the database's part.",
     [(quantile(0.99, "parley_store_statement_seconds", "verb"), "{{verb}}")]),
    ("Batches", "ops", "By verb.", [(rate("parley_store_batches_total", "verb"), "{{verb}}")]),
    ("Batches that did not go well", "ops", "Run again, failed, or cut off.",
     [(rate("parley_store_batches_total", "verb, outcome", ', outcome!="ok"'), "{{verb}} {{outcome}}")]),
    ("Reconnects", "none", "Within an hour.", [(f"increase(parley_store_database_reconnects_total{{{EACH}}}[1h])", "{{instance}}")]),

    "Callers",
    ("Credentials by scheme", "reqps", "How callers come in.", [(rate("parley_auth_credentials_total", "scheme", ', outcome="ok"'), "{{scheme}}")]),
    ("Refused credentials", "reqps", "By what was wrong.",
     [(rate("parley_auth_credentials_total", "scheme, outcome", ', outcome!="ok"'), "{{scheme}} {{outcome}}")]),
    ("Answered from the cache", "percentunit", "Look-ups of credentials that cost the database nothing.",
     [(f"{rate('parley_auth_credentials_total', 'scheme', ', source=%scache%s' % (chr(34), chr(34)))} / ({rate('parley_auth_credentials_total', 'scheme')} > 0)", "{{scheme}}")]),
    ("Keys near their end", "none", "Look-ups within a day of API keys that end within seven days.",
     [(f"sum by (scheme) (increase(parley_auth_keys_near_expiry_total{{{EACH}}}[1d]))", "{{scheme}}")]),
    ("Rate limits", "reqps", "Decisions: admitted, refused, or over a limit that is not enforced.",
     [(rate("parley_rate_limit_decisions_total", "scope, outcome"), "{{scope}} {{outcome}}")]),
    ("Counts not shared", "none", "Rounds within an hour in which replicas could not tell each other their counts.",
     [(f"increase(parley_rate_limit_sharing_failures_total{{{EACH}}}[1h])", "{{instance}}")]),

    "Process",
    ("CPU", "percentunit", "1 is a whole core.", [(rate("process_cpu_seconds_total", "instance", ', job="parley"'), "{{instance}}")]),
    ("Memory", "bytes", "Resident.", [(f'process_resident_memory_bytes{{{EACH}, job="parley"}}', "{{instance}}")]),
    ("File descriptors", "percentunit", "Of those it may have.",
     [(f'process_open_fds{{{EACH}, job="parley"}} / process_max_fds{{{EACH}, job="parley"}}', "{{instance}}")]),
    ("Threads", "none", "A fixed number: I/O, lanes and a few more.", [(f'process_threads{{{EACH}, job="parley"}}', "{{instance}}")]),
    ("Running for", "s", "Since the process started.", [(f'time() - process_start_time_seconds{{{EACH}, job="parley"}}', "{{instance}}")]),
    ("Clock", "s", "How far the replica's clock is from Prometheus', apart from the time a scrape takes.",
     [(f"parley_telemetry_clock_seconds{{{EACH}}} - timestamp(parley_telemetry_clock_seconds{{{EACH}}})", "{{instance}}")]),
    ("Releases", "none", "How many replicas run which.", [(f"count by (version, revision) (parley_build_info{{{EACH}}})", "{{version}} {{revision}}")]),
    ("Log lines lost", "none", "Within an hour.", [(f"increase(parley_telemetry_log_lines_dropped_total{{{EACH}}}[1h])", "{{instance}}")]),
    ("Spans", "ops", "Taken by the collector, and dropped by the reason; nothing but zeros where no otlp-endpoint is set.",
     [(rate("parley_telemetry_spans_exported_total", "job"), "taken"), (rate("parley_telemetry_spans_dropped_total", "reason"), "{{reason}}")]),
    ("Spans not sent at once", "none", "Attempts within an hour that failed, by what went wrong.",
     [(f"sum by (reason) (increase(parley_telemetry_span_export_failures_total{{{EACH}}}[1h]))", "{{reason}}")]),
]

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT, COLUMNS = 6, 7, 24


def variables():
    def query(name, label, text):
        return {"name": name, "label": label, "type": "query", "datasource": DATASOURCE, "query": {"query": text, "refId": name}, "refresh": 2,
                "includeAll": True, "allValue": ".*", "multi": True, "current": {"text": "All", "value": "$__all"}, "sort": 1}
    return [
        {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "refresh": 1},
        query("namespace", "Namespace", "label_values(parley_build_info, namespace)"),
        query("instance", "Replica", 'label_values(parley_build_info{namespace=~"$namespace"}, instance)'),
    ]


def panel(number, place, title, unit, tells, targets):
    return {
        "id": number, "type": "timeseries", "title": title, "description": tells, "datasource": DATASOURCE,
        "gridPos": {"x": place[0], "y": place[1], "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "custom": {"fillOpacity": 5, "showPoints": "never"}}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
        "targets": [{"refId": chr(ord("A") + i), "expr": expression, "legendFormat": legend, "datasource": DATASOURCE}
                    for i, (expression, legend) in enumerate(targets)],
    }


def panels():
    made, x, y = [], 0, 0
    for number, entry in enumerate(PANELS, 1):
        if isinstance(entry, str):
            y, x = (y + HEIGHT if x else y), 0
            made.append({"id": number, "type": "row", "title": entry, "collapsed": False, "panels": [], "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1}})
            y += 1
            continue
        made.append(panel(number, (x, y), *entry))
        x += WIDTH
        if x == COLUMNS:
            x, y = 0, y + HEIGHT
    return made


def dashboard():
    return {"uid": "parley-overview", "title": "Parley", "tags": ["parley"], "schemaVersion": 37, "version": 1, "editable": True, "refresh": "30s",
            "time": {"from": "now-6h", "to": "now"}, "timezone": "utc", "templating": {"list": variables()}, "annotations": {"list": []},
            "panels": panels()}


def main():
    text = json.dumps(dashboard(), indent=1) + "\n"
    if "--check" in sys.argv[1:]:
        with open(OUTPUT) as stored:
            if stored.read() != text:
                sys.exit("overview.json is not what make_overview.py writes: run it")
        return
    with open(OUTPUT, "w") as output:
        output.write(text)


if __name__ == "__main__":
    main()
