"""The whole package that doc/package-format.md shows, entry by entry: a real export, with what
differs from server to server and day to day set to fixed values.

    example.py PACKAGE DOCUMENT E-MAIL=ID…    puts the package into the document
"""

import hashlib
import re
import sys
import zipfile
from pathlib import Path

import jsontext
import uuids
from draft import ENTRIES, MANIFEST, MAPPING, SUMS, VERSION_INFO

HEADING = "## A whole package"
INSTANCE = "8e41fa21-0fdb-87ac-a905-648c58d6090b"
FIXED = {
    "created_at": "2026-01-31T12:00:00Z",
    "operation_id": "7d0c3f5e-52a1-4b53-9d3c-0e5a7c1f2b64",
    "spaceport_version": "0.1.0",
    "server_version": "16.4",
}


def steady(path, users):
    """The entries of a package of an export without --preserve-uuids, in their order, as if the
    instance were INSTANCE. `users`: e-mail address -> id."""
    with zipfile.ZipFile(path) as zip_:
        data = {name: zip_.read(name).decode("utf-8") for name in zip_.namelist()}
    mapping = jsontext.parse(data[MAPPING].encode()).plain()
    new = {mapping["instance"]: INSTANCE}
    new.update((m["uuid"], uuids.of_uuid(INSTANCE, m["source_uuid"])) for m in mapping["rows"])
    new.update((a["uuid"], uuids.of_row(INSTANCE, "user", users[a["email"]]))
               for a in mapping["authors"])
    for name in data:
        data[name] = re.sub("|".join(new), lambda match: new[match[0]], data[name])
        for key, value in FIXED.items() if name in (MANIFEST, VERSION_INFO) else ():
            data[name] = re.sub(f'("{key}": ?)"[^"]*"', rf'\1"{value}"', data[name])
    return seal(data)


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def seal(data):
    """With its lists made right."""
    def line(match):
        text = data[match[1]]
        size = len(text.encode("utf-8"))
        head = match[0].partition(',"size":')[0]
        return f'{head},"size":{size},"sha256":"{sha256(text)}"}}'
    data[ENTRIES] = re.sub(r'^\{"path":"([^"]*)".*\}$', line, data[ENTRIES], flags=re.M)
    data[MANIFEST] = re.sub(
        r'("size": )\d+(,\s+"sha256": )"[0-9a-f]*"',
        rf'\g<1>{len(data[ENTRIES].encode("utf-8"))}\g<2>"{sha256(data[ENTRIES])}"', data[MANIFEST])
    data[SUMS] = "".join(f"{sha256(text)}  {name}\n" for name, text in data.items() if name != SUMS)
    return data


def render(data):
    """The section of the document."""
    parts = [f"""{HEADING}

A run with one annotation of one asset, exported from the instance `{INSTANCE}`
(in the [table above](#uuids)). Entries are shown in their order; those that have no bytes say so. Tests compare this
page with a real export, and read the package that it shows.
"""]
    for name, text in data.items():
        parts.append(f"\n`{name}`" + (f":\n\n```\n{text}```\n" if text else ": no bytes.\n"))
    return "".join(parts)


def parse(page):
    """The entries that a document shows."""
    section = page[page.index(f"\n{HEADING}\n"):]
    return {name: text or "" for name, text in re.findall(
        r"^`([^`\n]+)`:(?: no bytes\.\n|\n\n```\n(.*?)^```$)", section, re.M | re.S)}


def put(data, path):
    """Into the document, in place of what it shows."""
    page = Path(path).read_text("utf-8")
    at = page.find(f"\n{HEADING}\n")
    head = page[:at + 1] if at >= 0 else page.rstrip("\n") + "\n\n"
    Path(path).write_text(head + render(data), "utf-8")


def main():
    put(steady(sys.argv[1], dict(user.split("=") for user in sys.argv[3:])), sys.argv[2])


if __name__ == "__main__":
    main()
