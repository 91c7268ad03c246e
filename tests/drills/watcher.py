"""What looks at the service while it is broken: liveness, memory, and the timeline with a verdict for each fault."""
import asyncio
import statistics
import time

from servers import descriptors, resident_mib
from stage import JUDGES_MEMORY, QUICK, Failed, patiently, say

RECOVERY_SECONDS = 2.0
MEMORY_GROWTH_MIB = 32
WITHIN = " again" if QUICK else f" within {RECOVERY_SECONDS:.0f} s"


class Watcher:
    """Asks /livez ten times a second and notes memory; a task of the drill."""

    def __init__(self, service):
        self.service, self.over = service, False
        self.samples = []    # (when, MiB, descriptors)
        self.live_worst, self.live_bad = 0.0, []
        self.paused = False  # While the drill has killed the service itself.

    async def run(self):
        while not self.over:
            if not self.paused:
                await self.look()
            await asyncio.sleep(0.1)

    def expect_alive(self):
        """A service that has ended by itself answers nothing more: there is nothing to wait for."""
        code = self.service.process.poll()
        if code is not None and not self.paused:
            raise Failed(f"the service has ended by itself, with exit code {code}: {self.service.last_words()}")

    async def look(self):
        self.expect_alive()
        began = time.monotonic()
        status = await asyncio.to_thread(self.service.admin, "/livez", 8 if QUICK else 3)
        took = time.monotonic() - began
        if self.paused or self.service.process.poll() is not None:
            return
        self.live_worst = max(self.live_worst, took)
        if status != 200:
            self.live_bad.append((began, status))
        pid = self.service.pid
        self.samples.append((began, resident_mib(pid), descriptors(pid)))

    def begin(self):
        """Of a phase."""
        self.live_worst, self.live_bad = 0.0, []

    def memory(self, since):
        return [mebibytes for when, mebibytes, _ in self.samples if when >= since]


async def served_again(watcher, history, writable):
    """What comes back is given time: for the answers to what was called before, and in the short form for as long as a busy machine takes to write."""
    await asyncio.sleep(1 if QUICK else 4)
    end = time.monotonic() + patiently(15)
    watcher.expect_alive()
    while QUICK and history.first_write_after(writable) is None and time.monotonic() < end:
        await asyncio.sleep(0.1)
        watcher.expect_alive()


def in_milliseconds(seconds):
    return f"{seconds * 1000:.0f}"


def describe(phase):
    """One line of what callers saw in it."""
    said = ", ".join(f"{count}x {status}" for status, count in sorted(phase.statuses.items(), key=str))
    line = f"{said or 'no calls'}; slowest {phase.slowest:.2f} s"
    if phase.refusals:
        line += f"; 503 after {in_milliseconds(statistics.median(phase.refusals))} ms (median), {in_milliseconds(max(phase.refusals))} ms (longest)"
    return line


class FaultVerdict:
    """What came of one fault: `promises` says which were broken."""

    def __init__(self, name, phase, watcher, history, writable, memory_before):
        self.name, self.phase, self.writable = name, phase, writable
        first = history.first_write_after(writable)
        self.recovery = None if first is None else first - writable
        late = history.refused_after(writable + RECOVERY_SECONDS)
        after = [began for began, _ in history.refused_after(writable)]
        self.last_refusal = max(after) - writable if after else 0.0
        self.memory = max(watcher.memory(phase.began), default=memory_before) - memory_before
        self.live_worst = watcher.live_worst
        self.broken = []
        if self.recovery is None or (self.recovery > RECOVERY_SECONDS and not QUICK):
            self.broken.append(f"the first write after the database was writable took {self.recovery and round(self.recovery, 2)} s")
        if late and not QUICK:
            self.broken.append(f"{len(late)} calls begun later than {RECOVERY_SECONDS:.0f} s after that were refused: {late[0][1]}")
        if watcher.live_bad:
            self.broken.append(f"/livez said {watcher.live_bad[0][1]}")
        if self.memory > MEMORY_GROWTH_MIB and JUDGES_MEMORY:
            self.broken.append(f"memory grew by {self.memory:.0f} MiB")

    def say(self, lasted):
        recovery = "never" if self.recovery is None else f"{self.recovery:.2f} s"
        say(f"{self.name}, {lasted:.1f} s: {describe(self.phase)}; first write {recovery} after writable, last refusal {self.last_refusal:.2f} s after; "
            f"/livez at worst {in_milliseconds(self.live_worst)} ms; memory {self.memory:+.0f} MiB")
        for broken in self.broken:
            say(f"BROKEN PROMISE in {self.name}: {broken}")
