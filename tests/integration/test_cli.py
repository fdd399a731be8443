"""The command line where a database is behind it: names, places, streams,
progress, questions, exit codes, languages."""

import functools
import json
import os
import subprocess
import unittest
import zipfile
from pathlib import Path

import lib
import process
from process import Running, arguments

PO = Path(__file__).resolve().parent.parent.parent / "po"
UNIQUE = "UNUSED-PLAIN-NAME"


@functools.lru_cache(maxsize=None)
def german():
    """An environment with the program's German texts, installed or not."""
    folder = lib.new_path("-locale")
    (folder / "de/LC_MESSAGES").mkdir(parents=True)
    subprocess.run([os.environ.get("MSGFMT") or "msgfmt", "-o",
                    str(folder / "de/LC_MESSAGES/spaceport.mo"), str(PO / "de.po")], check=True)
    return process.preloaded("locale", LANGUAGE="de", TEST_LOCALEDIR=str(folder))


class Case(process.Case):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.db = cls.instance.db

    def live(self, as_="owner@example.org"):
        return ["--db", self.db.dsn, "--as", as_]

    def ok(self, *argv, code=0, **options):
        done = lib.run(*argv, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def export(self, run, *options, code=0, as_="owner@example.org", **more):
        return self.ok("export", "run", run, *self.live(as_), "--no-include-source-assets",
                       *options, code=code, **more)

    def files(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*")
                      if p.is_file())

    def run_id(self, key):
        return self.instance.id("annotationrun", key)


class Places(Case):
    """-o"""

    def slug(self, key):
        name = self.db.value(f"SELECT name FROM annotationrun WHERE id = {self.run_id(key)}")
        plain = "".join(c.lower() if c.isascii() and c.isalnum() else "-" for c in name)
        return "-".join(x for x in plain.split("-") if x) + f"-{self.run_id(key)}.zip"

    def test_file(self):
        self.export(self.run_id("main"), "-o", self.path)
        self.assertEqual(self.files(), ["run.zip"])
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        process.check_package(self.path)

    def test_folder_that_is_there(self):
        self.export(self.run_id("main"), "-o", self.folder)
        self.assertEqual(self.files(), [self.slug("main")])

    def test_folder_that_is_new(self):
        self.export(self.run_id("main"), f"--output={self.folder}/new/er/")
        self.assertEqual(self.files(), [f"new/er/{self.slug('main')}"])

    def test_several_runs(self):
        for to in (self.folder, self.folder / "new", f"{self.folder}/other/"):
            with self.subTest(to=to):
                self.ok("export", "run", self.run_id("main"), self.run_id("child"), *self.live(),
                        "--no-include-source-assets", "-o", to)
                for key in ("main", "child"):
                    process.check_package(Path(to) / self.slug(key))

    def test_here(self):
        with Running("export", "run", str(self.run_id("main")), *self.live(),
                     "--no-include-source-assets", cwd=self.folder) as running:
            self.assertEqual(running.end(), 0, running.err)
        self.assertEqual(self.files(), [self.slug("main")])

    def test_standard_output(self):
        done = self.export(self.run_id("main"), "-o", "-")
        self.path.write_bytes(done.stdout)
        process.check_package(self.path)
        self.ok("export", "run", self.run_id("main"), self.run_id("child"), *self.live(),
                "--no-include-source-assets", "-o", "-", code=2)
        with Running("export", "run", str(self.run_id("main")), *self.live(), "-y",
                     "--no-include-source-assets", "-o", "-", terminal=True) as running:
            self.assertEqual(running.end(), 2, running.err)
        self.assertNotIn(b"PK\3\4", running.err)

    def test_odd_names(self):
        for name in ("ein Name mit Größe.zip", "-.zip", "a\nb.zip", "x" * 200 + ".zip",
                     os.fsdecode(b"latin\xe4.zip"), ".zip", "%s%n.zip"):
            with self.subTest(name=name):
                self.export(self.run_id("main"), "-o", self.folder / name)
                self.assertTrue((self.folder / name).exists())
        self.export(self.run_id("main"), "-o", self.folder / ("x" * 256), code=1)
        self.export(self.run_id("main"), "-o", "", code=2)

    def test_what_the_umask_says(self):
        """The package is its owner's alone, all the same."""
        with Running("export", "run", str(self.run_id("main")), *self.live(), "-o", self.path,
                     "--no-include-source-assets", preexec=lambda: os.umask(0)) as running:
            self.assertEqual(running.end(), 0, running.err)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)


class Runs(Case):
    """RUN, --infospace, --as"""

    def written(self, run, *options, **more):
        done = self.export(run, "-o", self.path, "--force", "--json", *options, **more)
        package, = json.loads(done.stdout)["packages"]
        return package["run_id"]

    def test_by_id_uuid_and_name(self):
        child = self.run_id("child")
        uuid = self.instance.uuid("annotationrun", "child")
        name = self.db.value(f"SELECT name FROM annotationrun WHERE id = {child}")
        for run in (child, uuid, uuid.upper(), name):
            self.assertEqual(self.written(run), child)

    def test_who_acts_by_the_environment(self):
        self.ok("export", "run", self.run_id("main"), "--db", self.db.dsn, "-o", self.path,
                "--no-include-source-assets", env=lib.environment(SPACEPORT_AS="owner"))
        self.assertEqual(self.files(), ["run.zip"])

    def test_digits_are_an_id(self):
        self.assertEqual(self.written("103"), 103)
        self.assertNotEqual(self.run_id("digits"), 103)

    def test_same_name(self):
        name = self.db.value(f"SELECT name FROM annotationrun WHERE id = {self.run_id('same1')}")
        done = self.export(name, "-o", self.path, code=1)
        for key in ("same1", "same2"):
            self.assertIn(str(self.run_id(key)).encode(), done.stderr)
        self.assertEqual(self.files(), [])

    def test_infospace_narrows(self):
        space = self.db.query("SELECT i.id, i.uuid, i.name FROM infospace i JOIN annotationrun r "
                              f"ON r.infospace_id = i.id WHERE r.id = {self.run_id('main')}")[0]
        for narrow in (space["id"], space["uuid"], space["name"]):
            self.assertEqual(self.written(self.run_id("main"), "--infospace", narrow), self.run_id("main"))
        self.export(self.run_id("main"), "--infospace", "nowhere", "-o", self.path, "--force", code=1)

    def test_who_acts(self):
        for who in ("owner", "owner@example.org", "OWNER@example.org", "11", "analyst", "curator"):
            with self.subTest(as_=who):
                self.assertEqual(self.written(self.run_id("main"), as_=who), self.run_id("main"))
        self.path.unlink()
        for who, code in (("viewer", 7), ("stranger", 1), ("nobody-here", 7), ("", 2)):
            with self.subTest(as_=who):
                self.export(self.run_id("main"), "-o", self.path, as_=who, code=code)
        self.ok("export", "run", "101", "--db", self.db.dsn, "-o", self.path, code=2,
                env=lib.environment(SPACEPORT_AS=None))
        self.assertEqual(self.files(), [])

    def test_what_one_cannot_read_is_not_there(self):
        hidden = self.export(self.run_id("main"), "-o", self.path, as_="stranger", code=1)
        none = self.export("987654", "-o", self.path, as_="stranger", code=1)
        self.assertEqual(hidden.stderr.replace(str(self.run_id("main")).encode(), b"987654"),
                         none.stderr)

    def test_some_of_several(self):
        done = self.ok("export", "run", self.run_id("main"), "987654", *self.live(), "-o", self.folder,
                       "--no-include-source-assets", code=1)
        self.assertIn(b"987654", done.stderr)
        for name in self.files():
            process.check_package(self.folder / name)

    def test_what_was_written_before_a_failure(self):
        """--json names it: nobody would look for it after an error."""
        done = self.ok("export", "run", self.run_id("main"), self.run_id("child"), "987654",
                       *self.live(), "-o", self.folder, "--no-include-source-assets", "--json",
                       "--yes", code=1)
        result = json.loads(done.stdout)
        self.assertFalse(result["success"])
        self.assertIn("987654", result["error"]["text"])
        self.assertEqual([p["run_id"] for p in result["packages"]],
                         [self.run_id("main"), self.run_id("child")])
        self.assertEqual(sorted(Path(p["path"]).name for p in result["packages"]), self.files())
        for package in result["packages"]:
            self.assertEqual(Path(package["path"]).stat().st_size, package["size"])
        done = self.ok("export", "run", "987654", *self.live(), "-o", self.folder,
                       "--no-include-source-assets", "--json", "--yes", code=1)
        self.assertNotIn("packages", json.loads(done.stdout))


class Streams(Case):
    """--json, --progress, --quiet, --dry-run"""

    def check_result(self, text):
        result = json.loads(text)
        self.assertIs(result["success"], True)
        package, = result["packages"]
        self.assertEqual(package["path"], str(self.path))
        self.assertEqual(package["size"], self.path.stat().st_size)
        with zipfile.ZipFile(self.path) as written:
            self.assertEqual(package["entries"], len(written.namelist()))
            self.assertEqual(package["manifest"], json.loads(written.read("manifest.json")))
        return package

    def test_json(self):
        done = self.ok(*arguments(self.instance, self.path, "--json"))
        package = self.check_result(done.stdout)
        self.assertEqual(package["plan"]["counts"]["annotation"],
                         package["manifest"]["counts"]["annotation"])
        self.assertIn(b"wrote", done.stderr)

    def test_without_json(self):
        done = self.ok(*arguments(self.instance, self.path))
        self.assertEqual(done.stdout, b"")

    def test_options_anywhere(self):
        rest = arguments(self.instance, self.path)[2:]
        run, options = rest[0], rest[1:]
        for argv in (["--json", *options, "export", "run", run],
                     ["export", *options, "run", "--json", run],
                     ["export", "run", "--json", *options, "--", run],
                     ["--json", "--force", *options[:2], "export", "run", run, *options[2:]]):
            self.path.unlink(missing_ok=True)
            self.check_result(self.ok(*argv).stdout)

    def test_json_beside_a_package(self):
        done = self.ok(*arguments(self.instance, "-", "--json", "--progress", "json"))
        self.path.write_bytes(done.stdout)
        process.check_package(self.path)
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertEqual({x["type"] for x in lines[:-1]}, {"progress"})
        self.assertIs(lines[-1]["success"], True)
        self.assertEqual(lines[-1]["packages"][0]["path"], "-")

    def test_errors_as_json(self):
        for argv in ((["export", "run", "987654"]), ["list", "runs", "--infospace", "nowhere"]):
            done = lib.run(*argv, *self.live(), "--json",
                           *(["--no-include-source-assets"] if argv[0] == "export" else []))
            result = json.loads(done.stdout)
            if done.returncode:
                self.assertIs(result["success"], False)
                self.assertEqual(result["error"]["code"], done.returncode)
                self.assertIn(result["error"]["text"].encode(), done.stderr)

    def test_quiet(self):
        done = self.ok(*arguments(self.instance, self.path, "--quiet"))
        self.assertEqual((done.stdout, done.stderr), (b"", b""))
        done = self.ok(*arguments(self.instance, self.path, "-q", "--json", "--force"))
        self.assertEqual(done.stderr, b"")
        self.check_result(done.stdout)

    def progress(self, *options):
        done = self.ok(*arguments(self.instance, self.path, "--force", *options))
        return done.stderr

    def test_progress_json(self):
        lines = [json.loads(line) for line in self.progress("--progress", "json").splitlines()
                 if line.startswith(b"{")]
        self.assertGreater(len({x["phase"] for x in lines}), 4)
        for line in lines:
            self.assertEqual(set(line), {"type", "phase", "rows", "rows_total", "bytes",
                                         "bytes_total", "rate", "left"})
        written = [x["bytes"] for x in lines]
        self.assertEqual(written, sorted(written))
        self.assertGreater(written[-1], 10_000)
        total = lines[-1]["bytes_total"]
        self.assertLessEqual(total / 2, written[-1])
        self.assertLessEqual(written[-1], total * 2)
        for line in lines:
            if line["rows_total"] is not None:
                self.assertLessEqual(line["rows"], line["rows_total"], line)

    def test_progress_in_other_forms(self):
        for options in (("--progress", "none"), ("--progress", "auto"), ()):
            self.assertNotIn(b"\r", self.progress(*options))
        argv = arguments(self.instance, self.path, "--force")
        for form in ("auto", "tty"):
            with Running(*argv, "--progress", form, terminal=True) as running:
                self.assertEqual(running.end(), 0, running.err)
            self.assertIn(b"\rconnecting", running.err)
            self.assertNotIn(b"\x1b", running.err)
        with Running(*argv, "--progress", "none", terminal=True) as running:
            self.assertEqual(running.end(), 0, running.err)
        self.assertNotIn(b"\rconnecting", running.err)

    def test_dry_run(self):
        """It shows, and writes nothing: no file, no folder."""
        (self.folder / "there.zip").write_bytes(b"x")
        for to in (self.path, f"{self.folder}/new/", self.folder):
            done = self.ok(*arguments(self.instance, to, "--dry-run"))
            self.assertIn(b"annotations", done.stderr)
            done = self.ok(*arguments(self.instance, to, "--dry-run", "--json"))
            package, = json.loads(done.stdout)["packages"]
            self.assertGreater(package["plan"]["counts"]["annotation"], 0)
            self.assertNotIn("entries", package)
            self.assertEqual([p.name for p in self.folder.iterdir()], ["there.zip"])

    def test_dry_run_shows_what_is_written(self):
        dry, wet = (json.loads(self.ok(*arguments(self.instance, self.path, "--json", *more))
                               .stdout)["packages"][0]["plan"] for more in (("--dry-run",), ()))
        self.assertEqual(dry, wet)
        written = self.path.stat().st_size
        self.assertLess(written / 4, dry["estimated_size"])
        self.assertLess(dry["estimated_size"], written * 4)


class Asking(Case):

    def asked(self, answer, env=None):
        argv = [a for a in arguments(self.instance, self.path) if a != "--yes"]
        with Running(*argv, terminal=True, env=env) as running:
            running.wait_for(b"]")
            running.type(answer)
            code = running.end()
        return code, running.err

    def test_yes(self):
        for answer in (b"y\n", b"Y\n", b"yes\n"):
            code, shown = self.asked(answer)
            self.assertEqual(code, 0, shown)
            process.check_package(self.path)
            self.path.unlink()

    def test_no(self):
        for answer in (b"n\n", b"\n", b"maybe\n", b"\x04"):
            self.asked(answer)
            self.assertEqual(self.files(), [])

    def test_german(self):
        code, shown = self.asked(b"j\n", german())
        self.assertEqual(code, 0, shown)
        process.check_package(self.path)

    def test_nobody_to_ask(self):
        argv = [a for a in arguments(self.instance, self.path) if a != "--yes"]
        self.ok(*argv)
        process.check_package(self.path)

    def test_no_snapshot_while_a_person_thinks(self):
        argv = [a for a in arguments(self.instance, self.path) if a != "--yes"]
        with Running(*argv, terminal=True) as running:
            running.wait_for(b"]")
            states = self.db.query("SELECT state, backend_xmin FROM pg_stat_activity "
                                   "WHERE application_name = 'spaceport'")
            self.assertEqual([(s["state"], s["backend_xmin"]) for s in states], [("idle", None)])
            running.type(b"n\n")
            running.end()


class Codes(Case):

    def test_missing_files(self):
        instance = lib.shared(lib.KINDS[0], lib.NEWEST, missing=("gone",))
        done = self.ok(*arguments(instance, self.path, "--json"), code=3)
        package, = json.loads(done.stdout)["packages"]
        name = instance.about["rows"]["asset"]["gone"]["blob_path"]
        self.assertEqual(package["plan"]["missing_files"], [name])
        self.assertIn(name.encode(), done.stderr)
        process.check_package(self.path)

    def test_usage(self):
        for options in (["--compression-level", "10"], ["--asset-format", "none"], ["--nonsense"],
                        ["--include-embeddings", "--no-include-chunks"], ["--timeout", "0"],
                        ["--store", "s3:x"], ["--store", "nonsense"]):
            with self.subTest(options=options):
                done = lib.run(*arguments(self.instance, self.path, *options))
                self.assertEqual(done.returncode, 2, done.stderr)
        done = self.ok("export", "run", self.run_id("main"), *self.live(), "-o", self.path, code=2)
        self.assertIn(b"--store", done.stderr)
        self.assertEqual(self.files(), [])

    def test_inspect(self):
        self.export(self.run_id("main"), "-o", self.path)
        self.ok("inspect", self.path)
        whole = self.path.read_bytes()
        for cut in (0, 10, len(whole) // 2, len(whole) - 1):
            self.path.write_bytes(whole[:cut])
            done = self.ok("inspect", self.path, "--json", code=5)
            self.assertIs(json.loads(done.stdout)["success"], False)
        self.ok("inspect", self.folder / "none.zip", code=1)

    def test_list(self):
        done = self.ok("list", "runs", *self.live(), "--json")
        runs = json.loads(done.stdout)["runs"]
        self.assertIn(self.run_id("main"), [r["id"] for r in runs])
        self.assertEqual(self.ok("list", "runs", *self.live(), "--search", UNIQUE, "--json")
                         .stdout.count(b'"id"'), 0)
        self.ok("list", "infospaces", *self.live())
        self.ok("list", "runs", *self.live(), "--since", "nonsense", code=2)


class Languages(Case):

    def test_german(self):
        env = german()
        done = self.ok(*arguments(self.instance, self.path), env=env)
        self.assertIn("Annotationen", done.stderr.decode("utf-8"))
        self.assertNotIn(b"wrote", done.stderr)
        done = self.ok("export", "run", "987654", *self.live(), "--no-include-source-assets",
                       "--json", code=1, env=env)
        english = self.ok("export", "run", "987654", *self.live(), "--no-include-source-assets",
                          "--json", code=1)
        self.assertEqual(done.stdout, english.stdout)
        self.assertNotEqual(done.stderr, english.stderr)

    def test_json_is_never_translated(self):
        for argv in (["list", "runs"], ["list", "infospaces"]):
            self.assertEqual(self.ok(*argv, *self.live(), "--json", env=german()).stdout,
                             self.ok(*argv, *self.live(), "--json").stdout)
        plain = lib.shared_export(self.instance)
        other = lib.export(self.instance, env=german())
        for name in plain.names:
            if name not in ("manifest.json", "checksums.sha256"):
                self.assertEqual(plain.data(name), other.data(name))
        changing = ("created_at", "operation_id")
        self.assertEqual({k: v for k, v in plain.manifest.items() if k not in changing},
                         {k: v for k, v in other.manifest.items() if k not in changing})
        phases = [{json.loads(line)["phase"] for line in self.ok(
            *arguments(self.instance, self.path, "--force", "--progress", "json", "-q"), env=env)
            .stderr.splitlines()} for env in (german(), None)]
        self.assertEqual(*phases)
        self.assertEqual(self.ok("inspect", self.path, "--json", env=german()).stdout,
                         self.ok("inspect", self.path, "--json").stdout)


if __name__ == "__main__":
    unittest.main()
