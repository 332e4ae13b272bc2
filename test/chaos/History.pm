package History;

# What happened in a chaos run, from the writers' files and the sink's: what was committed, what arrived, and what must not have.
#
# In:  the writers' files and the sink's log, read on as they grow; the numbers in table ledger, for transactions whose writer does not know.
# Out: committed(), delivered(), and judge(): counts of events lost, phantom, duplicate and misordered. After Jepsen's total-queue checker.
# Always: nothing here was read from gqlsvl's tables. An event is "path operation number row": each change makes one for each path.
use strict;
use warnings;
use JSON::PP ();

sub new
{
	my ($class, %given) = @_;    # writers: files; log: file; paths: of the event triggers
	return bless { %given, offset => 0, arrived => {}, received => [], times => [], files => { map { $_ => 0 } @{ $given{writers} } }, known => 0 }, $class;
}

# Whole lines since the last time.
sub lines
{
	my ($file, $offset) = @_;
	open(my $from, '<', $file) or return;
	seek $from, $$offset, 0;
	my @lines;
	while (my $line = <$from>)
	{
		last unless $line =~ /\n\z/;
		push @lines, $line;
		$$offset = tell $from;
	}
	return @lines;
}

sub read_sink
{
	my ($self) = @_;
	for my $line (lines($self->{log}, \$self->{offset}))
	{
		my ($at, $path, $event, $status, $op, $number, $row, $version) = split ' ', $line;
		push @{ $self->{received} }, [ $path, $event, $status, "$path $op $number $row", $row, $version + ($op eq 'DELETE' ? 0.5 : 0) ];
		next unless $status == 200;
		$self->{arrived}{"$path $op $number $row"} = 1;
		push @{ $self->{times} }, $at;
	}
	return;
}

sub delivered { my ($self) = @_; $self->read_sink; return scalar keys %{ $self->{arrived} }; }
sub deliveries_since { my ($self, $at) = @_; $self->read_sink; return scalar grep { $_ >= $at } @{ $self->{times} }; }

# Events of transactions whose writer knows that they are committed.
sub committed
{
	my ($self) = @_;
	for my $file (keys %{ $self->{files} })
	{
		for my $line (lines($file, \$self->{files}{$file}))
		{
			my $entry = JSON::PP::decode_json($line);
			if (!exists $entry->{outcome}) { $self->{begun}{ $entry->{ledger} } = $entry; next; }
			$self->{outcome}{ $entry->{ledger} } = $entry->{outcome};
			next unless $entry->{outcome} eq 'committed';
			$self->{known} += ($_->[3] - $_->[2] + 1) * @{ $self->{paths} } for @{ $self->{begun}{ $entry->{ledger} }{kept} };
		}
	}
	return $self->{known};
}

# $in_ledger: numbers of committed transactions. Counts of all events, those committed and those of changes undone.
sub conclude
{
	my ($self, $in_ledger) = @_;
	$self->committed;
	my (%kept, $unknown, $undone);
	($unknown, $undone) = (0, 0);
	for my $ledger (keys %{ $self->{begun} })
	{
		my $outcome = $self->{outcome}{$ledger} // 'unknown';
		$unknown++ if $outcome eq 'unknown';
		my $commits = $outcome eq 'committed' || ($outcome eq 'unknown' && $in_ledger->{$ledger});
		my $entry = $self->{begun}{$ledger};
		$undone += $_->[3] - $_->[2] + 1 for @{ $entry->{undone} }, $commits ? () : @{ $entry->{kept} };
		next unless $commits;
		for my $change (@{ $entry->{kept} })
		{
			my ($op, $number, $first, $last) = @$change;
			for my $path (@{ $self->{paths} }) { $kept{"$path $op $number $_"} = 1 for $first .. $last; }
		}
	}
	$self->{kept} = \%kept;
	return { transactions => scalar(keys %{ $self->{begun} }), unknown => $unknown, undone => $undone };
}

sub missing { my ($self) = @_; $self->read_sink; return grep { !$self->{arrived}{$_} } keys %{ $self->{kept} }; }

sub judge
{
	my ($self) = @_;
	my ($phantom, $duplicates, $misordered, %ids, %last, @examples) = (0, 0, 0);
	for my $request (@{ $self->{received} })
	{
		my ($path, $event, $status, $change, $row, $place) = @$request;
		if (!$self->{kept}{$change}) { $phantom++; push @examples, "phantom: $change"; }    # an attempt that failed was sent, too
		next unless $status == 200;
		if ($ids{"$path $event"}++) { $duplicates++; next; }
		next unless $path eq $self->{paths}[0];                                             # the others are not ordered
		if (defined $last{$row} && $place <= $last{$row}) { $misordered++; push @examples, "misordered: $change, $place after $last{$row}"; }
		$last{$row} = $place;
	}
	my @lost = $self->missing;
	return { committed => scalar(keys %{ $self->{kept} }), delivered => scalar(keys %{ $self->{arrived} }), lost => scalar(@lost), phantom => $phantom,
		duplicates => $duplicates, misordered => $misordered, examples => [ (map { "lost: $_" } @lost), @examples ] };
}

1;
