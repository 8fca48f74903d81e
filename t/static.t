#!/usr/bin/perl

# Files, however nginx reads and sends them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my %pages = (
    'page.html' => article(),
    'large.html' => article(n => 500),
    'bare.html' => '<p>One</p>' x 10_000,
    'empty.html' => '',
    'small.html' => '<p>One</p>',
);

spew($t->dir . "/html/$_", $pages{$_}) for keys %pages;

my %ways = (
    plain => '',
    sendfile => 'sendfile on; tcp_nopush on;',
    small => 'output_buffers 2 512;',
    threads => 'aio threads;',
    both => 'aio threads; sendfile on;',
    direct => 'directio 512; aio threads;',
    cached => 'open_file_cache max=10;',
    postponed => 'postpone_output 0;',
);

my $locations = join '', map {
    "location /$_/ { alias %%DIR%%/html/; $ways{$_} }\n"
} sort keys %ways;

$t->run(<<"END");
types {
    text/html html;
}

server {
    listen %%PORT%%;
    editorial on;
    editorial_opinion 1;
    $locations
}
END

for my $way (sort keys %ways) {
    for my $page (sort keys %pages) {
        my $r = $t->get("/$way/$page");

        is($r->{status}, 200, "$way, $page");
        same(stripped($r->{body}), $pages{$page}, '... every byte');
        is(furnished($r->{body}), $page =~ /page|large/
           ? 'read_more/box disclaimer/standard' : '', '... furnished');
        ok($r->{whole}, '... complete');
    }
}

my $r = $t->get('/plain/page.html');
is($t->get('/plain/page.html', "If-None-Match: $r->{headers}{etag}")
     ->{status}, 304, 'not modified');

$t->done;
