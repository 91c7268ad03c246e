#!/usr/bin/env python3
"""Runs drills in their short form: quick.py [--jobs N] [--sanitizer address|thread] BUILD FOLDER DRILL...

BUILD has parleyd and parley, FOLDER keeps what each drill said. With --sanitizer the two were built with it: each report that one of them writes is a failure,
whatever the drill says, and memory is not judged, since it is the sanitizer's. Prints a line for each drill, the end of what a failed one said, and the sum;
the exit code is 1 where anything failed. Only the standard library is needed.
"""
import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SECONDS_MAX = 900  # A drill in its short form takes twenty to forty; on a slow or busy machine several times that.
LINES_SHOWN = 15


def environment(arguments, folder):
    """What the drill and all below it are told."""
    said = {**os.environ, "PARLEY_BUILD": str(arguments.build), "PYTHONUNBUFFERED": "1"}
    if not arguments.sanitizer:
        return said
    # log_path: a report is found wherever the process's standard error went, and when the process was killed afterwards.
    reports = f"log_path={folder}/report"
    suppressions = HERE.parent / "lsan.supp"
    return {**said, "PARLEY_JUDGE_MEMORY": "no", "ASAN_OPTIONS": f"{reports}:detect_leaks=1", "UBSAN_OPTIONS": f"{reports}:print_stacktrace=1:halt_on_error=1",
            "LSAN_OPTIONS": f"suppressions={suppressions}:print_suppressions=0", "TSAN_OPTIONS": f"{reports}:second_deadlock_stack=1"}


def end(process):
    """It stops what it has started when it is told to end; what is left dies with it."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(60)


def run(name, arguments):
    """(what to print, the verdict: PASSED, FAILED or SKIPPED)"""
    folder = arguments.folder / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    began = time.monotonic()
    with open(folder / "log", "w") as log:
        command = ["setpriv", "--pdeathsig", "TERM", sys.executable, HERE / f"{name}.py", "--quick"]
        process = subprocess.Popen(command, env=environment(arguments, folder), stdout=log, stderr=subprocess.STDOUT)
        try:
            code = process.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            code = "none: it did not end"
            end(process)
    said = (folder / "log").read_text(errors="replace").splitlines()
    verdict = said[-1] if said and code == 0 and said[-1] in ("PASSED", "SKIPPED") else "FAILED"
    reports = sorted(folder.glob("report*"))
    if reports:
        verdict = "FAILED"
    lines = [f"{verdict} {name}: {time.monotonic() - began:.0f} s, {sum(' s  ok: ' in line for line in said)} shown"]
    if verdict == "FAILED":
        lines += [f"     exit code {code}, {len(reports)} reports of the sanitizer; all of it: {folder}"] + ["     " + line for line in said[-LINES_SHOWN:]]
        lines += ["     " + line for report in reports[:1] for line in report.read_text(errors="replace").splitlines()[:40]]
    elif verdict == "SKIPPED":
        lines += ["     " + line for line in said if "skipped: " in line]
    return "\n".join(lines), verdict


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="drills side by side")
    parser.add_argument("--sanitizer", choices=("address", "thread"))
    parser.add_argument("build", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("folder", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("drills", nargs="+", metavar="DRILL")
    arguments = parser.parse_args()
    counts = {"PASSED": 0, "FAILED": 0, "SKIPPED": 0}
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for text, verdict in pool.map(lambda name: run(name, arguments), arguments.drills):
            print(text, flush=True)
            counts[verdict] += 1
    print(f"drills: {counts['PASSED']} passed, {counts['FAILED']} failed, {counts['SKIPPED']} skipped")
    return 1 if counts["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
