-- GraphQL from SQL.
CREATE FUNCTION gqlsvl.resolve(query text, variables json DEFAULT '{}', operation_name text DEFAULT NULL) RETURNS json
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'gqlsvl_resolve';
COMMENT ON FUNCTION gqlsvl.resolve(text, json, text) IS
$$Runs one GraphQL operation as the caller: his grants, his row level security, his transaction. Returns the response, {"data": ...} or {"errors": [...]}; keys in the order of the document.
query: the document. variables: a JSON object. operation_name: needed when the document holds several operations.
A failed mutation leaves nothing behind. Errors: none for a fault in the request or in its SQL; passed on are cancel and shutdown (57xxx), 40001, 40P01, 53xxx and XXxxx. A deferred constraint may still fail the caller's COMMIT.
Example: SELECT gqlsvl.resolve('query($id: Int!) { artists_by_pk(id: $id) { name } }', '{"id": 1}');$$;

-- A body that is parsed here, once: NULLIF means the `=` of whoever parses it.
CREATE FUNCTION gqlsvl.claim(name text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN COALESCE(
    pg_catalog.json_extract_path_text(NULLIF(pg_catalog.current_setting('request.jwt.claims', true), '')::pg_catalog.json, name),
    pg_catalog.json_extract_path_text(NULLIF(pg_catalog.current_setting('hasura.user', true), '')::pg_catalog.json, pg_catalog.lower(name)));
COMMENT ON FUNCTION gqlsvl.claim(text) IS
$$A session variable of the request, for policies: the claim of that name in request.jwt.claims, else in hasura.user (lower-case names, such as x-hasura-user-id). NULL when there is none.
Errors: 22P02 when one of the two settings is not JSON. Example: CREATE POLICY own ON orders USING (user_id = gqlsvl.claim('x-hasura-user-id')::uuid);$$;

CREATE FUNCTION gqlsvl.explain(query text, variables json DEFAULT '{}', operation_name text DEFAULT NULL, "analyze" boolean DEFAULT false) RETURNS json
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'gqlsvl_explain';
COMMENT ON FUNCTION gqlsvl.explain(text, json, text, boolean) IS
$$The SQL that gqlsvl.resolve would run for the caller, with Postgres's plan: {"statements": [{"path", "sql", "parameters": [{"type", "value"}], "shapes": [{"path", "shape", "reason"}], "plan", "warnings": [...]}]}, or {"errors": [...]}.
shapes: how the rows of each relationship are reached (left join, grouped join, sub-select), and why so. plan: as EXPLAIN (FORMAT JSON) shows it for these values; "error" in its place when Postgres refuses the statement.
warnings: conditions that cannot use an index because the table has policies and the operator is not leakproof, with table, policies, operator, index and what to do.
"from" in place of "value": the parameter comes from what the statement before returned; such a statement has no plan. analyze: a query runs, read-only, and its plan has times and row counts; a mutation is refused (code not-supported).
Example: SELECT gqlsvl.explain('{ artist(limit: 3) { name } }', "analyze" => true);$$;

CREATE FUNCTION gqlsvl.schema_sdl() RETURNS text LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'gqlsvl_schema_sdl';
COMMENT ON FUNCTION gqlsvl.schema_sdl() IS
$$The GraphQL schema of the caller in the schema definition language: what his rights show him of the schemas in gqlsvl.schemas, as introspection does. Types by name; descriptions are the comments of tables and columns.
For code generators and for version control (a diff shows what a migration changed for a role). Errors: none of its own.
Example: SET ROLE web; SELECT gqlsvl.schema_sdl();$$;
