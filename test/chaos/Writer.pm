package Writer;

# A writer of the chaos run: random transactions through one psql, each written down before and after.
#
# In:  a connection string, the writer's number, a record file, files whose appearance pauses and ends it.
# Out: the record file, one JSON line for each transaction begun: {"ledger": N, "kept": [changes], "undone": [changes]} before it, then
#      {"ledger": N, "outcome": "committed" | "rolled back" | "unknown"} after it. A change is [operation, its number, first row, last row].
#      "unknown" (the server went away): table ledger has N if and only if the transaction committed.
# Always: numbers are this writer's own; `kept` is what is committed if the transaction commits, `undone` never. A row's version counts its
#      changes under the row's lock: the order of the versions is the order of the commits.
use strict;
use warnings;
use IO::Handle;
use IPC::Open2 qw(open2);
use JSON::PP ();
use Time::HiRes qw(sleep);

our $shared_rows = 20;    # rows 1 to this are changed by all writers
our $own_rows = 200;      # number * 1000 + 1 and on are one writer's

sub run
{
	my ($connection, $number, $record, $pause_file, $stop_file) = @_;
	local $SIG{PIPE} = 'IGNORE';
	srand($$ * 1000 + $number);
	open(my $out, '>>', $record) or die $!;
	$out->autoflush(1);
	my $self = bless { connection => $connection, writer => $number, next => $number * 1_000_000, psql => undef }, __PACKAGE__;
	until (-e $stop_file)
	{
		if (-e $pause_file) { sleep(0.02); next; }
		my $work = $self->transaction;
		print $out JSON::PP::encode_json({ ledger => $work->{ledger}, kept => $work->{kept}, undone => $work->{undone} }), "\n";
		my $outcome = $self->execute($work);
		print $out JSON::PP::encode_json({ ledger => $work->{ledger}, outcome => $outcome }), "\n";
		sleep($outcome eq 'unknown' ? 0.1 : rand(0.01));    # pace, not a wait: the server is given time to come back
	}
	return;
}

sub number { my ($self) = @_; return ++$self->{next}; }

sub update
{
	my ($self, $id, $into) = @_;
	my $op = $self->number;
	push @$into, [ 'UPDATE', $op, $id, $id ];
	return "UPDATE item SET version = version + 1, op = $op WHERE id = $id;";
}

sub insert
{
	my ($self, $count, $into) = @_;
	my $op = $self->number;
	my ($first, $last) = ($op * 1000, $op * 1000 + $count - 1);
	push @$into, [ 'INSERT', $op, $first, $last ];
	return ("INSERT INTO item SELECT id, 1, $op FROM generate_series($first, $last) id;", $op, $first, $last);
}

# One statement each, COPY included; a row's DELETE carries the number of its INSERT.
sub bulk
{
	my ($self, $kept, $undone) = @_;
	my $kind = int(rand(4));
	my ($first, $last) = ($self->{writer} * 1000 + 1, $self->{writer} * 1000 + $own_rows);
	if ($kind == 0)
	{
		my $op = $self->number;
		push @$kept, [ 'UPDATE', $op, $first, $last ];
		return "UPDATE item SET version = version + 1, op = $op WHERE id BETWEEN $first AND $last; COMMIT;";
	}
	if ($kind == 1)
	{
		my ($sql, $op, $from, $to) = $self->insert(100, $kept);
		push @$kept, [ 'DELETE', $op, $from, $to ];
		return "$sql DELETE FROM item WHERE id BETWEEN $from AND $to; COMMIT;";
	}
	if ($kind == 2)
	{
		my ($sql) = $self->insert(100, $undone);
		return "SAVEPOINT a; $sql ROLLBACK TO a; " . $self->update($first, $kept) . ' COMMIT;';
	}
	my $op = $self->number;
	push @$kept, [ 'INSERT', $op, $op * 1000, $op * 1000 + 49 ];
	return "COPY item FROM STDIN;\n" . join('', map { join("\t", $op * 1000 + $_, 1, $op) . "\n" } 0 .. 49) . "\\.\nCOMMIT;";
}

sub transaction
{
	my ($self) = @_;
	my ($ledger, $kind, @kept, @undone) = ($self->number, int(rand(8)));
	my @ids = sort { $a <=> $b } map { 1 + int(rand($shared_rows)) } 1 .. 3;
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
		my ($insert, $op, $id) = $self->insert(1, \@kept);
		push @kept, [ 'DELETE', $op, $id, $id ];
		$sql .= "$insert DELETE FROM item WHERE id = $id; COMMIT;";
	}
	elsif ($kind == 5)    # prepared: ended later, by another transaction
	{
		my $end = rand() < 0.2 ? 'ROLLBACK' : 'COMMIT';
		$sql .= $self->update($ids[0], \@kept) . " PREPARE TRANSACTION 'w$ledger'; $end PREPARED 'w$ledger';";
		return { ledger => $ledger, kept => \@kept, undone => \@undone, sql => $sql, outcome => $end eq 'COMMIT' ? 'committed' : 'rolled back' };
	}
	elsif ($kind == 6)
	{
		my ($insert, $op, $id) = $self->insert(1, \@kept);
		push @undone, [ 'DELETE', $op, $id, $id ];
		$sql .= "$insert SAVEPOINT a; DELETE FROM item WHERE id = $id; ROLLBACK TO a; COMMIT;";
	}
	else { $sql .= $self->bulk(\@kept, \@undone); }
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
