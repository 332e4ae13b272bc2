-- $.selectionSet.delete_invoice_line
DELETE FROM "public"."invoice_line" AS t0 WHERE t0."invoice_id" OPERATOR(pg_catalog.=) $1 RETURNING t0."invoice_line_id", t0."invoice_id";
-- $1 integer = "1"
-- $.selectionSet.delete_invoice_line
SELECT pg_catalog.json_build_object('affected_rows', $1, 'returning', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('invoice_line_id', t0."invoice_line_id", 'invoice', (SELECT pg_catalog.json_build_object('total', t1."total", 'invoice_line', (SELECT COALESCE(pg_catalog.json_agg(t3.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('invoice_line_id', t2."invoice_line_id") AS o FROM "public"."invoice_line" AS t2 WHERE t2."invoice_id" OPERATOR(pg_catalog.=) t1."invoice_id") AS t3)) FROM "public"."invoice" AS t1 WHERE t1."invoice_id" OPERATOR(pg_catalog.=) t0."invoice_id" LIMIT 1))), CAST('[]' AS pg_catalog.json)) FROM (SELECT u."invoice_line_id", u."invoice_id" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("invoice_line_id", "invoice_id")) AS t0));
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $3 integer[] from returned column 2
