"""A Debian root in a folder, made with debootstrap, in which commands run as in a container: with this machine's network, and without its
files but for those that are given. Wants to be root itself."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

# What commands in the root see of this machine's environment: how the network is reached.
NETWORK = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE")
SEARCHED = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def mirror():
    """Where this machine's own packages come from."""
    wanted = ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)", "Created-By: Packages"]
    for line in subprocess.run(wanted, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
        origin, address = line.split("|", 1)
        if origin == "Debian" and not address.rstrip("/").endswith("security"):
            return address
    return "http://deb.debian.org/debian"


def apt_settings():
    """This machine's proxies and certificates for apt."""
    told = subprocess.run(["apt-config", "dump", "Acquire"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return "".join(f"{line}\n" for line in told.splitlines() if line.startswith(("Acquire::http", "Acquire::https")))


def make(folder, release):
    """Makes the smallest Debian in a folder, with the network settings of this machine."""
    source = mirror()
    subprocess.run(["debootstrap", "--variant=minbase", release, folder, source], check=True, stdout=subprocess.DEVNULL)
    (folder / "etc/apt/sources.list").write_text(f"deb {source} {release} main\n")
    (folder / "etc/apt/apt.conf.d/90network").write_text(apt_settings())
    for file in ("etc/resolv.conf", "etc/hosts"):
        if Path("/", file).exists():
            shutil.copyfile(Path("/", file), folder / file)
    certificates = Path("/usr/local/share/ca-certificates")
    if certificates.exists():
        shutil.copytree(certificates, folder / "usr/local/share/ca-certificates", dirs_exist_ok=True)


class Root:
    """A root while it is in use."""

    def __init__(self, folder, variables=()):
        self.folder = folder
        known = {name: os.environ[name] for name in NETWORK if name in os.environ}
        self.environment = {**known, "PATH": SEARCHED, "HOME": "/root", "LC_ALL": "C.UTF-8", **dict(variables)}

    def command(self, *words, user=None):
        return ["chroot", *([f"--userspec={user}"] if user else []), self.folder, *words]

    def run(self, *words, user=None, check=True, **options):
        return subprocess.run(self.command(*words, user=user), check=check, env=self.environment, **options)


@contextlib.contextmanager
def root(folder, shared=(), variables=()):
    """Uses a root: with /proc and /dev, and with folders of this machine at places in it. All of them are gone from it afterwards."""
    with contextlib.ExitStack() as stack:
        def mount(options, source, place):
            place.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", *options, source, place], check=True)
            stack.callback(subprocess.run, ["umount", "--lazy", place], check=False)

        mount(["-t", "proc"], "proc", folder / "proc")
        mount(["--bind"], "/dev", folder / "dev")
        for source, place in shared:
            mount(["--bind"], source, folder / place)
        yield Root(folder, variables)
