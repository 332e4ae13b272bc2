-- $.selectionSet.update_customer_by_pk
UPDATE "public"."customer" AS t0 SET "first_name" = $1 WHERE t0."customer_id" OPERATOR(pg_catalog.=) $2 RETURNING t0."customer_id", t0."first_name", t0."last_name", t0."company", t0."address", t0."city", t0."state", t0."country", t0."postal_code", t0."phone", t0."fax", t0."email", t0."support_rep_id";
-- $1 character varying = "Lu"
-- $2 integer = "1"
-- $.selectionSet.update_customer_by_pk
SELECT (SELECT gqlsvl.json_object(ARRAY['full_name', 'big_invoices'], "public"."customer_full_name"(CAST(ROW(t0."customer_id", t0."first_name", t0."last_name", t0."company", t0."address", t0."city", t0."state", t0."country", t0."postal_code", t0."phone", t0."fax", t0."email", t0."support_rep_id") AS "public"."customer")), (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['total'], t1."total") AS o FROM "public"."customer_big_invoices"(CAST(ROW(t0."customer_id", t0."first_name", t0."last_name", t0."company", t0."address", t0."city", t0."state", t0."country", t0."postal_code", t0."phone", t0."fax", t0."email", t0."support_rep_id") AS "public"."customer")) AS t1) AS t2)) FROM (SELECT u."customer_id", u."first_name", u."last_name", u."company", u."address", u."city", u."state", u."country", u."postal_code", u."phone", u."fax", u."email", u."support_rep_id" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($9), pg_catalog.unnest($10), pg_catalog.unnest($11), pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14)) AS u("customer_id", "first_name", "last_name", "company", "address", "city", "state", "country", "postal_code", "phone", "fax", "email", "support_rep_id")) AS t0 LIMIT 1);
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $3 character varying[] from returned column 2
-- $4 character varying[] from returned column 3
-- $5 character varying[] from returned column 4
-- $6 character varying[] from returned column 5
-- $7 character varying[] from returned column 6
-- $8 character varying[] from returned column 7
-- $9 character varying[] from returned column 8
-- $10 character varying[] from returned column 9
-- $11 character varying[] from returned column 10
-- $12 character varying[] from returned column 11
-- $13 character varying[] from returned column 12
-- $14 integer[] from returned column 13
