CREATE TYPE day AS ENUM ('mon', 'tue');
CREATE TABLE sample (id int PRIMARY KEY, big bigint, num numeric, f float8, nan float8, ok boolean, u uuid, d date, ts timestamp, tz timestamptz, j json, jb jsonb, arr text[], day day, by bytea);
INSERT INTO sample VALUES (1, 9223372036854775807, 1.50, 0.1, 'NaN', true, '00000000-0000-0000-0000-00000000000a', '2024-05-01', '2024-05-01 10:00:00.123', '2024-05-01 10:00:00+00', '{"b": 1, "a": [true]}', '{"a": null}', '{x,"y z"}', 'tue', '\x6869');
