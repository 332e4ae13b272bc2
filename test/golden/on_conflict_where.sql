-- $.selectionSet.insert_album
INSERT INTO "public"."album" AS t0 ("album_id", "artist_id", "title") VALUES ($1, $2, $3), ($4, $5, $6) ON CONFLICT ON CONSTRAINT "album_pkey" DO UPDATE SET "title" = excluded."title" WHERE t0."artist_id" OPERATOR(pg_catalog.=) $7 RETURNING t0."album_id", t0."title";
-- $1 integer = "1"
-- $2 integer = "1"
-- $3 character varying = "A"
-- $4 integer = "2"
-- $5 integer = "2"
-- $6 character varying = "B"
-- $7 integer = "2"
-- $.selectionSet.insert_album
SELECT gqlsvl.json_object(ARRAY['affected_rows', 'returning'], $1, (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['album_id', 'title'], t0."album_id", t0."title")) FROM (SELECT u."album_id", u."title" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("album_id", "title") UNION ALL (SELECT e."album_id", e."title" FROM (SELECT pg_catalog.min(v.n) AS n, "album_id" FROM (VALUES (1, $4), (2, $5)) AS v(n, "album_id") GROUP BY "album_id") AS g JOIN "public"."album" AS e ON e."album_id" OPERATOR(pg_catalog.=) g."album_id" WHERE NOT EXISTS (SELECT FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("album_id", "title") WHERE u."album_id" OPERATOR(pg_catalog.=) e."album_id") ORDER BY g.n)) AS t0));
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $3 character varying[] from returned column 2
-- $4 integer = "1"
-- $5 integer = "2"
