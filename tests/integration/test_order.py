"""Power may fail at any moment: bytes are on the disk before they get their
name, the name before the program says that it is done. Proven from a trace of
the program's system calls, of all its threads."""

import re
import unittest

import lib
import process
import trace

NAMES = ("openat", "openat2", "open", "creat", "write", "writev", "pwrite64", "pwritev", "ftruncate",
         "fallocate", "sendfile", "copy_file_range", "fsync", "fdatasync", "sync_file_range",
         "rename", "renameat", "renameat2", "link", "linkat", "mkdir", "mkdirat", "close",
         "unlink", "unlinkat", "mmap")
WRITING = {"write", "writev", "pwrite64", "pwritev", "ftruncate", "fallocate", "sendfile",
           "copy_file_range"}
ON = re.compile(r"(\d+)<(.*?)>[,) ]")
RENAME = re.compile(r'\d+<(.*?)>, "(.*?)", \d+<(.*?)>, "(.*?)"')
MKDIR = re.compile(r'(?:AT_FDCWD<(.*?)>, |\d+<(.*?)>, )?"(.*?)"')


def shown(path):
    """A path as strace prints it: its bytes beyond ASCII in octal."""
    return "".join(chr(b) if 32 <= b < 127 else f"\\{b:o}" for b in str(path).encode())


class Order(lib.Case):

    @classmethod
    def setUpClass(cls):
        trace.need_files()

    def check(self, calls, path):
        """Whoever may have written the file, it lies on the disk before it gets its name."""
        path = shown(path)
        folder = path.rpartition("/")[0]
        renames = [(i, RENAME.match(c.text)) for i, c in enumerate(calls)
                   if c.name.startswith("rename") and c.result == "0"]
        renames = [(i, m) for i, m in renames if m and f"{m[3]}/{m[4]}" == path]
        self.assertEqual(len(renames), 1, path)
        at, names = renames[0]
        self.assertEqual(names[1], folder)
        temp = f"{names[1]}/{names[2]}"
        self.assertTrue(temp.endswith(".partial"))
        on_temp = self.on(calls, temp)
        writes = [i for i in on_temp if calls[i].name in WRITING]
        syncs = [i for i in on_temp if calls[i].name in ("fsync", "fdatasync")]
        self.assertTrue(writes, path)
        self.assertEqual(len(syncs), 1)
        self.assertLess(max(writes), syncs[0])
        self.assertLess(syncs[0], at)
        self.assertEqual(calls[syncs[0]].result, "0")
        # afterwards it is nobody's any more, and the folder knows it
        self.assertFalse([i for i in self.on(calls, path) if calls[i].name in WRITING])
        after = [i for i in self.on(calls, folder) if i > at and calls[i].name == "fsync"]
        self.assertEqual(len(after), 1, f"the folder of {path}")
        self.assertEqual(calls[after[0]].result, "0")
        # nobody opened it under its final name, nor wrote to memory instead
        for call in calls:
            if call.name == "mmap" and f"<{temp}>" in call.text:
                self.assertNotIn("PROT_WRITE", call.text)
            if call.name.startswith("open") and f'"{path}"' in call.text:
                self.assertIn("O_RDONLY", call.text)
        return after[0]

    @staticmethod
    def on(calls, path):
        """Indices of calls on a descriptor of that file or folder."""
        return [i for i, c in enumerate(calls)
                if (found := ON.match(c.text)) and found[2] == path]

    def check_folders(self, calls):
        """A folder that was made stands in its parent, on the disk: its paths."""
        made = []
        for i, call in enumerate(calls):
            if call.name in ("mkdir", "mkdirat") and call.result == "0":
                found = MKDIR.match(call.text)
                path = found[3] if found[3].startswith("/") else f"{found[1] or found[2]}/{found[3]}"
                self.assertTrue([j for j in self.on(calls, path.rpartition("/")[0])
                                 if j > i and calls[j].name == "fsync"], path)
                made.append(path)
        return made

    def traced(self, *argv, code=0, **more):
        done, calls = trace.run(argv, NAMES, env=lib.environment(
            ASAN_OPTIONS="detect_leaks=0", **more))
        self.assertEqual(done.returncode, code, done.stderr)
        return done, calls

    def test_packages(self):
        instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        for options in ((), ("--compression-level", "0", "--asset-format", "inline")):
            folder = lib.new_path("-ä") / "new" / "newer"
            done, calls = self.traced(*process.arguments(
                instance, f"{folder}/", "--json", *options, run_key="bulk"))
            path, = folder.iterdir()
            last = self.check(calls, path)
            # besides those of its record, the first time
            self.assertEqual([p for p in self.check_folders(calls) if "/.local" not in p],
                             [shown(p) for p in (folder.parent.parent, folder.parent, folder)])
            threads = {calls[i].thread for i in range(len(calls))}
            self.assertGreater(len(threads), 1)
            # what says that it is done comes last
            said = [i for i, c in enumerate(calls) if c.name == "write" and c.text[:2] == "1<"]
            self.assertTrue(said and min(said) > last, done.stdout)

    def test_a_package_that_takes_anothers_place(self):
        instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        path = process.folder() / "run.zip"
        path.write_bytes(b"older")
        _, calls = self.traced(*process.arguments(instance, path, "--force"))
        self.check(calls, path)
        self.assertFalse([c for c in calls if c.name.startswith("unlink")
                          and f'"{path.name}"' in c.text], "removed before the new one was there")

    def test_profiles(self):
        home = lib.new_path("-home")
        home.mkdir()
        env = {"HOME": str(home)}
        path = home / ".config/spaceport/instances.ini"
        _, calls = self.traced("instances", "add", "dev", "--db", "service=dev", **env)
        self.check(calls, path)
        self.assertEqual(len(self.check_folders(calls)), 2)
        for argv in (("instances", "add", "two", "--db", "service=dev"),
                     ("instances", "remove", "dev", "--yes")):
            _, calls = self.traced(*argv, **env)
            self.check(calls, path)

    def test_files_of_a_store(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            store = lib.new_path("-store")
            store.mkdir()
            _, calls = self.traced(
                "make-run", "--db", instance.db.dsn, "--as", "owner@example.org", "--infospace",
                instance.id("infospace", "main"), "--store", f"dir:{store}", "--assets", "20",
                "--annotations", "20", "--yes")
        files = [p for p in store.rglob("*") if p.is_file()]
        self.assertGreater(len(files), 5)
        self.assertTrue(self.check_folders(calls))
        for path in files:
            self.check_one_of_many(calls, path)

    def check_one_of_many(self, calls, path):
        """As check(), where each of several files in a folder has it saved."""
        path = shown(path)
        folder, _, name = path.rpartition("/")
        at = next(i for i, c in enumerate(calls) if c.name.startswith("rename")
                  and (m := RENAME.match(c.text)) and (m[3], m[4]) == (folder, name))
        temp = f"{folder}/{RENAME.match(calls[at].text)[2]}"
        on_temp = [calls[i].name for i in self.on(calls, temp) if i < at]
        self.assertEqual([n for n in on_temp if n != "openat"][-1], "fsync", on_temp)
        self.assertEqual(next(calls[i].name for i in self.on(calls, folder) if i > at), "fsync")
        self.assertFalse([i for i in self.on(calls, temp) if i > at])


if __name__ == "__main__":
    unittest.main()
