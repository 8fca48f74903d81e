#!/usr/bin/perl

# Over HTTP/2, with windows that are small or close for a while.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my ($nghttp) = grep { -x } map { "$_/nghttp" } split /:/, $ENV{PATH};

plan(skip_all => 'nghttp (Debian: nghttp2-client) is not there')
    unless $nghttp;

my $t = Test::Editorial->new;
my $page = article(n => 800);
my $other = article();

$t->origin(
    '/page' => { body => $page, headers => ['ETag: "v1"'] },
    '/small' => { body => $other, size => 1 },
    '/gzip' => { body => gzip($page), headers => ['Content-Encoding: gzip'] },
    '/broken' => { body => substr(gzip($page), 0, -100),
                   headers => ['Content-Encoding: gzip'] },
    '/plain' => { body => 'text', headers => ['Content-Encoding: gzip'] });

$t->run(<<'END');
server {
    listen %%PORT%% http2;

    editorial on;
    editorial_opinion 1;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /unbuffered/ {
        proxy_buffering off;
        proxy_pass http://%%ORIGIN%%/;
    }
}
END

# nghttp with more words, and what it wrote

sub nghttp {
    my ($words, @paths) = @_;

    my $port = $t->port;
    my $urls = join ' ', map { "http://127.0.0.1:$port$_" } @paths;

    $t->{asked} += @paths;

    my $out = `$nghttp -t 10 $words $urls 2>&1`;

    return $out;
}

for my $window (16, 14, 10) {
    for my $path ('/page', '/gzip', '/unbuffered/page', '/unbuffered/gzip') {
        my $body = nghttp("-w $window", $path);

        same(stripped($body), $page, "$path, window 2^$window: every byte");
        is(furnished($body), 'read_more/box disclaimer/standard',
           '... furnished');
    }
}

same(stripped(nghttp('', '/small')), $other, 'byte by byte');

my $together = nghttp('-w 12 -W 14', '/page', '/gzip', '/small',
                      '/unbuffered/page');
cmp_ok(length $together, '>', 3 * length($page) + length $other,
       'several at once, all there');
is(join(' ', sort split / /, furnished($together)),
   join(' ', ('disclaimer/standard') x 4, ('read_more/box') x 4),
   '... furnished');

my $verbose = nghttp('-nv', '/page');
my ($etag) = $verbose =~ /etag: (\S+)/;

unlike($verbose, qr/content-length/, 'no length');
like(nghttp("-nv -H 'if-none-match: $etag'", '/page'), qr/:status: 304/,
     'not modified');
like(nghttp("-v -H ':method: HEAD'", '/gzip'), qr/:status: 200/, 'HEAD');
like(nghttp('-nv', '/broken'), qr/RST_STREAM/, 'a damaged body is reset');

is(nghttp('-nv', '/plain') =~ /content-encoding: gzip/, 1,
   'a wrong coding is left as it came');

$t->done;
