-- What goes on at dev, in the run 101 of its sample: at first (`archive` is 1) what the other instance gets
-- into its archive, then what it hasn't seen before.
CREATE FUNCTION pg_temp.code(text_named text, number int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO annotation
  SELECT (json_populate_record(a, json_build_object(
            'id', nextval('annotation_id_seq'), 'uuid', '00000000-0000-4000-8000-00000000000' || number,
            'asset_id', t.id, 'value', json_build_object('coded', 'on the laptop', 'number', number)))).*
    FROM annotation a, asset t
   WHERE a.run_id = 101 AND a.schema_id = 201 AND a.asset_id = 1001
     AND t.infospace_id = 21 AND t.title = text_named
$$;

\if :archive
SELECT pg_temp.code('Chart.png', 1);                -- the other instance has it elsewhere: taken
\else
SELECT pg_temp.code('Anteile.csv', 2),              -- new
       pg_temp.code('Energiewende', 3),             -- here by somebody else's import: unknown
       pg_temp.code('Failed', 4),                   -- … twice: ambiguous
       pg_temp.code('An empty file', 5),            -- of a text that was deleted there: stays out
       pg_temp.code('Notice 0', 6),                 -- of a text that was collected there, too: kept as there
       pg_temp.code('Notice 1', 7),                 -- … with other words in it: beside
       pg_temp.code('Notice 2', 8);                 -- an index there has no room for it: stays out
UPDATE asset SET source_identifier = 'https://example.org/' || replace(lower(title), ' ', '-')
 WHERE infospace_id = 21 AND title IN ('Notice 0', 'Notice 1');
UPDATE annotation SET value = '{"coded": "on the laptop"}'
 WHERE run_id = 101 AND schema_id = 201 AND asset_id IN (SELECT id FROM asset WHERE infospace_id = 21
       AND title IN ('Copy of the report.pdf', 'Composed'));  -- in conflict; changed here only
UPDATE annotation SET value = '{"coded": "on the laptop"}'
 WHERE run_id = 101 AND schema_id = 201 AND uuid NOT LIKE '00000000-0000-4000-8000-%' AND asset_id IN (
       SELECT id FROM asset WHERE infospace_id = 21 AND title = 'Anteile.csv');  -- deleted there: in conflict
UPDATE bundle SET name = 'Archive' WHERE infospace_id = 21 AND name = '2025';  -- a name that is gone there: occupied
UPDATE bundle SET parent_bundle_id = (SELECT id FROM bundle WHERE infospace_id = 21 AND name = 'Named by metadata only')
 WHERE infospace_id = 21 AND name = 'Output of the feed';  -- there the other into the one: a circle
\endif
