-- $.selectionSet.delete_invoice_line
DELETE FROM "public"."invoice_line" AS t0 WHERE t0."invoice_id" OPERATOR(pg_catalog.=) $1 RETURNING t0."invoice_line_id", t0."invoice_id";
-- $1 integer = "1"
-- $.selectionSet.delete_invoice_line
SELECT gqlsvl.json_object(ARRAY['affected_rows', 'returning'], $1, (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['invoice_line_id', 'invoice'], t0."invoice_line_id", (SELECT gqlsvl.json_object(ARRAY['total', 'invoice_line'], t1."total", (SELECT gqlsvl.json_list(t3.o) FROM (SELECT gqlsvl.json_object(ARRAY['invoice_line_id'], t2."invoice_line_id") AS o FROM "public"."invoice_line" AS t2 WHERE t2."invoice_id" OPERATOR(pg_catalog.=) t1."invoice_id") AS t3)) FROM "public"."invoice" AS t1 WHERE t1."invoice_id" OPERATOR(pg_catalog.=) t0."invoice_id"))) FROM (SELECT u."invoice_line_id", u."invoice_id" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("invoice_line_id", "invoice_id")) AS t0));
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $3 integer[] from returned column 2
