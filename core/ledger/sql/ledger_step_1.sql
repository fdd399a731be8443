CREATE SCHEMA IF NOT EXISTS spaceport;
COMMENT ON SCHEMA spaceport IS 'Operations of the program spaceport; see spaceport(1)';
CREATE TABLE spaceport.instance (
  here boolean PRIMARY KEY DEFAULT true CHECK (here),
  uuid uuid NOT NULL,
  schema_version integer NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE spaceport.instance IS 'Who this instance is, also as a clone or on another server';
CREATE TABLE spaceport.export_operations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uuid uuid UNIQUE NOT NULL,
  operation_type text NOT NULL,
  source_id bigint NOT NULL,
  package_path text,
  export_options jsonb,
  status text NOT NULL CHECK (status IN ('running', 'done', 'failed', 'interrupted')),
  created_by bigint,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  completed_at timestamptz,
  file_size_bytes bigint,
  error_message text,
  source_name text,
  infospace_id bigint,
  infospace text,
  host text,
  login text NOT NULL DEFAULT session_user,
  program_version text
);
CREATE INDEX ON spaceport.export_operations (created_at);
CREATE TABLE spaceport.import_operations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uuid uuid UNIQUE NOT NULL,
  package_path text NOT NULL,
  target_infospace_id bigint,
  import_options jsonb,
  import_result jsonb,
  status text NOT NULL CHECK (status IN ('running', 'done', 'failed', 'interrupted')),
  created_by bigint,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  completed_at timestamptz,
  rollback_info jsonb,
  error_message text,
  infospace text,
  host text,
  login text NOT NULL DEFAULT session_user,
  program_version text
);
CREATE INDEX ON spaceport.import_operations (created_at);
-- No foreign key: a million rows come at once, from one import whose row is there.
CREATE TABLE spaceport.cross_instance_mappings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  import_operation_id bigint,
  source_instance_id text,
  source_entity_type text,
  source_entity_id text,
  target_entity_id bigint,
  mapping_strategy text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- A row of its own, so that nothing else waits for what is written every second.
CREATE TABLE spaceport.operation_progress (
  uuid uuid PRIMARY KEY,
  phase text NOT NULL DEFAULT '',
  rows bigint NOT NULL DEFAULT 0,
  rows_total bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  bytes_total bigint NOT NULL DEFAULT 0,
  bytes_per_second bigint NOT NULL DEFAULT 0,
  seconds_left bigint,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
CREATE TABLE spaceport.audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  login text NOT NULL,
  acting_user text,
  host text,
  what text NOT NULL,
  operation uuid,
  outcome text NOT NULL,
  details json
);
CREATE INDEX ON spaceport.audit (operation);
-- Nobody says for others when it was, and who.
CREATE FUNCTION spaceport.audit_stamp() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  NEW.at := clock_timestamp();
  NEW.login := session_user;
  RETURN NEW;
END
$body$;
CREATE FUNCTION spaceport.audit_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  RAISE EXCEPTION 'rows of spaceport.audit are only ever added: no % is allowed', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END
$body$;
CREATE TRIGGER audit_stamp BEFORE INSERT ON spaceport.audit
  FOR EACH ROW EXECUTE FUNCTION spaceport.audit_stamp();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON spaceport.audit
  FOR EACH STATEMENT EXECUTE FUNCTION spaceport.audit_refuse();
-- also while rows are replicated
ALTER TABLE spaceport.audit ENABLE ALWAYS TRIGGER audit_stamp;
ALTER TABLE spaceport.audit ENABLE ALWAYS TRIGGER audit_refuse;
