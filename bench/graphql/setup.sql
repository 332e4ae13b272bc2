-- Beside Chinook: 5,000 flat rows, and the indexes of foreign keys that a careful owner has.
CREATE TABLE flat (id int PRIMARY KEY, name text NOT NULL, amount numeric(10, 2) NOT NULL, ratio double precision, done boolean NOT NULL, at timestamptz NOT NULL, note text, rank bigint NOT NULL);
INSERT INTO flat SELECT n, 'name ' || n, n * 1.25, n / 7.0, n % 3 = 0, '2026-01-01'::timestamptz + n * interval '1 minute', CASE WHEN n % 2 = 0 THEN 'a "note" of some length' END, n * 1000
FROM generate_series(1, 5000) n;
CREATE INDEX IF NOT EXISTS bench_album_artist ON album (artist_id);
CREATE INDEX IF NOT EXISTS bench_track_album ON track (album_id);
CREATE INDEX IF NOT EXISTS bench_track_genre ON track (genre_id);
CREATE INDEX IF NOT EXISTS bench_invoice_customer ON invoice (customer_id);
VACUUM ANALYZE;
