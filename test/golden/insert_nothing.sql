-- $.selectionSet.insert_artist
SELECT pg_catalog.json_build_object('affected_rows', $1, 'returning', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('name', t0."name")), CAST('[]' AS pg_catalog.json)) FROM (SELECT u."name" FROM ROWS FROM (pg_catalog.unnest($2)) AS u("name")) AS t0));
-- $1 bigint from affected rows
-- $2 character varying[] from returned column 1
