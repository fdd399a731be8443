SELECT o.uuid
  FROM spaceport.import_operations o
 WHERE o.target_infospace_id = $1::bigint AND o.status = 'running'
 ORDER BY o.id
