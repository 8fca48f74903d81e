#!/usr/bin/perl

# A dry run changes no byte, of the request or of the response, and says what
# would have been done.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article();
my $gzip = gzip($page);

my @headers = ('ETag: "v1"', 'Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT',
               'Accept-Ranges: bytes');
my @gzip = (@headers, 'Content-Encoding: gzip');

my %pages = (
    '/page' => { body => $page, headers => \@headers },
    '/chunked' => { body => $page, size => 3, headers => \@headers },
    '/gzip' => { body => $gzip, headers => \@gzip },
    '/gzipped' => { body => $gzip, headers => \@gzip, size => 1 },
    '/deflate' => { body => raw_deflate($page),
                    headers => [ 'Content-Encoding: deflate' ] },
    '/broken' => { body => $page, headers => \@gzip },
    '/truncated' => { body => substr($gzip, 0, -300), headers => \@gzip },
    '/br' => { body => $page, headers => [ 'Content-Encoding: br' ] },
    '/text' => { body => $page, type => 'text/plain' },
    '/error' => { body => $page, status => '404 Not Found' },
    '/none' => { body => '<p>One</p>' },
    '/cut' => { body => $page, cut => 1 },
    '/empty' => { body => '' },
);

# path => pieces, reason

my @expected = (
    '/page' => [ 2, '' ],
    '/chunked' => [ 2, '' ],
    '/gzip' => [ 2, '' ],
    '/gzipped' => [ 2, '' ],
    '/deflate' => [ 2, '' ],
    '/broken' => [ 0, 'broken coding' ],
    '/br' => [ 0, 'coding br' ],
    '/text' => [ 0, 'type' ],
    '/error' => [ 0, 'status' ],
    '/none' => [ 0, 'no article' ],
    '/truncated' => undef,
    '/cut' => undef,
    '/empty' => undef,
);

$t->origin(%pages);

spew($t->dir . '/html/static.html', $page);

$t->run(<<'END');
editorial_zone pages:4m;

types {
    text/html html;
}

server {
    listen %%PORT%%;

    editorial dry_run;
    editorial_opinion 1;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /unbuffered/ {
        proxy_buffering off;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /kept/ {
        editorial_cache on;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /kept-unbuffered/ {
        editorial_cache on;
        proxy_buffering off;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /static {
        editorial_cache on;
        sendfile on;
    }
}

server {
    listen %%PORT1%%;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /unbuffered/ {
        proxy_buffering off;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /kept/ {
        proxy_pass http://%%ORIGIN%%/;
    }

    location /kept-unbuffered/ {
        proxy_buffering off;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /static {
        sendfile on;
    }
}
END

# without what differs each time

sub head {
    my ($r) = @_;

    (my $head = $r->{head}) =~ s/^Date: .*$//m;

    return $head;
}

my @asked = ('Accept-Encoding: br, gzip', 'If-None-Match: "other"');

while (my ($path, $expected) = splice @expected, 0, 2) {
    for my $way ('', '/unbuffered', '/kept', '/kept-unbuffered') {
        my $r = $t->get("$way$path", @asked);
        my $line = $t->last_access;
        my $request = $t->last_request;

        my $without = $t->get("$way$path", @asked, { port => 1 });

        same(head($r), head($without), "$way$path: the same header");
        same($r->{body}, $without->{body}, '... the same body');
        is($request, $t->last_request, '... asked for in the same way');

        next unless $expected;

        is($line->{furniture}, $expected->[0], '... what would be placed');
        is($line->{skip}, $expected->[1], '... or why nothing');
    }
}

my $r = $t->get('/static.html', 'Range: bytes=0-9');
is($r->{status}, 206, 'a range');
is($r->{body}, substr($page, 0, 10), '... of it');
is($t->last_access->{skip}, 'status', '... is not worked on');

$r = $t->get('/static.html');
same($r->{body}, $page, 'a file');
is($r->{headers}{'content-length'}, length $page, '... with its length');
is($t->last_access->{furniture}, 2, '... what would be placed');

is($t->get('/static.html', "If-None-Match: $r->{headers}{etag}")->{status},
   304, '... not modified');

$r = $t->head('/static.html');
is($r->{headers}{'content-length'}, length $page, 'HEAD');

$t->done;
