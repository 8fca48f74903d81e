#!/usr/bin/perl

# A request that wanders through nginx: whatever location it ends in, it is
# worked on once, by the rules of that location, and its headers are in order.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article();
my $file = article(n => 8);

$t->origin(
    '/page' => { body => $page, headers => ['ETag: "v1"'] },
    '/try/cms' => { body => $page },
    '/error/here' => { status => '404 Not Found', body => 'none' },
    '/refused' => { status => '502 Bad Gateway', body => 'bad' },
    '/sent/file' => { headers => ['X-Accel-Redirect: /files/story.html'],
                      body => '' },
    '/sent/named' => { headers => ['X-Accel-Redirect: @cms'], body => '' },
    '/sent/data' => { headers => ['X-Accel-Redirect: /files/data.txt'],
                      body => '', type => undef },
    '/try/deeper' => { body => $page },
    '/' => { body => $page });

mkdir $t->dir . "/html/$_" for qw(files dir);
spew($t->dir . '/html/files/story.html', $file);
spew($t->dir . '/html/files/data.txt', '0123456789');
spew($t->dir . '/html/dir/index.html', $file);
spew($t->dir . '/html/image.png', '0123456789');
spew($t->dir . '/html/50x.html', $file);

$t->run(<<'END');
types {
    text/html html;
    text/plain txt;
    image/png png;
}

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /try/ {
        try_files $uri @cms;
    }

    location @cms {
        proxy_pass http://%%ORIGIN%%;
    }

    location = /image.png {
        try_files $uri @cms;
    }

    location /dir/ {
    }

    location /error/ {
        proxy_pass http://%%ORIGIN%%;
        proxy_intercept_errors on;
        error_page 404 /50x.html;
    }

    location = /error/here {
        proxy_pass http://%%ORIGIN%%;
        proxy_intercept_errors on;
        error_page 404 =200 /50x.html;
    }

    location = /50x.html {
    }

    location = /refused {
        proxy_pass http://%%ORIGIN%%;
        proxy_intercept_errors on;
        error_page 502 = @cms_page;
    }

    location @cms_page {
        rewrite ^ /page break;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /rewritten {
        rewrite ^ /page last;
    }

    location /sent/ {
        proxy_pass http://%%ORIGIN%%;
    }

    location /files/ {
        internal;
        editorial_disclaimer file;
    }

    location = /from_off {
        editorial off;
        try_files /nothing @cms_page;
    }

    location = /to_off {
        try_files /nothing @off;
    }

    location @off {
        editorial off;
        rewrite ^ /page break;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /precondition {
        proxy_pass http://%%ORIGIN%%/page;
        error_page 412 =200 /50x.html;
    }
}
END

my @asked = ('Range: bytes=0-3', 'If-None-Match: "none"');

sub page {
    my ($path, $body, $furniture, $name) = @_;

    my $r = $t->get($path, @asked);

    is($r->{status}, 200, "$name: whole");
    same(stripped($r->{body}), $body, '... every byte');
    is(furnished($r->{body}), $furniture, '... furnished once');
    is($t->last_access->{skip}, '', '... and no reason not to');
    is($t->last_access->{uri}, $path, '... $editorial_uri is the client\'s');
    unlike($t->last_request || '', qr/^(?:Range|If-)/mi,
           '... the origin was not asked for a part');
}

my $both = 'read_more/box disclaimer/standard';

page('/try/cms', $page, $both, 'try_files and a named location');
page('/try/deeper', $page, $both, 'the same again');
page('/dir/', $file, $both, 'index');
page('/error/here', $file, $both, 'error_page with status 200');
page('/refused', $page, $both, 'error_page to a named location');
page('/rewritten', $page, $both, 'rewrite');
page('/sent/file', $file, 'read_more/box disclaimer/file',
     'X-Accel-Redirect, by the rules of where it leads');
page('/from_off', $page, $both, 'from where it is off');

my $r = $t->get('/sent/data', 'Range: bytes=2-4');
is($r->{status}, 206, 'X-Accel-Redirect to data: a range');
is($r->{body}, '234', '... of it');

$r = $t->get('/image.png', 'Range: bytes=2-4');
is($r->{status}, 206, 'try_files of an image: a range');
is($r->{body}, '234', '... of it');

$r = $t->get('/error/other', @asked);
is($r->{status}, 404, 'error_page with its own status');
same($r->{body}, $file, '... untouched');
is($t->last_access->{skip}, 'status', '... and why');

$r = $t->get('/to_off', 'If-None-Match: "v1"');
is($r->{status}, 304, 'to where it is off: validators hold all the same');

$r = $t->get('/to_off', 'Range: bytes=0-3');
is($r->{status}, 206, '... and ranges');
is($r->{body}, substr($page, 0, 4), '... of the origin\'s page');
is($t->last_access->{skip}, 'off', '... and why');

$r = $t->get('/precondition', 'If-Match: "other"');
is($r->{status}, 200, 'error_page for a failed precondition');
same($r->{body}, $file, '... is not worked on again');

$t->done;
