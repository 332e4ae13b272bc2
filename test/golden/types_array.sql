-- $
SELECT (SELECT COALESCE(pg_catalog.json_agg(t2.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('id', t1."id", 'tags', t1."tags") AS o FROM "public"."note" AS t1 WHERE t1."tags" OPERATOR(pg_catalog.=) $1) AS t2), (SELECT COALESCE(pg_catalog.json_agg(t4.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('id', t3."id") AS o FROM "public"."note" AS t3 WHERE t3."tags" OPERATOR(pg_catalog.=) $2) AS t4), (SELECT COALESCE(pg_catalog.json_agg(t6.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('id', t5."id") AS o FROM "public"."note" AS t5 WHERE t5."scores" OPERATOR(pg_catalog.=) $3) AS t6), (SELECT COALESCE(pg_catalog.json_agg(t8.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('id', t7."id", 'tags', t7."tags") AS o FROM "public"."note" AS t7 WHERE t7."tags" OPERATOR(pg_catalog.=) $4) AS t8), (SELECT COALESCE(pg_catalog.json_agg(t10.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('id', t9."id", 'parts', t9."parts") AS o FROM "public"."note" AS t9 WHERE (t9."parts" OPERATOR(pg_catalog.=) $5 AND t9."tags" OPERATOR(pg_catalog.=) $6)) AS t10), (SELECT COALESCE(pg_catalog.json_agg(t12.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('id', t11."id", 'doc', t11."doc") AS o FROM "public"."note" AS t11 WHERE t11."doc" OPERATOR(pg_catalog.=) ANY ($7) ORDER BY t11."id" ASC NULLS LAST) AS t12);
-- $1 pg_catalog.text[] = "{\"a\",\"b\"}"
-- $2 pg_catalog.text[] = "{a,b}"
-- $3 integer[] = "{\"1\"}"
-- $4 pg_catalog.text[] = "{\"{a,b}\"}"
-- $5 pg_catalog.jsonb[] = "{\"{\\\"x\\\":1}\",\"[2]\"}"
-- $6 pg_catalog.text[] = "{a,b}"
-- $7 pg_catalog.jsonb[] = "{\"{\\\"k\\\":1}\",\"\\\"s\\\"\",\"[1,2]\"}"
