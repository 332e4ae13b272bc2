SELECT json_build_object('data', json_build_object('track', (
  SELECT json_agg(json_build_object('track_id', track_id, 'name', name, 'milliseconds', milliseconds))
  FROM (SELECT t.* FROM track t JOIN genre g USING (genre_id) WHERE t.milliseconds > 300000 AND g.name = 'Rock' ORDER BY milliseconds DESC, track_id LIMIT 50) t)))
