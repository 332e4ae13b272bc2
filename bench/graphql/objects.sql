SELECT json_build_object('data', json_build_object('track', (
  SELECT json_agg(o) FROM (
    SELECT json_build_object('track_id', t.track_id, 'name', t.name,
      'album', CASE WHEN al.album_id IS NOT NULL THEN json_build_object('title', al.title, 'artist', CASE WHEN ar.artist_id IS NOT NULL THEN json_build_object('name', ar.name) END) END,
      'genre', CASE WHEN g.genre_id IS NOT NULL THEN json_build_object('name', g.name) END) AS o
    FROM track t LEFT JOIN album al ON al.album_id = t.album_id AND {al} LEFT JOIN artist ar ON ar.artist_id = al.artist_id AND {ar}
      LEFT JOIN genre g ON g.genre_id = t.genre_id AND {g}
    WHERE {t} ORDER BY t.track_id LIMIT 100) t)))
