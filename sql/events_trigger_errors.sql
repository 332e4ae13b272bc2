-- Every wrong argument of gqlsvl.create_trigger is refused with a message that names it, and nothing half done stays.
\set VERBOSITY default
CREATE TABLE shop (id int PRIMARY KEY, note text);
CREATE TABLE keyless (note text);
CREATE VIEW shown AS SELECT * FROM shop;
CREATE TEMP TABLE fleeting (id int PRIMARY KEY);
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child () INHERITS (parent);
CREATE MATERIALIZED VIEW stored AS SELECT * FROM shop;
CREATE SEQUENCE counter;
CREATE TYPE pair AS (a int, b int);
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE remote (id int) SERVER far;
SET client_min_messages = error;
CREATE ROLE events_owner;
CREATE ROLE events_stranger;
RESET client_min_messages;

-- the webhook
SELECT gqlsvl.create_trigger('t', 'shop', 'ftp://example.org/x');
SELECT gqlsvl.create_trigger('t', 'shop', 'http:///x');
SELECT gqlsvl.create_trigger('t', 'shop', 'arn:aws:s3:::bucket');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://{{GQLSVL_ABSENT}}/x');
-- the table
SELECT gqlsvl.create_trigger('t', 'absent', 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'shown', 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'fleeting', 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'parent', 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'pg_catalog.pg_class', 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'keyless', 'http://example.org/', ordering => 'row');
SELECT gqlsvl.create_trigger('t', 'stored', 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'counter', 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'pair', 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'remote', 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'shop_pkey', 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 4000000000, 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'gqlsvl.trigger', 'http://example.org/');
-- columns and operations
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', columns => '{ctid}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', columns => '{NULL}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', payload_columns => '{}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', payload_columns => '{id,id}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', columns => '{ID}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', columns => '{absent}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', columns => '{note,note}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', columns => '{}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', payload_columns => '{id,absent}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', operations => '{MERGE}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', operations => '{}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', operations => '{INSERT,insert}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', operations => '{INSERT,NULL}');
-- numbers and words
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', num_retries => -1);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', retry_interval => '-1 s');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', backoff => 'NaN');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', timeout => '0');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', max_in_flight => 0);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', ordering => 'column');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', invocation_type => 'DryRun');
SELECT gqlsvl.create_trigger('', 'shop', 'http://example.org/');
SELECT gqlsvl.create_trigger(NULL, 'shop', 'http://example.org/');
SELECT gqlsvl.create_trigger(repeat('n', 201), 'shop', 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', num_retries => 1001);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', max_interval => '-1 s');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', max_interval => '31 days');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', backoff => 0.5);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', timeout => '16 minutes');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', max_in_flight => 1001);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', invocation_type => 'Event');
-- NULL where a value is needed
SELECT gqlsvl.create_trigger('t', NULL, 'http://example.org/');
SELECT gqlsvl.create_trigger('t', 'shop', NULL);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', operations => NULL);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', headers => NULL);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', num_retries => NULL);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', retry_interval => NULL);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', backoff => NULL);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', max_interval => NULL);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', timeout => NULL);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', max_in_flight => NULL);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', invocation_type => NULL);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', replace => NULL);
-- the condition
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', condition => 'NEW.id >');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', condition => '');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', condition => 'true) EXECUTE FUNCTION evil(); --');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', condition => 'true FROM shop');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', condition => 'true, false');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', operations => '{UPDATE}', condition => 'NEW.absent > 1');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', operations => '{UPDATE}', condition => 'NEW.id');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', condition => 'OLD.id > 1');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', operations => '{UPDATE}', condition => 'EXISTS (SELECT FROM shop)');
-- ordering columns
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', ordering_columns => '{absent}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', ordering_columns => '{}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', ordering_columns => '{id}', ordering => 'none');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', fire_on_replica => NULL);
-- headers
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', headers => '[]');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', headers => '{"a b": "x"}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', headers => '{"a": 1}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', headers => '{"a": "x\r\ny: z"}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', headers => '{"Host": "other"}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', headers => '{"a": {"from_env": "GQLSVL_ABSENT"}}');
SELECT gqlsvl.create_trigger('t', 'shop', 'lambda:pay', headers => '{"X-Amz-Date": "20260101T000000Z"}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', headers => '{"a": {"secret": "absent"}}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', headers => '{"a": "{{"}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', signing_secret => 'absent');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', signing_secret => '');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', give_up_on => '{404,204}');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', give_up_on => '{404,NULL}');
-- limits
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', rate_limit => 0);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', rate_limit => -1);
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', rate_limit => 'NaN');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', rate_limit => 'Infinity');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', max_age => '0');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', max_age => '-1 month');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', max_age => '178000000 years');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', retry_interval => '2 months');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', max_interval => '1 month -31 days');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', timeout => '1 year');
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', backoff => 'Infinity');
-- the transform
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', transform => 'pg_catalog.now()');
-- rights: the table's owner and a member of gqlsvl_event_admin, both
SET ROLE events_stranger;
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/');
RESET ROLE;
ALTER TABLE shop OWNER TO events_owner;
SET ROLE events_owner;
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/');
SELECT count(*) FROM gqlsvl.event;
SELECT gqlsvl.adopt(true);
RESET ROLE;
GRANT gqlsvl_event_admin TO events_owner;
SET ROLE events_owner;
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/') > 0 AS made;
-- the name is taken; the same definition again changes nothing
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/other');
RESET ROLE;
SELECT array_agg(oid ORDER BY oid) AS triggers FROM pg_trigger WHERE tgrelid = 'shop'::regclass \gset
SELECT gqlsvl.create_trigger('t', 'shop', 'http://example.org/', replace => true) > 0 AS same;
SELECT array_agg(oid ORDER BY oid) = :'triggers' AS untouched FROM pg_trigger WHERE tgrelid = 'shop'::regclass;
SELECT gqlsvl.create_trigger('k', 'keyless', 'http://example.org/') > 0 AS without_order;
SELECT gqlsvl.drop_trigger('absent');
SET ROLE events_stranger;
SELECT gqlsvl.drop_trigger('t');
RESET ROLE;
SELECT gqlsvl.drop_trigger('t');
SELECT gqlsvl.drop_trigger('k');
SELECT count(*) FROM gqlsvl.trigger WHERE dropped_at IS NULL;
SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!gqlsvl%';
DROP SERVER far CASCADE;
DROP FOREIGN DATA WRAPPER nowhere;
DROP TYPE pair;
DROP SEQUENCE counter;
DROP TABLE shop, keyless, parent, child, fleeting CASCADE;
REVOKE gqlsvl_event_admin FROM events_owner;
DROP ROLE events_owner, events_stranger;
