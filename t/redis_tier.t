#!/usr/bin/perl

# Redis behind the zone: what one web server has fetched all of them have.
# The pages there, what else lies beside them, and where a hit comes from.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use List::Util qw(max);
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

my $redis = Test::Redis->server;
my $first = Test::Editorial->new(workers => 2, redis => $redis);
my $second = Test::Editorial->new(workers => 2, redis => $redis,
                                  origin => $first);
my $alone = Test::Editorial->new(workers => 2, redis => $redis,
                                 origin => $first);
my $page = article(n => 60);

sub slowly {
    my (%answer) = @_;

    return sub {
        sleep 0.3;
        $first->send_page($_[0], { body => $page, %answer });
    };
}

$first->origin(
    map({ ($_ => { body => $page,
                   headers => [ 'ETag: "v1"', 'Cache-Control: max-age=60',
                                'X-Section: news' ] }) }
        '/page', '/alone', '/range', '/head', '/edition', '/policy',
        '/uncached/edition', '/uncached/policy'),
    '/strict' => { body => $page, headers => ['Cache-Control: max-age=60, '
                                              . 'must-revalidate'] },
    '/error' => { body => $page,
                  headers => ['Cache-Control: max-age=60, stale-if-error=600, '
                              . 'stale-while-revalidate=10'] },
    '/brief' => { body => $page,
                  headers => ['Cache-Control: max-age=1, stale-if-error=0, '
                              . 'stale-while-revalidate=0'] },
    '/gzip' => { body => $page },
    '/tagged' => { body => $page, headers => ['Surrogate-Key: news sport-1',
                                              'Cache-Control: max-age=60'] },
    '/plain' => { body => '<p>No article.</p>' },
    '/private' => slowly(headers => ['Cache-Control: private']),
    '/cookie' => slowly(headers => ['Set-Cookie: a=1']));

my $zone = "editorial_zone pages:4m;\n";
my $conf = <<'END';
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;
    editorial_preview $arg_secret;

    editorial_read_more box label=Box;
    editorial_read_more bold label=Bold after=1 every=2 max=9;

    add_header X-Status $editorial_status always;
    add_header X-Tier $editorial_tier always;
    add_header X-Furniture $editorial_furniture always;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /uncached/ {
        editorial_cache off;
        proxy_pass http://%%ORIGIN%%;
    }
}
END

my ($passed, $said) = $first->check($conf);
ok($passed, 'pages may be kept in Redis alone') or diag $said;

($passed, $said) = $first->check($conf =~ s/editorial_redis.*//r);
ok(!$passed, '... but not nowhere');
like($said, qr/editorial_zone|editorial_redis/, '... which is said');

$_->run("$zone$conf") for $first, $second;
$alone->run($conf);

ok($redis->wait_for_clients(6), 'all workers are connected');


# The key of a path's page, or what else is known by the same name.

sub key {
    my ($path, $kind) = @_;

    return 'editorial:' . ($kind || 'page') . ":{http://localhost$path}";
}

sub is_there { return $redis->command('EXISTS', $_[0]) }


# Asks, and sees to it that the page has reached Redis.

sub stored {
    my ($server, $path, @headers) = @_;

    my $r = $server->get($path, @headers);

    ok(defined eventually(sub { is_there(key($path)) }, 5),
       "$path: is in Redis");

    return $r;
}

sub comes_from {
    my ($r, $status, $tier, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is("$r->{headers}{'x-status'} $r->{headers}{'x-tier'}", "$status $tier",
       $name);
}


# fetched by one, served by all

my $miss = stored($first, '/page');

comes_from($miss, 'MISS', 'origin', '/page: a miss');
comes_from($first->get('/page'), 'HIT', 'memory', '... in its own memory');

my $r = $second->get('/page');

comes_from($r, 'HIT', 'redis', '... another server has it from Redis');
same($r->{body}, $miss->{body}, '... every byte');
is($r->{headers}{'content-length'}, length $miss->{body}, '... its length');
is($r->{headers}{'content-type'}, 'text/html', '... its type');
is($r->{headers}{'x-section'}, 'news', "... the origin's headers");
like($r->{headers}{age}, qr/^[0-3]$/, '... Age');
like($r->{headers}{'cache-status'}, qr/^editorial; hit; ttl=\d+; detail=redis$/,
     '... Cache-Status');

for (1 .. 4) {
    my $again = $second->get('/page');

    comes_from($again, 'HIT', 'memory', '... from then on from memory');
    is($again->{headers}{etag}, $r->{headers}{etag}, '... the same ETag');
    same($again->{body}, $miss->{body}, '... the same page');
}

is($first->get('/page')->{headers}{etag}, $r->{headers}{etag},
   '... on both servers');
is($first->asked('/page'), 1, '... one request to the origin');
is(is_there(key('/page', 'lock')), 0, '... and no lock is left');

stored($first, '/plain');
$r = $second->get('/plain');
comes_from($r, 'HIT', 'redis', '/plain: a page without article');
same($r->{body}, '<p>No article.</p>', '... as it came');


# how long

for (['/page', 3600 + 57, 3600 + 63], ['/strict', 54, 63],
     ['/error', 600 + 50, 600 + 63])
{
    my ($path, $least, $most) = @$_;

    stored($first, $path) if $path ne '/page';

    my $ttl = $redis->command('TTL', key($path));

    cmp_ok($ttl, '>=', $least - 10, "$path: kept to the end of stale");
    cmp_ok($ttl, '<=', $most, '... and no longer');
}

$first->get('/brief');
ok(defined eventually(sub { !is_there(key('/brief')) }, 3),
   '/brief: gone when its life is over');


# Redis alone

comes_from($alone->get('/page'), 'HIT', 'redis', 'no zone: a hit from Redis')
    for 1 .. 4;

comes_from(stored($alone, '/alone'), 'MISS', 'origin', '... a miss');
comes_from($alone->get('/alone'), 'HIT', 'redis', '... is a hit from then on')
    for 1 .. 4;
comes_from($first->get('/alone'), 'HIT', 'redis', '... and for the others');
is($first->asked('/alone'), 1, '... one request to the origin');


# many who ask while Redis takes its time: a worker asks it once for all

sub gets {
    return $redis->command('INFO', 'commandstats')
           =~ /^cmdstat_get:calls=(\d+)/m ? $1 : 0;
}

my $gets = gets();
my $resumes = fork;

if ($resumes == 0) {
    sleep 0.4;
    $redis->resume;
    require POSIX;
    POSIX::_exit(0);
}

$redis->pause;

my @many = $alone->parallel(32, '/page');

waitpid $resumes, 0;
is(scalar(grep { $_->{headers}{'x-tier'} eq 'redis'
                 && $_->{body} eq $miss->{body} } @many), 32,
   '32 at once: all have it from Redis');
cmp_ok(gets() - $gets, '<=', 12, '... which is asked once a worker');


# compressed

my $plain = stored($first, '/gzip');
my $gzip = 'Accept-Encoding: gzip';

sub is_coded { return ($_[0]{headers}{'content-encoding'} || '') eq 'gzip' }

ok(defined eventually(sub { is_coded($first->get('/gzip', $gzip)) }),
   '/gzip: compressed after a while');

for (['a server with a zone', $second], ['one without', $alone]) {
    my ($name, $server) = @$_;
    my $r;

    # what is compressed reaches Redis a moment later
    eventually(sub {
        is_coded($r = $server->get('/gzip', $gzip));
    });

    ok(is_coded($r), "... $name has it compressed");
    is($r->{headers}{'x-status'}, 'HIT', '... a hit');
    same(gunzip(my $copy = $r->{body}), $plain->{body}, '... the same page');
    is($r->{headers}{'content-length'}, length $r->{body}, '... its length');
    like($r->{headers}{etag}, qr/-gz"$/, '... its own ETag');
    same($server->get('/gzip')->{body}, $plain->{body}, '... and plain');
    is($server->get('/gzip', $gzip, "If-None-Match: $r->{headers}{etag}")
           ->{status}, 304, '... 304');
}

is($first->asked('/gzip'), 1, '... one request to the origin');


# tags

my $began = time;
$first->get('/tagged?b=2&a=1&utm_source=x');

my $key = 'http://localhost/tagged?a=1&b=2';

ok(defined eventually(sub { is_there("editorial:page:{$key}") }, 5),
   '/tagged: is in Redis');

for my $tag ('news', 'sport-1', 'url:localhost/tagged?a=1&b=2') {
    my $name = "editorial:tag:$tag";

    eventually(sub { is_there($name) }, 5);
    is($redis->command('TYPE', $name), 'zset', "$tag: a sorted set");

    my $members = $redis->command('ZRANGE', $name, 0, -1, 'WITHSCORES');

    is(scalar @$members, 2, '... of one page');
    like($members->[0] || '', qr/\Q$key\E/, '... by its key');
    cmp_ok(abs(($members->[1] || 0) - $began - 3660), '<', 15,
           '... by the end of its life, in seconds');

    my $ttl = $redis->command('TTL', $name);

    cmp_ok($ttl, '>=', 3600, '... kept as long as the page');
    cmp_ok($ttl, '<=', 2 * 3660, '... and not for ever');
}

is($redis->command('TYPE', 'editorial:tag:url:localhost/page'), 'zset',
   'a page without tags has that of its address');


# conditions, ranges and HEAD, of a page that lies in Redis alone

$r = stored($alone, '/range');
my $body = $r->{body};
my $etag = $alone->get('/range')->{headers}{etag};

ok($etag, 'an ETag');
$r = $alone->get('/range', "If-None-Match: $etag");
is($r->{status}, 304, '... gives 304');
is($r->{body}, '', '... and no body');
is($alone->get('/range', 'If-None-Match: "other"')->{status}, 200,
   '... another does not');
is($alone->get('/range', 'If-None-Match: "v1"')->{status}, 200,
   "... nor the origin's");

$r = $alone->get('/range', 'Range: bytes=10-1999');
is($r->{status}, 206, 'a range');
same($r->{body}, substr($body, 10, 1990), '... of the page');
is($r->{headers}{'content-range'}, 'bytes 10-1999/' . length $body,
   '... and where it is');
comes_from($r, 'HIT', 'redis', '... from Redis');
is($alone->get('/range', 'Range: bytes=9999999-')->{status}, 416,
   '... outside of it');
same($alone->get('/range', 'Range: bytes=-7')->{body}, substr($body, -7),
     '... of its end');

$r = $alone->head('/range');
is($r->{status}, 200, 'HEAD');
is($r->{body}, '', '... no body');
is($r->{headers}{'content-length'}, length $body, '... its length');
is($r->{headers}{etag}, $etag, '... its ETag');
comes_from($r, 'HIT', 'redis', '... from Redis');

$r = $alone->head('/head');
comes_from($r, 'MISS', 'origin', 'HEAD for a page that is not kept');
like($first->last_request, qr{^HEAD /head }, '... is HEAD to the origin');
sleep 0.2;
is(is_there(key('/head')), 0, '... nothing is kept');
is($first->asked('/range'), 1, 'one request to the origin for all of these');


# editions

my $forced = '/edition?secret=1';

stored($alone, $forced);

for my $edition ('read_more:box', 'read_more:bold,disclaimer:off',
                 'read_more:off,pull_quote:off,disclaimer:off')
{
    my $expected = $alone->get("/uncached$forced&editorial=$edition");

    for my $server ($alone, $second) {
        my $r = $server->get("$forced&editorial=$edition");

        is($r->{headers}{'x-status'}, 'HIT', "$edition: a hit");
        same($r->{body}, $expected->{body}, '... right');
        is($r->{headers}{'x-furniture'},
           scalar(() = $expected->{body} =~ /data-editorial=/g),
           '... as many pieces');
        is($r->{headers}{'cache-control'}, 'no-store', '... not to be kept');
    }
}

is($first->asked($forced), 1, 'one request to the origin');


# what is not to be stored: a mark says so, and nobody waits, on any server

for my $path ('/private', '/cookie') {
    $first->get($path);

    ok(defined eventually(sub { is_there(key($path, 'lock')) }, 2),
       "$path: a mark is left");

    my $ttl = $redis->command('PTTL', key($path, 'lock'));

    cmp_ok($ttl, '>', 5000, '... for some seconds');
    cmp_ok($ttl, '<=', 10_000, '... at most 10');

    my @r = $first->parallel(16, $path, { among => [$second, $alone] });

    is($first->asked($path), 17, '... all go to the origin');
    is(scalar(grep { $_->{headers}{'x-status'} eq 'MISS'
                     && stripped($_->{body}) eq $page } @r), 16,
       '... and get the page');
    cmp_ok(max(map { $_->{took} } @r), '<', 1.5, '... together');
    is(is_there(key($path)), 0, '... nothing is stored');
}


# another policy: planned again, on that server only, without the origin

stored($first, '/policy');
$second->get('/policy');

spew($alone->dir . '/nginx.conf', $alone->conf($conf =~ s/=Box/=Crate/r));
$alone->reload;

$r = undef;
eventually(sub { ($r = $alone->get('/policy'))
                 ->{headers}{'x-status'} eq 'REPLAN' }, 5);
is($r->{headers}{'x-status'}, 'REPLAN', 'a changed policy: planned again');

for (1 .. 3) {
    for (['the new one', $alone], ['the old one', $second]) {
        my ($name, $server) = @$_;

        same($server->get('/policy')->{body},
             $server->get('/uncached/policy')->{body}, "$name: right");
    }
}

is($first->asked('/policy'), 1, '... without the origin');


# another database, a socket, another prefix

my %elsewhere = (
    'other:page' => '%%REDIS%%/3 prefix=other: ',
    'sock-page'  => 'unix:' . $redis->path . ' prefix=sock- ',
);

for my $kind (sort keys %elsewhere) {
    my $server = Test::Editorial->new(redis => $redis, origin => $first);
    my $n = scalar $redis->clients;

    $server->run($conf =~ s/%%REDIS%% /$elsewhere{$kind}/r);
    eventually(sub { scalar $redis->clients > $n }, 5);
    eventually(sub { $server->get('/page')->{headers}{'x-tier'} eq 'redis' },
               3);
    comes_from($server->get('/page'), 'HIT', 'redis',
               "$elsewhere{$kind}: is used");

    if ($kind =~ /sock/) {
        is(is_there("$kind:{http://localhost/page}"), 1, '... by its prefix');

    } else {
        like($redis->command('INFO', 'keyspace'), qr/^db3:keys=\d/m,
             '... by its number');
    }

    is(scalar(grep { !/^(?:editorial:|sock-)/ }
                   @{ $redis->command('KEYS', '*') }), 0,
       '... and nothing lies elsewhere');
    $server->ends_well;
}

$first->done($second, $alone);
