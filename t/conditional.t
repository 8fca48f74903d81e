#!/usr/bin/perl

# Conditional requests and ranges: of a page against the page as it is sent,
# of anything else as if this module were not there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article();
my $data = join '', map { sprintf '%09d ', $_ } 1 .. 1000;

my $date = 'Wed, 01 Jan 2020 00:00:00 GMT';
my $older = 'Tue, 01 Jan 2019 00:00:00 GMT';
my $newer = 'Fri, 01 Jan 2021 00:00:00 GMT';
my @headers = ('ETag: "v1"', "Last-Modified: $date");

$t->origin(
    '/page' => { body => $page, headers => \@headers },
    '/gzip' => { body => gzip($page),
                 headers => [ @headers, 'Content-Encoding: gzip' ] },
    '/weak' => { body => $page, headers => [ 'ETag: W/"v1"' ] },
    '/bare' => { body => $page },
    '/data' => { body => $data, type => 'text/plain', headers => \@headers },
    '/ranged' => { body => $data, type => 'text/plain',
                   headers => [ 'Accept-Ranges: bytes' ] },
    '/none' => { body => $data, type => 'text/plain',
                 headers => [ 'Accept-Ranges: none' ] },
    '/unknown' => { body => $data, type => 'text/plain', size => 1000 },
    '/br' => { body => $data, headers => [ @headers,
                                           'Content-Encoding: br' ] });

spew($t->dir . '/html/story.html', $page);
spew($t->dir . '/html/data.txt', $data);
spew($t->dir . '/html/story', $page);
spew($t->dir . '/html/data', $data);
utime 1577836800, 1577836800, glob $t->dir . '/html/*';

$t->run(<<'END');
server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /story {
        default_type text/html;
        types { text/html html; }
    }

    location /data. {
    }

    location = /plain/data {
        default_type text/plain;
        alias %%DIR%%/html/data;
    }

    location = /ims_off/data {
        default_type text/plain;
        if_modified_since off;
        alias %%DIR%%/html/data;
    }

    location = /ims_before/data {
        default_type text/plain;
        if_modified_since before;
        alias %%DIR%%/html/data;
    }
}
END

sub status {
    my ($path, $headers, $status, $name) = @_;

    my $r = $t->get($path, @$headers);

    is($r->{status}, $status, "$path: $name");
    is($r->{body}, '', '... without a body') if $status == 304;
    ok($r->{whole}, '... complete');

    return $r;
}

# pages

for my $path ('/page', '/gzip', '/weak', '/story.html', '/story') {
    my $r = status($path, [], 200, 'a page');
    my $etag = $r->{headers}{etag};
    my ($strong) = $etag =~ /("[^"]+")/;
    my $weak = $etag =~ /^W/;

    $r = status($path, ["If-None-Match: $etag"], 304, 'its own ETag');
    is($r->{headers}{etag}, $etag, '... says the same ETag');
    is($r->{headers}{'content-type'}, undef, '... no type');
    is($r->{headers}{'content-encoding'}, undef, '... no coding');

    status($path, ["If-None-Match: W/$strong"], 304, 'its weak ETag');
    status($path, ["If-None-Match: \"a,b\", $etag, \"b\""], 304, 'a list');
    status($path, ['If-None-Match: *'], 304, 'any');
    status($path, ['If-None-Match: "v1"'], 200, 'the origin\'s ETag');
    status($path, ['If-None-Match: "x"', "If-Modified-Since: $date"], 200,
           'another ETag, though not modified');
    status($path, ["If-None-Match: $etag", "If-Modified-Since: $older"], 304,
           'its ETag, though modified');
    status($path, ["If-Modified-Since: $newer"], 200, 'no date to compare')
        unless $path eq '/story.html';
    status($path, ["If-Match: $etag"], $weak ? 412 : 200, 'If-Match');
    status($path, ['If-Match: *'], 200, 'If-Match: any');
    status($path, ['If-Match: "v1"'], 412, 'If-Match with another');
    status($path, ["If-Unmodified-Since: $older"], 200,
           'If-Unmodified-Since, of a page without a date');

    $r = status($path, ['Range: bytes=0-9'], 200, 'no ranges');
    is(stripped($r->{body}), $page, '... all of it');

    $r = $t->head($path, "If-None-Match: $etag");
    is($r->{status}, 304, "$path: HEAD");
}

status('/bare', ['If-None-Match: *'], 304, 'any, without an ETag');
status('/bare', ['If-None-Match: "v1"'], 200, 'a page without an ETag');
status('/bare', ['If-Match: "v1"'], 412, 'If-Match without an ETag');

# what is not worked on

for my $path ('/data', '/br', '/data.txt', '/plain/data') {
    my $r = status($path, [], 200, 'no page');
    my $etag = $r->{headers}{etag};
    my $modified = $r->{headers}{'last-modified'};

    is($modified, $date, '... its date');

    $r = status($path, ["If-None-Match: $etag"], 304, 'its ETag');
    is($r->{headers}{etag}, $etag, '... says the same ETag');

    status($path, ["If-None-Match: W/$etag"], 304, 'its weak ETag');
    status($path, ["If-Modified-Since: $date"], 304, 'its date');
    status($path, ["If-Modified-Since: $older"], 200, 'an older date');
    status($path, ['If-None-Match: "x"'], 200, 'another ETag');
    status($path, ['If-Match: "x"'], 412, 'If-Match with another');
    status($path, ["If-Match: $etag"], 200, 'If-Match');
    status($path, ["If-Unmodified-Since: $older"], 412, 'modified');
    status($path, ["If-Unmodified-Since: $newer"], 200, 'not modified');

    $r = status($path, ['Range: bytes=10-18'], 206, 'a range');
    is($r->{body}, '000000002', '... of it');
    is($r->{headers}{'content-range'}, 'bytes 10-18/10000', '... named');

    $r = status($path, ['Range: bytes=10-18', "If-Range: $etag"], 206,
                'If-Range');
    $r = status($path, ['Range: bytes=10-18', 'If-Range: "x"'], 200,
                'If-Range with another');
    is(length $r->{body}, 10_000, '... all of it');

    status($path, ['Range: bytes=20000-'], 416, 'no such range');
    status($path, ['Range: bytes=10-18', "If-None-Match: $etag"], 304,
           'the precondition first');
}

is(status('/ranged', ['Range: bytes=0-8'], 206, 'a range')->{body},
   '000000001', '... of what has ranges at the origin');

my $r = status('/ranged', [], 200, 'all of it');
is($r->{headers}{'accept-ranges'}, 'bytes', '... says so once');
$r = status('/ranged', ['Range: bytes=9-0'], 416, 'a senseless range');
$r = status('/none', ['Range: bytes=0-8'], 200, 'an origin without ranges');
is($r->{headers}{'accept-ranges'}, 'none', '... says so');
status('/unknown', ['Range: bytes=0-8'], 200, 'no length, no ranges');
status('/ims_off/data', ["If-Modified-Since: $date"], 200,
       'if_modified_since off');
status('/ims_before/data', ["If-Modified-Since: $newer"], 304,
       'if_modified_since before');
status('/plain/data', ["If-Modified-Since: $newer"], 200,
       'if_modified_since exact');

$t->done;
