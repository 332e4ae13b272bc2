-- $.selectionSet.update_artist
SELECT gqlsvl.json_object(ARRAY['affected_rows', 'returning'], $1, (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['name'], t0."name")) FROM (SELECT u."name" FROM ROWS FROM (pg_catalog.unnest($2)) AS u("name")) AS t0));
-- $1 bigint from affected rows
-- $2 character varying[] from returned column 1
