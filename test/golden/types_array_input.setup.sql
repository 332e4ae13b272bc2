CREATE TABLE note (id int PRIMARY KEY, tags text[], scores int[], parts jsonb[], doc jsonb);
INSERT INTO note VALUES (1, '{a,b}', '{1,2}', ARRAY['{"x": 1}'::jsonb, '[2]'], '{"k": 1}'), (2, '{"{a,b}"}', NULL, NULL, '"s"'), (3, '{}', '{}', '{}', '[1, 2]');
