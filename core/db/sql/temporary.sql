-- Where an export notes what travels. Rows live as long as the transaction;
-- t is the position of a table in the catalog as it was read.
CREATE TEMPORARY TABLE sp_row (t int, id bigint, PRIMARY KEY (t, id)) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_out (t int, id bigint, PRIMARY KEY (t, id)) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_front (t int, id bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_candidate (t int, id bigint, needed boolean) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_named (t int, id bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_json_ref (owner bigint, t int, id bigint, uuid text, needed boolean, may_follow boolean) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_annotation (n bigint, id bigint, asset_id bigint, schema_id bigint, bytes bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_asset (n bigint, id bigint, PRIMARY KEY (id)) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_pick (t int, n bigint, id bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_target (id bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_blob (path text, size bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_blob_hash (path text, sha256 text) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_file (n bigint, path text, size bigint, sha256 text, asset bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE sp_allowed (id bigint PRIMARY KEY, may_export boolean) ON COMMIT DELETE ROWS;
CREATE INDEX ON sp_file USING hash (path);
