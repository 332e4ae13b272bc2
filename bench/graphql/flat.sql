SELECT json_build_object('data', json_build_object('flat', (
  SELECT json_agg(json_build_object('id', id, 'name', name, 'amount', amount, 'ratio', ratio, 'done', done, 'at', at, 'note', note, 'rank', rank) ORDER BY id) FROM flat)))
