package Hits;

# Servers that have pages ready, set against each other:
#
#     start_tier('lua', 'lua', [ MODULES ], WORD => VALUE);
#
#     my @cases = cases($what, \@rows, @pages);
#
#     expect($_, get($_->{server}, $_->{path})) for @cases;
#     measure(\@cases, $rounds, $slice);
#     print_cases($title, \@cases);
#
# A case is a row of a table (a server, what it is called, what its paths end in
# beside the page's name, headers of its requests) and a page.  Cases of the
# same kind and page meet in rounds: in each of them every server answers as
# many requests as keep it busy for a moment, in an order that moves on by one
# from round to round.  The first row is what the others are set against.

use strict;
use warnings;

use Compress::Raw::Zlib qw(WANT_GZIP);
use Exporter qw(import);
use FindBin ();
use IO::Socket::UNIX;
use Time::HiRes qw(sleep);

use Bench;

use constant {
    WARM => 20,                         # answers after which an edition is one
                                        #   that is asked for often
};

our @EXPORT = qw(
    start_tier get request parse plain cases warm expect measure print_cases
    median
);


# tiers/CONF.conf is what it does; what stands there before "---" goes into
# http.

sub start_tier {
    my ($name, $conf, $modules, %words) = @_;

    my ($http, $server) = split /^---\n/m,
                          slurp("$FindBin::Bin/tiers/$conf.conf");

    %words = (
        %words,
        NAME => $name, HTTP => $http, SERVER => $server,
        USER => join(' ', scalar getpwuid $>, scalar getgrgid $)),
        MODULES => load_modules(@$modules),
    );

    start_nginx($name, fill(fill(slurp("$FindBin::Bin/tiers/nginx.conf"),
                                 %words), %words));
}


# One page, from a connection of its own.

sub get {
    my ($name, $path, @headers) = @_;

    my $c = IO::Socket::UNIX->new("$name.sock") or die "$name: $!\n";

    syswrite $c, request($path, 'Connection: close', @headers);

    local $/;

    return parse($name, scalar <$c>);
}


sub request {
    my ($path, @headers) = @_;

    return join "\r\n", "GET $path HTTP/1.1", 'Host: bench', @headers, '', '';
}


sub parse {
    my ($name, $answer) = @_;

    my ($status, $head, $body) =
        ($answer || '') =~ m{\AHTTP/1\.1 (\d+) .*?\r\n(.*?)\r\n\r\n(.*)\z}s
        or die "$name: no answer, see $name.log\n";

    my %headers = map { lc $1 => $2 if /^([^:]+):\s*(.*)/ } split /\r\n/, $head;

    $body = unchunk($body) if $headers{'transfer-encoding'};

    return { status => $status, headers => \%headers, body => $body };
}


sub unchunk {
    my ($in) = @_;

    my $out = '';

    while ($in =~ /\G([0-9a-f]+)\r\n/gci) {
        my $n = hex $1;

        $out .= substr $in, pos $in, $n;
        pos($in) += $n + 2;
    }

    return $out;
}


# An answer's body, whatever its coding.

sub plain {
    my ($answer) = @_;

    return $answer->{body} unless $answer->{headers}{'content-encoding'};

    my ($z) = Compress::Raw::Zlib::Inflate->new(-WindowBits => WANT_GZIP);
    my ($bytes, $out) = ($answer->{body}, '');

    $z->inflate($bytes, $out);

    return $out;
}


# All pages of all rows.

sub cases {
    my ($what, $rows, @names) = @_;

    my @cases;

    for my $page (@names) {
        push @cases, map { { what => $what, server => $_->[0],
                             label => $_->[1], page => $page,
                             path => "/$page" . ($_->[2] || ''),
                             headers => $_->[3] || [] } } @$rows;
    }

    return @cases;
}


# Until it comes from memory, compressed where that is asked for, and as what is
# asked for often.

sub warm {
    my ($case) = @_;

    my ($name, @headers) = ($case->{server}, @{ $case->{headers} });

    for (1 .. TIMEOUT * 10) {
        my $answer = get($name, $case->{path}, @headers);
        my $coding = $answer->{headers}{'content-encoding'} || 'identity';

        if ($_ > WARM
            && $answer->{headers}{'content-length'}
            && $coding eq (@headers ? 'gzip' : 'identity'))
        {
            return $answer;
        }

        sleep 0.02 if $_ > 2;
    }

    die "$name: $case->{page} does not come as $case->{what}\n";
}


# What will be asked for, and that each answer must be like this one.

sub expect {
    my ($case, $answer, @headers) = @_;

    $case->{status} = $answer->{status};
    $case->{length} = length $answer->{body};
    $case->{chunked} = !defined $answer->{headers}{'content-length'};
    $case->{request} = join('-', $case->{server}, $case->{page},
                            $case->{what}, scalar @headers) . '.request';

    spew($case->{request}, request($case->{path}, @headers));
}


sub measure {
    my ($cases, $rounds, $slice) = @_;

    my (@groups, %group);

    for my $case (@$cases) {
        my $name = "$case->{what}, $case->{page}";

        push @groups, $name unless $group{$name};
        push @{ $group{$name} }, $case;

        progress("warming up: $case->{server}, $name");
        $case->{n} = enough($slice, $slice / 4, sub { run($case, @_) });
    }

    for my $round (1 .. $rounds) {
        for my $name (@groups) {
            my @these = @{ $group{$name} };

            progress("round $round of $rounds, $name");

            for my $case (@these[map { ($_ + $round) % @these } 0 .. $#these]) {
                my ($cpu) = run($case, $case->{n});

                push @{ $case->{cpu} }, 1e6 * $cpu / $case->{n};
            }
        }
    }

    progress('');
}


sub run {
    my ($case, $n) = @_;

    my $name = $case->{server};
    my $size = $case->{length};
    my $load = $case->{chunked}
             ? "./load $name.sock '$case->{path}' @{[CONNECTIONS]} $n $size"
             : "./hit $name.sock $case->{request} @{[CONNECTIONS]} $n "
               . "$case->{status} $size";

    return loaded($name, $case->{page}, $load);
}


sub print_cases {
    my ($title, $cases) = @_;

    my (@columns, @rows, %of);

    for my $case (@$cases) {
        my ($page, $label) = @$case{qw(page label)};

        push @columns, $page unless grep { $_ eq $page } @columns;
        push @rows, $label unless $of{$label};
        $of{$label}{$page} = $case;
    }

    print_head($title, map { ($_, 'ratio') } @columns);

    for my $label (@rows) {
        print_row($label, map { cells($of{$label}{$_}, $of{$rows[0]}{$_}) }
                              @columns);
    }
}


sub cells {
    my ($case, $against) = @_;

    my ($ours, $theirs) = ($case->{cpu}, $against->{cpu});

    return (sprintf('%.1f, %.1f', least($ours), median($ours)),
            sprintf '%.2f, %.2f', least($ours) / least($theirs),
                    median([ map { $ours->[$_] / $theirs->[$_] }
                             0 .. $#$ours ]));
}


sub least { (sort { $a <=> $b } @{ $_[0] })[0] }


sub median {
    my @values = sort { $a <=> $b } @{ $_[0] };

    return $values[$#values / 2];
}


1;
