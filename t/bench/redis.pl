#!/usr/bin/env perl
#
# redis.pl [--quick] WORK: pages from Redis, set against others' ways to keep
# pages in a server of their own.  WORK has the programs hit, load and origin,
# and module.so; all else that is written goes there too.
#
#     hits      the same bytes everywhere: those of the edition that the module
#               makes of the pages; from a Redis without a zone, from memcached
#               (nginx's own module), from Redis by Lua.  srcache with redis2
#               is not among them: Debian has no redis2.
#     misses    another address each time: look-up, origin, transform, store;
#               ours has a zone and Redis, Lua Redis alone, and compresses
#               nothing
#     readers   many at once who want one page: what Redis is asked for, and
#               the origin, by one server and by two
#
# Each server has a worker on the first core; the load, the stores and the
# origin are on the second; unix sockets between them.  Rounds and ratios are
# those of Hits.pm.

use strict;
use warnings;

use IO::Handle;
use IO::Socket::UNIX;
use POSIX ();
use Time::HiRes qw(sleep time);

use FindBin ();
use lib $FindBin::Bin;

use Bench;
use Furniture;
use Hits;
use Page;
use Redis;
use Stampede;

use constant {
    WAITING => 32,                      # readers, while Redis stands still
    NUMBER  => '@' x 16,                # another one in each request
};

my ($quick, $work) = arguments();

my $rounds = $quick ? 10 : 40;
my $slice = $quick ? 0.02 : 0.04;      # seconds of a server, a page and round

my $lua = [ 'ndk_http_module', 'ngx_http_lua_module' ];
my $gzip = ['Accept-Encoding: gzip'];

my @hits = (
    [ 'memcached_pass', 'memcached_pass' ],
    [ 'alone', 'editorial_redis, no zone' ],
    [ 'lua_redis', 'Lua and Redis' ],
    [ 'alone', 'editorial_redis, client takes gzip', '', $gzip ],
    [ 'memcached_pass', 'memcached_pass, holding gzip', '.gz', $gzip ],
    [ 'lua_redis', 'Lua and Redis, holding gzip', '.gz', $gzip ],
);

my @misses = (
    [ 'lua_pipeline', 'Lua: Redis, origin, string.find, Redis',
      '?n=' . NUMBER ],
    [ 'uncoded', 'editorial_zone and editorial_redis', '?n=' . NUMBER ],
    [ 'node', 'the same, pages compressed after that', '?n=' . NUMBER ],
);

my (%edition, %page);

my $began = time;

STDOUT->autoflush;

mkdir $_ for qw(sources temp);

start_all();

my @hit_cases = cases('hit', \@hits, @pages);
my @miss_cases = cases('miss', \@misses, @pages);

check_hit($_) for @hit_cases;
check_miss($_) for @miss_cases;
measure([ @hit_cases, @miss_cases ], $rounds, $slice);

print_cases('Hits from a store: CPU of the worker a request, µs, the least '
            . "and the median of the rounds;\nits ratio to memcached_pass's, of "
            . "the least and the median of those in a round\n(srcache with "
            . 'redis2 is left out: Debian has no redis2)', \@hit_cases);
print_cases('Misses: look-up, origin, transform and store; the ratio to Lua',
            \@miss_cases);
print_nodes();
print_waiting();

printf "\n%s rounds, %.0f s in all.\n", $rounds, time - $began;


sub start_all {
    for my $name (@pages) {
        $page{$name} = Page::make($pages{$name});
        spew("sources/$name", $page{$name});
    }

    spew('redis.lua', slurp("$FindBin::Bin/tiers/redis.lua"));
    spew('pipeline.lua', fill(slurp("$FindBin::Bin/tiers/pipeline.lua"),
                              %words));

    start_origin('origin', 'sources');
    start_redis();
    start_store('memcached', 'memcached', '-s', 'memcached.sock', '-u',
                scalar getpwuid $>, '-I', '4m', '-m', 128, '-t', 1);

    # as patient as a busy machine takes
    my $patient = 'timeout=2s connect_timeout=2s';

    start_editorial('alone', redis => $patient, cache => 'on');
    start_editorial($_, zone => 1, redis => $patient, cache => 'on')
        for qw(node other);
    start_editorial('uncoded', zone => 1, redis => $patient, cache => 'on',
                    gzip => 'off');

    my %here = (HERE => POSIX::getcwd(), ORIGIN => ORIGIN);

    start_tier('memcached_pass', 'memcached', []);
    start_tier($_, $_, $lua, %here) for qw(lua_redis lua_pipeline);

    make_editions();
}


# They are the module's own; the stores get the same bytes.

sub make_editions {
    for my $name (@pages) {
        my $body = get('alone', "/$name")->{body};

        without($body) eq $page{$name} && $body =~ / data-editorial="/
            or die "alone: $name is not the page plus furniture\n";

        $edition{$name} = $body;

        for (["/$name", $body, 0], ["/$name.gz", gzip($body), 2]) {
            my ($key, $bytes, $flags) = @$_;

            keep_in_memcached($key, $bytes, $flags);
            keep_in_redis("lua:$key", $bytes);
        }
    }
}


sub keep_in_memcached {
    my ($key, $bytes, $flags) = @_;

    my $c = IO::Socket::UNIX->new('memcached.sock') or die "memcached: $!\n";

    print $c "set $key $flags 0 ", length $bytes, "\r\n$bytes\r\n";
    $c->flush;

    <$c> eq "STORED\r\n" or die "memcached does not keep $key\n";
}


sub keep_in_redis {
    my ($key, $bytes) = @_;

    spew('value', $bytes);

    `redis-cli -s redis.sock -x SET '$key' < value` eq "OK\n"
        or die "Redis does not keep $key\n";
}


# From its store, and the very edition.

sub check_hit {
    my ($case) = @_;

    my ($name, $page) = @$case{qw(server page)};
    my $answer = warm($case);

    plain($answer) eq $edition{$page} && $answer->{status} == 200
        or die "$name: $page is not the page\n";

    $name ne 'alone' || from_redis($answer)
        or die "$name: $page is not from Redis\n";

    expect($case, $answer, @{ $case->{headers} });
}


# The page plus furniture, and from its store when it is asked for again.

sub check_miss {
    my ($case) = @_;

    my ($name, $page) = @$case{qw(server page)};
    my $path = $case->{path} =~ s/[@]+/$name/r;

    # nodes share their pages
    my @answers = map { get($name, $path) } 1 .. 2;

    for my $answer (@answers) {
        without($answer->{body}) eq $page{$page}
            && $answer->{body} =~ / data-editorial="disclaimer/
            or die "$name: $page is not the page plus furniture\n";
    }

    expect($case, $answers[0]);
}


# All of them have asked before Redis goes on, and nobody else asks.

sub print_waiting {
    stop($_) for qw(node other uncoded);

    print_head("@{[WAITING]} readers who wait for one page, no zone: how often "
               . 'Redis is asked', 'for the page', 'for its first bytes and '
               . 'compressed form', 'for the generation', 'answers');

    for my $row ([ 'plain' ], [ 'taking gzip', @$gzip ]) {
        my ($label, @headers) = @$row;
        my ($asked, $answers) = waiting(@headers);

        print_row($label, map({ $asked->{$_} || 0 } qw(page coded gen)),
                  $answers);
    }
}


sub waiting {
    my (@headers) = @_;

    my %asked;
    my $answers = 0;

    my $pid = open my $monitor, '-|', 'redis-cli', '-s', 'redis.sock', 'MONITOR'
        or die "redis-cli: $!\n";

    # it has begun
    <$monitor>;
    signal('redis', 'STOP');

    my @readers = map {
        my $c = IO::Socket::UNIX->new('alone.sock') or die "alone: $!\n";

        syswrite $c, request('/100k', 'Connection: close', @headers);
        $c } 1 .. WAITING;

    sleep 0.2;
    signal('redis', 'CONT');

    for my $c (@readers) {
        local $/;

        my $answer = parse('alone', scalar <$c>);

        plain($answer) eq $edition{'100k'} && from_redis($answer)
            or die "alone: not the page, or not from Redis\n";

        $answers++;
    }

    redis('ECHO', 'over');

    while (<$monitor>) {
        last if /"ECHO" "over"/;

        $asked{gen}++ if /"GET" "editorial:gen"/;
        $asked{page}++ if /"GET" "editorial:page:/;
        $asked{coded}++ if /"GETRANGE" "editorial:page:|"GET" "editorial:gzip:/;
    }

    kill 'TERM', $pid;
    close $monitor;

    return (\%asked, $answers);
}


# Readers of two servers who ask for the same cold page.

sub print_nodes {
    my $times = $quick ? 3 : 5;

    print_head("Stampede on two servers: @{[READERS]} readers of each, a cold "
               . "page of 100 KB, the origin takes @{[1000 * DELAY]} ms, "
               . "$times times",
               'origin requests, most', 'slowest reader, ms: median, most');

    progress('stampede');

    my @results = map { [ cold("/slow/$_") ] } 1 .. $times;
    my ($asked) = sort { $b <=> $a } map { $_->[0] } @results;
    my @slowest = sort { $a <=> $b } map { 1000 * $_->[1] } @results;

    progress('');
    print_row('editorial_zone and editorial_redis', $asked,
              sprintf '%.0f, %.0f', median(\@slowest), $slowest[-1]);
}


sub cold {
    my ($path) = @_;

    my ($asked, $slowest, @bodies) = stampede($path, $page{'100k'},
                                              qw(node other));

    for my $body (@bodies) {
        without($body) eq $page{'100k'} or die "$path: a torn page\n";
    }

    return ($asked, $slowest);
}
