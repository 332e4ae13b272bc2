SELECT json_build_object('data', json_build_object('artist', (
  SELECT json_agg(json_build_object('name', ar.name, 'album', coalesce(al.rows, '[]')) ORDER BY ar.artist_id)
  FROM (SELECT * FROM artist ORDER BY artist_id LIMIT 20) ar
  LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('title', a.title, 'track', coalesce(t.rows, '[]')) ORDER BY a.album_id) AS rows
    FROM album a
    LEFT JOIN LATERAL (SELECT json_agg(json_build_object('name', name, 'milliseconds', milliseconds) ORDER BY track_id) AS rows FROM track WHERE album_id = a.album_id) t ON true
    WHERE a.artist_id = ar.artist_id) al ON true)))
