#!/usr/bin/env python3
"""How many instructions does one request take on its road through the service? A figure that a busy machine does not move.

    instructions.py BUILD_FOLDER [--write]

Runs road_instructions (see road.hpp: gate, pipeline and handler, with a store that answers at once) under callgrind, twice for each scenario
with different counts: the difference is the road's alone. Holds the figures against instructions.json, which has them by compiler, since each
makes other code. More than a twentieth above is a failure, below only a remark; --write notes what was measured. A compiler that is not in
the file is passed over.

Prints "instructions: P passed, F failed, S skipped". Standard library and valgrind only.
"""
import json
import os
import platform
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KNOWN = os.path.join(HERE, "instructions.json")
TOLERANCE = 0.05
FEW, MANY = 200, 1200


def compiler(build):
    """As the build folder says: "GNU 12 x86_64"."""
    folder = os.path.join(build, "CMakeFiles")
    for version in sorted(os.listdir(folder)):
        path = os.path.join(folder, version, "CMakeCXXCompiler.cmake")
        if os.path.exists(path):
            text = open(path).read()
            name = re.search(r'set\(CMAKE_CXX_COMPILER_ID "(\w+)"\)', text).group(1)
            major = re.search(r'set\(CMAKE_CXX_COMPILER_VERSION "(\d+)', text).group(1)
            return f"{name} {major} {platform.machine()}"
    sys.exit(f"instructions.py: {build} is no build folder")


def instructions(program, scenario, count):
    with tempfile.TemporaryDirectory() as folder:
        out = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", program, scenario, str(count)],
                             capture_output=True, text=True, timeout=300)
    collected = re.search(r"Collected : (\d+)", out.stderr)
    if out.returncode != 0 or not collected:
        sys.exit(out.stdout + out.stderr)
    return int(collected.group(1))


def main():
    build = sys.argv[1]
    writes = "--write" in sys.argv[2:]
    program = os.path.join(build, "road_instructions")
    key = compiler(build)
    with open(KNOWN) as file:
        known = json.load(file)
    names = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()
    if key not in known and not writes:
        print(f"no figures are kept for {key}: passed over\ninstructions: 0 passed, 0 failed, {len(names)} skipped")
        return 0
    kept, measured, failed = known.get(key, {}), {}, 0
    for name in names:
        each = round((instructions(program, name, MANY) - instructions(program, name, FEW)) / (MANY - FEW))
        measured[name] = each
        change = each / kept[name] - 1 if name in kept else 0.0
        verdict = "ok"
        if not writes and (name not in kept or change > TOLERANCE):
            verdict, failed = "FAILED", failed + 1
        elif change < -TOLERANCE:
            verdict = "ok, and better than noted: instructions.py --write"
        print(f"{name:14s} {each:7d} instructions, {kept.get(name, 0):7d} noted, {change:+.1%}: {verdict}")
    if writes:
        known[key] = measured
        with open(KNOWN, "w") as file:
            json.dump(known, file, indent=2, sort_keys=True)
            file.write("\n")
    print(f"instructions: {len(names) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
