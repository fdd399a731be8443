"""The acting user gets what HQ would give them, and runs are found by UUID,
id or name."""

import json
import unittest

import lib
from lib import literal

NOT_FOUND, REFUSED, USAGE = 1, 7, 2
LATER = lib.GENERATIONS[2:]
CHEAP = ("--no-include-source-assets",)


def attempt(instance, who, run_key="main", *options):
    """The exit code of an export by a user of the sample, named by their key
    or in any other way, and what the program said; nothing is written."""
    who = instance.about["rows"]["user"].get(who, {}).get("email", who)
    path = lib.new_path(".zip")
    done = lib.run("export", "run", lib.run_id(instance, run_key), "-o", path, "--db",
                   instance.db.dsn, "--as", str(who), "--yes", "--dry-run", *CHEAP, *options)
    assert not path.exists()
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


class Roles(lib.Case):

    def check(self, instance, expected, run_key="main"):
        for who, code in expected.items():
            found, said = attempt(instance, who, run_key)
            self.assertEqual(code, found, f"{who}: {said}")
            if code == NOT_FOUND:
                for text in ("Positionen", "Energie", "HIDDEN"):
                    self.assertNotIn(text, said)

    @lib.everywhere(generations=LATER)
    def test_owner_and_those_who_organize_export_viewers_are_refused(self, kind, generation):
        self.check(lib.shared(kind, generation), {
            "owner": 0, "analyst": 0, "curator": 0, "editor": 0, "viewer": REFUSED,
            "stranger": NOT_FOUND, "superuser": NOT_FOUND, "inactive": NOT_FOUND,
            "bob": NOT_FOUND})

    @lib.everywhere(generations=lib.GENERATIONS[:2])
    def test_before_there_were_roles_only_the_owner_exports(self, kind, generation):
        self.check(lib.shared(kind, generation), {
            "owner": 0, "analyst": NOT_FOUND, "viewer": NOT_FOUND, "stranger": NOT_FOUND,
            "superuser": NOT_FOUND, "bob": NOT_FOUND})

    @lib.everywhere(generations=LATER, turns=True)
    def test_role_words_count_in_any_case_and_unknown_ones_give_nothing(self, kind, generation):
        with lib.own(kind, generation) as instance:
            for word, code in (("analyst", 0), ("Curator", 0), ("eDiToR", 0), ("owner", 0),
                               ("viewer", REFUSED), ("vIEWER", REFUSED), ("ADMIN", NOT_FOUND),
                               ("READER", NOT_FOUND), ("", NOT_FOUND)):
                instance.db.run(f"UPDATE infospacecollaborator SET role = {literal(word)} WHERE "
                                f"user_id = {instance.id('user', 'analyst')};")
                found, said = attempt(instance, "analyst")
                self.assertEqual(code, found, f"{word}: {said}")

    @lib.everywhere(generations=LATER)
    def test_internal_and_public_spaces_are_read_not_exported(self, kind, generation):
        instance = lib.shared(kind, generation)
        self.check(instance, {"owner": 0, "stranger": REFUSED, "superuser": REFUSED, "bob": REFUSED,
                              "inactive": NOT_FOUND}, "library")
        self.check(instance, {"bob": 0, "owner": REFUSED, "stranger": REFUSED, "inactive": REFUSED},
                   "archive")
        self.check(instance, {"bob": 0, "owner": NOT_FOUND, "superuser": NOT_FOUND}, "hidden")

    @lib.everywhere(generations=LATER, turns=True)
    def test_the_first_rule_that_fits_decides(self, kind, generation):
        """A viewer of a public space stays a viewer; a role row of the owner's takes nothing."""
        with lib.own(kind, generation) as instance:
            at = instance.id
            instance.db.run(
                f"UPDATE infospace SET visibility = 'public' WHERE id = {at('infospace', 'main')};"
                f"UPDATE infospacecollaborator SET user_id = {at('user', 'owner')} WHERE user_id = "
                f"{at('user', 'editor')}; UPDATE infospacecollaborator SET role = 'VIEWER' WHERE "
                f"user_id = {at('user', 'owner')};")
            self.check(instance, {"owner": 0, "viewer": REFUSED, "stranger": REFUSED,
                                  "curator": 0, "inactive": REFUSED})

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_an_inactive_owner_has_only_what_is_public(self, kind, generation):
        with lib.own(kind, generation) as instance:
            instance.db.run(f"UPDATE \"user\" SET is_active = false WHERE id = "
                            f"{instance.id('user', 'owner')};")
            self.check(instance, {"owner": NOT_FOUND})
            self.check(instance, {"owner": REFUSED}, "archive")

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST))
    def test_lists_show_what_a_user_may_read(self, kind, generation):
        instance = lib.shared(kind, generation)
        newest = generation == lib.NEWEST
        expected = {
            "owner": {"main", "internal", "twin"} | ({"public"} if newest else set()),
            "stranger": {"internal", "public"} if newest else set(),
            "viewer": {"main", "internal", "public"} if newest else set(),
            "inactive": {"public"} if newest else set(),
            "bob+tag": {"public", "foreign"} | ({"internal"} if newest else set()),
        }
        for who, keys in expected.items():
            done = lib.run("list", "infospaces", "--json", "--db", instance.db.dsn, "--as",
                           f"{who}@example.org")
            self.assertEqual(0, done.returncode, done.stderr)
            rows = json.loads(done.stdout)["infospaces"]
            self.assertEqual({instance.id("infospace", k) for k in keys},
                             {r["id"] for r in rows}, who)
            done = lib.run("list", "runs", "--json", "--db", instance.db.dsn, "--as",
                           f"{who}@example.org")
            spaces = {r["infospace_id"] for r in json.loads(done.stdout)["runs"]}
            self.assertLessEqual(spaces, {r["id"] for r in rows}, who)
            self.assertEqual("bob+tag" == who, b"HIDDEN" in done.stdout, who)


class Acting(lib.Case):

    @lib.everywhere(turns=True)
    def test_the_acting_user_is_named_by_id_email_or_handle(self, kind, generation):
        instance = lib.shared(kind, generation)
        names = [instance.id("user", "owner"), "owner@example.org"]
        names += ["owner"] if instance.has("user", "handle") else []
        for who in names:
            done = lib.run("export", "run", instance.id("annotationrun", "main"), "-o",
                           lib.new_path(".zip"), "--db", instance.db.dsn, "--as", who, "--yes",
                           *CHEAP)
            self.assertEqual(0, done.returncode, done.stderr)

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST))
    def test_whom_nobody_knows_may_nothing(self, kind, generation):
        instance = lib.shared(kind, generation)
        for who in ("nobody", "nobody@example.org", "999999", "owner@example.org ", "%",
                    "' OR 1=1"):
            done = lib.run("list", "runs", "--db", instance.db.dsn, "--as", who)
            self.assertEqual(REFUSED, done.returncode, who)
            self.assertEqual(b"", done.stdout)

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_nobody_acting_is_a_question_of_usage_and_a_variable_may_say_it(self, kind, generation):
        instance = lib.shared(kind, generation)
        common = ("export", "run", "101", "--db", instance.db.dsn, "--yes", *CHEAP)
        done = lib.run(*common, "-o", lib.new_path(".zip"))
        self.assertEqual(USAGE, done.returncode)
        self.assertIn(b"--as", done.stderr)
        self.assertEqual(USAGE, lib.run(*common, "--as", "", "-o", lib.new_path(".zip")).returncode)
        for who, code in (("curator", 0), ("viewer", REFUSED)):
            done = lib.run(*common, "-o", lib.new_path(".zip"),
                           env=lib.environment(SPACEPORT_AS=who))
            self.assertEqual(code, done.returncode, done.stderr)

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_an_email_goes_before_a_handle_that_is_spelt_so(self, kind, generation):
        with lib.own(kind, generation) as instance:
            instance.db.run(f"UPDATE \"user\" SET handle = 'owner@example.org' WHERE id = "
                            f"{instance.id('user', 'stranger')};")
            self.assertEqual(0, attempt(instance, "owner@example.org")[0])


class Naming(lib.Case):

    def exported(self, instance, name, *options):
        package = lib.export(instance, *CHEAP, *options, run_key=name)
        return next(iter(package.ids("run")))

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST))
    def test_a_run_is_named_by_uuid_id_or_name(self, kind, generation):
        instance = lib.shared(kind, generation)
        main = instance.id("annotationrun", "main")
        uuid = instance.uuid("annotationrun", "main")
        self.assertEqual(main, self.exported(instance, uuid))
        self.assertEqual(main, self.exported(instance, uuid.upper()))
        self.assertEqual(main, self.exported(instance, str(main)))
        self.assertEqual(instance.id("annotationrun", "bulk"),
                         self.exported(instance, "Two thousand notices"))
        self.assertEqual(instance.id("annotationrun", "hazard"),
                         self.exported(instance, "../\x1b[31m\u202e x/Größe 图 \"'"))

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_digits_are_an_id_even_where_a_run_is_called_so(self, kind, generation):
        instance = lib.shared(kind, generation)
        self.assertEqual("103", instance.db.value(
            f"SELECT name FROM annotationrun WHERE id = {instance.id('annotationrun', 'digits')}"))
        self.assertEqual(103, self.exported(instance, "103"))
        self.assertEqual(NOT_FOUND, attempt(instance, "owner", "987654")[0])
        self.assertEqual(NOT_FOUND, attempt(instance, "owner", "9" * 30)[0])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_an_ambiguous_name_is_refused_with_the_candidates(self, kind, generation):
        instance = lib.shared(kind, generation)
        code, said = attempt(instance, "owner", "Same name")
        self.assertEqual(1, code)
        for key in ("same1", "same2"):
            self.assertIn(str(instance.id("annotationrun", key)), said)
        code, said = attempt(instance, "owner", "Positionen 2025")
        self.assertEqual(1, code)

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_infospace_narrows_by_id_uuid_or_name(self, kind, generation):
        instance = lib.shared(kind, generation)
        twin = instance.about["rows"]["infospace"]["twin"]
        for space in (twin["id"], twin["uuid"]):
            self.assertEqual(instance.id("annotationrun", "twin"), self.exported(
                instance, "Positionen 2025", "--infospace", str(space)))
        self.assertEqual(instance.id("annotationrun", "library"), self.exported(
            instance, "Library run", "--infospace", "Internal library"))
        self.assertNotEqual(0, attempt(instance, "owner", "Positionen 2025", "--infospace",
                                       "Energie & Politik")[0])  # two are called so
        for space in ("nope", "987654", instance.uuid("infospace", "foreign")):
            code, said = attempt(instance, "owner", "Library run", "--infospace", str(space))
            self.assertEqual(NOT_FOUND, code, said)
            self.assertNotIn("HIDDEN", said)

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_a_name_doesnt_tell_that_others_have_such_a_run(self, kind, generation):
        instance = lib.shared(kind, generation)
        for name in ("HIDDEN-dev-foreign-run", instance.uuid("annotationrun", "hidden"),
                     str(instance.id("annotationrun", "hidden"))):
            code, said = attempt(instance, "owner", name)
            _, nothing = attempt(instance, "owner", "x" + name if not name.isdigit() else "987654")
            self.assertEqual(NOT_FOUND, code)
            self.assertEqual(nothing.replace("x" + name, name).replace("987654", name), said)


if __name__ == "__main__":
    unittest.main()
