SELECT json_build_object('data', json_build_object('flat', (
  SELECT json_agg(t) FROM (SELECT id, name, amount, ratio, done, at, note, rank FROM flat WHERE {flat} ORDER BY id) t)))
