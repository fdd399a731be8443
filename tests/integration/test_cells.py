"""What an import does with each kind of row, in each state that it may find it in, however that is
decided, and whatever UUIDs are asked for: compared with what the design says, row by row and
column by column, and printed as a table. A cell that was neither tried nor can be, fails."""

import collections
import json
import re
import sys
import unittest
from pathlib import Path

import cells
import lib
from cells import COLUMNS, CONTENT, LINKS
from cells_situation import FRESH_DIFFERS, Situation, changed_here, reason
from imports import Imports
from lib import ident
from test_differ import NEVER, SET

cells.register()
MODEL = Path(__file__).resolve().parents[2] / "core/model/entity.c"
EVERY = [(m, u) for m in cells.MODES for u in cells.UUIDS]
# An import of everything takes seconds.
TODAY, OLD, RUNS = EVERY, EVERY, EVERY
if not lib.FULL:
    TODAY = [("smart", "generate"), ("overwrite", "hybrid"), ("rename", "preserve"),
             ("merge", "generate")]
    OLD = [("smart", "preserve"), ("replace", "generate"), ("beside", "hybrid")]
    RUNS = [("smart", "preserve")]


def kinds_of_the_model():
    """All that travel, from the one table of them."""
    found = re.findall(r'\[SP_\w+\] = \{ "(\w+)".*?(SP_TRAVEL_\w+)', MODEL.read_text(), re.S)
    return [k for k, travel in found if travel != "SP_TRAVEL_NEVER"]


# --- trying it --------------------------------------------------------------------------------

class Trial:
    """A package's way into a copy of the target, and what came of it."""

    def __init__(self, situation, mode, uuids, target, package, own):
        self.s, self.mode, self.uuids, self.target = situation, mode, uuids, target
        self.package, self.own = package, own
        self.case = situation.case
        self.problems = []

    def options(self):
        strategy = self.mode if self.mode in cells.STRATEGIES else "smart"
        return ("--into", self.s.main, "--uuid-mapping-strategy", self.uuids,
                "--conflict-strategy", strategy)

    def plan(self, *more):
        """(its lines, what is open), and as it says it."""
        path = lib.new_path(".plan")
        done = lib.run("plan", *self.case.arguments(
            self.target, self.package, "-o", path, "--json", *self.options(), *more)[1:])
        self.case.assertIn(done.returncode, (0, 3, 4), done.stderr)
        said = json.loads(done.stdout)["plan"]
        return [json.loads(line) for line in path.read_text().splitlines()[1:]], said

    def has_time(self, kind):
        return (self.s.here.table(kind), "updated_at") in self.s.here.types

    def fate(self, kind, state):
        return cells.fate(kind, state, self.mode, self.uuids, self.has_time(kind))

    def of_line(self, line):
        """Which of the cells' rows it is of."""
        at = "target" if "target" in line else "origin"
        cell = self.s.cell_of.get((line["kind"], line[at]))
        return cell if cell in self.own else None

    def decide(self, lines, only_open):
        """The lines, decided: all that differ, or what stays open else."""
        word, found = cells.word(self.mode), []
        for line in lines:
            cell = self.of_line(line)
            if not cell or "there" not in line:
                continue
            is_open = self.fate(*cell) == "open"
            if is_open and only_open:
                line["decision"] = "beside" if cell[1] == "elsewhere" else "keep"
                line.pop("fields", None)
            elif word:
                line["decision"] = word
                if word == "merge":
                    chosen = self.chosen(cell[0], line.get("columns"))
                    line["fields"] = [chosen]
            if "decision" in line:
                found.append(json.dumps(line))
        path = lib.new_path(".plan")
        path.write_text("".join(f + "\n" for f in found))
        return path

    @staticmethod
    def chosen(kind, columns):
        one = COLUMNS[kind][1]
        return one if not columns or one in columns else columns[0]

    def go(self):
        """Imports it; what it said."""
        lines, said = self.plan()
        if not cells.word(self.mode):
            self.compare_plan(lines)
        opened = [c for c in self.own if self.fate(*c) == "open"]
        decisions = self.decide(lines, not cells.word(self.mode))
        if opened:
            lines, said = self.plan(*(("--decisions", decisions) if decisions.stat().st_size
                                      and cells.word(self.mode) else ()))
            counts = collections.Counter(k for k, _ in opened)
            for row in said["kinds"]:
                if row["conflict"] != counts[row["kind"]]:
                    self.problems.append(f"{row['kind']}: {row['conflict']} open, not "
                                         f"{counts[row['kind']]}: "
                                         f"{[c for c in opened if c[0] == row['kind']]}")
            decisions = self.decide(lines, True)
        more = ("--decisions", decisions) if decisions.stat().st_size else ()
        done = lib.run(*self.case.arguments(self.target, self.package, "--json", *self.options(),
                                            *more))
        if done.returncode not in (0, 3):
            self.problems.append(f"{self.mode}, {self.uuids}: exit code {done.returncode}: "
                                 f"{done.stderr[-500:]}")
            return None
        return json.loads(done.stdout)["plan"]

    CLASS = {"still": {"same", "keep"}, "theirs": {"update"}, "all": {"update"}, "out": {"out"},
             "beside": {"new"}, "open": {"conflict"}}

    def compare_plan(self, lines):
        """By name, as far as a line has one: what stays out has it by its kind only."""
        seen = collections.defaultdict(list)
        for line in lines:
            cell = self.of_line(line)
            if cell:
                seen[cell].append(line)
        for cell in self.own:
            for line in seen[cell]:
                fate = self.fate(*cell)
                wanted = self.CLASS.get(fate, {"new"}) | (
                    {"out"} if cell[0] in cells.WITHOUT_ROOM else set())
                if line["class"] not in wanted:
                    self.problems.append(f"{cell}: {fate}, and planned {line}")

    # --- what became of it ---

    def compare(self, said, before, after):
        here, there = self.s.here, self.s.there
        self.before, self.after = before, after
        self.new = collections.defaultdict(list)
        for kind in self.s.calm:
            table = here.table(kind)
            for number in set(after[table]) - set(before[table]):
                self.new[kind, cells.tag_of(kind, after[table][number])].append(number)
        self.sums(said)
        for cell in self.own:
            try:
                self.case.assertIsNone(self.cell(*cell))
            except AssertionError as error:
                self.problems.append(f"{self.mode}, {self.uuids}: {cell}, "
                                     f"{self.fate(*cell)}: {str(error)[:600]}")

    def sums(self, said):
        """As many as the plan said."""
        for row in said["kinds"]:
            table = self.s.here.table(row["kind"])
            was, now = self.before[table], self.after[table]
            if set(was) - set(now):
                self.problems.append(f"{row['kind']}: deleted {set(was) - set(now)}")
            changed = [i for i in was if self.changed(table, i)]
            if (len(now) - len(was), len(changed)) != (row["new"], row["update"]):
                self.problems.append(f"{row}, and {len(now) - len(was)} came, {len(changed)} "
                                     f"changed: {[(was[i], now[i]) for i in changed[:2]]}")

    KEPT = {"updated_at", "asset_count", "child_bundle_count", "is_superseded",
            "parent_is_superseded", "text_search_vector"}

    def changed(self, table, number):
        was, now = self.before[table][number], self.after[table][number]
        return {c for c in was if was[c] != now[c]} - self.KEPT

    def cell(self, kind, state):
        fate = self.fate(kind, state)
        if fate == "open":
            fate = "new" if state == "elsewhere" else "still"
        table = self.s.here.table(kind)
        theirs = None if state == "gone" else self.s.sources[table][self.s.ids[kind, state]]
        mine = [i for i in self.s.found[kind, state] if i in self.before[table]]
        wanted = self.columns(kind, state, fate)
        for place, number in enumerate(mine):
            self.case.assertEqual(self.changed(table, number), wanted if place == 0 else set())
            for column in self.changed(table, number):
                self.case.assertEqual(self.after[table][number][column],
                                      self.column(table, theirs, column))
        tag = f"{kind}.{state}" if theirs is None else cells.tag_of(kind, theirs)
        fresh = self.new[kind, tag]
        self.case.assertEqual(len(fresh), fate in ("new", "beside", "renamed"), "new rows")
        if fresh:
            self.compare_new(kind, state, fate, theirs, self.after[table][fresh[0]])
        if fate == "beside" and kind == "asset" and (table, "is_superseded") in self.s.here.types:
            self.case.assertTrue(self.after[table][mine[0]]["is_superseded"])

    def columns(self, kind, state, fate):
        """Those that change here."""
        if fate not in ("theirs", "all", "one"):
            return set()
        _, one, two = COLUMNS[kind][:3]
        if state in ("content", "content_there"):
            return {CONTENT[kind]}
        if state == "occupied":
            return {COLUMNS[kind][3]}
        found = changed_here(kind, state) if state in FRESH_DIFFERS else (
            {one, two} if state in ("both", "sides") else {one})
        if fate == "theirs" or (fate == "one" and one in found):
            return {one}
        return found

    def column(self, table, row, column):
        """A value of a row there, as it would be here."""
        named = self.s.there.foreign.get(table, {}).get(column)
        kind = lib.kind_of(named[0]) if named else lib.SOFT.get((table, column))
        if kind == "user":
            return self.target.id("user", "owner")
        if kind == "infospace":
            return self.s.main
        if not kind:
            return row[column]
        if isinstance(row[column], list):
            return [self.named(kind, i) for i in row[column]]
        return self.named(kind, row[column])

    def named(self, kind, number):
        """Who a row there is here: the one that came, if one did."""
        if not number:
            return number
        row = self.s.sources[self.s.there.table(kind)].get(number)
        new = self.new[kind, cells.tag_of(kind, row)] if row else ()
        return new[0] if new else self.s.known.get((kind, number))

    def compare_new(self, kind, state, fate, theirs, mine):
        table = self.s.here.table(kind)
        label, uuid = cells.label_of(kind), self.s.here.uuid(table)
        for column in mine:
            if column in NEVER - {"infospace_id", "user_id"} or (kind, column) in SET:
                continue
            wanted = self.column(table, theirs, column)
            if column == label and fate in ("beside", "renamed"):
                self.case.assertNotEqual(mine[column], wanted)
                self.case.assertTrue(mine[column].startswith(wanted[:-1]), mine[column])
                continue
            if (kind, column) == ("asset", "previous_asset_id") and fate == "beside":
                wanted = self.s.found[kind, state][0]
            self.case.assertEqual(mine[column], wanted, column)
        if "imported_from_uuid" in mine:
            self.case.assertEqual(mine["imported_from_uuid"], theirs[uuid])
        if uuid:
            taken = {r[uuid] for r in self.before[table].values()}
            keeps = self.uuids != "generate" and theirs[uuid] not in taken
            self.case.assertEqual(mine[uuid] == theirs[uuid], keeps, "UUID")

    def links(self, kind):
        """Those that are nothing but links: the pairs that must be there, and that mustn't."""
        table, first = self.s.here.table(kind), "run" if kind == "schema_link" else "asset"
        columns = LINKS[kind]
        pairs = {(r[columns[0]], r[columns[1]]) for r in self.after[table].values()}
        for (k, state), (one, other) in self.s.links.items():
            if k != kind:
                continue
            pair = (self.named(first, one), self.named(columns[2], other))
            if (pair in pairs) != (state != "orphan"):
                self.problems.append(f"{self.mode}, {self.uuids}: {(kind, state)}: {pair}")


def table(told, reasons):
    """For people: what was tried, by mode; g, p, h: the UUIDs that were asked for."""
    states, notes = list(cells.STATES), sorted(set(reasons.values()))

    def footnote(kind, state):
        why = reasons.get((kind, state))
        return f"{chr(ord('a') + notes.index(why))})" if why else "?"

    lines = [f"{n:4} {s:14} {cells.STATES[s]}" for n, s in enumerate(states, 1)]
    for mode in cells.MODES:
        rows = collections.defaultdict(lambda: [""] * len(states))
        for uuids in cells.UUIDS:
            for (kind, state), how in told.get((mode, uuids), {}).items():
                rows[kind][states.index(state)] += uuids[0] if how == "ok" else f"{how} "
        lines += ["", f"{mode:16}" + "".join(f"{n:>5}" for n in range(1, len(states) + 1))]
        for kind in rows:
            lines.append(f"{kind:16}" + "".join(
                f"{rows[kind][n] or footnote(kind, s):>5}" for n, s in enumerate(states)))
    lines += [""] + [f"{chr(ord('a') + n)}) n/a: {note}" for n, note in enumerate(notes)]
    return "\n".join(lines)


class Cells(Imports):
    """A combination is a mode and what UUIDs are asked for."""

    @classmethod
    def setUpClass(cls):
        cls.told = collections.defaultdict(dict)  # combination: {(kind, state): ok or FAILED}
        cls.reasons = {}

    @classmethod
    def tearDownClass(cls):
        print(table(cls.told, cls.reasons), file=sys.stderr)

    def try_all(self, generation, kinds, combinations):
        self.assertEqual(set(kinds_of_the_model()), set(COLUMNS) | set(LINKS))
        situation = Situation(self, generation, kinds)
        self.addCleanup(situation.drop)
        every = {(k, s): reason(situation.there, k, s) for k in kinds for s in cells.STATES}
        self.reasons.update({cell: why for cell, why in every.items() if why})
        problems = []
        for combination in combinations:
            problems += self.try_one(situation, *combination)
        for cell, why in every.items():
            for combination in combinations:
                if (cell in self.told[combination]) == bool(why):
                    problems.append(f"{combination}: {cell} was {'tried' if why else 'not tried'}"
                                    f"{f', though it {why}' if why else ''}")
        self.assertEqual(problems[:20], [], f"{len(problems)} in all")

    def try_one(self, situation, mode, uuids):
        target = self.like(situation.target)
        when = {"later there": "2000-01-01", "later here": "2040-01-01"}.get(mode)
        if when:
            target.db.run("".join(f"UPDATE {ident(t)} SET updated_at = '{when}';"
                                  for t, c in situation.here.types if c == "updated_at"))
        problems = []
        try:
            for name, package in situation.package.items():
                problems += self.try_package(situation, mode, uuids, target, name, package)
        finally:
            lib.schema.drop(target.db)
        return problems

    def like(self, instance):
        """A copy of an instance, with the same names for its rows."""
        copy = object.__new__(lib.Instance)
        copy.__dict__.update(instance.__dict__)
        copy.db = instance.server.database(f"t{next(lib._numbers)}")
        lib.schema.copy(copy.db, instance.db.dbname)
        return copy

    def try_package(self, situation, mode, uuids, target, name, package):
        own = [(k, s) for (k, s) in situation.ids if s in cells.STATES and k in situation.kinds
               and ((k == "run" and s == name) if name != "calm" else k != "run")]
        trial = Trial(situation, mode, uuids, target, package, own)
        tables = [t for k in lib.TABLES for t in [situation.here.table(k)] if t]
        before = cells.read(target.db, tables)
        said = trial.go()
        if said:
            trial.compare(said, before, cells.read(target.db, tables))
            for kind in set(situation.kinds) & set(LINKS):
                trial.links(kind)
                own += [c for c in situation.links if c[0] == kind]
            bad = {str(c) for c in own if any(str(c) in p for p in trial.problems)}
            for cell in own:
                self.told[mode, uuids][cell] = "FAILED" if str(cell) in bad else "ok"
        return trial.problems

    def test_1_all_kinds_of_today(self):
        self.try_all(lib.NEWEST, [k for k in kinds_of_the_model() if k != "run" and lib.TABLES[k][
            0] in lib.schema.facts(lib.NEWEST).tables], TODAY)

    def test_2_kinds_of_old(self):
        self.try_all(lib.GENERATIONS[0], [k for k in kinds_of_the_model() if lib.TABLES[k][0] not in
                                          lib.schema.facts(lib.NEWEST).tables],
                     OLD)

    def test_3_runs(self):
        self.try_all(lib.NEWEST, ["run"], RUNS)


if __name__ == "__main__":
    unittest.main()
