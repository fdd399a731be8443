"""Fields inside a value that somebody takes from a package, while the rest of it stays."""

import contextlib
import copy
import json
import random
import unittest

import imports
import lib

WORDS = ["a", "b/c", "~d", "", "0", "1", "a_justification", "ü"]


def value(rng, depth=0):
    """As annotations have them: objects, lists and leaves."""
    kind = rng.randrange(6 if depth < 3 else 3)
    if kind < 3:
        return rng.choice([1.50, True, None, "x", "", 12345678901234567890, -0.001])
    if kind == 3:
        return [value(rng, depth + 1) for _ in range(rng.randrange(3))]
    return {w: value(rng, depth + 1) for w in rng.sample(WORDS, rng.randrange(1, 5))}


def changed(rng, at):
    """Another one, alike."""
    if isinstance(at, dict) and at:
        at = {k: changed(rng, v) for k, v in at.items() if rng.random() < 0.8}
        at[rng.choice(WORDS)] = value(rng, 2)
        return at
    if isinstance(at, list) and at:
        return [changed(rng, v) for v in at]
    return at if rng.random() < 0.5 else value(rng, 3)


def step(at, token):
    if isinstance(at, dict) and token in at:
        return at[token]
    if isinstance(at, list) and token.isdigit() and int(token) < len(at):
        return at[int(token)]
    raise KeyError(token)


def look(at, path):
    for token in path:
        at = step(at, token)
    return at


def has(at, path):
    try:
        look(at, path)
    except KeyError:
        return False
    return True


def paths(at, path=()):
    """Of all fields that are in objects only."""
    if isinstance(at, dict):
        for key, inner in at.items():
            yield (*path, key)
            yield from paths(inner, (*path, key))


def take(here, there, path):
    """Read from the documentation, and not from the program."""
    here = copy.deepcopy(here)
    for path in (path, (*path[:-1], path[-1] + "_justification")):
        if not has(there, path):
            if has(here, path):
                del look(here, path[:-1])[path[-1]]
            continue
        at = here
        for token in path[:-1]:
            if not isinstance(at.get(token), dict):
                at[token] = {}
            at = at[token]
        at[path[-1]] = copy.deepcopy(look(there, path))
    return here


def pointer(path):
    return "/".join(token.replace("~", "~0").replace("/", "~1") for token in ("value", *path))


class Fields(imports.Imports):
    def refuse(self, instance, plan):
        """The error."""
        done = lib.run("apply", plan, "--db", instance.db.dsn, "--as", imports.OWNER, "--store",
                       f"dir:{instance.store}", "--progress", "none")
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr.decode()

    @contextlib.contextmanager
    def conflicts(self, there, here):
        """An instance, an infospace, a package, and who the rows are: both sides have their own
        values."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            space = self.empty(instance)
            self.load_it(instance, lib.export(instance), "--into", space)
            ids = [(int(r["there"]), int(r["here"])) for r in instance.db.query(
                self.pairs(instance, "annotation") + f" ORDER BY 1 LIMIT {len(there)}")]
            self.assertEqual(len(ids), len(there))
            for number, (a, b) in enumerate(ids):
                for row, text in ((a, there[number]), (b, here[number])):
                    quoted = json.dumps(text).replace("'", "''")
                    instance.db.run(f"UPDATE annotation SET value = '{quoted}' WHERE id = {row};")
            package = lib.export(instance)
            plan = self.plan(instance, package, "--into", space, code=4)
            rows = [json.loads(line) for line in plan.read_text().splitlines()[1:]]
            origin = {int(r["target"]): r["origin"] for r in rows if r["kind"] == "annotation"}
            yield instance, space, package, plan, [(b, origin[b]) for _, b in ids]

    def value(self, instance, row):
        return json.loads(instance.db.value(f"SELECT value::text FROM annotation WHERE id = {row}"))

    def test_any_field_is_taken_with_its_justification_and_the_rest_stays(self):
        rng = random.Random(3)
        there, here, taken = [], [], []
        while len(there) < 20:
            one = value(rng)
            other = changed(rng, one)
            both = sorted({*paths(one), *paths(other)}, key=repr)
            # a place inside a list is another matter
            both = [p for p in both if len(p) == 1 or has(one, p)]
            if isinstance(one, dict) and isinstance(other, dict) and one != other and both:
                there.append(one)
                here.append(other)
                taken.append(rng.sample(both, rng.choice([1, 1, min(2, len(both))])))
        with self.conflicts(there, here) as (instance, space, package, plan, rows):
            for (_, origin), fields in zip(rows, taken):
                options = [o for f in fields for o in ("--field", pointer(f))]
                self.decide(plan, "--row", origin, *options, "merge",
                            code=0 if origin == rows[-1][1] else 4)
            self.apply(instance, plan)
            for number, (row, _) in enumerate(rows):
                expected = here[number]
                for field in taken[number]:
                    expected = take(expected, there[number], field)
                with self.subTest(there=there[number], here=here[number], fields=taken[number]):
                    self.assertEqual(self.value(instance, row), expected)
            # and nobody has changed anything since
            self.plan(instance, package, "--into", space)

    def test_a_field_in_an_item_of_a_list(self):
        there = [{"items": [{"n": 1}, {"n": 20, "n_justification": {"reasoning": "new"}}]}]
        here = [{"items": [{"n": 1}, {"n": 2, "own": True}]}]
        with self.conflicts(there, here) as (instance, _, _, plan, rows):
            self.decide(plan, "--row", rows[0][1], "--field", "value/items/1/n", "merge")
            self.apply(instance, plan)
            self.assertEqual(self.value(instance, rows[0][0]), {"items": [{"n": 1}, {
                "n": 20, "own": True, "n_justification": {"reasoning": "new"}}]})

    def test_what_is_no_field_is_told_before_anything_is_written(self):
        there, here = [{"list": [1, 2, 3], "a": 1}], [{"list": [1], "a": 2}]
        with self.conflicts(there, here) as (instance, _, _, plan, rows):
            before = self.value(instance, rows[0][0])
            for field, said in (("value/b", "value/b"), ("value/list/2", "no place"),
                                ("region/x", "region/x"), ("nothing", "nothing"),
                                ("id", '"id"'), ("value/a/b", "value/a/b")):
                with self.subTest(field=field):
                    self.decide(plan, "--row", rows[0][1], "--field", field, "merge")
                    self.assertIn(said, self.refuse(instance, plan))
                    self.assertEqual(self.value(instance, rows[0][0]), before)

    def test_a_column_goes_before_its_fields(self):
        there, here = [{"a": 1, "b": 1}], [{"a": 2, "b": 2}]
        with self.conflicts(there, here) as (instance, _, _, plan, rows):
            self.decide(plan, "--row", rows[0][1], "--field", "value/a", "--field", "value", "merge")
            self.apply(instance, plan)
            self.assertEqual(self.value(instance, rows[0][0]), there[0])

    def test_a_whole_group_by_one_rule(self):
        there = [{"a": 1, "b": 1}, {"b": 1}, {"a": 1}]
        here = [{"a": 2, "b": 2}, {"b": 2}, {"a": 2, "a_justification": "mine"}]
        with self.conflicts(there, here) as (instance, _, _, plan, rows):
            self.decide(plan, "--kind", "annotation", "--field", "value/a", "merge")
            self.apply(instance, plan)
            self.assertEqual([self.value(instance, row) for row, _ in rows],
                             [{"a": 1, "b": 2}, {"b": 2}, {"a": 1}])


if __name__ == "__main__":
    unittest.main()
