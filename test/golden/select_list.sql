-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['artist_id', 'name', '__typename'], t1."artist_id", t1."name", 'artist') AS o FROM "public"."artist" AS t1 ORDER BY t1."artist_id" ASC NULLS LAST LIMIT 3) AS t2);
