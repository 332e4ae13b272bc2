-- $
SELECT (SELECT COALESCE(pg_catalog.json_agg(t2.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('id', t1."id", 'big', t1."big", 'num', t1."num", 'f', t1."f", 'nan', t1."nan", 'ok', t1."ok", 'u', t1."u", 'd', t1."d", 'ts', t1."ts", 'tz', t1."tz", 'j', t1."j", 'jb', t1."jb", 'arr', t1."arr", 'day', t1."day", 'by', t1."by") AS o FROM "public"."sample" AS t1) AS t2);
