#!/usr/bin/perl

# editorial_assets: the files that are built into the module, as they lie in
# src/assets, and what a client and its caches are told of them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $css = slurp("$FindBin::Bin/../src/assets/furniture.css");

cmp_ok(length $css, '>', 1000, 'there is a stylesheet');

$t->run(<<'END');
gzip_min_length 0;
gzip_types text/css;

server {
    listen %%PORT%%;

    location /assets/ {
        editorial_assets;
    }

    location = /furniture.css {
        editorial_assets;
    }

    location ~ ^/v(\d+)/ {
        editorial_assets;
    }

    location /on/ {
        editorial on;
        editorial_assets;
    }

    location /gzip/ {
        gzip on;
        gzip_vary on;
        editorial_assets;
    }

    location /expires/ {
        expires 5m;
        editorial_assets;
    }

    location /charset/ {
        charset windows-1251;
        charset_types text/css;
        editorial_assets;
    }

    location /page/ {
        error_page 404 405 /page.html;
        editorial_assets;
    }

    location = /page.html {
        return 200 "a page";
    }
}
END

# the file

my $r = $t->get('/assets/furniture.css');
my $etag = $r->{headers}{etag};

is($r->{status}, 200, 'it is there');
same($r->{body}, $css, 'byte for byte');
ok($r->{whole}, 'complete');
is($r->{headers}{'content-type'}, 'text/css; charset=utf-8', 'its type');
is($r->{headers}{'content-length'}, length $css, 'its length');
is($r->{headers}{'cache-control'}, 'public, max-age=31536000',
   'it may be kept for a year');
like($etag, qr/^"[0-9a-f]{32}"$/, 'a strong ETag');
is($r->{headers}{'accept-ranges'}, 'bytes', 'ranges are offered');

# the other one

$r = $t->get('/assets/furniture.js');
is($r->{status}, 200, 'there is a script');
same($r->{body}, slurp("$FindBin::Bin/../src/assets/furniture.js"),
     '... byte for byte');
is($r->{headers}{'content-type'}, 'text/javascript; charset=utf-8',
   '... its type');
like($r->{headers}{etag}, qr/^"[0-9a-f]{32}"$/, '... an ETag');
isnt($r->{headers}{etag}, $etag, '... of its own');
is($r->{headers}{'last-modified'}, undef, 'no date is made up');

for my $path ('/furniture.css', '/v3/furniture.css', '/assets/7/furniture.css',
              '/assets/furniture.css?7', '/assets/furniture%2Ecss',
              '/on/furniture.css', '/charset/furniture.css')
{
    $r = $t->get($path);
    is($r->{status}, 200, $path);
    same($r->{body}, $css, '... the same');
    is($r->{headers}{etag}, $etag, '... under the same ETag');
}

# HEAD

$r = $t->head('/assets/furniture.css');
is($r->{status}, 200, 'HEAD');
is($r->{headers}{'content-length'}, length $css, '... has the length');
is($r->{headers}{etag}, $etag, '... and the ETag');

$r = ($t->raw("HEAD /assets/furniture.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
              . "GET /furniture.css HTTP/1.1\r\nHost: localhost\r\n"
              . "Connection: close\r\n\r\n"))[1];
is($r->{status}, 200, '... and no body, the next response follows');
same($r->{body}, $css, '... whole');

# preconditions

for my $path ('/assets/furniture.css', '/on/furniture.css') {
    for my $list ($etag, "W/$etag", "\"x\", $etag", '*') {
        $r = $t->get($path, "If-None-Match: $list");
        is($r->{status}, 304, "$path, If-None-Match: $list");
        is($r->{body}, '', '... no body');
        is($r->{headers}{etag}, $etag, '... the ETag');
        is($r->{headers}{'cache-control'}, 'public, max-age=31536000',
           '... and how long it may be kept');
    }

    is($t->get($path, 'If-None-Match: "x"')->{status}, 200,
       "$path, If-None-Match of another");
    is($t->get($path, "If-Match: $etag")->{status}, 200, '... If-Match');
    is($t->get($path, 'If-Match: "x"')->{status}, 412,
       '... If-Match of another');
}

# ranges

$r = $t->get('/assets/furniture.css', 'Range: bytes=100-199');
is($r->{status}, 206, 'a range');
is($r->{body}, substr($css, 100, 100), '... its bytes');
is($r->{headers}{'content-range'}, 'bytes 100-199/' . length $css,
   '... of how many');

$r = $t->get('/assets/furniture.css', 'Range: bytes=-50', "If-Range: $etag");
is($r->{body}, substr($css, -50), 'the end, by If-Range');

$r = $t->get('/assets/furniture.css', 'Range: bytes=-50', 'If-Range: "x"');
is($r->{status}, 200, 'all of it where If-Range is of another');

is($t->get('/assets/furniture.css', 'Range: bytes=999999-')->{status}, 416,
   'a range beyond the end');

$r = $t->get('/assets/furniture.css', 'Range: bytes=0-9,20-29');
is($r->{status}, 206, 'two ranges');
like($r->{body}, qr/\Q${\substr($css, 20, 10)}\E/, '... are sent');

# what else there is not

for my $path ('/assets/', '/assets/furniture', '/assets/furniture.css/',
              '/assets/furniture.css/x', '/assets/Furniture.css',
              '/assets/furniture.css%00', '/v3/x.css')
{
    $r = $t->get($path);
    is($r->{status}, $path =~ /%00/ ? 400 : 404, "$path is not there");
    is($r->{headers}{'cache-control'}, undef, '... and that is not kept');
}

for my $method (qw(POST PUT DELETE OPTIONS PATCH)) {
    $r = $t->request($method, '/assets/furniture.css', 'Content-Length: 0');
    is($r->{status}, 405, "$method is not allowed");
    is($r->{headers}{allow}, 'GET, HEAD', '... but these are');
    is($r->{headers}{etag}, undef, '... the answer is not the file');
}

my @two = $t->raw("POST /assets/furniture.css HTTP/1.1\r\nHost: localhost\r\n"
                  . "Content-Length: 5\r\n\r\n12345"
                  . "GET /furniture.css HTTP/1.1\r\nHost: localhost\r\n"
                  . "Connection: close\r\n\r\n");
is($two[0]{status}, 405, 'a body that nobody wants');
is($two[1]{status}, 200, '... is read past');

is($t->request('POST', '/assets/x.css', 'Content-Length: 0')->{status}, 404,
   'what is not there is not there for POST either');

is($t->get('/page/x.css')->{body}, 'a page', 'error_page of a 404');
is($t->request('POST', '/page/furniture.css', 'Content-Length: 0')->{body},
   'a page', 'error_page of a 405');

# nginx's own modules after us

$r = $t->get('/gzip/furniture.css', 'Accept-Encoding: gzip');
is($r->{headers}{'content-encoding'}, 'gzip', 'gzip compresses it');
same(gunzip($r->{body}), $css, '... and it is the same');
is($r->{headers}{etag}, "W/$etag", '... with a weak ETag');
is($r->{headers}{vary}, 'Accept-Encoding', '... and Vary');
is($t->get('/gzip/furniture.css', 'Accept-Encoding: gzip',
           "If-None-Match: W/$etag")->{status}, 304, '... that gives 304');
is($t->get('/gzip/furniture.css')->{headers}{etag}, $etag,
   'without it, the strong one');

$r = $t->get('/expires/furniture.css');
is($r->{headers}{'cache-control'}, 'max-age=300', 'expires has the last word');

# where it may stand

my ($ok, $said) = $t->check('server { editorial_assets; }');
ok(!$ok, 'not in a server');
like($said, qr/"editorial_assets" directive is not allowed here/,
     '... it says');

($ok, $said) = $t->check('server { location / { editorial_assets on; } }');
ok(!$ok, 'nor with an argument');

($ok, $said) = $t->check('server { location / { editorial_assets;'
                         . ' editorial_assets; } }');
ok(!$ok, 'nor twice');
like($said, qr/"editorial_assets" directive is duplicate/, '... it says');

# what a build is made of: config calls the script with the build's folder

my $embed = "$FindBin::Bin/../src/assets/embed";
my $dir = $t->dir;
my $bytes = join '', map { chr } 0 .. 255;

spew("$dir/odd.js", "\\\"'%?" . $bytes x 3 . "\n");
spew("$dir/print.c", <<'END');
#include <stdio.h>
#include <string.h>
typedef unsigned char u_char;
typedef struct { size_t len; u_char *data; } ngx_str_t;
typedef struct {
    ngx_str_t name, type, content, gzip;
} ngx_http_editorial_asset_t;
#define ngx_string(s) { sizeof(s) - 1, (u_char *) s }
#define ngx_null_string { 0, NULL }
#include "data.h"
int main(void)
{
    const ngx_http_editorial_asset_t *a;
    for (a = files; a->name.len; a++) {
        printf("%s %s\n", a->name.data, a->type.data);
        fwrite(a->content.data, 1, a->content.len, stdout);
        fwrite(a->gzip.data, 1, a->gzip.len, stdout);
    }
    return 0;
}
END

mkdir "$dir/sub" or die "$dir/sub: $!";
spew("$dir/sub/a.css", $css);

my $odd = "odd.js text/javascript\n" . slurp("$dir/odd.js");
my $sub = "sub/a.css text/css\n$css";

is(embedded('files', $dir, 'odd.js', 'sub/a.css'), 0, 'embed');
same(scalar `$dir/print`, $odd . $sub, '... any bytes');

is(embedded('-z', 'files', $dir, 'odd.js'), 0, 'embed, compressed');

my $printed = `$dir/print`;

same(substr($printed, 0, length $odd), $odd, '... the bytes');
same(gunzip(substr $printed, length $odd), slurp("$dir/odd.js"),
     '... and again');

isnt(embedded('files', $dir, 'none.css'), 0,
     '... a file that is not there is an error');
isnt(embedded('files', $dir, 'print.c'), 0, '... and one of no known type');

$t->done;


# The exit status of embed, and of a program that prints what it made.

sub embedded {
    return system("sh $embed @_ > $dir/data.h 2> $dir/said"
                  . " && gcc -Wall -Werror -o $dir/print $dir/print.c");
}
