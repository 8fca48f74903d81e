#!/usr/bin/perl

# Beacons by the thousand beside as many pages, on two servers and one Redis,
# which is killed meanwhile and comes back as it was before: not one is lost,
# and none is counted twice.
#
# EDITORIAL_BEACONS is how many of each there are.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use POSIX ();
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

use constant { CLIENTS => 4, AT_ONCE => 50 };

my $n = $ENV{EDITORIAL_BEACONS} || 20_000;
my $redis = Test::Redis->server;
my $first = Test::Editorial->new(workers => 2, redis => $redis);
my $second = Test::Editorial->new(workers => 2, redis => $redis,
                                  origin => $first);
my @both = ($first, $second);
my @arms = qw(box bold off);
my @events = qw(exposure click finish);

$first->origin('/page' => { body => article(n => 8, words => 8),
                            headers => ['Cache-Control: max-age=600'] });

for (@both) {
    $_->run(<<'END');
editorial_zone pages:4m;
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;
keepalive_requests 1000000;
access_log off;

server {
    listen %%PORT%%;

    editorial_desk opinion;
    editorial_read_more box;
    editorial_read_more bold;
    editorial_test read_more box=40 bold=40 off=20;

    location / {
        editorial on;
        editorial_cache on;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /beacon {
        editorial_beacon;
    }

    location = /metrics {
        editorial_metrics;
    }

    location /console/ {
        editorial_console user=anna;
    }
}
END
}

ok($redis->wait_for_clients(4, 2), 'all are connected');
is($_->get('/page')->{status}, 200, 'a page') for @both;

# each client: its share of the beacons and of the pages, on its own server

my $began = time;
my $each = int($n / CLIENTS);
my $dir = $first->dir;
my @pids;

for my $client (0 .. CLIENTS - 1) {
    for my $kind ('beacon', 'page') {
        my $pid = fork;

        die "fork: $!" unless defined $pid;

        if ($pid == 0) {
            my %count = ask($both[$client % 2], $kind, $client);

            spew("$dir/$kind.$client", JSON::PP->new->encode(\%count));
            POSIX::_exit(0);
        }

        push @pids, $pid;
    }
}

sleep 0.3;
is($redis->command('SAVE'), 'OK', 'a snapshot');
ok(defined eventually(sub { counted($first) + counted($second) > $n / 3 }, 60),
   'a third is counted');
my $then = counted($first) + counted($second);
Test::Editorial::ended(delete $redis->{pid}, 'KILL');
sleep 0.5;
$redis->start;

waitpid $_, 0 for @pids;
my $took = time - $began;

# who was answered what

my (%want, %got);

for my $client (0 .. CLIENTS - 1) {
    for my $kind ('beacon', 'page') {
        my $said = JSON::PP->new->decode(slurp("$dir/$kind.$client") || '{}');

        $got{$kind}{$_} += $said->{statuses}{$_} for keys %{
            $said->{statuses} };
        $want{$_} += $said->{told}{$_} for keys %{ $said->{told} };
    }
}

is_deeply($got{beacon}, { 204 => $each * CLIENTS }, 'all beacons are taken');
is_deeply($got{page}, { 200 => $each * CLIENTS }, 'all pages are served');
diag sprintf '%u beacons and as many pages in %.1f s', $n, $took;

cmp_ok($then, '<', total(), 'Redis was killed in the middle of them');

# all of it is there, once, and both servers say so

my $sum = join ' ', map { "$_ $want{$_}" } sort keys %want;

for my $server (@both) {
    ok(defined eventually(sub { results($server) eq $sum }, 15),
       'every event, on each server')
        or diag("not $sum, but ", results($server));
}

my %field = @{ $redis->command('HGETALL', stats_key()) };
my %in_redis;

$in_redis{$_->[0]} += $_->[1]
    for map { [ join(' ', (split /:/)[-2, -1]), $field{$_} ] } keys %field;

is_deeply(\%in_redis, \%want, '... and in Redis');
is(counted($first) + counted($second), total(), '... the metrics agree');

$first->done($second);


# What a client does: statuses by number, events told by "arm event".

sub ask {
    my ($server, $kind, $client) = @_;

    my $c = $server->connection;
    my ($buf, %count) = ('', told => {}, statuses => {});

    srand $client;

    for (my $i = 0; $i < $each; $i += AT_ONCE) {
        my $batch = $each - $i < AT_ONCE ? $each - $i : AT_ONCE;

        Test::Editorial::put($c, join '', map {
            $kind eq 'page' ? "GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            : beacon($count{told})
        } 1 .. $batch);

        for (1 .. $batch) {
            $count{statuses}{ answer($c, \$buf) }++;
        }
    }

    return %count;
}


sub beacon {
    my ($told) = @_;

    my $arm = $arms[rand @arms];
    my $body = join ',', map {
        $told->{"$arm $_"}++;
        qq({"furniture":"read_more/$arm","event":"$_"});
    } @events[0 .. rand @events];

    $body = qq({"desk":"opinion","events":[$body]});

    return "POST /beacon HTTP/1.1\r\nHost: localhost\r\n"
           . "Content-Type: application/json\r\nContent-Length: "
           . length($body) . "\r\n\r\n$body";
}


# The next response's status; 0 where there is none.

sub answer {
    my ($c, $buf) = @_;

    while (1) {
        my $end = index $$buf, "\r\n\r\n";

        if ($end >= 0) {
            my $head = substr $$buf, 0, $end;
            my ($length) = $head =~ /^Content-Length: (\d+)/mi;
            my $size = $end + 4 + ($length || 0);

            if (length $$buf >= $size) {
                substr $$buf, 0, $size, '';
                return $head =~ /^HTTP\/1\.1 (\d+)/ ? $1 : 0;
            }
        }

        sysread $c, $$buf, 65536, length $$buf or return 0;
    }
}


sub results {
    my ($server) = @_;

    my $r = $server->get('/console/api/desks/opinion/read_more/results');
    my $said = eval { JSON::PP::decode_json($r->{body}) } || {};

    return join ' ', sort map {
        my $v = $_;
        grep { !/ 0$/ } "$v->{name} exposure $v->{exposures}",
                        "$v->{name} click $v->{clicks}",
                        "$v->{name} finish $v->{finishes}";
    } @{ $said->{variants} || [] };
}


sub counted {
    my ($server) = @_;

    my ($counted) = $server->get('/metrics')->{body}
        =~ /^editorial_beacon_events_total\{result="counted"\} (\d+)/m;

    return $counted;
}


sub total {
    my $total = 0;

    $total += $_ for values %want;

    return $total;
}


sub stats_key {
    my ($test) = $first->get('/beacon?desk=opinion')->{body}
                 =~ /"read_more":"([^"]+)"/;

    return "editorial:stats:opinion:read_more:$test";
}
