#!/usr/bin/perl

# What all servers have counted of a test: in Redis, whatever becomes of that
# and of them, and what the results say of it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use POSIX qw(strftime);
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

my $redis = Test::Redis->server;
my $first = Test::Editorial->new(workers => 2, redis => $redis);
my $second = Test::Editorial->new(workers => 2, redis => $redis,
                                  origin => $first);
my @both = ($first, $second);
my $key = 'editorial:stats:opinion:read_more:T1';
my $conf = <<'END';
editorial_zone pages:4m;
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;

server {
    listen %%PORT%%;

    editorial_desk opinion;
    editorial_read_more box;
    editorial_read_more card;

    location / {
        editorial on;
        return 200 page;
    }

    location = /beacon {
        editorial_beacon;
    }

    location /console/ {
        editorial_console user=anna;
    }

    location = /metrics {
        editorial_metrics;
    }
}
END

$_->run($conf) for @both;
ok($redis->wait_for_clients(4, 2), 'all are connected');

sub state {
    $redis->command('HSET', 'editorial:desk:opinion', 'read_more', $_[0]);
}

sub told {
    my ($server, $arm, $event, $n) = @_;

    my $one = qq({"furniture":"read_more/$arm","event":"$event"});
    my $body = '{"desk":"opinion","events":[' . join(',', ($one) x ($n || 1))
               . ']}';

    return $server->raw(join "\r\n", 'POST /beacon HTTP/1.1',
                        'Host: localhost', 'Connection: close',
                        'Content-Type: application/json',
                        'Content-Length: ' . length $body, '', $body)
           ->{status};
}

sub results {
    my ($server, $args) = @_;

    my $r = $server->get('/console/api/desks/opinion/read_more/results'
                         . ($args || ''));

    my $said = eval { JSON::PP::decode_json($r->{body}) };

    return { %{ $said || {} }, status => $r->{status} };
}

# "box 3/1/0 off 2/0/0": exposures, clicks, finishes.

sub sums {
    my ($results) = @_;

    return join ' ', map { "$_->{name} $_->{exposures}/$_->{clicks}/"
                           . $_->{finishes} } @{ $results->{variants} || [] };
}

sub both_say {
    my ($want, $name) = @_;

    my $took = eventually(sub {
        !grep { sums(results($_)) ne $want } @both;
    }, 8);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    ok(defined $took, $name)
        or diag("not $want, but ", join ', ', map { sums(results($_)) } @both);
}

sub fields {
    my ($k) = @_;

    return @{ $redis->command('HGETALL', $k || $key) };
}

# What Redis has, node and epoch aside, added up.

sub in_redis {
    my %field = fields();
    my %sum;

    for my $field (keys %field) {
        my ($day, $arm, $event) = $field =~ /:([^:]+):([^:]+):([^:]+)$/;
        $sum{"$arm $event"} += $field{$field};
    }

    return join ' ', map { "$_ $sum{$_}" } sort keys %sum;
}

sub redis_has {
    my ($want, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    ok(defined eventually(sub { in_redis() eq $want }, 8), $name)
        or diag("not $want, but ", in_redis());
}


# no test, and one that nobody has seen

is(results($first)->{status}, 404, 'without a test');
like(results($first)->{detail}, qr/not in a test/, '... it is said');
is(results($first, '?test=T1')->{status}, 404, 'a test that there is not');
is(results($first, '?test=' . 'x' x 65)->{status}, 400, 'nor could be');
is(results($first, '?test=')->{status}, 400, 'without a name');

for my $path ('none/read_more', 'opinion/none', 'default/read_more') {
    is($first->get("/console/api/desks/$path/results")->{status}, 404,
       "no $path");
}

state('{"mode":"test","id":"T1","weights":{"box":50,"off":50}}');
ok(defined eventually(sub {
    !grep { $_->get('/beacon?desk=opinion')->{body}
            ne '{"tests":{"read_more":"T1"}}' } @both;
}, 5), 'a test runs on both servers');

is(sums(results($first)), 'box 0/0/0 off 0/0/0', 'nobody has seen it');

# counted

is(told($first, 'box', 'exposure', 3), 204, 'seen on the first server');
is(sums(results($first)), 'box 3/0/0 off 0/0/0', '... which knows at once');
both_say('box 3/0/0 off 0/0/0', '... and then the other');

told($second, 'box', 'click', 2);
told($second, 'off', 'exposure', 5);
told($first, 'off', 'finish');
both_say('box 3/2/0 off 5/0/1', 'both count');
redis_has('box click 2 box exposure 3 off exposure 5 off finish 1',
          '... and write it');

my %field = fields();
my $today = strftime('%Y-%m-%d', gmtime);

is(join(' ', grep { !/^[\w.-]+:\d+:$today:(box|off):\w+$/ } keys %field), '',
   'fields are what they are said to be');

my %nodes = map { /^(.*?):/ => 1 } keys %field;
is(scalar keys %nodes, 2, '... of two nodes');
is($redis->command('TTL', $key), -1, '... kept');

# what the results say

my $results = results($second);
my ($box, $off) = @{ $results->{variants} };

is($results->{test}, 'T1', 'the test');
is($results->{started}, "${today}T00:00:00Z", '... the first day');
is($results->{ends}, undef, '... no end');
is($results->{control}, 'box', '... the control');
is($box->{weight}, 50, '... weights');
is($off->{click_rate}, 0, '... rates');
is(scalar @{ $off->{click_interval} }, 2, '... intervals');
is_deeply([ map { "$_->{variant} $_->{metric}" }
            @{ $results->{comparisons} } ], ['off click', 'off finish'],
          '... comparisons');
ok(!$results->{sample_ratio}{broken}, '... the sample ratio');
is_deeply($results->{days},
          [ { day => $today, variant => 'box', exposures => 3, clicks => 2,
              finishes => 0 },
            { day => $today, variant => 'off', exposures => 5, clicks => 0,
              finishes => 1 } ], '... days');

# other nodes, and what is no count

$redis->command('HSET', $key, 'web9-abc:1:2026-01-05:box:exposure', 1000,
                'web9-abc:1:2026-01-06:card:exposure', 7,
                'web9-abc:1:2026-01-06:box:exposure', 'many',
                'web9-abc:1:2026-01-06:box:views', 5, 'junk', 3);
both_say('box 1003/2/0 card 7/0/0 off 5/0/1', 'a node that is gone counts');
is(results($first)->{started}, '2026-01-05T00:00:00Z', '... it was the first');
is(results($first)->{variants}[1]{weight}, 0, 'a variant that was an arm');
$redis->command('HDEL', $key, grep { /^web9|junk/ } keys %{ +{ fields() } });
both_say('box 3/2/0 off 5/0/1', '... taken away');

# a ramp: who came before it was not split as it says

$redis->command('HSET', $key, 'web9-abc:1:2026-01-05:box:exposure', 100,
                'web9-abc:1:2026-01-05:off:exposure', 900);
both_say('box 103/2/0 off 905/0/1', 'nine of ten saw nothing');
ok(results($first)->{sample_ratio}{broken}, '... which is no half');

for my $weights ('"box":10,"off":90', '"box":50,"off":50') {
    my $body = qq({"mode":"test","id":"T1","weights":{$weights}});
    my $r = $first->raw(join "\r\n",
        'PUT /console/api/desks/opinion/read_more HTTP/1.1', 'Host: localhost',
        'Connection: close', 'Content-Type: application/json',
        'Content-Length: ' . length $body, '', $body);

    is($r->{status}, 200, "weights $weights");
}

for my $t (@both) {
    ok(defined eventually(sub { !results($t)->{sample_ratio}{broken} }, 5),
       '... it was none then');
}

$redis->command('HDEL', $key, grep { /^web9/ } keys %{ +{ fields() } });
both_say('box 3/2/0 off 5/0/1', '... taken away');

# another test, and this one when it is over

state('{"mode":"test","id":"T2","weights":{"box":1,"off":0},'
      . '"ends":"2099-01-01T00:00:00Z"}');
ok(defined eventually(sub { results($first)->{test} eq 'T2' }, 5),
   'another test');
is(sums(results($first)), 'box 0/0/0 off 0/0/0', '... begins at 0');
is(results($first)->{ends}, '2099-01-01T00:00:00Z', '... and has an end');
is(sums(results($first, '?test=T1')), 'box 3/2/0 off 5/0/1',
   '... the one before can be asked for');
is(results($first, '?test=T1')->{variants}[0]{weight}, undef,
   '... without weights');
is(results($first, '?test=T1')->{sample_ratio}{p}, undef,
   '... or a sample ratio');

state('{"mode":"test","id":"T1","weights":{"box":50,"off":50}}');
ok(defined eventually(sub { !grep { results($_)->{test} ne 'T1' } @both }, 5),
   'and it again');

# Redis is killed, and comes back as it was some time ago

is($redis->command('SAVE'), 'OK', 'a snapshot');
told($_, 'box', 'exposure', 10) for @both;
redis_has('box click 2 box exposure 23 off exposure 5 off finish 1',
          'what came after it is written');

Test::Editorial::ended(delete $redis->{pid}, 'KILL');
told($_, 'off', 'click', 4) for @both;
ok(defined eventually(sub { results($first)->{status} == 503 }, 5),
   'no results while Redis is away');
like(results($first)->{detail}, qr/^Redis/, '... it is said why');
like($first->get('/metrics')->{body},
     qr/^editorial_ledger_cells_unwritten [1-9]/m, '... metrics know');

$redis->start;
both_say('box 23/2/0 off 5/8/1', 'back with an old snapshot: exact');
redis_has('box click 2 box exposure 23 off click 8 off exposure 5 '
          . 'off finish 1', '... in Redis, too');

# emptied

$redis->command('FLUSHALL');
redis_has('box click 2 box exposure 23 off click 8 off exposure 5 '
          . 'off finish 1', 'FLUSHALL: written again');
state('{"mode":"test","id":"T1","weights":{"box":50,"off":50}}');
both_say('box 23/2/0 off 5/8/1', '... exact');

# a field that somebody has set back

my ($own) = grep { /:box:exposure$/ } keys %{ +{ fields() } };
my %value = fields();
$redis->command('HSET', $key, $own, $value{$own} - 1);
told($first, 'box', 'exposure');
told($second, 'box', 'exposure');
both_say('box 25/2/0 off 5/8/1', 'a field that is behind is mended');

# a worker that dies, and one after the other

my @workers = $first->workers;
$first->allow(qr/exited on signal 9/);
told($first, 'box', 'exposure');
kill 'KILL', @workers;
ok(defined eventually(sub { told($first, 'box', 'exposure') == 204 }, 5),
   'killed workers');
both_say('box 27/2/0 off 5/8/1', '... lose nothing');

told($first, 'box', 'exposure');
$first->reload;
both_say('box 28/2/0 off 5/8/1', 'nor does a reload');

# nginx ends with something that is not written, and begins anew

sleep 1.2;
told($first, 'off', 'finish', 6);
$first->stop;
redis_has('box click 2 box exposure 28 off click 8 off exposure 5 '
          . 'off finish 7', 'nginx ends, and what it counted is written');

$first->start_nginx($conf);
ok(defined eventually(sub { (results($first)->{test} || '') eq 'T1' }, 5),
   'it learns that the test runs');
told($first, 'off', 'finish', 2);
both_say('box 28/2/0 off 5/8/9', 'it begins at 0, as another epoch');

my %epochs = map { /^(\S+?:\d+):/ => 1 } keys %{ +{ fields() } };
is(scalar keys %epochs, 3, '... beside the one before');

# a test that somebody has written without an id

state('{"mode":"test","weights":{"box":50,"off":50}}');

my %named;

ok(defined eventually(sub {
    %named = map { $_->get('/beacon?desk=opinion')->{body} => 1 } @both;
    return keys %named == 1
           && (keys %named)[0] =~ /^\{"tests":\{"read_more":"redis-\w{8}"\}\}$/;
}, 5), 'a test without an id has the same one on both') or diag(%named);

told($first, 'box', 'exposure', 2);
told($second, 'off', 'exposure');
both_say('box 2/0/0 off 1/0/0', '... under which it is counted');
like(results($first)->{test}, qr/^redis-/, '... and has its results');
is(results($first, '?test=T1')->{status}, 200, '... beside the one before');

state('{"mode":"test","id":"T1","weights":{"box":50,"off":50}}');
both_say('box 28/2/0 off 5/8/9', '... which goes on');

# the key is something else

$redis->command('DEL', $key);
$redis->command('SET', $key, 'x');
told($first, 'box', 'click');
ok(defined eventually(sub { results($second)->{status} == 503 }, 5),
   'a key of another type');
like(results($second)->{detail}, qr/WRONGTYPE/, '... it is said');
ok(defined eventually(sub { $first->log =~ /WRONGTYPE/ }, 5), '... in the log');
$redis->command('DEL', $key);
ok(defined eventually(sub { results($second)->{status} == 200 }, 8),
   '... is mended');

# Redis hangs

$redis->pause;
is(results($first)->{status}, 503, 'a Redis that hangs');
$redis->resume;

$first->done($second);
