#!/usr/bin/perl

# nginx's gzip, gunzip and gzip_static around us.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article(n => 100);

$t->origin(
    '/page' => { body => $page, headers => ['ETag: "v1"'] },
    '/small' => { body => $page, size => 77, headers => ['ETag: "v1"'] },
    '/gzip' => { body => gzip($page), headers => ['ETag: "v1"',
                                                  'Content-Encoding: gzip'] },
    '/slow' => { chunks => [ substr($page, 0, 100), \0.2,
                             substr($page, 100, 2000), \0.2,
                             substr($page, 2100) ] },
    '/data' => { body => gzip($page), type => 'text/plain',
                 headers => ['Content-Encoding: gzip'] });

spew($t->dir . '/html/static.html.gz', gzip($page));
spew($t->dir . '/html/static.html', 'not this one');

$t->run(<<'END');
types {
    text/html html;
}

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    gzip on;
    gzip_min_length 0;
    gzip_vary on;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location = /data {
        gunzip on;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /static.html {
        gzip_static on;
    }

    location = /always/static.html {
        alias %%DIR%%/html/static.html;
        gzip_static always;
        gunzip on;
    }
}
END

for my $path ('/page', '/small', '/gzip', '/slow', '/static.html',
              '/always/static.html')
{
    my $r = $t->get($path, 'Accept-Encoding: gzip, br');

    is($r->{headers}{'content-encoding'}, 'gzip', "$path: compressed");
    ok($r->{whole}, '... complete');

    my $body = gunzip($r->{body});

    same(stripped($body), $page, '... every byte');
    is(furnished($body), 'read_more/box disclaimer/standard', '... furnished');

    my $etag = $r->{headers}{etag};

    next unless $etag;

    like($etag, qr{^W/}, '... its ETag is weak now');
    is($t->get($path, 'Accept-Encoding: gzip', "If-None-Match: $etag")
         ->{status}, 304, '... and is recognised');
}

for my $path ('/page', '/gzip', '/always/static.html') {
    my $r = $t->get($path);

    is($r->{headers}{'content-encoding'}, undef, "$path: not compressed");
    same(stripped($r->{body}), $page, '... every byte');
}

my $r = $t->get('/data', 'Accept-Encoding: gzip');
is($r->{headers}{'content-encoding'}, 'gzip', 'what is no page stays gzip');
same(gunzip($r->{body}), $page, '... as it is');

$r = $t->get('/data');
is($r->{headers}{'content-encoding'}, undef, 'gunzip after us');
same($r->{body}, $page, '... works on what is no page');

$t->done;
