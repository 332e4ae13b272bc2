-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['id', 'big', 'num', 'f', 'nan', 'ok', 'u', 'd', 'ts', 'tz', 'j', 'jb', 'arr', 'day', 'by'], t1."id", t1."big", t1."num", t1."f", t1."nan", t1."ok", t1."u", t1."d", t1."ts", t1."tz", t1."j", t1."jb", t1."arr", t1."day", t1."by") AS o FROM "public"."sample" AS t1) AS t2);
