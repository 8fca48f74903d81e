#!/usr/bin/perl

# What lies in Redis is not believed: a page that is not, byte for byte, the
# one that was stored under that key in this generation is dropped, counted,
# and fetched anew.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Compress::Zlib ();
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

use constant {
    VERSION => 8,                        # offsets in a page's head
    LENGTH  => 12,
};

my $redis = Test::Redis->server;
my $t = Test::Editorial->new(redis => $redis);
my $other = Test::Editorial->new(redis => $redis, origin => $t);
my $dir = $t->dir;

# words that deflate finds little in, so that compressed parts are long, too
srand 1;
my $page = article(n => 30, before => join '', map { chr 97 + rand 26 }
                                                   1 .. 3000);
my $foreign = article(n => 30) =~ s/Paragraph/Foreign/gr;

$t->origin(
    '/page' => { body => $page, headers => ['ETag: "v1"'] },
    '/foreign' => { body => $foreign, headers => ['ETag: "v1"'] },
    '/failing' => sub {
        $t->send_page($_[0], -e "$dir/fails"
                             ? { status => '503 Sorry', body => 'sorry' }
                             : { body => $page });
    });

my $conf = <<'END';
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;

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

    location = /metrics {
        editorial_metrics;
    }
}
END

$t->run($conf);
$other->run("editorial_zone pages:2m;\n$conf");

ok($redis->wait_for_clients(2), 'connected');

my $gzip = 'Accept-Encoding: gzip';

sub key { return ($_[1] || 'page') . ":{http://localhost$_[0]}" }
sub get { return $redis->command('GET', "editorial:$_[0]") }

sub put {
    my ($key, $value) = @_;

    $redis->command('SET', "editorial:$key", $value, 'EX', 600);
}

sub body {
    my ($r) = @_;

    return $r->{headers}{'content-encoding'} ? gunzip(my $copy = $r->{body})
                                             : $r->{body};
}

sub damaged {
    return $t->get('/metrics')->{body} =~ /^editorial_damaged_total (\d+)$/m
           ? $1 : -1;
}


# Asks until it is a hit, compressed where that is wanted: the page.

sub settled {
    my ($path) = @_;

    my $r;

    ok(defined eventually(sub {
           my $r = $t->get($path, $gzip);
           $r->{headers}{'x-status'} eq 'HIT'
           && $r->{headers}{'content-encoding'}
       }), "$path: is kept, and compressed");

    return $t->get($path)->{body};
}

my $expected = settled('/page');
settled('/foreign');

my $stored = get(key('/page'));
my $head = unpack 'V', substr $stored, LENGTH, 4;

is(substr($stored, 0, 4), 'EdPg', 'a page in Redis');


# The page is this instead: served right, and dropped where it must be.

sub with {
    my ($name, $key, $value) = @_;

    my $asked = $t->asked('/page');
    my $before = damaged();

    put($key, $value);

    my @r = ($t->get('/page'), $t->get('/page', $gzip));

    is(join(' ', map { $_->{status} . (body($_) eq $expected ? '' : ' wrong') }
                     @r), '200 200', "$name: is not sent");

    $asked = $t->asked('/page') - $asked;
    $before = damaged() - $before;

    cmp_ok($asked, '>=', 1, '... but fetched');
    cmp_ok($before, '>=', 1, '... and counted');

    ok(defined eventually(sub {
           $t->get('/page')->{headers}{'x-status'} eq 'HIT'
           && get($key) ne $value
       }, 5), '... and replaced');
}

sub flipped {
    my ($value, $at) = @_;

    substr($value, $at, 1) ^= "\x10";

    return $value;
}


# in the head, in its table, in its strings, and in the body

for my $at (0, 3, 4, 7, 8, 9, 10, 12, 16, 20, 24, 33, 40, 72, 100, 120, 123,
            136, 150, int($head / 2), $head - 1)
{
    with("a flipped bit at $at of the head", key('/page'),
         flipped($stored, $at));
}

for my $at ($head, $head + 1, int(($head + length $stored) / 2),
            index($stored, 'Paragraph 9'), index($stored, 'Read'),
            length($stored) - 1)
{
    with("a flipped bit at $at of the body", key('/page'),
         flipped($stored, $at)) if $at >= $head;
}


# of another length

with("$_ bytes of it", key('/page'), substr $stored, 0, $_)
    for 0, 1, 63, $head, $head + 10, length($stored) - 1;

with('a byte more', key('/page'), $stored . 'x');
with('all of it twice', key('/page'), $stored x 2);
with('not a page', key('/page'), 'Hello');


# What is whole, by its own checksum, and yet not this page.

sub sealed {
    my ($value, $at, $bytes) = @_;

    substr($value, $at, length $bytes) = $bytes;
    substr($value, 4, 4) = pack 'V',
        Compress::Zlib::crc32(substr $value, 8, $head - 8);

    return $value;
}

is(sealed($stored, 0, ''), $stored, 'the checksum is that of the head');

for my $version (0, 2, 255) {
    next if $version == ord substr $stored, VERSION, 1;

    with("version $version", key('/page'),
         sealed($stored, VERSION, chr $version));
}

like($t->log, qr/\[notice\].* has format \d+, and this module's is \d+, it is/,
     '... which is said to be no damage');

with('a body of another length', key('/page'),
     sealed($stored, 16, pack 'V', length($stored) - $head - 1));
with('a body that is said to be huge', key('/page'),
     sealed($stored, 16, pack 'V', 1 << 29));
with('a head that is said to be long', key('/page'),
     sealed($stored, LENGTH, pack 'V', 16384));
with("another page under this one's name", key('/page'),
     get(key('/foreign')));


# compressed parts, which lie beside it

settled('/page');
settled('/foreign');
ok(defined eventually(sub { get(key($_, 'gzip')) }, 3), "$_: its gzip")
    for '/page', '/foreign';

my $coded = get(key('/page', 'gzip'));

for my $at (map { int($_ * (length($coded) - 1) / 12) } 0 .. 12) {
    put(key('/page', 'gzip'), flipped($coded, $at));

    for (1 .. 2) {
        my $r = $t->get('/page', $gzip);

        ok($r->{status} == 200 && (body($r) || '') eq $expected,
           "a flipped bit at $at of the compressed parts: not sent");
    }

    is($t->get('/page')->{body}, $expected, '... nor plain');
}

for (['half of them', substr $coded, 0, length($coded) / 2],
     ["another page's", get(key('/foreign', 'gzip'))],
     ['nothing', ''],
     ['the page itself', get(key('/page'))])
{
    my ($name, $value) = @$_;

    put(key('/page', 'gzip'), $value);
    is(body($t->get('/page', $gzip)), $expected, "$name: not sent") for 1, 2;
}


# a server that has a zone does not let it in there either

settled('/page');
put(key('/page'), flipped(get(key('/page')), -2));

for (1 .. 3) {
    is($other->get('/page')->{body}, $expected,
       'a damaged page does not get into a zone');
}


# dropped, also where nothing comes in its place

settled('/failing');
spew("$dir/fails", '');
put(key('/failing'), flipped(get(key('/failing')), -2));
is($t->get('/failing')->{status}, 503, 'damaged, and the origin fails');
ok(defined eventually(sub { !defined get(key('/failing')) }, 3),
   '... and it is dropped');


# an older generation: "purge all" has been said, by whomever

settled('/page');

for my $raise (1, 3) {
    my $asked = $t->asked('/page');

    $redis->command('INCRBY', 'editorial:gen', $raise);
    same($t->get('/page')->{body}, $expected,
         "a generation raised by $raise: the page");
    is($t->asked('/page'), $asked + 1, '... is not one of an older');
    ok(defined eventually(sub { $t->get('/page')->{headers}{'x-status'}
                                eq 'HIT' }, 3), '... and stored anew');
    is($t->asked('/page'), $asked + 1, '... in this one');
}

unlike($t->log, qr/\[crit\]/, 'nothing critical');
$t->done($other);
