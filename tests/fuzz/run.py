#!/usr/bin/env python3
"""Runs the fuzz targets: run.py [--seconds N] [--jobs N] [--seed N] BUILD FOLDER [TARGET...]

BUILD has the targets (fuzz_<target>), FOLDER keeps what they find: corpus/<target>/ grows from run to run, findings/<target>/ has each input that
broke a promise, made as small as it gets in half a minute. Every run begins with the inputs in the repository (corpus/<target>/; the gate's are
those of tests/corpus/http). --seconds is for each target, --jobs how many run side by side, --seed the way the inputs take (0: another each time). Prints a line for each target, says where a
finding is and what it broke, and ends with the sum; the exit code is 1 where anything was found. Only the standard library is needed.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DICTIONARIES = {"gate": "gate", "target": "target", "form": "target", "session_bodies": "bodies", "chat_bodies": "bodies", "json": "bodies",
                "settings": "settings", "cookies": "fields", "authorization": "fields", "fields": "fields", "traceparent": "fields",
                "idempotency_key": "fields"}
LENGTHS = {"gate": 20_000, "target": 8_192}  # The gate's bounds shall be reached; elsewhere short inputs find more.
LENGTH = 4_096
SLOW_SECONDS = 10  # An input that takes as long is a finding.
MEMORY_MIB = 1_024  # And one that takes as much.
SANITIZERS = {"ASAN_OPTIONS": "abort_on_error=0:detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}


def targets():
    return sorted(path.stem for path in HERE.glob("*.cpp") if path.stem != "promise")


def seeds(target, folder):
    """Where the inputs of the repository are. Those of the gate are made from the corpus of connections."""
    if target != "gate":
        return HERE / "corpus" / target
    made = folder / "seeds" / target
    made.mkdir(parents=True, exist_ok=True)
    lines = (HERE.parent / "corpus/http/requests.jsonl").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        (made / f"{number:04}").write_bytes(json.loads(line)["bytes"].encode("latin-1"))
    return made


def options(target, findings):
    words = [f"-max_len={LENGTHS.get(target, LENGTH)}", f"-timeout={SLOW_SECONDS}", f"-rss_limit_mb={MEMORY_MIB}", f"-artifact_prefix={findings}/"]
    dictionary = DICTIONARIES.get(target)
    return words + ([f"-dict={HERE}/dictionaries/{dictionary}.dict"] if dictionary else [])


def call(command, seconds):
    """The command's exit code and what it said; it is killed when it takes longer."""
    try:
        done = subprocess.run(command, env={**os.environ, **SANITIZERS}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=seconds)
        return done.returncode, done.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return 1, (late.stderr or b"").decode(errors="replace") + "\nit did not end in time"


def shrink(program, target, found, findings):
    """The smallest input that breaks the same, as far as half a minute leads."""
    small = found.with_name("small-" + found.name)
    call([program, "-minimize_crash=1", "-max_total_time=30", f"-exact_artifact_path={small}", *options(target, findings), str(found)], 90)
    for left in findings.glob("minimized-*"):
        left.unlink()
    return small if small.exists() else found


def reason(said):
    """The line that says what broke."""
    for pattern in (r"^broken promise: .*", r"^.*runtime error: .*", r"^SUMMARY: .*", r"^==\d+==.*ERROR: .*"):
        line = re.search(pattern, said, re.M)
        if line:
            return line.group(0)
    return (said.strip().splitlines() or ["it said nothing"])[-1]


def number(said, pattern):
    found = re.findall(pattern, said, re.M)
    return int(found[-1]) if found else 0


def run(target, arguments):
    """Fuzzes one target: what to print, and whether it passed."""
    program = str(arguments.build / f"fuzz_{target}")
    corpus, findings = arguments.folder / "corpus" / target, arguments.folder / "findings" / target
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    known = set(findings.iterdir())
    command = [program, *options(target, findings), f"-max_total_time={arguments.seconds}", f"-seed={arguments.seed}", "-print_final_stats=1", str(corpus), str(seeds(target, arguments.folder))]
    # Beyond its time: what the corpus takes to be read again, and one slow input.
    code, said = call(command, arguments.seconds + 120)
    executions = number(said, r"^stat::number_of_executed_units: (\d+)")
    each_second, covered = number(said, r"^stat::average_exec_per_sec: +(\d+)"), number(said, r" cov: (\d+)")
    found = sorted(set(findings.iterdir()) - known)
    has_passed = code == 0 and not found and executions > 0
    lines = [f"{'ok' if has_passed else 'FAIL'} {target}: {executions} executions, {each_second} a second, "
             f"corpus {len(list(corpus.iterdir()))}, {covered} places covered, {len(found)} findings"]
    if not has_passed:
        lines.append(f"     {reason(said)}")
        (findings / "last.log").write_text(said)
    lines += [f"     input: {shrink(program, target, one, findings)}" for one in found]
    return "\n".join(lines), has_passed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=300, help="for each target")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="targets side by side")
    parser.add_argument("--seed", type=int, default=0, help="where the random numbers begin; 0 is another beginning each time")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("folder", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    arguments = parser.parse_args()
    unknown = set(arguments.targets) - set(targets())
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(targets())}")
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for text, has_passed in pool.map(lambda target: run(target, arguments), arguments.targets or targets()):
            print(text, flush=True)
            passed, failed = passed + has_passed, failed + (not has_passed)
    print(f"fuzz: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
