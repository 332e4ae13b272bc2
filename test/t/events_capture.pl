# Changes that reach a table by another way than a client's statement: prepared transactions, logical replication, foreign partitions; and many
# at once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('capture', 'gqlsvl.delivery = off', 'wal_level = logical', 'max_wal_senders = 4', 'max_replication_slots = 4', 'max_prepared_transactions = 4', 'max_worker_processes = 20');

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub far { return $node->safe_psql('far', $_[0]); }
my $seen = 0;

# The operations and ids captured since the last call, in the order of the events.
sub captured
{
	my $events = sql("SELECT coalesce(string_agg(op::text || ':' || coalesce(payload #>> '{data,new,id}', payload #>> '{data,old,id}'), ' ' ORDER BY id), '') FROM gqlsvl.event WHERE id > $seen");
	$seen = sql('SELECT coalesce(max(id), 0) FROM gqlsvl.event');
	return $events;
}

sql(q{CREATE TABLE item (id int PRIMARY KEY, note text); SELECT gqlsvl.create_trigger('item', 'item', 'http://127.0.0.1:9/')});

# Two-phase commit.
sql(q{BEGIN; INSERT INTO item VALUES (1); SAVEPOINT s; INSERT INTO item VALUES (2); ROLLBACK TO s; PREPARE TRANSACTION 'kept'});
sql(q{BEGIN; INSERT INTO item VALUES (3); PREPARE TRANSACTION 'undone'});
is(captured(), '', 'a prepared transaction has no events yet');
$node->stop('immediate');
$node->start;
sql(q{COMMIT PREPARED 'kept'; ROLLBACK PREPARED 'undone'});
is(captured(), 'I:1', 'after a crash of the server too, COMMIT PREPARED brings them, ROLLBACK PREPARED none');

# A deferred trigger writes while the transaction commits.
sql(q{CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN UPDATE item SET note = 'again' WHERE id = new.id; RETURN NULL; END$$;
	CREATE CONSTRAINT TRIGGER again AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION again()});
sql('INSERT INTO item VALUES (4)');
is(captured(), 'I:4 U:4', 'a change made by a deferred trigger at commit is captured');
sql('DROP TRIGGER again ON item');

# Foreign keys are checked row by row, by queries of their own that end between the captured rows: the events are written together all the same.
sql(q{CREATE EXTENSION pg_walinspect; CREATE TABLE owner (id int PRIMARY KEY); CREATE TABLE owned (id int PRIMARY KEY, owner int REFERENCES owner ON DELETE CASCADE);
	INSERT INTO owner SELECT generate_series(1, 500); SELECT gqlsvl.create_trigger('owned', 'owned', 'http://127.0.0.1:9/')});
sub records_of_many_rows
{
	my ($change) = @_;
	my $from = sql('SELECT pg_current_wal_lsn()');
	sql($change);
	return sql("SELECT count(*) FROM pg_get_wal_records_info('$from', pg_current_wal_flush_lsn()) WHERE record_type LIKE 'MULTI_INSERT%'");
}
for my $change ('INSERT INTO owned SELECT g, g FROM generate_series(1, 500) g', 'DELETE FROM owner')
{
	my $before = sql('SELECT count(*) FROM gqlsvl.event');
	cmp_ok(records_of_many_rows($change), '<', 100, "in few pieces: $change");
	is(sql('SELECT count(*) FROM gqlsvl.event') - $before, 500, '500 events');
}
captured();

# What the apply worker of logical replication writes.
$node->safe_psql('postgres', 'CREATE DATABASE far');
far(q{CREATE TABLE item (id int PRIMARY KEY, note text); CREATE PUBLICATION items FOR TABLE item});
far(q{SELECT pg_create_logical_replication_slot('items', 'pgoutput')});
my $connection = 'host=' . $node->host . ' port=' . $node->port . ' dbname=far';
sql("CREATE SUBSCRIPTION items CONNECTION '$connection' PUBLICATION items WITH (create_slot = false, slot_name = 'items', copy_data = false)");
far('INSERT INTO item VALUES (10)');
wait_for('the row is replicated', sub { count($node, 'item WHERE id = 10') == 1 });
is(captured(), '', 'a change applied by replication is none: its origin has sent the event');
sql(q{SELECT gqlsvl.alter_trigger('item', fire_on_replica => true)});
far(q{INSERT INTO item VALUES (11), (12); UPDATE item SET note = 'r' WHERE id = 11; DELETE FROM item WHERE id = 12});
wait_for('the changes are replicated', sub { count($node, q{item WHERE note = 'r'}) == 1 && count($node, 'item WHERE id = 12') == 0 });
is(captured(), 'I:11 I:12 U:11 D:12', 'with fire_on_replica it is one');
sql($_) for 'ALTER SUBSCRIPTION items DISABLE', 'ALTER SUBSCRIPTION items SET (slot_name = NONE)', 'DROP SUBSCRIPTION items';

# A partition in another database.
far('CREATE TABLE part (id int, region text)');
sql("CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '@{[$node->host]}', port '@{[$node->port]}', dbname 'far');"
	  . q{CREATE USER MAPPING FOR CURRENT_USER SERVER far; CREATE TABLE spread (id int, region text) PARTITION BY LIST (region);
	CREATE TABLE near PARTITION OF spread FOR VALUES IN ('near'); CREATE FOREIGN TABLE away PARTITION OF spread FOR VALUES IN ('far') SERVER far OPTIONS (table_name 'part');
	SELECT gqlsvl.create_trigger('spread', 'spread', 'http://127.0.0.1:9/', ordering => 'none')});
sql(q{INSERT INTO spread VALUES (20, 'near'), (21, 'far'); UPDATE spread SET id = 22 WHERE id = 21; DELETE FROM spread WHERE id = 22});
is(captured(), 'I:20 I:21 U:22 D:22', 'a foreign partition: changes by statements here');
far(q{INSERT INTO part VALUES (23, 'far')});
is(count($node, 'spread WHERE id = 23'), 1, 'those made there are seen');
is(captured(), '', 'but are none');

# Large statements side by side make their event table larger together; the server dies meanwhile.
sql(q{CREATE EXTENSION amcheck; CREATE TABLE bulk (id bigserial PRIMARY KEY, body text); SELECT gqlsvl.create_trigger('bulk', 'bulk', 'http://127.0.0.1:9/')});
my $script = PostgreSQL::Test::Utils::tempdir() . '/bulk.sql';
append_to_file($script, "INSERT INTO bulk (body) SELECT repeat('x', 300) FROM generate_series(1, 2500);\n");
my $report = '';
my $writers = IPC::Run::start([ 'pgbench', '-n', '-p', $node->port, '-h', $node->host, '-c', 4, '-t', 1000, '-f', $script, 'postgres' ], '<', \undef, '>', \$report, '2>', \$report);
wait_for('twenty statements are through', sub { count($node, 'bulk') >= 20 * 2500 });
$node->stop('immediate');
$writers->finish;
$node->start;
sql("INSERT INTO bulk (body) SELECT repeat('y', 300) FROM generate_series(1, 2500)");
is(sql(q{SELECT count(*) FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id AND t.name = 'bulk' FULL JOIN bulk b ON (e.payload #>> '{data,new,id}')::bigint = b.id WHERE b.id IS NULL OR e.id IS NULL}),
	'0', 'each committed row has its event, no other has');
is(sql(q{SELECT count(*) FROM generate_series(0, 7) c, LATERAL verify_heapam(('gqlsvl.event_' || c)::regclass) v}), '0', 'the event tables are sound');
is(sql(q{SELECT count(bt_index_check(('gqlsvl.event_' || c || '_txid')::regclass, true)) FROM generate_series(0, 7) c}), '8', 'and so are their indexes, which name each row');
my $bytes = sql('SELECT sum(pg_column_size(e) + 28) FROM gqlsvl.event e');
cmp_ok(sql(q{SELECT sum(pg_relation_size(i.inhrelid)) FROM pg_inherits i WHERE i.inhparent = 'gqlsvl.event'::regclass}), '<', 2 * $bytes, 'what the file system gave beforehand is used');
$node->stop;
done_testing();
