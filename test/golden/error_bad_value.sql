-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['email'], t1."email") AS o FROM "public"."customer" AS t1 WHERE t1."customer_id" OPERATOR(pg_catalog.=) $1) AS t2);
-- $1 integer = "seven"
