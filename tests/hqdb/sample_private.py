"""What never travels: tokens, chats, backups, invitations, searches."""

from rows import Json
from sample_base import when

LATER = "2025-04-01 00:00:00+00"


def fill(s):
    links(s)
    backups(s)
    s.add("searchhistory", "search", user_id="owner", query=s.canary("search"),
          timestamp=when(200), filters=Json({"x": 1}), result_count=1)
    if s.number > 1:
        chats(s)
    if s.number > 2:
        later(s)


def links(s):
    s.add("shareablelink", "link", token=s.canary("link-token"), name="Link", user_id="owner",
          permission_level="READ_ONLY", is_public=True, use_count=0, resource_type="RUN",
          resource_id=s.id("annotationrun", "main"), infospace_id="main", created_at=when(201))
    s.add("package", "package", name="Package", infospace_id="main", user_id="owner",
          token=s.canary("package-token"), visibility="TOKEN", created_at=when(202),
          manifest=Json({}), asset_ids=Json([]), schema_ids=Json([]), run_ids=Json([]))


def backups(s):
    counts = {f"included_{n}": 0 for n in ("sources", "assets", "schemas", "runs", "datasets",
                                           "annotations")}
    s.add("infospacebackup", "backup", name="Backup", infospace_id="main", user_id="owner",
          backup_type="MANUAL", storage_path=s.canary("backup-path"), status="COMPLETED",
          is_shareable=True, share_token=s.canary("backup-token"), created_at=when(203), **counts)
    del counts["included_sources"]
    s.add("userbackup", "backup", name="Backup", backup_type="USER", target_user_id="owner",
          created_by_user_id="owner", storage_path=s.canary("user-backup-path"),
          included_infospaces=1, status="COMPLETED", is_shareable=True, created_at=when(204),
          share_token=s.canary("user-backup-token"), **counts)


def chats(s):
    s.add("chatconversation", "chat", title=s.canary("chat-title"), infospace_id="main",
          user_id="owner", temperature="NaN", is_archived=False, is_pinned=False,
          conversation_metadata=Json({}), created_at=when(205), updated_at=when(205))
    s.add("chatconversationmessage", "message", conversation_id="chat", role="user",
          content=s.canary("chat-message"), created_at=when(205), tool_calls=Json([]))


def later(s):
    if s.has("invitation"):
        s.add("invitation", "invitation", infospace_id="main", inviter_id="owner",
              invitee_email=s.canary("invitation") + "@example.org", role="VIEWER",
              status="PENDING", created_at=LATER)
    s.add("packageitem", "item", package_id="package", run_id="main")
    s.add("ingestionjob", "job", infospace_id="main", user_id="owner", kind="directory",
          source_locator=f"/srv/{s.canary('job-path')}", root_bundle_id="drafts",
          status="COMPLETED", total_files=1, processed_files=1, failed_files=0, retry_count=0,
          source_id="upload", created_at=when(206), updated_at=when(206),
          cursor_state=Json({"options": {"bundle_id": 301}}))
