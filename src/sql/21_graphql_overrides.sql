-- What the owners of tables want otherwise than the automatic API has it: names, relationships.
-- Columns are held by name, tables by OID shown as their name: both mean the same after a restore.
CREATE TABLE gqlsvl.override (
  table_name regclass NOT NULL,
  kind text NOT NULL CHECK (kind OPERATOR(pg_catalog.=) ANY (ARRAY['table', 'field', 'root_field', 'relationship', 'enum'])),
  key text NOT NULL,             -- field: the column; root_field: select, insert ...; relationship: its name; table, enum: ''
  value jsonb NOT NULL,          -- the name as a string; relationship: {"type", "columns", "remote_columns"}; enum: true
  remote_table regclass,         -- relationship: the other end
  PRIMARY KEY (table_name, kind, key)
);
SELECT pg_catalog.pg_extension_config_dump('gqlsvl.override', $$WHERE EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) table_name)
  AND (remote_table IS NULL OR EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) remote_table))$$);
COMMENT ON TABLE gqlsvl.override IS
$$Overrides of the automatic GraphQL API, one a row; written by gqlsvl.rename_table, rename_field, set_root_fields, add_relationship, drop_relationship and set_enum_table.$$;

CREATE FUNCTION gqlsvl.announce_override() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'gqlsvl_announce_override';
-- For everyone: owners of enum tables have it on them (gqlsvl.set_enum_table), and it does nothing that a COMMENT on their table would not.
COMMENT ON FUNCTION gqlsvl.announce_override() IS
$$Of triggers on gqlsvl.override and on enum tables: tells all sessions at commit that what they know of the table is old. Errors: 39P01 called as a function.$$;
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gqlsvl.override FOR EACH STATEMENT EXECUTE FUNCTION gqlsvl.announce_override();

CREATE FUNCTION gqlsvl.write_override(table_name regclass, kind text, key text, value jsonb, remote_table regclass) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'gqlsvl_write_override';
COMMENT ON FUNCTION gqlsvl.write_override(regclass, text, text, jsonb, regclass) IS
$$Used by the functions below: writes one row of gqlsvl.override for the owner of table_name, or removes it when value is null. Returns whether there was such a row.
Errors: 42501 not the owner of the table; 42P01 no such table.$$;

-- The name, if GraphQL can write it.
CREATE FUNCTION gqlsvl.checked_name(name text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF name !~ '^[_A-Za-z][_0-9A-Za-z]*$' OR name LIKE '\_\_%' THEN
    RAISE 'invalid GraphQL name "%"', name USING ERRCODE = '22023', DETAIL = 'A name has letters, digits and _, no digit first and no two _ first.',
      HINT = 'Use another name.';
  END IF;
  RETURN to_jsonb(name);
END $$;
COMMENT ON FUNCTION gqlsvl.checked_name(text) IS $$Used by the functions below: the name as jsonb; NULL stays NULL. Errors: 22023 GraphQL cannot write it.$$;

CREATE FUNCTION gqlsvl.rename_table(table_name regclass, name text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM gqlsvl.write_override(table_name, 'table', '', gqlsvl.checked_name(name), NULL);
END $$;
COMMENT ON FUNCTION gqlsvl.rename_table(regclass, text) IS
$$Gives the table another name in the API: root fields, types and automatic relationships are made from it. NULL: the automatic name again.
For the table's owner; seen at the next call. Of two tables that want one name, one is left out. Errors: 22023 no GraphQL name; 42501 not the owner.
Source: custom_name of Hasura v2. Example: SELECT gqlsvl.rename_table('shop.orders', 'orders');$$;

CREATE FUNCTION gqlsvl.rename_field(table_name regclass, column_name text, name text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = table_name AND a.attname = column_name AND a.attnum > 0 AND NOT a.attisdropped) THEN
    RAISE 'column "%" of table % does not exist', column_name, table_name USING ERRCODE = '42703', HINT = 'Give the name of the column in the database.';
  END IF;
  PERFORM gqlsvl.write_override(table_name, 'field', column_name, gqlsvl.checked_name(name), NULL);
END $$;
COMMENT ON FUNCTION gqlsvl.rename_field(regclass, text, text) IS
$$Gives the column another name in the API: fields, filters, inputs, enums. NULL: the column's own name again. For the table's owner; seen at the next call.
Errors: 42703 no such column; 22023 no GraphQL name; 42501 not the owner. Source: custom column names of Hasura v2.
Example: SELECT gqlsvl.rename_field('orders', 'created_at', 'createdAt');$$;

CREATE FUNCTION gqlsvl.set_root_fields(table_name regclass, root_fields jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  kinds CONSTANT text[] := '{select,select_by_pk,select_aggregate,select_group_by,select_stream,insert,insert_one,update,update_by_pk,update_many,delete,delete_by_pk}';
  kind text;
BEGIN
  IF jsonb_typeof(root_fields) IS DISTINCT FROM 'object' THEN
    RAISE 'root_fields must be a JSON object' USING ERRCODE = '22023', HINT = 'Such as {"select": "allOrders"}; {} for the automatic names.';
  END IF;
  FOR kind IN SELECT k FROM jsonb_object_keys(root_fields) AS k WHERE k <> ALL (kinds) LOOP
    RAISE 'unknown root field "%"', kind USING ERRCODE = '22023', DETAIL = format('Known are %s.', array_to_string(kinds, ', ')), HINT = 'Use one of these keys.';
  END LOOP;
  FOREACH kind IN ARRAY kinds LOOP
    PERFORM gqlsvl.write_override(table_name, 'root_field', kind, gqlsvl.checked_name(root_fields ->> kind), NULL);
  END LOOP;
END $$;
COMMENT ON FUNCTION gqlsvl.set_root_fields(regclass, jsonb) IS
$$Names root fields of the table one by one: {"select": "allOrders", "insert_one": "createOrder"}; keys left out have their automatic names. Each call replaces the one before.
Keys: select, select_by_pk, select_aggregate, select_group_by, select_stream, insert, insert_one, update, update_by_pk, update_many, delete, delete_by_pk.
For the table's owner; seen at the next call. A name that another root field has is not given. Errors: 22023 no object, unknown key or no GraphQL name; 42501 not the owner.
Source: custom_root_fields of Hasura v2. Example: SELECT gqlsvl.set_root_fields('orders', '{"insert_one": "createOrder"}');$$;

CREATE FUNCTION gqlsvl.add_relationship(table_name regclass, name text, type text, remote_table regclass, column_mapping jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  columns jsonb := (SELECT jsonb_agg(m.key) FROM jsonb_each_text(column_mapping) AS m);
  remote_columns jsonb := (SELECT jsonb_agg(m.value) FROM jsonb_each_text(column_mapping) AS m);
  bad record;
BEGIN
  IF type IS NULL OR type NOT IN ('object', 'array') THEN
    RAISE 'type of a relationship must be object or array' USING ERRCODE = '22023', DETAIL = format('It is %L.', type), HINT = 'object: at most one row; array: any number.';
  END IF;
  IF columns IS NULL THEN
    RAISE 'a relationship needs columns' USING ERRCODE = '22023', HINT = 'Give column_mapping as {"column": "remote_column"}.';
  END IF;
  SELECT x.relation, x.name INTO bad
  FROM (SELECT table_name AS relation, c AS name FROM jsonb_array_elements_text(columns) AS c UNION ALL
        SELECT remote_table, c FROM jsonb_array_elements_text(remote_columns) AS c) AS x
  WHERE NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = x.relation AND a.attname = x.name AND a.attnum > 0 AND NOT a.attisdropped) LIMIT 1;
  IF FOUND THEN
    RAISE 'column "%" of table % does not exist', bad.name, bad.relation USING ERRCODE = '42703', HINT = 'column_mapping maps columns of table_name to columns of remote_table.';
  END IF;
  -- The operators exist, or this says which does not.
  EXECUTE format('SELECT %s FROM (SELECT) AS x LIMIT 0', (SELECT string_agg(format('NULL::%s OPERATOR(pg_catalog.=) NULL::%s', format_type(a.atttypid, NULL), format_type(b.atttypid, NULL)), ' AND ')
    FROM jsonb_each_text(column_mapping) AS m, pg_attribute AS a, pg_attribute AS b
    WHERE a.attrelid = table_name AND a.attname = m.key AND b.attrelid = remote_table AND b.attname = m.value));
  IF EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = table_name AND a.attname = name AND a.attnum > 0 AND NOT a.attisdropped) THEN
    RAISE 'table % has a column "%"', table_name, name USING ERRCODE = '42710', HINT = 'Use another name, or give the column one with gqlsvl.rename_field.';
  END IF;
  PERFORM gqlsvl.write_override(table_name, 'relationship', gqlsvl.checked_name(name) #>> '{}',
                                jsonb_build_object('type', type, 'columns', columns, 'remote_columns', remote_columns), remote_table);
END $$;
COMMENT ON FUNCTION gqlsvl.add_relationship(regclass, text, text, regclass, jsonb) IS
$$Makes a field of table_name that leads to the rows of remote_table whose columns equal its own; column_mapping is {"column": "remote_column"}.
type: object (at most one row) or array. Where a foreign key says the same, this is its name instead of the automatic one. Views may be at either end. An existing one of that name is replaced.
For the owner of table_name; who sees the field needs SELECT on the columns of both ends. Seen at the next call.
Errors: 22023 type, mapping or name; 42703 no such column; 42883 the columns cannot be compared; 42710 a column has the name; 42501 not the owner.
Source: manual_configuration and foreign_key_constraint_on of Hasura v2. Example: SELECT gqlsvl.add_relationship('orders', 'buyer', 'object', 'customers', '{"customer_id": "id"}');$$;

CREATE FUNCTION gqlsvl.drop_relationship(table_name regclass, name text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT gqlsvl.write_override(table_name, 'relationship', name, NULL, NULL) THEN
    PERFORM gqlsvl.write_override(table_name, 'relationship', gqlsvl.checked_name(name) #>> '{}', '{"type": "none"}', NULL);
  END IF;
END $$;
COMMENT ON FUNCTION gqlsvl.drop_relationship(regclass, text) IS
$$Takes a relationship of gqlsvl.add_relationship away (a foreign key's gets its automatic name again), or hides the automatic one of that name; another drop shows it again.
For the table's owner; seen at the next call. Errors: 22023 no GraphQL name; 42501 not the owner. Example: SELECT gqlsvl.drop_relationship('customers', 'orders');$$;
