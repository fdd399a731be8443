"""The sample `prod`: another instance, with ids that `dev` uses otherwise."""

import media
from rows import Json, R
from sample_base import (annotation, annotation_schema, asset, blob, bundle, contract, infospace,
                         run, user, when)


def fill(s):
    user(s, "admin")
    user(s, "superuser", superuser=True)
    user(s, "analyst", email="ANALYST@example.org")
    user(s, "owner2", email="owner@example.org", handle="owner-at-prod")
    infospace(s, "desk", "admin", "Newsroom")
    if s.has("infospacecollaborator"):
        s.add("infospacecollaborator", "analyst", infospace_id="desk", user_id="analyst",
              role="ANALYST", invited_at=when(1))
    if s.number == 4:
        s.add("canon", "general", infospace_id="desk", name="General", role="GENERAL")
        s.row("infospace", "desk")["default_canon_id"] = "general"
    text = {"type": "string"}
    annotation_schema(s, "positions", "desk", "admin", "Policy positions", contract(
        title=dict(text), stance={"type": "string", "enum": ["for", "against"]}), "2.0")
    annotation_schema(s, "topics", "desk", "admin", "Topics", contract(topic=dict(text)))
    bundle(s, "reports", "desk", "admin", "Reports")
    s.add("source", "feed", name="Feed", kind="rss", infospace_id="desk", user_id="admin",
          status="COMPLETE", details=Json({"feed_url": "https://example.org/prod.xml",
                                           "password": s.canary("source-password")}),
          created_at=when(5), updated_at=when(5), is_active=False)
    data = media.pdf("Haushalt", ["Haushalt, page 1 of 1"])
    asset(s, "budget", "desk", "admin", "Haushalt.pdf", "PDF", ["reports"], source_id="feed",
          **blob(s, "budget", "admin", ".pdf", data))
    asset(s, "budget_page1", "desk", "admin", "Page 1", "PDF_PAGE", parent_asset_id="budget",
          part_index=0, text_content="Der Haushalt steigt.")
    asset(s, "note", "desk", "admin", "Notiz", "TEXT", ["reports"], text_content="Eine Notiz.")
    asset(s, "logo", "desk", "admin", "Logo.png", "IMAGE", [],
          **blob(s, "logo", "admin", ".png", media.png(16, 16, "logo")))
    run(s, "topics", "desk", "admin", "Themen", "COMPLETED", ["topics"],
        configuration=Json({"target_asset_ids": [R("asset", "budget"), R("asset", "note")]}))
    for key in ("budget", "budget_page1", "note"):
        annotation(s, f"topics_{key}", "topics", key, "topics", {"topic": f"About {key}"},
                   "desk", "admin", why={"topic": ("It says so.", {})})
