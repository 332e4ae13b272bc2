-- $.selectionSet.insert_artist
INSERT INTO "public"."artist" AS t0 ("artist_id", "name") VALUES ($1, $2), ($3, $4), ($5, DEFAULT), ($6, DEFAULT) ON CONFLICT ON CONSTRAINT "artist_pkey" DO NOTHING RETURNING t0."artist_id", t0."name";
-- $1 integer = "9001"
-- $2 character varying = "New"
-- $3 integer = "2"
-- $4 character varying = "kept"
-- $5 integer = "1"
-- $6 integer = "2"
-- $.selectionSet.insert_artist
SELECT gqlsvl.json_object(ARRAY['affected_rows', 'returning'], $1, (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['artist_id', 'name', 'album'], t0."artist_id", t0."name", (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['title'], t1."title") AS o FROM "public"."album" AS t1 WHERE t1."artist_id" OPERATOR(pg_catalog.=) t0."artist_id" ORDER BY t1."album_id" ASC NULLS LAST) AS t2))) FROM (SELECT u."artist_id", u."name" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("artist_id", "name") UNION ALL (SELECT e."artist_id", e."name" FROM (SELECT pg_catalog.min(v.n) AS n, "artist_id" FROM (VALUES (1, $4), (2, $5), (3, $6), (4, $7)) AS v(n, "artist_id") GROUP BY "artist_id") AS g JOIN "public"."artist" AS e ON e."artist_id" OPERATOR(pg_catalog.=) g."artist_id" WHERE NOT EXISTS (SELECT FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("artist_id", "name") WHERE u."artist_id" OPERATOR(pg_catalog.=) e."artist_id") ORDER BY g.n)) AS t0));
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $3 character varying[] from returned column 2
-- $4 integer = "9001"
-- $5 integer = "2"
-- $6 integer = "1"
-- $7 integer = "2"
-- $.selectionSet.insert_artist_one
INSERT INTO "public"."artist" AS t0 ("artist_id", "name") VALUES ($1, $2) ON CONFLICT ON CONSTRAINT "artist_pkey" DO NOTHING RETURNING t0."artist_id", t0."name";
-- $1 integer = "3"
-- $2 character varying = "kept"
-- $.selectionSet.insert_artist_one
SELECT (SELECT gqlsvl.json_object(ARRAY['name'], t0."name") FROM (SELECT u."artist_id", u."name" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("artist_id", "name") UNION ALL (SELECT e."artist_id", e."name" FROM (SELECT pg_catalog.min(v.n) AS n, "artist_id" FROM (VALUES (1, $4)) AS v(n, "artist_id") GROUP BY "artist_id") AS g JOIN "public"."artist" AS e ON e."artist_id" OPERATOR(pg_catalog.=) g."artist_id" WHERE NOT EXISTS (SELECT FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("artist_id", "name") WHERE u."artist_id" OPERATOR(pg_catalog.=) e."artist_id") ORDER BY g.n)) AS t0 LIMIT 1);
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $3 character varying[] from returned column 2
-- $4 integer = "3"
-- $.selectionSet.insert_artist
INSERT INTO "public"."artist" AS t0 ("artist_id") VALUES ($1) ON CONFLICT ON CONSTRAINT "artist_pkey" DO NOTHING;
-- $1 integer = "3"
-- $.selectionSet.insert_artist
SELECT gqlsvl.json_object(ARRAY['affected_rows'], $1);
-- $1 bigint from affected rows
