"""What the tests of imports share: the command, and what a database and a store look like."""

import json

import lib
from test_merge import Importing

OWNER = "owner@example.org"


class Imports(Importing):

    def arguments(self, instance, package, *options, as_=OWNER):
        return [str(a) for a in (
            "import", getattr(package, "path", package), "--db", instance.db.dsn, "--as", as_,
            "--progress", "none", *options)]

    def load_it(self, instance, package, *options, code=0, store=True, **more):
        """What the program says, as JSON."""
        options += ("--store", f"dir:{instance.store}") if store else ()
        done = lib.run(*self.arguments(instance, package, "--json", *options, **more))
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def plan(self, instance, package, *options, code=0):
        path = lib.new_path(".plan")
        arguments = self.arguments(instance, package, "-o", path, "--json", *options)
        done = lib.run("plan", *arguments[1:])
        self.assertEqual(done.returncode, code, done.stderr)
        return path

    def decide(self, path, *arguments, code=0):
        done = lib.run("decide", path, *arguments, "--json")
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def apply(self, instance, path, *arguments, code=0, as_=OWNER):
        done = lib.run("apply", path, *arguments, "--db", instance.db.dsn, "--as", as_, "--store",
                       f"dir:{instance.store}", "--progress", "none", "--json")
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def empty(self, instance, name="Imported"):
        """An infospace as HQ makes one; its id."""
        space = self.space(instance, name)
        self.canon(instance, space)
        return space

    def unseal(self, instance):
        """So that any bundle can become another."""
        if instance.has("bundle", "sealed"):
            instance.db.run("UPDATE bundle SET sealed = false;")

    def outside(self, instance):
        """Whatever the database has outside of our schema, sequences too, and the store."""
        db = instance.db
        sequences = [tuple(r.values()) for r in db.query(
            "SELECT schemaname, sequencename, coalesce(last_value, 0) AS v FROM pg_sequences "
            "WHERE schemaname <> 'spaceport' ORDER BY 1, 2")]
        return (self.contents(instance), sequences, self.files(instance), db.value(
            "SELECT count(*) FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE "
            "c.relnamespace = 'public'::regnamespace"))

    def files(self, instance):
        return sorted(str(p.relative_to(instance.store)) for p in instance.store.rglob("*")
                      if p.is_file())

    def records(self, instance):
        return [dict(r) for r in instance.db.query(
            "SELECT uuid::text AS uuid, status, target_infospace_id AS space, import_result::text "
            "AS result, error_message AS error FROM spaceport.import_operations ORDER BY id")]

    def stagings(self, instance):
        return instance.db.query("SELECT relname FROM pg_class WHERE relname ~ '^s_[0-9a-f]{32}'")

    def changed_on_both_sides(self, instance, space):
        """An import, after which there and here something else was coded; the new package."""
        self.load_it(instance, lib.export(instance), "--into", space)
        there, here = zip(*((int(r["there"]), int(r["here"])) for r in instance.db.query(
            self.pairs(instance, "annotation") + " ORDER BY 1")))
        instance.db.run(f"""UPDATE annotation SET value = '{{"by": "them"}}' WHERE id = {there[0]};
            UPDATE annotation SET value = '{{"by": "us"}}' WHERE id = {here[0]};
            UPDATE annotation SET value = '{{"by": "them"}}' WHERE id = {there[1]};""")
        return lib.export(instance), here
