-- What rows were like when an import wrote them, there and here: core/plan/marks.h.
ALTER TABLE spaceport.cross_instance_mappings ADD COLUMN source_marks bigint[], ADD COLUMN target_marks bigint[];
CREATE TABLE spaceport.import_columns (
  import_operation_id bigint NOT NULL,
  entity_type text NOT NULL,
  columns text[] NOT NULL,
  PRIMARY KEY (import_operation_id, entity_type)
);
-- Objects of the store that an import puts before it is done.
CREATE TABLE spaceport.import_files (
  import_operation_id bigint NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (import_operation_id, name)
);
