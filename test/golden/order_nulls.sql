-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['company'], t1."company") AS o FROM "public"."customer" AS t1 ORDER BY t1."company" ASC NULLS FIRST, t1."customer_id" ASC NULLS LAST LIMIT $1) AS t2), (SELECT gqlsvl.json_list(t4.o) FROM (SELECT gqlsvl.json_object(ARRAY['company'], t3."company") AS o FROM "public"."customer" AS t3 ORDER BY t3."company" DESC NULLS FIRST LIMIT $2) AS t4), (SELECT gqlsvl.json_list(t6.o) FROM (SELECT gqlsvl.json_object(ARRAY['company'], t5."company") AS o FROM "public"."customer" AS t5 ORDER BY t5."company" DESC NULLS LAST LIMIT $3) AS t6), (SELECT gqlsvl.json_list(t8.o) FROM (SELECT gqlsvl.json_object(ARRAY['state'], t7."state") AS o FROM "public"."customer" AS t7 ORDER BY t7."state" ASC NULLS LAST, t7."customer_id" DESC NULLS FIRST LIMIT $4) AS t8);
-- $1 bigint = "1"
-- $2 bigint = "1"
-- $3 bigint = "1"
-- $4 bigint = "1"
