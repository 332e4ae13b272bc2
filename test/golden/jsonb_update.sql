-- $.selectionSet.update_doc_by_pk
WITH t0 AS (UPDATE "public"."doc" AS t0 SET "body" = t0."body" OPERATOR(pg_catalog.||) $1 WHERE t0."id" OPERATOR(pg_catalog.=) $2 RETURNING t0."body") SELECT (SELECT gqlsvl.json_object(ARRAY['body'], t0."body") FROM t0 LIMIT 1);
-- $1 pg_catalog.jsonb = "{\"z\":true}"
-- $2 integer = "1"
-- $.selectionSet.update_doc_by_pk
WITH t0 AS (UPDATE "public"."doc" AS t0 SET "body" = $1 OPERATOR(pg_catalog.||) t0."body" WHERE t0."id" OPERATOR(pg_catalog.=) $2 RETURNING t0."body") SELECT (SELECT gqlsvl.json_object(ARRAY['body'], t0."body") FROM t0 LIMIT 1);
-- $1 pg_catalog.jsonb = "[\"zero\"]"
-- $2 integer = "2"
-- $.selectionSet.update_doc_by_pk
WITH t0 AS (UPDATE "public"."doc" AS t0 SET "body" = t0."body" OPERATOR(pg_catalog.-) $1 WHERE t0."id" OPERATOR(pg_catalog.=) $2 RETURNING t0."body") SELECT (SELECT gqlsvl.json_object(ARRAY['body'], t0."body") FROM t0 LIMIT 1);
-- $1 pg_catalog.text = "k"
-- $2 integer = "1"
-- $.selectionSet.update_doc
WITH t0 AS (UPDATE "public"."doc" AS t0 SET "body" = t0."body" OPERATOR(pg_catalog.-) $1 WHERE t0."id" OPERATOR(pg_catalog.=) $2 RETURNING t0."body") SELECT gqlsvl.json_object(ARRAY['returning'], (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['body'], t0."body")) FROM t0));
-- $1 integer = "-1"
-- $2 integer = "2"
-- $.selectionSet.update_doc_by_pk
WITH t0 AS (UPDATE "public"."doc" AS t0 SET "body" = t0."body" OPERATOR(pg_catalog.#-) $1, "tags" = $2 WHERE t0."id" OPERATOR(pg_catalog.=) $3 RETURNING t0."body", t0."tags") SELECT (SELECT gqlsvl.json_object(ARRAY['body', 'tags'], t0."body", t0."tags") FROM t0 LIMIT 1);
-- $1 pg_catalog.text[] = "{\"a\",\"b\",\"0\"}"
-- $2 pg_catalog.text[] = "{}"
-- $3 integer = "1"
