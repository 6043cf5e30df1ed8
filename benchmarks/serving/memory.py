"""What streams take of the server's memory: idle ones, slow readers, and many that go on at once."""

import asyncio
import json
import threading
import time
import urllib.request

from .load import load
from .streams import Streams

# As many as streams are measured, so that the store's cache, which has a bound, is full before.
WARM_UP_REQUESTS = 1000
# Slow enough that the answer stays with the server for as long as is measured, and quick enough that the server does not give the reader up.
SLOW_BYTES, SLOW_PAUSE_S, SLOW_SECONDS = 256, 2, 24
SLOW_BUFFER_BYTES = 2048


def runs(here):
    with urllib.request.urlopen(f"{here.url}/readyz", timeout=30) as response:
        return json.load(response)["runs"]


def warm_up(here, mock):
    """So that what every server has once it has served is not counted to the streams."""
    for stream in (False, True):
        load(mock, f"{here.url}/v1", "alone", 100, WARM_UP_REQUESTS / 100, stream=stream, environment=here.environment)
    return here.rss_kib()


def until_idle(here):
    while runs(here) > 0:
        time.sleep(0.1)


def idle_streams(here, mock, count):
    """Streams that have begun and then say nothing, held until each has been kept alive by a comment."""
    before = warm_up(here, mock)

    async def held():
        streams = Streams(f"{here.url}/v1", "silent", count)
        await streams.start()
        await streams.until_begun()
        begun = here.rss_kib()
        await streams.until_commented()
        figures = {"runs": runs(here), "begun_kib": begun, "held_kib": here.rss_kib()}
        await streams.close()
        return figures

    figures = asyncio.run(held())
    until_idle(here)
    most = max(figures["begun_kib"], figures["held_kib"])
    return {"streams": count, "before_kib": before, **figures, "after_kib": here.rss_kib(), "kib_per_stream": round((most - before) / count, 1)}


def readers(here, mock, count, model, slow=False):
    """Answers of 1,000 tokens for as many readers, which take them as they come, or a little at a time."""
    before = warm_up(here, mock)
    most = before

    async def watch():
        nonlocal most
        while True:
            most = max(most, here.rss_kib())
            await asyncio.sleep(0.05)

    async def read():
        watching = asyncio.create_task(watch())
        streams = Streams(f"{here.url}/v1", model, count, SLOW_BUFFER_BYTES if slow else None)
        await streams.start()
        if slow:
            reading = asyncio.create_task(streams.read_slowly(SLOW_BYTES, SLOW_PAUSE_S))
            await asyncio.sleep(SLOW_SECONDS)
            reading.cancel()
            whole = None
        else:
            whole = await streams.until_done()
        watching.cancel()
        await streams.close()
        return whole

    whole = asyncio.run(read())
    until_idle(here)
    return {"readers": count, "whole": whole, "before_kib": before, "most_kib": most, "after_kib": here.rss_kib(), "added_mib": round((most - before) / 1024, 1)}


def concurrent(here, mock, url, count):
    """Streams of 15 s that begin within 5 s, so that all of them go on at once for a while. `url` is the server's or the mock's own."""
    most, ended = 0, threading.Event()

    def watch():
        nonlocal most
        while not ended.wait(0.25):
            most = max(most, runs(here))

    watching = threading.Thread(target=watch)
    watching.start()
    cpu = here.cpu_seconds()
    try:
        figures = load(mock, url, "paced", count / 5, 5, stream=True, environment=here.environment)
    finally:
        ended.set()
        watching.join()
    return {**figures, "most_at_once": most, "server_cpu_s": round(here.cpu_seconds() - cpu, 2)}
