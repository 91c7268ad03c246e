#!/usr/bin/env python3
"""report.py FOLDER EXIT-CODE: makes report.md, requests.svg and latency.svg of what a run of k6 has left in FOLDER: summary.json, which parley.js writes
at the end, and record.ndjson, k6's own record with one snapshot a second. Standard library only."""
import json
import os
import sys

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 900, 260, 60, 30, 40
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd")
VERDICTS = {0: "every objective was held", 99: "an objective was missed"}


def read_record(path):
    """One dictionary a second: the time, and for each series of k6 what it counts. The record names series once and lists values in the order of names."""
    aggregates, names, began, rows = {}, {}, None, []
    with open(path) as lines:
        for line in lines:
            event = json.loads(line)
            kind, data = event["event"], event["data"]
            if kind == "param":
                aggregates = data["aggregates"]
            elif kind == "metric":
                names.update(data)
            elif kind == "snapshot":
                row = {name: dict(zip(aggregates[names[name]["type"]], values)) for name, values in zip(sorted(names), data) if values}
                moment = row["time"]["value"] / 1000
                began = moment if began is None else began
                rows.append({**row, "second": moment - began})
    return rows


def nice_step(most):
    for power in range(-3, 9):
        for digit in (1, 2, 5):
            if digit * 10.0 ** power * 5 >= most:
                return digit * 10.0 ** power
    return most


def plot(path, title, seconds, series):
    """Lines over time as an SVG. series: (name, values), a value of None is a gap."""
    most = max([value for _, values in series for value in values if value is not None] + [0.001])
    step, last = nice_step(most), max(seconds[-1], 1)
    high = step * 5
    across = lambda second: LEFT + (WIDTH - LEFT - 20) * second / last
    up = lambda value: HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / high
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/><text x="{LEFT}" y="18" font-size="14">{title}</text>']
    for i in range(6):
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{up(i * step):.1f}" y2="{up(i * step):.1f}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 6}" y="{up(i * step) + 4:.1f}" text-anchor="end">{i * step:g}</text>')
    time_step = nice_step(last)
    for i in range(6):
        if i * time_step <= last:
            parts.append(f'<text x="{across(i * time_step):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{i * time_step:g} s</text>')
    for (name, values), colour, place in zip(series, COLOURS, range(len(series))):
        drawn, way = False, []
        for second, value in zip(seconds, values):
            if value is not None:
                way.append(f'{"L" if drawn else "M"}{across(second):.1f} {up(value):.1f}')
            drawn = value is not None
        parts.append(f'<path d="{" ".join(way)}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
                     f'<text x="{LEFT + 330 + 140 * place}" y="18" fill="{colour}">{name}</text>')
    with open(path, "w") as file:
        file.write("\n".join(parts) + "\n</svg>\n")


def values_of(summary, name):
    return summary["metrics"].get(name, {}).get("values", {})


def latency_row(name, values):
    return f"| {name} | {values['count']:.0f} | {values['med']:.1f} | {values['p(90)']:.1f} | {values['p(99)']:.1f} | {values['max']:.1f} |"


def write_report(folder, summary, rows, code):
    metrics = summary["metrics"]
    begun = [name for name in metrics if name.startswith("http_req_duration{scenario:")]
    total = sum(values_of(summary, name).get("count", 0) for name in begun)
    busiest = max((row.get("iterations", {}).get("rate", 0) for row in rows), default=0)
    lines = [f"# k6: {summary['profile']}", "",
             f"Verdict: {VERDICTS.get(code, 'k6 ended early')} (exit code {code}). {summary['state']['testRunDurationMs'] / 1000:.0f} s, built around "
             f"{summary['rate']:g} requests a second" + (f", durations divided by {summary['shorten']:g}" if summary["shorten"] != 1 else "") + ".", "",
             f"{total:.0f} requests, {busiest:.0f} arrivals answered in the busiest second; "
             f"{values_of(summary, 'dropped_iterations').get('count', 0):.0f} not sent because k6 had no caller left, "
             f"{values_of(summary, 'refused').get('count', 0):.0f} refused with a Retry-After.", ""]
    lines += ["| objective | |", "| --- | --- |"]
    for name, metric in sorted(metrics.items()):
        for threshold, result in metric.get("thresholds", {}).items():
            lines.append(f"| `{name}` {threshold} | {'held' if result['ok'] else 'MISSED'} |")
    lines += ["", "| requests | number | median ms | p90 ms | p99 ms | max ms |", "| --- | --- | --- | --- | --- | --- |"]
    for name, metric in sorted(metrics.items()):
        values = metric["values"]
        if name in begun and values.get("count"):
            lines.append(latency_row("all of " + name.partition(":")[2].rstrip("}"), values))
        if name.startswith("latency_") and values.get("count"):
            lines.append(latency_row("`" + name.removeprefix("latency_") + "`", values))
    used = {name.removeprefix("used_"): metric["values"]["count"] for name, metric in metrics.items() if name.startswith("used_")}
    lines += ["", "On sessions, by credential: " + ", ".join(f"{name} {count:.0f}" for name, count in sorted(used.items())) + ".", "",
              "![requests](requests.svg)", "", "![latency](latency.svg)"]
    with open(folder + "/report.md", "w") as file:
        file.write("\n".join(lines) + "\n")


def main():
    folder, code = sys.argv[1], int(sys.argv[2])
    with open(folder + "/summary.json") as file:
        summary = json.load(file)
    rows = read_record(folder + "/record.ndjson")
    if rows:
        seconds = [row["second"] for row in rows]
        pick = lambda name, what, factor=1: [row[name][what] * factor if name in row else None for row in rows]
        plot(folder + "/requests.svg", "arrivals a second", seconds,
             [("answered", pick("iterations", "rate")), ("not sent", pick("dropped_iterations", "rate"))])
        plot(folder + "/latency.svg", "latency in ms, of each second", seconds,
             [(name, pick("http_req_duration", name)) for name in ("med", "p(90)", "p(99)")])
    write_report(folder, summary, rows, code)
    print(f"report: {os.path.relpath(folder)}/report.md")


main()
