#!/usr/bin/perl

# Which responses are worked on: 200, GET or HEAD, of a listed type, no larger
# than allowed, of the main request.  All others pass byte for byte.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article();
my $long = article(n => 40);

sub page { return { body => $page, @_ } }

$t->origin(
    '/page' => page(),
    '/type/none' => page(type => undef),
    '/type/plain' => page(type => 'text/plain'),
    '/type/charset' => page(type => 'Text/HTML; Charset="utf-8"'),
    '/type/xhtml' => page(type => 'application/xhtml+xml'),
    '/types/xhtml' => page(type => 'application/xhtml+xml'),
    '/any/plain' => page(type => 'text/plain'),
    '/status/201' => page(status => '201 Created'),
    '/status/203' => page(status => '203 Non-Authoritative Information'),
    '/status/404' => page(status => '404 Not Found'),
    '/status/500' => page(status => '500 Internal Server Error'),
    '/status/206' => page(status => '206 Partial Content',
                          headers => ['Content-Range: bytes 0-9/100']),
    '/status/302' => page(status => '302 Found', headers => ['Location: /']),
    '/post' => page(),
    '/small/page' => page(),
    '/small/long' => { body => $long },
    '/small/unknown' => { body => $long, close => 1 },
    '/small/chunked' => { body => $long, size => 512 },
    '/headers' => page(headers => ['ETag: "a"', 'Accept-Ranges: bytes',
                                   'Last-Modified: Wed, 01 Jan 2020 00:00:00 '
                                   . 'GMT', 'X-Own: 1'],
                       type => 'text/plain'),
    '/off' => page(),
    '/empty' => { body => '', status => '204 No Content', type => undef });

my $small = length($page) + 200;

$t->run(<<"END");
server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /types/ {
        editorial_types application/xhtml+xml;
        proxy_pass http://%%ORIGIN%%;
    }

    location /any/ {
        editorial_types *;
        proxy_pass http://%%ORIGIN%%;
    }

    location /small/ {
        editorial_max_size $small;
        proxy_pass http://%%ORIGIN%%;
    }

    location /off {
        editorial off;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /with {
        ssi on;
        default_type text/html;
        return 200 '<!--#include virtual="/part" -->';
    }

    location = /part {
        log_subrequest on;
        proxy_pass http://%%ORIGIN%%/page;
    }

    location = /return {
        default_type text/html;
        return 200 '<article><p>One</p></article>';
    }
}
END

sub worked {
    my ($path, $name) = @_;

    my $r = $t->get($path);

    like(furnished($r->{body}), qr{disclaimer/standard}, "$name: worked on");
    is($t->last_access->{skip}, '', '... and no reason not to');
}

sub passed {
    my ($path, $skip, $name, $body) = @_;

    my $r = $t->get($path);

    same($r->{body}, defined $body ? $body : $page, "$name: untouched");
    is($t->last_access->{skip}, $skip, "... because of $skip");

    return $r;
}

worked('/page', 'a page');
worked('/type/charset', 'a type with a charset, in any case');
worked('/types/xhtml', 'a listed type');
worked('/any/plain', 'any type');
worked('/small/page', 'a page of the size allowed');
worked('/return', 'a page made by nginx');

passed('/type/none', 'type', 'no type');
passed('/type/plain', 'type', 'another type');
passed('/type/xhtml', 'type', 'a type not listed');
passed('/off', 'off', 'editorial off');
passed("/status/$_", 'status', "status $_") for 201, 203, 206, 302, 404, 500;
passed('/empty', 'status', 'no content', '');
passed('/small/long', 'size', 'a page too large', $long);

like($t->log, qr/page of \d+ bytes exceeds editorial_max_size $small\b/,
     'the log names the size and the limit');

for my $path ('/small/unknown', '/small/chunked') {
    my $r = $t->get($path);

    same(stripped($r->{body}), $long, "$path: every byte");
    is(furnished($r->{body}), '', '... and nothing else');
    is($t->last_access->{skip}, 'size', '... because of its size');
}

my $r = $t->request('POST', '/post', 'Content-Length: 0');
same($r->{body}, $page, 'POST: untouched');
is($t->last_access->{skip}, 'method', '... because of its method');

$r = $t->get('/with');
same($r->{body}, $page, 'a subrequest: untouched');
$t->{asked}++;
is($t->last_access->{skip}, 'no article', 'the page that asks for it');
is(($t->access($t->{asked}))[-2]{skip}, 'subrequest', '... and itself');

$r = passed('/headers', 'type', 'headers');
is($r->{headers}{etag}, '"a"', 'the ETag is the origin\'s');
is($r->{headers}{'accept-ranges'}, 'bytes', '... and Accept-Ranges');
is($r->{headers}{'content-length'}, length $page, '... and Content-Length');
is($r->{headers}{'last-modified'}, 'Wed, 01 Jan 2020 00:00:00 GMT',
   '... and Last-Modified');

$t->done;
