-- Schemas with output contracts of three forms.
SELECT r.n AS sp_n, r.id, r.uuid,
       (ARRAY['Positions', 'Events', 'Triplets'])[1 + (r.n - 1) % 3] || ' ' || r.n || ', seed '
         || m.seed AS name,
       'Test data; ' || t.v AS description,
       replace((ARRAY[
         E'{"type": "object",\n "properties": {"document": {"type": "object", "properties": {\n'
         '  "title": {"type": "string"},\n'
         '  "stance": {"type": "string", "enum": ["for", "against", "open"]@why},\n'
         '  "score": {"type": "number", "minimum": -1e400, "multipleOf": 0.10},\n'
         '  "count": {"type": "integer", "maximum": 9007199254740993}, "odd": {},\n'
         '  "tags": {"type": "array",\n'
         '    "items": {"type": ["string", "number", "null", "boolean"]}},\n'
         '  "positions": {"type": "array"@why, "items": {"type": "object",\n'
         '    "required": ["actor"], "properties": {"actor": {"type": "string"},\n'
         '    "quote": {"type": "string"}}}}}, "required": ["title"]}}}',
         E'{"type": "object",\n "properties": {"document": {"type": "object", "properties": {\n'
         '  "summary": {"type": "string"@why}, "odd": {},\n'
         '  "events": {"type": "array"@why, "items": {"type": "object", "properties": {\n'
         '    "date": {"type": "string", "format": "date"},\n'
         '    "place": {"type": "object", "properties": {"name": {"type": "string"},\n'
         '      "geo": {"type": "object", "properties": {"lat": {"type": "number"},\n'
         '        "lon": {"type": "number"}}}}},\n'
         '    "participants": {"type": "array", "items": {"type": "string"}}}}}}},\n'
         '  "per_image": {"type": "object", "properties": {"caption": {"type": "string"}}}}}',
         E'{"type": "object",\n "properties": {"document": {"type": "object", "properties": {\n'
         '  "odd": {}, "note": {"type": "string"@why},\n'
         '  "triplets": {"type": "array"@why, "items": {"type": "object", "properties": {\n'
         '    "subject": {"type": "string"}, "predicate": {"type": "string"},\n'
         '    "object": {"type": "string"}}}}}}}}'
         ])[1 + (r.n - 1) % 3], '@why',
         CASE WHEN m.inline
              THEN ', "include_justification": true, "justification_prompt": "Why?", '
                   '"justification_rigor_level": "high"' ELSE '' END) AS output_contract,
       E'Read the text.\nFill in what it says; ' || s.v AS instructions, '1.0' AS version,
       (ARRAY['{"stance": {"enabled": true, "custom_prompt": "Why?", "rigor_level": "high"}, '
              '"positions": {"enabled": true}}',
              '{"summary": {"enabled": true},  "events": {"enabled": true, "custom_prompt": ""}}',
              '{"note": {"enabled": true}, "triplets": {"enabled": true}}'])[1 + (r.n - 1) % 3]
         AS field_specific_justification_configs,
       true AS is_active, m.infospace_id, m.user_id, '["made"]' AS tags,
       m.began AS created_at, m.began + interval '3 minutes' AS updated_at
  FROM sp_make m
  JOIN sp_row r ON r.kind = 'schema'
  JOIN sp_text t ON t.k = r.n % (SELECT count(*) FROM sp_text)
  JOIN sp_sentence s ON s.k = r.n % (SELECT count(*) FROM sp_sentence)
