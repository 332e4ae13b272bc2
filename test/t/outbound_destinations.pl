# What a definition names is filled in at delivery, only for an owner who may name it, and shows nowhere; signatures follow their secret.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(hmac_sha256);
use GqlsvlTest;
use MIME::Base64;
use PostgreSQL::Test::Utils;
use Test::More;

my $sink = GqlsvlTest::Sink->new->start;
@ENV{qw(SHOP_VARIABLE OTHER_VARIABLE AWS_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)} = ('of-the-environment', 'not-for-the-clerk', 'eu-west-1', 'AKID', 'key');
my $node = new_node('destinations', 'log_statement = none', "gqlsvl.env_allow = 'SHOP_VARIABLE'", "gqlsvl.lambda_allow = 'pay'", "gqlsvl.aws_endpoint = '@{[$sink->url('')]}'");
sub sql { return $node->safe_psql('postgres', $_[0]); }
sub as_clerk { return sql("SET ROLE clerk; $_[0]"); }
sub refused { my ($command) = @_; my (undef, undef, $error) = $node->psql('postgres', "SET ROLE clerk; $command"); return $error; }
sql(<<'SQL');
CREATE ROLE clerk; CREATE ROLE other;
GRANT gqlsvl_event_admin TO clerk, other;
CREATE TABLE item (id int PRIMARY KEY); CREATE TABLE thing (id int PRIMARY KEY);
ALTER TABLE item OWNER TO clerk;
SELECT gqlsvl.set_secret('roots', 'hush-of-the-superuser');
SET ROLE other; SELECT gqlsvl.set_secret('others', 'hush-of-another-role');
SET ROLE clerk; SELECT gqlsvl.set_secret('token', 'hush-of-the-clerk'), gqlsvl.set_secret('where', 'named');
SQL
my $options = "retry_interval => '100 ms', backoff => 1, num_retries => 1000, replace => true";
sub trigger {
	my ($name, $webhook, $headers, $more) = @_;
	return "SELECT gqlsvl.create_trigger('$name', 'item', '$webhook', headers => '$headers', $options" . ($more ? ", $more" : '') . ')';
}
my $row = 0;
sub next_event { $row++; sql("INSERT INTO item VALUES ($row)"); return; }
sub delivered { my ($path, $times) = @_; return wait_for("$path: delivery $times", sub { $sink->delivered($path) == $times }) && ($sink->delivered($path))[-1]; }

# Filled in, for a role that is no superuser.
my $base = $sink->url('');
as_clerk(trigger('t', "$base/{{where}}/{{ SHOP_VARIABLE }}", '{"authorization": "Bearer {{token}}", "x-secret": {"secret": "token"}, "x-env": {"from_env": "SHOP_VARIABLE"}}'));
next_event();
my $request = delivered('/named/of-the-environment', 1);
is($request->{headers}{authorization}, 'Bearer hush-of-the-clerk', 'a {{NAME}} in a header');
is($request->{headers}{'x-secret'}, 'hush-of-the-clerk', 'a header that is a secret');
is($request->{headers}{'x-env'}, 'of-the-environment', 'a header that is a variable of gqlsvl.env_allow');
as_clerk("SELECT gqlsvl.set_secret('token', 'hush-of-the-clerk-2')");
next_event();
is(delivered('/named/of-the-environment', 2)->{headers}{'x-secret'}, 'hush-of-the-clerk-2', 'a secret set anew counts from the next event on');

# Not to be reached.
for my $case ([trigger('n', "$base/", '{"x": {"secret": "others"}}'), 'secret "others" of header "x" is not there'],
	[trigger('n', "$base/", '{"x": "{{roots}}"}'), '"roots" is no secret of the trigger\'s owner, and gqlsvl.env_allow does not have it'],
	[trigger('n', "$base/{{OTHER_VARIABLE}}", '{}'), '"OTHER_VARIABLE" is no secret of the trigger\'s owner'],
	[trigger('n', "$base/", '{"x": {"from_env": "OTHER_VARIABLE"}}'), '"OTHER_VARIABLE" is no secret of the trigger\'s owner'],
	[trigger('n', 'lambda:refund', '{}'), 'not among those that gqlsvl.lambda_allow lets roles call'],
	[trigger('n', 'lambda:{{where}}', '{}'), 'not among those that gqlsvl.lambda_allow lets roles call'],
	[trigger('n', "$base/", '{}', "signing_secret => 'roots'"), 'secret "roots" of option "signing_secret" is not there'],
	[trigger('n', "$base/", '{}', "signing_secret => 'token'"), 'key 1 of the signing secret is not valid']) {
	my ($command, $error) = @$case;
	my $said = refused($command);
	like($said, qr/\Q$error\E/, "refused: $error");
	unlike($said, qr/hush-|not-for-the-clerk/, 'without a value');
}
is(sql("SELECT count(*) FROM gqlsvl.trigger WHERE name = 'n'"), '0', 'nothing was made');
as_clerk(trigger('allowed', 'lambda:pay:live', '{}'));
next_event();
ok(delivered('/2015-03-31/functions/pay/invocations', 1), 'a function of gqlsvl.lambda_allow is called');
as_clerk("SELECT gqlsvl.drop_trigger('allowed')");

# Rights are those of the time of delivery.
sql(trigger('t', "$base/root/{{OTHER_VARIABLE}}", '{"x": "{{roots}}"}'));
next_event();
is(delivered('/root/not-for-the-clerk', 1)->{headers}{x}, 'hush-of-the-superuser', 'a superuser reaches all variables and secrets');
sql("UPDATE gqlsvl.trigger SET owner = 'clerk' WHERE name = 't'; SELECT gqlsvl.set_secret('any', 'x')");
next_event();
wait_for('a trigger that belongs to another role now is not sent', sub { count($node, "gqlsvl.event_log WHERE last_error LIKE '\"OTHER_VARIABLE\" is no secret%'") == 1 });
is(scalar($sink->requests('/root/not-for-the-clerk')), 1, 'nothing was sent');
$node->adjust_conf('postgresql.conf', 'gqlsvl.env_allow', "'OTHER_VARIABLE, SHOP_VARIABLE, roots'");
$node->reload;
wait_for('with the variable allowed the name of a secret that is not his is looked for in the environment', sub { count($node, "gqlsvl.event_log WHERE last_error LIKE '{{roots}} is neither a secret%'") == 1 });
sql("DROP ROLE IF EXISTS nobody; SELECT gqlsvl.drop_trigger('t')");

# A secret that goes away.
as_clerk(trigger('gone', "$base/gone", '{"x": {"secret": "token"}}'));
as_clerk("SELECT gqlsvl.drop_secret('token')");
next_event();
wait_for('an event whose secret is gone waits', sub { count($node, "gqlsvl.event_log WHERE status = 'retrying' AND last_error = 'secret \"token\" of header \"x\" is not there'") == 1 });
as_clerk("SELECT gqlsvl.set_secret('token', 'hush-of-the-clerk-3')");
is(delivered('/gone', 1)->{headers}{x}, 'hush-of-the-clerk-3', 'and goes on when it is set again');
as_clerk("SELECT gqlsvl.drop_trigger('gone')");

# A receiver that sends back what it got puts no secret into the log.
as_clerk(trigger('echo', "$base/echo?status=400&echo=1", '{"x-token": {"secret": "token"}}', 'num_retries => 0') =~ s/num_retries => 1000, //r);
next_event();
wait_for('the answer is logged', sub { count($node, "gqlsvl.invocation_log WHERE trigger = 'echo'") == 1 });
like(sql("SELECT response FROM gqlsvl.invocation_log WHERE trigger = 'echo'"), qr/x-token: \{\{token\}\}/, 'with the name in the place of the value');
as_clerk("SELECT gqlsvl.drop_trigger('echo')");

# Signatures.
my ($old, $new) = map { 'whsec_' . encode_base64($_ x 32, '') } 'o', 'n';
sub signature {
	my ($request, $key) = @_;
	my $headers = $request->{headers};
	return 'v1,' . encode_base64(hmac_sha256("$headers->{'webhook-id'}.$headers->{'webhook-timestamp'}.$request->{raw}", decode_base64($key =~ s/whsec_//r)), '');
}
as_clerk("SELECT gqlsvl.set_secret('signing', '$old')");
as_clerk(trigger('signed', "$base/signed?status=503&first=1&raw=1", '{}', "signing_secret => 'signing'"));
next_event();
delivered('/signed', 1);
my @attempts = $sink->requests('/signed');
is(scalar(@attempts), 2, 'an event is signed, refused and signed again');
is($_->{headers}{'webhook-signature'}, signature($_, $old), 'with the key') for @attempts;
is($_->{headers}{'webhook-id'}, $_->{body}{id}, 'the id is that of the event') for @attempts;
cmp_ok(abs($attempts[-1]{headers}{'webhook-timestamp'} - $attempts[-1]{at}), '<', 5, 'the time is that of the attempt');
as_clerk("SELECT gqlsvl.set_secret('signing', '$new $old')");
next_event();
$request = delivered('/signed', 2);
is($request->{headers}{'webhook-signature'}, signature($request, $new) . ' ' . signature($request, $old), 'while receivers change over: with both keys');
as_clerk("SELECT gqlsvl.set_secret('signing', '$new')");
next_event();
$request = delivered('/signed', 3);
is($request->{headers}{'webhook-signature'}, signature($request, $new), 'afterwards: with the new one');

# 410: a receiver of signed requests does not want to be asked again.
as_clerk("SELECT gqlsvl.drop_trigger('signed')");
as_clerk(trigger('leaving', "$base/leaving?status=410", '{}', "signing_secret => 'signing'"));
as_clerk(trigger('unsigned', "$base/unsigned?status=410&first=1", '{}'));
next_event();
wait_for('the trigger is paused', sub { sql("SELECT paused FROM gqlsvl.trigger WHERE name = 'leaving'") eq 't' });
like(slurp_file($node->logfile), qr/WARNING:.*trigger "leaving" is paused: its receiver answered 410 Gone/, 'and the log says so');
next_event();
ok(delivered('/unsigned', 2), 'a trigger that does not sign goes on');
is(scalar($sink->requests('/leaving')), 1, 'one that is paused does not');
as_clerk("SELECT gqlsvl.alter_trigger('leaving', webhook => '$base/moved'), gqlsvl.resume_trigger('leaving')");
delivered('/moved', 2) and pass('with another webhook and resumed it sends both events');

my $log = slurp_file($node->logfile);
unlike($log, qr/hush-|\Q$old\E|\Q$new\E/, 'no secret is in the server\'s log');
is(sql("SELECT count(*) FROM gqlsvl.trigger t WHERE t::text LIKE '%hush-%'") . sql("SELECT count(*) FROM gqlsvl.event e WHERE e::text LIKE '%hush-%'")
	  . sql("SELECT count(*) FROM gqlsvl.invocation i WHERE i::text LIKE '%hush-%'") . sql("SELECT count(*) FROM gqlsvl.retry r WHERE r::text LIKE '%hush-%'"),
	'0000', 'nor in definitions, events, attempts and retries');

$node->stop;
$sink->stop;
done_testing();
