-- What tables offer the API: enums made of rows, and limits below their rights.
CREATE FUNCTION gqlsvl.is_enum_value(value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  value OPERATOR(pg_catalog.~) '^[_A-Za-z][_0-9A-Za-z]*$' AND value OPERATOR(pg_catalog.!~) '^(__|(true|false|null)$)';
COMMENT ON FUNCTION gqlsvl.is_enum_value(text) IS $$Used by gqlsvl.set_enum_table and check(): whether GraphQL can write the text as a value of an enum.$$;

CREATE FUNCTION gqlsvl.set_enum_table(table_name regclass, is_enum boolean DEFAULT true) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  rules CONSTANT text := 'An enum table has a primary key of one column of type text or varchar, and at most one other column, a text that describes the value.';
  key_column name;
  bad text;
  bad_count bigint;
BEGIN
  IF is_enum IS NULL THEN
    RAISE 'is_enum must not be null' USING ERRCODE = '22004', HINT = 'true or false.';
  END IF;
  -- First of all: refuses whoever is not the owner.
  PERFORM gqlsvl.write_override(table_name, 'enum', '', CASE WHEN is_enum THEN to_jsonb(true) END, NULL);
  IF EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = table_name AND t.tgname = '!gqlsvl_enum') THEN
    EXECUTE format('DROP TRIGGER "!gqlsvl_enum" ON %s', table_name);
  END IF;
  IF NOT is_enum THEN
    RETURN;
  END IF;
  IF (SELECT c.relkind FROM pg_class AS c WHERE c.oid = table_name) <> 'r' THEN
    RAISE 'relation % cannot be an enum table', table_name USING ERRCODE = '42809', DETAIL = 'It is not a plain table.', HINT = rules;
  END IF;
  SELECT a.attname INTO key_column FROM pg_constraint AS k JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
  WHERE k.conrelid = table_name AND k.contype = 'p' AND cardinality(k.conkey) = 1 AND a.atttypid IN ('text'::regtype, 'varchar'::regtype);
  IF NOT FOUND THEN
    RAISE 'table % cannot be an enum table', table_name USING ERRCODE = '42809', DETAIL = 'Its primary key is not one column of type text or varchar.', HINT = rules;
  END IF;
  SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum) INTO bad FROM pg_attribute AS a
  WHERE a.attrelid = table_name AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> key_column
  HAVING count(*) > 1 OR bool_or(a.atttypid NOT IN ('text'::regtype, 'varchar'::regtype));
  IF FOUND AND bad IS NOT NULL THEN
    RAISE 'table % cannot be an enum table', table_name USING ERRCODE = '42809', DETAIL = format('Beside its primary key it has: %s.', bad), HINT = rules;
  END IF;
  EXECUTE format('SELECT count(*), string_agg(quote_literal(v), '', '' ORDER BY n) FILTER (WHERE n <= 5)
    FROM (SELECT t.%1$I AS v, row_number() OVER (ORDER BY t.%1$I) AS n FROM %2$s AS t WHERE NOT gqlsvl.is_enum_value(t.%1$I)) AS x', key_column, table_name) INTO bad_count, bad;
  IF bad_count > 0 THEN
    RAISE 'table % has % that GraphQL cannot write', table_name, CASE bad_count WHEN 1 THEN 'a value' ELSE bad_count || ' values' END USING ERRCODE = '22023',
      DETAIL = format('Such as %s.', bad), HINT = 'A value has letters, digits and _, no digit first and no two _ first; true, false and null are none.';
  END IF;
  EXECUTE format('SELECT count(*) FROM (SELECT FROM %s LIMIT 1) AS x', table_name) INTO bad_count;
  IF bad_count = 0 THEN
    RAISE 'table % has no rows', table_name USING ERRCODE = '55000', DETAIL = 'An enum of GraphQL has at least one value.', HINT = 'Insert the values first.';
  END IF;
  EXECUTE format('CREATE TRIGGER "!gqlsvl_enum" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION gqlsvl.announce_override()', table_name);
  EXECUTE format('ALTER TRIGGER "!gqlsvl_enum" ON %s DEPENDS ON EXTENSION gqlsvl', table_name); -- else DROP EXTENSION would fail
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER "!gqlsvl_enum"', table_name); -- for rows that logical replication writes, too
END $$;
COMMENT ON FUNCTION gqlsvl.set_enum_table(regclass, boolean) IS
$$Makes the rows of a table the values of a GraphQL enum, <table>_enum: columns with a foreign key to it (of that column alone) have it as their type, in fields, inputs and filters (_eq _neq _in _nin _is_null).
The table has a primary key of one column, text or varchar, and at most one other column, a text: the description of the value. false: its columns are strings again.
A change of the rows is seen by all sessions at its commit (by a trigger on the table). Values inserted later that GraphQL cannot write are left out of the enum; while there is no other, its columns are strings; gqlsvl.check() lists both.
For the table's owner. Everyone who sees such a column sees the values, whether he may read the table or not. Kept by pg_dump.
Errors: 22004 is_enum is null; 22023 a value that GraphQL cannot write; 42501 not the owner; 42809 not such a table; 55000 no rows.
Source: set_table_is_enum of Hasura v2. Example: SELECT gqlsvl.set_enum_table('order_status');$$;

-- Limits on what a role may ask of a table, below its rights.
CREATE TABLE gqlsvl.table_option (
  table_name regclass NOT NULL,
  role regrole, -- NULL: all roles
  max_rows integer,
  allow_aggregations boolean,
  query_root_fields text[],
  subscription_root_fields text[],
  backend_only boolean,
  UNIQUE NULLS NOT DISTINCT (table_name, role)
);
SELECT pg_catalog.pg_extension_config_dump('gqlsvl.table_option', $$WHERE EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) table_name)
  AND (role IS NULL OR EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid OPERATOR(pg_catalog.=) role))$$);
COMMENT ON TABLE gqlsvl.table_option IS $$Limits of gqlsvl.set_table_option, one row for each table and role (NULL: all roles); a NULL limits nothing.$$;
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gqlsvl.table_option FOR EACH STATEMENT EXECUTE FUNCTION gqlsvl.announce_override();

CREATE FUNCTION gqlsvl.write_table_option(table_name regclass, role regrole, max_rows integer, allow_aggregations boolean, query_root_fields text[],
  subscription_root_fields text[], backend_only boolean) RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'gqlsvl_write_table_option';
COMMENT ON FUNCTION gqlsvl.write_table_option(regclass, regrole, integer, boolean, text[], text[], boolean) IS
$$Used by gqlsvl.set_table_option: writes one row of gqlsvl.table_option for the owner of table_name, or removes it when no limit is given.
Errors: 22004 no table; 42501 not the owner of the table; 42P01 no such table.$$;

CREATE FUNCTION gqlsvl.set_table_option(table_name regclass, role regrole DEFAULT NULL, max_rows integer DEFAULT NULL, allow_aggregations boolean DEFAULT NULL,
  query_root_fields text[] DEFAULT NULL, subscription_root_fields text[] DEFAULT NULL, backend_only boolean DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_queries CONSTANT text[] := '{select,select_by_pk,select_aggregate,select_group_by}';
  of_subscriptions CONSTANT text[] := of_queries || '{select_stream}';
  bad text;
BEGIN
  IF max_rows < 0 THEN
    RAISE 'max_rows must not be negative' USING ERRCODE = '22023', DETAIL = format('It is %s.', max_rows), HINT = 'Give a number of rows, or NULL for no limit.';
  END IF;
  IF role IS NOT NULL AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = role) THEN
    RAISE 'role % does not exist', role USING ERRCODE = '42704', HINT = 'Name a role, or NULL for all.';
  END IF;
  SELECT coalesce(f, 'NULL') INTO bad FROM unnest(query_root_fields) AS f WHERE f IS NULL OR f <> ALL (of_queries);
  IF FOUND THEN
    RAISE 'unknown root field "%" in query_root_fields', bad USING ERRCODE = '22023', DETAIL = format('Known are %s.', array_to_string(of_queries, ', ')), HINT = 'An empty list hides them all.';
  END IF;
  SELECT coalesce(f, 'NULL') INTO bad FROM unnest(subscription_root_fields) AS f WHERE f IS NULL OR f <> ALL (of_subscriptions);
  IF FOUND THEN
    RAISE 'unknown root field "%" in subscription_root_fields', bad USING ERRCODE = '22023', DETAIL = format('Known are %s.', array_to_string(of_subscriptions, ', ')), HINT = 'An empty list hides them all.';
  END IF;
  PERFORM gqlsvl.write_table_option(table_name, role, max_rows, allow_aggregations, query_root_fields, subscription_root_fields, backend_only);
END $$;
COMMENT ON FUNCTION gqlsvl.set_table_option(regclass, regrole, integer, boolean, text[], text[], boolean) IS
$$Limits what requests may ask of a table, below the rights of their role. role NULL: for all roles; what a role's own row says goes before that. Membership counts for rights, not here: the role is the one that the request runs as.
max_rows: of each list (a larger limit is lowered to it), nested lists and nodes of aggregates too; not _by_pk, object relationships or returning.
allow_aggregations false: no _aggregate and _group_by fields, and no filters and orders by aggregates of related rows of the table.
query_root_fields, subscription_root_fields: which of select, select_by_pk, select_aggregate, select_group_by (and select_stream) there are; an empty list: none. The table's types stay, so relationships lead to it all the same.
backend_only true: no inserts, updates and deletes (nested ones neither) but for requests with the admin secret and the header x-hasura-use-backend-only-permissions: true; in SQL while gqlsvl.use_backend_only_permissions is on.
NULL: no limit. Each call replaces what was set for the table and role; without any option it takes all back. For the table's owner; seen at the next call.
Kept by pg_dump; a restore needs the roles. Errors: 22004 no table; 22023 negative max_rows, unknown root field; 42501 not the owner; 42704 no such role.
Source: limit, allow_aggregations, query_root_fields, subscription_root_fields, backend_only of Hasura v2's permissions.
Example: SELECT gqlsvl.set_table_option('orders', 'web', max_rows => 100, allow_aggregations => false);$$;

-- The part of gqlsvl.check() that is about what tables offer.
CREATE FUNCTION gqlsvl.table_checks(OUT name text, OUT message text, OUT hint text) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  enum_table record;
  bad text;
  good bigint;
BEGIN
  FOR enum_table IN
    SELECT o.table_name, a.attname AS key_column, t.tgenabled
    FROM gqlsvl.override AS o JOIN pg_class AS c ON c.oid = o.table_name
         LEFT JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p' AND cardinality(k.conkey) = 1
         LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] AND a.atttypid IN ('text'::regtype, 'varchar'::regtype)
         LEFT JOIN pg_trigger AS t ON t.tgrelid = c.oid AND t.tgname = '!gqlsvl_enum'
    WHERE o.kind = 'enum' ORDER BY c.oid::regclass::text
  LOOP
    name := 'enum_table';
    IF enum_table.key_column IS NULL THEN
      message := format('enum table %s has no primary key of one column of type text or varchar any more', enum_table.table_name);
      hint := 'Columns that refer to it are strings. Give it such a key, or call gqlsvl.set_enum_table(table_name, false).';
      RETURN NEXT;
      CONTINUE;
    END IF;
    IF enum_table.tgenabled IS NULL OR enum_table.tgenabled NOT IN ('A', 'O') THEN
      message := format('enum table %s has no enabled trigger "!gqlsvl_enum": new rows are not seen', enum_table.table_name);
      hint := format('SELECT gqlsvl.set_enum_table(%L);', enum_table.table_name);
      RETURN NEXT;
    END IF;
    EXECUTE format('SELECT string_agg(quote_literal(t.%1$I), '', '' ORDER BY t.%1$I) FILTER (WHERE NOT gqlsvl.is_enum_value(t.%1$I)),
      count(*) FILTER (WHERE gqlsvl.is_enum_value(t.%1$I)) FROM (SELECT x.%1$I FROM %2$s AS x ORDER BY gqlsvl.is_enum_value(x.%1$I), 1 LIMIT 6) AS t',
      enum_table.key_column, enum_table.table_name) INTO bad, good;
    IF bad IS NOT NULL THEN
      message := format('enum table %s has values that GraphQL cannot write: %s', enum_table.table_name, bad);
      hint := 'They are left out of the enum. A value has letters, digits and _, no digit first and no two _ first; true, false and null are none.';
      RETURN NEXT;
    ELSIF good = 0 THEN
      message := format('enum table %s has no rows', enum_table.table_name);
      hint := 'Columns that refer to it are strings until it has some.';
      RETURN NEXT;
    END IF;
  END LOOP;
  name := 'table_option';
  hint := 'DELETE FROM gqlsvl.table_option removes it, as a superuser. A role made anew needs gqlsvl.set_table_option again.';
  FOR message IN SELECT format('gqlsvl.table_option limits table %s for role %s, which is gone', o.table_name, o.role) FROM gqlsvl.table_option AS o
    WHERE EXISTS (SELECT FROM pg_class AS c WHERE c.oid = o.table_name) AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = o.role) AND o.role IS NOT NULL ORDER BY 1 LOOP
    RETURN NEXT;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION gqlsvl.table_checks() FROM PUBLIC;
COMMENT ON FUNCTION gqlsvl.table_checks() IS $$The part of gqlsvl.check() that is about tables of the API: enum_table (not fit any more, without its trigger, values left out, no rows), table_option (of a role that is gone).$$;
