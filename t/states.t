#!/usr/bin/perl

# Features are switched while it runs: what an editor writes to Redis is seen
# by every worker of every server, and no origin is asked for it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use POSIX qw(strftime);
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

my $redis = Test::Redis->server;
my $first = Test::Editorial->new(workers => 2, redis => $redis);
my $second = Test::Editorial->new(workers => 2, redis => $redis,
                                  origin => $first);
my $alone = Test::Editorial->new(workers => 2, origin => $first);
my $page = article(n => 40);
my $key = 'editorial:desk:opinion';

$first->origin(map { ($_ => { body => $page, headers => [
    'ETag: "v1"', 'Cache-Control: max-age=600'] }) }
    '/page', '/overruled', '/news/page', '/plain/page', '/uncached/page');

my $conf = <<'END';
editorial_zone pages:4m;
%%TIER%%

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;
    editorial_desk opinion;
    editorial_preview $arg_secret;

    editorial_read_more box label=Box;
    editorial_read_more bold label=Bold after=1 every=2 max=9;

    add_header X-Variants $editorial_variants always;
    add_header X-Status $editorial_status always;
    add_header X-Pid $pid always;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /uncached/ {
        editorial_cache off;
        proxy_pass http://%%ORIGIN%%;
    }

    # the same desk, another way of doing it
    location /plain/ {
        editorial_read_more plain;
        proxy_pass http://%%ORIGIN%%;
    }

    location /news/ {
        editorial_desk news;
        editorial_read_more box;
        editorial_read_more bold;
        editorial_test disclaimer standard=1 off=0;
        proxy_pass http://%%ORIGIN%%;
    }
}
END

sub tier { return $conf =~ s/%%TIER%%/$_[0]/r }

my $tier = 'editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;';

$_->run(tier($tier)) for $first, $second;
$alone->run(tier(''));

ok($redis->wait_for_clients(4, 2), 'all are connected');

sub variants { return $_[0]->get($_[1] || '/page')->{headers}{'x-variants'} }

sub state {
    my ($feature, $json, $desk) = @_;

    return $redis->command('HSET', 'editorial:desk:' . ($desk || 'opinion'),
                           $feature, $json);
}


# Within a second every worker of these servers says so.

sub all_say {
    my ($expected, $name, %opt) = @_;

    my @servers = $opt{among} ? @{ $opt{among} } : ($first, $second);
    my $path = $opt{path} || '/page';
    my $took = eventually(sub {
        for my $server (@servers) {
            my %pids;

            for my $i (1 .. 40) {
                my $r = $server->get($path);

                return if $r->{headers}{'x-variants'} !~ $expected;
                $pids{ $r->{headers}{'x-pid'} }++;
                last if keys %pids == 2;
            }
        }

        return 1;
    }, 3);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    ok(defined $took && $took < ($opt{within} || 1.5), $name)
        or diag($took || 'never', ' ', map { variants($_, $path) } @servers);
}


# without a word from an editor

like(variants($_), qr/^read_more=box,pull_quote=quote,disclaimer=standard$/,
     'all are on, in their first variant') for $first, $second, $alone;

my $asked = $first->asked('/page');

# switched

state('read_more', '{"mode":"off"}');
all_say(qr/^read_more=off,pull_quote=quote/, 'off, on every worker');
is(furnished($first->get('/page')->{body}), 'disclaimer/standard',
   '... and in the page');
like($first->get('/page')->{headers}{'x-status'}, qr/^HIT$/, '... a hit');

state('read_more', '{"mode":"on","variant":"bold"}');
all_say(qr/^read_more=bold/, 'on, in another variant');
like(furnished($second->get('/page')->{body}), qr{^read_more/bold},
     '... and in the page');

like(variants($first, '/plain/page'), qr/^read_more=plain/,
     'where there is no such variant, the first holds');
like(variants($first, '/news/page'), qr/^read_more=box/,
     'another desk has nothing to do with it');

state('read_more', '{"mode":"on","variant":"plain"}');
all_say(qr/^read_more=plain/, 'one location of the desk has the variant',
        path => '/plain/page');
like(variants($first), qr/^read_more=box/, '... the first holds elsewhere');

$redis->command('HDEL', $key, 'read_more');
all_say(qr/^read_more=box/, "taken back: the configuration's");

# windows

sub when { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + $_[0])) }

state('read_more', '{"mode":"off","starts":"' . when(2) . '"}');
sleep 0.5;
like(variants($first), qr/^read_more=box/, 'before it starts: the control');
all_say(qr/^read_more=off/, '... then it holds', within => 3);

state('read_more', '{"mode":"on","variant":"bold","ends":"' . when(2) . '"}');
all_say(qr/^read_more=bold/, 'until it ends');
all_say(qr/^read_more=box/, '... then the control', within => 3);

# paused

state('paused', 'true');
all_say(qr/^read_more=off,pull_quote=off,disclaimer=off$/, 'a paused desk');
same($first->get('/page')->{body}, $page, "... sends the origin's bytes");
like(variants($first, '/news/page'), qr/^read_more=box/, '... no other does');
state('paused', 'false');
all_say(qr/^read_more=box/, 'and no longer');

# malformed

state('read_more', '{"mode":"on","variant":"bold"}');
all_say(qr/^read_more=bold/, 'a good one');

for my $bad ('{"mode":"on","variant":"none"}', '{"mode":"on"', 'off', '',
             '{"mode":"test","id":"x","weights":{"box":1}}')
{
    my $lines = () = $first->log =~ /read_more is ignored/g;

    state('read_more', $bad);
    ok(eventually(sub {
        my $now = () = $first->log =~ /read_more is ignored/g;
        return $now > $lines;
    }, 3), "ignored: $bad");
    like(variants($_), qr/^read_more=bold/, '... the last good one holds')
        for $first, $second;
}

my $lines = () = $first->log =~ /is ignored/g;
state('disclaimer', '{"mode":"off"}');
all_say(qr/^read_more=bold,pull_quote=quote,disclaimer=off/,
        'a good one of another feature is followed');
state('colour', 'red');
ok(eventually(sub { $first->log =~ /"colour" is no feature/ }, 3),
   'an unknown field is ignored');
state('disclaimer', '{"mode":"on","variant":"standard"}');
all_say(qr/disclaimer=standard/, '... and the others are followed');
is(scalar(() = $first->log =~ /is ignored/g), $lines + 1,
   'each is logged once, however often the desk is read');

state('paused', '"yes"');
ok(eventually(sub { $first->log =~ /"opinion".*"paused" is not true or/ }, 3),
   'paused: ignored, and said of what');
like(variants($first), qr/^read_more=bold/, '... nothing is paused');

$redis->command('SET', $key, 'x');
ok(eventually(sub { $first->log =~ /the key holds no hash/ }, 3),
   'no hash at all');
like(variants($_), qr/^read_more=bold/, '... what was there holds')
    for $first, $second;

$redis->command('DEL', $key);
all_say(qr/^read_more=box/, "deleted: the configuration's");
state('read_more', '{"mode":"on","variant":"bold"}');
all_say(qr/^read_more=bold/, '... and again');

# the record

$redis->command('SET', 'editorial:article:/overruled',
                '{"features":{"read_more":"off"}}');
like(variants($first, '/overruled'), qr/^read_more=off/,
     "the article's record overrules the desk");

# … a test, too; and a pause ends it

sub says {
    my ($path) = @_;

    my $r = $first->get($path);

    return join ' ', $r->{headers}{'cache-control'},
                     $r->{headers}{'set-cookie'} ? 'cookie' : 'none',
                     $r->{body} =~ /data-editorial-test="(\w+)"/g;
}

state('read_more',
      '{"mode":"test","id":"T1","weights":{"box":1,"bold":1,"off":0}}');
ok(eventually(sub { says('/page') eq 'private, no-cache cookie read_more' },
              1.5), 'a test begins');
like(variants($first, '/overruled'), qr/^read_more=off/,
     '... not where the record overrules it');
is(says('/overruled'), 'no-cache none', '... no marker, no cookie');
is(says('/plain/page'), 'no-cache none',
   '... nor where its variants are not at hand');
state('paused', 'true');
ok(eventually(sub { says('/page') eq 'no-cache none' }, 1.5),
   'no test runs on a paused desk');
$redis->command('HDEL', $key, 'paused');
state('read_more', '{"mode":"on","variant":"bold"}');
all_say(qr/^read_more=bold/, 'the test is over');
is(says('/page'), 'no-cache none', '... for caches, too');

# a Redis that will not say

my $between = Test::Redis->fake(before => $redis);

$between->answer("HGETALL $key" => "-ERR not now\r\n");

my $late = Test::Editorial->new(workers => 2, redis => $between,
                                origin => $first);

$late->run(tier($tier));
ok(eventually(sub { grep { /^HGETALL/ } $between->commands }, 3),
   'Redis is asked, and refuses');
like(variants($late), qr/^read_more=box/, "the configuration's holds");

sleep 2.5;
cmp_ok(scalar(grep { /^HGETALL $key/ } $between->commands), '<', 5,
       '... it is asked again, not all the time');
$between->forget("HGETALL $key");
all_say(qr/^read_more=bold/, '... until it says', among => [$late],
        within => 2.5);

# a reload

$first->reload;
ok(eventually(sub { $first->get('/page')->{headers}{'x-pid'} }, 3), 'reload');
all_say(qr/^read_more=bold/, 'states outlive it');

# Redis goes, and comes back

$redis->pause;
sleep 1.5;
like(variants($_), qr/^read_more=bold/, 'Redis hangs: the last known holds')
    for $first, $second;
$redis->resume;

$redis->stop;
sleep 0.5;
like(variants($_), qr/^read_more=bold/, 'Redis is away: the same')
    for $first, $second;
is($first->asked('/page'), $asked,
   'the origin was not asked for any of this');

$redis->start;
all_say(qr/^read_more=box/, 'it is back, with nothing in it', within => 10);

# without Redis

like(variants($alone), qr/^read_more=box/, 'on the zone alone');
is($alone->get('/news/page')->{headers}{'x-variants'},
   'read_more=box,pull_quote=quote,disclaimer=standard',
   'a test with one arm that weighs anything');

# what may not be

my @wrong = (
    'two states for one desk' =>
        'editorial_zone a:4m; server { listen %%PORT%%; editorial on;
         location /a { editorial_test read_more box=1 off=1; }
         location /b { editorial_test read_more box=1 off=2; } }'
        => qr/desk "default" has another one for read_more in \S+:\d+/,
    'without a zone' =>
        'server { listen %%PORT%%; editorial_test read_more box=1 off=1; }'
        => qr/"editorial_test" needs "editorial_zone" in \S+:\d+/,
    'too many desks' =>
        'editorial_zone a:4m; server { listen %%PORT%%; editorial on;'
        . join(' ', map { "location /$_ { editorial_desk d$_; }" } 1 .. 256)
        . '}' => qr/"d256" is one too many, the limit is 256/,
);

while (my ($name, $conf, $expected) = splice @wrong, 0, 3) {
    my ($ok, $said) = $first->check($conf);

    ok(!$ok, $name);
    like($said, $expected, '... which is said');
}

my ($ok, $said) = $first->check(
    'editorial_zone a:4m; server { listen %%PORT%%; editorial on;
     location /a { editorial_test read_more box=1 off=1; }
     location /b { editorial_test read_more off=1 box=1; }
     location /c { editorial_read_more c; } }');
ok($ok, 'the same, and nothing, are one state') or diag($said);

$first->done($second, $alone, $late);
