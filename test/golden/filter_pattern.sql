-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['name'], t1."name") AS o FROM "public"."genre" AS t1 WHERE t1."name" OPERATOR(pg_catalog.~) pg_catalog.similar_to_escape($1) ORDER BY t1."genre_id" ASC NULLS LAST) AS t2), (SELECT gqlsvl.json_object(ARRAY['aggregate'], gqlsvl.json_object(ARRAY['count'], pg_catalog.count(*))) FROM (SELECT  FROM "public"."genre" AS t3 WHERE t3."name" OPERATOR(pg_catalog.!~) pg_catalog.similar_to_escape($2)) AS t4 HAVING true), (SELECT gqlsvl.json_list(t6.o) FROM (SELECT gqlsvl.json_object(ARRAY['name'], t5."name") AS o FROM "public"."genre" AS t5 WHERE t5."name" OPERATOR(pg_catalog.~) $3) AS t6), (SELECT gqlsvl.json_list(t8.o) FROM (SELECT gqlsvl.json_object(ARRAY['name'], t7."name") AS o FROM "public"."genre" AS t7 WHERE t7."name" OPERATOR(pg_catalog.~*) $4) AS t8), (SELECT gqlsvl.json_object(ARRAY['aggregate'], gqlsvl.json_object(ARRAY['count'], pg_catalog.count(*))) FROM (SELECT  FROM "public"."genre" AS t9 WHERE (t9."name" OPERATOR(pg_catalog.!~) $5 AND t9."name" OPERATOR(pg_catalog.!~*) $6)) AS t10 HAVING true);
-- $1 pg_catalog.text = "(Rock|Jazz)"
-- $2 pg_catalog.text = "(Rock|Jazz)"
-- $3 pg_catalog.text = "^R.B"
-- $4 pg_catalog.text = "^h.*metal$"
-- $5 pg_catalog.text = "o"
-- $6 pg_catalog.text = "a"
