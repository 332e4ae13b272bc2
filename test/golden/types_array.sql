-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['id', 'tags'], t1."id", t1."tags") AS o FROM "public"."note" AS t1 WHERE t1."tags" OPERATOR(pg_catalog.=) $1) AS t2), (SELECT gqlsvl.json_list(t4.o) FROM (SELECT gqlsvl.json_object(ARRAY['id'], t3."id") AS o FROM "public"."note" AS t3 WHERE t3."tags" OPERATOR(pg_catalog.=) $2) AS t4), (SELECT gqlsvl.json_list(t6.o) FROM (SELECT gqlsvl.json_object(ARRAY['id'], t5."id") AS o FROM "public"."note" AS t5 WHERE t5."scores" OPERATOR(pg_catalog.=) $3) AS t6), (SELECT gqlsvl.json_list(t8.o) FROM (SELECT gqlsvl.json_object(ARRAY['id', 'tags'], t7."id", t7."tags") AS o FROM "public"."note" AS t7 WHERE t7."tags" OPERATOR(pg_catalog.=) $4) AS t8), (SELECT gqlsvl.json_list(t10.o) FROM (SELECT gqlsvl.json_object(ARRAY['id', 'parts'], t9."id", t9."parts") AS o FROM "public"."note" AS t9 WHERE (t9."parts" OPERATOR(pg_catalog.=) $5 AND t9."tags" OPERATOR(pg_catalog.=) $6)) AS t10), (SELECT gqlsvl.json_list(t12.o) FROM (SELECT gqlsvl.json_object(ARRAY['id', 'doc'], t11."id", t11."doc") AS o FROM "public"."note" AS t11 WHERE t11."doc" OPERATOR(pg_catalog.=) ANY ($7) ORDER BY t11."id" ASC NULLS LAST) AS t12);
-- $1 pg_catalog.text[] = "{\"a\",\"b\"}"
-- $2 pg_catalog.text[] = "{a,b}"
-- $3 integer[] = "{\"1\"}"
-- $4 pg_catalog.text[] = "{\"{a,b}\"}"
-- $5 pg_catalog.jsonb[] = "{\"{\\\"x\\\":1}\",\"[2]\"}"
-- $6 pg_catalog.text[] = "{a,b}"
-- $7 pg_catalog.jsonb[] = "{\"{\\\"k\\\":1}\",\"\\\"s\\\"\",\"[1,2]\"}"
