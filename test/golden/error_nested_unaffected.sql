-- $.selectionSet.insert_ticket_one
INSERT INTO "public"."client" AS t0 ("name") VALUES ($1) RETURNING t0."id";
-- $1 pg_catalog.text = "skipped"
-- $.selectionSet.insert_ticket_one
INSERT INTO "public"."ticket" AS t0 ("client_id") VALUES ($1) RETURNING t0."id";
-- $1 integer from insert 1, row 1, column 1
-- $.selectionSet.insert_ticket_one
SELECT (SELECT gqlsvl.json_object(ARRAY['id'], t0."id") FROM (SELECT u."id" FROM ROWS FROM (pg_catalog.unnest($2)) AS u("id")) AS t0 LIMIT 1);
-- $1 bigint from affected rows
-- $2 bigint[] from returned column 1
