package QueueWriter;

# A writer of the total-queue test: random transactions through one psql, each written down before and after.
#
# In:  a connection string, the writer's number, a record file, a file whose appearance ends it.
# Out: the record file, one JSON line for each transaction begun: {"ledger": N, "kept": [changes], "undone": [changes]} before it, then
#      {"ledger": N, "outcome": "committed" | "rolled back" | "unknown"} after it. A change is [operation, id, version-making op number].
#      "unknown" (the server went away): table ledger has N if and only if the transaction committed.
# Always: operation numbers are this writer's own; `kept` is what is committed if the transaction commits, `undone` never.
use strict;
use warnings;
use IO::Handle;
use IPC::Open2 qw(open2);
use JSON::PP ();
use Time::HiRes qw(sleep);

sub run
{
	my ($connection, $number, $record, $stop_file) = @_;
	local $SIG{PIPE} = 'IGNORE';
	srand($$ * 1000 + $number);
	open(my $out, '>>', $record) or die $!;
	$out->autoflush(1);
	my $self = bless { connection => $connection, next => $number * 1_000_000, psql => undef }, __PACKAGE__;
	until (-e $stop_file)
	{
		my $work = $self->transaction;
		print $out JSON::PP::encode_json({ ledger => $work->{ledger}, kept => $work->{kept}, undone => $work->{undone} }), "\n";
		my $outcome = $self->execute($work);
		print $out JSON::PP::encode_json({ ledger => $work->{ledger}, outcome => $outcome }), "\n";
		sleep($outcome eq 'unknown' ? 0.2 : rand(0.02));    # pace, not a wait: the server is given time to come back
	}
}

sub number { my ($self) = @_; return ++$self->{next}; }

# Rows 1 to 20 are shared by all writers; their locks make the order of a row's versions that of its commits.
sub update
{
	my ($self, $id, $into) = @_;
	my $op = $self->number;
	push @$into, [ 'UPDATE', $op ];
	return "UPDATE item SET version = version + 1, op = $op WHERE id = $id;";
}

sub transaction
{
	my ($self) = @_;
	my ($ledger, $kind, @kept, @undone) = ($self->number, int(rand(7)));
	my @ids = sort { $a <=> $b } map { 1 + int(rand(20)) } 1 .. 3;
	my $sql = "BEGIN; INSERT INTO ledger VALUES ($ledger); ";
	if ($kind == 0) { $sql .= $self->update($ids[0], \@kept) . ' COMMIT;'; }
	elsif ($kind == 1) { $sql .= join(' ', map { $self->update($_, \@kept) } @ids) . ' COMMIT;'; }
	elsif ($kind == 2) { $sql .= join(' ', map { $self->update($_, \@undone) } @ids) . ' ROLLBACK;'; }
	elsif ($kind == 3)
	{
		$sql .= $self->update($ids[0], \@kept) . ' SAVEPOINT a; ' . $self->update($ids[1], \@undone) . ' ROLLBACK TO a; '
		  . $self->update($ids[2], \@kept) . ' SAVEPOINT b; ' . $self->update($ids[2], \@kept) . ' RELEASE b; COMMIT;';
	}
	elsif ($kind == 4)
	{
		my $op = $self->number;
		push @kept, [ 'INSERT', $op ], [ 'DELETE', $op ];
		$sql .= "INSERT INTO item VALUES ($op, 1, $op); DELETE FROM item WHERE id = $op; COMMIT;";
	}
	elsif ($kind == 5)    # prepared: committed later, in another transaction
	{
		$sql .= $self->update($ids[0], \@kept) . " PREPARE TRANSACTION 'w$ledger'; COMMIT PREPARED 'w$ledger';";
	}
	else
	{
		my $op = $self->number;
		push @kept, [ 'INSERT', $op ];
		push @undone, [ 'DELETE', $op ];
		$sql .= "INSERT INTO item VALUES ($op, 1, $op); SAVEPOINT a; DELETE FROM item WHERE id = $op; ROLLBACK TO a; COMMIT;";
	}
	return { ledger => $ledger, kept => \@kept, undone => \@undone, sql => $sql, outcome => $kind == 2 ? 'rolled back' : 'committed' };
}

sub execute
{
	my ($self, $work) = @_;
	unless ($self->{psql})
	{
		my ($from, $to);
		my $pid = open2($from, $to, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $self->{connection});
		$to->autoflush(1);
		$self->{psql} = { pid => $pid, from => $from, to => $to };
	}
	my $psql = $self->{psql};
	print { $psql->{to} } "$work->{sql}\n\\echo done $work->{ledger}\n";
	while (my $line = readline $psql->{from})
	{
		return $work->{outcome} if $line eq "done $work->{ledger}\n";
	}
	close $psql->{from};
	close $psql->{to};
	waitpid $psql->{pid}, 0;
	$self->{psql} = undef;
	return 'unknown';
}

1;
