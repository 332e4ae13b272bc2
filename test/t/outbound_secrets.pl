# Secrets come from the configuration file, from a file of their own or from gqlsvl.set_secret; a source that fails lets nobody in and
# sends nothing; nobody but a superuser finds one of them anywhere.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(hmac_sha256 hmac_sha256_hex sha256_hex);
use GqlsvlTest;
use HTTP::Tiny;
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use POSIX ();
use PostgreSQL::Test::Utils;
use Test::More;

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $sink = GqlsvlTest::Sink->new->start;
my $folder = PostgreSQL::Test::Utils::tempdir();
my %secret = map { $_ => "hush-$_-" . 'x' x 32 } qw(jwt_file jwt_next jwt_stored admin aws_key aws_token other);
sub write_secret { my ($file, $text) = @_; open(my $out, '>', "$folder/$file") or die $!; print $out $text; close $out; }
sub jwt_config { return encode_json({ type => 'HS256', key => $_[0] }); }

write_secret('jwt', jwt_config($secret{jwt_file}) . "\n");
write_secret('admin', "$secret{admin}\r\n");
write_secret('aws_key', "$secret{aws_key}\n");
write_secret('aws_token', $secret{aws_token});
my $node = new_node('secrets', "gqlsvl.port = $port", "gqlsvl.jwt_secret = 'file:$folder/jwt'", "gqlsvl.admin_secret = 'file:$folder/admin'",
	"gqlsvl.admin_role = 'boss'", "log_statement = none", "gqlsvl.aws_region = 'eu-west-1'", "gqlsvl.aws_endpoint = '@{[$sink->url('')]}'",
	"gqlsvl.aws_access_key_id = 'AKIDFILE'", "gqlsvl.aws_secret_access_key = 'file:$folder/aws_key'", "gqlsvl.aws_session_token = 'file:$folder/aws_token'");
sub sql { return $node->safe_psql('postgres', $_[0]); }
sql('CREATE ROLE web; CREATE ROLE boss; GRANT web, boss TO gqlsvl_authenticator; CREATE TABLE item (id int PRIMARY KEY)');

sub token {
	my ($key) = @_;
	my $signed = join '.', map { encode_base64url(encode_json($_)) } { alg => 'HS256' }, { role => 'web', exp => time + 3600 };
	return "$signed." . encode_base64url(hmac_sha256($signed, $key));
}
sub ask {
	my (%headers) = @_;
	return HTTP::Tiny->new->post("http://127.0.0.1:$port/v1/graphql",
		{ headers => { 'Content-Type' => 'application/json', %headers }, content => '{"query":"{ __typename }"}' });
}
sub let_in { my (%headers) = @_; my $answer = ask(%headers); return $answer->{content} =~ /query_root/; }
sub bearer { my ($name) = @_; return (Authorization => 'Bearer ' . token($secret{$name})); }
sub health { return HTTP::Tiny->new->get("http://127.0.0.1:$port/healthz")->{content}; }
my $log_at = 0;
sub set_and_reload { $log_at = -s $node->logfile; $node->adjust_conf('postgresql.conf', @_) if @_; $node->reload; }
sub logged { my ($line) = @_; wait_for("the log says $line", sub { slurp_file($node->logfile, $log_at) =~ $line }); }

# Files.
wait_for('a token signed with the key of the file is accepted', sub { let_in(bearer('jwt_file')) });
ok(let_in('x-hasura-admin-secret' => $secret{admin}), 'the newline at the end of a file is no part of the admin secret');
ok(!let_in(bearer('jwt_next')), 'another key is refused');
write_secret('jwt', jwt_config($secret{jwt_next}));
set_and_reload();
wait_for('a reload reads the file again', sub { let_in(bearer('jwt_next')) });
ok(!let_in(bearer('jwt_file')), 'the key that it had before counts no more');

for my $case (['is not there', sub { unlink "$folder/jwt" }, qr/No such file or directory/],
	['may not be read', sub { write_secret('jwt', 'x'); chmod 0, "$folder/jwt" }, qr/Permission denied/],
	['is empty', sub { chmod 0600, "$folder/jwt"; write_secret('jwt', "\n") }, qr/it is empty/],
	['is a folder', sub { unlink "$folder/jwt"; mkdir "$folder/jwt" }, qr/not an ordinary file/],
	['is a pipe that nobody writes', sub { rmdir "$folder/jwt"; POSIX::mkfifo("$folder/jwt", 0600) or die $! }, qr/not an ordinary file/]) {
	my ($what, $spoil, $why) = @$case;
	$spoil->();
	set_and_reload();
	logged(qr/gqlsvl\.jwt_secret names a file that cannot be read.*\n.*DETAIL:.*$why/);
	wait_for("a file that $what lets nobody in", sub { !let_in(bearer('jwt_next')) });
	wait_for("/healthz says that it $what", sub { health() =~ /gqlsvl\.jwt_secret names a file that cannot be read/ });
}
ok(let_in('x-hasura-admin-secret' => $secret{admin}), 'which leaves the admin secret alone');
ok($node->psql('postgres', 'SELECT 1') == 0, 'and the server');

# Secrets of the database.
set_and_reload('gqlsvl.jwt_secret', "'secret:jwt'");
logged(qr/gqlsvl\.jwt_secret names the secret "jwt", which this database does not have/);
sql("SELECT gqlsvl.set_secret('jwt', '" . jwt_config($secret{jwt_stored}) . "')");
set_and_reload();
wait_for('a token signed with the stored key is accepted', sub { let_in(bearer('jwt_stored')) });
sql("CREATE ROLE clerk; GRANT gqlsvl_event_admin TO clerk; SET ROLE clerk; SELECT gqlsvl.set_secret('clerks', '" . jwt_config($secret{other}) . "')");
set_and_reload('gqlsvl.jwt_secret', "'secret:clerks'");
logged(qr/gqlsvl\.jwt_secret names the secret "clerks", which does not belong to a superuser/);
wait_for('a secret set by a role that is no superuser signs nothing', sub { !let_in(bearer('jwt_stored')) });
ok(!let_in(bearer('other')), 'nor does its own key');
for my $case (["SELECT gqlsvl.set_secret('jwt', 'mine')", 'must be owner of secret "jwt"'], ["SELECT gqlsvl.drop_secret('jwt')", 'must be owner of secret "jwt"'],
	["SELECT gqlsvl.drop_secret('absent')", 'secret "absent" does not exist'], ["SELECT gqlsvl.set_secret('a b', 'x')", 'invalid name of a secret'],
	["SELECT gqlsvl.set_secret('x', '')", 'the value of a secret is empty or too long'], ['SELECT * FROM gqlsvl.secret_value', 'permission denied for table secret_value']) {
	my ($command, $error) = @$case;
	my ($code, $out, $err) = $node->psql('postgres', "SET ROLE clerk; $command");
	like($err, qr/\Q$error\E/, "$command: $error");
}
my (undef, undef, $refused) = $node->psql('postgres', "SET ROLE web; SELECT gqlsvl.set_secret('x', 'y')");
like($refused, qr/permission denied for function gqlsvl.set_secret/, 'set_secret is for members of gqlsvl_event_admin');

# AWS keys: the signature that arrives is made with the content of the file.
sub signature {
	my ($request, $key) = @_;
	my $headers = $request->{headers};
	my ($day, $names) = $headers->{authorization} =~ m{Credential=AKIDFILE/(\d{8})/eu-west-1/lambda/aws4_request, SignedHeaders=([^,]+),} or return '';
	my $canonical = join "\n", 'POST', $request->{path}, '', (map { "$_:$headers->{$_}" } split /;/, $names), '', $names, $request->{sha256};
	my $to_sign = join "\n", 'AWS4-HMAC-SHA256', $headers->{'x-amz-date'}, "$day/eu-west-1/lambda/aws4_request", sha256_hex($canonical);
	my $chain = "AWS4$key";
	$chain = hmac_sha256($_, $chain) for $day, 'eu-west-1', 'lambda', 'aws4_request';
	return hmac_sha256_hex($to_sign, $chain);
}
my $path = '/2015-03-31/functions/pay/invocations';
sql("SELECT gqlsvl.create_trigger('pay', 'item', 'lambda:pay', retry_interval => '200 ms', backoff => 1, headers => '{\"x-shop\": \"a  b\"}')");
sql('INSERT INTO item VALUES (1)');
wait_for('the function is called', sub { $sink->delivered($path) == 1 });
my ($call) = $sink->delivered($path);
is($call->{headers}{'x-amz-security-token'}, $secret{aws_token}, 'with the session token of the file');
like($call->{headers}{authorization}, qr/SignedHeaders=[^,]*;x-shop,/, 'the trigger\'s header is signed');
like($call->{headers}{authorization}, qr/Signature=\Q@{[signature({ %$call, headers => { %{ $call->{headers} }, 'x-shop' => 'a b' } }, $secret{aws_key})]}\E$/,
	'and the signature is that of the key of the file');
unlink "$folder/aws_key";
set_and_reload();
logged(qr/gqlsvl\.aws_secret_access_key names a file that cannot be read/);
sql('INSERT INTO item VALUES (2)');
wait_for('without its key an event waits, and the log says why', sub { count($node, "gqlsvl.event_log WHERE status = 'retrying' AND last_error LIKE 'gqlsvl.aws_secret_access_key names a file%'") == 1 });
is(scalar($sink->requests($path)), 1, 'nothing was sent');
sql("SELECT gqlsvl.set_secret('aws', '$secret{aws_key}')");
set_and_reload('gqlsvl.aws_secret_access_key', "'secret:aws'");
wait_for('it goes on with the key of the database', sub { $sink->delivered($path) == 2 });

# Nobody finds any of them.
my $finder = <<'SQL';
CREATE FUNCTION public.find(secret text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  place regclass; found bigint; places text[] := '{}';
BEGIN
  FOR place IN SELECT c.oid FROM pg_class c WHERE c.relkind IN ('r', 'v', 'm', 'p') AND has_table_privilege(c.oid, 'SELECT') LOOP
    BEGIN
      EXECUTE format('SELECT count(*) FROM %s t WHERE t::text LIKE %L', place, '%' || secret || '%') INTO found;
      IF found > 0 THEN places := places || place::text; END IF;
    EXCEPTION WHEN insufficient_privilege OR object_not_in_prerequisite_state OR feature_not_supported THEN NULL;
    END;
  END LOOP;
  RETURN array_to_string(places, ',');
END $$;
SQL
sql($finder);
sql('ANALYZE');
sql("ALTER DATABASE postgres SET shop.key = 'what anybody can read'");
is(sql("SET ROLE web; SELECT public.find('what anybody can read')"), 'pg_db_role_setting', 'the search finds what a role can read');
for my $name (sort keys %secret) {
	my $half = substr $secret{$name}, 5, 20;    # the search's own statement must not find itself
	is(sql("SET ROLE clerk; SELECT public.find('hush-' || '$half')"), '', "no relation shows $name to a role without rights");
}
set_and_reload('gqlsvl.admin_secret', "'$secret{admin}'");
wait_for('the secret stands in the configuration file', sub { sql('SHOW gqlsvl.admin_secret') eq '(hidden)' });
is(sql('GRANT pg_monitor TO web; SET ROLE web; SHOW gqlsvl.admin_secret'), '(hidden)', 'a role that monitors sees that there is one');
is(sql('SHOW gqlsvl.jwt_secret'), 'secret:clerks', 'and a superuser where the others are');
my $log = slurp_file($node->logfile);
is(join(',', grep { index($log, $secret{$_}) >= 0 } sort keys %secret), '', 'no log line holds one');
my ($dump) = PostgreSQL::Test::Utils::run_command([ 'pg_dump', '-d', $node->connstr('postgres') ]);
like($dump, qr/^COPY gqlsvl\.secret .*\n(.*\n)*?jwt\t/m, 'a dump has the names of secrets');
is(join(',', grep { index($dump, $secret{$_}) >= 0 } sort keys %secret), '', 'and none of their values');

$node->stop;
$sink->stop;
done_testing();
