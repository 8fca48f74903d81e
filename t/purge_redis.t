#!/usr/bin/perl

# POST api/purge, with a Redis behind the zone.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

use constant {
    MANY   => 10_000,
    LIMIT  => 0.005,             # seconds that a worker may be held
    PREFIX => 'p:',
};

my $redis = Test::Redis->server;
my $t = Test::Editorial->new;
my $json = JSON::PP->new;

$t->origin("/$_" => { body => article(),
                      headers => ['Cache-Control: max-age=600',
                                  'Surrogate-Key: paper'] }) for qw(a b c);

$t->run(<<"END");
editorial_zone pages:32m;
editorial_redis redis://${\$redis->address} prefix=${\PREFIX} timeout=500ms
                fail_timeout=1s;

server {
    listen %%PORT%%;

    editorial on;
    editorial_cache on;

    location / {
        add_header X-Status \$editorial_status;
        proxy_pass http://%%ORIGIN%%;
    }

    location /here {
        return 200 here;
    }

    location /console/ {
        editorial_console user=anna;
    }
}
END

up();

# one key: the four that belong to it

redis('SET', PREFIX . "$_:{k}", 'x') for qw(page gzip lock);

is(purge(key => 'k'), 1, 'a page of Redis');
is(join(' ', map { redis('EXISTS', PREFIX . "$_:{k}") } qw(page gzip lock)),
   '0 0 0', '... it is gone, and what belongs to it');
cmp_ok(abs(redis('GET', PREFIX . 'purged:{k}') / 1000 - time), '<', 10,
       '... when, is there');
cmp_ok(redis('PTTL', PREFIX . 'purged:{k}'), '>', 50_000,
       '... and will be for a minute');
cmp_ok(redis('PTTL', PREFIX . 'purged:{k}'), '<=', 60_000, '... no longer');

redis('SET', PREFIX . 'gzip:{l}', 'x');
is(purge(key => 'l'), 0, 'what belongs to a page is none');
is(redis('EXISTS', PREFIX . 'gzip:{l}'), 0, '... but goes');
is(redis('EXISTS', PREFIX . 'purged:{l}'), 1, '... and is marked');

# a tag

pages('tides', 3);
redis('ZADD', PREFIX . 'tag:tides', time - 5, 'over');
redis('SET', PREFIX . 'page:{over}', 'x');
redis('ZADD', PREFIX . 'tag:tides', int(time) + 100, 'evicted');
redis('SET', PREFIX . 'page:{other}', 'x');

is(purge(tag => 'tides'), 3, 'a tag');
is(left('tides'), 0, '... its pages are gone');
is(redis('EXISTS', PREFIX . 'tag:tides'), 0, '... and its list');
is(redis('EXISTS', PREFIX . 'page:{over}'), 1,
   '... what fell out of it before is none of them');
is(redis('EXISTS', PREFIX . 'page:{other}'), 1, '... nor is any other');
is(redis('EXISTS', PREFIX . 'purged:{evicted}'), 1,
   '... one that is not there is marked');
is(purge(tag => 'tides'), 0, '... and that was all');

for my $n (99, 100, 101, 200) {
    pages('some', $n);
    is(purge(tag => 'some'), $n, "$n pages");
    is(left('some'), 0, '... are gone');
}

# an address

pages('url:localhost/news?a=1&b=2', 2);
redis('SET', PREFIX . 'page:{https://localhost/news?a=1&b=2}', 'x');
is(purge(url => '/news?b=2&utm_source=x&a=1#top'), 3,
   'an address, and its default keys');

pages('url:www.example.com/', 1);
is(purge(url => 'https://WWW.Example.com:8443'), 1, 'one of another host');

# very many

# (on a machine that does other things, too: the best of some times counts)

my ($idle, $busy);

for my $try (1 .. 5) {
    pages('many', MANY);

    my @idle = latencies(sub { sleep 0.3 });
    my $purged;
    my @busy = latencies(sub { return purge(tag => 'many') }, \$purged);

    is($purged, MANY, 'very many pages');
    is(left('many'), 0, '... are gone');
    is(redis('EXISTS', PREFIX . 'tag:many'), 0, '... and their list');
    cmp_ok(scalar @busy, '>', 20, '... while others are answered');

    ($idle, $busy) = map { percentile(99, @$_) } \@idle, \@busy;

    last if $busy < LIMIT + 2 * $idle;
}

cmp_ok($busy, '<', LIMIT + 2 * $idle, '... without waiting for it');
diag(sprintf 'p99 of others %.1f ms; without the purge %.1f ms',
     $busy * 1000, $idle * 1000);

# ... some of which are stored again meanwhile: whatever is there afterwards
# can be found by its tag

pages('many', MANY);

my $writer = Test::Editorial::child(sub {
    for my $i (1 .. 400) {
        redis('EVAL', "redis.call('SET', KEYS[1], 'x') "
              . "redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])", 2,
              PREFIX . "page:{many-$_}", PREFIX . 'tag:many', "many-$_",
              int(time) + 200)
            for 1 + ($i * 37) % MANY;
    }
    POSIX::_exit(0);
});

cmp_ok(purge(tag => 'many'), '>=', MANY, 'pages that are stored meanwhile');
waitpid $writer, 0;

my @listed = sort @{ redis('ZRANGE', PREFIX . 'tag:many', 0, -1) };
my $there = left('many');
is("@listed", join(' ', sort map { /\{(.*)\}/ }
                        @{ redis('KEYS', PREFIX . 'page:{many-*') }),
   "... $there are left, and all are listed");
is(purge(tag => 'many'), $there, '... so that they are found');
is(left('many'), 0, '... every one');

# the zone's own pages

purge(all => JSON::PP::true());
redis(qw(ACL SETUSER default resetkeys), '~' . PREFIX . 'gen');
status("/$_") for qw(a b);
sleep 0.2;                                      # what is written to Redis
redis(qw(ACL SETUSER default allkeys));
is(status('/a'), 'HIT', 'pages that only the zone has');
is(redis('EXISTS', PREFIX . 'tag:paper'), 0, '... Redis does not know them');
is(purge(tag => 'paper'), 2, '... are found by tag');
is(status('/a') . status('/b'), 'MISSMISS', '... and gone');
is(purge(key => 'http://localhost/a'), 1, '... by key');
is(purge(url => 'http://localhost/b'), 1, '... by address');

redis('SET', PREFIX . 'page:{http://localhost/a}', 'x');
redis('ZADD', PREFIX . 'tag:paper', int(time) + 100, 'http://localhost/a');
fill('a');
redis('SET', PREFIX . 'page:{http://localhost/a}', 'x');
redis('ZADD', PREFIX . 'tag:paper', int(time) + 100, 'http://localhost/a');
is(purge(tag => 'paper'), 1, 'a page that is in both counts once');

# all

fill(qw(a b c));
my $gen = redis('GET', PREFIX . 'gen') || 0;

is(purge(all => JSON::PP::true()), 3, "all: this zone's are counted");
is(redis('GET', PREFIX . 'gen'), $gen + 1, '... by a new generation');
is(join(' ', map { status("/$_") } qw(a b c)), 'MISS MISS MISS',
   '... they are gone');

redis('SET', PREFIX . 'gen', $gen);
sleep 0.1;
status("/$_") for qw(a b c);
is(purge(all => JSON::PP::true()), 3, 'all, where Redis has lost its number');
is(status('/a'), 'MISS', '... they are gone');

# a client that hangs up: it is carried through

pages('many', MANY);
my $written = written();
my $c = $t->connection;
Test::Editorial::put($c, request({ tag => 'many' }));
close $c;
wait_for(sub { left('many') == 0 });
is(left('many'), 0, 'a client that does not wait');
wait_for(sub { written() > $written });
is(written(), $written + 1, '... and is written down');

# what Redis refuses

redis('SET', PREFIX . 'tag:wrong', 'x');
refused({ tag => 'wrong' }, qr/^Redis says ".*WRONGTYPE.*"; .*: 0$/,
        'a tag that is no list');

pages('partly', 3);
redis('ZADD', PREFIX . 'tag:partly', int(time) + 100, 'forbidden');
redis(qw(ACL SETUSER default resetkeys), '~' . PREFIX . 'tag:*',
      '~' . PREFIX . 'purged:tag:*',
      map { '~' . PREFIX . "$_:{partly-*}" } qw(page gzip lock purged));
refused({ tag => 'partly' }, qr/^Redis says "NOPERM.*"; .*: 3$/,
        'a page that may not be removed');
redis(qw(ACL SETUSER default allkeys));
redis('SET', PREFIX . 'page:{forbidden}', 'x');
is(purge(tag => 'partly'), 1, '... is found once it may');

# Redis goes away half-way, and comes back

pages('many', MANY);
my $pid = Test::Editorial::child(sub {
    my $r = post({ tag => 'many' });
    spew($t->dir . '/answer', "$r->{status} $r->{body}");
    POSIX::_exit(0);
});
wait_for(sub { left('many') < MANY - 100 });
$redis->pause;
waitpid $pid, 0;
$redis->resume;

my ($first) = slurp($t->dir . '/answer') =~ /^503 .*removed before that: (\d+)/;
cmp_ok($first, '>', 0, 'Redis hangs: some are removed, it says');
cmp_ok($first, '<', MANY, '... not all');
up();
my $rest = purge(tag => 'many');
is(left('many'), 0, '... the others when it is back');
cmp_ok($first + $rest, '<=', MANY, '... none is counted twice');
cmp_ok($first + $rest, '>=', MANY - 100,
       '... but for the answers that were under way');

# it is not there

fill('a');
$redis->stop;
wait_for(sub { post({ key => 'none' })->{status} == 503 });

for my $what ({ key => 'http://localhost/a' }, { tag => 'paper' },
              { url => '/a' }, { all => JSON::PP::true() })
{
    refused($what, qr/^Redis is not there; pages removed before that: 0$/,
            "Redis is gone: " . join '', keys %$what);
}

is(status('/a'), 'HIT', '... nothing is done');

$redis->start;
up();
ok(wait_for(sub { status('/a') && purge(key => 'http://localhost/a') }),
   'it is back');

$t->done;


sub redis {
    my $reply = $redis->command(@_);

    die "Redis: $reply\n" if defined $reply && !ref $reply && $reply =~ /^-/;

    return $reply;
}


# So many pages of Redis with a tag: keys TAG-1 …

sub pages {
    my ($tag, $n) = @_;

    redis('EVAL', "for i = 1, ARGV[2] do "
          . "local k = ARGV[1] .. '-' .. i "
          . "redis.call('SET', ARGV[4] .. 'page:{' .. k .. '}', 'x') "
          . "redis.call('ZADD', ARGV[4] .. 'tag:' .. ARGV[1], ARGV[3], k) "
          . "end", 0, $tag, $n, int(time) + 100, PREFIX);
}


sub left {
    my ($tag) = @_;

    return redis('EVAL', "return #redis.call('KEYS', ARGV[1])", 0,
                 PREFIX . "page:{$tag-*}");
}


sub fill {
    my (@names) = @_;

    purge(all => JSON::PP::true());

    is(status("/$_") . status("/$_"), 'MISSHIT', "/$_ is stored") for @names;
}


sub status { $t->get($_[0])->{headers}{'x-status'} }


sub request {
    my ($what) = @_;

    my $body = $json->encode($what);

    return join "\r\n", 'POST /console/api/purge HTTP/1.1', 'Host: localhost',
                'Connection: close', 'Content-Type: application/json',
                'Content-Length: ' . length $body, '', $body;
}


sub post { $t->raw(request($_[0])) }


sub purge {
    my (%what) = @_;

    my $r = post(\%what);

    return $json->decode($r->{body} || '{}')->{purged} if $r->{status} == 200;

    diag("$r->{status} $r->{body}");

    return -1;
}


sub refused {
    my ($what, $why, $name) = @_;

    my $r = post($what);

    is($r->{status}, 503, $name);
    is($r->{headers}{'content-type'}, 'application/problem+json',
       '... is a problem');
    like($json->decode($r->{body})->{detail}, $why, '... it says');
}


# How many purges of very many pages are written down.

sub written {
    return scalar(() = $t->log =~ /"tag":"many"\}: \{"purged":${\MANY}\}/g);
}


sub up {
    wait_for(sub { post({ key => 'none' })->{status} == 200 });
}


sub wait_for {
    my ($code) = @_;

    for (1 .. 500) {
        return 1 if $code->();
        sleep 0.02;
    }

    fail('waited in vain');
}


# How long others wait while that is done in another process.

sub latencies {
    my ($code, $result) = @_;

    my $file = $t->dir . '/result';
    my $pid = Test::Editorial::child(sub {
        spew($file, $code->());
        POSIX::_exit(0);
    });

    my @took;

    until (waitpid($pid, POSIX::WNOHANG()) > 0) {
        my $began = time;
        $t->get('/here');
        push @took, time - $began;
        sleep 0.001;
    }

    $$result = slurp($file) if $result;

    return @took;
}


sub percentile {
    my ($n, @values) = @_;

    return (sort { $a <=> $b } @values)[int($#values * $n / 100)];
}
