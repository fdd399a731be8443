"""What can be wrong with a package whose lists are right, and what may be otherwise without being
wrong. Each mutation says what a reader must find, by doc/package-format.md; nothing stands for a
package that is as good as before."""

import uuid

import jsontext
from draft import ENTRIES, MANIFEST, MAPPING, SCHEMAS, SUMS, VERSION_INFO, Nothing
from jsontext import Number, Object
from entries import REQUIRED

ALL = {}
ANNOTATIONS = "annotations/annotations.jsonl"


def finds(*codes):
    """Registers a mutation: a function that changes a Draft."""
    def register(function):
        ALL[function.__name__] = (function, set(codes))
        return function
    return register


def new_uuid(draft):
    return str(uuid.UUID(int=draft.random.getrandbits(128), version=4))


# Entries.

def _without(path):
    def change(draft):
        draft.remove(path)
    change.__name__ = "without_" + path.replace("/", "_").replace(".", "_")
    return change


for _path in REQUIRED:
    finds("structure")(_without(_path))


def _without_kind(kind, *codes):
    def change(draft):
        draft.remove(draft.one(kind, lambda data: data))
    change.__name__ = "without_a_" + kind
    finds(*codes)(change)


_without_kind("asset", "count", "mapping", "reference")
_without_kind("file", "reference")
_without_kind("chunk", "count", "mapping")
_without_kind("bundle", "count", "mapping", "reference")
_without_kind("source", "count", "mapping", "reference")
_without_kind("schema_link", "count")
_without_kind("aggregate", "count", "mapping")
_without_kind("embedding_model", "count", "mapping")


@finds("odd-entry")
def an_unknown_entry(draft):
    draft.insert("run/history.jsonl", b'{"id":1}\n{"id":1}\n')


@finds("odd-entry", "json")
def an_unknown_entry_that_is_no_json(draft):
    draft.insert("run/history.jsonl", b"{\n")


@finds("odd-entry")
def an_unknown_entry_of_bytes(draft):
    draft.insert("extra/picture.png", b"\x89PNG")


@finds("odd-entry")
def an_asset_number_with_a_zero(draft):
    draft.insert("assets/metadata/asset_01.json", b"{}\n")


@finds("order")
def entries_in_another_order(draft):
    names = list(draft.data)[:-3]
    at = draft.random.randrange(1, len(names) - 1)
    def change():
        items = list(draft.data.items())
        items.insert(0, items.pop(at))
        draft.data = dict(items)
    draft.last.append(change)


@finds("order")
def the_manifest_first(draft):
    def change():
        draft.data = {MANIFEST: draft.data[MANIFEST], **draft.data}
    draft.last.append(change)


@finds("reference")
def a_file_under_another_name(draft):
    path = draft.one("file")
    draft.data = {("assets/files/asset_999_file" if p == path else p): d
                  for p, d in draft.data.items()}


# The lists.

def in_entries(change):
    """A mutation of entries.jsonl: a function of its lines, as dicts."""
    def mutate(draft):
        def apply():
            lines = [dict(line) for line in draft.lines(ENTRIES)]
            change(draft, lines)
            draft.set_rows(ENTRIES, lines)
        draft.after.append(apply)
    mutate.__name__ = change.__name__
    return mutate


@finds("unlisted")
@in_entries
def a_line_of_the_list_dropped(draft, lines):
    lines.pop(draft.random.randrange(len(lines)))


@finds("list")
@in_entries
def a_line_of_the_list_twice(draft, lines):
    lines.append(draft.random.choice(lines))


@finds("missing")
@in_entries
def a_listed_entry_that_is_not_there(draft, lines):
    lines.append({**lines[0], "path": "run/more.json"})


@finds("listed-size")
@in_entries
def another_size_in_the_list(draft, lines):
    line = draft.random.choice(lines)
    line["size"] = int(line["size"]) + 1


@finds("listed-rows")
@in_entries
def another_number_of_rows_in_the_list(draft, lines):
    line = next(line for line in lines if line["path"] == ANNOTATIONS)
    line["rows"] = int(line["rows"]) + 1


@finds("checksum")
@in_entries
def another_checksum_in_the_list(draft, lines):
    draft.random.choice(lines)["sha256"] = "0" * 64


@finds("structure")
@in_entries
def another_kind_in_the_list(draft, lines):
    next(line for line in lines if line["path"] == ANNOTATIONS)["kind"] = "asset"


@finds("order")
@in_entries
def the_list_in_another_order(draft, lines):
    lines.reverse()


@finds()
@in_entries
def an_unknown_key_in_the_list(draft, lines):
    lines[0]["compressed"] = True


@finds("schema")
@in_entries
def a_line_of_the_list_without_a_size(draft, lines):
    del lines[0]["size"]


@finds("list")
@in_entries
def a_line_of_the_list_with_a_negative_size(draft, lines):
    lines[0]["size"] = -1


@finds("json")
def a_line_of_the_list_that_is_no_json(draft):
    draft.after.append(lambda: draft.edit_line(ENTRIES, lambda line: line[:-1]))


@finds("schema")
def a_line_of_the_list_that_is_an_array(draft):
    draft.after.append(lambda: draft.edit_line(ENTRIES, lambda line: b"[" + line + b"]"))


def in_sums(change):
    """A mutation of the lines of checksums.sha256."""
    def mutate(draft):
        def apply():
            lines = draft.data[SUMS].split(b"\n")[:-1]
            change(draft, lines)
            draft.data[SUMS] = b"".join(line + b"\n" for line in lines)
        draft.last.append(apply)
    mutate.__name__ = change.__name__
    return mutate


@finds("unlisted")
@in_sums
def a_checksum_dropped(draft, lines):
    lines.pop(draft.random.randrange(len(lines)))


@finds("list")
@in_sums
def a_checksum_twice(draft, lines):
    lines.append(lines[0])


@finds("missing")
@in_sums
def a_checksum_of_nothing(draft, lines):
    lines.append(b"0" * 64 + b"  run/more.json")


@finds("checksum")
@in_sums
def another_checksum(draft, lines):
    number = draft.random.randrange(len(lines))
    lines[number] = b"0" * 64 + lines[number][64:]


@finds("order")
@in_sums
def checksums_in_another_order(draft, lines):
    lines.reverse()


@finds("list")
@in_sums
def a_checksum_that_is_none(draft, lines):
    lines[1] = b"# nothing"


@finds()
@in_sums
def checksums_as_of_binary_files(draft, lines):
    lines[:] = [line.replace(b"  ", b" *", 1) for line in lines]


# The manifest.

def in_manifest(change):
    """A mutation of the finished manifest, a dict."""
    def mutate(draft):
        def apply():
            draft.edit(MANIFEST, lambda manifest: change(draft, manifest))
            draft.seal_sums()
        draft.last.append(apply)
    mutate.__name__ = change.__name__
    return mutate


def _in_manifest_entries(key, value):
    @in_manifest
    def change(draft, manifest):
        manifest["entries"] = {**dict(manifest["entries"]), key: value}
    change.__name__ = f"another_{key}_of_the_list_in_the_manifest"
    finds("manifest")(change)


_in_manifest_entries("count", 1)
_in_manifest_entries("size", 1)
_in_manifest_entries("sha256", "0" * 64)


@finds("manifest")
@in_manifest
def a_manifest_that_names_no_list(draft, manifest):
    del manifest["entries"]


@finds("manifest")
def a_manifest_that_is_no_json(draft):
    def change():
        draft.data[MANIFEST] = b'{"format":"spaceport",}\n'
        draft.seal_sums()
    draft.last.append(change)


@finds("format")
@in_manifest
def a_manifest_that_is_an_array(draft, manifest):
    return []


@finds("format")
@in_manifest
def an_empty_manifest(draft, manifest):
    manifest.clear()


@finds()
@in_manifest
def an_unknown_key_in_the_manifest(draft, manifest):
    manifest["licence"] = {"name": "none"}


def _version(version, *codes):
    @in_manifest
    def change(draft, manifest):
        manifest["format_version"] = version
    change.__name__ = f"version_{version}"
    finds(*codes)(change)


_version("1.1", "newer-minor")
_version("1.10", "newer-minor")
_version("0.1")
_version("2.0", "newer-version")
_version("7.3", "newer-version")
_version("1.0.1", "format")
_version("1", "format")
_version("", "format")
_version("1.0 ", "format")
_version("01.0")
_version(None, "format")
_version(1, "format")


@finds("format")
@in_manifest
def another_format(draft, manifest):
    manifest["format"] = "universal"


@finds("newer-feature")
@in_manifest
def another_type_of_package(draft, manifest):
    manifest["package_type"] = "infospace"


@finds("newer-feature")
@in_manifest
def no_type_of_package(draft, manifest):
    del manifest["package_type"]


@finds("newer-feature")
@in_manifest
def an_unknown_feature(draft, manifest):
    manifest["features"] = manifest["features"] + ["deltas"]


@finds("odd-feature")
@in_manifest
def an_unknown_optional_feature(draft, manifest):
    manifest["optional_features"] = ["thumbnails"]


@finds()
@in_manifest
def a_known_optional_feature(draft, manifest):
    manifest["optional_features"] = ["large_texts"]


def _count(kind):
    @in_manifest
    def change(draft, manifest):
        counts = dict(manifest["counts"])
        if kind not in counts:
            raise Nothing(kind)
        manifest["counts"] = {**counts, kind: int(counts[kind]) + 1}
    change.__name__ = "another_count_of_" + kind
    finds("count")(change)


for _kind in ("run", "schema", "annotation", "justification", "asset", "external_reference",
              "bundle"):
    _count(_kind)


@finds("count")
@in_manifest
def a_count_of_what_is_not_there(draft, manifest):
    manifest["counts"] = {**dict(manifest["counts"]), "planet": 1}


def in_version(change):
    def mutate(draft):
        draft.edit(VERSION_INFO, lambda info: change(draft, info))
    mutate.__name__ = change.__name__
    return mutate


def _least(version, *codes):
    @in_version
    def change(draft, info):
        info["minimum_reader_version"] = version
    change.__name__ = f"least_reader_{version}"
    finds(*codes)(change)


_least("1.1", "newer-version")
_least("2.0", "newer-version")
_least("0.1")
_least("x", "manifest")


@finds("schema")
@in_version
def no_least_reader(draft, info):
    del info["minimum_reader_version"]


@finds()
@in_version
def an_unknown_key_of_the_version(draft, info):
    info["codename"] = "x"


# What is newer is never called damaged for what this format says of its entries.

def _newer(name, make_newer, code):
    def change(draft):
        draft.edit_row("annotation", lambda row: row.pop("id") and None)
        draft.edit_row("annotation", lambda row: jsontext.Object([("a", 1), ("a", 2)]))
        draft.edit_row("annotation", lambda row: row.update(asset_id=new_uuid(draft)))
        draft.edit(MAPPING, lambda mapping: mapping.update(row_count=0, rows={"a": "b"}))
        draft.remove("run/configuration.json")
        make_newer(draft)
    change.__name__ = name
    finds(code)(change)


_newer("a_newer_version_with_other_rows", ALL["version_7.3"][0], "newer-version")
_newer("a_newer_reader_for_other_rows", ALL["least_reader_2.0"][0], "newer-version")
_newer("an_unknown_feature_with_other_rows", an_unknown_feature, "newer-feature")
_newer("another_type_with_other_rows", another_type_of_package, "newer-feature")
_newer("another_format_with_other_rows", another_format, "format")


@finds("newer-version", "checksum")
def a_newer_version_that_is_damaged(draft):
    ALL["version_7.3"][0](draft)
    another_checksum(draft)


@finds("newer-version")
def a_newer_version_without_a_line_of_json(draft):
    ALL["version_7.3"][0](draft)
    draft.edit_line(ANNOTATIONS, lambda line: b"\xff" + line)


# Rows.

def in_annotation(change):
    """A mutation of an annotation's row, a dict."""
    def mutate(draft):
        draft.edit_row("annotation", lambda row: change(draft, row))
    mutate.__name__ = change.__name__
    return mutate


@finds("mapping")
@in_annotation
def another_id(draft, row):
    row["id"] = row["uuid"] = new_uuid(draft)


@finds("schema", "mapping")
@in_annotation
def no_id(draft, row):
    del row["id"]


@finds("row", "mapping")
@in_annotation
def an_id_that_is_no_uuid(draft, row):
    row["id"] = row["id"][:-1]


@finds("schema", "mapping")
@in_annotation
def an_id_that_is_a_number(draft, row):
    row["id"] = 17


@finds("row")
def a_row_twice(draft):
    rows = draft.rows(ANNOTATIONS)
    draft.set_rows(ANNOTATIONS, rows + [draft.random.choice(rows)])


@finds("row")
def two_kinds_with_one_id(draft):
    taken = dict(draft.rows(SCHEMAS)[0])["id"]
    draft.edit_row("annotation", lambda row: row.update(id=taken))


@finds("row")
def a_key_twice(draft):
    draft.edit_line(ANNOTATIONS, lambda line: line[:-1] + b',"run_id":null}')


@finds("row")
def a_key_twice_in_disguise(draft):
    draft.edit_line(ANNOTATIONS, lambda line: line[:-1] + b',"\\u0072un_id":null}')


@finds()
def a_key_twice_inside_a_value(draft):
    draft.edit_row("annotation", lambda row: row.update(
        value=Object([("a", Number("1")), ("a", Number("2"))]), __refs=[]),
        lambda row: "__refs" not in row)


@finds("schema")
def a_row_that_is_an_array(draft):
    draft.edit_line(ANNOTATIONS, lambda line: b"[" + line + b"]")


@finds("schema")
def a_row_that_is_null(draft):
    draft.edit_line(ANNOTATIONS, lambda line: b"null")


@finds("schema")
def a_schema_that_is_a_text(draft):
    draft.edit(SCHEMAS, lambda rows: ["x"] + rows[1:])


def _line(name, change, *codes):
    def mutate(draft):
        draft.edit_line(ANNOTATIONS, change)
    mutate.__name__ = name
    finds(*codes)(mutate)


_line("a_line_cut_off", lambda line: line[:-5], "json")
_line("an_empty_line", lambda line: b"", "json")
_line("two_values_in_a_line", lambda line: line + line, "json")
_line("a_comma_too_many", lambda line: line[:-1] + b",}", "json")
_line("a_byte_order_mark", lambda line: b"\xef\xbb\xbf" + line, "json")
_line("no_utf8", lambda line: line[:-1] + b',"x":"\xff"}', "json")
_line("overlong_utf8", lambda line: line[:-1] + b',"x":"\xc0\xaf"}', "json")
_line("a_surrogate_in_utf8", lambda line: line[:-1] + b',"x":"\xed\xa0\x80"}', "json")
_line("a_control_byte", lambda line: line[:-1] + b',"x":"\x01"}', "json")
_line("an_escape_that_is_none", lambda line: line[:-1] + b',"x":"\\x41"}', "json")
_line("not_a_number", lambda line: line[:-1] + b',"x":NaN}', "json")
_line("a_leading_zero", lambda line: line[:-1] + b',"x":01}', "json")
_line("a_plus", lambda line: line[:-1] + b',"x":+1}', "json")
_line("a_comment", lambda line: line + b"// x", "json")
_line("single_quotes", lambda line: line[:-1] + b",'x':1}", "json")
_line("too_many_brackets", lambda line: line[:-1] + b',"x":' + b"[" * 1000 + b"]" * 1000 + b"}",
      "limit")
_line("as_many_brackets_as_may_be",
      lambda line: line[:-1] + b',"x":' + b"[" * 999 + b"]" * 999 + b"}")
_line("white_space", lambda line: b" \t" + line[:1] + b"\r " + line[1:] + b"  ")
_line("a_nul", lambda line: line[:-1] + b',"x":"\\u0000"}', "beyond-jsonb")
_line("half_a_pair", lambda line: line[:-1] + b',"x":"\\udc00"}', "beyond-jsonb")
_line("a_whole_pair", lambda line: line[:-1] + b',"x":"\\ud83d\\ude00"}')
_line("a_nul_in_a_key", lambda line: line[:-1] + b',"x":{"\\u0000":1}}', "beyond-jsonb")
_line("a_huge_number", lambda line: line[:-1] + b',"x":1e200000}', "beyond-numeric")
_line("a_tiny_number", lambda line: line[:-1] + b',"x":1e-20000}', "beyond-numeric")
_line("a_number_past_doubles", lambda line: line[:-1] + b',"x":1e400}')
_line("an_unknown_column", lambda line: line[:-1] + b',"mood":"good"}')
_line("an_unknown_key_of_the_format", lambda line: line[:-1] + b',"__mood":{"a":1}}')
_line("an_unknown_column_that_is_a_number", lambda line: line[:-1] + b',"mood_id":17}')
_line("a_line_separator", lambda line: line[:-1] + ',"x":"\u2028"}'.encode())


@finds()
def no_end_of_the_last_line(draft):
    draft.data[ANNOTATIONS] = draft.data[ANNOTATIONS][:-1]


@finds("json")
def an_array_that_is_cut_off(draft):
    draft.data[SCHEMAS] = draft.data[SCHEMAS][:-2]


@finds("json")
def an_empty_document(draft):
    draft.data["run/run_metadata.json"] = b""


@finds("count", "mapping")
def a_row_dropped(draft):
    rows = draft.rows(ANNOTATIONS)
    rows.pop(draft.random.randrange(len(rows)))
    draft.set_rows(ANNOTATIONS, rows)


@finds("count", "mapping")
def a_row_added(draft):
    rows = draft.rows(ANNOTATIONS)
    row = {**dict(rows[0]), "id": new_uuid(draft)}
    draft.set_rows(ANNOTATIONS, rows + [row])


@finds()
def rows_in_another_order(draft):
    draft.set_rows(ANNOTATIONS, draft.rows(ANNOTATIONS)[::-1])


# References.

@finds("reference")
@in_annotation
def an_asset_that_is_not_there(draft, row):
    row["asset_id"] = new_uuid(draft)


@finds("reference")
@in_annotation
def an_asset_that_is_a_schema(draft, row):
    row["asset_id"] = row["schema_id"]


@finds("reference")
@in_annotation
def a_run_that_is_an_infospace(draft, row):
    row["run_id"] = row["infospace_id"]


@finds()
@in_annotation
def an_asset_that_is_a_number(draft, row):
    row["asset_id"] = 12


@finds()
@in_annotation
def a_reference_in_capitals(draft, row):
    row["asset_id"] = row["asset_id"].upper()


@finds("odd-reference")
@in_annotation
def a_user_that_is_not_there(draft, row):
    row["reviewer_id"] = new_uuid(draft)


@finds("odd-reference")
@in_annotation
def users_that_are_not_there(draft, row):
    row["reviewed_by"] = [new_uuid(draft), None]


@finds("reference")
def a_bundle_that_is_not_there(draft):
    draft.edit_row("asset", lambda row: row.update(bundle_ids=[new_uuid(draft)]),
                   lambda row: "bundle_ids" in row)


@finds("reference")
def a_link_to_no_schema(draft):
    draft.edit_row("schema_link", lambda row: row.update(schema_id=new_uuid(draft)))


@finds("reference")
def a_chunk_of_no_asset(draft):
    draft.edit_row("chunk", lambda row: row.update(asset_id=new_uuid(draft)))


@finds("reference")
def an_embedding_of_no_chunk(draft):
    draft.edit_row("embedding", lambda row: row.update(id=new_uuid(draft)))


@finds("schema")
def an_embedding_without_an_id(draft):
    draft.edit_row("embedding", lambda row: row.pop("id") and None)


def in_refs(change):
    """A mutation of one item of `__refs` of the run, a dict, that has a UUID."""
    def mutate(draft):
        def edit(row):
            refs = [dict(r) for r in row["__refs"]]
            change(draft, draft.random.choice([r for r in refs if "uuid" in r and "kind" in r]))
            row["__refs"] = refs
        draft.edit_row("run", edit)
    mutate.__name__ = change.__name__
    return mutate


@finds("reference")
@in_refs
def a_reference_inside_to_nothing(draft, ref):
    ref["uuid"] = new_uuid(draft)


@finds("reference")
@in_refs
def a_reference_inside_of_another_kind(draft, ref):
    ref["kind"] = "chunk"


@finds()
@in_refs
def a_reference_inside_of_unknown_kind(draft, ref):
    del ref["kind"]


@finds()
@in_refs
def a_reference_inside_to_what_is_gone(draft, ref):
    del ref["uuid"]


@finds()
@in_refs
def an_unknown_key_of_a_reference_inside(draft, ref):
    ref["note"] = "x"


@finds("reference")
def a_target_that_is_not_there(draft):
    draft.edit_row("target_assets", lambda row: row.update(uuid=new_uuid(draft)))


@finds("reference")
def a_target_that_is_a_schema(draft):
    schema = dict(draft.rows(SCHEMAS)[0])["id"]
    draft.edit_row("target_assets", lambda row: row.update(uuid=schema))


# Files and texts.

@finds()
def a_file_with_other_bytes(draft):
    path = draft.one("file", lambda data: data)
    draft.data[path] = bytes(b ^ 1 for b in draft.data[path])


@finds("reference")
def a_file_with_more_bytes(draft):
    draft.data[draft.one("file")] += b"x"


def in_file(key, change):
    """A mutation of `__file` of an asset that has the key in it."""
    def mutate(draft):
        def edit(row):
            about = dict(row["__file"])
            change(draft, about)
            row["__file"] = about
        draft.edit_row("asset", edit, lambda row: key in dict(row.get("__file") or Object()))
    mutate.__name__ = change.__name__
    return mutate


def _another_size(draft, about):
    about["size"] = int(about["size"]) + 1


def another_size_of_a_file(draft, about):
    _another_size(draft, about)


def another_size_of_a_file_inside(draft, about):
    _another_size(draft, about)


def another_size_of_equal_files(draft, about):
    _another_size(draft, about)


def no_size_of_a_file(draft, about):
    del about["size"]


def a_file_that_is_not_there(draft, about):
    about["path"] = "assets/files/asset_998_file"


def a_file_that_is_a_row(draft, about):
    about["path"] = "run/run_metadata.json"


def equal_to_a_file_that_is_not_there(draft, about):
    about["same_as"] = "assets/metadata/asset_998.json"


def equal_to_itself(draft, about):
    about["same_as"] = "run/run_metadata.json"


def an_unknown_key_of_a_file(draft, about):
    about["encrypted"] = False


for _key, _change, _codes in (
        ("path", another_size_of_a_file, ["reference"]),
        ("path", no_size_of_a_file, ["reference"]),
        ("path", a_file_that_is_not_there, ["reference"]),
        ("path", a_file_that_is_a_row, ["reference"]),
        ("path", an_unknown_key_of_a_file, []),
        ("same_as", another_size_of_equal_files, ["reference"]),
        ("same_as", equal_to_a_file_that_is_not_there, ["reference"]),
        ("same_as", equal_to_itself, ["reference"])):
    finds(*_codes)(in_file(_key, _change))


@finds("reference")
def a_long_text_that_is_not_there(draft):
    draft.remove(draft.one("text"))


@finds("reference")
@in_annotation
def a_long_text_that_nobody_wrote(draft, row):
    row["__texts"] = {"comment": "texts/annotation_9.txt"}


# The mapping.

def in_mapping(change):
    """A mutation of the rows of the mapping, dicts."""
    def mutate(draft):
        if "rows" not in draft.json(MAPPING):
            raise Nothing("rows")
        draft.in_mapping(lambda rows: change(draft, rows))
    mutate.__name__ = change.__name__
    return mutate


def _inside(draft, rows):
    return draft.random.choice([r for r in rows if "external" not in r
                                and r["kind"] != "justification"])


@finds("mapping")
@in_mapping
def an_origin_dropped(draft, rows):
    rows.remove(_inside(draft, rows))


@finds("mapping")
@in_mapping
def an_origin_twice(draft, rows):
    rows.append(_inside(draft, rows))


@finds("mapping")
@in_mapping
def an_origin_of_another_row(draft, rows):
    _inside(draft, rows)["uuid"] = new_uuid(draft)


@finds("mapping")
@in_mapping
def an_origin_of_another_kind(draft, rows):
    _inside(draft, rows)["kind"] = "planet"


@finds("schema")
@in_mapping
def an_origin_without_a_uuid(draft, rows):
    del _inside(draft, rows)["uuid"]


@finds("mapping", "count")
@in_mapping
def a_row_that_is_said_to_be_outside(draft, rows):
    _inside(draft, rows)["external"] = True


@finds("mapping", "count")
@in_mapping
def a_row_outside_that_is_said_to_be_here(draft, rows):
    del next(r for r in rows if "external" in r)["external"]


@finds("reference", "count")
@in_mapping
def the_infospace_not_listed_as_outside(draft, rows):
    rows.remove(next(r for r in rows if r["kind"] == "infospace"))


@finds("reference")
@in_mapping
def the_infospace_of_another_kind(draft, rows):
    next(r for r in rows if r["kind"] == "infospace")["kind"] = "bundle"


@finds()
@in_mapping
def origins_in_another_order(draft, rows):
    rows.reverse()


@finds()
@in_mapping
def a_longer_chain_of_origins(draft, rows):
    _inside(draft, rows)["origin"] = [{"uuid": new_uuid(draft), "instance": new_uuid(draft)},
                                      {"uuid": new_uuid(draft)}]


@finds()
@in_mapping
def an_unknown_key_of_an_origin(draft, rows):
    _inside(draft, rows)["imported_at"] = "2026-01-01"


@finds("mapping")
def another_number_of_origins(draft):
    draft.edit(MAPPING, lambda mapping: mapping.update(
        row_count=int(mapping["row_count"]) + 1))


@finds("mapping")
def no_number_of_origins(draft):
    draft.edit(MAPPING, lambda mapping: mapping.pop("row_count") and None)


@finds()
def an_unknown_key_of_the_mapping(draft):
    draft.edit(MAPPING, lambda mapping: mapping.update(notes=[{"uuid": "x"}]))


@finds("json")
def a_mapping_that_is_no_json(draft):
    draft.data[MAPPING] = draft.data[MAPPING][:-3] + b",}\n"


@finds("odd-reference", "reference")
def an_author_dropped(draft):
    def edit(mapping):
        if "authors" not in mapping:
            raise Nothing("authors")
        mapping["authors"] = mapping["authors"][1:]
    draft.edit(MAPPING, edit)
