-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['name'], t1."name") AS o FROM "public"."artist" AS t1 WHERE t1."artist_id" OPERATOR(pg_catalog.=) ANY ($1)) AS t2), (SELECT gqlsvl.json_object(ARRAY['aggregate'], gqlsvl.json_object(ARRAY['count'], pg_catalog.count(*))) FROM (SELECT  FROM "public"."artist" AS t3 WHERE t3."artist_id" OPERATOR(pg_catalog.<>) ALL ($2)) AS t4 HAVING true), (SELECT gqlsvl.json_object(ARRAY['aggregate'], gqlsvl.json_object(ARRAY['count'], pg_catalog.count(*))) FROM (SELECT  FROM "public"."artist" AS t5 WHERE t5."artist_id" OPERATOR(pg_catalog.<>) ALL ($3)) AS t6 HAVING true), (SELECT gqlsvl.json_list(t8.o) FROM (SELECT gqlsvl.json_object(ARRAY['name'], t7."name") AS o FROM "public"."genre" AS t7 WHERE t7."name" OPERATOR(pg_catalog.=) ANY ($4) ORDER BY t7."genre_id" ASC NULLS LAST) AS t8), (SELECT gqlsvl.json_list(t10.o) FROM (SELECT gqlsvl.json_object(ARRAY['name'], t9."name") AS o FROM "public"."genre" AS t9 WHERE t9."name" OPERATOR(pg_catalog.=) ANY ($5)) AS t10), (SELECT gqlsvl.json_list(t12.o) FROM (SELECT gqlsvl.json_object(ARRAY['name'], t11."name") AS o FROM "public"."genre" AS t11 WHERE t11."name" OPERATOR(pg_catalog.=) ANY ($6)) AS t12);
-- $1 integer[] = "{}"
-- $2 integer[] = "{}"
-- $3 integer[] = "{\"1\",\"2\"}"
-- $4 character varying[] = "{\"Rock\",\"{Jazz}\",\"Jazz\"}"
-- $5 character varying[] = "{\"Rock\"}"
-- $6 character varying[] = "{\"{Rock}\"}"
