"""Loads at a rate, sent by `moa-mock load`: open loop, times counted from when a request was due."""

import json
import subprocess


def load(mock, url, model, rate, seconds, key=None, stream=False, environment=None, **options):
    """The figures of one load in milliseconds. Requests that fail end the benchmark: what they took would be counted as speed otherwise."""
    command = [mock, "load", "--json", "--url", url, "--model", model, "--rate", str(rate), "--seconds", str(seconds)]
    for name, value in {"prompt_bytes": 1000, **options}.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    if stream:
        command.append("--stream")
    if key:
        command += ["--api-key-env", "MOA_BENCH_KEY"]
        environment = {**environment, "MOA_BENCH_KEY": key}
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout)
    if report["errors"]:
        raise SystemExit(f"{url}, {model}: {report['errors']}")
    figures = {"runs": report["sent"], "wall": milliseconds(report["end"]), "lag": milliseconds(report["lag"])}
    if stream:
        figures["first_byte"] = milliseconds(report["first-byte"])
    if report["forwarding"]:
        figures["forwarding"] = milliseconds(report["forwarding"])
        figures["chunks"] = report["forwarding"]["count"]
    return figures


def milliseconds(quantiles):
    return {name: round(quantiles[name] / 1000, 4) for name in ("p50", "p99", "max", "mean")}
