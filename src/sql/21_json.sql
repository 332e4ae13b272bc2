-- JSON of rows and lists, for the SQL that gqlsvl.resolve makes. Executable by all: they only write down what they are given.
CREATE FUNCTION gqlsvl.json_object(keys text[], VARIADIC "any") RETURNS json
  LANGUAGE c STABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'gqlsvl_json_object';
COMMENT ON FUNCTION gqlsvl.json_object(text[], "any") IS
$$An object of constant keys and one value for each, in this order and without spaces; values have the text that to_json gives them.
Errors: 22023 when keys are not constant or their number is not that of the values; 22004 a key is null.
Example: SELECT gqlsvl.json_object(ARRAY['id', 'name'], a.artist_id, a.name) FROM artist AS a;$$;

CREATE FUNCTION gqlsvl.json_join(VARIADIC parts json[]) RETURNS json
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'gqlsvl_json_join';
COMMENT ON FUNCTION gqlsvl.json_join(json[]) IS
$$One object of several that gqlsvl.json_object has made, keys in this order: for more values than a function takes (100). Nulls are left out.
Errors: 22023 a part is not such an object. Example: SELECT gqlsvl.json_join(gqlsvl.json_object(ARRAY['a'], 1), gqlsvl.json_object(ARRAY['b'], 2));$$;

CREATE FUNCTION gqlsvl.json_list_add(internal, json) RETURNS internal LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'gqlsvl_json_list_add';
CREATE FUNCTION gqlsvl.json_list_end(internal) RETURNS json LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'gqlsvl_json_list_end';
REVOKE ALL ON FUNCTION gqlsvl.json_list_add(internal, json), gqlsvl.json_list_end(internal) FROM PUBLIC; -- checked for the aggregate's owner
CREATE AGGREGATE gqlsvl.json_list(json) (SFUNC = gqlsvl.json_list_add, STYPE = internal, FINALFUNC = gqlsvl.json_list_end, PARALLEL = SAFE);
COMMENT ON AGGREGATE gqlsvl.json_list(json) IS
$$The rows' values as one list, in the order of the rows; [] when there are none, null for a null. Errors: 54000 larger than gqlsvl.max_response_size.
Example: SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['name'], a.name)) FROM artist AS a;$$;
