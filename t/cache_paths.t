#!/usr/bin/perl

# Whichever way a request wanders through nginx, and whatever origin it ends
# at: it is looked up once, stored once, and served again.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new(workers => 2);
my $page = article();
my $file = article(n => 8);
my $large = article(n => 1500);

$t->origin(
    '/page' => { body => $page },
    '/try/cms' => { body => $page },
    '/missing' => { status => '404 Not Found', body => 'none' },
    '/bad' => { status => '502 Bad Gateway', body => 'bad' },
    '/sent/file' => { headers => ['X-Accel-Redirect: /files/story.html'],
                      body => '' },
    '/sent/named' => { headers => ['X-Accel-Redirect: @cms'], body => '' },
    '/sent/cookie' => { headers => ['X-Accel-Redirect: /files/story.html',
                                    'Set-Cookie: a=1'],
                        body => '' },
    '/item/7' => { body => $page },
    '/closed' => { body => "$page</body></html>", close => 1 },
    '/torn' => { body => $page =~ s{</html>}{}r, close => 1 },
    '/deflate' => { body => deflate($page),
                    headers => ['Content-Encoding: deflate'] },
    '/broken' => { body => substr(gzip($large), 0, -20) . 'x' x 20,
                   headers => ['Content-Encoding: gzip'] },
    '/large' => { body => $large, size => 5000 });

mkdir $t->dir . "/html/$_" for qw(files dir);
spew($t->dir . '/html/files/story.html', $file);
spew($t->dir . '/html/dir/index.html', $file);
spew($t->dir . '/html/static.html', $large);
spew($t->dir . '/html/50x.html', $file);

$t->run(<<'END');
types {
    text/html html;
}

editorial_zone pages:4m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;
    editorial_max_size 1m;
    add_header X-Status $editorial_status always;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /try/ {
        try_files $uri @cms;
    }

    location @cms {
        proxy_pass http://%%ORIGIN%%;
    }

    location /dir/ {
    }

    location /static.html {
    }

    location = /missing {
        proxy_pass http://%%ORIGIN%%;
        proxy_intercept_errors on;
        error_page 404 = @page;
    }

    location @page {
        rewrite ^ /page break;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /bad {
        proxy_pass http://%%ORIGIN%%;
        proxy_intercept_errors on;
        error_page 502 =200 /50x.html;
    }

    location = /50x.html {
    }

    location /files/ {
        internal;
    }

    location /rewritten/ {
        rewrite ^/rewritten/(.*)$ /$1 last;
    }

    location ~ ^/by-number/(?<number>\d+)$ {
        proxy_pass http://%%ORIGIN%%/item/$number;
    }

    location /unbuffered/ {
        proxy_buffering off;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /http11/ {
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_pass http://%%ORIGIN%%/;
    }

    location /aio/ {
        aio threads;
        alias %%DIR%%/html/;
    }

    location /dry/ {
        editorial dry_run;
        proxy_pass http://%%ORIGIN%%/;
    }
}
END

sub status { return $_[0]{headers}{'x-status'} }

my %kept = (
    '/page' => $page, '/try/cms' => $page, '/dir/' => $file,
    '/static.html' => $large, '/missing' => $page, '/sent/named' => undef,
    '/rewritten/page' => $page, '/by-number/7' => $page,
    '/unbuffered/page' => $page, '/unbuffered/large' => $large,
    '/http11/page' => $page, '/http11/large' => $large,
    '/aio/static.html' => $large, '/closed' => "$page</body></html>",
    '/deflate' => $page, '/large' => $large);

for my $path (sort keys %kept) {
    my $expected = $kept{$path};
    next unless defined $expected;

    my $miss = $t->get($path);
    my $asked = () = $t->requests;

    is(status($miss), 'MISS', "$path: a miss");
    same(stripped($miss->{body}), $expected, '... the page');

    my $hit = $t->get($path);

    is(status($hit), 'HIT', '... then a hit');
    same($hit->{body}, $miss->{body}, '... the same');
    is(scalar(() = $t->requests), $asked, '... without the origin');

    is($hit->{status}, $miss->{status}, '... its status');
    is($hit->{headers}{'content-type'}, $miss->{headers}{'content-type'},
       '... its type');
}

for my $path ('/bad', '/torn', '/broken', '/sent/cookie') {
    $t->get($path);
    my $r = $t->get($path);

    is(status($r), 'MISS', "$path: is not kept");
}

my $r = $t->get('/sent/file');
is(status($r), 'MISS', 'X-Accel-Redirect to a file');
same(stripped($r->{body}), $file, '... the file');
$r = $t->get('/sent/file');
is(status($r), 'HIT', '... kept');
same(stripped($r->{body}), $file, '... under the address asked for');

for (1, 2) {
    $r = $t->get('/dry/page');
    is(status($r), 'OFF', 'a dry run does not look up');
    same($r->{body}, $page, '... nor change anything');
}

$t->allow(qr/inflate|prematurely closed/);
$t->done;
