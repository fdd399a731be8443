"""The database of the benchmark: one run over PDFs of about 200 kB and their
pages. Made set-wise by the server; the same bytes for the same numbers.
"""

import random
from pathlib import Path

import schema
from pg import literal

FILES = 500
SENTENCES = 4096
WORDS = """die der das und nicht mit auf für von zu Regierung Minister Entwurf Gesetz Anteil Strom
Netz Ausbau Kohle Wind Sonne Wärme Preis Markt Land Bund Haushalt Kritik Antrag Bericht Frage Zahl
the of and in to that with policy energy grid budget report committee vote amendment region share
price supply demand target climate industry household subsidy tariff import export storage capacity
politique énergie réseau budget rapport vote région prix offre demande objectif climat stockage
سياسة طاقة شبكة تقرير 能源 政策 电网 预算 报告 Größe Übergang über Länder Maß wäre hätte""".split()

SYLLABLES = """ba be bri co da de ein er fi for ge gra hal hei im in ka ken lei lo ma mit na ne
no ober po pro quer ra re rich sa sch se sta ta te tion to un ver vo wa wei zen zu äm öl ung""".split()

# Pseudo-random numbers of a row: parts of its number's MD5.
HASH = "('x' || substr(md5({0}::text), {1}, 8))::bit(32)::bigint & 4095"

ROWS = """
INSERT INTO "user" (id, email, hashed_password, is_active, is_superuser, created_at, updated_at,
                    email_verified{handle_column})
VALUES (1, 'bench@example.org', 'x', true, false, {time}, {time}, true{handle_value});
INSERT INTO infospace (id, uuid, name, created_at, owner_id)
VALUES (1, {uuid_of} , 'Bench', {time}, 1);
INSERT INTO annotationschema (id, uuid, name, version, is_active, infospace_id, user_id,
                              output_contract, instructions, created_at, updated_at)
SELECT n, md5('schema' || n)::uuid, 'Schema ' || n, '1.0', true, 1, 1,
       '{{"type": "object", "properties": {{"document": {{"type": "object", "properties":
          {{"title": {{"type": "string"}}, "score": {{"type": "number"}}}}}}}}}}',
       'Fill it in.', {time}, {time} FROM generate_series(1, 3) n;
INSERT INTO annotationrun (id, uuid, name, status, created_at, updated_at, started_at,
                           completed_at, include_parent_context, context_window, infospace_id,
                           user_id, configuration{run_columns})
VALUES (1, md5('run')::uuid, 'Bench', 'COMPLETED', {time}, {time}, {time}, {time}, false, 0, 1, 1,
        '{{"model": "sample-model"}}'{run_values});
INSERT INTO runschemalink (run_id, schema_id) SELECT 1, n FROM generate_series(1, 3) n;

INSERT INTO asset (id, uuid, title, kind, blob_path, content_hash, processing_status,
                   infospace_id, user_id, source_identifier, created_at, updated_at{stub_column})
SELECT f.n, md5('asset' || f.n)::uuid, 'Report ' || f.n || '.pdf', 'PDF', f.path, NULL, 'READY',
       1, 1, 'https://example.org/' || f.n, {time} + f.n * interval '1 minute',
       {time} + f.n * interval '1 minute'{stub_value}
  FROM file f;
INSERT INTO asset (id, uuid, title, kind, text_content, processing_status, infospace_id, user_id,
                   parent_asset_id, part_index, created_at, updated_at{stub_column})
SELECT {files} + p, md5('asset' || {files} + p)::uuid, 'Page ' || 1 + (p - 1) / {files},
       'PDF_PAGE', (SELECT string_agg(s.t, ' ' ORDER BY k) FROM generate_series(0, 24) k
                      JOIN sentence s ON s.n = ((p * 7919 + k * 1399) & 4095)),
       'READY', 1, 1, 1 + (p - 1) % {files}, (p - 1) / {files}, {time}, {time}{stub_value}
  FROM generate_series(1, {pages}) p;

INSERT INTO annotation (id, uuid, asset_id, schema_id, run_id, infospace_id, user_id, value,
                        status, timestamp, event_timestamp, created_at, updated_at, region, links)
SELECT i, md5('annotation' || i)::uuid, 1 + (i * 7919::bigint) % {assets}, 1 + i % 3, 1, 1, 1,
       jsonb_build_object(
           'title', left(a.t, 60), 'summary', b.t || ' ' || c.t,
           'stance', (ARRAY['for', 'against', 'open'])[1 + i % 3],
           'score', (i % 1000) / 7.0, 'big', 9007199254740992 + i,
           'tags', jsonb_build_array(left(c.t, 12), i % 17, NULL, true),
           'positions', jsonb_build_array(jsonb_build_object('actor', left(b.t, 20),
                                                             'quote', d.t)))
       {justified},
       'SUCCESS', {time} + i * interval '1 second', {time} - i * interval '1 minute',
       {time} + i * interval '1 second', {time} + i * interval '1 second',
       CASE WHEN i % 4 = 0 THEN json_build_object('page', i % 9, 'box', ARRAY[i % 7, 2, 3.5]) END,
       CASE WHEN i % 3 = 0 THEN 'null'::json ELSE '[{{"rel": "see",  "n": 1}}]'::json END
  FROM generate_series(1, {annotations}) i
  JOIN sentence a ON a.n = {h1} JOIN sentence b ON b.n = {h2}
  JOIN sentence c ON c.n = {h3} JOIN sentence d ON d.n = {h4}
 ORDER BY i;
"""

JUSTIFIED = """|| CASE WHEN i % 5 = 0 THEN jsonb_build_object('stance_justification',
           jsonb_build_object('reasoning', d.t, 'text_spans', jsonb_build_array(a.t)))
           ELSE '{}' END"""
JUSTIFICATIONS = """
INSERT INTO justification (id, annotation_id, field_name, reasoning, evidence_payload, model_name,
                           score, created_at)
SELECT i / 5, i, 'stance', s.t, json_build_object('text_spans', json_build_array(s.t)),
       'sample-model', (i % 100) / 100.0, {time}
  FROM generate_series(5, {annotations}, 5) i JOIN sentence s ON s.n = {h4};
SELECT setval('justification_id_seq', max(id)) FROM justification \\gset
"""


def load(db, generation, store, annotations=100_000, pages=2_000, files=FILES):
    """Creates the database `db` and its files in the folder `store`."""
    fact = schema.facts(generation, schema.has_vector(db.other("postgres")))
    schema.create(db, generation)
    names = write_files(Path(store), files)
    indexes = [i for i in fact.indexes if i["table"] == "annotation"]
    db.run("".join([
        "SET synchronous_commit = off; SET maintenance_work_mem = '256MB';"
        "SET work_mem = '64MB'; SET session_replication_role = replica;\n",
        *(f"DROP INDEX {i['name']};\n" for i in indexes),
        sentences(), file_table(names), rows(fact, annotations, pages, files),
        *(f"SELECT setval('{t}_id_seq', max(id)) FROM {q} \\gset\n" for t, q in (
            ("user", '"user"'), ("infospace", "infospace"), ("asset", "asset"),
            ("annotation", "annotation"), ("annotationrun", "annotationrun"),
            ("annotationschema", "annotationschema"))),
        *(f"{i['definition']};\n" for i in indexes)]))
    db.run("VACUUM ANALYZE;", single=False)
    return {"dsn": db.dsn, "run": db.value("SELECT uuid FROM annotationrun"), "user": 1,
            "annotations": annotations, "assets": files + pages,
            "files": files, "bytes": sum(size for _, size in names),
            "annotation_bytes": int(db.value(
                "SELECT sum(octet_length(row_to_json(a)::text) + 1) FROM annotation a"))}


def rows(fact, annotations, pages, files):
    later = "asset" in fact.tables and any(c["column"] == "stub" for c in fact.tables["asset"])
    handle = any(c["column"] == "handle" for c in fact.tables["user"])
    trigger = any(c["column"] == "trigger_type" for c in fact.tables["annotationrun"])
    hashes = {f"h{k}": HASH.format("i", 1 + 8 * (k - 1)) for k in (1, 2, 3, 4)}
    hashes = {k: f"({v})" for k, v in hashes.items()}
    values = dict(
        hashes, annotations=annotations, pages=pages, files=files, assets=files + pages,
        time="timestamp '2025-03-01 08:00:00.000250'", uuid_of="md5('infospace')::uuid",
        handle_column=", handle" if handle else "", handle_value=", 'bench'" if handle else "",
        run_columns=", trigger_type" if trigger else "",
        run_values=", 'manual'" if trigger else "",
        stub_column=", stub" if later else "", stub_value=", false" if later else "",
        justified="" if "justification" in fact.tables else JUSTIFIED)
    script = ROWS + (JUSTIFICATIONS if "justification" in fact.tables else "")
    return script.format(**values)


def sentences():
    rng = random.Random("sentences")
    vocabulary = WORDS + ["".join(rng.choices(SYLLABLES, k=rng.randrange(2, 5)))
                          for _ in range(4000)]
    frequency = [1 / (10 + rank) for rank in range(len(vocabulary))]
    lines = []
    for number in range(SENTENCES):
        words = rng.choices(vocabulary, frequency, k=rng.randrange(6, 11))
        words.insert(rng.randrange(len(words)), str(rng.randrange(1, 100000)))
        lines.append(f"{number}\t{' '.join(words).capitalize()}.\n")
    return ("CREATE TEMP TABLE sentence (n bigint PRIMARY KEY, t text NOT NULL);\n"
            f"COPY sentence FROM STDIN;\n{''.join(lines)}\\.\nANALYZE sentence;\n")


def file_table(names):
    lines = ",".join(f"({n}, {literal(name)})" for n, (name, _) in enumerate(names, 1))
    return f"CREATE TEMP TABLE file (n, path) AS VALUES {lines};\n"


def write_files(store, count):
    """Incompressible bytes behind a PDF's first line. Every tenth file has
    the same size as others, every fiftieth equals the one before it."""
    names = []
    (store / "user_1").mkdir(parents=True, exist_ok=True)
    for number in range(count):
        seed = number - 10 if number % 50 == 40 else number
        size = 200_000 if number % 10 == 0 else 180_000 + seed * 7919 % 40_001
        data = b"%PDF-1.7\n" + random.Random(seed).randbytes(size - 9)
        name = f"user_1/{number:08x}-0000-4000-8000-000000000000.pdf"
        (store / name).write_bytes(data)
        names.append((name, size))
    return names
