-- Capture leaves the writer's session as it found it: sequences, settings, and what a client asks for right after its INSERT.
CREATE TABLE visit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at interval, seen timestamptz);
CREATE TABLE keyed (id int PRIMARY KEY);
SELECT gqlsvl.create_trigger('visit', 'visit', 'http://127.0.0.1:9/') > 0 AS made;
SELECT gqlsvl.create_trigger('keyed', 'keyed', 'http://127.0.0.1:9/') > 0 AS made;
\c -
-- a session that has drawn no number has none after a captured change either
INSERT INTO keyed VALUES (1);
SELECT lastval();
SELECT currval('gqlsvl.event_id');
-- lastval() is the number of the client's own row
INSERT INTO visit (at) VALUES ('1 day'), ('2 days');
SELECT lastval() = currval('visit_id_seq') AS own, lastval();
UPDATE visit SET at = '3 days';
DELETE FROM keyed;
SELECT lastval();
-- the formats of the session are its own, also after a change that fails
SET IntervalStyle = 'iso_8601';
SET TimeZone = 'Asia/Kathmandu';
SET DateStyle = 'German';
INSERT INTO visit (at, seen) VALUES ('1 year 2 days', '2024-02-29 12:00+00') RETURNING at, seen;
INSERT INTO keyed VALUES (2), (2);
SELECT at, seen, '\x00ff'::bytea FROM visit ORDER BY id DESC LIMIT 1;
-- numbers grow by one per event, and nextval by hand goes on from there
\c -
SELECT max(id) AS last FROM gqlsvl.event \gset
INSERT INTO keyed SELECT generate_series(100, 199);
SELECT count(*), min(id) - :last > 0 AS later, max(id) - min(id) AS span FROM gqlsvl.event WHERE id > :last;
SELECT nextval('gqlsvl.event_id') = max(id) + 1 AS same_sequence FROM gqlsvl.event;
SET client_min_messages = warning; -- how many events are undelivered by now does not matter here
SELECT gqlsvl.drop_trigger('visit');
SELECT gqlsvl.drop_trigger('keyed');
DROP TABLE visit, keyed;
