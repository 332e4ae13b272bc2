# A hot standby serves queries and delivers nothing; once promoted it delivers what the primary had not, and nothing is lost.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sink = GqlsvlTest::Sink->new->start;
my $primary = new_node('primary', "gqlsvl.anonymous_role = 'web'", 'wal_level = replica', 'max_wal_senders = 4', 'synchronous_commit = on');
$primary->safe_psql('postgres', 'CREATE TABLE item (id int PRIMARY KEY, version int NOT NULL DEFAULT 0); CREATE ROLE web NOLOGIN; GRANT web TO gqlsvl_authenticator; GRANT SELECT ON item TO web');
$primary->append_conf('pg_hba.conf', "local replication all trust\nhost replication all 127.0.0.1/32 trust");
$primary->reload;
$primary->backup('base');

my $standby = PostgreSQL::Test::Cluster->new('standby');
my $port = PostgreSQL::Test::Cluster::get_free_port();
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "gqlsvl.port = $port");
$standby->start;

sub ask
{
	my ($query) = @_;
	my ($out) = run_command([ 'curl', '-sS', '-m', '10', '-H', 'content-type: application/json', '-d', qq({"query": "$query"}), "http://127.0.0.1:$port/v1/graphql" ]);
	return $out;
}
sub delivered { my ($path) = @_; return join ',', sort { $a <=> $b } map { $_->{body}{event}{data}{new}{id} } $sink->delivered($path); }

# The receiver is down for one trigger and up for another, so that there is something left to deliver.
$primary->safe_psql('postgres', "SELECT gqlsvl.create_trigger('open', 'item', '@{[$sink->url('/open')]}');
	SELECT gqlsvl.create_trigger('waiting', 'item', '@{[$sink->url('/waiting?status=503&first=2')]}', num_retries => 1000, retry_interval => '1 h', max_interval => '1 h')");
$primary->safe_psql('postgres', 'INSERT INTO item SELECT generate_series(1, 5)');
wait_for('the primary delivers', sub { delivered('/open') eq '1,2,3,4,5' });
$primary->wait_for_catchup($standby);

wait_for('a query on the standby sees what the primary committed', sub { ask('{ item(order_by: {id: asc}) { id } }') =~ /"id" ?: ?5/ });
like(ask('mutation { delete_item(where: {}) { affected_rows } }'), qr/"errors"/, 'a mutation there is an error');
is($standby->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'gqlsvl delivery'"), 0, 'no delivery worker runs on the standby');

$primary->stop('immediate');
$standby->promote;
wait_for('a delivery worker runs after the promotion', sub { delivery_worker($standby) });
$standby->safe_psql('postgres', 'INSERT INTO item VALUES (6)');
wait_for('a change after the promotion is delivered', sub { delivered('/open') =~ /6\z/ });
is($standby->safe_psql('postgres', "SELECT count(*) FROM gqlsvl.event_log WHERE trigger = 'waiting' AND status IN ('retrying', 'pending')"), 6, 'what waits for a retry has come along');

$standby->stop;
$sink->stop;
done_testing();
