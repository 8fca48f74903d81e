#!/usr/bin/perl

# A client that reads slowly gets all of it, and costs little meanwhile.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article(n => 600, after => 'x' x 300_000);
my $bare = '<p>' . 'y' x 900_000 . '</p>';

spew($t->dir . '/html/static.html', $page);

$t->origin(
    '/page' => { body => $page },
    '/chunked' => { body => $page, size => 5000 },
    '/gzip' => { body => gzip($page), headers => ['Content-Encoding: gzip'] },
    '/bare' => { body => $bare },
    '/barezip' => { body => gzip($bare),
                    headers => ['Content-Encoding: gzip'] });

$t->run(<<'END');
types {
    text/html html;
}

server {
    listen %%PORT%% sndbuf=8k;

    editorial on;
    editorial_opinion 1;

    proxy_buffers 4 8k;
    proxy_buffer_size 8k;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /unbuffered/ {
        proxy_buffering off;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /memory/ {
        proxy_max_temp_file_size 0;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /limited/ {
        limit_rate 400k;
        proxy_pass http://%%ORIGIN%%/;
    }

    location = /static.html {
        sendfile on;
    }

    location = /read/static.html {
        alias %%DIR%%/html/static.html;
        output_buffers 2 4k;
    }

    location = /threads/static.html {
        alias %%DIR%%/html/static.html;
        aio threads;
        sendfile on;
    }

    location = /direct/static.html {
        alias %%DIR%%/html/static.html;
        aio threads;
        directio 512;
        output_buffers 1 16k;
    }

    location /zipped/ {
        gzip on;
        gzip_buffers 4 4k;
        proxy_pass http://%%ORIGIN%%/;
    }
}
END

my $slow = { rcvbuf => 2048, bytes => 8192, pause => 0.002 };

for my $path ('/page', '/chunked', '/gzip', '/unbuffered/page',
              '/unbuffered/gzip', '/memory/page', '/memory/gzip',
              '/limited/page', '/static.html', '/read/static.html',
              '/threads/static.html', '/direct/static.html')
{
    my $r = $t->get($path, $slow);

    same(stripped($r->{body}), $page, "$path: every byte");
    is(furnished($r->{body}), 'read_more/box disclaimer/standard',
       '... furnished');
    ok($r->{whole}, '... complete');
}

for my $path ('/bare', '/barezip', '/unbuffered/barezip', '/memory/barezip') {
    my $r = $t->get($path, $slow);

    same($r->{body}, $bare, "$path: every byte");
    ok($r->{whole}, '... complete');
}

for my $path ('/zipped/page', '/zipped/gzip') {
    my $r = $t->get($path, 'Accept-Encoding: gzip', $slow);

    same(stripped(gunzip($r->{body})), $page, "$path: every byte");
}

# clients that go away

$t->get($_, { %$slow, stop => 20_000 })
    for '/page', '/gzip', '/unbuffered/gzip', '/static.html',
        '/threads/static.html';

is($t->get('/page')->{status}, 200, 'clients that went away did no harm');

$t->done;
