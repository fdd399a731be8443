"""A source, its packages, and a target whose rows are in all the states of cells.py."""

import collections
import json

import cells
import lib
from cells import COLUMNS, CONTENT, LINKS, LINK_STATES, NAMED, NO_KEY, OWNER, Side
from lib import ident, literal

# Rows that others need, of kinds that aren't tried themselves.
SUPPORT = {("annotation", "deleted"), ("bundle", "deleted"), ("task", "deleted"), ("task", "same"),
           ("bundle", "same")}
FRESH_DIFFERS = ("unknown", "natural_other", "ambiguous")


def changed_here(kind, state):
    """Columns in which what no import wrote differs."""
    _, one, two = COLUMNS[kind][:3]
    return {one} if state == "natural_other" and kind in cells.KEYED else {one, two}


class Situation:
    """A source, its packages, and a target with rows in all states."""

    def __init__(self, case, generation, kinds):
        self.case, self.kinds = case, kinds
        self.source = lib.Instance(lib.KINDS[0], generation, "cells")
        self.target = lib.Instance(lib.KINDS[0], generation, "cells_home")
        self.there, self.here = Side(self.source), Side(self.target)
        self.main = self.target.id("infospace", "main")
        self.calm = {k: self.source.id(self.there.table(k), "calm") for k in COLUMNS
                     if self.there.table(k)}
        self.ids = {}       # (kind, state): its id there
        self.number = {}    # … what is its own
        self.tasks = {}     # … the task that it alone may name
        self.links = {}     # (kind, state): its ends there
        self.named = collections.defaultdict(list)
        self.carriers = collections.defaultdict(list)
        self.known = {}     # (kind, id there): id here
        self.found = {}     # (kind, state): ids here of what may be it
        self.build()

    def drop(self):
        self.source.drop()
        self.target.drop()

    # --- there ---

    def wants(self, kind, state):
        return reason(self.there, kind, state) is None

    def states(self, kind, of):
        support = () if self.kinds == ["run"] else SUPPORT
        return [s for s in of if self.wants(kind, s) and (
            kind in self.kinds or (kind, s) in support)]

    def add(self, kind, state, **values):
        tag = f"{kind}.{state}"
        number = self.number.setdefault((kind, state), len(self.number) + 100)
        if kind == "monitor":
            task = self.there.copy("task", self.calm["task"], name=literal(f"task of {tag}"))
            self.tasks[kind, state] = task
            values = {"linked_task_id": task, **values}
        if state == "orphan":
            column, owner = OWNER[kind]
            values[column] = self.ids[owner, "deleted"]
        row = self.there.copy(kind, self.calm[kind],
                              **{**cells.own_values(kind, tag, number), **values})
        self.ids[kind, state] = row
        self.carry(kind, state, row)
        return row

    def carry(self, kind, state, row):
        """Whatever names it, so that it travels with the run."""
        there, calm, tag = self.there, self.calm, f"carrier:{kind}.{state}"
        if kind == "run":
            return
        phase = "gone" if state in ("gone", "link_gone") else (
            "base" if state in cells.BASE or state.startswith(("link_", "crowder", "blocker"))
            and state != "link_new" else "fresh")
        if kind in NAMED:
            self.named[phase].append((kind, row))
        elif kind == "schema" and state in ("link_gone", "link_natural"):
            there.copy("annotation", calm["annotation"], schema_id=row,
                       region=literal(json.dumps({"tag": tag})))
        elif kind == "schema":
            self.link("schema_link", row)
        elif kind == "asset":
            there.copy("annotation", calm["annotation"], asset_id=row,
                       region=literal(json.dumps({"tag": tag})))
        elif kind == "entity":
            there.copy("curation", calm["curation"], entity_id=row, fragment_path=literal(tag))
        elif kind == "canon":
            graph = there.copy("graph", calm["graph"], canon_id=row, name=literal(tag))
            self.named[phase].append(("graph", graph))
        elif kind == "embedding_model":
            there.copy("chunk", calm["chunk"], embedding_model_id=row, text_content=literal(tag),
                       chunk_index=self.number[kind, state])

    def link(self, kind, end):
        one, other, _ = LINKS[kind]
        of = {"run_id": "run", "asset_id": "asset"}[one]
        values = {one: self.calm[of], other: end}
        self.there.script.append(self.insert_link(kind, values))
        return tuple(values.values())

    def insert_link(self, kind, values):
        table = lib.TABLES[kind][0]
        given = {**{c: literal(cells.WHEN) for c in self.there.columns(table)}, **values}
        return (f"INSERT INTO {table} ({', '.join(given)}) VALUES "
                f"({', '.join(map(str, given.values()))});")

    def bring_along(self, phase):
        rows = self.named.pop(phase, ())
        if not rows:
            return
        fragments = {f"f{n}": {"value": 1, "source_ref": f"{k}:{i}"}
                     for n, (k, i) in enumerate(rows)}
        tag = f"carrier:{phase}"
        asset = self.there.copy("asset", self.calm["asset"], title=literal(tag), fragments=literal(
            json.dumps(fragments)), source_identifier="NULL")
        self.there.copy("annotation", self.calm["annotation"], asset_id=asset,
                        region=literal(json.dumps({"tag": tag})))
        self.carriers[phase].append(asset)

    def export(self, run):
        return lib.export(self.source, "--include-datasets", "--preserve-uuids", "--asset-format",
                          "external", run_key=run, store=False)

    def load(self, package):
        said = self.case.load_it(self.target, package, "--into", self.main, store=False)
        totals = said["plan"]["totals"]
        self.case.assertEqual(totals["new"], totals["rows"], said["plan"]["groups"])

    # --- both, one after the other ---

    def build(self):
        self.before_the_first_import()
        for package in self.packages().values():
            self.load(package)
        # what differs in instances needs no import to differ
        self.learn()
        self.change_there()
        self.change_here()
        self.sources = self.there.rows()
        self.package = self.packages()
        # some kinds have no UUID of their own
        origins = {(m["kind"], m["source_id"]): m["source_uuid"]
                   for package in self.package.values() for m in package.mapping}
        self.cell_of = {}   # (kind, id here, or UUID there)
        for cell, row in self.ids.items():
            known = (origins.get((cell[0], row)), *self.found.get(cell, ()))
            self.cell_of.update({(cell[0], i): cell for i in known if i})

    def packages(self):
        found = {"calm": self.export(self.calm["run"])} if set(self.kinds) != {"run"} else {}
        for (kind, state), row in self.ids.items():
            if kind == "run" and state != "gone":
                found[state] = self.export(row)
        return found

    def before_the_first_import(self):
        there = self.there
        for kind in self.calm:
            for state in self.states(kind, cells.BASE):
                self.add(kind, state)
            if kind in self.kinds and self.wants(kind, "crowded"):
                self.add(kind, "crowder")
        if "monitor" in self.kinds:
            for state in ("blocker", "crowded"):
                task = there.copy("task", self.calm["task"], name=literal(f"task.{state}"))
                self.tasks["task", state] = task
                self.named["base"].append(("task", task))
        for kind in set(self.kinds) & set(LINKS):
            end = LINKS[kind][2]
            for state in ("same", "deleted", "gone", "natural"):
                self.add(end, f"link_{state}")
            for state in ("same", "deleted", "gone"):
                row = self.ids[end, f"link_{state}"]
                if end == "schema" and state != "gone":  # its carrier
                    self.links[kind, state] = (self.calm["run"], row)
                else:
                    self.links[kind, state] = self.link(kind, row)
            self.links[kind, "orphan"] = ((self.calm["run"], self.ids[end, "deleted"])
                                          if end == "schema" else
                                          self.link(kind, self.ids[end, "deleted"]))
        self.bring_along("base")
        self.bring_along("gone")
        there.do()

    def learn(self):
        """Who of those that were imported is who."""
        rows, theirs = self.here.rows(), self.there.rows()
        for kind in self.calm:
            table = self.there.table(kind)
            named = {cells.tag_of(kind, r): i for i, r in rows[table].items()}
            for number, row in theirs[table].items():
                if cells.tag_of(kind, row) in named:
                    self.known[kind, number] = named[cells.tag_of(kind, row)]
        for kind, state in self.ids:
            self.found[kind, state] = [self.known[kind, self.ids[kind, state]]]

    def change_there(self):
        there = self.there
        gone = [(k, i) for (k, s), i in self.ids.items() if s == "gone"]
        for (kind, state), row in list(self.ids.items()):
            first, one = COLUMNS[kind][:2]
            if state in ("there", "both", "sides", "alike", "deleted_there"):
                there.set(kind, row, **{one: there.value(kind, one, "them")})
            elif state == "content_there":
                there.set(kind, row, **{CONTENT[kind]: there.value(kind, CONTENT[kind], "them")})
            elif state == "occupied":
                there.set(kind, row, **self.unique(kind, there, "blocker"))
        for kind in self.calm:
            for state in self.states(kind, cells.FRESH):
                self.add(kind, state, **(self.unique(kind, there, state)
                                         if state == "crowded" else {}))
        for kind in set(self.kinds) & set(LINKS):
            end = LINKS[kind][2]
            row = self.add(end, "link_new")
            self.links[kind, "new"] = ((self.calm["run"], row) if end == "schema"
                                       else self.link(kind, row))
            self.links[kind, "natural"] = self.link(kind, self.ids[end, "link_natural"])
            one, other = self.links[kind, "gone"]
            columns = LINKS[kind]
            there.script.append(f"DELETE FROM {lib.TABLES[kind][0]} WHERE {columns[0]} = {one} "
                                f"AND {columns[1]} = {other};")
        self.bring_along("fresh")
        for kind, row in gone:
            there.delete(kind, [row])
        if self.carriers["gone"]:
            there.delete("asset", self.carriers["gone"])
        there.do()

    def unique(self, kind, side, state):
        """What another row of its kind has as well, in a unique index."""
        column = COLUMNS[kind][3]
        if kind == "monitor":
            task = self.tasks["task", state]
            return {column: task if side is self.there else self.known["task", task]}
        if kind == "chunk":
            return {column: {"blocker": 9001, "crowded": 9002}[state]}
        return {column: literal(f"{kind}.{state}")}

    def change_here(self):
        here = self.here
        self.theirs = self.there.rows()
        deleted = []
        for (kind, state), row in self.ids.items():
            _, one, two = COLUMNS[kind][:3]
            mine = self.found.get((kind, state), [None])[0]
            us, same = (lambda c, k=kind: here.value(k, c, "us")), "them"
            if state in ("here", "both"):
                here.set(kind, mine, **{one: us(one)})
            if state in ("both", "sides"):
                here.set(kind, mine, **{two: us(two)})
            elif state == "alike":
                here.set(kind, mine, **{one: here.value(kind, one, same)})
            elif state == "occupied":
                self.beside(kind, "blocker", **self.unique(kind, here, "blocker"))
            elif state == "crowder":
                here.set(kind, mine, **self.unique(kind, here, "crowded"))
            elif state in ("deleted", "deleted_there"):
                deleted.append((kind, mine))
            elif state in cells.FRESH:
                self.fresh_here(kind, state, us)
        for (kind, state), (one, other) in self.links.items():
            columns, first = LINKS[kind], "run" if kind == "schema_link" else "asset"
            pair = (self.known[first, one], self.known.get((columns[2], other)))
            table = lib.TABLES[kind][0]
            if state == "deleted":
                here.script.append(f"DELETE FROM {table} WHERE {columns[0]} = {pair[0]} AND "
                                   f"{columns[1]} = {pair[1]};")
            elif state == "natural":
                here.script.append(self.insert_link(kind, dict(zip(columns, pair))))
        for kind, row in deleted:
            here.delete(kind, [row])
            self.known = {k: i for k, i in self.known.items() if (k[0], i) != (kind, row)}
        here.do()

    def beside(self, kind, state, **values):
        """A row here that no import wrote."""
        table = self.here.table(kind)
        like = self.found[kind, "same"][0]
        number = self.number.get((kind, state), 9000)
        tag = f"{kind}.{state}"
        given = cells.own_values(kind, tag, number)
        if self.here.instance.has(table, "imported_from_uuid"):
            given["imported_from_uuid"] = "NULL"
        return self.here.copy(kind, like, **{**given, **values})

    def fresh_here(self, kind, state, us):
        first, one, two = COLUMNS[kind][:3]
        row = self.ids[kind, state]
        table = self.here.table(kind)
        column = self.here.uuid(table)
        uuid = literal(self.theirs[table][row][column]) if column else None
        values = {}
        if kind == "monitor" and state != "crowded":
            task = self.theirs["task"][self.tasks[kind, state]]["name"]
            if state in ("natural", "elsewhere"):
                task = f"another {task}"
            values["linked_task_id"] = self.here.copy(
                "task", self.known["task", self.calm["task"]], name=literal(task))
            if state not in ("natural", "elsewhere"):
                self.known["task", self.tasks[kind, state]] = values["linked_task_id"]
        if state in FRESH_DIFFERS:
            values.update({c: us(c) for c in changed_here(kind, state)})
        if state == "content":
            values[CONTENT[kind]] = us(CONTENT[kind])
        if state in ("twin", "unknown", "content", "elsewhere"):
            values[column] = uuid
        if state in ("lineage", "ambiguous"):
            values["imported_from_uuid"] = uuid
        if state == "elsewhere":
            other = self.target.id("infospace", "other")
            if kind == "flow_execution":
                values["flow_id"] = self.beside("flow", "abroad", infospace_id=other)
            else:
                values["infospace_id"] = other
        if state in ("new", "orphan", "crowded"):
            self.found[kind, state] = []
            return
        mine = [self.beside(kind, state, **values)
                for _ in range(2 if state == "ambiguous" else 1)]
        self.found[kind, state] = mine
        if state != "elsewhere" and not (state == "natural" and kind in NO_KEY):
            self.known[kind, row] = mine[0]


# --- what there is no cell for ----------------------------------------------------------------

def unique_columns(side, table):
    """Sets of columns of unique indexes in which a person's changes may meet."""
    rows = side.db.query(
        "SELECT i.indexrelid AS i, a.attname AS c FROM pg_index i JOIN pg_attribute a ON "
        f"a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indisunique AND i.indrelid "
        f"= {literal(ident(table))}::regclass")
    found = collections.defaultdict(set)
    for r in rows:
        found[r["i"]].add(r["c"])
    return [c for c in found.values() if not c & {"id", "uuid", "entity_uuid"}]


def needed(side, table):
    """Kinds of rows without which a row can't be."""
    return {lib.kind_of(t) for t, must in side.foreign.get(table, {}).values() if must} | (
        {"asset"} if table == "asset" else set())


def reason(side, kind, state):
    """Why there can be no row of a kind in a state; NULL where there is one. Each is looked up in
    the database's catalog, where that can know it."""
    table = side.table(kind)
    if kind in LINKS:
        only = all(c.endswith("_id") or c.endswith("_at") for c in side.columns(table))
        return "a link is nothing but the two rows that it names" if (
            only and state not in LINK_STATES) else None
    if state in ("twin", "unknown", "content", "elsewhere") and not side.uuid(table):
        return "has no UUID"
    if state in ("lineage", "ambiguous") and (table, "imported_from_uuid") not in side.types:
        return "doesn't keep where it is from"
    if state in ("content", "content_there") and kind not in CONTENT:
        return "has no column that makes it another thing"
    if state in ("occupied", "crowded") and not unique_columns(side, table):
        return "is in no unique index but those of ids and UUIDs"
    if state == "natural_other" and kind in NO_KEY:
        return "has no natural key: what is like it is another one"
    if state == "orphan" and not needed(side, table) - {"user", "infospace"} - {"run"}:
        return ("its run is the package's own" if "run" in needed(side, table)
                else "can be without any other row")
    if (kind, state) == ("run", "gone"):
        return "a package is of a run that is there"
    if (kind, state) in (("chunk", "occupied"), ("embedding_model", "occupied")):
        return "is who it is by what it is known by: with another it is another one"
    return None
