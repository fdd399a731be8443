"""Assets of the sample `dev`: files, children, versions, texts, chunks."""

import random

import media
from hazards import JSON_ONLY_TREE, TEXTS, TIMESTAMPS
from rows import Json, P, R, S, Text, marker
from sample_base import asset, asset_refs, blob, text_hash, when

GERMAN = ("Der Ausstieg aus der Kernenergie war 2023 abgeschlossen. Über den Ausbau der "
          "erneuerbaren Energien streiten Bund und Länder weiterhin. ")
ARABIC = "تسعى الحكومة إلى زيادة حصة الطاقة المتجددة بحلول عام ٢٠٣٠. "
CHINESE = "政府计划到2030年将可再生能源的比例提高到80%。"
ENGLISH = "The ministry presented a plan for the grid; critics call it too slow. "


def fill(s):
    models(s)
    reports(s)
    versions(s)
    pictures(s)
    tables(s)
    mail(s)
    web(s)
    texts(s)
    articles(s)
    bulk(s)
    elsewhere(s)
    fragments(s)


def models(s):
    for key, dimension in (("small", 384), ("large", 1024), ("huge", 2048)):
        s.add("embeddingmodel", key, name=f"sample-{key}", dimension=dimension, is_active=True,
              provider="OLLAMA" if s.number < 3 else "ollama", created_at=when(1),
              updated_at=when(1), config=Json({"dimension": dimension}),
              embedding_time_ms={"small": "NaN", "large": "Infinity", "huge": "1e-300"}[key])


def chunks(s, key, texts, model=None, dimension=0):
    """Chunks of an asset, with embeddings where a model is given and the
    server has the columns."""
    rng = random.Random(f"embedding {key}")
    for number, text in enumerate(texts):
        values = {}
        if model:
            floats = [1e-38, 3.4028235e38, -0.5, 0.1]
            floats += [round(rng.uniform(-1, 1), 6) for _ in range(dimension - 4)]
            if s.number < 3:
                values["embedding_json"] = Json(floats)
            column = "embedding_legacy" if s.number < 3 else f"embedding_{dimension}"
            if s.has("assetchunk", column) and (s.number > 2 or dimension == 1024):
                values[column] = "[" + ",".join(map(repr, floats)) + "]"
            values["embedding_model_id"] = model
        s.add("assetchunk", f"{key}-{number}", asset_id=key, chunk_index=number,
              text_content=text, created_at=when(20), chunk_metadata=Json(
                  {"start": number * 100, "end": number * 100 + len(text),
                   "odd": JSON_ONLY_TREE["nul"]}, spaced=True), **values)


def pages(s, key, count, **values):
    for number in range(count):
        name = f"{key}_page{number + 1}"
        asset(s, name, "main", "owner", f"Page {number + 1}", "PDF_PAGE",
              parent_asset_id=key, part_index=number, minute=11,
              text_content=(GERMAN + ENGLISH) * (number + 2), **values)
        chunks(s, name, [GERMAN, ENGLISH])


def pdf_bytes(title, count):
    return media.pdf(title, [f"{title}, page {n + 1} of {count}" for n in range(count)])


def reports(s):
    """report: with pages, chunks, embeddings, a source and two bundles;
    same_bytes: equal file, other name; shared: the very same object;
    gone: its file is the one to leave out with --missing gone."""
    data = pdf_bytes("Bericht zur Energiewende", 3)
    report = blob(s, "report", "owner", ".pdf", data)
    asset(s, "report", "main", "owner", "Bericht zur Energiewende.pdf", "PDF",
          ["reports_2025", "output"], {"language": "de", "actors": ["Bund", "Länder"]},
          {"mime_type": "application/pdf", "size": len(data), "page_count": 3,
           "source_path": "/srv/hq/inbox/Bericht.pdf", "embedded_assets": asset_refs("photo")
           + [R("asset", None, 987001)], "referenced_bundles": [R("bundle", "mentioned")]},
          source_id="feed", source_identifier="https://example.org/bericht.pdf",
          event_timestamp=TIMESTAMPS[6], text_content=GERMAN * 4, tags=Json(["pdf", "", "\u202e"]),
          logical_path="reports/2025/Bericht.pdf", discovered_modalities=Json(["text", "image"]),
          enrichment_resolved=["ocr", "", None, "NULL", "a\"b\\c,{}", "Größe"],
          enrichment_errors=Json(None), **report)
    pages(s, "report", 3)
    chunks(s, "report", [GERMAN, "", ENGLISH], "large", 1024)
    asset(s, "same_bytes", "main", "owner", "Copy of the report.pdf", "PDF", ["drafts"],
          event_timestamp=TIMESTAMPS[0], **blob(s, "same_bytes", "owner", ".pdf", data))
    asset(s, "shared", "main", "analyst", "The report, shared.pdf", "PDF", ["reports"],
          event_timestamp=TIMESTAMPS[2], **report)
    pages(s, "shared", 1)
    other = pdf_bytes("Gone", 1)
    asset(s, "gone", "main", "owner", "Gone.pdf", "PDF", ["reports"],
          **blob(s, "gone", "owner", ".pdf", other))
    same_size = bytearray(other)
    same_size[-2:] = b" \n"
    asset(s, "same_size", "main", "owner", "Same size, other bytes.pdf", "PDF", ["reports"],
          **blob(s, "same_size", "owner", ".pdf", bytes(same_size)))
    if s.number > 2:  # members of what isn't there or isn't theirs
        s.row("asset", "same_size")["bundle_ids"] += [987011, s.id("bundle", "hidden_bundle")]
        s.row("bundle", "hidden_bundle")["asset_count"] += 1


def versions(s):
    """current ← before ← first, each the previous version of the next."""
    def add(key, title, previous, superseded):
        data = pdf_bytes(title, 1)
        asset(s, key, "main", "owner", f"{title}.pdf", "PDF", ["reports"],
              previous_asset_id=previous, is_superseded=superseded, minute=9,
              source_identifier="https://example.org/plan.pdf",
              **blob(s, key, "owner", ".pdf", data))
        pages(s, key, 1, parent_is_superseded=superseded)
    add("first", "Plan, first version", None, True)
    add("before", "Plan, second version", "first", True)
    add("current", "Plan, third version", "before", False)


def pictures(s):
    asset(s, "photo", "main", "owner", "Photo of the plant.jpg", "IMAGE", ["reports"],
          **blob(s, "photo", "owner", ".jpg", media.jpeg(12, 9, "photo")))
    asset(s, "chart", "main", "owner", "Chart.png", "IMAGE", [],
          **blob(s, "chart", "owner", ".png", media.png(40, 24, "chart"),
                 name="user_11/Übersicht 图表 \u202egnp.png"))
    asset(s, "region", "main", "owner", "Region of the chart", "IMAGE_REGION",
          parent_asset_id="chart", part_index=0)
    asset(s, "nothing", "main", "owner", "An empty file", "FILE", ["reports"],
          **blob(s, "nothing", "owner", ".bin", b""))
    asset(s, "no_suffix", "main", "owner", "No suffix", "FILE", [],
          **blob(s, "no_suffix", "owner", "", bytes(range(256)) * 8,
                 name=".archive/3f/3fa9c1"))


def tables(s):
    header = ["id", "Land", "Anteil"]
    lines = [[str(n), f"Land {n} é", f"{n * 1.1:.2f}"] for n in range(12)]
    asset(s, "table", "main", "owner", "Anteile.csv", "CSV", ["reports"],
          info={"delimiter": ";", "encoding": "utf-8-sig", "columns": header},
          **blob(s, "table", "owner", ".csv", media.csv(header, lines),
                 name="infospaces/21/csv_materialized/0123456789_Anteile.csv"))
    for number, line in enumerate(lines):
        asset(s, f"table_row{number}", "main", "owner", f"Row {number + 1}", "CSV_ROW",
              facets=dict(zip(header, line)), parent_asset_id="table", part_index=number,
              text_content=" | ".join(line))


def mail(s):
    """Nested four deep: mailbox, message, attachment, page."""
    text = b"From sample@example.org Sat Mar  1 08:00:00 2025\r\nSubject: Plan\r\n\r\nHello\r\n"
    asset(s, "mailbox", "main", "owner", "Postfach.mbox", "MBOX", ["drafts"],
          **blob(s, "mailbox", "owner", ".mbox", text))
    asset(s, "message", "main", "owner", "Re: AW: Plan", "EMAIL", text_content="Hello",
          parent_asset_id="mailbox", part_index=0, facets={"from": "a@example.org"})
    asset(s, "attachment", "main", "owner", "plan.pdf", "PDF", parent_asset_id="message",
          part_index=0, **blob(s, "attachment", "owner", ".pdf", pdf_bytes("Attached", 1)))
    pages(s, "attachment", 1)


def web(s):
    for key, title, text in (("web_de", "Energiewende", GERMAN), ("web_ar", "الطاقة", ARABIC),
                             ("web_zh", "能源政策", CHINESE),
                             ("web_emoji", "👩‍👩‍👧‍👦 ⚡️ 🇩🇪", TEXTS["emoji"] * 5)):
        url = f"https://example.org/{key}?q=ü&x=1#top"
        asset(s, key, "main", "owner", title, "WEB", ["web"], {"language": key[4:]},
              source_id="feed", source_identifier=url, text_content=text * 8,
              content_hash=text_hash(url, text * 8))
        asset(s, f"{key}_image", "main", "owner", "image", "IMAGE", parent_asset_id=key,
              part_index=0, source_identifier=f"https://example.org/{key}.jpg")
        chunks(s, key, [text], "small", 384)


def texts(s):
    """One asset for each kind of hazardous text, in title and content."""
    for number, (name, text) in enumerate(TEXTS.items()):
        asset(s, f"text_{name}", "main", "owner", text, "TEXT", [],
              {"text": text}, {"text": text}, minute=12 + number, text_content=text,
              source_identifier=text[:200], processing_error=text,
              event_timestamp=TIMESTAMPS[number % len(TIMESTAMPS)])
    rng = random.Random("long")
    words = (GERMAN + ARABIC + CHINESE + ENGLISH).split()
    asset(s, "long", "main", "owner", "A long text", "TEXT", [],
          text_content=" ".join(rng.choice(words) for _ in range(40000)))
    asset(s, "failed", "main", "owner", "Failed", "PDF", [], processing_status="FAILED",
          processing_error="boom\x1b[0m", enrichment_resolved=None,
          **blob(s, "failed", "owner", ".pdf", b"not a PDF"))
    asset(s, "pending", "main", "owner", "Pending", "TEXT", [], processing_status="PENDING")
    asset(s, "target_only", "main", "owner", "Named by a configuration only", "TEXT", [])
    asset(s, "unused_asset", "main", "owner", "In no run", "TEXT", ["unused_bundle"],
          text_content="UNUSED-dev-asset")


def articles(s):
    """Composed articles: markers in the text; two that name each other."""
    asset(s, "article", "main", "owner", "Composed", "ARTICLE", ["reports"],
          info={"source_asset_ids": asset_refs("report", "web_de") + [R("asset", None, 987002)],
                "source_bundle_ids": [R("bundle", "mentioned")],
                "source_run_ids": [R("annotationrun", "previous")]},
          text_content=Text(("Intro ", marker("photo"), " and ", marker("table", "card:large"),
                             "\n", marker("article2", "mention:small"), " twice ",
                             marker("photo", "inline:small"), " dead ",
                             marker(None, number=987003), " not one: {{asset:x:y:z}}")))
    asset(s, "article2", "main", "owner", "Composed too", "ARTICLE", [],
          text_content=Text(("Back to ", marker("article"), "{{asset:}}")))
    if s.number == 4:
        asset(s, "candidate", "main", "owner", "A new scan", "PDF", [],
              info={"potential_supersedes": R("asset", "report"),
                    "supersedes_asset_id": R("asset", "before"),
                    "reconcile_version_of": S("asset", "current"), "copy_mode": True},
              **blob(s, "candidate", "owner", ".pdf", pdf_bytes("Scan", 1)))


def bulk(s):
    for number in range(40):
        asset(s, f"bulk{number}", "main", "owner", f"Notice {number}", "TEXT", ["web"],
              text_content=f"Notice {number}. " + GERMAN)


def elsewhere(s):
    asset(s, "library_asset", "internal", "owner", "Library", "PDF", ["library_bundle"],
          **blob(s, "library_asset", "owner", ".pdf", pdf_bytes("Library", 1)))
    asset(s, "public_asset", "public", "bob", "Archive", "TEXT", [], text_content=ENGLISH)
    asset(s, "hidden_asset", "foreign", "bob", "HIDDEN-dev-foreign-asset", "PDF",
          ["hidden_bundle"], text_content="HIDDEN-dev-foreign-text",
          **blob(s, "hidden_asset", "bob", ".pdf", pdf_bytes("Hidden", 1)))
    asset(s, "twin_asset", "twin", "owner", "Twin", "TEXT", [], text_content=GERMAN)


def fragments(s):
    """The five forms of asset.fragments, after everything that they name."""
    forms = {
        "title": {"value": "Bericht", "source_ref": P("annotation_run:", "annotationrun", "main"),
                  "curated_by_ref": P("user:", "user", "owner"),
                  "schema_id": R("annotationschema", "positions"),
                  "annotation_run_id": R("annotationrun", "main")},
        "dead": {"value": 1, "source_ref": P("annotation_run:", "annotationrun", None, 987004)},
        "a/b~c": {"value": None, "source_ref": {"type": "run", "id": R("annotationrun", "child")}},
        "unknown": {"value": "", "source_ref": "something:else", "curated_by_ref": "system"},
    }
    if s.number > 2:
        forms["flow"] = {"value": 2, "source_ref": P("flow_execution:", "flowexecution", "done")}
    for key in ("report", "web_de"):
        s.row("asset", key)["fragments"] = Json(forms)
