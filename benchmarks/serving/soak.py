"""The server under a mixed load for minutes, and whether its memory grows."""

import asyncio
import json
import statistics
import subprocess
import threading
import time

from .memory import until_idle, warm_up
from .streams import Streams

SAMPLE_S = 2
STAYING_STREAMS = 50
LEAVERS_PER_SECOND = 2
# What goes on at once: model, requests per second, whether as a stream.
LOADS = [("alone", 40, False), ("alone-again", 5, False), ("alone-again", 5, True), ("slow", 2, True)]


def soak(here, mock, minutes):
    seconds = minutes * 60
    warm_up(here, mock)
    common = [mock, "load", "--json", "--url", f"{here.url}/v1", "--seconds", str(seconds)]
    commands = [[*common, "--model", model, "--rate", str(rate), *(["--stream"] if stream else [])] for model, rate, stream in LOADS]
    loads = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=here.environment) for command in commands]
    samples, ended, left = [], threading.Event(), [0]
    comings = threading.Thread(target=lambda: asyncio.run(come_and_go(here, ended, left)))
    comings.start()
    started = time.monotonic()
    try:
        while time.monotonic() - started < seconds:
            time.sleep(SAMPLE_S)
            samples.append((round(time.monotonic() - started, 1), here.rss_kib()))
        reports = [json.loads(process.communicate(timeout=120)[0]) for process in loads]
    finally:
        ended.set()
        for process in loads:
            if process.poll() is None:
                process.kill()
        comings.join()
    until_idle(here)
    errors = [report["errors"] for report in reports if report["errors"]]
    if errors:
        raise SystemExit(f"soak: {errors}")
    runs = sum(report["succeeded"] for report in reports) + left[0]
    return {**growth(samples), "runs": runs, "left": left[0], "after_kib": here.rss_kib(), "samples_kib": samples}


async def come_and_go(here, ended, left):
    """Streams that go on all the time, and clients that leave in the middle of an answer."""
    staying = Streams(f"{here.url}/v1", "staying", STAYING_STREAMS)
    await staying.start()
    while not ended.is_set():
        leaving = Streams(f"{here.url}/v1", "slow", 1)
        await leaving.start()
        await leaving.until_begun()
        await leaving.close()
        left[0] += 1
        await asyncio.sleep(1 / LEAVERS_PER_SECOND)
    await staying.close()


def growth(samples):
    """Of the memory after the first fifth, in which caches fill: the last quarter's median less the first one's, and the slope."""
    counted = [sample for sample in samples if sample[0] >= samples[-1][0] / 5]
    quarter = max(1, len(counted) // 4)
    first = statistics.median(kib for _, kib in counted[:quarter])
    last = statistics.median(kib for _, kib in counted[-quarter:])
    slope = statistics.linear_regression([at / 60 for at, _ in counted], [kib for _, kib in counted]).slope
    return {"minutes": round(samples[-1][0] / 60, 1), "first_kib": first, "last_kib": last, "grown_kib": last - first, "kib_per_minute": round(slope, 1)}
