#!/usr/bin/perl

# The user of Redis that the README makes may do all that the module does, and
# nothing else.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use POSIX qw(strftime);
use Test::More;
use Test::Editorial;
use Test::Redis;

my $readme = slurp("$FindBin::Bin/../README.md");
my ($line) = $readme =~ /^(ACL SETUSER editorial .*)$/m;
my ($conf_of_redis) = $readme =~ /^```\n(maxmemory .*?)^```/ms;
my @words = split / /, $line || '';
my ($password) = grep { s/^>// } map { "$_" } @words;

ok($password, 'the README has a user') or BAIL_OUT('no line of the README');

my $redis = Test::Redis->server(split /\n/, $conf_of_redis);

is($redis->command(@words), 'OK', '... which Redis takes');

# a CMS may write records, and nothing else

my ($cms) = $readme =~ /^(ACL SETUSER cms .*)$/m;

is($redis->command(split / /, $cms), 'OK', 'the README has a CMS');

for ([ 1, 'SET', 'editorial:article:/x', '{}' ],
     [ 1, 'GET', 'editorial:article:/x' ],
     [ 1, 'DEL', 'editorial:article:/x' ],
     [ 0, 'SET', 'editorial:gen', 1 ],
     [ 0, 'FLUSHALL' ])
{
    my ($may, @command) = @$_;

    is($redis->command('ACL', 'DRYRUN', 'cms', @command) eq 'OK' ? 1 : 0,
       $may, '... which ' . ($may ? 'may ' : 'may not ') . $command[0]);
}

my $url = 'redis://editorial@' . $redis->address;
my $first = Test::Editorial->new(workers => 2);
my $second = Test::Editorial->new(origin => $first);
my $alone = Test::Editorial->new(origin => $first);
my @all = ($first, $second, $alone);
my $page = article(n => 30);

# two articles that share a tag

my $today = strftime('%Y-%m-%d', gmtime);
my $tagged = article(n => 12, bare => 1);

$tagged =~ s{</head>}{<meta property="article:tag" content="sea">
<meta property="article:published_time" content="$today"></head>};

$first->origin(
    (map { ($_ => { body => $page, headers => ['Cache-Control: max-age=600',
                                               'Surrogate-Key: paper'] }) }
         '/page', '/tag', '/key', '/damaged', '/all', '/missing'),
    (map { ($_ => { body => $tagged, headers => ['Cache-Control: max-age=60'] }) }
         '/sea', '/shore'),
    '/private' => { body => $page, headers => ['Cache-Control: private'] },
    '/brief' => sub {
        my ($c, $request) = @_;

        $first->send_page($c, $request =~ /^If-None-Match:/mi
            ? { status => '304 Not Modified', type => undef,
                headers => ['ETag: "v1"', 'Cache-Control: max-age=1'] }
            : { body => $page,
                headers => ['ETag: "v1"', 'Cache-Control: max-age=1'] });
    });

my $conf = <<"END";
editorial_redis $url password_file=%%DIR%%/password timeout=1s
                connect_timeout=1s;

server {
    listen %%PORT%%;

    editorial on;
    editorial_cache on;

    add_header X-Status \$editorial_status;
    add_header X-Tier \$editorial_tier;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /uncached/ {
        editorial_cache off;
        proxy_pass http://%%ORIGIN%%/;
    }
END

spew($_->dir . '/password', "$password\n") for @all;

$redis->command('CONFIG', 'RESETSTAT');

$_->run("editorial_zone pages:8m; $conf location /console/ {"
        . 'editorial_console user=anna; } location = /beacon {'
        . 'editorial_beacon; } }') for $first, $second;
$alone->run("$conf }");

ok($redis->wait_for_clients(4, 2), 'all workers are connected, two are told');


# a page: missed, shared, compressed, and with a record

sub from {
    my ($server, $path, $expected) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my ($r, $is);

    eventually(sub {
        $r = $server->get($path);
        $is = "$r->{headers}{'x-status'} $r->{headers}{'x-tier'}";

        return $is eq $expected;
    }, 5);

    is($is, $expected, "$path: $expected");

    return $r;
}

sub has {
    my ($kind, $path) = @_;

    return $redis->command('EXISTS', "editorial:$kind:{http://localhost$path}");
}

sub has_in_time {
    my (@key) = @_;

    ok(defined eventually(sub { has(@key) }, 5), "@key is in Redis");
}

is($first->get('/page')->{headers}{'x-status'}, 'MISS', 'a miss');
has_in_time('page', '/page');
from($second, '/page', 'HIT redis');
from($second, '/page', 'HIT memory');
from($alone, '/page', 'HIT redis');

$first->get('/page', 'Accept-Encoding: gzip');
has_in_time('gzip', '/page');

sub record { $redis->command('SET', "editorial:article:$_[0]", $_[1]) }

sub shows {
    my ($label, $path) = @_;

    for my $server (@all) {
        ok(defined eventually(sub {
            $server->get($path)->{body} =~ />\Q$label\E</;
        }, 5), "$path: the record is seen");
    }
}

for my $label ('First', 'Second') {
    my $record = qq({"read_more": [{"url": "/x", "title": "X",
                     "label": "$label", "after": 3}]});

    record('/page', $record);
    shows($label, '/page');
    record('/uncached/page', $record);
    shows($label, '/uncached/page');
}


# a desk that is switched

$redis->command('HSET', 'editorial:desk:default', 'read_more',
                '{"mode":"off"}');

for my $server ($first, $second) {
    ok(defined eventually(sub {
        $server->get('/page')->{body} !~ /data-editorial="read_more/;
    }, 5), 'a desk is switched');
}

$redis->command('DEL', 'editorial:desk:default');

# … by the API, and what is told of it

for my $call ([ 'PUT', '{"mode":"off"}', 0 ], [ 'DELETE', undef, 1 ]) {
    my ($method, $state, $is_there) = @$call;

    is($first->api($method, 'desks/default/read_more', $state)->{status}, 200,
       "$method of a state");

    for my $server ($first, $second) {
        ok(defined eventually(sub {
            ($server->get('/page')->{body} =~ /data-editorial="read_more/)
            == $is_there;
        }, 5), '... is seen');
    }
}

is($first->api('GET', 'audit')->{json}{entries}[0]{after}, undef,
   'the audit is read');


# what is refreshed, what cannot be stored, what is damaged

$first->get('/brief');
has_in_time('page', '/brief');
ok(defined eventually(sub {
    $first->get('/brief');
    grep { /^If-None-Match:/mi } $first->requests;
}, 10), '/brief: the origin is asked whether it has changed');

$first->get('/private');
has_in_time('lock', '/private');

$redis->command('SET', 'editorial:page:{http://localhost/damaged}', 'x');
is($alone->get('/damaged')->{headers}{'x-status'}, 'MISS',
   '/damaged: what is there is not served');


# a reader whom a test counts

$redis->command('HSET', 'editorial:desk:default', 'read_more',
                '{"mode":"test","id":"T1","weights":{"box":1,"off":1}}');
ok(defined eventually(sub {
    $first->get('/beacon?desk=default')->{body} =~ /T1/;
}, 5), 'a test runs');

my $event = '{"desk":"default","events":[{"furniture":"read_more/box",'
            . '"event":"exposure"}]}';

is($first->raw(join "\r\n", 'POST /beacon HTTP/1.1', 'Host: localhost',
               'Connection: close', 'Content-Type: application/json',
               'Content-Length: ' . length $event, '', $event)->{status}, 204,
   '... and counts');
ok(defined eventually(sub {
    join(' ', @{ $redis->command('HVALS',
                                 'editorial:stats:default:read_more:T1') })
    eq '1';
}, 5), '... in Redis');

$redis->command('DEL', 'editorial:desk:default');


# purges

my $json = JSON::PP->new;

sub purge {
    my (%what) = @_;

    my $body = $json->encode(\%what);
    my $r = $first->raw(join "\r\n", 'POST /console/api/purge HTTP/1.1',
                        'Host: localhost', 'Connection: close',
                        'Content-Type: application/json',
                        'Content-Length: ' . length $body, '', $body);

    return eval { $json->decode($r->{body})->{purged} } || "no: $r->{body}";
}

for my $path ('/tag', '/key', '/all') {
    $first->get($path);
    has_in_time('page', $path);
}

is(purge(url => '/page'), 1, 'a page is purged by its address');
is(purge(key => 'http://localhost/key'), 1, '... by its key');
cmp_ok(purge(tag => 'paper'), '>=', 2, '... by its tag');

$second->get('/all');
has_in_time('page', '/all');
from($first, '/all', 'HIT redis');
like(purge(all => JSON::PP::true()), qr/^[1-9]/, '... with all others');
ok(defined eventually(sub {
    $second->get('/all')->{headers}{'x-status'} eq 'MISS';
}, 2), '... on all servers');


# once a minute a page that is in use is touched

my $user = IO::Socket::INET->new($redis->address);

Test::Editorial::put($user, Test::Redis::request('AUTH', 'editorial',
                                                 $password)
    . Test::Redis::request('TOUCH', 'editorial:page:{x}'));
is(Test::Redis::reply($user), 'OK', 'the password is right');
is(Test::Redis::reply($user), '0', 'a page can be touched');


# related articles

$first->get('/sea');
ok(eventually(sub { $first->get('/shore')->{body} =~ m{href="/sea"} }, 3),
   'one article links the other');


# nothing was refused, and nothing is allowed that was not done

is_deeply($redis->command('ACL', 'LOG'), [], 'Redis has refused nothing');
unlike(join('', map { $_->log } @all), qr/NOPERM/, '... which the log knows');

my %called = map { $_ => 1 } $redis->command('INFO', 'commandstats')
                             =~ /^cmdstat_(\S+?):calls=[1-9]/mg;

for my $command (map { /^\+(.+)/ } @words) {
    ok($called{$command}, "$command was called");
}

# what is not there is refused, and noticed

Test::Editorial::put($user, Test::Redis::request('GET', 'other:key')
                            . Test::Redis::request('FLUSHALL'));
like(Test::Redis::reply($user), qr/^-NOPERM/, 'no other key');
like(Test::Redis::reply($user), qr/^-NOPERM/, 'no other command');
is(scalar @{ $redis->command('ACL', 'LOG') }, 2, '... and noted');

# a right that is missing costs no reader his page, and the log says which

$redis->command('ACL', 'SETUSER', 'editorial', '-eval');
is($first->get('/missing')->{headers}{'x-status'}, 'MISS', 'without a right');
ok(defined eventually(sub {
    $first->log =~ /\[warn\] .*redis "[^"]*" says "NOPERM .*eval/;
}, 5), '... it is said');

$first->done($second, $alone);
