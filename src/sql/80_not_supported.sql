-- Functions of the design that this version does not have: they say so, by name, so that nobody wonders whether he misspelt one.
CREATE FUNCTION gqlsvl.set_table_option(table_name regclass, role regrole DEFAULT NULL, max_rows integer DEFAULT NULL, allow_aggregations boolean DEFAULT NULL,
  query_root_fields text[] DEFAULT NULL, subscription_root_fields text[] DEFAULT NULL, backend_only boolean DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_not_supported';
COMMENT ON FUNCTION gqlsvl.set_table_option(regclass, regrole, integer, boolean, text[], text[], boolean) IS
$$Will limit what a role may ask of a table beyond its rights. Not supported yet: always raises 0A000.$$;
