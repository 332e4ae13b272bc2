-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['id', 'state'], t1."id", t1."state") AS o FROM "public"."shop" AS t1 WHERE t1."state" OPERATOR(pg_catalog.=) $1 ORDER BY t1."id" ASC NULLS LAST) AS t2), (SELECT gqlsvl.json_list(t4.o) FROM (SELECT gqlsvl.json_object(ARRAY['id'], t3."id") AS o FROM "public"."shop" AS t3 WHERE t3."state" OPERATOR(pg_catalog.<>) ALL ($2)) AS t4), (SELECT gqlsvl.json_list(t6.o) FROM (SELECT gqlsvl.json_object(ARRAY['id', 'state'], t5."id", t5."state") AS o FROM "public"."shop" AS t5 WHERE t5."state" OPERATOR(pg_catalog.=) ANY ($3) ORDER BY t5."id" DESC NULLS FIRST) AS t6), (SELECT gqlsvl.json_list(t8.o) FROM (SELECT gqlsvl.json_object(ARRAY['id'], t7."id") AS o FROM "public"."shop" AS t7 WHERE (t7."state" OPERATOR(pg_catalog.<>) $4 AND t7."state" IS NOT NULL)) AS t8);
-- $1 pg_catalog.text = "open"
-- $2 pg_catalog.text[] = "{\"open\"}"
-- $3 pg_catalog.text[] = "{\"closed\",\"open\"}"
-- $4 pg_catalog.text = "open"
