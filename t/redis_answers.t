#!/usr/bin/perl

# A Redis that answers what it should not: each page is served, right and in
# time; the worker goes on serving others; and when Redis is itself again, so
# are the hits.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

use constant {
    SERVERS => 6,                        # each has a fault at a time
    ROUNDS  => 16,
    FAILS   => 2,                        # as configured below
    PERIOD  => 1,
    QUICK   => 0.2,                      # what takes longer has waited
    SLACK   => 0.7,                      # that a busy machine may add
};

my $redis = Test::Redis->server;
my $page = article(n => 40);
my @servers;

# Each has a fake of its own between it and the one Redis.

for my $n (0 .. SERVERS - 1) {
    my $between = Test::Redis->fake(before => $redis);

    push @servers, Test::Editorial->new(redis => $between,
                                        $n ? (origin => $servers[0]) : ());
}

my $t = $servers[0];

$t->origin(map { ($_ => { body => $page,
                          headers => ['Surrogate-Key: news'] }) }
               '/page', '/other', '/types');

$_->run(<<'END') for @servers;
editorial_redis %%REDIS%% timeout=250ms connect_timeout=250ms max_fails=2
                fail_timeout=1s;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;

    location / {
        proxy_pass http://%%ORIGIN%%;
        add_header X-Status $editorial_status always;
        add_header X-Tier $editorial_tier always;
    }

    location = /static {
        return 200 "here\n";
    }
}
END

sub is_right { return $_[0]{status} == 200 && $_[0]{whole}
                      && stripped($_[0]{body}) eq $page }

sub is_hit {
    my ($r) = @_;

    return is_right($r) && $r->{headers}{'x-status'} eq 'HIT'
           && $r->{headers}{'x-tier'} eq 'redis';
}

sub hits {
    my ($server, $path, $seconds) = @_;

    return eventually(sub { is_hit($server->get($path)) }, $seconds);
}


# Asks a server for a page, and for something else while that is under way:
# (was it wrong, was it slow, was the other one slow).

sub asked_for {
    my ($server, $path) = @_;

    my $began = time;
    my $c = $server->connection;

    Test::Editorial::put($c, "GET $path HTTP/1.1\r\nHost: localhost\r\n"
                             . "Connection: close\r\n\r\n");

    my $static = time;
    my $here = $server->get('/static')->{body};
    my $held_up = $here ne "here\n" || time - $static > QUICK / 2;
    my $bytes = do { local $/; <$c> };
    my ($r) = Test::Editorial::responses(defined $bytes ? $bytes : '');

    return (!is_right($r), time - $began > QUICK, $held_up);
}

for my $server (@servers) {
    ok(defined hits($server, $_, 5), "$_: comes from Redis")
        for '/page', '/other';
}

my @faults = (
    [ 'LOADING',        "-LOADING Redis is loading the dataset\r\n" ],
    [ 'READONLY',       "-READONLY You can't write against a replica.\r\n" ],
    [ 'OOM',            "-OOM command not allowed\r\n" ],
    [ 'NOAUTH',         "-NOAUTH Authentication required.\r\n" ],
    [ 'NOPERM',         "-NOPERM this user has no permissions\r\n" ],
    [ 'MOVED',          "-MOVED 1 10.0.0.1:1\r\n" ],
    [ 'ERR',            "-ERR unknown command\r\n" ],
    [ 'a number',       ":5\r\n" ],
    [ 'a status',       "+OK\r\n" ],
    [ 'an array',       "*2\r\n:1\r\n\$-1\r\n" ],
    [ 'garbage',        "HTTP/1.1 400 Bad Request\r\n\r\n" ],
    [ 'half a reply',   "\$1000\r\nEdPg" ],
    [ 'half, and the end', [ "\$1000\r\nEdPg", undef ] ],
    [ 'half a gigabyte', "\$536870912\r\nEdPg" ],
    [ 'a byte a second', [ map { ($_, \1) } split //, "\$5\r\nabcde\r\n" ] ],
    [ 'nothing',        [] ],
    [ 'the end',        [ undef ] ],
);

# said to all commands, or only to those by which a page is looked for, while
# the connection is fine otherwise

my @look_up = qw(GET GETRANGE MGET SET EVAL EVALSHA);
my @todo = (map({ [ "$_->[0], to all commands", $_->[1], '*' ] } @faults),
            map({ [ @$_, @look_up ] } @faults));

while (my @now = splice @todo, 0, SERVERS) {
    my @counts = map { [ 0, 0, 0 ] } @now;
    my @logs = map { length $_->log } @servers;
    my $began = time;

    for my $n (0 .. $#now) {
        my (undef, $answer, @commands) = @{ $now[$n] };

        $servers[$n]{redis}->answer(map { ($_ => $answer) } @commands);
        $counts[$n][0] += grep { !is_right($_) }
                          $servers[$n]->parallel(8, '/page');
    }

    for my $i (1 .. ROUNDS) {
        for my $n (0 .. $#now) {
            my @bad = asked_for($servers[$n], $i % 2 ? '/page' : '/other');

            $counts[$n][$_] += $bad[$_] ? 1 : 0 for 0 .. 2;
        }
    }

    my $took = time - $began;
    my %away = map { ($_ => 1) } 0 .. $#now;
    my @back;

    for my $n (0 .. $#now) {
        my (undef, undef, @commands) = @{ $now[$n] };

        $servers[$n]{redis}->forget(@commands);
    }

    $began = time;

    eventually(sub {
        for my $n (keys %away) {
            next unless is_hit($servers[$n]->get('/page'));
            $back[$n] = time - $began;
            delete $away{$n};
        }

        return !%away;
    }, 5);

    for my $n (0 .. $#now) {
        my $name = $now[$n][0];
        my ($wrong, $slow, $held_up) = @{ $counts[$n] };

        is($wrong, 0, "$name: the page, each time");
        cmp_ok($slow, '<=', FAILS + 1 + int($took / PERIOD),
               '... few wait for it');
        cmp_ok($held_up, '<=', 1, '... others are served meanwhile');
        cmp_ok(defined $back[$n] ? $back[$n] : 99, '<', PERIOD + SLACK,
               '... hits again soon');

        my @said = grep { /editorial/ && /\[(?:warn|error|crit)\]/ }
                        split /^/, substr $servers[$n]->log, $logs[$n];

        cmp_ok(scalar @said, '<=', 8 * (2 + $took), '... the log is not full');
    }
}


# What lies there is of another type: that page, lock or tag is passed over,
# all else goes on.

my %put = (
    string => sub { $redis->command('SET', $_[0], 'x') },
    list   => sub { $redis->command('RPUSH', $_[0], 'x') },
    hash   => sub { $redis->command('HSET', $_[0], 'x', 'y') },
    zset   => sub { $redis->command('ZADD', $_[0], 1, 'x') },
);

ok(defined hits($t, '/types', 5), '/types: comes from Redis');

for (['page:{http://localhost/types}', qw(list hash zset)],
     ['lock:{http://localhost/types}', qw(list hash)],
     ['purged:{http://localhost/types}', qw(list string)],
     ['article:/types', qw(list hash)],
     ['tag:news', qw(string list)],
     ['tag:url:localhost/types', qw(string)],
     ['gen', qw(list string hash)])
{
    my ($name, @types) = @$_;

    for my $type (@types) {
        $redis->command('DEL', 'editorial:page:{http://localhost/types}',
                        "editorial:$name");
        $put{$type}->("editorial:$name");

        my ($wrong, $slow) = (0, 0);

        for (1 .. 6) {
            my @bad = asked_for($t, '/types');

            $wrong++ if $bad[0];
            $slow++ if $bad[1];
        }

        is($wrong, 0, "$name is a $type: the page");
        cmp_ok($slow, '<=', 1, '... at once');
        is($t->get('/other')->{status}, 200, '... and another');

        $redis->command('DEL', "editorial:$name");
        ok(defined hits($t, '/types', 2 * PERIOD + SLACK), '... hits again');
    }
}

unlike($_->log, qr/\[crit\]/, 'nothing critical') for @servers;
$t->done(@servers[1 .. $#servers]);
