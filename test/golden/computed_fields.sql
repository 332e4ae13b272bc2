-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['full_name', 'greeting', 'session', 'big_invoices'], "public"."customer_full_name"(t1), "public"."customer_greeting"(t1, $1), "public"."customer_session"(t1, CAST(gqlsvl.session_variables() AS "pg_catalog"."json")) OPERATOR(pg_catalog.#>) $2, (SELECT gqlsvl.json_list(t4.o) FROM (SELECT gqlsvl.json_object(ARRAY['total', 'customer'], t3."total", (SELECT gqlsvl.json_object(ARRAY['full_name'], "public"."customer_full_name"(t5)) FROM "public"."customer" AS t5 WHERE t5."customer_id" OPERATOR(pg_catalog.=) t3."customer_id" LIMIT 1)) AS o FROM "public"."customer_big_invoices"(t1) AS t3 ORDER BY t3."total" DESC NULLS FIRST LIMIT $3) AS t4)) AS o FROM "public"."customer" AS t1 WHERE ("public"."customer_full_name"(t1) OPERATOR(pg_catalog.~~) $4 AND EXISTS (SELECT FROM "public"."customer_big_invoices"(t1) AS t6 WHERE true AND t6."total" OPERATOR(pg_catalog.>) $5)) ORDER BY (SELECT pg_catalog.count(*) FROM "public"."customer_big_invoices"(t1) AS t7 WHERE true) DESC NULLS FIRST, "public"."customer_full_name"(t1) ASC NULLS LAST LIMIT $6) AS t2);
-- $1 pg_catalog.text = "Hi"
-- $2 pg_catalog.text[] = "{\"x\"}"
-- $3 bigint = "1"
-- $4 pg_catalog.text = "F%"
-- $5 numeric = "12"
-- $6 bigint = "2"
