#!/usr/bin/perl

# GET api/status: numbers that are true, what is wrong, and the servers that
# share a Redis; the name of a server.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep);

my $redis = Test::Redis->server('appendonly yes');
my $one = Test::Editorial->new(workers => 2, redis => $redis);
my $two = Test::Editorial->new(redis => $redis, origin => $one);
my $alone = Test::Editorial->new(origin => $one);
my $page = article(n => 12);

$one->origin(map { ($_ => { body => $page,
                            headers => ['Cache-Control: max-age=600'] }) }
                 '/a', '/b');

my $server = <<'END';
editorial_zone pages:4m;

server {
    listen %%PORT%%;

    location / {
        editorial on;
        editorial_cache on;
        editorial_desk opinion;
        editorial_cache_bypass $http_x_refresh;
        proxy_pass http://%%ORIGIN%%;
    }

    location /news/ {
        editorial on;
        editorial_desk news;
        editorial_read_more off;
        proxy_pass http://%%ORIGIN%%;
    }

    location /console/ {
        editorial_console user=$http_x_user;
    }

    location = /metrics {
        editorial_metrics;
    }
}
END

my $time = qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
my $digest = qr/^[0-9a-f]{32}$/;

# without Redis

$one->start_origin;
$alone->run($server);

my $status = status($alone);

is_deeply([ sort keys %$status ],
          [ sort qw(version node now zone redis servers counters problems) ],
          'what it says');
like($status->{version}, qr/^\d+\.\d+\.\d+$/, 'version');
like($status->{node}, qr/^[a-z0-9.-]+-[0-9a-f]{6}$/, 'node');
like($status->{now}, $time, 'now');
is($status->{redis}, undef, 'no Redis');
is_deeply($status->{problems}, [], 'no problems');
is(scalar @{ $status->{servers} }, 1, 'one server');

my ($self) = @{ $status->{servers} };

is($self->{name}, $status->{node}, '... which is this one');
like($self->{at}, $time, '... now');
like($self->{states}, $digest, '... its states');
is($self->{lag_ms}, undef, '... nobody tells it anything');

$alone->get('/a') for 1 .. 3;
$alone->get('/b');
$alone->get('/b', 'X-Refresh: 1');

my $zone = status($alone)->{zone};

is($zone->{pages}, 2, 'pages');
is($zone->{hits}, 2, 'hits');
is($zone->{misses}, 2, 'misses');
is($zone->{stale}, 0, 'stale');
is($zone->{evictions}, 0, 'evictions');
cmp_ok($zone->{used}, '>=', 2 * 16 * 1024, 'bytes in use');
cmp_ok($zone->{size}, '>', 3 * 1024 * 1024, '... of all');
cmp_ok($zone->{size}, '<=', 4 * 1024 * 1024, '... no more than configured');

$status = status($alone);
is($status->{counters}{stored}, 3, 'counters');
is($status->{counters}{pages}, 5, '... likewise');
is(scalar(grep { !/^\d+$/ } values %{ $status->{counters} }), 0,
   '... are numbers');

is($alone->head('/console/api/status')->{status}, 200, 'HEAD');

# the name stays until nginx is started anew

my %before = map { $_ => 1 } $alone->workers;

$alone->reload;
ok(eventually(sub { !grep { $before{$_} } $alone->workers }, 10), 'reloaded');
is(status($alone)->{node}, $status->{node}, '... the name is the same');
isnt(status($alone)->{servers}[0]{at}, undef, '... and there');

# servers that share a Redis

$_->start_nginx("editorial_redis %%REDIS%% timeout=1s connect_timeout=1s "
                . "fail_timeout=1s;\n$server") for $one, $two;
ok($redis->wait_for_clients(3, 2), 'connected');

ok(eventually(sub { servers($one) == 2 && servers($two) == 2 }, 10),
   'both know of both');

$status = status($one);

my $other = status($two);

isnt($status->{node}, $other->{node}, 'two names on one host');
is_deeply([ sort map { $_->{name} } @{ $status->{servers} } ],
          [ sort $status->{node}, $other->{node} ], '... which are listed');
is(scalar(grep { $_->{lag_ms} !~ /^\d+$/ || $_->{at} !~ $time
                 || $_->{states} !~ $digest } @{ $status->{servers} }), 0,
   '... with time, states and lag');
ok(eventually(sub { my $r = status($one)->{redis};
                    $r->{up} && $r->{tracking} }, 10), 'Redis is there');
is_deeply(status($one)->{redis},
          { configured => JSON::PP::true, up => JSON::PP::true,
            server => $redis->url, breaker => 'closed',
            tracking => JSON::PP::true, timeouts => 0, lost => 0,
            warnings => [] }, '... and all is well');

my $same;

ok(eventually(sub { $same = states($one) }, 10), 'the same states');

# a change reaches all

$redis->command('HSET', 'editorial:desk:opinion', 'read_more',
                '{"mode":"off"}');
ok(eventually(sub { my $now = states($one); $now && $now ne $same }, 10),
   'a state: both have another');
ok(eventually(sub { states($two) eq states($one) }, 5),
   '... whoever is asked');

like($one->get('/metrics')->{body},
     qr/^editorial_feature_state\{desk="opinion",feature="read_more",mode="off"\} 1$/m,
     '... and the metrics say so');
like($one->get('/metrics')->{body},
     qr/^editorial_feature_state\{desk="news",feature="read_more",mode="off"\} 1$/m,
     '... where a desk has none, too');
like($one->get('/metrics')->{body},
     qr/^editorial_feature_state\{desk="news",feature="pull_quote",mode="on"\} 1$/m,
     '... and what is on');

$redis->command('HSET', 'editorial:desk:news', 'paused', 'true');
ok(eventually(sub { $one->get('/metrics')->{body}
        =~ /^editorial_feature_state\{desk="news",feature="pull_quote",mode="paused"\} 1$/m
    }, 5), 'a pause');

$redis->command('DEL', "editorial:desk:$_") for 'opinion', 'news';
ok(eventually(sub { (states($one) || '') eq $same }, 10),
   'taken back: as before');

# what is wrong

$redis->command('HSET', 'editorial:desk:opinion', 'read_more', '{"mode":1}');
$redis->command('HSET', 'editorial:desk:news', 'paused', 'perhaps');
$redis->command('SET', 'editorial:article:/a', '{"opinion":');
$one->get('/a');

ok(eventually(sub { problems($one) eq 'article:/a news opinion/read_more' },
              5), 'malformed: a state, a pause, a record')
    or diag(problems($one));
is(scalar(grep { !$_->{text} } @{ status($one)->{problems} }), 0,
   '... each says why');

$redis->command('DEL', "editorial:$_") for 'desk:opinion', 'desk:news';
$redis->command('SET', 'editorial:article:/a', '{"opinion":true}');
$one->get('/a');
ok(eventually(sub { $one->get('/a'); problems($one) eq '' }, 5),
   'mended: nothing is wrong');

# strangers in the hash

$redis->command('HSET', 'editorial:servers', 'old',
                '{"at":1,"states":"x","lag_ms":1}');
$redis->command('HSET', 'editorial:servers', 'strange', 'what?');
$redis->command('HSET', 'editorial:servers', 'future',
                '{"at":9999999999999999,"states":"x","lag_ms":1}');
ok(eventually(sub { servers($one) == 2 }, 5),
   'what is old or no entry is left out');

# a server that is gone

$two->stop;
$redis->command('HSET', 'editorial:servers', $other->{node},
                '{"at":1,"states":"x","lag_ms":1}');
ok(eventually(sub { servers($one) == 1 }, 5), 'one that is gone is left out');

$two->start_nginx("editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;\n$server");
ok(eventually(sub { servers($one) == 2 }, 10), 'started anew, it is there');
isnt(status($two)->{node}, $other->{node}, '... by another name');
is($redis->command('HEXISTS', 'editorial:servers', $_), 0,
   "... which has dropped '$_'")
    for 'old', 'strange', $other->{node};

# Redis is not safe, and then it is gone

$redis->command('CONFIG', 'SET', 'maxmemory', '100mb');
$redis->command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
$redis->command('CLIENT', 'KILL', 'TYPE', 'normal');
ok(eventually(sub { @{ status($one)->{redis}{warnings} } }, 10),
   'Redis evicts kept keys');
like(status($one)->{redis}{warnings}[0], qr/maxmemory-policy/, '... it says');
is(problems($one), 'redis', '... which is a problem');

$redis->stop;
ok(eventually(sub { !status($one)->{redis}{up} }, 10), 'Redis is away');
is(servers($one), 1, '... this server is there');
cmp_ok(status($one)->{redis}{lost}, '>=', 1, '... connections were lost');
ok(eventually(sub { my $r = status($one)->{redis};
                    !$r->{tracking} && $r->{breaker} eq 'open' }, 10),
   '... nothing is told, and nobody asks');

$_->allow(qr/editorial/) for $one, $two;
$one->done($two, $alone);


sub status {
    my ($t) = @_;

    return JSON::PP::decode_json($t->get('/console/api/status')->{body});
}


sub servers { return scalar @{ status($_[0])->{servers} } }


# What all servers have; empty: not the same.

sub states {
    my ($t) = @_;

    my %states = map { $_->{states} => 1 } @{ status($t)->{servers} };

    return keys %states == 1 ? (keys %states)[0] : '';
}


sub problems {
    my ($t) = @_;

    return join ' ', sort map { $_->{where} } @{ status($t)->{problems} };
}
