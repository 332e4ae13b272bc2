-- An introspected type as SDL writes it. Read by regress tests: \i after BEGIN.
CREATE FUNCTION pg_temp.written(type json) RETURNS text LANGUAGE sql AS $$
  SELECT CASE type ->> 'kind' WHEN 'NON_NULL' THEN pg_temp.written(type -> 'ofType') || '!' WHEN 'LIST' THEN '[' || pg_temp.written(type -> 'ofType') || ']' ELSE type ->> 'name' END
$$;
