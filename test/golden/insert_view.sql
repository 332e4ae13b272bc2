-- $.selectionSet.insert_login_one
WITH t0 AS (INSERT INTO "public"."login" AS t0 ("email", "password") VALUES ($1, $2) RETURNING t0."token") SELECT (SELECT gqlsvl.json_object(ARRAY['token'], t0."token") FROM t0 LIMIT 1);
-- $1 pg_catalog.text = "a@example.com"
-- $2 pg_catalog.text = "secret"
