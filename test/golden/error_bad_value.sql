-- $
SELECT (SELECT COALESCE(pg_catalog.json_agg(t2.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('email', t1."email") AS o FROM "public"."customer" AS t1 WHERE t1."customer_id" OPERATOR(pg_catalog.=) $1) AS t2);
-- $1 integer = "seven"
