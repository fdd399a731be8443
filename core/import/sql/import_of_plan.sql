-- The import that has done the plan with this seed.
SELECT o.uuid
  FROM spaceport.import_operations o
 WHERE o.status = 'done' AND o.import_options->>'seed' = $1
