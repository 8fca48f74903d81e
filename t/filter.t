#!/usr/bin/perl

# A page streams through: what stands before the article at once, the article
# when it is complete, and every byte of it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Compress::Zlib ();
use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article();
my $large = article(n => 400, after => '<div>' . 'x' x 200_000 . '</div>');
my $bare = article(bare => 1);

my ($before, $article, $after) =
    $page =~ m{\A(.*)(<article>.*</article>)(.*)\z}s;

# a gzip stream that goes on

sub flushed {
    my ($text) = @_;

    my ($d) = Compress::Zlib::deflateInit(
        -WindowBits => 16 + Compress::Zlib::MAX_WBITS());

    return $d->deflate($text) . $d->flush(Compress::Zlib::Z_SYNC_FLUSH());
}

my %sizes = map { ("/size/$_" => $_) } 1, 2, 3, 7, 64, 1000, 4096;

$t->origin(
    '/page' => { body => $page },
    '/empty' => { body => '' },
    '/large' => { body => $large },
    '/bare' => { body => $bare },
    '/none' => { body => '<p>One</p><p>Two</p>' },
    '/close' => { body => $page, close => 1 },
    '/slow' => { chunks => [ $before, \0.5, substr($article, 0, 200), \0.5,
                             substr($article, 200), \0.5, $after, \0.5, 'x' ] },
    '/cut' => { body => substr($page, 0, -300), cut => 1 },
    '/cut-inside' => { body => "$before<article><p>One</p><p>Tw", cut => 1 },
    '/cut-gzip' => { body => flushed("$before<article><p>One</p><p>Tw"),
                     headers => ['Content-Encoding: gzip'], cut => 1 },
    map { ($_ => { body => $page, size => $sizes{$_} }) } keys %sizes);

$t->run(<<'END');
server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /unbuffered/ {
        proxy_buffering off;
        proxy_pass http://%%ORIGIN%%/;
    }
}
END

my $r = $t->get('/page');

is($r->{status}, 200, 'a page');
is(furnished($r->{body}), 'read_more/box disclaimer/standard',
   'has its furniture');
same(stripped($r->{body}), $page, 'and every byte of its own');
like($r->{body}, qr{</p><p\ class="editorial-disclaimer"[^>]*>[^<]*</p>\s*
                    </article>|
                    </p>\s*<p\ class="editorial-disclaimer"[^>]*>[^<]*</p>\s*
                    </article>}x,
     'the disclaimer stands at the end of the article');

my $furnished = $r->{body};

for my $path (sort { $sizes{$a} <=> $sizes{$b} } keys %sizes) {
    $r = $t->get($path);
    same($r->{body}, $furnished, "in chunks of $sizes{$path}");
}

same($t->get('/close')->{body}, $furnished, 'a page that ends by a close');

$r = $t->get('/large');
same(stripped($r->{body}), $large, 'a large page keeps its bytes');
like(furnished($r->{body}), qr/read_more/, 'and is furnished');

$r = $t->get('/empty');
is($r->{body}, '', 'an empty page');
ok($r->{whole}, 'is complete');

$r = $t->get('/none');
is($r->{body}, '<p>One</p><p>Two</p>', 'a page without an article');
is($t->last_access->{skip}, 'no article', 'and why');

# streaming

$r = $t->get('/slow');

my $head = length($r->{head}) + 4;

sub when { Test::Editorial::arrived($r, $_[0]) }

same(stripped($r->{body}), "$before$article${after}x", 'a slow page, whole');
cmp_ok(when($head + length $before), '<', 0.45,
       'what stands before the article comes at once');
cmp_ok(when($head + length($before) + 100), '>', 0.9,
       'the article waits until it is complete');
cmp_ok(when($head + length($before) + length($article)), '<', 1.45,
       'and no longer');
cmp_ok(when($head + length("$before$article$after")), '<', 1.95,
       'the rest streams');

# cut by the origin

$r = $t->get('/cut');
ok(!$r->{whole}, 'a page cut short by the origin is not complete here');

for my $path ('/cut-inside', '/unbuffered/cut-inside', '/cut-gzip') {
    $r = $t->get($path);
    ok(!$r->{whole}, "$path: cut inside the article, not complete either");
    same($r->{body}, "$before<article><p>One</p><p>Tw",
         "$path: what came of the article is not lost");
    is($t->last_access->{skip}, 'cut short', "$path: the reason");
}

# one connection

my @r = $t->raw("GET /page HTTP/1.1\r\nHost: a\r\n\r\n"
                . "GET /none HTTP/1.1\r\nHost: a\r\n\r\n"
                . "HEAD /page HTTP/1.1\r\nHost: a\r\n\r\n"
                . "GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

is(scalar @r, 4, 'pipelined requests are answered');
same($r[0]{body}, $furnished, 'the first');
is($r[1]{body}, '<p>One</p><p>Two</p>', 'the second');
is($r[2]{status}, 200, 'the third, a HEAD');
same($r[3]{body}, $furnished, 'the fourth');

$r = $t->raw("GET /page HTTP/1.0\r\n\r\n");
same($r->{body}, $furnished, 'HTTP/1.0');

$t->done;
