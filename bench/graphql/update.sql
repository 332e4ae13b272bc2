WITH n AS (UPDATE memo SET done = true, rank = rank + 1 WHERE id = :id AND {memo} RETURNING id, body, rank, done)
SELECT json_build_object('data', json_build_object('update_memo_by_pk', (SELECT json_build_object('id', id, 'body', body, 'rank', rank, 'done', done) FROM n)))
