"""Justifications stand in annotations/justifications.jsonl, wherever a
generation keeps them."""

import json
import unittest

import lib

PATH = "annotations/justifications.jsonl"


def found(package, instance):
    """(annotation's id, field, reasoning) of each line."""
    ids = {m["uuid"]: m["source_id"] for m in package.mapping if m["kind"] == "annotation"}
    return sorted((ids[r["annotation_id"]], r.get("field_name") or "", r.get("reasoning") or "")
                  for r in package.rows("justification"))


class Justifications(lib.Case):

    @lib.everywhere(generations=lib.GENERATIONS[:3])
    def test_rows_of_the_table_travel_with_their_annotations(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance)
        theirs = instance.db.query(
            "SELECT j.annotation_id, coalesce(field_name, '') AS f, coalesce(reasoning, '') AS r "
            "FROM justification j JOIN annotation a ON a.id = j.annotation_id WHERE a.run_id = "
            f"{instance.id('annotationrun', 'main')}")
        self.assertGreater(len(theirs), 40)
        self.assertEqual(sorted((int(t["annotation_id"]), t["f"], t["r"]) for t in theirs),
                         found(package, instance))
        everything = instance.db.value("SELECT count(*) FROM justification")
        self.assertGreater(int(everything), len(theirs))  # those of other runs stay there
        self.assertEqual(len(theirs), package.manifest["counts"]["justification"])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_those_inside_values_are_listed_and_the_values_stay(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance)
        expected = []
        for number in range(0, 24, 2):
            id_ = instance.id("annotation", f"main{number}")
            expected += [(id_, "stance", f"Because of page {number}."),
                         (id_, "positions[0]", "First said so."),
                         (id_, "positions[1]", "Second too.")]
        for number in range(0, 24, 5):
            expected.append((instance.id("annotation", f"main{number}"), "_thinking_trace",
                             "Let me see…"))
        self.assertEqual(sorted(expected), found(package, instance))
        row = package.by_id("annotation")[instance.id("annotation", "main0")]
        self.assertEqual("Because of page 0.", row["value"]["stance_justification"]["reasoning"])
        self.assertEqual(len(expected), package.manifest["counts"]["justification"])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_each_points_into_the_value_and_has_what_stands_there(self, kind, generation):
        value = {
            "document": {"a": 1, "a_justification": {"reasoning": "wrapped", "score": 0.5},
                         "deep": {"b": [], "b_justification": {"reasoning": "deep", "page": 3}}},
            "per_image": [{"c": 1, "c_justification": {"reasoning": "image"},
                           "justification": {"reasoning": "whole item"}}],
            "items": [{"x": 1, "justification": {"reasoning": "first", "model_name": "m"}},
                      {"x": 2}, {"x": 3, "justification": {"text_spans": [{"start": 1}]}}],
            "odd/key~": 1, "odd/key~_justification": {"reasoning": "odd \u202e name"},
            "_thinking_trace": {"reasoning": "Hm.", "trace_type": "summary"},
            "text_justification": "only a text, no object", "number_justification": 5,
            "_justification": {"reasoning": "of nothing"},
        }
        with lib.own(kind, generation) as instance:
            at = instance.id("annotation", "main1")
            instance.set("annotation", "main1", value=json.dumps(value))
            package = lib.export(instance)
            uuid = package.by_id("annotation")[at]["uuid"]
            rows = {r["__inline"]: r for r in map(json.loads, package.raw_rows("justification"))
                    if r["annotation_id"] == uuid}
            fields = {pointer: r["field_name"] for pointer, r in rows.items()}
            fields.pop("/value/_justification", None)
            self.assertEqual({
                "/value/document/a_justification": "document.a",
                "/value/document/deep/b_justification": "document.deep.b",
                "/value/per_image/0/c_justification": "per_image[0].c",
                "/value/per_image/0/justification": "per_image[0]",
                "/value/items/0/justification": "items[0]",
                "/value/items/2/justification": "items[2]",
                "/value/odd~1key~0_justification": "odd/key~",
                "/value/_thinking_trace": "_thinking_trace"}, fields)
            self.assertEqual("m", rows["/value/items/0/justification"]["model_name"])
            self.assertEqual({"page": 3}, rows["/value/document/deep/b_justification"]
                             ["evidence_payload"])
            self.assertEqual(0.5, rows["/value/document/a_justification"]["score"])
            self.assertEqual({"text_spans": [{"start": 1}]},
                             rows["/value/items/2/justification"]["evidence_payload"])
            self.assertEqual(len(rows), len({r["id"] for r in rows.values()}))

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_those_of_a_value_too_large_for_a_line_are_listed_too(self, kind, generation):
        value = {"title": "x" * 2_000_000, "title_justification": {"reasoning": "It is long."}}
        with lib.own(kind, generation) as instance:
            at = instance.id("annotation", "main1")
            instance.set("annotation", "main1", value=json.dumps(value))
            package = lib.export(instance, "--max-line", "1")
            self.assertIn((at, "title", "It is long."), found(package, instance))

    @lib.everywhere()
    def test_a_run_without_justifications_has_the_file_all_the_same(self, kind, generation):
        package = lib.shared_export(lib.shared(kind, generation), run_key="previous")
        self.assertEqual("", package.text(PATH))


if __name__ == "__main__":
    unittest.main()
