# Runs one candidate program under limits and says on standard output how it ended. The first line of standard input is the job as JSON.
import json
import os
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


def say(outcome, detail=""):
    # Half a surrogate pair is no text elsewhere.
    detail = detail[:500].encode("utf-8", "replace").decode("utf-8")
    text = json.dumps({"nonce": job["nonce"], "outcome": outcome, "detail": detail})
    os.write(verdict, text.encode("ascii") + b"\n")


def tell(outcome, detail=""):
    # A child that the program has forked comes here too.
    if os.getpid() == owner:
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


say("started")
try:
    exec(compiled(job["program"], job["test"]), {})
except BaseException as error:
    try:
        detail = type(error).__name__ + ": " + str(error)
    except BaseException:
        detail = "an error that cannot be printed"
    tell("failed", detail)
tell("passed")
