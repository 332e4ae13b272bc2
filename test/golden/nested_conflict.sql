-- $.selectionSet.insert_ticket
INSERT INTO "public"."client" AS t0 ("email", "name") VALUES ($1, $2) ON CONFLICT ON CONSTRAINT "client_email_key" DO NOTHING RETURNING t0."id";
-- $1 pg_catalog.text = "a@x.io"
-- $2 pg_catalog.text = "New"
-- $.selectionSet.insert_ticket when the statement before inserted or changed nothing
SELECT t0."id" FROM "public"."client" AS t0 WHERE t0."email" OPERATOR(pg_catalog.=) $1 LIMIT 1;
-- $1 pg_catalog.text = "a@x.io"
-- $.selectionSet.insert_ticket
INSERT INTO "public"."client" AS t0 ("email", "name") VALUES ($1, $2) ON CONFLICT ON CONSTRAINT "client_email_key" DO UPDATE SET "name" = excluded."name" RETURNING t0."id";
-- $1 pg_catalog.text = "b@x.io"
-- $2 pg_catalog.text = "Bo"
-- $.selectionSet.insert_ticket when the statement before inserted or changed nothing
SELECT t0."id" FROM "public"."client" AS t0 WHERE t0."email" OPERATOR(pg_catalog.=) $1 LIMIT 1;
-- $1 pg_catalog.text = "b@x.io"
-- $.selectionSet.insert_ticket
INSERT INTO "public"."ticket" AS t0 ("client_id", "title") VALUES ($1, $2), ($3, $4) RETURNING t0."client_id", t0."title";
-- $1 integer from insert 1, row 1, column 1
-- $2 pg_catalog.text = "T1"
-- $3 integer from insert 2, row 1, column 1
-- $4 pg_catalog.text = "T2"
-- $.selectionSet.insert_ticket
SELECT gqlsvl.json_object(ARRAY['affected_rows', 'returning'], $1, (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['title', 'client'], t0."title", (SELECT gqlsvl.json_object(ARRAY['email', 'name'], t1."email", t1."name") FROM "public"."client" AS t1 WHERE t1."id" OPERATOR(pg_catalog.=) t0."client_id"))) FROM (SELECT u."client_id", u."title" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("client_id", "title")) AS t0));
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $3 pg_catalog.text[] from returned column 2
-- $.selectionSet.insert_client_one
INSERT INTO "public"."client" AS t0 ("id") VALUES ($1) ON CONFLICT ON CONSTRAINT "client_pkey" DO NOTHING RETURNING t0."id", t0."name";
-- $1 integer = "100"
-- $.selectionSet.insert_client_one when the statement before inserted or changed nothing
SELECT t0."id", t0."name" FROM "public"."client" AS t0 WHERE t0."id" OPERATOR(pg_catalog.=) $1 LIMIT 1;
-- $1 integer = "100"
-- $.selectionSet.insert_client_one
INSERT INTO "public"."ticket" AS t0 ("client_id", "title") VALUES ($1, $2);
-- $1 integer from insert 1, row 1, column 1
-- $2 pg_catalog.text = "T3"
-- $.selectionSet.insert_client_one
SELECT (SELECT gqlsvl.json_object(ARRAY['name', 'ticket'], t0."name", (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['title'], t1."title") AS o FROM "public"."ticket" AS t1 WHERE t1."client_id" OPERATOR(pg_catalog.=) t0."id" ORDER BY t1."id" ASC NULLS LAST) AS t2)) FROM (SELECT u."id", u."name" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("id", "name")) AS t0 LIMIT 1);
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $3 pg_catalog.text[] from returned column 2
