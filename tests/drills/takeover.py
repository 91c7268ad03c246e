"""Another server becomes the primary while clients are calling: what failover.py and patroni.py share.

A cluster has servers by name, the name of its primary, url() of all of them, and mend(name), which makes it whole again.
"""
import asyncio
import time

from history import History, chatbots_of, make_world, stored_rows
from servers import Service
from stage import QUICK, Failed, expect, patiently, say
from watcher import FaultVerdict, Watcher, served_again


async def one_round(kind, cluster, history, watcher):
    """kind(cluster) brings another primary about and returns the name of the old one."""
    memory_before = max(watcher.memory(time.monotonic() - 2), default=0)
    watcher.begin()
    phase = history.enter(kind.__name__)
    history.calm.clear()
    began = time.monotonic()
    old = await asyncio.to_thread(kind, cluster)
    ended = time.monotonic()
    new = cluster.servers[cluster.primary]
    while not await asyncio.to_thread(new.is_writable):
        if time.monotonic() - ended > 60:
            raise Failed("the new primary takes no writes")
        await asyncio.sleep(0.02)
    writable = time.monotonic()
    await served_again(watcher, history, writable)
    history.calm.set()
    verdict = FaultVerdict(f"{kind.__name__} ({old} -> {cluster.primary})", phase, watcher, history, writable, memory_before)
    verdict.say(ended - began)
    await asyncio.to_thread(look_where_it_is, cluster, old, verdict)
    history.enter("calm after " + kind.__name__)
    await asyncio.to_thread(cluster.mend, old)
    await asyncio.sleep(1)
    return verdict


def look_where_it_is(cluster, old, verdict):
    """The service is on the new primary, and no connection of it is left on the old one, which may be alive."""
    there, left = (connections_on(cluster.servers[name]) for name in (cluster.primary, old))
    end = time.monotonic() + 30
    while QUICK and left and time.monotonic() < end:  # How fast it leaves is not judged there.
        time.sleep(0.2)
        left = connections_on(cluster.servers[old])
    say(f"connections of the service: {there} on the new primary, {left} on the old one")
    if there == 0:
        verdict.broken.append("the service is not on the new primary")
    if left != 0:
        verdict.broken.append("the service still has connections to the old primary")


def connections_on(server):
    return int(server.sql("select count(*) from pg_stat_activity where usename = 'service'", check=False) or 0)


async def follow_all(kinds, cluster, folder):
    """The whole history: (history, verdicts)."""
    service = Service(cluster.url(), folder=folder)
    await asyncio.to_thread(service.start)
    try:
        keys = await asyncio.to_thread(make_world, service)
        history = History(service.port, keys, await chatbots_of(service.port, keys), clients=24, pace=0.01)
        watcher = Watcher(service)
        tasks = [asyncio.create_task(history.run()), asyncio.create_task(watcher.run())]
        await asyncio.sleep(2)
        verdicts = [await one_round(kind, cluster, history, watcher) for kind in kinds]
        history.over = watcher.over = True
        await asyncio.wait_for(asyncio.gather(*tasks), patiently(90))
        history.settle(stored_rows(lambda text: cluster.servers[cluster.primary].sql(text, "parley")))
        expect(service.process.poll() is None, "the service is the process it was")
        code, seconds = await asyncio.to_thread(service.stop)
        expect(code == 0, f"SIGTERM ends it with exit code 0 (in {seconds:.1f} s)")
        return history, verdicts
    finally:
        service.process.kill()
        service.process.wait()
