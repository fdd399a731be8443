-- What stands in the schema spaceport about itself.
SELECT schema_version, uuid FROM spaceport.instance
