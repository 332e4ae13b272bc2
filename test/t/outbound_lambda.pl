# Events reach Lambda functions by name and by ARN, with keys of the server's environment; what the function answers decides.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

my $sink = GqlsvlTest::Sink->new->start;
@ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION)} = ('AKIDENV', 'secret', 'token-of-the-environment', 'eu-north-1');
my $node = new_node('lambda', "gqlsvl.aws_endpoint = '@{[$sink->url('')]}'");
sub sql { return $node->safe_psql('postgres', $_[0]); }
sql('CREATE TABLE item (id int PRIMARY KEY, note text)');

sub function_path { return "/2015-03-31/functions/$_[0]/invocations"; }
sub trigger {
	my ($name, $webhook, %options) = @_;
	my $sink_does = $options{sink} ? qq('{"x-sink": "$options{sink}"}') : "'{}'";
	sql("SELECT gqlsvl.create_trigger('$name', 'item', '$webhook', headers => $sink_does, retry_interval => '50 ms', backoff => 1, max_interval => '50 ms', "
		  . ($options{more} // 'num_retries => 3') . ')');
}
sub log_is { my ($name, $what, $condition) = @_; return wait_for($what, sub { count($node, "gqlsvl.event_log WHERE trigger = '$name' AND $condition") == 1 }) && pass($what); }

my $arn = 'arn:aws:lambda:us-east-2:123456789012:function:pay';
trigger('bare', 'lambda:pay');
trigger('alias', 'lambda:pay:live');
trigger('arn', "$arn:42");
trigger('event', 'lambda:later', more => "invocation_type => 'Event'", sink => 'status=202');
trigger('failing', 'lambda:failing', sink => 'function-error=Unhandled&first=1');
trigger('always_failing', 'lambda:always', sink => 'function-error=Handled');
trigger('throttled', 'lambda:throttled', sink => 'status=429&first=1');
trigger('malformed', 'lambda:malformed', sink => 'status=400');
sql("INSERT INTO item VALUES (1, 'x')");
log_is($_, "$_: delivered", "status = 'delivered' AND attempts = 1") for qw(bare alias arn event);
my %call = map { ("$_->{path}?$_->{query}" => $_) } $sink->requests;
my ($bare, $alias, $by_arn) = map { $call{$_} } function_path('pay') . '?', function_path('pay') . '?Qualifier=live', function_path($arn =~ s/:/%3A/gr) . '?Qualifier=42';
like($bare->{headers}{authorization}, qr{Credential=AKIDENV/\d{8}/eu-north-1/lambda/}, 'a name is called in the region of the environment, with its keys');
is($bare->{headers}{'x-amz-security-token'}, 'token-of-the-environment', 'and its session token');
is($bare->{headers}{'x-amz-invocation-type'}, 'RequestResponse', 'and waits for the answer');
is($bare->{body}{event}{data}{new}{note}, 'x', 'the payload is that of a webhook');
ok($alias, 'an alias is the qualifier');
like($by_arn->{headers}{authorization}, qr{/us-east-2/lambda/}, 'an ARN is called in its own region, its version as the qualifier');
is($call{ function_path('later') . '?' }{headers}{'x-amz-invocation-type'}, 'Event', 'an asynchronous call says so');

log_is('failing', 'an error of the function is a failure in spite of 200, and is tried again', "status = 'delivered' AND attempts = 2");
log_is('always_failing', 'until its attempts are used up', "status = 'dead' AND attempts = 4 AND last_status = 200 AND last_error = 'Lambda function error Handled'");
log_is('throttled', '429 is tried again', "status = 'delivered' AND attempts = 2");
log_is('malformed', '400 is final', "status = 'dead' AND attempts = 1 AND last_status = 400");
sql('SELECT gqlsvl.drop_trigger(name) FROM gqlsvl.trigger WHERE dropped_at IS NULL');

# Size, before anything is sent.
my $sent = $sink->requests;
trigger('large', 'lambda:large');
trigger('large_event', 'lambda:large', more => "invocation_type => 'Event'");
sql("INSERT INTO item VALUES (2, repeat('x', 1100000))");
log_is('large', '1.1 MB fits a synchronous call', "status = 'delivered'");
log_is('large_event', 'and is final for an asynchronous one', "status = 'dead' AND attempts = 1 AND last_error LIKE 'the body of % bytes is too large for Lambda, which takes 1048576%'");
sql("INSERT INTO item VALUES (3, repeat('x', 6400000))");
log_is('large', '6.4 MB is final for both', "status = 'dead' AND attempts = 1 AND last_error LIKE '%which takes 6291456%'");
is(scalar($sink->requests) - $sent, 1, 'only what fits was sent');

# Keys of a role, as a container gets them: the first event waits for them instead of failing.
sub restart_with { my (%variables) = @_; $node->stop; delete @ENV{ grep /^AWS_/, keys %ENV }; @ENV{ keys %variables } = values %variables; $node->start; }
sql('SELECT gqlsvl.drop_trigger(name) FROM gqlsvl.trigger WHERE dropped_at IS NULL');
my $keys = '%7B%22AccessKeyId%22:%22ASIAROLE%22,%22SecretAccessKey%22:%22s%22,%22Token%22:%22token-of-the-role%22,%22Expiration%22:%222099-01-01T00:00:00Z%22%7D';
restart_with(AWS_REGION => 'eu-west-1', AWS_CONTAINER_CREDENTIALS_FULL_URI => $sink->url("/keys?delay=0.5&answer=$keys"), AWS_CONTAINER_AUTHORIZATION_TOKEN => 'pod');
is(scalar($sink->requests('/keys')), 0, 'nobody is asked for keys before they are needed');
trigger('role', 'lambda:role');
sql("INSERT INTO item VALUES (4), (5)");
wait_for('both events are delivered', sub { count($node, "gqlsvl.event_log WHERE trigger = 'role' AND status = 'delivered' AND attempts = 1") == 2 });
my ($asked) = $sink->requests('/keys');
is($asked->{headers}{authorization}, 'pod', 'the container\'s endpoint is asked with its token');
is(scalar($sink->requests('/keys')), 1, 'once');
my ($by_role) = $sink->requests(function_path('role'));
like($by_role->{headers}{authorization}, qr{Credential=ASIAROLE/}, 'the function is called with the keys of the role');
is($by_role->{headers}{'x-amz-security-token'}, 'token-of-the-role', 'and its session token');

# No keys anywhere.
restart_with(AWS_REGION => 'eu-west-1', AWS_EC2_METADATA_DISABLED => 'true', HOME => '/nonexistent');
sql("INSERT INTO item VALUES (6)");
log_is('role', 'without keys an event fails and says where they are looked for', "status IN ('retrying', 'dead') AND last_error LIKE 'no AWS credentials: set gqlsvl.aws_access_key_id%'");

$node->stop;
$sink->stop;
done_testing();
