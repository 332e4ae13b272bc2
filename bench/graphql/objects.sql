SELECT json_build_object('data', json_build_object('track', (
  SELECT json_agg(json_build_object('track_id', t.track_id, 'name', t.name,
    'album', CASE WHEN al.album_id IS NOT NULL THEN json_build_object('title', al.title, 'artist', CASE WHEN ar.artist_id IS NOT NULL THEN json_build_object('name', ar.name) END) END,
    'genre', CASE WHEN g.genre_id IS NOT NULL THEN json_build_object('name', g.name) END) ORDER BY t.track_id)
  FROM (SELECT * FROM track ORDER BY track_id LIMIT 100) t
  LEFT JOIN album al USING (album_id) LEFT JOIN artist ar USING (artist_id) LEFT JOIN genre g ON g.genre_id = t.genre_id)))
