SELECT json_build_object('data', json_build_object('artist', (
  SELECT json_agg(o) FROM (
    SELECT json_build_object('name', ar.name, 'album', (
      SELECT coalesce(json_agg(o), '[]') FROM (
        SELECT json_build_object('title', a.title, 'track', (
          SELECT coalesce(json_agg(json_build_object('name', name, 'milliseconds', milliseconds) ORDER BY track_id), '[]') FROM track t
          WHERE album_id = a.album_id AND {t})) AS o
        FROM album a WHERE a.artist_id = ar.artist_id AND {a} ORDER BY a.album_id) a)) AS o
    FROM artist ar WHERE {ar} ORDER BY ar.artist_id LIMIT 20) ar)))
