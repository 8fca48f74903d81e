#!/usr/bin/perl

# What could go wrong with a kept page, and does not: no room for another pin,
# no body at all, a reader who passes the cache by, a refresh that breaks off.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep);

my $t = Test::Editorial->new;
my $dir = $t->dir;
my $large = article(n => 600);
my $page = article(n => 20);

# an origin that answers what the file says

sub says { spew("$dir/says", $_[0]) }

sub answer {
    my ($c, $request) = @_;
    my ($line) = $request =~ /^\S+ (\S+)/;
    my $says = slurp("$dir/says");
    my @headers = ('Cache-Control: max-age=2, stale-while-revalidate=60'
                   . ($says eq 'private' ? ', private' : ''));

    return $t->send_page($c, { status => '404 Not Found', body => 'gone' })
        if $says eq 'missing';

    $t->send_page($c, { body => "$page<!-- $line -->", headers => \@headers,
                        cut => $says eq 'cut' });
}

says('page');

$t->origin(
    (map { ("/large/$_" => { body => $large . $_ }) } 1 .. 40),
    '/empty' => { body => '' },
    '/none' => { chunks => [] , body => undef,
                 headers => ['Content-Length: 0'] },
    '/page' => { body => $page, headers => ['ETag: "1"'] },
    '/flip/plain' => { body => $page },
    '/flip/gzip' => { body => $page },
    map { $_ => \&answer } '/a', '/a%2Fb', '/q', '/bypass', '/cut', '/head');

$t->run(<<'END');
editorial_zone pages:4m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;
    editorial_cache_bypass $arg_bypass;
    editorial_no_cache $arg_private;
    editorial_cache_key $scheme$uri$arg_id;
    add_header X-Status $editorial_status always;

    location / {
        editorial_cache_key $scheme$request_uri;
        proxy_pass http://%%ORIGIN%%;
    }

    location /large/ {
        editorial_gzip off;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /bypass {
        proxy_pass http://%%ORIGIN%%;
    }

    location = /q {
        proxy_pass http://%%ORIGIN%%/q?$args;
    }

    location /zipped/ {
        gzip on;
        gzip_http_version 1.0;
        proxy_pass http://%%ORIGIN%%/;
    }
}
END

sub status { return $_[0]{headers}{'x-status'} }
sub saw { return $_[0]{body} =~ /<!-- (\S+) -->/ ? $1 : '' }

# readers who do not read: half of the zone is in use, the rest is copied

my @slow;

for my $n (1 .. 16) {
    $t->get("/large/$n");

    my $c = $t->connection(rcvbuf => 2048);
    syswrite $c, "GET /large/$n HTTP/1.1\r\nHost: localhost\r\n\r\n";
    push @slow, $c;
}

sleep 0.3;

for my $n (17 .. 30) {
    $t->get("/large/$n");
    my $r = $t->get("/large/$n");

    is(status($r), 'HIT', "slow readers, page $n") unless status($r) eq 'MISS';
    same(stripped($r->{body}), $large . $n, '... right');
}

close $_ for @slow;

# a byte that has changed in memory is never sent

for my $coding ('plain', 'gzip') {
    my @headers = $coding eq 'gzip' ? 'Accept-Encoding: gzip' : ();
    my $path = "/flip/$coding";
    my ($whole, $needle);

    for (1 .. 100) {
        $whole = $t->get($path, @headers);
        last if status($whole) eq 'HIT'
                && (!@headers || $whole->{headers}{'content-encoding'});
        sleep 0.02;
    }

    $needle = substr $whole->{body}, length($whole->{body}) / 2, 24;

    SKIP: {
        $t->flip($needle) or skip 'no access to the memory', 3;

        sleep 0.1;
        my $r = $t->get($path, @headers);

        is(status($r), 'MISS', "$coding: a flipped byte");
        same(stripped($r->{headers}{'content-encoding'}
                      ? gunzip(my $copy = $r->{body}) : $r->{body}),
             $page, '... is not sent');
        like($t->log, qr/the stored page of "http\/flip\/$coding" is damaged/,
             '... the log says so') if $coding eq 'plain';

        $t->get($path);
        is(status($t->get($path)), 'HIT', '... and the page is kept again');
    }
}

# no body

for my $path ('/empty', '/none') {
    for my $status ('MISS', 'HIT', 'HIT') {
        my $r = $t->get($path);

        is($r->{status}, 200, "$path: 200");
        is(status($r), $status, "... $status");
        is($r->{body}, '', '... nothing in it');
    }

    is($t->get($path, 'Accept-Encoding: gzip')->{status}, 200, '... gzip');
}

# a refresh asks for what was asked for

for my $path ('/a?id=5', '/a?id=6&x=1', '/a%2Fb', '/q?id=7') {
    $t->get($path);
}

sleep 3.1;

for my $path ('/a?id=5', '/a?id=6&x=1', '/a%2Fb', '/q?id=7') {
    is(status($t->get($path)), 'STALE', "$path: stale");
    sleep 0.3;

    my $r = $t->get($path);
    is(status($r), 'HIT', '... refreshed');
    is(saw($r), $path, '... by the same address');
    is($t->asked($path), 2, '... asked for twice');
}

# who passes the cache by says nothing of the others' page

for my $answer ('private', 'missing', 'cut') {
    says('page');
    $t->get('/bypass?bypass=1');
    is(status($t->get('/bypass')), 'HIT', "a page, then $answer for one");

    says($answer);
    is(status($t->get('/bypass?bypass=1')), 'BYPASS', '... who bypasses');
    is(status($t->get('/bypass')), 'HIT', '... the others have theirs');
}

says('page');
$t->get('/bypass?id=9&private=1');
is(status($t->get('/bypass?id=9')), 'MISS', 'editorial_no_cache: not kept');
is(status($t->get('/bypass?id=9')), 'HIT', '... the next one is');

# a refresh that breaks off

$t->get('/cut');
sleep 3.1;
says('cut');

for (1 .. 3) {
    my $r = $t->get('/cut');
    like(status($r), qr/^(?:STALE|UPDATING)$/,
         'a refresh is cut short: the stale page');
    ok($r->{whole}, '... whole');
    sleep 0.1;
}

# HEAD

says('page');
$t->get('/head');
sleep 3.1;
is(status($t->head('/head')), 'STALE', 'HEAD of a stale page');
sleep 0.3;
is(status($t->get('/head')), 'HIT', '... has it refreshed');

# conditions of a reader whose copy nginx compressed, and of a range

my $r = $t->get('/zipped/page', 'Accept-Encoding: gzip');
my $etag = $r->{headers}{etag};
like($etag, qr{^W/}, 'compressed on its way: a weak tag');

for (1 .. 100) {
    $r = $t->get('/zipped/page', 'Accept-Encoding: gzip');
    last if $r->{headers}{etag} =~ /-gz"$/;
    sleep 0.02;
}

is($t->get('/zipped/page', 'Accept-Encoding: gzip',
           "If-None-Match: $etag")->{status}, 304, '... holds later on');

# a range is one of the plain page, whatever the client takes

$t->get('/page');
my $plain = $t->get('/page');

$r = $t->get('/page', 'Accept-Encoding: gzip', 'Range: bytes=10-29');
is($r->{status}, 206, 'a range for a client that takes gzip');
same($r->{body}, substr($plain->{body}, 10, 20), '... of the plain page');
is($r->{headers}{etag}, $plain->{headers}{etag}, '... under its tag');

$r = $t->get('/page', 'Accept-Encoding: gzip', 'Range: bytes=9999999-');
is($r->{status}, 416, 'a range behind the end');
is($r->{headers}{'content-encoding'}, undef, '... says so in plain text');

$t->allow(qr/prematurely closed/);
$t->done;
