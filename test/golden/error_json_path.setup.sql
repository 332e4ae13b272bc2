CREATE TABLE doc (id int PRIMARY KEY, body jsonb, raw json, tags text[]);
INSERT INTO doc VALUES (1, '{"a": {"b": [10, 20]}, "k": 1, "odd key": "x"}', '{"a": 1}', '{x,y}'), (2, '["one", "two"]', '[1]', '{y}'), (3, NULL, NULL, NULL);
