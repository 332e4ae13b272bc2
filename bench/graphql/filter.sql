SELECT json_build_object('data', json_build_object('track', (
  SELECT json_agg(t) FROM (SELECT t.track_id, t.name, t.milliseconds FROM track t JOIN genre g USING (genre_id)
    WHERE t.milliseconds > 300000 AND g.name = 'Rock' AND {t} AND {g} ORDER BY milliseconds DESC, track_id LIMIT 50) t)))
