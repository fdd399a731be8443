"""What must never leave an instance is in no entry of any package, nor in
what the program says."""

import base64
import json
import unittest

import lib
from lib import ident, literal

VARIANTS = (
    (), ("--include-datasets", "--include-embeddings", "--preserve-uuids"),
    ("--asset-format", "inline", "--no-include-dependencies"),
    ("--asset-format", "external", "--no-include-chunks", "--include-datasets"),
    ("--no-include-source-assets", "--no-authors"),
)


def assert_nowhere(case, package, texts):
    """None of the texts in any entry, in any form, nor on the streams."""
    said = package.done.stdout + package.done.stderr
    data = b"\n".join(package.data(n) for n in package.names) + "\n".join(package.names).encode()
    for text in texts:
        for form in {text, json.dumps(text)[1:-1]}:
            if form.encode() in data:
                case.fail(f"{text} stands in {package.find(text)}")
            case.assertNotIn(form.encode(), said)
        for shift in range(3):
            code = base64.b64encode(b" " * shift + text.encode())[4 if shift else 0:-4]
            case.assertNotIn(code, data, f"{text}, as base64")


class Secrets(lib.Case):

    @lib.everywhere()
    def test_no_canary_of_the_sample_is_in_any_package(self, kind, generation):
        instance = lib.shared(kind, generation)
        canaries = instance.about["canaries"]
        self.assertGreater(len(canaries), 30)
        for options in VARIANTS:
            package = lib.shared_export(instance, *options)
            assert_nowhere(self, package, canaries)
            self.assertFalse(package.find("CANARY"), options)
            self.assertGreater(package.manifest["left_out"]["secrets"], 0)

    @lib.everywhere()
    def test_what_others_keep_private_is_in_no_package(self, kind, generation):
        instance = lib.shared(kind, generation)
        self.assertIn("HIDDEN", instance.db.value(
            f"SELECT title FROM asset WHERE id = {instance.id('asset', 'hidden_asset')}"))
        for options in VARIANTS:
            package = lib.shared_export(instance, *options)
            self.assertEqual([], package.find("HIDDEN"), options)

    @lib.everywhere()
    def test_what_the_run_doesnt_refer_to_is_in_no_package(self, kind, generation):
        instance = lib.shared(kind, generation)
        for options in VARIANTS:
            package = lib.shared_export(instance, *options)
            self.assertEqual([], package.find("UNUSED-"), options)
            self.assertEqual([], package.find("Named by nothing"), options)

    @lib.everywhere(turns=True)
    def test_api_keys_leave_settings_at_any_depth_and_in_any_spelling(self, kind, generation):
        with lib.own(kind, generation) as instance:
            canaries = []

            def canary():
                canaries.append(f"CANARY-deep-{len(canaries)}-ü\"")
                return json.dumps(canaries[-1], ensure_ascii=len(canaries) % 2 == 0)

            def tree(kept):
                return ('{"api_keys": {"a": %s}, "n": [[{"b": {"api_keys": [%s, {"x": %s}]}}]], '
                        '"api_keys": %s, "apiKeys": %s, "API_KEYS": {"y": %s}, '
                        '"openai_api_key": %s, "headers": {"Authorization": %s, "Cookie": [%s]}, '
                        '"token": %s, "kept": %s}'
                        % (*(canary() for _ in range(10)), json.dumps(kept)))

            places = [("annotationrun", "main", "configuration", "{}"),
                      ("annotationrun", "main", "views_config", '[{"panels": [{}]}, {}]'),
                      ("task", "task", "configuration", '{"run_specific_config": {}}'),
                      ("source", "feed", "details", '{"search_config": {}}')]
            if instance.number < 3:
                places += [("monitor", "monitor", "run_config_override", "{}")]
            else:
                places += [("flow", "flow", "steps", '[{"config": {}}]'),
                           ("flowexecution", "done", "step_outputs", '{"0": {"x": {}}}'),
                           ("annotationrun", "main", "graph_config", "{}"),
                           ("bundle", "reports", "bundle_metadata", '{"a": {}}')]
            script = ""
            for table, key, column, around in places:
                value = around.replace("{}", tree(f"kept {table}.{column}"))
                script += (f"UPDATE {ident(table)} SET {ident(column)} = {literal(value)} "
                           f"WHERE id = {instance.id(table, key)};")
            instance.db.run(script)
            self._anchor(instance)
            for options in ((), ("--include-datasets", "--max-line", "1")):
                package = lib.export(instance, *options)
                assert_nowhere(self, package, canaries)
                for table, _, column, _ in places:
                    if table != "source":  # of its details an allow-list travels
                        self.assertTrue(package.find(f"kept {table}.{column}"), column)

    def _anchor(self, instance):
        """The rows come along although no value names them any more."""
        at = instance.id
        script = (f"UPDATE asset SET source_id = {at('source', 'feed')} WHERE id = "
                  f"{at('asset', 'report')};")
        if instance.number < 3:
            script += (f"UPDATE annotationrun SET monitor_id = {at('monitor', 'monitor')} WHERE id "
                       f"= {at('annotationrun', 'main')};")
        instance.db.run(script)

    @lib.everywhere(turns=True)
    def test_api_keys_stay_out_however_their_name_is_written_in_json(self, kind, generation):
        with lib.own(kind, generation) as instance:
            value = ('{"api\\u005fkeys": {"x": "CANARY-escaped-1"}, "a": {"\\u0061pi_key": '
                     '"CANARY-escaped-2"}, "odd": "\\u0000", "password\\u0000": 1}')
            instance.set("annotationrun", "main", configuration=value)
            package = lib.export(instance)
            self.assertEqual([], package.find("CANARY"))
            self.assertIn("odd", package.json("run/configuration.json"))

    @lib.everywhere(turns=True)
    def test_api_keys_stay_out_of_a_configuration_too_large_for_a_line(self, kind, generation):
        with lib.own(kind, generation) as instance:
            value = json.dumps({"api_keys": {"x": "CANARY-large-1"}, "filling": "x" * 3_000_000,
                                "deep": [{"api_key": "CANARY-large-2"}], "kept": "kept too"})
            instance.set("annotationrun", "main", configuration=value)
            package = lib.export(instance, "--max-line", "1")
            self.assertEqual([], package.find("CANARY"))
            self.assertTrue(package.find("kept too"))

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_of_a_sources_details_only_what_is_known_to_be_harmless_travels(self, kind, generation):
        with lib.own(kind, generation) as instance:
            details = {"feed_url": "https://user:CANARY-1@example.org/feed",
                       "urls": ["https://example.org/?api_key=CANARY-2", "https://example.org/ok"],
                       "whatever": "CANARY-3", "nested": {"feed_url": "CANARY-4"},
                       "search_config": {"query": "fine", "x_custom": "CANARY-5"},
                       "headers": {"X-Auth": "CANARY-6"}, "CANARY-7": 1}
            instance.set("source", "feed", details=json.dumps(details))
            package = lib.export(instance)
            self.assertEqual([], package.find("CANARY"))
            row = package.by_id("source")[instance.id("source", "feed")]
            self.assertIn("https://example.org/ok", row["details"]["urls"])
            self.assertEqual("fine", row["details"]["search_config"]["query"])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_what_people_coded_stays_whatever_its_name(self, kind, generation):
        with lib.own(kind, generation) as instance:
            value = '{"title":"x","api_keys":"mentioned in the text","password":["yes"],"token":1}'
            instance.set("annotation", "main1", value=value)
            package = lib.export(instance)
            stored = instance.db.value("SELECT value::text FROM annotation WHERE id = "
                                       f"{instance.id('annotation', 'main1')}")
            row = package.by_id("annotation")[instance.id("annotation", "main1")]
            self.assertEqual(lib.exact(stored), row["value"])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_a_secret_column_that_hq_adds_later_stays_out_and_is_named(self, kind, generation):
        with lib.own(kind, generation) as instance:
            instance.db.run("ALTER TABLE annotationrun ADD COLUMN api_keys jsonb DEFAULT "
                            "'{\"x\": \"CANARY-1\"}';"
                            "ALTER TABLE bundle ADD COLUMN share_token text DEFAULT 'CANARY-2';")
            package = lib.export(instance)
            self.assertEqual([], package.find("CANARY"))
            for column in ("annotationrun.api_keys", "bundle.share_token"):
                self.assertIn({"column": column, "why": "secret"},
                              package.manifest["left_out"]["columns"])


if __name__ == "__main__":
    unittest.main()
