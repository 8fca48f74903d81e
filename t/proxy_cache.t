#!/usr/bin/perl

# Behind us nginx's own cache: it holds the origin's page, and what leaves it
# is worked on like any other.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article(n => 100);
my @headers = ('ETag: "v1"', 'Cache-Control: max-age=60',
               'Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT');

$t->origin(
    '/page' => { body => $page, headers => \@headers },
    '/gzip' => { body => gzip($page),
                 headers => [ @headers, 'Content-Encoding: gzip' ] },
    '/data' => { body => $page, type => 'text/plain',
                 headers => \@headers });

$t->run(<<'END');
proxy_cache_path %%DIR%%/cache keys_zone=pages:1m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;

    proxy_cache pages;
    proxy_cache_revalidate on;
    add_header X-Cache $upstream_cache_status;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }
}
END

my $etag;

for my $path ('/page', '/gzip') {
    for my $status ('MISS', 'HIT', 'HIT') {
        my $r = $t->get($path, 'Accept-Encoding: gzip');

        is($r->{headers}{'x-cache'}, $status, "$path: $status");
        same(stripped($r->{body}), $page, '... every byte');
        is(furnished($r->{body}), 'read_more/box disclaimer/standard',
           '... furnished');

        $etag ||= $r->{headers}{etag};
        is($r->{headers}{etag}, $etag, '... its ETag');
    }

    my $r = $t->get($path, "If-None-Match: $etag");
    is($r->{status}, 304, "$path: not modified");

    $r = $t->get($path, 'If-None-Match: "v1"', 'Range: bytes=0-9');
    is($r->{status}, 200, "$path: by the origin's ETag, modified");
    same(stripped($r->{body}), $page, '... and whole');
}

is($t->get('/data', 'Range: bytes=0-9')->{status}, 206, 'a range, MISS');
is($t->get('/data', 'Range: bytes=0-9')->{status}, 206, 'a range, HIT');
is($t->get('/data', 'If-None-Match: "v1"')->{status}, 304, 'not modified');

my @requests = $t->requests;
is(scalar @requests, 3, 'the origin was asked once for each');

$t->done;
