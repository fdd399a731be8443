-- A row that says "failed" may be what was written with an answer that was lost.
SELECT EXISTS (SELECT FROM spaceport.import_operations WHERE uuid = $1::uuid AND status = 'done')
