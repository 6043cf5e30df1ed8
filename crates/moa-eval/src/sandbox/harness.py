# Runs one candidate program under limits and says on standard output how it ended. The first line of standard input is the job as JSON.
import ast
import binascii
import io
import json
import os
import re
import resource
import sys

job = json.loads(sys.stdin.buffer.readline())

for limit, value in (
    (resource.RLIMIT_AS, job["memory_bytes"]),
    (resource.RLIMIT_CPU, job["cpu_seconds"]),
    (resource.RLIMIT_FSIZE, job["file_bytes"]),
    (resource.RLIMIT_NPROC, job["processes"]),
    (resource.RLIMIT_NOFILE, 64),
    (resource.RLIMIT_CORE, 0),
):
    resource.setrlimit(limit, (value, value))
os.chdir("/tmp")
os.environ.clear()
os.environ["HOME"] = "/tmp"

# What the program writes goes nowhere; the verdict has a way of its own.
verdict = os.dup(1)
nowhere = os.open("/dev/null", os.O_RDWR)
for stream in (0, 1, 2):
    os.dup2(nowhere, stream)
owner = os.getpid()


def say(outcome, detail="", passes=False):
    if os.getpid() != owner:
        # A child that the program has forked.
        os._exit(0)
    # Half a surrogate pair is no text elsewhere.
    detail = detail[:500].encode("utf-8", "replace").decode("utf-8")
    text = json.dumps({"nonce": job["nonce"], "outcome": outcome, "detail": detail, "passes": passes})
    os.write(verdict, text.encode("ascii") + b"\n")


def tell(outcome, detail=""):
    say(outcome, detail)
    os._exit(0)


def compiled(program, test):
    """The program and its test; of a program that was cut off, as much as is whole."""
    lines = program.split("\n")
    while True:
        try:
            return compile("\n".join(lines) + "\n" + test, "program", "exec")
        except (SyntaxError, ValueError):
            if not job["is_cut_off"] or len(lines) < 2:
                raise
            lines.pop()


def canonical(value):
    """A value as a text that is the same for equal values, in any process: sets and dictionaries in order, whole floats as integers."""
    kind = type(value)
    if kind is float:
        return str(int(value)) if value.is_integer() else format(value, ".12g")
    if kind is list:
        return "[" + ", ".join(map(canonical, value)) + "]"
    if kind is tuple:
        return "(" + ", ".join(map(canonical, value)) + ",)"
    if kind in (set, frozenset):
        return "{" + ", ".join(sorted(map(canonical, value))) + "}"
    if kind is dict:
        return "{" + ", ".join(sorted(canonical(key) + ": " + canonical(value[key]) for key in value)) + "}"
    # Where an object lies is another place in each process.
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def literal(text):
    try:
        return True, ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return False, None


def equals(value, text):
    is_literal, wanted = literal(text)
    return is_literal and (bool(value == wanted) or canonical(value) == canonical(wanted))


def evaluate(source, names):
    """Runs statements; the value of the last one where that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "example", "exec"), names)
    return eval(compile(ast.Expression(last.value), "example", "eval"), names) if last else None


def lines(text):
    return [line.rstrip() for line in text.strip().splitlines()]


def examine(example, names):
    expected = example["expected"]
    kind, text = expected["kind"], expected.get("text", "")
    try:
        evaluate(example["setup"], names)
    except BaseException:
        # Such as an import of a module that only the prompt knows.
        pass
    printed = sys.stdout = io.StringIO()
    try:
        value = evaluate(example["source"], names)
        shown = "" if value is None and printed.getvalue() else canonical(value)
        passes = kind == "success" or kind == "value" and equals(value, text)
        if kind == "shown":
            seen = printed.getvalue() + ("" if value is None else repr(value))
            passes = lines(seen) == lines(text) or not printed.getvalue() and equals(value, text)
        shown = printed.getvalue() + shown
        if len(shown) > 400:
            # Too long to be told, and yet to be told from others.
            shown = shown[:400] + " " + str(binascii.crc32(shown.encode("utf-8", "replace")))
        say("shown", shown, passes)
    except BaseException as error:
        name = type(error).__name__
        say("raised", name, kind == "error" and name == text)
    finally:
        sys.stdout = sys.__stdout__


say("started")
try:
    names = {}
    exec(compiled(job["program"], job["test"]), names)
    for example in job["examples"]:
        examine(example, names)
except BaseException as error:
    try:
        detail = type(error).__name__ + ": " + str(error)
    except BaseException:
        detail = "an error that cannot be printed"
    tell("failed", detail)
tell("passed")
