#!/usr/bin/env python3
"""What those get who don't build from the repository: the tarball, what
`make install` and `make uninstall` do, Debian's packages.

They work on a copy of the sources, where configure has been made already.
"""

import atexit
import functools
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FULL = bool(os.environ.get("SPACEPORT_FULL"))
# Of po/ what builds of the sources write there, perhaps just now.
LEAVE_OUT = shutil.ignore_patterns(
    ".git", "build", "build-[!a]*", "*.o", "*.a", "__pycache__", "autom4te.cache",
    "config.status", "config.h", "Makefile", "*.gmo", "*.pot", "stamp-po*", "*.[12]po",
    "*.new.po")
TIMEOUT = 1200


@functools.lru_cache(maxsize=None)
def scratch():
    """A folder that every user can read."""
    folder = Path(tempfile.mkdtemp(prefix="spaceport-packaging-", dir="/tmp"))
    folder.chmod(0o755)
    # for the other user too
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o1777)
    atexit.register(remove, folder)
    return folder


def remove(folder):
    subprocess.run(["chmod", "-R", "u+w", str(folder)], check=False, stderr=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)


def run(*command, cwd, user=None, **more):
    """Runs it, with an own HOME and nothing of an outer make; its output as text."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "DEB_"))}
    env.update({"LC_ALL": "C.UTF-8", "LANGUAGE": "", "HOME": str(scratch()),
                "TMPDIR": str(scratch() / "tmp")}, **more)
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=env, user=user, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=TIMEOUT, check=False, umask=0o022,
                          **({"extra_groups": []} if user else {}))
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n"
                             f"{done.stdout[-4000:]}")
    return done.stdout


@functools.lru_cache(maxsize=None)
def version():
    text = (ROOT / "configure.ac").read_text(encoding="utf-8")
    return re.search(r"^AC_INIT\(\[spaceport\], \[(.*)\]\)", text, re.M).group(1)


@functools.lru_cache(maxsize=None)
def tarball():
    """What `make dist` makes of a copy of the sources."""
    source, build = scratch() / "source", scratch() / "dist"
    shutil.copytree(ROOT, source, ignore=LEAVE_OUT, symlinks=True)
    build.mkdir()
    run(source / "configure", cwd=build)
    run("make", "dist", cwd=build)
    return build / f"spaceport-{version()}.tar.xz"


def unpack(name):
    """The tarball's sources in a folder of that name."""
    folder = scratch() / name
    folder.mkdir(exist_ok=True)
    run("tar", "-xf", tarball(), cwd=folder)
    return folder / f"spaceport-{version()}"


def files(folder):
    """All that is no folder, by its path inside."""
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*") if not p.is_dir())


def stranger():
    """A user who owns nothing here, where the caller can become one."""
    return pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else None


def check_program(case, program, **env):
    """It runs, outside of any build."""
    case.assertEqual(run(program, "--version", cwd="/", **env), f"spaceport {version()}\n")
    case.assertIn("--asset-format", run(program, "help", "export", "run", cwd="/", **env))


def complete(script, line):
    """What bash offers for a line."""
    return run("bash", "--norc", "-c", f"""
        source {script} || exit
        COMP_LINE='{line}' COMP_POINT={len(line)} COMP_WORDS=({line}) COMP_CWORD=1
        _spaceport spaceport; echo "${{COMPREPLY[*]}}" """, cwd="/").strip()


class Tarball(unittest.TestCase):
    """make dist, and what can be done with it elsewhere."""

    def test_it_holds_no_packaging_of_debian(self):
        """As Debian's guide for upstreams asks."""
        names = run("tar", "-tf", tarball(), cwd="/").splitlines()
        self.assertEqual([n for n in names if "/debian/" in n], [])
        for name in ("configure", "autogen.sh", "README.md", "src/completion.bash",
                     "tests/packaging/test_packaging.py"):
            self.assertIn(f"spaceport-{version()}/{name}", names)

    def test_it_builds_installs_and_uninstalls_elsewhere(self):
        """Another user, read-only sources of somebody else, another folder."""
        source = unpack("read-only")
        run("chmod", "-R", "a-w,a+rX", source, cwd="/")
        home = scratch() / "elsewhere"
        build, prefix, destdir = (home / name for name in ("build", "prefix", "destdir"))
        for folder in (home, build, prefix, destdir):
            folder.mkdir()
        # what others have there stays
        (prefix / "bin").mkdir()
        (prefix / "bin/other").write_text("#!/bin/sh\n", encoding="ascii")
        user = stranger()
        if user:
            run("chown", "-R", user, home, cwd="/")
        before = files(prefix)
        run(source / "configure", f"--prefix={prefix}", "CFLAGS=-O1", cwd=build, user=user)
        run("make", "-j2", cwd=build, user=user)
        run("make", "install", cwd=build, user=user)
        self.check_installed(prefix, before)
        run("make", "install", f"DESTDIR={destdir}", cwd=build, user=user)
        self.assertEqual(files(destdir / str(prefix)[1:]),
                         sorted(set(files(prefix)) - set(before)))
        run("make", "uninstall", f"DESTDIR={destdir}", cwd=build, user=user)
        self.assertEqual(files(destdir), [])
        run("make", "uninstall", cwd=build, user=user)
        self.assertEqual(files(prefix), before)
        run("make", "distclean", cwd=build, user=user)
        self.assertEqual(files(build), [])

    def check_installed(self, prefix, before):
        new = sorted(set(files(prefix)) - set(before))
        pages = [n for n in new if n.startswith("share/man/man1/")]
        self.assertIn("share/man/man1/spaceport.1", pages)
        self.assertIn("share/man/man1/spaceport-export-run.1", pages)
        schemas = [n for n in new if n.startswith("share/spaceport/schemas/")]
        self.assertIn("share/spaceport/schemas/manifest.json", schemas)
        self.assertIn("share/spaceport/schemas/annotations.json", schemas)
        self.assertEqual([n for n in new if n not in pages + schemas],
                         ["bin/spaceport", "share/bash-completion/completions/spaceport",
                          "share/locale/de/LC_MESSAGES/spaceport.mo"])
        program = prefix / "bin/spaceport"
        check_program(self, program)
        self.assertIn("Aufruf: spaceport", run(program, "help", cwd="/", LANGUAGE="de"))
        self.assertIn("SPACEPORT", run("man", "-M", prefix / "share/man", "spaceport", cwd="/",
                                       MANWIDTH="80").upper())
        self.assertEqual(
            complete(prefix / "share/bash-completion/completions/spaceport", "spaceport insp"),
            "inspect")


class Debian(unittest.TestCase):
    """The source package in debian/, and what it builds."""

    @classmethod
    @functools.lru_cache(maxsize=None)
    def built(cls):
        """A folder with all that dpkg-buildpackage makes."""
        source = unpack("debian")
        shutil.copytree(ROOT / "debian", source / "debian", dirs_exist_ok=True)
        shutil.copy(tarball(), source.parent / f"spaceport_{version()}.orig.tar.xz")
        run("dpkg-buildpackage", "-us", "-uc", cwd=source,
            DEB_BUILD_OPTIONS="parallel=2" if FULL else "parallel=2 nocheck")
        return source.parent

    def test_it_names_what_configure_needs(self):
        """And what the scripts install, but for the build's own tools."""
        text = (ROOT / "configure.ac").read_text(encoding="utf-8")
        needed = set(re.findall(r"^SP_NEED\(.*\[([a-z0-9-]+)\]\)", text, re.M))
        self.assertIn("libpq-dev", needed)
        control = (ROOT / "debian/control").read_text(encoding="utf-8")
        named = set(re.findall(r"^ ([a-z0-9-]+)(?:,| <| \|)", control, re.M))
        self.assertEqual(needed - named, set(), "not in debian/control")
        script = (ROOT / "scripts/lib.sh").read_text(encoding="utf-8")
        self.assertEqual([n for n in needed if f"need_module {n} " not in script], [],
                         "not in scripts/lib.sh")

    def test_its_version_is_the_programs(self):
        first = (ROOT / "debian/changelog").read_text(encoding="utf-8").splitlines()[0]
        self.assertEqual(re.match(r"spaceport \((.*)-\d+\) ", first).group(1), version())

    def test_source_and_binary_packages_are_built(self):
        folder = self.built()
        made = [p.name for p in folder.iterdir()]
        self.assertIn(f"spaceport_{version()}-1.dsc", made)
        self.assertIn(f"spaceport_{version()}-1.debian.tar.xz", made)
        package = next(folder.glob("spaceport_*.deb"))
        tree = scratch() / "unpacked"
        run("dpkg-deb", "-x", package, tree, cwd="/")
        check_program(self, tree / "usr/bin/spaceport")
        self.assertEqual(complete(tree / "usr/share/bash-completion/completions/spaceport",
                                  "spaceport insp"), "inspect")
        depends = run("dpkg-deb", "-f", package, "Depends", cwd="/")
        for library in ("libpq5", "libarchive13"):
            self.assertIn(library, depends)

    def test_the_source_package_builds_again(self):
        """A build leaves nothing that a later one stumbles over."""
        folder = self.built()
        out = run("dpkg-buildpackage", "-us", "-uc", "-S", "-d",
                  cwd=folder / f"spaceport-{version()}")
        self.assertNotIn("local changes", out)

    def test_lintian_finds_no_errors(self):
        changes = next(p for p in self.built().glob("*.changes") if "_source" not in p.name)
        out = run("lintian", *(["--allow-root"] if os.geteuid() == 0 else []), "--fail-on", "error",
                  changes, cwd="/")
        self.assertNotIn("E:", out)

    @unittest.skipUnless(FULL and os.geteuid() == 0,
                         "with the full numbers, by root: it makes a system of its own")
    def test_it_installs_where_nothing_else_is(self):
        """In a fresh system, with what it depends on and no more."""
        about = Path("/etc/os-release").read_text(encoding="utf-8")
        release = re.search(r"^VERSION_CODENAME=(\w+)$", about, re.M).group(1)
        root = scratch() / "system"
        run("debootstrap", "--variant=minbase", release, root, cwd="/")
        shutil.copy(next(self.built().glob("spaceport_*.deb")), root / "spaceport.deb")
        for words in (("update",), ("install", "--no-install-recommends", "./spaceport.deb")):
            run("chroot", root, "apt-get", "-y", "-q", *words, cwd="/",
                DEBIAN_FRONTEND="noninteractive")
        program = ("chroot", root, "spaceport")
        self.assertEqual(run(*program, "--version", cwd="/"), f"spaceport {version()}\n")
        self.assertIn("--asset-format", run(*program, "help", "export", "run", cwd="/"))
        run("chroot", root, "apt-get", "-y", "-q", "purge", "spaceport", cwd="/",
            DEBIAN_FRONTEND="noninteractive")
        self.assertEqual([p for p in (root / "usr").rglob("*spaceport*")], [])


if __name__ == "__main__":
    unittest.main()
