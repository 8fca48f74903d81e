#!/usr/bin/perl

# Under load, with Redis: reloads, killed workers, a Redis that goes and comes.
# Nobody gets another page than his own, and no connection is left behind.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Test::Load;
use Test::Redis;
use Time::HiRes qw(sleep time);

use constant WORKERS => 2;

my $redis = Test::Redis->server;
my $zoned = Test::Editorial->new(workers => WORKERS, redis => $redis);
my $alone = Test::Editorial->new(workers => WORKERS, redis => $redis,
                                 origin => $zoned);
my %page = map { ("/page/$_" => article(n => 20 * $_)) } 1 .. 8;

$zoned->origin(
    '/late' => { body => $page{'/page/1'} },
    '/slow' => sub { sleep 1; $zoned->send_page($_[0], {
                         body => $page{'/page/1'},
                         headers => ['Cache-Control: max-age=60'] }) },
    map { my $body = $page{$_};
          ($_ => sub {
              sleep 0.01;
              $zoned->send_page($_[0], {
                  body => $body,
                  headers => ['Cache-Control: max-age=2, '
                              . 'stale-while-revalidate=60'] });
          }) } keys %page);

my $conf = <<'END';
editorial_redis %%REDIS%% connect_timeout=500ms timeout=500ms fail_timeout=1s;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;

    location / {
        proxy_pass http://%%ORIGIN%%;
        proxy_connect_timeout 5s;
        add_header X-Status $editorial_status always;
        add_header X-Tier $editorial_tier always;
    }
}
END

$zoned->run("editorial_zone pages:1m;\n$conf");
$alone->run($conf);

ok($redis->wait_for_clients(2 * WORKERS, 1), 'connected');

# a worker that exits after its last reader has stored his page

{
    my $c = $zoned->connection;
    my $key = '{http://localhost/slow}';

    Test::Editorial::put($c, "GET /slow HTTP/1.1\r\nHost: localhost\r\n"
                             . "Connection: close\r\n\r\n");
    sleep 0.3;
    $zoned->reload;

    my $bytes = do { local $/; <$c> };

    like($bytes, qr/^HTTP\S+ 200/, 'a reader who is served by an old worker');
    ok(defined eventually(sub {
        defined $redis->command('GET', "editorial:page:$key")
    }, 3), '... whose page is stored for all');
    ok(!defined $redis->command('GET', "editorial:lock:$key"),
       '... and nobody waits for it');
    is($alone->get('/slow')->{headers}{'x-tier'}, 'redis', '... a hit');
}


for (['with a zone', $zoned], ['Redis alone', $alone]) {
    my ($name, $server) = @$_;

    my %expected = map { ($_ => $server->get($_)->{body}) } keys %page;
    my $load = Test::Load->new(server => $server, pages => \%expected,
                               clients => 4);

    my @sum = $load->during("$name: reloads", sub {
        for (1 .. 3) {
            $server->reload;
            sleep 0.7;
        }
    });

    is($sum[1] + $sum[3], 0, '... no request failed');
    is_level($server, '... after the reloads');

    my $kills = 3;

    @sum = $load->during("$name: killed workers", sub {
        for (1 .. $kills) {
            my @workers = $server->workers;
            kill 'KILL', $workers[rand @workers];
            sleep 0.5;
        }
    });

    cmp_ok($sum[1] + $sum[3], '<=', $kills * $load->{clients},
           '... only requests that a killed worker was serving failed');
    is_level($server, '... after the kills');

    @sum = $load->during("$name: Redis goes and comes", sub {
        $redis->stop;
        sleep 0.5;
        $redis->start;
        sleep 0.5;
        $redis->pause;
        sleep 0.7;
        $redis->resume;
        sleep 0.3;
    });

    is($sum[1] + $sum[3], 0, '... no request failed');

    @sum = $load->during("$name: a reload while Redis hangs", sub {
        $redis->pause;
        sleep 0.1;
        $server->reload;
        sleep 1;
        $redis->resume;
    }, least => 10);                     # a lock may be left behind

    is($sum[1] + $sum[3], 0, '... no request failed');
    is_level($server, '... after it');

    # what the dead have held is given back

    ok(defined eventually(sub {
           !@{ $redis->command('KEYS', 'editorial:lock:*') }
       }, 12), 'no lock is left');

    for my $path (sort keys %page) {
        my $began = time;

        same($server->get($path)->{body}, $expected{$path},
             "$path: served at the end");
        cmp_ok(time - $began, '<', 1, '... at once');
    }
}


# A reader who waits for Redis gets his page from the worker that has to go.

for my $server ($zoned, $alone) {
    $redis->pause;

    my $c = $server->connection;

    Test::Editorial::put($c, "GET /late HTTP/1.1\r\nHost: localhost\r\n"
                             . "Connection: close\r\n\r\n");
    sleep 0.1;
    $server->reload;

    my ($r) = Test::Editorial::responses(do { local $/; <$c> } // '');

    is($r->{status}, 200, 'a reload while a reader waits for Redis');
    same(stripped($r->{body}), $page{'/page/1'}, '... he gets his page');

    $redis->resume;
    is_level($server, '... after it');
}


# As many workers as there should be, and as many connections.

sub is_level {
    my ($server, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    ok(defined eventually(sub { $server->workers == WORKERS }, 7),
       "$name: as many workers as before");

    my ($told, $others);

    eventually(sub {
        my @clients = $redis->clients;

        $told = grep { $_->{sub} } @clients;
        $others = @clients - $told - 1;

        return $told == 1 && $others == 2 * WORKERS;
    }, 3);

    is("$told $others", '1 ' . 2 * WORKERS, '... and as many connections');
}

$_->allow(qr/exited on signal 9/) for $zoned, $alone;
$zoned->done($alone);
