"""A history of many clients' calls, and the model that every answer and what is stored in the end is held against.

Each session has one writer at a time, so that its writes have an order; anybody reads it. What an answer says decides what must be so:

- 2xx: the change is there, once, for every read that begins later.
- 503: nothing was changed (docs/errors.md).
- 500 whose sentence says that the fate is unknown, or no answer because the service died: there once or not at all.

Anything else is a broken promise, and so is a read that goes back.
"""
import asyncio
import collections
import json
import random
import time
import uuid

from stage import Failed, say

UNKNOWN_SENTENCE = "whether the change was made is not known"
STATUS_ENDED = 3  # domain::Status::pending_review: what ending makes of a session.


class Broken(Exception):
    """No whole answer."""


class Answer:
    __slots__ = ("status", "fields", "body")

    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def json(self):
        return json.loads(self.body)


class Caller:
    """One keep-alive connection, one call at a time; connects again where it was lost."""

    def __init__(self, port, key):
        self.port, self.key, self.reader, self.writer = port, key, None, None

    async def call(self, method, path, body=None, fields=None, timeout=60):
        try:
            return await asyncio.wait_for(self.exchange(method, path, body, fields), timeout)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Broken(f"{type(error).__name__} {error}") from error

    async def exchange(self, method, path, body, fields):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        text = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: drill\r\nX-api-key: {self.key}\r\n"
        for name, value in (fields or {}).items():
            head += f"{name}: {value}\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n"
        self.writer.write(head.encode() + b"\r\n" + text)
        answer_head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        answered = {}
        for line in answer_head[1:-2]:
            name, _, value = line.partition(":")
            answered[name.lower()] = value.strip()
        text = await self.reader.readexactly(int(answered.get("content-length", 0)))
        if answered.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(answer_head[0].split()[1]), answered, text)

    def close(self):
        if self.writer is not None:
            self.writer.transport.abort()
        self.reader = self.writer = None


class Made:
    """A create, and whether it must be there."""
    __slots__ = ("participant", "id", "must", "may")

    def __init__(self, participant):
        self.participant, self.id, self.must, self.may = participant, None, False, False


class Session:
    """What may be seen of one."""
    __slots__ = ("id", "sent", "floor", "refused", "unknown", "tags", "ended", "over")

    def __init__(self, identity):
        self.id = identity
        self.sent = 0        # The newest state that was sent.
        self.floor = 0       # Acknowledged, or seen by a read: older ones must not be seen any more.
        self.refused = set() # Answered 503: must never be seen.
        self.unknown = set() # Sent, and nobody knows.
        self.tags = {}       # Name -> set of what may be: {True}, {False}, or both.
        self.ended = {False}
        self.over = False    # Its writer has let go of it.


class Phase:
    """A stretch of the history: a fault, or the calm between two."""

    def __init__(self, name):
        self.name, self.began, self.ended = name, time.monotonic(), None
        self.statuses, self.refusals, self.slowest, self.broken = collections.Counter(), [], 0.0, []
        self.timed = []  # (begun, seconds) of every call.


class History:
    """Clients that call until they are stopped, what they saw, and what they must see."""

    def __init__(self, port, keys, experiments, clients=40, sessions_each=6, may_break=False, pace=0.0, retries_must_succeed=False):
        self.port, self.keys, self.experiments, self.may_break, self.pace = port, keys, experiments, may_break, pace
        self.clients, self.sessions_each = clients, sessions_each
        self.made, self.sessions, self.violations = [], [], []
        self.calls = collections.Counter()
        self.phase = Phase("start")
        self.phases = [self.phase]
        self.over, self.calm = False, asyncio.Event()
        self.calm.set()
        self.successes = []  # (begun, ended, is write), of the present phase and the one before.
        self.refused_at = [] # (begun, status) of every call that was not answered 2xx.
        self.few = asyncio.Semaphore(20)
        self.retries_must_succeed = retries_must_succeed
        self.retries, self.retried = [], collections.Counter()
        self.prefix = uuid.uuid4().hex[:8]

    # --- Phases ---------------------------------------------------------------------------------------------------------------------

    def enter(self, name):
        self.phase.ended = time.monotonic()
        self.phase = Phase(name)
        self.phases.append(self.phase)
        self.successes, self.refused_at = self.successes[-20000:], self.refused_at[-20000:]
        return self.phase

    def complain(self, text):
        self.violations.append(text)
        if len(self.violations) <= 20:
            say("BROKEN PROMISE: " + text)

    # --- Calls ----------------------------------------------------------------------------------------------------------------------

    async def call(self, caller, kind, method, path, body=None, fields=None):
        """The answer, or None where there is none; counted, and its form held against the promises."""
        began = time.monotonic()
        self.calls[kind] += 1
        try:
            answer = await caller.call(method, path, body, fields)
        except Broken as error:
            phase = self.phase
            phase.statuses["none"] += 1
            phase.broken.append(str(error))
            self.refused_at.append((began, 0))
            if not self.may_break:
                self.complain(f"{kind} got no answer after {time.monotonic() - began:.1f} s: {error}")
            return None
        took, phase = time.monotonic() - began, self.phase
        phase.statuses[answer.status] += 1
        phase.slowest = max(phase.slowest, took)
        phase.timed.append((began, took))
        if answer.status < 300:
            self.successes.append((began, began + took, kind != "read"))
            return answer
        self.refused_at.append((began, answer.status))
        if answer.status == 503:
            phase.refusals.append(took)
            if "retry-after" not in answer.fields:
                self.complain(f"{kind}: 503 without Retry-After")
        elif answer.status == 500:
            if UNKNOWN_SENTENCE not in answer.body.decode():
                self.complain(f"{kind}: 500 {answer.body[:200]!r}")
            elif kind == "read":
                self.complain("a read was answered as a write of unknown fate")
        elif not (answer.status == 409 and kind == "create" and fields):
            self.complain(f"{kind}: {answer.status} {answer.body[:200]!r}")
        return answer

    @staticmethod
    def outcome(answer):
        """yes, no or unknown."""
        if answer is None or answer.status in (500, 409):
            return "unknown"
        return "yes" if answer.status < 300 else "no"

    # --- Clients --------------------------------------------------------------------------------------------------------------------

    async def run(self):
        await asyncio.gather(*(self.client(number) for number in range(self.clients)))
        self.calm.set()
        await asyncio.gather(*self.retries)

    async def client(self, number):
        dice = random.Random(number)
        which = number % len(self.keys)
        caller = Caller(self.port, self.keys[which])
        mine = []
        while not self.over:
            if self.pace:
                await asyncio.sleep(self.pace * dice.uniform(0.5, 1.5))
            chance = dice.random()
            if len(mine) < 2 or (chance < 0.22 and len(mine) < self.sessions_each):
                answered = await self.create(caller, which, dice, mine)
            elif chance < 0.55:
                answered = await self.update_state(caller, dice.choice(mine))
            elif chance < 0.75:
                answered = await self.change_tags(caller, dice.choice(mine), dice)
            elif chance < 0.80 or len(mine) >= self.sessions_each:
                answered = await self.end(caller, mine, dice)
            elif chance < 0.88:
                answered = await self.read_own(caller, dice.choice(mine))
            else:
                answered = await self.read_any(caller, which, dice)
            if answered != "yes":
                await asyncio.sleep(0.1)
        caller.close()

    async def create(self, caller, which, dice, mine):
        made = Made(f"{self.prefix}-{len(self.made)}@drill.example")
        self.made.append(made)
        body = {"experiment": self.experiments[which], "participant": made.participant, "state": {"n": 0}, "messages": [{"role": "user", "content": "Hello"}]}
        is_keyed = dice.random() < 0.4
        fields = {"Idempotency-Key": made.participant} if is_keyed else None
        answer = await self.call(caller, "create", "POST", "/api/sessions/", body, fields)
        outcome = self.outcome(answer)
        made.may = outcome == "unknown"
        if outcome == "yes":
            mine.append(self.created(made, answer, which))
        elif is_keyed:
            self.retries.append(asyncio.create_task(self.create_again(made, body, fields, which)))
        return outcome

    async def create_again(self, made, body, fields, which):
        """One retry, when the fault is over; by somebody else, so that the client goes on asking meanwhile."""
        await self.calm.wait()
        async with self.few:  # Not hundreds of connections in one moment.
            caller = Caller(self.port, self.keys[which])
            answer = await self.call(caller, "create", "POST", "/api/sessions/", body, fields)
            caller.close()
        outcome = self.outcome(answer)
        if outcome != "yes" and self.retries_must_succeed:
            self.complain(f"a create that was sent again under its key was answered {answer.status if answer else 'not at all'}")
        self.retried[answer.status if answer else "none"] += 1
        made.may = made.may or outcome == "unknown"
        if outcome == "yes":
            self.created(made, answer, which)

    def created(self, made, answer, which):
        made.must, made.id = True, answer.json()["id"]
        session = Session(made.id)
        self.sessions.append((which, session))
        return session

    async def update_state(self, caller, session):
        session.sent += 1
        number = session.sent
        session.unknown.add(number)
        outcome = self.outcome(await self.call(caller, "update_state", "PATCH", f"/api/sessions/{session.id}/update_state/", {"state": {"n": number}}))
        if outcome == "yes":
            session.floor = max(session.floor, number)
            session.unknown = {other for other in session.unknown if other > number}
        elif outcome == "no":
            session.unknown.discard(number)
            session.refused.add(number)
        return outcome

    async def change_tags(self, caller, session, dice):
        name = f"drill-{dice.randrange(6)}"
        adds = dice.random() < 0.6
        answer = await self.call(caller, "add_tags" if adds else "remove_tags", "POST" if adds else "DELETE", f"/api/sessions/{session.id}/tags/", {"tags": [name]})
        outcome = self.outcome(answer)
        if outcome == "yes":
            session.tags[name] = {adds}
            self.hold_tags(session, answer.json()["tags"], "the answer to a change of tags")
        elif outcome == "unknown":
            session.tags[name] = session.tags.get(name, {False}) | {adds}
        return outcome

    def hold_tags(self, session, shown, where):
        if len(shown) != len(set(shown)):
            self.complain(f"{where}: a tag stands twice on {session.id}: {shown}")
        for name, may in session.tags.items():
            if (name in shown) not in may:
                self.complain(f"{where}: tag {name} of {session.id} is {'there' if name in shown else 'not there'}, against what was acknowledged")
            session.tags[name] = {name in shown}  # Seen: from now on it is so.

    async def end(self, caller, mine, dice):
        session = dice.choice(mine)
        outcome = self.outcome(await self.call(caller, "end", "POST", f"/api/sessions/{session.id}/end_experiment_session/", {}))
        if outcome == "yes":
            session.ended = {True}
        elif outcome == "unknown":
            session.ended.add(True)
        if outcome != "no":
            mine.remove(session)
            session.over = True
        return outcome

    async def read_own(self, caller, session):
        return await self.read(caller, session, True)

    async def read_any(self, caller, which, dice):
        session = None
        for _ in range(20):
            team, session = dice.choice(self.sessions[-3000:])
            if team == which:
                return await self.read(caller, session, False)
        return "yes"

    async def read(self, caller, session, is_own):
        floor = session.floor
        answer = await self.call(caller, "read", "GET", f"/api/sessions/{session.id}/")
        outcome = self.outcome(answer)
        if outcome != "yes":
            return outcome
        shown = answer.json()
        self.hold_state(session, shown["state"]["n"], floor, "a read")
        if len(shown["messages"]) != 1:
            self.complain(f"a read: {len(shown['messages'])} messages in {session.id}")
        if is_own:
            self.hold_tags(session, shown["tags"], "a read")
        return "yes"

    def hold_state(self, session, number, floor, where):
        if number < floor:
            self.complain(f"{where}: session {session.id} went back from state {floor} to {number}")
        if number > session.sent:
            self.complain(f"{where}: session {session.id} has state {number}, which nobody sent")
        if number in session.refused:
            self.complain(f"{where}: state {number} of {session.id} is there, but was answered 503")
        session.floor = max(session.floor, number)

    # --- Verdicts -------------------------------------------------------------------------------------------------------------------

    def first_write_after(self, moment):
        """When the first write that began after it was acknowledged, or None."""
        return min((ended for began, ended, is_write in self.successes if is_write and ended > moment), default=None)

    def refused_after(self, moment):
        """Calls begun later than this that were not answered 2xx."""
        return [(began, status) for began, status in self.refused_at if began > moment]

    def total(self):
        return sum(self.calls.values())

    def settle(self, rows):
        """rows: (id, participant, state, status, tags) of everything that is stored, as the database says."""
        by_participant = collections.defaultdict(list)
        for row in rows:
            if row[1].startswith(self.prefix):
                by_participant[row[1]].append(row)
        acknowledged = unacknowledged_there = 0
        for made in self.made:
            there = by_participant.pop(made.participant, [])
            if len(there) > 1:
                self.complain(f"the create of {made.participant} was made {len(there)} times")
            if made.must:
                acknowledged += 1
                if not there:
                    self.complain(f"session {made.id} was acknowledged and is lost")
                elif there[0][0] != made.id:
                    self.complain(f"session {made.id} was acknowledged, {there[0][0]} is stored")
            elif there:
                unacknowledged_there += 1
                if not made.may:
                    self.complain(f"the create of {made.participant} was answered 503 and is there")
        for participant in by_participant:
            self.complain(f"{participant} is stored and nobody sent it")
        by_id = {row[0]: row for row in rows}
        for _, session in self.sessions:
            row = by_id.get(session.id)
            if row is None:
                continue  # Said above.
            self.hold_state(session, row[2], session.floor, "in the end")
            self.hold_tags(session, row[4], "in the end")
            if (row[3] == STATUS_ENDED) not in session.ended:
                self.complain(f"in the end: session {session.id} is {'ended' if row[3] == STATUS_ENDED else 'not ended'}, against what was acknowledged")
        say(f"creates sent again under their Idempotency-Key: {sum(self.retried.values())}, answered {dict(self.retried)}")
        say(f"history: {self.total()} calls {dict(self.calls)}; {acknowledged} creates acknowledged, {len(self.made) - acknowledged} not, of which {unacknowledged_there} are there")
        return acknowledged


STORED = "select json_build_array(id, participant_identifier, (state::json->>'n')::int, status, tag_names)::text from session"


def stored_rows(sql):
    """Of the function that asks the database."""
    return [json.loads(line) for line in sql(STORED).splitlines() if line]


def make_world(service, teams=4):
    """Teams to call for; returns their keys and one chatbot of each."""
    keys = service.parley("load", "--synthetic", f"teams={teams},sessions=5,messages=1,chatbots=1,tags=3").split()
    return keys


async def chatbots_of(port, keys):
    found = []
    for key in keys:
        caller = Caller(port, key)
        answer = await caller.call("GET", "/api/sessions/?page_size=1")
        if answer.status != 200:
            raise Failed(f"the first list was answered {answer.status}")
        found.append(answer.json()["results"][0]["experiment"]["id"])
        caller.close()
    return found
