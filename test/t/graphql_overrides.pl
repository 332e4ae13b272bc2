# Overrides of the API, and documents, come along in pg_dump: they mean the same tables and columns in the copy, where every OID and column number differs.
# Dialect: D8-custom-table D8-custom-roots D8-custom-field
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('overrides');
$node->init;
$node->append_conf('postgresql.conf', "gqlsvl.schemas = '\"Shop\"'\n");
$node->start;    # gqlsvl.resolve and the overrides work without shared_preload_libraries
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION gqlsvl;
CREATE SCHEMA "Shop";
CREATE TABLE "Shop"."Customer" (gone int, id int PRIMARY KEY, "full Name" text);
ALTER TABLE "Shop"."Customer" DROP COLUMN gone;
CREATE TABLE "Shop"."Order" (gone int, id int PRIMARY KEY, customer_id int REFERENCES "Shop"."Customer");
ALTER TABLE "Shop"."Order" DROP COLUMN gone;
CREATE TABLE "Shop".dropped (id int PRIMARY KEY);
CREATE TABLE "Shop"."State" (gone int, v text PRIMARY KEY);
ALTER TABLE "Shop"."State" DROP COLUMN gone;
INSERT INTO "Shop"."State" VALUES ('new'), ('paid');
ALTER TABLE "Shop"."Order" ADD state text DEFAULT 'new' REFERENCES "Shop"."State";
INSERT INTO "Shop"."Customer" VALUES (1, 'Ana');
INSERT INTO "Shop"."Order" VALUES (7, 1);
SELECT gqlsvl.rename_table('"Shop"."Order"', 'orders'), gqlsvl.rename_table('"Shop"."Customer"', 'customers'), gqlsvl.rename_table('"Shop".dropped', 'x');
SELECT gqlsvl.rename_field('"Shop"."Customer"', 'full Name', 'fullName');
SELECT gqlsvl.set_root_fields('"Shop"."Order"', '{"select": "allOrders"}');
SELECT gqlsvl.add_relationship('"Shop"."Order"', 'buyer', 'object', '"Shop"."Customer"', '{"customer_id": "id"}');
SELECT gqlsvl.drop_relationship('"Shop"."Customer"', 'orders');
SELECT gqlsvl.rename_table('"Shop"."State"', 'state'), gqlsvl.set_enum_table('"Shop"."State"');
CREATE FUNCTION "Shop"."Find"("Part" text) RETURNS SETOF "Shop"."Customer" LANGUAGE sql STABLE AS 'SELECT * FROM "Shop"."Customer" WHERE "full Name" LIKE $1';
CREATE FUNCTION "Shop".loud("Shop"."Customer") RETURNS text LANGUAGE sql STABLE AS 'SELECT upper($1."full Name")';
CREATE FUNCTION "Shop".gone("Shop"."Customer") RETURNS text LANGUAGE sql STABLE AS 'SELECT 1';
SELECT gqlsvl.track_function('"Shop"."Find"(text)', name => 'find'), gqlsvl.add_computed_field('"Shop"."Customer"', 'loud', '"Shop".loud("Shop"."Customer")'),
  gqlsvl.add_computed_field('"Shop"."Customer"', 'gone', '"Shop".gone("Shop"."Customer")');
INSERT INTO gqlsvl.document (id, query, roles) VALUES ('orders', '{ allOrders { id } }', '{web}');
DROP FUNCTION "Shop".gone;
CREATE ROLE "We b"; CREATE ROLE gone;
SELECT gqlsvl.set_table_option('"Shop"."Order"', max_rows => 2), gqlsvl.set_table_option('"Shop"."Order"', '"We b"', allow_aggregations => false, query_root_fields => '{select_by_pk}', subscription_root_fields => '{}', backend_only => true),
  gqlsvl.set_table_option('"Shop"."Order"', 'gone', max_rows => 9), gqlsvl.set_table_option('"Shop".dropped', '"We b"', max_rows => 9);
DROP ROLE gone;
DROP TABLE "Shop".dropped;
CREATE DATABASE copy TEMPLATE template0;
SQL

my $query = q{SELECT gqlsvl.resolve('{ allOrders { id buyer { fullName loud } } find(args: {Part: "A%"}) { loud } __type(name: "customers") { fields { name } } state: __type(name: "state_enum") { enumValues { name } } }')};
my $expected = '{"data":{"allOrders":[{"id":7,"buyer":{"fullName":"Ana","loud":"ANA"}}],"find":[{"loud":"ANA"}],"__type":{"fields":[{"name":"fullName"},{"name":"id"},{"name":"loud"}]},"state":{"enumValues":[{"name":"new"},{"name":"paid"}]}}}';
is($node->safe_psql('postgres', $query), $expected, 'the overrides hold');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
command_ok([ 'pg_dump', '-p', $node->port, '-h', $node->host, '-f', $dump, 'postgres' ], 'pg_dump goes through');
my ($result, $out, $errors) = $node->psql('copy', '', extra_params => [ '-f', $dump, '-v', 'ON_ERROR_STOP=1' ]);
is($result, 0, 'the restore goes through') or diag($errors);
is($node->safe_psql('copy', $query), $expected, 'and mean the same in the copy');
is($node->safe_psql('copy', "SELECT count(*) FROM gqlsvl.override WHERE value = '\"x\"'"), '0', 'that of a dropped table stayed behind');
is($node->safe_psql('copy', "SELECT count(*) FROM gqlsvl.function_field WHERE name = 'gone'"), '0', 'so did the field of a dropped function');
is($node->safe_psql('copy', 'SELECT table_name, role, max_rows, allow_aggregations, query_root_fields, subscription_root_fields, backend_only FROM gqlsvl.table_option ORDER BY role NULLS FIRST'),
	qq("Shop"."Order"||2||||\n"Shop"."Order"|"We b"||f|{select_by_pk}|{}|t), 'limits of tables and roles came along, but for those of a dropped one');
is($node->safe_psql('copy', q{SELECT id, query, roles, hash = gqlsvl.document_hash(query) FROM gqlsvl.document}), 'orders|{ allOrders { id } }|{web}|t', 'documents come along');
# The restored trigger tells of new rows, and goes with the extension.
my $values = q{SELECT gqlsvl.resolve('{ __type(name: "state_enum") { enumValues { name } } }') #>> '{data,__type,enumValues}'};
my $session = $node->background_psql('copy');
$session->query_safe($values);
$node->safe_psql('copy', q{INSERT INTO "Shop"."State" VALUES ('sent')});
is($session->query_safe($values), '[{"name":"new"},{"name":"paid"},{"name":"sent"}]', 'an enum value added after the restore is seen by a session that has the schema');
$session->quit;
is($node->safe_psql('copy', q{DROP EXTENSION gqlsvl; SELECT count(*) FROM pg_trigger WHERE tgname ~ 'gqlsvl'}), '0', 'DROP EXTENSION takes the trigger along');
$node->stop;
done_testing();
