-- gqlsvl: the schema's own rights. Pieces of this script are joined in the order of their names.
\echo Use "CREATE EXTENSION gqlsvl" to load this file. \quit

REVOKE ALL ON SCHEMA gqlsvl FROM PUBLIC;
GRANT USAGE ON SCHEMA gqlsvl TO PUBLIC;

CREATE FUNCTION gqlsvl.version() RETURNS text LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'gqlsvl_version';
COMMENT ON FUNCTION gqlsvl.version() IS
$$The version of the loaded library, such as 0.1.0. Differs from the extension's version between an upgrade of the files and ALTER EXTENSION gqlsvl UPDATE.$$;
