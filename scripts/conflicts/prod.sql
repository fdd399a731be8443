-- What goes on at prod meanwhile, in what was imported there.
CREATE TEMP TABLE place AS SELECT id FROM infospace WHERE name = 'Positionen 2025';
CREATE TEMP VIEW coded AS
SELECT a.id, t.title FROM annotation a JOIN asset t ON t.id = a.asset_id
 WHERE a.infospace_id = (SELECT id FROM place) AND a.schema_id = (
       SELECT id FROM annotationschema WHERE infospace_id = (SELECT id FROM place) AND name = 'Policy positions');

UPDATE annotation SET value = '{"coded": "in production"}'
 WHERE id IN (SELECT id FROM coded WHERE title IN ('Copy of the report.pdf', 'Gone.pdf'));

-- an administrator of theirs wants each number once
UPDATE annotation SET value = '{"coded": "in production", "number": 8}'
 WHERE id IN (SELECT id FROM coded WHERE title = 'Chart.png');
CREATE UNIQUE INDEX one_of_each_number ON annotation (infospace_id, (value ->> 'number'));

-- somebody has imported these with another tool, one of them twice
INSERT INTO annotation
SELECT (json_populate_record(a, json_build_object(
          'id', nextval('annotation_id_seq'), 'uuid', gen_random_uuid(),
          'imported_from_uuid', '00000000-0000-4000-8000-00000000000' || n.number,
          'value', json_build_object('coded', 'in production')))).*
  FROM (VALUES ('Energiewende', 3), ('Failed', 4), ('Failed', 4)) AS n (title, number)
  JOIN coded USING (title) JOIN annotation a USING (id);

CREATE TEMP TABLE unwanted AS SELECT id FROM coded WHERE title = 'An empty file'
 UNION SELECT a.id FROM annotation a JOIN asset t ON t.id = a.asset_id WHERE t.title = 'Anteile.csv';
DELETE FROM justification WHERE annotation_id IN (SELECT id FROM unwanted);
DELETE FROM annotation WHERE id IN (SELECT id FROM unwanted);
DELETE FROM asset WHERE infospace_id = (SELECT id FROM place) AND title = 'An empty file';

-- collected by themselves
INSERT INTO asset (uuid, title, kind, text_content, source_identifier, processing_status, infospace_id, created_at,
                   updated_at, stub)
SELECT gen_random_uuid(), n.title, 'TEXT', n.words, n.place, 'READY', place.id, now(), now(), false
  FROM place, (VALUES ('Notice', :'words', 'https://example.org/notice-0'),
                      ('Another notice', 'Other words.', 'https://example.org/notice-1')) AS n (title, words, place);
INSERT INTO bundle (uuid, name, version, infospace_id, user_id, created_at, updated_at, parent_bundle_id)
SELECT gen_random_uuid(), 'Archive', b.version, b.infospace_id, b.user_id, now(), now(), b.parent_bundle_id
  FROM bundle b WHERE b.infospace_id = (SELECT id FROM place) AND b.name = '2025';
UPDATE bundle SET parent_bundle_id = (SELECT b.id FROM bundle b, place p WHERE b.infospace_id = p.id AND b.name =
       'Output of the feed')
 WHERE infospace_id = (SELECT id FROM place) AND name = 'Named by metadata only';
