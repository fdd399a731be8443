"""Safe text: no escape, control or direction character from a database, a
package or a server reaches terminal or log."""

import json
import shutil
import unittest
import zipfile

import lib
import process
from hazards import TEXTS
from pg import literal
from proxy import Proxy, refuse

# Escapes, all controls but NUL, what turns or hides text, line separators.
EVIL = ("\x1b[31mred\x1b]52;c;aGFja2Vk\x07\x1b]0;title\x07\x9b2J"
        + "".join(chr(i) for i in [*range(1, 32), *range(127, 160)])
        + "\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
        + "\u2060\u2066\u2067\u2068\u2069\ufeff\U000e0041 end")
DIRECTION = {0x61c, 0x200e, 0x200f, *range(0x2028, 0x202f), *range(0x2066, 0x206a)}
MARK = "EVIL"
WORST = ("controls", "escape", "bidi", "lines", "printf", "arabic", "empty")

# Where text of the database may be shown from: table, columns.
NAMED = {
    "annotationrun": ("name", "description"), "infospace": ("name", "description"),
    "asset": ("title", "source_identifier", "logical_path"),
    "annotationschema": ("name", "description"), "bundle": ("name", "description"),
    "source": ("name",), "user": ("full_name", "handle"), "dataset": ("name",),
    "flow": ("name",), "knowledgegraph": ("name",),
}


class Text(lib.Case):

    def safe(self, data, also="\n"):
        """Nothing but printable characters and line ends."""
        text = data.decode("utf-8")
        bad = sorted({c for c in text if c not in also and
                      (ord(c) < 32 or 127 <= ord(c) < 160 or ord(c) in DIRECTION)})
        self.assertEqual(bad, [], text[-2000:])
        return text

    def spoil(self, instance):
        """The evil text, in each place that may be shown."""
        room = {(r["t"], r["c"]): int(r["n"] or 200) for r in instance.db.query(
            "SELECT table_name AS t, column_name AS c, character_maximum_length AS n "
            "FROM information_schema.columns WHERE table_schema = 'public'")}
        for table, columns in NAMED.items():
            for column in columns:
                if (table, column) in room:
                    text = literal((MARK + EVIL)[:room[table, column] - 8])
                    instance.db.run(f"UPDATE {lib.ident(table)} SET {column} = {text} || id;")
        instance.db.run(
            f"UPDATE asset SET blob_path = 'user_1/' || {literal(MARK + EVIL)} "
            f"WHERE id = {instance.id('asset', 'report')};"
            f"ALTER TABLE annotation ADD COLUMN {lib.ident('e' + EVIL[:30])} int DEFAULT 1;"
            f"ALTER TABLE asset ADD COLUMN {lib.ident('password' + EVIL[:30])} text DEFAULT 'x';"
            f"ALTER TABLE annotationrun ALTER COLUMN status TYPE text;"
            f"UPDATE annotationrun SET status = {literal(MARK + EVIL)} "
            f"WHERE id = {instance.id('annotationrun', 'empty')};")

    def run_all(self, instance):
        """Everything that shows text of the database: (name, out and err)."""
        live = ["--db", instance.db.dsn, "--as", "owner@example.org"]
        export = ["export", "run", instance.id("annotationrun", "main"), *live, "--store",
                  f"dir:{instance.store}", "--yes"]
        package = lib.new_path(".zip")
        name = instance.db.value("SELECT name FROM annotationrun "
                                 f"WHERE id = {instance.id('annotationrun', 'same1')}")
        instance.db.run(f"UPDATE annotationrun SET name = {literal(name)} "
                        f"WHERE id = {instance.id('annotationrun', 'same2')};")
        for json_ in ((), ("--json",)):
            yield 0, lib.run("list", "infospaces", *live, *json_)
            yield 0, lib.run("list", "runs", *live, *json_)
            yield 0, lib.run("list", "runs", "--search", MARK, *live, *json_)
            yield 3, lib.run(*export, "-o", package, "--force", "--progress", "json", *json_)
            yield 0, lib.run(*export, "-o", package, "--force", "--dry-run", *json_)
            yield 0, lib.run("inspect", package, *json_)
            yield 1, lib.run("export", "run", name, "-o", package, "--force", *live,
                             "--no-include-source-assets", *json_)
            yield 1, lib.run("export", "run", "no" + EVIL, "-o", package, "--force", *live,
                             "--no-include-source-assets", *json_)
            yield 1, lib.run("export", "run", "101", "-o", package, "--force", *live, *json_,
                             "--store", "dir:/no" + EVIL)
            yield 7, lib.run("list", "runs", *live[:3], "nobody" + EVIL, *json_)
            yield 2, lib.run("list", "runs", "--no" + EVIL, *json_)
            yield 2, lib.run("list" + EVIL, *json_)
            yield 8, lib.run("list", "runs", "--db", f"host={instance.db.host} dbname='{EVIL}'",
                             "--as", "1", *json_)

    @lib.everywhere(generations=lib.GENERATIONS if lib.FULL else lib.GENERATIONS[::3],
                    kinds=None if lib.FULL else lib.KINDS[:1])
    def test_every_output(self, kind, generation):
        with lib.own(kind, generation) as instance:
            self.spoil(instance)
            shown = ""
            for number, (code, done) in enumerate(self.run_all(instance)):
                with self.subTest(number=number, command=done.args[1:3]):
                    shown += self.safe(done.stdout, "\n\t") + self.safe(done.stderr)
                    self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(MARK, shown)

    def test_json_says_what_it_was(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.spoil(instance)
            done = lib.run("list", "runs", "--db", instance.db.dsn, "--as", "owner@example.org",
                           "--json")
            names = {r["name"] for r in json.loads(done.stdout)["runs"]}
            wanted = {r["name"] for r in instance.db.query("SELECT name FROM annotationrun")}
            self.assertTrue(names)
            self.assertLessEqual(names, wanted)

    def test_each_hazard_as_a_name(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            number = instance.id("annotationrun", "main")
            for key, text in TEXTS.items():
                if not lib.FULL and key not in WORST:
                    continue
                with self.subTest(text=key):
                    instance.db.run(f"UPDATE annotationrun SET name = {literal(text)} "
                                    f"WHERE id = {number};")
                    live = ["--db", instance.db.dsn, "--as", "owner@example.org"]
                    folder = process.folder()
                    for done in (lib.run("list", "runs", *live),
                                 lib.run("export", "run", number, *live, "-o", f"{folder}/",
                                         "--no-include-source-assets", "--yes")):
                        self.assertEqual(done.returncode, 0, done.stderr)
                        self.safe(done.stdout)
                        self.safe(done.stderr)
                    name, = (p.name for p in folder.iterdir())
                    self.assertRegex(name, rf"\A[a-z0-9-]+-{number}\.zip\Z")

    def test_terminal(self):
        """Progress and questions; cutting lines doesn't cut an escape open."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.spoil(instance)
            for argv, answer in ((process.arguments(instance, lib.new_path(".zip")), b""),
                                 ([a for a in process.arguments(instance, lib.new_path(".zip"))
                                   if a != "--yes"], b"y\n"),
                                 (["list", "runs", "--db", instance.db.dsn, "--as",
                                   "owner@example.org"], b"")):
                with process.Running(*argv, terminal=True) as running:
                    if answer:
                        running.wait_for(b"[y/N]")
                        running.type(answer)
                    self.assertIn(running.end(), (0, 3), running.err)
                    self.assertIn(MARK, self.safe(running.err, "\r\n\b"))

    def test_ascii_terminal(self):
        """Where the locale isn't UTF-8 the output is UTF-8 or ASCII all the same."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.spoil(instance)
            for locale in ("C", "POSIX", "nonsense", "de_DE.ISO-8859-1"):
                done = lib.run("list", "runs", "--db", instance.db.dsn, "--as",
                               "owner@example.org", env=lib.environment(LC_ALL=locale))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.safe(done.stdout)

    def test_server(self):
        """What a server says about itself."""
        for message in (EVIL, "\udc9b\udcff" + EVIL, "%s%n%d" * 20, "x" * 5000, ""):
            with self.subTest(message=message[:10]), Proxy(answers=refuse(message)) as proxy:
                for json_ in ((), ("--json",)):
                    done = lib.run("list", "runs", "--db",
                                   f"host=127.0.0.1 port={proxy.port} dbname=x user=y",
                                   "--as", "1", *json_)
                    self.assertEqual(done.returncode, 8, done.stderr)
                    self.safe(done.stderr)
                    self.safe(done.stdout, "\n\t")
                    if json_:
                        self.assertEqual(json.loads(done.stdout)["error"]["code"], 8)

    def test_damaged_package(self):
        """A package that names things so."""
        good = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST)).path
        for name, data in (("evil" + EVIL, b"x"), ("manifest.json", EVIL.encode()),
                           ("manifest.json", json.dumps({"format": EVIL}).encode()),
                           ("manifest.json", json.dumps(
                               {"format": EVIL}, ensure_ascii=False).encode())):
            path = lib.new_path(".zip")
            if name == "manifest.json":
                with zipfile.ZipFile(path, "w") as package:
                    package.writestr(name, data)
            else:
                shutil.copy(good, path)
                with zipfile.ZipFile(path, "a") as package:
                    package.writestr(name, data)
            for json_ in ((), ("--json",)):
                with self.subTest(name=name[:8], json=json_):
                    done = lib.run("inspect", path, *json_)
                    self.assertIn(done.returncode, (5, 6), done.stderr)
                    self.safe(done.stderr)
                    self.safe(done.stdout, "\n\t")


if __name__ == "__main__":
    unittest.main()
