-- $.selectionSet.insert_ticket
INSERT INTO "public"."client" AS t0 ("name") VALUES ($1), ($2) RETURNING t0."id";
-- $1 pg_catalog.text = "Bo"
-- $2 pg_catalog.text = "Cy"
-- $.selectionSet.insert_ticket
INSERT INTO "public"."ticket" AS t0 ("client_id", "title") VALUES ($1, $2), ($3, $4), ($5, DEFAULT) RETURNING t0."id", t0."client_id", t0."title";
-- $1 integer from insert 1, row 1, column 1
-- $2 pg_catalog.text = "T1"
-- $3 integer = "100"
-- $4 pg_catalog.text = "T2"
-- $5 integer from insert 1, row 2, column 1
-- $.selectionSet.insert_ticket
INSERT INTO "public"."seal" AS t0 ("color", "ticket_id") VALUES ($1, $2);
-- $1 pg_catalog.text = "red"
-- $2 bigint from insert 2, row 1, column 1
-- $.selectionSet.insert_ticket
INSERT INTO "public"."step" AS t0 ("line", "note", "ticket_id") VALUES ($1, $2, $3), ($4, DEFAULT, $5), ($6, DEFAULT, $7);
-- $1 integer = "1"
-- $2 pg_catalog.text = "x"
-- $3 bigint from insert 2, row 1, column 1
-- $4 integer = "2"
-- $5 bigint from insert 2, row 1, column 1
-- $6 integer = "1"
-- $7 bigint from insert 2, row 3, column 1
-- $.selectionSet.insert_ticket
SELECT gqlsvl.json_object(ARRAY['affected_rows', 'returning'], $1, (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['id', 'title', 'client', 'step', 'seal'], t0."id", t0."title", (SELECT gqlsvl.json_object(ARRAY['name'], t1."name") FROM "public"."client" AS t1 WHERE t1."id" OPERATOR(pg_catalog.=) t0."client_id"), (SELECT gqlsvl.json_list(t3.o) FROM (SELECT gqlsvl.json_object(ARRAY['line', 'note'], t2."line", t2."note") AS o FROM "public"."step" AS t2 WHERE t2."ticket_id" OPERATOR(pg_catalog.=) t0."id" ORDER BY t2."line" ASC NULLS LAST) AS t3), (SELECT gqlsvl.json_object(ARRAY['color'], t4."color") FROM "public"."seal" AS t4 WHERE t4."ticket_id" OPERATOR(pg_catalog.=) t0."id"))) FROM (SELECT u."id", u."client_id", u."title" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4)) AS u("id", "client_id", "title")) AS t0));
-- $1 bigint from affected rows
-- $2 bigint[] from returned column 1
-- $3 integer[] from returned column 2
-- $4 pg_catalog.text[] from returned column 3
-- $.selectionSet.insert_step_one
INSERT INTO "public"."ticket" AS t0 ("client_id", "title") VALUES ($1, $2) RETURNING t0."id";
-- $1 integer = "100"
-- $2 pg_catalog.text = "from below"
-- $.selectionSet.insert_step_one
INSERT INTO "public"."step" AS t0 ("line", "ticket_id") VALUES ($1, $2) RETURNING t0."ticket_id";
-- $1 integer = "1"
-- $2 bigint from insert 1, row 1, column 1
-- $.selectionSet.insert_step_one
SELECT (SELECT gqlsvl.json_object(ARRAY['ticket'], CASE WHEN t1."id" IS NOT NULL THEN gqlsvl.json_object(ARRAY['title', 'step'], t1."title", (SELECT gqlsvl.json_list(t3.o) FROM (SELECT gqlsvl.json_object(ARRAY['line'], t2."line") AS o FROM "public"."step" AS t2 WHERE t2."ticket_id" OPERATOR(pg_catalog.=) t1."id") AS t3)) END) FROM (SELECT u."ticket_id" FROM ROWS FROM (pg_catalog.unnest($2)) AS u("ticket_id")) AS t0 LEFT JOIN "public"."ticket" AS t1 ON t1."id" OPERATOR(pg_catalog.=) t0."ticket_id" LIMIT 1);
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $.selectionSet.insert_client
INSERT INTO "public"."client" AS t0 ("name") VALUES ($1) RETURNING t0."id";
-- $1 pg_catalog.text = "C"
-- $.selectionSet.insert_client
INSERT INTO "public"."ticket" AS t0 ("client_id", "title") VALUES ($1, DEFAULT), ($2, $3);
-- $1 integer from insert 1, row 1, column 1
-- $2 integer from insert 1, row 1, column 1
-- $3 pg_catalog.text = null
-- $.selectionSet.insert_client
SELECT gqlsvl.json_object(ARRAY['affected_rows'], $1);
-- $1 bigint from affected rows
