-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['whole', 'ab', 'first', 'quoted', 'item', 'missing', 'given', 'raw', 'root'], t1."body", t1."body" OPERATOR(pg_catalog.#>) $1, t1."body" OPERATOR(pg_catalog.#>) $2, t1."body" OPERATOR(pg_catalog.#>) $3, t1."body" OPERATOR(pg_catalog.#>) $4, t1."body" OPERATOR(pg_catalog.#>) $5, t1."body" OPERATOR(pg_catalog.#>) $6, t1."raw" OPERATOR(pg_catalog.#>) $7, t1."raw" OPERATOR(pg_catalog.#>) $8) AS o FROM "public"."doc" AS t1 ORDER BY t1."id" ASC NULLS LAST) AS t2);
-- $1 pg_catalog.text[] = "{\"a\",\"b\"}"
-- $2 pg_catalog.text[] = "{\"a\",\"b\",\"0\"}"
-- $3 pg_catalog.text[] = "{\"odd key\"}"
-- $4 pg_catalog.text[] = "{\"1\"}"
-- $5 pg_catalog.text[] = "{\"x\",\"y\"}"
-- $6 pg_catalog.text[] = "{\"a\"}"
-- $7 pg_catalog.text[] = "{}"
-- $8 pg_catalog.text[] = "{\"a\"}"
