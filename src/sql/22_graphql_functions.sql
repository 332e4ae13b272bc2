-- Functions as root fields and computed fields: which ones their owners added.
CREATE TABLE gqlsvl.function_field (
  function text NOT NULL,      -- signature with all its schemas: pg_upgrade refuses a regprocedure
  table_name regclass,         -- of a computed field; NULL: a root field
  name text,                   -- of the field; NULL (root fields only): automatic
  expose_as text CHECK (expose_as OPERATOR(pg_catalog.=) ANY (ARRAY['query', 'mutation'])), -- root fields only; NULL: by volatility
  table_argument text,         -- computed fields only; NULL: the first one
  session_argument text,
  CHECK (table_name IS NULL OR (name IS NOT NULL AND expose_as IS NULL))
);
CREATE UNIQUE INDEX function_field_tracked ON gqlsvl.function_field (function) WHERE table_name IS NULL;
CREATE UNIQUE INDEX function_field_computed ON gqlsvl.function_field (table_name, name) WHERE table_name IS NOT NULL;
SELECT pg_catalog.pg_extension_config_dump('gqlsvl.function_field', $$WHERE pg_catalog.to_regprocedure(function) IS NOT NULL
  AND (table_name IS NULL OR EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) table_name))$$);
COMMENT ON TABLE gqlsvl.function_field IS
$$Functions that are fields of the API, one a row; written by gqlsvl.track_function, untrack_function, add_computed_field and drop_computed_field.$$;
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gqlsvl.function_field FOR EACH STATEMENT EXECUTE FUNCTION gqlsvl.announce_override();

CREATE FUNCTION gqlsvl.session_variables() RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN pg_catalog.current_setting('hasura.user', true) OPERATOR(pg_catalog.<>) '' THEN pg_catalog.current_setting('hasura.user', true)
              WHEN pg_catalog.current_setting('request.jwt.claims', true) OPERATOR(pg_catalog.<>) '' THEN pg_catalog.current_setting('request.jwt.claims', true)
              ELSE '{}' END::pg_catalog.json
$$;
COMMENT ON FUNCTION gqlsvl.session_variables() IS
$$The session variables of the request: {"x-hasura-role": ...}, lower-case keys, values strings (the setting hasura.user); without them the claims of the token (request.jwt.claims); else {}.
What functions with a session argument are given. Errors: 22P02 when the setting is not JSON. Example: SELECT gqlsvl.session_variables() ->> 'x-hasura-user-id';$$;

CREATE FUNCTION gqlsvl.write_function_field(function regprocedure, table_name regclass, name text, expose_as text, table_argument text, session_argument text)
RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'gqlsvl_write_function_field';
COMMENT ON FUNCTION gqlsvl.write_function_field(regprocedure, regclass, text, text, text, text) IS
$$Used by the functions below: writes one row of gqlsvl.function_field, in place of the one of the same function (table_name NULL) or of the same field, for the owner of the table, or of the function.
Errors: 22004 neither function nor name; 42501 not the owner.$$;

CREATE FUNCTION gqlsvl.remove_function_field(function text, table_name regclass, name text)
RETURNS boolean LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'gqlsvl_remove_function_field';
COMMENT ON FUNCTION gqlsvl.remove_function_field(text, regclass, text) IS
$$Used by the functions below: removes the row of a root field's function, or of the field `name` of table_name; returns whether there was one.
Errors: 42501 not the owner of the table, or of the function. Where the function is gone, superusers only.$$;

CREATE FUNCTION gqlsvl.has_root_field(name text) RETURNS boolean LANGUAGE c STABLE PARALLEL UNSAFE STRICT AS 'MODULE_PATHNAME', 'gqlsvl_has_root_field';
COMMENT ON FUNCTION gqlsvl.has_root_field(text) IS
$$Used by gqlsvl.track_function: whether the caller's schema has a query, mutation or subscription field of this name. Example: SELECT gqlsvl.has_root_field('orders');$$;

-- Why a function cannot be a field, and what to do; NULL: it can.
CREATE FUNCTION gqlsvl.function_problem(function oid, table_name regclass, table_argument text, session_argument text, OUT problem text, OUT hint text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  f pg_proc;
  result pg_type;
  rows_of pg_class;
  of_row integer; -- position of the row among the arguments
BEGIN
  SELECT p.* INTO f FROM pg_proc AS p WHERE p.oid = function;
  SELECT t.* INTO result FROM pg_type AS t WHERE t.oid = f.prorettype;
  SELECT c.* INTO rows_of FROM pg_class AS c WHERE c.oid = result.typrelid AND c.relkind IN ('r', 'p', 'v', 'm', 'f');
  of_row := CASE WHEN table_argument IS NULL THEN 1 ELSE array_position(f.proargnames, table_argument) END;
  IF f.oid IS NULL THEN
    problem := 'does not exist any more'; hint := 'Create it again, or remove the field.';
  ELSIF f.prokind <> 'f' THEN
    problem := 'is an aggregate, a window function or a procedure'; hint := 'Wrap it in a function.';
  ELSIF f.provariadic <> 0 THEN
    problem := 'has a VARIADIC argument'; hint := 'Take an array instead.';
  ELSIF f.proargmodes IS NOT NULL THEN
    problem := 'has OUT arguments or RETURNS TABLE, so that its rows have no type of their own'; hint := 'Return the row type of a table or view, such as SETOF orders.';
  ELSIF EXISTS (SELECT FROM unnest(f.proargtypes) AS a (type) JOIN pg_type AS t ON t.oid = a.type WHERE t.typtype = 'p') THEN
    problem := 'has an argument of a pseudo-type'; hint := 'Give its arguments types of their own.';
  ELSIF session_argument IS NOT NULL AND f.proargtypes[array_position(f.proargnames, session_argument) - 1] IN ('json'::regtype, 'jsonb'::regtype) IS NOT TRUE THEN
    problem := format('has no argument "%s" of type json or jsonb', session_argument); hint := 'Name the argument that takes the session variables.';
  ELSIF table_name IS NULL AND rows_of.oid IS NULL THEN
    problem := format('returns %s, which is no row of a table', format_type(result.oid, NULL)); hint := 'Return the row type of a table or view, or SETOF it.';
  ELSIF table_name IS NOT NULL AND f.provolatile = 'v' THEN
    problem := 'is VOLATILE'; hint := 'Declare it STABLE or IMMUTABLE, if it is.';
  ELSIF table_name IS NOT NULL AND (SELECT t.typrelid FROM pg_type AS t WHERE t.oid = f.proargtypes[of_row - 1]) IS DISTINCT FROM table_name::oid THEN
    problem := format('has no argument %s of type %s', coalesce(quote_ident(table_argument), '1'), table_name); hint := 'A computed field takes the row of its table.';
  ELSIF table_name IS NOT NULL AND f.proretset AND rows_of.oid IS NULL THEN
    problem := format('returns SETOF %s, which is no row of a table', format_type(result.oid, NULL)); hint := 'Return a scalar, or SETOF the row type of a table.';
  ELSIF table_name IS NOT NULL AND NOT f.proretset AND (result.typrelid <> 0 OR result.typtype = 'p') THEN
    problem := format('returns %s, which is no scalar', format_type(result.oid, NULL)); hint := 'Return a scalar, or SETOF the row type of a table.';
  END IF;
END $$;
COMMENT ON FUNCTION gqlsvl.function_problem(oid, regclass, text, text) IS
$$Used by the functions below and by gqlsvl.check(): what is wrong with a function as a root field, or with table_name as a computed field of it. problem NULL: nothing.$$;

CREATE FUNCTION gqlsvl.require_fitting(function regprocedure, table_name regclass, table_argument text, session_argument text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found record := gqlsvl.function_problem(function, table_name, table_argument, session_argument);
BEGIN
  IF function IS NULL THEN
    RAISE 'a function must be named' USING ERRCODE = '22004', HINT = 'Such as ''search_orders(text)''.';
  ELSIF found.problem IS NOT NULL THEN
    RAISE 'function % cannot be a field: it %', function, found.problem USING ERRCODE = '22023', HINT = found.hint;
  END IF;
END $$;
COMMENT ON FUNCTION gqlsvl.require_fitting(regprocedure, regclass, text, text) IS
$$Used by the functions below: raises what gqlsvl.function_problem finds. Errors: 22004 no function; 22023 one that does not fit.$$;

CREATE FUNCTION gqlsvl.track_function(function regprocedure, expose_as text DEFAULT NULL, session_argument text DEFAULT NULL, name text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  field text := coalesce(name, (SELECT CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '_' END || p.proname
                                FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE p.oid = function));
BEGIN
  IF expose_as NOT IN ('query', 'mutation') THEN
    RAISE 'expose_as must be query or mutation' USING ERRCODE = '22023', DETAIL = format('It is %L.', expose_as),
      HINT = 'Leave it out: VOLATILE functions are mutations, others queries.';
  END IF;
  PERFORM gqlsvl.require_fitting(function, NULL, NULL, session_argument);
  PERFORM gqlsvl.checked_name(field);
  PERFORM gqlsvl.remove_function_field(function::oid::regprocedure::text, NULL, NULL);
  IF gqlsvl.has_root_field(field) OR gqlsvl.has_root_field(field || '_aggregate') THEN
    RAISE 'there is a root field "%" already', field USING ERRCODE = '42710', HINT = 'Give the function another one by name.';
  END IF;
  PERFORM gqlsvl.write_function_field(function, NULL, name, expose_as, NULL, session_argument);
END $$;
COMMENT ON FUNCTION gqlsvl.track_function(regprocedure, text, text, text) IS
$$Makes a function that returns the row type of a table or view, or SETOF it, a root field with the arguments of a list: search_orders(args: {...}, where: ..., order_by: ..., limit: ...).
STABLE and IMMUTABLE ones: queries and subscriptions, with <name>_aggregate where they return a set. VOLATILE ones: mutations. expose_as 'query' or 'mutation' decides otherwise (what a query calls cannot write).
session_argument: a json or jsonb argument that is given gqlsvl.session_variables() and is hidden from clients. name: of the field; NULL: the function's, behind its schema's if that is not public. Repeating it replaces what was said before.
It runs as the caller; seen by roles with EXECUTE on it and SELECT on the table. For the function's owner. After ALTER FUNCTION ... RENAME call it again: gqlsvl.check() names what is gone.
Errors: 22023 a function that does not fit (its hint says what to change), expose_as or name; 42710 another root field has the name; 42501 not the owner.
Source: pg_track_function of Hasura v2; name is an addition. Example: SELECT gqlsvl.track_function('search_orders(text)');$$;

-- Without a search_path of its own: the signature is read by the caller's.
CREATE FUNCTION gqlsvl.untrack_function(function text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT gqlsvl.remove_function_field(function, NULL, NULL) THEN
    RAISE 'function % is no root field', function USING ERRCODE = '42704', HINT = 'SELECT * FROM gqlsvl.function_field lists them.';
  END IF;
END $$;
COMMENT ON FUNCTION gqlsvl.untrack_function(text) IS
$$Takes the root field of gqlsvl.track_function away. function: its signature, also of one that is gone, then as gqlsvl.function_field has it.
For the function's owner; where it is gone, for superusers. Errors: 42704 no such root field; 42501 not the owner. Example: SELECT gqlsvl.untrack_function('public.search_orders(text)');$$;

CREATE FUNCTION gqlsvl.add_computed_field(table_name regclass, name text, function regprocedure, table_argument text DEFAULT NULL, session_argument text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM gqlsvl.require_fitting(function, table_name, table_argument, session_argument);
  IF table_name IS NULL OR name IS NULL THEN
    RAISE 'a computed field needs a table and a name' USING ERRCODE = '22004', HINT = 'Give both.';
  END IF;
  IF EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = table_name AND a.attname = name AND a.attnum > 0 AND NOT a.attisdropped) THEN
    RAISE 'table % has a column "%"', table_name, name USING ERRCODE = '42710', HINT = 'Use another name, or give the column one with gqlsvl.rename_field.';
  END IF;
  PERFORM gqlsvl.write_function_field(function, table_name, gqlsvl.checked_name(name) #>> '{}', NULL, table_argument, session_argument);
END $$;
COMMENT ON FUNCTION gqlsvl.add_computed_field(regclass, text, regprocedure, text, text) IS
$$Makes a function of a row a field of its table. A scalar: a nullable field, with args if it takes more than the row. SETOF a table: a nullable list with args and the arguments of a list.
Without further arguments it is in where and order_by too (a set as <name>_aggregate). Never in inputs, aggregates and event payloads. A STABLE function in SQL is inlined by Postgres: then indexes on what it computes serve.
table_argument: which argument takes the row; NULL: the first. session_argument: a json or jsonb argument that is given gqlsvl.session_variables() and is hidden. One of the same name is replaced.
It runs as the caller; seen by roles with EXECUTE on it and SELECT on all columns of the table. For the table's owner.
Errors: 22023 a function that does not fit (VOLATILE, no such argument, result; its hint says what to change) or name; 42710 a column has the name; 42501 not the owner.
Source: pg_add_computed_field of Hasura v2. Example: SELECT gqlsvl.add_computed_field('authors', 'full_name', 'author_full_name(authors)');$$;

CREATE FUNCTION gqlsvl.drop_computed_field(table_name regclass, name text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT gqlsvl.remove_function_field(NULL, table_name, name) THEN
    RAISE 'table % has no computed field "%"', table_name, name USING ERRCODE = '42704', HINT = 'SELECT * FROM gqlsvl.function_field lists them.';
  END IF;
END $$;
COMMENT ON FUNCTION gqlsvl.drop_computed_field(regclass, text) IS
$$Takes a field of gqlsvl.add_computed_field away; the function stays. For the table's owner.
Errors: 42704 no such field; 42501 not the owner. Example: SELECT gqlsvl.drop_computed_field('authors', 'full_name');$$;

CREATE FUNCTION gqlsvl.function_checks(OUT name text, OUT message text, OUT hint text) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'function', format('function %s is left out of the API%s: it %s', f.function, CASE WHEN f.table_name IS NOT NULL THEN format(' as field "%s" of %s', f.name, f.table_name) END, p.problem), p.hint
  FROM gqlsvl.function_field AS f CROSS JOIN LATERAL gqlsvl.function_problem(to_regprocedure(f.function), f.table_name, f.table_argument, f.session_argument) AS p
  WHERE p.problem IS NOT NULL AND (f.table_name IS NULL OR EXISTS (SELECT FROM pg_class AS c WHERE c.oid = f.table_name))
  ORDER BY 2
$$;
REVOKE ALL ON FUNCTION gqlsvl.function_checks() FROM PUBLIC;
COMMENT ON FUNCTION gqlsvl.function_checks() IS $$The part of gqlsvl.check() that is about functions as fields: gone, or changed so that they do not fit any more.$$;
