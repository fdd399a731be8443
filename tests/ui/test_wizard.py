"""Each way through the wizard, in a real terminal, with real databases."""

import re
import shlex
import sys
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import session  # noqa: E402
from session import BULK, MAIN, MORE, SPACE, Home, Wizard, lib, process, profile  # noqa: E402

SERVER = "debian"


def setUpModule():
    session.scratch()


def dev(missing=()):
    return lib.shared(SERVER, lib.NEWEST, "dev", missing)


def prod():
    return lib.shared(SERVER, lib.NEWEST, "prod")


def content(path):
    """A package's entries, but for those that tell time and operation."""
    with zipfile.ZipFile(path) as package:
        return {n: package.read(n) for n in package.namelist()
                if n not in ("manifest.json", "checksums.sha256")}


class Case(unittest.TestCase):

    def home(self, **profiles):
        home = Home(**(profiles or {"dev": profile(dev()), "prod": profile(prod(), **{
            "as": "admin@example.org"})}))
        self.addCleanup(home.remove)
        return home

    def wizard(self, home=None, *options, **how):
        wizard = Wizard(home or self.home(), *options, **how)
        self.addCleanup(wizard.close)
        return wizard

    def restored(self, wizard):
        wizard.check_restored()
        self.assertEqual(process.leftovers(wizard.home.work), [])


class Everywhere(Case):
    """The same way in every size and language."""

    def walk(self, size, where, **env):
        home = self.home()
        wizard = self.wizard(home, size=size, where=where, env=env)
        wizard.to_result(MAIN)
        path = home.package()
        self.assertIn(path.name, wizard.text())
        self.assertEqual(wizard.leave(), 0)
        self.restored(wizard)
        # what stays on the normal screen
        receipt = wizard.raw_after(b"\x1b[?1049l").decode("utf-8")
        self.assertIn(path.name, receipt)
        self.assertIn("spaceport export run", receipt)
        return wizard

    def test_one_run_in_every_size_and_language(self):
        for size in session.SIZES:
            for where in session.LOCALES:
                with self.subTest(size=size, where=where):
                    self.walk(size, where)

    def test_sizes_are_written_as_the_language_writes_numbers(self):
        for where, sign in (("C.UTF-8", "."), ("de_DE.UTF-8", ",")):
            with self.subTest(where):
                wizard = self.wizard(where=where)
                wizard.to_preview(MAIN)
                wizard.planned()
                self.assertEqual(set(re.findall(r"\d([.,])\d [kM]B", wizard.text())), {sign})

    def colours(self, wizard):
        """The colours that were asked for, as numbers of SGR sequences."""
        found = re.findall(rb"\x1b\[([\d;]*)m", bytes(wizard.raw))
        return {n for one in found for n in one.decode("ascii").split(";")
                if re.fullmatch("[34][0-8]|9[0-7]|10[0-7]", n)}

    def test_no_color(self):
        wizard = self.walk((80, 24), "C.UTF-8", NO_COLOR="1")
        self.assertEqual(self.colours(wizard), set())
        self.assertTrue(re.search(rb"\x1b\[([\d;]*;)?7m", bytes(wizard.raw)), "not even reverse")
        wizard = self.walk((80, 24), "C.UTF-8")
        self.assertNotEqual(self.colours(wizard), set())

    def test_a_terminal_without_colours_and_an_old_one(self):
        for term in ("vt100", "xterm", "screen", "linux"):
            with self.subTest(term=term):
                home = self.home()
                wizard = self.wizard(home, env={"TERM": term})
                wizard.to_result(MORE)
                home.package()
                self.assertEqual(wizard.leave(), 0)
                self.restored(wizard)

    def test_only_ascii_where_the_locale_has_nothing_else(self):
        wizard = self.wizard(where="C")
        wizard.to_preview(MAIN)
        wizard.planned()
        self.assertEqual([c for c in wizard.raw if c > 126], [])


class Choices(Case):

    def test_several_runs_are_packages_each(self):
        home = self.home()
        wizard = self.wizard(home)
        wizard.to_result(MAIN, MORE, BULK)
        names = home.files()
        self.assertEqual(len(names), 3, names)
        for name in names:
            process.check_package(home.work / name)
        self.assertEqual(wizard.leave(), 0)

    def test_filter_sort_pick_all_and_details(self):
        wizard = self.wizard()
        wizard.to_runs()
        wizard.wait("Two thousand notices")
        wizard.press("/")
        wizard.type("positionen 2025")
        wizard.wait(lambda: wizard.rows_shown() == 3, what="three rows")
        wizard.keys("Enter")
        wizard.press("a")
        wizard.wait(lambda: "3 of 14 picked" in wizard.text())
        wizard.press("a")
        wizard.wait_gone("3 of 14 picked")
        wizard.press("Esc")
        wizard.wait("14 of 14")
        wizard.press("S")
        wizard.says("by name")
        wizard.press("S")
        wizard.says("most annotations first")
        wizard.keys("Home")
        wizard.wait(lambda: "Two thousand notices" in wizard.focused())
        wizard.press("i")
        wizard.wait("COMPLETED" if "COMPLETED" in wizard.text() else "completed")
        wizard.keys("Esc")
        wizard.says("Filter: all words must occur, !word must not; also status:running, id:17.")
        wizard.wait(lambda: "Two thousand notices" in wizard.focused())

    def test_a_range_of_runs(self):
        wizard = self.wizard()
        wizard.to_runs()
        wizard.wait("Two thousand notices")
        wizard.keys("Home")
        wizard.press("v")
        wizard.press("Down")
        wizard.press("Down")
        wizard.press("Space")
        wizard.wait("3 of 14 picked")

    def test_a_dangerous_name_does_no_harm(self):
        home = self.home()
        wizard = self.wizard(home)
        wizard.to_result(113)
        self.assertNotIn("/", home.package().name.strip("."))
        self.assertNotIn(b"\x1b[31m\xe2\x80\xae", bytes(wizard.raw))
        self.assertEqual(wizard.leave(), 0)

    def test_the_command_makes_the_same_package(self):
        home = self.home()
        wizard = self.wizard(home, size=(160, 50))
        wizard.to_options(MAIN)
        wizard.select("Chunks")
        wizard.press("Space")
        wizard.keys("Enter")
        wizard.step(5)
        wizard.planned()
        wizard.select("Folder")
        wizard.press("e")
        wizard.keys("Ctrl-U")
        wizard.type("it's \"here\"")
        wizard.keys("Enter")
        wizard.wait("it's")
        wizard.planned()
        wizard.select(".zip")
        wizard.press("e")
        wizard.keys("Ctrl-U")
        wizard.type("$(a) b.zip")
        wizard.keys("Enter")
        wizard.wait("$(a) b.zip")
        wizard.planned()
        wizard.keys("Enter")
        wizard.written()
        path = home.package()
        self.assertEqual(path, home.work / "it's \"here\"/$(a) b.zip")
        before = content(path)
        self.assertNotIn("assets/chunks", " ".join(before))
        self.assertEqual(wizard.leave(), 0)
        receipt = wizard.raw_after(b"\x1b[?1049l").decode("utf-8").replace("\r\n", "\n")
        command = receipt[receipt.index("  spaceport export run"):].split("\n\n")[0].strip()
        path.unlink()
        done = home.run(command)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stderr}")
        self.assertEqual(home.package(), path)
        self.assertEqual(content(path), before)
        self.assertIn("--instance", shlex.split(command))

    def test_the_command_before_writing_is_the_same(self):
        wizard = self.wizard(size=(160, 50))
        wizard.to_preview(MAIN)
        wizard.planned()
        wizard.press("c")
        wizard.wait("spaceport export run")
        wizard.keys("Esc")
        wizard.step(5)


class Options(Case):
    """Each option changed, one session for each; the package's manifest says so."""

    def manifest(self, change, *, run=MAIN):
        home = self.home()
        wizard = self.wizard(home)
        wizard.to_options(run)
        change(wizard)
        wizard.keys("Enter")
        wizard.step(5)
        wizard.planned()
        wizard.keys("Enter")
        wizard.written()
        package = lib.Package(home.package())
        self.assertEqual(wizard.leave(), 0)
        return package.manifest["options"]

    def labels(self):
        """The rows of the options' screen, by their options' names."""
        wizard = self.wizard(size=(160, 50))
        wizard.to_options(MAIN)
        found = {}

        def shown():
            """The label and the name of the option that has the focus."""
            match = re.search(r"(.*) · --(?:\[no-\])?([a-z-]+) ", wizard.text())
            if match and match[2] not in found:
                return match[2], match[1].strip("─- ")
            return None
        wizard.wait(shown)  # not the screen before, which has rows, too
        total = int(wizard.wait(lambda: re.search(r"row 1 of (\d+)", wizard.text()))[1])
        for _ in range(total):
            name, label = wizard.wait(shown, what="another option")
            found[name] = label
            wizard.keys("Down")
        return found

    def test_each_option_changed(self):
        labels = self.labels()
        usual = self.manifest(lambda wizard: None)
        switches = [n for n in labels if n.startswith(("include-", "preserve-"))]
        self.assertGreaterEqual(len(switches), 6, labels)
        self.assertIn("asset-format", labels)
        for name in switches:
            if name == "include-embeddings":
                continue  # where the server has pgvector
            with self.subTest(option=name):
                def switch(wizard, label=labels[name]):
                    wizard.select(label)
                    wizard.press("Space")
                made = self.manifest(switch)
                key = name.replace("-", "_")
                self.assertEqual(made[key], not usual[key])
                others = {k for k in made if made[k] != usual[k]} - {key}
                self.assertLessEqual(others, {"include_embeddings", "include_chunks"})

        def inline(wizard):
            wizard.select(labels["asset-format"])
            wizard.press("Right")
        self.assertEqual(self.manifest(inline)["asset_format"], "inline")

        def level(wizard):
            wizard.select(labels["compression-level"])
            wizard.press("Right")
        self.assertEqual(self.manifest(level)["compression_level"], 7)

        def tag(wizard):
            wizard.select(labels["exclude-tag"])
            wizard.press("e")
            wizard.type("one,two\\, three")
            wizard.keys("Enter")
            wizard.wait("one")
        self.assertEqual(self.manifest(tag)["exclude_tags"], 2)

    def test_a_default_comes_back(self):
        wizard = self.wizard()
        wizard.to_options(MAIN)
        wizard.select("Chunks")
        line = wizard.focused()
        wizard.keys("Space")
        wizard.wait(lambda: "[ ]" in wizard.focused(), what="an option that is off")
        wizard.keys("d")
        wizard.wait(lambda: wizard.focused()[:12] == line[:12], what="the default")


class Destination(Case):

    def test_a_file_that_exists_is_asked_about(self):
        home = self.home()
        wizard = self.wizard(home)
        wizard.to_preview(MAIN)
        wizard.planned()
        name = next(w for w in wizard.text().split() if w.endswith(".zip"))
        (home.work / name).write_text("precious", encoding="ascii")
        # it appeared after the wizard looked: the file is still not overwritten
        wizard.press("r")
        wizard.says("~ exists already")
        wizard.planned()
        wizard.keys("Enter")
        wizard.says("Replace what exists?")
        # the harmless button is under the cursor
        wizard.keys("Enter")
        wizard.wait_gone("Replace what exists?")
        self.assertEqual((home.work / name).read_text(encoding="ascii"), "precious")
        wizard.keys("Ctrl-U")
        wizard.type("other.zip")
        wizard.keys("Enter")
        wizard.says("new file")
        wizard.planned()
        wizard.keys("Enter")
        wizard.written()
        self.assertEqual(home.files(), sorted([name, "other.zip"]))
        self.assertEqual((home.work / name).read_text(encoding="ascii"), "precious")
        process.check_package(home.work / "other.zip")

    def test_a_file_that_exists_is_replaced_where_that_is_said(self):
        home = self.home()
        wizard = self.wizard(home)
        wizard.to_preview(MAIN)
        wizard.planned()
        name = next(w for w in wizard.text().split() if w.endswith(".zip"))
        (home.work / name).write_text("old", encoding="ascii")
        wizard.press("r")
        wizard.says("~ exists already")
        wizard.planned()
        wizard.keys("Enter")
        wizard.says("Replace what exists?")
        wizard.press("Tab")
        wizard.keys("Enter")
        wizard.written()
        home.package()

    def test_a_file_that_appears_meanwhile_is_not_lost(self):
        home = self.home()
        wizard = self.wizard(home)
        wizard.to_preview(MAIN)
        wizard.planned()
        name = next(w for w in wizard.text().split() if w.endswith(".zip"))
        (home.work / name).write_text("precious", encoding="ascii")
        wizard.keys("Enter")
        wizard.wait(lambda: wizard.is_step(5) or wizard.shows("The same again"))
        wizard.wait("exist")
        self.assertEqual((home.work / name).read_text(encoding="ascii"), "precious")
        self.assertEqual(home.files(), [name])

    def test_a_folder_that_cannot_be_written(self):
        home = self.home()
        wizard = self.wizard(home)
        wizard.to_preview(MAIN)
        wizard.planned()
        wizard.select("Folder")
        wizard.press("e")
        wizard.keys("Ctrl-U")
        wizard.type("/proc/none")
        wizard.keys("Enter")
        wizard.wait("/proc/none")
        wizard.planned()
        wizard.keys("Enter")
        # the error is there, and all answers still are
        wizard.wait(lambda: wizard.is_step(5) and "/proc/none" in wizard.text() and
                    re.search("can't|cannot|isn't", wizard.text()), what="an error")
        wizard.select("Folder")
        wizard.press("e")
        wizard.keys("Ctrl-U")
        wizard.type(str(home.work))
        wizard.keys("Enter")
        wizard.wait(lambda: "~/work" in wizard.focused())
        wizard.planned()
        wizard.keys("Enter")
        wizard.written()
        home.package()


class Trouble(Case):

    def test_a_missing_file_is_a_warning(self):
        home = self.home(dev=profile(dev(("gone",))))
        wizard = self.wizard(home)
        wizard.to_preview(MAIN)
        wizard.planned()
        wizard.wait("~ ")
        wizard.wait("missing")
        wizard.keys("Enter")
        wizard.written()
        wizard.wait("missing")
        home.package()
        self.assertEqual(wizard.leave(), 3)

    def test_without_a_store_packages_go_without_files(self):
        keys = profile(dev())
        del keys["store"]
        home = self.home(dev=keys)
        wizard = self.wizard(home)
        wizard.to_options(MAIN)
        wizard.wait("external")
        wizard.keys("Enter")
        wizard.step(5)
        wizard.planned()
        wizard.keys("Enter")
        wizard.written()
        package = lib.Package(home.package())
        self.assertEqual(package.manifest["options"]["asset_format"], "external")
        self.assertEqual(wizard.leave(), 0)

    def test_who_may_not_export_is_told_so_at_once(self):
        """As HQ itself would: a viewer reads, and no more."""
        home = self.home(dev=profile(dev(), **{"as": "viewer@example.org"}))
        wizard = self.wizard(home)
        wizard.to_infospaces()
        wizard.select(SPACE)
        wizard.keys("Enter")
        wizard.says("You may read it, not export")
        wizard.step(2)
        self.assertEqual(home.files(), [])

    def test_who_is_unknown_is_told_so(self):
        home = self.home(dev=profile(dev(), **{"as": "nobody@example.org"}))
        wizard = self.wizard(home)
        wizard.to_instances()
        wizard.wait("nobody@example.org")
        wizard.says("✗ not usable")
        wizard.keys("Enter")
        wizard.step(1)
        self.assertIn(wizard.leave(), (0, 2, 7))

    def test_an_instance_that_is_dead_harms_no_other(self):
        home = self.home(dead={"db": "host=127.0.0.1 port=9 dbname=hq user=hq", "as": "x"},
                         dev=profile(dev()))
        wizard = self.wizard(home)
        wizard.to_instances()
        wizard.says("✗ not usable")
        wizard.select("dead")
        wizard.press("Enter")
        wizard.step(1)
        wizard.wait("127.0.0.1")
        wizard.select("dev")
        wizard.keys("Enter")
        wizard.step(2)
        wizard.select(SPACE)

    def test_a_wrong_profile_file_says_where(self):
        home = self.home(dev={**profile(dev()), "password": "s3cret-CANARY"})
        wizard = self.wizard(home)
        self.assertEqual(wizard.end(), 2)
        self.assertNotIn("s3cret", wizard.raw.decode("utf-8"))
        self.assertIn("instances.ini", wizard.raw.decode("utf-8"))

    def test_an_error_in_the_middle_keeps_the_answers(self):
        """The connection is cut while the package is written; then it is there again."""
        instance = dev()
        with process_proxy(instance) as proxy:
            home = self.home(dev=profile(instance, db=proxy.dsn(instance.db)))
            wizard = self.wizard(home)
            wizard.to_options(MAIN)
            wizard.select("Chunks")
            wizard.press("Space")
            wizard.wait(lambda: "[ ]" in wizard.focused())
            wizard.keys("Enter")
            wizard.step(5)
            wizard.planned()
            proxy.after, proxy.then = proxy.sent + 100000, "cut"
            wizard.keys("Enter")
            wizard.wait(proxy.reached.is_set, what="the cut")
            wizard.step(5)
            wizard.wait("connection")
            self.assertEqual(home.files(), [])
            proxy.after = None
            wizard.keys("Esc")
            wizard.step(4)
            wizard.select("Chunks")
            self.assertIn("[ ]", wizard.focused())
            wizard.keys("Enter")
            wizard.step(5)
            wizard.planned()
            wizard.keys("Enter")
            wizard.written()
            home.package()

    def test_ctrl_c_stops_the_job_and_then_leaves(self):
        instance = dev()
        with process_proxy(instance) as proxy:
            home = self.home(dev=profile(instance, db=proxy.dsn(instance.db)))
            wizard = self.wizard(home)
            wizard.to_preview(MAIN)
            wizard.planned()
            proxy.after, proxy.then = proxy.sent + 60000, "hold"
            wizard.keys("Enter")
            wizard.step(6)
            wizard.wait(proxy.reached.is_set, what="the stall")
            wizard.keys("Ctrl-C")
            wizard.step(5)
            self.assertEqual(home.files(), [])
            wizard.keys("Ctrl-C")
            self.assertEqual(wizard.end(), 130)
            self.restored(wizard)
            proxy.release()

    def test_leaving_a_job_is_asked_about(self):
        instance = dev()
        with process_proxy(instance) as proxy:
            home = self.home(dev=profile(instance, db=proxy.dsn(instance.db)))
            wizard = self.wizard(home)
            wizard.to_preview(MAIN)
            wizard.planned()
            proxy.after, proxy.then = proxy.sent + 60000, "hold"
            wizard.keys("Enter")
            wizard.wait(proxy.reached.is_set, what="the stall")
            wizard.keys("Esc")
            wizard.says("Stop the export and leave?")
            wizard.keys("Enter")  # stays
            wizard.wait_gone("Stop the export and leave?")
            proxy.release()
            wizard.written()
            home.package()


def process_proxy(instance):
    from proxy import Proxy
    return Proxy(instance.server.host)


if __name__ == "__main__":
    unittest.main()
