WITH n AS (INSERT INTO memo (body, rank) SELECT 'a memo', :id WHERE {one} RETURNING body, rank, done)
SELECT json_build_object('data', json_build_object('insert_memo_one', (SELECT json_build_object('body', body, 'rank', rank, 'done', done) FROM n)))
