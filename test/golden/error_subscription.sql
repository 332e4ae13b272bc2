-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['name'], t1."name") AS o FROM "public"."artist" AS t1) AS t2);
