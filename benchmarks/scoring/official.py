"""Scores a file of annotations with the official package and says how long that took. Run by benchmarks/scoring.py with the package's Python.

    official.py ANNOTATIONS.json DF_GAMED.csv ROUNDS

Prints one JSON object: the scores, and for each round the milliseconds from the file's bytes to the scores and of the call alone.
"""

import json
import logging
import sys
import time

import pandas
from alpaca_eval.metrics import glm_winrate

annotations, gamed, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
logging.disable(logging.WARNING)
# The package downloads this table; here it is at hand.
glm_winrate.hf_hub_download = lambda **_: gamed
whole, calls, scores = [], [], {}
for _ in range(rounds):
    start = time.perf_counter()
    rows = pandas.DataFrame(json.loads(open(annotations, "rb").read()))
    read = time.perf_counter()
    scores = glm_winrate.get_length_controlled_winrate(rows, save_weights_dir=None)
    end = time.perf_counter()
    whole.append((end - start) * 1e3)
    calls.append((end - read) * 1e3)
print(json.dumps({"scores": {name: float(value) for name, value in scores.items() if name != "mode"}, "whole_ms": whole, "call_ms": calls}))
