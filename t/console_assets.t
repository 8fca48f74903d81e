#!/usr/bin/perl

# The editors' page: the files of src/console/assets, as a browser gets them
# out of the module.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $folder = "$FindBin::Bin/../src/console/assets";

$t->run(<<'END');
editorial_zone pages:4m;

server {
    listen %%PORT%%;
    editorial on;

    location /console/ {
        editorial_console user=$http_x_user;
    }

    location /without-slash {
        editorial_console user=$http_x_user;
    }

    location "/with a space" {
        editorial_console user=$http_x_user;
    }

    location /gzip/ {
        gzip on;
        gzip_vary on;
        gzip_types *;
        gzip_min_length 0;
        editorial_console;
    }

    location /charset/ {
        charset windows-1251;
        charset_types *;
        editorial_console;
    }

    location /ssi/ {
        ssi on;
        ssi_types *;
        editorial_console;
    }

    location = /included {
        ssi on;
        default_type text/html;
        return 200 'before <!--# include virtual="/console/" --> after';
    }

    location /blocks/ {
        editorial_console user=$http_x_user;

        limit_except GET {
            allow all;
        }
    }
}
END

my %type = (
    html => 'text/html; charset=utf-8',
    css  => 'text/css; charset=utf-8',
    js   => 'text/javascript; charset=utf-8',
    svg  => 'image/svg+xml; charset=utf-8',
);

my @files = map { s{^\Q$folder\E/}{}r } 
            glob("$folder/* $folder/article/* $folder/views/*");
@files = grep { -f "$folder/$_" } @files;

cmp_ok(scalar @files, '>', 5, 'there are files');

my %etag;

for my $file (@files) {
    my $bytes = slurp("$folder/$file");
    my ($extension) = $file =~ /\.(\w+)$/;

    my $r = $t->get("/console/$file");
    is($r->{status}, 200, $file);
    same($r->{body}, $bytes, '... byte for byte');
    is($r->{headers}{'content-type'}, $type{$extension}, '... its type');
    is($r->{headers}{'content-length'}, length $bytes, '... its length');
    headers($r);
    like($r->{headers}{etag}, qr/^"[0-9a-f]{32}"$/, '... an ETag');
    ok(!$etag{ $r->{headers}{etag} }++, '... of its own');

    my $etag = $r->{headers}{etag};

    is($t->get("/console/$file", "If-None-Match: $etag")->{status}, 304,
       '... which is asked about');

    $r = $t->get("/console/$file", 'Accept-Encoding: gzip');
    is($r->{headers}{'content-encoding'}, 'gzip', '... is compressed');
    is($r->{headers}{'content-length'}, length $r->{body}, '... its length');
    same(gunzip($r->{body}), $bytes, '... to the same bytes');
    headers($r);
    isnt($r->{headers}{etag}, $etag, '... under another ETag');

    $etag = $r->{headers}{etag};
    $r = $t->get("/console/$file", 'Accept-Encoding: gzip',
                 "If-None-Match: $etag");
    is($r->{status}, 304, '... which is asked about');
    is($r->{body}, '', '... without a body');
    is($r->{headers}{'cache-control'}, 'no-cache', '... and is to be again');
}

sub headers {
    my ($r) = @_;

    is($r->{headers}{'cache-control'}, 'no-cache', '... is asked for again');
    is($r->{headers}{'content-security-policy'},
       "default-src 'self'; base-uri 'none'; form-action 'self'; "
       . "frame-ancestors 'none'; object-src 'none'",
       '... takes nothing from elsewhere');
    is($r->{headers}{'x-content-type-options'}, 'nosniff',
       '... is not guessed at');
    is($r->{headers}{'referrer-policy'}, 'same-origin',
       '... tells nobody of itself');
}

# what has no name

my $index = slurp("$folder/index.html");

for my $path ('/console/', '/console/?x', '/console/index.html',
              '/without-slash/', '/blocks/', '/charset/', '/gzip/', '/ssi/')
{
    my $r = $t->get($path);
    is($r->{status}, 200, $path);
    same($r->{body}, $index, '... is the page');
}

for my $path ('/gzip/', '/charset/', '/ssi/') {
    same(gunzip($t->get($path, 'Accept-Encoding: gzip')->{body}), $index,
         "$path, compressed");
}

is($t->get('/gzip/', 'Accept-Encoding: gzip')->{headers}{vary},
   'Accept-Encoding', 'there are two forms of it');

is($t->get('/included')->{body}, "before $index after",
   'it may be put into a page');

my $r = $t->head('/console/');
is($r->{status}, 200, 'HEAD');
is($r->{headers}{'content-length'}, length $index, '... has the length');

for my $path ('/console/views', '/console/views/', '/console/style',
              '/console/STYLE.css', '/console/x/style.css',
              '/console/style.css/', '/console/../src/console/assets/app.js')
{
    is($t->get($path)->{status}, 404, "$path is not there");
}

# from the location's bare name to the page

is($t->get('/console')->{status}, 301, '/console');

for (['/without-slash', '/without-slash/'],
     ['/without-slash?a=1&b', '/without-slash/?a=1&b'],
     ['/with%20a%20space', '/with%20a%20space/'])
{
    my ($path, $to) = @$_;

    $r = $t->get($path);
    is($r->{status}, 301, $path);
    is($r->{headers}{location}, $to, '... to where its files are');
}

# it is only read

for my $method (qw(POST PUT DELETE)) {
    for my $path ('/console/', '/console/style.css', '/without-slash',
                  '/blocks/app.js')
    {
        my $r = $t->request($method, $path, 'X-User: anna',
                            'Content-Length: 0');
        is($r->{status}, 405, "$method $path");
        is($r->{headers}{allow}, 'GET, HEAD', '... says what is allowed');
    }
}

$t->done;
