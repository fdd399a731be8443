GRANT USAGE ON SCHEMA spaceport TO %s;
GRANT SELECT ON ALL TABLES IN SCHEMA spaceport TO %s;
GRANT INSERT ON spaceport.export_operations, spaceport.import_operations, spaceport.cross_instance_mappings,
  spaceport.import_columns, spaceport.import_files,
  spaceport.operation_progress, spaceport.audit TO %s;
GRANT UPDATE ON spaceport.operation_progress TO %s;
GRANT UPDATE (status, completed_at, file_size_bytes, error_message) ON spaceport.export_operations TO %s;
GRANT UPDATE (status, completed_at, target_infospace_id, import_result, rollback_info, error_message) ON spaceport.import_operations TO %s;
GRANT DELETE ON spaceport.import_files TO %s;
