-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['name', 'album'], t1."name", (SELECT gqlsvl.json_object(ARRAY['title'], t3."title") FROM "public"."album" AS t3 WHERE t3."album_id" OPERATOR(pg_catalog.=) t1."album_id" LIMIT 1)) AS o FROM "public"."tracks_like"($1, "session" => CAST(gqlsvl.session_variables() AS "pg_catalog"."jsonb")) AS t1 WHERE EXISTS (SELECT FROM "public"."album" AS t4 WHERE t4."album_id" OPERATOR(pg_catalog.=) t1."album_id" AND EXISTS (SELECT FROM "public"."artist" AS t5 WHERE t5."artist_id" OPERATOR(pg_catalog.=) t4."artist_id" AND t5."name" OPERATOR(pg_catalog.~~) $2)) ORDER BY t1."name" ASC NULLS LAST LIMIT $3) AS t2), (SELECT gqlsvl.json_object(ARRAY['aggregate'], gqlsvl.json_object(ARRAY['count', 'max'], pg_catalog.count(*), gqlsvl.json_object(ARRAY['milliseconds'], pg_catalog.max(t7.c7)))) FROM (SELECT t6."milliseconds" AS c7 FROM "public"."tracks_like"($4, "session" => CAST(gqlsvl.session_variables() AS "pg_catalog"."jsonb"), "cheapest" => $5) AS t6) AS t7 HAVING true), (SELECT gqlsvl.json_object(ARRAY['name', 'milliseconds'], t8."name", t8."milliseconds") FROM "public"."longest_track"() AS t8 WHERE NOT (t8 IS NULL)), (SELECT gqlsvl.json_object(ARRAY['name'], t9."name") FROM "public"."no_track"($6) AS t9 WHERE NOT (t9 IS NULL));
-- $1 pg_catalog.text = "%love%"
-- $2 pg_catalog.text = "A%"
-- $3 bigint = "2"
-- $4 pg_catalog.text = "%love%"
-- $5 numeric = "0.99"
-- $6 integer = "-1"
