"""Runs and annotations of the sample `dev`."""

import random

from hazards import FLOATS, JSON_ONLY_TREE, NUMBER_TREE, TEXTS, TIMESTAMPS
from rows import Json, K, Pairs, R, Raw, Text, U
from sample_base import annotation, asset_refs, run, when

BULK = 2000


def fill(s):
    main_run(s)
    family(s)
    others(s)
    annotations(s)
    hazards(s)
    bulk(s)
    aggregates(s)
    datasets(s)


def panels(s):
    """A dashboard with every place where a panel names something."""
    schema, unused = R("annotationschema", "positions"), R("annotationschema", None, 987010)
    settings = {
        "selectedSchemaId": schema,
        "selectedSchemaIds": [schema, R("annotationschema", "panel_only"), unused],
        "selectedGraphSchemaId": R("annotationschema", "triplets"),
        "geocodeSource": {"schemaId": schema, "fieldKey": "document.title"},
        "labelSource": {"schemaId": schema},
        "defaultSelectedSchemaIds": [schema],
    }
    first = {"id": "panel-1", "type": "map", "settings": settings,
             "sourceId": R("annotationrun", "main"), "sourceType": "run",
             "selectedSourceIds": [R("source", "config_source")],
             "cache": {"points": [{"lat": 52.5, "lon": 13.4,
                                   "documentIds": asset_refs("report", "photo")}]},
             "fieldsBySchema": {K("annotationschema", "positions"): ["title"]}}
    second = {"id": "panel-2", "type": "bundle", "sourceId": R("bundle", "mentioned"),
              "sourceType": "bundle", "settings": {}}
    board = {"name": "Übersicht", "layout": {"columns": 12}, "panels": [first, second]}
    if s.number == 4:
        formula = {"expression": "count()", "schema_id": R("annotationschema", "formula_only")}
        first["formula"] = formula
        first["formula_inline"] = dict(formula)
        board["formulas"] = [formula]
        board["observations"] = [{
            "run_id": R("annotationrun", "main"), "formula_inline": dict(formula),
            "schema_id_snapshot": schema, "taken_at": "2025-03-02T10:00:00",
            "output_blob": [{"annotation_id": R("annotation", "main0"), "value": Raw("1.10")}]}]
    return board


def leftovers(s):
    """Copies of views_config of former times, which HQ no longer reads."""
    return {name: Json([{"panels": [{"settings": {
        "selectedSchemaId": R("annotationschema", "positions"),
        "selectedSchemaIds": [R("annotationschema", "panel_only")]}}], "leftover": name}])
            for name in ("views_config_legacy_v1", "views_config_pre_formula_unroll",
                         "__panel_reshape_backup_views_config__")}


def main_run(s):
    keys = {n: s.canary(f"run-api-key-{n}") for n in ("openai", "nested", "list")}
    configuration = {
        "target_asset_ids": asset_refs("report", "web_de", "hidden_asset", "target_only")
        + [R("asset", None, 987005)],
        "target_bundle_id": R("bundle", "target"),
        "schema_ids": [R("annotationschema", "positions"), R("annotationschema", "config_only")],
        "previous_run_id": R("annotationrun", "previous"),
        "api_keys": {"openai": keys["openai"]},
        "providers": [{"name": "x", "api_keys": {"deep": keys["nested"]}},
                      {"api_keys": [keys["list"]]}],
        "model": "sample-model", "temperature": Raw("0.10"), "_cursor": 40,
        "_chained_asset_ids": asset_refs("report"), "path_filter": "reports/",
        "numbers": NUMBER_TREE, "odd": JSON_ONLY_TREE, "nul": JSON_ONLY_TREE["nul"],
        "target_note": Text(("not a reference: ", "987005")),
    }
    later = {}
    if s.number > 2:
        later.update(
            trigger_context=Json({"source_run_id": R("annotationrun", "previous"),
                                  "parent_run_id": R("annotationrun", "previous"),
                                  "previous_asset_id": R("asset", "before"),
                                  "new_asset_id": R("asset", "current"),
                                  "extended_by_user_id": R("user", "analyst")}),
            graph_config=Json({"graph_id": R("knowledgegraph", "graph"),
                               "target_graph_id": R("knowledgegraph", "graph2"),
                               "entity_merges": [["Bund", "Federal government"]]}),
            source_bundle_id="reports", flow_execution_id="done", run_type="FLOW_STEP")
    else:
        later["monitor_id"] = "monitor"
    run(s, "main", "main", "owner", "Positionen 2025", "COMPLETED", ["positions", "triplets"],
        configuration=Json(configuration, spaced=True), views_config=Json([panels(s)]),
        description="Main run; \x1b[31mred\x1b[0m, \u202ereversed", tags=Json(["a", "a", None]),
        imported_from_uuid=s.uuid_of("annotationrun", "elsewhere"), error_message="",
        progress_total=100, progress_current=100, follow_on_version_change=True,
        **leftovers(s), **later)


def family(s):
    child = {"parent_run_id": "main", "trigger_type": "extension"}
    run(s, "child", "main", "analyst", "Positionen 2025 (more)", "COMPLETED_WITH_ERRORS",
        ["positions"], 70, views_config=Json(panels(s)), **child)
    run(s, "child2", "main", "owner", "Positionen 2025 (new versions)", "COMPLETED",
        ["positions"], 75, graph_config=Json(None), **child)
    run(s, "previous", "main", "owner", "Positionen 2024", "COMPLETED", ["positions_old"], 50,
        configuration=Json({"previous_run_id": R("annotationrun", "main"),
                            "target_asset_ids": []}), views_config=Json(None))


def others(s):
    for key, status in (("failed", "FAILED"), ("running", "RUNNING"), ("pending", "PENDING"),
                        ("waiting", "WAITING" if s.number > 2 else "RUNNING")):
        run(s, key, "main", "owner", f"A run that is {key}", status, ["positions"], 80,
            error_message="Provider said \x1b[31mno" if key == "failed" else None)
    run(s, "empty", "main", "owner", "No annotations", "COMPLETED", ["unused"], 81)
    run(s, "same1", "main", "owner", "Same name", "COMPLETED", ["positions"], 82)
    run(s, "same2", "main", "curator", "Same name", "COMPLETED", ["positions"], 83)
    run(s, "digits", "main", "owner", "103", "COMPLETED", ["positions"], 84)
    run(s, "hazard", "main", "owner", "../\x1b[31m\u202e x/Größe 图 \"'", "COMPLETED",
        ["hazard"], 85)
    run(s, "bulk", "main", "owner", "Two thousand notices", "COMPLETED", ["positions"], 90)
    run(s, "library", "internal", "owner", "Library run", "COMPLETED", ["library"], 91)
    run(s, "archive", "public", "bob", "Archive run", "COMPLETED", ["archive"], 92)
    run(s, "hidden", "foreign", "bob", "HIDDEN-dev-foreign-run", "COMPLETED", ["hidden"], 93)
    run(s, "twin", "twin", "owner", "Positionen 2025", "COMPLETED", [], 94)
    annotation(s, "library0", "library", "library_asset", "library", {"summary": "x"},
               "internal", "owner")
    annotation(s, "archive0", "archive", "public_asset", "archive", {"summary": "x"},
               "public", "bob")
    annotation(s, "hidden0", "hidden", "hidden_asset", "hidden",
               {"summary": "HIDDEN-dev-foreign-value"}, "foreign", "bob")


def position_value(number):
    return {"title": f"Titel {number}", "stance": ("for", "against", "open")[number % 3],
            "score": Raw(("0.10", "9007199254740993", "1e-300")[number % 3]),
            "positions": [{"actor": "Bund", "stance": "for"}, {"actor": "Länder", "stance": ""}]}


def annotations(s):
    """The usual ones, with justifications in each form."""
    for number, key in enumerate((
            "report", "report_page1", "report_page2", "same_bytes", "shared", "gone", "current",
            "photo", "chart", "region", "table", "table_row3", "attachment_page1", "message",
            "web_de", "web_ar", "web_zh", "web_emoji", "article", "nothing", "no_suffix",
            "failed", "same_size", "long")):
        reasons = {
            "stance": (f"Because of page {number}.", {"text_spans": [
                {"start": 1, "end": 2, "text": TEXTS["quotes"]}], "score": Raw("0.10")}),
            "positions": [("First said so.", {"page": 1}), ("Second too.", {})],
        }
        value = position_value(number)
        if number % 5 == 0 and s.number == 4:
            value["_thinking_trace"] = {"reasoning": "Let me see…", "model_name": "sample-model",
                                        "trace_type": "summary"}
        annotation(s, f"main{number}", "main", key, "positions", value, "main", "owner",
                   why=reasons if number % 2 == 0 else None, minute=61 + number,
                   event_timestamp=TIMESTAMPS[number % len(TIMESTAMPS)],
                   links=Json({"see": [1, 2]}) if number % 3 else Json(None),
                   imported_from_uuid=s.uuid_of("annotation", f"elsewhere{number}"))
    for number, key in enumerate(("report", "web_de", "photo")):
        annotation(s, f"triplets{number}", "main", key, "triplets", {"triplets": [
            {"subject": "Bund", "predicate": "plans", "object": "Ausbau"},
            {"subject": "Länder", "predicate": "reject", "object": f"Plan {number}"}]},
                   "main", "owner", minute=62)
    annotation(s, "child0", "child", "report", "positions", position_value(0), "main", "analyst",
               why={"stance": ("Child.", {})}, minute=71)
    annotation(s, "child1", "child", "web_ar", "positions", Json(None), "main", "analyst",
               minute=72, status="FAILED")
    annotation(s, "child2", "child2", "current", "positions", position_value(1), "main", "owner")
    for key in ("previous", "failed", "running", "pending", "same1", "same2", "digits", "hazard"):
        schema = {"previous": "positions_old", "hazard": "hazard"}.get(key, "positions")
        annotation(s, f"{key}0", key, "text_german", schema, {"title": key}, "main", "owner")


def hazards(s):
    """Every hazard as a value: in strings, keys, numbers, json columns."""
    def add(key, value, asset_key="text_german", **values):
        annotation(s, f"hazard_{key}", "main", asset_key, "positions", value, "main", "owner",
                   minute=65, **values)
    for name, text in TEXTS.items():
        add(f"text_{name}", {"title": text, text: name, "list": [text, {text: text}]},
            f"text_{name}", region=Json({"text": text, text: 1}))
    add("numbers", NUMBER_TREE)
    add("sql_null", None)
    add("json_null", Json(None))
    add("json_string", Json("only a string"))
    add("json_number", Json(Raw("1.10")))
    add("json_array", [None, True, False, [], {}, ""])
    add("deep", Json(JSON_ONLY_TREE["deep"]))
    for name, tree in JSON_ONLY_TREE.items():
        add(f"json_{name}", {"title": name}, region=Json(tree), links=Json([tree], spaced=True))
    add("region_spaces", {"title": ""}, region=Raw(" \n{ } "), links=Raw("\tnull\r\n"))
    add("pairs", {"title": ""}, region=Json(Pairs((("a", 1), ("a", "2"), ("A", 3))), spaced=True))
    add("sql_nulls", {"title": None}, region=None, links=None)
    add("asset_uuid", {"_system_asset_source_uuid": U("asset", "report"),
                       "title": s.uuid("asset", "photo")})
    add("like_ours", {"__refs": [1], "__raw": "x", "__": None, "uuid": "y", "id": 5})
    if s.has("justification"):
        for number, score in enumerate(FLOATS):
            s.add("justification", f"score{number}", annotation_id="hazard_numbers",
                  field_name=f"field{number}", reasoning="", evidence_payload=Json(
                      JSON_ONLY_TREE), model_name=None, score=score, created_at=when(66))
        s.add("justification", "trace", annotation_id="hazard_numbers", field_name=None,
              reasoning=None, evidence_payload=None, score=None, created_at=when(66))


def bulk(s):
    rng = random.Random("bulk")
    words = ["Netz", "Strom", "Wärme", "Gas", "Kohle", "Wind", "Sonne", "水", "طاقة", "⚡"]
    for number in range(BULK):
        annotation(s, f"bulk{number}", "bulk", f"bulk{rng.randrange(40)}", "positions",
                   {"title": " ".join(rng.choices(words, k=3)), "score": rng.randrange(100)},
                   "main", "owner", minute=90 + number % 60)


def aggregates(s):
    for number, kind in enumerate(("topk", "histogram", "null")):
        s.add("runaggregate", f"aggregate{number}", run_id="main", value_kind="string",
              field_path=f"document.field{number}", sketch_kind=kind, created_at=when(99),
              payload=Json({"counts": NUMBER_TREE}) if number < 2 else Json(None))
    s.add("runaggregate", "aggregate_other", run_id="bulk", value_kind="string",
          field_path="document.title", sketch_kind="topk", created_at=when(99), payload=None)


def datasets(s):
    def add(key, assets, schemas, **values):
        s.add("dataset", key, name=f"Dataset {key}", infospace_id="main", user_id="owner",
              asset_ids=assets, source_scheme_ids=schemas,
              created_at=when(100), updated_at=when(100), **values)
    add("dataset", Json(asset_refs("report", "web_de", "unused_asset")
                        + [R("asset", None, 987006)]),
        Json([R("annotationschema", "positions")]),
        source_job_ids=Json([R("annotationrun", "main"), R("annotationrun", None, 987007)]),
        datarecord_ids=Json([1, 2]), custom_metadata=Json(JSON_ONLY_TREE, spaced=True),
        imported_from_uuid=s.uuid_of("dataset", "elsewhere"))
    add("by_run", Json([]), Json(None), source_job_ids=Json([R("annotationrun", "main")]))
    add("unrelated", Json(asset_refs("unused_asset")), Json([]), source_job_ids=None)
