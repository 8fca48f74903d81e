#!/usr/bin/perl

# What the origin is asked: never for a part of a page, never by what the
# client has of it, never for a coding that cannot be read.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = { body => article() };

$t->origin('/page' => $page, '/page.html' => $page, '/page.php' => $page,
           '/off/page' => $page, '/dry/page' => $page, '/sub' => $page,
           '/b/page' => $page, '/auth' => $page,
           '/image.png' => { body => 'x' x 100, type => 'image/png' },
           '/IMAGE.PNG' => { body => 'x' x 100, type => 'image/png' });

$t->run(<<'END');
log_format seen '$http_range|$http_if_none_match|$http_accept_encoding|'
                '$http_x_other';

types {
    text/html html;
    image/png png;
}

server {
    listen %%PORT%%;
    access_log %%DIR%%/seen.log seen;
    access_log %%DIR%%/access.log test;

    editorial on;

    location / {
        add_header X-Range "$http_range" always;
        add_header X-Coding "$http_accept_encoding" always;
        proxy_pass http://%%ORIGIN%%;
    }

    location /off/ {
        editorial off;
        proxy_pass http://%%ORIGIN%%;
    }

    location /dry/ {
        editorial dry_run;
        proxy_pass http://%%ORIGIN%%;
    }

    location /a/ {
        rewrite ^/a/(.*)$ /b/$1 last;
    }

    location /b/ {
        editorial off;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /auth/page {
        auth_request /auth;
        proxy_pass http://%%ORIGIN%%/page;
    }

    location = /auth {
        proxy_pass http://%%ORIGIN%%;
    }

    location = /named {
        try_files /nothing @named;
    }

    location @named {
        editorial off;
        rewrite ^ /page break;
        proxy_pass http://%%ORIGIN%%;
    }
}
END

my @six = ('Range: bytes=0-1', 'If-Range: "a"', 'If-Match: *',
           'If-None-Match: "b"',
           'If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT',
           'If-Unmodified-Since: Wed, 01 Jan 2030 00:00:00 GMT');

# the names that the origin saw, of those that count

sub seen {
    my ($request) = @_;

    return join ' ', sort map { lc } $request =~
        /^((?:If-[\w-]+|Range|Accept-Encoding|X-Other|X-Last)):/mgi;
}

sub coding {
    my ($accept, $path) = @_;

    $t->get($path || '/page', ref $accept ? @$accept
                              : "Accept-Encoding: $accept");

    return join '|', $t->last_request =~ /^Accept-Encoding: (.*?)\r$/mgi;
}

my @all = qw(if-match if-modified-since if-none-match if-range
             if-unmodified-since range);

my $r = $t->get('/page', 'X-Other: 1', @six, 'Accept-Encoding: gzip',
                'X-Last: 1');

is(seen($t->last_request), 'accept-encoding x-last x-other',
   'a page is asked for whole');
is($r->{status}, 200, 'and sent whole');
is($r->{headers}{'x-range'}, 'bytes=0-1',
   'filters after us see what the client sent');
is($r->{headers}{'x-coding'}, 'gzip', '... all of it');

(my $seen) = slurp($t->dir . '/seen.log') =~ /^(.*)$/m;
is($seen, 'bytes=0-1|\x22b\x22|gzip|1', '... and so does the log');

$t->get('/page', map { lc } @six);
is(seen($t->last_request), '', 'in any case of letters');

$t->get('/page', (map { "X-$_: 1" } 1 .. 60), @six, 'X-Last: 1');
is(seen($t->last_request), 'x-last', 'among many headers');
is(() = $t->last_request =~ /^X-\d+: 1\r$/mg, 60, '... which are all there');

for my $path ('/page.html', '/page.php') {
    $t->get($path, @six);
    is(seen($t->last_request), '', "$path: may be a page");
}

for my $path ('/image.png', '/IMAGE.PNG', '/off/page', '/dry/page') {
    $t->get($path, @six, 'Accept-Encoding: br');
    is(seen($t->last_request), join(' ', 'accept-encoding', @all),
       "$path: is asked for as the client did");
}

$t->request('POST', '/page', @six, 'Content-Length: 0');
is(seen($t->last_request), join(' ', @all), 'so is a POST');

$t->head('/page', @six);
is(seen($t->last_request), '', 'HEAD is as GET');

$t->get('/a/page', @six);
is(seen($t->last_request), join(' ', @all),
   'a rewrite to where it is off, before the content');

$t->get('/named', @six);
is(seen($t->last_request), '',
   'a named location, after the content has begun');

$t->get('/auth/page', @six, 'X-Other: 1');
my @requests = $t->requests;
is(seen($requests[-2]), join(' ', @all, 'x-other'),
   'a subrequest is none of ours');
is(seen($requests[-1]), 'x-other', 'the page is');

is(coding('gzip'), 'gzip', 'gzip is asked for');
is(coding('gzip, deflate, br, zstd'), 'gzip', '... and nothing else');
is(coding('br, gzip;q=0.5'), 'gzip', '... with a weight');
is(coding('GZIP'), 'gzip', '... in any case');
is(coding('x-gzip'), 'gzip', '... by its old name');
is(coding('br, *'), 'gzip', '... as one of any');
is(coding('*;q=0.1'), 'gzip', '... weighed little');
is(coding('gzip; q=0.001'), 'gzip', '... or hardly');
is(coding(['Accept-Encoding: br', 'Accept-Encoding: gzip']), 'gzip',
   '... on a line of its own');
is(coding('br'), '', 'not where the client does not take it');
is(coding('gzip;q=0'), '', '... where it refuses it');
is(coding('gzip; q=0.000'), '', '... however it writes that');
is(coding('gzip;q=0, *'), '', '... though it takes any other');
is(coding('*;q=0'), '', '... or nothing');
is(coding('identity'), '', '... or no coding at all');
is(coding('gzippy'), '', '... or something like it');
is(coding(''), '', 'an empty line');
is(coding(['X-Other: 1']), '', 'none');

$t->done;
