# Tries what a candidate program must not be able to do.
import os
import resource
import socket


def refused(what, act):
    try:
        act()
    except (OSError, MemoryError):
        return
    raise AssertionError(what)


assert [name for _, name in socket.if_nameindex()] in ([], ["lo"]), "it sees the network"
refused("it reaches the network", lambda: socket.create_connection(("127.0.0.1", 9), 1))
places = set(os.listdir("/")) - {"bin", "dev", "lib", "lib32", "lib64", "libx32", "sbin", "tmp", "usr"}
for place in places:
    # Python's own folder may lie anywhere; what is around it must be empty.
    folder = "/" + place
    while len(os.listdir(folder)) == 1:
        folder += "/" + os.listdir(folder)[0]
        if not os.path.isdir(folder):
            break
    assert os.path.isdir(folder) and "lib" in os.listdir(folder), "it sees " + folder
for folder in ("/", "/usr", "/dev", os.path.dirname(os.__file__)):
    refused("it can write to " + folder, lambda: open(folder + "/moa-proof", "w"))
open("/tmp/moa-proof", "w").close()
assert os.listdir("/tmp") == ["moa-proof"], "its folder is not its own"
refused("it can become root", lambda: os.setuid(0 if os.getuid() else 1))
refused("it can mount", lambda: os.chroot("/tmp"))
assert os.getpid() < 100, "it sees other processes"
for limit in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
    assert resource.getrlimit(limit)[1] != resource.RLIM_INFINITY, "it has no limits"
refused("it can use any amount of memory", lambda: bytearray(resource.getrlimit(resource.RLIMIT_AS)[0] + 1))
children = []


def fork():
    for _ in range(resource.getrlimit(resource.RLIMIT_NPROC)[0] + 1):
        child = os.fork()
        if child == 0:
            import time
            time.sleep(60)
        children.append(child)


refused("it can start any number of processes", fork)
