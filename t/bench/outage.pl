#!/usr/bin/env perl
#
# outage.pl [--quick] WORK: what a Redis costs that hangs (SIGSTOP), or that is
# gone.  WORK has the programs load and origin, and module.so; all else that is
# written goes there too.
#
# The module is set against itself: with such a Redis and without one, both with
# Redis as the only store and with a zone before it.  The two of a pair take
# turns for as long as Redis is away.  A worker is on the first core; load,
# Redis and origin are on the second; unix sockets between them.

use strict;
use warnings;

use IO::Handle;
use Time::HiRes qw(sleep time);

use FindBin ();
use lib $FindBin::Bin;

use Bench;
use Furniture;
use Hits;
use Page;
use Redis;

use constant {
    PAGE  => '100k',
    REDIS => 'timeout=100ms max_fails=3 fail_timeout=1s',
};

my ($quick, $work) = arguments();

my $rounds = $quick ? 6 : 20;
my $slice = $quick ? 0.15 : 0.4;       # seconds of a server in a round

# what it is called, a server without Redis and the same with one
my @pairs = (
    [ 'Redis alone', 'uncached', 'alone' ],
    [ 'a zone before it', 'zone', 'both' ],
);

my ($page, $length);

my $began = time;

STDOUT->autoflush;

mkdir $_ for qw(sources temp);

start_all();

print_head("Redis away, time-out 100 ms, left alone for 1 s after 3 failures: "
           . "the module with it\nset against itself without, pages of 100 KB "
           . "(rate and CPU: median of the rounds);\nanswers that took 80 ms "
           . 'and more, by those and by as many without Redis',
           'requests a second, ratio', 'CPU a request, ratio', 'requests',
           'errors', 'slow', 'slow without', 'hits again after, ms');

outage('hung', sub { signal('redis', 'STOP') },
       sub { signal('redis', 'CONT') });
outage('killed', sub { signal('redis', 'KILL'); stop('redis') },
       sub { start_redis() });

printf "\n%s rounds, %.0f s in all.\n", $rounds, time - $began;


sub start_all {
    $page = Page::make($pages{+PAGE});
    spew('sources/' . PAGE, $page);

    start_origin('origin', 'sources');
    start_redis();

    start_editorial('uncached', cache => 'off');
    start_editorial('zone', zone => 1, cache => 'on');
    start_editorial('alone', redis => REDIS, cache => 'on');
    start_editorial('both', zone => 1, redis => REDIS, cache => 'on');

    for my $name (map { @$_[1, 2] } @pairs) {
        my $body = get($name, '/' . PAGE)->{body};

        without($body) eq $page && $body =~ / data-editorial="/
            or die "$name: not the page plus furniture\n";

        $length = length $body;
    }

    until_back();
}


# Seconds until a page comes from Redis.

sub until_back {
    my $start = time;

    while (time - $start < TIMEOUT) {
        return time - $start if from_redis(get('alone', '/' . PAGE));
        sleep 0.005;
    }

    die "alone: nothing comes from Redis\n";
}


sub outage {
    my ($how, $leave, $return) = @_;

    my (%n, %result);

    for my $name (map { @$_[1, 2] } @pairs) {
        progress("warming up: $name");
        $n{$name} = enough($slice, $slice / 4, sub { ask($name, @_) });
    }

    $leave->();

    for my $round (1 .. $rounds) {
        progress("Redis $how: round $round of $rounds");

        for my $pair (@pairs) {
            my (undef, @names) = @$pair;

            @names = reverse @names if $round % 2;
            push @{ $result{$_} }, measured($_, $n{$pair->[2]}) for @names;
        }
    }

    $return->();

    my $back = until_back();

    progress('');

    for my $pair (@pairs) {
        my ($label, $without, $with) = @$pair;

        print_row("$label, $how",
                  compared($result{$with}, $result{$without}),
                  $n{$with} * $rounds, sum('error', $result{$with}),
                  sum('slow', $result{$with}), sum('slow', $result{$without}),
                  $with eq 'alone' ? sprintf '%.0f', 1000 * $back : '');
    }
}


sub ask {
    my ($name, $n) = @_;

    return loaded($name, PAGE, "./load $name.sock /@{[PAGE]} "
                               . "@{[CONNECTIONS]} $n $length");
}


# Whoever fails has no figures of that round, but an error.

sub measured {
    my ($name, $n) = @_;

    my ($cpu, $seconds, $slow) = eval { ask($name, $n) };

    return { error => 1, slow => 0 } unless defined $slow;

    return { error => 0, slow => $slow, cpu => $cpu / $n,
             rate => $n / $seconds };
}


sub compared {
    my ($with, $without) = @_;

    my @rounds = grep { !$with->[$_]{error} && !$without->[$_]{error} }
                      0 .. $#$with;

    return ('-', '-') unless @rounds;

    return map {
        my $what = $_;

        sprintf '%.2f', median([ map { $with->[$_]{$what}
                                       / $without->[$_]{$what} } @rounds ]);
    } qw(rate cpu);
}


sub sum {
    my ($what, $results) = @_;

    my $sum = 0;

    $sum += $_->{$what} for @$results;

    return $sum;
}
