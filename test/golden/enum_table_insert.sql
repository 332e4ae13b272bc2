-- $.selectionSet.insert_shop
WITH t0 AS (INSERT INTO "public"."shop" AS t0 ("id", "state") VALUES ($1, $2), ($3, $4) RETURNING t0."id", t0."state") SELECT gqlsvl.json_object(ARRAY['returning'], (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['id', 'state'], t0."id", t0."state")) FROM t0));
-- $1 integer = "4"
-- $2 pg_catalog.text = "open"
-- $3 integer = "5"
-- $4 pg_catalog.text = "closed"
-- $.selectionSet.update_shop_by_pk
WITH t0 AS (UPDATE "public"."shop" AS t0 SET "state" = $1 WHERE t0."id" OPERATOR(pg_catalog.=) $2 RETURNING t0."state") SELECT (SELECT gqlsvl.json_object(ARRAY['state'], t0."state") FROM t0 LIMIT 1);
-- $1 pg_catalog.text = "closed"
-- $2 integer = "1"
