"""Graphs, flows, tasks, and the monitors and pipelines of old generations."""

from hazards import NUMBER_TREE, TEXTS
from rows import Json, K, P, R, Raw, Text, within
from sample_base import asset_refs, when

# Entities in the order of their ids; the last one is in no edge of a run.
ENTITIES = ("bund", "laender", "plan", "kraftwerk", "berlin", "lonely")
LATER = "2025-03-05 12:00:00.123456+02"


def fill(s):
    tasks(s)
    if s.number < 3:
        monitors(s)
        pipelines(s)
        return
    if s.number == 4:
        canons(s)
    graphs(s)
    entities(s)
    edges(s)
    curations(s)
    flows(s)
    executions(s)


def tasks(s):
    configuration = {
        "source_id": R("source", "upload"), "target_source_id": R("source", "feed"),
        "target_bundle_id": R("bundle", "output"), "infospace_id": R("infospace", "main"),
        "target_asset_ids": asset_refs("report"),
        "schema_ids": [R("annotationschema", "positions")],
        "run_specific_config": {"model": "sample", "api_keys": {"x": s.canary("task-api-key")}},
    }
    if s.number < 3:
        configuration.update(monitor_id=R("monitor", "monitor"),
                             pipeline_id=R("intelligencepipeline", "pipeline"))
    else:
        configuration.update(flow_id=R("flow", "flow"), target_id=R("flow", "flow"),
                             target_type="flow")
    for key in ("task", "task2"):
        s.add("task", key, name=f"Task {key}", type="ANNOTATE", schedule="0 6 * * *",
              configuration=Json(configuration), status="PAUSED", is_enabled=False,
              infospace_id="main", user_id="owner", consecutive_failure_count=0, source_id="upload",
              created_at=when(110), updated_at=when(110))


def monitors(s):
    s.add("monitor", "monitor", name="Monitor", infospace_id="main", user_id="owner",
          linked_task_id="task", status="active", last_checked_at=when(120),
          run_config_override=Json({"target_asset_ids": asset_refs("report"),
                                    "api_keys": {"x": s.canary("monitor-api-key")}}),
          views_config=Json([{"panels": [{"settings": {
              "selectedSchemaId": R("annotationschema", "positions")}}]}]),
          aggregation_config=Json({"fields": NUMBER_TREE}))
    s.add("monitorbundlelink", "link", monitor_id="monitor", bundle_id="reports")
    s.add("monitorschemalink", "link", monitor_id="monitor", schema_id="positions")
    s.add("monitoraggregate", "aggregate", monitor_id="monitor", field_path="document.title",
          value_kind="string", sketch_kind="topk", payload=Json({"counts": NUMBER_TREE}),
          created_at=when(121), updated_at=when(121))


def pipelines(s):
    s.add("intelligencepipeline", "pipeline", name="Pipeline", infospace_id="main",
          user_id="owner", source_bundle_ids=Json([R("bundle", "reports")]),
          linked_task_id="task2")
    s.add("pipelinestep", "step", pipeline_id="pipeline", step_order=0, name="Annotate",
          step_type="ANNOTATE", input_source=Json({"type": "start"}), configuration=Json({
              "schema_ids": [R("annotationschema", "positions")],
              "bundle_ids": [R("bundle", "reports")], "bundle_id": R("bundle", "reports"),
              "adapter_config": {"target_run_id": R("annotationrun", "main")}}))
    s.add("pipelineexecution", "execution", pipeline_id="pipeline", status="COMPLETED",
          trigger_type="manual", triggering_asset_ids=Json(asset_refs("report")),
          step_outputs=Json({"0": {"run_id": R("annotationrun", "main")}}),
          started_at=when(122), completed_at=when(123))
    s.add("pipelineprocessedasset", "processed", pipeline_id="pipeline",
          input_bundle_id="reports", asset_id="report", processed_at=when(123))


def canons(s):
    for key, role, space in (("general", "GENERAL", "main"), ("geo", "GEO", "main"),
                             ("hidden_canon", "GENERAL", "foreign")):
        s.add("canon", key, infospace_id=space, name=f"Canon {key}", role=role, created_at=LATER,
              updated_at="infinity" if key == "geo" else LATER, description=Text(
                  (within("Migrated canon for graph #", "knowledgegraph", "graph"),)))
    s.row("infospace", "main").update(default_canon_id="general", default_geo_canon_id="geo")


def graphs(s):
    for key, name in (("graph", "Akteure"), ("graph2", "Named by a run only"),
                      ("graph3", "Named by nothing")):
        s.add("knowledgegraph", key, name=name, infospace_id="main", canon_id="general",
              description=TEXTS["escape"], source_config=Json({"odd": Raw('"\\u0000"')}),
              created_at="0044-03-15 12:00:00+00 BC", updated_at=LATER)


def entities(s):
    table = "entity" if s.number == 4 else "entitycanonical"
    for number, key in enumerate(ENTITIES):
        values = {}
        if s.has(table, "embedding_384"):
            values["embedding_384"] = "[" + ",".join(["0.25"] * 383 + ["-1e-30"]) + "]"
        s.add(table, key, canonical_name=key.title(), entity_type="ORG" if number < 4 else "PLACE",
              infospace_id="main", graph_id="graph", canon_id="general", provenance_type="method",
              aliases=Json([key.upper(), TEXTS["decomposed"]]), properties=Json(NUMBER_TREE),
              additional_types=Json(["ACTOR"]), created_at=when(130), updated_at=when(131),
              **values)
    state = {"canonical_name": "Old", "merged_entity_ids": [R(table, "plan"), R(table, None, 98)],
             "merged_states": {K(table, "plan"): {"name": "Plan"}}}
    subject = "entity_id" if s.number == 4 else "entity_canonical_id"
    s.add("entityeditlog", "edit", action="merge", previous_state=Json(state), timestamp=LATER,
          performed_by=Text((P("user:", "user", "owner"),)), **{subject: "bund"})


def edges(s):
    ends = ("source", "target") if s.number == 4 else ("subject", "object")

    def add(key, annotation, source, target, graph="graph"):
        s.add("graphedge", key, annotation_id=annotation, infospace_id="main", graph_id=graph,
              predicate=TEXTS["arabic"], source_field_path="document.triplets",
              **{f"{ends[0]}_entity_id": source, f"{ends[1]}_entity_id": target})
    add("edge0", "triplets0", "bund", "plan")
    add("edge0again", "triplets0", "bund", "plan")
    add("edge1", "triplets1", "laender", "plan")
    add("edge2", "triplets2", "plan", "kraftwerk", None)
    add("edge_other_run", "child0", "berlin", "bund")
    if s.number == 4:
        for key, a, b in (("pair", "bund", "plan"), ("pair2", "laender", "berlin")):
            s.add("entityrelationship", key, graph_id="graph", entity_a_id=a, entity_b_id=b,
                  label="plans", notes=TEXTS["lines"], tags=Json(["x"]), properties=Json({}),
                  created_by="owner", created_at=LATER, updated_at=LATER)


def curations(s):
    names = (("source_entity_id", "target_entity_id", "entity_id") if s.number == 4 else
             ("subject_entity_id", "object_entity_id", "entity_canonical_id"))
    for number, status in enumerate(("accepted", "rejected")):
        s.add("fragmentcuration", f"curation{number}", annotation_id=f"triplets{number}",
              fragment_path=f"document.triplets[{number}].subject", status=status,
              curated_by="curator", curated_at=when(140), source_run_id="done",
              **dict(zip(names, ("bund", "plan", None if number else "bund"))))


def flows(s):
    steps = [{"type": "ANNOTATE", "schema_ids": [R("annotationschema", "flow_only")],
              "config": {"model": "sample", "api_keys": {"x": s.canary("flow-api-key")},
                         "target_asset_ids": asset_refs("report")}},
             {"type": "ROUTE", "bundle_id": R("bundle", "flow_bundle"),
              "bundle_ids": [R("bundle", "flow_bundle"), R("bundle", None, 987008)],
              "conditions": [{"bundle_id": R("bundle", "flow_bundle"), "field": "score"}]},
             {"type": "CURATE", "graph_id": R("knowledgegraph", "graph"),
              "target_bundle_id": R("bundle", "output"), "source_id": R("source", "feed")}]
    for key, name in (("flow", "Flow"), ("flow2", "Named by nothing")):
        s.add("flow", key, name=name, infospace_id="main", user_id="owner", status="PAUSED",
              input_type="BUNDLE", input_source_id="feed", input_bundle_id="reports",
              steps=Json(steps if key == "flow" else []), trigger_mode="MANUAL",
              linked_task_id="task", cursor_state=Json({
                  "last_processed_asset_id": R("asset", "report"),
                  "processed_asset_ids": asset_refs("report")}),
              total_executions=2, total_assets_processed=3, consecutive_failures=0,
              views_config=Json([{"panels": [{"settings": {
                  "selectedSchemaId": R("annotationschema", "positions")}}]}]),
              created_at=when(150), updated_at=when(151), tags=Json([]))


def executions(s):
    outputs = {"0": {"run_id": R("annotationrun", "main"),
                     "schema_ids": [R("annotationschema", "flow_only")],
                     "source_id": R("source", "feed"), "bundle_ids": [R("bundle", "reports")],
                     "graph_id": R("knowledgegraph", "graph"),
                     "passed_asset_ids": asset_refs("report"),
                     "routed_asset_ids": asset_refs("web_de")}}
    state = {"current_asset_ids": asset_refs("report"),
             "annotation_run_ids": [R("annotationrun", "main"), R("annotationrun", "child")],
             "pending_run_id": R("annotationrun", None, 987009)}
    for key, status in (("done", "COMPLETED"), ("other", "FAILED")):
        s.add("flowexecution", key, flow_id="flow", triggered_by="manual", status=status,
              triggered_by_task_id="task", triggered_by_source_id="feed",
              trigger_context=Json({"user_id": R("user", "owner"),
                                    "infospace_id": R("infospace", "main")}),
              started_at=when(152), completed_at=when(153), error_message=None,
              input_asset_ids=Json(asset_refs("report", "web_de")),
              output_asset_ids=Json(asset_refs("report")), step_outputs=Json(outputs),
              execution_state=Json(state), created_at=when(152), tags=Json(None))
