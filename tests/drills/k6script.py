#!/usr/bin/env python3
"""Goal: the requests of loadtest/k6/sessions.js are right: every profile is well formed, every operation is answered as the script expects.

Method: Node runs the script's own functions with stand-ins for k6's modules, against the stack. k6 itself is in no package of Debian's and is not run.
"""
import subprocess

from stage import ROOT, Stack, expect, run_drill, say


def drill():
    with Stack(replicas=1, settings=["--rate-limit-enforce", "false"]) as stack:
        stack.load("teams=3,sessions=50,messages=4")
        keys = stack.folder + "/keys"
        with open(keys, "w") as file:
            file.write("\n".join(stack.keys) + "\n")
        done = subprocess.run(["node", ROOT + "/tests/drills/k6script.mjs", stack.where["API"], keys], capture_output=True, text=True, timeout=300)
        say((done.stderr + done.stdout).strip())
        expect(done.returncode == 0, "every profile and every operation of the k6 script")


run_drill(drill)
