-- $
SELECT (SELECT gqlsvl.json_object(ARRAY['aggregate', 'nodes'], gqlsvl.json_object(ARRAY['count', 'sum'], pg_catalog.count(*), gqlsvl.json_object(ARRAY['total'], pg_catalog.sum(t2.c9))), gqlsvl.json_list(t2.n1)) FROM (SELECT gqlsvl.json_object(ARRAY['invoice_id', 'invoice_line_aggregate'], t1."invoice_id", (SELECT gqlsvl.json_object(ARRAY['aggregate'], gqlsvl.json_object(ARRAY['count'], pg_catalog.count(*))) FROM (SELECT  FROM "public"."invoice_line" AS t3 WHERE t3."invoice_id" OPERATOR(pg_catalog.=) t1."invoice_id") AS t4 HAVING true)) AS n1, t1."total" AS c9 FROM "public"."invoice" AS t1 WHERE t1."billing_country" OPERATOR(pg_catalog.=) $1 ORDER BY t1."invoice_id" ASC NULLS LAST LIMIT 3 OFFSET $2) AS t2 HAVING true);
-- $1 character varying = "Norway"
-- $2 bigint = "1"
