#!/usr/bin/env python3
"""Compares moa-eval with Python: random.Random, ast.literal_eval and re from the standard library, and NumPy and SciPy where they are
installed.

    cargo build -p moa-eval --example crosscheck
    python3 scripts/check_eval.py target/debug/examples/crosscheck
"""

import ast
import json
import math
import random
import re
import subprocess
import sys
import warnings

SEED = 20240612
CASES = 20_000

try:
    import numpy
    import scipy.stats
except ImportError:
    numpy = None


def ask(program, questions):
    """What moa-eval answers."""
    text = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([program], input=text, capture_output=True, text=True, encoding="utf-8", check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(name, program, questions, expected, same=lambda ours, theirs: ours == theirs):
    """Prints how many answers agree, and the first that do not."""
    answers = ask(program, questions)
    wrong = [(q, a, e) for q, a, e in zip(questions, answers, expected, strict=True) if not same(a, e)]
    print(f"{name}: {len(answers) - len(wrong)} of {len(answers)} agree")
    for question, answer, theirs in wrong[:5]:
        print(f"  {question!r}\n    moa    {answer!r}\n    Python {theirs!r}")
    return not wrong


def near(ours, theirs, tolerance=1e-9):
    return math.isclose(ours, theirs, rel_tol=tolerance, abs_tol=1e-12)


def text(generator, length):
    alphabet = "abc XYZ0189\n\t'\"\\{}[]é漢😀\x00\x1f"
    return "".join(generator.choice(alphabet) for _ in range(generator.randrange(length)))


def coin(instruction):
    return random.Random("is_switched_outputs" + instruction + "0").choices([False, True])[0]


# What judges write, what they might write, and what nobody writes.
KEYS = ["'Factuality'", '"Logical_Correctness"', "'Readability'", "'a' 'b'", "u'x'", "r'\\n'", "b'x'", "1", "1.0", "-1", "(1, 2)",
        "[1]", "Factuality", "'é'", "'''t'''", "''", "'\\x41'", "...", "'a\\", "0x10", "('k')"]
VALUES = ["3", "4.5", "'N/A'", "'na'", "'Not Applicable'", "n/a", "NA", "None", "True", "4/5", "'4/5'", "-2", "+2", "- 2", "--2",
          "(3)", "(3,)", "()", "[1, 2,]", "[,]", "[1 2]", "1e3", "1e", "1e999", "01", "00", "01.5", "1.", ".5", "1_000", "0x1f", "0b102",
          "1j", "1+2j", "1-2", "2+1j+1", "'a' \"b\"", "'a' b'c'", "f'x'", "'\\u00e9'", "'\\u12'", "'\\x4'", "'\\101'", "'\\q'", "'\\'",
          "set()", "set( )", "set", "...", "{1: 2}", "'it''s'", '"\\""', "3 # good", "3 # good\n", "'\t'", "3\f", "3\x0b", "3\u00a0", "٣",
          "(((4)))", "-(4)", "-(-4)", "-'a'", "+(1j)", "-1j", "[[[]]]", "(1)(2)", "3if", "1__0", "'''a'b'''", "'a\rb'", "'''a\rb'''",
          "9" * 30, "9" * 400, "b'\\xff'", "rb'x' b'y'", "br'x'", "ur'x'", "1.5.2", "'\\N{DASH}'", "nan", "inf", "(3", "3)", "'\\0'",
          "'\\777'", "'\\ud83d'", "1 if 1 else 2", "[*()]", "3,,", "\\"]
SEPARATORS = [", ", ", ", ", ", ",", ",\n", " , ", "", ",,", ";"]


def review(generator):
    if generator.random() < 0.1:
        return text(generator, 60)
    entries = []
    for _ in range(generator.randrange(4)):
        entries.append(generator.choice(KEYS if generator.random() < 0.3 else KEYS[:3]))
        entries.append(generator.choice([":", ": ", ": ", " : ", "="] if generator.random() < 0.1 else [": "]))
        entries.append(generator.choice(VALUES))
        entries.append(generator.choice(SEPARATORS))
    if entries and generator.random() < 0.8:
        entries.pop()
    body = "{" + "".join(entries) + "}"
    if generator.random() < 0.2:
        place = generator.randrange(len(body))
        body = body[:place] + generator.choice("'\"{}[](),:#\\\n\r ab1-") + body[place + generator.randrange(2):]
    return text(generator, 10) + body + ("\n" + text(generator, 10) if generator.random() < 0.3 else "")


def parse_score(review):
    """The rule of FLASK's script, and what its file then holds: [key, value] pairs, or none where it would write no line."""
    try:
        match = re.findall(r"{[^}]+}", review)
        if not match:
            return []
        lines = ast.literal_eval(match[-1].replace("\n", "").replace("_", " ").lower())
        for key, value in lines.items():
            if value in ("na", "n/a", "not applicable") and isinstance(value, str):
                lines[key] = "N/A"
        written = json.loads(json.dumps(lines))
    except Exception:  # whatever goes wrong leaves nothing
        return []
    return [[key, value] for key, value in written.items()]


def same_scores(ours, theirs):
    return len(ours) == len(theirs) and all(a[0] == b[0] and same_value(a[1], b[1]) for a, b in zip(ours, theirs))


def same_value(ours, theirs):
    """Numbers that JSON or Rust cannot hold come out as what `float()` makes of them: that is what is added up."""
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same_value, ours, theirs))
    if isinstance(theirs, float) and math.isinf(theirs):
        return float(ours) == theirs
    if isinstance(theirs, int) and abs(theirs) >= 2**63:
        try:
            return ours == float(theirs)
        except OverflowError:
            return ours is None
    if isinstance(theirs, str):
        surrogates_replaced = re.sub("[\ud800-\udfff]", "\ufffd", theirs)
        return ours == surrogates_replaced
    return ours == theirs and type(ours) is type(theirs)


def grade(judgment):
    """FastChat's two patterns, with ASCII digits, and without its crash at a leading zero."""
    match = re.search(r"\[\[([0-9]+\.?[0-9]*)\]\]", judgment) or re.search(r"\[([0-9]+\.?[0-9]*)\]", judgment)
    if not match:
        return -1
    return float(match[1]) if "." in match[1] else int(match[1])


def judgment(generator):
    return "".join(generator.choice(["[", "]", "[[", "]]", "5", "10", ".", "7.5", " ", "x", "0"]) for _ in range(generator.randrange(12)))


def check_statistics(program, generator):
    if numpy is None:
        print("NumPy and SciPy are not installed: the statistics are not compared")
        return True
    counts = [(generator.randrange(10**e), generator.randrange(10**e)) for e in (1, 2, 3, 5) for _ in range(200)]
    exact = [scipy.stats.binomtest(b, b + c).pvalue if b + c else 1.0 for b, c in counts]
    done = [compare("Mc Nemar", program, [{"mcnemar": pair} for pair in counts], exact, lambda a, b: near(a, b, 1e-8))]
    trials = [(generator.randrange(n + 1), n, generator.choice([0.5, 0.9, 0.95, 0.99])) for n in generator.choices(range(1, 3000), k=500)]
    wilson = [scipy.stats.binomtest(k, n).proportion_ci(c, "wilson") for k, n, c in trials]
    same = lambda a, b: near(a["low"], b.low, 1e-7) and near(a["high"], b.high, 1e-7)
    done.append(compare("Wilson", program, [{"wilson": trial} for trial in trials], wilson, same))
    rows = [1, 2, 3, 10, 100, 805, 1740]
    orders = [[str(row) for row in numpy.random.RandomState(123).permutation(count)] for count in rows]
    done.append(compare("shuffle", program, [{"limit": count} for count in rows], orders))
    samples = [[[generator.gauss(3, 1)] for _ in range(generator.randrange(30, 300))] for _ in range(6)]
    theirs = []
    for sample in samples:
        values = (numpy.array(sample)[:, 0],)
        theirs.append(scipy.stats.bootstrap(values, numpy.mean, n_resamples=9999, method="percentile", random_state=1))

    def like_scipy(ours, found):
        error = found.standard_error
        low, high = found.confidence_interval
        # Two runs of ten thousand draws differ by about 0.04 standard errors in a bound.
        bounds = abs(ours["interval"]["low"] - low) < 0.2 * error and abs(ours["interval"]["high"] - high) < 0.2 * error
        return bounds and abs(ours["standard_error"] / error - 1) < 0.05

    done.append(compare("bootstrap", program, [{"bootstrap": sample} for sample in samples], theirs, like_scipy))
    return all(done)


def main():
    warnings.simplefilter("ignore")
    program = sys.argv[1]
    generator = random.Random(SEED)
    instructions = [text(generator, 400) for _ in range(CASES)]
    reviews = [review(generator) for _ in range(CASES)]
    judgments = [judgment(generator) for _ in range(CASES)]
    done = [
        compare("coin", program, [{"coin": t} for t in instructions], [coin(t) for t in instructions]),
        compare("review", program, [{"review": t} for t in reviews], [parse_score(t) for t in reviews], same_scores),
        compare("grade", program, [{"grade": t} for t in judgments], [grade(t) for t in judgments]),
        check_statistics(program, generator),
    ]
    read = sum(bool(parse_score(t)) for t in reviews)
    print(f"({read} of the {CASES} reviews hold a dictionary)")
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
