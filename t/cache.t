#!/usr/bin/perl

# A page is fetched once, stored whole, and served again: to everybody, in
# every edition.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new(workers => 2);
my $page = article(n => 100);

$t->origin(
    '/page' => { body => $page,
                 headers => [ 'ETag: "v1"', 'Cache-Control: max-age=60',
                              'Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT',
                              'X-Section: news' ] },
    '/chunked' => { body => $page, size => 777 },
    '/gzip' => { body => gzip($page), headers => ['Content-Encoding: gzip'] },
    '/cold' => { body => $page, headers => ['ETag: "cold"'] },
    '/warm' => { body => $page },
    '/plain' => { body => '<p>No article.</p>',
                  headers => [ 'Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT',
                               'Cache-Control: max-age=30' ] });

$t->run(<<'END');
editorial_zone pages:4m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;
    editorial_stylesheet /f.css;

    location / {
        proxy_pass http://%%ORIGIN%%;
        add_header X-Status $editorial_status;
        add_header X-Tier $editorial_tier;
    }
}
END

for my $path ('/page', '/chunked', '/gzip') {
    my $miss = $t->get($path);

    is($miss->{headers}{'x-status'}, 'MISS', "$path: a miss");
    is($miss->{headers}{'x-tier'}, 'origin', '... from the origin');
    same(stripped($miss->{body} =~ s/<link[^>]*>//r), $page,
         '... every byte');

    for my $try (1 .. 3) {
        my $hit = $t->get($path);

        is($hit->{status}, 200, "$path: again");
        is($hit->{headers}{'x-status'}, 'HIT', '... a hit');
        is($hit->{headers}{'x-tier'}, 'memory', '... from memory');
        same($hit->{body}, $miss->{body}, '... the same page');
        is($hit->{headers}{'content-length'}, length $miss->{body},
           '... of known length');
        like($hit->{headers}{age}, qr/^[01]$/, '... Age');
        like($hit->{headers}{'cache-status'},
             qr/^editorial; hit; ttl=\d+; detail=memory$/,
             '... Cache-Status');
        is($hit->{headers}{'content-type'}, $miss->{headers}{'content-type'},
           '... its type');
        ok($hit->{headers}{etag}, '... an ETag');
    }

    is($t->asked($path), 1, '... one request to the origin');
}

is($t->get('/page')->{headers}{'x-section'}, 'news',
   "the origin's headers are kept");

my $miss = $t->get('/plain');
my $hit = $t->get('/plain');

is($hit->{headers}{'x-status'}, 'HIT', 'a page without article');
same($hit->{body}, '<p>No article.</p>', '... as it came');
is($hit->{headers}{'last-modified'}, 'Wed, 01 Jan 2020 00:00:00 GMT',
   '... its date holds');
is($hit->{headers}{'cache-control'}, 'max-age=30', '... and its freshness');

my $r = $t->get('/page');
my $etag = $r->{headers}{etag};

is($t->get('/page', "If-None-Match: $etag")->{status}, 304,
   'the ETag of a hit gives 304');
is($t->get('/page', 'If-None-Match: "v1"')->{status}, 200,
   "... the origin's does not");

# a client that has the page already: it is fetched, and kept, all the same

$r = $t->get('/cold', 'If-None-Match: "old"');
is($r->{status}, 200, 'a conditional request for a page that is not kept');
is($r->{headers}{'x-status'}, 'MISS', '... a miss');
$etag = $r->{headers}{etag};
is($t->get('/cold')->{headers}{'x-status'}, 'HIT', '... then it is kept');
is($t->asked('/cold'), 1, '... one request to the origin');
unlike($t->last_request, qr/If-None-Match/, "... without the client's validator");
is($t->get('/cold', "If-None-Match: $etag")->{status}, 304, '... its ETag');

$etag = $t->get('/page')->{headers}{etag};

$r = $t->head('/warm');
is($r->{status}, 200, 'HEAD for a page that is not kept');
is($r->{headers}{'x-status'}, 'MISS', '... a miss');
like($t->last_request, qr{^HEAD /warm }, '... is HEAD to the origin');
is($t->get('/warm')->{headers}{'x-status'}, 'MISS', '... nothing is kept');

$r = $t->get('/page', 'Range: bytes=10-19');
is($r->{status}, 206, 'a range');
same($r->{body}, substr($t->get('/page')->{body}, 10, 10), '... of the page');

$r = $t->head('/page');
is($r->{status}, 200, 'HEAD');
is($r->{headers}{'x-status'}, 'HIT', '... a hit');
is($r->{headers}{etag}, $etag, '... same ETag');

$t->done;
