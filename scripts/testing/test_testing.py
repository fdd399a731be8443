"""What counts tests must count right."""

import os
import select
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import fuzz  # noqa: E402
import lines  # noqa: E402
import results  # noqa: E402
import sources  # noqa: E402
from pool import Pool, Step  # noqa: E402

MODULE = """
    import unittest

    class Some(unittest.TestCase):
        def test_good(self):
            pass

        def test_bad(self):
            self.fail("no")

        def test_worse(self):
            raise OSError("no")

        def test_not_now(self):
            self.skipTest("not now")

        def test_parts(self):
            for n in range(3):
                with self.subTest(n=n):
                    self.assertEqual(n, 1)

        def test_parts_left_out(self):
            for n in range(3):
                with self.subTest(n=n):
                    self.skipTest("not now")

    class Never(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            raise OSError("no")

        def test_good(self):
            pass
"""


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path


class Counts(Folder):
    def run_module(self, text, *options):
        module = self.write("test_some.py", text)
        found = self.folder / "results"
        done = subprocess.run([sys.executable, HERE / "runner.py", "--results", found, *options,
                               module], capture_output=True, check=False)
        return done, results.read(found)

    def counts(self, found):
        return [results.count(found, o) for o in (results.PASSED, results.FAILED, results.SKIPPED)]

    def test_a_module_of_python(self):
        _, found = self.run_module(MODULE)
        self.assertEqual(self.counts(found), [1, 4, 2])

    def test_a_module_without_tests(self):
        _, found = self.run_module("")
        self.assertEqual(self.counts(found), [0, 1, 0])

    def test_a_module_that_does_not_load(self):
        _, found = self.run_module("import nothing_of_that_name")
        self.assertEqual(self.counts(found), [0, 1, 0])

    def test_a_module_that_hangs(self):
        done, found = self.run_module("""
            import threading, unittest
            class Some(unittest.TestCase):
                def test_hangs(self):
                    threading.Event().wait()
        """, "--timeout", "1")
        self.assertIn(b"test_hangs", done.stderr)
        self.assertNotEqual(done.returncode, 0)
        self.assertIsNone(found)

    def test_modules_that_are_shared(self):
        other = self.write("test_other.py", MODULE)
        (self.folder / "queue").mkdir()
        _, found = self.run_module(MODULE, "--queue", self.folder / "queue", "--", other)
        self.assertEqual(self.counts(found), [2, 8, 4])
        _, found = self.run_module(MODULE, "--queue", self.folder / "queue", "--", other)
        self.assertEqual(found, [])

    def test_a_module_that_is_shared_class_by_class(self):
        text = """
            import unittest
            class One(unittest.TestCase):
                def test_a(self): pass
                def test_b(self): pass
            class Other(unittest.TestCase):
                def test_c(self): pass
        """
        (self.folder / "queue/test_some/One").mkdir(parents=True)
        for names in (["test_some.Other.test_c"], []):
            _, found = self.run_module(text, "--queue", self.folder / "queue")
            self.assertEqual([r.name for r in found], names)

    def test_a_part_of_a_module(self):
        _, found = self.run_module(MODULE, "--one-of", "3", "--seed", "x")
        _, again = self.run_module(MODULE, "--one-of", "3", "--seed", "x")
        self.assertEqual(len(found), 2)
        self.assertEqual(found, again)

    def test_programs_of_make_check(self):
        cmocka = """
            [==========] tests: Running 3 test(s).
            [ RUN      ] one
            [       OK ] one
            [ RUN      ] two
            [  SKIPPED ] two
            [ RUN      ] three
            [  FAILED  ] three
            [==========] tests: 3 test(s) run.
            [  PASSED  ] 2 test(s).
            [  FAILED  ] tests: 1 test(s), listed below:
            [  FAILED  ] three
        """
        for name, outcome, log in (
                ("a", "FAIL", cmocka), ("b", "FAIL", "[       OK ] one\nSegmentation fault\n"),
                ("c", "PASS", "a script\n"), ("d", "SKIP", "no\n"), ("e", "ERROR", "no\n"),
                ("f", "PASS", "[       OK ] one\n[       OK ] two\n")):
            self.write(f"tests/unit/{name}.log", log)
            self.write(f"tests/unit/{name}.trs", f":global-test-result: {outcome}\n")
        self.assertEqual(self.counts(results.of_automake(self.folder)), [5, 3, 2])


class Steps(Folder):
    def run_steps(self, *steps):
        for name in ("logs", "tmp"):
            (self.folder / name).mkdir()
        said = []
        Pool(self.folder, 2, said.append).run(steps)
        self.said = "\n".join(said)
        return [s.state for s in steps]

    def failed(self, step):
        return [r.detail for r in step.found if r.outcome == results.FAILED]

    def test_order_and_failures(self):
        bad = Step("bad", "echo the reason; false")
        states = self.run_steps(
            Step("good", "true", is_test=True), bad, Step("needs bad", "true", ("bad",)),
            Step("needs that", "true", ("needs bad",)), Step("after", "true", after=("bad",)),
            Step("needs good", "true", ("good",)))
        self.assertEqual(states, ["done", "failed", "left out", "left out", "done", "done"])
        self.assertEqual(self.failed(bad), ["exit code 1"])
        self.assertIn("the reason", self.said)

    def test_no_results(self):
        step = Step("step", "true", results=lambda: None)
        self.assertEqual(self.run_steps(step), ["failed"])

    def test_a_failed_test(self):
        step = Step("step", "false", results=lambda: [results.Result("one", results.FAILED)])
        self.assertEqual(self.run_steps(step), ["failed"])
        self.assertEqual(results.count(step.found, results.FAILED), 1)

    def test_a_bad_end_after_good_tests(self):
        step = Step("step", "exit 3", results=lambda: [results.Result("one", results.PASSED)])
        self.assertEqual(self.run_steps(step), ["failed"])
        self.assertEqual(self.failed(step), ["exit code 3"])

    def test_too_slow(self):
        step = Step("step", "read -r < <(tail -f /dev/null)", timeout=0.2)
        self.assertEqual(self.run_steps(step), ["failed"])
        self.assertIn("no end after", self.failed(step)[0])

    def test_files_left_behind(self):
        step = Step("step", 'touch "$TMPDIR/x"')
        self.assertEqual(self.run_steps(step), ["failed"])
        self.assertIn("files left behind: x", self.failed(step)[0])

    def test_in_the_background(self):
        """It takes no other step's place, and leaves them the processors."""
        wait = Step("wait", "mkfifo a b; read -r < a", is_test=True, timeout=60)
        also = Step("also", "until [[ -p b ]]; do read -rt 0.01 < <(:) || :; done; read -r < b",
                    timeout=60)
        behind = Step("behind", """
            until [[ -p b ]]; do read -rt 0.01 < <(:) || :; done
            nice | tee a b""", background=True, timeout=60)
        self.assertEqual(self.run_steps(wait, also, behind), ["done"] * 3)
        self.assertGreaterEqual(int(behind.log.read_text(encoding="ascii")), 19)

    def test_a_pipe_fails(self):
        self.assertEqual(self.run_steps(Step("step", "false | cat")), ["failed"])


class Fuzzing(Folder):
    def test_processor_time_is_what_counts(self):
        # afl-fuzz, too, puts its children into a session of their own
        busy = subprocess.Popen(["setsid", "-w", "bash", "-c", "(while :; do :; done) & wait"],
                                start_new_session=True)
        try:
            self.assertGreaterEqual(fuzz.work_for(busy, 0.3), 0.3)
        finally:
            handles = [os.pidfd_open(pid) for pid in fuzz.family(busy.pid)]
            fuzz.end(busy)
        self.assertEqual(len(handles), 3)
        for handle in handles:
            self.assertTrue(select.select([handle], [], [], 30)[0])
            os.close(handle)
        ended = subprocess.Popen(["true"], start_new_session=True)
        self.assertLess(fuzz.work_for(ended, 1000), 1000)

    def test_files_by_content(self):
        self.write("a/x", "1")
        self.write("a/y", "1")
        self.write("a/z", "2")
        known = {fuzz.name_of(b"2")}
        self.assertEqual(fuzz.copy_new(fuzz.files_in(self.folder / "a"), self.folder / "b", known),
                         1)
        self.assertEqual(fuzz.copy_new(fuzz.files_in(self.folder / "a"), self.folder / "b"), 1)


class Lines(Folder):
    def uncovered(self, path, text, counts, reasons):
        self.write(path, text)
        found = {"files": [{"file": path, "lines": [
            {"line_number": n + 1, "count": count} for n, count in enumerate(counts)]}]}
        return lines.wrong(found, self.folder, reasons)

    def test_each_line_is_run_or_has_a_reason(self):
        path, text = "core/package/zip_scan.c", "a();\nb();\n"
        self.assertEqual(self.uncovered(path, text, (1, 1), {}), [])
        self.assertEqual(self.uncovered(path, text, (1, 0), {(path, "b();"): "it can't"}), [])
        self.assertIn("zip_scan.c:2: b();", self.uncovered(path, text, (1, 0), {})[0])
        self.assertIn("is run", self.uncovered(path, text, (1, 1), {(path, "b();"): "no"})[0])
        self.assertEqual(self.uncovered("core/db/db.c", text, (0, 0), {}), [])


    def test_most_branches_are_run(self):
        def found(*counts, file="core/db/db.c"):
            branches = [{"count": c} for c in counts]
            return {"files": [{"file": file, "lines": [{"branches": branches[:1]}, {},
                                                       {"branches": branches[1:]}]}]}
        self.assertEqual(lines.too_few(found(1, 7, 1, 0), 75), [])
        texts = lines.too_few(found(1, 7, 1, 0), 76)
        self.assertIn("3 of 4 branches", texts[0])
        self.assertEqual(texts[1:], ["core/db/db.c: 1 of 4 aren't run"])
        self.assertTrue(lines.too_few(found(1, file="src/main.c"), 1), "nothing was measured")


class Rules(Folder):
    def broken(self, rule, name, text):
        self.write(name, text)
        return list(rule(sources.Sources(self.folder)))

    def test_each_rule_finds_what_breaks_it(self):
        function = "static int f(void)\n{\n" + "\tg();\n" * 70 + "}\n"
        for rule, name, text in (
                (sources.rule_first_include, "core/a.c", '#include "a.h"\n'),
                (sources.rule_columns, "core/b.c", "x" * 101 + "\n"),
                (sources.rule_blanks, "core/c.c", "int a; \n"),
                (sources.rule_core_is_silent, "core/d.c", "\tprintf(\"x\");\n"),
                (sources.rule_owners, "core/e.c", "#include <libpq-fe.h>\n"),
                (sources.rule_owners, "core/f.c", '#include "src/x.h"\n'),
                (sources.rule_comments, "core/g.h", "int sp_g(void);\n"),
                (sources.rule_sizes, "core/h.c", function),
                (sources.rule_listed, "core/i.c", ""),
                (sources.rule_no_machine, "core/j.c", "/* /home/somebody/x */\n")):
            with self.subTest(rule=rule.__name__):
                found = self.broken(rule, name, text)
                self.assertTrue(any(name in line or "functions" in line for line in found), found)


if __name__ == "__main__":
    unittest.main()
